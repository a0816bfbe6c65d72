//! Encodes rows of the list as pieces of a file: Parquet row groups or text. Pieces are encoded in parallel.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray};
use arrow_schema::Schema;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use zhaoren_policy::verdict::Verdict;

use crate::cells::escape_formula;
use crate::error::PushError;
use crate::list::{COLUMNS, Change, ListRow, ListRows, score, verdict_word};
use crate::options::Format;

/// Encoded piece of the list.
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    RowGroup(Vec<ArrowColumnChunk>),
}

/// Encoder of pieces, shared by threads.
pub(crate) struct Encoder {
    schema: Arc<Schema>,
    factory: Option<ArrowRowGroupWriterFactory>,
    format: Format,
}

impl Encoder {
    /// Encoder for one format; Parquet needs the row group factory of its file.
    pub(crate) fn new(
        schema: Arc<Schema>,
        factory: Option<ArrowRowGroupWriterFactory>,
        format: Format,
    ) -> Self {
        Self { schema, factory, format }
    }

    /// Encodes the piece with this number.
    pub(crate) fn encode(&self, number: usize, rows: &ListRows<'_>) -> Result<Piece, PushError> {
        let internal = |error: &dyn std::fmt::Display| PushError::Internal(error.to_string());
        match (self.format, &self.factory) {
            (Format::Parquet, Some(factory)) => {
                row_group(factory, &self.schema, number, rows).map_err(|error| internal(&error))
            }
            (Format::Csv, _) => csv_piece(rows).map(Piece::Bytes).map_err(|error| internal(&error)),
            _ => Ok(Piece::Bytes(lines(rows))),
        }
    }
}

fn row_group(
    factory: &ArrowRowGroupWriterFactory,
    schema: &Schema,
    number: usize,
    list: &ListRows<'_>,
) -> parquet::errors::Result<Piece> {
    let rows = &list.rows;
    let position = |at: u32| i32::try_from(at).unwrap_or(i32::MAX);
    let ids = |values: &[&str], of: &dyn Fn(&ListRow) -> u32| {
        let keys = Int32Array::from_iter_values(rows.iter().map(|row| position(of(row))));
        words(keys, StringArray::from_iter_values(values))
    };
    let verdicts = rows.iter().map(|row| {
        row.verdict.map(|verdict| match verdict {
            Verdict::Eligible => 0,
            Verdict::Undetermined => 1,
            Verdict::Ineligible => 2,
        })
    });
    let verdict_words = [Verdict::Eligible, Verdict::Undetermined, Verdict::Ineligible].map(verdict_word);
    let changes = rows.iter().map(|row| match row.change {
        Change::New => 0,
        Change::Kept => 1,
        Change::Gone => 2,
    });
    let change_words = [Change::New, Change::Kept, Change::Gone].map(Change::word);
    let mut cause_words: Vec<&str> = Vec::new();
    let mut causes = Int32Array::builder(rows.len());
    let mut details = StringBuilder::new();
    for row in rows {
        let cause = row.cause.as_deref();
        details.append_option(cause.map(|(_, detail)| detail).filter(|detail| !detail.is_empty()));
        causes.append_option(cause.map(|(word, _)| {
            let at = cause_words.iter().position(|known| known == word).unwrap_or_else(|| {
                cause_words.push(word);
                cause_words.len() - 1
            });
            i32::try_from(at).unwrap_or(i32::MAX)
        }));
    }
    let columns: [ArrayRef; COLUMNS.len()] = [
        ids(&list.enterprises, &|row| row.enterprise)?,
        ids(&list.items, &|row| row.item)?,
        words(verdicts.collect(), StringArray::from_iter_values(verdict_words))?,
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| score(row.score)))),
        words(Int32Array::from_iter_values(changes), StringArray::from_iter_values(change_words))?,
        words(causes.finish(), StringArray::from_iter_values(cause_words))?,
        Arc::new(details.finish()),
    ];
    let mut writers = factory.create_column_writers(number)?.into_iter();
    let mut chunks = Vec::new();
    for (field, column) in schema.fields().iter().zip(&columns) {
        for leaf in compute_leaves(field, column)? {
            let Some(mut writer) = writers.next() else { continue };
            writer.write(&leaf)?;
            chunks.push(writer.close()?);
        }
    }
    Ok(Piece::RowGroup(chunks))
}

/// Dictionary array of words, given by their positions.
fn words(keys: Int32Array, values: StringArray) -> parquet::errors::Result<ArrayRef> {
    let words: DictionaryArray<Int32Type> = DictionaryArray::try_new(keys, Arc::new(values))?;
    Ok(Arc::new(words))
}

fn csv_piece(list: &ListRows<'_>) -> csv::Result<Vec<u8>> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in &list.rows {
        out.write_record([
            &*escape_formula(list.enterprise(row)),
            &*escape_formula(list.item(row)),
            row.verdict.map_or("", verdict_word),
            &score(row.score).to_string(),
            row.change.word(),
            row.cause.as_deref().map_or("", |(word, _)| word),
            &*row.cause.as_deref().map_or("".into(), |(_, detail)| escape_formula(detail)),
        ])?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

fn lines(list: &ListRows<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for row in &list.rows {
        let line = serde_json::json!({
            "enterprise_id": list.enterprise(row),
            "policy_id": list.item(row),
            "verdict": row.verdict.map(verdict_word),
            "score": score(row.score),
            "change": row.change.word(),
            "cause": row.cause.as_deref().map(|(word, _)| word),
            "detail": row.cause.as_deref().map(|(_, detail)| detail).filter(|detail| !detail.is_empty()),
        });
        out.extend_from_slice(line.to_string().as_bytes());
        out.push(b'\n');
    }
    out
}
