//! Reads profiles from JSON: every value is checked against its fact, every fault reported.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use zhaoren_cancel::poll;

use super::{HeldTag, Holding, Profile, TagSet};
use crate::calendar::parse_date;
use crate::code::reading::{self, ReadBy};
use crate::code::{Code, CodeSystem, uscc};
use crate::fact::{
    AnswerMeaning, Fact, FactDictionary, FactType, Knowledge, Period, Value, WordMeaning, says_none,
    says_nothing, yes_or_no,
};
use crate::id::enterprise_id;
use crate::limits;
use crate::number::Number;
use crate::problem::{Fault, Report, Subject, nearest};
use crate::syntax::{Node, Tree};
use crate::warning::WarningKind;

mod range;
mod tags;

impl Profile {
    /// Reads a profile from one JSON object.
    ///
    /// `None` if it has an error; every error and warning is in `report`. With `strict`, a fact key or tag that the dictionary
    /// does not have is an error.
    pub fn read(node: &Node, dictionary: &FactDictionary, strict: bool, report: &mut Report) -> Option<Self> {
        Self::read_with(node, dictionary, Strictness::of(strict), report)
    }

    /// Like [`Profile::read`], with what becomes of a fault.
    pub fn read_with(
        node: &Node,
        dictionary: &FactDictionary,
        strictness: Strictness,
        report: &mut Report,
    ) -> Option<Self> {
        poll();
        let before = report.errors();
        report.set_subject(None);
        let Tree::Map(entries) = &node.value else {
            report.expected(node, "", "a profile: an object with `id` and `facts`");
            return None;
        };
        let mut reader =
            Reader { dictionary, strictness, report, heading: None, records_left: limits::MAX_RECORDS };
        let mut profile = Self::default();
        match node.get("id") {
            Some(id) => match id.text().filter(|text| !text.trim().is_empty()) {
                Some(text) => match enterprise_id(text) {
                    Ok(text) => profile.id = text,
                    Err(fault) => {
                        reader.report.set_subject(Some(Subject::Enterprise(text.to_owned())));
                        reader.report.error(id.line, "id", fault.into());
                        text.clone_into(&mut profile.id);
                    }
                },
                None => reader.report.expected(id, "id", "a text"),
            },
            None => reader.report.error(node.line, "", Fault::MissingKey("id".to_owned())),
        }
        reader
            .report
            .set_subject(Some(Subject::Enterprise(profile.id.clone())).filter(|_| !profile.id.is_empty()));
        if let Some(doubt) = uscc::doubt(&profile.id) {
            let line = node.get("id").map_or(node.line, |id| id.line);
            reader.report.warn(line, "id", Fault::Doubt(WarningKind::CreditCode, doubt));
        }
        for (key, value) in entries {
            match key.as_str() {
                "name" => match &value.value {
                    Tree::Text(name) => profile.name = Some(name.clone()),
                    Tree::Null => {}
                    _ => reader.expected(value, "name", "a text"),
                },
                "facts" => reader.facts(value, "facts", &mut profile),
                "judged" => reader.judged(value, &mut profile),
                _ => {}
            }
        }
        // Of enterprises that look the same, the first is kept.
        if reader.report.errors() == before
            && let Err(fault) = reader.report.enterprise(&profile.id)
        {
            reader.report.error(node.line, "id", fault.into());
        }
        let sound = reader.report.errors() == before;
        report.set_subject(None);
        sound.then_some(profile)
    }
}

/// Treatment of a fault in the facts of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// A value that cannot be read is a warning, and its fact unknown.
    Tolerant,
    /// A value that cannot be read is an error; a word or a key that is not known is a warning.
    Normal,
    /// Both are errors.
    Strict,
}

impl Strictness {
    /// Strict, or normal.
    pub fn of(strict: bool) -> Self {
        if strict { Self::Strict } else { Self::Normal }
    }
}

/// Checks the values of one profile.
pub(super) struct Reader<'a> {
    pub(super) dictionary: &'a FactDictionary,
    pub(super) strictness: Strictness,
    pub(super) report: &'a mut Report,
    /// Heading of the column that is read, if it is not the key of the fact.
    pub(super) heading: Option<&'a str>,
    /// Number of records that the profile may still have.
    pub(super) records_left: usize,
}

