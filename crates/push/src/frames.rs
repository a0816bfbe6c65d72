//! Files of entries in order of enterprise id, in compressed frames that can be read by id range.
//!
//! ```text
//! frame  = entries, end to end
//! entry  = id, file, row, number of packed bytes, number of hits (in the postcard format); packed bytes; hits; name
//! footer = for each frame its first id, offset, length and number of entries, in the postcard format
//! ```
//!
//! The container of frames and footer is that of `crate::sealed`. A file is written under a temporary name, synced and renamed,
//! so a file under its final name is complete.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Hit, RowPlace};
use crate::error::{PushError, at};
use crate::files;
use crate::sealed::{footer, frame, seal};

const MAGIC: &[u8; 8] = b"zhpush03";
/// Magic of the versions whose entries have no name. They are read as well: the night after an update compares with such a state.
const NAMELESS: &[u8; 8] = b"zhpush02";
/// Entries of a frame: enough to compress well, few enough that a range reads little beyond itself.
pub(crate) const FRAME_ENTRIES: usize = 1024;
/// Compression level, by how long the entries are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Retention {
    /// Until the run has finished: a negative (very fast) level of zstd.
    Run = -3,
    /// Until the next run: fastest ordinary level of zstd.
    NextRun = 1,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) first: String,
    offset: u64,
    length: u64,
    pub(crate) entries: u64,
}

/// Writer of entries, which must come in order of id.
pub(crate) struct FrameWriter {
    path: PathBuf,
    temp_path: PathBuf,
    out: BufWriter<File>,
    offset: u64,
    frames: Vec<Frame>,
}

impl FrameWriter {
    pub(crate) fn create(path: &Path) -> Result<Self, PushError> {
        let aside = path.with_extension("part");
        let mut out = BufWriter::new(files::create(&aside).map_err(at(&aside))?);
        out.write_all(MAGIC).map_err(at(&aside))?;
        Ok(Self {
            path: path.to_owned(),
            temp_path: aside,
            out,
            offset: MAGIC.len() as u64,
            frames: Vec::new(),
        })
    }

    /// Appends packed frames, in order.
    pub(crate) fn append(&mut self, packed: &[Packed]) -> Result<(), PushError> {
        for frame in packed {
            self.out.write_all(&frame.bytes).map_err(at(&self.temp_path))?;
            let length = frame.bytes.len() as u64;
            self.frames.push(Frame {
                first: frame.first.clone(),
                offset: self.offset,
                length,
                entries: frame.entries,
            });
            self.offset += length;
        }
        Ok(())
    }

    /// Completes the file and renames it to its final name.
    pub(crate) fn finish(mut self) -> Result<(), PushError> {
        let footer = postcard::to_stdvec(&self.frames).map_err(|_| PushError::damaged(&self.path))?;
        self.out.write_all(&seal(footer, MAGIC)).map_err(at(&self.temp_path))?;
        let file =
            self.out.into_inner().map_err(io::IntoInnerError::into_error).map_err(at(&self.temp_path))?;
        file.sync_all().map_err(at(&self.temp_path))?;
        std::fs::rename(&self.temp_path, &self.path).map_err(at(&self.path))
    }
}

/// Frame ready to be written.
pub(crate) struct Packed {
    first: String,
    entries: u64,
    bytes: Vec<u8>,
}

