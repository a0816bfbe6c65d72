//! The layout of a page: its rows outside of tables, its tables, and the reading order of both.

use super::guard;
use super::lines::{self, Line, Row};
use super::notes;
use super::order::{self, Flow};
use super::page::{Direction, Drawing, Glyph, Rule};
use super::tables::{self, Grid};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// A page whose text is in rows.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Width and height as it is read: turned where most of the text is.
    pub(super) size: (f32, f32),
    /// Width and height as it is seen.
    pub(super) seen: (f32, f32),
    pub(super) direction: Direction,
    pub(super) rows: Vec<Row>,
    pub(super) tables: Vec<Framed>,
    /// Horizontal lines that are of no table, from the top down.
    rules: Vec<Rule>,
    /// Rows of text that runs in other directions.
    pub(super) aside: Vec<(Direction, Vec<Row>)>,
    pub(super) pictured: f32,
    pub(super) outlines: u32,
    pub(super) broken: bool,
    /// True if the text was recognized in the picture of a scan.
    pub(super) recognized: bool,
    pub(super) slanted: u32,
    /// Radicals that were written for the characters that they look like.
    pub(super) radicals: usize,
    /// Glyphs of the page that are no blanks, and how many of them could not be decoded.
    pub(super) characters: usize,
    pub(super) damaged: usize,
}

/// A table with the lines of its cells.
#[derive(Debug)]
pub(super) struct Framed {
    pub(super) grid: Grid,
    /// For each cell of the grid.
    pub(super) lines: Vec<Vec<Line>>,
}

/// A part of a page, in reading order.
#[derive(Debug)]
pub(super) enum PageElement {
    Flow(Flow),
    /// Index of a table of the sheet.
    Table(usize),
}

const DIRECTIONS: [Direction; 4] = [Direction::Right, Direction::Down, Direction::Left, Direction::Up];

impl Sheet {
    /// The sheet of a page's drawing.
    pub(super) fn new(mut drawing: Drawing, budget: &mut Budget) -> Result<Self, Refusal> {
        let seen = drawing.size;
        let mut radicals = 0;
        for glyph in &mut drawing.glyphs {
            let meant = guard::ideograph(glyph.character);
            radicals += usize::from(meant != glyph.character);
            glyph.character = meant;
        }
        let pictured = drawing.pictured();
        let characters = drawing.glyphs.iter().filter(|glyph| !glyph.character.is_whitespace()).count();
        let mut damaged = drawing.glyphs.iter().filter(|glyph| glyph.character == '\u{FFFD}').count();
        // Maps that were made without the font lead every code to one sign, or to a blank.
        let signs = drawing.glyphs.iter().filter(|glyph| matches!(glyph.character, '?' | '□')).count();
        let blanks = drawing.glyphs.len() - characters;
        if signs > 20 && signs * 3 > characters {
            damaged += signs;
        }
        if blanks > 100 && blanks > characters * 4 {
            damaged += blanks;
        }
        let count = |direction| drawing.glyphs.iter().filter(|glyph| glyph.direction == direction).count();
        let direction = DIRECTIONS
            .into_iter()
            .rev()
            .max_by_key(|direction| count(*direction))
            .unwrap_or(Direction::Right);
        let size = match direction {
            Direction::Right | Direction::Left => seen,
            Direction::Down | Direction::Up => (seen.1, seen.0),
        };
        let mut main = Vec::new();
        let mut aside = Vec::new();
        for other in DIRECTIONS {
            let glyphs: Vec<Glyph> =
                drawing.glyphs.iter().filter(|glyph| glyph.direction == other).cloned().collect();
            if other == direction {
                main = glyphs;
            } else if !glyphs.is_empty() {
                aside.push((other, lines::rows(glyphs, budget)?));
            }
        }
        let (horizontal, vertical) = turned(&drawing, direction);
        let grids = tables::grids(&horizontal, &vertical, budget)?;
        let (tables, rest) = fill(grids, main, budget)?;
        let mut rules = horizontal;
        rules.sort_by(|one, other| one.at.total_cmp(&other.at));
        Ok(Self {
            size,
            seen,
            direction,
            rows: lines::rows(rest, budget)?,
            tables,
            rules,
            aside,
            pictured,
            outlines: drawing.outlines,
            broken: drawing.broken,
            recognized: false,
            radicals,
            slanted: drawing.slanted,
            characters,
            damaged,
        })
    }

    /// Takes the lines of the footnotes from the page.
    pub(super) fn take_notes(&mut self) -> Vec<Line> {
        notes::take(&mut self.rows, &self.rules, self.size.0)
    }

