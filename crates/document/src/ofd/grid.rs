//! Tables of a page, from its ruled lines.

use super::geometry::Area;
use super::path::Rule;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Lines whose ends or sides are this near (mm) meet.
const NEAR: f64 = 1.0;
/// Pairs of a horizontal and a vertical line that are looked at on one page.
const PAIRS: usize = 1_000_000;

/// The cells of a table on a page.
#[derive(Debug)]
pub(crate) struct Grid {
    /// The area of the whole.
    pub(crate) area: Area,
    /// Places of the lines between columns, outer ones included, from left to right.
    pub(crate) xs: Vec<f64>,
    /// Places of the lines between rows, outer ones included, from top to bottom.
    pub(crate) ys: Vec<f64>,
    /// For each place of the grid, row by row, the place of the cell that covers it.
    cells: Vec<usize>,
}

impl Grid {
    /// Number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.xs.len().saturating_sub(1)
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.ys.len().saturating_sub(1)
    }

    /// The place, row by row, of the cell at a point.
    pub(crate) fn cell_at(&self, (x, y): (f64, f64)) -> Option<usize> {
        let column =
            self.xs.partition_point(|line| *line <= x).checked_sub(1)?.min(self.columns().checked_sub(1)?);
        let row = self.ys.partition_point(|line| *line <= y).checked_sub(1)?.min(self.rows().checked_sub(1)?);
        self.cells.get(row * self.columns() + column).copied()
    }

    /// The cell that covers a place of the grid.
    pub(crate) fn owner(&self, row: usize, column: usize) -> Option<usize> {
        self.cells.get(row * self.columns() + column).copied()
    }
}

