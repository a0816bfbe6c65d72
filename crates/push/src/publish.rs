//! Publishes results: complete files first, the success marker last.

#![expect(clippy::indexing_slicing, reason = "hits are checked against the items where they are read")]

use std::path::Path;

use serde::{Deserialize, Serialize};
use zhaoren_disk::failpoint::reach;
use zhaoren_matcher::Library;

use crate::cells::escape_formula;
use crate::encode::{score, verdict_word};
use crate::error::{PushError, at};
use crate::frames::Entry;
use crate::merge::verdict;
use crate::output::FileDigest;
use crate::refusals::Refusals;
use crate::run::{RunCounts, RunReport};
use crate::table::Reject;
use crate::work::{Work, sync_folder, write_atomic};

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

/// Moves the results of `work` to their final names in `out`, and ends the work.
pub(crate) fn publish(
    work: Work,
    out: &Path,
    report: &RunReport,
    manifest: Manifest,
) -> Result<(), PushError> {
    write_atomic(&work.temp_path("run.result.json"), json(report)?.as_bytes())?;
    write_atomic(&work.temp_path("manifest.json"), json(&manifest)?.as_bytes())?;
    reach("results-written");
    // The folder is changed from here on; without the marker, its content is no valid result.
    let success = out.join(SUCCESS);
    if success.exists() {
        std::fs::remove_file(&success).map_err(at(&success))?;
        sync_folder(out)?;
    }
    for other in ["parquet", "csv", "jsonl"].map(|ending| format!("matches.{ending}")) {
        let stale = out.join(&other);
        if stale.exists() && !manifest.files.iter().any(|file| file.name == other) {
            std::fs::remove_file(&stale).map_err(at(&stale))?;
        }
    }
    let names = manifest.files.iter().map(|file| (file.name.as_str(), file.name.as_str()));
    for (from, to) in names.chain([("run.result.json", "run.json"), ("manifest.json", "manifest.json")]) {
        let to = out.join(to);
        std::fs::rename(work.temp_path(from), &to).map_err(at(&to))?;
        reach("result-renamed");
    }
    sync_folder(out)?;
    write_atomic(&success, b"")?;
    sync_folder(out)?;
    reach("results-published");
    work.end()
}

/// Report as indented JSON.
fn json(report: &impl Serialize) -> Result<String, PushError> {
    let text =
        serde_json::to_string_pretty(report).map_err(|error| PushError::Internal(error.to_string()))?;
    Ok(text + "\n")
}

/// Header of `rejects.csv`.
pub(crate) fn reject_header() -> Vec<u8> {
    "\u{feff}文件,行,企业,列,值,原因\r\n".as_bytes().to_vec()
}

/// Lines of `rejects.csv`.
pub(crate) fn reject_lines(rejects: &[Reject]) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for reject in rejects {
        let row = reject.row.to_string();
        out.write_record([
            &*escape_formula(&reject.file),
            &row,
            &*escape_formula(&reject.id),
            &*escape_formula(&reject.column),
            &*escape_formula(&reject.value),
            &*escape_formula(&reject.reason),
        ])
        .map_err(internal)?;
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}

/// File of the pairs held back. A pair is no input row and therefore not in `rejects.csv`: input rows are enterprises plus
/// rejects.
pub(crate) const HELD_FILE: &str = "held.csv";

/// Header of `held.csv`.
pub(crate) fn held_header() -> Vec<u8> {
    "\u{feff}企业,事项,判定,排序分,原因\r\n".as_bytes().to_vec()
}

/// Lines of `held.csv`: pairs held back, in order of enterprise id.
pub(crate) fn held_lines(
    entries: &[Entry<'_>],
    library: &Library,
    opt_outs: &Refusals,
) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for entry in entries {
        for hit in entry.hits.iter().filter(|hit| hit.opted_out) {
            let item = &library.ids()[hit.item as usize];
            let (word, score) = (verdict_word(verdict(hit)), score(hit.score).to_string());
            let reason = opt_outs.reason(entry.id, item);
            out.write_record([
                &*escape_formula(entry.id),
                &*escape_formula(item),
                word,
                &score,
                &*escape_formula(reason),
            ])
            .map_err(internal)?;
        }
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}
