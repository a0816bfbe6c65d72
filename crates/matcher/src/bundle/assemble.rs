//! Assembles bundles with explanations from the best sets of all connected parts.

#![expect(
    clippy::indexing_slicing,
    reason = "candidates, groups and caps are numbered by the field that is made of them"
)]

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use zhaoren_cancel::poll;
use zhaoren_policy::item::amount::{Worth, YuanRange};
use zhaoren_policy::number::Number;

use super::rules::{Groups, Rule, StackingRules};
use super::search::{Budget, Outcome, PaidSet, best};
use super::ties::Ties;
use super::value::{CandidateSet, Total};
use super::{Bundle, Candidate, ExcludedItem, Member, Named, Proof, words};

/// Bundle without items.
pub(super) fn nothing() -> Bundle {
    Bundle {
        members: Vec::new(),
        total: YuanRange::zero(),
        yearly: YuanRange::zero(),
        unpriced: Vec::new(),
        not_money: Vec::new(),
        left_out: Vec::new(),
        proof: Proof::Optimal,
    }
}

/// Best bundle of `candidates`, which are in order of id, and the runner-up.
pub(super) fn bundles(
    candidates: &[&Candidate],
    rules: &StackingRules,
    nodes: u64,
) -> (Bundle, Option<Bundle>) {
    let whole = field(candidates, rules);
    let priced: Vec<usize> =
        (0..).zip(candidates).filter(|(_, one)| one.worth.range().is_some()).map(|(at, _)| at).collect();
    let field = whole.restrict(&priced);
    let parts = field.components();
    let mut budget = Budget::with_nodes(nodes);
    let solved = solve(&field, &parts, &mut budget);
    let sets: Vec<PaidSet> = solved.iter().filter_map(|outcome| outcome.best.clone()).collect();
    let table = Table { candidates, whole: &whole, priced: &priced, rules };
    let bundle = table.bundle(&join(&sets), proof(&solved));
    let runner_up = runner_up(&field, &parts, &sets, nodes)
        .map(|(found, outcomes)| table.bundle(&found, proof(&outcomes)));
    (bundle, runner_up)
}

