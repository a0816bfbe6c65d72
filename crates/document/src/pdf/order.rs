//! Reading order: columns are read one after the other, the left one first; what runs across parts them.

use std::collections::BTreeMap;

use super::lines::{Line, Row, Segment, line};
use super::page::Area;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Lines that are read from the top down between the same edges.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) lines: Vec<Line>,
    /// True if it is one of several columns; a page's only column is not.
    pub(super) column: bool,
    /// True if rows in it are parted alike, as those of a table without lines.
    pub(super) tabular: bool,
}

impl Flow {
    fn of(rows: &[Row], column: bool) -> Self {
        let mut flow = Self { lines: Vec::new(), column, tabular: false };
        for run in rows.chunk_by(is_parted_alike) {
            let tabular = run.len() >= TABULAR;
            flow.tabular |= tabular;
            let lines = run.iter().filter_map(|row| line(&row.segments));
            flow.lines.extend(lines.map(|line| Line { tabular, ..line }));
        }
        flow
    }
}

/// Depth to which columns may lie in columns: two cuts make four.
const DEPTH: u32 = 2;

/// Places of gutters that are tried.
const PLACES: usize = 16;

/// Lines that a column has at least on either side.
const LINES: usize = 3;

/// The flows of some rows, in reading order. `known` is the gutter of the page before, and becomes that of this one.
pub(super) fn flows(
    rows: Vec<Row>,
    known: &mut Option<f32>,
    budget: &mut Budget,
) -> Result<Vec<Flow>, Refusal> {
    let mut out = Vec::new();
    let found = gutter(&rows, budget)?;
    // The end of a text in columns may be a few lines.
    let goes_on = |x: &f32| found.is_none() && bands(&rows, *x).any(|band| is_columns(band, *x, 2));
    if let Some(x) = known.filter(goes_on) {
        cut_at(&rows, x, 2, DEPTH, budget, &mut out)?;
    } else {
        *known = found.or(*known);
        cut(rows, DEPTH, false, budget, &mut out)?;
    }
    Ok(out)
}

fn cut(
    rows: Vec<Row>,
    depth: u32,
    column: bool,
    budget: &mut Budget,
    out: &mut Vec<Flow>,
) -> Result<(), Refusal> {
    let gutter = if depth > 0 { gutter(&rows, budget)? } else { None };
    let Some(gutter) = gutter else {
        out.push(Flow::of(&rows, column));
        return Ok(());
    };
    cut_at(&rows, gutter, LINES, depth, budget, out)
}

/// Reads the two sides of a gutter one after the other, band by band.
fn cut_at(
    rows: &[Row],
    gutter: f32,
    least: usize,
    depth: u32,
    budget: &mut Budget,
    out: &mut Vec<Flow>,
) -> Result<(), Refusal> {
    for band in bands(rows, gutter) {
        if !is_columns(band, gutter, least) {
            out.push(Flow::of(band, depth < DEPTH));
            continue;
        }
        let (left, right) = sides(band, gutter);
        cut(left, depth - 1, true, budget, out)?;
        cut(right, depth - 1, true, budget, out)?;
    }
    Ok(())
}

/// Rows in a row that have to be parted alike.
const TABULAR: usize = 3;

/// True if two rows have wide gaps at the same places.
fn is_parted_alike(one: &Row, other: &Row) -> bool {
    one.segments.len() > 1
        && one.segments.len() == other.segments.len()
        && one.segments.iter().zip(&other.segments).all(|(a, b)| (a.area.x0 - b.area.x0).abs() < a.size * 0.6)
        && one.segments.windows(2).all(|pair| match pair {
            [a, b] => b.area.x0 - a.area.x1 > a.size * 1.5,
            _ => true,
        })
}

