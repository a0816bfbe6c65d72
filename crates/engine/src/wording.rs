//! Words of criteria beside their rules: differences, and which of them a person has acknowledged.

use serde_json::{Value as Json, json};
use zhaoren_conditions::wording::{WordingConflict, WordingField, conflicts};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::{Fault, Report};

use crate::evidence_paths::{quote_path, wording_path};
use crate::open::Engine;
use crate::source::ImportItem;

/// Difference between the words of a criterion and its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordingDifference {
    /// The difference.
    pub conflict: WordingConflict,
    /// Reason why it was accepted; `None` if it was not.
    pub reason: Option<String>,
}

/// Differences between the words and the rules of an item, in reading order.
pub fn wording_differences(item: &Item, dictionary: &FactDictionary) -> Vec<WordingDifference> {
    let found = conflicts(&item.criteria, dictionary).into_iter();
    found
        .map(|conflict| {
            let accepted =
                item.acknowledged.iter().find(|one| one.words == conflict.words && one.rule == conflict.rule);
            WordingDifference { reason: accepted.map(|one| one.reason.clone()), conflict }
        })
        .collect()
}

impl Engine {
    /// Differences between the words and the rules of the item with this JSON; none if it cannot be read.
    pub fn wording_differences_in(&self, body: &str) -> Vec<WordingDifference> {
        let rules = self.rules();
        let (items, _) = read_items(body, "item.json", rules.dictionary());
        items.iter().flat_map(|(item, _)| wording_differences(item, rules.dictionary())).collect()
    }

    /// The item with this JSON, with every difference between its words and its rules acknowledged for `reason`; unchanged if
    /// it cannot be read.
    pub fn acknowledge_differences(&self, body: Vec<u8>, reason: &str) -> Vec<u8> {
        let text = String::from_utf8_lossy(&body).into_owned();
        let open = self.wording_differences_in(&text).into_iter().filter(|one| one.reason.is_none());
        let accepted: Vec<Json> = open
            .map(|one| json!({"words": one.conflict.words, "rule": one.conflict.rule, "reason": reason}))
            .collect();
        let Ok(Json::Object(mut item)) = serde_json::from_str(&text) else { return body };
        if accepted.is_empty() {
            return body;
        }
        if let Json::Array(before) = item.entry("acknowledged").or_insert_with(|| Json::Array(Vec::new())) {
            before.extend(accepted);
        }
        Json::Object(item).to_string().into_bytes()
    }
}

/// Reports the differences of an item that were not acknowledged. True if there are any.
pub(crate) fn report_differences(one: &ImportItem, dictionary: &FactDictionary, report: &mut Report) -> bool {
    let mut any = false;
    for WordingDifference { conflict, reason } in wording_differences(&one.item, dictionary) {
        if reason.is_some() {
            continue;
        }
        any = true;
        let path = match conflict.field {
            WordingField::Text => wording_path(&conflict.path),
            WordingField::Quote => quote_path(&conflict.path),
        };
        let line = one.lines.get(&path).copied().unwrap_or(0);
        let fault =
            Fault::Other(format!("{conflict}；改正其一，或在事项的 acknowledged 中写明 words、rule、reason"));
        report.error(line, &path, fault);
    }
    any
}
