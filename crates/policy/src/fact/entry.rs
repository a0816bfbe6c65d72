//! Reads the entries of a fact dictionary.

use super::advice;
use super::dictionary::{Fact, FactDictionary, FactType, Period, Privacy};
use super::vocabulary::folded;
use crate::code::CodeSystem;
use crate::limits;
use crate::number::Number;
use crate::problem::{Fault, Report};
use crate::syntax::{Node, Tree};

const KEYS: &str = "one of `key`, `name`, `type`, `fields`, `unit`, `codes`, `period`, `min`, `max`, `aliases`, `values`, \
                    `source`, `answered_by`, `privacy`, `derived`, `since`, `last`, `advice`, `common`, `gate`, `note`";

/// Reads an entry; `None` if it is no map or lacks a key. Other errors are in `report` alone.
pub(super) fn read_fact(node: &Node, report: &mut Report) -> Option<Fact> {
    let Tree::Map(entries) = &node.value else {
        report.expected(node, "", "a map with `key`, `name`, `type`");
        return None;
    };
    let mut fact = Fact {
        key: String::new(),
        name: String::new(),
        kind: FactType::Text,
        unit: None,
        codes: None,
        period: Period::Current,
        min: None,
        max: None,
        fields: FactDictionary::default(),
        aliases: Vec::new(),
        values: Vec::new(),
        folded_values: Vec::new(),
        source: None,
        answered_by: None,
        privacy: None,
        derived: false,
        since: None,
        last: None,
        advice: None,
        common: None,
        gate: None,
        note: None,
    };
    let mut kind = None;
    for (key, value) in entries {
        match key.as_str() {
            "key" => fact.key = text(value, key, report)?,
            "name" => fact.name = text(value, key, report)?,
            "type" => {
                kind = value.text().and_then(FactType::parse);
                if kind.is_none() {
                    let names = FactType::ALL.map(|(_, name)| name).join(", ");
                    report.expected(value, key, format!("one of {names}"));
                }
            }
            "unit" => fact.unit = optional_text(value, key, report),
            "codes" => {
                fact.codes = match value.text() {
                    Some("region") => Some(CodeSystem::Region),
                    Some("industry") => Some(CodeSystem::Industry),
                    _ => {
                        report.expected(value, key, "`region` or `industry`");
                        None
                    }
                }
            }
            "period" => match value.text() {
                Some("current") => fact.period = Period::Current,
                Some("year") => fact.period = Period::Year,
                _ => report.expected(value, key, "`current` or `year`"),
            },
            "min" => fact.min = bound(value, key, report),
            "max" => fact.max = bound(value, key, report),
            "aliases" => fact.aliases = texts(value, key, report),
            "values" => {
                fact.values = texts(value, key, report);
                fact.folded_values = fact.values.iter().map(|value| folded(value)).collect();
            }
            "fields" => fact.fields = fields(value, report),
            "answered_by" => fact.answered_by = optional_text(value, key, report),
            "source" => fact.source = optional_text(value, key, report),
            "privacy" => {
                fact.privacy = match value.text() {
                    Some("public") => Some(Privacy::Public),
                    Some("tenant") => Some(Privacy::Tenant),
                    Some("tax-secret") => Some(Privacy::TaxSecret),
                    Some("person-count") => Some(Privacy::PersonCount),
                    _ => {
                        report.expected(value, key, "`public`, `tenant`, `tax-secret` or `person-count`");
                        None
                    }
                }
            }
            "derived" => match value.value {
                Tree::Bool(flag) => fact.derived = flag,
                _ => report.expected(value, key, "true or false"),
            },
            "since" => fact.since = optional_text(value, key, report),
            "last" => fact.last = optional_text(value, key, report),
            "advice" => fact.advice = advice::advice(value, report),
            "common" => fact.common = advice::frequency(value, report),
            "gate" => fact.gate = optional_text(value, key, report),
            "note" => fact.note = optional_text(value, key, report),
            _ => report.error(
                value.line,
                "",
                Fault::UnknownKey { key: key.clone(), expected: KEYS.to_owned() },
            ),
        }
    }
    if fact.key.is_empty() {
        report.error(node.line, "", Fault::MissingKey("key".to_owned()));
    }
    if fact.name.is_empty() {
        fact.name.clone_from(&fact.key);
    }
    match kind {
        Some(kind) => fact.kind = kind,
        None if node.get("type").is_none() => {
            report.error(node.line, "", Fault::MissingKey("type".to_owned()))
        }
        None => {}
    }
    if fact.kind == FactType::Code && fact.codes.is_none() && node.get("codes").is_none() {
        report.error(node.line, "", Fault::MissingKey("codes".to_owned()));
    }
    if fact.kind == FactType::Tags && fact.period == Period::Year {
        report.error(
            node.line,
            "period",
            Fault::Other("a tags fact has one value, not one per year".to_owned()),
        );
    }
    if fact.gate.as_ref().is_some_and(|gate| *gate == fact.key) {
        report.error(node.line, "gate", Fault::Other("a fact is no gate of itself".to_owned()));
    }
    if kind.is_some() {
        check_records(node, &fact, report);
    }
    if let (Some(min), Some(max)) = (&fact.min, &fact.max)
        && min > max
    {
        report.error(node.line, "", Fault::EmptyRange { low: min.to_string(), high: max.to_string() });
    }
    Some(fact)
}

