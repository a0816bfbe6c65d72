//! Ruled tables: lines that meet make a grid, and the places between which no line stands are one cell.

use super::page::{Area, Rule};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// A table's frame: which places of the grid each cell covers.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) area: Area,
    /// Places of the lines between columns, and between rows.
    pub(super) xs: Vec<f32>,
    pub(super) ys: Vec<f32>,
    /// In order of rows, then columns.
    pub(super) cells: Vec<Frame>,
    /// True if no line closes it at its foot: its last row goes on on the next page.
    pub(super) open: bool,
}

/// A cell's frame.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Distance within which lines are one, or meet, in points.
const NEAR: f32 = 3.0;

/// Distance up to which two lines are one that is drawn double: smaller than the smallest print.
const DOUBLE: f32 = 5.0;

/// Lines beyond which a page is a drawing.
const RULES: usize = 8_000;

/// The tables of some lines, from the top down.
pub(super) fn grids(
    horizontal: &[Rule],
    vertical: &[Rule],
    budget: &mut Budget,
) -> Result<Vec<Grid>, Refusal> {
    let horizontal = merged(horizontal);
    let vertical = merged(vertical);
    if horizontal.len() + vertical.len() > RULES {
        return Ok(Vec::new());
    }
    let mut grids = Vec::new();
    for (rows, columns) in components(&horizontal, &vertical, budget)? {
        if let Some(grid) = grid(&rows, &columns, budget)? {
            grids.push(grid);
        }
    }
    grids.sort_by(|one, other| one.area.y0.total_cmp(&other.area.y0));
    Ok(grids)
}

/// Pieces of the same line put together: dashes, sides of neighbouring cells, a line drawn twice.
fn merged(rules: &[Rule]) -> Vec<Rule> {
    let mut sorted = rules.to_vec();
    sorted.sort_by(|one, other| one.at.total_cmp(&other.at).then(one.from.total_cmp(&other.from)));
    let mut out: Vec<Rule> = Vec::new();
    // Lines at nearly the same place are sorted again by where they begin.
    let mut rest = sorted.as_mut_slice();
    while let Some(first) = rest.first().map(|rule| rule.at) {
        zhaoren_cancel::poll();
        let count = rest.partition_point(|rule| rule.at - first <= NEAR * 0.6);
        let (same, after) = rest.split_at_mut(count.max(1));
        same.sort_by(|one, other| one.from.total_cmp(&other.from));
        let mut line: Option<Rule> = None;
        for rule in same.iter() {
            match &mut line {
                Some(line) if rule.from <= line.to + NEAR => line.to = line.to.max(rule.to),
                // One place for all, so that the lines stay in order.
                _ => out.extend(line.replace(Rule { at: first, ..*rule })),
            }
        }
        out.extend(line);
        rest = after;
    }
    out
}

/// Horizontal and vertical lines.
type Lines = (Vec<Rule>, Vec<Rule>);

/// Sets of lines that hang together.
fn components(horizontal: &[Rule], vertical: &[Rule], budget: &mut Budget) -> Result<Vec<Lines>, Refusal> {
    let mut parents: Vec<usize> = (0..horizontal.len() + vertical.len()).collect();
    // Both are sorted by place; only lines within the reach of the other are compared.
    for (at, across) in horizontal.iter().enumerate() {
        let from = vertical.partition_point(|rule| rule.at < across.from - NEAR);
        let to = vertical.partition_point(|rule| rule.at <= across.to + NEAR);
        budget.step(1 + to.saturating_sub(from) as u64 / 8)?;
        for (down, rule) in vertical.iter().enumerate().take(to).skip(from) {
            if across.at >= rule.from - NEAR && across.at <= rule.to + NEAR {
                join(&mut parents, at, horizontal.len() + down);
            }
        }
    }
    let mut sets: std::collections::BTreeMap<usize, Lines> = std::collections::BTreeMap::new();
    for (at, rule) in horizontal.iter().enumerate() {
        sets.entry(root(&mut parents, at)).or_default().0.push(*rule);
    }
    for (at, rule) in vertical.iter().enumerate() {
        sets.entry(root(&mut parents, horizontal.len() + at)).or_default().1.push(*rule);
    }
    Ok(sets.into_values().collect())
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while let Some(parent) = parents.get(at).copied() {
        if parent == at {
            break;
        }
        let grand = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(at) {
            *slot = grand;
        }
        at = grand;
    }
    at
}

