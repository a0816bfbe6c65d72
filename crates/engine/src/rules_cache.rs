//! Cached rule sets for one tenant (its own additions to the shared catalogue) or for a past moment.

use std::sync::{Arc, Mutex, PoisonError};

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::Moment;

use crate::error::EngineError;
use crate::item_load::{RulesRequest, load_rules_at};
use crate::open::{Engine, State};
use crate::rules::Rules;
use crate::stored::digest_of_facts;

/// Maximum number of cached rule sets.
const MAX_RULE_SETS: usize = 16;

/// Cache of requested rule sets.
pub(crate) struct RulesCache {
    entries: Mutex<CachedRules>,
    /// Held during the construction of a tenant's state: it takes memory, and a waiting caller may find it ready.
    pub(crate) build_lock: Mutex<()>,
}

struct CachedRules {
    /// Digest of the tenants' additions when these rules were compiled.
    additions: String,
    /// Number of invalidations of the current rules.
    epoch: u64,
    /// Rule sets, most recently used first.
    rules: Vec<(RulesKey, Arc<Rules>)>,
    /// States of tenants, by lineage, most recently used first.
    states: Vec<(Vec<String>, Arc<State>)>,
}

/// Key of a rule set.
#[derive(Clone, PartialEq, Eq)]
struct RulesKey {
    at: Moment,
    lineage: Vec<String>,
    facts: String,
}

impl RulesCache {
    /// An empty cache for a registry with these additions of tenants.
    pub(crate) fn of(additions: String) -> Self {
        let cache = CachedRules { additions, epoch: 0, rules: Vec::new(), states: Vec::new() };
        Self { entries: Mutex::new(cache), build_lock: Mutex::new(()) }
    }

    /// Drops all entries except those of past moments, if tenants' additions or the shared catalogue have changed; true if
    /// it did.
    pub(crate) fn invalidate(&self, additions: String, shared: bool) -> bool {
        let mut cache = self.lock();
        if !shared && cache.additions == additions {
            return false;
        }
        cache.rules.retain(|(key, _)| key.at != Moment::NOW);
        cache.states.clear();
        cache.additions = additions;
        cache.epoch += 1;
        true
    }

    /// Current age of the cache. To be read before the content of a new entry: an entry of an earlier age is outdated.
    pub(crate) fn epoch(&self) -> u64 {
        self.lock().epoch
    }

    fn find(&self, key: &RulesKey) -> Option<Arc<Rules>> {
        get_and_touch(&mut self.lock().rules, key)
    }

    fn keep(&self, epoch: u64, key: RulesKey, rules: &Arc<Rules>) {
        let mut cache = self.lock();
        if cache.epoch == epoch || key.at != Moment::NOW {
            cache.rules.insert(0, (key, Arc::clone(rules)));
            cache.rules.truncate(MAX_RULE_SETS);
        }
    }

    /// The cached state of a lineage.
    pub(crate) fn state(&self, lineage: &Vec<String>) -> Option<Arc<State>> {
        get_and_touch(&mut self.lock().states, lineage)
    }

    pub(crate) fn keep_state(&self, epoch: u64, lineage: Vec<String>, state: &Arc<State>) {
        let mut cache = self.lock();
        if cache.epoch == epoch {
            cache.states.insert(0, (lineage, Arc::clone(state)));
            cache.states.truncate(MAX_RULE_SETS);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, CachedRules> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cached value of a key, moved to the front.
fn get_and_touch<K: PartialEq, T>(entries: &mut Vec<(K, Arc<T>)>, key: &K) -> Option<Arc<T>> {
    let index = entries.iter().position(|(one, _)| one == key)?;
    let one = entries.remove(index);
    let value = Arc::clone(&one.1);
    entries.insert(0, one);
    Some(value)
}

impl Engine {
    /// The rules of a tenant now: the shared catalogue, and the additions of the tenant and its ancestors. For the empty
    /// tenant they are [`Engine::rules`].
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn rules_for(&self, tenant: &str) -> Result<Arc<Rules>, EngineError> {
        if tenant.is_empty() {
            return Ok(self.rules());
        }
        let dictionary = self.rules().dictionary().clone();
        self.rules_at(tenant, None, &dictionary, &mut Vec::new())
    }

    /// The rules of a tenant as of a past moment, read with `dictionary`. Problems of the items at that moment are added to
    /// `problems` at the first read.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn rules_at(
        &self,
        tenant: &str,
        system_time: Option<Moment>,
        dictionary: &FactDictionary,
        problems: &mut Vec<Problem>,
    ) -> Result<Arc<Rules>, EngineError> {
        let epoch = self.rules_cache.epoch();
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        let at = system_time.unwrap_or(Moment::NOW);
        let key = RulesKey { at, lineage, facts: digest_of_facts(dictionary) };
        if let Some(rules) = self.rules_cache.find(&key) {
            return Ok(rules);
        }
        let (state, RulesKey { lineage, .. }) = (self.state(), &key);
        let request = RulesRequest { tenant, lineage, system_time, dictionary };
        let documents = || Ok(state.index.documents().collect());
        let (rules, found) = load_rules_at(&self.runtime, &self.registry, &request, documents)?;
        problems.extend(found);
        // No write can have a moment earlier than the last audit line: the content of a past moment is final.
        if system_time.is_none_or(|moment| self.is_past(moment)) {
            self.rules_cache.keep(epoch, key, &rules);
        }
        Ok(rules)
    }

    fn is_past(&self, moment: Moment) -> bool {
        self.runtime.block_on(self.registry.last_write_time()).is_ok_and(|last| moment < last)
    }
}