impl Reader<'_> {
    /// Facts of a profile, or fields of a record, at `place`.
    pub(super) fn facts(&mut self, node: &Node, place: &str, profile: &mut Profile) {
        let Tree::Map(entries) = &node.value else {
            if !node.is_null() {
                self.expected(node, place, "an object of facts");
            }
            return;
        };
        for (key, value) in entries {
            poll();
            let path = format!("{place}.{key}");
            let Some(fact) = self.dictionary.get(key) else {
                let suggestion = self.report.suggest(|| self.dictionary.suggest(key));
                let fault = Fault::UnknownFact { key: key.clone(), suggestion };
                self.lenient(value.line, place, fault);
                continue;
            };
            if value.is_null() {
                continue;
            }
            if let Some(reason) = self.withheld(value, &path) {
                profile.withheld.insert((key.clone(), None), reason);
                continue;
            }
            let holding = match (fact.kind, fact.period) {
                (FactType::Tags, _) => self.tags(fact, value, &path).map(Holding::Tags),
                (FactType::Records, _) => self.records(fact, value, &path).map(Holding::Records),
                (_, Period::Current) => self.known(fact, value, &path).map(Holding::Current),
                (_, Period::Year) => {
                    self.years(fact, value, &path, &mut profile.withheld).map(Holding::Yearly)
                }
            };
            if let Some(holding) = holding.filter(|holding| *holding != Holding::Current(Knowledge::Unknown))
            {
                profile.facts.insert(key.clone(), holding);
            }
        }
    }

    /// Reason of a value that is withheld, `{"withheld": "reason"}`; `None` for any other value. A reason that is no text leaves the
    /// value withheld, and is reported.
    pub(super) fn withheld(&mut self, node: &Node, path: &str) -> Option<String> {
        let Tree::Map(entries) = &node.value else { return None };
        let [(key, reason)] = entries.as_slice() else { return None };
        if key != "withheld" {
            return None;
        }
        let text = reason.text().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            self.expected(reason, path, "the reason as text");
        }
        Some(text.unwrap_or_default().to_owned())
    }

    fn judged(&mut self, node: &Node, profile: &mut Profile) {
        let Tree::Map(entries) = &node.value else {
            if !node.is_null() {
                self.expected(node, "judged", "an object from text to true or false");
            }
            return;
        };
        for (text, value) in entries {
            match value.value {
                Tree::Bool(flag) => {
                    profile.judged.insert(text.clone(), flag);
                }
                Tree::Null => {}
                _ => self.expected(value, &format!("judged.{text}"), "true or false"),
            }
        }
    }

    /// Fault that is an error only with `--strict`.
    fn lenient(&mut self, line: u32, path: &str, fault: Fault) {
        match self.strictness {
            Strictness::Strict => self.report.error(line, path, fault),
            Strictness::Normal | Strictness::Tolerant => self.report.warn(line, path, fault),
        }
    }

    /// Fault of a value: an error, unless only the value is lost.
    pub(super) fn refuse(&mut self, line: u32, path: &str, fault: Fault) {
        match self.strictness {
            Strictness::Tolerant => self.report.warn(line, path, fault),
            Strictness::Normal | Strictness::Strict => self.report.error(line, path, fault),
        }
    }

    /// Value that is not the `expected` one.
    pub(super) fn expected(&mut self, node: &Node, path: &str, expected: impl Into<String>) {
        self.refuse(node.line, path, Fault::Expected { got: node.describe(), expected: expected.into() });
    }

    fn doubt(&mut self, line: u32, path: &str, kind: WarningKind, text: String) {
        self.report.warn(line, path, Fault::Doubt(kind, text));
    }

    fn years(
        &mut self,
        fact: &Fact,
        node: &Node,
        path: &str,
        withheld: &mut BTreeMap<(String, Option<i16>), String>,
    ) -> Option<BTreeMap<i16, Knowledge>> {
        let Tree::Map(entries) = &node.value else {
            self.expected(
                node,
                path,
                format!("one value per fiscal year, such as {{\"2025\": …}} ({})", what(fact)),
            );
            return None;
        };
        let mut years = BTreeMap::new();
        for (year, value) in entries {
            let path = format!("{path}.{year}");
            let Some(number) =
                year.parse::<i16>().ok().filter(|y| year.len() == 4 && (1000..=9999).contains(y))
            else {
                self.refuse(
                    value.line,
                    &path,
                    Fault::Expected {
                        got: format!("key `{year}`"),
                        expected: "a year of four digits".to_owned(),
                    },
                );
                continue;
            };
            if let Some(reason) = self.withheld(value, &path) {
                withheld.insert((fact.key.clone(), Some(number)), reason);
                continue;
            }
            if !value.is_null()
                && let Some(known) = self.known(fact, value, &path)
            {
                years.insert(number, known);
            }
        }
        Some(years)
    }

    /// Value, range or set; `None` if it is invalid, which has been reported.
    pub(super) fn known(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<Knowledge> {
        if let Tree::Map(entries) = &node.value {
            if let [(key, list)] = entries.as_slice()
                && key == "one_of"
            {
                return self.one_of(fact, list, path);
            }
            return self.range(fact, node, entries, path);
        }
        if let Tree::Text(text) = &node.value {
            match fact.kind {
                FactType::Code => return self.code(fact, text, node, path),
                FactType::Text if fact.is_closed() => return Some(self.word(fact, text, node.line, path)),
                FactType::Text if fact.key == "uscc" => return self.uscc(text, node, path),
                _ => {}
            }
        }
        let Some(value) = value_of(fact, node) else {
            self.expected(node, path, what(fact));
            return None;
        };
        self.in_bounds(fact, &value, node.line, path).then_some(Knowledge::Exactly(value))
    }

    /// One of several values, each of them read as by itself.
    fn one_of(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<Knowledge> {
        let Tree::List(nodes) = &node.value else {
            self.expected(node, path, "a list of values");
            return None;
        };
        let mut values = Vec::new();
        for node in nodes {
            poll();
            match self.known(fact, node, path)? {
                Knowledge::Exactly(value) => values.push(value),
                Knowledge::Among(some) => values.extend(some),
                // One of several that can be anything is anything.
                Knowledge::Unknown | Knowledge::Within { .. } => return Some(Knowledge::Unknown),
            }
        }
        Some(Knowledge::from_candidates(values))
    }

    /// Code, or the name of one: of today, of the past, or one that no table has.
    fn code(&mut self, fact: &Fact, text: &str, node: &Node, path: &str) -> Option<Knowledge> {
        let system = fact.codes?;
        let Some(reading) = reading::read(text, system) else {
            self.expected(node, path, what(fact));
            return None;
        };
        let shown = |codes: &[Code]| {
            let some: Vec<String> = codes.iter().take(6).map(ToString::to_string).collect();
            let more = if codes.len() > some.len() { "等" } else { "" };
            match codes.len() {
                1 => some.concat(),
                count => format!("{}{more} {count} 个之一", some.join("、")),
            }
        };
        let codes = &reading.codes;
        match reading.by {
            ReadBy::Code => {}
            ReadBy::Past(since) => {
                let note = format!("`{text}` 是旧代码，{since} 年起为 {}", shown(codes));
                let note = if since.len() > 4 { note.replacen(" 年起", " 起", 1) } else { note };
                self.doubt(node.line, path, WarningKind::PastCode, note);
            }
            ReadBy::Name => {
                self.doubt(node.line, path, WarningKind::CodeName, format!("“{text}”读作 {}", shown(codes)));
            }
            ReadBy::Form => {
                let fault = Fault::UnknownCode { code: text.to_owned(), table: system.table() };
                self.report.warn(node.line, path, fault);
            }
        }
        Some(Knowledge::from_candidates(reading.codes.into_iter().map(Value::Code).collect()))
    }

    /// Word of a closed vocabulary; unknown if it is none.
    fn word(&mut self, fact: &Fact, text: &str, line: u32, path: &str) -> Knowledge {
        let values = match fact.meaning(text) {
            WordMeaning::Free => vec![text.to_owned()],
            WordMeaning::Listed(value) => vec![value],
            WordMeaning::Alias(values) => {
                self.doubt(line, path, WarningKind::Alias, taken_for(text, &values));
                values
            }
            WordMeaning::Unknown => match yes_or_no(text) {
                Some(answer) => match self.answer(fact, text, answer, line, path) {
                    Some(AnswerMeaning::OneOf(values)) => values,
                    _ => Vec::new(),
                },
                None => {
                    self.not_listed(fact, text, line, path);
                    Vec::new()
                }
            },
        };
        Knowledge::from_candidates(values.into_iter().map(Value::Text).collect())
    }

    /// Answer of 是 or 否 to the heading of a fact whose values are words or tags; `None` if the heading does not ask for it.
    fn answer(
        &mut self,
        fact: &Fact,
        text: &str,
        answer: bool,
        line: u32,
        path: &str,
    ) -> Option<AnswerMeaning> {
        let heading = self.heading.unwrap_or(&fact.key);
        let meaning = fact.answer(heading, answer);
        let name = &fact.name;
        let note = match &meaning {
            Some(AnswerMeaning::OneOf(values)) => taken_for(text, values),
            Some(AnswerMeaning::Lacks(tags)) => {
                let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
                format!("“{heading}”为“{text}”：读作没有{}", tags.join("、"))
            }
            None => format!("“{heading}”为“{text}”，说不出是哪一种{name}，按未知处理"),
        };
        self.doubt(line, path, WarningKind::YesOrNo, note);
        meaning
    }

    /// 统一社会信用代码 given as a fact, in its canonical form.
    fn uscc(&mut self, text: &str, node: &Node, path: &str) -> Option<Knowledge> {
        if uscc::is_cut(text) {
            self.expected(node, path, "a code as text: a spreadsheet took it for a number and cut it");
            return None;
        }
        let code = uscc::canonical(text).unwrap_or_else(|| text.to_owned());
        match uscc::doubt(&code) {
            Some(doubt) => self.doubt(node.line, path, WarningKind::CreditCode, doubt),
            None => {
                if uscc::check(&code).is_err() {
                    let expected = "应为 18 位的统一社会信用代码（数字，与 I、O、S、V、Z 以外的大写字母）";
                    self.doubt(node.line, path, WarningKind::CreditCode, expected.to_owned());
                }
            }
        }
        Some(Knowledge::Exactly(Value::Text(code)))
    }

    /// Word that the closed vocabulary of a fact does not have.
    fn not_listed(&mut self, fact: &Fact, text: &str, line: u32, path: &str) {
        let values = fact.values.iter().map(String::as_str);
        let suggestion = self.report.suggest(|| nearest(text, values));
        let fault = Fault::UnknownValue { fact: fact.key.clone(), value: text.to_owned(), suggestion };
        self.lenient(line, path, fault);
    }

    /// Tags of a tags fact; `None` if they are invalid, which has been reported.
    pub(super) fn tags(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<TagSet> {
        match &node.value {
            Tree::List(items) => {
                let read = self.held(fact, items, path)?;
                Some(TagSet { held: read.held, lacks: read.open.then_some(read.lacks) })
            }
            Tree::Map(entries) => {
                let mut set = TagSet { held: Vec::new(), lacks: Some(BTreeSet::new()) };
                for (key, value) in entries {
                    let (Tree::List(items), "has" | "lacks") = (&value.value, key.as_str()) else {
                        self.refuse(
                            value.line,
                            path,
                            Fault::Expected {
                                got: format!("`{key}` with {}", value.describe()),
                                expected: "`has` and `lacks`, each a list of tags".to_owned(),
                            },
                        );
                        return None;
                    };
                    if key == "has" {
                        set.held = self.held(fact, items, path)?.held;
                    } else {
                        let lacked = self.held(fact, items, path)?.held;
                        set.lacks = Some(lacked.into_iter().map(|held| held.tag).collect());
                    }
                }
                let both =
                    set.held.iter().find(|held| set.lacks.as_ref().is_some_and(|l| l.contains(&held.tag)));
                if let Some(both) = both {
                    self.refuse(node.line, path, Fault::Contradiction(both.tag.clone()));
                    return None;
                }
                Some(set)
            }
            _ => {
                self.expected(node, path, what(fact));
                None
            }
        }
    }
}

fn taken_for(word: &str, values: &[String]) -> String {
    format!("“{word}”读作{}", values.join("或"))
}

/// Value of a node that must be exactly one of the fact's type.
pub(crate) fn value_of(fact: &Fact, node: &Node) -> Option<Value> {
    match (fact.kind, &node.value) {
        (FactType::Boolean, Tree::Bool(flag)) => Some(Value::Bool(*flag)),
        (kind, Tree::Number(text)) if kind.is_number() => {
            let number = Number::parse(text)?;
            (kind != FactType::Integer || number.is_integer()).then_some(Value::Number(number))
        }
        (FactType::Date, Tree::Text(text)) => parse_date(text).map(Value::Date),
        (FactType::Code, Tree::Text(text)) => Code::parse(text, fact.codes?).map(Value::Code),
        (FactType::Text, Tree::Text(text)) => Some(Value::Text(text.clone())),
        _ => None,
    }
}

/// True if a number lies within the bounds of a fact.
pub(super) fn in_bounds(fact: &Fact, number: &Number) -> bool {
    fact.min.as_ref().is_none_or(|min| min <= number) && fact.max.as_ref().is_none_or(|max| number <= max)
}

/// Expected form of a fact's value, for messages.
pub(super) fn what(fact: &Fact) -> &'static str {
    match fact.kind {
        FactType::Boolean => "true or false",
        FactType::Integer => "an integer",
        FactType::Decimal => "a number",
        FactType::Money => "an amount in yuan (a number)",
        FactType::Ratio => "a ratio (a number, 5% is 0.05)",
        FactType::Date => "a date that exists, such as 2024-02-29",
        FactType::Code => match fact.codes {
            Some(CodeSystem::Industry) => "an industry code (GB/T 4754-2017), such as 6513",
            _ => "a region code (GB/T 2260), such as 310104",
        },
        FactType::Tags => "a list of tags, or {\"has\": […], \"lacks\": […]}",
        FactType::Text => "a text",
        FactType::Records => "a list of records, or {\"known\": [records]} if there may be more",
    }
}

#[cfg(test)]
mod tests;
