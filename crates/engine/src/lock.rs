//! Write lock of a data directory. One process holds it at a time, and writes its name into the lock file.

use std::fs;
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::clock::now_in_china;
use crate::error::EngineError;
use crate::progress::{LockHolder, Progress};
use crate::written::json_line;

/// Held during writes to the registry or the index. Released by a drop or by the end of the process.
pub(crate) struct WriteLock {
    file: fs::File,
}

const FILE: &str = "lock";

impl WriteLock {
    /// Locks `data` for `work`. If another process holds the lock, `progress` receives its holder, and the call blocks.
    pub(crate) fn acquire(data: &Path, work: &str, progress: &dyn Progress) -> Result<Self, EngineError> {
        let path = data.join(FILE);
        let refuse = |cause| EngineError::Data { path: path.clone(), cause };
        // The content is replaced in place, so a link under this name would have its target truncated.
        let mut file = zhaoren_disk::open_regular(&path).map_err(refuse)?;
        if file.try_lock().is_err() {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            progress.waiting(serde_json::from_str(&text).ok().as_ref());
            file.lock().map_err(refuse)?;
        }
        let holder = LockHolder { process: std::process::id(), work: work.to_owned(), since: now_in_china() };
        let text = json_line(&holder);
        // The name of the holder is informative only; the lock itself does not depend on it.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
        Ok(Self { file })
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}
