//! Chunks of a run: read, decided and kept, on many threads.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rayon::prelude::*;
use zhaoren_matcher::batch::Scratch;

use super::Run;
use crate::entry::{Entry, unreadable};
use crate::error::PushError;
use crate::packed::Packer;
use crate::repeats::split_repeats;
use crate::table::{Reject, Rows, Source};
use crate::work::ChunkCounts;

impl<S: Source> Run<'_, S> {
    /// Decides all unfinished chunks; each line is returned with a flag that is true if it was resumed.
    pub(super) fn decide_all(&self) -> Result<Vec<(ChunkCounts, bool)>, PushError> {
        let lines = Mutex::new(Vec::new());
        self.source.chunks().enumerate().par_bridge().try_for_each(|(number, chunk)| {
            let chunk = chunk?;
            let result = match self.work.finished(number) {
                Some(line) => (line, true),
                None => (self.decide(number, &chunk)?, false),
            };
            self.progress.rows_done(result.0.sound + result.0.rejected);
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
                let name = row.name.as_deref().unwrap_or_default();
                Entry { id: &row.id, name, file: read.file, row: row.row, packed, hits }
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
}
