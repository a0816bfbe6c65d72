//! Body of a page: which of its elements hold the document, and which are furniture.
//!
//! Page furniture is recognised by its words, by its name, or by consisting almost only of links. The body is the deepest element that
//! holds all sentences, and what lies around it as long as it belongs to a document. So no sentence is ever left out for
//! standing in the wrong place.

use zhaoren_cancel::poll;

use super::hidden::{Styles, classes};
use super::tables::is_data;
use super::tree::{Id, Tree, is_inline};
use super::words::{
    belongs, dense, is_address, is_file, is_furniture, is_prose, is_published, names_furniture,
};

/// Properties of the elements of a page.
pub(super) struct Body {
    /// Elements that are no part of the document, with all in them.
    pub(super) out: Vec<bool>,
    /// The element that holds the document.
    pub(super) root: Id,
    /// Parent of each node.
    parents: Vec<Id>,
    lines: Vec<Line>,
    /// Nodes in tables with data, which are kept or left out as a whole.
    in_data: Vec<bool>,
}

/// The line that an element of its own makes: its text but for that of blocks in it.
#[derive(Clone, Debug, Default)]
struct Line {
    text: String,
    /// Characters in links to pages.
    linked: usize,
    /// Links to pages.
    links: usize,
    /// Links to files.
    files: usize,
    /// True if blocks are in it.
    has_blocks: bool,
}

/// Sums over an element and all in it.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    characters: usize,
    linked: usize,
    links: usize,
    files: usize,
    prose: usize,
    /// Lines with a sentence.
    sentences: usize,
    /// Lines of which it is not known that they belong to a document.
    strange: usize,
    data: usize,
}

impl Body {
    /// The page without hidden parts and furniture; which element holds the document is not settled yet.
    pub(super) fn of(tree: &Tree) -> Self {
        let count = tree.nodes.len();
        let styles = Styles::of(tree);
        let mut parents = vec![0; count];
        for (id, node) in tree.nodes.iter().enumerate() {
            for child in &node.children {
                poll();
                if let Some(parent) = parents.get_mut(*child) {
                    *parent = id;
                }
            }
        }
        let mut out: Vec<bool> = tree.nodes.iter().map(|node| !node.is_text() && styles.hide(node)).collect();
        // A node comes behind its parent: one pass hands hiding down.
        for id in 1..count {
            if parents.get(id).is_some_and(|parent| out.get(*parent) == Some(&true)) {
                mark(&mut out, id);
            }
        }
        let lines = lines(tree, &parents, &out);
        let in_data = in_data(tree, &parents);
        let mut has_begun = false;
        for (id, line) in lines.iter().enumerate() {
            poll();
            let node = tree.node(id);
            if in_data.get(id) == Some(&true) {
                continue;
            }
            let text = dense(&line.text);
            let by_name = matches!(&*node.name, "nav" | "footer" | "aside");
            let by_words = !line.has_blocks && (is_furniture(&text) || (!has_begun && is_published(&text)));
            if by_name || by_words {
                mark(&mut out, id);
            } else {
                has_begun |= is_prose(&text);
            }
        }
        let mut body = Self { out, root: 0, parents, lines, in_data };
        body.mark_links_and_names(tree);
        body
    }

    /// Settles which element holds the document, whose title may be known.
    pub(super) fn settle(&mut self, tree: &Tree, title: Option<&str>) {
        self.root = self.root(tree, &self.sums(tree, title));
    }

