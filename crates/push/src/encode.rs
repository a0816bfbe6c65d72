//! Encodes rows of the list as pieces of a file: Parquet row groups, text, or rows of a workbook. Pieces are encoded in parallel.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use serde::Serialize;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::verdict::Verdict;

use crate::cells::escape_formula;
use crate::error::PushError;
use crate::list::{COLUMNS, Change, EXPLAINED, ListRow, ListRows, score, verdict_word};
use crate::options::{Explain, Format};
use crate::words::{ItemWords, cause_name};
use crate::workbook::{Cell, SheetRows, sheet_rows};

/// Separator of the facts of one cell in a CSV list.
pub(crate) const LIST_SEPARATOR: &str = "|";

/// Encoded piece of the list.
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    RowGroup(Vec<ArrowColumnChunk>),
    /// The same rows twice: for programs, and for people.
    Book(Vec<ArrowColumnChunk>, Vec<SheetRows>),
}

/// Words that the encoder needs besides the rows.
pub(crate) struct ListWords<'a> {
    /// Items of the list, in the order of [`ListRows::items`].
    pub(crate) items: Vec<ItemWords>,
    pub(crate) dictionary: &'a FactDictionary,
    pub(crate) explain: Explain,
}

/// Encoder of pieces, shared by threads.
pub(crate) struct Encoder<'a> {
    schema: Arc<Schema>,
    factory: Option<ArrowRowGroupWriterFactory>,
    format: Format,
    words: ListWords<'a>,
}

/// Columns of a list with their types.
pub(crate) fn schema(explain: Explain) -> Arc<Schema> {
    let word = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields: Vec<Field> = COLUMNS
        .into_iter()
        .map(|name| match name {
            "enterprise_id" | "policy_id" | "change" => Field::new(name, word(), false),
            "score" => Field::new(name, DataType::Float64, false),
            "detail" | "missing" | "clause" => Field::new(name, DataType::Utf8, true),
            _ => Field::new(name, word(), true),
        })
        .collect();
    if explain == Explain::Full {
        let item = || Arc::new(Field::new("item", DataType::Utf8, true));
        fields.extend(EXPLAINED.map(|name| Field::new(name, DataType::List(item()), true)));
    }
    Arc::new(Schema::new(fields))
}

/// One row with all words, borrowed from the list.
#[derive(Serialize)]
pub(crate) struct WordedRow<'a> {
    enterprise_id: &'a str,
    policy_id: &'a str,
    verdict: Option<&'a str>,
    score: f64,
    change: &'a str,
    cause: Option<&'a str>,
    detail: Option<&'a str>,
    enterprise_name: Option<&'a str>,
    title: Option<&'a str>,
    level: Option<&'a str>,
    verdict_name: Option<&'a str>,
    amount: Option<&'a str>,
    window: Option<&'a str>,
    region: Option<&'a str>,
    street: Option<&'a str>,
    missing: Option<String>,
    cause_name: Option<&'a str>,
    clause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_facts: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_facts: Option<&'a [String]>,
    /// Change in Chinese; only in the workbook.
    #[serde(skip)]
    change_name: &'a str,
}

