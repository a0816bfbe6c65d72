//! Records and lines of a text file, in chunks.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zhaoren_cancel::poll;

use crate::table::TableError;
use crate::table::chunk::ChunkRows;
use crate::table::csv::RecordCutter;
use crate::table::paths::failed;

pub(super) type TextReader = BufReader<Box<dyn Read + Send>>;

/// Number of bytes read from a file.
pub(super) type Fed = Arc<AtomicU64>;

/// Maximum length of a row in bytes.
pub(super) const LONGEST_ROW: usize = 64 << 20;

pub(super) struct Counted {
    pub(super) file: File,
    pub(super) fed: Fed,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.fed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Checks at the end of a file that its length has not changed.
pub(super) struct End {
    pub(super) path: PathBuf,
    pub(super) fed: Fed,
    pub(super) bytes: u64,
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
    pub(super) cutter: RecordCutter<TextReader>,
    pub(super) end: End,
    pub(super) rows: usize,
    pub(super) ended: bool,
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
    pub(super) reader: TextReader,
    pub(super) end: End,
    pub(super) rows: usize,
    pub(super) line: u64,
    pub(super) ended: bool,
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
