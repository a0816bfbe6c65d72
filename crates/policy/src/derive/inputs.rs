//! Inputs of a rule, with a record of those found open.

use jiff::civil::Date;

use super::interval::Interval;
use crate::fact::{Knowledge, Period, Value};
use crate::number::Number;
use crate::view::View;

/// Facts of one view, as input of a rule.
pub(super) struct Inputs<'a> {
    view: &'a View<'a>,
    /// True if the facts read are recorded; a caller that needs only the result saves the lists.
    noting: bool,
    open: Vec<String>,
    read: Vec<(String, Option<i16>)>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(view: &'a View<'a>, noting: bool) -> Self {
        Self { view, noting, open: Vec::new(), read: Vec::new() }
    }

    /// Open inputs, and all inputs read.
    pub(super) fn into_parts(self) -> (Vec<String>, Vec<(String, Option<i16>)>) {
        (self.open, self.read)
    }

    pub(super) fn as_of(&self) -> Date {
        self.view.as_of
    }

    pub(super) fn last_year(&self) -> i16 {
        self.view.last_year()
    }

    /// Fact with one value.
    pub(super) fn current(&mut self, key: &str) -> Knowledge {
        self.read(key, None)
    }

    /// Fact with one value, read without being recorded as an input.
    pub(super) fn peek(&self, key: &str) -> Knowledge {
        self.view.dictionary.get(key).map_or(Knowledge::Unknown, |fact| self.view.knowledge(fact, None))
    }

    /// Interval of a number: of `year` for a yearly fact, of the current value otherwise. An unknown number still has the
    /// dictionary's bounds.
    pub(super) fn number(&mut self, key: &str, year: i16) -> Interval {
        let Some(fact) = self.view.dictionary.get(key) else { return Interval::open() };
        let known = self.read(key, (fact.period == Period::Year).then_some(year));
        let (low, high) = known.bounds();
        Interval { low: low.or_else(|| fact.min.clone()), high: high.or_else(|| fact.max.clone()) }
    }

    /// `Some(true)` if a number is known to be at most `bound`, `Some(false)` if above, `None` if neither is known.
    pub(super) fn at_most(&mut self, key: &str, year: i16, bound: i64) -> Option<bool> {
        self.number(key, year).at_most(&Number::from(bound))
    }

    /// `Some(true)` if a number is known to be at least `bound`.
    pub(super) fn at_least(&mut self, key: &str, year: i16, bound: i64) -> Option<bool> {
        self.number(key, year).at_least(&Number::from(bound))
    }

    /// Boolean fact.
    pub(super) fn truth(&mut self, key: &str) -> Option<bool> {
        self.current(key).as_bool()
    }

    /// True if a date lies before `day`.
    pub(super) fn before(&mut self, key: &str, day: Date) -> Option<bool> {
        match self.current(key) {
            Knowledge::Exactly(Value::Date(date)) => Some(date < day),
            Knowledge::Within { high: Some(Value::Date(high)), .. } if high < day => Some(true),
            Knowledge::Within { low: Some(Value::Date(low)), .. } if low >= day => Some(false),
            _ => None,
        }
    }

    /// True if any of `tags` is held.
    pub(super) fn holds_any(&mut self, key: &str, tags: &[&str]) -> Option<bool> {
        let set = self.view.tags(key);
        let has_tag = |tag: &str| set.and_then(|set| set.holds(tag, self.view.as_of));
        let result = any(tags.iter().map(|tag| has_tag(tag)));
        self.note(key, result.is_none());
        result
    }

    /// True if any tag of the fact's controlled list is held.
    pub(super) fn any_tag(&mut self, key: &str) -> Option<bool> {
        let day = self.view.as_of;
        let result = match self.view.tags(key) {
            None => None,
            Some(set) if !set.tags_on(day).is_empty() => Some(true),
            Some(set) if set.is_complete() => Some(false),
            Some(set) => {
                let listed = self.view.dictionary.get(key).map_or(&[][..], |fact| fact.values.as_slice());
                let all_lacked =
                    !listed.is_empty() && listed.iter().all(|tag| set.holds(tag, day) == Some(false));
                all_lacked.then_some(false)
            }
        };
        self.note(key, result.is_none());
        result
    }

    fn read(&mut self, key: &str, year: Option<i16>) -> Knowledge {
        let Some(fact) = self.view.dictionary.get(key) else { return Knowledge::Unknown };
        let known = self.view.knowledge(fact, year);
        if !self.noting {
            return known;
        }
        for input in self.view.inputs(fact, year) {
            if !self.read.contains(&input) {
                self.read.push(input);
            }
        }
        if known.exact().is_none() {
            for open in self.view.open_inputs(fact, year) {
                self.note(&open, true);
            }
        }
        known
    }

    fn note(&mut self, key: &str, is_open: bool) {
        if self.noting && is_open && !self.open.iter().any(|seen| seen == key) {
            self.open.push(key.to_owned());
        }
    }
}

/// Three-valued AND: false as soon as one is.
pub(super) fn every(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(true) }
}

/// Three-valued OR: true as soon as one is.
pub(super) fn any(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    every(truths.into_iter().map(|truth| truth.map(|flag| !flag))).map(|flag| !flag)
}
