//! Reads JSON (RFC 8259) into positioned nodes.
//!
//! A separate reader for two reasons: a number keeps the digits as typed, so that an amount is never rounded to a double on
//! input, and every value has its line. Its faults are worded as those of `serde_json`, which are familiar.

use zhaoren_cancel::{poll, steps};

use super::keys::Keys;
use super::{Node, SyntaxError, Tree, shorten};
use crate::limits;

/// Reads one JSON document.
///
/// # Errors
/// Syntax errors, repeated keys, nesting beyond [`limits::MAX_DEPTH`] and more values than [`limits::MAX_NODES`], each with its line.
pub fn json(text: &str) -> Result<Node, SyntaxError> {
    json_at(text, 1)
}

/// Reads one JSON document on line `line` of a JSON Lines file.
///
/// # Errors
/// Those of [`json`]; every line in the error and the nodes counts from `line`.
pub fn json_at(text: &str, line: u32) -> Result<Node, SyntaxError> {
    let mut reader = Reader { text, at: 0, line, nodes: 0 };
    let node = reader.value(0)?;
    match reader.next_byte() {
        None => Ok(node),
        Some(_) => reader.fault("trailing characters"),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Offset of the next byte.
    at: usize,
    /// Line of that byte.
    line: u32,
    /// Number of values so far.
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn fault<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { line: self.line, message: message.into() })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Next non-blank byte, not consumed.
    fn next_byte(&mut self) -> Option<u8> {
        let start = self.at;
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.byte() {
            self.line = self.line.saturating_add(u32::from(byte == b'\n'));
            self.at += 1;
        }
        if self.at > start {
            steps((self.at - start) as u64);
        }
        self.byte()
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        poll();
        let Some(first) = self.next_byte() else { return self.fault("EOF while parsing a value") };
        self.nodes += 1;
        if self.nodes > limits::MAX_NODES {
            return self.fault(format!("more than {} values", limits::MAX_NODES));
        }
        let line = self.line;
        let value = match first {
            b'{' => self.map(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Tree::Text(self.string()?),
            b'-' | b'0'..=b'9' => Tree::Number(self.number()?),
            b't' => self.word("true", Tree::Bool(true))?,
            b'f' => self.word("false", Tree::Bool(false))?,
            b'n' => self.word("null", Tree::Null)?,
            _ => return self.fault("expected value"),
        };
        Ok(Node { value, line })
    }

    fn word(&mut self, word: &str, value: Tree) -> Result<Tree, SyntaxError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        match word.starts_with(rest) {
            true => self.fault("EOF while parsing a value"),
            false => self.fault("expected ident"),
        }
    }

    /// Consumes the bracket that opens a list or a map at `depth`.
    fn open(&mut self, depth: usize) -> Result<(), SyntaxError> {
        if depth >= limits::MAX_DEPTH {
            return self.fault(format!("nested deeper than {} levels", limits::MAX_DEPTH));
        }
        self.at += 1;
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<Tree, SyntaxError> {
        self.open(depth)?;
        let mut items = Vec::new();
        match self.next_byte() {
            Some(b']') => {
                self.at += 1;
                return Ok(Tree::List(items));
            }
            Some(_) => {}
            None => return self.fault("EOF while parsing a list"),
        }
        loop {
            items.push(self.value(depth + 1)?);
            match self.next_byte() {
                Some(b',') => {
                    self.at += 1;
                    if self.next_byte() == Some(b']') {
                        return self.fault("trailing comma");
                    }
                }
                Some(b']') => {
                    self.at += 1;
                    return Ok(Tree::List(items));
                }
                Some(_) => return self.fault("expected `,` or `]`"),
                None => return self.fault("EOF while parsing a list"),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Tree, SyntaxError> {
        self.open(depth)?;
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut keys = Keys::default();
        match self.next_byte() {
            Some(b'}') => {
                self.at += 1;
                return Ok(Tree::Map(entries));
            }
            Some(_) => {}
            None => return self.fault("EOF while parsing an object"),
        }
        loop {
            match self.next_byte() {
                Some(b'"') => {}
                Some(b'}') => return self.fault("trailing comma"),
                Some(_) => return self.fault("key must be a string"),
                None => return self.fault("EOF while parsing a value"),
            }
            let key = self.string()?;
            if !keys.add(&key, &entries) {
                return self.fault(format!("key `{}` stands twice", shorten(&key)));
            }
            match self.next_byte() {
                Some(b':') => self.at += 1,
                Some(_) => return self.fault("expected `:`"),
                None => return self.fault("EOF while parsing an object"),
            }
            let value = self.value(depth + 1)?;
            entries.push((key, value));
            match self.next_byte() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Tree::Map(entries));
                }
                Some(_) => return self.fault("expected `,` or `}`"),
                None => return self.fault("EOF while parsing an object"),
            }
        }
    }

    /// Text between the next quotation mark and its closing one.
    fn string(&mut self) -> Result<String, SyntaxError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest: &'a str = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let Some(plain) = plain else { return self.fault("EOF while parsing a string") };
            steps(plain as u64 + 1);
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain + 1;
            match rest.as_bytes().get(plain) {
                Some(b'"') => return Ok(text),
                Some(b'\\') => text.push(self.escape()?),
                _ => {
                    return self.fault("control character (\\u0000-\\u001F) found while parsing a string");
                }
            }
        }
    }

    /// Character of an escape sequence, after its backslash.
    fn escape(&mut self) -> Result<char, SyntaxError> {
        let Some(byte) = self.byte() else { return self.fault("EOF while parsing a string") };
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return self.fault("invalid escape"),
        })
    }

    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.four_digits()?;
        let code = match first {
            0xd800..=0xdbff => {
                if self.text.get(self.at..).is_none_or(|rest| !rest.starts_with("\\u")) {
                    return self.fault("lone leading surrogate in hex escape");
                }
                self.at += 2;
                let second = self.four_digits()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return self.fault("lone leading surrogate in hex escape");
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        // Only a lone trailing surrogate is no character.
        char::from_u32(code).map_or_else(|| self.fault("invalid unicode code point"), Ok)
    }

    fn four_digits(&mut self) -> Result<u32, SyntaxError> {
        let Some(digits) = self.text.as_bytes().get(self.at..self.at + 4) else {
            return self.fault("unexpected end of hex escape");
        };
        let mut code = 0;
        for digit in digits {
            let Some(value) = char::from(*digit).to_digit(16) else { return self.fault("invalid escape") };
            code = code * 16 + value;
        }
        self.at += 4;
        Ok(code)
    }

    /// Digits as typed: `-? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?`.
    fn number(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.byte() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (zero && whole > 1) {
            return self.bad_number();
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return self.bad_number();
            }
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return self.bad_number();
            }
        }
        steps((self.at - start) as u64);
        Ok(self.text.get(start..self.at).unwrap_or_default().to_owned())
    }

    fn bad_number<T>(&self) -> Result<T, SyntaxError> {
        match self.byte() {
            None => self.fault("EOF while parsing a value"),
            Some(_) => self.fault("invalid number"),
        }
    }

    /// Consumes digits and returns their number.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_value_has_its_line() {
        let node = json("{\n \"a\": 1\n, \"b\": [\n  true,\n  \"x\"\n ]\n}").unwrap();
        assert_eq!(node.get("a").unwrap().line, 2);
        let Tree::List(items) = &node.get("b").unwrap().value else { panic!("list") };
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [4, 5]);
    }

    /// The digits are kept as typed; a number that no double represents stays exact.
    #[test]
    fn keeps_numbers_as_they_were_typed() {
        let numbers = ["0.1", "30100000", "1e3", "123456789012345678", "90071992547409.93", "-0.50", "1E+2"];
        let node = json(&format!("[{}]", numbers.join(", "))).unwrap();
        let Tree::List(items) = node.value else { panic!("list") };
        let texts: Vec<String> = items.iter().map(Node::describe).collect();
        assert_eq!(texts, numbers.map(|number| format!("number `{number}`")));
    }

    #[test]
    fn refuses_repeated_keys_and_depth() {
        assert!(json(r#"{"a":1,"a":2}"#).unwrap_err().message.contains("stands twice"));
        let many: String = (0..100).map(|n| format!("\"k{n}\":1,\n")).collect();
        let error = json(&format!("{{{many}\"k3\":1}}")).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (101, "key `k3` stands twice"));
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(json(&deep).is_err());
        assert!(json(&("[".repeat(limits::MAX_DEPTH) + &"]".repeat(limits::MAX_DEPTH))).is_ok());
        assert_eq!(json_at("{", 17).unwrap_err().line, 17);
        assert_eq!(json("{\n\"a\": tru, \n}").unwrap_err().line, 2);
    }

    /// Texts near the edges of the grammar, each with whether it is JSON.
    const EDGES: [&str; 62] = [
        "",
        " ",
        "null",
        "nul",
        "nulll",
        "true",
        "falsy",
        "0",
        "-0",
        "00",
        "01",
        "-",
        "-a",
        "1.",
        ".5",
        "1.5",
        "1.5.",
        "1e",
        "1e5",
        "1E+5",
        "1e-5",
        "1e+",
        "+1",
        "0x1",
        "NaN",
        "Infinity",
        "\"",
        "\"a",
        "\"a\"",
        "\"\\",
        "\"\\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u0041\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\u00g0\"",
        "\"\u{7f}\"",
        "\"\t\"",
        "\"\n\"",
        "'a'",
        "[",
        "[]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "]",
        "{",
        "{}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "[1] 2",
        "\u{feff}1",
    ];

    #[test]
    fn accepts_the_same_input_as_serde_json() {
        for text in EDGES {
            match (json(text), serde_json::from_str::<serde_json::Value>(text)) {
                (Ok(node), Ok(value)) => assert_eq!(node.to_json(), value, "{text:?}"),
                (Err(_), Err(_)) => {}
                (ours, theirs) => panic!("{text:?}: {ours:?} but {theirs:?}"),
            }
        }
        for text in [
            "", "{", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "\"a", "[1 2]", "{a:1}", "[1] 2", "xx",
            "[1,]",
        ] {
            let theirs = serde_json::from_str::<serde_json::Value>(text).unwrap_err().to_string();
            let ours = json(text).unwrap_err().message;
            assert!(theirs.starts_with(&ours), "{text:?}: {ours} but {theirs}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]
        /// For any combination of JSON's signs, this reader and `serde_json` agree.
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}:,\"\\\\ \n0-9eE+.atrufalsen中-]{0,24}") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            match json(&text) {
                // A repeated key is refused only here, a number beyond all doubles only there.
                Ok(node) => match theirs {
                    Ok(value) => prop_assert_eq!(node.to_json(), value),
                    Err(error) => prop_assert!(error.to_string().contains("number out of range"), "{}", error),
                },
                Err(error) => prop_assert!(theirs.is_err() || error.message.contains("twice"), "{}", error),
            }
        }

        /// Written text reads back.
        #[test]
        fn values_round_trip(text in "\\PC{0,20}", number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?") {
            let tree = Tree::Map(vec![(
                text.clone(),
                Node {
                    value: Tree::List(vec![
                        Node { value: Tree::Text(text), line: 1 },
                        Node { value: Tree::Number(number), line: 1 },
                    ]),
                    line: 1,
                },
            )]);
            let node = Node { value: tree, line: 1 };
            prop_assert_eq!(json(&node.json_text()).unwrap(), node);
        }
    }
}
