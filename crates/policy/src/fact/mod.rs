//! Facts (指标): what can be known about an enterprise, and what is.

mod dictionary;
mod value;

pub use dictionary::{Fact, FactDictionary, FactType, Period, Privacy};
pub use value::{Knowledge, Value};
