//! The best obtainable bundle (最优组合): which items to take together, and what they come to.
//!
//! *What is compared.* Totals are first-year yuan: a single sum counts whole (its first part where it is paid
//! in parts), a yearly support counts one year, and what is yearly is shown apart. The guaranteed end decides,
//! then the possible end, then fewer items, then ids.
//!
//! *What is not compared.* Items whose amount is unknown are never taken for 0: they are named beside the
//! total, and where a rule keeps one of them out, the answer says that the two could not be compared. Items
//! that pay no money are named beside it too. Items that an office chooses for (择优) and items that are
//! undetermined are kept apart; [`BundleReport::if_confirmed`] is the best bundle if the undetermined all held.
//!
//! *Proof.* The rules tie items into connected parts. Each is solved by branch and bound; a budget of nodes
//! turns a hopeless case into the best found and a bound, never into a claim.

mod assemble;
mod rules;
mod search;
mod ties;
mod value;
mod words;

use serde::{Serialize, Serializer};
use zhaoren_policy::item::amount::{Valuation, Worth, YuanRange};
use zhaoren_policy::item::{Item, Received, WindowState};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

pub use rules::{GroupCap, Rule, StackingRules};

/// How many nodes one search may visit before it answers with a bound. The work of all nodes is bounded by a multiple of
/// that, so large parts get fewer.
pub const MAX_NODES: u64 = 4_000;

/// One item that may go into a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Id of the item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// 判定.
    pub verdict: Verdict,
    /// Whether the office chooses among those who qualify.
    pub competitive: bool,
    /// What it is worth in its first year.
    pub worth: Worth,
    /// Whether it comes again every year.
    pub yearly: bool,
    /// How its window stands.
    pub window: WindowState,
    /// Whether a support that is given once was already had.
    pub received: Received,
}

impl Candidate {
    /// An item as it stands for the enterprise and day of `view`.
    pub fn new(item: &Item, view: &View<'_>, verdict: Verdict, valuation: &Valuation) -> Self {
        Self {
            item: item.id.clone(),
            title: item.title.clone(),
            verdict,
            competitive: item.competitive,
            worth: valuation.first_year.clone(),
            yearly: valuation.yearly,
            window: item.window.on(view.as_of).state,
            received: item.received(view),
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BundleReport {
    /// The best set of what is certain to be had.
    pub best: Bundle,
    /// The best different set: in one connected part it takes an item that the best leaves out and does
    /// without one that the best takes. `None`: nothing competes.
    pub runner_up: Option<Bundle>,
    /// The best set if everything undetermined were confirmed; `None` when nothing is.
    pub if_confirmed: Option<Bundle>,
    /// What waits for confirmation, by id.
    pub undetermined: Vec<Aside>,
    /// What an office chooses for, by id. Never counted.
    pub competitive: Vec<Aside>,
    /// What is out of reach whatever else is taken, by id.
    pub unavailable: Vec<LeftOut>,
}

/// A set of items and what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bundle {
    /// The items whose amounts are counted, by id.
    pub members: Vec<Member>,
    /// First-year yuan, after caps, differences and 从高.
    pub total: YuanRange,
    /// How much of that comes again every year. The ranges of single items need not add up to the ends of the
    /// total: under a cap, what one pays more another pays less.
    pub yearly: YuanRange,
    /// 另有金额未知的事项: had too, amounts unknown, not in the total.
    pub unpriced: Vec<Named>,
    /// Had too, and no money.
    pub not_money: Vec<Named>,
    /// What a rule leaves out, by id.
    pub left_out: Vec<LeftOut>,
    /// Whether the set is proven to be the best.
    pub proof: Proof,
}

/// An item by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Id.
    pub item: String,
    /// Title.
    pub title: String,
}

/// An item of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// Id.
    pub item: String,
    /// Title.
    pub title: String,
    /// Its amount by itself, first year.
    pub own: YuanRange,
    /// What of it counts beside the others.
    pub counts: YuanRange,
    /// Whether it comes again every year.
    pub yearly: bool,
    /// How its window stands: an item that opens later, or by notice, is not had today.
    pub window: WindowState,
    /// Why less counts than its own amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An item that is not in a bundle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// Id.
    pub item: String,
    /// Title.
    pub title: String,
    /// What it is worth by itself, first year.
    pub worth: Worth,
    /// The rule that leaves it out.
    pub rule: Rule,
    /// Ids of the items of the bundle that stand in its way.
    pub by: Vec<String>,
    /// Whether its amount was compared with theirs. Where it was not, it may be the better one.
    pub compared: bool,
    /// In words.
    pub text: String,
}

/// An item kept apart from bundles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Aside {
    /// Id.
    pub item: String,
    /// Title.
    pub title: String,
    /// 判定.
    pub verdict: Verdict,
    /// What it is worth by itself, first year.
    pub worth: Worth,
    /// In words.
    pub text: String,
}

/// What is known of how good a bundle is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// No other set guarantees more, nor the same with more possible yuan or fewer items.
    Optimal,
    /// The budget ended: another set may come before it, and guarantees no more than this.
    Bounded {
        /// Yuan.
        #[serde(serialize_with = "number")]
        at_most: Number,
    },
}

fn number<S: Serializer>(number: &Number, s: S) -> Result<S::Ok, S::Error> {
    number.to_json().serialize(s)
}

/// Finds the best obtainable bundle of `candidates`, each search within `nodes` (see [`MAX_NODES`]) and the
/// work that comes with them.
///
/// Ineligible candidates are passed over; of two with the same id the first counts. The order of candidates
/// does not matter.
pub fn best_bundle(candidates: &[Candidate], rules: &StackingRules, nodes: u64) -> BundleReport {
    let mut sorted: Vec<&Candidate> =
        candidates.iter().filter(|one| one.verdict != Verdict::Ineligible).collect();
    sorted.sort_by(|a, b| a.item.cmp(&b.item));
    sorted.dedup_by(|later, first| later.item == first.item);
    let mut certain = Vec::new();
    let mut open = Vec::new();
    let mut report = BundleReport {
        best: assemble::nothing(),
        runner_up: None,
        if_confirmed: None,
        undetermined: Vec::new(),
        competitive: Vec::new(),
        unavailable: Vec::new(),
    };
    for one in sorted {
        zhaoren_cancel::poll();
        let barred = match (one.received, one.window) {
            (Received::Yes, _) => Some(Rule::Once),
            (_, WindowState::Closed) => Some(Rule::WindowClosed),
            _ => None,
        };
        if let Some(rule) = barred {
            report.unavailable.push(assemble::left_out(one, rule, &[], true));
        } else if one.competitive {
            report.competitive.push(aside(one, words::COMPETITIVE));
        } else if one.verdict == Verdict::Undetermined {
            report.undetermined.push(aside(one, words::NOT_YET_DETERMINED));
            open.push(one);
        } else if one.received == Received::Unknown {
            report.undetermined.push(aside(one, words::ONCE_UNKNOWN));
            open.push(one);
        } else {
            certain.push(one);
        }
    }
    (report.best, report.runner_up) = assemble::bundles(&certain, rules, nodes);
    if !open.is_empty() {
        certain.extend(open);
        certain.sort_by(|a, b| a.item.cmp(&b.item));
        report.if_confirmed = Some(assemble::bundles(&certain, rules, nodes).0);
    }
    report
}

fn aside(one: &Candidate, text: &str) -> Aside {
    Aside {
        item: one.item.clone(),
        title: one.title.clone(),
        verdict: one.verdict,
        worth: one.worth.clone(),
        text: text.to_owned(),
    }
}
