//! Publishes results: complete files first, the success marker last.

use std::path::Path;

use serde::Serialize;
use zhaoren_disk::failpoint::reach;

use crate::error::{PushError, at};
use crate::folder::{Manifest, SUCCESS};
use crate::report::RunReport;
use crate::work::{Work, sync_folder, write_atomic};

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
    for other in ["parquet", "csv", "jsonl", "xlsx"].map(|ending| format!("matches.{ending}")) {
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
