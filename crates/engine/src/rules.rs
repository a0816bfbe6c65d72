//! The rules in force: items with their evidence, compiled for the days that are asked about.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use zhaoren_matcher::{Library, Selection, Snapshot, Undecided};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;

use crate::evidence::Evidence;
use crate::{MatchOptions, MatchReport, QuestionPlan};

/// Items, immutable, shared by all who match. A change of items makes new rules.
#[derive(Debug)]
pub struct Rules {
    library: Arc<Library>,
    evidence: Evidence,
    /// Compiled for the days last asked about, the last one first.
    snapshots: Mutex<Vec<Arc<Snapshot>>>,
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
        Self { library, evidence, snapshots: Mutex::new(vec![Arc::new(snapshot)]) }
    }

    fn of(library: Arc<Library>, evidence: Evidence) -> Self {
        Self { library, evidence, snapshots: Mutex::new(Vec::new()) }
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

    /// What to ask about one profile on `as_of`; at most `limit` questions.
    pub fn questions(&self, profile: &Profile, as_of: Date, limit: usize) -> QuestionPlan {
        self.on(as_of).questions(profile, limit)
    }
}
