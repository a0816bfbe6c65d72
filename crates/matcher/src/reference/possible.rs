//! Determines whether some completion holds, and whether some completion fails.
//!
//! Children that share no unknown are independent: their possible outcomes combine exactly. If they share one, its regions are
//! tried one after another. Kleene's three-valued evaluation is sound, so no region is tried once it decides.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_policy::verdict::Verdict;

use super::DecideError;
use super::ground::{Ground, Grounded, Kind};
use super::sums::bounds;

/// Possible outcomes of a node over all completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PossibleOutcomes {
    /// Some completion holds.
    pub(super) can_hold: bool,
    /// Some completion fails.
    pub(super) can_fail: bool,
}

impl PossibleOutcomes {
    const NONE: Self = Self { can_hold: false, can_fail: false };

    /// Outcome of a decided node.
    pub(super) fn of(truth: bool) -> Self {
        Self { can_hold: truth, can_fail: !truth }
    }

    /// True if only one outcome is possible.
    pub(super) fn is_settled(self) -> bool {
        self.can_hold != self.can_fail
    }

    fn union(self, other: Self) -> Self {
        Self { can_hold: self.can_hold || other.can_hold, can_fail: self.can_fail || other.can_fail }
    }

    /// Corresponding verdict.
    pub(super) fn verdict(self) -> Verdict {
        // INVARIANT: every unknown has at least one region, so at least one completion exists.
        Verdict::from_possible(self.can_hold, self.can_fail).unwrap_or(Verdict::Undetermined)
    }
}

/// Steps left before a decision is abandoned.
#[derive(Debug)]
pub(super) struct Budget {
    limit: u64,
    left: u64,
}

impl Budget {
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, left: limit }
    }

    pub(super) fn spend(&mut self) -> Result<(), DecideError> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(DecideError::Budget(self.limit)),
        }
    }
}

/// Region chosen for each unknown so far.
pub(super) type Choice = Vec<Option<usize>>;

impl Grounded {
    /// Choice without any chosen unknown.
    pub(super) fn empty_choice(&self) -> Choice {
        vec![None; self.regions.len()]
    }

    /// Possible outcomes of the whole criteria.
    pub(super) fn possible_outcomes(&self, budget: &mut Budget) -> Result<PossibleOutcomes, DecideError> {
        self.possible(&self.root, &mut self.empty_choice(), budget)
    }

