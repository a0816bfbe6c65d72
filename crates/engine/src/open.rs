//! Opening a data directory.
//!
//! It holds `registry.sqlite` (the content as received), the index generations, `rules` (a large catalogue compiled for the
//! day), and `lock`. An empty one is filled with the built-in documents and items.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rust_embed::RustEmbed;
use zhaoren_indexer::{Index, Pointer};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{DocumentRecord, ItemRecord, Registry, WriteContext};

use crate::blocking::Blocking;
use crate::clock::{now, today};
use crate::content::ContentWatch;
use crate::dictionaries::dictionary_of;
use crate::error::EngineError;
use crate::home::Home;
use crate::indexing::{UsableIndex, current, open_with_fallback, stale_note, update_or_rebuild};
use crate::item_load::{RegistryView, load};
use crate::lock::WriteLock;
use crate::progress::{Progress, Silent};
use crate::records::Records;
use crate::rules::Rules;
use crate::rules_cache::RulesCache;
use crate::source::{ImportBatch, ImportDocument};
use crate::state::{StaleIndex, State};

/// Notice when the records are opened read-only.
const READ_ONLY: &str =
    "数据目录当前不可写（只读，或磁盘已满）：以只读方式打开，可以检索与匹配，写入会被拒绝";
/// Time before another attempt to update an index after a failure.
const INDEX_RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// The built-in items.
#[derive(RustEmbed)]
#[folder = "../../seeds/policies"]
struct SeedItems;

/// The built-in documents.
#[derive(RustEmbed)]
#[folder = "../../seeds/documents"]
struct SeedDocuments;

/// An open data directory.
pub struct Engine {
    pub(crate) data: PathBuf,
    pub(crate) runtime: Arc<Blocking>,
    pub(crate) registry: Registry,
    state: RwLock<Arc<State>>,
    /// Cached rule sets for one tenant or for a past moment.
    pub(crate) rules_cache: RulesCache,
    /// Content digests of the registry at the last check.
    pub(crate) content: ContentWatch,
    /// Number of times that the searched and matched state was replaced, including that of tenants.
    pub(crate) swaps: AtomicU64,
}

impl Engine {
    /// Opens the data directory, creating and filling it if absent. The problems are those of items that no longer load;
    /// such items are left out.
    ///
    /// # Errors
    /// When the directory cannot be used, or its registry or index fails.
    pub fn open(home: impl Into<Home>, progress: &dyn Progress) -> Result<(Self, Vec<Problem>), EngineError> {
        let built_in = FactDictionary::built_in();
        let Records { data, runtime, registry } = open_seeded(home, built_in, progress)?;
        let dictionary = dictionary_of(&runtime, &registry, &[], built_in)?;
        let data = data.as_path();
        let UsableIndex { index, note } = open_with_fallback(data, &runtime, &registry, progress)?;
        let (mut state, problems) = State::load(data, &runtime, &registry, Arc::new(index), dictionary)?;
        state.stale_index = note.map(StaleIndex::now);
        let state = RwLock::new(Arc::new(state));
        let others = RulesCache::of(runtime.block_on(registry.additions_fingerprint())?);
        let (swaps, content) = (AtomicU64::new(0), ContentWatch::default());
        Ok((
            Self { data: data.to_owned(), runtime, registry, state, rules_cache: others, content, swaps },
            problems,
        ))
    }

    /// The records: keys, tenants, audit.
    pub fn records(&self) -> Records {
        let (data, runtime) = (self.data.clone(), Arc::clone(&self.runtime));
        Records { data, runtime, registry: self.registry.clone() }
    }