    /// Marks elements that are hardly more than links, and those named as furniture that hold no sentence.
    fn mark_links_and_names(&mut self, tree: &Tree) {
        let sums = self.sums(tree, None);
        let all = sums.first().map_or(0, |sum| sum.characters);
        for (id, node) in tree.nodes.iter().enumerate() {
            poll();
            let parent = self.parents.get(id).copied().unwrap_or(0);
            if id > 0 && self.out.get(parent) == Some(&true) {
                mark(&mut self.out, id);
                continue;
            }
            let Some(sum) = sums.get(id) else { continue };
            let is_part = node.is_text() || is_inline(&node.name) || self.in_data.get(id) == Some(&true);
            if is_part || matches!(&*node.name, "#root" | "html" | "body") {
                continue;
            }
            // Sentences and data may be full of links; a menu has neither.
            let share = if sum.sentences > 0 || sum.data > 0 { 95 } else { 70 };
            let is_cited = self.lines.get(id).is_some_and(|line| is_address(&dense(&line.text)));
            let dense = sum.files == 0
                && !is_cited
                && ((sum.links >= 3 && sum.linked * 100 >= sum.characters * share)
                    || (sum.links >= 1 && sum.linked * 20 >= sum.characters * 19 && sum.characters <= 60));
            let mut names = classes(node).chain(node.attribute("id"));
            let is_small = sum.characters * 2 <= all;
            let named = is_small && sum.prose + sum.files + sum.data == 0 && names.any(names_furniture);
            if dense || named {
                mark(&mut self.out, id);
            }
        }
    }

    /// Sums of each element, without excluded parts.
    fn sums(&self, tree: &Tree, title: Option<&str>) -> Vec<Sum> {
        let title = title.map(dense);
        let lines = &self.lines;
        // Parts of an excluded element are excluded.
        let mut out = self.out.clone();
        for id in 1..out.len() {
            if self.parents.get(id).is_some_and(|parent| out.get(*parent) == Some(&true)) {
                mark(&mut out, id);
            }
        }
        let mut sums = vec![Sum::default(); tree.nodes.len()];
        for (id, node) in tree.nodes.iter().enumerate().rev() {
            poll();
            if out.get(id) == Some(&true) {
                continue;
            }
            let mut sum = sums.get(id).copied().unwrap_or_default();
            if let Some(line) = lines.get(id).filter(|_| !node.is_text()) {
                let text = dense(&line.text);
                let characters = text.chars().count();
                sum.characters += characters;
                sum.linked += line.linked;
                sum.links += line.links;
                sum.files += line.files;
                sum.sentences += usize::from(text.contains('。'));
                let prose = characters.saturating_sub(line.linked);
                // Where the title is known, another line that looks like one is the name of the site or of a column.
                let is_known = title.as_ref().is_none_or(|title| {
                    title.contains(&text) || (!text.is_empty() && text.contains(title.as_str()))
                });
                let is_title = is_known && is_title(tree, id);
                if is_prose(&text) && line.linked * 2 <= characters {
                    sum.prose += prose;
                } else if !text.is_empty()
                    && !is_title
                    && line.files == 0
                    && title.as_ref() != Some(&text)
                    && (line.links > 0 || !belongs(&text))
                {
                    sum.strange += 1;
                }
            }
            if &*node.name == "table" && is_data(tree, id) {
                sum.data += 1;
            }
            if let Some(total) = sums.get_mut(id) {
                *total = sum;
            }
            let parent = self.parents.get(id).copied().unwrap_or(0);
            if id > 0
                && let Some(total) = sums.get_mut(parent)
            {
                total.characters += sum.characters;
                total.linked += sum.linked;
                total.links += sum.links;
                total.files += sum.files;
                total.prose += sum.prose;
                total.sentences += sum.sentences;
                total.strange += sum.strange;
                total.data += sum.data;
            }
        }
        sums
    }

    /// The element that holds the document.
    fn root(&self, tree: &Tree, sums: &[Sum]) -> Id {
        let sum = |id: Id| sums.get(id).copied().unwrap_or_default();
        let mut root = 0;
        if sum(0).prose == 0 {
            return 0;
        }
        let (all, data) = (sum(0).prose, sum(0).data);
        loop {
            poll();
            let is_deeper = |child: &&Id| {
                let node = tree.node(**child);
                let has_blocks = node.children.iter().any(|inner| {
                    let inner = tree.node(*inner);
                    !inner.is_text() && !is_inline(&inner.name) && &*inner.name != "br"
                });
                sum(**child).prose == all
                    && sum(**child).data == data
                    && has_blocks
                    && !(&*node.name == "table" && is_data(tree, **child))
            };
            match tree.children(root).iter().find(is_deeper) {
                Some(child) => root = *child,
                None => break,
            }
        }
        while root > 0 {
            let parent = self.parents.get(root).copied().unwrap_or(0);
            if sum(parent).strange > sum(root).strange {
                break;
            }
            root = parent;
        }
        root
    }

