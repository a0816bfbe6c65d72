//! State that is searched and matched: an index and the rules of the same registry content.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use zhaoren_indexer::Index;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::Registry;

use crate::blocking::Blocking;
use crate::error::EngineError;
use crate::item_load::{SharedRules, shared_rules};
use crate::links::ItemDocumentLinks;
use crate::rules::Rules;

/// The state that is searched and matched: replaced as a whole, so that a reader keeps a consistent one.
pub(crate) struct State {
    pub(crate) index: Arc<Index>,
    pub(crate) rules: Arc<Rules>,
    /// The registry's content that this was built from.
    pub(crate) fingerprint: String,
    links: OnceLock<ItemDocumentLinks>,
    /// Set if the index does not match the registry and could not be updated.
    pub(crate) stale_index: Option<StaleIndex>,
}

/// An index that could not be updated to the registry.
#[derive(Clone)]
pub(crate) struct StaleIndex {
    /// Message for callers.
    note: String,
    pub(crate) last_attempt: Instant,
}

impl StaleIndex {
    pub(crate) fn now(note: String) -> Self {
        Self { note, last_attempt: Instant::now() }
    }
}

impl State {
    /// The state of the registry's content with its index, and the problems of items that do not load.
    pub(crate) fn load(
        data: &Path,
        runtime: &Blocking,
        registry: &Registry,
        index: Arc<Index>,
        dictionary: FactDictionary,
    ) -> Result<(Self, Vec<Problem>), EngineError> {
        let documents = || Ok(index.documents().collect());
        let SharedRules { rules, fingerprint, problems } =
            shared_rules(data, runtime, registry, dictionary, documents)?;
        Ok((Self { index, rules, fingerprint, links: OnceLock::new(), stale_index: None }, problems))
    }

    /// The same registry content, with the index and rules of a tenant.
    pub(crate) fn with_index_and_rules(&self, index: Arc<Index>, rules: Arc<Rules>) -> Self {
        let (fingerprint, stale_index) = (self.fingerprint.clone(), self.stale_index.clone());
        Self { index, rules, fingerprint, links: OnceLock::new(), stale_index }
    }

    /// Message on the searched index; none if it matches the registry.
    pub(crate) fn note(&self) -> Option<&str> {
        self.stale_index.as_ref().map(|behind| behind.note.as_str())
    }

    /// The links between its documents and items; built at the first call.
    pub(crate) fn links(&self) -> &ItemDocumentLinks {
        self.links.get_or_init(|| ItemDocumentLinks::new(&self.index, &self.rules))
    }
}
