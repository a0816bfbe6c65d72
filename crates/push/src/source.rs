//! Where a run takes enterprises from.

use crate::output::FileDigest;
use crate::table::{Rows, TableError};

/// Enterprises in an order of their own, the same every time, in chunks of rows.
pub trait Source: Sync {
    /// A stretch of rows, cheap to get and not yet read.
    type Chunk: Send;

    /// What is read: each input with its digest. Two runs with the same inputs are the same run.
    fn inputs(&self) -> &[FileDigest];

    /// What, besides the inputs, decides what is read: options, in words. Two runs that differ in it are not the same.
    fn settings(&self) -> &str {
        ""
    }

    /// The chunks, in reading order.
    fn chunks(&self) -> Box<dyn Iterator<Item = Result<Self::Chunk, TableError>> + Send + '_>;

    /// Reads a chunk: the costly step, done on many threads.
    ///
    /// # Errors
    /// When what was got of the chunk cannot be trusted as a whole; a row by itself is rejected instead.
    fn read(&self, chunk: &Self::Chunk) -> Result<Rows, TableError>;

    /// Looks again whether the inputs are what they were when they were opened.
    ///
    /// # Errors
    /// Naming the one that is not.
    fn unchanged(&self) -> Result<(), TableError>;
}
