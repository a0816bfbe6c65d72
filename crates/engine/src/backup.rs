//! Backups of the records. The index is not included: it is rebuilt from the records when they are opened.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use zhaoren_registry::{TableRowCount, WriteContext, check_backup};

use crate::blocking::Blocking;
use crate::error::EngineError;
use crate::home::Home;
use crate::records::Records;

/// Result of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Row count of each table.
    pub tables: Vec<TableRowCount>,
    /// Digest of the last line of the audit in the backup.
    pub head: String,
    /// Number of the first audit line whose audit covers every table; `None` if an older version wrote all of it.
    pub covered_from: Option<i64>,
    /// Number of faults found by a check of the backup. They were in the records already: the backup reports them and is
    /// still made.
    pub faults: usize,
}

impl Records {
    /// Writes every record into a new file. Readers and writers are not blocked; the backup shows one moment.
    ///
    /// # Errors
    /// When the file exists, or it or the records fail; no file is left then.
    pub fn backup(&self, act: &WriteContext<'_>, file: &Path) -> Result<Backup, EngineError> {
        let refuse = |cause| EngineError::Data { path: file.to_owned(), cause };
        if file.exists() {
            let kind = std::io::ErrorKind::AlreadyExists;
            return Err(refuse(std::io::Error::new(kind, "已有这个文件，不覆盖")));
        }
        let aside = aside(file);
        begin(file, &aside).map_err(refuse)?;
        let done = self.block_on(self.registry.backup(act, &aside));
        let (tables, check) = done.inspect_err(|_| remove(&aside))?;
        let synced = fs::File::open(&aside).and_then(|open| open.sync_all());
        synced.and_then(|()| fs::rename(&aside, file)).map_err(|cause| {
            remove(&aside);
            refuse(cause)
        })?;
        let faults = check.faults.len();
        Ok(Backup { tables, head: check.head, covered_from: check.covered_from, faults })
    }

    /// Restores every record of a backup into the records of `home`, which have to be empty or lost. With `head`, the
    /// digest of an audit line that was kept elsewhere, the backup has to contain that line.
    ///
    /// # Errors
    /// When the file is no backup, which is found before anything is created; when either side is not in the required
    /// state, or fails. Nothing is restored then.
    pub fn restore(
        home: impl Into<Home>,
        act: &WriteContext<'_>,
        file: &Path,
        head: Option<&str>,
    ) -> Result<(Self, Backup), EngineError> {
        let refuse = |cause| EngineError::Data { path: file.to_owned(), cause };
        Blocking::new().map_err(refuse)?.block_on(check_backup(file))?;
        let records = Self::create(&home.into())?;
        // Opening may migrate the copy to this version's schema; the backup itself stays unchanged.
        let copy = aside(&records.data.join("restore"));
        let refuse = |cause| EngineError::Data { path: copy.clone(), cause };
        begin(&records.data.join("restore"), &copy).map_err(refuse)?;
        fs::copy(file, &copy).map_err(|cause| EngineError::Data { path: file.to_owned(), cause })?;
        let done = records.block_on(records.registry.restore(act, &copy, head));
        remove(&copy);
        let (tables, check) = done?;
        Ok((records, Backup { tables, head: check.head, covered_from: check.covered_from, faults: 0 }))
    }
}

/// Removes leftovers of killed backups to this file, and creates the temporary file, readable by its owner only: it holds
/// everything.
fn begin(file: &Path, aside: &Path) -> std::io::Result<()> {
    zhaoren_disk::remove_leftovers(file)?;
    // Left by this very process, by another container with the same process id, or before a restart.
    remove(aside);
    zhaoren_disk::create(aside, zhaoren_disk::SECRET_MODE).map(drop)
}

/// A hidden name beside a file.
fn aside(file: &Path) -> PathBuf {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    file.with_file_name(format!(".{name}.{}", std::process::id()))
}

/// Removes a database file and SQLite's files beside it.
fn remove(file: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        let _ = fs::remove_file(name);
    }
}
