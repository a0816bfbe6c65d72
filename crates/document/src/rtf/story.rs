//! Blocks from paragraphs, cells and rows as they end.

use crate::doc::grid::{Merge, Row, RowCell, table};
use crate::doc::lines;
use crate::limits::Budget;
use crate::model::{Block, Origin, Role};
use crate::refusal::Refusal;

/// Tables in tables that are kept apart; deeper ones are read as the innermost of them.
const DEPTH: usize = 16;

/// A cell of a row definition.
#[derive(Clone, Copy, Debug, Default)]
struct CellShape {
    /// Its right edge, in twentieths of a point.
    right: i32,
    /// Its merge with the cell to the left.
    across: Merge,
    /// Its merge with the cell above.
    down: Merge,
}

/// A row definition (`\trowd`).
#[derive(Clone, Debug, Default)]
pub(super) struct RowShape {
    /// Left edge of the first cell.
    left: i32,
    /// Cells from left to right.
    cells: Vec<CellShape>,
    /// Properties of the next cell, before its edge is given.
    next: CellShape,
}

impl RowShape {
    /// Takes a control word; whether it is one of a row definition.
    pub(super) fn take(&mut self, word: &str, number: Option<i32>) -> bool {
        match word {
            "trowd" => *self = Self::default(),
            "trleft" => self.left = number.unwrap_or(0),
            "clmgf" => self.next.across = Merge::First,
            "clmrg" => self.next.across = Merge::Next,
            "clvmgf" => self.next.down = Merge::First,
            "clvmrg" => self.next.down = Merge::Next,
            "cellx" => self.cell(number.unwrap_or(0)),
            _ => return false,
        }
        true
    }

    /// Ends the definition of a cell at its right edge.
    fn cell(&mut self, right: i32) {
        let mut cell = std::mem::take(&mut self.next);
        cell.right = right;
        self.cells.push(cell);
    }

    fn row(&self, cells: Vec<Vec<Block>>) -> Row {
        let mut right = self.left;
        let cells = cells.into_iter().enumerate().map(|(index, blocks)| {
            let shape = self.cells.get(index).copied();
            right = shape.map_or_else(|| right.saturating_add(1_000), |shape| shape.right);
            let shape = shape.unwrap_or_default();
            RowCell { right, across: shape.across, down: shape.down, blocks }
        });
        Row { left: self.left, cells: cells.collect() }
    }
}

/// A table that is open: its rows, the cells of the row that is open, and the blocks of the cell that is open.
#[derive(Debug, Default)]
struct OpenTable {
    rows: Vec<Row>,
    cells: Vec<Vec<Block>>,
    blocks: Vec<Block>,
    /// True if the row that is open has characters that were deleted.
    deletions: bool,
}

/// The formatting of a paragraph at its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct ParagraphEnd {
    /// Depth of tables that it is in.
    pub(super) depth: usize,
    /// Its role.
    pub(super) role: Role,
}

/// A text on its own: the body, a note, a text box.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// Characters of the paragraph that is open.
    text: String,
    /// Its automatic number.
    number: String,
    /// First byte of its text, and the byte after the last.
    place: Option<(usize, usize)>,
    /// True if characters of it were deleted.
    deletions: bool,
    /// Blocks of text boxes that are anchored in it.
    boxes: Vec<Block>,
    open: Vec<OpenTable>,
    blocks: Vec<Block>,
}

impl Story {
    /// Adds characters that lie at bytes of the file.
    pub(super) fn push(&mut self, text: &str, from: usize, to: usize) {
        self.text.push_str(text);
        self.place = Some((self.place.map_or(from, |place| place.0), to));
    }

    /// Adds the mark of a note, which lies nowhere in the file.
    pub(super) fn push_mark(&mut self, mark: &str) {
        self.text.push_str(mark);
    }

    /// Adds characters of the automatic number.
    pub(super) fn push_number(&mut self, text: &str) {
        self.number.push_str(text);
    }

    /// Notes that characters were deleted.
    pub(super) fn delete(&mut self) {
        self.deletions = true;
    }

    /// Adds a text box that is anchored in the paragraph; it follows it.
    pub(super) fn add_box(&mut self, blocks: Vec<Block>) {
        self.boxes.extend(blocks);
    }

    /// True if the paragraph that is open has an automatic number.
    pub(super) fn is_numbered(&self) -> bool {
        !self.number.is_empty()
    }

    /// Ends a paragraph.
    pub(super) fn paragraph(&mut self, ending: ParagraphEnd, budget: &mut Budget) -> Result<(), Refusal> {
        self.reach(ending.depth.min(DEPTH), budget)?;
        let deletions = std::mem::take(&mut self.deletions);
        if let Some(table) = self.open.last_mut() {
            table.deletions |= deletions;
        }
        let (text, number) = (std::mem::take(&mut self.text), std::mem::take(&mut self.number));
        let (from, to) = self.place.take().unwrap_or_default();
        // Bullets are signs of symbol fonts and say nothing.
        let numbered = number.chars().any(char::is_alphanumeric);
        let number = numbered.then(|| format!("{} ", number.trim()));
        let paragraphs = lines(ending.role, number, &text, &Origin::Bytes(from..to));
        self.target().extend(paragraphs);
        let boxes = std::mem::take(&mut self.boxes);
        self.target().extend(boxes);
        Ok(())
    }

    /// Ends a paragraph and the cell that it is in.
    pub(super) fn cell(&mut self, ending: ParagraphEnd, budget: &mut Budget) -> Result<(), Refusal> {
        self.paragraph(ParagraphEnd { depth: ending.depth.max(1), ..ending }, budget)?;
        if let Some(table) = self.open.last_mut() {
            table.cells.push(std::mem::take(&mut table.blocks));
        }
        Ok(())
    }

    /// Ends a row of a table at a depth.
    pub(super) fn row(&mut self, depth: usize, shape: &RowShape, budget: &mut Budget) -> Result<(), Refusal> {
        self.reach(depth.clamp(1, DEPTH), budget)?;
        if let Some(table) = self.open.last_mut() {
            let cells = std::mem::take(&mut table.cells);
            // A row that was deleted with its words is empty; an empty row of the form has no deleted words.
            let emptied = std::mem::take(&mut table.deletions) && cells.iter().all(Vec::is_empty);
            if !cells.is_empty() && !emptied {
                table.rows.push(shape.row(cells));
            }
        }
        Ok(())
    }

    /// The blocks, at the end of the text.
    pub(super) fn finish(mut self, role: Role, budget: &mut Budget) -> Result<Vec<Block>, Refusal> {
        if !self.text.trim().is_empty() || !self.boxes.is_empty() {
            let depth = self.open.len();
            self.paragraph(ParagraphEnd { depth, role }, budget)?;
        }
        self.reach(0, budget)?;
        Ok(self.blocks)
    }

    /// Opens and closes tables until as many are open.
    fn reach(&mut self, depth: usize, budget: &mut Budget) -> Result<(), Refusal> {
        while self.open.len() > depth {
            let Some(mut open) = self.open.pop() else { break };
            if !open.blocks.is_empty() {
                open.cells.push(open.blocks);
            }
            if !open.cells.is_empty() {
                open.rows.push(RowShape::default().row(open.cells));
            }
            if !open.rows.is_empty() {
                let table = table(open.rows, budget)?;
                self.target().push(Block::Table(table));
            }
        }
        self.open.resize_with(depth, OpenTable::default);
        Ok(())
    }

    fn target(&mut self) -> &mut Vec<Block> {
        match self.open.last_mut() {
            Some(table) => &mut table.blocks,
            None => &mut self.blocks,
        }
    }
}
