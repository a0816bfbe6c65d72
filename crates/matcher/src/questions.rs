//! Question plan (提问计划): the fewest facts to ask for that settle the most items and the most money.
//!
//! An item is settled once no unknown *fact* can change its verdict any more; open judgements are not asked of the enterprise.
//! The plan is made for the worst case, in which every answer leaves the other questions open: a new plan after an answer is
//! never longer.
//!
//! Items that rank high for the enterprise come first, and a fact that is rarely positive counts less: it decides against most
//! items, and is asked together with other rarities. A fact behind a gate (境外母公司总资产 behind 由境外母公司投资设立) is asked
//! after it, and not at all if the gate is closed.

#![expect(clippy::indexing_slicing, reason = "what is open is numbered by the items that wait")]

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::fact::{Fact, FactType, Knowledge, Period, Value};
use zhaoren_policy::item::Item;
use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use crate::amount_questions::AmountQuestion;
use crate::compiled::{Plan, Residual};
use crate::missing::Missing;
use crate::rarities::{CombinedQuestion, NEVER, is_rare};
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
    /// Questions about amounts, to be asked behind the others: the one that makes most amounts known first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<AmountQuestion>,
    /// One question for all rarities among them; `None` if there are fewer than two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combined: Option<CombinedQuestion>,
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

/// Item that a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuestionItem {
    /// Id of the item.
    pub policy: String,
    /// Title of the item.
    pub title: String,
    /// Benefit, in the words of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gives: Option<String>,
    /// True if nothing else is open: the answer settles it.
    pub settles: bool,
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
    /// Up to three of the items that it can still change: those that it settles first, then by rank.
    pub items: Vec<QuestionItem>,
    /// Key of the fact that has to be asked before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// True if most enterprises answer no; it is part of the combined question.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rare: bool,
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
    /// True if the item is among the first [`TOP`] of the enterprise.
    pub(crate) is_top: bool,
}

/// Number of items that the interview settles first.
pub(crate) const TOP: usize = 20;
/// Weight of an item beyond them.
const WEIGHT_BEYOND: f64 = 0.01;
/// Weight of an item for each rarity that it needs.
const WEIGHT_OF_RARITY: f64 = 0.25;
/// Maximum number of items named by a question.
const MAX_ITEMS: usize = 3;

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
        is_top: true,
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
    for (_, facts) in &mut open {
        facts.retain(|key| !is_behind_closed_gate(key, view));
    }
    open.retain(|(_, facts): &(usize, BTreeSet<&str>)| !facts.is_empty());
    let asked: BTreeSet<&str> = open.iter().flat_map(|(_, facts)| facts.iter().copied()).collect();
    let gate = |key: &str| {
        let gate = view.dictionary.get(key)?.gate.clone()?;
        asked.contains(gate.as_str()).then_some(gate)
    };
    let mut plan = Vec::new();
    let (mut settled, mut amount) = (0, Number::zero());
    while plan.len() < limit {
        zhaoren_cancel::steps(open.len() as u64);
        let Some(key) = best(&open, waiting, view, &gate) else { break };
        let touched: Vec<usize> =
            open.iter().filter(|(_, facts)| facts.contains(key)).map(|(at, _)| *at).collect();
        let touches = touched.len();
        for (_, facts) in &mut open {
            facts.remove(key);
        }
        let mut completes = Vec::new();
        let items = concerned(&touched, key, waiting);
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
                items,
                after: gate(key),
                rare: is_rare(fact),
            }
        }));
    }
    plan
}

/// True if the gate of a fact is known to be closed: 否, 0, or no tag held. The fact is then not asked.
fn is_behind_closed_gate(key: &str, view: &View<'_>) -> bool {
    let gate = view.dictionary.get(key).and_then(|fact| view.dictionary.get(fact.gate.as_deref()?));
    let Some(gate) = gate else { return false };
    let year = (gate.period == Period::Year).then(|| view.last_year());
    match (gate.kind, view.knowledge(gate, year)) {
        (FactType::Tags, _) => {
            view.tags(&gate.key).is_some_and(|tags| tags.is_complete() && tags.tags_on(view.as_of).is_empty())
        }
        (FactType::Date, Knowledge::Within { high: Some(Value::Date(day)), .. }) => {
            parse_date(NEVER).is_some_and(|never| day <= never)
        }
        (_, Knowledge::Exactly(Value::Bool(truth))) => !truth,
        (_, Knowledge::Exactly(Value::Number(number))) => number == Number::zero(),
        _ => false,
    }
}

