//! Ties between items: pairs, and groups of pairwise tied items.

#![expect(
    clippy::indexing_slicing,
    reason = "items, groups and places are numbered where ties and classes are made"
)]

use rustc_hash::FxHashMap;
use zhaoren_cancel::poll;

/// Ties between items, by index. A group is never expanded into pairs.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties {
    /// Paired items of each item, ascending.
    pairs: Vec<Vec<usize>>,
    /// Groups of each item, ascending.
    groups_of: Vec<Vec<usize>>,
    /// Members of each group, ascending.
    groups: Vec<Vec<usize>>,
}

impl Ties {
    /// Ties between `count` items. A pair of an item with itself is ignored.
    pub(super) fn new(
        count: usize,
        pairs: impl Iterator<Item = (usize, usize)>,
        groups: impl Iterator<Item = Vec<usize>>,
    ) -> Self {
        let mut ties =
            Self { pairs: vec![Vec::new(); count], groups_of: vec![Vec::new(); count], groups: Vec::new() };
        for (a, b) in pairs.filter(|(a, b)| a != b) {
            for (one, other) in [(a, b), (b, a)] {
                ties.pairs[one].push(other);
            }
        }
        for of in &mut ties.pairs {
            of.sort_unstable();
            of.dedup();
        }
        for mut members in groups.filter(|members| members.len() > 1) {
            members.sort_unstable();
            for member in &members {
                ties.groups_of[*member].push(ties.groups.len());
            }
            ties.groups.push(members);
        }
        ties
    }

    /// Ties among some items, by their positions in `part`.
    pub(super) fn restrict(&self, part: &[usize], position_of: &FxHashMap<usize, usize>) -> Self {
        let mut groups: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        let mut order = Vec::new();
        let mut pairs = Vec::new();
        for (at, item) in part.iter().enumerate() {
            poll();
            let others = self.pairs_of(*item).iter().filter_map(|other| position_of.get(other));
            pairs.extend(others.filter(|other| at < **other).map(|other| (at, *other)));
            for group in self.groups_of(*item) {
                let members = groups.entry(*group).or_default();
                if members.is_empty() {
                    order.push(*group);
                }
                members.push(at);
            }
        }
        Self::new(part.len(), pairs.into_iter(), order.iter().filter_map(|group| groups.remove(group)))
    }

    pub(super) fn pairs_of(&self, item: usize) -> &[usize] {
        &self.pairs[item]
    }

    pub(super) fn groups_of(&self, item: usize) -> &[usize] {
        &self.groups_of[item]
    }

    pub(super) fn members(&self, group: usize) -> &[usize] {
        &self.groups[group]
    }

    /// Number of groups.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Items that an item is tied to, possibly with repeats and the item itself.
    pub(super) fn all_of(&self, item: usize) -> impl Iterator<Item = usize> + '_ {
        let groups = self.groups_of(item).iter().flat_map(|group| self.members(*group));
        self.pairs_of(item).iter().chain(groups).copied()
    }

    /// Number of items that [`Ties::all_of`] gives.
    pub(super) fn count_of(&self, item: usize) -> usize {
        let groups = self.groups_of(item).iter().map(|group| self.members(*group).len());
        self.pairs_of(item).len() + groups.sum::<usize>()
    }

    /// Unites the classes of tied items of a set, given by ascending index; classes consist of positions in the set.
    pub(super) fn join(&self, set: &[usize], classes: &mut DisjointSets) {
        let mut first: FxHashMap<usize, usize> = FxHashMap::default();
        for (at, item) in set.iter().enumerate() {
            for other in self.pairs_of(*item).iter().take_while(|other| *other < item) {
                if let Ok(other) = set.binary_search(other) {
                    classes.unite(other, at);
                }
            }
            for group in self.groups_of(*item) {
                let first = *first.entry(*group).or_insert(at);
                classes.unite(first, at);
            }
        }
    }
}

/// Disjoint sets of positions (union-find, by the lowest position).
pub(super) struct DisjointSets {
    above: Vec<usize>,
}

impl DisjointSets {
    pub(super) fn new(count: usize) -> Self {
        Self { above: (0..count).collect() }
    }

    /// Lowest position of the class.
    fn find(&mut self, mut at: usize) -> usize {
        while self.above[at] != at {
            let next = self.above[self.above[at]];
            // Path halving.
            self.above[at] = next;
            at = next;
        }
        at
    }

    pub(super) fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.above[a.max(b)] = a.min(b);
    }

    pub(super) fn unite_all(&mut self, all: &[usize]) {
        for two in all.windows(2) {
            if let [a, b] = two {
                self.unite(*a, *b);
            }
        }
    }

    /// Members of each class, with classes in order of their lowest position.
    pub(super) fn into_lists(mut self, items: &[usize]) -> Vec<Vec<usize>> {
        let mut lists: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
        for (at, item) in items.iter().enumerate() {
            let first = self.find(at);
            lists[first].push(*item);
        }
        lists.retain(|list| !list.is_empty());
        lists
    }
}
