//! Fact dictionaries of tenants: the built-in facts, those accepted for all, and those that a tenant and its ancestors accepted.

use zhaoren_policy::fact::FactDictionary;
use zhaoren_registry::{Registry, TenantFact};

use crate::blocking::Blocking;
use crate::error::EngineError;

/// `base` with the accepted facts of all and of `lineage`, a tenant and its ancestors. Of two facts with one key the wider one
/// counts, as of two items with one id: that of `base`, of all, of the topmost tenant.
pub(crate) fn dictionary_of(
    runtime: &Blocking,
    registry: &Registry,
    lineage: &[String],
    base: &FactDictionary,
) -> Result<FactDictionary, EngineError> {
    let mut facts = runtime.block_on(registry.tenant_facts(lineage))?;
    let rank =
        |fact: &TenantFact| lineage.iter().rev().position(|one| *one == fact.tenant).map_or(0, |at| at + 1);
    facts.sort_by_key(rank);
    let mut dictionary = base.clone();
    for fact in &facts {
        zhaoren_cancel::poll();
        // An entry that a newer version wrote may not be readable: its items then do not load, and say so.
        dictionary.add_missing(entry(&fact.body));
    }
    Ok(dictionary)
}

/// Dictionary with the one fact of an entry in JSON; empty where it cannot be read.
pub(crate) fn entry(body: &str) -> FactDictionary {
    let mut one = FactDictionary::default();
    one.extend_from(body, "fact.json");
    one
}
