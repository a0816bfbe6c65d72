//! Rules of others than all, and of other times than now: a tenant's own additions to the shared catalogue, and what was
//! believed at a moment.

use std::sync::{Arc, Mutex, PoisonError};

use zhaoren_policy::document::Document;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{Moment, Registry};

use crate::blocking::Blocking;
use crate::entries;
use crate::error::EngineError;
use crate::open::{Engine, load};
use crate::progress::Silent;
use crate::rules::{Origin, Rules};
use crate::stored::digest_of_facts;

/// What of a registry is meant.
pub(crate) struct Belief<'a> {
    /// As it was believed at this moment.
    pub(crate) at: Moment,
    /// Whose additions count beside what all share.
    pub(crate) tenants: &'a [String],
}

impl Belief<'static> {
    /// What all share, as it is believed now.
    pub(crate) const NOW: Self = Self { at: Moment::NOW, tenants: &[] };
}

/// How many rules of others and other times are kept.
const KEPT: usize = 16;

/// Rules that were asked for and may be asked for again.
#[derive(Default)]
pub(crate) struct Others {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// What tenants added when these rules were made.
    additions: String,
    /// The last ones first.
    rules: Vec<(Wanted, Arc<Rules>)>,
}

/// Which rules they are.
#[derive(Clone, PartialEq, Eq)]
struct Wanted {
    at: Moment,
    lineage: Vec<String>,
    facts: String,
}

impl Others {
    /// Forgets all that is not of the past.
    pub(crate) fn forget(&self) {
        self.lock().rules.retain(|(wanted, _)| wanted.at != Moment::NOW);
    }

    /// Forgets the rules of tenants when any tenant's additions have changed.
    pub(crate) fn refresh(&self, runtime: &Blocking, registry: &Registry) -> Result<(), EngineError> {
        let now = runtime.on(registry.additions_fingerprint())?;
        if self.lock().additions != now {
            self.forget();
            self.lock().additions = now;
        }
        Ok(())
    }

    fn find(&self, wanted: &Wanted) -> Option<Arc<Rules>> {
        let mut kept = self.lock();
        let place = kept.rules.iter().position(|(one, _)| one == wanted)?;
        let found = kept.rules.remove(place);
        let rules = Arc::clone(&found.1);
        kept.rules.insert(0, found);
        Some(rules)
    }

    fn keep(&self, wanted: Wanted, rules: &Arc<Rules>) {
        let mut kept = self.lock();
        kept.rules.insert(0, (wanted, Arc::clone(rules)));
        kept.rules.truncate(KEPT);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// The rules that hold for a tenant now: what all share, and what it and those above it added. For the empty tenant
    /// they are [`Engine::rules`].
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn rules_for(&self, tenant: &str) -> Result<Arc<Rules>, EngineError> {
        if tenant.is_empty() {
            return Ok(self.rules());
        }
        let dictionary = self.rules().dictionary().clone();
        self.rules_as_believed(tenant, None, &dictionary, &mut Vec::new())
    }

    /// The rules for a tenant as they were believed at a moment, read with `dictionary`. What was wrong with items then is
    /// added to `problems` when it is read for the first time.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn rules_as_believed(
        &self,
        tenant: &str,
        believed: Option<Moment>,
        dictionary: &FactDictionary,
        problems: &mut Vec<Problem>,
    ) -> Result<Arc<Rules>, EngineError> {
        let lineage = self.runtime.on(self.registry.lineage(tenant))?;
        let at = believed.unwrap_or(Moment::NOW);
        let wanted = Wanted { at, lineage, facts: digest_of_facts(dictionary) };
        if let Some(rules) = self.others.find(&wanted) {
            return Ok(rules);
        }
        // As of the last change before it, everything was believed as it was at the moment itself.
        let since = self.runtime.on(self.registry.catalogue_since())?;
        let belief = Belief { at, tenants: &wanted.lineage };
        let loaded = match believed {
            None => {
                let state = self.state();
                load(&self.runtime, &self.registry, &belief, dictionary, state.index.documents())?
            }
            Some(moment) => {
                // The index knows the documents of now only.
                let records = self.runtime.on(self.registry.documents(moment))?;
                let read = entries::of_documents(&records, &Silent);
                let documents: Vec<(&str, &Document)> =
                    read.iter().map(|entry| (entry.id.as_str(), &entry.document)).collect();
                load(&self.runtime, &self.registry, &belief, dictionary, documents.into_iter())?
            }
        };
        problems.extend(loaded.problems);
        let origin = Origin { tenant: tenant.to_owned(), believed: Some(at.min(since)) };
        let rules = Arc::new(Rules::new(loaded.items, dictionary.clone(), loaded.evidence).from(origin));
        // Nothing is ever written at a moment that has a later line in the audit: what was believed then stays.
        if believed.is_none_or(|moment| self.is_past(moment)) {
            self.others.keep(wanted, &rules);
        }
        Ok(rules)
    }

    fn is_past(&self, moment: Moment) -> bool {
        self.runtime.on(self.registry.last_written()).is_ok_and(|last| moment < last)
    }
}
