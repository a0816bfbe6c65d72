//! Derived facts that one value of one given fact determines: what a test on them asks of that value.
//!
//! Criteria that ask about such a fact ask about its source, so what is open in both is one unknown and not two. Facts that
//! follow from several values (two facts, two years, the tags of a list) have no single source.

use crate::calendar::{CalendarSpan, SpanUnit};
use crate::criterion::{Compare, Span, Test};
use crate::fact::Fact;
use crate::number::Number;

/// Derived facts with their one source. The rules themselves stand in [`super`]; a test holds the two together.
const SOURCES: [(&str, &str); 1] = [("age_months", "established_on")];

impl Fact {
    /// Key of the one given fact whose value determines this derived one, on a day; `None` where there is no single one.
    pub fn source(&self) -> Option<&'static str> {
        let of = |(key, _): &&(&str, &str)| self.derived && *key == self.key;
        SOURCES.iter().find(of).map(|(_, source)| *source)
    }

    /// Keys of the derived facts that this one determines, as far as the dictionary has them.
    pub fn determines(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        SOURCES.iter().filter(|(_, source)| !self.derived && *source == self.key).map(|(key, _)| *key)
    }

    /// What `test` on this fact asks of its [`Fact::source`]: tests that all have to pass. `None` where there is no single
    /// source, or no value of this fact passes or fails such a test.
    pub fn on_source(&self, test: &Test) -> Option<Vec<Test>> {
        self.source()?;
        let Test::Number(compare, bound) = test else { return None };
        // 成立月数: at least so many full months are a span that is reached.
        Some(match compare {
            Compare::AtLeast => at_least(&bound.ceil()),
            Compare::MoreThan => at_least(&above(bound)),
            Compare::LessThan => less_than(&bound.ceil()),
            Compare::AtMost => less_than(&above(bound)),
            Compare::Equals if bound.is_integer() => {
                [at_least(bound), less_than(&above(bound))].into_iter().flatten().collect()
            }
            Compare::Equals => vec![never()],
        })
    }
}

/// The least whole number above a bound.
fn above(bound: &Number) -> Number {
    bound.floor().plus(&Number::from(1))
}

fn at_least(months: &Number) -> Vec<Test> {
    match count(months) {
        // Every day, also one to come, is 0 months ago.
        Count::None => Vec::new(),
        Count::Of(span) => vec![Test::Elapsed(Span::AtLeast, span)],
        Count::Beyond => vec![never()],
    }
}

fn less_than(months: &Number) -> Vec<Test> {
    match count(months) {
        Count::None => vec![never()],
        Count::Of(span) => vec![Test::Elapsed(Span::LessThan, span)],
        Count::Beyond => Vec::new(),
    }
}

/// A test that no value passes.
fn never() -> Test {
    Test::OneOf(Vec::new())
}

/// A number of months.
enum Count {
    /// 0 and less.
    None,
    Of(CalendarSpan),
    /// More than the calendar has.
    Beyond,
}

fn count(months: &Number) -> Count {
    if !months.is_positive() {
        return Count::None;
    }
    let count = months.to_i64().and_then(|count| u32::try_from(count).ok());
    count.map_or(Count::Beyond, |count| Count::Of(CalendarSpan { count, unit: SpanUnit::Months }))
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::*;
    use crate::fact::{FactDictionary, Knowledge, Value};
    use crate::profile::Profile;
    use crate::view::View;

    proptest! {
        /// Review D17: a test on a derived fact and the tests on its source say the same of every value of the source.
        #[test]
        fn the_source_is_asked_the_same(
            days in -1_500..1_500_i64,
            compare in prop::sample::select(vec![
                Compare::AtLeast, Compare::AtMost, Compare::MoreThan, Compare::LessThan, Compare::Equals,
            ]),
            halves in -4..110_i64,
            day in prop::sample::select(vec![
                date(2024, 2, 29), date(2025, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 7, 15),
            ]),
        ) {
            let dictionary = FactDictionary::built_in();
            let fact = dictionary.get("age_months").unwrap();
            let bound = Number::from(halves).midpoint(&Number::zero());
            let test = Test::Number(compare, bound);
            let source = Value::Date(day.saturating_add(days.days()));
            let profile = Profile::default().with_value("established_on", None, Knowledge::Exactly(source.clone()));
            let view = View::new(&profile, dictionary, day);
            let Knowledge::Exactly(derived) = view.known(fact, None) else { panic!("the source determines it") };
            let lowered = fact.on_source(&test).unwrap();
            let says = lowered.iter().all(|test| test.passes(&source, day));
            prop_assert_eq!(test.passes(&derived, day), says, "{:?} of {:?} by {:?}", test, source, lowered);
        }
    }

    /// Each derived fact with a source reads that one value and nothing else; no other built-in fact does.
    #[test]
    fn just_these_have_a_single_source() {
        let dictionary = FactDictionary::built_in();
        let profile = Profile::default();
        let view = View::new(&profile, dictionary, Date::constant(2026, 3, 31));
        for fact in dictionary.iter().filter(|fact| fact.derived) {
            let read = view.inputs(fact, None);
            if let Some(source) = fact.source() {
                assert_eq!(read, [(source.to_owned(), None)], "{}", fact.key);
                assert!(dictionary.get(source).unwrap().determines().any(|key| key == fact.key));
            } else {
                assert!(read.len() != 1, "{} reads {read:?} alone", fact.key);
            }
        }
    }
}
