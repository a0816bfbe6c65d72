//! Generations (索引代): immutable indexes, written aside and published by one rename.
//!
//! `generation/<number>/` holds the tantivy files, `lexicon.json`, `cards.jsonl` and `manifest.json` with the
//! SHA-256 of each. `CURRENT` names the one in use and the earlier ones that are kept; it is moved last. A killed build
//! leaves a folder whose name begins with a dot, or a complete one that `CURRENT` never named; the next build removes
//! either. Builders exclude each other by `generation/.lock`, a lock that the operating system releases when its holder
//! dies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhaoren_disk::failpoint::reach;

use crate::error::IndexError;
use crate::files::{at, sync_folder, write};
use crate::pointer::Pointer;
use crate::schema::SCHEMA_VERSION;

/// Manifest of a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Schema version of the index.
    pub schema: u32,
    /// Digest of the lexicon that the generation was cut with.
    pub lexicon: String,
    /// The builder's identification of the source data.
    #[serde(default)]
    pub source: String,
    /// The generation whose segments were reused; none after a full build.
    #[serde(default)]
    pub base: Option<u64>,
    /// Number of entries.
    pub entries: usize,
    /// Number of clauses.
    pub clauses: usize,
    /// Number of entry keys ever assigned.
    #[serde(default)]
    pub keys: u64,
    /// Length of each field in words over the whole index, used for scoring: summed from the lengths as the index stores
    /// them, so that the sum does not depend on how the index was built.
    #[serde(default)]
    pub lengths: BTreeMap<String, u64>,
    /// SHA-256 of every file.
    pub files: BTreeMap<String, String>,
}

pub(crate) const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";
const ASIDE: &str = ".building";

/// Exclusive lock for writing generations under one root, held until dropped.
#[derive(Debug)]
pub(crate) struct Builder {
    root: PathBuf,
    _lock: fs::File,
}

impl Builder {
    /// Waits for the lock.
    pub(crate) fn take(root: &Path) -> Result<Self, IndexError> {
        let folder = folder(root);
        zhaoren_disk::create_dir(&folder).map_err(at(&folder))?;
        let path = folder.join(LOCK);
        let lock = zhaoren_disk::open_regular(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Removes the leftovers of a killed build, and creates a folder to build in.
    pub(crate) fn aside(&self) -> Result<PathBuf, IndexError> {
        let aside = folder(&self.root).join(ASIDE);
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(at(&aside))?;
        }
        zhaoren_disk::create_dir(&aside).map_err(at(&aside))?;
        Ok(aside)
    }

    /// Publishes the generation built aside: manifest, sync, rename, then `CURRENT`. Files with a digest in `known` belong to
    /// an earlier generation and are synced already. Keeps `keep` generations including this one, those that `CURRENT` named
    /// last; a generation that `CURRENT` does not name is removed.
    pub(crate) fn publish(
        &self,
        mut manifest: Manifest,
        known: &BTreeMap<String, String>,
        keep: usize,
    ) -> Result<PathBuf, IndexError> {
        let folder = folder(&self.root);
        let aside = folder.join(ASIDE);
        reach("index-built");
        // A file that cannot be listed would be missing in the manifest, and the incomplete generation would pass as complete.
        for entry in fs::read_dir(&aside).map_err(at(&aside))? {
            let entry = entry.map_err(at(&aside))?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            // tantivy's own lock files are not part of the index.
            if name.ends_with(".lock") {
                fs::remove_file(&path).map_err(at(&path))?;
                continue;
            }
            zhaoren_disk::restrict(&path, zhaoren_disk::FILE_MODE).map_err(at(&path))?;
            let digest = match known.get(&name) {
                Some(digest) => digest.clone(),
                None => {
                    fs::File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
                    digest(&path)?
                }
            };
            manifest.files.insert(name, digest);
        }
        let text = serde_json::to_vec_pretty(&manifest).map_err(|e| IndexError::Engine(e.to_string()))?;
        write(&aside.join(MANIFEST), &text)?;
        sync_folder(&aside)?;
        reach("index-described");
        // An unreadable pointer is replaced.
        let before = Pointer::read_valid(&self.root)?;
        let numbers = numbers(&folder)?;
        let number = numbers.last().map_or(1, |last| last + 1);
        let path = path_of(&self.root, number);
        fs::rename(&aside, &path).map_err(at(&path))?;
        sync_folder(&folder)?;
        reach("index-renamed");
        let pointer = Pointer::after(before, number, keep);
        pointer.write(&self.root)?;
        reach("index-published");
        for old in numbers.into_iter().filter(|old| !pointer.contains(*old)) {
            // The new generation is in use whether or not an old one can be removed; the next build tries again.
            let _ = fs::remove_dir_all(path_of(&self.root, old));
        }
        Ok(path)
    }
}

/// Folder of the generations.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("generation")
}

/// Folder of one generation.
pub(crate) fn path_of(root: &Path, number: u64) -> PathBuf {
    folder(root).join(format!("{number:06}"))
}

/// Reads a manifest without verifying any file.
pub(crate) fn manifest(path: &Path) -> Result<Manifest, IndexError> {
    let file = path.join(MANIFEST);
    let text = fs::read(&file).map_err(at(&file))?;
    let unfit = |reason: String| IndexError::Incompatible { path: path.to_owned(), reason };
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| unfit(error.to_string()))?;
    if manifest.schema != SCHEMA_VERSION {
        return Err(unfit(format!(
            "index of version {}, this program reads {SCHEMA_VERSION}",
            manifest.schema
        )));
    }
    Ok(manifest)
}

/// Reads the manifest of a generation and verifies every file.
pub(crate) fn verified(path: &Path) -> Result<Manifest, IndexError> {
    let manifest = manifest(path)?;
    for name in manifest.files.keys() {
        verified_file(path, &manifest, name)?;
    }
    Ok(manifest)
}

/// Verifies one file of a generation by its manifest.
///
/// # Errors
/// The file differs, or the manifest does not name it.
pub(crate) fn verified_file(path: &Path, manifest: &Manifest, name: &str) -> Result<(), IndexError> {
    let expected = manifest.files.get(name);
    if expected.is_none() || Some(&digest(&path.join(name))?) != expected {
        let reason = format!("`{name}` is not what the manifest says");
        return Err(IndexError::Incompatible { path: path.to_owned(), reason });
    }
    Ok(())
}

fn numbers(folder: &Path) -> Result<Vec<u64>, IndexError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    let mut numbers: Vec<u64> = Vec::new();
    for entry in entries {
        numbers.extend(entry.map_err(at(folder))?.file_name().to_string_lossy().parse::<u64>().ok());
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn digest(path: &Path) -> Result<String, IndexError> {
    let mut hasher = Sha256::new();
    let mut file = fs::File::open(path).map_err(at(path))?;
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer).map_err(at(path))?;
        match buffer.get(..read) {
            Some(bytes) if read > 0 => hasher.update(bytes),
            _ => return Ok(hex::encode(hasher.finalize())),
        }
    }
}
