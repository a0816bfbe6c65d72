//! Rules of others than all, and of other times than now: a tenant's own additions to the shared catalogue, and what was
//! believed at a moment.

use std::sync::{Arc, Mutex, PoisonError};

use zhaoren_policy::document::Document;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::Moment;

use crate::entries;
use crate::error::EngineError;
use crate::open::{Engine, State, load};
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
pub(crate) struct RulesCache {
    kept: Mutex<CachedRules>,
    /// Held while what a tenant searches is made: that takes memory, and one who waits may find it ready.
    pub(crate) making: Mutex<()>,
}

struct CachedRules {
    /// What tenants added when these rules were made.
    additions: String,
    /// How often all that is of now was forgotten.
    age: u64,
    /// The last ones first.
    rules: Vec<(RulesKey, Arc<Rules>)>,
    /// What tenants search and match, by lineage, the last ones first.
    states: Vec<(Vec<String>, Arc<State>)>,
}

/// Which rules they are.
#[derive(Clone, PartialEq, Eq)]
struct RulesKey {
    at: Moment,
    lineage: Vec<String>,
    facts: String,
}

impl RulesCache {
    /// Nothing yet, of a registry in which tenants added this.
    pub(crate) fn of(additions: String) -> Self {
        let kept = CachedRules { additions, age: 0, rules: Vec::new(), states: Vec::new() };
        Self { kept: Mutex::new(kept), making: Mutex::new(()) }
    }

    /// Forgets all that is not of the past, where tenants now add something else or what all share has changed; whether it
    /// did.
    pub(crate) fn begin_anew(&self, additions: String, shared: bool) -> bool {
        let mut kept = self.lock();
        if !shared && kept.additions == additions {
            return false;
        }
        kept.rules.retain(|(wanted, _)| wanted.at != Moment::NOW);
        kept.states.clear();
        kept.additions = additions;
        kept.age += 1;
        true
    }

    /// To be asked before anything is read that will be kept: what was read in another age is of yesterday.
    pub(crate) fn age(&self) -> u64 {
        self.lock().age
    }

    fn find(&self, wanted: &RulesKey) -> Option<Arc<Rules>> {
        found(&mut self.lock().rules, wanted)
    }

    fn keep(&self, age: u64, wanted: RulesKey, rules: &Arc<Rules>) {
        let mut kept = self.lock();
        if kept.age == age || wanted.at != Moment::NOW {
            kept.rules.insert(0, (wanted, Arc::clone(rules)));
            kept.rules.truncate(KEPT);
        }
    }

    /// What those of a lineage search and match, where it is known.
    pub(crate) fn state(&self, lineage: &Vec<String>) -> Option<Arc<State>> {
        found(&mut self.lock().states, lineage)
    }

    pub(crate) fn keep_state(&self, age: u64, lineage: Vec<String>, state: &Arc<State>) {
        let mut kept = self.lock();
        if kept.age == age {
            kept.states.insert(0, (lineage, Arc::clone(state)));
            kept.states.truncate(KEPT);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, CachedRules> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept under a key, which then comes first.
fn found<K: PartialEq, T>(kept: &mut Vec<(K, Arc<T>)>, key: &K) -> Option<Arc<T>> {
    let place = kept.iter().position(|(one, _)| one == key)?;
    let one = kept.remove(place);
    let value = Arc::clone(&one.1);
    kept.insert(0, one);
    Some(value)
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
        let age = self.others.age();
        let lineage = self.runtime.on(self.registry.lineage(tenant))?;
        let at = believed.unwrap_or(Moment::NOW);
        let wanted = RulesKey { at, lineage, facts: digest_of_facts(dictionary) };
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
                let read = entries::of_documents(&records, &Silent)?;
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
            self.others.keep(age, wanted, &rules);
        }
        Ok(rules)
    }

    fn is_past(&self, moment: Moment) -> bool {
        self.runtime.on(self.registry.last_written()).is_ok_and(|last| moment < last)
    }
}
