//! Branch and bound over one connected part: the exact best set, or the best one found and a bound.

#![expect(
    clippy::indexing_slicing,
    reason = "items, groups, caps and cliques are numbered by the field that is searched"
)]

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use zhaoren_cancel::steps;
use zhaoren_policy::item::amount::YuanRange;
use zhaoren_policy::number::Number;

use super::value::{CandidateSet, Total, max_by_bounds};

/// Set with its payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PaidSet {
    /// Indices, ascending.
    pub(super) items: Vec<usize>,
    pub(super) total: Total,
}

impl PaidSet {
    /// True if this pays more than `other`, or the same with fewer items.
    pub(super) fn exceeds(&self, other: &Self) -> bool {
        self.total.cmp(&other.total).then(other.items.len().cmp(&self.items.len())).is_gt()
    }

    /// True if this pays the same as `other` with the same number of items.
    pub(super) fn ties(&self, other: &Self) -> bool {
        self.total == other.total && self.items.len() == other.items.len()
    }
}

/// Result of a search.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// Best accepted set found.
    pub(super) best: Option<PaidSet>,
    /// Upper bound on every set, if the budget ran out.
    pub(super) bound: Option<Total>,
}

impl Outcome {
    /// Translates indices within a part into those of the whole candidate set; `part` lists the latter.
    pub(super) fn map_indices(self, part: &[usize]) -> Self {
        let best = self.best.map(|found| PaidSet {
            items: found.items.iter().map(|index| part[*index]).collect(),
            total: found.total,
        });
        Self { best, bound: self.bound }
    }
}

/// Shared budget of searches: nodes and work. Both are counted, so a search ends at the same point on every machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    nodes: u64,
    work: u64,
}

/// Work available for each node. A node of a part with some dozens of items takes less; in a part with thousands of items it
/// takes far more, and the work then runs out before the nodes do.
const WORK_PER_NODE: u64 = 250;

impl Budget {
    pub(super) fn with_nodes(nodes: u64) -> Self {
        Self { nodes, work: nodes.saturating_mul(WORK_PER_NODE) }
    }

    /// Takes some work; if that much is not left, returns false and leaves nothing.
    pub(super) fn spend_work(&mut self, amount: usize) -> bool {
        let amount = amount as u64;
        match self.work.checked_sub(amount) {
            Some(left) => {
                steps(amount);
                self.work = left;
                true
            }
            None => {
                self.work = 0;
                false
            }
        }
    }

    /// Takes a node; false if none is left.
    fn spend_node(&mut self) -> bool {
        let is_left = self.nodes > 0 && self.work > 0;
        self.nodes = self.nodes.saturating_sub(1);
        is_left
    }

    fn is_exhausted(&self) -> bool {
        self.nodes == 0 || self.work == 0
    }
}

/// In a part with more items than this, a good set is constructed first by greedy choice, since the search may not reach one.
const GREEDY_THRESHOLD: usize = 64;

/// Finds the best set of a part, given as a candidate set of its own, that `accept` allows, within `budget`.
///
/// The first search finds the greatest total with the fewest items, trying the greatest items first, so that a good set is found
/// early. The second finds, among the sets that tie with it, the one with the lowest indices: the first found when items are
/// tried by index. If the budget runs out in the second search, the set of the first is returned; no set pays more.
pub(super) fn best(field: &CandidateSet, accept: &dyn Fn(&[usize]) -> bool, budget: &mut Budget) -> Outcome {
    let positions = || (0..field.worth.len()).collect::<Vec<usize>>();
    let mut order = positions();
    let totals: Vec<Total> = field.worth.iter().map(Total::of).collect();
    order.sort_by(|a, b| totals[*b].cmp(&totals[*a]).then_with(|| a.cmp(b)));
    let mut search = Search::new(field, order, accept, budget);
    if let [only] = search.order.as_slice() {
        // With or without the single item: most items have no ties and need no search.
        let only = *only;
        search.consider(&[]);
        search.consider(&[only]);
        return Outcome { best: search.best, bound: None };
    }
    if field.worth.len() > GREEDY_THRESHOLD || budget.is_exhausted() {
        search.consider(&greedy(field, &search.order));
    }
    search.visit(0, &mut Vec::new(), budget);
    // A bound equal to the best total may still hide a set of fewer items.
    let settled = |bound: &Total| search.best.as_ref().is_some_and(|best| *bound < best.total);
    let bound = search.bound.clone().filter(|bound| !settled(bound));
    let mut best = search.best;
    if let (Some(goal), None) = (&best, &bound) {
        let mut ties = Search::new(field, positions(), accept, budget);
        ties.goal = Some(goal.clone());
        ties.visit(0, &mut Vec::new(), budget);
        best = ties.best.or(best);
    }
    Outcome { best, bound }
}

