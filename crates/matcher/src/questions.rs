//! Question plan (提问计划): the fewest facts to ask for that settle the most items and the most money.
//!
//! An item is settled once no unknown *fact* can change its verdict any more; open judgements are not asked of the enterprise.
//! The plan is made for the worst case, in which every answer leaves the other questions open: a new plan after an answer is
//! never longer.

#![expect(clippy::indexing_slicing, reason = "what is open is numbered by the items that wait")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_policy::fact::Fact;
use zhaoren_policy::item::Item;
use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use crate::compiled::{Plan, Residual};
use crate::missing::Missing;
use crate::slot::{OpenInput, Slot};
use crate::worth::{max_amount, valuation};

/// Questions to one enterprise, in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestionPlan {
    /// Id of the enterprise.
    pub id: String,
    /// Name of the enterprise, if the profile has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Evaluation date (判定日).
    pub as_of: Date,
    /// Number of undetermined items in force.
    pub undetermined: usize,
    /// Number of those that wait for facts; the others wait only for a judgement.
    pub waiting: usize,
    /// Maximum total of the waiting items, in yuan, as far as it is known.
    #[serde(serialize_with = "yuan")]
    pub amount: Number,
    /// Questions, best first.
    pub questions: Vec<Question>,
    /// Facts that only an office can supply, and that the enterprise is therefore not asked for; those that most items wait for first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offices: Vec<OfficeFact>,
}

/// Fact that only an office can supply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfficeFact {
    /// Key of the fact.
    pub fact: String,
    /// Name of the fact.
    pub name: String,
    /// Office that holds it.
    pub answered_by: String,
    /// Number of items that wait for it.
    pub touches: usize,
}

/// Question about one fact.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// Key of the fact.
    pub fact: String,
    /// Name of the fact.
    pub name: String,
    /// Fiscal years for which it is needed; empty for a fact without years.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub years: BTreeSet<i16>,
    /// Tags in question, for a tags fact.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Text of the question, in Chinese.
    pub text: String,
    /// Holder who can answer it, where the dictionary says so: `enterprise`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// Number of items that it can still change.
    pub touches: usize,
    /// Number of items that are certainly settled once this and all earlier questions are answered.
    pub settled: usize,
    /// Maximum total of those items, in yuan.
    #[serde(serialize_with = "yuan")]
    pub amount: Number,
    /// Ids of the items completed by this question.
    pub completes: Vec<String>,
}

fn yuan<S: serde::Serializer>(number: &Number, s: S) -> Result<S::Ok, S::Error> {
    let json: Json = number.to_json();
    json.serialize(s)
}

/// Undetermined item with its open facts.
pub(crate) struct UndeterminedItem<'a> {
    pub(crate) item: &'a Item,
    /// Facts that can still change it.
    pub(crate) missing: Vec<Missing>,
    /// The same facts with year and tag.
    pub(crate) open_inputs: Vec<OpenInput>,
    /// Maximum amount of the item in yuan; 0 if unknown.
    pub(crate) max_amount: Number,
}

/// Open facts of an undetermined item.
pub(crate) fn undetermined_item<'a>(
    item: &'a Item,
    plan: &Plan,
    residual: &mut Residual<'_>,
    view: &View<'_>,
) -> UndeterminedItem<'a> {
    let missing = crate::missing::missing(plan, residual, view).asked;
    let levels = residual.open_levels(plan.roots().root);
    let slots = levels.into_iter().map(|level| plan.slot(level));
    let amount = max_amount(&valuation(item, view));
    UndeterminedItem {
        item,
        missing,
        max_amount: amount,
        open_inputs: slots
            .flat_map(|slot: &Slot| slot.open_inputs(view))
            .filter(|input| view.profile.withheld(&input.key, input.year).is_none())
            .collect(),
    }
}

/// Office that alone can answer a question about a fact; `None` where the enterprise can.
fn office<'v>(view: &View<'v>, key: &str) -> Option<&'v str> {
    let fact = view.dictionary.get(key)?;
    fact.answered_by.as_deref().filter(|holder| *holder != ENTERPRISE)
}

/// Holder of a fact that the enterprise itself can state.
const ENTERPRISE: &str = "enterprise";

/// Facts missing from `waiting` items that only an office can supply.
pub(crate) fn office_facts(waiting: &[UndeterminedItem<'_>], view: &View<'_>) -> Vec<OfficeFact> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for waiting in waiting {
        zhaoren_cancel::poll();
        for fact in waiting.missing.iter().filter(|fact| office(view, &fact.key).is_some()) {
            *counts.entry(&fact.key).or_default() += 1;
        }
    }
    let row = |(key, touches): (&str, usize)| {
        let fact = view.dictionary.get(key)?;
        let answered_by = office(view, key)?.to_owned();
        Some(OfficeFact { fact: key.to_owned(), name: fact.name.clone(), answered_by, touches })
    };
    let mut facts: Vec<OfficeFact> = counts.into_iter().filter_map(row).collect();
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.touches));
    facts
}

