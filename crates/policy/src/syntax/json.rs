//! JSON into positioned nodes: `serde_json` parses, a counting reader tells the line.

use std::cell::Cell;
use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, Node, SyntaxError, Tree};

/// Reads one JSON document.
///
/// # Errors
/// Syntax errors, repeated keys and nesting past [`MAX_DEPTH`], each with its line.
pub fn json(text: &str) -> Result<Node, SyntaxError> {
    read(text, 1)
}

/// Reads one JSON document that stands on line `line` of a JSON Lines file.
///
/// # Errors
/// As [`json`]; every line in the error and the nodes counts from `line`.
pub fn json_at(text: &str, line: u32) -> Result<Node, SyntaxError> {
    read(text, line)
}

fn read(text: &str, first: u32) -> Result<Node, SyntaxError> {
    let line = Cell::new(first);
    let reader = Counting { rest: text.as_bytes(), line: &line, at_line_end: false };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let place = |error: &serde_json::Error| SyntaxError {
        line: first.saturating_add(u32::try_from(error.line()).unwrap_or(u32::MAX)).saturating_sub(1),
        message: strip_place(&error.to_string()),
    };
    let seed = Seed { line: &line, depth: 0 };
    let node = seed.deserialize(&mut deserializer).map_err(|e| place(&e))?;
    deserializer.end().map_err(|e| place(&e))?;
    Ok(node)
}

/// `serde_json` appends " at line 1 column 5"; the line is told apart from the message.
fn strip_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(head, _)| head).to_owned()
}

/// Hands out one byte a call, so that the line is exact whenever a value is visited.
struct Counting<'a> {
    rest: &'a [u8],
    line: &'a Cell<u32>,
    /// The last byte was a line feed. The next one is on a new line, but a number is only complete once
    /// the byte after it was read, and must still count as standing on the old one.
    at_line_end: bool,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match (self.rest.split_first(), buffer.first_mut()) {
            (Some((&byte, rest)), Some(slot)) => {
                *slot = byte;
                self.rest = rest;
                if self.at_line_end {
                    self.line.set(self.line.get().saturating_add(1));
                }
                self.at_line_end = byte == b'\n';
                Ok(1)
            }
            _ => Ok(0),
        }
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    line: &'a Cell<u32>,
    depth: usize,
}

impl Seed<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    fn node(self, value: Tree) -> Node {
        Node { value, line: self.line.get() }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(self.node(Tree::Null))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(self.node(Tree::Bool(flag)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(self.node(Tree::Number(number.to_string())))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(self.node(Tree::Number(number.to_string())))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        // The shortest text that reads back as the same double: 0.1 stays 0.1.
        let text = serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |n| n.to_string());
        Ok(self.node(Tree::Number(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(self.node(Tree::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let line = self.line.get();
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Node { value: Tree::List(items), line })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let line = self.line.get();
        let inner = self.deeper()?;
        let mut entries: Vec<(String, Node)> = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            if entries.iter().any(|(seen, _)| *seen == key) {
                return Err(A::Error::custom(format!("key `{key}` stands twice")));
            }
            let value = access.next_value_seed(inner)?;
            entries.push((key, value));
        }
        Ok(Node { value: Tree::Map(entries), line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_line_of_every_value() {
        let node = json("{\n \"a\": 1\n, \"b\": [\n  true,\n  \"x\"\n ]\n}").unwrap();
        assert_eq!(node.get("a").unwrap().line, 2);
        let Tree::List(items) = &node.get("b").unwrap().value else { panic!("list") };
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn keeps_numbers_in_their_shortest_text() {
        let node = json(r#"[0.1, 30100000, 1e3, 123456789012345678]"#).unwrap();
        let Tree::List(items) = node.value else { panic!("list") };
        let texts: Vec<String> = items.iter().map(Node::describe).collect();
        assert_eq!(
            texts,
            ["number `0.1`", "number `30100000`", "number `1000.0`", "number `123456789012345678`"]
        );
    }

    #[test]
    fn refuses_repeated_keys_and_depth() {
        assert!(json(r#"{"a":1,"a":2}"#).unwrap_err().message.contains("stands twice"));
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(json(&deep).is_err());
        assert_eq!(json_at("{", 17).unwrap_err().line, 17);
        assert_eq!(json("{\n\"a\": tru, \n}").unwrap_err().line, 2);
    }
}
