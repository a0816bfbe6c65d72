//! OpenDocument texts (ISO/IEC 26300, ODT): paragraphs, lists with their numbers, tables and notes.

mod lists;

use std::sync::Arc;

use self::lists::{Lists, is_hidden_style};
use crate::form::Form;
use crate::grid::Grid;
use crate::limits::Budget;
use crate::model::{Block, Cell, Document, Note, Origin, Paragraph, Role, Run, Table};
use crate::package::Package;
use crate::refusal::Refusal;
use crate::text::is_blank;
use crate::xml::{self, Element, MarkupReader, Node, Step};

const CONTENT: &str = "content.xml";

/// Reads an ODT file.
///
/// # Errors
/// It is encrypted, broken, holds pictures only or no word, or exceeds a limit.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut package = Package::open(bytes, budget)?;
    if let Some(manifest) = package.markup("META-INF/manifest.xml", budget)?
        && String::from_utf8_lossy(&manifest).contains("encryption-data")
    {
        return Err(Refusal::Encrypted);
    }
    let mut lists = Lists::default();
    if let Some(styles) = package.markup("styles.xml", budget)? {
        lists.read(&xml::decoded("styles.xml", &styles)?, "styles.xml", budget)?;
    }
    let Some(content) = package.markup(CONTENT, budget)? else {
        return Err(Refusal::Damaged("没有正文部件“content.xml”".to_owned()));
    };
    let content = xml::decoded(CONTENT, &content)?;
    lists.read(&content, CONTENT, budget)?;
    let mut body = Body { lists, ..Body::default() };
    let mut blocks = Vec::new();
    let mut part = MarkupReader::new(CONTENT, &content);
    loop {
        match part.step(budget)? {
            Step::Start(start) => match &*start.name {
                "document-content" | "body" | "text" | "section" | "index-body" => {}
                "p" | "h" | "list" | "table" | "numbered-paragraph" => {
                    let element = part.whole(start, is_left_out, budget)?;
                    body.block(&element, 0, &mut blocks, budget)?;
                }
                "table-of-content" | "alphabetical-index" | "illustration-index" => {}
                _ => part.pass(budget)?,
            },
            Step::Over => break,
            Step::End | Step::Text(_) => {}
        }
    }
    let mut document = Document::new(Form::Odt);
    document.blocks = blocks;
    document.notes = body.notes;
    if document.blocks.is_empty() {
        return Err(if body.pictures > 0 { Refusal::Scan } else { Refusal::Empty });
    }
    document.title = document.leading_title();
    if body.pictures > 0 {
        document.remarks.push(format!("正文中有{}幅图片，图片中的文字没有读取", body.pictures));
    }
    Ok(document)
}

/// True if an element is no text that is seen: deleted text, comments, fields' and controls' definitions.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "tracked-changes"
            | "annotation"
            | "annotation-end"
            | "forms"
            | "sequence-decls"
            | "soft-page-break"
            | "variable-decls"
            | "user-field-decls"
            | "index-title-template"
            | "table-of-content-source"
            | "table-columns"
            | "table-column"
            | "event-listeners"
            | "desc"
            | "title"
            | "bookmark"
            | "ruby-text"
    )
}

/// A text that is being read.
#[derive(Default)]
struct Body {
    lists: Lists,
    notes: Vec<Note>,
    pictures: usize,
    paragraph: u32,
    /// Blocks of text boxes in the paragraph that is read.
    boxes: Vec<Block>,
}

impl Body {
    /// Reads a block. `depth` is the number of lists around it.
    fn block(
        &mut self,
        element: &Element,
        depth: usize,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        budget.step(1)?;
        match &*element.name {
            "p" | "h" => {
                let number = (&*element.name == "h").then(|| self.heading_number(element)).flatten();
                self.paragraph(element, number, blocks, budget)
            }
            "list" => {
                self.lists.open(
                    element.attribute("style-name"),
                    element.attribute("continue-numbering") == Some("true"),
                );
                for item in element.elements() {
                    self.item(item, depth, blocks, budget)?;
                }
                self.lists.close();
                Ok(())
            }
            "table" => {
                let table = self.table(element, budget)?;
                blocks.extend(table.map(Block::Table));
                Ok(())
            }
            _ => {
                for child in element.elements() {
                    self.block(child, depth, blocks, budget)?;
                }
                Ok(())
            }
        }
    }

    /// An item of a list: its first paragraph carries the number.
    fn item(
        &mut self,
        item: &Element,
        depth: usize,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        let start = item.attribute("start-value").and_then(|start| start.trim().parse::<i64>().ok());
        let mut number = match &*item.name {
            "list-item" if item.elements().next().is_some_and(|first| &*first.name != "list") => {
                self.lists.next(start)
            }
            _ => None,
        };
        for child in item.elements() {
            if matches!(&*child.name, "p" | "h") {
                self.paragraph(child, number.take(), blocks, budget)?;
            } else {
                self.block(child, depth + 1, blocks, budget)?;
            }
        }
        Ok(())
    }

    fn heading_number(&mut self, element: &Element) -> Option<String> {
        let level = element.attribute("outline-level").and_then(|level| level.parse::<usize>().ok())?;
        self.lists.next_heading(level)
    }

