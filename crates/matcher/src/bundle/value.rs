//! What a set of items pays in its first year, by the rules: the function that a bundle maximises.
//!
//! *Families*: items of the set that are tied by 从高 or 差额补足, directly or through others of the set, pay
//! together what the greatest of them pays. (差额补足 pays the lower amount and the difference: the greater in
//! all. Two items that top up the same one are each counted against what is had already.) *Caps*: the families
//! of a group together pay its cap at most. A family that stands in a group with one foot only is held to the
//! cap for what is certain and not for what is possible.

#![expect(clippy::indexing_slicing, reason = "items and caps are numbered where a field is made")]

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use zhaoren_policy::item::amount::YuanRange;
use zhaoren_policy::number::Number;

use super::ties::{Classes, Ties};

/// Items that may be chosen, by position, with everything that binds them.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// First-year amounts.
    pub(super) worth: Vec<YuanRange>,
    /// Which cannot be had together.
    pub(super) apart: Ties,
    /// Which pay only the higher.
    pub(super) linked: Ties,
    /// Caps, each with the positions of its members, rising.
    pub(super) caps: Vec<(Number, Vec<usize>)>,
    /// For each item, the positions of its caps, rising.
    pub(super) caps_of: Vec<Vec<usize>>,
}

/// A total that compares as bundles do: certain yuan first, then possible ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Total {
    /// Certain yuan.
    pub(super) low: Number,
    /// How many parts have no known upper end.
    pub(super) endless: usize,
    /// Possible yuan of the other parts.
    pub(super) high: Number,
}

impl Total {
    pub(super) fn zero() -> Self {
        Self { low: Number::zero(), endless: 0, high: Number::zero() }
    }

    pub(super) fn of(range: &YuanRange) -> Self {
        let endless = usize::from(range.high.is_none());
        Self { low: range.low.clone(), endless, high: range.high.clone().unwrap_or_else(Number::zero) }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            low: self.low.plus(&other.low),
            endless: self.endless + other.endless,
            high: self.high.plus(&other.high),
        }
    }

    /// Takes off what was added before.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self {
            low: self.low.minus(&other.low),
            endless: self.endless.saturating_sub(other.endless),
            high: self.high.minus(&other.high),
        }
    }

    pub(super) fn range(&self) -> YuanRange {
        YuanRange { low: self.low.clone(), high: (self.endless == 0).then(|| self.high.clone()) }
    }
}

/// The greater of two ranges, end by end.
pub(super) fn greater(a: &YuanRange, b: &YuanRange) -> YuanRange {
    let high = a.high.as_ref().zip(b.high.as_ref()).map(|(a, b)| a.max(b).clone());
    YuanRange { low: a.low.clone().max(b.low.clone()), high }
}

impl Field {
    /// Items with these ties, each cap with its members.
    pub(super) fn new(
        worth: Vec<YuanRange>,
        apart: Ties,
        linked: Ties,
        caps: Vec<(Number, Vec<usize>)>,
    ) -> Self {
        let mut caps_of: Vec<Vec<usize>> = vec![Vec::new(); worth.len()];
        for (cap, (_, members)) in caps.iter().enumerate() {
            for member in members {
                caps_of[*member].push(cap);
            }
        }
        Self { worth, apart, linked, caps, caps_of }
    }

    /// The field of some of the items, given by rising position; a position in it is a place in `part`.
    pub(super) fn part(&self, part: &[usize]) -> Self {
        let place: FxHashMap<usize, usize> = part.iter().enumerate().map(|(at, item)| (*item, at)).collect();
        let mut caps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, item) in part.iter().enumerate() {
            for cap in self.caps_of(*item) {
                caps.entry(*cap).or_default().push(at);
            }
        }
        let caps = caps.into_iter().map(|(cap, of)| (self.caps[cap].0.clone(), of));
        Self::new(
            part.iter().map(|item| self.worth(*item)).collect(),
            self.apart.part(part, &place),
            self.linked.part(part, &place),
            caps.collect(),
        )
    }

    pub(super) fn worth(&self, item: usize) -> YuanRange {
        self.worth[item].clone()
    }

    pub(super) fn caps_of(&self, item: usize) -> &[usize] {
        &self.caps_of[item]
    }

    /// The families of `set`, by their least position.
    pub(super) fn families(&self, set: &[usize]) -> Vec<Vec<usize>> {
        let mut members: Vec<usize> = set.to_vec();
        members.sort_unstable();
        let mut classes = Classes::new(members.len());
        self.linked.join(&members, &mut classes);
        classes.lists(&members)
    }

    /// What `set` pays. The set must not hold two items that are apart.
    pub(super) fn total(&self, set: &[usize]) -> Total {
        let (mut certain, mut possible) = (CapRemainders::new(self), CapRemainders::new(self));
        let mut total = Total::zero();
        for family in self.families(set) {
            let range = self.family(&family);
            let mut caps: Vec<usize> = family.iter().flat_map(|item| self.caps_of(*item)).copied().collect();
            caps.sort_unstable();
            // What is certain is held to the caps of any member, what is possible to those that all have.
            let whole = |same: &&[usize]| same.len() == family.len();
            let of_all: Vec<usize> =
                caps.chunk_by(|a, b| a == b).filter(whole).filter_map(|same| same.first().copied()).collect();
            caps.dedup();
            total.low = total.low.plus(&certain.spend(range.low, &caps));
            match range.high.or_else(|| possible.left(&of_all)) {
                None => total.endless += 1,
                Some(high) => total.high = total.high.plus(&possible.spend(high, &of_all)),
            }
        }
        total
    }

    /// What a family pays before caps.
    pub(super) fn family(&self, family: &[usize]) -> YuanRange {
        family.iter().fold(YuanRange::zero(), |range, item| greater(&range, &self.worth(*item)))
    }

    /// The parts that no rule connects, each by rising position.
    pub(super) fn components(&self) -> Vec<Vec<usize>> {
        let all: Vec<usize> = (0..self.worth.len()).collect();
        let mut classes = Classes::new(all.len());
        self.apart.join(&all, &mut classes);
        self.linked.join(&all, &mut classes);
        for (_, members) in &self.caps {
            classes.unite_all(members);
        }
        classes.lists(&all)
    }
}

/// What is left under the caps that were drawn on.
struct CapRemainders<'a> {
    field: &'a Field,
    left: FxHashMap<usize, Number>,
}

impl<'a> CapRemainders<'a> {
    fn new(field: &'a Field) -> Self {
        Self { field, left: FxHashMap::default() }
    }

    /// What is left under a cap: all of it where nothing was drawn.
    fn of(&self, cap: usize) -> Number {
        self.left.get(&cap).unwrap_or_else(|| &self.field.caps[cap].0).clone()
    }

    /// The least room that is left under some caps.
    fn left(&self, caps: &[usize]) -> Option<Number> {
        caps.iter().map(|cap| self.of(*cap)).min()
    }

    /// Takes up to `yuan` out of what is left under some caps, and says how much.
    fn spend(&mut self, yuan: Number, caps: &[usize]) -> Number {
        let paid = self.left(caps).map_or(yuan.clone(), |room| room.min(yuan));
        for cap in caps {
            self.left.insert(*cap, self.of(*cap).minus(&paid));
        }
        paid
    }
}
