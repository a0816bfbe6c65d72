//! Tables from rows whose cells have edges of their own, as Word and RTF keep them.

use crate::limits::Budget;
use crate::model::{Block, Cell, Table};
use crate::refusal::Refusal;

/// How a cell is merged with its neighbour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Not at all.
    #[default]
    None,
    /// It is the first of merged cells.
    First,
    /// It goes on with the cell before it.
    Next,
}

/// A cell of a row.
#[derive(Debug)]
pub(crate) struct RowCell {
    /// Its right edge, in twentieths of a point.
    pub(crate) right: i32,
    /// Its merge with the cell to the left.
    pub(crate) across: Merge,
    /// Its merge with the cell above.
    pub(crate) down: Merge,
    /// Its content.
    pub(crate) blocks: Vec<Block>,
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Row {
    /// Left edge of the first cell, in twentieths of a point.
    pub(crate) left: i32,
    /// Its cells from left to right.
    pub(crate) cells: Vec<RowCell>,
}

/// Edges that are this near (2 mm) are one.
const NEAR: i32 = 115;
/// Outer edges of rows that are this near (7 mm) are one: rows are set in and out by hand.
const NEAR_OUTSIDE: i32 = 400;

/// The grid of rows.
///
/// # Errors
/// The cells exceed the budget.
pub(crate) fn table(mut rows: Vec<Row>, budget: &mut Budget) -> Result<Table, Refusal> {
    rows.retain(|row| !row.cells.is_empty());
    align_outside(&mut rows);
    let edges = edges(&rows);
    let columns = edges.len().saturating_sub(1).max(1);
    budget.cells(columns.saturating_mul(rows.len()))?;
    // For each column the place of the cell that reaches down to the row before.
    let mut above: Vec<Option<(usize, usize)>> = vec![None; columns];
    let mut grid: Vec<Vec<Option<Cell>>> = Vec::with_capacity(rows.len());
    for (number, row) in rows.into_iter().enumerate() {
        let mut line: Vec<Option<Cell>> = Vec::with_capacity(columns);
        // A row that is set in begins with an empty cell.
        let start = column_of(&edges, row.left).min(columns);
        if start > 0 {
            push(&mut line, Cell { blocks: Vec::new(), columns: span(start), rows: 1 }, start);
        }
        let mut first = None;
        let mut cells = row.cells.into_iter().peekable();
        while let Some(cell) = cells.next() {
            budget.step(1)?;
            let (mut right, mut blocks) = (cell.right, cell.blocks);
            while let Some(next) = cells.next_if(|next| next.across == Merge::Next) {
                right = next.right;
                blocks.extend(next.blocks);
            }
            let from = line.len();
            // The last cell takes the remaining width, so that no row is shorter than the table.
            let to = if cells.peek().is_none() { columns } else { column_of(&edges, right).min(columns) };
            if to <= from {
                // An edge that lies before the cell's left one: its words go to the cell before.
                let before = line.iter_mut().rev().flatten().next();
                match (before, grid.last_mut().and_then(|row| row.iter_mut().flatten().next_back())) {
                    (Some(cell), _) | (None, Some(cell)) => cell.blocks.append(&mut blocks),
                    (None, None) => {}
                }
                continue;
            }
            first.get_or_insert(from);
            let owner = above.get(from).copied().flatten().filter(|_| cell.down == Merge::Next);
            let owner = owner.and_then(|(row, column)| grid.get_mut(row)?.get_mut(column)?.as_mut());
            match owner {
                Some(owner) if owner.columns as usize == to - from => {
                    owner.rows += 1;
                    line.extend((from..to).map(|_| None));
                }
                _ => {
                    if let Some(slot) = above.get_mut(from) {
                        *slot = Some((number, from));
                    }
                    push(&mut line, Cell { blocks, columns: span(to - from), rows: 1 }, to - from);
                }
            }
        }
        if line.len() < columns {
            let left = columns - line.len();
            push(&mut line, Cell { blocks: Vec::new(), columns: span(left), rows: 1 }, left);
        }
        grid.push(line);
    }
    Ok(Table { rows: grid })
}

/// Adds a cell and the places that it covers.
fn push(line: &mut Vec<Option<Cell>>, cell: Cell, columns: usize) {
    line.push(Some(cell));
    line.extend((1..columns).map(|_| None));
}

fn span(columns: usize) -> u32 {
    u32::try_from(columns).unwrap_or(u32::MAX)
}

/// Sets the outer edges of rows that are nearly those of the table to them.
fn align_outside(rows: &mut [Row]) {
    let left = rows.iter().map(|row| row.left).min().unwrap_or(0);
    let right = rows.iter().filter_map(|row| row.cells.last()).map(|cell| cell.right).max().unwrap_or(0);
    for row in rows {
        if row.left.saturating_sub(left) < NEAR_OUTSIDE {
            row.left = left;
        }
        if let Some(cell) = row.cells.last_mut()
            && right.saturating_sub(cell.right) < NEAR_OUTSIDE
        {
            cell.right = right;
        }
    }
}

/// The distinct edges, each for all that are near it; a smaller distance where a cell would vanish.
fn edges(rows: &[Row]) -> Vec<i32> {
    let mut all: Vec<i32> =
        rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.right).chain([row.left])).collect();
    all.sort_unstable();
    all.dedup();
    let narrowest = rows
        .iter()
        .flat_map(|row| {
            let lefts = std::iter::once(row.left).chain(row.cells.iter().map(|cell| cell.right));
            row.cells.iter().zip(lefts).map(|(cell, left)| cell.right.saturating_sub(left))
        })
        .filter(|width| *width > 0)
        .min()
        .unwrap_or(NEAR);
    let near = NEAR.min(narrowest / 2);
    let mut edges: Vec<i32> = Vec::new();
    for edge in all {
        if edges.last().is_none_or(|last| edge.saturating_sub(*last) > near) {
            edges.push(edge);
        }
    }
    edges
}

