//! Unknown facts that can still change a verdict, ordered by the share they settle (待补指标).

use std::collections::BTreeMap;

use serde::Serialize;
use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use crate::compiled::{Plan, Residual};
use crate::records::open_fields;
use crate::slot::Slot;

/// Fact that can still change a verdict.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Missing {
    /// Key of the fact.
    pub(crate) key: String,
    /// Share of its possible values that settle the verdict, regardless of the other unknowns.
    pub(crate) settling_share: f64,
}

/// Open facts of criteria.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OpenFacts {
    /// Those that can be asked for, the one that settles most first.
    pub(crate) asked: Vec<Missing>,
    /// Those that are withheld, in the order of the criteria.
    pub(crate) withheld: Vec<WithheldFact>,
}

/// Fact that can still change a verdict and that its holder refuses to give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithheldFact {
    /// Key of the fact.
    pub fact: String,
    /// Fiscal year, for one year of a yearly fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// Field of its records that is withheld, for records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Reason given.
    pub reason: String,
}

/// Facts that can still change the outcome of the whole.
///
/// A slot's degree is the share of its classes in which no other unknown matters any more. For a derived fact, its open inputs
/// are returned. Facts of equal degree keep the order of the criteria. Judged texts are not facts. A fact that is withheld is named
/// apart: it is not asked for.
pub(crate) fn missing(plan: &Plan, residual: &mut Residual<'_>, view: &View<'_>) -> OpenFacts {
    let mut open = OpenFacts::default();
    for (level, share) in residual.settling_shares(plan.roots().root) {
        let settling_share = share.fraction();
        let slot = plan.slot(level);
        let withheld = withheld(slot, view);
        for fact in &withheld {
            if !open.withheld.contains(fact) {
                open.withheld.push(fact.clone());
            }
        }
        let inputs = if withheld.is_empty() { Vec::new() } else { slot.open_inputs(view) };
        for key in slot.open_keys(view) {
            let mut of_key = inputs.iter().filter(|input| input.key == key).peekable();
            let is_withheld = of_key.peek().is_some()
                && of_key.all(|input| view.profile.withheld(&input.key, input.year).is_some());
            if is_withheld {
                continue;
            }
            match open.asked.iter_mut().find(|seen| seen.key == key) {
                Some(seen) => seen.settling_share = seen.settling_share.max(settling_share),
                None => open.asked.push(Missing { key, settling_share }),
            }
        }
    }
    open.asked.sort_by(|a, b| b.settling_share.total_cmp(&a.settling_share));
    open
}

/// Facts that would settle a slot and are withheld.
fn withheld(slot: &Slot, view: &View<'_>) -> Vec<WithheldFact> {
    let mut facts: Vec<WithheldFact> = Vec::new();
    let whole = slot.open_inputs(view).into_iter().filter_map(|input| {
        let reason = view.profile.withheld(&input.key, input.year)?.to_owned();
        Some(WithheldFact { fact: input.key, year: input.year, field: None, reason })
    });
    facts.extend(whole);
    if let Slot::Records(measure) = slot {
        let fields = open_fields(measure, view).withheld.into_iter();
        facts.extend(fields.map(|(field, reason)| WithheldFact {
            fact: measure.records.clone(),
            year: None,
            field: Some(field),
            reason,
        }));
    }
    facts
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
