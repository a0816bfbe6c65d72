//! Search and matching state of a tenant: the shared catalogue with the additions of the tenant and its ancestors.
//!
//! The additions are indexed in memory at the first request, and never enter an index that other tenants search: a tenant's
//! content leaves no trace in the hits, counts, corrections or suggestions of others.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use zhaoren_indexer::{Entry, EntryKind};

use crate::entries;
use crate::error::EngineError;
use crate::open::{Engine, State};

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
        let own: Vec<Entry> = own.map(entries::item_entry).collect();
        let index = if own.is_empty() {
            Arc::clone(&shared.index)
        } else {
            Arc::new(shared.index.with_entries(&own)?)
        };
        let state = Arc::new(shared.with_index_and_rules(index, rules));
        self.rules_cache.keep_state(age, lineage, &state);
        Ok(state)
    }
}
