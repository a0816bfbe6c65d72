//! The tests of `zhaoren-conditions`, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod damage;
mod labels;
mod metamorphic;
mod sentences;
mod spellings;

use zhaoren_conditions::{Reading, criteria_json, read};
use zhaoren_policy::code::{Code, CodeSystem};
use zhaoren_policy::fact::FactDictionary;

/// Region of the tests: 上海市徐汇区.
fn region() -> Code {
    Code::parse("310104", CodeSystem::Region).unwrap()
}

fn reading(text: &str) -> Reading {
    read(text, Some(&region()), FactDictionary::built_in())
}

/// Criteria of `text` as JSON without quotes.
fn criteria(text: &str) -> String {
    let mut value = criteria_json(&reading(text).criteria);
    strip(&mut value);
    value.to_string()
}

fn strip(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(entries) => {
            entries.remove("quote");
            entries.values_mut().for_each(strip);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}
