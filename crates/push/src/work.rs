//! Working folder of a run: finished work is kept there, so that a killed run resumes where it stopped.
//!
//! `OUT/.work/run.json` identifies the run; `chunk-NNNNNN.entries`, `chunk-NNNNNN.rejects` and, if there are any,
//! `chunk-NNNNNN.warnings` hold the results of one chunk of rows; `chunks.jsonl` has a line for each complete chunk. A line is written after both files have their final names.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zhaoren_disk::failpoint::reach;
use zhaoren_policy::warning::WarningCounts;

use crate::entry::{Entry, RowPlace};
use crate::error::{PushError, at};
use crate::files;
use crate::folder::SUCCESS;
use crate::frames::{FrameWriter, Retention, pack};
use crate::repeats;
use crate::table::{Reject, Warning};

/// Counts of one finished chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkCounts {
    pub(crate) chunk: usize,
    /// Rows that could be read.
    pub(crate) sound: u64,
    /// Rejected rows.
    pub(crate) rejected: u64,
    /// Readable rows that belong to another part of a divided run.
    pub(crate) elsewhere: u64,
    /// Readable rows that repeat another of the chunk; they are in a file of their own.
    #[serde(default)]
    pub(crate) repeated: u64,
    /// Rejected rows of enterprises that opted out of every push.
    #[serde(default)]
    pub(crate) held_back: u64,
    /// Warnings by kind; the listed ones are in a file of their own.
    #[serde(default)]
    pub(crate) warned: WarningCounts,
}

/// Working folder of a run, locked against other runs while this value lives.
pub(crate) struct Work {
    folder: PathBuf,
    finished: BTreeMap<usize, ChunkCounts>,
    lines: Mutex<File>,
    _lock: File,
}

impl Work {
    /// Locks the folder of results `out` for the run identified by `key`. Work of another run is deleted.
    pub(crate) fn begin(out: &Path, key: &str) -> Result<Self, PushError> {
        zhaoren_disk::create_dir(out).map_err(at(out))?;
        let lock = lock_folder(out)?;
        let folder = out.join(".work");
        let named = folder.join("run.json");
        if std::fs::read_to_string(&named).ok().as_deref() != Some(key) {
            if folder.exists() {
                std::fs::remove_dir_all(&folder).map_err(at(&folder))?;
            }
            zhaoren_disk::create_dir(&folder).map_err(at(&folder))?;
            write_atomic(&named, key.as_bytes())?;
        }
        remove_parts(&folder, out)?;
        let path = folder.join("chunks.jsonl");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        // A line truncated by a kill does not parse, and its chunk is done again.
        let finished = text
            .lines()
            .filter_map(|line| serde_json::from_str::<ChunkCounts>(line).ok())
            .map(|line| (line.chunk, line))
            .collect();
        let mut lines =
            files::open(&path, OpenOptions::new().create(true).append(true)).map_err(at(&path))?;
        if !text.is_empty() && !text.ends_with('\n') {
            lines.write_all(b"\n").map_err(at(&path))?;
        }
        Ok(Self { folder, finished, lines: Mutex::new(lines), _lock: lock })
    }

    /// Counts of a chunk finished by an earlier attempt.
    pub(crate) fn finished(&self, chunk: usize) -> Option<ChunkCounts> {
        self.finished.get(&chunk).cloned()
    }