    /// True if a node is a part of the document.
    pub(super) fn is_in(&self, id: Id) -> bool {
        self.out.get(id) == Some(&false)
    }

    /// True if a node lies in another.
    pub(super) fn is_within(&self, id: Id, outer: Id) -> bool {
        let mut at = id;
        while at > outer {
            poll();
            at = self.parents.get(at).copied().unwrap_or(0);
        }
        at == outer
    }

    /// Takes an element and all in it out of the document.
    pub(super) fn take_out(&mut self, id: Id) {
        mark(&mut self.out, id);
    }
}

/// Which nodes lie in tables with data.
fn in_data(tree: &Tree, parents: &[Id]) -> Vec<bool> {
    let mut tables = vec![false; tree.nodes.len()];
    let mut inside = vec![false; tree.nodes.len()];
    for (id, node) in tree.nodes.iter().enumerate() {
        poll();
        let parent = parents.get(id).copied().unwrap_or(0);
        let is_inside = id > 0 && (inside.get(parent) == Some(&true) || tables.get(parent) == Some(&true));
        if let Some(slot) = inside.get_mut(id) {
            *slot = is_inside;
        }
        if &*node.name == "table"
            && !is_inside
            && let Some(slot) = tables.get_mut(id)
        {
            *slot = is_data(tree, id);
        }
    }
    inside
}

fn mark(out: &mut [bool], id: Id) {
    if let Some(slot) = out.get_mut(id) {
        *slot = true;
    }
}

/// True if an element is made to be a title: a heading, centred, or named so.
pub(super) fn is_title(tree: &Tree, id: Id) -> bool {
    let node = tree.node(id);
    matches!(&*node.name, "h1" | "h2" | "center")
        || is_centred(tree, id)
        || classes(node).chain(node.attribute("id")).any(|name| {
            let name = name.to_ascii_lowercase();
            ["title", "biaoti", "bt", "headline"]
                .iter()
                .any(|word| name == *word || (word.len() > 2 && name.contains(word)))
        })
}

/// True if an element is centred by its own attributes.
pub(super) fn is_centred(tree: &Tree, id: Id) -> bool {
    let node = tree.node(id);
    if &*node.name == "table" {
        return false;
    }
    node.attribute("align").is_some_and(|align| align.eq_ignore_ascii_case("center"))
        || node.attribute("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.to_ascii_lowercase().contains("text-align:center")
        })
}

/// The line of each element that is a block, by its identifier; others have an empty one.
fn lines(tree: &Tree, parents: &[Id], out: &[bool]) -> Vec<Line> {
    let mut lines = vec![Line::default(); tree.nodes.len()];
    // For each node the block that it belongs to, and whether a link to a page is around it.
    let mut blocks: Vec<(Id, bool)> = vec![(0, false); tree.nodes.len()];
    for (id, node) in tree.nodes.iter().enumerate() {
        poll();
        let parent = parents.get(id).copied().unwrap_or(0);
        let (outer, mut linked) = blocks.get(parent).copied().unwrap_or_default();
        let is_own = id > 0 && !node.is_text() && !is_inline(&node.name) && &*node.name != "br";
        let block = if is_own { id } else { outer };
        let is_out = out.get(id) == Some(&true);
        if is_own
            && !is_out
            && let Some(line) = lines.get_mut(outer)
        {
            line.has_blocks = true;
        }
        if let Some(line) = lines.get_mut(block).filter(|_| !is_out) {
            if &*node.name == "a"
                && let Some(address) = node.attribute("href")
            {
                if is_file(address) {
                    line.files += 1;
                } else {
                    line.links += 1;
                    linked = true;
                }
            }
            if &*node.name == "a" && node.attribute("href").is_none() {
                linked = true;
                line.links += 1;
            }
            if node.is_text() {
                line.text.extend(node.text.iter().map(|sign| sign.c));
                if linked {
                    line.linked += node.text.iter().filter(|sign| !sign.c.is_whitespace()).count();
                }
            }
        }
        if let Some(slot) = blocks.get_mut(id) {
            *slot = (block, linked);
        }
    }
    // Blocks in a block in a block: what holds a block that holds blocks holds blocks itself, as marked above.
    lines
}