    fn paragraph(
        &mut self,
        element: &Element,
        mut number: Option<String>,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        self.paragraph = self.paragraph.saturating_add(1);
        let position = self.paragraph;
        let mut lines = vec![String::new()];
        self.inline(element, &mut lines, budget)?;
        let level = element.attribute("outline-level").and_then(|level| level.parse::<u8>().ok());
        let style = element.attribute("style-name").unwrap_or_default();
        let role = match level.filter(|level| (1..=9).contains(level)) {
            _ if style == "Title" => Role::Title,
            Some(level) => Role::Heading(level),
            None if number.is_some() => Role::ListItem,
            None => Role::Body,
        };
        for line in lines {
            let text = line.trim_matches(is_blank);
            let number = number.take();
            if text.is_empty() && number.is_none() {
                continue;
            }
            let origin = Origin::Part { part: Arc::from(CONTENT), paragraph: position };
            let runs = if text.is_empty() { Vec::new() } else { vec![Run { text: text.to_owned(), origin }] };
            blocks.push(Block::Paragraph(Paragraph { role, number, runs }));
        }
        blocks.append(&mut self.boxes);
        Ok(())
    }

    fn inline(
        &mut self,
        element: &Element,
        lines: &mut Vec<String>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        budget.step(1)?;
        for node in &element.children {
            let child = match node {
                Node::Text(text) => {
                    budget.text(text.chars().count())?;
                    push(lines, &collapsed(text));
                    continue;
                }
                Node::Element(child) => child,
            };
            match &*child.name {
                "s" => {
                    let count =
                        child.attribute("c").and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
                    push(lines, &" ".repeat(count.min(64)));
                }
                "tab" => push(lines, "\t"),
                "line-break" => lines.push(String::new()),
                "note" => self.note(child, lines, budget)?,
                "text-box" => {
                    let mut blocks = Vec::new();
                    let outer = std::mem::take(&mut self.boxes);
                    for inner in child.elements() {
                        self.block(inner, 0, &mut blocks, budget)?;
                    }
                    self.boxes = outer;
                    self.boxes.append(&mut blocks);
                }
                "image" => self.pictures += 1,
                "hidden-text" | "hidden-paragraph" => {}
                "span"
                    if child
                        .attribute("style-name")
                        .is_some_and(|style| is_hidden_style(&self.lists, style)) => {}
                _ => self.inline(child, lines, budget)?,
            }
        }
        Ok(())
    }

    fn note(&mut self, note: &Element, lines: &mut [String], budget: &mut Budget) -> Result<(), Refusal> {
        let Some(content) = note.first("note-body") else { return Ok(()) };
        let mut blocks = Vec::new();
        let outer = std::mem::take(&mut self.boxes);
        for block in content.elements() {
            self.block(block, 0, &mut blocks, budget)?;
        }
        self.boxes = outer;
        let citation = note.first("note-citation").map(Element::text).unwrap_or_default();
        let mark = format!("[{}]", citation.trim());
        push(lines, &mark);
        let paragraphs = blocks.into_iter().filter_map(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph),
            Block::Table(_) => None,
        });
        self.notes.push(Note { mark, paragraphs: paragraphs.collect() });
        Ok(())
    }

    fn table(&mut self, table: &Element, budget: &mut Budget) -> Result<Option<Table>, Refusal> {
        let mut grid = Grid::default();
        let mut left: Vec<&Element> = table.elements().collect();
        left.reverse();
        while let Some(element) = left.pop() {
            budget.step(1)?;
            if &*element.name != "table-row" {
                // Groups of rows, such as those of the header.
                let start = left.len();
                left.extend(element.elements());
                if let Some(added) = left.get_mut(start..) {
                    added.reverse();
                }
                continue;
            }
            if matches!(element.attribute("visibility"), Some("collapse" | "filter")) {
                continue;
            }
            grid.row();
            for cell in element.elements().filter(|cell| &*cell.name == "table-cell") {
                let mut blocks = Vec::new();
                let outer = std::mem::take(&mut self.boxes);
                for block in cell.elements() {
                    self.block(block, 0, &mut blocks, budget)?;
                }
                self.boxes = outer;
                let span = |name: &str| cell.attribute(name).and_then(|span| span.parse().ok()).unwrap_or(1);
                let (columns, rows) = (span("number-columns-spanned"), span("number-rows-spanned"));
                // Empty cells may be written once for several.
                for _ in 1..span("number-columns-repeated").min(64) {
                    grid.cell(Cell { blocks: blocks.clone(), columns, rows }, budget)?;
                }
                grid.cell(Cell { blocks, columns, rows }, budget)?;
            }
        }
        grid.finish(budget)
    }
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// A text with line ends and tabs as blanks; several count as one (part 3, 6.1.2).
fn collapsed(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for c in text.chars() {
        let is_gap = matches!(c, ' ' | '\n' | '\r' | '\t');
        if !is_gap {
            collapsed.push(c);
        } else if !collapsed.ends_with(' ') {
            collapsed.push(' ');
        }
    }
    collapsed
}
