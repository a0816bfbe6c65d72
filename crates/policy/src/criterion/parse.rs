//! Reads criteria from YAML or JSON. The vocabulary is closed: an unknown fact, tag, code or operator is an error.

use zhaoren_cancel::poll;

use super::leaf::{Aggregate, Compare, DateCompare, Leaf, RecordLeaf, RecordMeasure, Span, Take, Test, When};
use super::tree::{Arm, Criterion, Node, Score, join};
use crate::calendar::{CalendarSpan, parse_date};
use crate::code::{Code, names};
use crate::fact::{Fact, FactDictionary, FactType, Period, Value};
use crate::number::Number;
use crate::problem::{Fault, Report, nearest};
use crate::syntax::{self, Tree};

/// Reads a criterion; `None` if it, or anything below it, has an error. Every error is in `report`, with a path that begins with
/// `path`.
pub fn read_criterion(
    node: &syntax::Node,
    path: &str,
    dictionary: &FactDictionary,
    report: &mut Report,
) -> Option<Criterion> {
    let before = report.errors();
    let criterion = Parser { dictionary, report }.criterion(node, path);
    criterion.filter(|_| report.errors() == before)
}

/// Reads the keys `year`, `years` and `take` of `entries`, which select a value of `fact` as in a leaf; `None` if they have an
/// error.
pub(crate) fn read_when(
    fact: &Fact,
    entries: &Entries,
    path: &str,
    dictionary: &FactDictionary,
    report: &mut Report,
) -> Option<When> {
    Parser { dictionary, report }.when(fact, entries, path)
}

const NODES: [&str; 9] = ["all", "any", "not", "case", "points", "judged", "fact", "some", "total"];
const NODE_LIST: &str = "one of `all`, `any`, `not`, `case`, `points`, `judged`, `fact`, `some`, `total`";
const EVIDENCE: [&str; 3] = ["quote", "article", "text"];

struct Parser<'a> {
    dictionary: &'a FactDictionary,
    report: &'a mut Report,
}

type Entries = [(String, syntax::Node)];

fn get<'a>(entries: &'a Entries, key: &str) -> Option<&'a syntax::Node> {
    entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
}

impl<'a> Parser<'a> {
    fn criterion(&mut self, node: &syntax::Node, path: &str) -> Option<Criterion> {
        poll();
        let Tree::Map(entries) = &node.value else {
            self.report.expected(node, path, format!("a criterion: a map with {NODE_LIST}"));
            return None;
        };
        let kinds: Vec<&str> = NODES.into_iter().filter(|kind| get(entries, kind).is_some()).collect();
        let kind = match kinds.as_slice() {
            [kind] => *kind,
            _ => {
                self.report.expected(node, path, format!("exactly {NODE_LIST}"));
                return None;
            }
        };
        let body = get(entries, kind)?;
        let built = match kind {
            "all" => self.list(body, path, "all").map(Node::All),
            "any" => self.any(entries, body, path),
            "not" => self.criterion(body, &join(path, "not")).map(|inner| Node::Not(Box::new(inner))),
            "case" => self.case(entries, body, path),
            "points" => self.points(entries, node, body, path),
            "judged" => self.judged(body, path),
            "some" => self.some(entries, body, path).map(Node::Records),
            "total" => self.total(entries, node, body, path).map(Node::Records),
            _ => self.leaf(entries, node, body, path).map(Node::Leaf),
        };
        let allowed: &[&str] = match kind {
            "any" => &["count"],
            "case" => &["else"],
            "points" => &["at_least"],
            "some" => &["where", "count"],
            _ => &[],
        };
        if !matches!(kind, "fact" | "total") {
            self.only(entries, kind, allowed, path);
        }
        Some(Criterion {
            node: built?,
            quote: self.evidence(entries, "quote", path),
            article: self.evidence(entries, "article", path),
            text: self.evidence(entries, "text", path),
        })
    }

