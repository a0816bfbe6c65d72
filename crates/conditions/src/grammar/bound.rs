//! Bounds of numbers and of lengths of time: 不低于, 以上, 超过, （含）, A至B.
//!
//! 民法典 第一千二百五十九条: 以上, 以下, 以内 and 届满 include the number, 不满, 超过 and 以外 do not. A bracket that says （含）
//! or （不含） overrules the word.

use zhaoren_policy::calendar::CalendarSpan;
use zhaoren_policy::criterion::{Compare, Span, Test};
use zhaoren_policy::number::Number;

use super::Parser;
use crate::class::Class;
use crate::lexicon::Unit;
use crate::token::{Amount, Kind};

/// Bound of a measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bound<T> {
    pub(super) compare: Compare,
    pub(super) measure: T,
}

/// Measure that can be bounded: a number or a length of time.
pub(super) trait Measure: Clone + PartialEq {
    fn read(kind: &Kind) -> Option<Self>;
    /// The smaller end of a range, which may leave out the unit and the multiplier that the larger end has.
    fn completed_by(&self, end: &Self) -> Option<Self>;
    /// True if both have the same unit.
    fn fits(&self, other: &Self) -> bool;
}

impl Measure for Amount {
    fn read(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Amount(amount) => Some(amount.clone()),
            _ => None,
        }
    }

    fn completed_by(&self, end: &Self) -> Option<Self> {
        if self.unit == end.unit {
            return Some(self.clone());
        }
        if self.unit != Unit::None {
            return None;
        }
        let mut whole = self.clone();
        whole.unit = end.unit;
        if end.unit == Unit::Percent {
            whole.value = whole.value.checked_div(&Number::from(100))?;
        }
        if self.multiplier == 1 && end.multiplier > 1 {
            whole.multiplier = end.multiplier;
            whole.value = whole.value.times(&Number::from(i64::try_from(end.multiplier).ok()?));
        }
        Some(whole)
    }

    fn fits(&self, other: &Self) -> bool {
        self.unit == other.unit
    }
}

impl Measure for CalendarSpan {
    fn read(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Length(span) => Some(*span),
            _ => None,
        }
    }

    fn completed_by(&self, _: &Self) -> Option<Self> {
        Some(*self)
    }

    fn fits(&self, _: &Self) -> bool {
        true
    }
}

/// Direction of a bound, and whether it includes its number.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Direction {
    up: bool,
    included: bool,
}

impl Direction {
    pub(super) fn compare(self) -> Compare {
        match (self.up, self.included) {
            (true, true) => Compare::AtLeast,
            (true, false) => Compare::MoreThan,
            (false, true) => Compare::AtMost,
            (false, false) => Compare::LessThan,
        }
    }
}

/// Test of a number by one bound.
pub(super) fn number_test(bound: &Bound<Amount>) -> Test {
    Test::Number(bound.compare, bound.measure.value.clone())
}

/// Test of the time since a date by one bound.
pub(super) fn span_test(bound: &Bound<CalendarSpan>) -> Test {
    let span = match bound.compare {
        Compare::AtLeast | Compare::Equals => Span::AtLeast,
        Compare::MoreThan => Span::MoreThan,
        Compare::AtMost => Span::AtMost,
        Compare::LessThan => Span::LessThan,
    };
    Test::Elapsed(span, bound.measure)
}

