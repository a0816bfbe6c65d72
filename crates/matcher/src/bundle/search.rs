//! Branch and bound over one connected part: the exact best set, or the best found and a bound.

use zhaoren_policy::number::Number;

use super::value::{Field, Total, at};

/// A set with what it pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Positions, rising.
    pub(super) set: Vec<usize>,
    pub(super) total: Total,
}

impl Found {
    /// Whether this comes before `other`: more yuan, then fewer items, then lesser positions.
    pub(super) fn beats(&self, other: &Self) -> bool {
        let by_total = self.total.cmp(&other.total);
        by_total.then(other.set.len().cmp(&self.set.len())).then_with(|| other.set.cmp(&self.set)).is_gt()
    }
}

/// What a search came to.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The best accepted set that was found.
    pub(super) best: Option<Found>,
    /// Where the budget ended first: no set pays more than this.
    pub(super) bound: Option<Total>,
}

/// Finds the best set of `part` that `accept` takes, spending `nodes`.
pub(super) fn best(
    field: &Field,
    part: &[usize],
    accept: &dyn Fn(&[usize]) -> bool,
    nodes: &mut u64,
) -> Outcome {
    let mut order = part.to_vec();
    // The greatest first: a good set is met early. Positions keep the order fixed.
    order
        .sort_by(|a, b| Total::of(&field.worth(*b)).cmp(&Total::of(&field.worth(*a))).then_with(|| a.cmp(b)));
    let mut search =
        Search { field, cliques: cliques(field, &order), order, accept, best: None, bound: None };
    search.visit(0, &mut Vec::new(), nodes);
    // A bound that equals the best total may still hide a set of fewer items.
    let settled = |bound: &Total| search.best.as_ref().is_some_and(|best| *bound < best.total);
    let bound = search.bound.clone().filter(|bound| !settled(bound));
    Outcome { best: search.best, bound }
}

struct Search<'a> {
    field: &'a Field,
    order: Vec<usize>,
    /// For each place in `order`, the clique it belongs to.
    cliques: Vec<usize>,
    accept: &'a dyn Fn(&[usize]) -> bool,
    best: Option<Found>,
    /// The greatest bound among what was left unvisited.
    bound: Option<Total>,
}

/// Groups of items of which any two are apart or linked: together they add no more than their greatest.
fn cliques(field: &Field, order: &[usize]) -> Vec<usize> {
    let mut cliques: Vec<Vec<usize>> = Vec::new();
    let mut of = Vec::new();
    for item in order {
        let fits = |clique: &Vec<usize>| {
            clique.iter().all(|other| at(&field.apart, *item, *other) || at(&field.linked, *item, *other))
        };
        match cliques.iter().position(fits) {
            Some(found) => {
                if let Some(clique) = cliques.get_mut(found) {
                    clique.push(*item);
                }
                of.push(found);
            }
            None => {
                of.push(cliques.len());
                cliques.push(vec![*item]);
            }
        }
    }
    of
}

