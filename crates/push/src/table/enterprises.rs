//! Files of enterprises: found, told apart, and read in chunks of rows.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::{Report, Severity};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;

use super::arrow_cells::CellColumn;
use super::cells::{Cell, CellReader, Column, columns, reason};
use super::{Reject, Row, Rows, TableError};
use crate::output::FileDigest;
use crate::run::digest_of;
use crate::source::Source;

/// Rows of a chunk.
const CHUNK_ROWS: usize = 32_768;

/// Enterprises in files.
#[derive(Debug)]
pub struct Enterprises {
    files: Vec<Input>,
    digests: Vec<FileDigest>,
    dictionary: Arc<FactDictionary>,
    strict: bool,
    chunk_rows: usize,
    /// What is to be said of the files before anything is read.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug)]
struct Input {
    path: PathBuf,
    kind: Kind,
    /// Headers and what they are about; none for JSON Lines.
    headers: Arc<Vec<String>>,
    columns: Arc<Vec<Column>>,
    delimiter: u8,
    encoding: Option<&'static encoding_rs::Encoding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Parquet,
    Csv,
    Lines,
}

/// Rows that are not read yet.
pub struct Chunk {
    file: usize,
    rows: ChunkRows,
}

enum ChunkRows {
    Batch { first: u64, batch: RecordBatch },
    Records(Vec<(u64, csv::StringRecord)>),
    Lines(Vec<(u64, String)>),
}

impl Enterprises {
    /// Opens files, folders of files (in order of name) and patterns such as `2026/*.parquet`. CSV may be UTF-8, UTF-16
    /// or GB18030, its cells parted by commas, tabs or semicolons.
    ///
    /// # Errors
    /// Naming the path that is not there, or is no table.
    pub fn open(
        paths: &[PathBuf],
        dictionary: Arc<FactDictionary>,
        strict: bool,
    ) -> Result<Self, TableError> {
        let mut all = Vec::new();
        for path in paths {
            find(path, &mut all)?;
        }
        let mut enterprises = Self {
            files: Vec::new(),
            digests: Vec::new(),
            dictionary,
            strict,
            chunk_rows: CHUNK_ROWS,
            warnings: Vec::new(),
        };
        for path in all {
            let input = open(&path, &enterprises.dictionary)?;
            enterprises.warn(&input)?;
            let digest = digest_of(&path).map_err(|error| TableError(error.to_string()))?;
            enterprises.digests.push(FileDigest { name: path.display().to_string(), ..digest });
            enterprises.files.push(input);
        }
        Ok(enterprises)
    }

    /// The same in chunks of other sizes.
    #[must_use]
    pub fn with_chunk_rows(self, chunk_rows: usize) -> Self {
        Self { chunk_rows: chunk_rows.max(1), ..self }
    }

    fn warn(&mut self, input: &Input) -> Result<(), TableError> {
        if input.kind == Kind::Lines {
            return Ok(());
        }
        let named = input.path.display();
        if !input.columns.contains(&Column::Id) {
            return Err(TableError(format!("{named}：没有 id 列（或“统一社会信用代码”），无法识别企业")));
        }
        for (position, (header, column)) in input.headers.iter().zip(input.columns.iter()).enumerate() {
            if *column == Column::Other {
                let line = format!("{named}：列“{header}”不是已知的指标，未使用");
                if self.strict {
                    return Err(TableError(line));
                }
                self.warnings.push(line);
            } else if input.columns.iter().take(position).any(|before| before == column) {
                return Err(TableError(format!("{named}：列“{header}”与另一列说的是同一项指标")));
            }
        }
        Ok(())
    }

    fn chunks_of(&self, file: usize) -> Result<BoxedRows, TableError> {
        let Some(input) = self.files.get(file) else { return Ok(Box::new(std::iter::empty())) };
        let rows = match input.kind {
            Kind::Parquet => parquet_rows(&input.path, self.chunk_rows),
            Kind::Csv => csv_rows(input, self.chunk_rows),
            Kind::Lines => line_rows(&input.path, self.chunk_rows),
        }?;
        Ok(Box::new(rows.map(move |rows| rows.map(|rows| Chunk { file, rows }))))
    }
}

type BoxedRows = Box<dyn Iterator<Item = Result<Chunk, TableError>> + Send>;
type Stretches = Box<dyn Iterator<Item = Result<ChunkRows, TableError>> + Send>;

impl Source for Enterprises {
    type Chunk = Chunk;

    fn inputs(&self) -> &[FileDigest] {
        &self.digests
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<Chunk, TableError>> + Send + '_> {
        let of = |file| match self.chunks_of(file) {
            Ok(chunks) => chunks,
            Err(error) => Box::new(std::iter::once(Err(error))) as BoxedRows,
        };
        Box::new((0..self.files.len()).flat_map(of))
    }

