//! Reads finished runs: the runs below a folder, and the rows of their lists in any format.

mod people;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use arrow_array::{Array, Float64Array, ListArray, RecordBatch, StringArray};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value as Json};
use zhaoren_cancel::poll;

use crate::cells::unescape_formula;
use crate::encode::LIST_SEPARATOR;
use crate::error::{PushError, at};
use crate::folder::Manifest;
use crate::list::EXPLAINED;

pub use crate::folder::is_done;
pub use people::{csv_heading, csv_lines};

/// Names of the finished runs below a folder, in descending order.
///
/// # Errors
/// The folder cannot be read; a folder that does not exist has no runs.
pub fn runs(root: &Path) -> Result<Vec<String>, PushError> {
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(root)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(root))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        names.extend(name.filter(|name| !name.starts_with('.') && is_done(&path)).map(str::to_owned));
    }
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

/// Filter of list rows; an empty text matches every row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Id of the enterprise.
    pub enterprise: String,
    /// Id of the item.
    pub item: String,
    /// Verdict, in the word of the list.
    pub verdict: String,
    /// Change, in the word of the list.
    pub change: String,
}

impl ListFilter {
    fn has(&self, row: &Json) -> bool {
        let is = |key: &str, expected: &str| {
            expected.is_empty() || row.get(key).and_then(Json::as_str) == Some(expected)
        };
        is("enterprise_id", &self.enterprise)
            && is("policy_id", &self.item)
            && is("verdict", &self.verdict)
            && is("change", &self.change)
    }
}

/// Rows that match a filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListPage {
    /// Rows in the form written by a run.
    pub rows: Vec<Json>,
    /// Row at which to continue; `None` at the end of the list.
    pub next: Option<u64>,
}

/// Reader of a list from a given row on.
pub struct List {
    path: PathBuf,
    rows: u64,
    digest_prefix: String,
    to_skip: u64,
    /// Opened at the first requested row: skipped rows need not be read.
    source: Option<Source>,
}

enum Source {
    Lines(BufReader<File>),
    Csv(Box<csv::Reader<File>>, Vec<String>),
    Parquet { reader: Box<ParquetRecordBatchReader>, batch: Option<RecordBatch>, row: usize },
}

/// Row as read from the file.
enum RawRow {
    Line(String),
    Row(Map<String, Json>),
}

impl RawRow {
    fn line(self) -> String {
        match self {
            Self::Line(line) => line,
            // A whole score keeps the form written by a run: 1.0.
            Self::Row(row) => Json::Object(row).to_string(),
        }
    }

    fn row(self) -> Result<Json, PushError> {
        match self {
            Self::Line(line) => serde_json::from_str(&line).map_err(|error| internal(&error)),
            Self::Row(row) => Ok(Json::Object(row)),
        }
    }
}

fn internal(error: &dyn std::fmt::Display) -> PushError {
    PushError::Internal(error.to_string())
}

impl List {
    /// Opens the list of a finished run.
    ///
    /// # Errors
    /// The list does not exist or cannot be read.
    pub fn open(folder: &Path) -> Result<Self, PushError> {
        let path = folder.join("manifest.json");
        let text = std::fs::read(&path).map_err(at(&path))?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| internal(&error))?;
        // A workbook is for people; the same list lies beside it.
        let is_list = |name: &str| name.starts_with("matches.") && !name.ends_with(".xlsx");
        let list = manifest.files.iter().find(|file| is_list(&file.name));
        let list = list.ok_or_else(|| PushError::Internal("a run without a list".to_owned()))?;
        let path = folder.join(&list.name);
        // A missing list is reported at once, before rows are requested.
        File::open(&path).map_err(at(&path))?;
        let mark = list.sha256.chars().take(16).collect();
        Ok(Self { path, rows: manifest.rows, digest_prefix: mark, to_skip: 0, source: None })
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Beginning of the list's digest, which identifies it.
    pub fn digest_prefix(&self) -> &str {
        &self.digest_prefix
    }

    /// Skips this many rows before the next ones are read.
    pub fn skip(&mut self, rows: u64) {
        self.to_skip = self.to_skip.saturating_add(rows);
    }

    /// Next rows, at most `limit`, each as a line of JSON in the form written by a run; empty at the end.
    ///
    /// # Errors
    /// The file cannot be read further.
    pub fn lines(&mut self, limit: usize) -> Result<Vec<String>, PushError> {
        let mut lines = Vec::new();
        while lines.len() < limit {
            let Some(found) = self.next()? else { break };
            lines.push(found.line());
        }
        Ok(lines)
    }

    fn next(&mut self) -> Result<Option<RawRow>, PushError> {
        poll();
        let skip = std::mem::take(&mut self.to_skip);
        let source = match &mut self.source {
            Some(source) => {
                source.skip_rows(skip)?;
                source
            }
            none => none.insert(Source::open(&self.path, skip)?),
        };
        source.next()
    }
}