fn join(parents: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(parents, one), root(parents, other));
    if let Some(slot) = parents.get_mut(one.max(other)) {
        *slot = one.min(other);
    }
}

/// The grid of lines that hang together; `None` for fewer than two cells.
fn grid(horizontal: &[Rule], vertical: &[Rule], budget: &mut Budget) -> Result<Option<Grid>, Refusal> {
    if horizontal.len() < 2 || vertical.is_empty() {
        return Ok(None);
    }
    let (xs, ys) = (places(vertical, horizontal), places(horizontal, vertical));
    if xs.len() < 2 || ys.len() < 2 || xs.len() + ys.len() < 5 {
        return Ok(None);
    }
    let (columns, rows) = (xs.len() - 1, ys.len() - 1);
    budget.cells(columns * rows)?;
    budget.step((columns * rows * 4) as u64)?;
    // Whether a line stands at the right of each place, and below it.
    let right = walls(&xs, &ys, vertical);
    let below = walls(&ys, &xs, horizontal);
    let walled = |walls: &[Vec<bool>], line: usize, part: usize| {
        walls.get(line).and_then(|parts| parts.get(part)).copied().unwrap_or(true)
    };
    let mut taken = vec![vec![false; columns]; rows];
    let mut cells = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            if taken.get(row).and_then(|row| row.get(column)).copied().unwrap_or(true) {
                continue;
            }
            let mut to = column + 1;
            while to < columns
                && !walled(&right, to, row)
                && !taken.get(row).and_then(|row| row.get(to)).copied().unwrap_or(true)
            {
                to += 1;
            }
            let mut end = row + 1;
            while end < rows
                && (column..to).all(|column| !walled(&below, end, column))
                && (column + 1..to).all(|line| !walled(&right, line, end))
            {
                end += 1;
            }
            for taken in taken.iter_mut().take(end).skip(row) {
                for place in taken.iter_mut().take(to).skip(column) {
                    *place = true;
                }
            }
            cells.push(Frame { row, column, rows: end - row, columns: to - column });
        }
    }
    if cells.len() < 2 {
        return Ok(None);
    }
    let side = |places: &[f32]| {
        (places.first().copied().unwrap_or_default(), places.last().copied().unwrap_or_default())
    };
    let ((x0, x1), (y0, y1)) = (side(&xs), side(&ys));
    let open = horizontal.iter().all(|rule| rule.at < y1 - NEAR);
    Ok(Some(Grid { area: Area { x0, y0, x1, y1 }, xs, ys, cells, open }))
}

/// The distinct places of lines, and of the ends of those across where a table is open at its sides.
fn places(rules: &[Rule], across: &[Rule]) -> Vec<f32> {
    let mut places: Vec<f32> = rules.iter().map(|rule| rule.at).collect();
    let first = places.iter().copied().fold(f32::INFINITY, f32::min);
    let last = places.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // An open side: two lines at least end in the same place beyond the outermost one.
    let open = |ends: Vec<f32>, outermost: f32| {
        let beyond: Vec<f32> = ends.into_iter().filter(|end| (end - outermost).abs() > NEAR * 3.0).collect();
        let one = beyond.first().copied()?;
        (beyond.len() >= 2 && beyond.iter().all(|end| (end - one).abs() <= NEAR)).then_some(one)
    };
    let left = open(across.iter().map(|rule| rule.from).filter(|from| *from < first).collect(), first);
    let right = open(across.iter().map(|rule| rule.to).filter(|to| *to > last).collect(), last);
    places.extend(left);
    places.extend(right);
    places.sort_by(f32::total_cmp);
    // Two lines without room for text between them are one that is drawn double.
    places.dedup_by(|next, kept| *next - *kept <= DOUBLE);
    places
}

