//! Tables of a text, with cells merged across and down.

use std::collections::HashMap;

use super::body::Body;
use super::number;
use crate::grid::{Grid, MOST_COLUMNS, empty};
use crate::limits::Budget;
use crate::model::{Block, Cell, Table};
use crate::refusal::Refusal;
use crate::xml::Element;

/// A cell before those below it that continue it are counted.
struct Piece {
    cell: Cell,
    /// True if it continues the cell above it.
    continues: bool,
    /// True if cells below may continue it.
    begins: bool,
}

impl Body<'_> {
    /// The grid of a table; `None` where it has no cell.
    pub(super) fn table(&mut self, table: &Element, budget: &mut Budget) -> Result<Option<Table>, Refusal> {
        let mut rows: Vec<Vec<Piece>> = Vec::new();
        for row in parts(table, "tr") {
            let look = row.first("trPr");
            if look.is_some_and(|look| look.first("del").is_some() || look.is_on("hidden")) {
                continue;
            }
            let before = look.and_then(|look| number(look, "gridBefore")).unwrap_or(0).clamp(0, 64);
            let mut pieces: Vec<Piece> =
                (0..before).map(|_| Piece { cell: empty(), continues: false, begins: false }).collect();
            for cell in parts(row, "tc") {
                self.cell(cell, &mut pieces, budget)?;
            }
            rows.push(pieces);
        }
        merge_down(&mut rows, budget)?;
        let mut grid = Grid::default();
        for row in rows {
            grid.row();
            for piece in row.into_iter().filter(|piece| !piece.continues) {
                grid.cell(piece.cell, budget)?;
            }
        }
        grid.finish(budget)
    }

    fn cell(&mut self, cell: &Element, row: &mut Vec<Piece>, budget: &mut Budget) -> Result<(), Refusal> {
        let look = cell.first("tcPr");
        if look.is_some_and(|look| look.first("cellDel").is_some()) {
            return Ok(());
        }
        let mut blocks: Vec<Block> = Vec::new();
        self.blocks(cell, &mut blocks, budget)?;
        self.end(&mut blocks);
        let columns = look.and_then(|look| number(look, "gridSpan")).unwrap_or(1);
        let columns = u32::try_from(columns.clamp(1, i64::from(MOST_COLUMNS))).unwrap_or(1);
        let merged = |name: &str| {
            let mark = look.and_then(|look| look.first(name))?;
            Some(mark.attribute("val").is_some_and(|val| val == "restart"))
        };
        if merged("hMerge") == Some(false)
            && let Some(before) = row.last_mut()
        {
            before.cell.columns = before.cell.columns.saturating_add(columns);
            return Ok(());
        }
        let down = merged("vMerge");
        let cell = Cell { blocks, columns, rows: 1 };
        row.push(Piece { cell, continues: down == Some(false), begins: down.is_some() });
        Ok(())
    }
}

/// Elements of this name in another, also where content controls or insertions are around them.
fn parts<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    let mut found = Vec::new();
    let mut left: Vec<&Element> = element.elements().collect();
    left.reverse();
    while let Some(child) = left.pop() {
        zhaoren_cancel::poll();
        if *child.name == *name {
            found.push(child);
        } else if matches!(&*child.name, "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml") {
            let start = left.len();
            left.extend(child.elements());
            if let Some(added) = left.get_mut(start..) {
                added.reverse();
            }
        }
    }
    found
}

/// Counts, for each cell, the rows in which it is continued. A cell that continues none stays a cell of its own.
fn merge_down(rows: &mut [Vec<Piece>], budget: &mut Budget) -> Result<(), Refusal> {
    // For each column at which a cell begins that may be continued: its row, its place there, and its columns.
    let mut open: HashMap<u32, (usize, usize, u32)> = HashMap::new();
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for (at, row) in rows.iter_mut().enumerate() {
        let mut next = HashMap::new();
        let mut column = 0_u32;
        for (index, piece) in row.iter_mut().enumerate() {
            budget.step(1)?;
            let columns = piece.cell.columns;
            let above = open.get(&column).copied().filter(|(_, _, wide)| *wide == columns);
            match above.filter(|_| piece.continues) {
                Some(above) => {
                    counts.push((above.0, above.1));
                    next.insert(column, above);
                }
                None => {
                    piece.continues = false;
                    if piece.begins {
                        next.insert(column, (at, index, columns));
                    }
                }
            }
            column = column.saturating_add(columns);
        }
        open = next;
    }
    for (row, index) in counts {
        if let Some(piece) = rows.get_mut(row).and_then(|row| row.get_mut(index)) {
            piece.cell.rows = piece.cell.rows.saturating_add(1);
        }
    }
    Ok(())
}
