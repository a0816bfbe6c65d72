//! Acknowledged differences between the words of a criterion and its rule.

use serde::{Deserialize, Serialize};
use zhaoren_cancel::poll;

use super::read::Reader;
use crate::problem::Fault;
use crate::syntax::{Node, Tree};

/// Difference between written words and their rule that a person has accepted with a reason.
///
/// It names both sides: a later change of either ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Words as written in `text` or `quote` of a criterion.
    pub words: String,
    /// Rule in its generated words, as the message about the difference gives it.
    pub rule: String,
    /// Reason why both are right.
    pub reason: String,
}

/// Reads the value of `acknowledged`.
pub(super) fn acknowledgements(reader: &mut Reader<'_>, node: &Node) -> Vec<Acknowledgement> {
    let Tree::List(list) = &node.value else {
        reader.report.expected(node, "acknowledged", "a list of {words, rule, reason}");
        return Vec::new();
    };
    let mut read = Vec::new();
    for (index, one) in list.iter().enumerate() {
        poll();
        read.extend(acknowledgement(reader, one, &format!("acknowledged[{index}]")));
    }
    read
}

fn acknowledgement(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<Acknowledgement> {
    let Tree::Map(entries) = &node.value else {
        reader.report.expected(node, path, "a map with `words`, `rule` and `reason`");
        return None;
    };
    let (mut words, mut rule, mut reason) = (None, None, None);
    for (key, value) in entries {
        let at = format!("{path}.{key}");
        match key.as_str() {
            "words" => words = reader.text(value, &at),
            "rule" => rule = reader.text(value, &at),
            "reason" => reason = reader.text(value, &at),
            _ => reader.report_if_unknown_key(key, value, path, &["words", "rule", "reason"]),
        }
    }
    for key in ["words", "rule", "reason"] {
        if node.get(key).is_none() {
            reader.report.error(node.line, path, Fault::MissingKey(key.to_owned()));
        }
    }
    Some(Acknowledgement { words: words?, rule: rule?, reason: reason? })
}
