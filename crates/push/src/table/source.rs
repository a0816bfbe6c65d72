//! Sources of enterprises.

use super::{Rows, TableError};
use crate::digest::FileDigest;

/// Enterprises in a fixed order of the source, in chunks of rows.
pub trait Source: Sync {
    /// Range of rows, cheap to obtain and not yet read.
    type Chunk: Send;

    /// Inputs with their digests. Two runs with the same inputs are the same run.
    fn inputs(&self) -> &[FileDigest];

    /// Options, as text, that affect what is read. Two runs with different settings are not the same run.
    fn settings(&self) -> &str {
        ""
    }

    /// Chunks in reading order.
    fn chunks(&self) -> Box<dyn Iterator<Item = Result<Self::Chunk, TableError>> + Send + '_>;

    /// Reads a chunk: the expensive step, done on many threads.
    ///
    /// # Errors
    /// The content of the chunk cannot be trusted as a whole; a faulty row alone is rejected instead.
    fn read(&self, chunk: &Self::Chunk) -> Result<Rows, TableError>;

    /// Checks that the inputs have not changed since they were opened.
    ///
    /// # Errors
    /// Names the input that has changed.
    fn check_unchanged(&self) -> Result<(), TableError>;
}
