//! Decisions of a person on the parts of a draft item, and the item and corrections that follow from them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use zhaoren_cancel::poll;
use zhaoren_conditions::criteria_json;
use zhaoren_policy::criterion::{Criterion, read_canonical};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_registry::ReadingCorrection;

use super::sheet::{PartKind, ReadingPart, SheetItem};
use crate::wording::wording_differences;

/// Longest canonical text that is read for one part, in bytes.
const LONGEST: usize = 20_000;

/// Decision on one part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do", content = "criteria")]
pub enum PartDecision {
    /// The reading is right; a part without criteria has none.
    #[default]
    Accept,
    /// Its criteria are these, in canonical Chinese.
    Correct(String),
    /// It is no condition.
    Reject,
    /// Only a person can decide it.
    Judge,
}

impl PartDecision {
    /// Name in data, and in the fields of a form.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Correct(_) => "correct",
            Self::Reject => "reject",
            Self::Judge => "judge",
        }
    }

    /// Decision by its name; `text` is the canonical Chinese of a correction.
    pub fn parse(name: &str, text: &str) -> Option<Self> {
        match name {
            "accept" => Some(Self::Accept),
            "correct" => Some(Self::Correct(text.to_owned())),
            "reject" => Some(Self::Reject),
            "judge" => Some(Self::Judge),
            _ => None,
        }
    }
}

/// Decisions on a draft item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemDecisions {
    /// One for each part, in order; parts beyond the end are accepted.
    pub parts: Vec<PartDecision>,
    /// Id of the item; empty for that of the draft.
    pub id: String,
    /// Title of the item; empty for that of the draft.
    pub title: String,
    /// The item without criteria as JSON, where a person changed amounts, windows or other figures.
    pub body: Option<Map<String, Json>>,
}

/// Error of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFault {
    /// Index of the part.
    pub part: usize,
    /// The error, with its line of the typed text.
    pub problem: Problem,
}

/// Result of the decisions on an item.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedItem {
    /// The item in the form that its loader reads.
    pub body: Map<String, Json>,
    /// A record of each decision on a part that has criteria, before or after.
    pub corrections: Vec<ReadingCorrection>,
}

