//! Rows that repeat an enterprise: kept in files until reported, since there may be as many as input rows.
//!
//! A chunk stores the rows that repeat one of its own; merging the chunks finds those that repeat a row of another chunk. Each
//! file is in order of id and of reading, so all files are merged with one frame of each in memory.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::{Path, PathBuf};

use crate::entry::{Entry, RowPlace};
use crate::error::{PushError, at};
use crate::frames::{FrameReader, FrameWriter, Retention, pack};
use crate::table::Reject;

/// Separates repeated rows from entries in order of id: of rows with the same id, the first is kept.
pub(crate) fn split_repeats<'a>(entries: Vec<Entry<'a>>) -> (Vec<Entry<'a>>, Vec<RowPlace>) {
    let mut unique: Vec<Entry<'a>> = Vec::with_capacity(entries.len());
    let mut repeats = Vec::new();
    for entry in entries {
        if unique.last().is_some_and(|last| last.id == entry.id) {
            repeats.push(RowPlace::of(&entry));
        } else {
            unique.push(entry);
        }
    }
    (unique, repeats)
}

/// Appends repeats, which must come in order, to a file.
pub(crate) fn append(writer: &mut FrameWriter, path: &Path, repeats: &[RowPlace]) -> Result<(), PushError> {
    let entries: Vec<Entry<'_>> = repeats.iter().map(RowPlace::entry).collect();
    writer.append(&pack(&entries, Retention::Run).map_err(at(path))?)
}

/// One file, read frame by frame.
struct Stream {
    reader: FrameReader,
    frame: usize,
    rows: VecDeque<RowPlace>,
}

impl Stream {
    fn next(&mut self) -> Result<Option<RowPlace>, PushError> {
        while self.rows.is_empty() && self.frame < self.reader.frames().len() {
            self.rows = self.reader.rows(self.frame)?.into();
            self.frame += 1;
        }
        Ok(self.rows.pop_front())
    }
}

/// Merged repeats of several files, in order of id and of reading.
pub(crate) struct Repeats {
    streams: Vec<Stream>,
    heads: BinaryHeap<Reverse<(RowPlace, usize)>>,
}

impl Repeats {
    pub(crate) fn open(paths: &[PathBuf]) -> Result<Self, PushError> {
        let mut repeats = Self { streams: Vec::with_capacity(paths.len()), heads: BinaryHeap::new() };
        for (number, path) in paths.iter().enumerate() {
            let reader = FrameReader::open(path)?;
            repeats.streams.push(Stream { reader, frame: 0, rows: VecDeque::new() });
            repeats.advance(number)?;
        }
        Ok(repeats)
    }

    fn advance(&mut self, number: usize) -> Result<(), PushError> {
        if let Some(row) = self.streams.get_mut(number).map(Stream::next).transpose()?.flatten() {
            self.heads.push(Reverse((row, number)));
        }
        Ok(())
    }

    /// Next repeat.
    pub(crate) fn next(&mut self) -> Result<Option<RowPlace>, PushError> {
        let Some(Reverse((row, number))) = self.heads.pop() else { return Ok(None) };
        self.advance(number)?;
        Ok(Some(row))
    }
}

/// Rows kept for their enterprises, looked up in order of id.
pub(crate) struct KeptRows {
    reader: FrameReader,
    frame: Option<usize>,
    rows: Vec<RowPlace>,
}

impl KeptRows {
    /// Opens the kept rows of a state file.
    pub(crate) fn open(path: &Path) -> Result<Self, PushError> {
        Ok(Self { reader: FrameReader::open(path)?, frame: None, rows: Vec::new() })
    }

    fn of(&mut self, id: &str) -> Result<Option<&RowPlace>, PushError> {
        let after = self.reader.frames().partition_point(|frame| frame.first.as_str() <= id);
        let Some(frame) = after.checked_sub(1) else { return Ok(None) };
        if self.frame != Some(frame) {
            self.rows = self.reader.rows(frame)?;
            self.frame = Some(frame);
        }
        let found = self.rows.binary_search_by(|row| row.id.as_str().cmp(id)).ok();
        Ok(found.and_then(|at| self.rows.get(at)))
    }

    /// Reject for a row that repeats an enterprise.
    pub(crate) fn reject(&mut self, repeat: RowPlace, files: &[String]) -> Result<Reject, PushError> {
        let missing = || PushError::Internal(format!("{}：重复的企业不在结果里", repeat.id));
        let kept = self.of(&repeat.id)?.ok_or_else(missing)?;
        let file = |row: &RowPlace| files.get(row.file as usize).cloned().unwrap_or_default();
        let of = if repeat.file == kept.file { String::new() } else { format!("{} ", file(kept)) };
        let reason = format!("与{of}第 {} 行是同一家企业，以先出现的为准", kept.row);
        Ok(Reject {
            file: file(&repeat),
            row: repeat.row,
            column: "id".to_owned(),
            value: repeat.id.clone(),
            id: repeat.id,
            reason,
        })
    }
}
