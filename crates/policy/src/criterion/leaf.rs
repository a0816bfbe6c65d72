//! Leaves (叶条件): conditions on one fact, with the exact rule for passing values.

use std::cmp::Ordering;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::tree::{Criterion, Node};
use crate::calendar::{CalendarSpan, spans_at_least, spans_more_than};
use crate::code::Code;
use crate::fact::Value;
use crate::number::Number;

/// Condition on one fact. Several tests must all hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Leaf {
    /// Key of the fact.
    pub fact: String,
    /// Selected value of the fact.
    pub when: When,
    /// Tests that the value must pass; at least one.
    pub tests: Vec<Test>,
}

/// Selection of a value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum When {
    /// Value on the evaluation date.
    Current,
    /// Last full fiscal year before the evaluation date.
    LastYear,
    /// Named fiscal year.
    Year(i16),
    /// Aggregate over several years.
    Years(Aggregate),
}

/// Aggregate over fiscal years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Aggregate {
    /// Number of years.
    pub years: u8,
    /// Last of them; `None` is the last full fiscal year.
    pub end: Option<i16>,
    /// Function of the aggregate.
    pub take: Take,
}

/// Function of an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Take {
    /// Arithmetic mean.
    Average,
    /// Sum.
    Sum,
    /// Minimum.
    Min,
    /// Maximum.
    Max,
    /// Last over first, minus 1.
    Growth,
    /// Compound annual growth rate.
    Cagr,
}

impl Take {
    /// Name in a criterion.
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

    /// Reads the name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Average, Self::Sum, Self::Min, Self::Max, Self::Growth, Self::Cagr]
            .into_iter()
            .find(|take| take.word() == word)
    }
}

/// Comparison of a length of time, by its name in a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// Comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// True if a value in this `order` to the threshold passes.
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

/// Comparison of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// Operator of a leaf with its operand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Test {
    /// `is`, `one_of`: equal to one of these.
    OneOf(Vec<Value>),
    /// Comparison of a number with a threshold.
    Number(Compare, Number),
    /// Comparison of a date with a date.
    Date(DateCompare, Date),
    /// Comparison of the time from a date to the evaluation date.
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
    /// True if `value` passes on `as_of`. A value of another type never does; tags are tested one by one, by the code that has
    /// the set.
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
                Span::AtLeast => spans_at_least(*day, *length, as_of),
                Span::MoreThan => spans_more_than(*day, *length, as_of),
                Span::AtMost => !spans_more_than(*day, *length, as_of),
                Span::LessThan => !spans_at_least(*day, *length, as_of),
            },
            (Self::Within(codes), Value::Code(code)) => codes.iter().any(|c| code.is_within(c)),
            (Self::Outside(codes), Value::Code(code)) => !codes.iter().any(|c| code.is_within(c)),
            _ => false,
        }
    }
}

impl Leaf {
    /// True if all tests pass for `value` on `as_of`.
    pub fn passes(&self, value: &Value, as_of: Date) -> bool {
        self.tests.iter().all(|test| test.passes(value, as_of))
    }
}

/// Condition on the records of a fact: on their number, or on the sum of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordLeaf {
    /// Count or sum.
    pub measure: RecordMeasure,
    /// Tests of the count or sum; at least one. All are [`Test::Number`].
    pub tests: Vec<Test>,
}

/// Count of the records that satisfy a condition, or the sum of a field over them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordMeasure {
    /// Key of the records fact.
    pub records: String,
    /// Key of the field that is summed; `None` counts.
    pub of: Option<String>,
    /// Condition on one record; its leaves name fields.
    pub condition: Box<Criterion>,
}

impl RecordLeaf {
    /// True if there is no condition on a record: all are counted or summed.
    pub fn counts_all(&self) -> bool {
        *self.measure.condition == Criterion::without_evidence(Node::All(Vec::new()))
    }
}

impl RecordMeasure {
    /// Same measure without the evidence of its condition: what decides its value.
    pub fn bare(&self) -> Self {
        Self { condition: Box::new(self.condition.bare()), ..self.clone() }
    }
}
