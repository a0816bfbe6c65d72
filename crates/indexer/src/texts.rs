//! The clean texts of a generation, mapped and not copied: one file of text, one of where each entry's ends.

use std::path::Path;

use tantivy::Directory;
use tantivy::directory::{MmapDirectory, OwnedBytes};

use crate::entry::Entry;
use crate::error::IndexError;
use crate::generation::write;

const TEXTS: &str = "texts";
const ENDS: &str = "texts.ends";

/// Texts by place of their entry.
pub(crate) struct Texts {
    texts: OwnedBytes,
    ends: Vec<usize>,
}

/// Writes the texts of `entries` into a generation that is being built.
pub(crate) fn write_texts(folder: &Path, entries: &[Entry]) -> Result<(), IndexError> {
    let (mut texts, mut ends) = (Vec::new(), Vec::new());
    for entry in entries {
        texts.extend_from_slice(entry.text.as_bytes());
        ends.extend_from_slice(&(texts.len() as u64).to_le_bytes());
    }
    write(&folder.join(TEXTS), &texts)?;
    write(&folder.join(ENDS), &ends)
}

impl Texts {
    pub(crate) fn open(folder: &Path) -> Result<Self, IndexError> {
        let engine = |error: &dyn std::fmt::Display| IndexError::Engine(error.to_string());
        let directory = MmapDirectory::open(folder).map_err(|e| engine(&e))?;
        let read = |name: &str| {
            let file = directory.open_read(Path::new(name)).map_err(|e| engine(&e))?;
            file.read_bytes().map_err(|e| engine(&e))
        };
        let number = |bytes: &[u8]| {
            bytes
                .try_into()
                .ok()
                .and_then(|bytes| usize::try_from(u64::from_le_bytes(bytes)).ok())
                .unwrap_or(0)
        };
        let ends = read(ENDS)?.chunks_exact(8).map(number).collect();
        Ok(Self { texts: read(TEXTS)?, ends })
    }

    /// The text of an entry; empty for a place that there is none of.
    pub(crate) fn get(&self, entry: usize) -> &str {
        let start = entry.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(entry).copied().unwrap_or(start);
        self.texts.get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}
