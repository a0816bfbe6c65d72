//! Runs a batch (批次): decides chunks of enterprises on many threads, orders, compares, writes and publishes the results.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::Scratch;
use zhaoren_policy::warning::{WarningCounts, add_counts};

use crate::cause::Comparison;
use crate::decide::Decider;
use crate::digest::{FileDigest, Hashing};
use crate::encode::{Encoder, Piece};
use crate::entry::{Entry, RowPlace, unreadable};
use crate::error::{PushError, at};
use crate::folder::{Manifest, STATE_ENTRIES, STATE_RULES};
use crate::frames::{FrameReader, FrameWriter, Packed, Retention, pack};
use crate::held::{HELD_FILE, held_header, held_lines};
use crate::list::Change;
use crate::merge::{IdRange, cuts, rows};
use crate::options::PushOptions;
use crate::output::create;
use crate::packed::{KeyList, Packer};
use crate::progress::Progress;
use crate::publish::publish;
use crate::rejects::{reject_header, reject_lines};
use crate::repeats::{self, KeptRows, Repeats, split_repeats};
use crate::report::{RunCounts, RunReport, RunTimes};
use crate::reuse::ReusePlan;
use crate::state::{Previous, StateRules};
use crate::table::{Reject, Rows, Source};
use crate::warnings::{WARNINGS, WarningFile};
use crate::work::{ChunkCounts, Work, write_atomic};

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
    let carry = previous
        .as_ref()
        .filter(|_| !options.full)
        .and_then(|previous| ReusePlan::between(previous, library, options.as_of, &options.listing));
    let keys = KeyList::of(library.dictionary());
    let mut run = Run {
        source,
        options,
        decider,
        reuse: carry,
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
        refused: std::mem::take(&mut run.decider.uncompiled),
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
    });
    serde_json::to_string_pretty(&key).map_err(|error| PushError::Internal(error.to_string()))
}

/// Number of rejects written at once.
const REJECT_BATCH: usize = 1024;

struct Run<'a, S> {
    source: &'a S,
    options: &'a PushOptions,
    decider: Decider,
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

