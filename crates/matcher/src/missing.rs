//! Which unknown facts can still change a verdict, and which settles most (待补指标).

use std::collections::BTreeMap;

use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use crate::compiled::{Plan, Residual};

/// A fact that can still change a verdict.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Missing {
    /// Key of the fact.
    pub(crate) key: String,
    /// The share of what it can turn out to be that settles the verdict, whatever the other unknowns are.
    pub(crate) settles: f64,
}

/// The facts that could still change the outcome of the whole, the one that settles most first.
///
/// A slot settles an outcome to the degree that, whichever class its value falls into, nothing else matters any
/// more. A derived fact is asked for by its open inputs. Equal ones keep the order of the criteria. Judged texts
/// are not facts.
pub(crate) fn missing(plan: &Plan, residual: &mut Residual<'_>, view: &View<'_>) -> Vec<Missing> {
    let mut ranked: Vec<Missing> = Vec::new();
    for (level, share) in residual.settling(plan.roots().root) {
        let settles = share.fraction();
        for key in plan.slot(level).asks(view) {
            match ranked.iter_mut().find(|seen| seen.key == key) {
                Some(seen) => seen.settles = seen.settles.max(settles),
                None => ranked.push(Missing { key, settles }),
            }
        }
    }
    ranked.sort_by(|a, b| b.settles.total_cmp(&a.settles));
    ranked
}

/// What each fact is worth over several items: how much of the money, and how many items, it helps to settle.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    facts: BTreeMap<String, (Number, u32)>,
}

impl Weights {
    /// Over undetermined items: the most that each can come to, with the facts that it lacks.
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

    /// The keys of `missing`: what settles most of this item first; of equals, what more money and more items wait
    /// for; then the order of the criteria.
    pub(crate) fn ordered(&self, mut missing: Vec<Missing>) -> Vec<String> {
        missing.sort_by(|a, b| {
            b.settles.total_cmp(&a.settles).then_with(|| self.facts.get(&b.key).cmp(&self.facts.get(&a.key)))
        });
        missing.into_iter().map(|fact| fact.key).collect()
    }
}
