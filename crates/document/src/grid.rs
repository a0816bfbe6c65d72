//! Grids: rows of cells with spans, laid out so that every row has as many places as the table has columns.

use crate::limits::Budget;
use crate::model::{Cell, Table};
use crate::refusal::Refusal;

/// A table that is laid out cell by cell, row by row.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    rows: Vec<Vec<GridSlot>>,
    /// For each column, how many rows of the current cell above still cover it.
    covered: Vec<u32>,
}

/// A place of the grid.
#[derive(Debug)]
enum GridSlot {
    Cell(Cell),
    Covered,
}

/// The most columns of a table; sheets and web browsers have no more.
pub(crate) const MOST_COLUMNS: u32 = 16_384;

impl Grid {
    /// Begins a row.
    pub(crate) fn row(&mut self) {
        self.cover_rest();
        self.rows.push(Vec::new());
    }

    /// Puts a cell on the next free place of the current row. Rows that it covers need not be there yet; spans beyond the table
    /// are cut at its end.
    ///
    /// # Errors
    /// The cells of the file exceed the limit.
    pub(crate) fn cell(&mut self, mut cell: Cell, budget: &mut Budget) -> Result<(), Refusal> {
        if self.rows.is_empty() {
            self.row();
        }
        self.cover(budget)?;
        let Some(row) = self.rows.last_mut() else { return Ok(()) };
        cell.columns = cell.columns.clamp(1, MOST_COLUMNS);
        cell.rows = cell.rows.max(1);
        budget.cells(cell.columns as usize)?;
        budget.step(u64::from(cell.columns))?;
        let (columns, rows, start) = (cell.columns as usize, cell.rows, row.len());
        if self.covered.len() < start + columns {
            self.covered.resize(start + columns, 0);
        }
        for covered in self.covered.iter_mut().skip(start).take(columns) {
            *covered = rows;
        }
        row.push(GridSlot::Cell(cell));
        row.extend((1..columns).map(|_| GridSlot::Covered));
        Ok(())
    }

    /// Fills the places of the current row up to the next free one.
    fn cover(&mut self, budget: &mut Budget) -> Result<(), Refusal> {
        let Some(row) = self.rows.last_mut() else { return Ok(()) };
        while let Some(covered) = self.covered.get_mut(row.len()).filter(|covered| **covered > 0) {
            budget.cells(1)?;
            budget.step(1)?;
            // The row of the cell itself counts too.
            if *covered > 0 {
                row.push(GridSlot::Covered);
            }
        }
        Ok(())
    }

    /// Ends the current row: what covers it covers one row less.
    fn cover_rest(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        for covered in &mut self.covered {
            zhaoren_cancel::poll();
            *covered = covered.saturating_sub(1);
        }
    }

    /// The table; `None` where it has no cell.
    ///
    /// # Errors
    /// The cells of the file exceed the limit.
    pub(crate) fn finish(self, budget: &mut Budget) -> Result<Option<Table>, Refusal> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        if columns == 0 {
            return Ok(None);
        }
        let count = self.rows.len();
        let filled: usize = self.rows.iter().map(Vec::len).sum();
        budget.cells(count.saturating_mul(columns).saturating_sub(filled))?;
        // Places that a cell from above covers although its row ended before them.
        let mut open = vec![0_u32; columns];
        let mut rows = Vec::with_capacity(count);
        for (at, places) in self.rows.into_iter().enumerate() {
            let left = u32::try_from(count - at).unwrap_or(u32::MAX);
            let mut row = Vec::with_capacity(columns);
            budget.step(columns as u64)?;
            for place in places {
                let column = row.len();
                row.push(match place {
                    GridSlot::Covered => None,
                    GridSlot::Cell(mut cell) => {
                        cell.rows = cell.rows.min(left);
                        for below in open.iter_mut().skip(column).take(cell.columns as usize) {
                            *below = cell.rows;
                        }
                        Some(cell)
                    }
                });
            }
            while row.len() < columns {
                let covered = open.get(row.len()).is_some_and(|below| *below > 0);
                row.push((!covered).then(empty));
            }
            for below in &mut open {
                *below = below.saturating_sub(1);
            }
            rows.push(row);
        }
        Ok(Some(Table { rows }))
    }
}

/// A cell with nothing in it.
pub(crate) fn empty() -> Cell {
    Cell { blocks: Vec::new(), columns: 1, rows: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn spans(rows: &[&[(u32, u32)]]) -> Vec<String> {
        let mut budget = Budget::new(&Limits::IMPORT, 0);
        let mut grid = Grid::default();
        for row in rows {
            grid.row();
            for (columns, rows) in *row {
                grid.cell(Cell { blocks: Vec::new(), columns: *columns, rows: *rows }, &mut budget).unwrap();
            }
        }
        let table = grid.finish(&mut budget).unwrap().unwrap();
        let row =
            |row: &Vec<Option<Cell>>| row.iter().map(|cell| if cell.is_some() { 'x' } else { '.' }).collect();
        table.rows.iter().map(row).collect()
    }

    #[test]
    fn spans_cover_grid_cells() {
        assert_eq!(
            spans(&[&[(1, 2), (2, 1), (1, 2)], &[(1, 1), (1, 1)], &[(1, 1); 4]]),
            ["xx.x", ".xx.", "xxxx"]
        );
        assert_eq!(spans(&[&[(1, 1), (1, 3)], &[(1, 1)], &[(1, 1)]]), ["xx", "x.", "x."]);
        assert_eq!(spans(&[&[(3, 1)], &[(1, 1)]]), ["x..", "xxx"]);
    }

    #[test]
    fn spans_of_any_size_are_bounded() {
        let mut budget = Budget::new(&Limits { cells: 100, ..Limits::IMPORT }, 0);
        let mut grid = Grid::default();
        grid.row();
        let huge = Cell { blocks: Vec::new(), columns: u32::MAX, rows: u32::MAX };
        assert!(matches!(grid.cell(huge, &mut budget), Err(Refusal::Bomb { .. })));
    }
}
