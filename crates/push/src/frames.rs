//! Files of entries in order of enterprise id, in compressed frames that can be read by range of ids.
//!
//! ```text
//! frame  = entries in the postcard format, end to end
//! footer = for each frame its first id, where it begins, its length and its entries, in the postcard format
//! ```
//!
//! How frames and footer are held together is `crate::sealed`'s. A file is written under another name, synced and
//! renamed: under its own name it is whole.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{PushError, at};
use crate::sealed::{footer, frame, seal};

const MAGIC: &[u8; 8] = b"zhpush01";
/// Entries of a frame: enough to compress well, few enough that a range reads little beside itself.
pub(crate) const FRAME_ENTRIES: usize = 1024;
/// zstd's fastest ordinary level; what is written tonight is read once.
const LEVEL: i32 = 1;

/// What a run keeps of one enterprise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The enterprise.
    pub(crate) id: String,
    /// Which input file it stands in, and in which row.
    pub(crate) file: u32,
    pub(crate) row: u64,
    /// Its profile in the postcard format.
    pub(crate) profile: Vec<u8>,
    /// The items it is listed for, by place.
    pub(crate) hits: Vec<Hit>,
}

/// One item that an enterprise is listed for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// Place of the item in the run's library.
    pub(crate) place: u32,
    /// Eligible; otherwise undetermined.
    pub(crate) eligible: bool,
    /// The score in ten-thousandths.
    pub(crate) score: u16,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) first: String,
    offset: u64,
    length: u64,
    pub(crate) entries: u64,
}

/// Writes entries, which have to come in order of id.
pub(crate) struct FrameWriter {
    path: PathBuf,
    aside: PathBuf,
    out: BufWriter<File>,
    offset: u64,
    frames: Vec<Frame>,
}

impl FrameWriter {
    pub(crate) fn create(path: &Path) -> Result<Self, PushError> {
        let aside = path.with_extension("part");
        let mut out = BufWriter::new(File::create(&aside).map_err(at(&aside))?);
        out.write_all(MAGIC).map_err(at(&aside))?;
        Ok(Self { path: path.to_owned(), aside, out, offset: MAGIC.len() as u64, frames: Vec::new() })
    }

    /// Adds frames that were packed elsewhere, in order.
    pub(crate) fn append(&mut self, packed: &[Packed]) -> Result<(), PushError> {
        for frame in packed {
            self.out.write_all(&frame.bytes).map_err(at(&self.aside))?;
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

    /// Ends the file and gives it its name.
    pub(crate) fn finish(mut self) -> Result<(), PushError> {
        let footer = postcard::to_stdvec(&self.frames).map_err(|_| PushError::damaged(&self.path))?;
        self.out.write_all(&seal(footer, MAGIC)).map_err(at(&self.aside))?;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error).map_err(at(&self.aside))?;
        file.sync_all().map_err(at(&self.aside))?;
        std::fs::rename(&self.aside, &self.path).map_err(at(&self.path))
    }
}

/// A frame ready to be written.
pub(crate) struct Packed {
    first: String,
    entries: u64,
    bytes: Vec<u8>,
}

/// Packs entries in order of id into frames.
pub(crate) fn pack(entries: &[Entry]) -> io::Result<Vec<Packed>> {
    entries
        .chunks(FRAME_ENTRIES)
        .map(|entries| {
            let mut plain = Vec::new();
            for entry in entries {
                plain = postcard::to_extend(entry, plain).map_err(io::Error::other)?;
            }
            let first = entries.first().map(|entry| entry.id.clone()).unwrap_or_default();
            Ok(Packed { first, entries: entries.len() as u64, bytes: frame(&plain, LEVEL)? })
        })
        .collect()
}

/// Reads entries by range of ids.
#[derive(Debug)]
pub(crate) struct FrameReader {
    path: PathBuf,
    frames: Vec<Frame>,
}

impl FrameReader {
    pub(crate) fn open(path: &Path) -> Result<Self, PushError> {
        let damaged = || PushError::damaged(path);
        let file = File::open(path).map_err(at(path))?;
        let footer = footer(&file, MAGIC).map_err(at(path))?.ok_or_else(damaged)?;
        let frames = postcard::from_bytes(&footer).map_err(|_| damaged())?;
        Ok(Self { path: path.to_owned(), frames })
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The entries whose id is `from` or comes after it, and comes before `to`; `None` is open.
    pub(crate) fn range(&self, from: Option<&str>, to: Option<&str>) -> Result<Vec<Entry>, PushError> {
        // The frame before the first that begins at `from` may hold it too; equal ids may stand in several.
        let start = from.map_or(0, |from| {
            self.frames.partition_point(|frame| frame.first.as_str() < from).saturating_sub(1)
        });
        let end =
            to.map_or(self.frames.len(), |to| self.frames.partition_point(|frame| frame.first.as_str() < to));
        let mut entries = Vec::new();
        let mut file = File::open(&self.path).map_err(at(&self.path))?;
        for frame in self.frames.get(start..end.max(start)).unwrap_or_default() {
            self.read(&mut file, frame, |entry| {
                if from.is_none_or(|from| entry.id.as_str() >= from)
                    && to.is_none_or(|to| entry.id.as_str() < to)
                {
                    entries.push(entry);
                }
            })?;
        }
        Ok(entries)
    }

    fn read(&self, file: &mut File, frame: &Frame, mut take: impl FnMut(Entry)) -> Result<(), PushError> {
        let damaged = || PushError::damaged(&self.path);
        let mut bytes = vec![0; usize::try_from(frame.length).map_err(|_| damaged())?];
        file.seek(SeekFrom::Start(frame.offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(at(&self.path))?;
        let plain = zstd::decode_all(bytes.as_slice()).map_err(|_| damaged())?;
        let mut rest = plain.as_slice();
        for _ in 0..frame.entries {
            let (entry, after) = postcard::take_from_bytes::<Entry>(rest).map_err(|_| damaged())?;
            take(entry);
            rest = after;
        }
        Ok(())
    }
}