/// Greedy set: each item of `order` that excludes none of those before it and has room under its caps.
fn greedy(field: &CandidateSet, order: &[usize]) -> Vec<usize> {
    let mut is_out = vec![false; field.worth.len()];
    let mut is_taken = vec![[false; 2]; field.exclusions.groups().max(field.linked.groups())];
    let mut left: Vec<Number> = field.caps.iter().map(|(yuan, _)| yuan.clone()).collect();
    let mut set = Vec::new();
    for item in order {
        let own = field.worth(*item);
        // Maximum payment of the item; unbounded without a known upper end.
        let most = own.high.clone().unwrap_or_else(|| own.low.clone().max(Number::from(1)));
        let groups = || {
            let apart = field.exclusions.groups_of(*item).iter().map(|group| (*group, 0));
            apart.chain(field.linked.groups_of(*item).iter().map(|group| (*group, 1)))
        };
        let taken = |(group, kind): (usize, usize)| is_taken[group][kind];
        let has_room = field.caps_of(*item).iter().all(|cap| left[*cap].is_positive());
        if is_out[*item] || !most.is_positive() || !has_room || groups().any(taken) {
            continue;
        }
        set.push(*item);
        for other in field.exclusions.pairs_of(*item).iter().chain(field.linked.pairs_of(*item)) {
            is_out[*other] = true;
        }
        for (group, kind) in groups() {
            is_taken[group][kind] = true;
        }
        for cap in field.caps_of(*item) {
            left[*cap] = left[*cap].minus(&most);
        }
    }
    set
}

struct Search<'a> {
    field: &'a CandidateSet,
    order: Vec<usize>,
    /// Clique of each position in `order`.
    cliques: Vec<usize>,
    /// For each position in `order`, the sum of the items from there on without any rules.
    suffix_sums: Vec<Total>,
    /// Caps that limit the certain amount.
    certain: CapPartition,
    /// Caps that limit the possible amount.
    possible: CapPartition,
    accept: &'a dyn Fn(&[usize]) -> bool,
    /// If set, the search is for the first set that ties with this one.
    goal: Option<PaidSet>,
    best: Option<PaidSet>,
    /// Greatest bound of the unvisited sets.
    bound: Option<Total>,
}

/// Cliques of items that are pairwise exclusive or linked: a clique adds at most its greatest amount.
fn cliques(field: &CandidateSet, order: &[usize], budget: &mut Budget) -> Vec<usize> {
    let cost = order.iter().map(|item| 1 + field.exclusions.count_of(*item) + field.linked.count_of(*item));
    if !budget.spend_work(cost.sum()) {
        return group_cliques(field, order);
    }
    let mut sizes: Vec<usize> = Vec::new();
    let mut clique_of: Vec<Option<usize>> = vec![None; field.worth.len()];
    // For each item, the last item whose ties included it.
    let mut seen: Vec<Option<usize>> = vec![None; field.worth.len()];
    let mut of = Vec::with_capacity(order.len());
    for item in order {
        let mut tied: BTreeMap<usize, usize> = BTreeMap::new();
        for other in field.exclusions.all_of(*item).chain(field.linked.all_of(*item)) {
            let is_new = seen[other].replace(*item) != Some(*item);
            if let (true, Some(clique)) = (is_new && other != *item, clique_of[other]) {
                *tied.entry(clique).or_default() += 1;
            }
        }
        // The item joins a clique if it is tied to every member.
        let fits = tied.into_iter().find(|(clique, count)| sizes[*clique] == *count);
        let clique = fits.map_or(sizes.len(), |(clique, _)| clique);
        match sizes.get_mut(clique) {
            Some(size) => *size += 1,
            None => sizes.push(1),
        }
        clique_of[*item] = Some(clique);
        of.push(clique);
    }
    of
}

/// Cliques without comparisons: the first exclusion group of an item, or its first group that pays only the higher.
fn group_cliques(field: &CandidateSet, order: &[usize]) -> Vec<usize> {
    let mut known: FxHashMap<(bool, usize), usize> = FxHashMap::default();
    let mut next = 0;
    let mut new = || {
        next += 1;
        next - 1
    };
    let clique = |item: &usize| {
        let apart = field.exclusions.groups_of(*item).first().map(|group| (true, *group));
        match apart.or_else(|| field.linked.groups_of(*item).first().map(|group| (false, *group))) {
            Some(group) => *known.entry(group).or_insert_with(&mut new),
            None => new(),
        }
    };
    order.iter().map(clique).collect()
}

/// Caps, and for each candidate the index of the cap that its amount counts towards. A candidate in nested cap groups counts
/// towards the largest group.
struct CapPartition {
    caps: Vec<Number>,
    cap_of: Vec<Option<usize>>,
}

