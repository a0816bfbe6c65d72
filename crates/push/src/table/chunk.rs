//! Chunks: ranges of rows of one file, obtained in order and not yet read.

use arrow_array::RecordBatch;
use zhaoren_policy::syntax::Node;

use super::TableError;
use super::csv::RawRecords;
use super::sheet::SheetRow;

/// Unread rows of one file.
pub struct Chunk {
    /// Index of the file among the inputs.
    pub(crate) file: usize,
    /// True for the first chunk of its file.
    pub(crate) is_first: bool,
    pub(crate) rows: ChunkRows,
}

impl Chunk {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match &self.rows {
            ChunkRows::Batch { batch, .. } => batch.num_rows(),
            ChunkRows::Records(rows) => rows.len(),
            ChunkRows::Lines(rows) => rows.len(),
            ChunkRows::Nodes(rows) => rows.len(),
            ChunkRows::Sheet { rows, .. } => rows.len(),
        }
    }

    /// True if the chunk has no rows; no file gives such a chunk.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

pub(crate) enum ChunkRows {
    /// Rows of a Parquet file; `first` is counted from 1.
    Batch {
        first: u64,
        batch: RecordBatch,
    },
    Records(RawRecords),
    /// Lines with their numbers.
    Lines(Vec<(u64, Vec<u8>)>),
    Nodes(Vec<Node>),
    /// Rows of a sheet; `page` is its index among the sheets that are read.
    Sheet {
        page: usize,
        rows: Vec<SheetRow>,
    },
}

/// Iterator over the chunks of one file.
pub(crate) type ChunksOfRows = Box<dyn Iterator<Item = Result<ChunkRows, TableError>> + Send>;
