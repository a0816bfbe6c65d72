//! YAML 1.2 into positioned nodes, over the event parser.
//!
//! Plain scalars follow the core schema: null, true, false and numbers are recognised, everything else,
//! dates included, is text. Anchors work within a budget, tags are ignored, merge keys are not special.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::{MAX_DEPTH, Node, SyntaxError, Tree};

/// How many nodes a document may have after its aliases are written out.
const MAX_NODES: usize = 2_000_000;

/// Reads every document of a YAML stream; one that is empty gives no node.
///
/// # Errors
/// Syntax errors, repeated keys, keys that are not plain text, nesting past [`MAX_DEPTH`], and aliases
/// that multiply past a budget, each with its line.
pub fn yaml(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut builder = Builder::default();
    for step in Parser::new_from_str(text) {
        let (event, span) = step.map_err(|error| scan_error(&error))?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn scan_error(error: &ScanError) -> SyntaxError {
    SyntaxError { line: narrow(error.marker().line()), message: error.info() }
}

fn narrow(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    documents: Vec<Node>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
}

/// A list or map that is not closed yet.
struct Open {
    line: u32,
    anchor: usize,
    is_map: bool,
    items: Vec<Node>,
    entries: Vec<(String, Node)>,
    key: Option<String>,
    /// How many nodes it holds, itself included.
    size: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let line = narrow(span.start.line());
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.place(Node { value: scalar(&text, style), line }, anchor, 1)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(line, anchor, false),
            Event::MappingStart(_, anchor, _) => self.begin(line, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let (node, size) = self.anchors.get(&anchor).cloned().ok_or(SyntaxError {
                    line,
                    message: "alias of an anchor that is not closed yet".to_owned(),
                })?;
                self.place(node, 0, size)
            }
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, line: u32, anchor: usize, is_map: bool) -> Result<(), SyntaxError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(SyntaxError { line, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.open.push(Open {
            line,
            anchor,
            is_map,
            items: Vec::new(),
            entries: Vec::new(),
            key: None,
            size: 1,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), SyntaxError> {
        let Some(done) = self.open.pop() else { return Ok(()) };
        let value = if done.is_map { Tree::Map(done.entries) } else { Tree::List(done.items) };
        self.place(Node { value, line: done.line }, done.anchor, done.size)
    }

    fn place(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), SyntaxError> {
        let line = node.line;
        self.nodes = self.nodes.saturating_add(size);
        if self.nodes > MAX_NODES.saturating_mul(MAX_DEPTH) || size > MAX_NODES {
            return Err(SyntaxError { line, message: format!("more than {MAX_NODES} values") });
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(parent) = self.open.last_mut() else {
            if !node.is_null() {
                self.documents.push(node);
            }
            return Ok(());
        };
        parent.size = parent.size.saturating_add(size);
        if parent.size > MAX_NODES {
            return Err(SyntaxError { line, message: format!("more than {MAX_NODES} values") });
        }
        if !parent.is_map {
            parent.items.push(node);
            return Ok(());
        }
        match parent.key.take() {
            Some(key) => parent.entries.push((key, node)),
            None => {
                let key = match node.value {
                    Tree::Text(text) | Tree::Number(text) => text,
                    Tree::Bool(flag) => flag.to_string(),
                    _ => return Err(SyntaxError { line, message: "a key must be plain text".to_owned() }),
                };
                if parent.entries.iter().any(|(seen, _)| *seen == key) {
                    return Err(SyntaxError { line, message: format!("key `{key}` stands twice") });
                }
                parent.key = Some(key);
            }
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Tree {
    if !matches!(style, ScalarStyle::Plain) {
        return Tree::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Tree::Null,
        "true" | "True" | "TRUE" => Tree::Bool(true),
        "false" | "False" | "FALSE" => Tree::Bool(false),
        _ if is_number(text) => Tree::Number(text.to_owned()),
        _ => Tree::Text(text.to_owned()),
    }
}

/// `[-+]? digits [. digits] [e [-+]? digits]`
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mantissa_ok = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    mantissa_ok && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_scalars_by_the_core_schema() {
        let nodes =
            yaml("a: 2016-01-29\nb: \"000000\"\nc: 0.05\nd:\ne: true\nf: 0111\ng: 第十一条\n").unwrap();
        let node = &nodes[0];
        assert_eq!(node.get("a").unwrap().text(), Some("2016-01-29"));
        assert_eq!(node.get("b").unwrap().text(), Some("000000"));
        assert_eq!(node.get("c").unwrap().value, Tree::Number("0.05".into()));
        assert!(node.get("d").unwrap().is_null());
        assert_eq!(node.get("e").unwrap().value, Tree::Bool(true));
        assert_eq!(node.get("f").unwrap().value, Tree::Number("0111".into()));
        assert_eq!(node.get("g").unwrap().line, 7);
    }

    #[test]
    fn anchors_work_within_a_budget() {
        let nodes = yaml("common: &c [1, 2]\nuse: {all: *c}\n").unwrap();
        assert_eq!(nodes[0].get("use").unwrap().get("all"), nodes[0].get("common"));
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let prev = format!("*a{}", i - 1);
            bomb += &format!("a{i}: &a{i} [{}]\n", vec![prev; 10].join(", "));
        }
        assert!(yaml(&bomb).unwrap_err().message.contains("more than"));
    }

    #[test]
    fn names_the_line_of_what_is_wrong() {
        assert_eq!(yaml("a: 1\na: 2\n").unwrap_err().line, 2);
        assert!(yaml("a: [1, 2\nb: 3\n").is_err());
        assert!(yaml(&"[".repeat(5000)).is_err());
        assert!(yaml("").unwrap().is_empty());
        assert_eq!(yaml("- 1\n---\n- 2\n").unwrap().len(), 2);
    }
}
