//! Serialises snapshots, so that they can be loaded from a file without compiling.
//!
//! ```text
//! file   = magic[8] sha256[32] head_length[8] rows_length[8] bodies_length[8] head rows bodies
//! head   = the fields of `Head`, in the postcard format
//! rows   = the words of the sieve, 8 bytes each, little-endian
//! bodies = the items as JSON, concatenated
//! ```
//!
//! The hash covers everything after it and is the snapshot's digest: the same items, dictionary and day give the same bytes on
//! every machine. A file that does not match its hash is refused before its content is used.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhaoren_policy::fact::FactDictionary;

use crate::compiled::{CatalogueHead, CompiledItems, EvaluationDay, OverBudget};
use crate::library::Library;
use crate::report::GrantIndex;
use crate::snapshot::Snapshot;

/// Format and version; changed with every change of either.
const MAGIC: &[u8; 8] = b"zhrules4";
const LENGTHS: usize = 24;
const DIGEST: usize = 32;

/// Reasons why bytes are not a usable snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// Not a snapshot of this version of the program.
    #[error("not a rule snapshot of this version")]
    Format,
    /// The content does not match its hash.
    #[error("the rule snapshot is damaged: its content does not match its hash")]
    Damaged,
    /// The items were given without their text, so they cannot be stored.
    #[error("items without their text cannot be stored")]
    NoBodies,
}

#[derive(Serialize, Deserialize)]
struct Head {
    moment: EvaluationDay,
    /// Caller's identification: registry content and dictionary.
    key: String,
    ids: Vec<String>,
    spans: Vec<Range<usize>>,
    in_force: Vec<u64>,
    refused: Vec<(usize, OverBudget)>,
    granting: GrantIndex,
    catalogue: CatalogueHead,
}

impl Snapshot {
    /// Serialises the snapshot with the identification `key`.
    ///
    /// # Errors
    /// [`StoredError::NoBodies`] if the library was made without texts.
    pub fn to_bytes(&self, key: &str) -> Result<Vec<u8>, StoredError> {
        let (bodies, spans) = self.library().bodies().ok_or(StoredError::NoBodies)?;
        let (catalogue, rows) = self.catalogue().to_parts();
        let head = Head {
            moment: self.evaluation_day(),
            key: key.to_owned(),
            ids: self.library().ids().to_vec(),
            spans: spans.to_vec(),
            in_force: self.in_force_bitmap().to_vec(),
            refused: self.not_compiled_indices().to_vec(),
            granting: self.grant_index().clone(),
            catalogue,
        };
        let head = postcard::to_stdvec(&head).map_err(|_| StoredError::Format)?;
        let rows_length = rows.len() * 8;
        let mut bytes = Vec::with_capacity(8 + DIGEST + LENGTHS + head.len() + rows_length + bodies.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; DIGEST]);
        for length in [head.len(), rows_length, bodies.len()] {
            bytes.extend_from_slice(&(length as u64).to_le_bytes());
        }
        bytes.extend_from_slice(&head);
        bytes.extend(rows.iter().flat_map(|word| word.to_le_bytes()));
        bytes.extend_from_slice(bodies);
        let digest = Sha256::digest(bytes.get(8 + DIGEST..).unwrap_or_default());
        if let Some(place) = bytes.get_mut(8..8 + DIGEST) {
            place.copy_from_slice(&digest);
        }
        Ok(bytes)
    }

    /// Loads a snapshot and its identification key. Its items are parsed with `dictionary` when requested.
    ///
    /// # Errors
    /// The bytes are of another version, truncated, or do not match their hash.
    pub fn from_bytes(bytes: &[u8], dictionary: Arc<FactDictionary>) -> Result<(Self, String), StoredError> {
        let Some((magic, rest)) = bytes.split_at_checked(8) else { return Err(StoredError::Format) };
        let Some((digest, content)) = rest.split_at_checked(DIGEST) else { return Err(StoredError::Format) };
        if magic != MAGIC {
            return Err(StoredError::Format);
        }
        if Sha256::digest(content).as_slice() != digest {
            return Err(StoredError::Damaged);
        }
        let Some((lengths, content)) = content.split_at_checked(LENGTHS) else {
            return Err(StoredError::Format);
        };
        let mut lengths = lengths.chunks_exact(8).map(|length| {
            let length = length.try_into().map(u64::from_le_bytes).unwrap_or(u64::MAX);
            usize::try_from(length).unwrap_or(usize::MAX)
        });
        let (head_length, rows_length) = (lengths.next().unwrap_or(0), lengths.next().unwrap_or(0));
        let Some((head, content)) = content.split_at_checked(head_length) else {
            return Err(StoredError::Format);
        };
        let Some((rows, bodies)) = content.split_at_checked(rows_length) else {
            return Err(StoredError::Format);
        };
        let head: Head = postcard::from_bytes(head).map_err(|_| StoredError::Format)?;
        let rows = rows.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let catalogue =
            CompiledItems::from_parts(head.catalogue, head.moment, rows).ok_or(StoredError::Format)?;
        let library = Library::from_stored(head.ids, bodies.to_vec(), head.spans, dictionary);
        let snapshot = Self::from_parts(
            head.moment,
            Arc::new(library),
            catalogue,
            head.in_force,
            head.refused,
            head.granting,
        );
        Ok((snapshot, head.key))
    }
}
