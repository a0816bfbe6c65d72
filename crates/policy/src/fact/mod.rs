//! Facts (指标): definitions, values and knowledge of values.

mod dictionary;
mod value;

pub use dictionary::{Fact, FactDictionary, FactType, Period, Privacy};
pub use value::{Knowledge, Value};
