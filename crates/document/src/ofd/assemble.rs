//! The document's blocks from its pages: tables, and paragraphs joined over lines and pages.

use std::collections::BTreeMap;

use super::columns::groups;
use super::geometry::Area;
use super::grid::{Grid, grids};
use super::layout::{Line, Margins, lines, running};
use super::page::Page;
use super::text::{Direction, Piece};
use crate::limits::Budget;
use crate::model::{Block, Cell, Document, Origin, Paragraph, Role, Run, Table};
use crate::refusal::Refusal;

/// A line or a table on a page, before paragraphs are joined.
enum PageElement {
    Line(Line),
    Table(TablePart),
}

/// A table on one page.
struct TablePart {
    page: u32,
    top: f64,
    /// Its middle across the page.
    middle: f64,
    /// Places of its lines between columns.
    xs: Vec<f64>,
    rows: Vec<Vec<Option<Cell>>>,
}

/// Adds the text of the pages to the document.
pub(super) fn assemble(
    pages: Vec<Page>,
    document: &mut Document,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    let boxes: Vec<Area> = pages.iter().map(|page| page.area.unwrap_or(super::A4)).collect();
    let (mut all, mut tables) = (Vec::new(), Vec::new());
    for (number, page) in (1u32..).zip(pages) {
        budget.step(page.pieces.len() as u64 + page.rules.len() as u64)?;
        let grids = grids(&page.rules, budget)?.unwrap_or_else(|| {
            document.remarks.push(format!("第 {number} 页的线条过多，未识别表格"));
            Vec::new()
        });
        let (inside, outside) = distribute(page.pieces, &grids, budget)?;
        for (grid, pieces) in grids.iter().zip(inside) {
            if pieces.iter().any(|cell| !cell.is_empty()) {
                tables.push(table(number, grid, pieces, budget)?);
            }
        }
        let area = page.area.unwrap_or(super::A4);
        for (group, columns) in (0u32..).zip(groups(outside, area)) {
            budget.step(columns.pieces.len() as u64)?;
            let column = columns.column;
            all.extend(lines(number, columns.pieces).into_iter().map(|line| Line { group, column, ..line }));
        }
    }
    let running = running(&all, &boxes);
    let kept: Vec<Line> =
        all.into_iter().zip(running).filter(|(_, running)| !running).map(|(line, _)| line).collect();
    let mut places: Vec<(Direction, u8)> = kept.iter().map(|line| (line.direction, line.column)).collect();
    places.sort_unstable();
    places.dedup();
    let margins = places.into_iter().map(|place| {
        (place, Margins::of(kept.iter().filter(move |line| (line.direction, line.column) == place)))
    });
    let margins = margins.collect();
    let mut flow = Flow { document, margins, last: BTreeMap::new(), open_table: None };
    for part in order(kept, tables) {
        zhaoren_cancel::poll();
        match part {
            PageElement::Line(line) => flow.line(line),
            PageElement::Table(table) => flow.table(table),
        }
    }
    Ok(())
}

/// Pieces by the table and cell that they lie in, and those outside of all tables.
type Distribution = (Vec<Vec<Vec<Piece>>>, Vec<Piece>);

fn distribute(pieces: Vec<Piece>, grids: &[Grid], budget: &mut Budget) -> Result<Distribution, Refusal> {
    let mut inside: Vec<Vec<Vec<Piece>>> =
        grids.iter().map(|grid| vec![Vec::new(); grid.rows() * grid.columns()]).collect();
    let mut outside = Vec::new();
    for piece in pieces {
        budget.step(grids.len() as u64 + 1)?;
        // Of tables in tables the innermost has the text.
        let smallest =
            grids.iter().enumerate().filter(|(_, grid)| grid.area.holds(piece.area.middle())).min_by(
                |(_, a), (_, b)| {
                    (a.area.width() * a.area.height()).total_cmp(&(b.area.width() * b.area.height()))
                },
            );
        let Some((index, grid)) = smallest else {
            outside.push(piece);
            continue;
        };
        let parts = if piece.direction == Direction::Right {
            let size = piece.size;
            piece.split(|before, at| {
                let line = |x: f64| grid.xs.partition_point(|line| *line <= x + size * 0.3);
                line(before) != line(at)
            })
        } else {
            vec![piece]
        };
        for part in parts {
            let cell = grid.cell_at(part.area.middle());
            match cell.and_then(|cell| inside.get_mut(index).and_then(|cells| cells.get_mut(cell))) {
                Some(cell) => cell.push(part),
                None => outside.push(part),
            }
        }
    }
    Ok((inside, outside))
}

