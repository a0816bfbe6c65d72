//! Blocks of a stretch of the text: paragraphs at their marks, tables at the marks of their cells and rows.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::field::Fields;
use super::formatting::{Character, Layout, Ranges, RowShape};
use super::grid::{Merge, Row, RowCell, table};
use super::lists::Lists;
use super::pieces::{HALF, Text};
use super::styles::Styles;
use crate::limits::Budget;
use crate::model::{Block, Origin, Paragraph, Role, Run};
use crate::refusal::Refusal;

/// Text and formatting of a document.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a Text,
    pub(crate) characters: &'a Ranges<Character>,
    pub(crate) paragraphs: &'a Ranges<Layout>,
    pub(crate) styles: &'a Styles,
    /// Marks of notes by their position.
    pub(crate) marks: HashMap<usize, String>,
    /// Texts of text boxes by the position in the main text that they are anchored at. The texts lie outside of the main
    /// text, so that none is anchored in another.
    pub(crate) boxes: HashMap<usize, Range<usize>>,
}

/// Name of the part that the text of boxes is in.
pub(crate) const BOXES: &str = "WordDocument/文本框";

/// Tables in tables that are kept apart; deeper ones are read as the innermost of them.
const DEPTH: usize = 16;

const CELL_MARK: char = '\u{07}';

impl Source<'_> {
    /// The formatting of the character at a position.
    pub(crate) fn character(&self, position: usize) -> Character {
        let Some((at, modifier)) = self.text.place(position) else { return Character::default() };
        let mut value = self.characters.get(at).map(|(value, _)| *value).unwrap_or_default();
        value.deleted = modifier.deleted.unwrap_or(value.deleted);
        value.hidden = modifier.hidden.unwrap_or(value.hidden);
        value
    }

    fn layout(&self, position: usize) -> Layout {
        let layout = self.text.place(position).and_then(|(at, _)| self.paragraphs.get(at));
        layout.map(|(layout, _)| layout.clone()).unwrap_or_default()
    }

    /// The blocks of a range of positions of a part of this name.
    ///
    /// # Errors
    /// The budget is spent.
    pub(crate) fn blocks(
        &self,
        range: Range<usize>,
        part: &Arc<str>,
        lists: &mut Lists,
        budget: &mut Budget,
    ) -> Result<Story, Refusal> {
        let mut reading = StoryParser {
            source: self,
            part: part.clone(),
            lists,
            fields: Fields::default(),
            text: String::new(),
            number: 0,
            open: Vec::new(),
            deletions: false,
            anchored: Vec::new(),
            story: Story::default(),
        };
        for position in range {
            budget.step(1)?;
            let character = self.text.characters.get(position).copied().unwrap_or(HALF);
            reading.character(position, character, budget)?;
        }
        if !reading.text.is_empty() {
            reading.paragraph(&Layout::default(), false, false, budget)?;
        }
        reading.close(0, budget)?;
        Ok(reading.story)
    }
}

/// The content of a stretch of text.
#[derive(Debug, Default)]
pub(crate) struct Story {
    /// Its blocks.
    pub(crate) blocks: Vec<Block>,
    /// Number of its pictures.
    pub(crate) pictures: usize,
    /// Number of signs of symbol fonts that have no character.
    pub(crate) symbols: usize,
}

/// A table that is open: its rows, the cells of the row that is open, and the blocks of the cell that is open.
#[derive(Default)]
struct OpenTable {
    rows: Vec<Row>,
    cells: Vec<Vec<Block>>,
    blocks: Vec<Block>,
    /// True if the row that is open has characters that were deleted.
    deletions: bool,
}

struct StoryParser<'a> {
    source: &'a Source<'a>,
    part: Arc<str>,
    lists: &'a mut Lists,
    fields: Fields,
    text: String,
    /// Number of the paragraph, from 1.
    number: u32,
    open: Vec<OpenTable>,
    /// True if characters of the paragraph were deleted.
    deletions: bool,
    /// Texts of boxes that are anchored in the paragraph; they follow it.
    anchored: Vec<Range<usize>>,
    story: Story,
}

