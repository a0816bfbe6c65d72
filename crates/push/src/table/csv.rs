//! Comma-separated values: splits a stream into records with line numbers, and a record into cells.
//!
//! Only the splitting into records is sequential; the cells are split on many threads. Both use one state machine, so they agree.
//! The result is that of the `csv` crate (a test compares them), except that the `csv` crate does not report the line on which a
//! record begins: it counts blank lines before a record, or the second half of a line end, as part of it.

use std::borrow::Cow;
use std::io::BufRead;

/// State between two bytes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a record.
    Between,
    /// Before a record, after a carriage return: a following line feed belongs to it.
    Returned,
    /// Before a cell.
    Start,
    /// In an unquoted cell, or after its closing quote.
    Plain,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: the end of the cell, or the first of two that encode one.
    Quote,
}

/// Role of a byte in a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteRole {
    /// Byte of the cell's content.
    Cell,
    /// Quote that is not part of the content.
    Sign,
    /// End of the cell.
    Delimiter,
    /// End of the record.
    End,
}

impl State {
    /// Advances the state by a byte of a record and returns the byte's role.
    fn take(&mut self, byte: u8, delimiter: u8) -> ByteRole {
        let (state, part) = match (*self, byte) {
            (Self::Quoted, b'"') => (Self::Quote, ByteRole::Sign),
            (Self::Quoted, _) => (Self::Quoted, ByteRole::Cell),
            (Self::Quote, b'"') => (Self::Quoted, ByteRole::Cell),
            (Self::Start, b'"') => (Self::Quoted, ByteRole::Sign),
            (_, b'\n') => (Self::Between, ByteRole::End),
            (_, b'\r') => (Self::Returned, ByteRole::End),
            (_, byte) if byte == delimiter => (Self::Start, ByteRole::Delimiter),
            _ => (Self::Plain, ByteRole::Cell),
        };
        *self = state;
        part
    }
}

/// Records of one part of a file, each without its line end.
#[derive(Debug, Default)]
pub(crate) struct RawRecords {
    bytes: Vec<u8>,
    /// End offset of each record, and the line on which it begins.
    ends: Vec<(usize, u64)>,
}

impl RawRecords {
    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// First line and bytes of each record.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut from = 0;
        self.ends.iter().map(move |(to, line)| {
            let record = self.bytes.get(from..*to).unwrap_or_default();
            from = *to;
            (*line, record)
        })
    }
}

/// Splits a stream into records.
#[derive(Debug)]
pub(crate) struct RecordCutter<R> {
    reader: R,
    delimiter: u8,
    state: State,
    /// Current line; `began` is the line on which the record began.
    line: u64,
    began: u64,
}

impl<R: BufRead> RecordCutter<R> {
    pub(crate) fn new(reader: R, delimiter: u8) -> Self {
        Self { reader, delimiter, state: State::Between, line: 1, began: 1 }
    }

    /// Current line.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Next records, at most `count`; none at the end.
    ///
    /// # Errors
    /// Errors of the stream, and a record longer than `longest` bytes: an unclosed quote makes one record of the rest of the
    /// file.
    pub(crate) fn next(&mut self, count: usize, longest: usize) -> std::io::Result<RawRecords> {
        let mut records = RawRecords::default();
        while records.len() < count {
            let block = self.reader.fill_buf()?;
            if block.is_empty() {
                self.end(&mut records);
                break;
            }
            let (mut used, mut from, room) = (block.len(), 0, count - records.len());
            let before = records.len();
            for (index, byte) in block.iter().copied().enumerate() {
                if matches!(self.state, State::Between | State::Returned) {
                    from = index + 1;
                    let rest_of_end = self.state == State::Returned && byte == b'\n';
                    match byte {
                        b'\n' | b'\r' => {
                            self.line += u64::from(!rest_of_end);
                            self.state = if byte == b'\r' { State::Returned } else { State::Between };
                            continue;
                        }
                        _ => {
                            from = index;
                            self.state = State::Start;
                            self.began = self.line;
                        }
                    }
                }
                let quoted = self.state == State::Quoted;
                if self.state.take(byte, self.delimiter) == ByteRole::End {
                    records.bytes.extend_from_slice(block.get(from..index).unwrap_or_default());
                    records.ends.push((records.bytes.len(), self.began));
                    self.line += 1;
                    if records.len() - before == room {
                        used = index + 1;
                        break;
                    }
                } else if quoted && byte == b'\n' {
                    self.line += 1;
                }
            }
            if !matches!(self.state, State::Between | State::Returned) {
                records.bytes.extend_from_slice(block.get(from..).unwrap_or_default());
            }
            self.reader.consume(used);
            let open = records.bytes.len() - records.ends.last().map_or(0, |(end, _)| *end);
            if open > longest {
                let cause =
                    format!("从第 {} 行起的一行超过 {} MiB，可能有引号没有闭合", self.began, longest >> 20);
                return Err(std::io::Error::other(cause));
            }
        }
        Ok(records)
    }

