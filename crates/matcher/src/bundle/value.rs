//! First-year payment of a set of items under the rules: the objective that a bundle maximises.
//!
//! *Families*: items of the set that are tied by 从高 or 差额补足, directly or through others of the set, together pay the greatest of
//! their amounts. (差额补足 pays the lower amount and the difference, in total the greater. Two items that top up the same one are
//! each counted against the amount already received.) *Caps*: the families of a group together pay at most its cap. A family only
//! partly inside a group is limited by the cap in its certain amount, but not in its possible amount.

#![expect(clippy::indexing_slicing, reason = "items and caps are numbered where a field is made")]

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use zhaoren_policy::item::amount::YuanRange;
use zhaoren_policy::number::Number;

use super::ties::{DisjointSets, Ties};

/// Items that may be chosen, by index, with all rules that apply to them.
#[derive(Debug, Default)]
pub(super) struct CandidateSet {
    /// First-year amounts.
    pub(super) worth: Vec<YuanRange>,
    /// Items that exclude each other.
    pub(super) exclusions: Ties,
    /// Items of which only the higher is paid.
    pub(super) linked: Ties,
    /// Caps, each with the indices of its members, ascending.
    pub(super) caps: Vec<(Number, Vec<usize>)>,
    /// Indices of each item's caps, ascending.
    pub(super) caps_of: Vec<Vec<usize>>,
}

/// Total in the order of bundles: certain yuan first, then possible yuan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Total {
    /// Certain yuan.
    pub(super) low: Number,
    /// Number of parts without a known upper bound.
    pub(super) unbounded: usize,
    /// Possible yuan of the other parts.
    pub(super) high: Number,
}

impl Total {
    pub(super) fn zero() -> Self {
        Self { low: Number::zero(), unbounded: 0, high: Number::zero() }
    }

    pub(super) fn of(range: &YuanRange) -> Self {
        let unbounded = usize::from(range.high.is_none());
        Self { low: range.low.clone(), unbounded, high: range.high.clone().unwrap_or_else(Number::zero) }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            low: self.low.plus(&other.low),
            unbounded: self.unbounded + other.unbounded,
            high: self.high.plus(&other.high),
        }
    }

    /// Subtracts a total that was added before.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self {
            low: self.low.minus(&other.low),
            unbounded: self.unbounded.saturating_sub(other.unbounded),
            high: self.high.minus(&other.high),
        }
    }

    pub(super) fn range(&self) -> YuanRange {
        YuanRange { low: self.low.clone(), high: (self.unbounded == 0).then(|| self.high.clone()) }
    }
}

/// Maximum of two ranges, end by end.
pub(super) fn max_by_bounds(a: &YuanRange, b: &YuanRange) -> YuanRange {
    let high = a.high.as_ref().zip(b.high.as_ref()).map(|(a, b)| a.max(b).clone());
    YuanRange { low: a.low.clone().max(b.low.clone()), high }
}

impl CandidateSet {
    /// Candidates with these ties, each cap with its members.
    pub(super) fn new(
        worth: Vec<YuanRange>,
        exclusions: Ties,
        linked: Ties,
        caps: Vec<(Number, Vec<usize>)>,
    ) -> Self {
        let mut caps_of: Vec<Vec<usize>> = vec![Vec::new(); worth.len()];
        for (cap, (_, members)) in caps.iter().enumerate() {
            for member in members {
                caps_of[*member].push(cap);
            }
        }
        Self { worth, exclusions, linked, caps, caps_of }
    }

