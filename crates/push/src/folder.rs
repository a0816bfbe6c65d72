//! Folder of a run's results: its manifest, the names of its files, and the marker that it is complete.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::digest::FileDigest;
use crate::report::RunCounts;

/// File of a run's enterprises.
pub(crate) const STATE_ENTRIES: &str = "state.entries";
/// File of a run's items.
pub(crate) const STATE_RULES: &str = "state.rules.json";

/// Content of a folder of results (`manifest.json`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this layout.
    pub schema: u32,
    /// Files with length and SHA-256.
    pub files: Vec<FileDigest>,
    /// Number of rows of the list.
    pub rows: u64,
    /// Number of input rows: `rows_matched` plus `rows_rejected`.
    pub rows_in: u64,
    /// Enterprises decided here, or left to another part of the run.
    pub rows_matched: u64,
    /// Number of rejected rows.
    pub rows_rejected: u64,
}

impl Manifest {
    pub(crate) fn new(files: Vec<FileDigest>, counts: &RunCounts) -> Self {
        Self {
            schema: 1,
            files,
            rows: counts.new + counts.kept + counts.gone,
            rows_in: counts.rows,
            rows_matched: counts.enterprises + counts.elsewhere,
            rows_rejected: counts.rejected,
        }
    }
}

/// Success marker: all results are complete.
pub(crate) const SUCCESS: &str = "_SUCCESS";

/// True if the folder holds a finished run.
pub fn is_done(folder: &Path) -> bool {
    folder.join(SUCCESS).is_file()
}
