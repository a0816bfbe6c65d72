//! What the outside gets: one report per profile, matches sorted by score.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_policy::item::amount::Valuation;
use zhaoren_policy::item::{Benefit, Delivery, Item, Review, WindowView};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::bundle::BundleReport;
use crate::clause::{ClauseReport, clauses, met_share};
use crate::compiled::{EvaluationDay, OverBudget, Plan};
use crate::missing::{Weights, missing};
use crate::nearest::{Change, nearest, via};
use crate::score::score;
use crate::worth::{most, valuation};

/// The matches of one enterprise on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchReport {
    /// The enterprise.
    pub id: String,
    /// Its name, when the profile has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The evaluation date (判定日).
    pub as_of: Date,
    /// Best first.
    pub matches: Vec<Match>,
    /// 最优组合 of everything in force, whether or not it is listed; none where nobody asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleReport>,
}

/// One enterprise against one item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// Id of the item.
    pub policy: String,
    /// Its title.
    pub title: String,
    /// 判定.
    pub verdict: Verdict,
    /// 排序分, 0 to 1; orders, and says nothing of truth.
    pub score: f64,
    /// Every condition with its state.
    pub clauses: Vec<ClauseReport>,
    /// 待补指标: keys of the unknown facts that could still change the verdict, the one that settles most first.
    pub missing: Vec<String>,
    /// 差距: a smallest set of changes that would make an ineligible enterprise eligible, where there is one.
    pub nearest: Vec<Change>,
    /// 支持内容.
    pub benefit: Benefit,
    /// What it comes to for this enterprise.
    pub worth: Valuation,
    /// 申报期 on the evaluation date.
    pub window: WindowView,
    /// 兑现方式.
    pub delivery: Delivery,
    /// Whether the office chooses among those who qualify; eligible then means "may apply".
    pub competitive: bool,
    /// Whether the item can be had at all on the evaluation date.
    pub in_force: bool,
    /// The document it stands in.
    pub document: DocumentLine,
    /// Items that cannot be enjoyed together with it.
    pub excludes: Vec<String>,
    /// How far its encoding was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// A document in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentLine {
    /// Title.
    pub title: String,
    /// 文号.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
}

/// Which matches a report keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Keep the ineligible and what is not in force.
    pub all: bool,
    /// How many matches at most.
    pub limit: usize,
    /// Say what to take together (最优组合).
    pub bundle: bool,
}

/// Which items give a title or list entry, by fact and tag.
pub(crate) type Granting = BTreeMap<(String, String), Vec<String>>;

/// An item on which no verdict could be given for an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("enterprise `{enterprise}`, item `{item}`: {cause}")]
pub struct UndecidedItem {
    /// The enterprise.
    pub enterprise: String,
    /// The item.
    pub item: String,
    /// Why.
    pub cause: OverBudget,
}

/// Matches what `view` knows against one item, whether or not it is in force.
///
/// # Errors
/// [`OverBudget`] when its criteria cannot be compiled.
pub fn match_item(item: &Item, view: &View<'_>) -> Result<Match, OverBudget> {
    let plan = Plan::compile(&item.criteria, view.dictionary, EvaluationDay::of(view))?;
    Ok(explain(item, &plan, view, &Weights::default(), &Granting::new()))
}

/// How every condition of `item` stands, in reading order, without the rest of a match. `plan` has to be of its
/// criteria, and of the view's day.
pub fn clause_states(item: &Item, plan: &Plan, view: &View<'_>) -> Vec<crate::clause::ClauseReport> {
    clauses(&item.criteria, plan, &mut plan.residual(&plan.see(view)), view)
}

/// The score alone, of an item whose verdict is known. Without a plan, every condition counts as met.
pub(crate) fn rank(item: &Item, plan: Option<&Plan>, verdict: Verdict, view: &View<'_>) -> f64 {
    let met = plan.map_or(1.0, |plan| {
        let mut residual = plan.residual(&plan.see(view));
        met_share(&item.criteria, plan, &mut residual)
    });
    score(item, verdict, met, &most(&valuation(item, view)), &item.window.on(view.as_of))
}

/// Matches what `view` knows against one item whose criteria are compiled for the view's day.
///
/// Of facts that settle equally much, the one that weighs more is asked first; `granting` names the items that give a
/// title.
pub(crate) fn explain(
    item: &Item,
    plan: &Plan,
    view: &View<'_>,
    weights: &Weights,
    granting: &Granting,
) -> Match {
    let mut residual = plan.residual(&plan.see(view));
    let verdict = residual.verdict(plan.roots().root);
    let met = met_share(&item.criteria, plan, &mut residual);
    let clauses = clauses(&item.criteria, plan, &mut residual, view);
    let missing = match verdict {
        Verdict::Undetermined => weights.ordered(missing(plan, &mut residual, view)),
        _ => Vec::new(),
    };
    let window = item.window.on(view.as_of);
    let worth = valuation(item, view);
    Match {
        policy: item.id.clone(),
        title: item.title.clone(),
        verdict,
        score: score(item, verdict, met, &most(&worth), &window),
        clauses,
        missing,
        nearest: match verdict {
            Verdict::Ineligible => via(nearest(item, plan, view), granting, item),
            _ => Vec::new(),
        },
        benefit: item.benefit.clone(),
        worth,
        window,
        delivery: item.delivery,
        competitive: item.competitive,
        in_force: item.in_force_on(view.as_of),
        document: DocumentLine {
            title: item.document.title.clone(),
            number: item.document.number.clone(),
            issuer: item.document.issuer.clone(),
        },
        excludes: item.excludes.clone(),
        review: item.review.clone(),
    }
}
