//! Fact dictionary (指标字典): the data that defines all facts.
//!
//! A built-in dictionary ships with the program; a file may add to it or replace entries.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::entry::read_fact;
use crate::code::CodeSystem;
use crate::number::Number;
use crate::problem::{Report, Subject, nearest};
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
    /// List of records, each with the fields of the fact: loans, contracts, patents.
    Records,
}

impl FactType {
    pub(super) const ALL: [(Self, &'static str); 10] = [
        (Self::Boolean, "boolean"),
        (Self::Integer, "integer"),
        (Self::Decimal, "decimal"),
        (Self::Money, "money"),
        (Self::Ratio, "ratio"),
        (Self::Date, "date"),
        (Self::Code, "code"),
        (Self::Tags, "tags"),
        (Self::Text, "text"),
        (Self::Records, "records"),
    ];

    /// Name in a dictionary file.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
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
    /// Fields of the records of a records fact, each a fact with one value; empty for any other type.
    #[serde(skip_serializing_if = "FactDictionary::is_empty", serialize_with = "field_list")]
    pub fields: FactDictionary,
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
    /// Holder who can answer a question about it: `enterprise`, or the name of an office (税务).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
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

fn field_list<S: serde::Serializer>(fields: &FactDictionary, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(fields.iter())
}

/// All facts, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactDictionary {
    facts: BTreeMap<String, Fact>,
}

const BUILT_IN: [(&str, &str); 5] = [
    ("seeds/facts/base.yaml", include_str!("../../../../seeds/facts/base.yaml")),
    ("seeds/facts/derived.yaml", include_str!("../../../../seeds/facts/derived.yaml")),
    ("seeds/facts/national.yaml", include_str!("../../../../seeds/facts/national.yaml")),
    ("seeds/facts/local.yaml", include_str!("../../../../seeds/facts/local.yaml")),
    ("seeds/facts/records.yaml", include_str!("../../../../seeds/facts/records.yaml")),
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
    /// Unit in which the records of a records fact are counted: 笔, 件; 项 if it has none of its own.
    pub fn record_unit(&self) -> &str {
        self.unit.as_deref().unwrap_or("项")
    }

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

    /// True if it has no entry.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Adds an entry, replacing the one with its key.
    pub(super) fn insert(&mut self, fact: Fact) {
        self.facts.insert(fact.key.clone(), fact);
    }

    /// Copy with one more entry, unless it has one with that key.
    #[must_use]
    pub fn with(&self, fact: Option<&Fact>) -> Self {
        let mut dictionary = self.clone();
        if let Some(fact) = fact.filter(|fact| self.get(&fact.key).is_none()) {
            dictionary.insert(fact.clone());
        }
        dictionary
    }

    /// Adds the entries of `other` whose keys it does not have.
    pub fn add_missing(&mut self, other: Self) {
        for (key, fact) in other.facts {
            self.facts.entry(key).or_insert(fact);
        }
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
            self.insert(fact);
        }
    }
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