/// The text, unless it is empty.
fn known(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

impl<'a> Encoder<'a> {
    /// Encoder for one format; Parquet needs the row group factory of its file.
    pub(crate) fn new(
        schema: Arc<Schema>,
        factory: Option<ArrowRowGroupWriterFactory>,
        format: Format,
        words: ListWords<'a>,
    ) -> Self {
        Self { schema, factory, format, words }
    }

    /// Encodes the piece with this number.
    pub(crate) fn encode(&self, number: usize, rows: &ListRows<'_>) -> Result<Piece, PushError> {
        let internal = |error: &dyn std::fmt::Display| PushError::Internal(error.to_string());
        let group = |factory| {
            let group = row_group(factory, &self.schema, number, rows, &self.words);
            group.map_err(|error| internal(&error))
        };
        match (self.format, &self.factory) {
            (Format::Parquet, Some(factory)) => group(factory).map(Piece::RowGroup),
            (Format::Xlsx, Some(factory)) => Ok(Piece::Book(
                group(factory)?,
                sheet_rows(rows, |row, put| put(&self.worded(rows, row).cells())),
            )),
            (Format::Csv, _) => self.csv_piece(rows).map(Piece::Bytes).map_err(|error| internal(&error)),
            _ => self.lines(rows).map(Piece::Bytes).map_err(|error| internal(&error)),
        }
    }

    fn worded<'r>(&'r self, list: &'r ListRows<'_>, row: &'r ListRow) -> WordedRow<'r> {
        let enterprise = list.enterprise(row);
        let item = self.words.items.get(row.item as usize);
        let place = list.place(row);
        let explanation = row.explanation.as_deref();
        let missing = explanation.map(|explanation| explanation.words(self.words.dictionary));
        let cause = row.cause.as_deref();
        let explained = (self.words.explain == Explain::Full).then_some(explanation);
        let facts = |of: fn(&crate::explain::Explanation) -> &[String]| {
            explained.map(|explanation| explanation.map_or(&[][..], of))
        };
        WordedRow {
            enterprise_id: enterprise.id,
            policy_id: list.item(row),
            verdict: row.verdict.map(verdict_word),
            score: score(row.score),
            change: row.change.word(),
            cause: cause.map(|cause| cause.code),
            detail: cause.and_then(|cause| known(&cause.detail)),
            enterprise_name: known(enterprise.name),
            title: item.and_then(|item| known(&item.title)),
            level: item.and_then(|item| known(item.level)),
            verdict_name: row.verdict.map(Verdict::name),
            amount: item.and_then(|item| known(&item.amount)),
            window: item.and_then(|item| known(&item.window)),
            region: known(&place.1.region),
            street: known(&place.1.street),
            missing: missing.filter(|words| !words.is_empty()),
            cause_name: cause.map(|cause| cause_name(cause.code)),
            clause: cause.and_then(|cause| known(&cause.clause)),
            missing_facts: facts(|explanation| &explanation.missing),
            failing_facts: facts(|explanation| &explanation.failing),
            change_name: row.change.name(),
        }
    }

    fn csv_piece(&self, list: &ListRows<'_>) -> csv::Result<Vec<u8>> {
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        for row in &list.rows {
            let row = self.worded(list, row);
            out.write_field(&*escape_formula(row.enterprise_id))?;
            out.write_field(&*escape_formula(row.policy_id))?;
            out.write_field(row.verdict.unwrap_or_default())?;
            out.write_field(row.score.to_string())?;
            for word in [Some(row.change), row.cause] {
                out.write_field(word.unwrap_or_default())?;
            }
            out.write_field(&*escape_formula(row.detail.unwrap_or_default()))?;
            for text in [row.enterprise_name, row.title, row.level, row.verdict_name, row.amount, row.window]
                .into_iter()
                .chain([row.region, row.street, row.missing.as_deref(), row.cause_name, row.clause])
            {
                out.write_field(&*escape_formula(text.unwrap_or_default()))?;
            }
            for facts in [row.missing_facts, row.failing_facts].into_iter().flatten() {
                out.write_field(facts.join(LIST_SEPARATOR))?;
            }
            out.write_record(None::<&[u8]>)?;
        }
        out.into_inner().map_err(|error| error.into_error().into())
    }

    fn lines(&self, list: &ListRows<'_>) -> serde_json::Result<Vec<u8>> {
        let mut out = Vec::new();
        for row in &list.rows {
            serde_json::to_writer(&mut out, &self.worded(list, row))?;
            out.push(b'\n');
        }
        Ok(out)
    }
}

impl WordedRow<'_> {
    /// Cells of a workbook for people, in the order of its headings.
    pub(crate) fn cells(&self) -> [Cell<'_>; 15] {
        let texts = [
            self.enterprise_name.unwrap_or_default(),
            self.enterprise_id,
            self.title.unwrap_or(self.policy_id),
            self.level.unwrap_or_default(),
            self.verdict_name.unwrap_or_default(),
            self.amount.unwrap_or_default(),
            self.window.unwrap_or_default(),
            self.missing.as_deref().unwrap_or_default(),
            self.change_name,
            self.cause_name.unwrap_or_default(),
            self.detail.unwrap_or_default(),
            self.region.unwrap_or_default(),
            self.street.unwrap_or_default(),
        ];
        let [a, b, c, d, e, f, g, h, i, j, k, l, m] = texts.map(Cell::Text);
        [a, b, c, d, e, f, g, h, i, j, k, l, m, Cell::Number(self.score), Cell::Text(self.policy_id)]
    }
}

