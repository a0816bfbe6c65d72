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
        let lineage = self.runtime.on(self.registry.lineage(tenant))?;
        if let Some(state) = self.others.state(&lineage) {
            return Ok(state);
        }
        let _making = self.others.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = self.others.state(&lineage) {
            return Ok(state);
        }
        let age = self.others.age();
        let shared = self.state();
        let rules = self.rules_for(tenant)?;
        // An index chosen by hand may hold an item that was shared at its time.
        let held = shared.index.entries().filter(|(kind, ..)| *kind == EntryKind::Item);
        let held: BTreeSet<&str> = held.map(|(_, id, ..)| id).collect();
        let own = rules
            .library()
            .iter()
            .filter(|item| shared.rules.item(&item.id).is_none() && !held.contains(item.id.as_str()));
        let own: Vec<Entry> = own.map(entries::of_item).collect();
        let index =
            if own.is_empty() { Arc::clone(&shared.index) } else { Arc::new(shared.index.with(&own)?) };
        let state = Arc::new(shared.beside(index, rules));
        self.others.keep_state(age, lineage, &state);
        Ok(state)
    }
}
