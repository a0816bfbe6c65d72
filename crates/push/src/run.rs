//! Runs a batch (批次): decides chunks of enterprises on many threads, orders, compares, writes and publishes the results.

mod chunk;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sha2::{Digest, Sha256};
use zhaoren_matcher::Library;
use zhaoren_policy::warning::add_counts;

use crate::cause::Comparison;
use crate::decide::Decider;
use crate::error::PushError;
use crate::folder::Manifest;
use crate::options::PushOptions;
use crate::packed::KeyList;
use crate::progress::Progress;
use crate::publish::publish;
use crate::report::{RunCounts, RunReport, RunTimes};
use crate::reuse::ReusePlan;
use crate::state::Previous;
use crate::table::Source;
use crate::work::{ChunkCounts, Work};

/// Decides every enterprise of `source` on every item of `library` in force, and writes the list, the rejects, the state for the
/// next run and the manifest into the folder of results.
///
/// The same inputs, items and options give the same bytes of the list, regardless of the number of threads and of interruptions.
///
/// # Errors
/// A file cannot be read or written. Finished work is kept, and the same call resumes from it; no result gets its final name
/// before all results are written.
pub fn push<S: Source>(
    source: &S,
    library: &Arc<Library>,
    options: &PushOptions,
    progress: &dyn Progress,
) -> Result<RunReport, PushError> {
    let begun = Instant::now();
    let previous = options.previous.as_deref().map(|folder| Previous::open(folder, library)).transpose()?;
    let items_sha256 = items_digest(library);
    let key = run_key(source, options, &items_sha256, previous.as_ref())?;
    let work = Work::begin(&options.out, &key)?;
    let decider = Decider::new(Arc::clone(library), options.as_of, &options.opt_outs);
    let compile = begun.elapsed().as_secs_f64();
    let reuse = previous
        .as_ref()
        .filter(|_| !options.full)
        .and_then(|previous| ReusePlan::between(previous, library, options.as_of, &options.listing));
    let keys = KeyList::of(library.dictionary());
    let mut run = Run {
        source,
        options,
        decider,
        items_sha256: items_sha256.clone(),
        reuse,
        keys,
        work,
        progress,
        thread_time: ThreadTime::default(),
    };
    let lines = run.decide_all()?;
    source.check_unchanged()?;
    let decide = begun.elapsed().as_secs_f64() - compile;
    let mut counts = RunCounts { items: run.decider.items() as u64, ..RunCounts::default() };
    let resumed = lines.iter().filter(|(_, resumed)| *resumed).count();
    let lines: Vec<ChunkCounts> = lines.into_iter().map(|(line, _)| line).collect();
    for line in &lines {
        counts.rows += line.sound + line.rejected;
        counts.rejected += line.rejected;
        counts.elsewhere += line.elsewhere;
        counts.held_back += line.held_back;
        add_counts(&mut counts.warnings, &line.warned);
    }
    let comparison = previous.as_ref().map(|previous| {
        let now = (Arc::clone(library), run.keys.clone(), options.as_of);
        Comparison::new(previous, now, options.deadline_days)
    });
    let files = run.write(&lines, previous.as_ref(), comparison.as_ref(), &mut counts)?;
    let total = begun.elapsed().as_secs_f64();
    let report = RunReport {
        version: env!("CARGO_PKG_VERSION"),
        as_of: options.as_of,
        previous_as_of: previous.as_ref().map(|previous| previous.rules.as_of),
        listing: options.listing,
        inputs: source.inputs().to_vec(),
        items_sha256,
        uncompiled: std::mem::take(&mut run.decider.uncompiled),
        counts,
        seconds: RunTimes {
            compile,
            decide,
            reading: run.thread_time.seconds(&run.thread_time.reading),
            deciding: run.thread_time.seconds(&run.thread_time.deciding),
            write: total - compile - decide,
            total,
        },
        threads: rayon::current_num_threads(),
        resumed,
    };
    publish(run.work, &options.out, &report, Manifest::new(files, &report.counts))?;
    Ok(report)
}

/// SHA-256 over the ids and texts of the items.
fn items_digest(library: &Library) -> String {
    let mut hash = Sha256::new();
    for (index, id) in library.ids().iter().enumerate() {
        for text in [id.as_str(), library.body(index).unwrap_or_default()] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
    }
    hex::encode(hash.finalize())
}

/// Key that identifies a run: a call with the same key resumes its chunks.
fn run_key<S: Source>(
    source: &S,
    options: &PushOptions,
    items: &str,
    previous: Option<&Previous>,
) -> Result<String, PushError> {
    let key = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": source.inputs(),
        "settings": source.settings(),
        "items": items,
        "as_of": options.as_of,
        "listing": options.listing,
        "format": options.format,
        "previous": previous.map(|previous| &previous.digest),
        "afresh": options.full,
        "refused": options.opt_outs,
        "explain": options.explain,
    });
    serde_json::to_string_pretty(&key).map_err(|error| PushError::Internal(error.to_string()))
}

struct Run<'a, S> {
    source: &'a S,
    options: &'a PushOptions,
    decider: Decider,
    /// SHA-256 over the items.
    items_sha256: String,
    /// Plan of the results to reuse from the previous run. If present, chunks are only read, and decided once they are in order
    /// of enterprise next to the previous list.
    reuse: Option<ReusePlan>,
    /// Meaning of the fact numbers in packed enterprises.
    keys: KeyList,
    work: Work,
    progress: &'a dyn Progress,
    thread_time: ThreadTime,
}

/// Thread time in nanoseconds.
#[derive(Default)]
struct ThreadTime {
    reading: AtomicU64,
    deciding: AtomicU64,
}

impl ThreadTime {
    fn add(&self, to: &AtomicU64, since: Instant) {
        let nanoseconds = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        to.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds for people to read")]
    fn seconds(&self, of: &AtomicU64) -> f64 {
        of.load(Ordering::Relaxed) as f64 / 1e9
    }
}
