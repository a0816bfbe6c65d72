//! Questions about amounts (金额提问): the facts that would tell how much an item gives. They stand behind the questions about
//! conditions, since no verdict depends on them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zhaoren_policy::fact::Period;
use zhaoren_policy::item::Item;
use zhaoren_policy::item::amount::Valuation;
use zhaoren_policy::view::View;

use crate::questions::words;

/// Question about one fact that amounts depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmountQuestion {
    /// Key of the fact.
    pub fact: String,
    /// Name of the fact.
    pub name: String,
    /// Unit of the fact, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Fiscal years for which it is needed; empty for a fact without years.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub years: BTreeSet<i16>,
    /// Text of the question, in Chinese.
    pub text: String,
    /// Ids of the items whose amount it narrows, in order.
    pub items: Vec<String>,
    /// Ids of those whose amount depends on nothing else that is unknown, in order.
    pub completes: Vec<String>,
}

/// Open facts of amounts, by key: for each, the items and whether it is their only open fact.
#[derive(Debug, Default)]
pub(crate) struct AmountAsks {
    open: BTreeMap<String, Vec<(String, bool)>>,
}

impl AmountAsks {
    /// Adds the open facts of the amount of `item`.
    pub(crate) fn add(&mut self, item: &Item, valuation: &Valuation) {
        zhaoren_cancel::steps(valuation.open_facts.len() as u64);
        let alone = valuation.open_facts.len() == 1 && valuation.open_inputs.is_empty();
        for key in &valuation.open_facts {
            self.open.entry(key.clone()).or_default().push((item.id.clone(), alone));
        }
    }

    /// At most `limit` questions: the one that makes most amounts known first, then the one that narrows most, then by key.
    /// Only items that `kept` accepts count; facts that their holder refuses to give are not asked for.
    pub(crate) fn questions(
        self,
        view: &View<'_>,
        limit: usize,
        kept: impl Fn(&str) -> bool,
    ) -> Vec<AmountQuestion> {
        let mut questions = Vec::new();
        for (key, mut items) in self.open {
            zhaoren_cancel::steps(items.len() as u64);
            items.retain(|(id, _)| kept(id));
            let Some(fact) = view.dictionary.get(&key).filter(|_| !items.is_empty()) else { continue };
            let year = (fact.period == Period::Year).then(|| view.last_year());
            if view.profile.withheld(&key, year).is_some() {
                continue;
            }
            items.sort();
            let years: BTreeSet<i16> = year.into_iter().collect();
            let completes = items.iter().filter(|(_, alone)| *alone).map(|(id, _)| id.clone()).collect();
            questions.push(AmountQuestion {
                name: fact.name.clone(),
                unit: fact.unit.clone(),
                text: words(fact, &years, &BTreeSet::new()),
                years,
                items: items.into_iter().map(|(id, _)| id).collect(),
                completes,
                fact: key,
            });
        }
        let rank = |one: &AmountQuestion| (one.completes.len(), one.items.len());
        questions.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.fact.cmp(&b.fact)));
        questions.truncate(limit);
        questions
    }
}