/// Assigns each candidate to one cap, for one of the two bounds on a sum. Linked items form a family that is paid one amount.
/// Every cap that counts any member limits the certain amount, so `closed` is false for it. Only a cap that counts all members
/// limits the possible amount, so `closed` is true for it: caps with a member that is linked to an item outside are ignored.
fn partition_caps(field: &CandidateSet, closed: bool) -> CapPartition {
    let leaves = |cap: usize, members: &[usize]| {
        let has = |item: &usize| field.caps_of(*item).contains(&cap);
        let mut inside: FxHashMap<usize, usize> = FxHashMap::default();
        for group in members.iter().flat_map(|member| field.linked.groups_of(*member)) {
            *inside.entry(*group).or_default() += 1;
        }
        let cut = inside.iter().any(|(group, count)| *count < field.linked.members(*group).len());
        cut || members.iter().any(|member| !field.linked.pairs_of(*member).iter().all(has))
    };
    let mut caps: Vec<(usize, &(Number, Vec<usize>))> = field
        .caps
        .iter()
        .enumerate()
        .filter(|(cap, (_, members))| !closed || !leaves(*cap, members))
        .collect();
    caps.sort_by_key(|(_, (_, members))| Reverse(members.len()));
    let mut cap_of: Vec<Option<usize>> = vec![None; field.worth.len()];
    for (index, (_, (_, members))) in caps.iter().enumerate() {
        for member in members {
            cap_of[*member].get_or_insert(index);
        }
    }
    CapPartition { cap_of, caps: caps.into_iter().map(|(_, (cap, _))| cap.clone()).collect() }
}

/// Candidate for the next choice, with an upper bound on every set that continues from there.
struct Step {
    position: usize,
    item: usize,
    bound: Total,
}

impl<'a> Search<'a> {
    fn new(
        field: &'a CandidateSet,
        order: Vec<usize>,
        accept: &'a dyn Fn(&[usize]) -> bool,
        budget: &mut Budget,
    ) -> Self {
        let mut suffix_sums = vec![Total::zero()];
        for item in order.iter().rev() {
            let rest = suffix_sums.last().cloned().unwrap_or_else(Total::zero);
            suffix_sums.push(rest.plus(&Total::of(&field.worth(*item))));
        }
        suffix_sums.reverse();
        Self {
            field,
            cliques: cliques(field, &order, budget),
            suffix_sums,
            certain: partition_caps(field, false),
            possible: partition_caps(field, true),
            order,
            accept,
            goal: None,
            best: None,
            bound: None,
        }
    }

    /// Evaluates `set` (in order of choice) and every continuation from `position` on.
    fn visit(&mut self, position: usize, set: &mut Vec<usize>, budget: &mut Budget) {
        self.consider(set);
        if position >= self.order.len() {
            return;
        }
        if !budget.spend_work(self.cost_of_steps(position, set)) {
            self.record_bound(self.chosen(set).plus(&self.suffix_sums[position]));
            return;
        }
        for step in self.steps(position, set) {
            if self.can_prune(&step.bound, set.len()) {
                return;
            }
            if !budget.spend_node() {
                self.record_bound(step.bound);
                return;
            }
            set.push(step.item);
            self.visit(step.position + 1, set, budget);
            set.pop();
        }
    }

    /// Records the bound of an unvisited branch.
    fn record_bound(&mut self, bound: Total) {
        self.bound = self.bound.take().max(Some(bound));
    }

    /// Work of [`Search::steps`].
    fn cost_of_steps(&self, position: usize, set: &[usize]) -> usize {
        let caps = 1 + self.certain.caps.len() + self.possible.caps.len();
        let ties = set.iter().map(|item| self.field.exclusions.count_of(*item));
        (self.order.len() - position + set.len()) * caps + self.order.len() / 16 + ties.sum::<usize>()
    }

    fn consider(&mut self, set: &[usize]) {
        let mut sorted = set.to_vec();
        sorted.sort_unstable();
        if !(self.accept)(&sorted) {
            return;
        }
        let found = PaidSet { total: self.field.total(&sorted), items: sorted };
        let better = match (&self.goal, &self.best) {
            (Some(goal), best) => best.is_none() && found.ties(goal),
            (None, best) => best.as_ref().is_none_or(|best| found.exceeds(best)),
        };
        if better {
            self.best = Some(found);
        }
    }

    /// True if a set that extends one of `count` items cannot be better. Every extension has at least one item more.
    fn can_prune(&self, bound: &Total, count: usize) -> bool {
        match (&self.goal, &self.best) {
            (Some(_), Some(_)) => true,
            (Some(goal), None) => *bound < goal.total || count + 1 > goal.items.len(),
            (None, Some(best)) => {
                *bound < best.total || (*bound == best.total && count + 1 >= best.items.len())
            }
            (None, None) => false,
        }
    }

