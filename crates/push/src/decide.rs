//! Decides enterprises: a table of facts in, the items each row is listed for out.

use std::sync::Arc;

use jiff::civil::Date;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::{BatchPlan, FactSource, Scorer, Scratch, VerdictSelection, rows_of};
use zhaoren_matcher::compiled::EvaluationDay;
use zhaoren_policy::calendar::last_fiscal_year;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::entry::{Hit, Withheld};
use crate::error::PushError;
use crate::holdings::HoldableItems;
use crate::item_index::ItemIndex;
use crate::options::Listing;
use crate::packed::{KeyList, Unreadable};
use crate::refusals::{PairIndices, Refusals};

/// Items in force on a day, compiled for blocks of enterprises.
#[derive(Debug)]
pub(crate) struct Decider {
    all: ItemSet,
    pub(crate) scorer: Scorer,
    pub(crate) as_of: Date,
    /// Refused items of each enterprise.
    opt_outs: PairIndices,
    /// Items that each enterprise has received by the ledger.
    received: PairIndices,
    holdable: HoldableItems,
    /// Ids of items that could not be compiled, each with the reason.
    pub(crate) uncompiled: Vec<(String, String)>,
}

/// Subset of the library's items, compiled together.
#[derive(Debug)]
pub(crate) struct ItemSet {
    plan: BatchPlan,
    /// Library index of each item of the plan.
    item_indices: Vec<ItemIndex>,
}

/// Evaluation day with the last full fiscal year before it.
pub(crate) fn evaluation_day(as_of: Date) -> EvaluationDay {
    EvaluationDay { as_of, last_year: last_fiscal_year(as_of) }
}

impl ItemSet {
    /// Compiles the items at the library indices `indices`. Items beyond the compiler's budget are returned with the reason; they
    /// get no verdicts.
    pub(crate) fn compile(
        library: &Library,
        indices: &[usize],
        as_of: Date,
    ) -> (Self, Vec<(String, String)>) {
        let criteria = indices.iter().filter_map(|index| library.get(*index)).map(|item| &item.criteria);
        let (plan, problems) = BatchPlan::compile(criteria, library.dictionary(), evaluation_day(as_of));
        let id = |index: &usize| library.ids().get(*index).cloned().unwrap_or_default();
        let uncompiled = problems
            .iter()
            .filter_map(|problem| Some((id(indices.get(problem.item)?), problem.cause.to_string())))
            .collect();
        let indices = indices.iter().map(|index| ItemIndex::of(*index)).collect();
        (Self { plan, item_indices: indices }, uncompiled)
    }

    /// True if the set has no items.
    pub(crate) fn is_empty(&self) -> bool {
        self.item_indices.is_empty()
    }
}

impl Decider {
    /// Compiles the items of `library` that can be offered on `as_of`, and looks up the refused ones. An item whose window is over
    /// is in no list.
    pub(crate) fn new(library: Arc<Library>, as_of: Date, opt_outs: &Refusals) -> Self {
        let in_force: Vec<usize> =
            (0..library.len()).filter(|index| library.can_be_offered_on(*index, as_of)).collect();
        let (all, beyond) = ItemSet::compile(&library, &in_force, as_of);
        let (opted_out_items, received) =
            (opt_outs.opt_out_indices(&library), opt_outs.received_indices(&library));
        let holdable = HoldableItems::of(&library, as_of);
        Self {
            all,
            scorer: Scorer::new(library, evaluation_day(as_of)),
            as_of,
            opt_outs: opted_out_items,
            received,
            holdable,
            uncompiled: beyond,
        }
    }

    /// Number of decided items.
    pub(crate) fn items(&self) -> usize {
        self.all.item_indices.len()
    }

