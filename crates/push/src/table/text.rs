//! Text files: detects encoding and delimiter, and reads them as a stream.

mod encoding;
mod stream;

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use zhaoren_cancel::poll;

use super::TableError;
use super::cell::Cell;
use super::csv::{RecordCutter, cells};
use super::delimiter::{Delimiter, Narrowed, SUBSTITUTE, declared, detected};
use super::head::{self, Head, HeadRow, HeadingVocabulary};
use super::heading::tidy;
use super::paths::failed;
use super::rows::Cells;
use encoding::{characters, detect};
use stream::{Counted, End, Fed, LONGEST_ROW, Lines, Records, TextReader};

pub(crate) use encoding::{Encoding, UNDECODABLE};

/// Encoding and layout of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextForm {
    pub(crate) encoding: Encoding,
    /// Length of the byte order mark.
    mark: usize,
    delimiter: Delimiter,
    /// Records before the first row: a declared delimiter, titles and the header.
    skipped: usize,
    /// True if the first line declares the delimiter.
    declares: bool,
}

/// Maximum length of a file that has to be held in memory as a whole.
const LARGEST_WHOLE: u64 = 256 << 20;
/// Bytes of a file examined for detection.
const SAMPLE: usize = 1 << 16;

impl TextForm {
    /// Detects encoding and delimiter from the beginning of a file. If that is entirely half-width, it says nothing about the
    /// encoding, and the first other character is searched for.
    pub(crate) fn of(path: &Path) -> Result<Self, TableError> {
        let failed = failed(path);
        let mut file = File::open(path).map_err(|error| failed(&error))?;
        let head = part(&mut file).map_err(|error| failed(&error))?;
        let mut sample = head.clone();
        let mut cut = characters(&sample);
        while sample.len() >= SAMPLE && sample.get(..cut).is_some_and(<[u8]>::is_ascii) && !head.contains(&0)
        {
            let next = part(&mut file).map_err(|error| failed(&error))?;
            sample.drain(..cut);
            sample.extend(next);
            cut = characters(&sample);
        }
        let Some((encoding, mark)) = detect(&head, sample.get(..cut).unwrap_or_default()) else {
            return Err(failed(&"不是文本文件，也不是认得的表格"));
        };
        let is_tabbed = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
        let body = head.get(mark..).unwrap_or_default();
        let text = match encoding {
            Encoding::Utf8 | Encoding::Converted => String::from_utf8_lossy(body),
            Encoding::Gb18030 => GB18030.decode_without_bom_handling(body).0,
            Encoding::Utf16Le => UTF_16LE.decode_without_bom_handling(body).0,
            Encoding::Utf16Be => UTF_16BE.decode_without_bom_handling(body).0,
        };
        let declared = declared(&text);
        let first = text.lines().next().unwrap_or_default();
        let delimiter = declared.unwrap_or_else(|| match is_tabbed && first.contains('\t') {
            true => Delimiter::Byte(b'\t'),
            false => detected(&text),
        });
        Ok(Self { encoding, mark, delimiter, skipped: 1, declares: declared.is_some() })
    }

    /// Text of a file after its byte order mark, as a stream of bytes in the encoding in which it is split.
    fn open(self, path: &Path) -> Result<(TextReader, Fed), TableError> {
        let failed = failed(path);
        let fed = Fed::default();
        let buffered = |text: Box<dyn Read + Send>| BufReader::with_capacity(1 << 16, text);
        let file = File::open(path).map_err(|error| failed(&error))?;
        let mut counted = Counted { file, fed: Fed::clone(&fed) };
        let mut mark = vec![0; self.mark];
        counted.read_exact(&mut mark).map_err(|error| failed(&error))?;
        let sign = match self.delimiter {
            Delimiter::Wide(sign) => Some(sign),
            Delimiter::Byte(_) => None,
        };
        let narrowed = |text: Box<dyn Read + Send>| -> Box<dyn Read + Send> {
            match sign {
                Some(sign) => Box::new(Narrowed::new(text, sign)),
                None => text,
            }
        };
        let coding = match self.encoding {
            Encoding::Gb18030 if sign.is_some() => GB18030,
            Encoding::Utf8 | Encoding::Gb18030 | Encoding::Converted => {
                return Ok((buffered(narrowed(Box::new(counted))), fed));
            }
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
        };
        let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
            .encoding(Some(coding))
            .bom_override(false)
            .bom_sniffing(false)
            .build(counted);
        Ok((buffered(narrowed(Box::new(decoded))), fed))
    }

    /// Encoding of the cells of a record.
    fn cell_encoding(self) -> Encoding {
        match (self.encoding, self.delimiter) {
            (Encoding::Gb18030, Delimiter::Wide(_)) => Encoding::Converted,
            (encoding, _) => encoding,
        }
    }

    /// Header of a table, with the form that skips it; no heading if the file is empty.
    pub(crate) fn head(self, path: &Path, known: &dyn HeadingVocabulary) -> Result<(Self, Head), TableError> {
        let (mut cutter, _) = self.cutter(path)?;
        let before = usize::from(self.declares);
        let mut sample = Vec::new();
        let mut broken = Vec::new();
        let (mut passed, mut held) = (0, 0);
        while sample.len() < head::SAMPLE && held < SAMPLE {
            poll();
            let records = match cutter.next(1, LONGEST_ROW) {
                Ok(records) => records,
                Err(error) if sample.is_empty() => return Err(failed(path)(&error)),
                // It is named when the rows are read.
                Err(_) => break,
            };
            let Some((line, record)) = records.iter().next() else { break };
            passed += 1;
            if passed <= before {
                continue;
            }
            held += record.len();
            let cells = self.cells(record);
            broken.push(cells.undecodable().is_some());
            let cells = (0..cells.cells.len()).map(|column| tidy(&cells.shown(column))).collect();
            sample.push(HeadRow { number: passed as u64, line, cells });
        }
        let head = head::find(&sample, &[], known);
        if broken.iter().take(head.rows).any(|broken| *broken) {
            return Err(failed(path)(&format!("表头{UNDECODABLE}")));
        }
        Ok((Self { skipped: before + head.rows, ..self }, head))
    }

