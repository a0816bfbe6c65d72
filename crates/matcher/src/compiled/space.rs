//! Code spaces: mappings of a column's values to small whole numbers.
//!
//! Two values to which every test of the column gives the same answer may share a code, and every test becomes a set of codes.
//! Numbers and dates are cut at the values where some test changes its answer; the codes of a tree are numbered depth first, so
//! that "equal or below" is a range; texts are numbered in sorted order, and 0 is any other text.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "codes count the cuts of their own space, and tests are those that it was made with"
)]

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhaoren_policy::calendar::{spans_at_least, spans_more_than};
use zhaoren_policy::code::{Code, CodeSystem};
use zhaoren_policy::criterion::{Compare, DateCompare, Span, Test};
use zhaoren_policy::fact::{Knowledge, Value};
use zhaoren_policy::number::Number;

use super::code_set::CodeSet;
use crate::slot::Domain;

/// Bound of an interval of numbers; true if it is exclusive.
pub(crate) type End = (Number, bool);

/// Cut between the numbers before it and those from it on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Cut {
    at: Number,
    /// True if the number itself lies before the cut.
    after: bool,
}

/// Code space of one column.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Space {
    /// False is 0, true is 1.
    Truth,
    /// The code of a number is the number of cuts it has passed. With `whole`, every cut is a whole number.
    Numbers { whole: bool, cuts: Vec<Cut> },
    /// The code of a date is the number of these days it has reached.
    Days(Vec<Date>),
    /// Tree codes mentioned by tests, in the order of their keys: 0 is below none of them, otherwise the index plus 1 of the
    /// deepest one that a code equals or lies below. `last` is the code of the last node below each.
    Tree { system: CodeSystem, nodes: Vec<Code>, last: Vec<u32> },
    /// Texts mentioned by tests, sorted: index plus 1, or 0 for any other.
    Texts(Vec<String>),
}

