//! Creates stores: chunks of rows read on many threads, written in order.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::ProfileKey;
use zhaoren_policy::warning::{WarningCounts, add_counts};

use super::{Footer, FramePosition, LEVEL, MAGIC, StoredChunk, StoredSource};
use crate::digest::facts_digest;
use crate::error::{PushError, at};
use crate::files;
use crate::progress::Progress;
use crate::rejects::{reject_header, reject_lines};
use crate::sealed::{self, seal};
use crate::table::{Reject, Rows, Source, Warning};
use crate::warnings::WarningFile;

/// Report of loading a store.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LoadReport {
    /// Number of rows read.
    pub rows: u64,
    /// Number of enterprises stored.
    pub enterprises: u64,
    /// Number of rejected rows; `rows` is `enterprises` plus `rejected`.
    pub rejected: u64,
    /// Number of columns that hold any value.
    pub columns: usize,
    /// Length of the store in bytes.
    pub bytes: u64,
    /// File that names the rejected rows, if there are any.
    pub rejects: Option<PathBuf>,
    /// Warnings about values, by kind.
    pub warned: WarningCounts,
    /// File that names the warnings, if there are any.
    pub warnings: Option<PathBuf>,
}

/// Chunk ready to be written.
struct ReadyChunk {
    file: u32,
    rows: u32,
    rejected: u64,
    rejects: Vec<Reject>,
    warnings: Vec<Warning>,
    warned: WarningCounts,
    names: Vec<u8>,
    columns: BTreeMap<ProfileKey, Vec<u8>>,
}

/// Reads every enterprise of `source` into the store `out`, which gets its name once it is complete. Rows that cannot be read are
/// named in `OUT.rejects.csv`, warnings in `OUT.warnings.csv`.
///
/// # Errors
/// A file cannot be read or written, or a source changed while it was read.
pub fn load<S: Source>(
    source: &S,
    dictionary: &FactDictionary,
    out: &Path,
    progress: &dyn Progress,
) -> Result<LoadReport, PushError> {
    let aside = out.with_extension("part");
    let file = files::create(&aside).map_err(at(&aside))?;
    let mut writer = std::io::BufWriter::with_capacity(1 << 20, file);
    writer.write_all(MAGIC).map_err(at(&aside))?;
    let mut offset = MAGIC.len() as u64;
    let mut report = LoadReport::default();
    let mut chunks = Vec::new();
    let named = beside(out, ".rejects.csv");
    let rejects_aside = named.with_extension("part");
    // Written at once instead of collected: there may be as many rejects as rows.
    let mut rejects = BufWriter::new(files::create(&rejects_aside).map_err(at(&rejects_aside))?);
    rejects.write_all(&reject_header()).map_err(at(&rejects_aside))?;
    let warnings_named = beside(out, ".warnings.csv");
    let warnings_aside = warnings_named.with_extension("part");
    let mut warnings = WarningFile::create(&warnings_aside)?;
    let mut source_chunks = source.chunks();
    loop {
        // A few chunks at a time, so that memory does not grow with the number of enterprises.
        let some: Vec<S::Chunk> =
            source_chunks.by_ref().take(rayon::current_num_threads().max(1) * 2).collect::<Result<_, _>>()?;
        if some.is_empty() {
            break;
        }
        let ready: Vec<ReadyChunk> = some
            .into_par_iter()
            .map(|chunk| {
                let rows = source.read(&chunk)?;
                progress.rows_done(rows.accepted.len() as u64 + rows.rejected);
                make(rows)
            })
            .collect::<Result<_, PushError>>()?;
        for ready in ready {
            let mut put = |bytes: &[u8]| {
                let position = FramePosition { offset, length: bytes.len() as u64 };
                offset += position.length;
                writer.write_all(bytes).map_err(at(&aside)).map(|()| position)
            };
            let names = put(&ready.names)?;
            let mut columns = BTreeMap::new();
            for (key, bytes) in ready.columns {
                columns.insert(key, put(&bytes)?);
            }
            chunks.push(StoredChunk { file: ready.file, rows: ready.rows, names, columns });
            report.enterprises += u64::from(ready.rows);
            report.rejected += ready.rejected;
            rejects.write_all(&reject_lines(&ready.rejects)?).map_err(at(&rejects_aside))?;
            warnings.append(&ready.warnings)?;
            add_counts(&mut report.warned, &ready.warned);
        }
    }
    source.check_unchanged()?;
    report.rows = report.enterprises + report.rejected;
    let keys: std::collections::BTreeSet<&ProfileKey> =
        chunks.iter().flat_map(|chunk| chunk.columns.keys()).collect();
    report.columns = keys.len();
    let sources = source.inputs().iter().map(|digest| StoredSource {
        path: (digest.name != "-").then(|| std::path::absolute(&digest.name).ok()).flatten(),
        digest: digest.clone(),
    });
    let footer = Footer {
        sources: sources.collect(),
        facts: facts_digest(dictionary),
        rows: report.enterprises,
        chunks,
    };
    let end = seal(packed(&footer)?, MAGIC);
    writer.write_all(&end).map_err(at(&aside))?;
    let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error).map_err(at(&aside))?;
    file.sync_all().map_err(at(&aside))?;
    report.bytes = offset + end.len() as u64;
    let rejects = rejects.into_inner().map_err(std::io::IntoInnerError::into_error);
    rejects.and_then(|file| file.sync_all()).map_err(at(&rejects_aside))?;
    warnings.finish(&report.warned)?;
    report.rejects = keep(&rejects_aside, named, report.rejected > 0)?;
    report.warnings = keep(&warnings_aside, warnings_named, !report.warned.is_empty())?;
    std::fs::rename(&aside, out).map_err(at(out))?;
    Ok(report)
}

/// Gives a file its final name if it is needed. A file of an earlier load does not belong to this store and is removed.
fn keep(aside: &Path, named: PathBuf, needed: bool) -> Result<Option<PathBuf>, PushError> {
    if needed {
        std::fs::rename(aside, &named).map_err(at(&named))?;
        return Ok(Some(named));
    }
    std::fs::remove_file(aside).map_err(at(aside))?;
    if named.exists() {
        std::fs::remove_file(&named).map_err(at(&named))?;
    }
    Ok(None)
}

/// File beside the store, with an ending of its own.
fn beside(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    out.with_file_name(name)
}

fn packed(value: &impl Serialize) -> Result<Vec<u8>, PushError> {
    postcard::to_stdvec(value).map_err(|error| PushError::Internal(error.to_string()))
}

fn frame(value: &impl Serialize) -> Result<Vec<u8>, PushError> {
    sealed::frame(&packed(value)?, LEVEL).map_err(|error| PushError::Internal(error.to_string()))
}

fn make(rows: Rows) -> Result<ReadyChunk, PushError> {
    let columns = rows.table.columns().iter().map(|(key, column)| Ok((key.clone(), frame(column)?)));
    Ok(ReadyChunk {
        file: rows.file,
        rows: u32::try_from(rows.accepted.len()).unwrap_or(u32::MAX),
        rejected: rows.rejected,
        names: frame(&rows.accepted)?,
        columns: columns.collect::<Result<_, PushError>>()?,
        rejects: rows.rejects,
        warnings: rows.warnings,
        warned: rows.warned,
    })
}
