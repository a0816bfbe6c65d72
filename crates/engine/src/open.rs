//! Opening a data directory.
//!
//! It holds `registry.sqlite` (what was received), the index generations, `indexed` (of what), and `lock`. An empty one is filled
//! with the documents and items that ship with the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;
use zhaoren_indexer::{Index, Lexicon};
use zhaoren_matcher::Undecided;
use zhaoren_policy::document::Document;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_item};
use zhaoren_policy::problem::{Problem, Report, Severity};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_registry::{DocumentRecord, ItemRecord, Registry};

use crate::blocking::Blocking;
use crate::error::EngineError;
use crate::evidence::{Catalogue, Evidence, Standing, bears_quotes, verify};
use crate::progress::{Progress, Stage};
use crate::source::{Given, GivenDocument};
use crate::{MatchOptions, MatchReport, entries};

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
    pub(crate) runtime: Blocking,
    pub(crate) registry: Registry,
    pub(crate) index: Index,
    pub(crate) items: Vec<Item>,
    pub(crate) evidence: Evidence,
    dictionary: FactDictionary,
}

/// Held while the registry or the index is written. Dropping it, or dying, lets go.
pub(crate) struct WriteLock {
    _file: fs::File,
}

impl Engine {
    /// Opens the data directory, creating and filling it when it is not there. Problems are those of items that
    /// no longer load; they are left out.
    ///
    /// # Errors
    /// When the directory cannot be used, or its registry or index fails.
    pub fn open(data: &Path, progress: &dyn Progress) -> Result<(Self, Vec<Problem>), EngineError> {
        fs::create_dir_all(data).map_err(|cause| EngineError::Data { path: data.to_owned(), cause })?;
        let runtime = Blocking::new().map_err(|cause| EngineError::Data { path: data.to_owned(), cause })?;
        let registry = runtime.on(Registry::open(&data.join("registry.sqlite")))?;
        let dictionary = FactDictionary::built_in().clone();
        if runtime.on(registry.is_empty())? {
            let _lock = lock(data)?;
            // Another process may have filled it while this one waited.
            if runtime.on(registry.is_empty())? {
                let (documents, items) = records(&seeds(&dictionary));
                runtime.on(registry.write(&documents, &items))?;
            }
        }
        let index = match current_index(data, &runtime, &registry)? {
            Some(index) => index,
            None => {
                let _lock = lock(data)?;
                // Another process may have built it while this one waited.
                match current_index(data, &runtime, &registry)? {
                    Some(index) => index,
                    None => rebuild(data, &runtime, &registry, progress)?,
                }
            }
        };
        let Loaded { items, evidence, problems } = load(&runtime, &registry, &dictionary, index.documents())?;
        Ok((Self { data: data.to_owned(), runtime, registry, index, items, evidence, dictionary }, problems))
    }

    /// The facts that profiles and items are read with.
    pub fn dictionary(&self) -> &FactDictionary {
        &self.dictionary
    }

    /// The items, by id.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Matches one profile against all items.
    pub fn match_profile(&self, profile: &Profile, options: MatchOptions) -> (MatchReport, Vec<Undecided>) {
        let (mut report, undecided) = crate::match_profile(profile, &self.items, &self.dictionary, options);
        self.evidence.attach(&mut report);
        (report, undecided)
    }

    /// The items as they read with another dictionary, and where their quotes stand. `problems`, those of the opening,
    /// become those of this reading.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn into_items_with(
        self,
        dictionary: &FactDictionary,
        problems: &mut Vec<Problem>,
    ) -> Result<(Vec<Item>, Evidence), EngineError> {
        if *dictionary == self.dictionary {
            return Ok((self.items, self.evidence));
        }
        let loaded = load(&self.runtime, &self.registry, dictionary, self.index.documents())?;
        *problems = loaded.problems;
        Ok((loaded.items, loaded.evidence))
    }

    /// Reads the items again; gives what is wrong with those that no longer load.
    pub(crate) fn reload_items(&mut self) -> Result<Vec<Problem>, EngineError> {
        let loaded = load(&self.runtime, &self.registry, &self.dictionary, self.index.documents())?;
        (self.items, self.evidence) = (loaded.items, loaded.evidence);
        Ok(loaded.problems)
    }
}

/// Waits for, and takes, the right to write into `data`.
pub(crate) fn lock(data: &Path) -> Result<WriteLock, EngineError> {
    let path = data.join("lock");
    let refuse = |cause| EngineError::Data { path: path.clone(), cause };
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(refuse)?;
    file.lock().map_err(refuse)?;
    Ok(WriteLock { _file: file })
}