fn table(page: u32, grid: &Grid, pieces: Vec<Vec<Piece>>, budget: &mut Budget) -> Result<TablePart, Refusal> {
    let (rows, columns) = (grid.rows(), grid.columns());
    let mut spans = vec![(0u32, 0u32); rows * columns];
    for row in 0..rows {
        for column in 0..columns {
            let Some(owner) = grid.owner(row, column) else { continue };
            if let Some(span) = spans.get_mut(owner) {
                let far =
                    |from: usize, to: usize| u32::try_from(to.saturating_sub(from) + 1).unwrap_or(u32::MAX);
                *span = (far(owner / columns, row).max(span.0), far(owner % columns, column).max(span.1));
            }
        }
    }
    let mut pieces = pieces.into_iter().zip(spans);
    let mut result = Vec::with_capacity(rows);
    for row in 0..rows {
        let mut cells = Vec::with_capacity(columns);
        for column in 0..columns {
            budget.step(1)?;
            let Some((content, span)) = pieces.next() else { continue };
            let owned = grid.owner(row, column) == Some(row * columns + column);
            cells.push(owned.then(|| Cell {
                blocks: cell(page, content),
                columns: span.1.max(1),
                rows: span.0.max(1),
            }));
        }
        result.push(cells);
    }
    let (middle, _) = grid.area.middle();
    Ok(TablePart { page, top: grid.area.top, middle, xs: grid.xs.clone(), rows: result })
}

/// The paragraphs of a cell. A line that is as wide as the widest goes on in the next.
fn cell(page: u32, pieces: Vec<Piece>) -> Vec<Block> {
    let lines = lines(page, pieces);
    let widest = lines.iter().map(|line| line.end - line.start).fold(0.0, f64::max);
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut full = false;
    for line in lines {
        let goes_on = full && !crate::printed::begins_provision(&line.text);
        full = line.end - line.start > widest - line.size * 1.6;
        match paragraphs.last_mut() {
            Some(last) if goes_on => join(last, run(&line)),
            _ => paragraphs.push(paragraph(&line)),
        }
    }
    paragraphs.into_iter().map(Block::Paragraph).collect()
}

/// Lines and tables in reading order. Lines that do not run to the right keep together, and are put where the highest of
/// them begins on the page, between the other lines.
fn order(lines: Vec<Line>, tables: Vec<TablePart>) -> Vec<PageElement> {
    let mut tops: BTreeMap<(u32, Direction), f64> = BTreeMap::new();
    // The areas of the groups of each page.
    let mut areas: BTreeMap<u32, BTreeMap<u32, Area>> = BTreeMap::new();
    for line in &lines {
        let top = tops.entry((line.page, line.direction)).or_insert(f64::INFINITY);
        *top = top.min(line.area.top);
        if line.direction == Direction::Right {
            let groups = areas.entry(line.page).or_default();
            groups.entry(line.group).and_modify(|area| *area = area.union(line.area)).or_insert(line.area);
        }
    }
    // The group at a place: that with the place between its sides, of those that reach below it.
    let group = |page: u32, (x, y): (f64, f64)| {
        let groups = || areas.get(&page).into_iter().flatten().filter(|(_, area)| area.bottom > y);
        let beside = groups().find(|(_, area)| x >= area.left && x <= area.right).or_else(|| groups().next());
        beside.map_or(u32::MAX, |(group, _)| *group)
    };
    let mut parts: Vec<(u32, u32, f64, f64, PageElement)> = Vec::with_capacity(lines.len() + tables.len());
    for line in lines {
        let (place, group) = match line.direction {
            Direction::Right => (line.middle, line.group),
            _ => {
                let top = tops.get(&(line.page, line.direction)).copied().unwrap_or(line.area.top);
                (top, group(line.page, (f64::INFINITY, top)))
            }
        };
        parts.push((line.page, group, place, line.middle, PageElement::Line(line)));
    }
    for table in tables {
        let group = group(table.page, (table.middle, table.top));
        parts.push((table.page, group, table.top, 0.0, PageElement::Table(table)));
    }
    let key = |part: &(u32, u32, f64, f64, PageElement)| (part.0, part.1);
    parts.sort_by(|a, b| key(a).cmp(&key(b)).then(a.2.total_cmp(&b.2)).then(a.3.total_cmp(&b.3)));
    parts.into_iter().map(|part| part.4).collect()
}

