//! Files of enterprises: finds them, detects their formats, checks them for changes, and reads them in chunks of rows.

mod form;
mod look;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Strictness;
use zhaoren_policy::warning::WarningKind;

use super::arrow_cells::{BatchCells, BatchRow};
use super::cell::Words;
use super::chunk::{Chunk, ChunkRows, ChunksOfRows};
use super::json::ProfileReader;
use super::layout::Layout;
use super::paths::{failed, find};
use super::readers;
use super::records::{LoadedRecords, RecordTable};
use super::rows::RowReader;
use super::sheet::{PageForm, SheetCells};
use super::source::Source;
use super::text::{RecordCells, UNDECODABLE};
use super::{Mapping, Rows, TableError, Warning};
use crate::digest::{FileDigest, facts_digest};
use form::{Form, Opened, SheetForm, open};

/// Options for reading tables.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// Meaning of columns that are not named after facts. Profiles in JSON need no mapping.
    pub mapping: Option<Mapping>,
    /// True if an unused column, an unknown fact and an unlisted tag are errors.
    pub strict: bool,
    /// True if a cell that cannot be read rejects its row, as does anything that is an error with `strict`. Otherwise only the fact
    /// of the cell is lost, and named in a warning.
    pub reject_rows: bool,
    /// Maximum number of rows of a chunk.
    pub chunk_rows: usize,
    /// Tables of records, each of one fact; several of one fact are read as one.
    pub records: Vec<RecordTable>,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { mapping: None, strict: false, reject_rows: false, chunk_rows: 32_768, records: Vec::new() }
    }
}

/// Enterprises in files.
#[derive(Debug)]
pub struct Enterprises {
    files: Vec<Input>,
    /// One digest for each file, in order, then those of the mapping and of the tables of records.
    inputs: Vec<FileDigest>,
    dictionary: Arc<FactDictionary>,
    words: Words,
    strict: bool,
    strictness: Strictness,
    chunk_rows: usize,
    warnings: Vec<String>,
    settings: String,
    /// Records by id of the enterprise, from tables of their own.
    records: LoadedRecords,
}

#[derive(Debug)]
struct Input {
    /// Name as given, for display.
    name: String,
    path: PathBuf,
    bytes: u64,
    form: Form,
    /// Remarks about how it is read.
    notes: Vec<String>,
    /// Copy of standard input; deleted when this value is dropped.
    _spooled: Option<tempfile::TempPath>,
}

impl Enterprises {
    /// Opens tables. A path is a file, a folder of files (in order of name, subfolders included), a pattern such as
    /// `2026/*.parquet`, or `-` for standard input. The format is detected from the first bytes, whatever the extension.
    ///
    /// # Errors
    /// Names the path that does not exist, cannot be read, or is no table of enterprises.
    pub fn open(
        paths: &[PathBuf],
        options: TableOptions,
        dictionary: Arc<FactDictionary>,
    ) -> Result<Self, TableError> {
        Self::open_with(paths, options, dictionary, &mut std::io::stdin().lock())
    }

    /// Like [`Enterprises::open`], with the reader to use for `-`.
    ///
    /// # Errors
    /// Those of [`Enterprises::open`].
    pub fn open_with(
        paths: &[PathBuf],
        options: TableOptions,
        dictionary: Arc<FactDictionary>,
        stdin: &mut dyn Read,
    ) -> Result<Self, TableError> {
        let mut enterprises = Self {
            files: Vec::new(),
            inputs: Vec::new(),
            words: options.mapping.as_ref().map_or_else(Words::default, |mapping| mapping.words.clone()),
            strict: options.strict,
            strictness: match (options.strict, options.reject_rows) {
                (true, _) => Strictness::Strict,
                (false, true) => Strictness::Normal,
                (false, false) => Strictness::Tolerant,
            },
            chunk_rows: options.chunk_rows.max(1),
            warnings: Vec::new(),
            settings: settings(&options, &dictionary),
            records: LoadedRecords::read(&options, &dictionary)?,
            dictionary,
        };
        let mut warned = BTreeSet::new();
        for path in paths {
            if path.as_os_str() == "-" {
                let spooled = spool(stdin)?;
                let path = spooled.to_path_buf();
                enterprises.take(
                    "-".to_owned(),
                    path,
                    Some(spooled),
                    options.mapping.as_ref(),
                    &mut warned,
                )?;
                continue;
            }
            let mut found = Vec::new();
            find(path, &mut found)?;
            for path in found {
                let name = path.display().to_string();
                enterprises.take(name, path, None, options.mapping.as_ref(), &mut warned)?;
            }
        }
        enterprises.inputs.extend(options.mapping.map(|mapping| mapping.digest));
        enterprises.inputs.append(&mut enterprises.records.inputs);
        enterprises.warnings.append(&mut enterprises.records.notes);
        Ok(enterprises)
    }