    fn evidence(&mut self, entries: &Entries, key: &str, path: &str) -> Option<String> {
        let node = get(entries, key).filter(|node| !node.is_null())?;
        let text = node.text().map(str::to_owned);
        if text.is_none() {
            self.report.expected(node, &join(path, key), "text");
        }
        text
    }

    fn only(&mut self, entries: &Entries, kind: &str, allowed: &[&str], path: &str) {
        for (key, value) in entries {
            let known = key == kind || allowed.contains(&key.as_str()) || EVIDENCE.contains(&key.as_str());
            if !known {
                let mut keys: Vec<String> = vec![format!("`{kind}`")];
                keys.extend(allowed.iter().chain(&EVIDENCE).map(|key| format!("`{key}`")));
                let fault = Fault::UnknownKey { key: key.clone(), expected: keys.join(", ") };
                self.report.error(value.line, path, fault);
            }
        }
    }

    fn items<'n>(&mut self, node: &'n syntax::Node, path: &str, what: &str) -> Option<&'n [syntax::Node]> {
        match &node.value {
            Tree::List(items) => Some(items),
            _ => {
                self.report.expected(node, path, what);
                None
            }
        }
    }

    /// Reads every member, so that all errors are reported; `None` unless all are valid.
    fn list(&mut self, body: &syntax::Node, path: &str, name: &str) -> Option<Vec<Criterion>> {
        let items = self.items(body, &join(path, name), "a list of criteria")?;
        let read: Vec<Option<Criterion>> = items
            .iter()
            .enumerate()
            .map(|(i, item)| self.criterion(item, &join(path, &format!("{name}[{i}]"))))
            .collect();
        read.into_iter().collect()
    }

    fn any(&mut self, entries: &Entries, body: &syntax::Node, path: &str) -> Option<Node> {
        let of = self.list(body, path, "any");
        let count = self.count(entries, path);
        Some(Node::Any { of: of?, count: count? })
    }

    /// Least number of `any` or `some`: 1 if it is left out.
    fn count(&mut self, entries: &Entries, path: &str) -> Option<usize> {
        let Some(node) = get(entries, "count") else { return Some(1) };
        let count = whole(node).and_then(|count| usize::try_from(count).ok());
        if count.is_none() {
            self.report.expected(node, &join(path, "count"), "a whole number, 0 or more");
        }
        count
    }

    /// `some`: a count of records.
    fn some(&mut self, entries: &Entries, body: &syntax::Node, path: &str) -> Option<RecordLeaf> {
        let fact = self.records(body, path, "some");
        let count = self.count(entries, path);
        let fact = fact?;
        let condition = Box::new(self.where_of(fact, entries, path)?);
        let least = Number::from(i64::try_from(count?).unwrap_or(i64::MAX));
        let measure = RecordMeasure { records: fact.key.clone(), of: None, condition };
        Some(RecordLeaf { measure, tests: vec![Test::Number(Compare::AtLeast, least)] })
    }

    /// `total`: the sum of a field over records.
    fn total(
        &mut self,
        entries: &Entries,
        node: &syntax::Node,
        body: &syntax::Node,
        path: &str,
    ) -> Option<RecordLeaf> {
        let fact = self.records(body, path, "total")?;
        let condition = self.where_of(fact, entries, path);
        let Some(of) = get(entries, "of") else {
            self.report.error(node.line, path, Fault::MissingKey("of".to_owned()));
            return None;
        };
        let field = of.text().and_then(|key| fact.fields.get(key)).filter(|field| field.kind.is_number());
        let Some(field) = field else {
            let fields = fact.fields.iter().filter(|field| field.kind.is_number());
            let fields: Vec<String> = fields.map(|field| format!("`{}`", field.key)).collect();
            let expected = format!("a field of `{}` with numbers: {}", fact.key, fields.join(", "));
            self.report.expected(of, &join(path, "of"), expected);
            return None;
        };
        let mut tests = Vec::new();
        let mut sound = true;
        for (operator, operand) in entries {
            if ["total", "of", "where"].contains(&operator.as_str()) || EVIDENCE.contains(&operator.as_str())
            {
                continue;
            }
            match self.test(field, operator, operand, path) {
                Some(test) => tests.push(test),
                None => sound = false,
            }
        }
        if tests.is_empty() && sound {
            let expected = format!("an operator for the sum: {}", operators(field.kind));
            self.report.expected(node, path, expected);
            return None;
        }
        let measure = RecordMeasure {
            records: fact.key.clone(),
            of: Some(field.key.clone()),
            condition: Box::new(condition?),
        };
        sound.then_some(RecordLeaf { measure, tests })
    }

    /// Records fact that a node is about.
    fn records(&mut self, body: &syntax::Node, path: &str, name: &str) -> Option<&'a Fact> {
        let dictionary = self.dictionary;
        let Some(key) = body.text() else {
            self.report.expected(body, &join(path, name), "the key of a records fact");
            return None;
        };
        let Some(fact) = dictionary.get(key) else {
            let suggestion = self.report.suggest(|| dictionary.suggest(key));
            self.report.error(body.line, path, Fault::UnknownFact { key: key.to_owned(), suggestion });
            return None;
        };
        if fact.kind != FactType::Records {
            let expected = format!("a records fact, `{key}` is {}", fact.kind.name());
            self.report.error(body.line, path, Fault::Expected { got: format!("`{name}`"), expected });
            return None;
        }
        Some(fact)
    }

    /// Condition on one record of `fact`; without one, every record counts.
    fn where_of(&mut self, fact: &Fact, entries: &Entries, path: &str) -> Option<Criterion> {
        match get(entries, "where") {
            None => Some(Criterion::without_evidence(Node::All(Vec::new()))),
            Some(node) => {
                Parser { dictionary: &fact.fields, report: self.report }.criterion(node, &join(path, "where"))
            }
        }
    }

    fn case(&mut self, entries: &Entries, body: &syntax::Node, path: &str) -> Option<Node> {
        let items = self.items(body, &join(path, "case"), "a list of {when: …, then: …}")?;
        let arms: Vec<Option<Arm>> = items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let at = join(path, &format!("case[{i}]"));
                let (when, then) = self.pair(item, &at, "when", "then")?;
                let when = self.criterion(when, &join(&at, "when"));
                let then = self.criterion(then, &join(&at, "then"));
                Some(Arm { when: when?, then: then? })
            })
            .collect();
        let otherwise = get(entries, "else").map(|node| self.criterion(node, &join(path, "else")));
        let otherwise = match otherwise {
            Some(read) => Some(Box::new(read?)),
            None => None,
        };
        Some(Node::Case { arms: arms.into_iter().collect::<Option<Vec<_>>>()?, otherwise })
    }

    fn points(
        &mut self,
        entries: &Entries,
        node: &syntax::Node,
        body: &syntax::Node,
        path: &str,
    ) -> Option<Node> {
        let items = self.items(body, &join(path, "points"), "a list of {when: …, score: …}")?;
        let scores: Vec<Option<Score>> = items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let at = join(path, &format!("points[{i}]"));
                let (when, score) = self.pair(item, &at, "when", "score")?;
                let when = self.criterion(when, &join(&at, "when"));
                let number = score_number(score);
                if number.is_none() {
                    self.report.expected(score, &join(&at, "score"), SCORE);
                }
                Some(Score { when: when?, score: number? })
            })
            .collect();
        let Some(mark) = get(entries, "at_least") else {
            self.report.error(node.line, path, Fault::MissingKey("at_least".to_owned()));
            return None;
        };
        let at_least = score_number(mark);
        if at_least.is_none() {
            self.report.expected(mark, &join(path, "at_least"), SCORE);
        }
        Some(Node::Points { scores: scores.into_iter().collect::<Option<Vec<_>>>()?, at_least: at_least? })
    }

    /// Map with exactly two keys.
    fn pair<'n>(
        &mut self,
        item: &'n syntax::Node,
        path: &str,
        first: &str,
        second: &str,
    ) -> Option<(&'n syntax::Node, &'n syntax::Node)> {
        let found = match &item.value {
            Tree::Map(entries) if entries.len() == 2 => item.get(first).zip(item.get(second)),
            _ => None,
        };
        if found.is_none() {
            self.report.expected(item, path, format!("a map with `{first}` and `{second}`"));
        }
        found
    }

    fn judged(&mut self, body: &syntax::Node, path: &str) -> Option<Node> {
        let text = body.text().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            self.report.expected(body, &join(path, "judged"), "the text that a person judges");
        }
        text.map(|text| Node::Judged(text.to_owned()))
    }

    fn leaf(
        &mut self,
        entries: &Entries,
        node: &syntax::Node,
        body: &syntax::Node,
        path: &str,
    ) -> Option<Leaf> {
        let Some(key) = body.text() else {
            self.report.expected(body, &join(path, "fact"), "the key of a fact");
            return None;
        };
        let Some(fact) = self.dictionary.get(key) else {
            let suggestion = self.report.suggest(|| self.dictionary.suggest(key));
            self.report.error(body.line, path, Fault::UnknownFact { key: key.to_owned(), suggestion });
            return None;
        };
        let when = self.when(fact, entries, path);
        let mut tests = Vec::new();
        let mut sound = true;
        for (operator, operand) in entries {
            let skip = ["fact", "year", "years", "take"].contains(&operator.as_str())
                || EVIDENCE.contains(&operator.as_str());
            if skip {
                continue;
            }
            match self.test(fact, operator, operand, path) {
                Some(test) => tests.push(test),
                None => sound = false,
            }
        }
        if tests.is_empty() && sound {
            self.report.expected(node, path, format!("an operator for `{key}`: {}", operators(fact.kind)));
            return None;
        }
        sound.then_some(Leaf { fact: key.to_owned(), when: when?, tests })
    }

    fn when(&mut self, fact: &Fact, entries: &Entries, path: &str) -> Option<When> {
        let (year, years, take) = (get(entries, "year"), get(entries, "years"), get(entries, "take"));
        if fact.period == Period::Current {
            if let Some(node) = year.or(years).or(take) {
                let got = "`year`, `years` or `take`".to_owned();
                let expected = format!("none of them: `{}` has one value, not one per year", fact.key);
                self.report.error(node.line, path, Fault::Expected { got, expected });
                return None;
            }
            return Some(When::Current);
        }
        let end = match year {
            None => None,
            Some(node) => {
                let number =
                    whole(node).and_then(|y| i16::try_from(y).ok()).filter(|y| (1000..=9999).contains(y));
                if number.is_none() {
                    self.report.expected(node, &join(path, "year"), "a year of four digits");
                }
                Some(number?)
            }
        };
        match (years, take) {
            (None, None) => Some(end.map_or(When::LastYear, When::Year)),
            (Some(years), Some(take)) => self.aggregate(fact, years, take, end, path).map(When::Years),
            (Some(node), None) | (None, Some(node)) => {
                let expected = "`years` and `take` together".to_owned();
                self.report.error(
                    node.line,
                    path,
                    Fault::Expected { got: "one of them alone".to_owned(), expected },
                );
                None
            }
        }
    }

    fn aggregate(
        &mut self,
        fact: &Fact,
        years: &syntax::Node,
        take: &syntax::Node,
        end: Option<i16>,
        path: &str,
    ) -> Option<Aggregate> {
        let count = whole(years).and_then(|n| u8::try_from(n).ok()).filter(|n| (1..=50).contains(n));
        if count.is_none() {
            self.report.expected(years, &join(path, "years"), "a number of years from 1 to 50");
        }
        let parsed = take.text().and_then(Take::parse);
        if parsed.is_none() {
            let words = "`average`, `sum`, `min`, `max`, `growth` or `cagr`";
            self.report.expected(take, &join(path, "take"), words);
        }
        let (years_count, take_word) = (count?, parsed?);
        if !fact.kind.is_number() {
            let expected = format!("a number fact, `{}` is {}", fact.key, fact.kind.name());
            self.report.error(take.line, path, Fault::Expected { got: "an aggregate".to_owned(), expected });
            return None;
        }
        if matches!(take_word, Take::Growth | Take::Cagr) && years_count < 2 {
            self.report.expected(years, &join(path, "years"), "2 or more years for a growth");
            return None;
        }
        Some(Aggregate { years: years_count, end, take: take_word })
    }

    fn test(&mut self, fact: &Fact, operator: &str, operand: &syntax::Node, path: &str) -> Option<Test> {
        let at = join(path, operator);
        let kind = fact.kind;
        let numeric = kind.is_number();
        let number_test = |compare| number(operand).map(|bound| Test::Number(compare, bound));
        let date_test = |compare| operand.text().and_then(parse_date).map(|day| Test::Date(compare, day));
        let span_test =
            |span| operand.text().and_then(CalendarSpan::parse).map(|length| Test::Elapsed(span, length));
        let (test, expected) = match (operator, kind) {
            ("at_least", _) if numeric => (number_test(Compare::AtLeast), "a number"),
            ("at_most", _) if numeric => (number_test(Compare::AtMost), "a number"),
            ("more_than", _) if numeric => (number_test(Compare::MoreThan), "a number"),
            ("less_than", _) if numeric => (number_test(Compare::LessThan), "a number"),
            ("equals", _) if numeric => (number_test(Compare::Equals), "a number"),
            ("on_or_after", FactType::Date) => (date_test(DateCompare::OnOrAfter), "a date that exists"),
            ("on_or_before", FactType::Date) => (date_test(DateCompare::OnOrBefore), "a date that exists"),
            ("after", FactType::Date) => (date_test(DateCompare::After), "a date that exists"),
            ("before", FactType::Date) => (date_test(DateCompare::Before), "a date that exists"),
            ("for_at_least", FactType::Date) => (span_test(Span::AtLeast), "a span such as `2 years`"),
            ("for_more_than", FactType::Date) => (span_test(Span::MoreThan), "a span such as `2 years`"),
            ("for_at_most", FactType::Date) => (span_test(Span::AtMost), "a span such as `2 years`"),
            ("for_less_than", FactType::Date) => (span_test(Span::LessThan), "a span such as `2 years`"),
            ("is", FactType::Boolean | FactType::Text) => {
                return self.value(fact, operand, &at).map(|value| Test::OneOf(vec![value]));
            }
            ("one_of", FactType::Boolean | FactType::Text) => {
                return self.values(fact, operand, &at).map(Test::OneOf);
            }
            ("within", FactType::Code) => return self.codes(fact, operand, &at).map(Test::Within),
            ("outside", FactType::Code) => return self.codes(fact, operand, &at).map(Test::Outside),
            ("has_any", FactType::Tags) => return self.tags(fact, operand, &at).map(Test::HasAny),
            ("has_all", FactType::Tags) => return self.tags(fact, operand, &at).map(Test::HasAll),
            ("has_none", FactType::Tags) => return self.tags(fact, operand, &at).map(Test::HasNone),
            _ => {
                let fault = Fault::Operator {
                    operator: operator.to_owned(),
                    fact: fact.key.clone(),
                    kind: kind.name(),
                    expected: operators(kind),
                };
                self.report.error(operand.line, path, fault);
                return None;
            }
        };
        if test.is_none() {
            self.report.expected(operand, &at, expected);
        }
        test
    }

    fn value(&mut self, fact: &Fact, node: &syntax::Node, path: &str) -> Option<Value> {
        let value = match (fact.kind, &node.value) {
            (FactType::Boolean, Tree::Bool(flag)) => Some(Value::Bool(*flag)),
            (FactType::Text, Tree::Text(text)) => {
                self.listed(fact, text, node.line, path);
                Some(Value::Text(text.clone()))
            }
            _ => None,
        };
        if value.is_none() {
            self.report.expected(
                node,
                path,
                if fact.kind == FactType::Boolean { "true or false" } else { "text" },
            );
        }
        value
    }

    fn values(&mut self, fact: &Fact, node: &syntax::Node, path: &str) -> Option<Vec<Value>> {
        let items = self.items(node, path, "a list")?;
        let read: Vec<Option<Value>> = items.iter().map(|item| self.value(fact, item, path)).collect();
        read.into_iter().collect()
    }

    fn codes(&mut self, fact: &Fact, node: &syntax::Node, path: &str) -> Option<Vec<Code>> {
        let system = fact.codes?;
        let items = self.items(node, path, "a list of codes")?;
        let read: Vec<Option<Code>> = items
            .iter()
            .map(|item| {
                // YAML reads a bare 310104 as a number; its digits are the code.
                let code = match &item.value {
                    Tree::Text(text) | Tree::Number(text) => Code::parse(text, system),
                    _ => None,
                };
                match &code {
                    None => self.report.expected(item, path, format!("a code of {}", system.table())),
                    Some(code) if !names(system).contains(code) => {
                        let fault = Fault::UnknownCode { code: code.to_string(), table: system.table() };
                        self.report.error(item.line, path, fault);
                    }
                    Some(_) => {}
                }
                code
            })
            .collect();
        read.into_iter().collect()
    }

    fn tags(&mut self, fact: &Fact, node: &syntax::Node, path: &str) -> Option<Vec<String>> {
        let items = self.items(node, path, "a list of tags")?;
        let read: Vec<Option<String>> = items
            .iter()
            .map(|item| {
                match item.text() {
                    Some(tag) => self.listed(fact, tag, item.line, path),
                    None => self.report.expected(item, path, "a tag"),
                }
                item.text().map(str::to_owned)
            })
            .collect();
        read.into_iter().collect()
    }

    /// Reports a value that is not in the fact's controlled list, which is closed.
    fn listed(&mut self, fact: &Fact, value: &str, line: u32, path: &str) {
        if !fact.values.is_empty() && !fact.values.iter().any(|known| known == value) {
            let values = fact.values.iter().map(String::as_str);
            let suggestion = self.report.suggest(|| nearest(value, values));
            let fault = Fault::UnknownValue { fact: fact.key.clone(), value: value.to_owned(), suggestion };
            self.report.error(line, path, fault);
        }
    }
}