    /// The current state for search and matching.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The current rules. A caller keeps its rules when they are replaced.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.state().rules)
    }

    /// The rules with the items read by another dictionary. `problems`, those of the opening, are replaced by those of this
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
        let loaded = load(&self.runtime, &self.registry, &RegistryView::NOW, dictionary, || {
            Ok(state.index.documents().collect())
        })?;
        let (rules, found) = loaded.rules(dictionary, state.rules.origin().clone());
        *problems = found;
        Ok(rules)
    }

    /// Loads the imports of another process, if any; true if there were some. Requests in progress continue with the state
    /// they began with. Returns the problems of items that do not load.
    ///
    /// If the index cannot be updated, the items are loaded nevertheless; [`Engine::notes`] then reports it.
    ///
    /// # Errors
    /// When the registry fails; the previous state is kept then.
    pub fn refresh(&self) -> Result<(bool, Vec<Problem>), EngineError> {
        if self.is_current()? {
            // A new day is compiled before its first request.
            self.rules().snapshot_on(today());
            self.refresh_tenants()?;
            return Ok((false, Vec::new()));
        }
        // A writer holds the lock until index and registry match again. A mismatch under the lock comes from a writer that
        // does not maintain this index: another machine, or a process that died.
        match self.update_index() {
            Ok(None) => Ok((false, Vec::new())),
            Ok(Some((index, _lock))) => Ok((true, self.activate(index)?)),
            Err(error @ EngineError::Registry(_)) => Err(error),
            Err(_) => {
                let moved = self.runtime.block_on(self.registry.fingerprint())? != self.state().fingerprint;
                let found = self.keep_stale_index()?;
                Ok((moved, if moved { found } else { Vec::new() }))
            }
        }
    }

    /// The updated index; none if it was activated meanwhile, for example by an import of this very process.
    fn update_index(&self) -> Result<Option<(Index, WriteLock)>, EngineError> {
        let lock = WriteLock::acquire(&self.data, "refresh", &Silent)?;
        if self.is_current()? {
            return Ok(None);
        }
        let index = match current(&self.data, &self.runtime, &self.registry, &Silent)? {
            Some(index) => index,
            None => {
                update_or_rebuild(&self.data, &self.runtime, &self.registry, &self.state().index, &Silent)?
            }
        };
        Ok(Some((index, lock)))
    }

    /// Loads the items of the registry with the existing index, which could not be updated; search then reports that.
    pub(crate) fn keep_stale_index(&self) -> Result<Vec<Problem>, EngineError> {
        let index = Arc::clone(&self.state().index);
        let stale_index = StaleIndex::now(stale_note(&index));
        self.activate_with(index, Some(stale_index))
    }

    /// Messages on the state of the data directory: not writable, or an index that does not match the registry.
    pub fn notes(&self) -> Vec<String> {
        let read_only = self.registry.is_read_only().then(|| READ_ONLY.to_owned());
        read_only.into_iter().chain(self.state().note().map(str::to_owned)).collect()
    }

    /// True if index and rules match the published generation and the registry.
    fn is_current(&self) -> Result<bool, EngineError> {
        let state = self.state();
        if state
            .stale_index
            .as_ref()
            .is_some_and(|behind| behind.last_attempt.elapsed() >= INDEX_RETRY_INTERVAL)
        {
            return Ok(false);
        }
        // The fallback for a damaged index is not the one in use, so the numbers differ.
        let stands_in = state.stale_index.is_some();
        let moved = !stands_in
            && Pointer::read_valid(&self.data)?.is_none_or(|now| now.number != state.index.number());
        Ok(!moved && self.content.current(&self.runtime, &self.registry)?.shared == state.fingerprint)
    }

    /// Replaces the searched and matched state by `index` and the items of the registry; returns the problems of the items
    /// that no longer load.
    pub(crate) fn activate(&self, index: Index) -> Result<Vec<Problem>, EngineError> {
        self.activate_with(Arc::new(index), None)
    }

    fn activate_with(
        &self,
        index: Arc<Index>,
        stale_index: Option<StaleIndex>,
    ) -> Result<Vec<Problem>, EngineError> {
        let dictionary = self.shared_dictionary()?;
        let (mut state, problems) =
            State::load(&self.data, &self.runtime, &self.registry, index, dictionary)?;
        state.stale_index = stale_index;
        let additions = self.runtime.block_on(self.registry.additions_fingerprint())?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        self.rules_cache.invalidate(additions, true);
        self.swaps.fetch_add(1, Ordering::Relaxed);
        Ok(problems)
    }

    /// Drops the cached states of tenants if a tenant has added or removed something since, and reads the shared items again if a
    /// fact was added to the shared dictionary.
    pub(crate) fn refresh_tenants(&self) -> Result<(), EngineError> {
        let additions = self.content.current(&self.runtime, &self.registry)?.additions;
        if self.rules_cache.invalidate(additions, false) {
            let state = self.state();
            if self.shared_dictionary()? != *state.rules.dictionary() {
                self.activate_with(Arc::clone(&state.index), state.stale_index.clone())?;
            }
            self.swaps.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Built-in facts and those accepted for all tenants.
    fn shared_dictionary(&self) -> Result<FactDictionary, EngineError> {
        dictionary_of(&self.runtime, &self.registry, &[], FactDictionary::built_in())
    }
}

/// The records of a data directory, filled with the built-in content if they are empty.
///
/// # Errors
/// The directory cannot be used, or its registry fails.
pub(crate) fn open_seeded(
    home: impl Into<Home>,
    dictionary: &FactDictionary,
    progress: &dyn Progress,
) -> Result<Records, EngineError> {
    let records = Records::open(home)?;
    let Records { data, runtime, registry } = &records;
    if runtime.block_on(registry.is_empty())? {
        let _lock = WriteLock::acquire(data, "fill", progress)?;
        // Another process may have filled it during the wait.
        if runtime.block_on(registry.is_empty())? {
            let (documents, items) = self::records(&seeds(dictionary), "");
            let seeds = WriteContext { tenant: "", actor: "seeds", at: now() };
            runtime.block_on(registry.write(&seeds, &documents, &items))?;
        }
    }
    if registry.is_read_only() {
        progress.notice(READ_ONLY);
    }
    Ok(records)
}

/// The built-in documents and items as a batch.
fn seeds(dictionary: &FactDictionary) -> ImportBatch {
    let mut batch = ImportBatch::default();
    for name in SeedItems::iter() {
        if let Some(file) = SeedItems::get(&name) {
            batch.read(&format!("seeds/policies/{name}"), &file.data, dictionary);
        }
    }
    for name in SeedDocuments::iter() {
        if let Some(file) = SeedDocuments::get(&name) {
            batch.read(&format!("seeds/documents/{name}"), &file.data, dictionary);
        }
    }
    batch
}

/// A batch as records, its items owned by `tenant`.
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

/// True if a built-in item has this id; each is in a file of its own, named after it.
pub(crate) fn is_built_in(id: &str) -> bool {
    SeedItems::get(&format!("{id}.yaml")).is_some()
}
