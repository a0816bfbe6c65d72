//! Decides which changes may be advised, and at what effort, by the rules of the fact dictionary.

use std::collections::BTreeSet;

use zhaoren_policy::criterion::{Node, When};
use zhaoren_policy::fact::{Direction, Fact, FactDictionary, FactType, Knowledge, Value};
use zhaoren_policy::item::Item;
use zhaoren_policy::view::View;

use super::ClassBounds;

/// Effort of finding out an unknown value.
pub(super) const VERIFICATION_EFFORT: u32 = 1;
/// Effort of obtaining a judgement that is open.
pub(super) const JUDGEMENT_EFFORT: u32 = 2;
/// Effort of having a negative judgement reconsidered.
pub(super) const REJUDGEMENT_EFFORT: u32 = 4;

/// Changes that one item allows to be advised.
pub(super) struct AdviceScope {
    /// Facts that the criteria ask for in a year of the calendar, which no later year replaces.
    fixed_years: BTreeSet<(String, i16)>,
    /// Procedures that the item invites to by its tags, or by a fact of that procedure in its criteria: 迁入.
    invited: BTreeSet<String>,
}

impl AdviceScope {
    pub(super) fn of(item: &Item, dictionary: &FactDictionary) -> Self {
        let mut fixed_years = BTreeSet::new();
        let mut invited: BTreeSet<String> = item.tags.iter().cloned().collect();
        item.criteria.walk(&mut |_, criterion| {
            let Node::Leaf(leaf) = &criterion.node else { return };
            if let When::Year(year) = leaf.when {
                fixed_years.insert((leaf.fact.clone(), year));
            }
            let Some(fact) = dictionary.get(&leaf.fact).filter(|fact| fact.kind == FactType::Date) else {
                return;
            };
            invited.extend(fact.advice_rule().procedure);
        });
        Self { fixed_years, invited }
    }

    /// True if no change of the fact in `year` can be advised: the year lies before the last full fiscal year, or the criteria name this
    /// very year, so that a later one does not take its place.
    pub(super) fn is_final(&self, key: &str, year: Option<i16>, view: &View<'_>) -> bool {
        year.is_some_and(|year| year < view.last_year() || self.fixed_years.contains(&(key.to_owned(), year)))
    }

    /// Effort of changing a fact from a known value; `None` if that may not be advised.
    pub(super) fn effort_of_change(
        &self,
        fact: &Fact,
        year: Option<i16>,
        view: &View<'_>,
        from: &Knowledge,
        to: &Value,
    ) -> Option<u32> {
        if self.is_final(&fact.key, year, view) {
            return None;
        }
        let rule = fact.advice_rule();
        let grows = match (from, to) {
            (_, Value::Bool(truth)) => Some(*truth),
            (from, Value::Number(to)) => {
                let (low, high) = from.bounds();
                match (low, high) {
                    (_, Some(high)) if *to > high => Some(true),
                    (Some(low), _) if *to < low => Some(false),
                    _ => None,
                }
            }
            _ => None,
        };
        let allowed = match rule.direction {
            Direction::Grow => grows == Some(true),
            Direction::Shrink => grows == Some(false),
            // A place is left only for an item that invites to do so.
            Direction::Set if fact.kind == FactType::Code => {
                rule.procedure.as_ref().is_some_and(|procedure| self.invited.contains(procedure))
            }
            Direction::Set => true,
            Direction::Never => false,
        };
        allowed.then_some(rule.effort)
    }
}

/// True if an unknown fact may be suggested to be verified as `to`. It is not sensible to hope for a bad answer: an entry in a
/// list of offenders, or a recent accident.
pub(super) fn may_be_verified(fact: &Fact, to: &Value, bounds: &ClassBounds) -> bool {
    match to {
        Value::Bool(truth) if fact.kind == FactType::Boolean => match fact.advice_rule().direction {
            Direction::Grow => *truth,
            Direction::Shrink => !truth,
            Direction::Set | Direction::Never => true,
        },
        Value::Date(_) if fact.last.is_some() => bounds.days.0.is_none(),
        _ => true,
    }
}
