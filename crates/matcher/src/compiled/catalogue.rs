//! All items of a catalogue, compiled together for one day: one profile in, every verdict out.

#![expect(
    clippy::indexing_slicing,
    reason = "columns and entries are numbered where a catalogue is assembled; a stored one is hashed as a whole"
)]

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::clauses::{Disjunction, Exactness, Expansion};
use super::columns::{Collector, Column, ColumnId, Encoded};
use super::diagram::{BuildSteps, Diagram, MAX_LEVELS, OverBudget};
use super::formula::{Draft, EvaluationDay, draft, resolve};
use super::rest::RemainingClauses;
use super::sieve::{Conditions, Passed, Sieve, SieveHead};
use super::walk::Walker;

/// Compiled criteria of many items.
///
/// Items that the sieve (bit-sliced index) decides exactly need nothing else; each of the others has a diagram, which is walked
/// if the item passes the sieve. `index` is an item's index in the compiled list. An *entry* is an item that can hold at all,
/// numbered by its bit in the sieve.
#[derive(Clone, Debug)]
pub struct CompiledItems {
    moment: EvaluationDay,
    columns: Vec<Column>,
    sieve: Sieve,
    /// First entry with clauses beyond those in the sieve.
    first_rest: usize,
    /// Those clauses, from that entry on.
    rest: RemainingClauses,
    /// Item index of each entry.
    item_of: Arc<[u32]>,
    /// Diagrams of the last entries, which need one.
    exact: Vec<DiagramFallback>,
    /// Number of items.
    items: usize,
    /// Bitmap of every entry.
    all: Vec<u64>,
}

/// Part of a catalogue, besides the words of its sieve, that a stored snapshot keeps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CatalogueHead {
    columns: Vec<Column>,
    sieve: SieveHead,
    first_rest: usize,
    rest: RemainingClauses,
    place_of: Vec<u32>,
    exact: Vec<DiagramFallback>,
    items: usize,
    all: Vec<u64>,
}

/// Exact decision of an entry that the sieve alone cannot decide.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DiagramFallback {
    pub(crate) diagram: Diagram,
    /// Columns that make the sieve inexact while they are unknown; `None` if it is always inexact.
    pub(crate) repeated: Option<Vec<ColumnId>>,
}

/// Encoded values of one enterprise in every column of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedProfile {
    values: Vec<Encoded>,
    /// State of each column group of the sieve.
    states: Vec<Option<u32>>,
}

/// Verdicts of one enterprise on every item of a catalogue; reusable.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    eligible: Vec<u64>,
    undetermined: Vec<u64>,
    item_of: Option<Arc<[u32]>>,
    passed: Passed,
    walker: Walker,
}

/// Item that could not be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item {item}: {cause}")]
pub struct NotCompiled {
    /// Index of the item.
    pub item: usize,
    /// Reason.
    pub cause: OverBudget,
}