/// Items to name at a question.
fn concerned(touched: &[usize], key: &str, waiting: &[UndeterminedItem<'_>]) -> Vec<QuestionItem> {
    let settles = |one: &UndeterminedItem<'_>| one.missing.iter().all(|fact| fact.key == key);
    let mut items: Vec<&UndeterminedItem<'_>> = touched.iter().map(|at| &waiting[*at]).collect();
    items.sort_by(|a, b| {
        let rank = |one: &UndeterminedItem<'_>| (!settles(one), !one.is_top);
        rank(a)
            .cmp(&rank(b))
            .then_with(|| b.max_amount.cmp(&a.max_amount))
            .then_with(|| a.item.id.cmp(&b.item.id))
    });
    let line = |one: &UndeterminedItem<'_>| QuestionItem {
        policy: one.item.id.clone(),
        title: one.item.title.clone(),
        gives: one.item.benefit.amount.text.clone(),
        settles: settles(one),
    };
    items.into_iter().take(MAX_ITEMS).map(line).collect()
}

/// Fact with the greatest gain: each item it touches adds more the fewer questions the item still needs, weighted by the item's
/// order of magnitude, its rank, and the rarities that it needs. A fact waits for its gate. A fact that completes an item counts four times one that leaves a single question. Of the rules tried on
/// the samples this one settled soonest (`tests/questions.rs`).
fn best<'a>(
    open: &[(usize, BTreeSet<&'a str>)],
    waiting: &[UndeterminedItem<'_>],
    view: &View<'_>,
    gate: &dyn Fn(&str) -> Option<String>,
) -> Option<&'a str> {
    let rare = |key: &str| view.dictionary.get(key).is_some_and(is_rare);
    let still_open: BTreeSet<&str> = open.iter().flat_map(|(_, facts)| facts.iter().copied()).collect();
    let waits_for_gate = |key: &str| gate(key).is_some_and(|gate| still_open.contains(gate.as_str()));
    let mut gains: BTreeMap<&'a str, f64> = BTreeMap::new();
    for (at, facts) in open {
        let one = &waiting[*at];
        let rank = if one.is_top { 1.0 } else { WEIGHT_BEYOND };
        let rarities = i32::try_from(facts.iter().filter(|key| rare(key)).count()).unwrap_or(i32::MAX);
        let weight = weight(&one.max_amount) * rank * WEIGHT_OF_RARITY.powi(rarities);
        let count = f64::from(u32::try_from(facts.len()).unwrap_or(u32::MAX));
        for key in facts.iter().filter(|key| office(view, key).is_none()) {
            *gains.entry(key).or_default() += weight / (count * count);
        }
    }
    // Of equals, the first by key: the order never depends on the machine.
    let ready: BTreeMap<&'a str, f64> =
        gains.iter().filter(|(key, _)| !waits_for_gate(key)).map(|(key, gain)| (*key, *gain)).collect();
    // Gates that wait for each other are asked in any order.
    let gains = if ready.is_empty() { gains } else { ready };
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

/// Text of a question about a fact, in Chinese.
pub(crate) fn words(fact: &Fact, years: &BTreeSet<i16>, tags: &BTreeSet<String>) -> String {
    let years: Vec<String> = years.iter().map(|year| format!("{year}年")).collect();
    let when = if years.is_empty() { String::new() } else { format!("{}的", years.join("、")) };
    // A unit that the name has already is not repeated.
    let unit =
        fact.unit.as_deref().map(|unit| format!("（{unit}）")).filter(|unit| !fact.name.ends_with(unit));
    let unit = unit.unwrap_or_default();
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