    /// The parts of the page in reading order. A table stands between the rows above it and below it. `gutter` is the gap
    /// between the columns of the page before.
    pub(super) fn parts(
        &mut self,
        gutter: &mut Option<f32>,
        budget: &mut Budget,
    ) -> Result<Vec<PageElement>, Refusal> {
        let mut parts = Vec::new();
        let mut rows = std::mem::take(&mut self.rows);
        for (at, table) in self.tables.iter().enumerate() {
            budget.step(1)?;
            let above = rows.partition_point(|row| row.baseline < table.grid.area.center().1);
            let below = rows.split_off(above);
            parts.extend(order::flows(rows, gutter, budget)?.into_iter().map(PageElement::Flow));
            parts.push(PageElement::Table(at));
            rows = below;
        }
        parts.extend(order::flows(rows, gutter, budget)?.into_iter().map(PageElement::Flow));
        Ok(parts)
    }
}

/// The ruled lines in the coordinates of the turned page.
fn turned(drawing: &Drawing, direction: Direction) -> (Vec<Rule>, Vec<Rule>) {
    use super::page::Area;
    let turn = |area: Area| area.turned(direction, drawing.size);
    let across = |rule: &Rule| {
        let area = turn(Area { x0: rule.from, y0: rule.at, x1: rule.to, y1: rule.at });
        match direction {
            Direction::Right | Direction::Left => Rule { at: area.y0, from: area.x0, to: area.x1 },
            Direction::Down | Direction::Up => Rule { at: area.x0, from: area.y0, to: area.y1 },
        }
    };
    let down = |rule: &Rule| {
        let area = turn(Area { x0: rule.at, y0: rule.from, x1: rule.at, y1: rule.to });
        match direction {
            Direction::Right | Direction::Left => Rule { at: area.x0, from: area.y0, to: area.y1 },
            Direction::Down | Direction::Up => Rule { at: area.y0, from: area.x0, to: area.x1 },
        }
    };
    let horizontal = drawing.horizontal.iter().map(across).collect();
    let vertical = drawing.vertical.iter().map(down).collect();
    match direction {
        Direction::Right | Direction::Left => (horizontal, vertical),
        Direction::Down | Direction::Up => (vertical, horizontal),
    }
}

/// Puts the glyphs into the cells that they stand in; gives the rest back. A grid without text is a drawing, and none.
fn fill(
    grids: Vec<Grid>,
    glyphs: Vec<Glyph>,
    budget: &mut Budget,
) -> Result<(Vec<Framed>, Vec<Glyph>), Refusal> {
    let mut held: Vec<Vec<Vec<Glyph>>> =
        grids.iter().map(|grid| vec![Vec::new(); grid.cells.len()]).collect();
    let places: Vec<Vec<Vec<usize>>> = grids.iter().map(places).collect();
    let mut rest = Vec::new();
    for glyph in glyphs {
        budget.step(grids.len() as u64)?;
        let center = glyph.area.center();
        // The innermost grid about the glyph.
        let inner = grids.iter().enumerate().filter(|(_, grid)| grid.area.holds(center)).min_by(
            |(_, one), (_, other)| {
                (one.area.width() * one.area.height()).total_cmp(&(other.area.width() * other.area.height()))
            },
        );
        let cell = inner.and_then(|(at, grid)| {
            let column = grid.xs.partition_point(|x| *x <= center.0).checked_sub(1)?;
            let row = grid.ys.partition_point(|y| *y <= center.1).checked_sub(1)?;
            let cell = *places.get(at)?.get(row)?.get(column)?;
            Some((at, cell))
        });
        match cell.and_then(|(at, cell)| held.get_mut(at)?.get_mut(cell)) {
            Some(cell) => cell.push(glyph),
            None => rest.push(glyph),
        }
    }
    let mut tables = Vec::new();
    for (grid, cells) in grids.into_iter().zip(held) {
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        // One cell with text in a frame of several: a box with ornaments, whose text is text of the page.
        if filled < 2 {
            rest.extend(cells.into_iter().flatten());
            continue;
        }
        let mut lines = Vec::new();
        for cell in cells {
            let rows = lines::rows(cell, budget)?;
            lines.push(rows.iter().filter_map(|row| lines::line(&row.segments)).collect());
        }
        tables.push(Framed { grid, lines });
    }
    Ok((tables, rest))
}

/// For each place of a grid, the cell that covers it.
fn places(grid: &Grid) -> Vec<Vec<usize>> {
    let (rows, columns) = (grid.ys.len().saturating_sub(1), grid.xs.len().saturating_sub(1));
    let mut places = vec![vec![0; columns]; rows];
    for (at, cell) in grid.cells.iter().enumerate() {
        for row in places.iter_mut().skip(cell.row).take(cell.rows) {
            for place in row.iter_mut().skip(cell.column).take(cell.columns) {
                *place = at;
            }
        }
    }
    places
}
