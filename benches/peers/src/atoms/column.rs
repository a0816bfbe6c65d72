//! Columns: cuts of one fact's values into codes.

use std::collections::BTreeSet;

use jiff::civil::Date;
use zhaoren_policy::calendar::{CalendarSpan, spans_at_least, spans_more_than};
use zhaoren_policy::criterion::{Compare, DateCompare, Span, Test, When};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Knowledge, Value};
use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use super::Codes;

/// Quantity represented by a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnKey {
    /// One value of a fact.
    Fact(String, When),
    /// True if a tags fact contains the tag.
    Tag(String, String),
}

/// A column with its cuts.
#[derive(Clone, Debug)]
pub struct Column {
    /// Quantity that it represents.
    pub key: ColumnKey,
    cuts: Cuts,
    /// Codes of an unknown value.
    pub free: Codes,
}

#[derive(Clone, Debug)]
enum Cuts {
    /// Numeric cuts: a number is at or, with `true`, beyond a cut. Integers only have cuts of the first kind.
    Numbers {
        whole: bool,
        at: Vec<(Number, bool)>,
    },
    Days(Vec<Date>),
    /// Keys in a code tree: the first key below each mentioned code, and the first key after those.
    Codes(Vec<String>),
    /// The mentioned texts; one more code represents all others.
    Texts(Vec<String>),
    Truth,
}

impl Column {
    /// Column with the cuts that `tests`, all tests on it, require.
    pub(super) fn new<'a>(
        key: ColumnKey,
        tests: impl Iterator<Item = &'a Test>,
        dictionary: &FactDictionary,
        as_of: Date,
    ) -> Self {
        let fact = match &key {
            ColumnKey::Fact(fact, _) => dictionary.get(fact),
            ColumnKey::Tag(..) => None,
        };
        let Some(fact) = fact else {
            return Self { key, cuts: Cuts::Truth, free: Codes { low: 0, high: 1 } };
        };
        let cuts = match fact.kind {
            FactType::Integer | FactType::Decimal | FactType::Money | FactType::Ratio => {
                let whole = fact.kind == FactType::Integer;
                let at: BTreeSet<(Number, bool)> = tests.flat_map(|test| number_cuts(test, whole)).collect();
                Cuts::Numbers { whole, at: at.into_iter().collect() }
            }
            FactType::Date => Cuts::Days(
                tests
                    .filter_map(|test| first_day(test, as_of))
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
            ),
            FactType::Code => {
                Cuts::Codes(tests.flat_map(code_cuts).collect::<BTreeSet<_>>().into_iter().collect())
            }
            FactType::Text => {
                Cuts::Texts(tests.flat_map(texts).collect::<BTreeSet<_>>().into_iter().collect())
            }
            FactType::Boolean | FactType::Tags => Cuts::Truth,
        };
        let mut column = Self { key, cuts, free: Codes::default() };
        column.free = column.bounds(fact);
        column
    }

    /// Number of codes.
    pub fn codes(&self) -> usize {
        match &self.cuts {
            Cuts::Numbers { at, .. } => at.len() + 1,
            Cuts::Days(at) => at.len() + 1,
            Cuts::Codes(at) => at.len() + 1,
            Cuts::Texts(at) => at.len() + 1,
            Cuts::Truth => 2,
        }
    }

    fn bounds(&self, fact: &Fact) -> Codes {
        let end = |bound: &Option<Number>, open: u16| {
            bound.as_ref().map_or(open, |bound| self.code(&Value::Number(bound.clone())))
        };
        Codes { low: end(&fact.min, 0), high: end(&fact.max, narrow(self.codes() - 1)) }
    }

    /// Code of an exact value.
    fn code(&self, value: &Value) -> u16 {
        let code = match (&self.cuts, value) {
            (Cuts::Numbers { at, .. }, Value::Number(x)) => {
                at.partition_point(|(cut, beyond)| if *beyond { cut < x } else { cut <= x })
            }
            (Cuts::Days(at), Value::Date(day)) => at.partition_point(|cut| cut <= day),
            (Cuts::Codes(at), Value::Code(code)) => at.partition_point(|cut| cut.as_str() <= code.key()),
            (Cuts::Texts(at), Value::Text(text)) => at.binary_search(text).unwrap_or(at.len()),
            (Cuts::Truth, Value::Bool(truth)) => usize::from(*truth),
            (cuts, value) => panic!("`{value}` in a column of {cuts:?}"),
        };
        narrow(code)
    }

    /// Codes of the profile's value.
    pub fn encode(&self, view: &View<'_>) -> Codes {
        match &self.key {
            ColumnKey::Tag(fact, tag) => {
                let held = view.tags(fact).and_then(|set| set.holds(tag, view.as_of));
                held.map_or(self.free, |held| Codes { low: u16::from(held), high: u16::from(held) })
            }
            ColumnKey::Fact(key, when) => {
                let fact = view.dictionary.get(key).unwrap();
                let year = match when {
                    When::Current => None,
                    When::LastYear => Some(view.last_year()),
                    When::Year(year) => Some(*year),
                    When::Years(_) => panic!("aggregates are not part of this world"),
                };
                self.encode_known(&view.knowledge(fact, year))
            }
        }
    }

    fn encode_known(&self, known: &Knowledge) -> Codes {
        match known {
            Knowledge::Unknown => self.free,
            Knowledge::Exactly(value) => {
                let code = self.code(value);
                Codes { low: code, high: code }
            }
            Knowledge::Within { low, high } => Codes {
                low: low.as_ref().map_or(self.free.low, |low| self.code(low)),
                high: high.as_ref().map_or(self.free.high, |high| self.code(high)),
            },
            Knowledge::Among(_) => panic!("only derived facts have candidates, and this world has none"),
        }
    }

    /// For every code, true if its values pass `test`.
    pub(super) fn passes(&self, test: &Test, as_of: Date) -> Vec<bool> {
        let from =
            |first: usize, negate: bool| (0..self.codes()).map(|code| (code >= first) != negate).collect();
        match (&self.cuts, test) {
            (Cuts::Numbers { whole, at }, Test::Number(compare, bound)) => {
                let beyond = |strictly| 1 + at.binary_search(&number_cut(bound, strictly, *whole)).unwrap();
                match compare {
                    Compare::AtLeast => from(beyond(false), false),
                    Compare::MoreThan => from(beyond(true), false),
                    Compare::AtMost => from(beyond(true), true),
                    Compare::LessThan => from(beyond(false), true),
                    Compare::Equals => {
                        let (first, after) = (beyond(false), beyond(true));
                        (0..self.codes()).map(|code| (first..after).contains(&code)).collect()
                    }
                }
            }
            (Cuts::Days(at), Test::Date(..) | Test::Elapsed(..)) => {
                let first = first_day(test, as_of).map(|day| 1 + at.binary_search(&day).unwrap()).unwrap();
                from(first, is_early(test))
            }
            (Cuts::Codes(at), Test::Within(codes) | Test::Outside(codes)) => {
                let mut inside = vec![false; self.codes()];
                for code in codes {
                    let start = at.partition_point(|cut| cut.as_str() <= code.key());
                    let end = after(code.key())
                        .map_or(self.codes(), |end| at.partition_point(|cut| *cut < end) + 1);
                    let start = if code.key().is_empty() { 0 } else { start };
                    inside[start..end].fill(true);
                }
                let outside = matches!(test, Test::Outside(_));
                inside.into_iter().map(|inside| inside != outside).collect()
            }
            (Cuts::Texts(_) | Cuts::Truth, Test::OneOf(values)) => {
                let mut passes = vec![false; self.codes()];
                for value in values {
                    passes[usize::from(self.code(value))] = true;
                }
                passes
            }
            (Cuts::Truth, Test::HasAny(_) | Test::HasAll(_)) => vec![false, true],
            (cuts, test) => panic!("{test:?} on a column of {cuts:?}"),
        }
    }
}

