//! Text in quotation marks, and criteria as data: what every condition can be written as.

use crate::code::Code;
use crate::criterion::{Arm, Compare, Criterion, DateCompare, Leaf, Node as Kind, Score, Span, Test, When};
use crate::fact::Value;
use crate::number::Number;
use crate::syntax::{Node, Tree};

/// `text` in quotation marks, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("“");
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '”' | '\\' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out.push('”');
    out
}

/// The text in quotation marks at the start of `text`, and what follows it.
pub(super) fn unquote(text: &str) -> Option<(String, &str)> {
    let mut letters = text.strip_prefix('“')?.char_indices();
    let body = text.strip_prefix('“')?;
    let mut out = String::new();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '”' => return Some((out, body.get(at + letter.len_utf8()..)?)),
            '\\' => match letters.next()?.1 {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                other => out.push(other),
            },
            _ => out.push(letter),
        }
    }
    None
}

/// A number with all its digits: what is loaded has at most 28 decimals.
pub(super) fn digits(number: &Number) -> String {
    number.rounded(28)
}

/// A map, as the loaders have it, that stands on `line`.
pub(super) fn map(line: u32, entries: Vec<(&str, Tree)>) -> Node {
    let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), Node { value, line })).collect();
    Node { value: Tree::Map(entries), line }
}

/// `criterion` as the loaders have it.
pub(super) fn tree(criterion: &Criterion) -> Node {
    let list = |of: &[Criterion]| Tree::List(of.iter().map(tree).collect());
    let mut entries = match &criterion.node {
        Kind::All(of) => vec![("all", list(of))],
        Kind::Any { of, count } => vec![("any", list(of)), ("count", Tree::Number(count.to_string()))],
        Kind::Not(inner) => vec![("not", tree(inner).value)],
        Kind::Case { arms, otherwise } => {
            let arm =
                |arm: &Arm| map(0, vec![("when", tree(&arm.when).value), ("then", tree(&arm.then).value)]);
            let mut entries = vec![("case", Tree::List(arms.iter().map(arm).collect()))];
            entries.extend(otherwise.as_ref().map(|other| ("else", tree(other).value)));
            entries
        }
        Kind::Points { scores, at_least } => {
            let score =
                |one: &Score| map(0, vec![("when", tree(&one.when).value), ("score", number(&one.score))]);
            let scores = Tree::List(scores.iter().map(score).collect());
            vec![("points", scores), ("at_least", number(at_least))]
        }
        Kind::Judged(text) => vec![("judged", Tree::Text(text.clone()))],
        Kind::Leaf(leaf) => leaf_entries(leaf, 0),
    };
    for (key, value) in
        [("quote", &criterion.quote), ("article", &criterion.article), ("text", &criterion.text)]
    {
        entries.extend(value.as_ref().map(|value| (key, Tree::Text(value.clone()))));
    }
    map(0, entries)
}

/// The keys of a leaf as the loaders have them, on `line`. [`When::Current`] and [`When::LastYear`] have no key: the
/// fact says which of them is meant.
pub(super) fn leaf_entries(leaf: &Leaf, line: u32) -> Vec<(&'static str, Tree)> {
    let mut entries = vec![("fact", Tree::Text(leaf.fact.clone()))];
    match leaf.when {
        When::Current | When::LastYear => {}
        When::Year(year) => entries.push(("year", Tree::Number(year.to_string()))),
        When::Years(aggregate) => {
            entries.extend(aggregate.end.map(|end| ("year", Tree::Number(end.to_string()))));
            entries.push(("years", Tree::Number(aggregate.years.to_string())));
            entries.push(("take", Tree::Text(aggregate.take.word().to_owned())));
        }
    }
    entries.extend(leaf.tests.iter().map(|test| test_entry(test, line)));
    entries
}

fn test_entry(test: &Test, line: u32) -> (&'static str, Tree) {
    let list = |of: Vec<Tree>| Tree::List(of.into_iter().map(|value| Node { value, line }).collect());
    let texts = |of: &[String]| list(of.iter().map(|text| Tree::Text(text.clone())).collect());
    let codes = |of: &[Code]| list(of.iter().map(|code| Tree::Text(code.to_string())).collect());
    match test {
        Test::OneOf(values) => {
            let value = |value: &Value| match value {
                Value::Bool(flag) => Tree::Bool(*flag),
                other => Tree::Text(other.to_string()),
            };
            ("one_of", list(values.iter().map(value).collect()))
        }
        Test::Number(compare, bound) => (compare_key(*compare), number(bound)),
        Test::Date(compare, day) => (date_key(*compare), Tree::Text(day.to_string())),
        Test::Elapsed(span, length) => (span_key(*span), Tree::Text(length.to_string())),
        Test::Within(of) => ("within", codes(of)),
        Test::Outside(of) => ("outside", codes(of)),
        Test::HasAny(tags) => ("has_any", texts(tags)),
        Test::HasAll(tags) => ("has_all", texts(tags)),
        Test::HasNone(tags) => ("has_none", texts(tags)),
    }
}

pub(super) fn number(number: &Number) -> Tree {
    Tree::Number(digits(number))
}

/// `tree` as JSON on one line, numbers with all their digits.
pub(super) fn json(tree: &Tree) -> String {
    let string = |text: &str| serde_json::Value::from(text).to_string();
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(flag) => flag.to_string(),
        Tree::Number(digits) => digits.clone(),
        Tree::Text(text) => string(text),
        Tree::List(items) => {
            format!("[{}]", items.iter().map(|item| json(&item.value)).collect::<Vec<_>>().join(","))
        }
        Tree::Map(entries) => {
            let entry = |(key, node): &(String, Node)| format!("{}:{}", string(key), json(&node.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

fn compare_key(compare: Compare) -> &'static str {
    match compare {
        Compare::AtLeast => "at_least",
        Compare::AtMost => "at_most",
        Compare::MoreThan => "more_than",
        Compare::LessThan => "less_than",
        Compare::Equals => "equals",
    }
}

fn date_key(compare: DateCompare) -> &'static str {
    match compare {
        DateCompare::OnOrAfter => "on_or_after",
        DateCompare::OnOrBefore => "on_or_before",
        DateCompare::After => "after",
        DateCompare::Before => "before",
    }
}

fn span_key(span: Span) -> &'static str {
    match span {
        Span::AtLeast => "for_at_least",
        Span::MoreThan => "for_more_than",
        Span::AtMost => "for_at_most",
        Span::LessThan => "for_less_than",
    }
}
