//! Wire form of results: one report per profile, matches sorted by score.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_policy::item::amount::{AmountWords, Valuation};
use zhaoren_policy::item::{Benefit, Delivery, Guide, Holding, Item, Review, Standing, WindowView};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::bundle::BundleReport;
use crate::clause::{ClauseReport, clauses, met_share};
use crate::compiled::{EvaluationDay, OverBudget, Plan};
use crate::missing::{OpenFacts, Weights, WithheldFact, missing};
use crate::nearest::{Advice, Change, add_granting_items, suggestions};
use crate::score::score;
use crate::worth::{amount, max_amount, valuation};

/// Matches of one enterprise on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchReport {
    /// Id of the enterprise.
    pub id: String,
    /// Name of the enterprise, if the profile has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Evaluation date (判定日).
    pub as_of: Date,
    /// Matches, best first.
    pub matches: Vec<Match>,
    /// 最优组合 of all items in force, listed or not; `None` if it was not requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleReport>,
}

/// Match of one enterprise and one item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Match {
    /// Id of the item.
    pub policy: String,
    /// Title of the item.
    pub title: String,
    /// Verdict (判定).
    pub verdict: Verdict,
    /// Score (排序分), 0 to 1; it orders matches and says nothing about truth.
    pub score: f64,
    /// Every condition with its state.
    pub clauses: Vec<ClauseReport>,
    /// 待补指标: keys of the unknown facts that can still change the verdict, the one that settles most first.
    pub missing: Vec<String>,
    /// Unknown facts that can still change the verdict and that their holders refuse to give: they are not asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<WithheldFact>,
    /// 差距: a smallest set of changes that would make an ineligible enterprise eligible, if there is one.
    pub nearest: Vec<Change>,
    /// 改进建议 for an ineligible enterprise: the changes that may sensibly be advised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
    /// 已有: a title that the enterprise holds of this item, or a support given once that it received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Holding>,
    /// Benefit (支持内容).
    pub benefit: Benefit,
    /// Amount for this enterprise.
    pub worth: Valuation,
    /// Amount in words: the sum, a range, or the rule where nothing is known.
    pub amount: AmountWords,
    /// Application window (申报期) on the evaluation date.
    pub window: WindowView,
    /// Delivery (兑现方式).
    pub delivery: Delivery,
    /// True if the office selects among the qualified applicants (择优); eligible then means "may apply".
    pub competitive: bool,
    /// True if the item is in force on the evaluation date and no successor has retired it.
    pub in_force: bool,
    /// Standing on the evaluation date, in words.
    pub standing: Standing,
    /// Document of the item.
    pub document: DocumentLine,
    /// Items that exclude it (不重复享受).
    pub excludes: Vec<String>,
    /// Review of its encoding (审核).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// 办事指南: where to apply and with what; absent if nothing of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// Notes and limits of the item, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Summary of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentLine {
    /// Title of the document.
    pub title: String,
    /// 文号.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
}

/// Selection of the matches that a report keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Keep ineligible items and items not in force.
    pub all: bool,
    /// Maximum number of matches.
    pub limit: usize,
    /// Compute the best bundle (最优组合).
    pub bundle: bool,
}

/// Ids of the items that grant a title or list entry, by fact and tag.
pub(crate) type GrantIndex = BTreeMap<(String, String), Vec<String>>;

/// Item without a verdict for an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("enterprise `{enterprise}`, item `{item}`: {cause}")]
pub struct ItemWithoutVerdict {
    /// Id of the enterprise.
    pub enterprise: String,
    /// Id of the item.
    pub item: String,
    /// Reason.
    pub cause: OverBudget,
}

/// Matches the facts known to `view` against one item, whether or not it is in force. Successors are not known here.
///
/// # Errors
/// [`OverBudget`] if its criteria cannot be compiled.
pub fn match_item(item: &Item, view: &View<'_>) -> Result<Match, OverBudget> {
    let plan = Plan::compile(&item.criteria, view.dictionary, EvaluationDay::of(view))?;
    let standing = item.standing_on(view.as_of, None);
    Ok(explain(item, &plan, view, standing, &Weights::default(), &GrantIndex::new()))
}

/// State of every condition of `item`, in reading order, without the rest of a match. `plan` has to be that of its criteria for
/// the view's day.
pub fn clause_states(item: &Item, plan: &Plan, view: &View<'_>) -> Vec<crate::clause::ClauseReport> {
    clauses(&item.criteria, plan, &mut plan.residual(&plan.encode(view)), view)
}

/// Score alone, for an item with a known verdict. Without a plan, every condition counts as met.
pub(crate) fn match_score(item: &Item, plan: Option<&Plan>, verdict: Verdict, view: &View<'_>) -> f64 {
    let met = plan.map_or(1.0, |plan| {
        let mut residual = plan.residual(&plan.encode(view));
        met_share(&item.criteria, plan, &mut residual)
    });
    score(item, verdict, met, &max_amount(&valuation(item, view)), &item.window_on(view.as_of))
}

/// Matches the facts known to `view` against one item whose criteria are compiled for the view's day.
///
/// Of facts that settle equally much, the one with the greater weight comes first; `granting` names the items that grant a title.
pub(crate) fn explain(
    item: &Item,
    plan: &Plan,
    view: &View<'_>,
    standing: Standing,
    weights: &Weights,
    granting: &GrantIndex,
) -> Match {
    let mut residual = plan.residual(&plan.encode(view));
    let verdict = residual.verdict(plan.roots().root);
    let met = met_share(&item.criteria, plan, &mut residual);
    let clauses = clauses(&item.criteria, plan, &mut residual, view);
    let open = match verdict {
        Verdict::Undetermined => missing(plan, &mut residual, view),
        _ => OpenFacts::default(),
    };
    let window = item.window_on(view.as_of);
    let (worth, amount) = amount(item, view);
    let held = item.held(view);
    let (mut nearest, mut advice) = (Vec::new(), None);
    if verdict == Verdict::Ineligible {
        let (changes, mut advised) = suggestions(item, plan, view);
        nearest = changes;
        add_granting_items(nearest.iter_mut(), granting, item);
        add_granting_items(advised.steps.iter_mut().map(|step| &mut step.change), granting, item);
        // A title that the enterprise has already is not advised again.
        advice = Some(advised).filter(|_| !held.as_ref().is_some_and(Holding::is_blocking));
    }
    Match {
        policy: item.id.clone(),
        title: item.title.clone(),
        verdict,
        score: score(item, verdict, met, &max_amount(&worth), &window),
        clauses,
        missing: weights.ordered(open.asked),
        withheld: open.withheld,
        nearest,
        advice,
        held,
        benefit: item.benefit.clone(),
        worth,
        amount,
        window,
        delivery: item.delivery,
        competitive: item.competitive,
        in_force: standing.is_matchable,
        standing,
        document: DocumentLine {
            title: item.document.title.clone(),
            number: item.document.number.clone(),
            issuer: item.document.issuer.clone(),
        },
        excludes: item.excludes.clone(),
        review: item.review.clone(),
        guide: item.guide.clone(),
        notes: item.notes.clone(),
    }
}