fn row_group(
    factory: &ArrowRowGroupWriterFactory,
    schema: &Schema,
    number: usize,
    list: &ListRows<'_>,
    of: &ListWords<'_>,
) -> parquet::errors::Result<Vec<ArrowColumnChunk>> {
    let rows = &list.rows;
    let ids = |values: &mut dyn Iterator<Item = &str>, of: &dyn Fn(&ListRow) -> u32| {
        let keys = Int32Array::from_iter_values(rows.iter().map(|row| position(of(row))));
        words(keys, StringArray::from_iter_values(values))
    };
    // Words that may be absent: an empty one is null.
    let texts = |values: &[&str], of: &dyn Fn(&ListRow) -> u32| {
        let key = |row: &ListRow| {
            let at = of(row);
            values.get(at as usize).filter(|text| !text.is_empty()).map(|_| position(at))
        };
        words(rows.iter().map(key).collect(), StringArray::from_iter_values(values))
    };
    let item_texts = |text: fn(&ItemWords) -> &str| {
        let values: Vec<&str> = of.items.iter().map(text).collect();
        texts(&values, &|row| row.item)
    };
    let names: Vec<&str> = list.enterprises.iter().map(|enterprise| enterprise.name).collect();
    let verdicts: Int32Array = rows
        .iter()
        .map(|row| {
            row.verdict.map(|verdict| match verdict {
                Verdict::Eligible => 0,
                Verdict::Undetermined => 1,
                Verdict::Ineligible => 2,
            })
        })
        .collect();
    let all = [Verdict::Eligible, Verdict::Undetermined, Verdict::Ineligible];
    let changes = rows.iter().map(|row| match row.change {
        Change::New => 0,
        Change::Kept => 1,
        Change::Gone => 2,
    });
    let change_words = [Change::New, Change::Kept, Change::Gone].map(Change::word);
    let mut cause_words: Vec<&str> = Vec::new();
    let mut causes = Int32Array::builder(rows.len());
    let [mut details, mut missing, mut clauses] = [(); 3].map(|()| StringBuilder::new());
    let mut facts = [ListBuilder::new(StringBuilder::new()), ListBuilder::new(StringBuilder::new())];
    for row in rows {
        let cause = row.cause.as_deref();
        details.append_option(cause.and_then(|cause| known(&cause.detail)));
        clauses.append_option(cause.and_then(|cause| known(&cause.clause)));
        causes.append_option(cause.map(|cause| {
            let at = cause_words.iter().position(|known| *known == cause.code).unwrap_or_else(|| {
                cause_words.push(cause.code);
                cause_words.len() - 1
            });
            i32::try_from(at).unwrap_or(i32::MAX)
        }));
        let explanation = row.explanation.as_deref();
        let words = explanation.map(|explanation| explanation.words(of.dictionary));
        missing.append_option(words.filter(|words| !words.is_empty()));
        if of.explain == Explain::Full {
            let none = (&[][..], &[][..]);
            let (lacks, fails) =
                explanation.map_or(none, |found| (found.missing.as_slice(), found.failing.as_slice()));
            for (list, keys) in facts.iter_mut().zip([lacks, fails]) {
                keys.iter().for_each(|key| list.values().append_value(key));
                list.append(true);
            }
        }
    }
    let causes = causes.finish();
    let cause_names = cause_words.iter().map(|word| cause_name(word));
    let cause_names = words(causes.clone(), StringArray::from_iter_values(cause_names))?;
    let places = &list.places.all;
    let place = |row: &ListRow| list.enterprises.get(row.enterprise as usize).map_or(0, |one| one.place);
    let place_texts = |text: fn(&crate::words::PlaceName) -> &str| {
        let values: Vec<&str> = places.iter().map(|(_, place)| text(place)).collect();
        texts(&values, &place)
    };
    let mut columns: Vec<ArrayRef> = vec![
        ids(&mut list.enterprises.iter().map(|enterprise| enterprise.id), &|row| row.enterprise)?,
        ids(&mut list.items.iter().copied(), &|row| row.item)?,
        words(verdicts.clone(), StringArray::from_iter_values(all.map(verdict_word)))?,
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| score(row.score)))),
        words(Int32Array::from_iter_values(changes), StringArray::from_iter_values(change_words))?,
        words(causes, StringArray::from_iter_values(&cause_words))?,
        Arc::new(details.finish()),
        texts(&names, &|row| row.enterprise)?,
        item_texts(|item| &item.title)?,
        item_texts(|item| item.level)?,
        words(verdicts, StringArray::from_iter_values(all.map(Verdict::name)))?,
        item_texts(|item| &item.amount)?,
        item_texts(|item| &item.window)?,
        place_texts(|place| &place.region)?,
        place_texts(|place| &place.street)?,
        Arc::new(missing.finish()),
        cause_names,
        Arc::new(clauses.finish()),
    ];
    if of.explain == Explain::Full {
        columns.extend(facts.iter_mut().map(|list| -> ArrayRef { Arc::new(list.finish()) }));
    }
    let mut writers = factory.create_column_writers(number)?.into_iter();
    let mut chunks = Vec::new();
    for (field, column) in schema.fields().iter().zip(&columns) {
        for leaf in compute_leaves(field, column)? {
            let Some(mut writer) = writers.next() else { continue };
            writer.write(&leaf)?;
            chunks.push(writer.close()?);
        }
    }
    Ok(chunks)
}

fn position(at: u32) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

/// Dictionary array of words, given by their positions.
fn words(keys: Int32Array, values: StringArray) -> parquet::errors::Result<ArrayRef> {
    let words: DictionaryArray<Int32Type> = DictionaryArray::try_new(keys, Arc::new(values))?;
    Ok(Arc::new(words))
}
