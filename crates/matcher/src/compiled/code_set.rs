//! Sets of codes: a column's values, reduced to the differences that some test can see.

use serde::{Deserialize, Serialize};

/// Set of codes of one column, as disjoint inclusive ranges in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct CodeSet {
    ranges: Vec<(u32, u32)>,
}

impl CodeSet {
    /// Empty set.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Set of one code.
    pub(crate) fn from_code(code: u32) -> Self {
        Self::range(code, code)
    }

    /// All codes from `first` to `last`; empty if `first` is greater.
    pub(crate) fn range(first: u32, last: u32) -> Self {
        if first > last { Self::none() } else { Self { ranges: vec![(first, last)] } }
    }

    /// Set of codes given in any order.
    pub(crate) fn of(codes: impl IntoIterator<Item = u32>) -> Self {
        Self::of_ranges(codes.into_iter().map(|code| (code, code)))
    }

    /// Set of ranges given in any order, overlapping or not.
    pub(crate) fn of_ranges(ranges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut sorted: Vec<(u32, u32)> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = (*end).max(last),
                _ => merged.push((first, last)),
            }
        }
        Self { ranges: merged }
    }

    /// Ranges in ascending order.
    pub(crate) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// True if the set is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The code, if there is exactly one.
    pub(crate) fn as_single(&self) -> Option<u32> {
        match self.ranges.as_slice() {
            [(first, last)] if first == last => Some(*first),
            _ => None,
        }
    }

    /// True if `code` is in the set.
    pub(crate) fn contains(&self, code: u32) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= code);
        after.checked_sub(1).and_then(|at| self.ranges.get(at)).is_some_and(|(_, last)| code <= *last)
    }

    /// Intersection.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        let (mut left, mut right) = (self.ranges.iter(), other.ranges.iter());
        let (mut a, mut b) = (left.next(), right.next());
        while let (Some(x), Some(y)) = (a, b) {
            let (first, last) = (x.0.max(y.0), x.1.min(y.1));
            if first <= last {
                both.push((first, last));
            }
            if x.1 < y.1 { a = left.next() } else { b = right.next() }
        }
        Self { ranges: both }
    }

    /// Union.
    pub(crate) fn or(&self, other: &Self) -> Self {
        Self::of_ranges(self.ranges.iter().chain(&other.ranges).copied())
    }

    /// Union of `sets`.
    pub(crate) fn any_of(sets: &[Self]) -> Self {
        match sets {
            [only] => only.clone(),
            sets => Self::of_ranges(sets.iter().flat_map(|set| &set.ranges).copied()),
        }
    }

    /// Intersection of `sets`, none of which goes beyond `last`.
    pub(crate) fn all_of(sets: &[Self], last: u32) -> Self {
        match sets {
            [only] => only.clone(),
            [one, other] => one.and(other),
            // Union of the complements in one step: intersecting one by one would read the remaining ranges again for each set.
            sets => {
                let gaps = sets.iter().flat_map(|set| set.complement(last).ranges);
                Self::of_ranges(gaps).complement(last)
            }
        }
    }

    /// Complement within the codes up to `last`.
    pub(crate) fn complement(&self, last: u32) -> Self {
        let mut gaps = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = Some(0_u32);
        for (first, end) in &self.ranges {
            if let Some(from) = next
                && let Some(before) = first.checked_sub(1)
                && from <= before
            {
                gaps.push((from, before));
            }
            next = end.checked_add(1);
        }
        if let Some(from) = next.filter(|from| *from <= last) {
            gaps.push((from, last));
        }
        Self { ranges: gaps }
    }

    /// True if the sets intersect.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let (mut left, mut right) = (self.ranges.iter(), other.ranges.iter());
        let (mut a, mut b) = (left.next(), right.next());
        while let (Some(x), Some(y)) = (a, b) {
            if x.0.max(y.0) <= x.1.min(y.1) {
                return true;
            }
            if x.1 < y.1 { a = left.next() } else { b = right.next() }
        }
        false
    }

    /// True if this is a subset of `other`.
    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.ranges.iter().all(|(first, last)| {
            let after = other.ranges.partition_point(|(start, _)| start <= first);
            after.checked_sub(1).and_then(|at| other.ranges.get(at)).is_some_and(|(_, end)| last <= end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn code_set_behaves_as_a_set(a in prop::collection::btree_set(0..20_u32, 0..12), b in prop::collection::btree_set(0..20_u32, 0..12)) {
            let (x, y) = (CodeSet::of(a.iter().copied()), CodeSet::of(b.iter().copied()));
            let back = |set: &CodeSet| (0..=20).filter(|code| set.contains(*code)).collect::<BTreeSet<u32>>();
            prop_assert_eq!(back(&x.and(&y)), a.intersection(&b).copied().collect());
            prop_assert_eq!(back(&x.or(&y)), a.union(&b).copied().collect());
            prop_assert_eq!(back(&x.complement(20)), (0..=20).filter(|code| !a.contains(code)).collect());
            prop_assert_eq!(back(&CodeSet::any_of(&[x.clone(), y.clone(), y.clone()])), a.union(&b).copied().collect());
            prop_assert_eq!(back(&CodeSet::all_of(&[x.clone(), y.clone(), y.clone()], 20)), a.intersection(&b).copied().collect());
            prop_assert_eq!(x.intersects(&y), !a.is_disjoint(&b));
            prop_assert_eq!(x.is_subset(&y), a.is_subset(&b));
            prop_assert_eq!(x.as_single().is_some(), a.len() == 1);
        }
    }
}
