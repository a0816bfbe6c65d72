//! Points: the sums that completions can reach.
//!
//! Scored conditions fall into groups that share no unknown. The contribution of one group is independent of the others, so
//! minimum and maximum sums add up exactly, however many groups there are. A ladder of bands on one fact is one such group.

use std::collections::BTreeSet;

use super::DecideError;
use super::ground::{Ground, Grounded};
use super::possible::{Budget, Choice, PossibleOutcomes, kleene, set};

/// Scored conditions that share unknowns with each other and with no other group.
struct Group<'a> {
    members: Vec<(&'a Ground, i64)>,
    unknowns: BTreeSet<usize>,
}

impl Grounded {
    /// Possible outcomes of scored `children` against a pass mark, exactly.
    pub(super) fn points(
        &self,
        children: &[Ground],
        scores: &[i64],
        at_least: i64,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<PossibleOutcomes, DecideError> {
        let (mut least, mut most) = (0_i64, 0_i64);
        for group in groups(children, scores, choice) {
            let (low, high) = self.extremes(&group, choice, budget)?;
            least = least.saturating_add(low);
            most = most.saturating_add(high);
        }
        Ok(PossibleOutcomes { can_hold: most >= at_least, can_fail: least < at_least })
    }

    /// Minimum and maximum sum of a group over all completions.
    fn extremes(
        &self,
        group: &Group<'_>,
        choice: &mut Choice,
        budget: &mut Budget,
    ) -> Result<(i64, i64), DecideError> {
        budget.spend()?;
        let open = |u: &&usize| choice.get(**u).copied().flatten().is_none();
        let shared = group.unknowns.iter().filter(open).find(|unknown| {
            let uses = group.members.iter().filter(|(child, _)| child.unknowns.contains(unknown));
            uses.filter(|(child, _)| !kleene(child, choice).is_settled()).count() > 1
        });
        let Some(&shared) = shared else {
            let (mut least, mut most) = (0_i64, 0_i64);
            for (child, score) in &group.members {
                let reach = self.possible(child, choice, budget)?;
                let (low, high) = bounds(reach, *score);
                least = least.saturating_add(low);
                most = most.saturating_add(high);
            }
            return Ok((least, most));
        };
        let (mut least, mut most) = (i64::MAX, i64::MIN);
        for region in 0..self.region_count(shared) {
            set(choice, shared, Some(region));
            let part = self.extremes(group, choice, budget);
            set(choice, shared, None);
            let (low, high) = part?;
            least = least.min(low);
            most = most.max(high);
        }
        Ok((least, most))
    }
}

/// Minimum and maximum contribution of one scored condition.
pub(super) fn bounds(reach: PossibleOutcomes, score: i64) -> (i64, i64) {
    match (reach.can_hold, reach.can_fail) {
        (true, false) => (score, score),
        (true, true) => (score.min(0), score.max(0)),
        (false, _) => (0, 0),
    }
}

/// Scored conditions in groups that share no open unknown. A decided condition is a group of its own.
fn groups<'a>(children: &'a [Ground], scores: &[i64], choice: &Choice) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (child, score) in children.iter().zip(scores) {
        let open = |u: &usize| choice.get(*u).copied().flatten().is_none();
        let unknowns = match kleene(child, choice).is_settled() {
            true => BTreeSet::new(),
            false => child.unknowns.iter().copied().filter(open).collect(),
        };
        let mut group = Group { members: vec![(child, *score)], unknowns };
        let (touched, apart): (Vec<Group<'a>>, Vec<Group<'a>>) =
            groups.into_iter().partition(|other| !other.unknowns.is_disjoint(&group.unknowns));
        for other in touched {
            group.members.extend(other.members);
            group.unknowns.extend(other.unknowns);
        }
        groups = apart;
        groups.push(group);
    }
    groups
}
