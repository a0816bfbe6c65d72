//! Finished runs read back: which there are below a folder, and the rows of their lists, whatever the format.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use arrow::array::{Array, Float64Array, RecordBatch, StringArray};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value as Json};

use crate::error::{PushError, at};
use crate::publish::{Manifest, SUCCESS};

/// The finished runs below a folder, by name, the last name first.
///
/// # Errors
/// When the folder cannot be read; one that is not there holds none.
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

/// Whether a folder holds a finished run.
pub fn is_done(folder: &Path) -> bool {
    folder.join(SUCCESS).is_file()
}

/// Which rows of a list are wanted; an empty text stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of which enterprise, by its id.
    pub enterprise: String,
    /// Of which item, by its id.
    pub item: String,
}

impl Wanted {
    fn has(&self, row: &Json) -> bool {
        let is = |key: &str, wanted: &str| {
            wanted.is_empty() || row.get(key).and_then(Json::as_str) == Some(wanted)
        };
        is("enterprise_id", &self.enterprise) && is("policy_id", &self.item)
    }
}

/// Rows that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundRows {
    /// The rows, each as a run writes it.
    pub rows: Vec<Json>,
    /// Which row to go on at; `None` where the list is at its end.
    pub next: Option<u64>,
}

/// A list that is read from its first row on.
pub struct List {
    rows: u64,
    mark: String,
    to_skip: u64,
    source: Source,
}

enum Source {
    Lines(BufReader<File>),
    Csv(Box<csv::Reader<File>>),
    Parquet { reader: Box<ParquetRecordBatchReader>, batch: Option<RecordBatch>, row: usize },
}

impl List {
    /// Opens the list of a finished run.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, PushError> {
        let path = folder.join("manifest.json");
        let text = std::fs::read(&path).map_err(at(&path))?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| PushError::Internal(error.to_string()))?;
        let list = manifest.files.iter().find(|file| file.name.starts_with("matches."));
        let list = list.ok_or_else(|| PushError::Internal("a run without a list".to_owned()))?;
        let path = folder.join(&list.name);
        let file = File::open(&path).map_err(at(&path))?;
        let source = match path.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl") => Source::Lines(BufReader::new(file)),
            Some("csv") => Source::Csv(Box::new(csv::Reader::from_reader(file))),
            _ => {
                let internal = |error: parquet::errors::ParquetError| PushError::Internal(error.to_string());
                let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(internal)?;
                let reader = reader.build().map_err(internal)?;
                Source::Parquet { reader: Box::new(reader), batch: None, row: 0 }
            }
        };
        let mark = list.sha256.chars().take(16).collect();
        Ok(Self { rows: manifest.rows, mark, to_skip: 0, source })
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What tells it from every other list: the beginning of its digest.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// Passes over so many rows before the next ones are read.
    pub fn skip(&mut self, rows: u64) {
        self.to_skip += rows;
    }

    /// The next rows, at most `most`, each as a line of JSON as a run writes it; none at the end.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn lines(&mut self, most: usize) -> Result<Vec<String>, PushError> {
        let mut lines = Vec::new();
        while lines.len() < most {
            let Some(line) = self.source.next()? else { break };
            match self.to_skip {
                0 => lines.push(line),
                _ => self.to_skip -= 1,
            }
        }
        Ok(lines)
    }
}

/// The rows of a run's list that are wanted, from row `from` on: at most `most`, among `through` rows that are looked at. The list
/// is in order of enterprise and not of item, so whoever wants one item looks through all of it, a part at a time.
///
/// # Errors
/// When there is no list, or it cannot be read.
pub fn find(
    folder: &Path,
    wanted: &Wanted,
    from: u64,
    most: usize,
    through: u64,
) -> Result<FoundRows, PushError> {
    let mut list = List::open(folder)?;
    list.skip(from);
    let (mut found, mut at) = (FoundRows::default(), from);
    let end = list.rows().min(from.saturating_add(through));
    while at < end && found.rows.len() < most {
        let Some(line) = list.lines(1)?.pop() else { return Ok(found) };
        at += 1;
        let row: Json =
            serde_json::from_str(&line).map_err(|error| PushError::Internal(error.to_string()))?;
        if wanted.has(&row) {
            found.rows.push(row);
        }
    }
    found.next = (at < list.rows()).then_some(at);
    Ok(found)
}

impl Source {
    fn next(&mut self) -> Result<Option<String>, PushError> {
        let internal = |error: &dyn std::fmt::Display| PushError::Internal(error.to_string());
        match self {
            Self::Lines(reader) => {
                let mut line = String::new();
                let read = reader.read_line(&mut line).map_err(|error| internal(&error))?;
                Ok((read > 0).then(|| line.trim_end().to_owned()))
            }
            Self::Csv(reader) => {
                let headers = reader.headers().map_err(|error| internal(&error))?.clone();
                let mut record = csv::StringRecord::new();
                if !reader.read_record(&mut record).map_err(|error| internal(&error))? {
                    return Ok(None);
                }
                let cell = |(name, cell): (&str, &str)| {
                    let name = name.trim_start_matches('\u{feff}');
                    let value = match (name, cell) {
                        (_, "") => Json::Null,
                        ("score", number) => serde_json::from_str(number).unwrap_or(Json::Null),
                        (_, text) => text.into(),
                    };
                    (name.to_owned(), value)
                };
                Ok(Some(line(headers.iter().zip(&record).map(cell).collect())))
            }
            Self::Parquet { reader, batch, row } => loop {
                if let Some(one) = batch.as_ref().filter(|one| *row < one.num_rows()) {
                    let fields = one.schema();
                    let cells = fields.fields().iter().zip(one.columns());
                    let text =
                        cells.map(|(field, column)| (field.name().clone(), cell(column, *row))).collect();
                    *row += 1;
                    return Ok(Some(line(text)));
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
    let number = column.as_any().downcast_ref::<Float64Array>().map(|numbers| numbers.value(row).into());
    text.or(number).unwrap_or(Json::Null)
}

fn line(row: Map<String, Json>) -> String {
    // A whole score is written as a run writes it: 1.0.
    Json::Object(row).to_string()
}
