//! Best obtainable bundle (最优组合): the items to apply for together, and their total.
//!
//! *What is compared.* Totals are first-year yuan: a single sum counts whole (its first instalment if it is paid in instalments),
//! a yearly support counts one year, and yearly amounts are also shown separately. Bundles are ordered by guaranteed amount, then
//! possible amount, then fewer items, then ids.
//!
//! *What is not compared.* Items with an unknown amount are never counted as 0: they are listed beside the total, and if a rule
//! excludes one of them, the answer says that the two could not be compared. Items without money are listed as well. Items
//! awarded by selection (择优) and undetermined items are kept apart; [`BundleReport::if_confirmed`] is the best bundle if all
//! undetermined items were confirmed.
//!
//! *Proof.* The rules connect items into parts. Each part is solved by branch and bound; a budget of nodes limits intractable
//! cases to the best set found and an upper bound, never to an unproven claim.

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

use crate::amount_questions::AmountQuestion;

pub use rules::{GroupCap, Rule, StackingRules};

/// Maximum number of nodes of one search before it answers with a bound. The work of all nodes is bounded by a multiple of it, so
/// large parts get fewer nodes.
pub const MAX_NODES: u64 = 4_000;

/// Item that may be part of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Verdict (判定).
    pub verdict: Verdict,
    /// True if the office selects among the qualified applicants (择优).
    pub competitive: bool,
    /// Amount in the first year.
    pub worth: Worth,
    /// True if it is paid every year.
    pub yearly: bool,
    /// State of the application window (申报期).
    pub window: WindowState,
    /// True if a one-time support was already received.
    pub received: Received,
}

impl Candidate {
    /// Candidate for an item, for the enterprise and day of `view`.
    pub fn new(item: &Item, view: &View<'_>, verdict: Verdict, valuation: &Valuation) -> Self {
        Self {
            item: item.id.clone(),
            title: item.title.clone(),
            verdict,
            competitive: item.competitive,
            worth: valuation.first_year.clone(),
            yearly: valuation.yearly,
            window: item.window_on(view.as_of).state,
            received: item.received(view),
        }
    }
}

/// Best bundles of an enterprise, with the items left out of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BundleReport {
    /// Best set of the items that are certain.
    pub best: Bundle,
    /// Best different set: in one connected part it takes an item that the best leaves out and lacks one that it takes. `None` if
    /// there is no competing set.
    pub runner_up: Option<Bundle>,
    /// Best set if all undetermined items were confirmed; `None` if there are none.
    pub if_confirmed: Option<Bundle>,
    /// Undetermined items, by id.
    pub undetermined: Vec<UnconfirmedItem>,
    /// Items awarded by selection (择优), by id. Never counted.
    pub competitive: Vec<UnconfirmedItem>,
    /// Items that cannot be obtained in any bundle, by id.
    pub unavailable: Vec<ExcludedItem>,
    /// First-year total of the best set in Chinese; where no amount is known, which fact would make one known.
    pub text: String,
    /// Facts that would make amounts of the best set known, the one that makes most known first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<AmountQuestion>,
}

/// Set of items with its total.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bundle {
    /// Items whose amounts are counted, by id.
    pub members: Vec<Member>,
    /// First-year yuan, after caps, top-ups (差额补足) and 从高.
    pub total: YuanRange,
    /// Part of the total that is paid every year. The ranges of single items need not add up to the bounds of the total: under a
    /// cap, a higher payment of one item lowers that of another.
    pub yearly: YuanRange,
    /// 另有金额未知的事项: also in the bundle, but of unknown amount and not in the total.
    pub unpriced: Vec<Named>,
    /// Also in the bundle, but without money.
    pub not_money: Vec<Named>,
    /// Items excluded by a rule, by id.
    pub left_out: Vec<ExcludedItem>,
    /// True if the set is proven to be the best.
    pub proof: Proof,
}

/// Item by id and title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
}

/// Item of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// First-year amount of the item alone.
    pub own: YuanRange,
    /// Part of the amount that counts within the bundle.
    pub counts: YuanRange,
    /// True if it is paid every year.
    pub yearly: bool,
    /// State of the application window: an item that opens later, or by notice, cannot be applied for today.
    pub window: WindowState,
    /// Reason, in Chinese, why less than its own amount counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Item that is not in a bundle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExcludedItem {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// First-year amount of the item alone.
    pub worth: Worth,
    /// Rule that excludes it.
    pub rule: Rule,
    /// Ids of the bundle's items that exclude it.
    pub by: Vec<String>,
    /// True if its amount was compared with theirs. If not, it may be the better one.
    pub compared: bool,
    /// Explanation in Chinese.
    pub text: String,
}

/// Item kept apart from bundles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnconfirmedItem {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Verdict (判定).
    pub verdict: Verdict,
    /// First-year amount of the item alone.
    pub worth: Worth,
    /// Explanation in Chinese.
    pub text: String,
}

/// Quality guarantee of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// No other set guarantees more, or guarantees the same with more possible yuan or fewer items.
    Optimal,
    /// The budget ran out: another set may be better, but guarantees at most this amount.
    Bounded {
        /// Upper bound in yuan.
        #[serde(serialize_with = "number")]
        at_most: Number,
    },
}

fn number<S: Serializer>(number: &Number, s: S) -> Result<S::Ok, S::Error> {
    number.to_json().serialize(s)
}

/// Finds the best obtainable bundle of `candidates`; each search is limited to `nodes` (see [`MAX_NODES`]) and the work that goes
/// with them.
///
/// Ineligible candidates are ignored; of two with the same id the first counts. The order of candidates does not matter.
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
        text: String::new(),
        amounts: Vec::new(),
    };
    for one in sorted {
        zhaoren_cancel::poll();
        let barred = match (one.received, one.window) {
            (Received::Yes, _) => Some(Rule::Once),
            (_, WindowState::Closed) => Some(Rule::WindowClosed),
            _ => None,
        };
        if let Some(rule) = barred {
            report.unavailable.push(assemble::excluded_item(one, rule, &[], true));
        } else if one.competitive {
            report.competitive.push(unconfirmed_item(one, words::COMPETITIVE));
        } else if one.verdict == Verdict::Undetermined {
            report.undetermined.push(unconfirmed_item(one, words::NOT_YET_DETERMINED));
            open.push(one);
        } else if one.received == Received::Unknown {
            report.undetermined.push(unconfirmed_item(one, words::ONCE_UNKNOWN));
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
    report.text = report.headline();
    report
}

fn unconfirmed_item(one: &Candidate, text: &str) -> UnconfirmedItem {
    UnconfirmedItem {
        item: one.item.clone(),
        title: one.title.clone(),
        verdict: one.verdict,
        worth: one.worth.clone(),
        text: text.to_owned(),
    }
}
