//! Values of facts, and how much of a value is known.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::number::Number;

/// One value of a fact that is not a tags fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// Integer, decimal, money in yuan, ratio as a fraction.
    Number(Number),
    /// A civil date.
    Date(Date),
    /// A region or industry code.
    Code(Code),
    /// Text.
    Text(String),
}

impl Value {
    /// The value as JSON, as a profile would give it.
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

/// How much is known of a value. Absence is [`Known::Unknown`], never false and never zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Knowledge {
    /// Nothing beyond the type and its bounds.
    #[default]
    Unknown,
    /// Exactly this.
    Exactly(Value),
    /// Between two values of one ordered type, both included; an end left out is open. At least one end stands.
    Within {
        /// Lower end.
        low: Option<Value>,
        /// Upper end.
        high: Option<Value>,
    },
    /// One of these, two or more.
    Among(Vec<Value>),
}

impl Knowledge {
    /// The value, when it is exactly known.
    pub fn exact(&self) -> Option<&Value> {
        match self {
            Self::Exactly(value) => Some(value),
            _ => None,
        }
    }

    /// The number, when one is exactly known.
    pub fn number(&self) -> Option<&Number> {
        match self {
            Self::Exactly(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The truth, when it is known.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Exactly(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// A truth that may be unknown.
    pub fn from_truth(truth: Option<bool>) -> Self {
        truth.map_or(Self::Unknown, |flag| Self::Exactly(Value::Bool(flag)))
    }

    /// Of `values`: unknown when there is none, exact when there is one.
    pub fn from_candidates(mut values: Vec<Value>) -> Self {
        values.sort();
        values.dedup();
        match values.len() {
            0 => Self::Unknown,
            1 => values.pop().map_or(Self::Unknown, Self::Exactly),
            _ => Self::Among(values),
        }
    }

    /// A number between two ends; exact when they meet, unknown when both are open.
    pub fn from_ends(low: Option<Number>, high: Option<Number>) -> Self {
        match (low, high) {
            (None, None) => Self::Unknown,
            (Some(low), Some(high)) if low == high => Self::Exactly(Value::Number(low)),
            (low, high) => Self::Within { low: low.map(Value::Number), high: high.map(Value::Number) },
        }
    }

    /// The least and greatest number it can be; `None` on a side that is open. `None` altogether where it
    /// is known to be no number.
    pub fn ends(&self) -> (Option<Number>, Option<Number>) {
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

    /// The value as a profile would give it; null when unknown.
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