    fn cutter(self, path: &Path) -> Result<(RecordCutter<TextReader>, Fed), TableError> {
        let (text, fed) = self.open(path)?;
        Ok((RecordCutter::new(text, self.delimiter.byte()), fed))
    }

    /// Whole text of a file.
    ///
    /// A file too large to hold in memory is refused; JSON Lines are read without that.
    pub(crate) fn whole(self, path: &Path) -> Result<String, TableError> {
        let failed = failed(path);
        let size = std::fs::metadata(path).map_err(|error| failed(&error))?.len();
        if size > LARGEST_WHOLE {
            let reason =
                format!("JSON 文件 {size} 字节，上限为 {LARGEST_WHOLE} 字节；请改用 JSON Lines（.jsonl）");
            return Err(failed(&reason));
        }
        let mut bytes = Vec::new();
        let (mut text, _) = self.open(path)?;
        text.read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        let text = self.encoding.decode(&bytes).filter(|text| !self.encoding.was_broken(text));
        Ok(text.ok_or_else(|| failed(&UNDECODABLE))?.into_owned())
    }

    /// Records after the headers, `rows` at a time. `bytes` is the length of the file when it was opened.
    pub(crate) fn records(self, path: &Path, bytes: u64, rows: usize) -> Result<Records, TableError> {
        let (mut cutter, fed) = self.cutter(path)?;
        cutter.next(self.skipped, LONGEST_ROW).map_err(|error| failed(path)(&error))?;
        Ok(Records { cutter, end: End { path: path.to_owned(), fed, bytes }, rows, ended: false })
    }

    /// Non-blank lines, `rows` at a time.
    pub(crate) fn lines(self, path: &Path, bytes: u64, rows: usize) -> Result<Lines, TableError> {
        let (reader, fed) = self.open(path)?;
        Ok(Lines { reader, end: End { path: path.to_owned(), fed, bytes }, rows, line: 0, ended: false })
    }

    /// Cells of a record.
    pub(crate) fn cells(self, record: &[u8]) -> RecordCells<'_> {
        RecordCells {
            cells: cells(record, self.delimiter.byte()),
            record,
            encoding: self.cell_encoding(),
            delimiter: self.delimiter,
        }
    }
}

/// Next part of a file, shorter only at its end.
fn part(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(SAMPLE);
    file.take(SAMPLE as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Cells of a record, decoded on access.
pub(crate) struct RecordCells<'a> {
    cells: Vec<Cow<'a, [u8]>>,
    record: &'a [u8],
    encoding: Encoding,
    delimiter: Delimiter,
}

impl RecordCells<'_> {
    /// Readable part of a cell's text, for messages.
    pub(crate) fn shown(&self, column: usize) -> String {
        let bytes = self.cells.get(column).map(AsRef::as_ref).unwrap_or_default();
        match self.encoding.decode(bytes) {
            Some(text) => self.restored(text).trim().to_owned(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// Text of a cell with the wide signs in quotes that were substituted.
    fn restored<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        match self.delimiter {
            Delimiter::Wide(sign) if text.as_bytes().contains(&SUBSTITUTE) => {
                Cow::Owned(text.replace(char::from(SUBSTITUTE), sign.encode_utf8(&mut [0; 4])))
            }
            _ => text,
        }
    }

    /// Reason why the record, beginning on `line`, does not fit a table with this many columns.
    pub(crate) fn ragged(&self, line: u64, columns: usize) -> Option<String> {
        let found = self.cells.len();
        if found == columns {
            return None;
        }
        let more = self.record.iter().filter(|byte| **byte == b'\n').count() as u64;
        let long = match more {
            0 => String::new(),
            more => {
                let last = line + more;
                format!("；从第 {line} 行到第 {last} 行读成了一行，可能有引号没有闭合")
            }
        };
        Some(format!("这一行有 {found} 列，表头有 {columns} 列{long}"))
    }

    /// First cell that is no text.
    pub(crate) fn undecodable(&self) -> Option<usize> {
        // A check of the whole record is enough for most records.
        if self.encoding == Encoding::Utf8 && std::str::from_utf8(self.record).is_ok() {
            return None;
        }
        let broken = |cell: &Cow<'_, [u8]>| {
            self.encoding.decode(cell).is_none_or(|text| self.encoding.was_broken(&text))
        };
        self.cells.iter().position(broken)
    }
}

impl Cells for RecordCells<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let bytes = self.cells.get(column).map(AsRef::as_ref).unwrap_or_default();
        match self.encoding.decode(bytes).map(|text| self.restored(text)) {
            Some(Cow::Borrowed(text)) => Cell::text(text),
            Some(Cow::Owned(text)) => Cell::owned_text(text),
            None => Cell::Odd { shown: self.shown(column), reason: UNDECODABLE.to_owned() },
        }
    }
}