    /// Possible outcomes of `node` over the completions of `choice`, exactly.
    pub(super) fn possible(
        &self,
        node: &Ground,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<PossibleOutcomes, DecideError> {
        budget.spend()?;
        let rough = kleene(node, choice);
        if rough.is_settled() || node.children.is_empty() {
            return Ok(rough);
        }
        if let Kind::Points { scores, at_least } = &node.kind {
            return self.points(&node.children, scores, *at_least, choice, budget);
        }
        if let Some(parts) = components(node, choice) {
            let reaches: Result<Vec<PossibleOutcomes>, DecideError> =
                parts.iter().map(|part| self.possible(part, choice, budget)).collect();
            return Ok(combine(node, &reaches?));
        }
        let Some(shared) = shared_unknown(node, choice) else {
            let parts: Result<Vec<PossibleOutcomes>, DecideError> =
                node.children.iter().map(|child| self.possible(child, choice, budget)).collect();
            return Ok(combine(node, &parts?));
        };
        let mut reach = PossibleOutcomes::NONE;
        for region in 0..self.region_count(shared) {
            set(choice, shared, Some(region));
            let part = self.possible(node, choice, budget);
            set(choice, shared, None);
            reach = reach.union(part?);
            if reach.can_hold && reach.can_fail {
                break;
            }
        }
        Ok(reach)
    }

    pub(super) fn region_count(&self, unknown: usize) -> usize {
        self.regions.get(unknown).copied().unwrap_or(0)
    }

    /// Outcome over every completion, one by one; `None` if there are more than `limit`.
    pub(super) fn enumerate(&self, limit: u64) -> Option<PossibleOutcomes> {
        let total = self.regions.iter().try_fold(1_u64, |total, &count| total.checked_mul(count as u64))?;
        if total > limit {
            return None;
        }
        let mut reach = PossibleOutcomes::NONE;
        for number in 0..total {
            let mut rest = number;
            let choice: Choice = self
                .regions
                .iter()
                .map(|&count| {
                    let region = rest % count as u64;
                    rest /= count as u64;
                    usize::try_from(region).ok()
                })
                .collect();
            reach = reach.union(kleene(&self.root, &choice));
        }
        Some(reach)
    }
}

pub(super) fn set(choice: &mut Choice, unknown: usize, region: Option<usize>) {
    if let Some(slot) = choice.get_mut(unknown) {
        *slot = region;
    }
}

/// Kleene's evaluation: every child is treated as independent of the others. Sound, and exact once all unknowns are chosen.
pub(super) fn kleene(node: &Ground, choice: &Choice) -> PossibleOutcomes {
    match &node.kind {
        Kind::Decided(truth) => PossibleOutcomes::of(*truth),
        Kind::Atom { unknown, truth } => match choice.get(*unknown).copied().flatten() {
            Some(region) => PossibleOutcomes::of(truth.get(region).copied().unwrap_or(false)),
            None => PossibleOutcomes { can_hold: truth.contains(&true), can_fail: truth.contains(&false) },
        },
        _ => {
            let parts: Vec<PossibleOutcomes> =
                node.children.iter().map(|child| kleene(child, choice)).collect();
            combine(node, &parts)
        }
    }
}

/// Possible outcomes of a node, from those of its children taken independently.
fn combine(node: &Ground, parts: &[PossibleOutcomes]) -> PossibleOutcomes {
    match &node.kind {
        Kind::Decided(truth) => PossibleOutcomes::of(*truth),
        Kind::Atom { .. } => parts.first().copied().unwrap_or(PossibleOutcomes::NONE),
        Kind::All => PossibleOutcomes {
            can_hold: parts.iter().all(|part| part.can_hold),
            can_fail: parts.iter().any(|part| part.can_fail),
        },
        Kind::Any(count) => {
            let most = parts.iter().filter(|part| part.can_hold).count();
            let least = parts.iter().filter(|part| !part.can_fail).count();
            PossibleOutcomes { can_hold: most >= *count, can_fail: least < *count }
        }
        Kind::Not => {
            let inner = parts.first().copied().unwrap_or(PossibleOutcomes::NONE);
            PossibleOutcomes { can_hold: inner.can_fail, can_fail: inner.can_hold }
        }
        Kind::Case => combine_case(parts),
        Kind::Points { scores, at_least } => {
            let (mut least, mut most) = (0_i64, 0_i64);
            for (part, score) in parts.iter().zip(scores) {
                let (lower, upper) = bounds(*part, *score);
                // Sums of points are far below the limit of the type; saturation would keep the bound sound even so.
                least = least.saturating_add(lower);
                most = most.saturating_add(upper);
            }
            PossibleOutcomes { can_hold: most >= *at_least, can_fail: least < *at_least }
        }
    }
}

fn combine_case(parts: &[PossibleOutcomes]) -> PossibleOutcomes {
    let mut reach = PossibleOutcomes::NONE;
    let mut pairs = parts.chunks(2);
    for pair in pairs.by_ref() {
        match pair {
            [when, then] => {
                if when.can_hold {
                    reach = reach.union(*then);
                }
                if !when.can_fail {
                    return reach;
                }
            }
            [otherwise] => return reach.union(*otherwise),
            _ => {}
        }
    }
    // No `when` holds and there is no else.
    reach.union(PossibleOutcomes::of(false))
}

/// Children of an `all`, or of an `any` with count 1, in groups that share no unknown with each other: each group is a node of
/// the same kind, and the outcomes of the groups combine exactly. `None` if there is only one group, if no group has two members,
/// or for other kinds of node.
pub(super) fn components(node: &Ground, choice: &Choice) -> Option<Vec<Ground>> {
    if !matches!(node.kind, Kind::All | Kind::Any(1)) {
        return None;
    }
    let mut groups: Vec<Ground> = Vec::new();
    for child in &node.children {
        let open = |u: &usize| choice.get(*u).copied().flatten().is_none();
        let mut group = Ground { kind: node.kind.clone(), children: Vec::new(), unknowns: BTreeSet::new() };
        // A decided child connects nothing: it depends on no unknown any more.
        if !kleene(child, choice).is_settled() {
            group.unknowns = child.unknowns.iter().copied().filter(open).collect();
        }
        let (touched, apart): (Vec<Ground>, Vec<Ground>) =
            groups.into_iter().partition(|other| !other.unknowns.is_disjoint(&group.unknowns));
        for other in touched {
            group.children.extend(other.children);
            group.unknowns.extend(other.unknowns);
        }
        group.children.push(child.clone());
        groups = apart;
        groups.push(group);
    }
    (groups.len() > 1 && groups.iter().any(|group| group.children.len() > 1)).then_some(groups)
}

/// Unknown on which two children depend, the most frequent one; `None` if the children are independent. Children already decided
/// by the choice depend on nothing.
pub(super) fn shared_unknown(node: &Ground, choice: &Choice) -> Option<usize> {
    let mut uses: BTreeMap<usize, usize> = BTreeMap::new();
    for child in node.children.iter().filter(|child| !kleene(child, choice).is_settled()) {
        for &unknown in child.unknowns.iter().filter(|&&u| choice.get(u).copied().flatten().is_none()) {
            *uses.entry(unknown).or_default() += 1;
        }
    }
    uses.into_iter()
        .filter(|(_, count)| *count > 1)
        .max_by_key(|(unknown, count)| (*count, std::cmp::Reverse(*unknown)))
        .map(|(unknown, _)| unknown)
}
