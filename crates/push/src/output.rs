//! Writes the list as a file: Parquet, CSV or JSON Lines, encoded in pieces on many threads and joined in order.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::digest::{FileDigest, Hashing};
use crate::encode::{Encoder, Piece};
use crate::error::{PushError, at};
use crate::list::COLUMNS;
use crate::options::Format;

/// Writer of pieces in order; counts rows and hashes bytes.
pub(crate) struct ListWriter {
    path: PathBuf,
    out: Out,
}

enum Out {
    Plain(Hashing),
    Parquet(Box<SerializedFileWriter<Hashing>>),
}

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
    let mut file = Hashing::create(path).map_err(at(path))?;
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
        file.finish(&self.path).map_err(at(&self.path))
    }
}
