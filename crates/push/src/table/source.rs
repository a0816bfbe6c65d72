//! Files of enterprises: finds them, detects their formats, checks them for changes, and reads them in chunks of rows.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Strictness;
use zhaoren_policy::warning::WarningKind;

use super::arrow_cells::{BatchCells, BatchRow};
use super::cell::Words;
use super::chunk::{self, Chunk, ChunkRows, ChunksOfRows, ParquetForm};
use super::json::ProfileReader;
use super::layout::{FactWords, KnownWords, Layout, Unused};
use super::paths::{Kind, failed, find, kind};
use super::records::LoadedRecords;
use super::records::RecordTable;
use super::rows::{Cells, RowReader};
use super::sheet::{self, Page, PageForm, SheetCells};
use super::text::{RecordCells, TextForm, UNDECODABLE};
use super::{Mapping, Rows, TableError, Warning};
use crate::output::FileDigest;
use crate::run::digest_of;
use crate::source::Source;

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

#[derive(Debug)]
enum Form {
    Parquet {
        layout: Layout,
        used: Vec<usize>,
        instants: Vec<usize>,
    },
    Text {
        layout: Layout,
        text: TextForm,
    },
    Sheets(Vec<SheetForm>),
    Lines(TextForm),
    Json(TextForm),
    /// Table without even a header.
    Nothing,
}

/// Sheet of a workbook that is read.
#[derive(Debug)]
struct SheetForm {
    page: PageForm,
    layout: Layout,
    /// Name of the file, with that of the sheet if several are read.
    name: String,
}

/// A file that was looked at.
struct Opened {
    form: Form,
    unused: Vec<Unused>,
    /// Remarks about how it is read.
    notes: Vec<String>,
}

impl Opened {
    fn new(form: Form) -> Self {
        Self { form, unused: Vec::new(), notes: Vec::new() }
    }
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

    /// Opens one table for a look at its cells: no column has a meaning, and no row is read.
    ///
    /// # Errors
    /// The table cannot be read, or is one of profiles in JSON, whose columns need no look.
    pub(crate) fn raw(path: &Path, dictionary: Arc<FactDictionary>) -> Result<Self, TableError> {
        let options = TableOptions::default();
        let mut enterprises = Self::open(&[], options, Arc::clone(&dictionary))?;
        let name = path.display().to_string();
        let Opened { form, notes, .. } = open(path, &name, &dictionary, None, true)?;
        if matches!(form, Form::Lines(_) | Form::Json(_)) {
            return Err(failed(path)(&"是 JSON，其中的键就是指标，不需要列映射"));
        }
        let bytes = std::fs::metadata(path).map_err(|error| failed(path)(&error))?.len();
        enterprises.files.push(Input { name, path: path.to_owned(), bytes, form, notes, _spooled: None });
        Ok(enterprises)
    }

    /// Headings of a table that was opened for a look, and remarks about how it is read.
    pub(crate) fn headings(&self) -> (Vec<String>, Vec<String>) {
        let Some(input) = self.files.first() else { return <_>::default() };
        let layout = match &input.form {
            Form::Parquet { layout, .. } | Form::Text { layout, .. } => Some(layout),
            Form::Sheets(sheets) => sheets.first().map(|sheet| &sheet.layout),
            Form::Lines(_) | Form::Json(_) | Form::Nothing => None,
        };
        let headings =
            layout.map(|layout| layout.columns.iter().map(|column| column.header.clone()).collect());
        (headings.unwrap_or_default(), input.notes.clone())
    }

