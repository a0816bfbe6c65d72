//! Chunks: ranges of rows of one file, obtained in order and not yet read.

use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, Type};
use zhaoren_policy::syntax::Node;

use super::TableError;
use super::csv::RawRecords;
use super::json::profiles;
use super::paths::failed;
use super::sheet::{self, PageForm, SheetRow};
use super::text::TextForm;

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

/// Schema information of a Parquet file.
#[derive(Clone, Debug, Default)]
pub(crate) struct ParquetForm {
    pub(crate) headers: Vec<String>,
    /// Columns of the deprecated 96-bit timestamps, which are in UTC although their type does not say so.
    pub(crate) instants: Vec<usize>,
}

impl ParquetForm {
    pub(crate) fn of(path: &Path) -> Result<Self, TableError> {
        let builder = parquet(path)?;
        let headers = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let schema = builder.parquet_schema();
        let old = |leaf: &usize| schema.column(*leaf).physical_type() == Type::INT96;
        let instants =
            (0..schema.num_columns()).filter(old).map(|leaf| schema.get_column_root_idx(leaf)).collect();
        Ok(Self { headers, instants })
    }
}

/// Checks that the columns that are used are compressed in a way that is built in.
///
/// # Errors
/// Names the compression and what to do.
pub(crate) fn check_compression(path: &Path, used: &[usize]) -> Result<(), TableError> {
    let builder = parquet(path)?;
    let schema = builder.parquet_schema();
    let is_used = |leaf: usize| used.contains(&schema.get_column_root_idx(leaf));
    for group in builder.metadata().row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            zhaoren_cancel::poll();
            let name = match column.compression() {
                Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => continue,
                Compression::BROTLI(_) => "brotli",
                Compression::GZIP(_) => "gzip",
                Compression::LZ4 | Compression::LZ4_RAW => "lz4",
                Compression::LZO => "lzo",
            };
            if is_used(leaf) {
                let column = column.column_path();
                return Err(failed(path)(&format!(
                    "列 {column} 的压缩方式是 {name}，本程序不支持；文件没有损坏，请改用 zstd、snappy 或不压缩后重新导出"
                )));
            }
        }
    }
    Ok(())
}

fn parquet(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, TableError> {
    let failed = failed(path);
    let file = File::open(path).map_err(|error| failed(&error))?;
    ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| failed(&format!("不是完整的 Parquet 文件：{error}")))
}

/// Chunks of the used columns of a Parquet file.
pub(crate) fn batches(path: &Path, used: &[usize], rows: usize) -> Result<ChunksOfRows, TableError> {
    let builder = parquet(path)?;
    let expected = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let mask = ProjectionMask::roots(builder.parquet_schema(), used.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(rows).build();
    let reader = reader.map_err(|error| failed(path)(&error))?;
    Ok(Box::new(Batches { reader, path: path.to_owned(), read: 0, expected, ended: false }))
}

struct Batches {
    reader: ParquetRecordBatchReader,
    path: std::path::PathBuf,
    read: u64,
    expected: u64,
    ended: bool,
}

impl Iterator for Batches {
    type Item = Result<ChunkRows, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let failed = failed(&self.path);
        match self.reader.next() {
            Some(Ok(batch)) if batch.num_rows() == 0 => self.next(),
            Some(Ok(batch)) => {
                let first = self.read + 1;
                self.read += batch.num_rows() as u64;
                Some(Ok(ChunkRows::Batch { first, batch }))
            }
            Some(Err(error)) => {
                self.ended = true;
                let index = self.read;
                Some(Err(failed(&format!("第 {index} 行之后读不下去，文件已损坏或被改动：{error}"))))
            }
            None => {
                self.ended = true;
                let (read, expected) = (self.read, self.expected);
                (read != expected).then(|| Err(failed(&format!("应有 {expected} 行，只读到 {read} 行"))))
            }
        }
    }
}

/// Chunks of the profiles of a JSON file. The whole file is in memory while it is read.
pub(crate) fn nodes(path: &Path, form: TextForm, rows: usize) -> Result<ChunksOfRows, TableError> {
    let failed = failed(path);
    let text = form.whole(path)?;
    let nodes = profiles(&text)
        .map_err(|error| failed(&format!("第 {} 行：不是完整的 JSON：{}", error.line, error.message)))?;
    Ok(Box::new(stretches(nodes, rows).map(|nodes| Ok(ChunkRows::Nodes(nodes)))))
}

/// Chunks of the rows of some sheets, one sheet after the other.
pub(crate) fn sheet_rows(path: &Path, pages: &[PageForm], rows: usize) -> Result<ChunksOfRows, TableError> {
    let chunks = sheet::rows(path, pages)?.into_iter().flat_map(move |(page, all)| {
        stretches(all, rows).map(move |rows| Ok(ChunkRows::Sheet { page, rows }))
    });
    Ok(Box::new(chunks))
}

fn stretches<T>(all: Vec<T>, rows: usize) -> impl Iterator<Item = Vec<T>> {
    let mut rest = all.into_iter();
    std::iter::from_fn(move || {
        let next: Vec<T> = rest.by_ref().take(rows).collect();
        (!next.is_empty()).then_some(next)
    })
}