    /// Inputs: each file with length and hash as of opening, then the mapping and the tables of records.
    pub fn inputs(&self) -> &[FileDigest] {
        &self.inputs
    }

    /// Warnings about the files before they are read: unused columns, each once; files without content.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Chunks in reading order. A chunk belongs to one file.
    pub fn chunks(&self) -> impl Iterator<Item = Result<Chunk, TableError>> + Send + '_ {
        let of = |(file, input): (usize, &Input)| {
            let rows =
                input.rows(self.chunk_rows).unwrap_or_else(|error| Box::new(std::iter::once(Err(error))));
            rows.enumerate().map(move |(at, rows)| rows.map(|rows| Chunk { file, is_first: at == 0, rows }))
        };
        self.files.iter().enumerate().flat_map(of)
    }

    /// Reads the rows of a chunk. Every row is in [`Rows::accepted`], or counted in [`Rows::rejected`] and named in
    /// [`Rows::rejects`].
    pub fn read(&self, chunk: &Chunk) -> Rows {
        let mut rows = Rows { file: u32::try_from(chunk.file).unwrap_or(u32::MAX), ..Rows::default() };
        let Some(input) = self.files.get(chunk.file) else { return rows };
        if chunk.is_first {
            for note in &input.notes {
                rows.warn(WarningKind::Sheet, || sheet_warning(&input.name, note));
            }
        }
        let mut profiles = ProfileReader {
            file: &input.name,
            dictionary: &self.dictionary,
            strictness: self.strictness,
            profiles: Vec::new(),
        };
        match (&chunk.rows, &input.form) {
            (ChunkRows::Batch { first, batch }, Form::Parquet { layout, used, instants }) => {
                let cells = BatchCells::new(batch, used, instants);
                let mut reader = self.reader(&input.name, layout);
                for row in 0..batch.num_rows() {
                    reader.row(first + row as u64, &BatchRow(&cells, row), &mut rows);
                }
                reader.finish(&mut rows);
            }
            (ChunkRows::Records(records), Form::Text { layout, text }) => {
                let mut reader = self.reader(&input.name, layout);
                for (line, record) in records.iter() {
                    read_record(&mut reader, layout, line, &text.cells(record), &mut rows);
                }
                reader.finish(&mut rows);
            }
            (ChunkRows::Sheet { page, rows: all }, Form::Sheets(sheets)) => {
                let Some(SheetForm { layout, name, .. }) = sheets.get(*page) else { return rows };
                let mut reader = self.reader(name, layout);
                for (number, cells) in all {
                    reader.row(*number, &SheetCells(cells), &mut rows);
                }
                reader.finish(&mut rows);
            }
            (ChunkRows::Lines(lines), Form::Lines(text)) => {
                for (number, line) in lines {
                    profiles.line(*number, line, text.encoding, &mut rows);
                }
                rows.set_profiles(profiles.profiles);
            }
            (ChunkRows::Nodes(nodes), _) => {
                for node in nodes {
                    profiles.profile(u64::from(node.line), node, &mut rows);
                }
                rows.set_profiles(profiles.profiles);
            }
            // A chunk of another source has no rows here.
            _ => {}
        }
        self.records.add_to(&mut rows, chunk.file == 0 && chunk.is_first);
        rows
    }

    /// Checks that the files have not changed since they were opened.
    ///
    /// # Errors
    /// Names the file that has changed.
    pub fn unchanged(&self) -> Result<(), TableError> {
        for (input, digest) in self.files.iter().zip(&self.inputs) {
            let now = FileDigest::of(&input.path).map_err(|error| failed(&input.path)(&error))?;
            if (now.bytes, &now.sha256) != (digest.bytes, &digest.sha256) {
                return Err(changed(&input.name));
            }
        }
        Ok(())
    }

    fn reader<'a>(&'a self, file: &'a str, layout: &'a Layout) -> RowReader<'a> {
        RowReader::new(file, layout, &self.words, &self.dictionary, self.strictness)
    }

    fn take(
        &mut self,
        name: String,
        path: PathBuf,
        spooled: Option<tempfile::TempPath>,
        mapping: Option<&Mapping>,
        warned: &mut BTreeSet<String>,
    ) -> Result<(), TableError> {
        // Show standard input as `-`, not the temporary file's name.
        let rename = |error: TableError| TableError(error.0.replace(&path.display().to_string(), &name));
        let digest = FileDigest::of(&path).map_err(|error| failed(&path)(&error)).map_err(rename)?;
        let Opened { form, unused, notes } =
            open(&path, &name, &self.dictionary, mapping, false).map_err(rename)?;
        if matches!(form, Form::Nothing) {
            self.warnings.push(format!("{name}：文件是空的，没有企业"));
        }
        for (header, why) in unused {
            let line = format!("{name}：{why}");
            if self.strict {
                return Err(TableError(line));
            }
            if warned.insert(header) {
                self.warnings.push(line);
            }
        }
        self.warnings.extend(notes.iter().map(|note| format!("{name}：{note}")));
        self.inputs.push(FileDigest { name: name.clone(), bytes: digest.bytes, sha256: digest.sha256 });
        self.files.push(Input { name, path, bytes: digest.bytes, form, notes, _spooled: spooled });
        Ok(())
    }
}

