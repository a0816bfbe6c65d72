//! Derived facts determined by one value of one given fact: translates a test on them into tests on that value.
//!
//! Criteria on such a fact become criteria on its source, so that the two are one unknown instead of two. Facts that follow from
//! several values (two facts, two years, the tags of a list) have no single source.

use crate::calendar::{CalendarSpan, SpanUnit};
use crate::criterion::{Compare, Span, Test};
use crate::fact::Fact;
use crate::number::Number;

/// Derived facts with their single source. The rules themselves are in [`super`]; a test compares the two.
const SOURCES: [(&str, &str); 1] = [("age_months", "established_on")];

impl Fact {
    /// Key of the single given fact whose value determines this derived one on a given day; `None` if there is none.
    pub fn source_key(&self) -> Option<&'static str> {
        let of = |(key, _): &&(&str, &str)| self.derived && *key == self.key;
        SOURCES.iter().find(of).map(|(_, source)| *source)
    }

    /// Keys of the derived facts that this one determines, if the dictionary has them.
    pub fn determined_keys(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        SOURCES.iter().filter(|(_, source)| !self.derived && *source == self.key).map(|(key, _)| *key)
    }

    /// Translation of `test` on this fact into tests on its [`Fact::source`], which all have to pass. `None` if there is no
    /// single source, or no value of this fact passes or fails such a test.
    pub fn translate_to_source(&self, test: &Test) -> Option<Vec<Test>> {
        self.source_key()?;
        let Test::Number(compare, bound) = test else { return None };
        // 成立月数: at least this many full months is a span that has been reached.
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

/// Smallest whole number above a bound.
fn above(bound: &Number) -> Number {
    bound.floor().plus(&Number::from(1))
}

fn at_least(months: &Number) -> Vec<Test> {
    match count(months) {
        // Every day, even a future one, is at least 0 months ago.
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

/// Test that no value passes.
fn never() -> Test {
    Test::OneOf(Vec::new())
}

/// Number of months.
enum Count {
    /// 0 or less.
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
        /// A test on a derived fact and the tests on its source agree for every value of the source.
        #[test]
        fn source_conditions_are_equivalent(
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
            let Knowledge::Exactly(derived) = view.knowledge(fact, None) else { panic!("the source determines it") };
            let lowered = fact.translate_to_source(&test).unwrap();
            let says = lowered.iter().all(|test| test.passes(&source, day));
            prop_assert_eq!(test.passes(&derived, day), says, "{:?} of {:?} by {:?}", test, source, lowered);
        }
    }

    /// A number of months is reached for one month; half a month is never equal. Random days rarely hit it.
    #[test]
    fn an_equal_number_of_months_is_one_month_of_days() {
        let fact = FactDictionary::built_in().get("age_months").unwrap();
        let day = date(2026, 3, 31);
        let met = |bound: Number| -> Vec<Date> {
            let lowered = fact.translate_to_source(&Test::Number(Compare::Equals, bound)).unwrap();
            let days = (0..200).map(|back| day.saturating_sub(back.days()));
            days.filter(|day_of| lowered.iter().all(|test| test.passes(&Value::Date(*day_of), day))).collect()
        };
        let of_three = met(Number::from(3));
        assert_eq!(
            (of_three.first(), of_three.last()),
            (Some(&date(2025, 12, 31)), Some(&date(2025, 12, 1)))
        );
        assert_eq!(met(Number::from(7).midpoint(&Number::zero())), []);
    }

    /// Each derived fact with a source reads exactly that value; no other built-in fact does.
    #[test]
    fn exactly_these_facts_have_a_single_source() {
        let dictionary = FactDictionary::built_in();
        let profile = Profile::default();
        let view = View::new(&profile, dictionary, Date::constant(2026, 3, 31));
        for fact in dictionary.iter().filter(|fact| fact.derived) {
            let read = view.inputs(fact, None);
            if let Some(source) = fact.source_key() {
                assert_eq!(read, [(source.to_owned(), None)], "{}", fact.key);
                assert!(dictionary.get(source).unwrap().determined_keys().any(|key| key == fact.key));
            } else {
                assert!(read.len() != 1, "{} reads {read:?} alone", fact.key);
            }
        }
        for fact in dictionary.iter() {
            let determined: Vec<&str> = fact.determined_keys().collect();
            let expected: &[&str] = if fact.key == "established_on" { &["age_months"] } else { &[] };
            assert_eq!(determined, expected, "{}", fact.key);
        }
    }
}
