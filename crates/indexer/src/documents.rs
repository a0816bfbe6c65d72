//! The documents of a generation, read without opening its index.

use std::path::Path;
use std::sync::Arc;

use zhaoren_policy::document::Document;

use crate::build::{CARDS, read_cards};
use crate::entry::EntryKind;
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::generation::{Manifest, manifest, path_of, verified_file};
use crate::pointer::Pointer;

/// Documents of the generation in use, without its index: only the metadata file is read and verified by the manifest.
pub struct DocumentList {
    manifest: Manifest,
    cards: Vec<Arc<EntryMeta>>,
}

impl DocumentList {
    /// Reads the documents of the current generation under `root`.
    ///
    /// # Errors
    /// There is no generation, it is of another version, or the metadata file is damaged.
    pub fn current(root: &Path) -> Result<Self, IndexError> {
        let pointer = Pointer::read(root)?.ok_or_else(|| IndexError::NotBuilt(root.to_owned()))?;
        let path = path_of(root, pointer.number);
        let manifest = manifest(&path)?;
        verified_file(&path, &manifest, CARDS)?;
        let cards = read_cards(&path)?;
        Ok(Self { manifest, cards })
    }

    /// The builder's identification of the source data: the fingerprint of the registry.
    pub fn source(&self) -> &str {
        &self.manifest.source
    }

    /// Every document with its id.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &Document)> {
        let documents = self.cards.iter().filter(|card| card.kind == EntryKind::Document);
        documents.map(|card| (card.id.as_str(), &card.document))
    }
}
