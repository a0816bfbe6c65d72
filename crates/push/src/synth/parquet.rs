//! Writes enterprises as Parquet: whole numbers as Int64, money as Decimal128(20, 2), ratios with four decimal places, days as
//! Date32, tags as lists of text. Such columns cannot hold a range; the cell is empty then.

use std::fs::File;
use std::io::{self, BufWriter};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_schema::{DataType, Field, Schema};
use jiff::civil::date;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use zhaoren_policy::fact::FactType;

use super::Synth;
use super::enterprise::SynthCell;
use super::lines::MARK;

/// Rows encoded at a time: the part of a row group that is in memory uncompressed.
const BATCH: u64 = 8_192;

/// Decimal precision of money.
const MONEY_DIGITS: u8 = 20;

/// Writer of a Parquet file.
pub(crate) struct ParquetFile {
    writer: SerializedFileWriter<BufWriter<File>>,
}

/// Encoder of row groups, shared by threads.
pub(crate) struct Encoder {
    schema: Arc<Schema>,
    factory: ArrowRowGroupWriterFactory,
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

impl ParquetFile {
    /// Starts a file; the returned encoder makes its row groups.
    pub(crate) fn create(file: BufWriter<File>, synth: &Synth) -> io::Result<(Self, Encoder)> {
        let schema = schema(synth);
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
            .set_created_by("zhaoren".to_owned())
            .build();
        let options = ArrowWriterOptions::new().with_properties(properties);
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options).map_err(failed)?;
        let (writer, factory) = writer.into_serialized_writer().map_err(failed)?;
        Ok((Self { writer }, Encoder { schema, factory }))
    }

    /// Appends the next row group.
    pub(crate) fn append(&mut self, columns: Vec<ArrowColumnChunk>) -> io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for column in columns {
            column.append_to_row_group(&mut group).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<BufWriter<File>> {
        self.writer.into_inner().map_err(failed)
    }
}

impl Encoder {
    /// Encodes the row group of this number.
    pub(crate) fn encode(
        &self,
        synth: &Synth,
        number: usize,
        rows: Range<u64>,
    ) -> io::Result<Vec<ArrowColumnChunk>> {
        let mut writers = self.factory.create_column_writers(number).map_err(failed)?;
        let mut start = rows.start;
        while start < rows.end {
            let end = (start + BATCH).min(rows.end);
            self.batch(synth, start..end, &mut writers)?;
            start = end;
        }
        writers.into_iter().map(|writer| writer.close().map_err(failed)).collect()
    }

    fn batch(&self, synth: &Synth, rows: Range<u64>, writers: &mut [ArrowColumnWriter]) -> io::Result<()> {
        let mut builders: Vec<Builder> =
            synth.columns.iter().map(|column| Builder::new(column.kind)).collect();
        let (mut ids, mut names, mut marks) =
            (StringBuilder::new(), StringBuilder::new(), BooleanBuilder::new());
        for enterprise in synth.enterprises(rows) {
            ids.append_value(&enterprise.id);
            names.append_value(&enterprise.name);
            marks.append_value(true);
            for (builder, column) in builders.iter_mut().zip(&synth.columns) {
                builder.append(enterprise.row.get(column.cell_index).unwrap_or(&SynthCell::Unknown));
            }
        }
        let first: [ArrayRef; 3] =
            [Arc::new(ids.finish()), Arc::new(names.finish()), Arc::new(marks.finish())];
        let mut writers = writers.iter_mut();
        let arrays = first.into_iter().map(Ok).chain(builders.iter_mut().map(Builder::finish));
        for (field, array) in self.schema.fields().iter().zip(arrays) {
            for leaf in compute_leaves(field, &array?).map_err(failed)? {
                let writer = writers.next().ok_or_else(|| io::Error::other("a column without a writer"))?;
                writer.write(&leaf).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn schema(synth: &Synth) -> Arc<Schema> {
    let mut fields = vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("name", DataType::Utf8, false),
        Field::new(MARK, DataType::Boolean, false),
    ];
    fields.extend(synth.columns.iter().map(|column| Field::new(&column.header, kind(column.kind), true)));
    Arc::new(Schema::new(fields))
}

fn kind(kind: FactType) -> DataType {
    match kind {
        FactType::Boolean => DataType::Boolean,
        FactType::Integer => DataType::Int64,
        FactType::Money => DataType::Decimal128(MONEY_DIGITS, 2),
        FactType::Decimal | FactType::Ratio => DataType::Decimal128(12, SynthCell::scale(kind).cast_signed()),
        FactType::Date => DataType::Date32,
        FactType::Tags => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        // No marginals of records are known, so no synthetic column has them.
        FactType::Code | FactType::Text | FactType::Records => DataType::Utf8,
    }
}

/// Builder of a column.
enum Builder {
    Truth(BooleanBuilder),
    Whole(Int64Builder),
    Scaled(Decimal128Builder, DataType),
    Day(Date32Builder),
    Text(StringBuilder),
    Tags(ListBuilder<StringBuilder>),
}

impl Builder {
    fn new(of: FactType) -> Self {
        match of {
            FactType::Boolean => Self::Truth(BooleanBuilder::new()),
            FactType::Integer => Self::Whole(Int64Builder::new()),
            FactType::Money | FactType::Decimal | FactType::Ratio => {
                Self::Scaled(Decimal128Builder::new(), kind(of))
            }
            FactType::Date => Self::Day(Date32Builder::new()),
            FactType::Tags => Self::Tags(ListBuilder::new(StringBuilder::new())),
            FactType::Code | FactType::Text | FactType::Records => Self::Text(StringBuilder::new()),
        }
    }

    /// Appends a cell; a value that the column type cannot hold becomes null.
    fn append(&mut self, cell: &SynthCell<'_>) {
        match (self, cell) {
            (Self::Truth(builder), SynthCell::Truth(truth)) => builder.append_value(*truth),
            (Self::Truth(builder), _) => builder.append_null(),
            (Self::Whole(builder), SynthCell::Whole(number)) => builder.append_value(*number),
            (Self::Whole(builder), _) => builder.append_null(),
            (Self::Scaled(builder, _), SynthCell::Scaled(number)) => {
                builder.append_value(i128::from(*number));
            }
            (Self::Scaled(builder, _), _) => builder.append_null(),
            (Self::Day(builder), SynthCell::Day(day)) => {
                builder.append_value((*day - date(1970, 1, 1)).get_days());
            }
            (Self::Day(builder), _) => builder.append_null(),
            (Self::Text(builder), SynthCell::Text(word)) => builder.append_value(word),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Tags(builder), SynthCell::Tags(tags)) => {
                builder.append_value(tags.iter().map(|tag| Some(*tag)));
            }
            (Self::Tags(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> io::Result<ArrayRef> {
        Ok(match self {
            Self::Truth(builder) => Arc::new(builder.finish()),
            Self::Whole(builder) => Arc::new(builder.finish()),
            Self::Scaled(builder, kind) => Arc::new(builder.finish().with_data_type(kind.clone())),
            Self::Day(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Tags(builder) => Arc::new(builder.finish()),
        })
    }
}
