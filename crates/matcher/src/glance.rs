//! Figures of one enterprise and one item for an overview, without the texts of an explanation.

use std::collections::BTreeSet;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Leaf, Node, When};
use zhaoren_policy::fact::{FactType, Knowledge};
use zhaoren_policy::item::Item;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::clause::count_awaiting_judgement;
use crate::compiled::Plan;
use crate::missing::missing;
use crate::nearest::advice;

/// Figures of an item for an overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemSummary {
    /// Verdict (判定).
    pub verdict: Verdict,
    /// Number of facts and judgements that can still change an undetermined item, counted as in a match.
    pub open_count: usize,
    /// True if a single sensible change would make an ineligible item eligible.
    pub one_change_away: bool,
}

impl ItemSummary {
    /// Figures of an item with a known verdict; `plan` is that of its criteria for the view's day. The numbers equal those of a
    /// full match.
    pub(crate) fn of(item: &Item, plan: &Plan, verdict: Verdict, view: &View<'_>) -> Self {
        let mut glance = Self { verdict, open_count: 0, one_change_away: false };
        match verdict {
            Verdict::Eligible => {}
            Verdict::Undetermined => {
                let mut residual = plan.residual(&plan.encode(view));
                glance.open_count = missing(plan, &mut residual, view).asked.len()
                    + count_awaiting_judgement(&item.criteria, plan, &mut residual, view);
            }
            Verdict::Ineligible => {
                glance.one_change_away =
                    may_be_one_change(&item.criteria, view) && advice(item, plan, view).is_one_step();
            }
        }
        glance
    }
}

/// True if a single change might make `criteria` hold. False is certain: at least two different facts have to change, and neither
/// changes with time or through other facts.
fn may_be_one_change(criteria: &Criterion, view: &View<'_>) -> bool {
    Forced { view }.keys(criteria, true).len() < 2
}

/// Computes the facts that have to change in any case.
struct Forced<'a> {
    view: &'a View<'a>,
}

/// Keys of facts.
type Keys<'a> = BTreeSet<&'a str>;

impl<'a> Forced<'a> {
    /// Facts that have to change for `criterion` to hold, or to fail.
    fn keys(&self, criterion: &'a Criterion, hold: bool) -> Keys<'a> {
        poll();
        match &criterion.node {
            Node::All(of) if hold => self.of_each(of, hold),
            Node::All(of) => self.of_one(of, hold),
            Node::Any { of, count: 1 } if hold => self.of_one(of, hold),
            Node::Any { of, count } if hold && *count == of.len() => self.of_each(of, hold),
            Node::Any { of, count: 1 } => self.of_each(of, hold),
            Node::Not(inner) => self.keys(inner, !hold),
            Node::Leaf(leaf) => self.of_leaf(leaf, hold),
            // Choices, sums and records are not analysed.
            Node::Any { .. }
            | Node::Case { .. }
            | Node::Points { .. }
            | Node::Judged(_)
            | Node::Records(_) => BTreeSet::new(),
        }
    }

    fn of_each(&self, of: &'a [Criterion], hold: bool) -> Keys<'a> {
        of.iter().flat_map(|child| self.keys(child, hold)).collect()
    }

    fn of_one(&self, of: &'a [Criterion], hold: bool) -> Keys<'a> {
        let mut each = of.iter().map(|child| self.keys(child, hold));
        let mut common = each.next().unwrap_or_default();
        while !common.is_empty()
            && let Some(keys) = each.next()
        {
            common.retain(|key| keys.contains(key));
        }
        common
    }

    /// Fact of a leaf that is given, exactly known and unaffected by the passing of time.
    fn of_leaf(&self, leaf: &'a Leaf, hold: bool) -> Keys<'a> {
        let none = BTreeSet::new();
        let Some(fact) = self.view.dictionary.get(&leaf.fact) else { return none };
        let year = match leaf.when {
            When::Current => None,
            When::LastYear => Some(self.view.last_year()),
            When::Year(year) => Some(year),
            When::Years(_) => return none,
        };
        if fact.derived || fact.kind == FactType::Tags || fact.kind == FactType::Date {
            return none;
        }
        let Knowledge::Exactly(value) = self.view.knowledge(fact, year) else { return none };
        let holds = leaf.tests.iter().all(|test| test.passes(&value, self.view.as_of));
        if holds == hold { none } else { BTreeSet::from([leaf.fact.as_str()]) }
    }
}