impl StoryParser<'_> {
    fn character(&mut self, position: usize, character: char, budget: &mut Budget) -> Result<(), Refusal> {
        let formatting = self.source.character(position);
        match character {
            HALF => {}
            '\r' | CELL_MARK | '\u{0C}' => {
                self.number = self.number.saturating_add(1);
                // A deleted mark joins its paragraph with the next one; the mark of a cell stays.
                if character == '\r' && formatting.deleted {
                    return Ok(());
                }
                let layout = self.source.layout(position);
                if character != '\u{0C}' && layout.row_end {
                    return self.row(&layout, formatting.deleted, budget);
                }
                let ends_cell = character == CELL_MARK || character == '\r' && layout.inner_cell;
                return self.paragraph(&layout, ends_cell, formatting.hidden, budget);
            }
            // Deleted and hidden fields keep their marks in order.
            '\u{13}' => self.fields.begin(),
            '\u{14}' => self.fields.separate(),
            '\u{15}' => {
                let seen = self.fields.end();
                if !formatting.deleted && !formatting.hidden {
                    self.text.extend(seen);
                }
            }
            _ if formatting.deleted => {
                self.deletions = true;
            }
            _ if formatting.hidden => {}
            // Pictures and anchors of shapes.
            '\u{01}' | '\u{08}' => match self.source.boxes.get(&position) {
                Some(text) => self.anchored.push(text.clone()),
                None => self.story.pictures += 1,
            },
            '(' if formatting.special && formatting.symbol.is_some() => {
                self.symbol(formatting.symbol.unwrap_or(0))
            }
            '\u{02}' => {
                if let Some(mark) = self.source.marks.get(&position) {
                    mark.chars().for_each(|character| self.push(character));
                }
            }
            '\u{0B}' => self.push('\n'),
            '\t' => self.push('\t'),
            '\u{1E}' => self.push('-'),
            '\u{A0}' => self.push(' '),
            // Marks of notes, comments and columns, optional hyphens.
            '\0'..='\u{1F}' => {}
            _ => self.push(character),
        }
        Ok(())
    }

    fn push(&mut self, character: char) {
        if self.fields.shows(character) {
            self.text.push(character);
        }
    }

    /// A sign of a symbol font. Boxes and ticks have characters of the same look.
    fn symbol(&mut self, code: u16) {
        let sign = match code {
            0xF06F | 0xF071 | 0xF0A8 => '□',
            0xF0FC => '✓',
            0xF0FE | 0xF052 => '☑',
            0xF0FD | 0xF054 => '☒',
            0xF0E0 => '→',
            0xF0B7 | 0xF06C => '●',
            0xE000..=0xF8FF => {
                self.story.symbols += 1;
                return;
            }
            code => char::from_u32(u32::from(code)).unwrap_or(char::REPLACEMENT_CHARACTER),
        };
        self.push(sign);
    }

    /// Ends a paragraph, and with it a cell.
    fn paragraph(
        &mut self,
        layout: &Layout,
        ends_cell: bool,
        hidden: bool,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        let depth = usize::try_from(layout.depth).unwrap_or(DEPTH).min(DEPTH);
        self.close(depth, budget)?;
        self.open.resize_with(depth, OpenTable::default);
        let text = std::mem::take(&mut self.text);
        let deletions = std::mem::take(&mut self.deletions);
        if let Some(table) = self.open.last_mut() {
            table.deletions |= deletions;
        }
        // A list above 2046 is a mark of old versions for a number that was taken away.
        let number = (layout.list != 0 && layout.list <= 2046 && !hidden)
            .then(|| self.lists.next(layout.list, layout.level, layout.style))
            .flatten();
        budget.text(number.as_ref().map_or(0, String::len))?;
        let origin = Origin::Part { part: self.part.clone(), paragraph: self.number };
        let paragraphs = lines(role(layout, self.source.styles), number, &text, &origin);
        self.blocks().extend(paragraphs);
        for text in std::mem::take(&mut self.anchored) {
            let story = self.source.blocks(text, &Arc::from(BOXES), self.lists, budget)?;
            self.story.pictures += story.pictures;
            self.story.symbols += story.symbols;
            self.blocks().extend(story.blocks);
        }
        if ends_cell && let Some(table) = self.open.last_mut() {
            table.cells.push(std::mem::take(&mut table.blocks));
        }
        Ok(())
    }

    /// Ends a row.
    fn row(&mut self, layout: &Layout, deleted: bool, budget: &mut Budget) -> Result<(), Refusal> {
        self.text.clear();
        let depth = usize::try_from(layout.depth).unwrap_or(DEPTH).clamp(1, DEPTH);
        self.close(depth, budget)?;
        self.open.resize_with(depth, OpenTable::default);
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        let mut cells = std::mem::take(&mut table.cells);
        if let Some(last) = cells.last_mut() {
            last.append(&mut table.blocks);
        }
        // A row that was deleted with its words is empty; an empty row of the form has no deleted words.
        let emptied = std::mem::take(&mut table.deletions) && cells.iter().all(Vec::is_empty);
        if !deleted && !emptied {
            table.rows.push(row(layout.row.as_ref(), cells));
        }
        Ok(())
    }

    /// Closes the tables that are deeper than `depth`.
    fn close(&mut self, depth: usize, budget: &mut Budget) -> Result<(), Refusal> {
        while self.open.len() > depth {
            let Some(mut open) = self.open.pop() else { break };
            if !open.blocks.is_empty() {
                open.cells.push(open.blocks);
            }
            if !open.cells.is_empty() {
                open.rows.push(row(None, open.cells));
            }
            if !open.rows.is_empty() {
                let table = table(open.rows, budget)?;
                self.blocks().push(Block::Table(table));
            }
        }
        Ok(())
    }

    /// The blocks that are added to: of the innermost open cell, or of the text.
    fn blocks(&mut self) -> &mut Vec<Block> {
        match self.open.last_mut() {
            Some(table) => &mut table.blocks,
            None => &mut self.story.blocks,
        }
    }
}