fn narrow(code: usize) -> u16 {
    u16::try_from(code).expect("a column of at most 65,536 codes")
}

fn number_cuts(test: &Test, whole: bool) -> Vec<(Number, bool)> {
    match test {
        Test::Number(Compare::AtLeast | Compare::LessThan, bound) => vec![number_cut(bound, false, whole)],
        Test::Number(Compare::MoreThan | Compare::AtMost, bound) => vec![number_cut(bound, true, whole)],
        Test::Number(Compare::Equals, bound) => {
            vec![number_cut(bound, false, whole), number_cut(bound, true, whole)]
        }
        _ => Vec::new(),
    }
}

/// Cut at `bound`, or just beyond it. For integers, beyond 5 is at 6, so that every code has a value.
fn number_cut(bound: &Number, beyond: bool, whole: bool) -> (Number, bool) {
    match (whole, beyond) {
        (false, beyond) => (bound.clone(), beyond),
        (true, false) => (bound.ceil(), false),
        (true, true) => (bound.floor().plus(&Number::from(1)), false),
    }
}

/// First day on which the result of a test changes.
fn first_day(test: &Test, as_of: Date) -> Option<Date> {
    match test {
        Test::Date(DateCompare::OnOrAfter | DateCompare::Before, day) => Some(*day),
        Test::Date(DateCompare::After | DateCompare::OnOrBefore, day) => day.tomorrow().ok(),
        Test::Elapsed(Span::AtLeast | Span::LessThan, span) => {
            Some(first_without(as_of, *span, |start| spans_at_least(start, *span, as_of)))
        }
        Test::Elapsed(Span::MoreThan | Span::AtMost, span) => {
            Some(first_without(as_of, *span, |start| spans_more_than(start, *span, as_of)))
        }
        _ => None,
    }
}

/// True if a date test is passed by the days before its cut.
fn is_early(test: &Test) -> bool {
    matches!(
        test,
        Test::Date(DateCompare::OnOrBefore | DateCompare::Before, _)
            | Test::Elapsed(Span::AtLeast | Span::MoreThan, _)
    )
}

/// First day from which `span` has not elapsed yet; the elapsed time only decreases for later days.
fn first_without(as_of: Date, span: CalendarSpan, passed: impl Fn(Date) -> bool) -> Date {
    let mut day = span.roughly_before(as_of).saturating_sub(jiff::Span::new().days(5));
    assert!(passed(day), "the estimate is right to within days");
    while passed(day) {
        day = day.tomorrow().unwrap();
    }
    day
}

fn code_cuts(test: &Test) -> Vec<String> {
    let (Test::Within(codes) | Test::Outside(codes)) = test else { return Vec::new() };
    let starts = codes.iter().map(|code| code.key().to_owned()).filter(|key| !key.is_empty());
    starts.chain(codes.iter().filter_map(|code| after(code.key()))).collect()
}

/// Smallest key greater than every key that starts with `key`.
fn after(key: &str) -> Option<String> {
    let mut bytes = key.as_bytes().to_vec();
    *bytes.last_mut()? += 1;
    String::from_utf8(bytes).ok()
}

fn texts(test: &Test) -> Vec<String> {
    let Test::OneOf(values) = test else { return Vec::new() };
    values.iter().map(ToString::to_string).collect()
}
