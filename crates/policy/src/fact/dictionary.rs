//! Fact dictionary (指标字典): the data that defines all facts.
//!
//! A built-in dictionary ships with the program; a file may add to it or replace entries.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::vocabulary::folded;
use crate::code::CodeSystem;
use crate::number::Number;
use crate::problem::{Fault, Report, Subject, nearest};
use crate::syntax::{self, Node, Tree};

/// Type of a fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactType {
    /// Boolean.
    Boolean,
    /// Whole number.
    Integer,
    /// Exact decimal number.
    Decimal,
    /// Amount in yuan.
    Money,
    /// Fraction: 5 % is 0.05.
    Ratio,
    /// Civil date.
    Date,
    /// Code of a tree.
    Code,
    /// Set of tags.
    Tags,
    /// Text.
    Text,
}

impl FactType {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Boolean, "boolean"),
        (Self::Integer, "integer"),
        (Self::Decimal, "decimal"),
        (Self::Money, "money"),
        (Self::Ratio, "ratio"),
        (Self::Date, "date"),
        (Self::Code, "code"),
        (Self::Tags, "tags"),
        (Self::Text, "text"),
    ];

    /// Name in a dictionary file.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// True if values are numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Money | Self::Ratio)
    }
}

/// Number of values of a fact: one, or one per fiscal year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Value on the evaluation date.
    #[default]
    Current,
    /// One value per fiscal year.
    Year,
}

/// Visibility of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// Published by an authority.
    Public,
    /// Visible to the enterprise and its office.
    Tenant,
    /// 涉税保密信息 (税收征收管理法 第八条).
    TaxSecret,
    /// Number of persons.
    PersonCount,
}

/// Entry of the dictionary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// Unique name in code, snake_case.
    pub key: String,
    /// Chinese name: 从业人数.
    pub name: String,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: FactType,
    /// Unit for display: 人; 万元 never, as money is in yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Tree of a fact of type code.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "code_system_name")]
    pub codes: Option<CodeSystem>,
    /// One value, or one per fiscal year.
    pub period: Period,
    /// Minimum value.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number_json")]
    pub min: Option<Number>,
    /// Maximum value.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number_json")]
    pub max: Option<Number>,
    /// Synonyms of the name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Controlled list of a tags or text fact; empty if any value is allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The same in the form in which spellings are compared, made once: tables compare millions of cells.
    #[serde(skip)]
    pub(super) folded_values: Vec<String>,
    /// Authority that holds the fact: 市场监管, 税务.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Visibility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<Privacy>,
    /// True if the program computes it by a written rule.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub derived: bool,
    /// Verb, for a date on which something begins: 成立 renders 成立满2年.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Event, for the date of a last event: 重大安全事故 renders 近3年内未发生重大安全事故.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Note on the use of the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn code_system_name<S: serde::Serializer>(system: &Option<CodeSystem>, s: S) -> Result<S::Ok, S::Error> {
    match system {
        Some(CodeSystem::Region) => s.serialize_str("region"),
        Some(CodeSystem::Industry) => s.serialize_str("industry"),
        None => s.serialize_none(),
    }
}

fn number_json<S: serde::Serializer>(number: &Option<Number>, s: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(Number::to_json).serialize(s)
}

/// All facts, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactDictionary {
    facts: BTreeMap<String, Fact>,
}

const BUILT_IN: [(&str, &str); 4] = [
    ("seeds/facts/base.yaml", include_str!("../../../../seeds/facts/base.yaml")),
    ("seeds/facts/derived.yaml", include_str!("../../../../seeds/facts/derived.yaml")),
    ("seeds/facts/national.yaml", include_str!("../../../../seeds/facts/national.yaml")),
    ("seeds/facts/local.yaml", include_str!("../../../../seeds/facts/local.yaml")),
];

static DICTIONARY: LazyLock<FactDictionary> = LazyLock::new(|| {
    let mut dictionary = FactDictionary::default();
    for (file, text) in BUILT_IN {
        // INVARIANT: the shipped files load without a problem; a test of this module checks it.
        dictionary.extend_from(text, file);
    }
    dictionary
});

impl Fact {
    /// True if the evaluation date by itself can change this fact: it is derived, and its rule counts time or uses titles, which
    /// are held for a period. A change of the last full fiscal year is not considered.
    pub fn depends_on_day(&self) -> bool {
        self.derived && crate::derive::moves_with_day(&self.key)
    }
}

