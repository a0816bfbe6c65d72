//! The gate of automatic supports (免申即享关口): what may be paid without an application, and the one proof that is missing for the rest.
//!
//! An item passes for an enterprise if it is eligible on the proven profile alone, on every day from the day of the decision to the
//! day on which the money is paid, and if its rule may be applied by a program: checked against its text, not competitive, open, for
//! the enterprise itself. Everything else is blocked, each with its reason. Nothing is assumed, so an error can only exclude.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use zhaoren_matcher::{Library, Snapshot};
use zhaoren_policy::item::{Applicant, Delivery, Item, WindowState};
use zhaoren_policy::profile::{Profile, ProfileBuilder, ProfileEntry, ProfileKey};
use zhaoren_policy::verdict::Verdict;

use crate::proof::{Doubt, Proof};

/// Greatest number of days between decision and payment; longer ones are decided anew nearer to the payment.
pub const MAX_SPAN_DAYS: i32 = 31;

/// The period from decision to payment is not one that the gate decides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("兑付完成之日 {until} 应不早于判定日 {as_of}，且在 {MAX_SPAN_DAYS} 天之内")]
pub struct SpanFault {
    /// Day of the decision.
    pub as_of: Date,
    /// Day of the payment.
    pub until: Date,
}

/// Reason why an item cannot be given to an enterprise without an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Blocker {
    /// One entry of the profile has to be proven, and nothing else.
    Proof {
        /// Entry.
        entry: Entry,
        /// Reason why it is not proven.
        doubt: Doubt,
    },
    /// The verdict changes before the money is paid.
    Changes {
        /// First day on which the enterprise is not proven to be eligible.
        on: Date,
    },
    /// The item's conditions were not compared with an official text.
    Unchecked,
    /// The office selects among the qualified.
    Competitive,
    /// The support is for projects or operators, not for the enterprise itself.
    Applicant,
    /// The window is not open until the payment.
    Window,
    /// The enterprise has declined offers of this item.
    Declined,
    /// It was received before, and is not given again.
    Received,
    /// The proven facts do not suffice, and which other one would is not to be told.
    Undecided,
}

/// Entry of a profile, for display.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// Key of the fact; `None` for a judged text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// Fiscal year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// Name of the fact, or the judged text.
    pub name: String,
}

impl Blocker {
    /// Words for a caseworker.
    pub fn words(&self) -> String {
        match self {
            Self::Proof { entry, doubt } => {
                let year = entry.year.map(|year| format!("{year}年")).unwrap_or_default();
                format!("{year}{}：{}", entry.name, doubt.words())
            }
            Self::Changes { on } => format!("自 {on} 起不能证明仍然符合，早于兑付完成之日"),
            Self::Unchecked => "申报条件尚未与政策原文核对".to_owned(),
            Self::Competitive => "择优支持，须由主管部门评审".to_owned(),
            Self::Applicant => "支持对象不是企业本身".to_owned(),
            Self::Window => "兑付完成前申报期未开放或已截止".to_owned(),
            Self::Declined => "企业已表示不享受这一事项".to_owned(),
            Self::Received => "已经享受过，不再给予".to_owned(),
            Self::Undecided => "已有的证明不足，且与已知情况不一致，须人工核实".to_owned(),
        }
    }
}

/// Decision of the gate on one item for one enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Proven: the enterprise is asked whether it wants the support (意愿确认).
    Proven,
    /// Eligible by what is known, and not proven. A single blocker is the one missing proof; several are needed together.
    Blocked {
        /// Blockers, in a fixed order.
        blockers: Vec<Blocker>,
    },
}

/// Line of the list of the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GateLine {
    /// Item.
    pub item: String,
    /// Decision.
    #[serde(flatten)]
    pub decision: Decision,
}

/// Knowledge of one enterprise.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Everything that is known, as a match sees it.
    pub known: &'a Profile,
    /// The proven part of it.
    pub proof: &'a Proof,
    /// Items that the enterprise has declined; an empty id stands for all.
    pub declined: &'a BTreeSet<String>,
    /// Items that it has received and that are not given again.
    pub received: &'a BTreeSet<String>,
}

/// Compiled rules for each day from decision to payment.
#[derive(Debug)]
pub struct Gate {
    library: Arc<Library>,
    days: Vec<Snapshot>,
    /// Library indices of the items that are decided.
    items: Vec<usize>,
}

impl Gate {
    /// Compiles the items of `library` that `is_decided` for the days from `as_of` to `until`.
    ///
    /// # Errors
    /// The period is empty or longer than [`MAX_SPAN_DAYS`].
    pub fn new(
        library: Arc<Library>,
        (as_of, until): (Date, Date),
        is_decided: impl Fn(&Item) -> bool,
    ) -> Result<Self, SpanFault> {
        let span = as_of.until(until).map_or(i32::MAX, |span| span.get_days());
        if !(0..=MAX_SPAN_DAYS).contains(&span) {
            return Err(SpanFault { as_of, until });
        }
        let days = (0..=span).filter_map(|offset| as_of.checked_add(offset.days()).ok());
        let days = days.map(|day| Snapshot::compile(Arc::clone(&library), day)).collect();
        let items = (0..library.len()).filter(|index| library.get(*index).is_some_and(&is_decided)).collect();
        Ok(Self { library, days, items })
    }

    /// Like [`Gate::new`], for the items that claim to be given without an application.
    ///
    /// # Errors
    /// As for [`Gate::new`].
    pub fn of_automatic(library: Arc<Library>, period: (Date, Date)) -> Result<Self, SpanFault> {
        Self::new(library, period, |item| item.delivery == Delivery::Automatic)
    }

