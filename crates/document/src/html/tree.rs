//! Tree of a page: elements and text with its places, as browsers nest them in the cases that pages show.
//!
//! Elements whose end tag is left out are ended by what cannot stand in them. Where a page nests deeper than the limit, the
//! deeper elements are passed over and their text belongs to the deepest that is kept.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_text::markup::Visitor;

/// Index of a node.
pub(super) type Id = usize;

/// A node of the tree.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Name of an element in lower case; empty for text.
    pub(super) name: Box<str>,
    /// Attributes of an element that matter.
    pub(super) attributes: Vec<(Box<str>, Box<str>)>,
    /// The nodes in it.
    pub(super) children: Vec<Id>,
    /// Characters of a text.
    pub(super) text: Vec<Sign>,
}

/// A character with its bytes of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sign {
    /// The character.
    pub(super) c: char,
    /// First byte of the page that it was read from.
    pub(super) start: u32,
    /// The byte behind the last.
    pub(super) end: u32,
}

/// The tree of a page; its root is node 0.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

/// Attributes that are kept.
const KEPT: [&str; 22] = [
    "align",
    "aria-hidden",
    "border",
    "class",
    "colspan",
    "content",
    "hidden",
    "href",
    "id",
    "name",
    "property",
    "role",
    "rowspan",
    "rules",
    "src",
    "start",
    "style",
    "title",
    "type",
    "value",
    "reversed",
    "download",
];

/// Elements that have no content.
const VOID: [&str; 17] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "link",
    "meta", "param", "source", "track", "wbr",
];

/// Elements that only mark words of a line.
const INLINE: [&str; 28] = [
    "a",
    "abbr",
    "b",
    "bdo",
    "big",
    "cite",
    "code",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "label",
    "mark",
    "nobr",
    "o:p",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "tt",
    "u",
    "del",
    "st1:chsdate",
];

/// True if an element only marks words of a line; others begin and end one.
pub(super) fn is_inline(name: &str) -> bool {
    INLINE.contains(&name)
        || name.contains(':')
        || matches!(name, "ruby" | "rb" | "rt" | "rp" | "img" | "wbr" | "input")
}

