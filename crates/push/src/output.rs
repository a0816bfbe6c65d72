//! Writes the list as a file: Parquet, CSV or JSON Lines, encoded in pieces on many threads and joined in order.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::Schema;
use jiff::civil::Date;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, ArrowWriterOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::digest::{FileDigest, Hashing};
use crate::encode::{Encoder, ListWords, Piece, schema};
use crate::error::{PushError, at};
use crate::list::{COLUMNS, EXPLAINED};
use crate::options::{Explain, Format};
use crate::workbook::Workbook;

/// Writer of pieces in order; counts rows and hashes bytes.
pub(crate) struct ListWriter {
    path: PathBuf,
    out: Out,
    /// Workbook of the same rows.
    book: Option<Workbook>,
}

enum Out {
    Plain(Hashing),
    Parquet(Box<SerializedFileWriter<Hashing>>),
}

/// Creates a list at `path`; the file is not valid before [`ListWriter::finish`].
/// A workbook comes with the same list as Parquet beside it, for programs. `about` says which run the list is of.
pub(crate) fn create<'a>(
    path: &Path,
    format: Format,
    words: ListWords<'a>,
    about: &RunMetadata,
) -> Result<(Encoder<'a>, ListWriter), PushError> {
    let schema = schema(words.explain);
    if format == Format::Xlsx {
        let (beside, list) = create_parquet(&path.with_extension("parquet"), &schema, about)?;
        let encoder = Encoder::new(schema, Some(beside), format, words);
        return Ok((encoder, ListWriter { book: Some(Workbook::create(path)), ..list }));
    }
    if format == Format::Parquet {
        let (factory, list) = create_parquet(path, &schema, about)?;
        return Ok((Encoder::new(schema, Some(factory), format, words), list));
    }
    let mut file = Hashing::create(path).map_err(at(path))?;
    if format == Format::Csv {
        let explained = if words.explain == Explain::Full { &EXPLAINED[..] } else { &[] };
        let columns: Vec<&str> = COLUMNS.iter().chain(explained).copied().collect();
        let header = format!("\u{feff}{}\r\n", columns.join(","));
        file.write_all(header.as_bytes()).map_err(at(path))?;
    }
    let list = ListWriter { path: path.to_owned(), out: Out::Plain(file), book: None };
    Ok((Encoder::new(schema, None, format, words), list))
}

fn create_parquet(
    path: &Path,
    schema: &Arc<Schema>,
    about: &RunMetadata,
) -> Result<(ArrowRowGroupWriterFactory, ListWriter), PushError> {
    let file = Hashing::create(path).map_err(at(path))?;
    let mut properties = about.properties()?;
    // Statistics help only for columns in order; for the others, comparing every value would be wasted work.
    for name in COLUMNS.into_iter().filter(|name| *name != "enterprise_id") {
        properties =
            properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    let properties = properties.build();
    // Readers see plain text columns; dictionary encoding is an internal matter.
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let writer =
        ArrowWriter::try_new_with_options(file, Arc::clone(schema), options).map_err(parquet_at(path))?;
    let (writer, factory) = writer.into_serialized_writer().map_err(parquet_at(path))?;
    Ok((factory, ListWriter { path: path.to_owned(), out: Out::Parquet(Box::new(writer)), book: None }))
}

/// Metadata of a run in the footers of its Parquet files.
#[derive(Clone, Debug)]
pub(crate) struct RunMetadata {
    pub(crate) as_of: Date,
    /// SHA-256 over the items.
    pub(crate) items_sha256: String,
}

impl RunMetadata {
    /// Properties of a Parquet file of the run: compression, and the metadata as keys and values.
    pub(crate) fn properties(&self) -> Result<WriterPropertiesBuilder, PushError> {
        let level = ZstdLevel::try_new(1).map_err(|error| PushError::Internal(error.to_string()))?;
        let value = |key: &str, value: &str| KeyValue::new(format!("zhaoren.{key}"), value.to_owned());
        let metadata = vec![
            value("version", env!("CARGO_PKG_VERSION")),
            value("as_of", &self.as_of.to_string()),
            value("items_sha256", &self.items_sha256),
        ];
        Ok(WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_created_by("zhaoren".to_owned())
            .set_key_value_metadata(Some(metadata)))
    }
}

pub(crate) fn parquet_at(path: &Path) -> impl Fn(parquet::errors::ParquetError) -> PushError {
    let path = path.to_owned();
    move |cause| {
        // A full disk is reported as a wrapped error; its message must name the file too.
        PushError::File { path: path.clone(), cause: io::Error::other(cause) }
    }
}

impl ListWriter {
    /// Appends the next piece.
    pub(crate) fn append(&mut self, piece: Piece) -> Result<(), PushError> {
        if let (Some(book), Piece::Book(_, sheets)) = (&mut self.book, &piece) {
            sheets.iter().try_for_each(|sheet| book.append(sheet))?;
        }
        match (&mut self.out, piece) {
            (Out::Plain(file), Piece::Bytes(bytes)) => file.write_all(&bytes).map_err(at(&self.path)),
            (Out::Parquet(writer), Piece::RowGroup(columns) | Piece::Book(columns, _)) => {
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

    /// Completes and syncs the files: the list for programs first, then the workbook.
    pub(crate) fn finish(self) -> Result<Vec<FileDigest>, PushError> {
        let file = match self.out {
            Out::Plain(file) => file,
            Out::Parquet(writer) => writer.into_inner().map_err(parquet_at(&self.path))?,
        };
        let mut written = vec![file.finish(&self.path).map_err(at(&self.path))?];
        if let Some(book) = self.book {
            written.push(book.finish()?);
        }
        Ok(written)
    }
}
