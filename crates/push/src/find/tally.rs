//! Counts of one chunk of enterprises, to be merged with those of others.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use zhaoren_matcher::batch::{RowBits, first, rows_of};

use super::groups::add;

/// What some enterprises come to for one item. Merging is associative, and the order of merging does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub(super) enterprises: u64,
    pub(super) eligible: u64,
    pub(super) undetermined: u64,
    pub(super) steps: Vec<Step>,
    /// Enterprises, eligible and undetermined by key of region and of industry.
    pub(super) regions: BTreeMap<String, [u64; 3]>,
    pub(super) industries: BTreeMap<String, [u64; 3]>,
    /// The first ids, in order.
    pub(super) eligible_ids: BTreeSet<String>,
    pub(super) undetermined_ids: BTreeSet<String>,
    limit: usize,
    /// Two hashes of every id: sixteen bytes an enterprise are what telling repeats costs.
    hashes: Vec<[u64; 2]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Step {
    pub(super) out: u64,
    pub(super) open: u64,
    pub(super) failed: u64,
    pub(super) alone: u64,
}

/// Rows that pass for certain, and rows that can pass.
pub(super) type BoundsRef<'a> = (&'a RowBits, &'a RowBits);

impl Tally {
    pub(super) fn new(conditions: usize, limit: usize) -> Self {
        Self { steps: vec![Step::default(); conditions], limit, ..Self::default() }
    }

    /// Takes up the rows of a block: the whole criteria, and each condition by itself. `ids` are those of the rows.
    pub(super) fn take(&mut self, ids: &[&str], whole: BoundsRef<'_>, parts: &[BoundsRef<'_>]) {
        self.enterprises += ids.len() as u64;
        self.funnel(ids.len(), parts);
        let (eligible, open) = (whole.0, open(whole));
        self.eligible += count(eligible);
        self.undetermined += count(&open);
        for (kept, bits) in [(&mut self.eligible_ids, eligible), (&mut self.undetermined_ids, &open)] {
            keep_rows(kept, bits, ids, self.limit);
        }
    }

    /// Counts the rows of a block under their keys of region and of industry.
    pub(super) fn place(&mut self, groups: [&[&str]; 2], whole: BoundsRef<'_>) {
        let (eligible, open) = (whole.0, open(whole));
        for (counts, keys) in [&mut self.regions, &mut self.industries].into_iter().zip(groups) {
            // Rows of one key often follow each other, and there are few keys: one map for the block.
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

    /// Notes who was counted, so that whoever was twice is told.
    pub(super) fn know(&mut self, ids: &[&str]) {
        for id in ids {
            let hash = |salt: u8| {
                let mut hasher = DefaultHasher::new();
                (salt, id).hash(&mut hasher);
                hasher.finish()
            };
            self.hashes.push([hash(0), hash(1)]);
        }
    }

    /// How many ids of each kind are kept.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// How many are not eligible.
    pub(super) fn ineligible(&self) -> u64 {
        self.enterprises - self.eligible - self.undetermined
    }

    /// How many one condition alone keeps out.
    pub(super) fn almost(&self) -> u64 {
        self.steps.iter().map(|step| step.alone).sum()
    }

    fn funnel(&mut self, rows: usize, parts: &[BoundsRef<'_>]) {
        let all = first(rows);
        let mut inside = all;
        // Rows that pass all conditions up to here for certain but at most one, which they fail for certain.
        let (mut clean, mut one): (RowBits, RowBits) = (all, [0; _]);
        for (step, (certain, possible)) in self.steps.iter_mut().zip(parts) {
            let failed = zip(&all, possible, |all, can| all & !can);
            let open = zip(possible, certain, |can, must| can & !must);
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

    /// Adds the enterprises of another tally of the same item.
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

    /// How many enterprises stand under an id that another one has as well.
    pub(super) fn repeated(&mut self) -> u64 {
        self.hashes.sort_unstable();
        self.hashes.chunk_by(|a, b| a == b).map(|same| same.len() as u64 - 1).sum()
    }
}

/// Rows that can pass and need not.
fn open((certain, possible): BoundsRef<'_>) -> RowBits {
    zip(possible, certain, |can, must| can & !must)
}

/// Keeps the first `limit` ids of some rows, in order.
pub(super) fn keep_rows(kept: &mut BTreeSet<String>, rows: &RowBits, ids: &[&str], limit: usize) {
    for id in rows_of(rows).filter_map(|row| ids.get(row)) {
        keep(kept, id, limit);
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
