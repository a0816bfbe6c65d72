//! One enterprise at a glance (一窗总览): every live item is in exactly one bucket.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_matcher::{Advice, ItemSummary, Match, Snapshot};
use zhaoren_policy::item::{Holding, WindowState, WindowView};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::{ClauseState, Verdict};
use zhaoren_registry::{Moment, Outcome};

use crate::clock::day_of;
use crate::error::EngineError;

/// Bucket of a live item for an enterprise. Benefits already received come first, then the verdict decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Eligible, and its window closes within [`CLOSING_SOON_DAYS`] days.
    Closing,
    /// Eligible.
    Eligible,
    /// One change away, or undetermined with at most [`MAX_ALMOST_UNKNOWNS`] unknown facts or judgements.
    Almost,
    /// Undetermined with more of them.
    Unknown,
    /// Ineligible, and no single change makes it eligible.
    Ineligible,
    /// Eligible or undetermined, but its application window is over.
    Closed,
    /// Already received: paid, decided in the enterprise's favour, given once and had, or a title held whose renewal is not due.
    Enjoyed,
}

/// Number of days before the end of a window in which it counts as closing soon.
pub const CLOSING_SOON_DAYS: i32 = 15;
/// Maximum number of unknown facts and judgements in [`Bucket::Almost`].
pub const MAX_ALMOST_UNKNOWNS: usize = 2;

impl Bucket {
    /// Every bucket with its name, in display order.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Closing, "即将截止"),
        (Self::Eligible, "符合"),
        (Self::Almost, "只差一点"),
        (Self::Unknown, "待定"),
        (Self::Ineligible, "不符合"),
        (Self::Enjoyed, "已享受"),
        (Self::Closed, "已截止"),
    ];

    /// Its key in URLs and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Closing => "closing",
            Self::Eligible => "eligible",
            Self::Almost => "almost",
            Self::Unknown => "unknown",
            Self::Ineligible => "ineligible",
            Self::Closed => "closed",
            Self::Enjoyed => "enjoyed",
        }
    }

    /// The bucket of a match; `None` for an item not in force on the day.
    pub fn classify(one: &Match, received: &ReceivedBenefits) -> Option<Self> {
        if !one.in_force {
            return None;
        }
        if received.blocking_benefit(one).is_some() || one.held.as_ref().is_some_and(Holding::is_blocking) {
            return Some(Self::Enjoyed);
        }
        let glance = ItemSummary {
            verdict: one.verdict,
            open_count: one.missing.len() + judgements(one),
            one_change_away: is_one_change_away(one),
        };
        Some(Self::at(glance, &one.window))
    }

    /// The bucket of an item not yet received, from its glance and its window.
    fn at(glance: ItemSummary, window: &WindowView) -> Self {
        match glance.verdict {
            Verdict::Eligible | Verdict::Undetermined if window.state == WindowState::Closed => Self::Closed,
            Verdict::Eligible if window.days_left.is_some_and(|left| left <= CLOSING_SOON_DAYS) => {
                Self::Closing
            }
            Verdict::Eligible => Self::Eligible,
            Verdict::Undetermined if (1..=MAX_ALMOST_UNKNOWNS).contains(&glance.open_count) => Self::Almost,
            Verdict::Undetermined => Self::Unknown,
            Verdict::Ineligible if glance.one_change_away => Self::Almost,
            Verdict::Ineligible => Self::Ineligible,
        }
    }
}

/// Number of live items per bucket; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// Number of all: the sum of the others.
    pub live: usize,
    /// [`Bucket::Closing`].
    pub closing: usize,
    /// [`Bucket::Eligible`].
    pub eligible: usize,
    /// [`Bucket::Almost`].
    pub almost: usize,
    /// [`Bucket::Unknown`].
    pub unknown: usize,
    /// [`Bucket::Ineligible`].
    pub ineligible: usize,
    /// [`Bucket::Closed`].
    pub closed: usize,
    /// [`Bucket::Enjoyed`].
    pub enjoyed: usize,
    /// Number of items without a verdict.
    pub undecided: usize,
}

impl Overview {
    /// Counts matches, which include every item, and undecided items.
    pub fn from_matches(matches: &[Match], undecided: usize, received: &ReceivedBenefits) -> Self {
        let mut counts = Self { undecided, live: undecided, ..Self::default() };
        matches
            .iter()
            .filter_map(|one| Bucket::classify(one, received))
            .for_each(|bucket| counts.add(bucket));
        counts
    }