impl CompiledItems {
    /// Compiles the criteria of many items for `moment`. Items beyond the budget are returned and left out: they have no verdict
    /// at all, not even "ineligible".
    pub fn compile<'a>(
        criteria: impl IntoIterator<Item = &'a Criterion>,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
    ) -> (Self, Vec<NotCompiled>) {
        Self::compile_within(criteria, dictionary, moment, &mut BuildSteps::per_item())
    }

    /// Like [`CompiledItems::compile`], with the steps of all items taken from `budget`, in the order of the items.
    pub fn compile_within<'a>(
        criteria: impl IntoIterator<Item = &'a Criterion>,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
        budget: &mut BuildSteps,
    ) -> (Self, Vec<NotCompiled>) {
        let expanded = expand(criteria, dictionary, moment, budget);
        let catalogue = Self::assemble(expanded.entries, expanded.items, expanded.columns, moment);
        (catalogue, expanded.problems)
    }

    fn assemble(mut entries: Vec<Entry>, items: usize, columns: Vec<Column>, moment: EvaluationDay) -> Self {
        // Sorting similar conditions together clears whole words at once, and keeps the bitmaps of further clauses short.
        let ranks = ranks(&entries, &columns);
        let planes = planes(entries.len());
        entries.sort_by_cached_key(|entry| {
            (
                entry.fallback.is_some(),
                entry.clauses.len().min(planes + 1),
                sort_key(&entry.atoms, &ranks),
                entry.index,
            )
        });
        let conditions: Vec<Conditions<'_>> = entries
            .iter()
            .map(|entry| Conditions {
                atoms: &entry.atoms,
                clauses: &entry.clauses[..entry.clauses.len().min(planes)],
            })
            .collect();
        let sieve = Sieve::new(&conditions, &columns);
        let first_rest = entries.iter().take_while(|entry| entry.clauses.len() <= planes).count();
        let beyond = entries.iter().skip(first_rest);
        // An entry with a diagram may have fewer clauses than planes: nothing of it is left.
        let rest = RemainingClauses::new(
            beyond.map(|entry| &entry.clauses[entry.clauses.len().min(planes)..]),
            &columns,
        );
        let mut all = vec![u64::MAX; entries.len() / 64];
        if !entries.len().is_multiple_of(64) {
            all.push((1 << (entries.len() % 64)) - 1);
        }
        let place_of = entries.iter().map(|entry| u32::try_from(entry.index).unwrap_or(u32::MAX)).collect();
        let exact = entries.into_iter().filter_map(|entry| entry.fallback).collect();
        Self { moment, columns, sieve, first_rest, rest, item_of: place_of, exact, items, all }
    }

    /// Catalogue in two parts: everything except the sieve's words, and those words.
    pub(crate) fn to_parts(&self) -> (CatalogueHead, &[u64]) {
        let (sieve, rows) = self.sieve.to_parts();
        let head = CatalogueHead {
            columns: self.columns.clone(),
            sieve,
            first_rest: self.first_rest,
            rest: self.rest.clone(),
            place_of: self.item_of.to_vec(),
            exact: self.exact.clone(),
            items: self.items,
            all: self.all.clone(),
        };
        (head, rows)
    }

    /// Reassembles the two parts; `None` if they do not fit.
    pub(crate) fn from_parts(head: CatalogueHead, moment: EvaluationDay, rows: Vec<u64>) -> Option<Self> {
        let sieve = Sieve::from_parts(head.sieve, rows)?;
        Some(Self {
            moment,
            columns: head.columns,
            sieve,
            first_rest: head.first_rest,
            rest: head.rest,
            item_of: head.place_of.into(),
            exact: head.exact,
            items: head.items,
            all: head.all,
        })
    }

    /// Day the catalogue was compiled for.
    pub fn evaluation_day(&self) -> EvaluationDay {
        self.moment
    }

    /// Number of items it was compiled from.
    pub fn len(&self) -> usize {
        self.items
    }

    /// True if it was compiled from no item.
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Number of items with a diagram, because the sieve alone is not exact for them.
    pub fn diagram_count(&self) -> usize {
        self.exact.len()
    }

    /// Size of the sieve in bytes.
    pub fn sieve_bytes(&self) -> usize {
        self.sieve.bytes()
    }

    /// Encodes `view`, which must be of the catalogue's day.
    pub fn encode(&self, view: &View<'_>) -> EncodedProfile {
        debug_assert_eq!(self.moment, EvaluationDay::of(view), "a catalogue decides for its own day");
        let see = |column: &Column| {
            poll();
            column.encode(view)
        };
        let seen: Vec<Encoded> = self.columns.iter().map(see).collect();
        EncodedProfile { states: self.sieve.states(&seen), values: seen }
    }

    /// Decides every item, exactly over all completions.
    pub fn verdicts(&self, profile: &EncodedProfile, verdicts: &mut Verdicts) {
        let Verdicts { eligible, undetermined, item_of, passed, walker } = verdicts;
        self.sieve.filter(&self.all, &profile.states, &profile.values, passed);
        eligible.clear();
        eligible.extend_from_slice(&passed.certain);
        undetermined.clear();
        undetermined.extend(passed.possible.iter().zip(&passed.certain).map(|(can, must)| can & !must));
        self.decide_remaining(&profile.values, eligible, undetermined, walker);
        *item_of = Some(Arc::clone(&self.item_of));
    }

    /// Evaluates the clauses beyond the sieve's, and walks the diagrams of the last entries that passed the sieve but are not
    /// decided exactly.
    fn decide_remaining(
        &self,
        seen: &[Encoded],
        eligible: &mut [u64],
        undetermined: &mut [u64],
        walker: &mut Walker,
    ) {
        let first_exact = self.item_of.len() - self.exact.len();
        let first = self.first_rest.min(first_exact);
        let words = eligible.iter_mut().zip(undetermined.iter_mut()).enumerate().skip(first / 64);
        for (word, (eligible, undetermined)) in words {
            poll();
            let mut left = *eligible | *undetermined;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                let entry = word * 64 + bit as usize;
                let Some(verdict) = self.decide_entry(entry, *eligible >> bit & 1 == 1, seen, walker) else {
                    continue;
                };
                let mask = 1 << bit;
                (*eligible, *undetermined) = (*eligible & !mask, *undetermined & !mask);
                match verdict {
                    Verdict::Eligible => *eligible |= mask,
                    Verdict::Undetermined => *undetermined |= mask,
                    Verdict::Ineligible => {}
                }
            }
        }
    }

    /// Verdict on an entry that passed the sieve, `certain` or not; `None` if the sieve's answer is exact.
    fn decide_entry(
        &self,
        entry: usize,
        certain: bool,
        seen: &[Encoded],
        walker: &mut Walker,
    ) -> Option<Verdict> {
        let mut verdict = None;
        let mut certain = certain;
        if let Some(at) = entry.checked_sub(self.first_rest) {
            let (must, can) = self.rest.bounds(at, seen);
            certain &= must;
            if !can {
                return Some(Verdict::Ineligible);
            }
            verdict = Some(if certain { Verdict::Eligible } else { Verdict::Undetermined });
        }
        let first_exact = self.item_of.len() - self.exact.len();
        match entry.checked_sub(first_exact).map(|at| &self.exact[at]) {
            Some(exact) if !exact.is_sieve_exact(certain, seen) => Some(walker.verdict(&exact.diagram, seen)),
            _ => verdict,
        }
    }
}