/// Packs entries, in order of id, into frames.
pub(crate) fn pack(entries: &[Entry<'_>], retention: Retention) -> io::Result<Vec<Packed>> {
    entries
        .chunks(FRAME_ENTRIES)
        .map(|entries| {
            let mut plain = Vec::new();
            for entry in entries {
                plain = entry.write(plain).map_err(io::Error::other)?;
            }
            let first = entries.first().map(|entry| entry.id.to_owned()).unwrap_or_default();
            Ok(Packed { first, entries: entries.len() as u64, bytes: frame(&plain, retention as i32)? })
        })
        .collect()
}

/// Reader of entries by id range.
#[derive(Debug)]
pub(crate) struct FrameReader {
    path: PathBuf,
    frames: Vec<Frame>,
    /// True if the entries have names.
    named: bool,
    /// Number of items in the run's library; `None` leaves item indices unchecked.
    items: Option<usize>,
}

impl FrameReader {
    pub(crate) fn open(path: &Path) -> Result<Self, PushError> {
        let damaged = || PushError::damaged(path);
        let file = File::open(path).map_err(at(path))?;
        let (footer, named) = match footer(&file, MAGIC).map_err(at(path))? {
            Some(footer) => (footer, true),
            None => (footer(&file, NAMELESS).map_err(at(path))?.ok_or_else(damaged)?, false),
        };
        let frames = postcard::from_bytes(&footer).map_err(|_| damaged())?;
        Ok(Self { path: path.to_owned(), frames, named, items: None })
    }

    /// The same, whose hits are of a run with so many items: one that points past them is damage, and no hit to be passed over.
    pub(crate) fn open_with_items(path: &Path, items: usize) -> Result<Self, PushError> {
        Ok(Self { items: Some(items), ..Self::open(path)? })
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Rows of one frame, without their facts.
    pub(crate) fn rows(&self, frame: usize) -> Result<Vec<RowPlace>, PushError> {
        let Some(frame) = self.frames.get(frame) else { return Ok(Vec::new()) };
        let mut file = File::open(&self.path).map_err(at(&self.path))?;
        let frames = vec![(frame.entries, self.plain(&mut file, frame)?)];
        let (path, named, items) = (self.path.clone(), self.named, self.items);
        let read = Unpacked { path, from: None, to: None, frames, named, items };
        let mut entries = Vec::new();
        read.entries(&mut entries)?;
        Ok(entries.iter().map(RowPlace::of).collect())
    }

    /// Reads the frames that hold the entries with `from <= id < to`; `None` means unbounded.
    pub(crate) fn range(&self, from: Option<&str>, to: Option<&str>) -> Result<Unpacked, PushError> {
        // The frame before the first one that begins at `from` may also hold it; equal ids may span several frames.
        let start = from.map_or(0, |from| {
            self.frames.partition_point(|frame| frame.first.as_str() < from).saturating_sub(1)
        });
        let end =
            to.map_or(self.frames.len(), |to| self.frames.partition_point(|frame| frame.first.as_str() < to));
        let mut file = File::open(&self.path).map_err(at(&self.path))?;
        let frames = self.frames.get(start..end.max(start)).unwrap_or_default();
        let plain = |frame: &Frame| Ok((frame.entries, self.plain(&mut file, frame)?));
        let frames = frames.iter().map(plain).collect::<Result<_, PushError>>()?;
        let own = |id: Option<&str>| id.map(str::to_owned);
        let (path, named, items) = (self.path.clone(), self.named, self.items);
        Ok(Unpacked { path, from: own(from), to: own(to), frames, named, items })
    }

    fn plain(&self, file: &mut File, frame: &Frame) -> Result<Vec<u8>, PushError> {
        let damaged = || PushError::damaged(&self.path);
        let mut bytes = vec![0; usize::try_from(frame.length).map_err(|_| damaged())?];
        file.seek(SeekFrom::Start(frame.offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(at(&self.path))?;
        zstd::decode_all(bytes.as_slice()).map_err(|_| damaged())
    }
}

/// Decompressed frames, with the requested id range.
pub(crate) struct Unpacked {
    path: PathBuf,
    from: Option<String>,
    to: Option<String>,
    /// Number of entries of each frame, and its bytes.
    frames: Vec<(u64, Vec<u8>)>,
    named: bool,
    items: Option<usize>,
}

impl Unpacked {
    /// Appends the entries of the range, in order of id.
    pub(crate) fn entries<'a>(&'a self, entries: &mut Vec<Entry<'a>>) -> Result<(), PushError> {
        for (count, plain) in &self.frames {
            let mut rest = plain.as_slice();
            for _ in 0..*count {
                let (entry, after) =
                    Entry::read(rest, self.named).ok_or_else(|| PushError::damaged(&self.path))?;
                rest = after;
                let past = |hit: &Hit| self.items.is_some_and(|items| hit.item.position() >= items);
                if entry.hits.iter().any(past) {
                    return Err(PushError::damaged(&self.path));
                }
                if self.from.as_deref().is_none_or(|from| entry.id >= from)
                    && self.to.as_deref().is_none_or(|to| entry.id < to)
                {
                    entries.push(entry);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item_index::ItemIndex;

    /// Names are kept, and a state of the versions that kept none is read without them.
    #[test]
    fn states_without_names_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.entries");
        let named = |name| Entry { id: "e", name, file: 0, row: 1, packed: &[1, 2], hits: Vec::new() };
        let read = |path: &Path| {
            let unpacked = FrameReader::open(path).unwrap().range(None, None).unwrap();
            let mut entries = Vec::new();
            unpacked.entries(&mut entries).unwrap();
            entries.iter().map(|entry| (entry.name.to_owned(), entry.packed.to_vec())).collect::<Vec<_>>()
        };
        let mut writer = FrameWriter::create(&path).unwrap();
        writer.append(&pack(&[named("甲公司")], Retention::Run).unwrap()).unwrap();
        writer.finish().unwrap();
        assert_eq!(read(&path), [("甲公司".to_owned(), vec![1, 2])]);
        // An entry of an earlier version ends before the name.
        let mut plain = named("").write(Vec::new()).unwrap();
        assert_eq!(plain.pop(), Some(0));
        let bytes = frame(&plain, 1).unwrap();
        let frames = vec![Frame { first: "e".into(), offset: 8, length: bytes.len() as u64, entries: 1 }];
        let footer = postcard::to_stdvec(&frames).unwrap();
        let file = [NAMELESS.as_slice(), &bytes, &seal(footer, NAMELESS)].concat();
        std::fs::write(&path, file).unwrap();
        assert_eq!(read(&path), [(String::new(), vec![1, 2])]);
    }

    /// A hit that points past the items is damage to the file, and not an item to be passed over.
    #[test]
    fn hits_beyond_the_items_are_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.entries");
        let hit = |position| Hit { item: ItemIndex::of(position), eligible: true, score: 1, withheld: None };
        let entry = Entry { id: "e", name: "", file: 0, row: 1, packed: &[], hits: vec![hit(0), hit(2)] };
        let mut writer = FrameWriter::create(&path).unwrap();
        writer.append(&pack(&[entry], Retention::Run).unwrap()).unwrap();
        writer.finish().unwrap();
        let read = |items: usize| {
            let reader = FrameReader::open_with_items(&path, items).unwrap();
            let unpacked = reader.range(None, None).unwrap();
            let mut entries = Vec::new();
            unpacked.entries(&mut entries).map(|()| entries.len())
        };
        assert_eq!(read(3).unwrap(), 1);
        let error = read(2).unwrap_err();
        assert!(matches!(error, PushError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("state.entries"), "{error}");
    }
}
