//! What an item is worth to one enterprise, its conditions decided exactly.

use std::cell::RefCell;
use std::collections::BTreeMap;

use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::item::Item;
use zhaoren_policy::item::amount::{Setting, Valuation, Worth};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{BuildSteps, EvaluationDay, Plan};

/// How many steps the conditions inside one amount may take to compile. They are compiled for each enterprise, so this is
/// far less than criteria may take, which are compiled once.
const AMOUNT_STEPS: u64 = 50_000;

/// The amount of `item` as exactly as `view` allows. A condition inside the amount that cannot be compiled only
/// widens the range.
pub(crate) fn valuation(item: &Item, view: &View<'_>) -> Valuation {
    let budget = RefCell::new(BuildSteps::of(AMOUNT_STEPS));
    let decide = |criterion: &Criterion| {
        Plan::compile_within(criterion, view.dictionary, EvaluationDay::of(view), &mut budget.borrow_mut())
            .map_or(Verdict::Undetermined, |plan| plan.decide(view))
    };
    item.benefit.evaluate(&Setting { view: *view, decide: &decide, inputs: &BTreeMap::new() })
}

/// The most it can come to over its whole life, as far as that is known; 0 where it is not, or is no money.
pub(crate) fn most(valuation: &Valuation) -> Number {
    match &valuation.whole {
        Worth::Money(range) => range.high.clone().unwrap_or_else(|| range.low.clone()),
        Worth::NotMoney | Worth::Unknown => Number::zero(),
    }
}
