//! Blocks of a page: its paragraphs and tables, from the tree.

use zhaoren_cancel::poll;
use zhaoren_text::OffsetMap;

use super::body::{Body, is_centred};
use super::tables::{cells, is_data, rows};
use super::tree::{Id, Node, Sign, Tree, is_inline};
use super::words::{dense, is_file, is_numbered};
use crate::grid::Grid;
use crate::letterhead::is_letterhead;
use crate::limits::Budget;
use crate::model::{Block, Cell, Origin, Paragraph, Role, Run};
use crate::number;
use crate::refusal::Refusal;
use crate::text::is_blank;

/// A page that is being read.
pub(super) struct Page<'a> {
    pub(super) tree: &'a Tree,
    pub(super) body: &'a Body,
    /// From the decoded page to the file.
    pub(super) offsets: &'a OffsetMap,
    /// Links to files: (words, address).
    pub(super) annexes: Vec<(String, String)>,
    /// Pictures in the text.
    pub(super) pictures: usize,
}

/// Blocks that are being written, and the paragraph that is open.
#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    runs: Vec<Run>,
    role: Option<Role>,
    number: Option<String>,
    /// A blank is due before the next character.
    blank: bool,
    /// Line ends and blanks are kept as they are.
    as_is: bool,
    centred: bool,
}

impl Writer {
    /// Ends the open paragraph, if it has a word.
    fn end(&mut self) {
        self.blank = false;
        let mut runs = std::mem::take(&mut self.runs);
        while let Some(last) = runs.last_mut() {
            let length = last.text.trim_end_matches(is_blank).len();
            last.text.truncate(length);
            if length > 0 {
                break;
            }
            runs.pop();
        }
        if runs.is_empty() {
            return;
        }
        let role = self.role.unwrap_or(Role::Body);
        // The number of a document, and the name of its organ, are centred too.
        let is_title =
            role == Role::Body && self.centred && self.is_at_title() && !is_letterhead(&line(&runs));
        let role = if is_title { Role::Title } else { role };
        self.blocks.push(Block::Paragraph(Paragraph { role, number: self.number.take(), runs }));
    }

    /// True if nothing but titles and the letterhead was written.
    fn is_at_title(&self) -> bool {
        self.blocks.iter().rev().take(8).all(|block| match block {
            Block::Paragraph(one) => one.role == Role::Title || is_letterhead(&line(&one.runs)),
            Block::Table(_) => false,
        })
    }
}

