//! Items read from the registry and compiled into rules, with the evidence of their quotes.
//!
//! Quotes are looked up by the names of documents. The caller supplies those names, and only if an item
//! has a quote: they come from the index, or without it from [`DocumentList`](zhaoren_indexer::DocumentList).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use zhaoren_matcher::{Library, Snapshot};
use zhaoren_policy::document::Document;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_item};
use zhaoren_policy::problem::{Problem, Report, Severity};
use zhaoren_policy::syntax;
use zhaoren_registry::{ItemRecord, Moment, Registry};

use crate::blocking::Blocking;
use crate::clock::today;
use crate::entries;
use crate::error::EngineError;
use crate::evidence::{DocumentNames, Evidence, QuotedItem, has_quotes, verify};
use crate::progress::Silent;
use crate::rules::{Origin, Rules};
use crate::stored;

/// Selection of a registry's content: a moment, and tenants.
pub(crate) struct RegistryView<'a> {
    /// The moment as of which the content is read.
    pub(crate) at: Moment,
    /// Tenants whose additions are read beside the shared catalogue.
    pub(crate) tenants: &'a [String],
}

impl RegistryView<'static> {
    /// The shared catalogue as of now.
    pub(crate) const NOW: Self = Self { at: Moment::NOW, tenants: &[] };
}

/// Documents by id, for the lookup of quotes.
pub(crate) type Documents<'a> = Vec<(&'a str, &'a Document)>;

/// The items of a registry that load, and the problems of the others.
pub(crate) struct ItemLoad {
    /// Each with its JSON.
    pub(crate) items: Vec<(Item, String)>,
    pub(crate) evidence: Evidence,
    pub(crate) problems: Vec<Problem>,
}

impl ItemLoad {
    /// Rules of the items, and the problems of the others.
    pub(crate) fn rules(self, dictionary: &FactDictionary, origin: Origin) -> (Arc<Rules>, Vec<Problem>) {
        let rules = Rules::new(self.items, dictionary.clone(), self.evidence).with_origin(origin);
        (Arc::new(rules), self.problems)
    }
}

/// Reads the items of a registry view, and verifies their quotes in the registry's documents.
pub(crate) fn load<'a>(
    runtime: &Blocking,
    registry: &Registry,
    view: &RegistryView<'_>,
    dictionary: &FactDictionary,
    documents: impl FnOnce() -> Result<Documents<'a>, EngineError>,
) -> Result<ItemLoad, EngineError> {
    let mut read: Vec<(Item, ItemRecord)> = Vec::new();
    let mut problems = Vec::new();
    for record in runtime.block_on(registry.items(view.at, view.tenants))? {
        let mut report = Report::new(&record.source);
        match syntax::json(&record.body) {
            Ok(node) => {
                read.extend(read_item(&node, dictionary, &mut report).map(|item| (item, record)));
            }
            Err(error) => report.syntax(error),
        }
        problems.extend(report.problems);
    }
    let mut evidence = Evidence::default();
    if read.iter().any(|(item, _)| has_quotes(item)) {
        let mut catalogue = DocumentNames::default();
        for (id, document) in documents()? {
            catalogue.add(id, None);
            catalogue.add_names(id, document);
        }
        // The registry stores an item on one line, so a line number would not locate a quote.
        let lines = BTreeMap::new();
        let standing: Vec<QuotedItem<'_>> =
            read.iter().map(|(item, of)| QuotedItem { item, file: &of.source, lines: &lines }).collect();
        let verified =
            verify(&standing, &catalogue, |id| Ok(runtime.block_on(registry.document(id, view.at))?))?;
        read.retain(|(item, _)| !verified.refused.contains(&item.id));
        problems.extend(verified.problems);
        evidence = verified.evidence;
    }
    problems.retain(|problem| problem.severity == Severity::Error);
    Ok(ItemLoad { items: read.into_iter().map(|(item, of)| (item, of.body)).collect(), evidence, problems })
}

