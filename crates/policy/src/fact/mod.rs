//! Facts (指标): definitions, values and knowledge of values.

mod dictionary;
mod value;
mod vocabulary;

pub use dictionary::{Fact, FactDictionary, FactType, Period, Privacy};
pub use value::{Knowledge, Value};
pub use vocabulary::{AnswerMeaning, WordMeaning, says_none, says_nothing, yes_or_no};