fn number(node: &syntax::Node) -> Option<Number> {
    node.number()
}

const SCORE: &str = "points: a number up to 1,000,000,000 with at most six decimals";

/// Points within the range of [`super::tree::Score::MILLIONTHS`].
fn score_number(node: &syntax::Node) -> Option<Number> {
    let number = number(node)?;
    let small = number.abs() <= Number::from(1_000_000_000);
    (small && number.times(&Number::from(Score::MILLIONTHS)).is_integer()).then_some(number)
}

fn whole(node: &syntax::Node) -> Option<i64> {
    number(node).and_then(|number| number.to_i64())
}

/// Operators that fit a type, for messages.
fn operators(kind: FactType) -> &'static str {
    match kind {
        FactType::Boolean | FactType::Text => "`is` or `one_of`",
        FactType::Integer | FactType::Decimal | FactType::Money | FactType::Ratio => {
            "`at_least`, `at_most`, `more_than`, `less_than` or `equals`"
        }
        FactType::Date => {
            "`on_or_after`, `on_or_before`, `after`, `before`, `for_at_least`, `for_more_than`, `for_at_most` or \
             `for_less_than`"
        }
        FactType::Code => "`within` or `outside`",
        FactType::Tags => "`has_any`, `has_all` or `has_none`",
        FactType::Records => "none: ask `{some: …}` or `{total: …}`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;

    fn read(text: &str) -> Result<Criterion, String> {
        let mut report = Report::new("i.yaml");
        let node = yaml(text).unwrap().remove(0);
        let criterion = read_criterion(&node, "criteria", FactDictionary::built_in(), &mut report);
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        criterion.ok_or_else(|| lines.join("\n"))
    }

    #[test]
    fn every_construct_is_parsed() {
        let text = "all:
  - {fact: established_on, for_at_least: 365 days, article: 第十一条（一）}
  - {fact: revenue, years: 3, take: average, at_least: 5e7}
  - {fact: revenue, year: 2024, more_than: 0, at_most: 100}
  - {fact: registered_region, within: [310104]}
  - {fact: industry, outside: [C16, '51']}
  - {not: {fact: abnormal_list, is: true}}
  - {any: [{fact: qualifications, has_any: [高新技术企业]}, {judged: 好}], count: 2}
  - case: [{when: {fact: employees, at_most: 30}, then: {all: []}}]
    else: {fact: layoff_rate, at_most: 0.055}
  - points: [{when: {fact: ip_class1, at_least: 1}, score: 20}]
    at_least: 20
";
        let criterion = read(text).unwrap();
        let mut paths = Vec::new();
        criterion.walk(&mut |path, _| paths.push(path.to_owned()));
        assert!(paths.contains(&"all[7].case[0].when".to_owned()), "{paths:?}");
        assert!(paths.contains(&"all[7].else".to_owned()));
        assert!(paths.contains(&"all[8].points[0].when".to_owned()));
    }

    #[test]
    fn unknown_constructs_are_refused() {
        let cases = [
            ("{fact: employes, at_least: 1}", "unknown fact `employes`, did you mean `employees`?"),
            ("{fact: employees, over: 1}", "operator `over` does not fit `employees` of type integer"),
            ("{fact: employees, has_any: [a]}", "operator `has_any` does not fit"),
            ("{fact: employees}", "an operator for `employees`"),
            ("{fact: employees, at_least: 十}", "at `criteria.at_least`: got text `十`, expected a number"),
            ("{fact: employees, years: 3, take: sum, at_least: 1}", "has one value, not one per year"),
            ("{fact: revenue, years: 3, at_least: 1}", "`years` and `take` together"),
            ("{fact: revenue, years: 1, take: cagr, at_least: 1}", "2 or more years"),
            ("{fact: established_on, for_at_least: 2 weeks}", "expected a span"),
            ("{fact: established_on, after: 2023-02-30}", "expected a date that exists"),
            ("{fact: qualifications, has_any: [高新企业]}", "did you mean `高新技术企业`?"),
            ("{fact: registered_region, within: [999999]}", "code `999999` is not in GB/T 2260"),
            ("{fact: registered_region, within: 310104}", "expected a list of codes"),
            ("{all: [], any: []}", "expected exactly one of"),
            ("{al: []}", "expected exactly one of"),
            ("{any: [], cuont: 1}", "unknown key `cuont`"),
            ("{any: [], count: -1}", "a whole number, 0 or more"),
            ("{points: [{when: {all: []}, score: 1}]}", "`at_least` is missing"),
            ("{case: [{when: {all: []}}]}", "a map with `when` and `then`"),
            ("{judged: ''}", "the text that a person judges"),
            ("5", "a criterion: a map with"),
        ];
        for (text, message) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(message), "{text}\n{error}");
        }
    }

    #[test]
    fn names_every_error_at_once_with_its_line() {
        let error = read("all:\n  - {fact: x, is: 1}\n  - {fact: y, is: 1}\n").unwrap_err();
        assert!(
            error.contains("i.yaml:2: at `criteria.all[0]`")
                && error.contains("i.yaml:3: at `criteria.all[1]`")
        );
    }
}