/// Best set of each part, by index in the candidate set; small parts are solved first, so that one large part does not use up the budget
/// of all others.
fn solve(field: &CandidateSet, parts: &[Vec<usize>], budget: &mut Budget) -> Vec<Outcome> {
    let mut order: Vec<(usize, &Vec<usize>)> = parts.iter().enumerate().collect();
    order.sort_by_key(|(at, part)| (part.len(), *at));
    let mut solved: Vec<(usize, Outcome)> = order
        .into_iter()
        .map(|(at, part)| {
            poll();
            (at, best(&field.restrict(part), &|_| true, budget).map_indices(part))
        })
        .collect();
    solved.sort_by_key(|(at, _)| *at);
    solved.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Candidate set with its rules; a candidate without an amount counts as 0 in it.
fn field(candidates: &[&Candidate], rules: &StackingRules) -> CandidateSet {
    let place: FxHashMap<&str, usize> =
        candidates.iter().enumerate().map(|(at, one)| (one.item.as_str(), at)).collect();
    let places = |ids: &BTreeSet<String>| -> Vec<usize> {
        // A rule may name items that are no candidates.
        ids.iter().filter_map(|id| place.get(id.as_str()).copied()).collect()
    };
    let ties = |pairs: &mut dyn Iterator<Item = &(String, String)>, groups: &Groups| {
        let both = |(a, b): &(String, String)| Some((*place.get(a.as_str())?, *place.get(b.as_str())?));
        Ties::new(candidates.len(), pairs.filter_map(both), groups.members().map(places))
    };
    let (mut apart, choose_one) = rules.exclusion_ties();
    let (mut linked, higher_of) = rules.linked_ties();
    let caps = rules.caps().iter().map(|cap| {
        let mut members = places(&cap.members);
        members.sort_unstable();
        (cap.yuan.clone(), members)
    });
    let worth = |one: &&Candidate| one.worth.range().cloned().unwrap_or_else(YuanRange::zero);
    CandidateSet::new(
        candidates.iter().map(worth).collect(),
        ties(&mut apart, choose_one),
        ties(&mut linked, higher_of),
        caps.collect(),
    )
}

fn join(sets: &[PaidSet]) -> PaidSet {
    let mut set: Vec<usize> = sets.iter().flat_map(|found| found.items.iter().copied()).collect();
    set.sort_unstable();
    let total = sets.iter().fold(Total::zero(), |sum, found| sum.plus(&found.total));
    PaidSet { items: set, total }
}

fn proof(outcomes: &[Outcome]) -> Proof {
    if outcomes.iter().all(|outcome| outcome.bound.is_none()) {
        return Proof::Optimal;
    }
    let low = |outcome: &Outcome| {
        let best = outcome.best.as_ref().map(|best| &best.total);
        outcome.bound.as_ref().max(best).map_or_else(Number::zero, |total| total.low.clone())
    };
    Proof::Bounded { at_most: outcomes.iter().fold(Number::zero(), |sum, one| sum.plus(&low(one))) }
}

/// Best set that differs in one part, by taking an item that the best leaves out and lacking one that it takes.
fn runner_up(
    field: &CandidateSet,
    parts: &[Vec<usize>],
    sets: &[PaidSet],
    nodes: u64,
) -> Option<(PaidSet, Vec<Outcome>)> {
    let mut budget = Budget::with_nodes(nodes);
    let whole = join(sets);
    let exchanged = |place: usize, found: &PaidSet| {
        let first = &sets[place].items;
        let kept = whole.items.iter().filter(|item| first.binary_search(item).is_err());
        let mut set: Vec<usize> = kept.chain(&found.items).copied().collect();
        set.sort_unstable();
        set
    };
    let mut unfinished = false;
    let mut second: Option<PaidSet> = None;
    for (place, (part, first)) in parts.iter().zip(sets).enumerate() {
        poll();
        if first.items.is_empty() || first.items.len() == part.len() {
            continue;
        }
        let is_first: Vec<bool> = part.iter().map(|item| first.items.binary_search(item).is_ok()).collect();
        let other = |set: &[usize]| {
            let kept = set.iter().filter(|at| is_first[**at]).count();
            kept < set.len() && kept < first.items.len()
        };
        let outcome = best(&field.restrict(part), &other, &mut budget).map_indices(part);
        unfinished |= outcome.bound.is_some();
        let Some(found) = outcome.best else { continue };
        // Replaces the total and the number of items of this part.
        let set_length = whole.items.len() - first.items.len() + found.items.len();
        let total = whole.total.minus(&first.total).plus(&found.total);
        let is_better = match &second {
            None => true,
            Some(other) => match total.cmp(&other.total).then(other.items.len().cmp(&set_length)) {
                Ordering::Greater => true,
                Ordering::Less => false,
                Ordering::Equal => {
                    budget.spend_work(whole.items.len()) && exchanged(place, &found) < other.items
                }
            },
        };
        if is_better {
            second = Some(PaidSet { items: exchanged(place, &found), total });
        }
    }
    // The bound of an unfinished part says nothing about the total unless the other parts are added.
    second.map(|found| {
        let bound = unfinished.then(|| whole.total.clone());
        (found.clone(), vec![Outcome { best: Some(found), bound }])
    })
}

/// Maximum number of items named as having used up a cap.
const MAX_NAMED: usize = 100;

struct Table<'a> {
    /// All candidates, by id. Indices refer to this list.
    candidates: &'a [&'a Candidate],
    /// Amounts and rules of all candidates.
    whole: &'a CandidateSet,
    /// Candidates with an amount, in the order of the searched candidate set.
    priced: &'a [usize],
    rules: &'a StackingRules,
}

/// Subset of the candidates in an order, indexed by ties.
struct CandidateOrder {
    /// Position of each candidate in the order, if it is in it.
    order: Vec<Option<usize>>,
    items: Vec<usize>,
    /// Members of each exclusion group.
    exclusion_groups: Vec<Vec<usize>>,
    /// Members of each group that pays only the higher amount.
    linked: Vec<Vec<usize>>,
}

impl CandidateOrder {
    fn new(whole: &CandidateSet) -> Self {
        Self {
            order: vec![None; whole.worth.len()],
            items: Vec::new(),
            exclusion_groups: vec![Vec::new(); whole.exclusions.groups()],
            linked: vec![Vec::new(); whole.linked.groups()],
        }
    }

    fn add(&mut self, item: usize, whole: &CandidateSet) {
        self.order[item] = Some(self.items.len());
        self.items.push(item);
        for (groups, ties) in
            [(&mut self.exclusion_groups, &whole.exclusions), (&mut self.linked, &whole.linked)]
        {
            for group in ties.groups_of(item) {
                groups[*group].push(item);
            }
        }
    }

