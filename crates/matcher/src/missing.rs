//! Unknown facts that can still change a verdict, ordered by the share they settle (待补指标).

use std::collections::BTreeMap;

use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use crate::compiled::{Plan, Residual};

/// Fact that can still change a verdict.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Missing {
    /// Key of the fact.
    pub(crate) key: String,
    /// Share of its possible values that settle the verdict, regardless of the other unknowns.
    pub(crate) settling_share: f64,
}

/// Facts that can still change the outcome of the whole, the one that settles most first.
///
/// A slot's degree is the share of its classes in which no other unknown matters any more. For a derived fact, its open inputs
/// are returned. Facts of equal degree keep the order of the criteria. Judged texts are not facts.
pub(crate) fn missing(plan: &Plan, residual: &mut Residual<'_>, view: &View<'_>) -> Vec<Missing> {
    let mut ranked: Vec<Missing> = Vec::new();
    for (level, share) in residual.settling_shares(plan.roots().root) {
        let settling_share = share.fraction();
        for key in plan.slot(level).open_keys(view) {
            match ranked.iter_mut().find(|seen| seen.key == key) {
                Some(seen) => seen.settling_share = seen.settling_share.max(settling_share),
                None => ranked.push(Missing { key, settling_share }),
            }
        }
    }
    ranked.sort_by(|a, b| b.settling_share.total_cmp(&a.settling_share));
    ranked
}

/// Weight of each fact over several items: amounts of money and numbers of items that it helps to settle.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    facts: BTreeMap<String, (Number, u32)>,
}

impl Weights {
    /// Weights over undetermined items, each given with its maximum amount and its missing facts.
    pub(crate) fn of(open: impl Iterator<Item = (Number, Vec<Missing>)>) -> Self {
        let mut facts: BTreeMap<String, (Number, u32)> = BTreeMap::new();
        for (money, missing) in open {
            for fact in missing {
                let (sum, count) = facts.entry(fact.key).or_insert_with(|| (Number::zero(), 0));
                *sum = sum.plus(&money);
                *count += 1;
            }
        }
        Self { facts }
    }

    /// Keys of `missing`: the fact that settles most of this item first; of equals, the one with more money and more items
    /// waiting for it; then the order of the criteria.
    pub(crate) fn ordered(&self, mut missing: Vec<Missing>) -> Vec<String> {
        missing.sort_by(|a, b| {
            b.settling_share
                .total_cmp(&a.settling_share)
                .then_with(|| self.facts.get(&b.key).cmp(&self.facts.get(&a.key)))
        });
        missing.into_iter().map(|fact| fact.key).collect()
    }
}
