//! Quoted text, and criteria as data: the fallback form of every condition.

use zhaoren_cancel::poll;

use crate::code::Code;
use crate::criterion::{
    Arm, Compare, Criterion, DateCompare, Leaf, Node as Kind, RecordLeaf, Score, Span, Test, When,
};
use crate::fact::Value;
use crate::number::Number;
use crate::syntax::{Node, Tree};

/// Longest text whose own quotation marks are read as pairs, in bytes.
const LONGEST_PAIRED: usize = 2_000;

/// `text` in quotation marks, on one line. Its own quotation marks stand as they are where they are in pairs: 获得“专精特新”称号.
pub(super) fn quoted(text: &str) -> String {
    let is_paired = text.len() <= LONGEST_PAIRED && is_paired(text);
    let mut out = String::from("“");
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '“' | '”' if is_paired => out.push(letter),
            '“' | '”' | '\\' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out.push('”');
    out
}

/// True if each “ of a text has its ”.
fn is_paired(text: &str) -> bool {
    let mut depth = 0_usize;
    let closes = |letter| match letter {
        '“' => {
            depth += 1;
            true
        }
        '”' => match depth.checked_sub(1) {
            Some(less) => {
                depth = less;
                true
            }
            None => false,
        },
        _ => true,
    };
    text.chars().all(closes) && depth == 0
}

/// Quoted text at the start of `text`, and the rest.
pub(super) fn unquote(text: &str) -> Option<(String, &str)> {
    // Texts of earlier versions may have a “ without its ”: their quote ends at the first ” that is not escaped.
    unquote_as(text, true).or_else(|| unquote_as(text, false))
}

/// Quoted text, with pairs of quotation marks inside it if `paired`.
fn unquote_as(text: &str, paired: bool) -> Option<(String, &str)> {
    let body = text.strip_prefix('“')?;
    let mut letters = body.char_indices();
    let mut out = String::new();
    let mut depth = 0_usize;
    while let Some((at, letter)) = letters.next() {
        poll();
        match letter {
            '”' if depth == 0 => return Some((out, body.get(at + letter.len_utf8()..)?)),
            // A writer keeps no pairs in longer texts; an escape doubles a letter at most.
            _ if depth > 0 && at > 2 * LONGEST_PAIRED => return None,
            '”' => {
                depth -= 1;
                out.push(letter);
            }
            '“' => {
                depth += usize::from(paired);
                out.push(letter);
            }
            '\\' => match letters.next()?.1 {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                // Earlier versions escaped the ” of a pair and left its “ as it was.
                '”' => {
                    depth = depth.saturating_sub(1);
                    out.push('”');
                }
                other @ ('“' | '\\') => out.push(other),
                other => out.extend(['\\', other]),
            },
            _ => out.push(letter),
        }
    }
    None
}

/// Number with all its digits: a loaded number has at most 28 decimals.
pub(super) fn digits(number: &Number) -> String {
    number.to_rounded_string(28)
}