/// The place of the gap between two columns that parts most of the text, if there is one.
fn gutter(rows: &[Row], budget: &mut Budget) -> Result<Option<f32>, Refusal> {
    let Some(area) = rows.iter().flat_map(|row| &row.segments).map(|one| one.area).reduce(|a, b| a.union(&b))
    else {
        return Ok(None);
    };
    // Where segments begin a gutter can end; the places where most begin are tried, to 4 points.
    let mut begun: BTreeMap<i32, usize> = BTreeMap::new();
    for segment in rows.iter().flat_map(|row| &row.segments) {
        let x = segment.area.x0 - segment.size * 0.5;
        if x > area.x0 + area.width() * 0.15 && x < area.x1 - area.width() * 0.15 {
            *begun.entry((x / 4.0) as i32).or_default() += 1;
        }
    }
    let mut starts: Vec<(usize, i32)> =
        begun.into_iter().filter(|(_, count)| *count >= 2).map(|(start, count)| (count, start)).collect();
    starts.sort_unstable_by(|one, other| other.cmp(one));
    starts.truncate(PLACES);
    let mut best: Option<(usize, f32)> = None;
    for (_, start) in starts {
        budget.step(rows.len() as u64)?;
        let x = start as f32 * 4.0 + 2.0;
        let parted: usize = bands(rows, x)
            .filter(|band| is_columns(band, x, LINES))
            .flatten()
            .flat_map(|row| &row.segments)
            .map(|segment| segment.glyphs.len())
            .sum();
        if parted > best.map_or(0, |(most, _)| most) {
            best = Some((parted, x));
        }
    }
    Ok(best.map(|(_, x)| x))
}

/// Runs of rows that a segment across the gutter does, or does not, belong to.
fn bands(rows: &[Row], gutter: f32) -> impl Iterator<Item = &[Row]> {
    let across = move |row: &Row| row.segments.iter().any(|segment| crosses(segment, gutter));
    rows.chunk_by(move |one, other| across(one) == across(other))
}

fn crosses(segment: &Segment, gutter: f32) -> bool {
    segment.area.x0 < gutter && segment.area.x1 > gutter
}

/// True if a band is text in two columns and no list of short entries: there are lines enough on either side, and most
/// of them fill their column.
fn is_columns(band: &[Row], gutter: f32, least: usize) -> bool {
    let mut sides: [Vec<Area>; 2] = [Vec::new(), Vec::new()];
    let mut characters = [0_usize; 2];
    for segment in band.iter().flat_map(|row| &row.segments) {
        if crosses(segment, gutter) {
            return false;
        }
        let side = usize::from(segment.area.x0 >= gutter);
        if let (Some(areas), Some(count)) = (sides.get_mut(side), characters.get_mut(side)) {
            areas.push(segment.area);
            *count += segment.glyphs.len();
        }
    }
    let filled = |side: &[Area], characters: usize| {
        let Some(all) = side.iter().copied().reduce(|one, other| one.union(&other)) else { return false };
        let wide = side.iter().filter(|area| area.width() >= all.width() * 0.75).count();
        side.len() >= least && wide * 2 >= side.len() && characters >= side.len() * 7
    };
    let [left, right] = &sides;
    let gap = right.iter().map(|area| area.x0).fold(f32::INFINITY, f32::min)
        - left.iter().map(|area| area.x1).fold(f32::NEG_INFINITY, f32::max);
    gap > 6.0
        && left.len() >= least
        && right.len() >= least
        // One of the sides may be mostly headings and short lines, as the end of an article.
        && (filled(left, characters[0]) || filled(right, characters[1]))
        && characters[0] >= left.len() * 5
        && characters[1] >= right.len() * 5
}

/// The rows of a band on either side of the gutter.
fn sides(band: &[Row], gutter: f32) -> (Vec<Row>, Vec<Row>) {
    let part = |right: bool| {
        band.iter()
            .filter_map(|row| {
                let segments: Vec<Segment> = row
                    .segments
                    .iter()
                    .filter(|segment| (segment.area.x0 >= gutter) == right)
                    .cloned()
                    .collect();
                let first = segments.first()?;
                Some(Row { baseline: first.baseline, size: first.size, segments })
            })
            .collect()
    };
    (part(false), part(true))
}
