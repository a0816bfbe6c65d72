//! Reads leaves from Chinese text.

use zhaoren_cancel::{poll, steps};

use super::marks::{
    BEHIND, COMPARE, HAS, HAS_ALL, HAS_NONE, IS, LAST_YEAR, NO, ONE_OF, OUTSIDE, RATES, SENTENCES, SINCE,
    SPANS, TAKES, WITHIN, YES,
};
use super::quantity::{count, read_day, read_number, read_span};
use super::source::unquote;
use crate::code::{Code, CodeSystem, names};
use crate::criterion::{Aggregate, DateCompare, Leaf, Span, Take, Test, When};
use crate::fact::{Fact, FactDictionary, FactType, Period, Value};

/// Possible leaves of `text`: one if it is unambiguous, several if a name or a verb belongs to several facts, none if it cannot
/// be read.
pub(super) fn read_leaf(text: &str, dictionary: &FactDictionary) -> Vec<Leaf> {
    let said = event(text, dictionary).into_iter().chain(sentence(text, dictionary, true));
    let mut leaves: Vec<Leaf> = Vec::new();
    for leaf in said.chain(compared(text, dictionary, true)) {
        if !leaves.contains(&leaf) {
            leaves.push(leaf);
        }
    }
    leaves
}

/// Leaf for a condition on a fact that cannot have it: another type, or a single value where years are named. The loader of
/// criteria reports the fault.
pub(super) fn read_misfit(text: &str, dictionary: &FactDictionary) -> Option<Leaf> {
    compared(text, dictionary, false).into_iter().chain(sentence(text, dictionary, false)).next()
}

/// Statements about the enterprise: 列入经营异常名录, 未列入经营异常名录.
fn sentence(text: &str, dictionary: &FactDictionary, fitting: bool) -> Vec<Leaf> {
    let of = |fact: &Fact| {
        let (_, not) = SENTENCES.iter().find(|(begin, _)| fact.name.starts_with(begin))?;
        let flag = text == fact.name;
        if !flag && text.strip_prefix(not) != Some(fact.name.as_str()) {
            return None;
        }
        Some(Leaf {
            fact: fact.key.clone(),
            when: When::Current,
            tests: vec![Test::OneOf(vec![Value::Bool(flag)])],
        })
    };
    dictionary
        .iter()
        .filter(|fact| fact.period == Period::Current && (fact.kind == FactType::Boolean || !fitting))
        .filter_map(of)
        .collect()
}

/// Events: 成立满2年, 近3年内未发生重大安全事故.
fn event(text: &str, dictionary: &FactDictionary) -> Vec<Leaf> {
    let leaf = |fact: &Fact, span, length| Leaf {
        fact: fact.key.clone(),
        when: When::Current,
        tests: vec![Test::Elapsed(span, length)],
    };
    let dates =
        dictionary.iter().filter(|fact| fact.kind == FactType::Date && fact.period == Period::Current);
    if let Some((length, rest)) = text.strip_prefix('近').and_then(read_span)
        && let Some(happened) =
            ["内未发生", "内没有发生", "内无", "未发生", "无"].iter().find_map(|no| rest.strip_prefix(no))
    {
        return dates
            .filter(|fact| fact.last.as_deref() == Some(happened))
            .map(|fact| leaf(fact, Span::AtLeast, length))
            .collect();
    }
    dates
        .filter_map(|fact| {
            let rest = text.strip_prefix(fact.since.as_deref()?)?;
            let (span, rest) = longest(&SPANS, rest)?;
            let (length, rest) = read_span(rest)?;
            rest.is_empty().then(|| leaf(fact, span, length))
        })
        .collect()
}

/// Comparisons: a fact and an operand; the longest fact name is tried first.
fn compared(text: &str, dictionary: &FactDictionary, fitting: bool) -> Vec<Leaf> {
    let mut subjects: Vec<(When, &str)> = vec![(When::Current, text)];
    subjects.extend(LAST_YEAR.iter().filter_map(|word| Some((When::LastYear, text.strip_prefix(word)?))));
    subjects.extend(years(text));
    let mut leaves = Vec::new();
    for (when, rest) in subjects {
        let mut facts: Vec<(&Fact, &str)> =
            dictionary.iter().flat_map(|fact| after_name(rest, fact)).collect();
        // The longest name leaves the shortest rest.
        facts.sort_by_key(|(_, rest)| rest.len());
        leaves.extend(facts.into_iter().filter_map(|(fact, rest)| about(fact, when, rest, fitting)));
    }
    leaves
}