/// For each line of the grid and each part of it between lines across, whether it is drawn.
fn walls(lines: &[f32], across: &[f32], rules: &[Rule]) -> Vec<Vec<bool>> {
    let parts = across.len().saturating_sub(1);
    let mut walls = vec![vec![false; parts]; lines.len()];
    for rule in rules {
        zhaoren_cancel::poll();
        let after = lines.partition_point(|line| *line < rule.at);
        let distance = |at: usize| lines.get(at).map_or(f32::INFINITY, |line| (line - rule.at).abs());
        let before = after.saturating_sub(1);
        let nearest = if distance(before) <= distance(after) { before } else { after };
        let Some(drawn) = walls.get_mut(nearest) else { continue };
        for (part, between) in across.windows(2).enumerate() {
            let [from, to] = between else { continue };
            // Two thirds of a side are a side: some writers leave gaps at the corners.
            let common = rule.to.min(*to) - rule.from.max(*from);
            if common >= (to - from) * 0.66
                && let Some(drawn) = drawn.get_mut(part)
            {
                *drawn = true;
            }
        }
    }
    walls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn rule(at: f32, from: f32, to: f32) -> Rule {
        Rule { at, from, to }
    }

    fn found(horizontal: &[Rule], vertical: &[Rule]) -> Vec<Grid> {
        grids(horizontal, vertical, &mut Budget::new(&Limits::IMPORT, 0)).unwrap()
    }

    #[test]
    fn merged_headers_are_read() {
        let horizontal =
            [rule(0.0, 0.0, 200.0), rule(20.0, 100.0, 200.0), rule(40.0, 0.0, 200.0), rule(60.0, 0.0, 200.0)];
        let vertical =
            [rule(0.0, 0.0, 60.0), rule(100.0, 0.0, 60.0), rule(150.0, 20.0, 60.0), rule(200.0, 0.0, 60.0)];
        let grids = found(&horizontal, &vertical);
        let spans: Vec<_> =
            grids[0].cells.iter().map(|cell| (cell.row, cell.column, cell.rows, cell.columns)).collect();
        assert_eq!(
            spans,
            [
                (0, 0, 2, 1),
                (0, 1, 1, 2),
                (1, 1, 1, 1),
                (1, 2, 1, 1),
                (2, 0, 1, 1),
                (2, 1, 1, 1),
                (2, 2, 1, 1)
            ]
        );
    }

    #[test]
    fn tables_drawn_cell_by_cell_are_read() {
        let mut horizontal = Vec::new();
        let mut vertical = Vec::new();
        for row in 0..2 {
            for column in 0..2 {
                let (x, y) = (column as f32 * 50.0, row as f32 * 20.0);
                horizontal.extend([rule(y, x, x + 50.0), rule(y + 20.0, x, x + 50.0)]);
                vertical.extend([rule(x, y, y + 20.0), rule(x + 50.0, y, y + 20.0)]);
            }
        }
        assert_eq!(found(&horizontal, &vertical)[0].cells.len(), 4);
    }

    #[test]
    fn tables_open_at_the_sides_are_read() {
        let horizontal = [rule(0.0, 0.0, 200.0), rule(20.0, 0.0, 200.0), rule(40.0, 0.0, 200.0)];
        let vertical = [rule(100.0, 0.0, 40.0)];
        assert_eq!(found(&horizontal, &vertical)[0].cells.len(), 4);
    }

    #[test]
    fn frames_and_underlines_are_not_tables() {
        let frame = [rule(0.0, 0.0, 200.0), rule(20.0, 0.0, 200.0)];
        assert!(found(&frame, &[rule(0.0, 0.0, 20.0), rule(200.0, 0.0, 20.0)]).is_empty());
        assert!(found(&[rule(0.0, 0.0, 200.0)], &[]).is_empty());
    }
}
