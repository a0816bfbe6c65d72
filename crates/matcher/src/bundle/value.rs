//! What a set of items pays in its first year, by the rules: the function that a bundle maximises.
//!
//! *Families*: items of the set that are tied by 从高 or 差额补足, directly or through others of the set, pay
//! together what the greatest of them pays. (差额补足 pays the lower amount and the difference: the greater in
//! all. Two items that top up the same one are each counted against what is had already.) *Caps*: the families
//! of a group together pay its cap at most. A family that stands in a group with one foot only is held to the
//! cap for what is certain and not for what is possible.

use zhaoren_policy::item::amount::YuanRange;
use zhaoren_policy::number::Number;

/// Items that may be chosen, by position, with everything that binds them.
pub(super) struct Field {
    /// First-year amounts.
    pub(super) worth: Vec<YuanRange>,
    /// Whether two cannot be had together.
    pub(super) apart: Vec<Vec<bool>>,
    /// Whether two pay only the higher.
    pub(super) linked: Vec<Vec<bool>>,
    /// Caps, each with whether an item is a member.
    pub(super) caps: Vec<(Number, Vec<bool>)>,
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

/// Looks up a table of pairs; what is out of range is not there.
pub(super) fn at(table: &[Vec<bool>], a: usize, b: usize) -> bool {
    table.get(a).and_then(|row| row.get(b)).copied().unwrap_or(false)
}

fn flag(row: &[bool], at: usize) -> bool {
    row.get(at).copied().unwrap_or(false)
}

/// The greater of two ranges, end by end.
pub(super) fn greater(a: &YuanRange, b: &YuanRange) -> YuanRange {
    let high = a.high.as_ref().zip(b.high.as_ref()).map(|(a, b)| a.max(b).clone());
    YuanRange { low: a.low.clone().max(b.low.clone()), high }
}

impl Field {
    pub(super) fn worth(&self, item: usize) -> YuanRange {
        self.worth.get(item).cloned().unwrap_or_else(YuanRange::zero)
    }

    /// The families of `set`, by their least position.
    pub(super) fn families(&self, set: &[usize]) -> Vec<Vec<usize>> {
        let mut rest: Vec<usize> = set.to_vec();
        rest.sort_unstable();
        let mut families = Vec::new();
        while let Some(first) = rest.first().copied() {
            let mut family = vec![first];
            rest.retain(|item| *item != first);
            let mut next = 0;
            while let Some(member) = family.get(next).copied() {
                next += 1;
                family.extend(rest.iter().filter(|item| at(&self.linked, member, **item)));
                rest.retain(|item| !family.contains(item));
            }
            family.sort_unstable();
            families.push(family);
        }
        families
    }

    /// What `set` pays. The set must not hold two items that are apart.
    pub(super) fn total(&self, set: &[usize]) -> Total {
        let mut certain: Vec<Number> = self.caps.iter().map(|(cap, _)| cap.clone()).collect();
        let mut possible = certain.clone();
        let mut total = Total::zero();
        for family in self.families(set) {
            let range = self.family(&family);
            let low = self.spend(range.low, &mut certain, |members| family.iter().any(|i| flag(members, *i)));
            total.low = total.low.plus(&low);
            let whole = |members: &[bool]| family.iter().all(|i| flag(members, *i));
            match range.high.or_else(|| self.room(&possible, whole)) {
                None => total.endless += 1,
                Some(high) => total.high = total.high.plus(&self.spend(high, &mut possible, whole)),
            }
        }
        total
    }

    /// What a family pays before caps.
    pub(super) fn family(&self, family: &[usize]) -> YuanRange {
        family.iter().fold(YuanRange::zero(), |range, item| greater(&range, &self.worth(*item)))
    }

    /// The least room that is left under the caps that bind.
    fn room(&self, left: &[Number], binds: impl Fn(&[bool]) -> bool) -> Option<Number> {
        let bound = self.caps.iter().zip(left).filter(|((_, members), _)| binds(members));
        bound.map(|(_, left)| left.clone()).min()
    }

    /// Takes up to `yuan` out of what is left under the caps that bind, and says how much.
    fn spend(&self, yuan: Number, left: &mut [Number], binds: impl Fn(&[bool]) -> bool) -> Number {
        let paid = self.room(left, &binds).map_or(yuan.clone(), |room| room.min(yuan));
        for ((_, members), left) in self.caps.iter().zip(left) {
            if binds(members) {
                *left = left.minus(&paid);
            }
        }
        paid
    }

    /// The parts that no rule connects, each by rising position.
    pub(super) fn components(&self) -> Vec<Vec<usize>> {
        let mut rest: Vec<usize> = (0..self.worth.len()).collect();
        let mut parts = Vec::new();
        while let Some(first) = rest.first().copied() {
            let mut part = vec![first];
            rest.retain(|item| *item != first);
            let mut next = 0;
            while let Some(member) = part.get(next).copied() {
                next += 1;
                part.extend(rest.iter().filter(|item| self.bound(member, **item)));
                rest.retain(|item| !part.contains(item));
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }

    fn bound(&self, a: usize, b: usize) -> bool {
        at(&self.apart, a, b)
            || at(&self.linked, a, b)
            || self.caps.iter().any(|(_, members)| flag(members, a) && flag(members, b))
    }
}
