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

use super::clauses::{Clause, Expansion, Shape};
use super::columns::{Collector, Column, ColumnId, Encoded};
use super::diagram::{BuildSteps, Diagram, MAX_LEVELS, OverBudget};
use super::formula::{Draft, EvaluationDay, draft, settle};
use super::rest::Rest;
use super::sieve::{Conditions, Passed, Sieve, SieveHead};
use super::walk::Walker;

/// The compiled criteria of many items.
///
/// Items whose conditions the sieve can tell exactly are decided there, by whole words; the others have a diagram,
/// which is walked when the sieve lets them through. A *place* is an item's position in the list that was compiled.
/// An *entry* is an item that can hold at all, by its number in the sieve.
#[derive(Clone, Debug)]
pub struct CompiledItems {
    moment: EvaluationDay,
    columns: Vec<Column>,
    sieve: Sieve,
    /// The first entry that has clauses beyond those in the sieve.
    first_rest: usize,
    /// Those clauses, from that entry on.
    rest: Rest,
    /// For each entry, the place of its item.
    place_of: Arc<[u32]>,
    /// The diagrams of the last entries, which need one.
    exact: Vec<DiagramFallback>,
    /// How many items there are.
    items: usize,
    /// Every entry.
    all: Vec<u64>,
}

/// What a stored snapshot keeps of a catalogue beside the words of its sieve.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CatalogueHead {
    columns: Vec<Column>,
    sieve: SieveHead,
    first_rest: usize,
    rest: Rest,
    place_of: Vec<u32>,
    exact: Vec<DiagramFallback>,
    items: usize,
    all: Vec<u64>,
}

/// How an entry is decided that the sieve alone cannot decide.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DiagramFallback {
    pub(crate) diagram: Diagram,
    /// The columns whose being open makes the sieve inexact; `None` where it always is.
    pub(crate) repeated: Option<Vec<ColumnId>>,
}

/// What one enterprise shows in every column of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedProfile {
    seen: Vec<Encoded>,
    /// What is seen of each group of the sieve.
    states: Vec<Option<u32>>,
}

/// The verdicts of one enterprise on every item of a catalogue. Made to be used again.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    eligible: Vec<u64>,
    undetermined: Vec<u64>,
    place_of: Option<Arc<[u32]>>,
    passed: Passed,
    walker: Walker,
}

/// An item that could not be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item {place}: {cause}")]
pub struct NotCompiled {
    /// Its place.
    pub place: usize,
    /// Why.
    pub cause: OverBudget,
}