/// Rules of the shared catalogue, compiled for today.
pub(crate) struct SharedRules {
    pub(crate) rules: Arc<Rules>,
    /// Fingerprint of the registry's content that they were compiled from.
    pub(crate) fingerprint: String,
    /// Problems of items that do not load.
    pub(crate) problems: Vec<Problem>,
}

/// The rules of the shared catalogue as of now: the stored snapshot if there is one, else compiled and stored.
///
/// # Errors
/// The registry fails, or `documents` does.
pub(crate) fn shared_rules<'a>(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    dictionary: FactDictionary,
    documents: impl FnOnce() -> Result<Documents<'a>, EngineError>,
) -> Result<SharedRules, EngineError> {
    let fingerprint = runtime.block_on(registry.fingerprint())?;
    let since = runtime.block_on(registry.catalogue_changed_at())?;
    let origin = Origin { tenant: String::new(), system_time: Some(since) };
    let day = today();
    if let Some((snapshot, evidence)) = stored::load(data, &fingerprint, &dictionary, day) {
        let rules = Arc::new(Rules::from_snapshot(snapshot, evidence).with_origin(origin));
        return Ok(SharedRules { rules, fingerprint, problems: Vec::new() });
    }
    let view = RegistryView { at: since, tenants: &[] };
    let ItemLoad { items, evidence, problems } = load(runtime, registry, &view, &dictionary, documents)?;
    let library = Arc::new(Library::with_bodies(items, Arc::new(dictionary)));
    let snapshot = Snapshot::compile(library, day);
    // The problems of items are reported at every opening, so items with problems are read at every opening.
    if problems.is_empty() && runtime.block_on(registry.fingerprint())? == fingerprint {
        stored::store(data, &fingerprint, &snapshot, &evidence);
    }
    let rules = Arc::new(Rules::from_snapshot(snapshot, evidence).with_origin(origin));
    Ok(SharedRules { rules, fingerprint, problems })
}

/// A request for the rules of a tenant or of a past moment.
pub(crate) struct RulesRequest<'a> {
    /// The tenant; empty for the shared catalogue alone.
    pub(crate) tenant: &'a str,
    /// The tenant and those above it.
    pub(crate) lineage: &'a [String],
    /// The moment as of which the registry is read; `None` for the current state.
    pub(crate) system_time: Option<Moment>,
    /// The dictionary for reading the items.
    pub(crate) dictionary: &'a FactDictionary,
}

/// The rules of a tenant or of a past moment, and the problems of items that did not load. `documents` returns the current
/// documents; those of a past moment are read from the registry.
///
/// # Errors
/// The registry fails, or `documents` does.
pub(crate) fn load_rules_at<'a>(
    runtime: &Blocking,
    registry: &Registry,
    request: &RulesRequest<'_>,
    documents: impl FnOnce() -> Result<Documents<'a>, EngineError>,
) -> Result<(Arc<Rules>, Vec<Problem>), EngineError> {
    let RulesRequest { tenant, lineage, system_time, dictionary } = request;
    let at = system_time.unwrap_or(Moment::NOW);
    // The content does not change between the last write before the moment and the moment itself.
    let since = runtime.block_on(registry.catalogue_changed_at())?;
    let view = RegistryView { at, tenants: lineage };
    let loaded = match system_time {
        None => load(runtime, registry, &view, dictionary, documents)?,
        Some(moment) => {
            // The index has only the current documents.
            let read = entries::document_entries(&runtime.block_on(registry.documents(*moment))?, &Silent)?;
            let documents = || Ok(read.iter().map(|entry| (entry.id.as_str(), &entry.document)).collect());
            load(runtime, registry, &view, dictionary, documents)?
        }
    };
    let origin = Origin { tenant: (*tenant).to_owned(), system_time: Some(at.min(since)) };
    Ok(loaded.rules(dictionary, origin))
}
