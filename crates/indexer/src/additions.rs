//! Additions to a generation: entries of restricted visibility, indexed in memory and searched together with it.
//!
//! Additions are never written to the generation's folder, and an index without them is unaffected: no statistic, no
//! vocabulary word and no facet reveals them. An index with additions gives the same results, to the last score, as one
//! built from both sets of entries.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;
use tantivy::directory::error::{DeleteError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    Directory, FileHandle, MmapDirectory, RamDirectory, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::{Index as TantivyIndex, IndexSettings, TantivyDocument};

use crate::analyze::Cutter;
use crate::build::{documents, lengths, register};
use crate::entry::Entry;
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::letters::CharacterStats;
use crate::schema::Fields;

/// File in which tantivy lists the segments of an index.
const META: &str = "meta.json";
/// Memory for documents that are not in a segment yet, in bytes: the minimum that tantivy accepts.
const BUFFER: usize = 15_000_000;

/// Entries indexed in memory.
pub(crate) struct Additions {
    pub(crate) cards: Vec<Arc<EntryMeta>>,
    pub(crate) census: CharacterStats,
    pub(crate) lengths: BTreeMap<String, u64>,
    files: RamDirectory,
}

impl Additions {
    /// Indexes entries in memory; their keys are numbered from `first`.
    pub(crate) fn of(entries: &[Entry], first: u64, cutter: &Cutter) -> Result<Self, IndexError> {
        let fields = Fields::new();
        let files = RamDirectory::create();
        let index = TantivyIndex::create(files.clone(), fields.schema.clone(), IndexSettings::default())?;
        register(&index, cutter);
        // One thread: documents are then in the order of the entries.
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, BUFFER)?;
        let mut cards = Vec::with_capacity(entries.len());
        for (key, entry) in (first..).zip(entries) {
            for document in documents(entry, key, &fields) {
                writer.add_document(document)?;
            }
            cards.push(Arc::new(EntryMeta::of(entry, key, String::new())));
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        let searcher = index.reader()?.searcher();
        let (census, lengths) = (CharacterStats::of(&searcher)?, lengths(&searcher, &fields)?);
        Ok(Self { cards, census, lengths, files })
    }
}

/// Union of a generation's files and those of its additions, as one directory.
#[derive(Clone)]
pub(crate) struct UnionDirectory {
    base: MmapDirectory,
    /// Files of the additions, the list of all segments and all writes of tantivy: the generation's folder is never written.
    own: RamDirectory,
}

impl UnionDirectory {
    /// A generation without additions. tantivy takes a lock file on opening; it is kept in memory, so that a generation
    /// can be opened on a read-only file system and its folder never changes.
    pub(crate) fn alone(base: &MmapDirectory) -> Self {
        Self { base: base.clone(), own: RamDirectory::create() }
    }

    /// Adds additions to a generation, whose segment list ([`segments`]) is `meta`.
    pub(crate) fn of(base: &MmapDirectory, meta: &Json, additions: &Additions) -> Result<Self, IndexError> {
        let own = additions.files.clone();
        let more = segments(&own)?;
        // An index without its list of segments would look empty.
        let broken = || IndexError::Engine(format!("{META} holds no list of segments"));
        let more = more.get("segments").and_then(Json::as_array).cloned().ok_or_else(broken)?;
        let mut meta = meta.clone();
        meta.get_mut("segments").and_then(Json::as_array_mut).ok_or_else(broken)?.extend(more);
        own.atomic_write(Path::new(META), meta.to_string().as_bytes())
            .map_err(|error| IndexError::Engine(error.to_string()))?;
        Ok(Self { base: base.clone(), own })
    }
}

/// tantivy's list of the segments of an index.
pub(crate) fn segments(files: &dyn Directory) -> Result<Json, IndexError> {
    let bytes = files.atomic_read(Path::new(META)).map_err(tantivy::TantivyError::from)?;
    serde_json::from_slice(&bytes).map_err(|error| IndexError::Engine(error.to_string()))
}

impl fmt::Debug for UnionDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Directory for UnionDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        if self.own.exists(path)? { self.own.get_file_handle(path) } else { self.base.get_file_handle(path) }
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.own.exists(path)? || self.base.exists(path)?)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if self.own.exists(path)? { self.own.atomic_read(path) } else { self.base.atomic_read(path) }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.own.delete(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.own.open_write(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.own.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.own.sync_directory()
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.own.watch(callback)
    }
}