impl CompiledItems {
    /// Compiles the criteria of many items for `moment`. Items beyond the budget are named and left out: they have
    /// no verdict at all, not even "ineligible".
    pub fn compile<'a>(
        criteria: impl IntoIterator<Item = &'a Criterion>,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
    ) -> (Self, Vec<NotCompiled>) {
        Self::compile_within(criteria, dictionary, moment, &mut BuildSteps::of_each_item())
    }

    /// As [`Catalogue::compile`], with the steps of all items taken out of `budget`, in the order of the items.
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
        // Alike conditions side by side empty whole words at once, and planes of further clauses stay short.
        let ranks = ranks(&entries, &columns);
        let planes = planes(entries.len());
        entries.sort_by_cached_key(|entry| {
            (
                entry.exact.is_some(),
                entry.clauses.len().min(planes + 1),
                sort_key(&entry.atoms, &ranks),
                entry.place,
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
        let rest = Rest::new(beyond.map(|entry| &entry.clauses[entry.clauses.len().min(planes)..]), &columns);
        let mut all = vec![u64::MAX; entries.len() / 64];
        if !entries.len().is_multiple_of(64) {
            all.push((1 << (entries.len() % 64)) - 1);
        }
        let place_of = entries.iter().map(|entry| u32::try_from(entry.place).unwrap_or(u32::MAX)).collect();
        let exact = entries.into_iter().filter_map(|entry| entry.exact).collect();
        Self { moment, columns, sieve, first_rest, rest, place_of, exact, items, all }
    }

    /// The catalogue in two parts: everything but the sieve's words, and those.
    pub(crate) fn to_parts(&self) -> (CatalogueHead, &[u64]) {
        let (sieve, rows) = self.sieve.to_parts();
        let head = CatalogueHead {
            columns: self.columns.clone(),
            sieve,
            first_rest: self.first_rest,
            rest: self.rest.clone(),
            place_of: self.place_of.to_vec(),
            exact: self.exact.clone(),
            items: self.items,
            all: self.all.clone(),
        };
        (head, rows)
    }

    /// Puts the two parts together again; `None` when they do not fit.
    pub(crate) fn from_parts(head: CatalogueHead, moment: EvaluationDay, rows: Vec<u64>) -> Option<Self> {
        let sieve = Sieve::from_parts(head.sieve, rows)?;
        Some(Self {
            moment,
            columns: head.columns,
            sieve,
            first_rest: head.first_rest,
            rest: head.rest,
            place_of: head.place_of.into(),
            exact: head.exact,
            items: head.items,
            all: head.all,
        })
    }

    /// The day it was compiled for.
    pub fn moment(&self) -> EvaluationDay {
        self.moment
    }

    /// How many items it was compiled from.
    pub fn len(&self) -> usize {
        self.items
    }

    /// Whether it was compiled from none.
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// How many items have a diagram, because the sieve alone cannot tell.
    pub fn diagrams(&self) -> usize {
        self.exact.len()
    }

    /// Bytes that the sieve takes.
    pub fn sieve_bytes(&self) -> usize {
        self.sieve.bytes()
    }

    /// What `view`, which must be of the catalogue's day, shows.
    pub fn encode(&self, view: &View<'_>) -> EncodedProfile {
        debug_assert_eq!(self.moment, EvaluationDay::of(view), "a catalogue decides for its own day");
        let see = |column: &Column| {
            poll();
            column.see(view)
        };
        let seen: Vec<Encoded> = self.columns.iter().map(see).collect();
        EncodedProfile { states: self.sieve.states(&seen), seen }
    }

    /// Decides every item, exactly over all completions.
    pub fn verdicts(&self, profile: &EncodedProfile, verdicts: &mut Verdicts) {
        let Verdicts { eligible, undetermined, place_of, passed, walker } = verdicts;
        self.sieve.pass(&self.all, &profile.states, &profile.seen, passed);
        eligible.clear();
        eligible.extend_from_slice(&passed.certain);
        undetermined.clear();
        undetermined.extend(passed.possible.iter().zip(&passed.certain).map(|(can, must)| can & !must));
        self.decide_the_rest(&profile.seen, eligible, undetermined, walker);
        *place_of = Some(Arc::clone(&self.place_of));
    }

    /// Looks at the clauses beyond the sieve's, and walks the diagrams of the last entries, where the sieve let them
    /// through and cannot tell.
    fn decide_the_rest(
        &self,
        seen: &[Encoded],
        eligible: &mut [u64],
        undetermined: &mut [u64],
        walker: &mut Walker,
    ) {
        let first_exact = self.place_of.len() - self.exact.len();
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

    /// The verdict on an entry that the sieve let through, `certain` or not; `None` where what it says stands.
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
            let (must, can) = self.rest.rails(at, seen);
            certain &= must;
            if !can {
                return Some(Verdict::Ineligible);
            }
            verdict = Some(if certain { Verdict::Eligible } else { Verdict::Undetermined });
        }
        let first_exact = self.place_of.len() - self.exact.len();
        match entry.checked_sub(first_exact).map(|at| &self.exact[at]) {
            Some(exact) if !exact.sieve_is_right(certain, seen) => Some(walker.verdict(&exact.diagram, seen)),
            _ => verdict,
        }
    }
}

/// How many clauses of an item the sieve looks at; the items that pass those are looked at one by one. A plane costs
/// the same for few items as for many, so a small catalogue has fewer.
fn planes(entries: usize) -> usize {
    match entries {
        0..5_000 => 1,
        5_000..50_000 => 2,
        _ => 8,
    }
}