impl FactDictionary {
    /// Dictionary that ships with the program.
    pub fn built_in() -> &'static Self {
        &DICTIONARY
    }

    /// Entry for `key`.
    pub fn get(&self, key: &str) -> Option<&Fact> {
        self.facts.get(key)
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// Key most similar to `key`, for "did you mean". Similar aliases and Chinese names count too.
    pub fn suggest(&self, key: &str) -> Option<String> {
        self.facts
            .values()
            .find(|fact| fact.name == key || fact.aliases.iter().any(|alias| alias == key))
            .map(|fact| fact.key.clone())
            .or_else(|| nearest(key, self.facts.keys().map(String::as_str)))
    }

    /// Adds the entries of a dictionary file (YAML or JSON, a list), replacing those with the same key.
    ///
    /// Entries with an error are left out and named in the returned report.
    pub fn extend_from(&mut self, text: &str, file: &str) -> Report {
        let mut report = Report::new(file);
        let parsed = if file.ends_with(".json") {
            syntax::json(text).map(|node| vec![node])
        } else {
            syntax::yaml(text)
        };
        let documents = match parsed {
            Ok(documents) => documents,
            Err(error) => {
                report.syntax(error);
                return report;
            }
        };
        for document in &documents {
            match &document.value {
                Tree::List(entries) => {
                    for entry in entries {
                        self.add(entry, &mut report);
                    }
                }
                Tree::Map(_) => self.add(document, &mut report),
                _ => report.expected(document, "", "a list of facts"),
            }
        }
        report
    }

    fn add(&mut self, node: &Node, report: &mut Report) {
        let before = report.errors();
        report.set_subject(node.get("key").and_then(Node::text).map(|key| Subject::Fact(key.to_owned())));
        let fact = read_fact(node, report);
        report.set_subject(None);
        if let Some(fact) = fact.filter(|_| report.errors() == before) {
            self.facts.insert(fact.key.clone(), fact);
        }
    }
}

const KEYS: &str = "one of `key`, `name`, `type`, `unit`, `codes`, `period`, `min`, `max`, `aliases`, `values`, \
                    `source`, `privacy`, `derived`, `since`, `last`, `note`";

fn read_fact(node: &Node, report: &mut Report) -> Option<Fact> {
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
        aliases: Vec::new(),
        values: Vec::new(),
        folded_values: Vec::new(),
        source: None,
        privacy: None,
        derived: false,
        since: None,
        last: None,
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
    if let (Some(min), Some(max)) = (&fact.min, &fact.max)
        && min > max
    {
        report.error(node.line, "", Fault::EmptyRange { low: min.to_string(), high: max.to_string() });
    }
    Some(fact)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_files_load_without_a_problem() {
        let mut dictionary = FactDictionary::default();
        for (file, text) in BUILT_IN {
            let report = dictionary.extend_from(text, file);
            let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
            assert!(lines.is_empty(), "{}", lines.join("\n"));
        }
        assert!(dictionary.facts.len() >= 115, "{}", dictionary.facts.len());
        assert_eq!(dictionary.get("employees").unwrap().name, "从业人数");
    }

    #[test]
    fn faults_of_an_entry_are_named() {
        let mut dictionary = FactDictionary::default();
        let report = dictionary.extend_from(
            "- {key: a, name: 甲, type: whole}\n- {key: b, type: code}\n- {key: c, type: integer, colour: red}\n- 5\n",
            "f.yaml",
        );
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(
            lines[0].starts_with("f.yaml:1: fact `a`: at `type`: got text `whole`, expected one of boolean")
        );
        assert!(lines[1].contains("f.yaml:2: fact `b`: `codes` is missing"));
        assert!(lines[2].contains("unknown key `colour`"));
        assert!(lines[3].contains("f.yaml:4"));
        assert_eq!(dictionary.iter().count(), 0);
    }

    #[test]
    fn files_override_entries() {
        let mut dictionary = FactDictionary::default();
        dictionary.extend_from("[{\"key\": \"x\", \"name\": \"甲\", \"type\": \"integer\"}]", "a.json");
        dictionary.extend_from("- {key: x, name: 乙, type: money}", "b.yaml");
        assert_eq!(dictionary.get("x").unwrap().kind, FactType::Money);
    }
}
