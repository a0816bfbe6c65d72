//! Opening a data directory.
//!
//! It holds `registry.sqlite` (what was received), the index generations, `rules` (a large catalogue compiled for the
//! day), and `lock`. An empty one is filled with the documents and items that ship with the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rust_embed::RustEmbed;
use zhaoren_indexer::{Index, Pointer};
use zhaoren_matcher::{Library, Snapshot};
use zhaoren_policy::document::Document;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_item};
use zhaoren_policy::problem::{Problem, Report, Severity};
use zhaoren_policy::syntax;
use zhaoren_registry::{DocumentRecord, ItemRecord, Registry, WriteContext};

use crate::blocking::Blocking;
use crate::content::ContentWatch;
use crate::error::EngineError;
use crate::evidence::{DocumentNames, Evidence, QuotedItem, bears_quotes, verify};
use crate::home::Home;
use crate::indexing::{UsableIndex, behind, bring_up, current, usable};
use crate::links::ItemDocumentLinks;
use crate::lock::WriteLock;
use crate::progress::{Progress, Silent};
use crate::records::Records;
use crate::rules::{Origin, Rules};
use crate::rules_cache::{Belief, RulesCache};
use crate::source::{ImportBatch, ImportDocument};
use crate::{
    clock::{now, today},
    stored,
};

/// What is said where the records were opened to be read only.
const READ_ONLY: &str =
    "数据目录当前不可写（只读，或磁盘已满）：以只读方式打开，可以检索与匹配，写入会被拒绝";
/// How long an index that could not be brought up is left as it is before that is tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// The items that ship with the program.
#[derive(RustEmbed)]
#[folder = "../../seeds/policies"]
struct SeedItems;

/// The documents that ship with the program.
#[derive(RustEmbed)]
#[folder = "../../seeds/documents"]
struct SeedDocuments;

/// An open data directory.
pub struct Engine {
    pub(crate) data: PathBuf,
    pub(crate) runtime: Arc<Blocking>,
    pub(crate) registry: Registry,
    state: RwLock<Arc<State>>,
    /// Rules of others than all, and of other times than now.
    pub(crate) others: RulesCache,
    /// What the registry held at the last look.
    pub(crate) content: ContentWatch,
    /// How often what is searched and matched was replaced, that of a tenant too.
    pub(crate) swaps: AtomicU64,
}

/// What is searched and matched: replaced as a whole, so that whoever holds it is never disturbed.
pub(crate) struct State {
    pub(crate) index: Arc<Index>,
    pub(crate) rules: Arc<Rules>,
    /// The registry's content that this was made of.
    fingerprint: String,
    ways: OnceLock<ItemDocumentLinks>,
    /// Where the index does not hold what the registry holds, and could not be brought up.
    behind: Option<StaleIndex>,
}

/// An index that could not be brought up to the registry.
#[derive(Clone)]
struct StaleIndex {
    /// What is said of it.
    note: String,
    tried: Instant,
}

impl StaleIndex {
    fn now(note: String) -> Self {
        Self { note, tried: Instant::now() }
    }
}

impl State {
    /// The same content of the registry, with what somebody has beside it.
    pub(crate) fn beside(&self, index: Arc<Index>, rules: Arc<Rules>) -> Self {
        let (fingerprint, behind) = (self.fingerprint.clone(), self.behind.clone());
        Self { index, rules, fingerprint, ways: OnceLock::new(), behind }
    }

    /// What is to be said of what is searched; nothing where it is what the registry holds.
    pub(crate) fn note(&self) -> Option<&str> {
        self.behind.as_ref().map(|behind| behind.note.as_str())
    }

    /// The ways between its documents and items; made at the first call.
    pub(crate) fn ways(&self) -> &ItemDocumentLinks {
        self.ways.get_or_init(|| ItemDocumentLinks::of(&self.index, &self.rules))
    }
}

impl Engine {
    /// Opens the data directory, creating and filling it when it is not there. Problems are those of items that
    /// no longer load; they are left out.
    ///
    /// # Errors
    /// When the directory cannot be used, or its registry or index fails.
    pub fn open(home: impl Into<Home>, progress: &dyn Progress) -> Result<(Self, Vec<Problem>), EngineError> {
        let Records { data, runtime, registry } = Records::open(home)?;
        let data = data.as_path();
        let dictionary = FactDictionary::built_in().clone();
        if runtime.on(registry.is_empty())? {
            let _lock = WriteLock::take(data, "fill", progress)?;
            // Another process may have filled it while this one waited.
            if runtime.on(registry.is_empty())? {
                let (documents, items) = records(&seeds(&dictionary), "");
                let seeds = WriteContext { tenant: "", actor: "seeds", at: now() };
                runtime.on(registry.write(&seeds, &documents, &items))?;
            }
        }
        if registry.is_read_only() {
            progress.notice(READ_ONLY);
        }
        let UsableIndex { index, note } = usable(data, &runtime, &registry, progress)?;
        let (mut state, problems) = state(data, &runtime, &registry, Arc::new(index), dictionary)?;
        state.behind = note.map(StaleIndex::now);
        let state = RwLock::new(Arc::new(state));
        let others = RulesCache::of(runtime.on(registry.additions_fingerprint())?);
        let (swaps, content) = (AtomicU64::new(0), ContentWatch::default());
        Ok((Self { data: data.to_owned(), runtime, registry, state, others, content, swaps }, problems))
    }

