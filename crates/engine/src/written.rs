//! Values of this program as JSON.
//!
//! `serde_json` refuses a map whose keys are no text, and what a `Serialize` of one's own refuses. The types that come here
//! have neither, so a failure is a defect of the program: an empty text in its place would be hashed, stored or sent.

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// A value as JSON on one line.
#[expect(clippy::expect_used, reason = "types of this crate serialize: their maps have text as keys")]
pub(crate) fn json_line<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("a type of this crate is JSON")
}

/// A value as JSON to be added to.
#[expect(clippy::expect_used, reason = "types of this crate serialize: their maps have text as keys")]
pub(crate) fn json_value<T: Serialize + ?Sized>(value: &T) -> Json {
    serde_json::to_value(value).expect("a type of this crate is JSON")
}

/// SHA-256 of a value as one line of JSON.
pub(crate) fn json_digest<T: Serialize>(value: &T) -> String {
    hex::encode(Sha256::digest(json_line(value)))
}