/// The lines of a paragraph, each a paragraph of its own: writers end paragraphs with line breaks. Blanks around them are
/// layout.
pub(crate) fn lines(role: Role, mut number: Option<String>, text: &str, origin: &Origin) -> Vec<Block> {
    let mut blocks = Vec::new();
    for line in text.split('\n') {
        let line = line.trim();
        if line.is_empty() && number.is_none() {
            continue;
        }
        let run = Run { text: line.to_owned(), origin: origin.clone() };
        let runs = if line.is_empty() { Vec::new() } else { vec![run] };
        blocks.push(Block::Paragraph(Paragraph { role, number: number.take(), runs }));
    }
    blocks
}

fn role(layout: &Layout, styles: &Styles) -> Role {
    match (layout.outline, styles.builtin(layout.style)) {
        (Some(level @ 0..=8), _) => Role::Heading(level + 1),
        (_, Some(level @ 1..=9)) => Role::Heading(u8::try_from(level).unwrap_or(1)),
        (_, Some(62)) => Role::Title,
        _ if layout.list != 0 => Role::ListItem,
        _ => Role::Body,
    }
}

/// A row from its cells and its shape; cells without edges are as wide as each other.
fn row(shape: Option<&RowShape>, cells: Vec<Vec<Block>>) -> Row {
    let edge = |index: usize| shape.and_then(|shape| shape.edges.get(index)).copied();
    let left = edge(0).unwrap_or(0);
    let (mut right, mut run) = (left, None);
    let cells = cells.into_iter().enumerate().map(|(index, blocks)| {
        right = edge(index + 1).unwrap_or_else(|| right.saturating_add(1_000));
        let flags = shape.and_then(|shape| shape.flags.get(index)).copied().unwrap_or(0);
        // Descriptions of the format differ in which of two flags is the first of merged cells; in a run of merged cells
        // the first one is, and another cell with the same flag begins a new run.
        let across = match (flags & 3, run) {
            (0, _) => {
                run = None;
                Merge::None
            }
            (flag, Some(first)) if flag != first => Merge::Next,
            (flag, _) => {
                run = Some(flag);
                Merge::First
            }
        };
        let down = match (flags >> 5) & 3 {
            0 => Merge::None,
            1 => Merge::Next,
            _ => Merge::First,
        };
        RowCell { right, across, down, blocks }
    });
    Row { left, cells: cells.collect() }
}
