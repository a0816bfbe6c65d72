//! Cached rule sets for one tenant (its own additions to the shared catalogue) or for a past moment.

use std::sync::{Arc, Mutex, PoisonError};

use zhaoren_registry::Moment;

use crate::rules::Rules;
use crate::state::State;

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
pub(crate) struct RulesKey {
    /// Moment as of which the registry is read.
    pub(crate) at: Moment,
    /// Tenant and its ancestors.
    pub(crate) lineage: Vec<String>,
    /// Digest of the fact dictionary.
    pub(crate) facts: String,
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

    /// The cached rules of a key.
    pub(crate) fn rules(&self, key: &RulesKey) -> Option<Arc<Rules>> {
        get_and_touch(&mut self.lock().rules, key)
    }

    pub(crate) fn keep_rules(&self, epoch: u64, key: RulesKey, rules: &Arc<Rules>) {
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
