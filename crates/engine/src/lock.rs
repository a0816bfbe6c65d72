//! The right to write into a data directory. One process has it at a time, and says in the file that it does.

use std::fs;
use std::io::{Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::clock::now_in_china;
use crate::error::EngineError;
use crate::progress::Progress;
use crate::written::json_line;

/// Held while the registry or the index is written. Dropping it, or dying, lets go.
pub(crate) struct WriteLock {
    file: fs::File,
}

/// Who writes into a data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub process: u32,
    /// What it does.
    pub work: String,
    /// Since when, China time.
    pub since: String,
}

const FILE: &str = "lock";

impl WriteLock {
    /// Takes the right to write into `data` for `work`. Where somebody else has it, `progress` hears who, and it is
    /// waited for.
    pub(crate) fn take(data: &Path, work: &str, progress: &dyn Progress) -> Result<Self, EngineError> {
        let path = data.join(FILE);
        let refuse = |cause| EngineError::Data { path: path.clone(), cause };
        // Its content is replaced in place, so a link under this name would have its target emptied.
        let mut file = zhaoren_disk::open_regular(&path).map_err(refuse)?;
        if file.try_lock().is_err() {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            progress.waiting(serde_json::from_str(&text).ok().as_ref());
            file.lock().map_err(refuse)?;
        }
        let holder = Holder { process: std::process::id(), work: work.to_owned(), since: now_in_china() };
        let text = json_line(&holder);
        // Who holds it is a courtesy to others; the lock itself does not depend on it.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
        Ok(Self { file })
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
    }
}