/// Elements that a new element of a name ends, and those behind which they are not looked for.
fn ended_by(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "li" => (&["li"], &["ul", "ol", "menu", "table", "td", "th"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl", "table", "td", "th"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (&["tr"], &["table"]),
        "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
        "option" => (&["option"], &["select"]),
        _ if is_inline(name) || VOID.contains(&name) && name != "hr" => (&[], &[]),
        _ => (&["p"], &["table", "td", "th", "li", "button", "object"]),
    }
}

/// The builder of a tree.
pub(super) struct Builder {
    tree: Tree,
    /// Open elements, the innermost last.
    open: Vec<Id>,
    /// Elements that were not opened for being too deep, and are not ended yet.
    passed: usize,
    depth: usize,
}

impl Builder {
    /// A builder of a tree that is at most `depth` deep.
    pub(super) fn new(depth: usize) -> Self {
        let root = Node { name: "#root".into(), ..Node::default() };
        Self { tree: Tree { nodes: vec![root] }, open: vec![0], passed: 0, depth }
    }

    /// The tree.
    pub(super) fn finish(self) -> Tree {
        self.tree
    }

    fn top(&self) -> Id {
        self.open.last().copied().unwrap_or(0)
    }

    fn add(&mut self, node: Node) -> Id {
        let (id, parent) = (self.tree.nodes.len(), self.top());
        self.tree.nodes.push(node);
        if let Some(parent) = self.tree.nodes.get_mut(parent) {
            parent.children.push(id);
        }
        id
    }

    fn name(&self, id: Id) -> &str {
        self.tree.nodes.get(id).map_or("", |node| &node.name)
    }

    /// Ends the innermost open element for which `is_it` holds, unless one for which `is_wall` holds is further in.
    fn end_innermost(&mut self, is_it: impl Fn(&str) -> bool, is_wall: impl Fn(&str) -> bool) {
        for at in (1..self.open.len()).rev() {
            poll();
            let name = self.open.get(at).map_or("", |id| self.name(*id));
            if is_it(name) {
                self.open.truncate(at);
                return;
            }
            if is_wall(name) {
                return;
            }
        }
    }
}

impl Visitor for Builder {
    fn start(&mut self, name: &str, attributes: &[(String, String)], closes: bool) {
        if name == "body" || name == "frameset" {
            // The end tag of the head may be left out.
            self.open.truncate(1);
            self.passed = 0;
        }
        let (ended, walls) = ended_by(name);
        if !ended.is_empty() && self.passed == 0 {
            self.end_innermost(|open| ended.contains(&open), |open| walls.contains(&open));
        }
        let kept = attributes.iter().filter(|(key, _)| KEPT.contains(&key.as_str()));
        let attributes = kept.map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
        let is_void =
            VOID.contains(&name) || (closes && !matches!(name, "div" | "p" | "span" | "td" | "tr" | "a"));
        if !is_void && (self.open.len() >= self.depth || self.passed > 0) {
            self.passed += 1;
            return;
        }
        let id = self.add(Node { name: name.into(), attributes, ..Node::default() });
        if !is_void {
            self.open.push(id);
        }
    }

    fn end(&mut self, name: &str) {
        if VOID.contains(&name) {
            if name == "br" {
                self.start("br", &[], false);
            }
            return;
        }
        if self.passed > 0 {
            self.passed -= 1;
            return;
        }
        let of_table = matches!(name, "table" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot");
        let inline = is_inline(name);
        self.end_innermost(
            |open| open == name,
            |open| {
                // The end of a table's part reaches through its content, never out of the table.
                (of_table && open == "table")
                    || (!of_table && matches!(open, "td" | "th" | "table"))
                    || (inline && !is_inline(open))
            },
        );
    }

    fn character(&mut self, c: char, place_of: Range<usize>) {
        let top = self.top();
        let last = self.tree.nodes.get(top).and_then(|node| node.children.last().copied());
        let is_text = |id: &Id| self.tree.nodes.get(*id).is_some_and(|node| node.name.is_empty());
        let id = match last.filter(is_text) {
            Some(id) => id,
            None => self.add(Node::default()),
        };
        if let Some(node) = self.tree.nodes.get_mut(id) {
            // Files are far smaller than 4 GiB; a place behind that would only be a wrong place.
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            node.text.push(Sign { c, start: place(place_of.start), end: place(place_of.end) });
        }
    }
}

impl Tree {
    /// A node.
    pub(super) fn node(&self, id: Id) -> &Node {
        // Identifiers come from the tree itself, so this one is there; the root is too.
        #[expect(
            clippy::indexing_slicing,
            reason = "a tree has its root, and identifiers are made with their nodes"
        )]
        self.nodes.get(id).unwrap_or(&self.nodes[0])
    }

    /// The children of a node.
    pub(super) fn children(&self, id: Id) -> &[Id] {
        &self.node(id).children
    }

    /// The first characters of a node that are no blanks, at most `limit`.
    pub(super) fn head(&self, id: Id, limit: usize) -> String {
        let mut head = String::new();
        let mut left = vec![id];
        let mut count = 0;
        while let Some(id) = left.pop() {
            poll();
            let node = self.node(id);
            for sign in node.text.iter().filter(|sign| !sign.c.is_whitespace()) {
                if count == limit {
                    return head;
                }
                head.push(sign.c);
                count += 1;
            }
            left.extend(node.children.iter().rev());
        }
        head
    }

    /// All characters of a node, in order, its elements apart by nothing.
    pub(super) fn words(&self, id: Id) -> String {
        let mut words = String::new();
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            poll();
            let node = self.node(id);
            words.extend(node.text.iter().map(|sign| sign.c));
            left.extend(node.children.iter().rev());
        }
        words
    }
}

impl Node {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| **key == *name).map(|(_, value)| &**value)
    }

    /// True if this is text.
    pub(super) fn is_text(&self) -> bool {
        self.name.is_empty()
    }
}