/// The column that begins at an edge: that of the last distinct edge at or before it.
fn column_of(edges: &[i32], edge: i32) -> usize {
    edges.partition_point(|known| *known <= edge).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn cell(right: i32, down: Merge) -> RowCell {
        RowCell { right, across: Merge::None, down, blocks: Vec::new() }
    }

    fn shape(rows: Vec<Row>) -> Vec<Vec<Option<(u32, u32)>>> {
        let table = table(rows, &mut Budget::new(&Limits::IMPORT, 0));
        let rows = table.map(|table| table.rows).unwrap_or_default();
        rows.iter()
            .map(|row| row.iter().map(|cell| cell.as_ref().map(|cell| (cell.columns, cell.rows))).collect())
            .collect()
    }

    #[test]
    fn a_wide_cell_covers_the_columns_of_other_rows() {
        let rows = vec![
            Row { left: 0, cells: vec![cell(1000, Merge::None), cell(3010, Merge::None)] },
            Row {
                left: 5,
                cells: vec![cell(1010, Merge::None), cell(2000, Merge::None), cell(3000, Merge::None)],
            },
        ];
        assert_eq!(shape(rows), [vec![Some((1, 1)), Some((2, 1)), None], vec![Some((1, 1)); 3]]);
    }

    #[test]
    fn merged_cells_reach_down() {
        let rows = vec![
            Row { left: 0, cells: vec![cell(1000, Merge::First), cell(2000, Merge::None)] },
            Row { left: 0, cells: vec![cell(1000, Merge::Next), cell(2000, Merge::None)] },
            Row { left: 0, cells: vec![cell(1000, Merge::First), cell(2000, Merge::None)] },
        ];
        let expected =
            [vec![Some((1, 2)), Some((1, 1))], vec![None, Some((1, 1))], vec![Some((1, 1)), Some((1, 1))]];
        assert_eq!(shape(rows), expected);
    }

    #[test]
    fn descending_and_extreme_edges_still_give_a_grid() {
        let rows = vec![
            Row { left: i32::MAX, cells: vec![cell(i32::MIN, Merge::Next), cell(0, Merge::Next)] },
            Row { left: 0, cells: vec![cell(10, Merge::None), cell(5, Merge::None), cell(20, Merge::None)] },
        ];
        let shape = shape(rows);
        assert!(shape.iter().all(|row| row.len() == shape.first().map_or(0, Vec::len)), "{shape:?}");
    }
}