impl SheetItem {
    /// The item as decided, or the errors of the corrections. `region` is what 本市 means in the document.
    ///
    /// # Errors
    /// A correction is no canonical Chinese; every such part is named.
    pub fn decide(
        &self,
        decisions: &ItemDecisions,
        region: &str,
        dictionary: &FactDictionary,
    ) -> Result<DecidedItem, Vec<PartFault>> {
        let (mut criteria, mut corrections, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (index, part) in self.parts.iter().enumerate() {
            poll();
            let decision = decisions.parts.get(index).unwrap_or(&PartDecision::Accept);
            match part.decide(decision, dictionary) {
                Err(problems) => {
                    faults.extend(problems.into_iter().map(|problem| PartFault { part: index, problem }));
                }
                Ok(decided) => {
                    corrections.extend(part.correction(decision, &decided, region));
                    if !decided.is_null() {
                        criteria.push(decided);
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut body = decisions.body.clone().unwrap_or_else(|| self.body.clone());
        let id = if decisions.id.trim().is_empty() { self.id.as_str() } else { decisions.id.trim() };
        let title =
            if decisions.title.trim().is_empty() { self.title.as_str() } else { decisions.title.trim() };
        body.insert("id".to_owned(), id.into());
        body.insert("title".to_owned(), title.into());
        body.insert("criteria".to_owned(), conjunction(criteria));
        self.acknowledge(decisions, &mut body, dictionary);
        Ok(DecidedItem { body, corrections })
    }

    /// Writes down where a correction departs from the sentence that it replaces: the author has both before them, and the
    /// reviewer sees both. Only corrected parts are acknowledged.
    fn acknowledge(
        &self,
        decisions: &ItemDecisions,
        body: &mut Map<String, Json>,
        dictionary: &FactDictionary,
    ) {
        let corrected: BTreeSet<&str> = self
            .parts
            .iter()
            .zip(&decisions.parts)
            .filter(|(_, decision)| matches!(decision, PartDecision::Correct(_)))
            .map(|(part, _)| part.text.trim())
            .collect();
        if corrected.is_empty() {
            return;
        }
        let text = Json::Object(body.clone()).to_string();
        let (items, _) = read_items(&text, "item.json", dictionary);
        let differences = items.iter().flat_map(|(item, _)| wording_differences(item, dictionary));
        let accepted: Vec<Json> = differences
            .filter(|one| one.reason.is_none() && corrected.contains(one.conflict.words.as_str()))
            .map(|one| {
                json!({"words": one.conflict.words, "rule": one.conflict.rule, "reason": "对照原文时由提出人更正"})
            })
            .collect();
        if accepted.is_empty() {
            return;
        }
        let before = body.entry("acknowledged").or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(before) = before {
            before.extend(accepted);
        }
    }
}

/// All of `criteria` as JSON: conjunctions among them without evidence of their own are one list.
fn conjunction(criteria: Vec<Json>) -> Json {
    let mut flat = Vec::new();
    for one in criteria {
        match one {
            Json::Object(mut map) if map.len() == 1 && map.get("all").is_some_and(Json::is_array) => {
                match map.remove("all") {
                    Some(Json::Array(of)) => flat.extend(of),
                    other => flat.extend(other),
                }
            }
            other => flat.push(other),
        }
    }
    match flat.len() {
        1 => flat.pop().unwrap_or_default(),
        _ => json!({"all": flat}),
    }
}

impl ReadingPart {
    /// Criteria of the part as decided, as JSON; null for none.
    pub(super) fn decide(
        &self,
        decision: &PartDecision,
        dictionary: &FactDictionary,
    ) -> Result<Json, Vec<Problem>> {
        match decision {
            PartDecision::Accept => Ok(self.criteria.clone()),
            PartDecision::Reject => Ok(Json::Null),
            PartDecision::Judge => Ok(json!({"judged": self.text, "quote": self.text})),
            PartDecision::Correct(text) if text.trim() == self.canonical && !self.criteria.is_null() => {
                Ok(self.criteria.clone())
            }
            PartDecision::Correct(text) => {
                let read = parse(text, dictionary)?;
                let mut value = criteria_json(&read);
                if let Some(map) = value.as_object_mut().filter(|_| !self.text.trim().is_empty()) {
                    map.entry("quote").or_insert_with(|| self.text.trim().into());
                }
                Ok(value)
            }
        }
    }

    /// Record of a decision; `None` if the part neither had nor has criteria.
    pub(super) fn correction(
        &self,
        decision: &PartDecision,
        decided: &Json,
        region: &str,
    ) -> Option<ReadingCorrection> {
        let had_criteria = !self.criteria.is_null();
        if !had_criteria && decided.is_null() {
            return None;
        }
        let name = if *decided == self.criteria { "accept" } else { decision.name() };
        let as_text = |value: &Json| if value.is_null() { String::new() } else { value.to_string() };
        let construction = if decided.is_null() { "negative" } else { self.construction.as_str() };
        Some(ReadingCorrection {
            decision: name.to_owned(),
            text: self.text.trim().to_owned(),
            region: region.to_owned(),
            kind: construction.to_owned(),
            as_read: as_text(&self.criteria),
            criteria: as_text(decided),
            ..ReadingCorrection::default()
        })
    }

    /// True if the part has no criteria.
    pub fn is_open(&self) -> bool {
        matches!(self.kind, PartKind::Unread | PartKind::Reference)
    }
}

/// Criteria in canonical Chinese; the errors with their lines otherwise.
pub(super) fn parse(text: &str, dictionary: &FactDictionary) -> Result<Criterion, Vec<Problem>> {
    let mut too_long = Report::new("");
    if text.len() > LONGEST {
        too_long.error(0, "", Fault::Other(format!("条件太长，应不超过 {LONGEST} 字节")));
        return Err(too_long.problems);
    }
    let (read, report) = read_canonical(text, "", dictionary);
    read.ok_or(report.problems)
}