    /// Subset of the candidates, given by ascending index; its indices are positions in `part`.
    pub(super) fn restrict(&self, part: &[usize]) -> Self {
        let position_of: FxHashMap<usize, usize> =
            part.iter().enumerate().map(|(at, item)| (*item, at)).collect();
        let mut caps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, item) in part.iter().enumerate() {
            for cap in self.caps_of(*item) {
                caps.entry(*cap).or_default().push(at);
            }
        }
        let caps = caps.into_iter().map(|(cap, of)| (self.caps[cap].0.clone(), of));
        Self::new(
            part.iter().map(|item| self.worth(*item)).collect(),
            self.exclusions.restrict(part, &position_of),
            self.linked.restrict(part, &position_of),
            caps.collect(),
        )
    }

    pub(super) fn worth(&self, item: usize) -> YuanRange {
        self.worth[item].clone()
    }

    pub(super) fn caps_of(&self, item: usize) -> &[usize] {
        &self.caps_of[item]
    }

    /// Families of `set`, by their lowest index.
    pub(super) fn families(&self, set: &[usize]) -> Vec<Vec<usize>> {
        let mut members: Vec<usize> = set.to_vec();
        members.sort_unstable();
        let mut classes = DisjointSets::new(members.len());
        self.linked.join(&members, &mut classes);
        classes.into_lists(&members)
    }

    /// Payment of `set`. The set must not contain two items that exclude each other.
    pub(super) fn total(&self, set: &[usize]) -> Total {
        let (mut certain, mut possible) = (CapRemainders::new(self), CapRemainders::new(self));
        let mut total = Total::zero();
        for family in self.families(set) {
            let range = self.family(&family);
            let mut caps: Vec<usize> = family.iter().flat_map(|item| self.caps_of(*item)).copied().collect();
            caps.sort_unstable();
            // The certain amount is limited by the caps of any member, the possible amount by the caps of all members.
            let whole = |same: &&[usize]| same.len() == family.len();
            let of_all: Vec<usize> =
                caps.chunk_by(|a, b| a == b).filter(whole).filter_map(|same| same.first().copied()).collect();
            caps.dedup();
            total.low = total.low.plus(&certain.spend(range.low, &caps));
            match range.high.or_else(|| possible.remaining(&of_all)) {
                None => total.unbounded += 1,
                Some(high) => total.high = total.high.plus(&possible.spend(high, &of_all)),
            }
        }
        total
    }

    /// Payment of a family before caps.
    pub(super) fn family(&self, family: &[usize]) -> YuanRange {
        family.iter().fold(YuanRange::zero(), |range, item| max_by_bounds(&range, &self.worth(*item)))
    }

    /// Parts that no rule connects, each by ascending index.
    pub(super) fn components(&self) -> Vec<Vec<usize>> {
        let all: Vec<usize> = (0..self.worth.len()).collect();
        let mut classes = DisjointSets::new(all.len());
        self.exclusions.join(&all, &mut classes);
        self.linked.join(&all, &mut classes);
        for (_, members) in &self.caps {
            classes.unite_all(members);
        }
        classes.into_lists(&all)
    }
}

/// Remaining amounts of the caps used so far.
struct CapRemainders<'a> {
    field: &'a CandidateSet,
    remaining: FxHashMap<usize, Number>,
}

impl<'a> CapRemainders<'a> {
    fn new(field: &'a CandidateSet) -> Self {
        Self { field, remaining: FxHashMap::default() }
    }

    /// Remainder of a cap: all of it if nothing was drawn.
    fn of(&self, cap: usize) -> Number {
        self.remaining.get(&cap).unwrap_or_else(|| &self.field.caps[cap].0).clone()
    }

    /// Smallest remaining amount of some caps.
    fn remaining(&self, caps: &[usize]) -> Option<Number> {
        caps.iter().map(|cap| self.of(*cap)).min()
    }

    /// Takes up to `yuan` from the remaining amounts of some caps, and returns the amount taken.
    fn spend(&mut self, yuan: Number, caps: &[usize]) -> Number {
        let paid = self.remaining(caps).map_or(yuan.clone(), |room| room.min(yuan));
        for cap in caps {
            self.remaining.insert(*cap, self.of(*cap).minus(&paid));
        }
        paid
    }
}