impl Search<'_> {
    /// Considers `set` (in the order of choice) and every way to go on from `place`.
    fn visit(&mut self, place: usize, set: &mut Vec<usize>, nodes: &mut u64) {
        self.consider(set);
        for next in place..self.order.len() {
            let bound = self.bound(next, set);
            if self.is_hopeless(&bound, set.len()) {
                return;
            }
            if *nodes == 0 {
                self.bound = self.bound.take().max(Some(bound));
                return;
            }
            let Some(item) = self.order.get(next).copied() else { return };
            if set.iter().any(|other| at(&self.field.apart, item, *other)) {
                continue;
            }
            *nodes -= 1;
            set.push(item);
            self.visit(next + 1, set, nodes);
            set.pop();
        }
    }

    fn consider(&mut self, set: &[usize]) {
        let mut sorted = set.to_vec();
        sorted.sort_unstable();
        if !(self.accept)(&sorted) {
            return;
        }
        let found = Found { total: self.field.total(&sorted), set: sorted };
        if self.best.as_ref().is_none_or(|best| found.beats(best)) {
            self.best = Some(found);
        }
    }

    /// Whether no set that adds to one of `count` items can come before the best. Whatever is added, it has
    /// one item more at least.
    fn is_hopeless(&self, bound: &Total, count: usize) -> bool {
        self.best
            .as_ref()
            .is_some_and(|best| *bound < best.total || (*bound == best.total && count + 1 > best.set.len()))
    }

    /// No set that `set` grows into with items from `place` on pays more.
    fn bound(&self, place: usize, set: &[usize]) -> Total {
        let rest: Vec<(usize, usize)> = self
            .order
            .iter()
            .copied()
            .zip(self.cliques.iter().copied())
            .skip(place)
            .filter(|(item, _)| !set.iter().any(|other| at(&self.field.apart, *item, *other)))
            .collect();
        let by_cliques = self.by_cliques(set, &rest);
        let by_caps = self.by_caps(set, &rest);
        let (low, either) = (by_cliques.low.min(by_caps.low), by_cliques.endless.min(by_caps.endless));
        let high = match by_cliques.endless.cmp(&by_caps.endless) {
            std::cmp::Ordering::Less => by_cliques.high,
            std::cmp::Ordering::Greater => by_caps.high,
            std::cmp::Ordering::Equal => by_cliques.high.min(by_caps.high),
        };
        Total { low, endless: either, high }
    }

    /// Caps left aside: the families of the set, and of each clique the greatest of the rest.
    fn by_cliques(&self, set: &[usize], rest: &[(usize, usize)]) -> Total {
        let mut sum = Total::zero();
        for family in self.field.families(set) {
            sum = sum.plus(&Total::of(&self.field.family(&family)));
        }
        let count = self.cliques.iter().max().map_or(0, |last| last + 1);
        let mut greatest: Vec<Option<zhaoren_policy::item::amount::YuanRange>> = vec![None; count];
        for (item, clique) in rest {
            if let Some(slot) = greatest.get_mut(*clique) {
                let worth = self.field.worth(*item);
                *slot =
                    Some(slot.take().map_or(worth.clone(), |other| super::value::greater(&other, &worth)));
            }
        }
        greatest.iter().flatten().fold(sum, |sum, range| sum.plus(&Total::of(range)))
    }

    /// Links left aside: the items of a capped group, up to its cap, and everything else. Only groups count
    /// that no link leaves, so that all their families lie within.
    fn by_caps(&self, set: &[usize], rest: &[(usize, usize)]) -> Total {
        let mut items: Vec<usize> = set.iter().copied().chain(rest.iter().map(|(item, _)| *item)).collect();
        let mut sum = Total::zero();
        for (cap, members) in self.closed_caps() {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                items.into_iter().partition(|item| members.get(*item).copied().unwrap_or(false));
            let all = inside.iter().fold(Total::zero(), |sum, i| sum.plus(&Total::of(&self.field.worth(*i))));
            let high = if all.endless > 0 { cap.clone() } else { all.high.min(cap.clone()) };
            sum = sum.plus(&Total { low: all.low.min(cap.clone()), endless: 0, high });
            items = outside;
        }
        items.iter().fold(sum, |sum, item| sum.plus(&Total::of(&self.field.worth(*item))))
    }

    /// Closed groups, the largest first: of nested ones the outermost takes the items.
    fn closed_caps(&self) -> Vec<&(Number, Vec<bool>)> {
        let has = |members: &[bool], item: usize| members.get(item).copied().unwrap_or(false);
        let closed = |members: &[bool]| {
            self.order.iter().all(|a| {
                !has(members, *a)
                    || self.order.iter().all(|b| has(members, *b) || !at(&self.field.linked, *a, *b))
            })
        };
        let mut caps: Vec<_> = self.field.caps.iter().filter(|(_, members)| closed(members)).collect();
        caps.sort_by_key(|(_, members)| std::cmp::Reverse(members.iter().filter(|member| **member).count()));
        caps
    }
}
