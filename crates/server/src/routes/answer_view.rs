//! Parts of an answer about a profile besides its verdicts: the clauses, which may be left out, and the facts that it
//! names, which may be added with their names and choices.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use zhaoren_engine::FactDictionary;

use super::to_json;
use crate::problem::Problem;
use crate::request::Query;

/// Parts of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnswerView {
    /// True if every clause and the nearest changes are listed.
    explain: bool,
    /// True if the facts that are named are described in `facts`.
    facts: bool,
}

impl Default for AnswerView {
    fn default() -> Self {
        Self { explain: true, facts: false }
    }
}

impl AnswerView {
    /// Names of the parameters.
    pub(super) const KNOWN: [&str; 2] = ["explain", "facts"];

    pub(super) fn read(query: &Query) -> Result<Self, Problem> {
        Ok(Self { explain: query.flag("explain", true)?, facts: query.flag("facts", false)? })
    }

    /// Leaves out and adds what was asked for.
    pub(super) fn apply(self, answer: &mut Value, dictionary: &FactDictionary) -> Result<(), Problem> {
        let Some(answer) = answer.as_object_mut() else { return Ok(()) };
        if !self.explain {
            for one in answer.get_mut("matches").and_then(Value::as_array_mut).into_iter().flatten() {
                zhaoren_cancel::poll();
                for part in ["clauses", "nearest"] {
                    if let Some(part) = one.get_mut(part) {
                        *part = Value::Array(Vec::new());
                    }
                }
            }
        }
        if self.facts {
            let mut named = BTreeSet::new();
            for (list, members) in [("matches", true), ("questions", false)] {
                for one in answer.get(list).and_then(Value::as_array).into_iter().flatten() {
                    zhaoren_cancel::poll();
                    names(one, members, &mut named);
                }
            }
            let mut described = Map::new();
            for key in named {
                if let Some(fact) = dictionary.get(&key) {
                    described.insert(key, to_json(fact)?);
                }
            }
            answer.insert("facts".to_owned(), described.into());
        }
        Ok(())
    }
}

/// Adds the keys of facts that a match or a question names.
fn names(one: &Value, members: bool, named: &mut BTreeSet<String>) {
    let mut add = |key: Option<&Value>| named.extend(key.and_then(Value::as_str).map(str::to_owned));
    add(one.get("fact"));
    if !members {
        return;
    }
    for key in one.get("missing").and_then(Value::as_array).into_iter().flatten() {
        add(Some(key));
    }
    for list in ["clauses", "nearest", "withheld"] {
        for part in one.get(list).and_then(Value::as_array).into_iter().flatten() {
            add(part.get("fact"));
        }
    }
}