    /// Listed items of each row of a table, in order of library index. `id` gives the enterprise of a row, `profile` its facts,
    /// which are read only if a score needs them.
    pub(crate) fn hits<'a>(
        &self,
        table: &impl FactSource,
        id: &impl Fn(usize) -> &'a str,
        profile: &impl Fn(usize) -> Result<Profile, PushError>,
        listing: &Listing,
        scratch: &mut Scratch,
    ) -> Result<Vec<Vec<Hit>>, PushError> {
        self.hits_for(&self.all, table, id, profile, listing, scratch)
    }

    /// Like [`Self::hits`], for a subset of the items.
    pub(crate) fn hits_for<'a>(
        &self,
        part: &ItemSet,
        table: &impl FactSource,
        id: &impl Fn(usize) -> &'a str,
        profile: &impl Fn(usize) -> Result<Profile, PushError>,
        listing: &Listing,
        scratch: &mut Scratch,
    ) -> Result<Vec<Vec<Hit>>, PushError> {
        let dictionary = self.scorer.library().dictionary();
        let selection =
            if listing.undetermined { VerdictSelection::Both } else { VerdictSelection::Eligible };
        let mut all: Vec<Vec<Hit>> = Vec::with_capacity(table.len());
        // Hits of a block, in the order of the plan: row, then item index shifted left with the verdict in the lowest bit.
        let mut found: Vec<(u32, u32)> = Vec::new();
        for block in part.plan.blocks(table, dictionary) {
            found.clear();
            let mut counts: Vec<usize> = vec![0; block.len()];
            part.plan.decide(&block, selection, scratch, |index, certain, open| {
                let Some(index) = part.item_indices.get(index) else { return };
                for (rows, eligible) in [(certain, true), (open, false)] {
                    for row in rows_of(rows) {
                        found.push((u32::try_from(row).unwrap_or(u32::MAX), index.with_flag(eligible)));
                        if let Some(count) = counts.get_mut(row) {
                            *count += 1;
                        }
                    }
                }
            });
            let mut lists: Vec<Vec<Hit>> = counts.into_iter().map(Vec::with_capacity).collect();
            for (row, hit) in &found {
                if let Some(list) = lists.get_mut(*row as usize) {
                    let (item, eligible) = ItemIndex::split_flag(*hit);
                    list.push(Hit { item, eligible, score: 0, withheld: None });
                }
            }
            for mut hits in lists {
                let row = all.len();
                self.score(hits.iter_mut(), || profile(row))?;
                self.mark_pairs(|| id(row), &mut hits);
                self.holdable.mark(&mut hits, self.scorer.library(), table, row);
                listing.apply(&mut hits);
                all.push(hits);
            }
        }
        Ok(all)
    }

    /// Marks the hits that an enterprise refused or has received by the ledger, before the list is cut.
    fn mark_pairs<'a>(&self, id: impl Fn() -> &'a str, hits: &mut [Hit]) {
        for (pairs, reason) in [(&self.received, Withheld::Held), (&self.opt_outs, Withheld::OptedOut)] {
            if !pairs.is_empty() {
                pairs.mark(id(), hits, reason);
            }
        }
    }

    /// Marks all withheld hits of an enterprise by its packed facts.
    pub(crate) fn mark_withheld_packed(
        &self,
        id: &str,
        packed: &[u8],
        keys: &KeyList,
        hits: &mut [Hit],
    ) -> Result<(), Unreadable> {
        self.mark_pairs(|| id, hits);
        self.holdable.mark_packed(hits, self.scorer.library(), packed, keys)
    }

    /// Scores the hits of one enterprise.
    pub(crate) fn score<'a>(
        &self,
        hits: impl IntoIterator<Item = &'a mut Hit>,
        profile: impl Fn() -> Result<Profile, PushError>,
    ) -> Result<(), PushError> {
        let dictionary = self.scorer.library().dictionary();
        let mut known = None;
        for hit in hits {
            let index = hit.item.position();
            let fixed = if hit.eligible { self.scorer.constant_score(index) } else { None };
            let score = match fixed {
                Some(score) => score,
                None => {
                    let profile = match &mut known {
                        Some(profile) => profile,
                        none => none.insert(profile()?),
                    };
                    let verdict = if hit.eligible { Verdict::Eligible } else { Verdict::Undetermined };
                    self.scorer.score(index, verdict, &View::new(profile, dictionary, self.as_of))
                }
            };
            hit.score = ten_thousandths(score);
        }
        Ok(())
    }
}

/// Score with four decimals as a whole number of ten-thousandths.
fn ten_thousandths(score: f64) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a score lies between 0 and 1, so this lies between 0 and 10,000"
    )]
    let whole = (score * 10_000.0).round().clamp(0.0, 10_000.0) as u16;
    whole
}