/// Number of clauses of an item evaluated by the sieve; the items that pass them are evaluated one by one. A clause bitmap costs
/// the same for few items as for many, so a small catalogue has fewer.
fn planes(entries: usize) -> usize {
    match entries {
        0..5_000 => 1,
        5_000..50_000 => 2,
        _ => 8,
    }
}

impl Verdicts {
    /// Indices of the items that the enterprise is eligible for, in no particular order.
    pub fn eligible(&self) -> impl Iterator<Item = usize> + '_ {
        self.places(&self.eligible)
    }

    /// Indices of the undetermined items, in no particular order.
    pub fn undetermined(&self) -> impl Iterator<Item = usize> + '_ {
        self.places(&self.undetermined)
    }

    /// Numbers of eligible and of undetermined items.
    pub fn counts(&self) -> (u32, u32) {
        let count = |words: &[u64]| words.iter().map(|word| word.count_ones()).sum();
        (count(&self.eligible), count(&self.undetermined))
    }

    fn places<'a>(&'a self, words: &'a [u64]) -> impl Iterator<Item = usize> + 'a {
        words.iter().enumerate().flat_map(move |(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                // Without a catalogue yet there are no words.
                self.item_of.as_ref().map(|places| places[at * 64 + bit] as usize)
            })
        })
    }
}

