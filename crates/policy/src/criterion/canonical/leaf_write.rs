//! Writes leaves as Chinese text.

use super::leaf_read::read_leaf;
use super::marks::{
    AND, BEHIND, COMPARE, HAS, HAS_ALL, HAS_NONE, IS, LAST_YEAR, NO, ONE_OF, OUTSIDE, RATES, SENTENCES,
    SINCE, SPANS, TAKES, WITHIN, YES,
};
use super::quantity::{write_day, write_number};
use super::source::quoted;
use crate::code::{Code, names};
use crate::criterion::{Aggregate, DateCompare, Leaf, Take, Test, When};
use crate::fact::{Fact, FactDictionary, Value};

/// Leaf in words that read back to it: plain, or with the fact's key; `None` if neither does.
pub(super) fn write_leaf(leaf: &Leaf, dictionary: &FactDictionary) -> Option<String> {
    let fact = dictionary.get(&leaf.fact)?;
    [false, true]
        .into_iter()
        .map(|with_key| words(leaf, fact, with_key))
        .find(|text| read_leaf(text, dictionary).as_slice() == std::slice::from_ref(leaf))
}

fn words(leaf: &Leaf, fact: &Fact, with_key: bool) -> String {
    let name = if with_key { format!("{}〔{}〕", fact.name, fact.key) } else { fact.name.clone() };
    // 成立满2年, 近3年内未发生重大安全事故: phrased about the event, not the date.
    if let ([Test::Elapsed(span, length)], When::Current, false) =
        (leaf.tests.as_slice(), leaf.when, with_key)
    {
        let word = SPANS.iter().find(|(_, of)| of == span).map_or("", |(word, _)| word);
        if let Some(verb) = &fact.since {
            return format!("{verb}{word}{}", length.chinese());
        }
        if let Some(event) = &fact.last
            && *span == crate::criterion::Span::AtLeast
        {
            return format!("近{}内未发生{event}", length.chinese());
        }
    }
    if let ([Test::OneOf(values)], When::Current, false) = (leaf.tests.as_slice(), leaf.when, with_key)
        && let [Value::Bool(flag)] = values.as_slice()
        && let Some((_, not)) = SENTENCES.iter().find(|(begin, _)| fact.name.starts_with(begin))
    {
        return if *flag { name } else { format!("{not}{name}") };
    }
    let rate = matches!(leaf.when, When::Years(Aggregate { take: Take::Growth | Take::Cagr, .. }));
    let tests: Vec<String> = leaf.tests.iter().map(|test| write_test(test, fact, rate)).collect();
    format!("{}{}", subject(leaf.when, &name), tests.join(AND))
}

fn subject(when: When, name: &str) -> String {
    match when {
        When::Current => name.to_owned(),
        When::LastYear => format!("{}{name}", LAST_YEAR.first().copied().unwrap_or_default()),
        When::Year(year) => format!("{year}年度{name}"),
        When::Years(aggregate) => {
            let last = i32::from(aggregate.years) - 1;
            let years = match aggregate.end {
                Some(end) => format!("{}至{end}年", i32::from(end) - last),
                None => format!("近{}年", aggregate.years),
            };
            let word = |table: &[(&str, Take)]| {
                table.iter().find(|(_, take)| *take == aggregate.take).map_or("", |(word, _)| word).to_owned()
            };
            format!("{years}{}{name}{}", word(&TAKES), word(&RATES))
        }
    }
}

pub(super) fn write_test(test: &Test, fact: &Fact, rate: bool) -> String {
    match test {
        Test::Number(compare, bound) => {
            let word = COMPARE.iter().find(|(_, of)| of == compare).map_or("", |(word, _)| word);
            format!("{word}{}", write_number(bound, fact, rate))
        }
        Test::Date(compare, day) => {
            let day = write_day(*day);
            match compare {
                DateCompare::OnOrAfter => format!("在{day}{}", BEHIND.first().map_or("", |(word, _)| word)),
                DateCompare::OnOrBefore => format!("在{day}{}", BEHIND.get(1).map_or("", |(word, _)| word)),
                DateCompare::After => format!("在{day}之后"),
                DateCompare::Before => format!("在{day}之前"),
            }
            .replace("以上", "以后")
            .replace("以下", "以前")
        }
        Test::Elapsed(span, length) => {
            let word = SPANS.iter().find(|(_, of)| of == span).map_or("", |(word, _)| word);
            format!("{SINCE}{word}{}", length.chinese())
        }
        Test::OneOf(values) => one_of(values),
        Test::Within(codes) => format!("{WITHIN}{}", code_list(codes)),
        Test::Outside(codes) => format!("{OUTSIDE}{}", code_list(codes)),
        Test::HasAny(tags) if tags.len() == 1 => format!("{HAS}{}", list(tags)),
        Test::HasAny(tags) => format!("{HAS}{}{ONE_OF}", list(tags)),
        Test::HasAll(tags) => format!("{HAS_ALL}{}", list(tags)),
        Test::HasNone(tags) => format!("{HAS_NONE}{}", list(tags)),
    }
}

fn one_of(values: &[Value]) -> String {
    match values {
        [Value::Bool(true)] => YES.to_owned(),
        [Value::Bool(false)] => NO.to_owned(),
        values => {
            let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
            let end = if texts.len() == 1 { "" } else { ONE_OF };
            format!("{IS}{}{end}", list(&texts))
        }
    }
}

fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join("、")
}

fn code_list(codes: &[Code]) -> String {
    codes.iter().map(code_name).collect::<Vec<_>>().join("、")
}

/// 徐汇区（310104）; the code alone if it has no name.
fn code_name(code: &Code) -> String {
    names(code.system()).name(code).map_or_else(|| code.to_string(), |name| format!("{name}（{code}）"))
}
