//! Reuses results of the previous run (增量): verdicts that cannot have changed.
//!
//! An enterprise with unchanged facts whose verdicts the change of date does not affect ([`DateDrift`]) has the same verdict on
//! every item that is unchanged and in force on both days. Such enterprises are decided on new and changed items only, all others
//! on every item: changed enterprises × all items + all enterprises × changed items + enterprises affected by the date. The list
//! is byte for byte that of a run without reuse.

#![expect(
    clippy::indexing_slicing,
    reason = "hits are checked against the items where they are read, and items numbered where libraries are compared"
)]

use jiff::civil::Date;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::{DateDrift, Scratch};
use zhaoren_policy::profile::Profile;

use crate::decide::{Decider, ItemSet, evaluation_day};
use crate::digest::facts_digest;
use crate::entry::Hit;
use crate::error::PushError;
use crate::item_index::ItemIndex;
use crate::merge::Merged;
use crate::options::Listing;
use crate::packed::{KeyList, PackedTable, Unreadable};
use crate::state::Previous;

/// Plan of the results to reuse.
pub(crate) struct ReusePlan {
    previous_day: Date,
    /// Current library index of each item of the previous library, if its verdicts can be reused.
    current_indices: Vec<Option<ItemIndex>>,
    /// Items in force whose verdicts cannot be reused.
    changed_items: ItemSet,
    drift: DateDrift,
}

/// Counts of a range's enterprises, by how they were decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReusedEntries {
    /// Enterprises whose verdicts were reused.
    pub(crate) reused: u64,
    /// Enterprises decided again because of the date although their facts are unchanged.
    pub(crate) redecided: u64,
}

impl ReusePlan {
    /// Plan for reusing results of `previous`; `None` if nothing can be reused: other facts, another version of the program,
    /// another fiscal year, a list that was cut or less complete, or no unchanged item.
    pub(crate) fn between(
        previous: &Previous,
        library: &Library,
        as_of: Date,
        listing: &Listing,
    ) -> Option<Self> {
        let previous_rules = &previous.rules;
        let was_cut = previous_rules.listing.top.is_some() || previous_rules.listing.floor.is_some();
        let held_less = listing.undetermined && !previous_rules.listing.undetermined;
        let same_rules = previous_rules.version == env!("CARGO_PKG_VERSION")
            && previous_rules.facts == facts_digest(library.dictionary());
        if was_cut || held_less || !same_rules {
            return None;
        }
        let previous_library = &previous.library;
        let mut changed: Vec<usize> = Vec::new();
        let mut unchanged: Vec<usize> = Vec::new();
        let mut current_indices: Vec<Option<ItemIndex>> = vec![None; previous_library.len()];
        for (index, id) in library.ids().iter().enumerate() {
            if !library.can_be_offered_on(index, as_of) {
                continue;
            }
            let before = previous_library.ids().binary_search(id).ok().filter(|before| {
                let same = previous_library.body(*before).is_some()
                    && previous_library.body(*before) == library.body(index);
                same && previous_library.can_be_offered_on(*before, previous_rules.as_of)
            });
            match before {
                Some(before) => {
                    current_indices[before] = Some(ItemIndex::of(index));
                    unchanged.push(index);
                }
                None => changed.push(index),
            }
        }
        if unchanged.is_empty() {
            return None;
        }
        let criteria = unchanged.iter().filter_map(|index| library.get(*index)).map(|item| &item.criteria);
        let drift = DateDrift::between(
            criteria,
            library.dictionary(),
            evaluation_day(previous_rules.as_of),
            evaluation_day(as_of),
        )?;
        // Items that cannot be compiled are reported by the plan of all items.
        let (changed, _) = ItemSet::compile(library, &changed, as_of);
        Some(Self { previous_day: previous_rules.as_of, current_indices, changed_items: changed, drift })
    }

