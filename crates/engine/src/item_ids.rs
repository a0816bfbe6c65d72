//! Ids of items: ownership and equality.
//!
//! An id is unique within one tenant. The widest catalogue that a tenant sees wins: the shared one, then the topmost
//! tenant's. Nothing here reveals an id to a tenant that does not see it.

use std::collections::HashMap;

use zhaoren_policy::id::fold_id;
use zhaoren_policy::problem::{Fault, Problem, Severity, Subject};
use zhaoren_registry::{HiddenItem, RefusedItem};

use crate::error::EngineError;
use crate::open::Engine;
use crate::source::ImportBatch;

impl Engine {
    /// Removes the items of a tenant's batch whose id differs only in notation from that of another visible item, and names
    /// them. An identical id is the item itself; the registry decides whether the tenant may overwrite it.
    pub(crate) fn reject_taken_ids(&self, batch: &mut ImportBatch, tenant: &str) -> Result<(), EngineError> {
        if batch.items.is_empty() {
            return Ok(());
        }
        let rules = self.rules_for(tenant)?;
        let mut seen: HashMap<String, &str> = HashMap::new();
        for item in rules.library().iter() {
            zhaoren_cancel::poll();
            seen.entry(fold_id(&item.id)).or_insert(&item.id);
        }
        let (mut kept, mut problems) = (Vec::new(), Vec::new());
        for one in std::mem::take(&mut batch.items) {
            zhaoren_cancel::poll();
            let (id, source) = (one.item.id.as_str(), one.source.as_str());
            match seen.get(&fold_id(id)) {
                Some(other) if *other != id && rules.item(id).is_none() => {
                    let why = format!("与已有的编号 `{other}` 只差写法，请改用别的编号");
                    problems.push(problem(Severity::Error, source, id, why));
                }
                _ => kept.push(one),
            }
        }
        batch.items = kept;
        batch.problems.extend(problems);
        Ok(())
    }

    /// A warning for each item of a tenant, and of those above it, that a wider catalogue hides.
    pub(crate) fn hidden_item_warnings(&self, tenant: &str) -> Result<Vec<Problem>, EngineError> {
        if tenant.is_empty() {
            return Ok(Vec::new());
        }
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        let hidden = self.runtime.block_on(self.registry.hidden_items(&lineage))?;
        Ok(hidden.iter().map(warning).collect())
    }
}

/// An error for each item of `batch` that was not written because its id is taken.
pub(crate) fn taken_id_errors(batch: &ImportBatch, refused: &[RefusedItem]) -> Vec<Problem> {
    let sources: HashMap<&str, &str> =
        batch.items.iter().map(|one| (one.item.id.as_str(), one.source.as_str())).collect();
    let error = |one: &RefusedItem| {
        let source = sources.get(one.id.as_str()).copied().unwrap_or_default();
        problem(Severity::Error, source, &one.id, one.why())
    };
    refused.iter().map(error).collect()
}

fn problem(severity: Severity, source: &str, id: &str, why: String) -> Problem {
    Problem {
        severity,
        file: source.to_owned(),
        line: None,
        subject: Some(Subject::Item(id.to_owned())),
        path: String::new(),
        fault: Fault::Other(why),
    }
}

fn warning(hidden: &HiddenItem) -> Problem {
    let by = match hidden.hidden_by.as_str() {
        "" => "共享目录".to_owned(),
        above => format!("上级租户 {above} "),
    };
    let HiddenItem { id, tenant, .. } = hidden;
    let why = format!("租户 {tenant} 的这个事项被{by}中同编号的事项遮住，不参与匹配与检索；请改用别的编号");
    problem(Severity::Warning, "", id, why)
}
