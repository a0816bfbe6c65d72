//! Text in quotation marks, and criteria as data: what every condition can be written as.

use crate::criterion::{Compare, Criterion, DateCompare, Leaf, Node, Span, Test, When};
use crate::number::Number;

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

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Criteria as JSON that the loader reads back to the same tree, numbers with all their digits.
pub(super) fn json(criterion: &Criterion) -> String {
    let list = |of: &[Criterion]| of.iter().map(json).collect::<Vec<_>>().join(",");
    let mut parts = match &criterion.node {
        Node::All(of) => vec![format!("\"all\":[{}]", list(of))],
        Node::Any { of, count } => vec![format!("\"any\":[{}],\"count\":{count}", list(of))],
        Node::Not(inner) => vec![format!("\"not\":{}", json(inner))],
        Node::Case { arms, otherwise } => {
            let arms: Vec<String> = arms
                .iter()
                .map(|arm| format!("{{\"when\":{},\"then\":{}}}", json(&arm.when), json(&arm.then)))
                .collect();
            let mut parts = vec![format!("\"case\":[{}]", arms.join(","))];
            parts.extend(otherwise.as_ref().map(|other| format!("\"else\":{}", json(other))));
            parts
        }
        Node::Points { scores, at_least } => {
            let scores: Vec<String> = scores
                .iter()
                .map(|one| format!("{{\"when\":{},\"score\":{}}}", json(&one.when), digits(&one.score)))
                .collect();
            vec![format!("\"points\":[{}],\"at_least\":{}", scores.join(","), digits(at_least))]
        }
        Node::Judged(text) => vec![format!("\"judged\":{}", string(text))],
        Node::Leaf(leaf) => leaf_json(leaf),
    };
    for (key, value) in
        [("quote", &criterion.quote), ("article", &criterion.article), ("text", &criterion.text)]
    {
        parts.extend(value.as_ref().map(|value| format!("\"{key}\":{}", string(value))));
    }
    format!("{{{}}}", parts.join(","))
}

fn leaf_json(leaf: &Leaf) -> Vec<String> {
    let mut parts = vec![format!("\"fact\":{}", string(&leaf.fact))];
    match leaf.when {
        When::Current | When::LastYear => {}
        When::Year(year) => parts.push(format!("\"year\":{year}")),
        When::Years(aggregate) => {
            parts.extend(aggregate.end.map(|end| format!("\"year\":{end}")));
            parts.push(format!("\"years\":{},\"take\":\"{}\"", aggregate.years, aggregate.take.word()));
        }
    }
    parts.extend(leaf.tests.iter().map(test_json));
    parts
}

fn test_json(test: &Test) -> String {
    let texts = |list: Vec<String>| format!("[{}]", list.join(","));
    match test {
        Test::OneOf(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|value| match value {
                    crate::fact::Value::Bool(flag) => flag.to_string(),
                    other => string(&other.to_string()),
                })
                .collect();
            format!("\"one_of\":{}", texts(values))
        }
        Test::Number(compare, bound) => format!("\"{}\":{}", compare_key(*compare), digits(bound)),
        Test::Date(compare, day) => format!("\"{}\":\"{day}\"", date_key(*compare)),
        Test::Elapsed(span, length) => format!("\"{}\":\"{length}\"", span_key(*span)),
        Test::Within(codes) => {
            format!("\"within\":{}", texts(codes.iter().map(|code| string(&code.to_string())).collect()))
        }
        Test::Outside(codes) => {
            format!("\"outside\":{}", texts(codes.iter().map(|code| string(&code.to_string())).collect()))
        }
        Test::HasAny(tags) => format!("\"has_any\":{}", texts(tags.iter().map(|tag| string(tag)).collect())),
        Test::HasAll(tags) => format!("\"has_all\":{}", texts(tags.iter().map(|tag| string(tag)).collect())),
        Test::HasNone(tags) => {
            format!("\"has_none\":{}", texts(tags.iter().map(|tag| string(tag)).collect()))
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
