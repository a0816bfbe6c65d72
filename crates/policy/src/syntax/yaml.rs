//! Reads YAML 1.2 into positioned nodes, using the event parser.
//!
//! Plain scalars follow the core schema: null, true, false and numbers are recognised, everything else, dates included, is text.
//! Anchors work within a budget, tags are ignored, merge keys are not special.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use zhaoren_cancel::{poll, steps};

use super::keys::Keys;
use super::{Node, SyntaxError, Tree, shorten};
use crate::limits;

/// Reads every document of a YAML stream; an empty one gives no node.
///
/// # Errors
/// Syntax errors, repeated keys, keys that are not plain text, nesting beyond [`limits::MAX_DEPTH`], more values than
/// [`limits::MAX_NODES`], and anchors and aliases that require more copies than the size of the text allows
/// ([`limits::COPIED_BYTES_PER_BYTE`]), each with its line.
pub fn yaml(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let copies = text.len().saturating_mul(limits::COPIED_BYTES_PER_BYTE).max(limits::COPIED_BYTES_FLOOR);
    let mut builder = Builder { copies_left: copies, ..Builder::default() };
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
    anchors: HashMap<usize, (Node, Extent)>,
    /// Number of values of the whole stream, aliases expanded.
    nodes: usize,
    /// Bytes still available for copies of anchored values, over the whole stream.
    copies_left: usize,
}

/// Size of a value, including everything inside it.
#[derive(Clone, Copy)]
struct Extent {
    nodes: usize,
    /// Memory in bytes.
    bytes: usize,
    /// Levels of lists and maps.
    depth: usize,
}

impl Extent {
    /// Size of a single value that holds a text of `length` bytes.
    fn of(length: usize, depth: usize) -> Self {
        Self { nodes: 1, bytes: size_of::<Node>().saturating_add(length), depth }
    }

    /// Adds the size of a value inside this one.
    fn add(&mut self, inner: Self) {
        self.nodes = self.nodes.saturating_add(inner.nodes);
        self.bytes = self.bytes.saturating_add(inner.bytes);
        self.depth = self.depth.max(inner.depth + 1);
    }
}

/// List or map that is not closed yet.
struct Open {
    line: u32,
    anchor: usize,
    is_map: bool,
    items: Vec<Node>,
    entries: Vec<(String, Node)>,
    keys: Keys,
    key: Option<String>,
    extent: Extent,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        poll();
        let line = narrow(span.start.line());
        match event {
            Event::Scalar(text, style, anchor, _) => {
                steps(text.len() as u64);
                let extent = Extent::of(text.len(), 0);
                self.place(Node { value: scalar(&text, style), line }, anchor, extent, line)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(line, anchor, false),
            Event::MappingStart(_, anchor, _) => self.begin(line, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let Some((_, extent)) = self.anchors.get(&anchor) else {
                    return fault(line, "alias of an anchor that is not closed yet");
                };
                let extent = *extent;
                self.copy(extent, line)?;
                // INVARIANT: the anchor was found just before.
                let Some((node, _)) = self.anchors.get(&anchor) else { return Ok(()) };
                self.place(node.clone(), 0, extent, line)
            }
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes the size of a copy of an anchored value from the budget, before it is made.
    fn copy(&mut self, extent: Extent, line: u32) -> Result<(), SyntaxError> {
        match self.copies_left.checked_sub(extent.bytes) {
            Some(left) => self.copies_left = left,
            None => {
                return fault(
                    line,
                    "anchors and aliases ask for more copies than a text of this size may have",
                );
            }
        }
        steps(extent.nodes as u64);
        Ok(())
    }

    fn count(&mut self, nodes: usize, line: u32) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > limits::MAX_NODES {
            fault(line, format!("more than {} values", limits::MAX_NODES))
        } else {
            Ok(())
        }
    }

    fn begin(&mut self, line: u32, anchor: usize, is_map: bool) -> Result<(), SyntaxError> {
        if self.open.len() >= limits::MAX_DEPTH {
            return too_deep(line);
        }
        self.count(1, line)?;
        self.open.push(Open {
            line,
            anchor,
            is_map,
            items: Vec::new(),
            entries: Vec::new(),
            keys: Keys::default(),
            key: None,
            extent: Extent::of(0, 1),
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), SyntaxError> {
        let Some(done) = self.open.pop() else { return Ok(()) };
        let value = if done.is_map { Tree::Map(done.entries) } else { Tree::List(done.items) };
        self.put(Node { value, line: done.line }, done.anchor, done.extent, done.line)
    }

    /// Counts a scalar, or the target of an alias, and adds it to the open list or map.
    fn place(&mut self, node: Node, anchor: usize, extent: Extent, line: u32) -> Result<(), SyntaxError> {
        self.count(extent.nodes, line)?;
        // An alias lies at the depth of the open values, and adds its own levels.
        if self.open.len() + extent.depth > limits::MAX_DEPTH {
            return too_deep(line);
        }
        self.put(node, anchor, extent, line)
    }

    fn put(&mut self, node: Node, anchor: usize, extent: Extent, line: u32) -> Result<(), SyntaxError> {
        if anchor != 0 {
            self.copy(extent, line)?;
            self.anchors.insert(anchor, (node.clone(), extent));
        }
        let Some(parent) = self.open.last_mut() else {
            if !node.is_null() {
                self.documents.push(node);
            }
            return Ok(());
        };
        parent.extent.add(extent);
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
                    _ => return fault(line, "a key must be plain text"),
                };
                if !parent.keys.add(&key, &parent.entries) {
                    return fault(line, format!("key `{}` stands twice", shorten(&key)));
                }
                parent.key = Some(key);
            }
        }
        Ok(())
    }
}

