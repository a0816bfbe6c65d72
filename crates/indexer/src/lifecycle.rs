//! Administration of generations: listing, verification, rollback.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use crate::error::IndexError;
use crate::generation::{Builder, Manifest, manifest, path_of};
use crate::open::Index;
use crate::pointer::Pointer;

/// A generation that is in use or kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Generation {
    /// Its number.
    pub number: u64,
    /// True if it is in use.
    pub current: bool,
    /// True if it was selected by hand.
    pub pinned: bool,
    /// Source that it was built from.
    pub source: String,
    /// The generation whose segments were reused.
    pub base: Option<u64>,
    /// Number of entries.
    pub entries: usize,
    /// Number of clauses.
    pub clauses: usize,
    /// Size on disk in bytes; files shared by two generations count in both.
    pub bytes: u64,
    /// Time of publication.
    #[serde(skip)]
    pub published: Option<SystemTime>,
    /// Reason why it cannot be used.
    pub fault: Option<String>,
}

/// Generations in use or kept, newest first. Only manifests are read.
///
/// # Errors
/// No generation was ever published, or `CURRENT` cannot be read.
pub fn generations(root: &Path) -> Result<Vec<Generation>, IndexError> {
    let pointer = Pointer::read(root)?.ok_or_else(|| IndexError::NotBuilt(root.to_owned()))?;
    let mut numbers = pointer.retained.clone();
    numbers.push(pointer.number);
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers.into_iter().map(|number| generation(root, number, &pointer)).collect())
}

fn generation(root: &Path, number: u64, pointer: &Pointer) -> Generation {
    let path = path_of(root, number);
    let current = number == pointer.number;
    let mut found = Generation {
        number,
        current,
        pinned: current && pointer.pinned,
        source: String::new(),
        base: None,
        entries: 0,
        clauses: 0,
        bytes: 0,
        published: fs::metadata(path.join(crate::generation::MANIFEST)).and_then(|data| data.modified()).ok(),
        fault: None,
    };
    match manifest(&path) {
        Ok(manifest) => {
            let size = |name: &String| fs::metadata(path.join(name)).map_or(0, |data| data.len());
            found.bytes = manifest.files.keys().map(size).sum();
            found.source = manifest.source;
            found.base = manifest.base;
            found.entries = manifest.entries;
            found.clauses = manifest.clauses;
        }
        Err(error) => found.fault = Some(error.to_string()),
    }
    found
}

/// Verifies every file of a generation by its manifest, and opens it.
///
/// # Errors
/// A file does not match its manifest.
pub fn verify(root: &Path, number: u64) -> Result<Manifest, IndexError> {
    Ok(Index::open_generation(root, number)?.manifest().clone())
}

/// Verifies another kept generation and moves `CURRENT` to it; without a number, to the previous one. Returns its number.
/// The pointer is pinned unless `in_step` finds the generation's source up to date.
///
/// # Errors
/// The generation does not exist or is damaged; `CURRENT` is unchanged.
pub fn roll_back(
    root: &Path,
    number: Option<u64>,
    in_step: impl Fn(&str) -> bool,
) -> Result<u64, IndexError> {
    let _builder = Builder::take(root)?;
    let pointer = Pointer::read(root)?.ok_or_else(|| IndexError::NotBuilt(root.to_owned()))?;
    let before = || pointer.retained.iter().copied().filter(|generation| *generation < pointer.number).max();
    let target = match number {
        Some(number) if pointer.contains(number) => number,
        other => match other.map_or_else(before, |_| None) {
            Some(number) => number,
            None => {
                let retained = pointer.retained.iter().map(|number| format!("{number}")).collect::<Vec<_>>();
                return Err(IndexError::NoGeneration { number, kept: retained.join("、") });
            }
        },
    };
    let manifest = verify(root, target)?;
    pointer.moved(target, !in_step(&manifest.source)).write(root)?;
    Ok(target)
}
