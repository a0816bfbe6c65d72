//! All items of a catalogue, compiled together for one day: one profile in, every verdict out.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::columns::{Collector, Column, Seen};
use super::conjunct::{Conjunct, Expansion, Shape};
use super::diagram::{Diagram, MAX_BUILD_STEPS, OverBudget};
use super::formula::{Draft, Moment, draft, settle};
use super::sieve::{Passed, Sieve, SieveHead};
use super::walk::Walker;

/// The compiled criteria of many items.
///
/// Items that can be told by conjunctions alone are decided in the sieve; the others have a diagram, and are
/// walked when the sieve lets them through. A *place* is an item's position in the list that was compiled.
#[derive(Clone, Debug)]
pub struct Catalogue {
    moment: Moment,
    columns: Vec<Column>,
    sieve: Sieve,
    /// Entries whose only conjunction has the entry's own number come first.
    direct: usize,
    /// For each conjunction after the direct ones, its entry.
    entry_of: Vec<u32>,
    /// For each entry, the place of its item.
    place_of: Arc<[u32]>,
    /// The diagrams of the last entries, which need one.
    exact: Vec<Exact>,
    /// How many items there are.
    items: usize,
    /// Every conjunction.
    all: Vec<u64>,
}

/// What a stored snapshot keeps of a catalogue beside the words of its sieve.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CatalogueHead {
    columns: Vec<Column>,
    sieve: SieveHead,
    direct: usize,
    entry_of: Vec<u32>,
    place_of: Vec<u32>,
    exact: Vec<Exact>,
    items: usize,
    all: Vec<u64>,
}

/// How an entry is decided that the sieve alone cannot decide.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Exact {
    diagram: Diagram,
    /// Whether the sieve's "certainly" is right.
    certain_is_right: bool,
}

/// What one enterprise shows in every column of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedProfile {
    seen: Vec<Seen>,
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