/// The document as it grows.
struct Flow<'a> {
    document: &'a mut Document,
    /// Margins of each direction and column.
    margins: BTreeMap<(Direction, u8), Margins>,
    /// For each direction its last line and the block that it is in: text at the side of a page does not part a
    /// paragraph that goes on on the next page.
    last: BTreeMap<Direction, (Line, usize)>,
    /// Page and places of columns of the table that is the last block.
    open_table: Option<(u32, Vec<f64>)>,
}

impl Flow<'_> {
    fn line(&mut self, line: Line) {
        self.open_table = None;
        let margins = |line: &Line| self.margins.get(&(line.direction, line.column)).copied();
        let block = self.last.get(&line.direction).and_then(|(last, block)| {
            margins(&line)?.continues(last, margins(last)?, &line).then_some(*block)
        });
        let direction = line.direction;
        if let Some(block) = block
            && let Some(Block::Paragraph(paragraph)) = self.document.blocks.get_mut(block)
        {
            join(paragraph, run(&line));
            self.last.insert(direction, (line, block));
            return;
        }
        let paragraph = paragraph(&line);
        self.last.insert(direction, (line, self.document.blocks.len()));
        self.document.blocks.push(Block::Paragraph(paragraph));
    }

    /// Adds a table, or the rows of one that goes on from the page before.
    fn table(&mut self, table: TablePart) {
        self.last.clear();
        let open = self.open_table.replace((table.page, table.xs.clone()));
        let goes_on = open.is_some_and(|(page, xs)| {
            page + 1 == table.page
                && xs.len() == table.xs.len()
                && xs.iter().zip(&table.xs).all(|(a, b)| (a - b).abs() < 1.5)
        });
        match self.document.blocks.last_mut() {
            Some(Block::Table(before)) if goes_on => {
                let repeated = match (before.rows.first(), table.rows.first()) {
                    (Some(head), Some(first)) => words(head) == words(first),
                    _ => false,
                };
                // A head of one row is repeated on each page; merged heads are kept, for their rows hang together.
                let single =
                    table.rows.first().is_some_and(|row| row.iter().flatten().all(|cell| cell.rows == 1));
                let skipped = usize::from(repeated && single);
                before.rows.extend(table.rows.into_iter().skip(skipped));
            }
            _ => self.document.blocks.push(Block::Table(Table { rows: table.rows })),
        }
    }
}

/// The words of a row.
fn words(row: &[Option<Cell>]) -> Vec<String> {
    let text = |cell: &Cell| {
        let paragraphs = cell.blocks.iter().filter_map(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph),
            Block::Table(_) => None,
        });
        paragraphs.flat_map(|paragraph| &paragraph.runs).map(|run| run.text.as_str()).collect::<String>()
    };
    row.iter().map(|cell| cell.as_ref().map(text).unwrap_or_default()).collect()
}

fn run(line: &Line) -> Run {
    Run {
        text: line.text.trim().to_owned(),
        origin: Origin::Page { page: line.page, area: line.area.points() },
    }
}

fn paragraph(line: &Line) -> Paragraph {
    Paragraph { role: Role::Body, number: None, runs: vec![run(line)] }
}

/// Adds a line to a paragraph. Words of Latin letters are parted; a number that is cut by the margin is not.
fn join(paragraph: &mut Paragraph, run: Run) {
    if let Some(last) = paragraph.runs.last_mut() {
        let before = last.text.chars().next_back().is_some_and(|character| character.is_ascii_alphabetic());
        if before && run.text.chars().next().is_some_and(|character| character.is_ascii_alphabetic()) {
            last.text.push(' ');
        }
    }
    paragraph.runs.push(run);
}
