//! Writes the list as a file: Parquet, CSV or JSON Lines, encoded in pieces on many threads and joined in order.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowWriterOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};
use zhaoren_policy::verdict::Verdict;

use crate::cause::Cause;
use crate::encode::Encoder;
use crate::error::{PushError, at};
use crate::files;
use crate::options::Format;

/// Change of a match since the compared list (变动).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// 新增.
    New,
    /// 保持.
    Kept,
    /// 移出.
    Gone,
}

impl Change {
    /// Word for the change in the list.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Kept => "kept",
            Self::Gone => "gone",
        }
    }
}

/// Rows of one piece of the list, with the ids that they refer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListRows<'a> {
    pub(crate) enterprises: Vec<&'a str>,
    pub(crate) policies: Vec<&'a str>,
    pub(crate) rows: Vec<ListRow>,
}

/// Row of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListRow {
    /// Index of the enterprise's id.
    pub(crate) enterprise: u32,
    /// Index of the item's id.
    pub(crate) policy: u32,
    /// `None` if the enterprise or the item no longer exists.
    pub(crate) verdict: Option<Verdict>,
    /// Score in ten-thousandths.
    pub(crate) score: u16,
    pub(crate) change: Change,
    /// Boxed, because most rows have no cause.
    pub(crate) cause: Option<Box<Cause>>,
}

impl ListRows<'_> {
    pub(crate) fn enterprise(&self, row: &ListRow) -> &str {
        self.enterprises.get(row.enterprise as usize).copied().unwrap_or_default()
    }

    pub(crate) fn policy(&self, row: &ListRow) -> &str {
        self.policies.get(row.policy as usize).copied().unwrap_or_default()
    }
}

/// Encoded piece of the list.
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    RowGroup(Vec<ArrowColumnChunk>),
}

/// Writer of pieces in order; counts rows and hashes bytes.
pub(crate) struct ListWriter {
    path: PathBuf,
    out: Out,
}

enum Out {
    Plain(Hashing),
    Parquet(Box<SerializedFileWriter<Hashing>>),
}

/// Writer that hashes the bytes written.
pub(crate) struct Hashing {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

/// Name, length and hash of a finished file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileDigest {
    /// File name within the folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Hashing {
    pub(crate) fn create(path: &Path) -> Result<Self, PushError> {
        let out = BufWriter::with_capacity(1 << 20, files::create(path).map_err(at(path))?);
        Ok(Self { out, hash: Sha256::new(), bytes: 0 })
    }

    /// Syncs the file and returns its digest.
    pub(crate) fn finish(self, path: &Path) -> Result<FileDigest, PushError> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error).map_err(at(path))?;
        file.sync_all().map_err(at(path))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(FileDigest { name, bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(crate) const COLUMNS: [&str; 7] =
    ["enterprise_id", "policy_id", "verdict", "score", "change", "cause", "detail"];

fn schema() -> Arc<Schema> {
    let word = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = COLUMNS.map(|name| match name {
        "enterprise_id" | "policy_id" | "change" => Field::new(name, word(), false),
        "score" => Field::new(name, DataType::Float64, false),
        "detail" => Field::new(name, DataType::Utf8, true),
        _ => Field::new(name, word(), true),
    });
    Arc::new(Schema::new(fields.to_vec()))
}

/// Creates a list at `path`; the file is not valid before [`ListWriter::finish`].
pub(crate) fn create(path: &Path, format: Format) -> Result<(Encoder, ListWriter), PushError> {
    let schema = schema();
    let mut file = Hashing::create(path)?;
    let (factory, out) = match format {
        Format::Parquet => {
            let level = ZstdLevel::try_new(1).map_err(|error| PushError::Internal(error.to_string()))?;
            let mut properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(level))
                .set_created_by("zhaoren".to_owned());
            // Statistics help only for columns in order; for the others, comparing every value would be wasted work.
            for name in COLUMNS.into_iter().filter(|name| *name != "enterprise_id") {
                properties =
                    properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
            }
            let properties = properties.build();
            // Readers see plain text columns; dictionary encoding is an internal matter.
            let options =
                ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
            let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)
                .map_err(parquet_at(path))?;
            let (writer, factory) = writer.into_serialized_writer().map_err(parquet_at(path))?;
            (Some(factory), Out::Parquet(Box::new(writer)))
        }
        Format::Csv => {
            let header = format!("\u{feff}{}\r\n", COLUMNS.join(","));
            file.write_all(header.as_bytes()).map_err(at(path))?;
            (None, Out::Plain(file))
        }
        Format::Jsonl => (None, Out::Plain(file)),
    };
    Ok((Encoder::new(schema, factory, format), ListWriter { path: path.to_owned(), out }))
}

fn parquet_at(path: &Path) -> impl Fn(parquet::errors::ParquetError) -> PushError {
    let path = path.to_owned();
    move |cause| {
        // A full disk is reported as a wrapped error; its message must name the file too.
        PushError::File { path: path.clone(), cause: io::Error::other(cause) }
    }
}

impl ListWriter {
    /// Appends the next piece.
    pub(crate) fn append(&mut self, piece: Piece) -> Result<(), PushError> {
        match (&mut self.out, piece) {
            (Out::Plain(file), Piece::Bytes(bytes)) => file.write_all(&bytes).map_err(at(&self.path)),
            (Out::Parquet(writer), Piece::RowGroup(columns)) => {
                let failed = parquet_at(&self.path);
                let mut group = writer.next_row_group().map_err(&failed)?;
                for column in columns {
                    column.append_to_row_group(&mut group).map_err(&failed)?;
                }
                group.close().map_err(&failed)?;
                Ok(())
            }
            _ => Err(PushError::Internal("a piece of another format".to_owned())),
        }
    }

    /// Completes and syncs the file.
    pub(crate) fn finish(self) -> Result<FileDigest, PushError> {
        let file = match self.out {
            Out::Plain(file) => file,
            Out::Parquet(writer) => writer.into_inner().map_err(parquet_at(&self.path))?,
        };
        file.finish(&self.path)
    }
}
