//! The rules in force: items with their evidence, compiled for the days that are asked about.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;
use zhaoren_matcher::{Library, Selection, Snapshot, Undecided};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;
use zhaoren_registry::{Moment, digest};

use crate::evidence::Evidence;
use crate::overview::{Had, Overview};
use crate::receipt::{Receipt, of_json};
use crate::stored::digest_of_facts;
use crate::{MatchOptions, MatchReport, QuestionPlan};

/// Items, immutable, shared by all who match. A change of items makes new rules.
#[derive(Debug)]
pub struct Rules {
    library: Arc<Library>,
    evidence: Evidence,
    origin: Origin,
    digests: OnceLock<Digests>,
    /// Compiled for the days last asked about, the last one first.
    snapshots: Mutex<Vec<Arc<Snapshot>>>,
}

/// Where rules come from: what a receipt says so that they are found again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Whose additions are among them; empty for none.
    pub(crate) tenant: String,
    /// The moment as of which the registry holds just these; `None` for rules of files.
    pub(crate) believed: Option<Moment>,
}

/// Digests of what rules are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) facts: String,
    pub(crate) items: String,
    pub(crate) evidence: String,
}

/// For how many days snapshots are kept. Today is asked about all the time, other days by turns.
const KEPT_DAYS: usize = 4;

impl Rules {
    /// Rules of items read with `dictionary`, each with its JSON, and the places of their quotes.
    pub fn new(items: Vec<(Item, String)>, dictionary: FactDictionary, evidence: Evidence) -> Self {
        Self::of(Arc::new(Library::with_bodies(items, Arc::new(dictionary))), evidence)
    }

    /// Rules that are compiled for one day already.
    pub(crate) fn compiled(snapshot: Snapshot, evidence: Evidence) -> Self {
        let library = Arc::clone(snapshot.library());
        let snapshots = Mutex::new(vec![Arc::new(snapshot)]);
        Self { library, evidence, origin: Origin::default(), digests: OnceLock::new(), snapshots }
    }

    fn of(library: Arc<Library>, evidence: Evidence) -> Self {
        let snapshots = Mutex::new(Vec::new());
        Self { library, evidence, origin: Origin::default(), digests: OnceLock::new(), snapshots }
    }

    /// The same rules, with where they come from.
    pub(crate) fn from(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Digests of what these rules are; made when they are first asked for.
    pub(crate) fn digests(&self) -> &Digests {
        self.digests.get_or_init(|| {
            let ids = self.library.ids();
            let bodies: Vec<String> = ids.iter().map(|id| self.item_digest(id)).collect();
            let parts = ids.iter().zip(&bodies).flat_map(|(id, body)| [id.as_bytes(), body.as_bytes()]);
            Digests {
                facts: digest_of_facts(self.dictionary()),
                items: digest(&parts.collect::<Vec<_>>()),
                evidence: of_json(&self.evidence),
            }
        })
    }

    /// The digest of an item as its revision in the registry has it; empty for one that is not there.
    pub(crate) fn item_digest(&self, id: &str) -> String {
        let place = self.library.ids().binary_search_by(|known| known.as_str().cmp(id));
        let body = place.ok().and_then(|place| self.library.body(place));
        body.map(|body| digest(&[body.as_bytes()])).unwrap_or_default()
    }

    /// The receipt for a report that these rules gave for `profile` with `options`.
    pub fn receipt(
        &self,
        profile: &Profile,
        options: MatchOptions,
        report: &MatchReport,
        issued_at: Moment,
    ) -> Receipt {
        Receipt::new(self, profile, options, report, issued_at)
    }

    /// The items, by id.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.library.item(id)
    }

    /// The facts that profiles and items are read with.
    pub fn dictionary(&self) -> &FactDictionary {
        self.library.dictionary()
    }

    /// Where the quotes of the items stand.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The items compiled for `day`.
    pub fn on(&self, day: Date) -> Arc<Snapshot> {
        let mut kept = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = match kept.iter().position(|snapshot| snapshot.as_of() == day) {
            Some(at) => kept.remove(at),
            None => Arc::new(Snapshot::compile(Arc::clone(&self.library), day)),
        };
        kept.insert(0, Arc::clone(&snapshot));
        kept.truncate(KEPT_DAYS);
        snapshot
    }

    /// Matches one profile; what could not be decided is in the second part.
    pub fn match_profile(&self, profile: &Profile, options: MatchOptions) -> (MatchReport, Vec<Undecided>) {
        let selection = Selection { all: options.all, limit: options.limit, bundle: options.bundle };
        let (mut report, undecided) = self.on(options.as_of).match_profile(profile, selection);
        self.evidence.attach(&mut report.matches);
        (report, undecided)
    }

    /// How many of `undecided` are in force on `day`.
    pub fn live(&self, undecided: &[Undecided], day: Date) -> usize {
        let live = |one: &&Undecided| self.item(&one.item).is_some_and(|item| item.in_force_on(day));
        undecided.iter().filter(live).count()
    }

    /// One profile at a glance on `as_of`, given what it has had.
    pub fn overview(&self, profile: &Profile, as_of: Date, had: &Had) -> Overview {
        let selection = Selection { all: true, limit: usize::MAX, bundle: false };
        let (report, undecided) = self.on(as_of).match_profile(profile, selection);
        Overview::of(&report.matches, self.live(&undecided, as_of), had)
    }

    /// What to ask about one profile on `as_of`; at most `limit` questions.
    pub fn questions(&self, profile: &Profile, as_of: Date, limit: usize) -> QuestionPlan {
        self.on(as_of).questions(profile, limit)
    }
}
