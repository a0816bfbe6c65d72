//! Writes nodes as JSON text, every number with its own digits.

use super::{Node, Tree};

impl Node {
    /// Value as JSON text on one line.
    ///
    /// Numbers keep their digits. A number that JSON has no form for, such as the code `0111` in YAML, is written as text.
    pub fn json_text(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// Appends [`Node::json_text`] to `out`.
    pub fn write_json(&self, out: &mut String) {
        match &self.value {
            Tree::Null => out.push_str("null"),
            Tree::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Tree::Number(text) => match json_number(text) {
                Some(number) => out.push_str(number),
                None => write_json_string(text, out),
            },
            Tree::Text(text) => write_json_string(text, out),
            Tree::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Tree::Map(entries) => {
                out.push('{');
                for (index, (key, node)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_json_string(key, out);
                    out.push(':');
                    node.write_json(out);
                }
                out.push('}');
            }
        }
    }
}

/// Number in JSON notation; `None` if it has none. YAML also allows a plus sign.
pub(super) fn json_number(text: &str) -> Option<&str> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0', b'0'..=b'9', ..] | [] => None,
        [b'0'..=b'9', ..] => Some(text),
        _ => None,
    }
}

/// Appends `text` to `out` as a JSON string, in quotation marks and with the escapes required by JSON.
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use crate::syntax::{json, yaml};

    /// An amount that no double represents is kept unchanged.
    #[test]
    fn numbers_keep_their_digits() {
        let text = r#"{"a":90071992547409.93,"b":[0.10,1e3,-7,true,null,"x\"\\\n\u0001"],"c":{}}"#;
        assert_eq!(json(text).unwrap().json_text(), text);
        let node = &yaml("a: 0111\nb: +5\nc: 1.50\nd: +0.5\n").unwrap()[0];
        assert_eq!(node.json_text(), r#"{"a":"0111","b":5,"c":1.50,"d":0.5}"#);
        assert_eq!(node.to_json().to_string(), r#"{"a":"0111","b":5,"c":1.50,"d":0.5}"#);
    }
}