/// Rules of records: they have fields, and one list for all years.
fn check_records(node: &Node, fact: &Fact, report: &mut Report) {
    let records = fact.kind == FactType::Records;
    if records && node.get("fields").is_none() {
        report.error(node.line, "", Fault::MissingKey("fields".to_owned()));
    }
    if !records && !fact.fields.is_empty() {
        let fault = "only a fact of type records has fields";
        report.error(node.line, "fields", Fault::Other(fault.to_owned()));
    }
    if records && (fact.period == Period::Year || fact.derived) {
        let fault = "a records fact has one list, not one per year, and is not derived";
        report.error(node.line, "", Fault::Other(fault.to_owned()));
    }
}

/// Fields of a records fact. Each has one value in a record, so none has a period, a rule or records of its own.
fn fields(node: &Node, report: &mut Report) -> FactDictionary {
    let mut fields = FactDictionary::default();
    let Tree::List(entries) = &node.value else {
        report.expected(node, "fields", "a list of facts");
        return fields;
    };
    if entries.is_empty() || entries.len() > limits::MAX_FIELDS {
        report.expected(node, "fields", format!("1 to {} fields", limits::MAX_FIELDS));
        return fields;
    }
    for entry in entries {
        zhaoren_cancel::poll();
        // Fields of fields are refused before they are read, so that no depth of them is.
        if entry.get("fields").is_some() || entry.get("type").and_then(Node::text) == Some("records") {
            let fault = "a field of a record is no list of records itself";
            report.error(entry.line, "fields", Fault::Other(fault.to_owned()));
            continue;
        }
        let Some(field) = read_fact(entry, report) else { continue };
        if field.period == Period::Year || field.derived {
            let fault =
                format!("field `{}` has one value in a record: not one per year, and not derived", field.key);
            report.error(entry.line, "fields", Fault::Other(fault));
        }
        if ["id", "name", "uscc"].contains(&field.key.as_str()) {
            // In a table of records these columns name the enterprise.
            let fault = format!("field `{}` has a key that names the enterprise", field.key);
            report.error(entry.line, "fields", Fault::Other(fault));
        }
        if fields.get(&field.key).is_some() {
            let fault = format!("field `{}` is there twice", field.key);
            report.error(entry.line, "fields", Fault::Other(fault));
        }
        fields.insert(field);
    }
    fields
}

fn text(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    let text = node.text().map(str::to_owned).filter(|text| !text.trim().is_empty());
    if text.is_none() {
        report.expected(node, path, "text");
    }
    text
}

fn optional_text(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    match &node.value {
        Tree::Null => None,
        Tree::Number(number) => Some(number.clone()),
        _ => text(node, path, report),
    }
}

fn texts(node: &Node, path: &str, report: &mut Report) -> Vec<String> {
    match &node.value {
        Tree::Null => Vec::new(),
        Tree::List(items) => items
            .iter()
            .filter_map(|item| match &item.value {
                Tree::Number(number) => Some(number.clone()),
                _ => text(item, path, report),
            })
            .collect(),
        _ => {
            report.expected(node, path, "a list of texts");
            Vec::new()
        }
    }
}

fn bound(node: &Node, path: &str, report: &mut Report) -> Option<Number> {
    let number = match &node.value {
        Tree::Null => return None,
        _ => node.number(),
    };
    if number.is_none() {
        report.expected(node, path, "a number of at most 28 digits");
    }
    number
}