/// What ships with the program, read.
fn seeds(dictionary: &FactDictionary) -> Given {
    let mut given = Given::default();
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

/// What was given as records.
pub(crate) fn records(given: &Given) -> (Vec<DocumentRecord>, Vec<ItemRecord>) {
    let documents = given.documents.iter().map(GivenDocument::record);
    let items = given.items.iter().map(|item| ItemRecord {
        id: item.item.id.clone(),
        source: item.source.clone(),
        body: item.body.to_string(),
    });
    (documents.collect(), items.collect())
}

/// Whether a built-in item has this id; each stands in a file of its own, named after it.
pub(crate) fn is_built_in(id: &str) -> bool {
    SeedItems::get(&format!("{id}.yaml")).is_some()
}

/// The items of a registry that load, and what is wrong with the others.
struct Loaded {
    items: Vec<Item>,
    evidence: Evidence,
    problems: Vec<Problem>,
}

/// Reads the items of a registry and looks for their quotes in its `documents`.
fn load<'a>(
    runtime: &Blocking,
    registry: &Registry,
    dictionary: &FactDictionary,
    documents: impl Iterator<Item = (&'a str, &'a Document)>,
) -> Result<Loaded, EngineError> {
    let mut read: Vec<(Item, String)> = Vec::new();
    let mut problems = Vec::new();
    for record in runtime.on(registry.items())? {
        let mut report = Report::new(&record.source);
        match syntax::json(&record.body) {
            Ok(node) => {
                read.extend(read_item(&node, dictionary, &mut report).map(|item| (item, record.source)));
            }
            Err(error) => report.syntax(error),
        }
        problems.extend(report.problems);
    }
    let mut evidence = Evidence::default();
    if read.iter().any(|(item, _)| bears_quotes(item)) {
        let mut catalogue = Catalogue::default();
        for (id, document) in documents {
            catalogue.add(id, None);
            catalogue.add_names(id, document);
        }
        // The registry keeps an item on one line, which would lead nobody to its quotes.
        let lines = BTreeMap::new();
        let standing: Vec<Standing<'_>> =
            read.iter().map(|(item, file)| Standing { item, file, lines: &lines }).collect();
        let verified = verify(&standing, &catalogue, |id| Ok(runtime.on(registry.document(id))?))?;
        read.retain(|(item, _)| !verified.refused.contains(&item.id));
        problems.extend(verified.problems);
        evidence = verified.evidence;
    }
    problems.retain(|problem| problem.severity == Severity::Error);
    Ok(Loaded { items: read.into_iter().map(|(item, _)| item).collect(), evidence, problems })
}

/// The index, when it is whole and holds what the registry holds. A process that was killed between writing the
/// one and the other leaves them apart.
fn current_index(data: &Path, runtime: &Blocking, registry: &Registry) -> Result<Option<Index>, EngineError> {
    let indexed = fs::read_to_string(data.join(INDEXED)).unwrap_or_default();
    if indexed.trim() != runtime.on(registry.fingerprint())? {
        return Ok(None);
    }
    match Index::open(data) {
        Ok(index) => Ok(Some(index)),
        // Absent, damaged or of another version: it can be built again from the registry.
        Err(_) => Ok(None),
    }
}

/// Names the file that holds the fingerprint of the registry that the current generation was built from.
const INDEXED: &str = "indexed";

/// Builds a new generation of everything in the registry, and opens it. The caller holds the lock.
pub(crate) fn rebuild(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    progress: &dyn Progress,
) -> Result<Index, EngineError> {
    let fingerprint = runtime.on(registry.fingerprint())?;
    let mut entries = entries::of_documents(&runtime.on(registry.documents())?, progress);
    let documents = entries.iter().map(|entry| (entry.id.as_str(), &entry.document));
    let items = load(runtime, registry, FactDictionary::built_in(), documents)?.items;
    entries.extend(items.iter().map(entries::of_item));
    let total = entries.len();
    zhaoren_indexer::build(data, &entries, &Lexicon::built_in(), &|done| {
        progress.at(Stage::Index, done, total)
    })?;
    let refuse = |path: &Path| {
        let path = path.to_owned();
        move |cause| EngineError::Data { path, cause }
    };
    let (aside, mark) = (data.join(".indexed"), data.join(INDEXED));
    fs::write(&aside, fingerprint).map_err(refuse(&aside))?;
    fs::rename(&aside, &mark).map_err(refuse(&mark))?;
    Ok(Index::open(data)?)
}