fn fault<T>(line: u32, message: impl Into<String>) -> Result<T, SyntaxError> {
    Err(SyntaxError { line, message: message.into() })
}

fn too_deep<T>(line: u32) -> Result<T, SyntaxError> {
    fault(line, format!("nested deeper than {} levels", limits::MAX_DEPTH))
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
        let error = yaml(&bomb).unwrap_err();
        assert!(error.message.contains("copies") && (4..=6).contains(&error.line), "{error:?}");
    }

    /// The budget is that of the stream, for any number of documents, and includes the length of texts.
    #[test]
    fn aliases_share_one_budget_over_a_stream() {
        let one = format!(
            "a: &a [{}]\nb: &b [{}]\nc: [{}]\n",
            "x, ".repeat(30),
            "*a, ".repeat(30),
            "*b, ".repeat(30)
        );
        assert_eq!(yaml(&one).map(|nodes| nodes.len()), Ok(1));
        let stream = vec![one.as_str(); 40].join("---\n");
        let error = yaml(&stream).unwrap_err();
        assert!(error.message.contains("copies") && error.line > 12, "{error:?}");
        // One long text, and many short aliases of it.
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(30_000));
        let error = yaml(&long).unwrap_err();
        assert!(error.message.contains("copies") && error.line == 2, "{error:?}");
    }

    /// Levels are counted with aliases expanded, so that a chain of them cannot build a tree too deep to drop.
    #[test]
    fn aliases_do_not_nest_past_the_limit() {
        let nest = |inner: &str| format!("{}{inner}{}", "[".repeat(40), "]".repeat(40));
        let chain = |links: usize| {
            let links = (1..links).map(|n| format!("a{n}: &a{n} {}\n", nest(&format!("*a{}", n - 1))));
            format!("a0: &a0 {}\n{}", nest("x"), links.collect::<String>())
        };
        assert!(yaml(&chain(2)).is_ok());
        let error = yaml(&chain(3)).unwrap_err();
        assert!(error.message.contains("nested deeper") && error.line == 3, "{error:?}");
    }

    #[test]
    fn errors_name_their_line() {
        assert_eq!(yaml("a: 1\na: 2\n").unwrap_err().line, 2);
        assert!(yaml("a: [1, 2\nb: 3\n").is_err());
        assert!(yaml(&"[".repeat(5000)).is_err());
        assert!(yaml("").unwrap().is_empty());
        assert_eq!(yaml("- 1\n---\n- 2\n").unwrap().len(), 2);
    }
}