    /// Candidates that `item` is tied to, in their order.
    fn tied(&self, item: usize, ties: &Ties, groups: &[Vec<usize>]) -> Vec<usize> {
        let position = |item: &usize| self.order[*item];
        let members = ties.groups_of(item).iter().flat_map(|group| &groups[*group]);
        let mut positions: Vec<usize> = ties
            .pairs_of(item)
            .iter()
            .chain(members)
            .filter(|other| **other != item)
            .filter_map(position)
            .collect();
        positions.sort_unstable();
        positions.dedup();
        positions.into_iter().map(|position| self.items[position]).collect()
    }
}

impl<'a> Table<'a> {
    fn candidate(&self, at: usize) -> &'a Candidate {
        self.candidates[at]
    }

    fn all(&self, places: &[usize]) -> Vec<&'a Candidate> {
        places.iter().map(|at| self.candidate(*at)).collect()
    }

    fn bundle(&self, found: &PaidSet, proof: Proof) -> Bundle {
        let chosen: Vec<usize> = found.items.iter().map(|at| self.priced[*at]).collect();
        let members = self.members(&chosen);
        let repeated = members.iter().filter(|member| member.yearly);
        let mut bundle = Bundle {
            yearly: repeated.fold(YuanRange::zero(), |sum, member| sum.plus(&member.counts)),
            members,
            total: found.total.range(),
            proof,
            ..nothing()
        };
        let mut beside = CandidateOrder::new(self.whole);
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); self.whole.caps.len()];
        for item in &chosen {
            beside.add(*item, self.whole);
            for cap in self.whole.caps_of(*item) {
                if inside[*cap].len() < MAX_NAMED {
                    inside[*cap].push(*item);
                }
            }
        }
        for at in self.priced {
            poll();
            if chosen.binary_search(at).is_ok() {
                continue;
            }
            let one = self.candidate(*at);
            let (rule, by) = self.reason(one, *at, &beside, &inside);
            bundle.left_out.push(excluded_item(one, rule, &by, true));
        }
        for (at, one) in self.candidates.iter().enumerate().filter(|(_, one)| one.worth.range().is_none()) {
            poll();
            if let Some((rule, by)) = self.find_exclusion(one, at, &beside) {
                bundle.left_out.push(excluded_item(one, rule, &by, false));
                continue;
            }
            beside.add(at, self.whole);
            let named = Named { item: one.item.clone(), title: one.title.clone() };
            match one.worth {
                Worth::NotMoney => bundle.not_money.push(named),
                _ => bundle.unpriced.push(named),
            }
        }
        bundle.left_out.sort_by(|a, b| a.item.cmp(&b.item));
        bundle
    }

    /// First kind of rule that excludes `one` from the chosen items, and the items responsible.
    fn find_exclusion(
        &self,
        one: &Candidate,
        at: usize,
        others: &CandidateOrder,
    ) -> Option<(Rule, Vec<&'a Candidate>)> {
        let by = self.all(&others.tied(at, &self.whole.exclusions, &others.exclusion_groups));
        let rule = by.iter().filter_map(|other| self.rules.exclusion(&one.item, &other.item)).min()?;
        Some((rule, by))
    }

    fn reason(
        &self,
        one: &Candidate,
        at: usize,
        chosen: &CandidateOrder,
        inside: &[Vec<usize>],
    ) -> (Rule, Vec<&'a Candidate>) {
        if let Some(apart) = self.find_exclusion(one, at, chosen) {
            return apart;
        }
        let linked = self.all(&chosen.tied(at, &self.whole.linked, &chosen.linked));
        if let Some(first) = linked.first() {
            let rule = self.rules.linked(&one.item, &first.item).unwrap_or(Rule::HigherOf);
            return (rule, linked);
        }
        let full = self.whole.caps_of(at).iter().map(|cap| &inside[*cap]).find(|of| !of.is_empty());
        match full {
            Some(by) => (Rule::Cap, self.all(by)),
            None => (Rule::NoGain, Vec::new()),
        }
    }

    /// Chosen items with the part of each amount that counts: the greatest of a family counts whole, the others only by their
    /// excess over it, all within their caps.
    fn members(&self, chosen: &[usize]) -> Vec<Member> {
        let mut order: Vec<(usize, &Candidate)> =
            chosen.iter().map(|at| (*at, self.candidate(*at))).collect();
        order.sort_by_cached_key(|(_, one)| (Reverse(one.worth.range().map(Total::of)), one.item.clone()));
        let mut before = CandidateOrder::new(self.whole);
        let mut drawn: FxHashMap<usize, Drawn<'_>> = FxHashMap::default();
        let mut members = Vec::with_capacity(order.len());
        for (at, one) in order {
            poll();
            let own = one.worth.range().cloned().unwrap_or_else(YuanRange::zero);
            let linked = self.all(&before.tied(at, &self.whole.linked, &before.linked));
            let beyond = excess(&own, &linked);
            let counts = self.limit_by_caps(at, &beyond, &drawn);
            let text = match (counts != beyond, beyond != own, linked.first()) {
                (true, _, _) => Some(words::reduction_reason(Rule::Cap, &self.titles_using_caps(at, &drawn))),
                (false, true, Some(first)) => {
                    let titles: Vec<&str> = linked.iter().map(|other| other.title.as_str()).collect();
                    self.rules
                        .linked(&one.item, &first.item)
                        .map(|rule| words::reduction_reason(rule, &titles))
                }
                _ => None,
            };
            before.add(at, self.whole);
            for cap in self.whole.caps_of(at) {
                let drawn = drawn.entry(*cap).or_default();
                drawn.sum = drawn.sum.plus(&counts);
                if drawn.titles.len() < MAX_NAMED {
                    drawn.titles.push(&one.title);
                }
            }
            members.push(Member {
                item: one.item.clone(),
                title: one.title.clone(),
                own,
                counts,
                yearly: one.yearly,
                window: one.window,
                text,
            });
        }
        members.sort_by(|a, b| a.item.cmp(&b.item));
        members
    }

    /// Part of `range` that the caps of an item leave after earlier withdrawals.
    fn limit_by_caps(&self, at: usize, range: &YuanRange, drawn: &FxHashMap<usize, Drawn<'_>>) -> YuanRange {
        let mut left = range.clone();
        for cap in self.whole.caps_of(at) {
            let (yuan, _) = &self.whole.caps[*cap];
            let zero = YuanRange::zero();
            let used = drawn.get(cap).map_or(&zero, |drawn| &drawn.sum);
            let room = saturating_sub(&YuanRange::exactly(yuan.clone()), used);
            let low = left.low.clone().min(room.low);
            let high = match (left.high.clone(), room.high) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (high, room) => high.or(room),
            };
            left = YuanRange { low, high };
        }
        left
    }

    /// Distinct titles of the items that used the caps of an item before it.
    fn titles_using_caps<'d>(&self, at: usize, drawn: &FxHashMap<usize, Drawn<'d>>) -> Vec<&'d str> {
        let mut titles: Vec<&str> = Vec::new();
        for title in self.whole.caps_of(at).iter().filter_map(|cap| drawn.get(cap)).flat_map(|of| &of.titles)
        {
            if titles.len() < MAX_NAMED && !titles.contains(title) {
                titles.push(title);
            }
        }
        titles
    }
}

