//! Reads profiles from JSON: every value is checked against its fact, every fault reported.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_cancel::poll;

use super::{HeldTag, Holding, Profile, TagSet};
use crate::calendar::parse_date;
use crate::code::{Code, CodeSystem, names, uscc};
use crate::fact::{Fact, FactDictionary, FactType, Knowledge, Period, Value};
use crate::id::enterprise_id;
use crate::number::Number;
use crate::problem::{Fault, Report, Subject, nearest};
use crate::syntax::{Node, Tree};

impl Profile {
    /// Reads a profile from one JSON object.
    ///
    /// `None` if it has an error; every error and warning is in `report`. With `strict`, a fact key or tag that the dictionary
    /// does not have is an error.
    pub fn read(node: &Node, dictionary: &FactDictionary, strict: bool, report: &mut Report) -> Option<Self> {
        poll();
        let before = report.errors();
        report.about(None);
        let Tree::Map(entries) = &node.value else {
            report.expected(node, "", "a profile: an object with `id` and `facts`");
            return None;
        };
        let mut reader = Reader { dictionary, strict, report };
        let mut profile = Self::default();
        match node.get("id") {
            Some(id) => match id.text().filter(|text| !text.trim().is_empty()) {
                Some(text) => match enterprise_id(text) {
                    Ok(text) => profile.id = text,
                    Err(fault) => {
                        reader.report.about(Some(Subject::Enterprise(text.to_owned())));
                        reader.report.error(id.line, "id", fault.into());
                        text.clone_into(&mut profile.id);
                    }
                },
                None => reader.report.expected(id, "id", "a text"),
            },
            None => reader.report.error(node.line, "", Fault::MissingKey("id".to_owned())),
        }
        reader.report.about(Some(Subject::Enterprise(profile.id.clone())).filter(|_| !profile.id.is_empty()));
        for (key, value) in entries {
            match key.as_str() {
                "name" => match &value.value {
                    Tree::Text(name) => profile.name = Some(name.clone()),
                    Tree::Null => {}
                    _ => reader.report.expected(value, "name", "a text"),
                },
                "facts" => reader.facts(value, &mut profile),
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
        report.about(None);
        sound.then_some(profile)
    }
}

/// Checks the values of one profile.
pub(super) struct Reader<'a> {
    pub(super) dictionary: &'a FactDictionary,
    pub(super) strict: bool,
    pub(super) report: &'a mut Report,
}

impl Reader<'_> {
    fn facts(&mut self, node: &Node, profile: &mut Profile) {
        let Tree::Map(entries) = &node.value else {
            if !node.is_null() {
                self.report.expected(node, "facts", "an object of facts");
            }
            return;
        };
        for (key, value) in entries {
            poll();
            let path = format!("facts.{key}");
            let Some(fact) = self.dictionary.get(key) else {
                let suggestion = self.report.suggest(|| self.dictionary.suggest(key));
                let fault = Fault::UnknownFact { key: key.clone(), suggestion };
                self.lenient(value.line, "facts", fault);
                continue;
            };
            if value.is_null() {
                continue;
            }
            let holding = match (fact.kind, fact.period) {
                (FactType::Tags, _) => self.tags(fact, value, &path).map(Holding::Tags),
                (_, Period::Current) => self.known(fact, value, &path).map(Holding::Current),
                (_, Period::Year) => self.years(fact, value, &path).map(Holding::Yearly),
            };
            if let Some(holding) = holding {
                profile.facts.insert(key.clone(), holding);
            }
        }
    }

    fn judged(&mut self, node: &Node, profile: &mut Profile) {
        let Tree::Map(entries) = &node.value else {
            if !node.is_null() {
                self.report.expected(node, "judged", "an object from text to true or false");
            }
            return;
        };
        for (text, value) in entries {
            match value.value {
                Tree::Bool(flag) => {
                    profile.judged.insert(text.clone(), flag);
                }
                Tree::Null => {}
                _ => self.report.expected(value, &format!("judged.{text}"), "true or false"),
            }
        }
    }

    /// Fault that is an error only with `--strict`.
    fn lenient(&mut self, line: u32, path: &str, fault: Fault) {
        if self.strict { self.report.error(line, path, fault) } else { self.report.warn(line, path, fault) }
    }

