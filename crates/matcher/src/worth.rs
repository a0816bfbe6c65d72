//! Amount of an item for one enterprise, with its conditions decided exactly.

use std::cell::RefCell;
use std::collections::BTreeMap;

use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::item::Item;
use zhaoren_policy::item::amount::{AmountWords, Setting, Valuation, Worth};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{BuildSteps, EvaluationDay, Plan};

/// Maximum number of steps for compiling the conditions inside one amount. They are compiled for each enterprise, so this is far
/// less than the limit for criteria, which are compiled once.
const AMOUNT_STEPS: u64 = 50_000;

/// Amount of `item` as exactly as `view` allows. A condition inside the amount that cannot be compiled only widens the range.
pub(crate) fn valuation(item: &Item, view: &View<'_>) -> Valuation {
    under_setting(view, |setting| item.benefit.evaluate(setting))
}

/// Amount of `item` with its words: the sum, a range, or the rule itself.
pub(crate) fn amount(item: &Item, view: &View<'_>) -> (Valuation, AmountWords) {
    under_setting(view, |setting| {
        let valuation = item.benefit.evaluate(setting);
        let words = item.benefit.words(&valuation, setting);
        (valuation, words)
    })
}

/// Result of `work` under the facts of `view`, with conditions decided exactly within [`AMOUNT_STEPS`].
fn under_setting<T>(view: &View<'_>, work: impl FnOnce(&Setting<'_>) -> T) -> T {
    let budget = RefCell::new(BuildSteps::of(AMOUNT_STEPS));
    let decide = |criterion: &Criterion| {
        Plan::compile_within(criterion, view.dictionary, EvaluationDay::of(view), &mut budget.borrow_mut())
            .map_or(Verdict::Undetermined, |plan| plan.decide(view))
    };
    work(&Setting { view: *view, decide: &decide, inputs: &BTreeMap::new() })
}

/// Maximum amount over the item's whole life, as far as it is known; 0 if it is unknown or no money.
pub(crate) fn max_amount(valuation: &Valuation) -> Number {
    match &valuation.total {
        Worth::Money(range) => range.high.clone().unwrap_or_else(|| range.low.clone()),
        Worth::NotMoney | Worth::Unknown => Number::zero(),
    }
}
