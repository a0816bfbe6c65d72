//! Search and matching state of a tenant, and rules of a past moment. The state of a tenant is the shared catalogue with the additions of the tenant and its ancestors.
//!
//! The additions are indexed in memory at the first request, and never enter an index that other tenants search: a tenant's
//! content leaves no trace in the hits, counts, corrections or suggestions of others.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use zhaoren_indexer::{Entry, EntryKind};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::Moment;

use crate::dictionaries::dictionary_of;
use crate::entries;
use crate::error::EngineError;
use crate::item_load::{RulesRequest, load_rules_at};
use crate::open::Engine;
use crate::rules::Rules;
use crate::rules_cache::RulesKey;
use crate::state::State;
use crate::stored::digest_of_facts;

impl Engine {
    /// The current state of a tenant; the shared one for the empty tenant.
    pub(crate) fn state_for(&self, tenant: &str) -> Result<Arc<State>, EngineError> {
        if tenant.is_empty() {
            return Ok(self.state());
        }
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        if let Some(state) = self.rules_cache.state(&lineage) {
            return Ok(state);
        }
        let _making = self.rules_cache.build_lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = self.rules_cache.state(&lineage) {
            return Ok(state);
        }
        let age = self.rules_cache.epoch();
        let shared = self.state();
        let rules = self.rules_for(tenant)?;
        // An index chosen by hand may hold an item that was shared at its time.
        let indexed = shared.index.entries().filter(|(kind, ..)| *kind == EntryKind::Item);
        let indexed: BTreeSet<&str> = indexed.map(|(_, id, ..)| id).collect();
        let own = rules
            .library()
            .iter()
            .filter(|item| shared.rules.item(&item.id).is_none() && !indexed.contains(item.id.as_str()));
        let own: Vec<Entry> = own.map(|item| entries::item_entry(item, rules.dictionary())).collect();
        let index = if own.is_empty() {
            Arc::clone(&shared.index)
        } else {
            Arc::new(shared.index.with_entries(&own)?)
        };
        let state = Arc::new(shared.with_index_and_rules(index, rules));
        self.rules_cache.keep_state(age, lineage, &state);
        Ok(state)
    }

    /// Fact dictionary of a tenant; for the empty tenant that of the shared catalogue.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn dictionary_for(&self, tenant: &str) -> Result<FactDictionary, EngineError> {
        if tenant.is_empty() {
            return Ok(self.rules().dictionary().clone());
        }
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        dictionary_of(&self.runtime, &self.registry, &lineage, FactDictionary::built_in())
    }

    /// The rules of a tenant now: the shared catalogue, and the additions of the tenant and its ancestors. For the empty
    /// tenant they are [`Engine::rules`].
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn rules_for(&self, tenant: &str) -> Result<Arc<Rules>, EngineError> {
        if tenant.is_empty() {
            return Ok(self.rules());
        }
        let dictionary = self.dictionary_for(tenant)?;
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
        if let Some(rules) = self.rules_cache.rules(&key) {
            return Ok(rules);
        }
        let (state, RulesKey { lineage, .. }) = (self.state(), &key);
        let request = RulesRequest { tenant, lineage, system_time, dictionary };
        let documents = || Ok(state.index.documents().collect());
        let (rules, found) = load_rules_at(&self.runtime, &self.registry, &request, documents)?;
        problems.extend(found);
        // No write can have a moment earlier than the last audit line: the content of a past moment is final.
        if system_time.is_none_or(|moment| self.is_past(moment)) {
            self.rules_cache.keep_rules(epoch, key, &rules);
        }
        Ok(rules)
    }

    fn is_past(&self, moment: Moment) -> bool {
        self.runtime.block_on(self.registry.last_write_time()).is_ok_and(|last| moment < last)
    }
}