impl<S: Source> Run<'_, S> {
    /// Decides all unfinished chunks; each line is returned with a flag that is true if it was resumed.
    fn decide_all(&self) -> Result<Vec<(ChunkCounts, bool)>, PushError> {
        let lines = Mutex::new(Vec::new());
        self.source.chunks().enumerate().par_bridge().try_for_each(|(number, chunk)| {
            let chunk = chunk?;
            let result = match self.work.finished(number) {
                Some(line) => (line, true),
                None => (self.decide(number, &chunk)?, false),
            };
            self.progress.rows(result.0.sound + result.0.rejected);
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(result);
            Ok::<(), PushError>(())
        })?;
        let mut lines = lines.into_inner().unwrap_or_else(PoisonError::into_inner);
        lines.sort_by_key(|(line, _)| line.chunk);
        Ok(lines)
    }

    /// Rejects the enterprises that opted out of every push, with the reason.
    fn reject_opted_out(&self, read: &mut Rows) {
        let file = usize::try_from(read.file).ok().and_then(|file| self.source.inputs().get(file));
        let file = file.map(|input| input.name.clone()).unwrap_or_default();
        let opt_outs = &self.options.opt_outs.everything;
        let welcome: Vec<bool> = read.accepted.iter().map(|row| !opt_outs.contains_key(&row.id)).collect();
        read.table.retain(&welcome);
        read.accepted.retain(|row| {
            let Some(reason) = opt_outs.get(&row.id) else { return true };
            read.rejected += 1;
            read.rejects.push(Reject {
                file: file.clone(),
                row: row.row,
                id: row.id.clone(),
                column: String::new(),
                value: String::new(),
                reason: reason.clone(),
            });
            false
        });
    }

    fn decide(&self, number: usize, chunk: &S::Chunk) -> Result<ChunkCounts, PushError> {
        let begun = Instant::now();
        let mut read = self.source.read(chunk)?;
        let before = read.rejected;
        if !self.options.opt_outs.everything.is_empty() {
            self.reject_opted_out(&mut read);
        }
        let held_back = read.rejected - before;
        self.thread_time.add(&self.thread_time.reading, begun);
        let begun = Instant::now();
        let mut line = ChunkCounts {
            chunk: number,
            sound: read.accepted.len() as u64,
            rejected: read.rejected,
            elsewhere: 0,
            repeated: 0,
            held_back,
            warned: std::mem::take(&mut read.warned),
        };
        let mut sound = read.accepted;
        let mut table = read.table;
        if self.options.listing.part.is_some() {
            let ours: Vec<bool> = sound.iter().map(|row| self.options.listing.includes(&row.id)).collect();
            table.retain(&ours);
            let mut ours = ours.into_iter();
            sound.retain(|_| ours.next().unwrap_or(false));
        }
        line.elsewhere = line.sound - sound.len() as u64;
        let id = |row: usize| sound.get(row).map_or("", |row| row.id.as_str());
        let hits = if self.reuse.is_some() {
            vec![Vec::new(); sound.len()]
        } else {
            let profile = |row: usize| Ok(table.profile(row, id(row)));
            self.decider.hits(&table, &id, &profile, &self.options.listing, &mut Scratch::default())?
        };
        let mut packer = Packer::of(&table, &self.keys).map_err(|_| unreadable(""))?;
        let mut packed = Vec::new();
        let mut ends = Vec::with_capacity(sound.len());
        for (at, row) in sound.iter().enumerate() {
            packer.row(at, &mut packed).map_err(|_| unreadable(&row.id))?;
            ends.push(packed.len());
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let mut entries: Vec<Entry<'_>> = sound
            .iter()
            .zip(hits)
            .zip(starts.zip(&ends))
            .map(|((row, hits), (from, to))| {
                let packed = packed.get(from..*to).unwrap_or_default();
                Entry { id: &row.id, file: read.file, row: row.row, packed, hits }
            })
            .collect();
        // Stable: of rows with the same id, the first read comes first.
        entries.sort_by(|a, b| a.id.cmp(b.id));
        let (entries, repeats) = split_repeats(entries);
        line.repeated = repeats.len() as u64;
        self.thread_time.add(&self.thread_time.deciding, begun);
        self.work.store(&line, &entries, &repeats, (&read.rejects, &read.warnings))?;
        Ok(line)
    }

    /// Writes all files under temporary names: the list, the state for the next run, and the rejects.
    fn write(
        &self,
        lines: &[ChunkCounts],
        previous: Option<&Previous>,
        comparison: Option<&Comparison>,
        counts: &mut RunCounts,
    ) -> Result<Vec<FileDigest>, PushError> {
        let items = self.decider.scorer.library().len();
        let chunks = lines
            .iter()
            .map(|line| FrameReader::open_with_items(&self.work.entries(line.chunk), items))
            .collect::<Result<Vec<_>, _>>()?;
        let before = previous.map(|previous| &previous.entries);
        let cuts = cuts(&chunks, before);
        let files: Vec<String> = self.source.inputs().iter().map(|input| input.name.clone()).collect();
        self.progress.writing(lines.iter().map(|line| line.sound - line.elsewhere).sum());
        let name = format!("matches.{}", self.options.format.extension());
        let (encoder, mut list) = create(&self.work.temp_path(&name), self.options.format)?;
        let mut state = FrameWriter::create(&self.work.temp_path(STATE_ENTRIES))?;
        let path = self.work.temp_path(HELD_FILE);
        let mut held_writer = Hashing::create(&path).map_err(at(&path))?;
        held_writer.write_all(&held_header()).map_err(at(&path))?;
        let between = self.work.temp_path("chunks.repeats");
        let mut repeats = FrameWriter::create(&between)?;
        let range = |number: usize| {
            let from = number.checked_sub(1).and_then(|before| cuts.get(before)).map(String::as_str);
            (from, cuts.get(number).map(String::as_str))
        };
        let numbers: Vec<usize> = (0..=cuts.len()).collect();
        // A few ranges at a time, so that memory does not grow with the number of enterprises.
        for numbers in numbers.chunks(rayon::current_num_threads().max(1) * 2) {
            zhaoren_cancel::poll();
            let pieces: Vec<RangeResult> = numbers
                .par_iter()
                .map(|number| self.range(*number, range(*number), &chunks, before, comparison, &encoder))
                .collect::<Result<_, _>>()?;
            for result in pieces {
                self.progress.written(result.counts.enterprises);
                counts.add(&result.counts);
                repeats::append(&mut repeats, &between, &result.repeats)?;
                held_writer.write_all(&result.held).map_err(at(&path))?;
                if let Some(piece) = result.piece {
                    list.append(piece)?;
                }
                state.append(&result.state)?;
            }
        }
        let mut written = vec![list.finish()?];
        state.finish()?;
        repeats.finish()?;
        counts.pairs = counts.enterprises * counts.items;
        let (rejects, repeated) = self.write_rejects(lines, &between, &files)?;
        counts.repeated = repeated;
        counts.rejected += repeated;
        written.push(rejects);
        written.push(self.write_warnings(lines, &counts.warnings)?);
        written.push(held_writer.finish(&path).map_err(at(&path))?);
        let rules = StateRules::of(self.decider.scorer.library(), self.options);
        let rules = serde_json::to_vec(&rules).map_err(|error| PushError::Internal(error.to_string()))?;
        write_atomic(&self.work.temp_path(STATE_RULES), &rules)?;
        for name in [STATE_ENTRIES, STATE_RULES] {
            let path = self.work.temp_path(name);
            written.push(FileDigest::of(&path).map_err(at(&path))?);
        }
        Ok(written)
    }

    fn range(
        &self,
        number: usize,
        range: (Option<&str>, Option<&str>),
        chunks: &[FrameReader],
        previous: Option<&FrameReader>,
        comparison: Option<&Comparison>,
        encoder: &Encoder,
    ) -> Result<RangeResult, PushError> {
        let stretch = IdRange::read(chunks, previous, range)?;
        let mut merged = stretch.merge()?;
        let begun = Instant::now();
        let carried = self
            .reuse
            .as_ref()
            .map(|carry| carry.decide(&mut merged, &self.decider, &self.options.listing, &self.keys));
        let carried = carried.transpose()?.unwrap_or_default();
        self.thread_time.add(&self.thread_time.deciding, begun);
        let library = self.decider.scorer.library();
        let opt_outs = &self.options.opt_outs;
        let list = rows(&merged, library, comparison, opt_outs)?;
        let mut counts = RunCounts {
            enterprises: merged.entries.len() as u64,
            carried: carried.reused,
            moved: carried.redecided,
            ..RunCounts::default()
        };
        for row in &list.rows {
            match row.change {
                Change::New => counts.new += 1,
                Change::Kept => counts.kept += 1,
                Change::Gone => counts.gone += 1,
            }
            if let Some(cause) = &row.cause {
                *counts.causes.entry(cause.0).or_default() += 1;
            }
        }
        for hit in merged.entries.iter().flat_map(|entry| &entry.hits) {
            let count = match (hit.opted_out, hit.eligible) {
                (true, _) => &mut counts.held_back_pairs,
                (false, true) => &mut counts.eligible,
                (false, false) => &mut counts.undetermined,
            };
            *count += 1;
        }
        let held = if counts.held_back_pairs > 0 {
            held_lines(&merged.entries, library, opt_outs)?
        } else {
            Vec::new()
        };
        let piece = if list.rows.is_empty() { None } else { Some(encoder.encode(number, &list)?) };
        drop(list);
        let state =
            pack(&merged.entries, Retention::NextRun).map_err(at(&self.work.temp_path(STATE_ENTRIES)))?;
        Ok(RangeResult { counts, repeats: merged.repeats, held, piece, state })
    }

    /// Writes the warnings of all chunks, in reading order.
    fn write_warnings(&self, lines: &[ChunkCounts], counts: &WarningCounts) -> Result<FileDigest, PushError> {
        let path = self.work.temp_path(WARNINGS);
        let mut file = WarningFile::create(&path)?;
        for line in lines.iter().filter(|line| !line.warned.is_empty()) {
            file.append(&self.work.warnings(line.chunk)?)?;
        }
        file.finish(counts)
    }

    /// Writes the rejected rows, then those that repeat an enterprise, and counts the latter.
    fn write_rejects(
        &self,
        lines: &[ChunkCounts],
        between: &Path,
        files: &[String],
    ) -> Result<(FileDigest, u64), PushError> {
        let path = self.work.temp_path("rejects.csv");
        let mut file = Hashing::create(&path).map_err(at(&path))?;
        file.write_all(&reject_header()).map_err(at(&path))?;
        for line in lines {
            file.write_all(&reject_lines(&self.work.rejects(line.chunk)?)?).map_err(at(&path))?;
        }
        let within = lines.iter().filter(|line| line.repeated > 0);
        let mut paths: Vec<_> = within.map(|line| self.work.repeats(line.chunk)).collect();
        paths.push(between.to_owned());
        let mut repeats = Repeats::open(&paths)?;
        let mut kept = KeptRows::open(&self.work.temp_path(STATE_ENTRIES))?;
        let (mut count, mut some) = (0, Vec::with_capacity(REJECT_BATCH));
        while let Some(repeat) = repeats.next()? {
            count += 1;
            some.push(kept.reject(repeat, files)?);
            if some.len() == REJECT_BATCH {
                file.write_all(&reject_lines(&some)?).map_err(at(&path))?;
                some.clear();
            }
        }
        file.write_all(&reject_lines(&some)?).map_err(at(&path))?;
        Ok((file.finish(&path).map_err(at(&path))?, count))
    }
}

/// Result of one id range.
struct RangeResult {
    counts: RunCounts,
    repeats: Vec<RowPlace>,
    /// Lines of `held.csv`.
    held: Vec<u8>,
    piece: Option<Piece>,
    state: Vec<Packed>,
}
