//! A question put to all enterprises of a source, on many threads.

use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};
use zhaoren_matcher::batch::{FactRows, FactTable};
use zhaoren_policy::profile::Profile;

use crate::error::PushError;
use crate::parallel::InheritedCancellation;
use crate::run::Progress;
use crate::source::Source;
use crate::state::RunEnterprises;
use crate::store::Store;
use crate::table::{Reject, TableError};

/// How many faults of rows are kept to be shown.
const SHOWN: usize = 20;

/// What a source came to.
#[derive(Clone, Debug, Default)]
pub struct ScanResult<T> {
    /// The enterprises.
    pub tally: T,
    /// The first faults, in order of file and row.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected in all.
    pub rejected: u64,
}

/// A question asked of many enterprises. Chunks of them are decided by themselves; what they come to is merged, in whatever
/// order.
pub trait Asking: Sync {
    /// What some enterprises come to.
    type Tally: Send;

    /// What no enterprise comes to.
    fn none(&self) -> Self::Tally;

    /// Decides a table of enterprises; `ids` are those of its rows.
    fn tally(&self, table: &impl FactRows, ids: &[&str]) -> Self::Tally;

    /// What the enterprises of both come to.
    fn merge(a: Self::Tally, b: Self::Tally) -> Self::Tally;

    /// Decides enterprises one has at hand.
    fn tally_profiles(&self, profiles: &[Profile]) -> Self::Tally {
        let ids: Vec<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
        self.tally(&FactTable::of(profiles), &ids)
    }

    /// As [`Asking::over`], of a store: just the columns that are asked about are read.
    ///
    /// # Errors
    /// When the store is damaged.
    fn over_store(&self, store: &Store, progress: &dyn Progress) -> Result<Self::Tally, TableError> {
        let carried = InheritedCancellation::current();
        let chunk = |chunk: usize| {
            carried.run(|| {
                let table = store.table(chunk)?;
                let tally = self.tally(&table, &table.ids());
                table.sound()?;
                progress.rows(table.len() as u64);
                Ok(tally)
            })
        };
        let merge = |a, b| Ok(Self::merge(a, b));
        (0..store.chunk_count()).into_par_iter().map(chunk).try_reduce(|| self.none(), merge)
    }

    /// As [`Asking::over`], of the enterprises of a finished run.
    ///
    /// # Errors
    /// When what the run left is damaged.
    fn over_run(&self, run: &RunEnterprises, progress: &dyn Progress) -> Result<Self::Tally, PushError> {
        let tallies = run.each(|table, ids| {
            let tally = self.tally(table, ids);
            progress.rows(ids.len() as u64);
            tally
        })?;
        Ok(tallies.into_iter().fold(self.none(), Self::merge))
    }

    /// Asks about every enterprise of a source, its chunks on many threads.
    ///
    /// # Errors
    /// When the source cannot be read on, or is no longer what it was when it was opened.
    fn over<S: Source>(
        &self,
        source: &S,
        progress: &dyn Progress,
    ) -> Result<ScanResult<Self::Tally>, TableError> {
        let none = || ScanResult { tally: self.none(), rejects: Vec::new(), rejected: 0 };
        let carried = InheritedCancellation::current();
        let found = source
            .chunks()
            .par_bridge()
            .map(|chunk| {
                carried.run(|| {
                    let rows = source.read(&chunk?)?;
                    progress.rows(rows.sound.len() as u64 + rows.rejected);
                    let ids: Vec<&str> = rows.sound.iter().map(|row| row.id.as_str()).collect();
                    let tally = self.tally(&rows.table, &ids);
                    Ok(ScanResult { tally, rejects: rows.rejects, rejected: rows.rejected })
                })
            })
            .try_reduce(none, |mut a, mut b| {
                a.rejects.append(&mut b.rejects);
                a.rejects.sort();
                a.rejects.truncate(SHOWN);
                let tally = Self::merge(a.tally, b.tally);
                Ok(ScanResult { tally, rejects: a.rejects, rejected: a.rejected + b.rejected })
            })?;
        source.unchanged()?;
        Ok(found)
    }
}