    /// Counts the items in force of a snapshot for one profile, without explanations: equal to [`Overview::from_matches`] for all
    /// their matches.
    pub(crate) fn count(snapshot: &Snapshot, profile: &Profile, received: &ReceivedBenefits) -> Self {
        let view = snapshot.view(profile);
        let mut counts = Self::default();
        for (index, verdict) in snapshot.verdicts(&view).into_iter().enumerate() {
            zhaoren_cancel::poll();
            let (Some(item), true) = (snapshot.library().get(index), snapshot.is_in_force(index)) else {
                continue;
            };
            let Some(verdict) = verdict else {
                counts.undecided += 1;
                counts.live += 1;
                continue;
            };
            let is_yearly = || snapshot.worth(index, &view).is_some_and(|worth| worth.yearly);
            let is_held = || item.held(&view).as_ref().is_some_and(Holding::is_blocking);
            if received.of_item(&item.id, is_yearly).is_some() || is_held() {
                counts.add(Bucket::Enjoyed);
            } else if let Some(glance) = snapshot.summary(index, verdict, &view) {
                counts.add(Bucket::at(glance, &item.window_on(view.as_of)));
            }
        }
        counts
    }

    fn add(&mut self, bucket: Bucket) {
        self.live += 1;
        *match bucket {
            Bucket::Closing => &mut self.closing,
            Bucket::Eligible => &mut self.eligible,
            Bucket::Almost => &mut self.almost,
            Bucket::Unknown => &mut self.unknown,
            Bucket::Ineligible => &mut self.ineligible,
            Bucket::Closed => &mut self.closed,
            Bucket::Enjoyed => &mut self.enjoyed,
        } += 1;
    }
}

/// Number of conditions that a person has to judge.
fn judgements(one: &Match) -> usize {
    one.clauses.iter().filter(|clause| clause.state == ClauseState::Judged).count()
}

/// True if a single sensible change makes it eligible.
fn is_one_change_away(one: &Match) -> bool {
    one.advice.as_ref().is_some_and(Advice::is_one_step)
}

/// Benefits that an enterprise has received by a day, by item, from the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedBenefits {
    as_of: Option<Date>,
    last: BTreeMap<String, ReceivedBenefit>,
}

/// A benefit received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedBenefit {
    /// The last time.
    pub on: Date,
    /// True if paid, not only decided.
    pub paid: bool,
}

impl ReceivedBenefits {
    /// Benefits in `outcomes` by the end of `as_of`. A payment counts; a decision counts if its detail says `"approved":
    /// true`, since one without it may have been a refusal.
    ///
    /// # Errors
    /// The detail of a decision cannot be read, so that it is unknown whether the benefit was received.
    pub fn from_outcomes(as_of: Date, outcomes: &[Outcome]) -> Result<Self, EngineError> {
        let mut last: BTreeMap<String, ReceivedBenefit> = BTreeMap::new();
        for outcome in outcomes {
            let paid = outcome.event == "paid";
            let on = day_of(Moment(outcome.at));
            if on > as_of || !(paid || outcome.event == "decided" && is_approved(outcome)?) {
                continue;
            }
            let known = last.entry(outcome.item.clone()).or_insert(ReceivedBenefit { on, paid });
            if on >= known.on {
                *known = ReceivedBenefit { on, paid: paid || on == known.on && known.paid };
            }
        }
        Ok(Self { as_of: Some(as_of), last })
    }

    /// The earlier benefit that rules out the item of a match now: any earlier one, or for a yearly item, one in the year
    /// of the day.
    pub fn blocking_benefit(&self, one: &Match) -> Option<ReceivedBenefit> {
        self.of_item(&one.policy, || one.worth.yearly)
    }

    /// The same for an item by its id; `is_yearly` is true for a yearly item.
    fn of_item(&self, item: &str, is_yearly: impl FnOnce() -> bool) -> Option<ReceivedBenefit> {
        let last = *self.last.get(item)?;
        let this_year = self.as_of.is_some_and(|day| day.year() == last.on.year());
        (this_year || !is_yearly()).then_some(last)
    }
}

/// True if the detail of a decision says that it was an approval; false without a detail.
fn is_approved(outcome: &Outcome) -> Result<bool, EngineError> {
    let unreadable = |why: String| EngineError::Unreadable {
        what: "台账事件",
        id: format!("{} {} {}", outcome.enterprise, outcome.item, outcome.event),
        why,
    };
    if outcome.detail.is_empty() {
        return Ok(false);
    }
    let detail: Json =
        serde_json::from_str(&outcome.detail).map_err(|error| unreadable(error.to_string()))?;
    // Details are free: only the word `true` is an approval, and anything else says nothing.
    Ok(detail.get("approved").and_then(Json::as_bool).unwrap_or(false))
}