    /// Payment of the families of a set before caps.
    fn chosen(&self, set: &[usize]) -> Total {
        let families = self.field.families(set);
        families.iter().fold(Total::zero(), |sum, family| sum.plus(&Total::of(&self.field.family(family))))
    }

    /// Items from `position` on that `set` allows, in order, each with a bound on every set that continues with it or a
    /// later one. Bounds are summed from the last item backwards, so they decrease along the steps.
    fn steps(&self, position: usize, set: &[usize]) -> Vec<Step> {
        // Relaxation without caps: the payment of the set, and the greatest remaining item of each clique.
        let mut free = Bound::new(self.chosen(set), &[]);
        // Relaxation without links beyond cliques: the greatest of each clique, up to the cap.
        let mut certain = Bound::new(Total::zero(), &self.certain.caps);
        let mut possible = Bound::new(Total::zero(), &self.possible.caps);
        let mut add = |item: usize, clique: usize, is_rest: bool| {
            let worth = self.field.worth(item);
            if is_rest {
                free.add(clique, None, &worth);
            }
            certain.add(clique, self.certain.cap_of[item], &worth);
            possible.add(clique, self.possible.cap_of[item], &worth);
            let free = free.total(&[]);
            let possible = possible.total(&self.possible.caps);
            let low = certain.total(&self.certain.caps).low.min(possible.low.clone());
            min_by_bounds(&free, &Total { low, ..possible })
        };
        let mut is_chosen = vec![false; self.field.worth.len()];
        let mut is_apart = vec![false; self.field.worth.len()];
        for item in set {
            is_chosen[*item] = true;
            for other in self.field.exclusions.all_of(*item).filter(|other| other != item) {
                is_apart[other] = true;
            }
        }
        let order = || self.order.iter().copied().zip(self.cliques.iter().copied());
        for (item, clique) in order().filter(|(item, _)| is_chosen[*item]) {
            add(item, clique, false);
        }
        let rest: Vec<(usize, (usize, usize))> =
            order().enumerate().skip(position).filter(|(_, (item, _))| !is_apart[*item]).collect();
        let mut steps: Vec<Step> = rest
            .into_iter()
            .rev()
            .map(|(position, (item, clique))| Step { position, item, bound: add(item, clique, true) })
            .collect();
        steps.reverse();
        steps
    }
}

/// Minimum of two bounds on the same sets, end by end, which is also a bound.
fn min_by_bounds(a: &Total, b: &Total) -> Total {
    let high = match a.unbounded.cmp(&b.unbounded) {
        Ordering::Less => a.high.clone(),
        Ordering::Greater => b.high.clone(),
        Ordering::Equal => a.high.clone().min(b.high.clone()),
    };
    Total { low: a.low.clone().min(b.low.clone()), unbounded: a.unbounded.min(b.unbounded), high }
}

/// Running bound: the greatest of each clique under each cap, summed by cap.
///
/// The greatest items of two families of one set never lie in one clique, or they would be linked. So the families pay at most
/// the sum over cliques, and under a cap at most that cap.
struct Bound {
    /// Greatest amount by clique and cap index; the last index stands for no cap.
    greatest: FxHashMap<(usize, usize), YuanRange>,
    sums: Vec<Total>,
}

impl Bound {
    fn new(start: Total, caps: &[Number]) -> Self {
        let mut sums = vec![Total::zero(); caps.len()];
        sums.push(start);
        Self { greatest: FxHashMap::default(), sums }
    }

    fn add(&mut self, clique: usize, shelf: Option<usize>, worth: &YuanRange) {
        let shelf = shelf.unwrap_or(self.sums.len() - 1);
        let sum = &mut self.sums[shelf];
        let before = self.greatest.get(&(clique, shelf));
        let more = before.map_or_else(|| worth.clone(), |before| max_by_bounds(before, worth));
        if before != Some(&more) {
            let less = before.map_or_else(Total::zero, Total::of);
            *sum = sum.minus(&less).plus(&Total::of(&more));
            self.greatest.insert((clique, shelf), more);
        }
    }

    fn total(&self, caps: &[Number]) -> Total {
        let capped = self.sums.iter().zip(caps).map(|(sum, cap)| {
            let high = if sum.unbounded > 0 { cap.clone() } else { sum.high.clone().min(cap.clone()) };
            Total { low: sum.low.clone().min(cap.clone()), unbounded: 0, high }
        });
        capped.chain(self.sums.get(caps.len()).cloned()).fold(Total::zero(), |sum, part| sum.plus(&part))
    }
}
