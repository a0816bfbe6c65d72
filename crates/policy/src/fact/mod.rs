//! Facts (指标): definitions, values and knowledge of values.
//!
//! ```
//! use zhaoren_policy::fact::FactDictionary;
//!
//! let dictionary = FactDictionary::built_in();
//! assert_eq!(dictionary.get("employees").unwrap().name, "从业人数");
//! // A misspelt key is answered with the nearest one.
//! assert_eq!(dictionary.suggest("employes").as_deref(), Some("employees"));
//! ```

mod advice;
mod dictionary;
mod entry;
mod value;
mod vocabulary;

pub use advice::{AdviceRule, Direction, Frequency, MAX_EFFORT};
pub use dictionary::{Fact, FactDictionary, FactType, Period, Privacy};
pub use value::{Knowledge, Value};
pub use vocabulary::{AnswerMeaning, WordMeaning, says_none, says_nothing, yes_or_no};