    /// Stores the results of a chunk; `entries` are in order of id.
    pub(crate) fn store(
        &self,
        line: &ChunkCounts,
        entries: &[Entry<'_>],
        repeats: &[RowPlace],
        (rejects, warnings): (&[Reject], &[Warning]),
    ) -> Result<(), PushError> {
        if !repeats.is_empty() {
            let path = self.repeats(line.chunk);
            let mut writer = FrameWriter::create(&path)?;
            repeats::append(&mut writer, &path, repeats)?;
            writer.finish()?;
        }
        let path = self.entries(line.chunk);
        let mut writer = FrameWriter::create(&path)?;
        writer.append(&pack(entries, Retention::Run).map_err(at(&path))?)?;
        writer.finish()?;
        reach("chunk-decided");
        let packed = postcard::to_stdvec(rejects).map_err(|error| PushError::Internal(error.to_string()))?;
        write_atomic(&self.rejects_path(line.chunk), &packed)?;
        if !warnings.is_empty() {
            let packed =
                postcard::to_stdvec(warnings).map_err(|error| PushError::Internal(error.to_string()))?;
            write_atomic(&self.warnings_path(line.chunk), &packed)?;
        }
        let mut text = serde_json::to_string(line).map_err(|error| PushError::Internal(error.to_string()))?;
        text.push('\n');
        let path = self.folder.join("chunks.jsonl");
        reach("chunk-written");
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.write_all(text.as_bytes()).and_then(|()| lines.sync_data()).map_err(at(&path))?;
        reach("chunk-finished");
        Ok(())
    }

    /// Path of a chunk's entries.
    pub(crate) fn entries(&self, chunk: usize) -> PathBuf {
        self.folder.join(format!("chunk-{chunk:06}.entries"))
    }

    /// Path of a chunk's repeated rows, if there are any.
    pub(crate) fn repeats(&self, chunk: usize) -> PathBuf {
        self.folder.join(format!("chunk-{chunk:06}.repeats"))
    }

    fn rejects_path(&self, chunk: usize) -> PathBuf {
        self.folder.join(format!("chunk-{chunk:06}.rejects"))
    }

    /// Rejected rows of a chunk.
    pub(crate) fn rejects(&self, chunk: usize) -> Result<Vec<Reject>, PushError> {
        let path = self.rejects_path(chunk);
        let bytes = std::fs::read(&path).map_err(at(&path))?;
        postcard::from_bytes(&bytes).map_err(|_| PushError::damaged(&path))
    }

    fn warnings_path(&self, chunk: usize) -> PathBuf {
        self.folder.join(format!("chunk-{chunk:06}.warnings"))
    }

    /// Listed warnings of a chunk that has any.
    pub(crate) fn warnings(&self, chunk: usize) -> Result<Vec<Warning>, PushError> {
        let path = self.warnings_path(chunk);
        let bytes = std::fs::read(&path).map_err(at(&path))?;
        postcard::from_bytes(&bytes).map_err(|_| PushError::damaged(&path))
    }

    /// Temporary path of a result.
    pub(crate) fn temp_path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Deletes the working folder, which is no longer needed.
    pub(crate) fn end(self) -> Result<(), PushError> {
        std::fs::remove_dir_all(&self.folder).map_err(at(&self.folder))
    }
}

/// Locks a folder against other runs until the file is dropped.
fn lock_folder(out: &Path) -> Result<File, PushError> {
    let path = out.join(".lock");
    let how = &mut OpenOptions::new();
    let file = files::open(&path, how.create(true).truncate(false).write(true)).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(PushError::Busy { path: out.to_owned() }),
        Err(std::fs::TryLockError::Error(cause)) => Err(PushError::File { path, cause }),
    }
}

/// Removes the partial files of a killed run: all of them in the working folder, and that of the success marker beside the
/// results.
fn remove_parts(work: &Path, out: &Path) -> Result<(), PushError> {
    let remove = |path: &Path| match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    };
    for entry in std::fs::read_dir(work).map_err(at(work))? {
        let path = entry.map_err(at(work))?.path();
        if path.extension().is_some_and(|ending| ending == PART) {
            remove(&path)?;
        }
    }
    remove(&out.join(SUCCESS).with_extension(PART))
}

/// Extension of an incomplete file.
const PART: &str = "part";

/// Writes a file under a temporary name, syncs it and renames it.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), PushError> {
    let aside = path.with_extension(PART);
    let mut file = files::create(&aside).map_err(at(&aside))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&aside))?;
    std::fs::rename(&aside, path).map_err(at(path))
}

/// Syncs a folder, which makes renames in it durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), PushError> {
    zhaoren_disk::sync_dir(folder).map_err(at(folder))
}
