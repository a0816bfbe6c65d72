//! Opens stores, checks them against their sources, and reads them by column.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use zhaoren_matcher::batch::{FactColumn, FactSource, FactTable};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::ProfileKey;

use super::{Footer, FramePosition, MAGIC, StoredSource};
use crate::digest::FileDigest;
use crate::digest::facts_digest;
use crate::sealed;
use crate::table::{Row, Rows, Source, TableError};

/// Store of enterprises.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    footer: Footer,
    inputs: Vec<FileDigest>,
    settings: String,
}

impl Store {
    /// True if the file begins with the magic bytes of a store.
    pub fn is_store(path: &Path) -> bool {
        let mut begin = [0; MAGIC.len()];
        File::open(path).is_ok_and(|file| file.read_exact_at(&mut begin, 0).is_ok()) && begin == *MAGIC
    }

    /// Opens a store.
    ///
    /// # Errors
    /// The store is damaged, its values were checked with another fact dictionary than `dictionary`, or one of its source files
    /// has changed.
    pub fn open(path: &Path, dictionary: &FactDictionary) -> Result<Self, TableError> {
        let failed = |error: std::io::Error| TableError(format!("{}：{error}", path.display()));
        let file = File::open(path).map_err(failed)?;
        let footer = sealed::footer(&file, MAGIC).map_err(failed)?;
        let footer = footer.and_then(|bytes| postcard::from_bytes::<Footer>(&bytes).ok());
        let footer = footer.ok_or_else(|| damaged(path))?;
        if footer.facts != facts_digest(dictionary) {
            let why = "列存是用另一份指标字典做的，请用 zhaoren load 重新生成";
            return Err(TableError(format!("{}：{why}", path.display())));
        }
        let modified = file.metadata().and_then(|file| file.modified()).map_err(failed)?;
        for source in &footer.sources {
            check(path, source, modified)?;
        }
        let inputs = footer.sources.iter().map(|source| source.digest.clone()).collect();
        let settings = format!("store facts={}", footer.facts);
        Ok(Self { path: path.to_owned(), file, footer, inputs, settings })
    }

    /// Number of enterprises.
    pub fn len(&self) -> u64 {
        self.footer.rows
    }

    /// True if the store has no enterprise.
    pub fn is_empty(&self) -> bool {
        self.footer.rows == 0
    }

    pub(crate) fn chunk_count(&self) -> usize {
        self.footer.chunks.len()
    }

    fn frame<T: DeserializeOwned>(&self, position: FramePosition) -> Result<T, TableError> {
        let mut bytes = vec![0; usize::try_from(position.length).unwrap_or(0)];
        let read = self.file.read_exact_at(&mut bytes, position.offset).ok();
        read.and_then(|()| zstd::decode_all(bytes.as_slice()).ok())
            .and_then(|plain| postcard::from_bytes(&plain).ok())
            .ok_or_else(|| damaged(&self.path))
    }

    /// Column of a chunk that has `rows` rows.
    fn column(&self, position: FramePosition, rows: usize) -> Result<FactColumn, TableError> {
        let column: FactColumn = self.frame(position)?;
        let sound = column.value_ids.len() == rows
            && column.value_ids.iter().all(|code| *code as usize <= column.values.len());
        if sound { Ok(column) } else { Err(damaged(&self.path)) }
    }

    /// One chunk as a table; columns are read when requested.
    pub(crate) fn table(&self, chunk: usize) -> Result<StoreTable<'_>, TableError> {
        let chunk = self.footer.chunks.get(chunk).ok_or_else(|| damaged(&self.path))?;
        let rows: Vec<Row> = self.frame(chunk.names)?;
        let columns = chunk.columns.iter().map(|(key, place)| (key, (*place, OnceCell::new()))).collect();
        Ok(StoreTable { store: self, rows, columns, fault: RefCell::new(None) })
    }
}

fn damaged(path: &Path) -> TableError {
    TableError(format!("{}：列存已损坏，或不是本版本所写，请用 zhaoren load 重新生成", path.display()))
}

/// Checks a source file for changes. A file that no longer exists is no evidence of a change.
fn check(path: &Path, source: &StoredSource, made: std::time::SystemTime) -> Result<(), TableError> {
    let Some(file) = &source.path else { return Ok(()) };
    let Ok(now) = std::fs::metadata(file) else { return Ok(()) };
    let touched = now.modified().is_ok_and(|modified| modified >= made);
    let same = now.len() == source.digest.bytes
        && (!touched || FileDigest::of(file).is_ok_and(|digest| digest.sha256 == source.digest.sha256));
    if same {
        return Ok(());
    }
    let (store, file) = (path.display(), file.display());
    Err(TableError(format!("{store}：做成之后 {file} 已有变动，请用 zhaoren load 重新生成")))
}

impl Source for Store {
    type Chunk = usize;

    fn inputs(&self) -> &[FileDigest] {
        &self.inputs
    }

    fn settings(&self) -> &str {
        &self.settings
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<usize, TableError>> + Send + '_> {
        Box::new((0..self.chunk_count()).map(Ok))
    }

    fn read(&self, chunk: &usize) -> Result<Rows, TableError> {
        let stored = self.footer.chunks.get(*chunk).ok_or_else(|| damaged(&self.path))?;
        let sound: Vec<Row> = self.frame(stored.names)?;
        let column = |(key, place): (&ProfileKey, &FramePosition)| {
            Ok((key.clone(), self.column(*place, sound.len())?))
        };
        let columns = stored.columns.iter().map(column).collect::<Result<_, TableError>>()?;
        let table = FactTable::new(sound.len(), columns);
        Ok(Rows { accepted: sound, table, file: stored.file, ..Rows::default() })
    }

    fn check_unchanged(&self) -> Result<(), TableError> {
        Ok(())
    }
}

/// One chunk of a store.
#[derive(Debug)]
pub struct StoreTable<'a> {
    store: &'a Store,
    rows: Vec<Row>,
    columns: BTreeMap<&'a ProfileKey, (FramePosition, OnceCell<FactColumn>)>,
    /// First fault met while reading columns.
    fault: RefCell<Option<TableError>>,
}

impl StoreTable<'_> {
    /// Ids of the enterprises, by row.
    pub fn ids(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row.id.as_str()).collect()
    }

    /// Checks that every requested column could be read; results computed from the table are valid only then.
    ///
    /// # Errors
    /// Names the store.
    pub fn check_faults(&self) -> Result<(), TableError> {
        self.fault.borrow_mut().take().map_or(Ok(()), Err)
    }
}

impl FactSource for StoreTable<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn column(&self, key: &ProfileKey) -> Option<&FactColumn> {
        let (place, column) = self.columns.get(key)?;
        Some(column.get_or_init(|| {
            self.store.column(*place, self.rows.len()).unwrap_or_else(|error| {
                *self.fault.borrow_mut() = Some(error);
                FactColumn::default()
            })
        }))
    }
}
