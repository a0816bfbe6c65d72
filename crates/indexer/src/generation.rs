//! Generations (索引代): immutable indexes, written aside and published by one rename.
//!
//! `generation/<number>/` holds the tantivy files, `lexicon.json`, `cards.jsonl` and `manifest.json` with the
//! SHA-256 of each. `CURRENT` names the one in use and is moved last. A build that is killed leaves a folder
//! that begins with a dot, or a whole one that `CURRENT` never named; the next build removes either. Builders
//! wait for each other at `generation/.lock`, which the system opens again when its holder dies.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::IndexError;
use crate::lexicon::hex;
use crate::schema::SCHEMA_VERSION;

/// What a generation holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Shape of the index.
    pub schema: u32,
    /// Digest of the lexicon it was cut with.
    pub lexicon: String,
    /// How many entries.
    pub entries: usize,
    /// How many clauses.
    pub clauses: usize,
    /// SHA-256 of every file.
    pub files: BTreeMap<String, String>,
}

const MANIFEST: &str = "manifest.json";
const CURRENT: &str = "CURRENT";
const LOCK: &str = ".lock";
const ASIDE: &str = ".building";

/// Names a file in an I/O error.
pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> IndexError + '_ {
    move |cause| IndexError::File { path: path.to_owned(), cause }
}

/// A generation being built. No other builder works under the same root until it is dropped.
#[derive(Debug)]
pub(crate) struct Building {
    /// Where its files go.
    pub(crate) aside: PathBuf,
    _lock: fs::File,
}

/// Waits until no other builder works here, removes what a killed build left, and makes a folder to build in.
pub(crate) fn begin(root: &Path) -> Result<Building, IndexError> {
    let folder = root.join("generation");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let lock_path = folder.join(LOCK);
    let lock = fs::File::create(&lock_path).map_err(at(&lock_path))?;
    lock.lock().map_err(at(&lock_path))?;
    let aside = folder.join(ASIDE);
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(at(&aside))?;
    }
    fs::create_dir(&aside).map_err(at(&aside))?;
    Ok(Building { aside, _lock: lock })
}

/// Publishes what was built aside: manifest, sync, rename, then `CURRENT`. Keeps the generation that `CURRENT`
/// named before and removes all others.
pub(crate) fn publish(
    root: &Path,
    building: &Building,
    mut manifest: Manifest,
) -> Result<PathBuf, IndexError> {
    let aside = building.aside.as_path();
    for entry in fs::read_dir(aside).map_err(at(aside))?.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // tantivy's own lock files are no part of the index.
        if name.ends_with(".lock") {
            fs::remove_file(&path).map_err(at(&path))?;
            continue;
        }
        manifest.files.insert(name, digest(&path)?);
        fs::File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(|e| IndexError::Engine(e.to_string()))?;
    write(&aside.join(MANIFEST), &text)?;
    sync_folder(aside)?;
    let folder = root.join("generation");
    let numbers = numbers(&folder)?;
    let number = numbers.last().map_or(1, |last| last + 1);
    let path = folder.join(format!("{number:06}"));
    fs::rename(aside, &path).map_err(at(&path))?;
    sync_folder(&folder)?;
    let current = root.join(CURRENT);
    let before: Option<u64> = fs::read_to_string(&current).ok().and_then(|name| name.trim().parse().ok());
    let moving = root.join(".CURRENT");
    write(&moving, format!("{number:06}\n").as_bytes())?;
    fs::rename(&moving, &current).map_err(at(&current))?;
    sync_folder(root)?;
    for old in numbers.into_iter().filter(|old| Some(*old) != before) {
        // The new generation is in use whether or not an old one can be removed; the next build tries again.
        let _ = fs::remove_dir_all(folder.join(format!("{old:06}")));
    }
    Ok(path)
}

/// The current generation, its manifest read and its files compared with it.
pub(crate) fn current(root: &Path) -> Result<(PathBuf, Manifest), IndexError> {
    let pointer = root.join(CURRENT);
    let name = match fs::read_to_string(&pointer) {
        Ok(name) => name,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(IndexError::Absent(root.to_owned()));
        }
        Err(error) => return Err(at(&pointer)(error)),
    };
    let number: u64 = name.trim().parse().map_err(|_| IndexError::Unfit {
        path: pointer.clone(),
        reason: format!("`{}` is no number of a generation", name.trim()),
    })?;
    let path = root.join("generation").join(format!("{number:06}"));
    let unfit = |reason: String| IndexError::Unfit { path: path.clone(), reason };
    let file = path.join(MANIFEST);
    let text = fs::read(&file).map_err(at(&file))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| unfit(error.to_string()))?;
    if manifest.schema != SCHEMA_VERSION {
        return Err(unfit(format!(
            "index of version {}, this program reads {SCHEMA_VERSION}",
            manifest.schema
        )));
    }
    for (name, expected) in &manifest.files {
        if digest(&path.join(name))? != *expected {
            return Err(unfit(format!("`{name}` is not what the manifest says")));
        }
    }
    Ok((path, manifest))
}

fn numbers(folder: &Path) -> Result<Vec<u64>, IndexError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    let mut numbers: Vec<u64> =
        entries.flatten().filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect();
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
    let mut file = fs::File::create(path).map_err(at(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

fn sync_folder(path: &Path) -> Result<(), IndexError> {
    fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(at(path))
}
