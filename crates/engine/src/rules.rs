//! The rules in force: items with their evidence, compiled per day.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;
use zhaoren_matcher::compiled::BuildSteps;
use zhaoren_matcher::{ItemWithoutVerdict, Library, Selection, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, Standing};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_registry::{Moment, digest};

use crate::clock::today;
use crate::evidence::Evidence;
use crate::overview::{Overview, ReceivedBenefits};
use crate::stored::digest_of_facts;
use crate::written::json_digest;
use crate::{MatchOptions, MatchReport, QuestionPlan};

/// Items, immutable, shared by all matches. A change of items creates new rules.
#[derive(Debug)]
pub struct Rules {
    library: Arc<Library>,
    evidence: Evidence,
    origin: Origin,
    digests: OnceLock<Digests>,
    /// Snapshots of the days requested last, the latest first.
    days: Mutex<Vec<(Date, Compiled)>>,
    /// Step budget for compiling all items for a day.
    steps: BuildSteps,
}

/// A snapshot once compiled. The list of days is not locked during compilation, so a request never waits for the snapshot
/// of another day. If a compilation is cancelled or panics, the next caller compiles.
type Compiled = Arc<OnceLock<Arc<Snapshot>>>;

/// Origin of rules, recorded in a receipt so that they can be found again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Tenant whose additions are included; empty for none.
    pub(crate) tenant: String,
    /// The moment as of which the registry holds these rules; `None` for rules from files.
    pub(crate) system_time: Option<Moment>,
}

/// Digests of the content of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) facts: String,
    pub(crate) items: String,
    pub(crate) evidence: String,
}

/// Number of days with a snapshot. Today is requested all the time and is always among them; other days are replaced in
/// turn.
const MAX_CACHED_DAYS: usize = 4;

/// Step budget for compiling the items of one request together: a few items of any complexity, or many plain ones.
const REQUEST_STEPS: u64 = 1_000_000;
/// Steps that each item of a request adds to that budget. Plain criteria take some tens.
const REQUEST_STEPS_EACH: u64 = 500;

/// The step budget for `items` items of one request.
pub(crate) fn steps_of_request(items: usize) -> BuildSteps {
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    BuildSteps::of(REQUEST_STEPS.saturating_add(items.saturating_mul(REQUEST_STEPS_EACH)))
}

impl Rules {
    /// Rules from items read with `dictionary`, each with its JSON, and the positions of their quotes.
    pub fn new(items: Vec<(Item, String)>, dictionary: FactDictionary, evidence: Evidence) -> Self {
        Self::of(Arc::new(Library::with_bodies(items, Arc::new(dictionary))), evidence)
    }

    /// Rules from the items of a request: compiling all of them takes a bounded number of steps, and items beyond the bound
    /// have no verdict.
    pub fn from_request(items: Vec<(Item, String)>, dictionary: FactDictionary, evidence: Evidence) -> Self {
        let steps = steps_of_request(items.len());
        Self { steps, ..Self::new(items, dictionary, evidence) }
    }

    /// Rules from a snapshot already compiled for one day.
    pub(crate) fn from_snapshot(snapshot: Snapshot, evidence: Evidence) -> Self {
        let library = Arc::clone(snapshot.library());
        let day = snapshot.as_of();
        let days = Mutex::new(vec![(day, Arc::new(OnceLock::from(Arc::new(snapshot))))]);
        Self { days, ..Self::of(library, evidence) }
    }

    fn of(library: Arc<Library>, evidence: Evidence) -> Self {
        Self {
            library,
            evidence,
            origin: Origin::default(),
            digests: OnceLock::new(),
            days: Mutex::new(Vec::new()),
            steps: BuildSteps::per_item(),
        }
    }

    /// Sets the origin.
    pub(crate) fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Digests of the content; computed at the first call.
    pub(crate) fn digests(&self) -> &Digests {
        self.digests.get_or_init(|| {
            let ids = self.library.ids();
            let bodies: Vec<String> = ids.iter().map(|id| self.item_digest(id)).collect();
            let parts = ids.iter().zip(&bodies).flat_map(|(id, body)| [id.as_bytes(), body.as_bytes()]);
            Digests {
                facts: digest_of_facts(self.dictionary()),
                items: digest(&parts.collect::<Vec<_>>()),
                evidence: json_digest(&self.evidence),
            }
        })
    }

    /// Digest of an item, equal to that of its revision in the registry; empty for an item that is absent or that came in a
    /// request, which has no revision.
    pub(crate) fn item_digest(&self, id: &str) -> String {
        let body = self.library.index_of(id).and_then(|index| self.library.body(index));
        body.map(|body| digest(&[body.as_bytes()])).unwrap_or_default()
    }

