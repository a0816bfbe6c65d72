//! Cells of tables: their paragraphs, and tables that go on on the next page.

use super::lines::Line;
use crate::model::{Block, Cell, Table};
use crate::printed::{begins_provision, ends_sentence};

/// Rows of a header that are looked for again on the next page.
const HEADER: usize = 3;

/// The lines of each paragraph of a cell: lines are short there, so that they go on unless a sentence ends and a
/// numbered item begins.
pub(super) fn paragraphs(lines: &[Line]) -> Vec<Vec<&Line>> {
    let mut paragraphs: Vec<Vec<&Line>> = Vec::new();
    let right = lines.iter().map(|line| line.area.x1).fold(0.0, f32::max);
    for line in lines {
        let parts = paragraphs.last().and_then(|paragraph| paragraph.last()).is_none_or(|before| {
            let full = before.area.x1 + line.unit + line.size * 0.3 > right;
            (begins_provision(&line.text) && (ends_sentence(&before.text) || !full))
                || (ends_sentence(&before.text) && !full)
        });
        match paragraphs.last_mut() {
            Some(paragraph) if !parts => paragraph.push(line),
            _ => paragraphs.push(vec![line]),
        }
    }
    paragraphs
}

/// Drops a last row without text: the rest of a frame at the foot of a page, below the last closed row.
pub(super) fn drop_empty_last(rows: &mut Vec<Vec<Option<Cell>>>) {
    let empty = rows.last().is_some_and(|row| row.iter().flatten().all(|cell| cell.blocks.is_empty()));
    if !empty || rows.len() < 2 {
        return;
    }
    rows.pop();
    let count = rows.len();
    for (at, row) in rows.iter_mut().enumerate() {
        for cell in row.iter_mut().flatten() {
            cell.rows = cell.rows.min((count - at) as u32);
        }
    }
}

/// Puts rows whose columns lie between the lines `from` into columns between the lines `to`, which has all of them.
pub(super) fn widen(rows: &mut [Vec<Option<Cell>>], from: &[f32], to: &[f32]) {
    if from.len() == to.len() {
        return;
    }
    let place = |line: usize| {
        let x = from.get(line).copied().unwrap_or_default();
        let distance = |at: &usize| to.get(*at).map_or(f32::INFINITY, |other| (other - x).abs());
        (0..to.len()).min_by(|one, other| distance(one).total_cmp(&distance(other))).unwrap_or_default()
    };
    let places: Vec<usize> = (0..from.len()).map(place).collect();
    for row in rows {
        let mut wide = vec![None; to.len().saturating_sub(1)];
        for (column, cell) in std::mem::take(row).into_iter().enumerate() {
            let Some(mut cell) = cell else { continue };
            let at = |line: usize| places.get(line).copied().unwrap_or_default();
            let (start, end) = (at(column), at(column + cell.columns as usize));
            cell.columns = end.saturating_sub(start).max(1) as u32;
            if let Some(place) = wide.get_mut(start) {
                *place = Some(cell);
            }
        }
        *row = wide;
    }
}

/// Adds the rows of the next page to a table, without the header that is repeated. Where the last row was `cut` by the
/// end of the page, the first of them is its rest.
pub(super) fn append(table: &mut Table, rows: Vec<Vec<Option<Cell>>>, cut: bool) {
    let repeated = table
        .rows
        .iter()
        .zip(&rows)
        .take(HEADER)
        .take_while(|(one, other)| {
            words(one).iter().any(|text| !text.is_empty()) && words(one) == words(other)
        })
        .count();
    let mut rows = rows.into_iter().skip(repeated);
    if cut
        && let Some(last) = table.rows.last_mut()
        && let Some(rest) = rows.next()
    {
        if alike(last, &rest) {
            for (cell, rest) in last.iter_mut().zip(rest) {
                if let (Some(cell), Some(rest)) = (cell, rest) {
                    go_on(&mut cell.blocks, rest.blocks);
                }
            }
        } else {
            table.rows.push(rest);
        }
    }
    table.rows.extend(rows);
}

/// True if two rows are cut into cells at the same places.
fn alike(one: &[Option<Cell>], other: &[Option<Cell>]) -> bool {
    let spans = |row: &[Option<Cell>]| -> Vec<Option<(u32, u32)>> {
        row.iter().map(|cell| cell.as_ref().map(|cell| (cell.columns, cell.rows))).collect()
    };
    spans(one) == spans(other)
}

/// Adds the blocks of a cell's rest; a paragraph whose sentence has not ended goes on.
fn go_on(blocks: &mut Vec<Block>, rest: Vec<Block>) {
    let mut rest = rest.into_iter();
    if let Some(Block::Paragraph(last)) = blocks.last_mut()
        && last.runs.last().is_some_and(|run| !ends_sentence(&run.text))
    {
        match rest.next() {
            Some(Block::Paragraph(next)) => last.runs.extend(next.runs),
            other => blocks.extend(other),
        }
    }
    blocks.extend(rest);
}

/// The texts of a row, to tell a header that is repeated.
fn words(row: &[Option<Cell>]) -> Vec<String> {
    row.iter()
        .flatten()
        .map(|cell| {
            cell.blocks
                .iter()
                .filter_map(|block| match block {
                    Block::Paragraph(paragraph) => Some(paragraph),
                    Block::Table(_) => None,
                })
                .flat_map(|paragraph| &paragraph.runs)
                .map(|run| run.text.as_str())
                .collect()
        })
        .collect()
}