impl Parser<'_> {
    /// One bound, or a lower and an upper one of the same measure.
    pub(super) fn bounds<T: Measure>(&mut self) -> Option<Vec<Bound<T>>> {
        let before = self.at;
        if let Some(range) = self.range() {
            return Some(range);
        }
        self.at = before;
        let mut bounds = vec![self.bound::<T>()?];
        let after = self.at;
        let joined = self.mark('、') || self.take(Class::And) || self.mark('，');
        let second = self.bound::<T>().filter(|second| {
            let first = bounds.first();
            first.is_some_and(|first| {
                is_up(first.compare) != is_up(second.compare) && first.measure.fits(&second.measure)
            })
        });
        match second {
            Some(second) => bounds.push(second),
            None => self.at = after,
        }
        let _ = joined;
        Some(bounds)
    }

    /// A至B: both ends are included unless a bracket says otherwise.
    fn range<T: Measure>(&mut self) -> Option<Vec<Bound<T>>> {
        self.skip(&[Class::In, Class::Must, Class::Filler, Class::Have]);
        let low = self.measure::<T>()?;
        let low_mark = self.bracket::<T>();
        if !(self.take(Class::To) || self.mark('-')) {
            return None;
        }
        let high = self.measure::<T>()?;
        let high_mark = self.bracket::<T>();
        if self.is(0, Class::OrMore) || self.is(0, Class::OrLess) {
            return None;
        }
        self.skip(&[Class::Between]);
        let low = low.completed_by(&high).filter(|low| low.fits(&high))?;
        // 之间（不含1亿元）: the bracket names the end that it is about.
        let named = self.named_end(&low, &high);
        let mark = |end: bool, own: Option<bool>| match named {
            Some((included, upper)) if upper == end => included,
            _ => own.unwrap_or(true),
        };
        let up = Direction { up: true, included: mark(false, low_mark) };
        let down = Direction { up: false, included: mark(true, high_mark) };
        Some(vec![
            Bound { compare: up.compare(), measure: low },
            Bound { compare: down.compare(), measure: high },
        ])
    }

    /// Bracket behind a range that says of one of its ends whether it is included: that, and true for the upper end.
    fn named_end<T: Measure>(&mut self, low: &T, high: &T) -> Option<(bool, bool)> {
        let before = self.at;
        let found = self.marked_end(low, high);
        if found.is_none() {
            self.at = before;
        }
        found
    }

    fn marked_end<T: Measure>(&mut self, low: &T, high: &T) -> Option<(bool, bool)> {
        let included = match (self.take(Class::InclusiveOpen), self.take(Class::ExclusiveOpen)) {
            (true, _) => true,
            (_, true) => false,
            _ => return None,
        };
        let end = self.measure::<T>()?;
        let upper = match (end == *low, end == *high) {
            (true, false) => false,
            (false, true) => true,
            _ => return None,
        };
        self.mark('）').then_some((included, upper))
    }

    pub(super) fn measure<T: Measure>(&mut self) -> Option<T> {
        self.skip(&[Class::Filler]);
        let measure = T::read(self.kind(0)?)?;
        self.at += 1;
        self.skip(&[Class::Filler]);
        Some(measure)
    }

    fn bound<T: Measure>(&mut self) -> Option<Bound<T>> {
        self.skip(&[Class::In, Class::Must, Class::Filler, Class::Both, Class::Have]);
        let mut before = None;
        while let Some(direction) = self.direction_before() {
            if before.is_some_and(|known: Direction| known != direction) {
                return None;
            }
            before = Some(direction);
            self.skip(&[Class::Must, Class::Filler]);
        }
        let measure = self.measure::<T>()?;
        if self.setting.ladder {
            self.higher_steps(&measure);
        }
        let mark = self.bracket::<T>();
        let after = self.direction_after();
        let mark = mark.or_else(|| self.bracket::<T>());
        let mut direction = match (before, after) {
            (Some(before), None) => before,
            (None, Some(after)) => after,
            // 不低于…以上 says it twice; 超过…以上 contradicts itself.
            (Some(before), Some(after)) if before == after => before,
            _ => return None,
        };
        if let Some(included) = mark {
            direction.included = included;
        }
        Some(Bound { compare: direction.compare(), measure })
    }

    pub(super) fn direction_before(&mut self) -> Option<Direction> {
        let direction = if self.is(0, Class::AtLeast) {
            Direction { up: true, included: true }
        } else if self.is(0, Class::MoreThan) {
            Direction { up: true, included: false }
        } else if self.is(0, Class::AtMost) {
            Direction { up: false, included: true }
        } else if self.is(0, Class::LessThan) {
            Direction { up: false, included: false }
        } else {
            return None;
        };
        self.at += 1;
        Some(direction)
    }

    pub(super) fn direction_after(&mut self) -> Option<Direction> {
        let up = if self.take(Class::OrMore) {
            true
        } else if self.take(Class::OrLess) {
            false
        } else {
            return None;
        };
        Some(Direction { up, included: true })
    }

    /// （含）, （不含70分）: true if the number is included.
    fn bracket<T: Measure>(&mut self) -> Option<bool> {
        if self.take(Class::Inclusive) {
            return Some(true);
        }
        if self.take(Class::Exclusive) {
            return Some(false);
        }
        let before = self.at;
        let included = match (self.take(Class::InclusiveOpen), self.take(Class::ExclusiveOpen)) {
            (true, _) => true,
            (_, true) => false,
            _ => return None,
        };
        if self.measure::<T>().is_some() && self.mark('）') {
            return Some(included);
        }
        self.at = before;
        None
    }

    /// Higher steps of a ladder: 1亿元、3亿元、5亿元以上.
    fn higher_steps<T: Measure>(&mut self, lowest: &T) {
        loop {
            let before = self.at;
            let joined = self.mark('、') || self.take(Class::Or) || self.take(Class::And);
            self.skip(&[Class::AtLeast]);
            let step = self.measure::<T>();
            if !joined || step.is_none_or(|step| !lowest.fits(&step)) {
                self.at = before;
                return;
            }
        }
    }
}

fn is_up(compare: Compare) -> bool {
    matches!(compare, Compare::AtLeast | Compare::MoreThan)
}
