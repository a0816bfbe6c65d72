//! Reads YAML, JSON and JSON Lines into one positioned tree.
//!
//! Everything that is loaded (items, profiles, dictionaries) goes through [`Node`], so that an error can name the line and the
//! path of the invalid value. No I/O: the caller passes the text.
//!
//! ```
//! use zhaoren_policy::syntax;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let documents = syntax::yaml("id: sample\nfacts: {employees: 86}")?;
//! let employees = documents[0].at("facts.employees").unwrap();
//! assert_eq!(employees.line, 2);
//! assert_eq!(employees.to_json(), 86);
//! # Ok(())
//! # }
//! ```

mod json;
mod keys;
mod write;
mod yaml;

use crate::limits;
use crate::number::Number;

pub use json::{json, json_at};
pub use write::write_json_string;
pub use yaml::yaml;

/// Value with the line it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Value of the node.
    pub value: Tree,
    /// 1-based line.
    pub line: u32,
}

/// Value of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`, `~` or empty.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Number with the digits as typed: `0.10`, `1e3`; in YAML also `0111` and `+5`.
    Number(String),
    /// Text.
    Text(String),
    /// List of nodes.
    List(Vec<Node>),
    /// Map in the order written; keys are unique.
    Map(Vec<(String, Node)>),
}

/// Error of text that is not well-formed YAML or JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// 1-based line.
    pub line: u32,
    /// Fault in words.
    pub message: String,
}

impl Node {
    /// Value under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Tree::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Value at a path as written in problems, such as `criteria.all[0].quote`.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, step| {
            let mut parts = step.split('[');
            let node = node.get(parts.next()?)?;
            parts.try_fold(node, |node, place| match &node.value {
                Tree::List(list) => list.get(place.strip_suffix(']')?.parse::<usize>().ok()?),
                _ => None,
            })
        })
    }

    /// Text, if this is text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True if this is null.
    pub fn is_null(&self) -> bool {
        self.value == Tree::Null
    }

    /// Type and text of this value, for "got …" in a message.
    pub fn describe(&self) -> String {
        match &self.value {
            Tree::Null => "null".to_owned(),
            Tree::Bool(flag) => format!("`{flag}`"),
            Tree::Number(text) => format!("number `{}`", shorten(text)),
            Tree::Text(text) => format!("text `{}`", shorten(text)),
            Tree::List(items) => format!("a list of {}", items.len()),
            Tree::Map(entries) => {
                let keys: Vec<String> = entries.iter().take(4).map(|(key, _)| shorten(key)).collect();
                format!("a map with `{}`", keys.join("`, `"))
            }
        }
    }

    /// Number, if [`Number::parse`] reads it. `0111` is a code, not a number.
    pub fn number(&self) -> Option<Number> {
        match &self.value {
            Tree::Number(text) => Number::parse(write::json_number(text)?),
            _ => None,
        }
    }

    /// Same value as plain JSON without positions, for display.
    ///
    /// Numbers keep their digits. One that JSON has no form for, such as the code `0111` in YAML, becomes text, as in
    /// [`Node::json_text`].
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.value {
            Tree::Null => Value::Null,
            Tree::Bool(flag) => Value::Bool(*flag),
            Tree::Number(text) => write::json_number(text)
                .and_then(|number| serde_json::from_str::<serde_json::Number>(number).ok())
                .map_or_else(|| Value::String(text.clone()), Value::Number),
            Tree::Text(text) => Value::String(text.clone()),
            Tree::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Tree::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect())
            }
        }
    }
}

/// Text, or its beginning if it is too long for a message.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(limits::QUOTED_LENGTH) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_resolve_to_values_and_lines() {
        let nodes = yaml("criteria:\n  all:\n    - judged: 甲\n    - case:\n      - when: {judged: 乙}\n        then: {judged: 丙}\n").unwrap();
        let at = |path: &str| nodes[0].at(path).map(|node| (node.line, node.text().map(str::to_owned)));
        assert_eq!(at("criteria.all[0].judged"), Some((3, Some("甲".to_owned()))));
        assert_eq!(at("criteria.all[1].case[0].then.judged"), Some((6, Some("丙".to_owned()))));
        for missing in [
            "criteria.all[2].judged",
            "criteria.any[0]",
            "criteria.all[x]",
            "criteria.all[0]].judged",
            "",
            "[",
        ] {
            assert_eq!(at(missing), None, "{missing}");
        }
    }
}
