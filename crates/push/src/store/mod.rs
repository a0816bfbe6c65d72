//! Store of enterprises (列存): tables read once and kept by column for repeated questions.
//!
//! ```text
//! frame  = the rows of a chunk (id, name, position in the source), or one column of a chunk (`FactColumn`), in the
//!          postcard format
//! footer = the sources with their digests, the digest of the fact dictionary, and the position of each frame, in the
//!          postcard format
//! ```
//!
//! The container of frames and footer is that of `crate::sealed`. A question about one item reads only the columns that it uses.
//! A store belongs to the files it was made from: if one of them is present and has changed, the store is refused.

mod read;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zhaoren_policy::profile::ProfileKey;

use crate::digest::FileDigest;

pub use read::{Store, StoreTable};
pub use write::{LoadReport, load};

const MAGIC: &[u8; 8] = b"zhstore2";
/// Ordinary level of zstd: a store is written once and read often.
const LEVEL: i32 = 3;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Footer {
    sources: Vec<StoredSource>,
    /// SHA-256 of the fact dictionary that checked the values.
    facts: String,
    rows: u64,
    chunks: Vec<StoredChunk>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredSource {
    /// Path of the source file; `None` for standard input, which cannot be checked again.
    path: Option<PathBuf>,
    digest: FileDigest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredChunk {
    /// Index of the file among the sources.
    file: u32,
    rows: u32,
    names: FramePosition,
    columns: BTreeMap<ProfileKey, FramePosition>,
}

/// Position of a frame.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct FramePosition {
    offset: u64,
    length: u64,
}
