//! The question plan (提问计划): the fewest facts to ask that settle the most items and the most money.
//!
//! An item is settled once no unknown *fact* can change its verdict any more; what a person still has to judge is
//! not asked of the enterprise. The plan is made for the worst case, in which every answer leaves the other
//! questions open: asking again after an answer plans anew, and is never longer.

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
use crate::slot::{Ask, Slot};
use crate::worth::{most, valuation};

/// What to ask one enterprise, in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestionPlan {
    /// The enterprise.
    pub id: String,
    /// Its name, when the profile has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The evaluation date (判定日).
    pub as_of: Date,
    /// How many items in force are undetermined.
    pub undetermined: usize,
    /// How many of those wait for facts; the others only for what a person judges.
    pub waiting: usize,
    /// The most that the waiting items could bring, in yuan, as far as that is known.
    #[serde(serialize_with = "yuan")]
    pub amount: Number,
    /// The questions, best first.
    pub questions: Vec<Question>,
}

/// One fact to ask for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// Key of the fact.
    pub fact: String,
    /// Its name.
    pub name: String,
    /// The fiscal years it is needed for; empty for a fact that has no years.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub years: BTreeSet<i16>,
    /// The tags in question, for a tags fact.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// The question in words.
    pub text: String,
    /// How many items it can still change.
    pub touches: usize,
    /// How many items are settled for certain once this and all questions before it are answered.
    pub settled: usize,
    /// What those items could bring together, in yuan.
    #[serde(serialize_with = "yuan")]
    pub amount: Number,
    /// Ids of the items that this question completes.
    pub completes: Vec<String>,
}

fn yuan<S: serde::Serializer>(number: &Number, s: S) -> Result<S::Ok, S::Error> {
    let json: Json = number.to_json();
    json.serialize(s)
}

/// An undetermined item with what it waits for.
pub(crate) struct Waiting<'a> {
    pub(crate) item: &'a Item,
    /// The facts that can still change it.
    pub(crate) missing: Vec<Missing>,
    /// The same, in detail.
    pub(crate) asks: Vec<Ask>,
    /// The most it can come to, in yuan; 0 where that is not known.
    pub(crate) most: Number,
}

/// What an undetermined item waits for.
pub(crate) fn waiting<'a>(
    item: &'a Item,
    plan: &Plan,
    residual: &mut Residual<'_>,
    view: &View<'_>,
) -> Waiting<'a> {
    let missing = crate::missing::missing(plan, residual, view);
    let levels = residual.open_levels(plan.roots().root);
    let slots = levels.into_iter().map(|level| plan.slot(level));
    let most = most(&valuation(item, view));
    Waiting { item, missing, most, asks: slots.flat_map(|slot: &Slot| slot.asks_for(view)).collect() }
}

/// Orders the facts that `waiting` items lack, and says what each question settles; at most `limit` questions.
pub(crate) fn questions(waiting: &[Waiting<'_>], view: &View<'_>, limit: usize) -> Vec<Question> {
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
        let Some(key) = best(&open, waiting) else { break };
        let touches = open.iter().filter(|(_, facts)| facts.contains(key)).count();
        for (_, facts) in &mut open {
            facts.remove(key);
        }
        let mut completes = Vec::new();
        for (at, _) in open.iter().filter(|(_, facts)| facts.is_empty()) {
            let done = &waiting[*at];
            settled += 1;
            amount = amount.plus(&done.most);
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
                touches,
                settled,
                amount: amount.clone(),
                completes,
            }
        }));
    }
    plan
}

/// The fact that goes furthest: for each item it touches, the more the fewer questions the item still needs, weighed
/// by the item's order of magnitude. One that completes an item counts four times one that leaves a single question.
/// Of the rules tried on the samples this one settled soonest (`tests/questions.rs`).
fn best<'a>(open: &[(usize, BTreeSet<&'a str>)], waiting: &[Waiting<'_>]) -> Option<&'a str> {
    let mut gains: BTreeMap<&'a str, f64> = BTreeMap::new();
    for (at, facts) in open {
        let weight = weight(&waiting[*at].most);
        let count = f64::from(u32::try_from(facts.len()).unwrap_or(u32::MAX));
        for key in facts {
            *gains.entry(key).or_default() += weight / (count * count);
        }
    }
    // Of equals the first by key: the order never depends on the machine.
    gains.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(key, _)| key)
}

/// From 1 for an item without a known amount to 2 for 1 亿元 and more.
fn weight(most: &Number) -> f64 {
    1.0 + (most.to_f64().max(1.0).log10() / 8.0).clamp(0.0, 1.0)
}

fn details(key: &str, waiting: &[Waiting<'_>]) -> (BTreeSet<i16>, BTreeSet<String>) {
    let asks = waiting.iter().flat_map(|waiting| &waiting.asks).filter(|ask| ask.key == key);
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
        FactType::Code | FactType::Text => format!("{when}{}是什么？", fact.name),
    }
}