/// Amounts used of a cap.
struct Drawn<'a> {
    sum: YuanRange,
    /// Titles of the items that used it; the first [`MAX_NAMED`].
    titles: Vec<&'a str>,
}

impl Default for Drawn<'_> {
    fn default() -> Self {
        Self { sum: YuanRange::zero(), titles: Vec::new() }
    }
}

/// Part of `own` that exceeds the linked items.
fn excess(own: &YuanRange, linked: &[&Candidate]) -> YuanRange {
    let greatest = linked.iter().filter_map(|other| other.worth.range()).cloned();
    let largest = greatest.reduce(|largest, range| super::value::max_by_bounds(&largest, &range));
    largest.map_or_else(|| own.clone(), |largest| saturating_sub(own, &largest))
}

/// `range` minus `off`, never below 0.
fn saturating_sub(range: &YuanRange, off: &YuanRange) -> YuanRange {
    let zero = Number::zero();
    let low = off.high.as_ref().map_or_else(Number::zero, |high| range.low.minus(high).max(zero.clone()));
    YuanRange { low, high: range.high.as_ref().map(|high| high.minus(&off.low).max(zero)) }
}

/// Report of an item excluded by the items `by`.
pub(super) fn excluded_item(one: &Candidate, rule: Rule, by: &[&Candidate], compared: bool) -> ExcludedItem {
    let titles: Vec<&str> = by.iter().map(|other| other.title.as_str()).collect();
    let mut text = words::exclusion_reason(rule, &titles);
    if !compared && one.worth == Worth::Unknown {
        text.push_str(words::INCOMPARABLE);
    }
    ExcludedItem {
        item: one.item.clone(),
        title: one.title.clone(),
        worth: one.worth.clone(),
        rule,
        by: by.iter().map(|other| other.item.clone()).collect(),
        compared,
        text,
    }
}