    fn years(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<BTreeMap<i16, Knowledge>> {
        let Tree::Map(entries) = &node.value else {
            self.report.expected(
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
                self.report.error(
                    value.line,
                    &path,
                    Fault::Expected {
                        got: format!("key `{year}`"),
                        expected: "a year of four digits".to_owned(),
                    },
                );
                continue;
            };
            if !value.is_null()
                && let Some(known) = self.known(fact, value, &path)
            {
                years.insert(number, known);
            }
        }
        Some(years)
    }

    /// Value or range; `None` if it is invalid, which has been reported.
    pub(super) fn known(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<Knowledge> {
        if let Tree::Map(entries) = &node.value {
            return self.range(fact, node, entries, path);
        }
        let Some(value) = value_of(fact, node) else {
            self.report.expected(node, path, what(fact));
            return None;
        };
        self.check_listed(fact, &value, node.line, path);
        self.in_bounds(fact, &value, node.line, path).then_some(Knowledge::Exactly(value))
    }

    fn range(
        &mut self,
        fact: &Fact,
        node: &Node,
        entries: &[(String, Node)],
        path: &str,
    ) -> Option<Knowledge> {
        if !(fact.kind.is_number() || fact.kind == FactType::Date) {
            self.report.expected(node, path, what(fact));
            return None;
        }
        let (mut low, mut high) = (None, None);
        for (key, end) in entries {
            let slot = match key.as_str() {
                "at_least" => &mut low,
                "at_most" => &mut high,
                _ => {
                    let expected = "`at_least` and `at_most`".to_owned();
                    self.report.error(end.line, path, Fault::UnknownKey { key: key.clone(), expected });
                    return None;
                }
            };
            if end.is_null() {
                continue;
            }
            let value = range_end(fact, end);
            if value.is_none() {
                self.report.expected(end, &format!("{path}.{key}"), what(fact));
                return None;
            }
            *slot = value;
        }
        self.narrow(fact, low, high, node.line, path)
    }

    /// Range cut to the dictionary's bounds and, for integers, to whole numbers.
    fn narrow(
        &mut self,
        fact: &Fact,
        low: Option<Value>,
        high: Option<Value>,
        line: u32,
        path: &str,
    ) -> Option<Knowledge> {
        let integer = fact.kind == FactType::Integer;
        let low = low.map(|value| if integer { whole(value, Number::ceil) } else { value });
        let high = high.map(|value| if integer { whole(value, Number::floor) } else { value });
        let low = later(low, fact.min.clone().map(Value::Number));
        let high = earlier(high, fact.max.clone().map(Value::Number));
        match (low, high) {
            (Some(low), Some(high)) if low > high => {
                self.report.error(
                    line,
                    path,
                    Fault::EmptyRange { low: low.to_string(), high: high.to_string() },
                );
                None
            }
            (Some(low), Some(high)) if low == high => Some(Knowledge::Exactly(low)),
            (None, None) => Some(Knowledge::Unknown),
            (low, high) => Some(Knowledge::Within { low, high }),
        }
    }

    fn in_bounds(&mut self, fact: &Fact, value: &Value, line: u32, path: &str) -> bool {
        let Value::Number(number) = value else { return true };
        let sound = in_bounds(fact, number);
        if !sound {
            let fault = Fault::OutOfBounds { value: number.to_string(), bounds: bounds(fact) };
            self.report.error(line, path, fault);
        }
        sound
    }

    fn check_listed(&mut self, fact: &Fact, value: &Value, line: u32, path: &str) {
        match value {
            Value::Text(text) => self.check_value(fact, text, line, path),
            Value::Code(code) if !names(code.system()).knows(code) => {
                let table = code.system().table();
                self.report.warn(line, path, Fault::UnknownCode { code: code.to_string(), table });
            }
            _ => {}
        }
        if fact.key == "uscc"
            && let Value::Text(text) = value
            && let Err(fault) = uscc::check(text)
        {
            self.report.warn(line, path, Fault::Other(format!("`{text}`: {fault}")));
        }
    }

    fn check_value(&mut self, fact: &Fact, text: &str, line: u32, path: &str) {
        if !fact.values.is_empty() && !fact.values.iter().any(|value| value == text) {
            let values = fact.values.iter().map(String::as_str);
            let suggestion = self.report.suggest(|| nearest(text, values));
            let fault = Fault::UnknownValue { fact: fact.key.clone(), value: text.to_owned(), suggestion };
            self.lenient(line, path, fault);
        }
    }

    /// Tags of a tags fact; `None` if they are invalid, which has been reported.
    pub(super) fn tags(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<TagSet> {
        match &node.value {
            Tree::List(items) => self.held(fact, items, path).map(|held| TagSet { held, lacks: None }),
            Tree::Map(entries) => {
                let mut set = TagSet { held: Vec::new(), lacks: Some(BTreeSet::new()) };
                for (key, value) in entries {
                    let (Tree::List(items), "has" | "lacks") = (&value.value, key.as_str()) else {
                        self.report.error(
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
                        set.held = self.held(fact, items, path)?;
                    } else {
                        let lacked = self.held(fact, items, path)?;
                        set.lacks = Some(lacked.into_iter().map(|held| held.tag).collect());
                    }
                }
                let both =
                    set.held.iter().find(|held| set.lacks.as_ref().is_some_and(|l| l.contains(&held.tag)));
                if let Some(both) = both {
                    self.report.error(node.line, path, Fault::Contradiction(both.tag.clone()));
                    return None;
                }
                Some(set)
            }
            _ => {
                self.report.expected(node, path, what(fact));
                None
            }
        }
    }

    fn held(&mut self, fact: &Fact, items: &[Node], path: &str) -> Option<Vec<HeldTag>> {
        let mut held = Vec::new();
        for (index, item) in items.iter().enumerate() {
            poll();
            let path = format!("{path}[{index}]");
            let tag = match &item.value {
                Tree::Text(tag) => HeldTag { tag: tag.clone(), from: None, until: None },
                Tree::Map(entries) => self.dated(entries, item, &path)?,
                _ => {
                    self.report.expected(item, &path, "a tag, or {\"tag\": …, \"from\": …, \"until\": …}");
                    return None;
                }
            };
            self.check_value(fact, &tag.tag, item.line, &path);
            held.push(tag);
        }
        Some(held)
    }

    fn dated(&mut self, entries: &[(String, Node)], node: &Node, path: &str) -> Option<HeldTag> {
        let mut tag = None;
        let mut ends = [None, None];
        for (key, value) in entries {
            match (key.as_str(), value.text()) {
                ("tag", Some(text)) => tag = Some(text.to_owned()),
                ("from" | "until", None) if value.is_null() => {}
                ("from" | "until", text) => {
                    let Some(day) = text.and_then(parse_date) else {
                        self.report.expected(value, &format!("{path}.{key}"), "a date such as 2024-02-29");
                        return None;
                    };
                    let slot = usize::from(key == "until");
                    if let Some(end) = ends.get_mut(slot) {
                        *end = Some(day);
                    }
                }
                _ => {
                    let expected = "`tag`, `from` and `until`".to_owned();
                    self.report.error(value.line, path, Fault::UnknownKey { key: key.clone(), expected });
                    return None;
                }
            }
        }
        let [from, until] = ends;
        if let (Some(from), Some(until)) = (from, until)
            && from > until
        {
            self.report.error(
                node.line,
                path,
                Fault::EmptyRange { low: from.to_string(), high: until.to_string() },
            );
            return None;
        }
        let Some(tag) = tag else {
            self.report.error(node.line, path, Fault::MissingKey("tag".to_owned()));
            return None;
        };
        Some(HeldTag { tag, from, until })
    }
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

/// Bound of a range; for an integer fact it may lie between two integers.
fn range_end(fact: &Fact, node: &Node) -> Option<Value> {
    match (fact.kind, &node.value) {
        (kind, Tree::Number(text)) if kind.is_number() => Number::parse(text).map(Value::Number),
        _ => value_of(fact, node),
    }
}

fn whole(value: Value, round: impl Fn(&Number) -> Number) -> Value {
    match value {
        Value::Number(number) => Value::Number(round(&number)),
        other => other,
    }
}

fn later(a: Option<Value>, b: Option<Value>) -> Option<Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

fn earlier(a: Option<Value>, b: Option<Value>) -> Option<Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn bounds(fact: &Fact) -> String {
    match (&fact.min, &fact.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} and above"),
        (None, Some(max)) => format!("{max} and below"),
        (None, None) => "every number".to_owned(),
    }
}

/// Expected form of a fact's value, for messages.
fn what(fact: &Fact) -> &'static str {
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::json;
    use jiff::civil::date;

    fn read(text: &str, strict: bool) -> (Option<Profile>, Vec<String>) {
        let mut report = Report::new("p.json");
        let profile = Profile::read(&json(text).unwrap(), FactDictionary::built_in(), strict, &mut report);
        (profile, report.problems.iter().map(ToString::to_string).collect())
    }

    fn refused(facts: &str) -> String {
        let (profile, lines) = read(&format!(r#"{{"id":"e1","facts":{facts}}}"#), false);
        assert!(profile.is_none(), "{facts} was accepted: {lines:?}");
        lines.join("\n")
    }

    #[test]
    fn reads_every_form_of_value() {
        let (profile, lines) = read(
            r#"{"id":"e1","name":"甲","extra":{"kept":1},"facts":{
                "registered_region":"310104","industry":"I6513","established_on":"2019-03-12",
                "employees":{"at_least":80},"revenue":{"2024":30100000,"2025":{"at_least":1,"at_most":9}},
                "qualifications":[{"tag":"高新技术企业","from":"2023-01-01","until":"2025-12-31"},"软件企业"],
                "emerging_fields":{"has":["新材料"],"lacks":["生物"]},"taxes_paid":null},
               "judged":{"具有较强的创新能力":true}}"#,
            true,
        );
        assert_eq!(lines, Vec::<String>::new());
        let profile = profile.unwrap();
        assert_eq!(profile.yearly("revenue", 2024).number(), Number::parse("30100000").as_ref());
        assert_eq!(profile.yearly("revenue", 2023), Knowledge::Unknown);
        let titles = profile.tags("qualifications").unwrap();
        assert_eq!(titles.holds("高新技术企业", date(2025, 12, 31)), Some(true));
        assert_eq!(titles.holds("高新技术企业", date(2026, 1, 1)), Some(false));
        assert_eq!(titles.holds("科技型中小企业", date(2026, 1, 1)), Some(false));
        let fields = profile.tags("emerging_fields").unwrap();
        assert_eq!(fields.holds("生物", date(2026, 1, 1)), Some(false));
        assert_eq!(fields.holds("新能源", date(2026, 1, 1)), None);
        assert_eq!(profile.judged("具有较强的创新能力"), Some(true));
        assert!(profile.tags("parks").is_none());
    }

    #[test]
    fn refuses_wrong_types_and_names_them() {
        assert_eq!(
            refused(r#"{"employees":"八十六"}"#),
            "p.json:1: enterprise `e1`: fact `employees`: got text `八十六`, expected an integer"
        );
        assert!(refused(r#"{"employees":86.5}"#).contains("got number `86.5`, expected an integer"));
        assert!(refused(r#"{"employees":-1}"#).contains("-1 is outside 0 and above"));
        assert!(refused(r#"{"established_on":"2023-02-30"}"#).contains("expected a date that exists"));
        assert!(refused(r#"{"revenue":5}"#).contains("one value per fiscal year"));
        assert!(refused(r#"{"revenue":{"25":5}}"#).contains("a year of four digits"));
        assert!(
            refused(r#"{"employees":{"at_least":9,"at_most":3}}"#)
                .contains("range from 9 to 3 holds no value")
        );
        assert!(refused(r#"{"employees":{"over":9}}"#).contains("unknown key `over`"));
        assert!(refused(r#"{"industry":"软件"}"#).contains("expected an industry code"));
        assert!(refused(r#"{"qualifications":{"has":["软件企业"],"lacks":["软件企业"]}}"#).contains("both"));
        assert!(refused(r#"{"qualifications":"软件企业"}"#).contains("a list of tags"));
        assert!(refused(r#"{"abnormal_list":0}"#).contains("expected true or false"));
    }

    /// Attack S-uni: an id with invisible characters is refused, naming character and position; so is one that looks like another
    /// of the file. A credit code is recognised in any notation.
    #[test]
    fn ids_that_cannot_be_told_apart_are_refused() {
        let (profile, lines) = read("{\"id\":\"e\\u202e1\"}", false);
        assert!(profile.is_none());
        assert_eq!(
            lines,
            [
                "p.json:1: enterprise `e\\u{202e}1`: at `id`: 标识的第 2 个字符 U+202E 是看不见的字符（零宽、方向控制或填充），不能用"
            ]
        );
        let mut report = Report::new("p.jsonl");
        let mut ids = |id: &str| {
            let node = json(&format!("{{\"id\":\"{id}\"}}")).unwrap();
            Profile::read(&node, FactDictionary::built_in(), false, &mut report).map(|profile| profile.id)
        };
        assert_eq!(ids("e1").as_deref(), Some("e1"));
        assert_eq!(ids("e1").as_deref(), Some("e1"));
        assert_eq!(ids("Ｅ1"), None);
        assert_eq!(ids("91310104ma1fr000x6").as_deref(), Some("91310104MA1FR000X6"));
        assert_eq!(ids("9131 0104 MA1F R000 X6").as_deref(), Some("91310104MA1FR000X6"));
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "p.jsonl:1: enterprise `Ｅ1`: at `id`: 标识 `Ｅ1` 与已有的 `e1` 看起来相同（只差大小写、全角半角或空白）"
            ]
        );
        assert!(
            read(&format!("{{\"id\":\"{}\"}}", "长".repeat(8_000)), false).1[0]
                .contains("8000 个字符，至多 200 个")
        );
    }

    #[test]
    fn an_unknown_fact_is_a_warning_unless_strict() {
        let text = r#"{"id":"e1","facts":{"employes":3}}"#;
        let (profile, lines) = read(text, false);
        assert!(profile.is_some());
        assert!(
            lines[0].contains("warning: unknown fact `employes`, did you mean `employees`?"),
            "{lines:?}"
        );
        assert!(read(text, true).0.is_none());
        assert!(read(r#"{"facts":{}}"#, false).1[0].contains("`id` is missing"));
        assert!(read("[1]", false).0.is_none());
    }
}
