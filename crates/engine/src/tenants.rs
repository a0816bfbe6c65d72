//! What a tenant searches and matches: what all share, and beside it what the tenant and those above it added.
//!
//! The additions are cut into memory when they are first asked for, and never reach an index that others search: what a
//! tenant has leaves no trace in anybody else's hits, counts, corrections or suggestions.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use zhaoren_indexer::{Entry, EntryKind};

use crate::entries;
use crate::error::EngineError;
use crate::open::{Engine, State};

impl Engine {
    /// What a tenant searches and matches now; what all share for the empty tenant, and for one who sees no additions.
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
        // An index chosen by hand may hold an item that all shared then.
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