    fn read(&self, chunk: &Chunk) -> Rows {
        let mut rows = Rows { file: u32::try_from(chunk.file).unwrap_or(u32::MAX), ..Rows::default() };
        let Some(input) = self.files.get(chunk.file) else { return rows };
        let file = input.path.display().to_string();
        let reader = CellReader {
            file: &file,
            columns: &input.columns,
            headers: &input.headers,
            dictionary: &self.dictionary,
            strict: self.strict,
        };
        match &chunk.rows {
            ChunkRows::Batch { first, batch } => {
                let columns: Vec<CellColumn> = batch.columns().iter().map(CellColumn::new).collect();
                for row in 0..batch.num_rows() {
                    reader.row(first + row as u64, columns.iter().map(|column| column.cell(row)), &mut rows);
                }
            }
            ChunkRows::Records(records) => {
                for (number, record) in records {
                    self.record(&reader, *number, record, &mut rows);
                }
            }
            ChunkRows::Lines(lines) => {
                for (number, line) in lines {
                    self.line(&file, *number, line, &mut rows);
                }
            }
        }
        rows
    }

    fn unchanged(&self) -> Result<(), TableError> {
        for (input, digest) in self.files.iter().zip(&self.digests) {
            let now = digest_of(&input.path).map_err(|error| TableError(error.to_string()))?;
            if (now.bytes, &now.sha256) != (digest.bytes, &digest.sha256) {
                let named = input.path.display();
                return Err(TableError(format!("{named}：读取过程中内容发生了变化，请在文件写完后重新运行")));
            }
        }
        Ok(())
    }
}

impl Enterprises {
    fn record(&self, reader: &CellReader<'_>, number: u64, record: &csv::StringRecord, rows: &mut Rows) {
        let refuse = |column: &str, value: &str, reason: String, rows: &mut Rows| {
            reader.reject(
                number,
                record.get(0).unwrap_or_default(),
                (column, value.to_owned(), reason),
                rows,
            );
            rows.rejected += 1;
        };
        if record.len() != reader.columns.len() {
            let reason = format!("这一行有 {} 列，表头有 {} 列", record.len(), reader.columns.len());
            return refuse("", "", reason, rows);
        }
        if let Some((position, cell)) = record.iter().enumerate().find(|(_, cell)| cell.contains('\u{fffd}'))
        {
            let header = reader.headers.get(position).map_or("", String::as_str);
            return refuse(header, cell, "有无法解码的字节，应为 UTF-8、UTF-16 或 GB18030".to_owned(), rows);
        }
        reader.row(number, record.iter().map(Cell::text), rows);
    }

    fn line(&self, file: &str, number: u64, line: &str, rows: &mut Rows) {
        let mut report = Report::new(file);
        let at = u32::try_from(number).unwrap_or(u32::MAX);
        let mut id = String::new();
        let profile = match syntax::json_at(line, at) {
            Ok(node) => {
                id = node.get("id").and_then(|id| id.text()).unwrap_or_default().to_owned();
                Profile::read(&node, &self.dictionary, self.strict, &mut report)
            }
            Err(error) => {
                report.syntax(error);
                None
            }
        };
        if let Some(profile) = profile {
            rows.sound.push(Row { row: number, profile });
            return;
        }
        rows.rejected += 1;
        for problem in report.problems.iter().filter(|one| one.severity == Severity::Error) {
            let key = problem.path.strip_prefix("facts.").and_then(|path| path.split(['.', '[']).next());
            rows.rejects.push(Reject {
                file: file.to_owned(),
                row: number,
                id: id.clone(),
                column: problem.path.clone(),
                value: String::new(),
                reason: reason(&problem.fault, key.and_then(|key| self.dictionary.get(key))),
            });
        }
    }
}

fn find(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), TableError> {
    let named = path.display().to_string();
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|error| TableError(format!("{named}：{error}")))?;
        let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        inside.sort();
        for path in inside {
            if path.is_dir() || kind(&path).is_some() {
                find(&path, into)?;
            }
        }
        return Ok(());
    }
    if path.exists() {
        into.push(path.to_owned());
        return Ok(());
    }
    let before = into.len();
    if named.contains(['*', '?', '[']) {
        let found = glob::glob(&named).map_err(|error| TableError(format!("{named}：{error}")))?;
        into.extend(found.flatten().filter(|path| path.is_file()));
    }
    if into.len() == before {
        return Err(TableError(format!("{named}：没有这个文件")));
    }
    Ok(())
}

fn kind(path: &Path) -> Option<Kind> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "parquet" => Some(Kind::Parquet),
        "csv" | "tsv" => Some(Kind::Csv),
        "jsonl" | "ndjson" | "json" => Some(Kind::Lines),
        _ => None,
    }
}

fn failed(path: &Path) -> impl Fn(&dyn std::fmt::Display) -> TableError + use<> {
    let named = path.display().to_string();
    move |error| TableError(format!("{named}：{error}"))
}