impl DiagramFallback {
    /// True if the sieve's answer, `certain` or possible, is exact.
    fn is_sieve_exact(&self, certain: bool, seen: &[Encoded]) -> bool {
        let known = |column: &ColumnId| matches!(seen[*column], Encoded::Exactly(_));
        self.repeated.as_ref().is_some_and(|columns| certain || columns.iter().all(known))
    }
}

/// Item that can hold at all, with its conditions.
pub(crate) struct Entry {
    /// Index in the compiled list.
    pub(crate) index: usize,
    /// Conditions on one column each.
    pub(crate) atoms: Disjunction,
    /// Conditions with alternatives over several columns.
    pub(crate) clauses: Vec<Disjunction>,
    /// Exact decision if those two are not enough.
    pub(crate) fallback: Option<DiagramFallback>,
}

/// Criteria of many items, expanded over shared columns.
pub(crate) struct Expanded {
    pub(crate) columns: Vec<Column>,
    pub(crate) entries: Vec<Entry>,
    /// Number of items.
    pub(crate) items: usize,
    pub(crate) problems: Vec<NotCompiled>,
}

/// Expands the criteria of many items for `moment`.
pub(crate) fn expand<'a>(
    criteria: impl IntoIterator<Item = &'a Criterion>,
    dictionary: &FactDictionary,
    moment: EvaluationDay,
    budget: &mut BuildSteps,
) -> Expanded {
    let mut collector = Collector::default();
    let drafts: Vec<Draft> =
        criteria.into_iter().map(|criteria| draft(criteria, dictionary, moment, &mut collector)).collect();
    let columns = collector.finish(dictionary, moment, budget);
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        let formula = resolve(draft, &columns, moment.as_of);
        // Checked even if the sieve is exact: an explanation builds the diagram later.
        let used = formula.columns();
        if let Some(cause) = used.iter().find_map(|column| columns[*column].refused()) {
            problems.push(NotCompiled { item: place, cause });
            continue;
        }
        let count = used.len();
        if count > MAX_LEVELS {
            problems.push(NotCompiled { item: place, cause: OverBudget::Levels(count) });
            continue;
        }
        let expansion = Expansion::of(&formula, &columns);
        let exact = match expansion.shape {
            Exactness::ReadOnce => None,
            shape => match Diagram::build(&formula, &columns, budget) {
                Ok(diagram) => {
                    let repeated = (shape == Exactness::RepeatedColumn).then_some(expansion.repeated);
                    Some(DiagramFallback { diagram, repeated })
                }
                Err(cause) => {
                    problems.push(NotCompiled { item: place, cause });
                    continue;
                }
            },
        };
        // An item that never holds needs no bit.
        if !expansion.never {
            entries.push(Entry {
                index: place,
                atoms: expansion.atoms,
                clauses: expansion.clauses,
                fallback: exact,
            });
        }
    }
    Expanded { columns, entries, items: drafts.len(), problems }
}

/// Sort rank of each column: the column whose values exclude most items comes first.
pub(crate) fn ranks(entries: &[Entry], columns: &[Column]) -> Vec<usize> {
    let mut stopped = vec![0_u64; columns.len()];
    for (column, codes) in entries.iter().flat_map(|entry| &entry.atoms) {
        // Codes that the set excludes, in parts per thousand.
        let all = u64::from(columns[*column].space.max_code()) + 1;
        let left: u64 = codes.ranges().iter().map(|(first, last)| u64::from(last - first) + 1).sum();
        stopped[*column] += (all - left) * 1000 / all;
    }
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|column| (std::cmp::Reverse(stopped[*column]), *column));
    let mut ranks = vec![0; columns.len()];
    for (rank, column) in order.into_iter().enumerate() {
        ranks[column] = rank;
    }
    ranks
}

fn sort_key(atoms: &Disjunction, ranks: &[usize]) -> Vec<(usize, super::code_set::CodeSet)> {
    let mut key: Vec<_> = atoms.iter().map(|(column, codes)| (ranks[*column], codes.clone())).collect();
    key.sort();
    key
}
