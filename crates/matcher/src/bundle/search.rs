//! Branch and bound over one connected part: the exact best set, or the best found and a bound.

use std::cmp::{Ordering, Reverse};

use zhaoren_policy::item::amount::YuanRange;
use zhaoren_policy::number::Number;

use super::value::{Field, Total, at, greater};

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
        self.exceeds(other) || (self.ties(other) && self.set < other.set)
    }

    /// Whether this pays more than `other`, or the same with fewer items.
    fn exceeds(&self, other: &Self) -> bool {
        self.total.cmp(&other.total).then(other.set.len().cmp(&self.set.len())).is_gt()
    }

    /// Whether this pays the same as `other` with as many items.
    fn ties(&self, other: &Self) -> bool {
        self.total == other.total && self.set.len() == other.set.len()
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
///
/// First the greatest total with the fewest items, the greatest items tried first, so that a good set is met
/// early. Then, of the sets that tie with it, the one of least positions: the first met when items are tried by
/// position. Where the budget ends in the second search, the set of the first stands; nothing pays more.
pub(super) fn best(
    field: &Field,
    part: &[usize],
    accept: &dyn Fn(&[usize]) -> bool,
    nodes: &mut u64,
) -> Outcome {
    let mut order = part.to_vec();
    order
        .sort_by(|a, b| Total::of(&field.worth(*b)).cmp(&Total::of(&field.worth(*a))).then_with(|| a.cmp(b)));
    let mut search = Search::new(field, order, accept);
    search.visit(0, &mut Vec::new(), nodes);
    // A bound that equals the best total may still hide a set of fewer items.
    let settled = |bound: &Total| search.best.as_ref().is_some_and(|best| *bound < best.total);
    let bound = search.bound.clone().filter(|bound| !settled(bound));
    let mut best = search.best;
    if let (Some(goal), None) = (&best, &bound) {
        let mut ties = Search::new(field, part.to_vec(), accept);
        ties.goal = Some(goal.clone());
        ties.visit(0, &mut Vec::new(), nodes);
        best = ties.best.or(best);
    }
    Outcome { best, bound }
}

struct Search<'a> {
    field: &'a Field,
    order: Vec<usize>,
    /// For each place in `order`, the clique it belongs to.
    cliques: Vec<usize>,
    /// The caps that bound the certain end.
    certain: Shelves,
    /// The caps that bound the possible end.
    possible: Shelves,
    accept: &'a dyn Fn(&[usize]) -> bool,
    /// Looked for is the first set that ties with this one; any other is passed over.
    goal: Option<Found>,
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

/// Caps, and for each item of the field the one that it is counted in; of nested groups the outermost.
struct Shelves {
    caps: Vec<Number>,
    of: Vec<Option<usize>>,
}

/// What is certain of a family is held to every cap that one of its members has; what is possible, only to
/// those that all have (`closed`: groups that no link leaves).
fn shelves(field: &Field, order: &[usize], closed: bool) -> Shelves {
    let has = |members: &[bool], item: usize| members.get(item).copied().unwrap_or(false);
    let leaves =
        |members: &[bool], a: usize| order.iter().any(|b| !has(members, *b) && at(&field.linked, a, *b));
    let fits = |members: &[bool]| !closed || order.iter().all(|a| !has(members, *a) || !leaves(members, *a));
    let mut caps: Vec<&(Number, Vec<bool>)> =
        field.caps.iter().filter(|(_, members)| fits(members)).collect();
    caps.sort_by_key(|(_, members)| Reverse(order.iter().filter(|item| has(members, **item)).count()));
    let shelf = |item: usize| caps.iter().position(|(_, members)| has(members, item));
    Shelves {
        of: (0..field.worth.len()).map(shelf).collect(),
        caps: caps.iter().map(|(cap, _)| cap.clone()).collect(),
    }
}

/// A place in the order with what no set that goes on from there can exceed.
struct Step {
    place: usize,
    item: usize,
    bound: Total,
}

impl<'a> Search<'a> {
    fn new(field: &'a Field, order: Vec<usize>, accept: &'a dyn Fn(&[usize]) -> bool) -> Self {
        Self {
            field,
            cliques: cliques(field, &order),
            certain: shelves(field, &order, false),
            possible: shelves(field, &order, true),
            order,
            accept,
            goal: None,
            best: None,
            bound: None,
        }
    }

    /// Considers `set` (in the order of choice) and every way to go on from `place`.
    fn visit(&mut self, place: usize, set: &mut Vec<usize>, nodes: &mut u64) {
        self.consider(set);
        for step in self.steps(place, set) {
            if self.is_hopeless(&step.bound, set.len()) {
                return;
            }
            if *nodes == 0 {
                self.bound = self.bound.take().max(Some(step.bound));
                return;
            }
            *nodes -= 1;
            set.push(step.item);
            self.visit(step.place + 1, set, nodes);
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
        let better = match (&self.goal, &self.best) {
            (Some(goal), best) => best.is_none() && found.ties(goal),
            (None, best) => best.as_ref().is_none_or(|best| found.exceeds(best)),
        };
        if better {
            self.best = Some(found);
        }
    }

    /// Whether no set that adds to one of `count` items is looked for. Whatever is added, it has one item
    /// more at least.
    fn is_hopeless(&self, bound: &Total, count: usize) -> bool {
        match (&self.goal, &self.best) {
            (Some(_), Some(_)) => true,
            (Some(goal), None) => *bound < goal.total || count + 1 > goal.set.len(),
            (None, Some(best)) => {
                *bound < best.total || (*bound == best.total && count + 1 >= best.set.len())
            }
            (None, None) => false,
        }
    }

    /// The items from `place` on that `set` allows, in order, each with a bound on every set that grows from
    /// it or a later one. Bounds are summed up from the last item backwards, so they fall along the steps.
    fn steps(&self, place: usize, set: &[usize]) -> Vec<Step> {
        let families = self.field.families(set);
        let chosen = families
            .iter()
            .fold(Total::zero(), |sum, family| sum.plus(&Total::of(&self.field.family(family))));
        let count = self.cliques.iter().max().map_or(0, |last| last + 1);
        // Caps left aside: what the set pays, and of each clique the greatest of the rest.
        let mut free = Bound::new(chosen, count, &[]);
        // Links beyond cliques left aside: each clique's greatest, up to the cap of its shelf.
        let mut certain = Bound::new(Total::zero(), count, &self.certain.caps);
        let mut possible = Bound::new(Total::zero(), count, &self.possible.caps);
        let mut add = |item: usize, clique: usize, is_rest: bool| {
            let worth = self.field.worth(item);
            if is_rest {
                free.add(clique, None, &worth);
            }
            certain.add(clique, self.certain.of.get(item).copied().flatten(), &worth);
            possible.add(clique, self.possible.of.get(item).copied().flatten(), &worth);
            let free = free.total(&[]);
            let possible = possible.total(&self.possible.caps);
            let low = certain.total(&self.certain.caps).low.min(possible.low.clone());
            lesser(&free, &Total { low, ..possible })
        };
        let order = || self.order.iter().copied().zip(self.cliques.iter().copied());
        for (item, clique) in order().filter(|(item, _)| set.contains(item)) {
            add(item, clique, false);
        }
        let is_free = |item: usize| !set.iter().any(|other| at(&self.field.apart, item, *other));
        let rest: Vec<(usize, (usize, usize))> =
            order().enumerate().skip(place).filter(|(_, (item, _))| is_free(*item)).collect();
        let mut steps: Vec<Step> = rest
            .into_iter()
            .rev()
            .map(|(place, (item, clique))| Step { place, item, bound: add(item, clique, true) })
            .collect();
        steps.reverse();
        steps
    }
}

/// Two bounds on the same sets: the lesser in every respect bounds them too.
fn lesser(a: &Total, b: &Total) -> Total {
    let high = match a.endless.cmp(&b.endless) {
        Ordering::Less => a.high.clone(),
        Ordering::Greater => b.high.clone(),
        Ordering::Equal => a.high.clone().min(b.high.clone()),
    };
    Total { low: a.low.clone().min(b.low.clone()), endless: a.endless.min(b.endless), high }
}

/// A running bound: of each clique the greatest on each shelf, summed by shelf.
///
/// The greatest items of two families of one set never lie in one clique, or they would be linked. So what the
/// families pay is no more than the sum over cliques, and on a shelf no more than its cap.
struct Bound {
    /// By clique and shelf; the last shelf has no cap.
    greatest: Vec<Vec<Option<YuanRange>>>,
    sums: Vec<Total>,
}

impl Bound {
    fn new(start: Total, cliques: usize, caps: &[Number]) -> Self {
        let mut sums = vec![Total::zero(); caps.len()];
        sums.push(start);
        Self { greatest: vec![vec![None; sums.len()]; cliques], sums }
    }

    fn add(&mut self, clique: usize, shelf: Option<usize>, worth: &YuanRange) {
        let shelf = shelf.unwrap_or(self.sums.len().saturating_sub(1));
        let slot = self.greatest.get_mut(clique).and_then(|shelves| shelves.get_mut(shelf));
        let (Some(slot), Some(sum)) = (slot, self.sums.get_mut(shelf)) else { return };
        let more = slot.as_ref().map_or_else(|| worth.clone(), |before| greater(before, worth));
        if slot.as_ref() != Some(&more) {
            let less = slot.as_ref().map_or_else(Total::zero, Total::of);
            *sum = sum.minus(&less).plus(&Total::of(&more));
            *slot = Some(more);
        }
    }

    fn total(&self, caps: &[Number]) -> Total {
        let capped = self.sums.iter().zip(caps).map(|(sum, cap)| {
            let high = if sum.endless > 0 { cap.clone() } else { sum.high.clone().min(cap.clone()) };
            Total { low: sum.low.clone().min(cap.clone()), endless: 0, high }
        });
        capped.chain(self.sums.get(caps.len()).cloned()).fold(Total::zero(), |sum, part| sum.plus(&part))
    }
}
