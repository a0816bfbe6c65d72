//! Results of a run: chunks merged by id range, compared, and written under temporary names.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use zhaoren_matcher::Library;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::warning::WarningCounts;

use super::Run;
use crate::cause::Comparison;
use crate::companions::write_companions;
use crate::digest::{FileDigest, Hashing};
use crate::encode::{Encoder, ListWords, Piece};
use crate::entry::{RowPlace, Withheld};
use crate::error::{PushError, at};
use crate::folder::{STATE_ENTRIES, STATE_RULES};
use crate::frames::{FrameReader, FrameWriter, Packed, Retention, pack};
use crate::held::{HELD_FILE, held_header, held_lines};
use crate::list::Change;
use crate::merge::{IdRange, ListContext, cuts, rows};
use crate::output::{RunMetadata, create};
use crate::rejects::{reject_header, reject_lines};
use crate::repeats::{self, KeptRows, Repeats};
use crate::report::RunCounts;
use crate::state::{Previous, StateRules};
use crate::table::Source;
use crate::warnings::{WARNINGS, WarningFile};
use crate::words::ItemWords;
use crate::work::{ChunkCounts, write_atomic};

/// Number of rejects written at once.
const REJECT_BATCH: usize = 1024;

impl<S: Source> Run<'_, S> {
    /// Writes all files under temporary names: the list, the state for the next run, and the rejects.
    pub(super) fn write(
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
        let library = self.decider.scorer.library();
        let compared = comparison.map(Comparison::previous_library);
        let about = RunMetadata { as_of: self.options.as_of, items_sha256: self.items_sha256.clone() };
        let words = self.words(compared);
        let (encoder, mut list) = create(&self.work.temp_path(&name), self.options.format, words, &about)?;
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
        let mut written = list.finish()?;
        written.extend(write_companions(&self.work.temp_path(""), library, compared, &about)?);
        state.finish()?;
        repeats.finish()?;
        counts.pairs = counts.enterprises * counts.items;
        let (rejects, repeated) = self.write_rejects(lines, &between, &files)?;
        counts.repeated = repeated;
        counts.rejected += repeated;
        written.push(rejects);
        written.push(self.write_warnings(lines, &counts.warnings)?);
        written.push(held_writer.finish(&path).map_err(at(&path))?);
        let rules = StateRules::of(library, self.options);
        let rules = serde_json::to_vec(&rules).map_err(|error| PushError::Internal(error.to_string()))?;
        write_atomic(&self.work.temp_path(STATE_RULES), &rules)?;
        for name in [STATE_ENTRIES, STATE_RULES] {
            let path = self.work.temp_path(name);
            written.push(FileDigest::of(&path).map_err(at(&path))?);
        }
        Ok(written)
    }

    /// Words of the items that rows can name: those of the library, then those of the compared run.
    fn words(&self, compared: Option<&Library>) -> ListWords<'_> {
        let library = self.decider.scorer.library();
        let mut items = ItemWords::of_library(library, self.options.as_of);
        items.extend(
            compared.into_iter().flat_map(|compared| ItemWords::of_library(compared, self.options.as_of)),
        );
        ListWords { items, dictionary: library.dictionary(), explain: self.options.explain }
    }

    fn range(
        &self,
        number: usize,
        range: (Option<&str>, Option<&str>),
        chunks: &[FrameReader],
        previous: Option<&FrameReader>,
        comparison: Option<&Comparison>,
        encoder: &Encoder<'_>,
    ) -> Result<RangeResult, PushError> {
        let id_range = IdRange::read(chunks, previous, range)?;
        let mut merged = id_range.merge()?;
        let begun = Instant::now();
        let entries = self
            .reuse
            .as_ref()
            .map(|plan| plan.decide(&mut merged, &self.decider, &self.options.listing, &self.keys));
        let entries = entries.transpose()?.unwrap_or_default();
        self.thread_time.add(&self.thread_time.deciding, begun);
        let opt_outs = &self.options.opt_outs;
        let list = rows(
            &merged,
            &ListContext {
                scorer: &self.decider.scorer,
                keys: &self.keys,
                comparison,
                refusals: opt_outs,
                explain: self.options.explain,
            },
        )?;
        let mut counts = RunCounts {
            enterprises: merged.entries.len() as u64,
            reused: entries.reused,
            redecided: entries.redecided,
            ..RunCounts::default()
        };
        for row in &list.rows {
            match row.change {
                Change::New => {
                    counts.new += 1;
                    counts.new_undetermined += u64::from(row.verdict == Some(Verdict::Undetermined));
                }
                Change::Kept => counts.kept += 1,
                Change::Gone => counts.gone += 1,
            }
            if let Some(cause) = &row.cause {
                *counts.causes.entry(cause.code).or_default() += 1;
            }
        }
        for hit in merged.entries.iter().flat_map(|entry| &entry.hits) {
            let count = match (hit.withheld, hit.eligible) {
                (Some(Withheld::OptedOut), _) => &mut counts.held_back_pairs,
                (Some(Withheld::Held), _) => &mut counts.already_held_pairs,
                (None, true) => &mut counts.eligible,
                (None, false) => &mut counts.undetermined,
            };
            *count += 1;
        }
        let held = if counts.held_back_pairs + counts.already_held_pairs > 0 {
            held_lines(&merged.entries, &self.decider.scorer, opt_outs, &self.keys)?
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