    /// Items that are decided, in order of id.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter_map(|index| self.library.get(*index))
    }

    /// Decisions on the items for which the enterprise is eligible by what is known, in order of the library. Items for which it is
    /// not, or for which that is open, are no candidates and have no line.
    pub fn decide(&self, candidate: Candidate<'_>) -> Vec<GateLine> {
        let Some(first) = self.days.first() else { return Vec::new() };
        let known = first.verdicts(&first.view(candidate.known));
        let is_eligible = |index: &usize| {
            first.is_in_force(*index) && known.get(*index).copied().flatten() == Some(Verdict::Eligible)
        };
        let eligible: Vec<usize> = self.items.iter().copied().filter(is_eligible).collect();
        let line = |index: usize| {
            zhaoren_cancel::poll();
            let item = self.library.get(index)?;
            let blockers = self.blockers(index, item, candidate);
            let decision =
                if blockers.is_empty() { Decision::Proven } else { Decision::Blocked { blockers } };
            Some(GateLine { item: item.id.clone(), decision })
        };
        eligible.into_iter().filter_map(line).collect()
    }

    fn blockers(&self, index: usize, item: &Item, candidate: Candidate<'_>) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        let declined = |id: &str| candidate.declined.contains(id);
        if declined("") || declined(&item.id) {
            blockers.push(Blocker::Declined);
        }
        if candidate.received.contains(&item.id) {
            blockers.push(Blocker::Received);
        }
        blockers.extend(self.procedure(item));
        blockers.extend(self.unproven(index, candidate));
        blockers
    }

    /// Blockers that lie in the item, whatever the enterprise.
    pub fn procedure(&self, item: &Item) -> Vec<Blocker> {
        let mut blockers = Vec::new();
        if !item.review.as_ref().is_some_and(zhaoren_policy::item::Review::is_checked) {
            blockers.push(Blocker::Unchecked);
        }
        if item.competitive {
            blockers.push(Blocker::Competitive);
        }
        if item.subject != Applicant::Enterprise {
            blockers.push(Blocker::Applicant);
        }
        let is_open = |day: Date| item.window_on(day).state == WindowState::Open;
        if !self.days.iter().all(|day| is_open(day.as_of())) {
            blockers.push(Blocker::Window);
        }
        blockers
    }

    /// Entries that have to be proven so that the item is proven; empty only if it is. The set is irreducible: without any one of
    /// its entries the item would stay unproven.
    fn unproven(&self, index: usize, candidate: Candidate<'_>) -> Vec<Blocker> {
        let Some(first) = self.days.first() else { return vec![Blocker::Undecided] };
        let proven = &candidate.proof.proven;
        if self.passes(first, index, proven) {
            let fails = self.days.iter().find(|day| !self.passes(day, index, proven));
            return fails.map(|day| Blocker::Changes { on: day.as_of() }).into_iter().collect();
        }
        let proven_keys: BTreeSet<ProfileKey> = proven.entries().map(key_of).collect();
        let mut needed: BTreeSet<ProfileKey> =
            candidate.known.entries().map(key_of).filter(|key| !proven_keys.contains(key)).collect();
        if !self.passes(first, index, &with_entries(proven, candidate.known, &needed)) {
            // The known and the proven facts contradict each other in a way that no single doubt names.
            return vec![Blocker::Undecided];
        }
        // Judgements are dropped first: what a register can state is the cheaper proof where there is a choice.
        for key in needed.clone().into_iter().rev() {
            zhaoren_cancel::poll();
            needed.remove(&key);
            if !self.passes(first, index, &with_entries(proven, candidate.known, &needed)) {
                needed.insert(key);
            }
        }
        let doubt = |key: &ProfileKey| candidate.proof.doubts.get(key).cloned().unwrap_or(Doubt::Unstated);
        needed.iter().map(|key| Blocker::Proof { entry: self.entry(key), doubt: doubt(key) }).collect()
    }

    fn passes(&self, day: &Snapshot, index: usize, profile: &Profile) -> bool {
        day.is_in_force(index) && day.verdict(index, &day.view(profile)) == Some(Verdict::Eligible)
    }

    fn entry(&self, key: &ProfileKey) -> Entry {
        match key {
            ProfileKey::Fact(key, year) => {
                let name = self.library.dictionary().get(key).map_or(key.clone(), |fact| fact.name.clone());
                Entry { fact: Some(key.clone()), year: *year, name }
            }
            ProfileKey::Judged(text) => Entry { fact: None, year: None, name: text.clone() },
        }
    }
}

/// Key of an entry.
fn key_of((key, year, entry): (&str, Option<i16>, ProfileEntry<'_>)) -> ProfileKey {
    match entry {
        ProfileEntry::Judged(_) => ProfileKey::Judged(key.to_owned()),
        _ => ProfileKey::Fact(key.to_owned(), year),
    }
}

/// The proven profile with some entries of the known one.
fn with_entries(proven: &Profile, known: &Profile, entries: &BTreeSet<ProfileKey>) -> Profile {
    let mut builder = ProfileBuilder::new(proven.id.clone());
    for (profile, is_proven) in [(known, false), (proven, true)] {
        for held in profile.entries() {
            let key = key_of(held);
            if is_proven || entries.contains(&key) {
                builder.insert(&key, held.2.to_owned());
            }
        }
    }
    builder.build()
}