    /// The records: who may come in, who did what.
    pub fn records(&self) -> Records {
        let (data, runtime) = (self.data.clone(), Arc::clone(&self.runtime));
        Records { data, runtime, registry: self.registry.clone() }
    }

    /// What is searched and matched now.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rules to match with now. Whoever holds them goes on with them when they are replaced.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.state().rules)
    }

    /// The rules as the items read with another dictionary. `problems`, those of the opening, become those of this
    /// reading.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn rules_with(
        &self,
        dictionary: &FactDictionary,
        problems: &mut Vec<Problem>,
    ) -> Result<Arc<Rules>, EngineError> {
        let state = self.state();
        if dictionary == state.rules.dictionary() {
            return Ok(Arc::clone(&state.rules));
        }
        let loaded = load(&self.runtime, &self.registry, &Belief::NOW, dictionary, state.index.documents())?;
        *problems = loaded.problems;
        let origin = state.rules.origin().clone();
        Ok(Arc::new(Rules::new(loaded.items, dictionary.clone(), loaded.evidence).from(origin)))
    }

    /// Takes up what another process has imported, if anything; true when something was. Requests under way go on
    /// with what they began with. Gives what is wrong with items that do not load.
    ///
    /// Where the index cannot be brought up, the items are taken up all the same; [`Engine::notes`] then says so.
    ///
    /// # Errors
    /// When the registry fails; what was there before then stays.
    pub fn refresh(&self) -> Result<(bool, Vec<Problem>), EngineError> {
        if self.is_of_now()? {
            // A new day is compiled before the first request of that day asks for it.
            self.rules().on(today());
            self.take_up_additions()?;
            return Ok((false, Vec::new()));
        }
        // Whoever writes holds the lock until index and registry agree again. Where they do not agree then, somebody wrote
        // who does not keep this index: another machine, or a process that died.
        match self.brought_up() {
            Ok(None) => Ok((false, Vec::new())),
            Ok(Some((index, _lock))) => Ok((true, self.take_up(index)?)),
            Err(error @ EngineError::Registry(_)) => Err(error),
            Err(_) => {
                let moved = self.runtime.on(self.registry.fingerprint())? != self.state().fingerprint;
                let found = self.go_on_with_the_index()?;
                Ok((moved, if moved { found } else { Vec::new() }))
            }
        }
    }

    /// The index of now; none where it was taken up meanwhile, such as by an import of this very process.
    fn brought_up(&self) -> Result<Option<(Index, WriteLock)>, EngineError> {
        let lock = WriteLock::take(&self.data, "refresh", &Silent)?;
        if self.is_of_now()? {
            return Ok(None);
        }
        let index = match current(&self.data, &self.runtime, &self.registry, &Silent)? {
            Some(index) => index,
            None => bring_up(&self.data, &self.runtime, &self.registry, &self.state().index, &Silent)?,
        };
        Ok(Some((index, lock)))
    }

    /// Takes up the items of the registry beside the index that is there, which could not be brought up; a search then says so.
    pub(crate) fn go_on_with_the_index(&self) -> Result<Vec<Problem>, EngineError> {
        let index = Arc::clone(&self.state().index);
        let behind = StaleIndex::now(behind(&index));
        self.take_up_with(index, Some(behind))
    }

    /// What is to be said of the data directory as it was opened: that it cannot be written, that the index does not hold
    /// everything.
    pub fn notes(&self) -> Vec<String> {
        let read_only = self.registry.is_read_only().then(|| READ_ONLY.to_owned());
        read_only.into_iter().chain(self.state().note().map(str::to_owned)).collect()
    }

    /// Whether index and rules are of what is published and of what the registry holds.
    fn is_of_now(&self) -> Result<bool, EngineError> {
        let state = self.state();
        if state.behind.as_ref().is_some_and(|behind| behind.tried.elapsed() >= AGAIN) {
            return Ok(false);
        }
        // An index that stands in for one that is damaged is another than the one in use.
        let stands_in = state.behind.is_some();
        let moved =
            !stands_in && Pointer::usable(&self.data)?.is_none_or(|now| now.number != state.index.number());
        Ok(!moved && self.content.look(&self.runtime, &self.registry)?.shared == state.fingerprint)
    }

    /// Replaces what is searched and matched by `index` and the items of the registry; gives what is wrong with
    /// those that no longer load.
    pub(crate) fn take_up(&self, index: Index) -> Result<Vec<Problem>, EngineError> {
        self.take_up_with(Arc::new(index), None)
    }

    fn take_up_with(
        &self,
        index: Arc<Index>,
        behind: Option<StaleIndex>,
    ) -> Result<Vec<Problem>, EngineError> {
        let dictionary = self.state().rules.dictionary().clone();
        let (mut state, problems) = state(&self.data, &self.runtime, &self.registry, index, dictionary)?;
        state.behind = behind;
        let additions = self.runtime.on(self.registry.additions_fingerprint())?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        self.others.begin_anew(additions, true);
        self.swaps.fetch_add(1, Ordering::Relaxed);
        Ok(problems)
    }

    /// Forgets what tenants searched and matched where any of them has added or removed something since.
    pub(crate) fn take_up_additions(&self) -> Result<(), EngineError> {
        let additions = self.content.look(&self.runtime, &self.registry)?.additions;
        if self.others.begin_anew(additions, false) {
            self.swaps.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// What the registry holds now, with the index of it, and what is wrong with items that do not load.
fn state(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    index: Arc<Index>,
    dictionary: FactDictionary,
) -> Result<(State, Vec<Problem>), EngineError> {
    let fingerprint = runtime.on(registry.fingerprint())?;
    let since = runtime.on(registry.catalogue_since())?;
    let origin = Origin { tenant: String::new(), believed: Some(since) };
    let day = today();
    if let Some((snapshot, evidence)) = stored::take_up(data, &fingerprint, &dictionary, day) {
        let rules = Arc::new(Rules::compiled(snapshot, evidence).from(origin));
        return Ok((State { index, rules, fingerprint, ways: OnceLock::new(), behind: None }, Vec::new()));
    }
    let Loaded { items, evidence, problems } =
        load(runtime, registry, &Belief { at: since, tenants: &[] }, &dictionary, index.documents())?;
    let library = Arc::new(Library::with_bodies(items, Arc::new(dictionary)));
    let snapshot = Snapshot::compile(library, day);
    // What is wrong with an item is to be said at every opening, so the items are then read at every opening.
    if problems.is_empty() && runtime.on(registry.fingerprint())? == fingerprint {
        stored::keep(data, &fingerprint, &snapshot, &evidence);
    }
    let rules = Arc::new(Rules::compiled(snapshot, evidence).from(origin));
    Ok((State { index, rules, fingerprint, ways: OnceLock::new(), behind: None }, problems))
}

/// What ships with the program, read.
fn seeds(dictionary: &FactDictionary) -> ImportBatch {
    let mut given = ImportBatch::default();
    for name in SeedItems::iter() {
        if let Some(file) = SeedItems::get(&name) {
            given.read(&format!("seeds/policies/{name}"), &file.data, dictionary);
        }
    }
    for name in SeedDocuments::iter() {
        if let Some(file) = SeedDocuments::get(&name) {
            given.read(&format!("seeds/documents/{name}"), &file.data, dictionary);
        }
    }
    given
}

/// What was given as records, its items as those of `tenant`.
pub(crate) fn records(given: &ImportBatch, tenant: &str) -> (Vec<DocumentRecord>, Vec<ItemRecord>) {
    let documents = given.documents.iter().map(ImportDocument::record);
    let items = given.items.iter().map(|item| ItemRecord {
        id: item.item.id.clone(),
        tenant: tenant.to_owned(),
        source: item.source.clone(),
        body: item.body.clone(),
    });
    (documents.collect(), items.collect())
}

/// Whether a built-in item has this id; each stands in a file of its own, named after it.
pub(crate) fn is_built_in(id: &str) -> bool {
    SeedItems::get(&format!("{id}.yaml")).is_some()
}

/// The items of a registry that load, and what is wrong with the others.
pub(crate) struct Loaded {
    /// Each with its JSON.
    pub(crate) items: Vec<(Item, String)>,
    pub(crate) evidence: Evidence,
    pub(crate) problems: Vec<Problem>,
}

/// Reads the items of a registry, as they were believed, and looks for their quotes in its `documents`.
pub(crate) fn load<'a>(
    runtime: &Blocking,
    registry: &Registry,
    belief: &Belief<'_>,
    dictionary: &FactDictionary,
    documents: impl Iterator<Item = (&'a str, &'a Document)>,
) -> Result<Loaded, EngineError> {
    let mut read: Vec<(Item, ItemRecord)> = Vec::new();
    let mut problems = Vec::new();
    for record in runtime.on(registry.items(belief.at, belief.tenants))? {
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
    if read.iter().any(|(item, _)| bears_quotes(item)) {
        let mut catalogue = DocumentNames::default();
        for (id, document) in documents {
            catalogue.add(id, None);
            catalogue.add_names(id, document);
        }
        // The registry keeps an item on one line, which would lead nobody to its quotes.
        let lines = BTreeMap::new();
        let standing: Vec<QuotedItem<'_>> =
            read.iter().map(|(item, of)| QuotedItem { item, file: &of.source, lines: &lines }).collect();
        let verified = verify(&standing, &catalogue, |id| Ok(runtime.on(registry.document(id, belief.at))?))?;
        read.retain(|(item, _)| !verified.refused.contains(&item.id));
        problems.extend(verified.problems);
        evidence = verified.evidence;
    }
    problems.retain(|problem| problem.severity == Severity::Error);
    Ok(Loaded { items: read.into_iter().map(|(item, of)| (item, of.body)).collect(), evidence, problems })
}