impl Space {
    /// Code space of a column with these `tests`; an unknown value ranges over `domain`.
    pub(crate) fn new<'a>(domain: &Domain, tests: impl Iterator<Item = &'a Test>, as_of: Date) -> Self {
        match domain {
            Domain::Truth => Self::Truth,
            Domain::Numbers { whole, .. } => {
                let mut cuts: Vec<Cut> = tests
                    .filter_map(|test| match test {
                        Test::Number(compare, bound) => Some(number_cuts(*compare, bound, *whole)),
                        _ => None,
                    })
                    .flatten()
                    .collect();
                cuts.sort();
                cuts.dedup();
                Self::Numbers { whole: *whole, cuts }
            }
            Domain::Dates { .. } => {
                let mut days: Vec<Date> = tests.filter_map(|test| day_cut(test, as_of)).collect();
                days.sort();
                days.dedup();
                Self::Days(days)
            }
            Domain::Codes(system) => {
                let mut nodes: Vec<Code> = tests
                    .flat_map(|test| match test {
                        Test::Within(codes) | Test::Outside(codes) => codes.as_slice(),
                        _ => &[],
                    })
                    .cloned()
                    .collect();
                nodes.sort_by(|a, b| a.key().cmp(b.key()));
                nodes.dedup();
                let last = (0..nodes.len()).map(|at| last_below(&nodes, at)).collect();
                Self::Tree { system: *system, nodes, last }
            }
            Domain::Texts | Domain::Candidates(_) => {
                let mut texts: Vec<String> = tests
                    .flat_map(|test| match test {
                        Test::OneOf(values) => values.as_slice(),
                        _ => &[],
                    })
                    .filter_map(|value| match value {
                        Value::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect();
                texts.sort();
                texts.dedup();
                Self::Texts(texts)
            }
        }
    }

    /// Bounds of the numbers with codes from `first` to `last`, each with its exclusive flag; `None` for an open side, and as a
    /// whole for other spaces.
    pub(crate) fn number_bounds(&self, first: u32, last: u32) -> Option<(Option<End>, Option<End>)> {
        let Self::Numbers { whole, cuts } = self else { return None };
        let from = first.checked_sub(1).map(|at| &cuts[at as usize]);
        // Behind the last code there is no cut: that side is open.
        let until = cuts.get(last as usize);
        let low = from.map(|cut| (cut.at.clone(), cut.after));
        let high = until.map(|cut| match whole {
            true => (cut.at.minus(&Number::from(1)), false),
            false => (cut.at.clone(), !cut.after),
        });
        Some((low, high))
    }

    /// First and last day with codes from `first` to `last`; `None` for an open side.
    pub(crate) fn day_bounds(&self, first: u32, last: u32) -> (Option<Date>, Option<Date>) {
        let Self::Days(days) = self else { return (None, None) };
        let from = first.checked_sub(1).map(|at| days[at as usize]);
        // Behind the last code there is no day, and before the first day of the calendar none either: open.
        let until = days.get(last as usize).and_then(|day| day.yesterday().ok());
        (from, until)
    }

    /// Greatest code.
    pub(crate) fn max_code(&self) -> u32 {
        let count = match self {
            Self::Truth => 1,
            Self::Numbers { cuts, .. } => cuts.len(),
            Self::Days(days) => days.len(),
            Self::Tree { nodes, .. } => nodes.len(),
            Self::Texts(texts) => texts.len(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Code of a value; `None` for a value of another type, which no test accepts.
    pub(crate) fn code(&self, value: &Value) -> Option<u32> {
        let position = match (self, value) {
            (Self::Truth, Value::Bool(flag)) => usize::from(*flag),
            (Self::Numbers { cuts, .. }, Value::Number(number)) => {
                cuts.partition_point(|cut| if cut.after { cut.at < *number } else { cut.at <= *number })
            }
            (Self::Days(days), Value::Date(day)) => days.partition_point(|cut| cut <= day),
            (Self::Tree { nodes, .. }, Value::Code(code)) => tree_code(nodes, code),
            (Self::Texts(texts), Value::Text(text)) => texts.binary_search(text).map_or(0, |at| at + 1),
            _ => return None,
        };
        u32::try_from(position).ok()
    }

    /// Codes that values of `domain` can have. Never empty for a domain of this space's type.
    pub(crate) fn of_domain(&self, domain: &Domain) -> CodeSet {
        match (self, domain) {
            (_, Domain::Candidates(values)) => {
                CodeSet::of(values.iter().filter_map(|value| self.code(value)))
            }
            (Self::Numbers { cuts, .. }, Domain::Numbers { whole, low, high }) => {
                let end = |number: &Number| Value::Number(number.clone());
                let (low, high) = if *whole {
                    (low.as_ref().map(Number::ceil), high.as_ref().map(Number::floor))
                } else {
                    (low.clone(), high.clone())
                };
                let first = low.as_ref().and_then(|low| self.code(&end(low))).unwrap_or(0);
                let last = high.as_ref().and_then(|high| self.code(&end(high)));
                let last = last.unwrap_or_else(|| u32::try_from(cuts.len()).unwrap_or(u32::MAX));
                // INVARIANT: no domain is empty; a range was cut to whole bounds when it was read.
                CodeSet::range(first, last.max(first))
            }
            (Self::Days(_), Domain::Dates { low, high }) => {
                let code = |day: &Date| self.code(&Value::Date(*day));
                let first = low.as_ref().and_then(code).unwrap_or(0);
                let last = high.as_ref().and_then(code).unwrap_or_else(|| self.max_code());
                // The calendar has a first day: a cut on it is always reached.
                let first = first.max(code(&Date::MIN).unwrap_or(0));
                CodeSet::range(first, last.max(first))
            }
            (Self::Tree { nodes, system, .. }, Domain::Codes(_)) => CodeSet::of(
                Code::representatives(nodes, *system)
                    .into_iter()
                    .filter_map(|code| self.code(&Value::Code(code))),
            ),
            _ => CodeSet::range(0, self.max_code()),
        }
    }

    /// Codes of a known or partially known value; `None` if it is unknown.
    pub(crate) fn codes_of(
        &self,
        known: &Knowledge,
        domain: impl FnOnce(Knowledge) -> Domain,
    ) -> Option<CodeSet> {
        match known {
            Knowledge::Unknown => None,
            Knowledge::Exactly(value) => {
                Some(self.code(value).map_or_else(CodeSet::none, CodeSet::from_code))
            }
            Knowledge::Within { .. } | Knowledge::Among(_) => Some(self.of_domain(&domain(known.clone()))),
        }
    }

    /// Codes of the values that pass `test`. It must be one of the tests the space was made with.
    pub(crate) fn codes_passing(&self, test: &Test, as_of: Date) -> CodeSet {
        match (self, test) {
            (Self::Truth, Test::OneOf(_)) | (Self::Texts(_), Test::OneOf(_)) => match test {
                Test::OneOf(values) => CodeSet::of(values.iter().filter_map(|value| self.code(value))),
                _ => CodeSet::none(),
            },
            (Self::Numbers { whole, cuts }, Test::Number(compare, bound)) => {
                let from = |cut: &Cut| {
                    let position = cuts.partition_point(|other| other < cut);
                    u32::try_from(position + 1).unwrap_or(u32::MAX)
                };
                let places: Vec<u32> = number_cuts(*compare, bound, *whole).iter().map(from).collect();
                match (compare, places.as_slice()) {
                    (Compare::AtLeast | Compare::MoreThan, [from]) => CodeSet::range(*from, self.max_code()),
                    (Compare::AtMost | Compare::LessThan, [from]) => CodeSet::range(0, from - 1),
                    (Compare::Equals, [from, until]) => CodeSet::range(*from, until - 1),
                    // Equality with a fractional number, which a whole number never has.
                    _ => CodeSet::none(),
                }
            }
            (Self::Days(days), Test::Date(..) | Test::Elapsed(..)) => {
                let Some(cut) = day_cut(test, as_of) else {
                    return if passes_nowhere(test, as_of) {
                        CodeSet::none()
                    } else {
                        CodeSet::range(0, self.max_code())
                    };
                };
                let from = u32::try_from(days.partition_point(|day| *day < cut) + 1).unwrap_or(u32::MAX);
                if is_later(test) {
                    CodeSet::range(from, self.max_code())
                } else {
                    CodeSet::range(0, from - 1)
                }
            }
            (Self::Tree { nodes, last, .. }, Test::Within(codes) | Test::Outside(codes)) => {
                let below = CodeSet::of_ranges(codes.iter().map(|code| {
                    let at = nodes.binary_search_by(|node| node.key().cmp(code.key()));
                    let at = at.expect("a code of a test that the space was made with");
                    (u32::try_from(at + 1).unwrap_or(u32::MAX), last[at])
                }));
                if matches!(test, Test::Within(_)) { below } else { below.complement(self.max_code()) }
            }
            _ => CodeSet::none(),
        }
    }
}

/// Cuts of a comparison: one, two for equality, none for an equality that never holds.
fn number_cuts(compare: Compare, bound: &Number, whole: bool) -> Vec<Cut> {
    let from = |at: Number| Cut { at, after: false };
    let one = Number::from(1);
    if whole {
        let (up, above) = (bound.ceil(), bound.floor().plus(&one));
        return match compare {
            Compare::AtLeast | Compare::LessThan => vec![from(up)],
            Compare::MoreThan | Compare::AtMost => vec![from(above)],
            Compare::Equals if bound.is_integer() => vec![from(up), from(above)],
            Compare::Equals => Vec::new(),
        };
    }
    let past = Cut { at: bound.clone(), after: true };
    match compare {
        Compare::AtLeast | Compare::LessThan => vec![from(bound.clone())],
        Compare::MoreThan | Compare::AtMost => vec![past],
        Compare::Equals => vec![from(bound.clone()), past],
    }
}

/// True if a date test holds for the later dates, rather than for the earlier ones.
fn is_later(test: &Test) -> bool {
    match test {
        Test::Date(compare, _) => matches!(compare, DateCompare::OnOrAfter | DateCompare::After),
        Test::Elapsed(span, _) => matches!(span, Span::AtMost | Span::LessThan),
        _ => false,
    }
}

/// First day on the later side of a date test; `None` if all dates lie on one side.
fn day_cut(test: &Test, as_of: Date) -> Option<Date> {
    match test {
        Test::Date(DateCompare::OnOrAfter | DateCompare::Before, day) => Some(*day),
        Test::Date(DateCompare::After | DateCompare::OnOrBefore, day) => day.tomorrow().ok(),
        Test::Elapsed(span, length) => {
            let long = |day: Date| match span {
                Span::AtLeast | Span::LessThan => spans_at_least(day, *length, as_of),
                Span::MoreThan | Span::AtMost => spans_more_than(day, *length, as_of),
            };
            first_false_day(long)
        }
        _ => None,
    }
}

/// True if a date test without a cut holds for no date.
fn passes_nowhere(test: &Test, as_of: Date) -> bool {
    !test.passes(&Value::Date(Date::MIN), as_of)
}

/// First day for which `holds` is false, given that it is true up to some day and false from then on; `None` if it has the same
/// value for all days.
pub(crate) fn first_false_day(holds: impl Fn(Date) -> bool) -> Option<Date> {
    if !holds(Date::MIN) || holds(Date::MAX) {
        return None;
    }
    // INVARIANT: `holds` is true at `low` days after the first day, and false at `high`.
    let (mut low, mut high) = (0_i64, i64::from(Date::MIN.until(Date::MAX).ok()?.get_days()));
    let day = |offset: i64| Date::MIN.saturating_add(offset.days());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(day(middle)) { low = middle } else { high = middle }
    }
    Some(day(high))
}

/// Index plus 1 of the deepest of `nodes` (sorted by key) that `code` equals or lies below; 0 if there is none.
fn tree_code(nodes: &[Code], code: &Code) -> usize {
    let mut end = nodes.partition_point(|node| node.key() <= code.key());
    // Going back, the first prefix found is the deepest: a longer prefix sorts after a shorter one.
    while let Some(node) = end.checked_sub(1).map(|at| &nodes[at]) {
        if code.is_within(node) {
            return end;
        }
        // A prefix of the code cannot be longer than the shared beginning; continue with that beginning.
        let shared = node.key().bytes().zip(code.key().bytes()).take_while(|(a, b)| a == b).count();
        let prefix = &code.key().as_bytes()[..shared];
        end = nodes.partition_point(|other| other.key().as_bytes() <= prefix).min(end - 1);
    }
    0
}

/// Code of the last of `nodes` below the one at `at`.
fn last_below(nodes: &[Code], at: usize) -> u32 {
    let below = nodes[at..].iter().take_while(|other| other.is_within(&nodes[at])).count();
    u32::try_from(at + below).unwrap_or(u32::MAX)
}
