//! Counts of a chunk of enterprises, mergeable with those of others.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use zhaoren_matcher::batch::{RowBits, first_rows, rows_of};

use super::groups::add;

/// Counts of a set of enterprises for one item. Merging is associative and commutative.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub(super) enterprises: u64,
    pub(super) eligible: u64,
    pub(super) undetermined: u64,
    pub(super) steps: Vec<Step>,
    /// Number of enterprises, of eligible and of undetermined ones, by region key; `industries` has them by industry key.
    pub(super) regions: BTreeMap<String, [u64; 3]>,
    pub(super) industries: BTreeMap<String, [u64; 3]>,
    /// First ids, in order.
    pub(super) eligible_ids: BTreeSet<String>,
    pub(super) undetermined_ids: BTreeSet<String>,
    limit: usize,
    /// Two hashes of every id, sixteen bytes an enterprise, to detect repeated ids.
    hashes: Vec<[u64; 2]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Step {
    pub(super) out: u64,
    pub(super) open: u64,
    pub(super) failed: u64,
    pub(super) alone: u64,
}

/// Rows that certainly pass, and rows that can pass.
pub(super) type BoundsRef<'a> = (&'a RowBits, &'a RowBits);

impl Tally {
    pub(super) fn new(conditions: usize, limit: usize) -> Self {
        Self { steps: vec![Step::default(); conditions], limit, ..Self::default() }
    }

    /// Adds the rows of a block: verdicts of the whole criteria, and of each condition by itself. `ids` are the ids of the rows.
    pub(super) fn add_block(&mut self, ids: &[&str], whole: BoundsRef<'_>, parts: &[BoundsRef<'_>]) {
        self.enterprises += ids.len() as u64;
        self.funnel(ids.len(), parts);
        let (eligible, open) = (whole.0, open(whole));
        self.eligible += count(eligible);
        self.undetermined += count(&open);
        for (ids_kept, bits) in [(&mut self.eligible_ids, eligible), (&mut self.undetermined_ids, &open)] {
            keep_rows(ids_kept, bits, ids, self.limit);
        }
    }

    /// Counts the rows of a block by region key and industry key.
    pub(super) fn add_groups(&mut self, groups: [&[&str]; 2], whole: BoundsRef<'_>) {
        let (eligible, open) = (whole.0, open(whole));
        for (counts, keys) in [&mut self.regions, &mut self.industries].into_iter().zip(groups) {
            // Consecutive rows often share a key, and there are few keys: a map for the block saves lookups.
            let mut block: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
            for (row, key) in keys.iter().enumerate() {
                let one = [1, u64::from(has(eligible, row)), u64::from(has(&open, row))];
                add(block.entry(key).or_default(), &one);
            }
            for (key, of_block) in block {
                add(counts.entry(key.to_owned()).or_default(), &of_block);
            }
        }
    }

    /// Records the hashes of ids, so that repeated enterprises can be counted.
    pub(super) fn add_ids(&mut self, ids: &[&str]) {
        for id in ids {
            let hash = |salt: u8| {
                let mut hasher = DefaultHasher::new();
                (salt, id).hash(&mut hasher);
                hasher.finish()
            };
            self.hashes.push([hash(0), hash(1)]);
        }
    }

    /// Maximum number of ids kept of each kind.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Number of ineligible enterprises.
    pub(super) fn ineligible(&self) -> u64 {
        self.enterprises - self.eligible - self.undetermined
    }

    /// Number of enterprises excluded by a single condition.
    pub(super) fn almost(&self) -> u64 {
        self.steps.iter().map(|step| step.alone).sum()
    }

    fn funnel(&mut self, rows: usize, parts: &[BoundsRef<'_>]) {
        let all = first_rows(rows);
        let mut inside = all;
        // `clean`: rows that certainly pass all conditions so far. `one`: rows that certainly fail one and certainly pass the
        // others.
        let (mut clean, mut one): (RowBits, RowBits) = (all, [0; _]);
        for (step, (certain, possible)) in self.steps.iter_mut().zip(parts) {
            let failed = zip(&all, possible, |all, can| all & !can);
            let open = zip(possible, certain, |possible, certain| possible & !certain);
            step.out += count(&zip(&inside, &failed, |a, b| a & b));
            step.open += count(&zip(&inside, &open, |a, b| a & b));
            step.failed += count(&failed);
            inside = zip(&inside, &failed, |a, b| a & !b);
            let fallen = zip(&clean, &failed, |a, b| a & b);
            let passed = zip(&one, certain, |a, b| a & b);
            one = zip(&passed, &fallen, |a, b| a | b);
            clean = zip(&clean, certain, |a, b| a & b);
        }
        for (step, (_, possible)) in self.steps.iter_mut().zip(parts) {
            step.alone += count(&zip(&one, possible, |a, can| a & !can));
        }
    }

    /// Adds the counts of another tally of the same item.
    pub fn merge(mut self, other: Self) -> Self {
        self.enterprises += other.enterprises;
        self.eligible += other.eligible;
        self.undetermined += other.undetermined;
        self.limit = self.limit.max(other.limit);
        if self.steps.is_empty() {
            self.steps = other.steps;
        } else {
            for (step, other) in self.steps.iter_mut().zip(other.steps) {
                step.out += other.out;
                step.open += other.open;
                step.failed += other.failed;
                step.alone += other.alone;
            }
        }
        for (mine, others) in [(&mut self.regions, other.regions), (&mut self.industries, other.industries)] {
            for (key, counts) in others {
                add(mine.entry(key).or_default(), &counts);
            }
        }
        for (mine, others) in [
            (&mut self.eligible_ids, other.eligible_ids),
            (&mut self.undetermined_ids, other.undetermined_ids),
        ] {
            for id in others {
                keep(mine, &id, self.limit);
            }
        }
        self.hashes.extend(other.hashes);
        self
    }

    /// Number of rows whose id was counted before.
    pub(super) fn repeated(&mut self) -> u64 {
        self.hashes.sort_unstable();
        self.hashes.chunk_by(|a, b| a == b).map(|same| same.len() as u64 - 1).sum()
    }
}

/// Rows that can pass but are not certain to.
fn open((certain, possible): BoundsRef<'_>) -> RowBits {
    zip(possible, certain, |possible, certain| possible & !certain)
}

/// Keeps the first `limit` ids of the selected rows, in order.
pub(super) fn keep_rows(ids_kept: &mut BTreeSet<String>, rows: &RowBits, ids: &[&str], limit: usize) {
    for id in rows_of(rows).filter_map(|row| ids.get(row)) {
        keep(ids_kept, id, limit);
    }
}

pub(super) fn keep(ids: &mut BTreeSet<String>, id: &str, limit: usize) {
    if ids.len() >= limit && ids.last().is_none_or(|last| last.as_str() <= id) {
        return;
    }
    ids.insert(id.to_owned());
    if ids.len() > limit {
        ids.pop_last();
    }
}

pub(super) fn zip(a: &RowBits, b: &RowBits, with: impl Fn(u64, u64) -> u64) -> RowBits {
    let mut result = *a;
    for (word, other) in result.iter_mut().zip(b) {
        *word = with(*word, *other);
    }
    result
}

pub(super) fn count(set: &RowBits) -> u64 {
    set.iter().map(|word| u64::from(word.count_ones())).sum()
}

fn has(set: &RowBits, row: usize) -> bool {
    set.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}
