//! Outcomes of pushes, as platforms report them: one event per line or list member.

use std::fmt;

use serde_json::{Map, Value as Json};
use zhaoren_registry::{EVENTS, Moment, Outcome};

use crate::clock::parse_moment;

/// Result of reading a file or a body of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOutcomes {
    /// The valid events, in reading order.
    pub outcomes: Vec<Outcome>,
    /// Faults of the others.
    pub faults: Vec<OutcomeFault>,
}

/// A fault of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeFault {
    /// Its line, from 1 on, for events in lines.
    pub line: Option<usize>,
    /// The path of the member; empty for a whole line.
    pub field: String,
    /// The value; empty if absent.
    pub value: String,
    /// The expected value, in words.
    pub expected: String,
}

impl fmt::Display for OutcomeFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(out, "`{}` ", self.field)?;
        }
        out.write_str(&self.expected)?;
        if self.value.is_empty() { Ok(()) } else { write!(out, "，得到 `{}`", self.value) }
    }
}

/// The members of an event.
const MEMBERS: [&str; 6] = ["enterprise", "item", "event", "at", "item_digest", "detail"];

/// Reads events from JSON Lines, each `{"enterprise", "item", "event", "at", "item_digest", "detail"}` of which the last
/// three may be omitted. The default of `at` is `now`.
pub fn read_outcome_lines(text: &str, now: Moment) -> ReadOutcomes {
    let mut read = ReadOutcomes::default();
    for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        let position = EventPosition { line: Some(line), path: String::new() };
        match serde_json::from_str(row) {
            Ok(json) => read.take(&json, now, &position),
            Err(error) => {
                read.faults.push(position.wrong("", &Json::Null, &format!("不是合法的 JSON：{error}")))
            }
        }
    }
    read
}

/// Reads events from JSON: one event, a list, or `{"outcomes": […]}`.
pub fn read_outcomes(json: &Json, now: Moment) -> ReadOutcomes {
    let mut read = ReadOutcomes::default();
    let (list, path) = match (json, json.get("outcomes")) {
        (Json::Array(list), _) => (list.as_slice(), ""),
        (_, Some(Json::Array(list))) => (list.as_slice(), "outcomes"),
        (one, _) => {
            read.take(one, now, &EventPosition::default());
            return read;
        }
    };
    for (at, json) in list.iter().enumerate() {
        read.take(json, now, &EventPosition { line: None, path: format!("{path}[{at}]") });
    }
    read
}

impl ReadOutcomes {
    fn take(&mut self, json: &Json, now: Moment, position: &EventPosition) {
        match json.as_object() {
            Some(map) => match event(map, now, position) {
                Ok(event) => self.outcomes.push(event),
                Err(fault) => self.faults.push(fault),
            },
            None => self.faults.push(position.wrong("", json, "应为一个对象")),
        }
    }
}

/// Position of an event in the input.
#[derive(Default)]
struct EventPosition {
    line: Option<usize>,
    path: String,
}

impl EventPosition {
    fn wrong(&self, key: &str, value: &Json, expected: &str) -> OutcomeFault {
        let dot = if self.path.is_empty() || key.is_empty() { "" } else { "." };
        let value = match value {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (line, field) = (self.line, format!("{}{dot}{key}", self.path));
        OutcomeFault { line, field, value, expected: expected.to_owned() }
    }
}

fn event(map: &Map<String, Json>, now: Moment, position: &EventPosition) -> Result<Outcome, OutcomeFault> {
    let wrong = |key: &str, value: &Json, expected: &str| position.wrong(key, value, expected);
    if let Some((key, value)) = map.iter().find(|(key, _)| !MEMBERS.contains(&key.as_str())) {
        return Err(wrong(key, value, &format!("不存在，可用的有 {}", MEMBERS.join("、"))));
    }
    let member = |key: &str| map.get(key).unwrap_or(&Json::Null);
    let needed = |key: &str| {
        let text = member(key).as_str().filter(|text| !text.trim().is_empty());
        text.map(str::to_owned).ok_or_else(|| wrong(key, member(key), "须给出，应为文字"))
    };
    let happened = needed("event")?;
    if !EVENTS.contains(&happened.as_str()) {
        return Err(wrong("event", member("event"), &format!("应为 {} 之一", EVENTS.join("、"))));
    }
    let at = match member("at") {
        Json::Null => now,
        other => other
            .as_str()
            .and_then(parse_moment)
            .ok_or_else(|| wrong("at", other, "应为日期或时刻，如 2026-03-01"))?,
    };
    let item_digest = match member("item_digest") {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => return Err(wrong("item_digest", other, "应为文字")),
    };
    let detail = match member("detail") {
        Json::Null => String::new(),
        other => other.to_string(),
    };
    let (enterprise, item) = (needed("enterprise")?, needed("item")?);
    Ok(Outcome { enterprise, item, item_digest, event: happened, at: at.0, detail })
}
