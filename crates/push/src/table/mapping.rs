//! Column mappings (列映射): the meaning of the columns of a foreign table.
//!
//! ```yaml
//! columns:
//!   统一社会信用代码: id
//!   企业名称: name
//!   职工数: employees
//!   年营业收入(万元): {fact: revenue, year: 2025, unit: 万元}
//!   是否高企: {tag: {qualifications: 高新技术企业}}
//!   其他资质: {fact: qualifications, separator: 、}
//!   备注: ignore
//! units: {注册资本: 万元}            # of columns that are named after facts
//! values: {企业规模: {一: 大型, 二: 中型, 不详: null}}
//! yes: [已认定]                      # besides 是 Y 1 √ …
//! no: [未认定]
//! empty: ["-", 无数据]               # in place of - 无数据 NULL \N …
//! ```

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Period};
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_policy::syntax::{self, Node, Tree};

use super::cell::Words;
use super::fact_words::FactWords;
use super::heading::key_of;
use super::unit::Unit;
use crate::digest::FileDigest;

/// Meaning of a table's columns, and the notation of their values.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Targets by normalised header, each with the header as written in the mapping.
    columns: BTreeMap<String, (String, Target)>,
    /// Units of columns, by normalised header.
    units: BTreeMap<String, (String, String)>,
    /// Replacements of values, by normalised header.
    values: BTreeMap<String, (String, BTreeMap<String, Tree>)>,
    pub(crate) words: Words,
    pub(crate) digest: FileDigest,
}

/// Target of a mapped column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    Id,
    Name,
    Unused,
    Fact { key: String, year: Option<i16>, unit: Option<Unit>, separator: Option<String> },
    Tag { key: String, tag: String },
}

impl Mapping {
    /// Reads a mapping in YAML, or in JSON if the name ends in `.json`.
    ///
    /// # Errors
    /// All faults, each with its line: unknown facts and units, unknown keys.
    pub fn read(text: &str, file: &str, dictionary: &FactDictionary) -> Result<Self, Vec<Problem>> {
        let mut report = Report::new(file);
        let bytes = text.len() as u64;
        let digest = FileDigest { name: file.to_owned(), bytes, sha256: hex::encode(Sha256::digest(text)) };
        let mapping = Self {
            columns: BTreeMap::new(),
            units: BTreeMap::new(),
            values: BTreeMap::new(),
            words: loose_words(),
            digest,
        };
        let parsed = if file.to_ascii_lowercase().ends_with(".json") {
            syntax::json(text).map(|node| vec![node])
        } else {
            syntax::yaml(text)
        };
        let nodes = match parsed {
            Ok(nodes) => nodes,
            Err(error) => {
                report.syntax(error);
                return Err(report.problems);
            }
        };
        let mut reader = MappingReader { words: FactWords::new(dictionary), dictionary, report, mapping };
        match nodes.as_slice() {
            [node] => reader.top(node),
            _ => reader.report.error(1, "", expected("no mapping, or several", "one map with `columns`")),
        }
        if reader.report.errors() == 0 { Ok(reader.mapping) } else { Err(reader.report.problems) }
    }

    /// Target of a column, if it is mapped.
    pub(crate) fn target(&self, header: &str) -> Option<&Target> {
        self.columns.get(&key_of(header)).map(|(_, target)| target)
    }

    pub(crate) fn unit(&self, header: &str) -> Option<&str> {
        self.units.get(&key_of(header)).map(|(_, unit)| unit.as_str())
    }

    pub(crate) fn values(&self, header: &str) -> BTreeMap<String, Tree> {
        self.values.get(&key_of(header)).map(|(_, values)| values.clone()).unwrap_or_default()
    }

    /// Columns named in the mapping that a file does not have.
    pub(crate) fn missing<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Vec<&str> {
        let there: BTreeSet<String> = headers.map(key_of).collect();
        let spoken = self.columns.iter().map(|(key, (header, _))| (key, header));
        let spoken = spoken.chain(self.units.iter().map(|(key, (header, _))| (key, header)));
        let spoken = spoken.chain(self.values.iter().map(|(key, (header, _))| (key, header)));
        let missing: BTreeMap<&String, &String> = spoken.filter(|(key, _)| !there.contains(*key)).collect();
        missing.into_values().map(String::as_str).collect()
    }
}

fn loose_words() -> Words {
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Words {
        yes: set(&["是", "1", "Y", "y", "yes", "Yes", "YES", "true", "True", "TRUE", "√", "✓", "有"]),
        no: set(&["否", "0", "N", "n", "no", "No", "NO", "false", "False", "FALSE", "×", "✗", "无"]),
        empty: set(&["-", "--", "—", "——", "/", "无数据", "NULL", "Null", "null", "\\N", "N/A", "#N/A"]),
    }
}

fn expected(got: &str, expected: &str) -> Fault {
    Fault::Expected { got: got.to_owned(), expected: expected.to_owned() }
}

