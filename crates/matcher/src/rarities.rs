//! One question for many rarities (以下各项，企业有吗): facts for which most enterprises answer no, asked together.
//!
//! A single answer, none of them (都没有), makes all of them known. It is an answer of the enterprise like any other: nothing is
//! assumed without it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Frequency};

use crate::questions::Question;

/// Day used for an event that never happened: its last time lies before anything that counts.
pub const NEVER: &str = "1900-01-01";

/// Question about several rarities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CombinedQuestion {
    /// Text of the question, in Chinese.
    pub text: String,
    /// The rarities, in the order of the plan.
    pub facts: Vec<Rarity>,
}

/// Fact that few enterprises have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rarity {
    /// Key of the fact.
    pub fact: String,
    /// Name of the fact, with the titles in question.
    pub name: String,
    /// Facts that the answer none (没有) adds to a profile.
    pub none: Map<String, Json>,
    /// The same as answers to a form: `KEY`, `KEY.YEAR` or `KEY#TAG`, each with its text.
    #[serde(skip)]
    pub answers: Vec<(String, String)>,
}

/// Combines the rarities among `questions`; `None` if there are fewer than two. A fact behind an open gate is not among them.
pub(crate) fn combined(questions: &[Question], dictionary: &FactDictionary) -> Option<CombinedQuestion> {
    let rare = questions.iter().filter(|question| question.after.is_none());
    let facts: Vec<Rarity> = rare
        .filter_map(|question| {
            let fact = dictionary.get(&question.fact)?;
            is_rare(fact).then(|| rarity(fact, &question.years, &question.tags)).flatten()
        })
        .collect();
    (facts.len() > 1).then(|| CombinedQuestion { text: "以下各项，企业有吗？".to_owned(), facts })
}

/// True for a fact for which most enterprises answer no: one that the dictionary says so of, or the last time of a bad event.
pub(crate) fn is_rare(fact: &Fact) -> bool {
    fact.common == Some(Frequency::Rare) || fact.last.is_some()
}

/// The answer none for a fact; `None` if it has no such answer.
fn rarity(fact: &Fact, years: &BTreeSet<i16>, tags: &BTreeSet<String>) -> Option<Rarity> {
    let key = &fact.key;
    let (value, text) = match fact.kind {
        FactType::Boolean => (json!(false), "否"),
        kind if kind.is_number() => {
            let zero = zhaoren_policy::number::Number::zero();
            if fact.min.as_ref().is_none_or(|min| *min > zero) {
                return None;
            }
            (json!(0), "0")
        }
        FactType::Tags if !tags.is_empty() => (json!({"has": [], "lacks": tags}), "否"),
        FactType::Date if fact.last.is_some() => (json!({"at_most": NEVER}), "从未发生过"),
        FactType::Records => (json!([]), "[]"),
        _ => return None,
    };
    let answer = |name: String| (name, text.to_owned());
    let (value, answers) = if years.is_empty() {
        let names: Vec<String> = match fact.kind {
            FactType::Tags => tags.iter().map(|tag| format!("{key}#{tag}")).collect(),
            _ => vec![key.clone()],
        };
        (value, names.into_iter().map(answer).collect())
    } else {
        let by_year: BTreeMap<String, Json> =
            years.iter().map(|year| (year.to_string(), value.clone())).collect();
        (json!(by_year), years.iter().map(|year| answer(format!("{key}.{year}"))).collect())
    };
    let name = match tags.len() {
        0 => fact.last.clone().unwrap_or_else(|| fact.name.clone()),
        count => {
            let some: Vec<&str> = tags.iter().take(4).map(String::as_str).collect();
            format!("{}：{}{}", fact.name, some.join("、"), if count > 4 { " 等" } else { "" })
        }
    };
    Some(Rarity { fact: key.clone(), name, none: Map::from_iter([(key.clone(), value)]), answers })
}