impl Catalogue {
    /// Compiles the criteria of many items for `moment`. Items beyond the budget are named and left out: they have
    /// no verdict at all, not even "ineligible".
    pub fn compile<'a>(
        criteria: impl IntoIterator<Item = &'a Criterion>,
        dictionary: &FactDictionary,
        moment: Moment,
    ) -> (Self, Vec<NotCompiled>) {
        let mut collector = Collector::default();
        let drafts: Vec<Draft> = criteria
            .into_iter()
            .map(|criteria| draft(criteria, dictionary, moment, &mut collector))
            .collect();
        let columns = collector.finish(dictionary, moment.as_of);
        let mut entries = Vec::new();
        let mut problems = Vec::new();
        for (place, draft) in drafts.iter().enumerate() {
            let formula = settle(draft, &columns, moment.as_of);
            let expansion = Expansion::of(&formula, &columns);
            let exact = match expansion.shape {
                Shape::ReadOnce => None,
                shape => match Diagram::build(&formula, &columns, MAX_BUILD_STEPS) {
                    Ok(diagram) => Some(Exact { diagram, certain_is_right: shape == Shape::Entangled }),
                    Err(cause) => {
                        problems.push(NotCompiled { place, cause });
                        continue;
                    }
                },
            };
            entries.push(Entry { place, conjuncts: expansion.conjuncts, exact });
        }
        (Self::assemble(entries, drafts.len(), columns, moment), problems)
    }

    fn assemble(mut entries: Vec<Entry>, items: usize, columns: Vec<Column>, moment: Moment) -> Self {
        // What never holds needs no row; alike conjunctions side by side empty whole words at once.
        entries.retain(|entry| !entry.conjuncts.is_empty());
        let ranks = ranks(&entries, columns.len());
        entries.sort_by_cached_key(|entry| {
            (entry.rank(), entry.conjuncts.first().map(|conjunct| sort_key(conjunct, &ranks)), entry.place)
        });
        let direct = entries.iter().take_while(|entry| entry.rank() == 0).count();
        let mut conjuncts = Vec::new();
        let mut entry_of = Vec::new();
        let mut place_of = Vec::new();
        let mut exact = Vec::new();
        for (number, entry) in (0_u32..).zip(entries) {
            place_of.push(u32::try_from(entry.place).unwrap_or(u32::MAX));
            if number as usize >= direct {
                entry_of.extend(std::iter::repeat_n(number, entry.conjuncts.len()));
            }
            exact.extend(entry.exact);
            conjuncts.extend(entry.conjuncts);
        }
        let mut all = vec![u64::MAX; conjuncts.len() / 64];
        if !conjuncts.len().is_multiple_of(64) {
            all.push((1 << (conjuncts.len() % 64)) - 1);
        }
        let sieve = Sieve::new(&conjuncts, &columns);
        Self { moment, columns, sieve, direct, entry_of, place_of: place_of.into(), exact, items, all }
    }

    /// The catalogue in two parts: everything but the sieve's words, and those.
    pub(crate) fn to_parts(&self) -> (CatalogueHead, Vec<&[u64]>) {
        let (sieve, rows) = self.sieve.to_parts();
        let head = CatalogueHead {
            columns: self.columns.clone(),
            sieve,
            direct: self.direct,
            entry_of: self.entry_of.clone(),
            place_of: self.place_of.to_vec(),
            exact: self.exact.clone(),
            items: self.items,
            all: self.all.clone(),
        };
        (head, rows)
    }

    /// Puts the two parts together again; `None` when they do not fit.
    pub(crate) fn from_parts(
        head: CatalogueHead,
        moment: Moment,
        rows: impl Iterator<Item = u64>,
    ) -> Option<Self> {
        let sieve = Sieve::from_parts(head.sieve, &head.columns, rows)?;
        Some(Self {
            moment,
            columns: head.columns,
            sieve,
            direct: head.direct,
            entry_of: head.entry_of,
            place_of: head.place_of.into(),
            exact: head.exact,
            items: head.items,
            all: head.all,
        })
    }

    /// The day it was compiled for.
    pub fn moment(&self) -> Moment {
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

    /// Bytes that the sieve takes.
    pub fn sieve_bytes(&self) -> usize {
        self.sieve.bytes()
    }

    /// What `view`, which must be of the catalogue's day, shows.
    pub fn encode(&self, view: &View<'_>) -> EncodedProfile {
        debug_assert_eq!(self.moment, Moment::of(view), "a catalogue decides for its own day");
        EncodedProfile { seen: self.columns.iter().map(|column| column.see(view)).collect() }
    }

    /// Decides every item, exactly over all completions.
    pub fn verdicts(&self, profile: &EncodedProfile, verdicts: &mut Verdicts) {
        let Verdicts { eligible, undetermined, place_of, passed, walker } = verdicts;
        self.sieve.pass(&self.all, &profile.seen, passed);
        let words = self.place_of.len().div_ceil(64);
        let direct_words = self.direct / 64;
        eligible.clear();
        undetermined.clear();
        // Direct entries have the number of their conjunction: whole words are the answer.
        let direct = passed.certain.iter().zip(&passed.possible).take(direct_words);
        for (certain, possible) in direct {
            eligible.push(*certain);
            undetermined.push(possible & !certain);
        }
        eligible.resize(words, 0);
        undetermined.resize(words, 0);
        for word in direct_words..passed.possible.len() {
            let (Some(&possible), Some(&certain)) = (passed.possible.get(word), passed.certain.get(word))
            else {
                break;
            };
            let mut left = possible;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                let entry = self.entry(word * 64 + bit);
                let into = if certain >> bit & 1 == 1 { &mut *eligible } else { &mut *undetermined };
                mark(into, entry);
            }
        }
        self.decide_exactly(&profile.seen, eligible, undetermined, walker);
        // An alternative that certainly holds settles what another leaves open.
        for (undetermined, eligible) in undetermined.iter_mut().zip(eligible.iter()).skip(direct_words) {
            *undetermined &= !eligible;
        }
        *place_of = Some(Arc::clone(&self.place_of));
    }

    /// Walks the diagrams of the last entries, where the sieve let them through and cannot tell.
    fn decide_exactly(
        &self,
        seen: &[Seen],
        eligible: &mut [u64],
        undetermined: &mut [u64],
        walker: &mut Walker,
    ) {
        let first = self.place_of.len() - self.exact.len();
        for word in first / 64..undetermined.len() {
            let both = |words: &[u64]| words.get(word).copied().unwrap_or(0);
            let mut left = both(eligible) | both(undetermined);
            while left != 0 {
                let entry = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let Some(exact) = entry.checked_sub(first).and_then(|at| self.exact.get(at)) else {
                    continue;
                };
                if exact.certain_is_right && is_marked(eligible, entry) {
                    continue;
                }
                unmark(eligible, entry);
                unmark(undetermined, entry);
                match walker.verdict(&exact.diagram, &self.columns, seen) {
                    Verdict::Eligible => mark(eligible, entry),
                    Verdict::Undetermined => mark(undetermined, entry),
                    Verdict::Ineligible => {}
                }
            }
        }
    }

    fn entry(&self, conjunct: usize) -> usize {
        match conjunct.checked_sub(self.direct) {
            None => conjunct,
            Some(at) => self.entry_of.get(at).map_or(0, |entry| *entry as usize),
        }
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
                self.place_of.as_ref()?.get(at * 64 + bit).map(|place| *place as usize)
            })
        })
    }
}

struct Entry {
    place: usize,
    conjuncts: Vec<Conjunct>,
    exact: Option<Exact>,
}

impl Entry {
    /// Direct entries first, those with a diagram last.
    fn rank(&self) -> u8 {
        match (&self.exact, self.conjuncts.len()) {
            (Some(_), _) => 2,
            (None, 1) => 0,
            (None, _) => 1,
        }
    }
}

/// For each column, how soon it is sorted by: the one that most conjunctions ask about first.
fn ranks(entries: &[Entry], columns: usize) -> Vec<usize> {
    let mut mentions = vec![0_usize; columns];
    for column in entries.iter().flat_map(|entry| &entry.conjuncts).flat_map(|conjunct| conjunct.keys()) {
        if let Some(count) = mentions.get_mut(*column) {
            *count += 1;
        }
    }
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by_key(|column| (std::cmp::Reverse(mentions.get(*column).copied()), *column));
    let mut ranks = vec![0; columns];
    for (rank, column) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(column) {
            *slot = rank;
        }
    }
    ranks
}

fn sort_key(conjunct: &Conjunct, ranks: &[usize]) -> Vec<(usize, super::code_set::CodeSet)> {
    let rank = |column: &usize| ranks.get(*column).copied().unwrap_or(usize::MAX);
    let mut key: Vec<_> = conjunct.iter().map(|(column, codes)| (rank(column), codes.clone())).collect();
    key.sort();
    key
}

fn mark(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

fn unmark(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word &= !(1 << (bit % 64));
    }
}

fn is_marked(words: &[u64], bit: usize) -> bool {
    words.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
}