    /// Gives every enterprise of a range its hits.
    pub(crate) fn decide(
        &self,
        merged: &mut Merged<'_>,
        decider: &Decider,
        listing: &Listing,
        keys: &KeyList,
    ) -> Result<ReusedEntries, PushError> {
        let dictionary = decider.scorer.library().dictionary();
        let mut scratch = Scratch::default();
        let entries = &merged.entries;
        let table = |rows: &[usize]| {
            let packed = rows.iter().filter_map(|row| entries.get(*row)).map(|entry| entry.packed);
            PackedTable::of(packed, keys).map_err(damaged)
        };
        let profile = |row: usize| match entries.get(row) {
            Some(entry) => entry.profile(keys),
            None => Ok(Profile::default()),
        };
        let before = |row: usize| merged.previous.get(row).and_then(Option::as_ref);
        let same = |row: &usize| {
            before(*row)
                .is_some_and(|before| entries.get(*row).is_some_and(|now| now.packed == before.packed))
        };
        let (still, mut anew): (Vec<usize>, Vec<usize>) = (0..entries.len()).partition(same);
        let still_table = table(&still)?;
        let mut by_day = self.drift.affected_rows(&still_table, dictionary).into_iter();
        still_table.check_faults().map_err(damaged)?;
        let (by_day, unmoved): (Vec<usize>, Vec<usize>) =
            still.into_iter().partition(|_| by_day.next().unwrap_or(true));
        let moved = by_day.len() as u64;
        anew.extend(by_day);
        let of = |rows: &[usize], at: usize| profile(rows.get(at).copied().unwrap_or(usize::MAX));
        let id = |row: usize| entries.get(row).map_or("", |entry| entry.id);
        let id_of = |rows: &[usize], at: usize| rows.get(at).map_or("", |row| id(*row));
        let mut lists: Vec<(usize, Vec<Hit>)> = Vec::with_capacity(entries.len());
        let anew_table = table(&anew)?;
        let (anew_id, anew_profile) = (|at| id_of(&anew, at), |at| of(&anew, at));
        let decided = decider.hits(&anew_table, &anew_id, &anew_profile, listing, &mut scratch)?;
        anew_table.check_faults().map_err(damaged)?;
        lists.extend(anew.iter().copied().zip(decided));
        let changed = if self.changed_items.is_empty() {
            Vec::new()
        } else {
            // Cut only after the newly decided hits are added.
            let whole = Listing { top: None, floor: None, ..*listing };
            let table = table(&unmoved)?;
            let (id, profile) = (|at| id_of(&unmoved, at), |at| of(&unmoved, at));
            let changed =
                decider.hits_for(&self.changed_items, &table, &id, &profile, &whole, &mut scratch)?;
            table.check_faults().map_err(damaged)?;
            changed
        };
        let mut changed = changed.into_iter();
        let reused = unmoved.len() as u64;
        for row in unmoved {
            let mut hits = before(row).map_or_else(Vec::new, |before| self.reuse_hits(&before.hits, listing));
            let moved = hits
                .iter_mut()
                .filter(|hit| !decider.scorer.is_unchanged_since(hit.item.position(), self.previous_day));
            decider.score(moved, || profile(row))?;
            hits.extend(changed.next().unwrap_or_default());
            let packed = entries.get(row).map_or(&[][..], |entry| entry.packed);
            decider.mark_withheld_packed(id(row), packed, keys, &mut hits).map_err(damaged)?;
            listing.apply(&mut hits);
            lists.push((row, hits));
        }
        for (row, hits) in lists {
            if let Some(entry) = merged.entries.get_mut(row) {
                entry.hits = hits;
            }
        }
        Ok(ReusedEntries { reused, redecided: moved })
    }

    /// Previous hits of unchanged items, with current item indices and previous scores; hits withheld then are included.
    fn reuse_hits(&self, hits: &[Hit], listing: &Listing) -> Vec<Hit> {
        let hit = |hit: &Hit| {
            // An item that is gone or changed takes nothing over.
            let index = self.current_indices[hit.item.position()]?;
            (hit.eligible || listing.undetermined).then_some(Hit { item: index, withheld: None, ..*hit })
        };
        hits.iter().filter_map(hit).collect()
    }
}

fn damaged(_: Unreadable) -> PushError {
    PushError::Internal("所存的企业指标读不出来".to_owned())
}