    /// Shows the cells of each row of a chunk, with the headings of their columns.
    pub(crate) fn visit(&self, chunk: &Chunk, mut see: impl FnMut(&Layout, &dyn Cells)) {
        let Some(input) = self.files.get(chunk.file) else { return };
        match (&chunk.rows, &input.form) {
            (ChunkRows::Batch { batch, .. }, Form::Parquet { layout, used, instants }) => {
                let cells = BatchCells::new(batch, used, instants);
                (0..batch.num_rows()).for_each(|row| see(layout, &BatchRow(&cells, row)));
            }
            (ChunkRows::Records(records), Form::Text { layout, text }) => {
                records.iter().for_each(|(_, record)| see(layout, &text.cells(record)));
            }
            (ChunkRows::Sheet { page, rows }, Form::Sheets(sheets)) => {
                let Some(SheetForm { layout, .. }) = sheets.get(*page) else { return };
                rows.iter().for_each(|(_, cells)| see(layout, &SheetCells(cells)));
            }
            _ => {}
        }
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
            let now = digest_of(&input.path).map_err(|error| TableError(error.to_string()))?;
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
        let digest = digest_of(&path).map_err(|error| TableError(error.to_string())).map_err(rename)?;
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
            Form::Parquet { used, .. } => chunk::batches(&self.path, used, rows)?,
            Form::Text { text, .. } => Box::new(text.records(&self.path, self.bytes, rows)?),
            Form::Lines(text) => Box::new(text.lines(&self.path, self.bytes, rows)?),
            Form::Json(text) => chunk::nodes(&self.path, *text, rows)?,
            Form::Sheets(sheets) => {
                let pages: Vec<PageForm> = sheets.iter().map(|sheet| sheet.page.clone()).collect();
                chunk::sheet_rows(&self.path, &pages, rows)?
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

/// Detects the format of a file and the meaning of its columns. `name` is shown for its sheets. For a look (`raw`) no column is
/// given a meaning.
fn open(
    path: &Path,
    name: &str,
    dictionary: &FactDictionary,
    mapping: Option<&Mapping>,
    raw: bool,
) -> Result<Opened, TableError> {
    let known = KnownWords { words: FactWords::new(dictionary), mapping };
    let layout = |headers: Vec<String>| match raw {
        true => Ok((Layout::raw(headers), Vec::new())),
        false => Layout::new(headers, dictionary, mapping),
    };
    let failed = failed(path);
    Ok(match kind(path)? {
        Kind::Parquet => {
            let ParquetForm { headers, instants } = ParquetForm::of(path)?;
            let (layout, unused) = layout(headers).map_err(|error| failed(&error))?;
            let used = layout.used();
            chunk::check_compression(path, &used)?;
            Opened { form: Form::Parquet { used, layout, instants }, unused, notes: Vec::new() }
        }
        Kind::Text => {
            let (text, head) = TextForm::of(path)?.head(path, &known)?;
            if head.headings.is_empty() {
                return Ok(Opened::new(Form::Nothing));
            }
            let (layout, unused) = layout(head.headings).map_err(|error| failed(&error))?;
            Opened { form: Form::Text { layout, text }, unused, notes: head.note.into_iter().collect() }
        }
        Kind::Sheet => {
            let book = sheet::open(path, &known)?;
            // A look is at the sheets that would be read, or at all if none would.
            let is_list = |headings: &Vec<String>| Layout::new(headings.clone(), dictionary, mapping);
            let has_list = raw && book.pages.iter().any(|page| is_list(&page.headings).is_ok());
            let layout = |headings: Vec<String>| match has_list {
                true => is_list(&headings).and_then(|_| layout(headings)),
                false => layout(headings),
            };
            sheets(book, name, &layout).map_err(|error| failed(&error))?
        }
        Kind::Lines => Opened::new(Form::Lines(TextForm::of(path)?)),
        Kind::Json => Opened::new(Form::Json(TextForm::of(path)?)),
    })
}

/// Sheets of a workbook that are read: the first in which enterprises have an id, and those with the same headings.
fn sheets(
    book: sheet::Book,
    name: &str,
    layout: &dyn Fn(Vec<String>) -> Result<(Layout, Vec<Unused>), String>,
) -> Result<Opened, String> {
    let mut opened = Opened::new(Form::Nothing);
    let mut first: Option<(String, BTreeSet<String>)> = None;
    let mut failure: Option<String> = None;
    let mut unread: Vec<(String, String)> = Vec::new();
    let mut forms: Vec<SheetForm> = Vec::new();
    let is_single = book.pages.len() == 1 && book.hidden.is_empty();
    for Page { form, headings, notes } in book.pages {
        let set: BTreeSet<String> = headings.iter().filter(|text| !text.is_empty()).cloned().collect();
        if let Some((like, expected)) = &first
            && set != *expected
        {
            unread.push((form.name, format!("表头与工作表“{like}”不同")));
            continue;
        }
        match layout(headings) {
            Ok((layout, unused)) => {
                if first.is_none() {
                    first = Some((form.name.clone(), set));
                }
                opened.unused.extend(unused);
                let shown = |note: String| match form.name.as_str() {
                    sheet if is_single || sheet.is_empty() => note,
                    sheet => format!("工作表“{sheet}”：{note}"),
                };
                opened.notes.extend(notes.into_iter().map(shown));
                forms.push(SheetForm { page: form, layout, name: name.to_owned() });
            }
            Err(error) => {
                let at = |sheet: &str| {
                    if sheet.is_empty() { error.clone() } else { format!("工作表“{sheet}”{error}") }
                };
                failure.get_or_insert_with(|| at(&form.name));
                unread.push((form.name, error));
            }
        }
    }
    if first.is_none()
        && let Some(failure) = failure
    {
        return Err(failure);
    }
    for (sheet, why) in unread {
        let sheet = if sheet.is_empty() {
            "页面中的另一张表".to_owned()
        } else {
            format!("工作表“{sheet}”")
        };
        opened.notes.push(format!("{sheet}没有读取：{why}"));
    }
    if !book.hidden.is_empty() {
        opened.notes.push(format!("隐藏的工作表没有读取：{}", book.hidden.join("、")));
    }
    if forms.len() > 1 {
        let names: Vec<&str> =
            forms.iter().map(|form| form.page.name.as_str()).filter(|name| !name.is_empty()).collect();
        if !names.is_empty() {
            opened.notes.push(format!("读取了表头相同的 {} 张工作表：{}", forms.len(), names.join("、")));
        }
        for form in &mut forms {
            form.name = format!("{name}（{}）", form.page.name);
        }
    }
    if !forms.is_empty() {
        opened.form = Form::Sheets(forms);
    }
    Ok(opened)
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

/// SHA-256 over the facts of a dictionary.
pub(crate) fn facts_digest(dictionary: &FactDictionary) -> String {
    let mut hash = Sha256::new();
    for fact in dictionary.iter() {
        // INVARIANT: a fact is plain data and always has a JSON form.
        hash.update(serde_json::to_vec(fact).unwrap_or_default());
    }
    hex::encode(hash.finalize())
}