fn open(path: &Path, dictionary: &FactDictionary) -> Result<Input, TableError> {
    let failed = failed(path);
    let Some(kind) = kind(path) else {
        return Err(failed(&"应为 .parquet .csv .tsv .jsonl 文件"));
    };
    let mut input = Input {
        path: path.to_owned(),
        kind,
        headers: Arc::default(),
        columns: Arc::default(),
        delimiter: b',',
        encoding: None,
    };
    let headers: Vec<String> = match kind {
        Kind::Lines => return Ok(input),
        Kind::Parquet => {
            let file = File::open(path).map_err(|error| failed(&error))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(&error))?;
            builder.schema().fields().iter().map(|field| field.name().clone()).collect()
        }
        Kind::Csv => {
            (input.encoding, input.delimiter) = sniff(path)?;
            let mut reader = csv_reader(&input)?;
            reader.headers().map_err(|error| failed(&error))?.iter().map(str::to_owned).collect()
        }
    };
    input.columns = Arc::new(columns(headers.iter().map(String::as_str), dictionary));
    input.headers = Arc::new(headers);
    Ok(input)
}

/// The encoding, where no mark says it, and what parts the cells: told from the beginning of the file.
fn sniff(path: &Path) -> Result<(Option<&'static encoding_rs::Encoding>, u8), TableError> {
    let failed = failed(path);
    let mut sample = Vec::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(1 << 20).read_to_end(&mut sample).map_err(|error| failed(&error))?;
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let encoding = if encoding_rs::Encoding::for_bom(&sample).is_some() {
        None
    } else if sample.contains(&0) {
        let little = zeros(1) >= zeros(0);
        Some(if little { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE })
    } else {
        // The sample may end inside a character.
        let sound = match std::str::from_utf8(&sample) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        Some(if sound { encoding_rs::UTF_8 } else { encoding_rs::GB18030 })
    };
    let decoded = encoding.unwrap_or(encoding_rs::UTF_8).decode(&sample).0;
    let header = decoded.lines().next().unwrap_or_default();
    let count = |part: char| header.matches(part).count();
    let delimiter = [(',', b','), ('\t', b'\t'), (';', b';')]
        .into_iter()
        .rev()
        .max_by_key(|(part, _)| count(*part))
        .map_or(b',', |(_, byte)| byte);
    Ok((encoding, delimiter))
}

type Csv = csv::Reader<encoding_rs_io::DecodeReaderBytes<File, Vec<u8>>>;

fn csv_reader(input: &Input) -> Result<Csv, TableError> {
    let file = File::open(&input.path).map_err(|error| failed(&input.path)(&error))?;
    let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(input.encoding)
        .bom_override(true)
        .build(file);
    Ok(csv::ReaderBuilder::new().flexible(true).delimiter(input.delimiter).from_reader(decoded))
}

fn csv_rows(input: &Input, rows: usize) -> Result<Stretches, TableError> {
    let mut reader = csv_reader(input)?;
    let path = input.path.clone();
    let mut ended = false;
    Ok(Box::new(std::iter::from_fn(move || {
        let mut records = Vec::new();
        while !ended && records.len() < rows {
            let mut record = csv::StringRecord::new();
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    records.push((line, record));
                }
                Ok(false) => ended = true,
                Err(error) => {
                    ended = true;
                    return Some(Err(failed(&path)(&error)));
                }
            }
        }
        (!records.is_empty()).then_some(Ok(ChunkRows::Records(records)))
    })))
}

fn line_rows(path: &Path, rows: usize) -> Result<Stretches, TableError> {
    let path = path.to_owned();
    let mut reader = BufReader::new(File::open(&path).map_err(|error| failed(&path)(&error))?);
    let mut number = 0;
    Ok(Box::new(std::iter::from_fn(move || {
        let mut lines = Vec::new();
        let mut bytes = Vec::new();
        while lines.len() < rows {
            bytes.clear();
            match reader.read_until(b'\n', &mut bytes) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    let place = format!("第 {} 行：{error}", number + 1);
                    return Some(Err(failed(&path)(&place)));
                }
            }
            number += 1;
            // What is no UTF-8 is no JSON either, and is refused with its line.
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim().trim_start_matches('\u{feff}');
            if !line.is_empty() {
                lines.push((number, line.to_owned()));
            }
        }
        (!lines.is_empty()).then_some(Ok(ChunkRows::Lines(lines)))
    })))
}

fn parquet_rows(path: &Path, rows: usize) -> Result<Stretches, TableError> {
    let failed = failed(path);
    let file = File::open(path).map_err(|error| failed(&error))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.with_batch_size(rows).build())
        .map_err(|error| failed(&error))?;
    let mut next = 1;
    Ok(Box::new(reader.map(move |batch| {
        let batch = batch.map_err(|error| failed(&format!("第 {next} 行之后读不下去：{error}")))?;
        let first = next;
        next += batch.num_rows() as u64;
        Ok(ChunkRows::Batch { first, batch })
    })))
}