/// Keys of a map with their values.
pub(super) type Entries = Vec<(&'static str, Node)>;

/// Map in the form of the loaders, on `line`.
pub(super) fn map(line: u32, entries: Entries) -> Node {
    let entries = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Node { value: Tree::Map(entries), line }
}

/// List on `line`.
pub(super) fn list(line: u32, items: Vec<Node>) -> Node {
    Node { value: Tree::List(items), line }
}

/// Text on `line`.
pub(super) fn text(line: u32, text: impl ToString) -> Node {
    Node { value: Tree::Text(text.to_string()), line }
}

/// Number on `line`, with all its digits.
pub(super) fn number(line: u32, number: &Number) -> Node {
    Node { value: Tree::Number(digits(number)), line }
}

fn whole(line: u32, number: impl ToString) -> Node {
    Node { value: Tree::Number(number.to_string()), line }
}

/// `criterion` in the form of the loaders, without lines: what [`read_criterion`](crate::criterion::read_criterion) reads back.
pub fn tree(criterion: &Criterion) -> Node {
    let each = |of: &[Criterion]| list(0, of.iter().map(tree).collect());
    let mut entries = match &criterion.node {
        Kind::All(of) => vec![("all", each(of))],
        Kind::Any { of, count } => vec![("any", each(of)), ("count", whole(0, count))],
        Kind::Not(inner) => vec![("not", tree(inner))],
        Kind::Case { arms, otherwise } => {
            let arm = |arm: &Arm| map(0, vec![("when", tree(&arm.when)), ("then", tree(&arm.then))]);
            let mut entries = vec![("case", list(0, arms.iter().map(arm).collect()))];
            entries.extend(otherwise.as_ref().map(|other| ("else", tree(other))));
            entries
        }
        Kind::Points { scores, at_least } => {
            let score =
                |one: &Score| map(0, vec![("when", tree(&one.when)), ("score", number(0, &one.score))]);
            let scores = list(0, scores.iter().map(score).collect());
            vec![("points", scores), ("at_least", number(0, at_least))]
        }
        Kind::Judged(judged) => vec![("judged", text(0, judged))],
        Kind::Leaf(leaf) => leaf_entries(leaf, 0),
        Kind::Records(leaf) => {
            let condition = (!leaf.counts_all()).then(|| tree(&leaf.measure.condition));
            record_entries(leaf, condition, 0)
        }
    };
    for (key, value) in
        [("quote", &criterion.quote), ("article", &criterion.article), ("text", &criterion.text)]
    {
        entries.extend(value.as_ref().map(|value| (key, text(0, value))));
    }
    map(0, entries)
}

/// Keys of a leaf in the form of the loaders, on `line`. [`When::Current`] and [`When::LastYear`] have no key: the period of the
/// fact determines which applies.
pub(super) fn leaf_entries(leaf: &Leaf, line: u32) -> Entries {
    let mut entries = vec![("fact", text(line, &leaf.fact))];
    match leaf.when {
        When::Current | When::LastYear => {}
        When::Year(year) => entries.push(("year", whole(line, year))),
        When::Years(aggregate) => {
            entries.extend(aggregate.end.map(|end| ("year", whole(line, end))));
            entries.push(("years", whole(line, aggregate.years)));
            entries.push(("take", text(line, aggregate.take.word())));
        }
    }
    entries.extend(leaf.tests.iter().map(|test| test_entry(test, line)));
    entries
}

/// Keys of a condition on records in the form of the loaders, on `line`, with the `condition` on one record.
pub(super) fn record_entries(leaf: &RecordLeaf, condition: Option<Node>, line: u32) -> Entries {
    let measure = &leaf.measure;
    let mut entries = match &measure.of {
        Some(field) => vec![("total", text(line, &measure.records)), ("of", text(line, field))],
        None => vec![("some", text(line, &measure.records))],
    };
    entries.extend(condition.map(|condition| ("where", condition)));
    match (&measure.of, leaf.tests.as_slice()) {
        (None, [Test::Number(_, count)]) => entries.push(("count", number(line, count))),
        (_, tests) => entries.extend(tests.iter().map(|test| test_entry(test, line))),
    }
    entries
}

fn test_entry(test: &Test, line: u32) -> (&'static str, Node) {
    let texts = |of: &[String]| list(line, of.iter().map(|tag| text(line, tag)).collect());
    let codes = |of: &[Code]| list(line, of.iter().map(|code| text(line, code)).collect());
    match test {
        Test::OneOf(values) => {
            let value = |value: &Value| match value {
                Value::Bool(flag) => Node { value: Tree::Bool(*flag), line },
                other => text(line, other),
            };
            ("one_of", list(line, values.iter().map(value).collect()))
        }
        Test::Number(compare, bound) => (compare_key(*compare), number(line, bound)),
        Test::Date(compare, day) => (date_key(*compare), text(line, day)),
        Test::Elapsed(span, length) => (span_key(*span), text(line, length)),
        Test::Within(of) => ("within", codes(of)),
        Test::Outside(of) => ("outside", codes(of)),
        Test::HasAny(tags) => ("has_any", texts(tags)),
        Test::HasAll(tags) => ("has_all", texts(tags)),
        Test::HasNone(tags) => ("has_none", texts(tags)),
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
