//! Leaves (叶条件): conditions on one fact, and exactly when a value meets them.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{CalendarSpan, for_at_least, for_more_than};
use crate::code::Code;
use crate::fact::Value;
use crate::number::Number;

/// A condition about one fact. Several tests must all hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Key of the fact.
    pub fact: String,
    /// Which value of it is meant.
    pub when: When,
    /// What must hold of that value; at least one.
    pub tests: Vec<Test>,
}

/// Which value of a fact a leaf is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// The value on the evaluation date.
    Current,
    /// The last full fiscal year before the evaluation date.
    LastYear,
    /// A named fiscal year.
    Year(i16),
    /// An aggregate over several years.
    Years(Aggregate),
}

/// An aggregate over fiscal years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Aggregate {
    /// How many years.
    pub years: u8,
    /// The last of them; `None` is the last full fiscal year.
    pub end: Option<i16>,
    /// What is computed.
    pub take: Take,
}

/// What an aggregate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Take {
    /// Arithmetic mean.
    Average,
    /// Sum.
    Sum,
    /// Least.
    Min,
    /// Greatest.
    Max,
    /// Last over first, minus 1.
    Growth,
    /// The same as a yearly rate.
    Cagr,
}

impl Take {
    /// The word in a criterion.
    pub fn word(self) -> &'static str {
        match self {
            Self::Average => "average",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Growth => "growth",
            Self::Cagr => "cagr",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Average, Self::Sum, Self::Min, Self::Max, Self::Growth, Self::Cagr]
            .into_iter()
            .find(|take| take.word() == word)
    }
}

/// A bound on a length of time, by its name in a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// 满, 以上.
    AtLeast,
    /// 超过.
    MoreThan,
    /// 以内, 不超过.
    AtMost,
    /// 不满.
    LessThan,
}

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compare {
    /// 以上, 不低于.
    AtLeast,
    /// 以下, 不超过.
    AtMost,
    /// 超过.
    MoreThan,
    /// 不满, 低于.
    LessThan,
    /// 等于.
    Equals,
}

impl Compare {
    /// Whether a value that stands in this `order` to the threshold passes.
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::AtLeast => order.is_ge(),
            Self::AtMost => order.is_le(),
            Self::MoreThan => order.is_gt(),
            Self::LessThan => order.is_lt(),
            Self::Equals => order.is_eq(),
        }
    }
}

/// A comparison of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateCompare {
    /// …日起.
    OnOrAfter,
    /// …日以前.
    OnOrBefore,
    /// …日后.
    After,
    /// …日前.
    Before,
}

/// One operator of a leaf with its operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// `is`, `one_of`: equal to one of these.
    OneOf(Vec<Value>),
    /// A number against a threshold.
    Number(Compare, Number),
    /// A date against a date.
    Date(DateCompare, Date),
    /// Time from a date to the evaluation date.
    Elapsed(Span, CalendarSpan),
    /// Equal to or below one of these codes.
    Within(Vec<Code>),
    /// Not equal to and not below any of these codes.
    Outside(Vec<Code>),
    /// At least one of these tags is held.
    HasAny(Vec<String>),
    /// All of these tags are held.
    HasAll(Vec<String>),
    /// None of these tags is held.
    HasNone(Vec<String>),
}

impl Test {
    /// Whether `value` passes on `as_of`. A value of another type never does; tags are tested one by one,
    /// by whoever knows the set.
    pub fn passes(&self, value: &Value, as_of: Date) -> bool {
        match (self, value) {
            (Self::OneOf(values), value) => values.contains(value),
            (Self::Number(compare, bound), Value::Number(number)) => compare.accepts(number.cmp(bound)),
            (Self::Date(compare, bound), Value::Date(day)) => match compare {
                DateCompare::OnOrAfter => day >= bound,
                DateCompare::OnOrBefore => day <= bound,
                DateCompare::After => day > bound,
                DateCompare::Before => day < bound,
            },
            (Self::Elapsed(span, length), Value::Date(day)) => match span {
                Span::AtLeast => for_at_least(*day, *length, as_of),
                Span::MoreThan => for_more_than(*day, *length, as_of),
                Span::AtMost => !for_more_than(*day, *length, as_of),
                Span::LessThan => !for_at_least(*day, *length, as_of),
            },
            (Self::Within(codes), Value::Code(code)) => codes.iter().any(|c| code.within(c)),
            (Self::Outside(codes), Value::Code(code)) => !codes.iter().any(|c| code.within(c)),
            _ => false,
        }
    }
}

impl Leaf {
    /// Whether all tests pass for `value` on `as_of`.
    pub fn passes(&self, value: &Value, as_of: Date) -> bool {
        self.tests.iter().all(|test| test.passes(value, as_of))
    }
}