impl Source for Enterprises {
    type Chunk = Chunk;

    fn inputs(&self) -> &[FileDigest] {
        self.inputs()
    }

    fn settings(&self) -> &str {
        &self.settings
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<Chunk, TableError>> + Send + '_> {
        Box::new(self.chunks())
    }

    fn read(&self, chunk: &Chunk) -> Result<Rows, TableError> {
        Ok(self.read(chunk))
    }

    fn check_unchanged(&self) -> Result<(), TableError> {
        self.unchanged()
    }
}

impl Input {
    fn rows(&self, rows: usize) -> Result<ChunksOfRows, TableError> {
        let now = std::fs::metadata(&self.path).map_err(|error| failed(&self.path)(&error))?;
        if now.len() != self.bytes {
            return Err(changed(&self.name));
        }
        Ok(match &self.form {
            Form::Parquet { used, .. } => readers::batches(&self.path, used, rows)?,
            Form::Text { text, .. } => Box::new(text.records(&self.path, self.bytes, rows)?),
            Form::Lines(text) => Box::new(text.lines(&self.path, self.bytes, rows)?),
            Form::Json(text) => readers::nodes(&self.path, *text, rows)?,
            Form::Sheets(sheets) => {
                let pages: Vec<PageForm> = sheets.iter().map(|sheet| sheet.page.clone()).collect();
                readers::sheet_rows(&self.path, &pages, rows)?
            }
            Form::Nothing => Box::new(std::iter::empty()),
        })
    }
}

/// Warning about a file as a whole.
fn sheet_warning(file: &str, note: &str) -> Warning {
    Warning {
        file: file.to_owned(),
        row: 0,
        id: String::new(),
        column: String::new(),
        value: String::new(),
        kind: WarningKind::Sheet,
        reason: note.to_owned(),
    }
}

fn changed(name: &str) -> TableError {
    TableError(format!("{name}：读取过程中内容发生了变化，请在文件写完后重新运行"))
}

fn read_record(
    reader: &mut RowReader<'_>,
    layout: &Layout,
    line: u64,
    cells: &RecordCells<'_>,
    rows: &mut Rows,
) {
    let refusal = match (cells.ragged(line, layout.columns.len()), cells.undecodable()) {
        (Some(reason), _) => (String::new(), String::new(), reason),
        (None, Some(column)) => {
            let header = layout.columns.get(column).map(|column| column.header.clone()).unwrap_or_default();
            (header, cells.shown(column), UNDECODABLE.to_owned())
        }
        (None, None) => return reader.row(line, cells, rows),
    };
    // A remark or a signature has fewer cells than the table.
    if reader.aside(cells).is_some() {
        return reader.row(line, cells, rows);
    }
    let (column, value, reason) = refusal;
    rows.rejects.push(reader.reject(line, &cells.shown(layout.id), column, &value, reason));
    rows.rejected += 1;
}

/// Copies standard input to a temporary file, since a table is read more than once.
fn spool(stdin: &mut dyn Read) -> Result<tempfile::TempPath, TableError> {
    let failed = |error: std::io::Error| TableError(format!("-：标准输入读不下去：{error}"));
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    std::io::copy(stdin, &mut file).map_err(failed)?;
    file.flush().map_err(failed)?;
    Ok(file.into_temp_path())
}

/// Options, as text, that affect what is read: runs with different options do not resume each other.
fn settings(options: &TableOptions, dictionary: &FactDictionary) -> String {
    let facts = facts_digest(dictionary);
    let TableOptions { strict, reject_rows, chunk_rows, records, .. } = options;
    let records: String = records.iter().map(|table| format!(" records={}", table.fact)).collect();
    format!("strict={strict} reject_rows={reject_rows} chunk_rows={chunk_rows} facts={facts}{records}")
}