/// The words of runs.
fn line(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

impl Page<'_> {
    /// The blocks of an element.
    ///
    /// # Errors
    /// The text or the tables exceed a limit.
    pub(super) fn blocks(&mut self, id: Id, budget: &mut Budget) -> Result<Vec<Block>, Refusal> {
        let mut writer = Writer::default();
        self.write(id, &mut writer, budget)?;
        writer.end();
        Ok(writer.blocks)
    }

    /// Writes an element and its content. The tree is no deeper than its limit.
    fn write(&mut self, id: Id, writer: &mut Writer, budget: &mut Budget) -> Result<(), Refusal> {
        budget.step(1)?;
        if !self.body.is_in(id) {
            return Ok(());
        }
        let tree = self.tree;
        let node = tree.node(id);
        match &*node.name {
            "" => self.text(&node.text, writer, budget),
            "br" | "hr" => {
                writer.end();
                Ok(())
            }
            "img" => {
                self.pictures += 1;
                Ok(())
            }
            "a" => {
                self.link(id, node);
                self.children(id, writer, budget)
            }
            "table" if is_data(tree, id) => {
                writer.end();
                let table = self.table(id, budget)?;
                writer.blocks.extend(table);
                Ok(())
            }
            name if is_inline(name) => self.children(id, writer, budget),
            name => {
                writer.end();
                let before = (writer.role, writer.as_is, writer.centred);
                writer.role = role(name).or(writer.role);
                writer.as_is |= name == "pre";
                writer.centred = is_centred(tree, id) || name == "center" || (writer.centred && name != "td");
                if name == "ol" {
                    self.ordered(id, writer, budget)?;
                } else {
                    self.children(id, writer, budget)?;
                }
                writer.end();
                (writer.role, writer.as_is, writer.centred) = before;
                Ok(())
            }
        }
    }

    fn children(&mut self, id: Id, writer: &mut Writer, budget: &mut Budget) -> Result<(), Refusal> {
        let tree = self.tree;
        for child in tree.children(id) {
            self.write(*child, writer, budget)?;
        }
        Ok(())
    }

    /// An ordered list, whose items are numbered where they are shown.
    fn ordered(&mut self, id: Id, writer: &mut Writer, budget: &mut Budget) -> Result<(), Refusal> {
        let tree = self.tree;
        let node = tree.node(id);
        let mut at: i64 = node.attribute("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
        let style = node.attribute("style").unwrap_or_default().to_ascii_lowercase();
        let kind = match node.attribute("type") {
            Some("a") => "lowerLetter",
            Some("A") => "upperLetter",
            Some("i") => "lowerRoman",
            Some("I") => "upperRoman",
            _ => "decimal",
        };
        for child in tree.children(id) {
            let item = tree.node(*child);
            if &*item.name == "li" && !style.contains("none") {
                at = item.attribute("value").and_then(|value| value.trim().parse().ok()).unwrap_or(at);
                // Items that carry their number as text are in a list whose own numbers are not shown.
                let is_numbered = is_numbered(&tree.head(*child, 12));
                writer.number = (!is_numbered).then(|| format!("{}. ", number::format(kind, at)));
                at = at.saturating_add(1);
            }
            self.write(*child, writer, budget)?;
            writer.number = None;
        }
        Ok(())
    }

    /// Notes a link to a file.
    fn link(&mut self, id: Id, node: &Node) {
        if let Some(address) = node.attribute("href").filter(|address| is_file(address)) {
            let words = dense(&self.tree.words(id));
            let name = if words.is_empty() { address.to_owned() } else { words };
            self.annexes.push((name, address.trim().to_owned()));
        }
    }

    /// The grid of a table with data.
    fn table(&mut self, table: Id, budget: &mut Budget) -> Result<Option<Block>, Refusal> {
        let tree = self.tree;
        let mut grid = Grid::default();
        for row in rows(tree, table) {
            if !self.body.is_in(row) {
                continue;
            }
            grid.row();
            for cell in cells(tree, row) {
                if !self.body.is_in(cell) {
                    continue;
                }
                let node = tree.node(cell);
                let span = |name: &str| {
                    node.attribute(name).and_then(|span| span.trim().parse::<u32>().ok()).unwrap_or(1)
                };
                let mut writer = Writer::default();
                self.children(cell, &mut writer, budget)?;
                writer.end();
                let rows = match span("rowspan") {
                    // Zero means all rows below.
                    0 => u32::MAX,
                    rows => rows,
                };
                grid.cell(Cell { blocks: writer.blocks, columns: span("colspan"), rows }, budget)?;
            }
        }
        Ok(grid.finish(budget)?.map(Block::Table))
    }

    /// Adds text to the open paragraph. Blanks become one; a line end between two wide characters becomes nothing.
    fn text(&self, signs: &[Sign], writer: &mut Writer, budget: &mut Budget) -> Result<(), Refusal> {
        budget.text(signs.len())?;
        let mut text = String::new();
        let (mut start, mut end) = (0, 0);
        for sign in signs {
            poll();
            let c = sign.c;
            if c == '\u{feff}' || c == '\u{200b}' || c == '\u{ad}' {
                continue;
            }
            if writer.as_is && c == '\n' {
                self.push(&mut text, start, end, writer);
                writer.end();
                continue;
            }
            let is_first = writer.runs.is_empty() && text.is_empty();
            if c.is_whitespace() && !matches!(c, '\u{3000}' | '\u{2003}') {
                let last = text
                    .chars()
                    .next_back()
                    .or_else(|| writer.runs.last().and_then(|run| run.text.chars().next_back()));
                let joins = c == '\n' && last.is_some_and(|last| !last.is_ascii());
                writer.blank |= !is_first && !joins;
                continue;
            }
            if is_first && is_blank(c) {
                continue;
            }
            if text.is_empty() {
                start = sign.start;
            }
            if writer.blank {
                text.push(' ');
                writer.blank = false;
            }
            text.push(c);
            end = sign.end;
        }
        self.push(&mut text, start, end, writer);
        Ok(())
    }

    fn push(&self, text: &mut String, start: u32, end: u32, writer: &mut Writer) {
        if !text.is_empty() {
            let span = self.offsets.to_source(start as usize..end as usize);
            writer.runs.push(Run { text: std::mem::take(text), origin: Origin::Bytes(span) });
        }
    }
}

/// The role of the paragraphs of an element; `None` where it is that of the element around it.
fn role(name: &str) -> Option<Role> {
    match name {
        "h1" => Some(Role::Title),
        "h2" => Some(Role::Heading(1)),
        "h3" => Some(Role::Heading(2)),
        "h4" => Some(Role::Heading(3)),
        "h5" => Some(Role::Heading(4)),
        "h6" => Some(Role::Heading(5)),
        "li" => Some(Role::ListItem),
        _ => None,
    }
}