    /// Ends the last record, which may lack a line end.
    fn end(&mut self, records: &mut RawRecords) {
        if !matches!(self.state, State::Between | State::Returned) {
            records.ends.push((records.bytes.len(), self.began));
        }
        self.state = State::Between;
    }
}

/// Cells of a record.
pub(crate) fn cells(record: &[u8], delimiter: u8) -> Vec<Cow<'_, [u8]>> {
    let mut cells = Vec::new();
    let (mut state, mut from, mut signs) = (State::Start, 0, false);
    for (index, byte) in record.iter().copied().enumerate() {
        match state.take(byte, delimiter) {
            ByteRole::Cell | ByteRole::End => {}
            ByteRole::Sign => signs = true,
            ByteRole::Delimiter => {
                cells.push(cell(record.get(from..index).unwrap_or_default(), signs, delimiter));
                (from, signs) = (index + 1, false);
            }
        }
    }
    cells.push(cell(record.get(from..).unwrap_or_default(), signs, delimiter));
    cells
}

/// Content of a cell, without its enclosing and doubled quotes.
fn cell(bytes: &[u8], signs: bool, delimiter: u8) -> Cow<'_, [u8]> {
    if !signs {
        return Cow::Borrowed(bytes);
    }
    let mut state = State::Start;
    Cow::Owned(bytes.iter().copied().filter(|byte| state.take(*byte, delimiter) == ByteRole::Cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Splits `text` into records with lines, through blocks of a few bytes and parts of a few records.
    fn cut(text: &[u8], block: usize, count: usize) -> Vec<(u64, Vec<Vec<u8>>)> {
        let mut cutter = RecordCutter::new(std::io::BufReader::with_capacity(block, text), b',');
        let mut all = Vec::new();
        loop {
            let records = cutter.next(count, 1 << 20).unwrap();
            if records.len() == 0 {
                return all;
            }
            let parts = |bytes| cells(bytes, b',').into_iter().map(Cow::into_owned).collect();
            all.extend(records.iter().map(|(line, bytes)| (line, parts(bytes))));
        }
    }

    fn by_the_csv_crate(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        let records = reader.byte_records().map(Result::unwrap);
        records.map(|record| record.iter().map(<[u8]>::to_vec).collect()).collect()
    }

    #[test]
    fn line_numbers_match_an_editor() {
        let text = "a,b\r\n\r\n\n1,\"x\r\ny\"\n2,\"\"\"q\"\"\"\r3\n\n\"z";
        for (block, count) in [(1, 1), (2, 3), (64, 2), (64, 64)] {
            let lines: Vec<u64> = cut(text.as_bytes(), block, count).iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [1, 4, 6, 7, 9]);
        }
        assert_eq!(cut(text.as_bytes(), 8, 8)[2].1, [b"2".to_vec(), b"\"q\"".to_vec()]);
    }

    #[test]
    fn quotes_inside_a_cell_do_not_end_it() {
        let read =
            |text: &str| cut(text.as_bytes(), 3, 9).into_iter().map(|(_, cells)| cells).collect::<Vec<_>>();
        assert_eq!(read("5\" pipe,b\nc"), by_the_csv_crate(b"5\" pipe,b\nc"));
        assert_eq!(read("\"a\"b\"c,d\n"), by_the_csv_crate(b"\"a\"b\"c,d\n"));
    }

    #[test]
    fn endless_records_are_refused() {
        let text = format!("a\n\"{}", "x\n".repeat(1000));
        let mut cutter = RecordCutter::new(std::io::BufReader::with_capacity(64, text.as_bytes()), b',');
        let error = cutter.next(10, 500).unwrap_err().to_string();
        assert!(error.contains("从第 2 行起的一行"), "{error}");
    }

    proptest! {
        #[test]
        fn reads_like_the_csv_crate(
            text in proptest::collection::vec(prop_oneof![
                Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'a'), Just(b' '), Just(0xe4)
            ], 0..60),
            block in 1_usize..9,
            count in 1_usize..5,
        ) {
            let read: Vec<_> = cut(&text, block, count).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(read, by_the_csv_crate(&text));
        }
    }
}