/// Orders the facts missing from `waiting` items, and determines the items that each question settles; at most `limit` questions.
///
/// A fact that only an office can supply is not asked for, and the items that wait for it are not settled.
pub(crate) fn questions(waiting: &[UndeterminedItem<'_>], view: &View<'_>, limit: usize) -> Vec<Question> {
    let mut open: Vec<(usize, BTreeSet<&str>)> = waiting
        .iter()
        .enumerate()
        .map(|(at, waiting)| (at, waiting.missing.iter().map(|fact| fact.key.as_str()).collect()))
        .collect();
    open.retain(|(_, facts): &(usize, BTreeSet<&str>)| !facts.is_empty());
    let mut plan = Vec::new();
    let (mut settled, mut amount) = (0, Number::zero());
    while plan.len() < limit {
        zhaoren_cancel::steps(open.len() as u64);
        let Some(key) = best(&open, waiting, view) else { break };
        let touches = open.iter().filter(|(_, facts)| facts.contains(key)).count();
        for (_, facts) in &mut open {
            facts.remove(key);
        }
        let mut completes = Vec::new();
        for (at, _) in open.iter().filter(|(_, facts)| facts.is_empty()) {
            let done = &waiting[*at];
            settled += 1;
            amount = amount.plus(&done.max_amount);
            completes.push(done.item.id.clone());
        }
        completes.sort();
        open.retain(|(_, facts)| !facts.is_empty());
        plan.extend(view.dictionary.get(key).map(|fact| {
            let (years, tags) = details(key, waiting);
            let text = words(fact, &years, &tags);
            Question {
                fact: key.to_owned(),
                name: fact.name.clone(),
                years,
                tags,
                text,
                answered_by: fact.answered_by.clone(),
                touches,
                settled,
                amount: amount.clone(),
                completes,
            }
        }));
    }
    plan
}

/// Fact with the greatest gain: each item it touches adds more the fewer questions the item still needs, weighted by the item's
/// order of magnitude. A fact that completes an item counts four times one that leaves a single question. Of the rules tried on
/// the samples this one settled soonest (`tests/questions.rs`).
fn best<'a>(
    open: &[(usize, BTreeSet<&'a str>)],
    waiting: &[UndeterminedItem<'_>],
    view: &View<'_>,
) -> Option<&'a str> {
    let mut gains: BTreeMap<&'a str, f64> = BTreeMap::new();
    for (at, facts) in open {
        let weight = weight(&waiting[*at].max_amount);
        let count = f64::from(u32::try_from(facts.len()).unwrap_or(u32::MAX));
        for key in facts.iter().filter(|key| office(view, key).is_none()) {
            *gains.entry(key).or_default() += weight / (count * count);
        }
    }
    // Of equals, the first by key: the order never depends on the machine.
    gains.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(key, _)| key)
}

/// Weight of an item: from 1 without a known amount to 2 for 1 亿元 and more.
fn weight(max_amount: &Number) -> f64 {
    1.0 + (max_amount.to_f64().max(1.0).log10() / 8.0).clamp(0.0, 1.0)
}

fn details(key: &str, waiting: &[UndeterminedItem<'_>]) -> (BTreeSet<i16>, BTreeSet<String>) {
    let asks = waiting.iter().flat_map(|waiting| &waiting.open_inputs).filter(|ask| ask.key == key);
    let (mut years, mut tags) = (BTreeSet::new(), BTreeSet::new());
    for ask in asks {
        years.extend(ask.year);
        tags.extend(ask.tag.clone());
    }
    (years, tags)
}

fn words(fact: &Fact, years: &BTreeSet<i16>, tags: &BTreeSet<String>) -> String {
    use zhaoren_policy::fact::FactType;
    let years: Vec<String> = years.iter().map(|year| format!("{year}年")).collect();
    let when = if years.is_empty() { String::new() } else { format!("{}的", years.join("、")) };
    let unit = fact.unit.as_deref().map(|unit| format!("（{unit}）")).unwrap_or_default();
    let tags: Vec<String> = tags.iter().take(6).map(|tag| format!("“{tag}”")).collect();
    match fact.kind {
        FactType::Boolean => format!("{when}{}：是还是否？", fact.name),
        FactType::Tags if tags.is_empty() => format!("{}有哪些？", fact.name),
        FactType::Tags => format!("{}中是否有{}？", fact.name, tags.join("、")),
        FactType::Date => format!("{}是哪一天？", fact.name),
        FactType::Money => format!("{when}{}是多少（元）？", fact.name),
        FactType::Ratio => format!("{when}{}是多少（%）？", fact.name),
        FactType::Integer | FactType::Decimal => format!("{when}{}是多少{unit}？", fact.name),
        FactType::Records => {
            let fields: Vec<&str> = fact.fields.iter().map(|field| field.name.as_str()).collect();
            format!("{}有哪些（每{}写明{}）？", fact.name, fact.record_unit(), fields.join("、"))
        }
        FactType::Code | FactType::Text => format!("{when}{}是什么？", fact.name),
    }
}