/// Years before a name: 2024年度…, 近3年平均…, 2023至2025年累计…
fn years(text: &str) -> Vec<(When, &str)> {
    let mut found = Vec::new();
    let take = |years: u32, end: Option<i16>, rest| {
        let years = u8::try_from(years).ok().filter(|years| (1..=50).contains(years))?;
        let word = TAKES.iter().find_map(|(word, take)| Some((*take, str::strip_prefix(rest, word)?)));
        // Without an aggregate before the name, one after it applies.
        let (take, rest) = word.unwrap_or((Take::Growth, rest));
        Some((When::Years(Aggregate { years, end, take }), rest))
    };
    if let Some((years, rest)) = text.strip_prefix('近').and_then(count)
        && let Some(rest) = rest.strip_prefix('年')
    {
        found.extend(take(years, None, rest));
    }
    if let Some((year, rest)) = count(text).filter(|(year, _)| (1000..=9999).contains(year)) {
        let year_of = |year: u32| i16::try_from(year).ok();
        if let (Some(rest), Some(year)) = (rest.strip_prefix("年度"), year_of(year)) {
            found.push((When::Year(year), rest));
        }
        let until = rest.strip_prefix("年至").or_else(|| rest.strip_prefix('至')).and_then(count);
        if let Some((end, rest)) = until.filter(|(end, _)| year <= *end)
            && let Some(rest) = rest.strip_prefix('年')
        {
            found.extend(take(end - year + 1, year_of(end), rest));
        }
    }
    found
}

/// Text after a name of `fact`, with or without its key after the name.
pub(super) fn after_name<'d, 't>(text: &'t str, fact: &'d Fact) -> Vec<(&'d Fact, &'t str)> {
    let named = std::iter::once(&fact.name).chain(&fact.aliases);
    named
        .filter_map(|name| {
            let rest = text.strip_prefix(name.as_str())?;
            match rest.strip_prefix('〔') {
                Some(keyed) => Some((fact, keyed.strip_prefix(fact.key.as_str())?.strip_prefix('〕')?)),
                None => Some((fact, rest)),
            }
        })
        .collect()
}

fn about(fact: &Fact, when: When, rest: &str, fitting: bool) -> Option<Leaf> {
    let (when, rest) = match when {
        When::Years(aggregate) if aggregate.take == Take::Growth => {
            let (take, rest) =
                RATES.iter().find_map(|(word, take)| Some((*take, rest.strip_prefix(word)?)))?;
            (When::Years(Aggregate { take, ..aggregate }), rest)
        }
        other => (other, rest),
    };
    let fits = match when {
        When::Current => fact.period == Period::Current,
        When::LastYear => fact.period == Period::Year,
        // The loader explains why these do not fit.
        When::Year(_) | When::Years(_) if !fitting => true,
        When::Year(_) => fact.period == Period::Year,
        When::Years(of) => {
            let rate = matches!(of.take, Take::Growth | Take::Cagr);
            fact.period == Period::Year && fact.kind.is_number() && (!rate || of.years > 1)
        }
    };
    if !fits {
        return None;
    }
    let rate = matches!(when, When::Years(Aggregate { take: Take::Growth | Take::Cagr, .. }));
    let tests = read_tests(rest, fact, rate, fitting)?;
    Some(Leaf { fact: fact.key.clone(), when, tests })
}

/// Tests of `fact` that make up the whole of `text`, joined by 且.
pub(super) fn read_tests(text: &str, fact: &Fact, rate: bool, fitting: bool) -> Option<Vec<Test>> {
    let mut tests = Vec::new();
    let mut rest = text;
    loop {
        poll();
        let test = read_test(rest, fact, fact.kind, rate);
        let (test, after) = match test {
            None if !fitting => OTHERS.into_iter().find_map(|kind| read_test(rest, fact, kind, rate))?,
            test => test?,
        };
        tests.push(test);
        if after.is_empty() {
            return Some(tests);
        }
        rest = ["，且", "且", "，并", "，", ",且", ","].iter().find_map(|word| after.strip_prefix(word))?;
    }
}

/// Types that together have every form of a test.
const OTHERS: [FactType; 7] = [
    FactType::Decimal,
    FactType::Money,
    FactType::Ratio,
    FactType::Date,
    FactType::Boolean,
    FactType::Text,
    FactType::Tags,
];

/// Test of `fact`, in the words for a fact of type `kind`.
fn read_test<'t>(text: &'t str, fact: &Fact, kind: FactType, rate: bool) -> Option<(Test, &'t str)> {
    match kind {
        FactType::Integer | FactType::Decimal | FactType::Money | FactType::Ratio => {
            number(text, fact, kind, rate)
        }
        FactType::Date => day(text),
        FactType::Boolean => [(YES, true), (NO, false), ("为是", true), ("为否", false)]
            .iter()
            .find_map(|(word, flag)| Some((Test::OneOf(vec![Value::Bool(*flag)]), text.strip_prefix(word)?))),
        FactType::Text => {
            let (texts, rest) = quotes(text.strip_prefix(IS)?)?;
            let rest = if texts.len() > 1 { rest.strip_prefix(ONE_OF).unwrap_or(rest) } else { rest };
            Some((Test::OneOf(texts.into_iter().map(Value::Text).collect()), rest))
        }
        FactType::Code => {
            let (within, rest) = match text.strip_prefix(OUTSIDE) {
                Some(rest) => (false, rest),
                None => (true, text.strip_prefix(WITHIN)?),
            };
            let (codes, rest) = codes(rest, fact)?;
            Some((if within { Test::Within(codes) } else { Test::Outside(codes) }, rest))
        }
        FactType::Tags => {
            if let Some(rest) = text.strip_prefix(HAS_ALL) {
                return quotes(rest).map(|(tags, rest)| (Test::HasAll(tags), rest));
            }
            if let Some(rest) = text.strip_prefix(HAS_NONE) {
                return quotes(rest).map(|(tags, rest)| (Test::HasNone(tags), rest));
            }
            let (tags, rest) = quotes(text.strip_prefix(HAS)?)?;
            let one = rest.strip_prefix(ONE_OF);
            // Several tags could mean all or one of them.
            let rest = if tags.len() > 1 { one? } else { one.unwrap_or(rest) };
            Some((Test::HasAny(tags), rest))
        }
        FactType::Records => None,
    }
}

