//! Body of a request or a file, decoded and parsed once for everything that reads it.

use std::cell::OnceCell;

use zhaoren_policy::syntax::{self, Node, SyntaxError};

/// Decoded text that is expected to be JSON, or lines of it.
pub struct Body<'a> {
    bytes: &'a [u8],
    text: String,
    json: OnceCell<Result<Node, SyntaxError>>,
    #[cfg(test)]
    parsed: std::cell::Cell<u32>,
}

impl<'a> Body<'a> {
    /// Decodes a body of any encoding.
    pub fn decode(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            text: zhaoren_text::decode(bytes).text,
            json: OnceCell::new(),
            #[cfg(test)]
            parsed: std::cell::Cell::new(0),
        }
    }

    /// A body whose text was parsed already.
    pub fn parsed(text: &'a str, json: Node) -> Self {
        let body = Self::decode(text.as_bytes());
        // INVARIANT: the cell of a new body is empty.
        let _ = body.json.set(Ok(json));
        body
    }

    /// The bytes received.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text as one JSON document; parsed at the first call.
    pub(crate) fn json(&self) -> Result<&Node, &SyntaxError> {
        let parse = || {
            #[cfg(test)]
            self.parsed.set(self.parsed.get() + 1);
            syntax::json(&self.text)
        };
        self.json.get_or_init(parse).as_ref()
    }

    /// True if decoding lost bytes; a text may contain the sign for that by itself.
    pub(crate) fn is_damaged(&self) -> bool {
        self.text.contains(LOST) && std::str::from_utf8(self.bytes).is_err()
    }
}

/// Sign that decoding puts where bytes are no text.
pub(crate) const LOST: char = '\u{fffd}';

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use jiff::civil::date;
    use zhaoren_policy::fact::FactDictionary;

    use super::*;
    use crate::{load_items_in, read_profiles_of};

    /// A request with its own items and a profile is parsed once for both.
    #[test]
    fn a_body_is_parsed_once() {
        let dictionary = FactDictionary::built_in();
        let text = r#"{"policies": [{"id": "a", "title": "甲", "criteria": {"fact": "employees", "at_least": 1}}],
            "profiles": [{"id": "e1", "facts": {"employees": 3}}]}"#;
        let body = Body::decode(text.as_bytes());
        let loaded =
            load_items_in(&body, "policies", "request.json", dictionary, date(2026, 11, 23)).unwrap();
        assert_eq!(loaded.unwrap().0.len(), 1);
        let read = read_profiles_of(&body, "request.json", dictionary, false);
        assert_eq!(read.profiles.len(), 1, "{:?}", read.problems);
        assert_eq!(body.parsed.get(), 1);
    }
}
