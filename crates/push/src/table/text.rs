//! Text files: detects encoding and delimiter, and reads them as a stream.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use zhaoren_cancel::poll;

use super::TableError;
use super::cell::Cell;
use super::chunk::ChunkRows;
use super::csv::{RecordCutter, cells};
use super::delimiter::{Delimiter, Narrowed, SUBSTITUTE, declared, detected};
use super::head::{self, Head, HeadRow, HeadingVocabulary};
use super::heading::tidy;
use super::paths::failed;
use super::rows::Cells;

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

/// Encodings of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Gb18030,
    Utf16Le,
    Utf16Be,
    /// Converted to UTF-8 before it is split, from an encoding in which it cannot be split.
    Converted,
}

impl Encoding {
    /// Encoding of cells and lines once they are split: UTF-16 cannot be split at bytes and is converted to UTF-8 before.
    /// In GB 18030, no second byte of a character is a comma, a quote or a line end.
    fn cut(self) -> Self {
        match self {
            Self::Gb18030 => Self::Gb18030,
            _ => Self::Utf8,
        }
    }

    /// Decoded text; `None` if some bytes are no character.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self.cut() {
            Self::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
            _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        }
    }

    /// True if a UTF-8 text was converted from UTF-16 with invalid characters.
    pub(crate) fn was_broken(self, text: &str) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be | Self::Converted) && text.contains('\u{fffd}')
    }
}

pub(crate) const UNDECODABLE: &str = "有无法解码的字节，文件应为完整的 UTF-8、UTF-16 或 GB18030";

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

/// Encoding and length of the byte order mark; `None` for a file that is no text.
fn detect(head: &[u8], sample: &[u8]) -> Option<(Encoding, usize)> {
    let marks: [(&[u8], Encoding); 4] = [
        (b"\xef\xbb\xbf", Encoding::Utf8),
        (b"\xff\xfe", Encoding::Utf16Le),
        (b"\xfe\xff", Encoding::Utf16Be),
        (b"\x84\x31\x95\x33", Encoding::Gb18030),
    ];
    if let Some((mark, encoding)) = marks.iter().find(|(mark, _)| head.starts_with(mark)) {
        return Some((*encoding, mark.len()));
    }
    if head.contains(&0) {
        // Every second byte of half-width characters is zero.
        let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        let (high, low) = (zeros(0), zeros(1));
        let (encoding, coding) =
            if low > high { (Encoding::Utf16Le, UTF_16LE) } else { (Encoding::Utf16Be, UTF_16BE) };
        let text = coding.decode_without_bom_handling(head).0;
        return (high.min(low) * 4 <= high.max(low) && !text.contains('\0')).then_some((encoding, 0));
    }
    Some((if mostly_utf8(sample) { Encoding::Utf8 } else { Encoding::Gb18030 }, 0))
}

/// End of the last whole character of a UTF-8 sample.
fn characters(sample: &[u8]) -> usize {
    if sample.len() < SAMPLE {
        return sample.len();
    }
    let tail = sample.iter().rev().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count();
    let lead =
        sample.len().checked_sub(tail + 1).and_then(|at| sample.get(at)).is_some_and(|byte| *byte >= 0xc0);
    if lead { sample.len() - tail - 1 } else { sample.len() }
}

/// True if the bytes are UTF-8 with only a few damaged places, which are reported with their rows later.
fn mostly_utf8(sample: &[u8]) -> bool {
    // 联通 in GBK happens to be valid UTF-8, but with letters that no Chinese table has; these signs may occur.
    let signs = ['·', '×', '÷', '±', '°', '®', '©', '²', '³', 'µ', '§'];
    let (mut wide, mut letters, mut broken) = (0_usize, 0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
            wide += usize::from(c >= '\u{800}');
            letters += usize::from(c < '\u{800}' && !signs.contains(&c));
        }
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if broken == 0 { wide > 0 || letters == 0 } else { wide > broken }
}

type TextReader = BufReader<Box<dyn Read + Send>>;

/// Number of bytes read from a file.
type Fed = Arc<AtomicU64>;

/// Maximum length of a file that has to be held in memory as a whole.
const LARGEST_WHOLE: u64 = 256 << 20;
/// Maximum length of a row in bytes.
const LONGEST_ROW: usize = 64 << 20;

