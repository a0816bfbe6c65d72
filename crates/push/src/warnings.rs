//! Writes the file of warnings (`warnings.csv`) beside the rejects.

use std::io::Write;
use std::path::Path;

use zhaoren_policy::warning::WarningCounts;

use crate::cells::escape_formula;
use crate::digest::{FileDigest, Hashing};
use crate::error::{PushError, at};
use crate::table::Warning;

/// Name of the file.
pub(crate) const WARNINGS: &str = "warnings.csv";

/// Maximum number of warnings in the file: a spreadsheet shows 1,048,576 rows.
const MOST: u64 = 1_000_000;

/// File of warnings while it is written.
pub(crate) struct WarningFile<'a> {
    file: Hashing,
    path: &'a Path,
    listed: u64,
}

impl<'a> WarningFile<'a> {
    /// Creates the file with its header.
    pub(crate) fn create(path: &'a Path) -> Result<Self, PushError> {
        let mut file = Hashing::create(path).map_err(at(path))?;
        file.write_all("\u{feff}文件,行,企业,列,值,类别,读作\r\n".as_bytes()).map_err(at(path))?;
        Ok(Self { file, path, listed: 0 })
    }

    /// Appends warnings, as far as the file has room.
    pub(crate) fn append(&mut self, warnings: &[Warning]) -> Result<(), PushError> {
        let room = usize::try_from(MOST.saturating_sub(self.listed)).unwrap_or(usize::MAX);
        let some = warnings.get(..room.min(warnings.len())).unwrap_or_default();
        self.listed += some.len() as u64;
        let lines = lines(some)?;
        self.file.write_all(&lines).map_err(at(self.path))
    }

    /// Completes the file; a last line counts the warnings that are not listed.
    pub(crate) fn finish(mut self, counts: &WarningCounts) -> Result<FileDigest, PushError> {
        let all: u64 = counts.values().sum();
        let more = all.saturating_sub(self.listed);
        if more > 0 {
            let line = format!(",0,,,,unlisted,另有 {more} 处未列出\r\n");
            self.file.write_all(line.as_bytes()).map_err(at(self.path))?;
        }
        self.file.finish(self.path).map_err(at(self.path))
    }
}

/// Lines of the file.
fn lines(warnings: &[Warning]) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for warning in warnings {
        zhaoren_cancel::poll();
        let row = warning.row.to_string();
        out.write_record([
            &*escape_formula(&warning.file),
            &row,
            &*escape_formula(&warning.id),
            &*escape_formula(&warning.column),
            &*escape_formula(&warning.value),
            warning.kind.name(),
            &*escape_formula(&warning.reason),
        ])
        .map_err(internal)?;
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}