/// The tables that the ruled lines of a page make: lines that meet, with at least two cells between them.
///
/// `None` where there are so many lines that they are a drawing.
///
/// # Errors
/// The cells exceed the budget.
pub(crate) fn grids(rules: &[Rule], budget: &mut Budget) -> Result<Option<Vec<Grid>>, Refusal> {
    let horizontal = joined(rules, true);
    let vertical = joined(rules, false);
    let pairs = horizontal.len().saturating_mul(vertical.len());
    if pairs > PAIRS {
        return Ok(None);
    }
    budget.step(pairs as u64)?;
    let mut parents: Vec<usize> = (0..horizontal.len() + vertical.len()).collect();
    for (h, line) in horizontal.iter().enumerate() {
        for (v, other) in vertical.iter().enumerate() {
            let meets = other.at >= line.from - NEAR
                && other.at <= line.to + NEAR
                && line.at >= other.from - NEAR
                && line.at <= other.to + NEAR;
            if meets {
                unite(&mut parents, h, horizontal.len() + v);
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, (Vec<Rule>, Vec<Rule>)> =
        std::collections::BTreeMap::new();
    for (index, rule) in horizontal.iter().chain(&vertical).enumerate() {
        let root = root(&mut parents, index);
        let group = groups.entry(root).or_default();
        if rule.horizontal { group.0.push(*rule) } else { group.1.push(*rule) }
    }
    let mut grids = Vec::new();
    for (horizontal, vertical) in groups.into_values() {
        grids.extend(grid(&horizontal, &vertical, budget)?);
    }
    Ok(Some(grids))
}

/// Lines of one direction; those that overlap or continue each other are one.
fn joined(rules: &[Rule], horizontal: bool) -> Vec<Rule> {
    let mut lines: Vec<Rule> = rules.iter().filter(|rule| rule.horizontal == horizontal).copied().collect();
    lines.sort_by(|a, b| a.at.total_cmp(&b.at));
    // Lines at nearly the same place are set to the same, so that the next sorting brings their parts together.
    let mut place = f64::NEG_INFINITY;
    for line in &mut lines {
        if line.at - place > NEAR * 0.6 {
            place = line.at;
        }
        line.at = place;
    }
    lines.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.from.total_cmp(&b.from)));
    let mut result: Vec<Rule> = Vec::new();
    for line in lines {
        zhaoren_cancel::poll();
        match result.last_mut() {
            Some(last) if last.at.total_cmp(&line.at).is_eq() && line.from <= last.to + NEAR => {
                last.to = last.to.max(line.to);
            }
            _ => result.push(line),
        }
    }
    result
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while let Some(&parent) = parents.get(index) {
        if parent == index {
            break;
        }
        let grandparent = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(index) {
            *slot = grandparent;
        }
        index = grandparent;
    }
    index
}

fn unite(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    if let Some(slot) = parents.get_mut(a.max(b)) {
        *slot = a.min(b);
    }
}

/// Distinct places of lines in order, with the ends of the lines across them, for tables that are open at the sides.
fn places(lines: &[Rule], across: &[Rule]) -> Vec<f64> {
    let mut places: Vec<f64> = lines.iter().map(|line| line.at).collect();
    places.sort_by(f64::total_cmp);
    places.dedup_by(|b, a| (*b - *a).abs() <= NEAR);
    let from = across.iter().map(|line| line.from).fold(f64::INFINITY, f64::min);
    let to = across.iter().map(|line| line.to).fold(f64::NEG_INFINITY, f64::max);
    // Shorter ends are the thickness of the outer line.
    if places.first().is_some_and(|first| first - from > NEAR * 3.0) {
        places.insert(0, from);
    }
    if places.last().is_some_and(|last| to - last > NEAR * 3.0) {
        places.push(to);
    }
    places
}

fn grid(horizontal: &[Rule], vertical: &[Rule], budget: &mut Budget) -> Result<Option<Grid>, Refusal> {
    let (ys, xs) = (places(horizontal, vertical), places(vertical, horizontal));
    let (rows, columns) = (ys.len().saturating_sub(1), xs.len().saturating_sub(1));
    if horizontal.len() < 2 || rows == 0 || columns == 0 || rows * columns < 2 {
        return Ok(None);
    }
    budget.cells(rows * columns)?;
    let below = borders(horizontal, &ys, &xs, budget)?;
    let right = borders(vertical, &xs, &ys, budget)?;
    let mut parents: Vec<usize> = (0..rows * columns).collect();
    for row in 0..rows {
        for column in 0..columns {
            let index = row * columns + column;
            if column + 1 < columns && right.get((column + 1) * rows + row) == Some(&false) {
                unite(&mut parents, index, index + 1);
            }
            if row + 1 < rows && below.get((row + 1) * columns + column) == Some(&false) {
                unite(&mut parents, index, index + columns);
            }
        }
    }
    let cells: Vec<usize> = (0..rows * columns).map(|index| root(&mut parents, index)).collect();
    let cells = rectangles(&cells, columns);
    let first = |lines: &[f64]| lines.first().copied().unwrap_or_default();
    let last = |lines: &[f64]| lines.last().copied().unwrap_or_default();
    let area = Area { left: first(&xs), top: first(&ys), right: last(&xs), bottom: last(&ys) };
    // A single cell after merging is a frame around text.
    if cells.iter().all(|cell| *cell == 0) {
        return Ok(None);
    }
    Ok(Some(Grid { area, xs, ys, cells }))
}

/// For each place of a line and each interval across it, whether a line is drawn there.
fn borders(lines: &[Rule], at: &[f64], across: &[f64], budget: &mut Budget) -> Result<Vec<bool>, Refusal> {
    let intervals = across.len().saturating_sub(1);
    let mut drawn = vec![false; at.len() * intervals];
    for line in lines {
        let place = at.partition_point(|place| *place < line.at - NEAR);
        budget.step(1)?;
        let mut interval = across.partition_point(|place| *place < line.from - NEAR);
        while let (Some(from), Some(to)) = (across.get(interval), across.get(interval + 1)) {
            budget.step(1)?;
            if f64::midpoint(*from, *to) > line.to {
                break;
            }
            if let Some(slot) = drawn.get_mut(place * intervals + interval) {
                *slot = true;
            }
            interval += 1;
        }
    }
    Ok(drawn)
}

/// Cells that are rectangles; the places of any other shape are cells of their own.
fn rectangles(cells: &[usize], columns: usize) -> Vec<usize> {
    let mut extents: std::collections::HashMap<usize, (usize, usize, usize, usize, usize)> =
        std::collections::HashMap::new();
    for (index, cell) in cells.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let extent = extents.entry(*cell).or_insert((row, column, row, column, 0));
        *extent =
            (extent.0.min(row), extent.1.min(column), extent.2.max(row), extent.3.max(column), extent.4 + 1);
    }
    cells
        .iter()
        .enumerate()
        .map(|(index, cell)| match extents.get(cell) {
            Some((top, left, bottom, right, count)) if (bottom - top + 1) * (right - left + 1) == *count => {
                *cell
            }
            _ => index,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn rule(horizontal: bool, at: f64, from: f64, to: f64) -> Rule {
        Rule { horizontal, at, from, to }
    }

    fn read(rules: &[Rule]) -> Vec<Grid> {
        grids(rules, &mut Budget::new(&Limits::IMPORT, 0)).ok().flatten().unwrap_or_default()
    }

    #[test]
    fn a_missing_line_merges_two_cells() {
        // Two rows and two columns; the first row has no line between its columns.
        let mut rules: Vec<Rule> = [0.0, 10.0, 20.0].map(|y| rule(true, y, 0.0, 60.0)).to_vec();
        rules.extend([
            rule(false, 0.0, 0.0, 20.0),
            rule(false, 60.0, 0.0, 20.0),
            rule(false, 30.0, 10.0, 20.0),
        ]);
        let grids = read(&rules);
        assert_eq!(grids.len(), 1);
        let Some(grid) = grids.first() else { return };
        assert_eq!((grid.rows(), grid.columns()), (2, 2));
        assert_eq!(grid.cells, [0, 0, 2, 3]);
        assert_eq!(grid.cell_at((45.0, 5.0)), Some(0));
        assert_eq!(grid.cell_at((45.0, 15.0)), Some(3));
    }

    #[test]
    fn single_rules_and_frames_are_not_tables() {
        assert!(read(&[rule(true, 30.0, 0.0, 150.0)]).is_empty());
        let frame = [
            rule(true, 0.0, 0.0, 60.0),
            rule(true, 10.0, 0.0, 60.0),
            rule(false, 0.0, 0.0, 10.0),
            rule(false, 60.0, 0.0, 10.0),
        ];
        assert!(read(&frame).is_empty());
    }

    #[test]
    fn tables_open_at_the_sides_keep_their_outer_columns() {
        let mut rules: Vec<Rule> = [0.0, 10.0, 20.0].map(|y| rule(true, y, 0.0, 60.0)).to_vec();
        rules.push(rule(false, 30.0, 0.0, 20.0));
        let grids = read(&rules);
        assert_eq!(grids.first().map(|grid| (grid.rows(), grid.columns())), Some((2, 2)));
    }
}