struct MappingReader<'a> {
    words: FactWords<'a>,
    dictionary: &'a FactDictionary,
    report: Report,
    mapping: Mapping,
}

impl<'a> MappingReader<'a> {
    fn top(&mut self, node: &Node) {
        let Some(entries) = self.map(node, "", "a map with `columns`") else { return };
        let (mut yes, mut no) = (BTreeSet::new(), BTreeSet::new());
        for (key, value) in entries {
            match key.as_str() {
                "columns" => self.columns(value),
                "values" => self.values(value),
                "yes" => yes = self.words(value, key),
                "no" => no = self.words(value, key),
                "empty" => self.mapping.words.empty = self.words(value, key),
                // Read last: the validity of a unit depends on the columns.
                "units" => {}
                _ => {
                    let known = "one of `columns`, `units`, `values`, `yes`, `no`, `empty`".to_owned();
                    self.report.error(
                        value.line,
                        "",
                        Fault::UnknownKey { key: key.clone(), expected: known },
                    );
                }
            }
        }
        if let Some(units) = node.get("units") {
            self.units(units);
        }
        if let Some(both) = yes.intersection(&no).next() {
            self.report.error(node.line, "yes", Fault::Other(format!("`{both}` is in both `yes` and `no`")));
        }
        let words = &mut self.mapping.words;
        words.yes.retain(|word| !no.contains(word));
        words.no.retain(|word| !yes.contains(word));
        words.yes.extend(yes);
        words.no.extend(no);
    }