/// Rows of a run's list that match the filter, from row `from` on: at most `limit`, found among the next `through` rows. The list
/// is in order of enterprise, not of item, so a search for one item has to scan all of it, one part at a time.
///
/// # Errors
/// The list does not exist or cannot be read.
pub fn find(
    folder: &Path,
    filter: &ListFilter,
    from: u64,
    limit: usize,
    through: u64,
) -> Result<ListPage, PushError> {
    let mut list = List::open(folder)?;
    list.skip(from);
    let (mut found, mut at) = (ListPage::default(), from);
    let end = list.rows().min(from.saturating_add(through));
    while at < end && found.rows.len() < limit {
        let Some(next) = list.next()? else { return Ok(found) };
        at += 1;
        let row = next.row()?;
        if filter.has(&row) {
            found.rows.push(row);
        }
    }
    found.next = (at < list.rows()).then_some(at);
    Ok(found)
}

impl Source {
    /// Opens a list after its first `skip` rows. Parquet row groups that are skipped entirely are not read.
    fn open(path: &Path, skip: u64) -> Result<Self, PushError> {
        let file = File::open(path).map_err(at(path))?;
        let mut source = match path.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl") => Self::Lines(BufReader::new(file)),
            Some("csv") => {
                let mut reader = csv::Reader::from_reader(file);
                let headers = reader.headers().map_err(|error| internal(&error))?;
                let headers =
                    headers.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
                Self::Csv(Box::new(reader), headers)
            }
            _ => {
                let builder =
                    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| internal(&error))?;
                let (mut before, mut groups) = (0, Vec::new());
                for (number, group) in builder.metadata().row_groups().iter().enumerate() {
                    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
                    if groups.is_empty() && before + rows <= skip {
                        before += rows;
                    } else {
                        groups.push(number);
                    }
                }
                let rest = usize::try_from(skip - before).unwrap_or(usize::MAX);
                let reader = builder.with_row_groups(groups).with_offset(rest).build();
                let reader = Box::new(reader.map_err(|error| internal(&error))?);
                return Ok(Self::Parquet { reader, batch: None, row: 0 });
            }
        };
        source.skip_rows(skip)?;
        Ok(source)
    }

    /// Skips rows without parsing them.
    fn skip_rows(&mut self, rows: u64) -> Result<(), PushError> {
        let (mut line, mut record) = (Vec::new(), csv::ByteRecord::new());
        let mut left = rows;
        while left > 0 {
            poll();
            let read = match self {
                Self::Lines(reader) => {
                    line.clear();
                    reader.read_until(b'\n', &mut line).map_err(|error| internal(&error))? > 0
                }
                Self::Csv(reader, _) => {
                    reader.read_byte_record(&mut record).map_err(|error| internal(&error))?
                }
                Self::Parquet { reader, batch, row } => match batch {
                    Some(one) if *row < one.num_rows() => {
                        let rest = one.num_rows() - *row;
                        let limit = usize::try_from(left).unwrap_or(usize::MAX).min(rest);
                        *row += limit;
                        left -= limit as u64 - 1;
                        true
                    }
                    _ => {
                        let next = reader.next().transpose().map_err(|error| internal(&error))?;
                        let ended = next.is_none();
                        (*batch, *row) = (next, 0);
                        if ended {
                            return Ok(());
                        }
                        continue;
                    }
                },
            };
            if !read {
                return Ok(());
            }
            left -= 1;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<RawRow>, PushError> {
        match self {
            Self::Lines(reader) => {
                let mut line = String::new();
                let read = reader.read_line(&mut line).map_err(|error| internal(&error))?;
                Ok((read > 0).then(|| RawRow::Line(line.trim_end().to_owned())))
            }
            Self::Csv(reader, headers) => {
                let mut record = csv::StringRecord::new();
                if !reader.read_record(&mut record).map_err(|error| internal(&error))? {
                    return Ok(None);
                }
                let cell = |(name, cell): (&String, &str)| {
                    let value = match (name.as_str(), cell) {
                        (name, facts) if EXPLAINED.contains(&name) => {
                            facts.split(LIST_SEPARATOR).filter(|fact| !fact.is_empty()).collect()
                        }
                        (_, "") => Json::Null,
                        ("score", number) => serde_json::from_str(number)
                            .map_err(|_| PushError::Internal(format!("排序分应为数字，得到“{number}”")))?,
                        (_, text) => unescape_formula(text).into(),
                    };
                    Ok((name.clone(), value))
                };
                let row = headers.iter().zip(&record).map(cell).collect::<Result<_, PushError>>()?;
                Ok(Some(RawRow::Row(row)))
            }
            Self::Parquet { reader, batch, row } => loop {
                if let Some(one) = batch.as_ref().filter(|one| *row < one.num_rows()) {
                    let fields = one.schema();
                    let cells = fields.fields().iter().zip(one.columns());
                    let found =
                        cells.map(|(field, column)| (field.name().clone(), cell(column, *row))).collect();
                    *row += 1;
                    return Ok(Some(RawRow::Row(found)));
                }
                match reader.next().transpose().map_err(|error| internal(&error))? {
                    None => return Ok(None),
                    next => (*batch, *row) = (next, 0),
                }
            },
        }
    }
}

fn cell(column: &dyn Array, row: usize) -> Json {
    if column.is_null(row) {
        return Json::Null;
    }
    let text = column.as_any().downcast_ref::<StringArray>().map(|texts| texts.value(row).into());
    if let Some(lists) = column.as_any().downcast_ref::<ListArray>() {
        let texts = lists.value(row);
        return (0..texts.len()).map(|at| cell(&texts, at)).collect();
    }
    let number = column.as_any().downcast_ref::<Float64Array>().map(|numbers| numbers.value(row).into());
    text.or(number).unwrap_or(Json::Null)
}
