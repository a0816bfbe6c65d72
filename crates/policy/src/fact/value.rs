//! Values of facts, and knowledge of a value.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::number::Number;

/// Value of a fact other than a tags fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Boolean.
    Bool(bool),
    /// Integer, decimal, money in yuan, or ratio as a fraction.
    Number(Number),
    /// Civil date.
    Date(Date),
    /// Region or industry code.
    Code(Code),
    /// Text.
    Text(String),
}

impl Value {
    /// Value as JSON, as a profile would give it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(flag) => (*flag).into(),
            Self::Number(number) => number.to_json(),
            Self::Date(day) => day.to_string().into(),
            Self::Code(code) => code.to_string().into(),
            Self::Text(text) => text.clone().into(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(day) => write!(f, "{day}"),
            Self::Code(code) => write!(f, "{code}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Knowledge of a value. Absence is [`Knowledge::Unknown`], never false and never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Knowledge {
    /// Unknown, apart from the type and its bounds.
    #[default]
    Unknown,
    /// Exactly this value.
    Exactly(Value),
    /// Between two values of one ordered type, both inclusive; a missing bound is open. At least one bound is present.
    Within {
        /// Lower bound.
        low: Option<Value>,
        /// Upper bound.
        high: Option<Value>,
    },
    /// One of two or more values.
    Among(Vec<Value>),
}

impl Knowledge {
    /// Value, if it is exactly known.
    pub fn exact(&self) -> Option<&Value> {
        match self {
            Self::Exactly(value) => Some(value),
            _ => None,
        }
    }

    /// Number, if it is exactly known.
    pub fn number(&self) -> Option<&Number> {
        match self {
            Self::Exactly(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// Boolean, if it is known.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Exactly(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// Knowledge of a boolean that may be unknown.
    pub fn from_bool(truth: Option<bool>) -> Self {
        truth.map_or(Self::Unknown, |flag| Self::Exactly(Value::Bool(flag)))
    }

    /// Knowledge of candidates: unknown without any, exact for one.
    pub fn from_candidates(mut values: Vec<Value>) -> Self {
        values.sort();
        values.dedup();
        match values.len() {
            0 => Self::Unknown,
            1 => values.pop().map_or(Self::Unknown, Self::Exactly),
            _ => Self::Among(values),
        }
    }

    /// Number between two bounds; exact if they are equal, unknown if both are open.
    pub fn from_bounds(low: Option<Number>, high: Option<Number>) -> Self {
        match (low, high) {
            (None, None) => Self::Unknown,
            (Some(low), Some(high)) if low == high => Self::Exactly(Value::Number(low)),
            (low, high) => Self::Within { low: low.map(Value::Number), high: high.map(Value::Number) },
        }
    }

    /// Minimum and maximum of the possible numbers; `None` on an open side, and on both sides if it is known to be no number.
    pub fn bounds(&self) -> (Option<Number>, Option<Number>) {
        let number = |value: &Value| match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        };
        match self {
            Self::Exactly(value) => (number(value), number(value)),
            Self::Within { low, high } => (low.as_ref().and_then(number), high.as_ref().and_then(number)),
            Self::Unknown | Self::Among(_) => (None, None),
        }
    }

    /// Value as a profile would give it; null if unknown.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Unknown => serde_json::Value::Null,
            Self::Exactly(value) => value.to_json(),
            Self::Within { low, high } => {
                let mut map = serde_json::Map::new();
                for (key, end) in [("at_least", low), ("at_most", high)] {
                    if let Some(end) = end {
                        map.insert(key.to_owned(), end.to_json());
                    }
                }
                map.into()
            }
            Self::Among(values) => {
                serde_json::json!({ "one_of": values.iter().map(Value::to_json).collect::<Vec<_>>() })
            }
        }
    }
}