fn number<'t>(text: &'t str, fact: &Fact, kind: FactType, rate: bool) -> Option<(Test, &'t str)> {
    if let Some((compare, rest)) = longest(&COMPARE, text) {
        let (bound, rest) = read_number(rest, fact, kind, rate)?;
        return Some((Test::Number(compare, bound), rest));
    }
    let (bound, rest) = read_number(text.strip_prefix(IS).unwrap_or(text), fact, kind, rate)?;
    let (compare, rest) = longest(&BEHIND, rest)?;
    Some((Test::Number(compare, bound), rest))
}

fn day(text: &str) -> Option<(Test, &str)> {
    if let Some(rest) = text.strip_prefix(SINCE) {
        let (span, rest) = longest(&SPANS, rest)?;
        let (length, rest) = read_span(rest)?;
        return Some((Test::Elapsed(span, length), rest));
    }
    let (day, rest) = read_day(text.strip_prefix('在').unwrap_or(text))?;
    let words = [
        ("（含）以后", DateCompare::OnOrAfter),
        ("（含）以前", DateCompare::OnOrBefore),
        ("以后", DateCompare::OnOrAfter),
        ("以前", DateCompare::OnOrBefore),
        ("之后", DateCompare::After),
        ("之前", DateCompare::Before),
    ];
    let (compare, rest) = longest(&words, rest)?;
    Some((Test::Date(compare, day), rest))
}

fn quotes(text: &str) -> Option<(Vec<String>, &str)> {
    let mut texts = Vec::new();
    let mut rest = text;
    loop {
        let (one, after) = unquote(rest)?;
        texts.push(one);
        match after.strip_prefix('、') {
            Some(next) if next.starts_with('“') => rest = next,
            _ => return Some((texts, after)),
        }
    }
}

fn codes<'t>(text: &'t str, fact: &Fact) -> Option<(Vec<Code>, &'t str)> {
    let system = fact.codes?;
    let mut codes = Vec::new();
    let mut rest = text;
    loop {
        // A name may contain the separator of codes, and begin with another name: 电信、广播电视和卫星传输服务.
        let (code, after) = ends(rest).into_iter().rev().find_map(|end| {
            let (one, after) = rest.split_at_checked(end)?;
            Some((code(one, system)?, after))
        })?;
        codes.push(code);
        match after.strip_prefix('、') {
            Some(next) => rest = next,
            None => return Some((codes, after)),
        }
    }
}

/// Possible ends of a code at the start of `text`, the nearest first. Their number is limited: no name has more separators.
fn ends(text: &str) -> Vec<usize> {
    const MOST: usize = 8;
    let mut ends = Vec::new();
    for (at, mark) in text.match_indices(['、', '，', ',']) {
        ends.push(at);
        steps(at as u64);
        if mark != "、" || ends.len() == MOST {
            return ends;
        }
    }
    steps(text.len() as u64);
    ends.push(text.len());
    ends
}

/// Code: 徐汇区（310104）, 310104, or a name that only one code has.
fn code(text: &str, system: CodeSystem) -> Option<Code> {
    let named = text.strip_suffix(['）', ')']).and_then(|text| text.rsplit_once(['（', '(']));
    if let Some((name, digits)) = named
        && let Some(code) = Code::parse(digits, system)
    {
        return bears(&code, name).then_some(code);
    }
    Code::parse(text, system).or_else(|| match names(system).codes(text) {
        [code] => Some(code.clone()),
        _ => None,
    })
}

/// True if `code` has this name: if a name and a code do not belong together, either may be wrong. A code that is not in the
/// table, or is that of a street, may have any single name.
fn bears(code: &Code, name: &str) -> bool {
    let names = names(code.system());
    match names.name(code) {
        Some(known) => known == name || names.codes(name).contains(code),
        None => !name.contains(['、', '（', '(']),
    }
}

/// Longest word of a table at the start of `text`, with its meaning and the rest.
fn longest<'t, T: Copy>(table: &[(&str, T)], text: &'t str) -> Option<(T, &'t str)> {
    table
        .iter()
        .filter_map(|(word, meaning)| Some((word.len(), *meaning, text.strip_prefix(word)?)))
        .max_by_key(|(length, ..)| *length)
        .map(|(_, meaning, rest)| (meaning, rest))
}