    fn map<'n>(&mut self, node: &'n Node, path: &str, what: &str) -> Option<&'n [(String, Node)]> {
        match &node.value {
            Tree::Map(entries) => Some(entries),
            Tree::Null => None,
            _ => {
                self.report.expected(node, path, what);
                None
            }
        }
    }

    fn columns(&mut self, node: &Node) {
        for (header, value) in self.map(node, "columns", "a map from headers to facts").unwrap_or_default() {
            let path = format!("columns.{header}");
            let Some(target) = self.target(value, &path) else { continue };
            if self.mapping.columns.insert(key_of(header), (header.clone(), target)).is_some() {
                let fault =
                    Fault::Repeated(header.clone(), ", brackets of either width being the same".to_owned());
                self.report.error(value.line, &path, fault);
            }
        }
    }

    fn target(&mut self, node: &Node, path: &str) -> Option<Target> {
        match &node.value {
            Tree::Null => Some(Target::Unused),
            Tree::Text(text) => match text.as_str() {
                "id" => Some(Target::Id),
                "name" => Some(Target::Name),
                "ignore" | "忽略" => Some(Target::Unused),
                word => self.fact_of_year(word, node, path).map(|(fact, year)| fact_target(fact, year)),
            },
            Tree::Map(entries) if node.get("tag").is_some() => self.tag(entries, node, path),
            Tree::Map(entries) => self.fact(entries, node, path),
            _ => {
                self.report.expected(node, path, TARGET);
                None
            }
        }
    }

    fn tag(&mut self, entries: &[(String, Node)], node: &Node, path: &str) -> Option<Target> {
        if let [(_, inner)] = entries
            && let Tree::Map(pairs) = &inner.value
            && let [(word, tag)] = pairs.as_slice()
            && let Tree::Text(tag_text) = &tag.value
        {
            let fact = self.known(word, tag, path)?;
            if fact.kind != FactType::Tags {
                let got = format!("fact `{}` of type {}", fact.key, fact.kind.name());
                self.report.error(tag.line, path, expected(&got, "a fact of type tags"));
                return None;
            }
            if !fact.values.is_empty() && !fact.values.contains(tag_text) {
                let suggestion =
                    zhaoren_policy::problem::nearest(tag_text, fact.values.iter().map(String::as_str));
                let value = tag_text.clone();
                self.report.error(
                    tag.line,
                    path,
                    Fault::UnknownValue { fact: fact.key.clone(), value, suggestion },
                );
                return None;
            }
            return Some(Target::Tag { key: fact.key.clone(), tag: tag_text.clone() });
        }
        self.report.expected(
            node,
            path,
            "one tag of one fact, such as {tag: {qualifications: 高新技术企业}}",
        );
        None
    }

    fn fact(&mut self, entries: &[(String, Node)], node: &Node, path: &str) -> Option<Target> {
        let Some(Tree::Text(word)) = node.get("fact").map(|fact| &fact.value) else {
            self.report.expected(node, path, TARGET);
            return None;
        };
        let line = node.get("fact").unwrap_or(node);
        let (fact, year) = match node.get("year") {
            Some(value) => {
                let fact = self.known(word, line, path)?;
                let year = match &value.value {
                    Tree::Number(text) if text.len() == 4 => text.parse::<i16>().ok().filter(|y| *y >= 1000),
                    _ => None,
                };
                if year.is_none() {
                    self.report.expected(value, path, "a year of four digits");
                    return None;
                }
                if fact.period == Period::Current {
                    let got = format!("a year for `{}`", fact.key);
                    self.report.error(value.line, path, expected(&got, "no year: it has one value"));
                    return None;
                }
                (fact, year)
            }
            None => self.fact_of_year(word, line, path)?,
        };
        let (mut unit, mut separator) = (None, None);
        for (key, value) in entries {
            match key.as_str() {
                "fact" | "year" => {}
                "unit" => unit = Some(self.unit(value, fact, path)?),
                "separator" => match value.text().filter(|text| !text.is_empty()) {
                    Some(text) if fact.kind == FactType::Tags => separator = Some(text.to_owned()),
                    _ => self.report.expected(value, path, "what parts tags, and a fact of type tags"),
                },
                _ => {
                    let known = "one of `fact`, `year`, `unit`, `separator`, or `tag`".to_owned();
                    self.report.error(
                        value.line,
                        path,
                        Fault::UnknownKey { key: key.clone(), expected: known },
                    );
                }
            }
        }
        Some(Target::Fact { key: fact.key.clone(), year, unit, separator })
    }

    fn unit(&mut self, node: &Node, fact: &Fact, path: &str) -> Option<Unit> {
        let unit = node.text().and_then(|text| Unit::parse(text, fact));
        if unit.is_none() {
            self.report.expected(node, path, Unit::fitting(fact));
        }
        unit
    }

    /// Fact with this key, name or synonym.
    fn known(&mut self, word: &str, node: &Node, path: &str) -> Option<&'a Fact> {
        match self.words.fact(word) {
            Ok(fact) => Some(fact),
            Err(why) => {
                self.unknown(word, &why, node, path);
                None
            }
        }
    }

    fn fact_of_year(&mut self, word: &str, node: &Node, path: &str) -> Option<(&'a Fact, Option<i16>)> {
        match self.words.fact_of_year(word) {
            Ok((key, year)) => self.dictionary.get(&key).map(|fact| (fact, year)),
            Err(why) => {
                self.unknown(word, &why, node, path);
                None
            }
        }
    }

    fn unknown(&mut self, word: &str, why: &str, node: &Node, path: &str) {
        let bare = word.split('.').next().unwrap_or_default();
        let fault = match self.words.fact(bare) {
            // The fact exists, but the entry has another fault.
            Ok(_) => Fault::Other(format!("`{word}`{why}")),
            Err(why) if why.contains('（') => Fault::Other(format!("`{word}`{why}")),
            Err(_) => Fault::UnknownFact { key: word.to_owned(), suggestion: self.dictionary.suggest(bare) },
        };
        self.report.error(node.line, path, fault);
    }

    fn units(&mut self, node: &Node) {
        for (header, value) in self.map(node, "units", "a map from headers to units").unwrap_or_default() {
            let path = format!("units.{header}");
            let fact = match self.mapping.target(header) {
                Some(Target::Fact { key, .. }) => self.dictionary.get(key),
                Some(_) => None,
                None => self.words.fact_of_year(header).ok().and_then(|(key, _)| self.dictionary.get(&key)),
            };
            let Some(fact) = fact else {
                let fault = Fault::Dangling { what: "column", id: header.clone() };
                self.report.error(value.line, &path, fault);
                continue;
            };
            if let Some(unit) = self.unit(value, fact, &path) {
                self.mapping.units.insert(key_of(header), (header.clone(), unit.name));
            }
        }
    }

    fn values(&mut self, node: &Node) {
        for (header, inner) in self.map(node, "values", "a map from headers to values").unwrap_or_default() {
            let path = format!("values.{header}");
            let pairs =
                self.map(inner, &path, "a map from values to what they stand for").unwrap_or_default();
            let pairs = pairs.iter().map(|(from, to)| (from.clone(), to.value.clone())).collect();
            self.mapping.values.insert(key_of(header), (header.clone(), pairs));
        }
    }

    fn words(&mut self, node: &Node, key: &str) -> BTreeSet<String> {
        let Tree::List(items) = &node.value else {
            self.report.expected(node, key, "a list of words");
            return BTreeSet::new();
        };
        let mut words = BTreeSet::new();
        for item in items {
            match &item.value {
                Tree::Text(text) | Tree::Number(text) => {
                    words.insert(text.trim().to_owned());
                }
                Tree::Bool(flag) => {
                    words.insert(flag.to_string());
                }
                _ => self.report.expected(item, key, "a word"),
            }
        }
        words
    }
}

const TARGET: &str = "`id`, `name`, `ignore`, a fact, {fact: …, year: …, unit: …} or {tag: {fact: tag}}";

fn fact_target(fact: &Fact, year: Option<i16>) -> Target {
    Target::Fact { key: fact.key.clone(), year, unit: None, separator: None }
}
