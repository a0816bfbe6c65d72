//! The store of enterprises (列存): tables read once, kept by column, and asked again and again.
//!
//! ```text
//! frame  = the rows of a chunk (id, name, place in the source), or one column of a chunk (`FactColumn`), in the
//!          postcard format
//! footer = the sources with their digests, the digest of the facts, and where each frame stands, in the postcard format
//! ```
//!
//! How frames and footer are held together is `crate::sealed`'s. A question about one item reads just the columns it
//! asks about. A store is of the files it was made from: as long as these can be seen and differ from what the store
//! says, it is refused.

mod read;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zhaoren_policy::profile::ProfileKey;

use crate::output::FileDigest;

pub use read::{Store, StoreTable};
pub use write::{LoadReport, load};

const MAGIC: &[u8; 8] = b"zhstore2";
/// zstd's ordinary level: a store is written once and read often.
const LEVEL: i32 = 3;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Footer {
    sources: Vec<StoredSource>,
    /// SHA-256 over the facts by which the values were checked.
    facts: String,
    rows: u64,
    chunks: Vec<StoredChunk>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredSource {
    /// Where it stood; `None` for standard input, which nobody can look at again.
    path: Option<PathBuf>,
    digest: FileDigest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredChunk {
    /// The position of the file among the sources.
    file: u32,
    rows: u32,
    names: FramePosition,
    columns: BTreeMap<ProfileKey, FramePosition>,
}

/// Where a frame stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct FramePosition {
    offset: u64,
    length: u64,
}
