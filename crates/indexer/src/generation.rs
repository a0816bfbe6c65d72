//! Generations (索引代): immutable indexes, written aside and published by one rename.
//!
//! `generation/<number>/` holds the tantivy files, `lexicon.json`, `cards.jsonl` and `manifest.json` with the
//! SHA-256 of each. `CURRENT` names the one in use and the earlier ones that are kept; it is moved last. A build that
//! is killed leaves a folder that begins with a dot, or a whole one that `CURRENT` never named; the next build removes
//! either. Builders wait for each other at `generation/.lock`, which the system opens again when its holder dies.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::IndexError;
use crate::lexicon::hex;
use crate::pointer::Pointer;
use crate::schema::SCHEMA_VERSION;

/// What a generation holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Shape of the index.
    pub schema: u32,
    /// Digest of the lexicon it was cut with.
    pub lexicon: String,
    /// What it was built from, in the words of whoever built it.
    #[serde(default)]
    pub source: String,
    /// The generation whose parts it took over; none when everything was cut anew.
    #[serde(default)]
    pub base: Option<u64>,
    /// How many entries.
    pub entries: usize,
    /// How many clauses.
    pub clauses: usize,
    /// How many keys were ever given to entries.
    #[serde(default)]
    pub keys: u64,
    /// Words of each field over the whole index, by which scores are made: the lengths as the index keeps them, so that
    /// the sum does not depend on how the index came about.
    #[serde(default)]
    pub lengths: BTreeMap<String, u64>,
    /// SHA-256 of every file.
    pub files: BTreeMap<String, String>,
}

pub(crate) const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";
const ASIDE: &str = ".building";

/// Names a file in an I/O error.
pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> IndexError + '_ {
    move |cause| IndexError::File { path: path.to_owned(), cause }
}

/// The right to write generations under one root. Nobody else has it until this is dropped.
#[derive(Debug)]
pub(crate) struct Builder {
    root: PathBuf,
    _lock: fs::File,
}

impl Builder {
    /// Waits until no other builder works here.
    pub(crate) fn take(root: &Path) -> Result<Self, IndexError> {
        let folder = folder(root);
        zhaoren_disk::create_dir(&folder).map_err(at(&folder))?;
        let path = folder.join(LOCK);
        let lock = zhaoren_disk::open_regular(&path).map_err(at(&path))?;
        lock.lock().map_err(at(&path))?;
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Removes what a killed build left, and makes a folder to build in.
    pub(crate) fn aside(&self) -> Result<PathBuf, IndexError> {
        let aside = folder(&self.root).join(ASIDE);
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(at(&aside))?;
        }
        zhaoren_disk::create_dir(&aside).map_err(at(&aside))?;
        Ok(aside)
    }

    /// Publishes what was built aside: manifest, sync, rename, then `CURRENT`. Files that `known` has a digest of are
    /// those of an earlier generation, synced then. Keeps `keep` generations, this one among them: those that
    /// `CURRENT` named last; what it never named is removed.
    pub(crate) fn publish(
        &self,
        mut manifest: Manifest,
        known: &BTreeMap<String, String>,
        keep: usize,
    ) -> Result<PathBuf, IndexError> {
        let folder = folder(&self.root);
        let aside = folder.join(ASIDE);
        // A file that cannot be listed would be missing in the manifest, and a generation without it would count as whole.
        for entry in fs::read_dir(&aside).map_err(at(&aside))? {
            let entry = entry.map_err(at(&aside))?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            // tantivy's own lock files are no part of the index.
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
        // A pointer that says nothing is replaced by one that does.
        let before = Pointer::usable(&self.root)?;
        let numbers = numbers(&folder)?;
        let number = numbers.last().map_or(1, |last| last + 1);
        let path = path_of(&self.root, number);
        fs::rename(&aside, &path).map_err(at(&path))?;
        sync_folder(&folder)?;
        let pointer = Pointer::after(before, number, keep);
        pointer.write(&self.root)?;
        for old in numbers.into_iter().filter(|old| !pointer.names(*old)) {
            // The new generation is in use whether or not an old one can be removed; the next build tries again.
            let _ = fs::remove_dir_all(path_of(&self.root, old));
        }
        Ok(path)
    }
}

/// Where the generations stand.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("generation")
}

/// Where one generation stands.
pub(crate) fn path_of(root: &Path, number: u64) -> PathBuf {
    folder(root).join(format!("{number:06}"))
}

/// A manifest, read, not compared with anything.
pub(crate) fn manifest(path: &Path) -> Result<Manifest, IndexError> {
    let file = path.join(MANIFEST);
    let text = fs::read(&file).map_err(at(&file))?;
    let unfit = |reason: String| IndexError::Unfit { path: path.to_owned(), reason };
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| unfit(error.to_string()))?;
    if manifest.schema != SCHEMA_VERSION {
        return Err(unfit(format!(
            "index of version {}, this program reads {SCHEMA_VERSION}",
            manifest.schema
        )));
    }
    Ok(manifest)
}

/// The manifest of the generation in a folder, every file compared with it.
pub(crate) fn verified(path: &Path) -> Result<Manifest, IndexError> {
    let manifest = manifest(path)?;
    for name in manifest.files.keys() {
        verified_file(path, &manifest, name)?;
    }
    Ok(manifest)
}

/// Compares one file of a generation with its manifest.
///
/// # Errors
/// The file differs, or the manifest does not name it.
pub(crate) fn verified_file(path: &Path, manifest: &Manifest, name: &str) -> Result<(), IndexError> {
    let expected = manifest.files.get(name);
    if expected.is_none() || Some(&digest(&path.join(name))?) != expected {
        let reason = format!("`{name}` is not what the manifest says");
        return Err(IndexError::Unfit { path: path.to_owned(), reason });
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
            _ => return Ok(hex(&hasher.finalize())),
        }
    }
}

/// Writes a whole file and syncs it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    // A new file under this name: one that was left there may be a link to anywhere.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(path)(error)),
        _ => {}
    }
    let mut file = zhaoren_disk::create(path, zhaoren_disk::FILE_MODE).map_err(at(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), IndexError> {
    zhaoren_disk::sync_dir(path).map_err(at(path))
}