struct Counted {
    file: File,
    fed: Fed,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.fed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Checks at the end of a file that its length has not changed.
struct End {
    path: PathBuf,
    fed: Fed,
    bytes: u64,
}

impl End {
    fn failed(&self, line: u64, error: &dyn std::fmt::Display) -> TableError {
        failed(&self.path)(&format!("第 {line} 行之后读不下去：{error}"))
    }

    fn reached(&self, line: u64) -> Result<(), TableError> {
        let read = self.fed.load(Ordering::Relaxed);
        if read == self.bytes {
            return Ok(());
        }
        Err(failed(&self.path)(&format!(
            "读取过程中内容发生了变化：打开时有 {} 字节，读到第 {read} 字节（第 {line} 行）就到了末尾，请在文件写完后重新运行",
            self.bytes
        )))
    }
}

/// Records of a table, in chunks.
pub(crate) struct Records {
    cutter: RecordCutter<TextReader>,
    end: End,
    rows: usize,
    ended: bool,
}

impl Iterator for Records {
    type Item = Result<ChunkRows, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let records = self.cutter.next(self.rows, LONGEST_ROW);
        let line = self.cutter.line();
        let records = records.map_err(|error| self.end.failed(line, &error)).and_then(|records| {
            // Fewer than requested: the file is at its end.
            if records.len() < self.rows {
                self.ended = true;
                self.end.reached(line)?;
            }
            Ok(records)
        });
        self.ended |= records.is_err();
        match records {
            Ok(records) if records.len() == 0 => None,
            records => Some(records.map(ChunkRows::Records)),
        }
    }
}

/// Lines of a file, in chunks.
pub(crate) struct Lines {
    reader: TextReader,
    end: End,
    rows: usize,
    line: u64,
    ended: bool,
}

impl Lines {
    /// Next line; `None` at the end.
    fn line(&mut self) -> Result<Option<Vec<u8>>, TableError> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(LONGEST_ROW as u64).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| self.end.failed(self.line, &error))?;
        if read == LONGEST_ROW && !bytes.ends_with(b"\n") {
            let cause = format!("下一行超过 {} MiB", LONGEST_ROW >> 20);
            return Err(self.end.failed(self.line, &cause));
        }
        if read == 0 {
            return self.end.reached(self.line).map(|()| None);
        }
        self.line += 1;
        Ok(Some(bytes))
    }
}

impl Iterator for Lines {
    type Item = Result<ChunkRows, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut lines = Vec::new();
        let mut held = 0;
        while !self.ended && lines.len() < self.rows && held < LONGEST_ROW {
            poll();
            match self.line() {
                Ok(Some(bytes)) if bytes.trim_ascii().is_empty() => {}
                Ok(Some(bytes)) => {
                    held += bytes.len();
                    lines.push((self.line, bytes));
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        (!lines.is_empty()).then_some(Ok(ChunkRows::Lines(lines)))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_detected() {
        let text = "id,企业名称\nE1,上海某某科技有限公司\n";
        let wide = |big: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        let told = |bytes: &[u8]| detect(bytes, bytes);
        assert_eq!(told(text.as_bytes()), Some((Encoding::Utf8, 0)));
        assert_eq!(told(&GB18030.encode(text).0), Some((Encoding::Gb18030, 0)));
        assert_eq!(told(&wide(false)), Some((Encoding::Utf16Le, 0)));
        assert_eq!(told(&wide(true)), Some((Encoding::Utf16Be, 0)));
        assert_eq!(told(&[b"\xff\xfe".as_slice(), &wide(false)].concat()), Some((Encoding::Utf16Le, 2)));
        assert_eq!(told(b"\x00\x00\x00\x01binary\x00\x00"), None);
        assert_eq!(told(b"id,name\n"), Some((Encoding::Utf8, 0)));
        // 联通 in GBK is valid UTF-8, but is not meant as UTF-8.
        assert_eq!(told(&GB18030.encode("id,name\nE1,联通").0), Some((Encoding::Gb18030, 0)));
        assert_eq!(told("id,name\nE1,×".as_bytes()), Some((Encoding::Utf8, 0)));
        // One damaged place does not change the detected encoding.
        let mut damaged = text.repeat(3).into_bytes();
        damaged.insert(40, 0xff);
        assert_eq!(told(&damaged), Some((Encoding::Utf8, 0)));
    }
}