    /// The items, by id.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.library.item(id)
    }

    /// The dictionary for reading profiles and items.
    pub fn dictionary(&self) -> &FactDictionary {
        self.library.dictionary()
    }

    /// The positions of the items' quotes.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The items compiled for `day`.
    pub fn snapshot_on(&self, day: Date) -> Arc<Snapshot> {
        let compile = || {
            let mut steps = self.steps;
            Arc::new(Snapshot::compile_within(Arc::clone(&self.library), day, &mut steps))
        };
        Arc::clone(self.compiled_for(day).get_or_init(compile))
    }

    /// The slot of a day's snapshot, moved to the front.
    fn compiled_for(&self, day: Date) -> Compiled {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let known = days.iter().position(|(known, _)| *known == day);
        let compiled = known.map_or_else(Compiled::default, |at| days.remove(at).1);
        days.insert(0, (day, Arc::clone(&compiled)));
        if days.len() > MAX_CACHED_DAYS {
            let today = today();
            if let Some(oldest) = days.iter().rposition(|(kept, _)| *kept != today) {
                days.remove(oldest);
            }
        }
        compiled
    }

    /// Matches one profile; the second part of the result has the undecided items.
    pub fn match_profile(
        &self,
        profile: &Profile,
        options: MatchOptions,
    ) -> (MatchReport, Vec<ItemWithoutVerdict>) {
        let selection = Selection { all: options.all, limit: options.limit, bundle: options.bundle };
        let (mut report, undecided) = self.snapshot_on(options.as_of).match_profile(profile, selection);
        self.evidence.attach(&mut report.matches);
        (report, undecided)
    }

    /// Standing of an item of these rules on `day`.
    pub fn standing_on(&self, item: &Item, day: Date) -> Standing {
        item.standing_on(day, self.library().succession().successor_on(&item.id, day))
    }

    /// Number of `undecided` items in force on `day`.
    pub fn in_force_count(&self, undecided: &[ItemWithoutVerdict], day: Date) -> usize {
        let in_force = |one: &&ItemWithoutVerdict| {
            self.item(&one.item).is_some_and(|item| self.standing_on(item, day).is_matchable)
        };
        undecided.iter().filter(in_force).count()
    }

    /// Overview of one profile on `as_of`, given its received benefits.
    pub fn overview(&self, profile: &Profile, as_of: Date, received: &ReceivedBenefits) -> Overview {
        Overview::count(&self.snapshot_on(as_of), profile, received)
    }

    /// Number of items in force on `as_of` for each verdict of one profile. Items without a verdict are not counted.
    pub fn verdict_counts(&self, profile: &Profile, as_of: Date) -> VerdictCounts {
        let snapshot = self.snapshot_on(as_of);
        let verdicts = snapshot.verdicts(&snapshot.view(profile));
        let mut counts = VerdictCounts::default();
        for (index, verdict) in verdicts.into_iter().enumerate() {
            let Some(verdict) = verdict.filter(|_| snapshot.is_in_force(index)) else { continue };
            match verdict {
                Verdict::Eligible => counts.eligible += 1,
                Verdict::Undetermined => counts.undetermined += 1,
                Verdict::Ineligible => counts.ineligible += 1,
            }
        }
        counts
    }

    /// Keys of the facts that one item needs of an enterprise of which nothing is known, in the order in which they settle most; empty
    /// for an item that does not exist or has no verdict.
    pub fn needed_facts(&self, item: &str, as_of: Date) -> Vec<String> {
        let Some(index) = self.library().index_of(item) else { return Vec::new() };
        let snapshot = self.snapshot_on(as_of);
        let nothing = Profile::default();
        let matches = snapshot.explain(&[index], &snapshot.view(&nothing));
        matches.into_iter().next().map(|one| one.missing).unwrap_or_default()
    }

    /// Questions to ask about one profile on `as_of`, at most `limit`.
    pub fn questions(&self, profile: &Profile, as_of: Date, limit: usize) -> QuestionPlan {
        self.snapshot_on(as_of).questions(profile, limit)
    }
}

/// Numbers of items by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// 符合.
    pub eligible: usize,
    /// 待定.
    pub undetermined: usize,
    /// 不符合.
    pub ineligible: usize,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::mpsc::channel;

    use jiff::ToSpan;
    use zhaoren_cancel::{Cancellation, Cancelled};
    use zhaoren_policy::item::read_items;

    use super::*;

    fn rules() -> Rules {
        let yaml = "- {id: a, title: 甲, criteria: {fact: employees, at_least: 3}}";
        let (items, report) = read_items(yaml, "items.yaml", FactDictionary::built_in());
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        let items = items.into_iter().map(|(item, _)| (item, "{}".to_owned())).collect();
        Rules::new(items, FactDictionary::built_in().clone(), Evidence::default())
    }

    /// Today is matched while another day is being compiled and other callers wait for that.
    #[test]
    fn today_does_not_wait_for_another_day() {
        let rules = rules();
        let (today, other) = (today(), today().tomorrow().unwrap());
        let (started, starts) = channel();
        let (finish, finishes) = channel::<()>();
        std::thread::scope(|scope| {
            let compiled = rules.compiled_for(other);
            let library = Arc::clone(rules.library());
            scope.spawn(move || {
                compiled.get_or_init(|| {
                    started.send(()).unwrap();
                    finishes.recv().unwrap();
                    Arc::new(Snapshot::compile(library, other))
                });
            });
            starts.recv().unwrap();
            let waiting = scope.spawn(|| rules.snapshot_on(other).as_of());
            assert_eq!(rules.snapshot_on(today).as_of(), today);
            finish.send(()).unwrap();
            assert_eq!(waiting.join().unwrap(), other);
        });
    }

    /// The snapshot of today is not compiled again after requests for five other days.
    #[test]
    fn snapshot_of_today_stays_cached() {
        let rules = rules();
        let today = today();
        let first = rules.snapshot_on(today);
        for days in 1..=5 {
            rules.snapshot_on(today.saturating_add(days.days()));
        }
        assert!(Arc::ptr_eq(&first, &rules.snapshot_on(today)));
        assert!(rules.days.lock().unwrap().len() <= MAX_CACHED_DAYS);
    }

    /// After a cancelled compilation the next caller compiles.
    #[test]
    fn cancelled_compilations_can_be_repeated() {
        let rules = rules();
        let cancellation = Cancellation::new();
        cancellation.cancel();
        assert_eq!(cancellation.run(|| rules.snapshot_on(today()).as_of()), Err(Cancelled));
        assert_eq!(rules.snapshot_on(today()).as_of(), today());
    }
}
