//! Evaluates a question over all enterprises of a source, on many threads.

use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};
use zhaoren_matcher::batch::{FactSource, FactTable};
use zhaoren_policy::profile::Profile;

use crate::error::PushError;
use crate::parallel::InheritedCancellation;
use crate::progress::Progress;
use crate::state::RunEnterprises;
use crate::store::Store;
use crate::table::{Reject, Source, TableError, Warnings};

/// Maximum number of row faults kept for display.
const MAX_REJECTS: usize = 20;

/// Result of scanning a source.
#[derive(Clone, Debug, Default)]
pub struct ScanResult<T> {
    /// Merged tally of the enterprises.
    pub tally: T,
    /// First faults, in order of file and row.
    pub rejects: Vec<Reject>,
    /// Total number of rejected rows.
    pub rejected: u64,
    /// First warnings about accepted rows, and the number of all.
    pub warnings: Warnings,
}

/// Question evaluated over many enterprises. Each chunk is decided on its own; the tallies can be merged in any order.
pub trait ScanQuery: Sync {
    /// Result for a set of enterprises.
    type Tally: Send;

    /// Result for an empty set of enterprises.
    fn empty(&self) -> Self::Tally;

    /// Decides a table of enterprises; `ids` are the ids of its rows.
    fn tally(&self, table: &impl FactSource, ids: &[&str]) -> Self::Tally;

    /// Merges the results of two disjoint sets of enterprises.
    fn merge(a: Self::Tally, b: Self::Tally) -> Self::Tally;

    /// Decides enterprises given as profiles in memory.
    fn tally_profiles(&self, profiles: &[Profile]) -> Self::Tally {
        let ids: Vec<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
        self.tally(&FactTable::of(profiles), &ids)
    }

    /// Like [`ScanQuery::scan`], for a store: only the columns used by the question are read.
    ///
    /// # Errors
    /// The store is damaged.
    fn scan_store(&self, store: &Store, progress: &dyn Progress) -> Result<Self::Tally, TableError> {
        let cancellation = InheritedCancellation::current();
        let chunk = |chunk: usize| {
            cancellation.run(|| {
                let table = store.table(chunk)?;
                let tally = self.tally(&table, &table.ids());
                table.check_faults()?;
                progress.rows_done(table.len() as u64);
                Ok(tally)
            })
        };
        let merge = |a, b| Ok(Self::merge(a, b));
        (0..store.chunk_count()).into_par_iter().map(chunk).try_reduce(|| self.empty(), merge)
    }

    /// Like [`ScanQuery::scan`], for the enterprises of a finished run.
    ///
    /// # Errors
    /// The files of the run are damaged.
    fn scan_run(&self, run: &RunEnterprises, progress: &dyn Progress) -> Result<Self::Tally, PushError> {
        let tallies = run.map_tables(|table, ids| {
            let tally = self.tally(table, ids);
            progress.rows_done(ids.len() as u64);
            tally
        })?;
        Ok(tallies.into_iter().fold(self.empty(), Self::merge))
    }

    /// Evaluates the question over every enterprise of a source, its chunks on many threads.
    ///
    /// # Errors
    /// The source cannot be read further, or has changed since it was opened.
    fn scan<S: Source>(
        &self,
        source: &S,
        progress: &dyn Progress,
    ) -> Result<ScanResult<Self::Tally>, TableError> {
        let none = || ScanResult {
            tally: self.empty(),
            rejects: Vec::new(),
            rejected: 0,
            warnings: Warnings::default(),
        };
        let cancellation = InheritedCancellation::current();
        let found = source
            .chunks()
            .par_bridge()
            .map(|chunk| {
                cancellation.run(|| {
                    let mut rows = source.read(&chunk?)?;
                    progress.rows_done(rows.accepted.len() as u64 + rows.rejected);
                    let ids: Vec<&str> = rows.accepted.iter().map(|row| row.id.as_str()).collect();
                    let tally = self.tally(&rows.table, &ids);
                    let warnings = Warnings::of(&mut rows, MAX_REJECTS);
                    Ok(ScanResult { tally, rejects: rows.rejects, rejected: rows.rejected, warnings })
                })
            })
            .try_reduce(none, |mut a, mut b| {
                a.rejects.append(&mut b.rejects);
                a.rejects.sort();
                a.rejects.truncate(MAX_REJECTS);
                let tally = Self::merge(a.tally, b.tally);
                let warnings = a.warnings.with(b.warnings, MAX_REJECTS);
                let rejected = a.rejected + b.rejected;
                Ok(ScanResult { tally, rejects: a.rejects, rejected, warnings })
            })?;
        source.check_unchanged()?;
        Ok(found)
    }
}