impl Verdicts {
    /// Places of the items that the enterprise is eligible for, in no particular order.
    pub fn eligible(&self) -> impl Iterator<Item = usize> + '_ {
        self.places(&self.eligible)
    }

    /// Places of the items on which it is undetermined, in no particular order.
    pub fn undetermined(&self) -> impl Iterator<Item = usize> + '_ {
        self.places(&self.undetermined)
    }

    /// How many are eligible, and how many undetermined.
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
                self.place_of.as_ref().map(|places| places[at * 64 + bit] as usize)
            })
        })
    }
}

impl DiagramFallback {
    /// Whether what the sieve says stands: `certain`, or possible.
    fn sieve_is_right(&self, certain: bool, seen: &[Encoded]) -> bool {
        let known = |column: &ColumnId| matches!(seen[*column], Encoded::Exactly(_));
        self.repeated.as_ref().is_some_and(|columns| certain || columns.iter().all(known))
    }
}

/// An item that can hold at all, with what it asks.
pub(crate) struct Entry {
    /// Its place in the list that was compiled.
    pub(crate) place: usize,
    /// Conditions on one column each.
    pub(crate) atoms: Clause,
    /// Conditions with alternatives over several columns.
    pub(crate) clauses: Vec<Clause>,
    /// What decides where those two do not.
    pub(crate) exact: Option<DiagramFallback>,
}

/// Criteria of many items, spelt out over shared columns.
pub(crate) struct Expanded {
    pub(crate) columns: Vec<Column>,
    pub(crate) entries: Vec<Entry>,
    /// How many items there were.
    pub(crate) items: usize,
    pub(crate) problems: Vec<NotCompiled>,
}

/// Spells out the criteria of many items for `moment`.
pub(crate) fn expand<'a>(
    criteria: impl IntoIterator<Item = &'a Criterion>,
    dictionary: &FactDictionary,
    moment: EvaluationDay,
    budget: &mut BuildSteps,
) -> Expanded {
    let mut collector = Collector::default();
    let drafts: Vec<Draft> =
        criteria.into_iter().map(|criteria| draft(criteria, dictionary, moment, &mut collector)).collect();
    let columns = collector.finish(dictionary, moment.as_of);
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        let formula = settle(draft, &columns, moment.as_of);
        // Where the sieve is enough no diagram is needed here, but its explanation needs one.
        let count = formula.columns().len();
        if count > MAX_LEVELS {
            problems.push(NotCompiled { place, cause: OverBudget::Levels(count) });
            continue;
        }
        let expansion = Expansion::of(&formula, &columns);
        let exact = match expansion.shape {
            Shape::ReadOnce => None,
            shape => match Diagram::build(&formula, &columns, budget) {
                Ok(diagram) => {
                    let repeated = (shape == Shape::Entangled).then_some(expansion.repeated);
                    Some(DiagramFallback { diagram, repeated })
                }
                Err(cause) => {
                    problems.push(NotCompiled { place, cause });
                    continue;
                }
            },
        };
        // What never holds needs no row.
        if !expansion.never {
            entries.push(Entry { place, atoms: expansion.atoms, clauses: expansion.clauses, exact });
        }
    }
    Expanded { columns, entries, items: drafts.len(), problems }
}

/// For each column, how soon it is sorted by: the one whose values stop most items first.
pub(crate) fn ranks(entries: &[Entry], columns: &[Column]) -> Vec<usize> {
    let mut stopped = vec![0_u64; columns.len()];
    for (column, codes) in entries.iter().flat_map(|entry| &entry.atoms) {
        // Parts per thousand of the codes that the set leaves out.
        let all = u64::from(columns[*column].space.last()) + 1;
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

fn sort_key(atoms: &Clause, ranks: &[usize]) -> Vec<(usize, super::code_set::CodeSet)> {
    let mut key: Vec<_> = atoms.iter().map(|(column, codes)| (ranks[*column], codes.clone())).collect();
    key.sort();
    key
}
