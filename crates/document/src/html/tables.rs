//! Tables of a page: which hold data, which only lay the page out, and the grid of the former.

use std::collections::BTreeMap;

use zhaoren_cancel::poll;

use super::tree::{Id, Tree};
use crate::limits::Budget;
use crate::refusal::Refusal;
use crate::sheets::{SheetData, Value};

/// The longest cell of a table without lines, in characters.
const LONGEST: usize = 400;

/// The rows of a table, without those of tables in it.
pub(super) fn rows(tree: &Tree, table: Id) -> Vec<Id> {
    let mut rows = Vec::new();
    let mut left: Vec<Id> = tree.children(table).iter().rev().copied().collect();
    while let Some(id) = left.pop() {
        poll();
        match &*tree.node(id).name {
            "tr" => rows.push(id),
            "table" | "td" | "th" | "" => {}
            _ => left.extend(tree.children(id).iter().rev()),
        }
    }
    rows
}

/// The tables of a page that hold no table, as data.
///
/// # Errors
/// The tables exceed a limit.
pub(super) fn data(tree: &Tree, budget: &mut Budget) -> Result<Vec<SheetData>, Refusal> {
    // A table within another comes behind it: the one before is then no table of data.
    let mut found: Vec<(Id, bool)> = Vec::new();
    let mut left: Vec<(Id, Option<usize>)> = vec![(0, None)];
    while let Some((id, within)) = left.pop() {
        poll();
        let mut within = within;
        if &*tree.node(id).name == "table" {
            if let Some(outer) = within.and_then(|outer| found.get_mut(outer)) {
                outer.1 = true;
            }
            within = Some(found.len());
            found.push((id, false));
        }
        left.extend(tree.children(id).iter().rev().map(|child| (*child, within)));
    }
    let tables = found.into_iter().filter(|(_, holds_tables)| !holds_tables);
    tables
        .map(|(table, _)| sheet(tree, table, budget))
        .filter(|sheet| !matches!(sheet, Ok(sheet) if sheet.cells.is_empty()))
        .collect()
}

/// A table as data. A span is a merged cell, at most to the end of the table.
fn sheet(tree: &Tree, table: Id, budget: &mut Budget) -> Result<SheetData, Refusal> {
    const WIDEST: u32 = 1 << 14;
    let rows = rows(tree, table);
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let mut sheet = SheetData::default();
    // The row behind the last one that a span from above covers, by column.
    let mut covered: BTreeMap<u32, u32> = BTreeMap::new();
    for (row, id) in (0_u32..).zip(rows) {
        let mut column = 0_u32;
        for cell in cells(tree, id) {
            budget.cells(1)?;
            while covered.get(&column).is_some_and(|end| *end > row) {
                column += 1;
            }
            if column >= WIDEST {
                break;
            }
            let node = tree.node(cell);
            let span = |name: &str| {
                node.attribute(name).and_then(|span| span.trim().parse::<u32>().ok()).unwrap_or(1)
            };
            let down = match span("rowspan") {
                0 => count,
                down => down.min(count - row),
            };
            let across = span("colspan").clamp(1, 1_000).min(WIDEST - column);
            let words = tree.words(cell);
            let words = words.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}');
            budget.text(words.len() / 3)?;
            if !words.is_empty() {
                sheet.cells.push((row, column, Value::Text(words.into())));
            }
            if down > 1 || across > 1 {
                let (last_row, last) = (row.saturating_add(down - 1), column + across - 1);
                sheet.merges.push([row, last_row, column, last]);
                budget.cells(usize::try_from(across).unwrap_or(usize::MAX))?;
                for at in column..=last {
                    covered.insert(at, last_row.saturating_add(1));
                }
            }
            column += across;
        }
    }
    Ok(sheet)
}

/// The cells of a row.
pub(super) fn cells(tree: &Tree, row: Id) -> impl Iterator<Item = Id> {
    tree.children(row).iter().copied().filter(|id| matches!(&*tree.node(*id).name, "td" | "th"))
}

/// True if a table holds data; others lay the page out.
///
/// One with lines or with heading cells does where it has two columns; one without lines has to look like a grid of short
/// cells. A table that holds tables lays out.
pub(super) fn is_data(tree: &Tree, table: Id) -> bool {
    let rows = rows(tree, table);
    let mut look = Look { longest: 0, blocks: 0, has_headings: false };
    let mut widths = Vec::new();
    for row in &rows {
        let mut width = 0;
        for cell in cells(tree, *row) {
            width += 1;
            look.has_headings |= &*tree.node(cell).name == "th";
            if !look.cell(tree, cell) {
                return false;
            }
        }
        widths.push(width);
    }
    let columns = widths.iter().copied().max().unwrap_or(0);
    let node = tree.node(table);
    let border = node.attribute("border").is_some_and(|border| !matches!(border.trim(), "" | "0"));
    let style = node.attribute("style").unwrap_or_default().to_ascii_lowercase();
    let styled = style.contains("border") && !style.contains("border:0") && !style.contains("border: 0");
    let ruled = border || styled || node.attribute("rules").is_some_and(|rules| rules != "none");
    if columns < 2 || look.blocks > 12 {
        return false;
    }
    if ruled || look.has_headings {
        return true;
    }
    let full = widths.iter().filter(|width| **width >= 2).count();
    rows.len() >= 2
        && full >= 2
        && full * 2 >= rows.len()
        && look.longest <= LONGEST
        && is_filled(tree, &rows)
}

/// True if more than one column has words: a menu beside a text has not, row by row.
fn is_filled(tree: &Tree, rows: &[Id]) -> bool {
    let filled = rows.iter().filter(|row| {
        cells(tree, **row).filter(|cell| !tree.words(*cell).trim().is_empty()).take(2).count() == 2
    });
    filled.count() >= 2
}

/// Statistics of a table's cells.
struct Look {
    /// Characters of the longest cell.
    longest: usize,
    /// Blocks in the fullest cell.
    blocks: usize,
    has_headings: bool,
}

impl Look {
    /// Looks at a cell; `false` where it holds a table.
    fn cell(&mut self, tree: &Tree, cell: Id) -> bool {
        let (mut characters, mut blocks) = (0, 0);
        let mut left = vec![cell];
        while let Some(id) = left.pop() {
            poll();
            let node = tree.node(id);
            match &*node.name {
                "table" => return false,
                "p" | "div" | "li" | "br" => blocks += 1,
                _ => {}
            }
            characters += node.text.len();
            left.extend(&node.children);
        }
        self.longest = self.longest.max(characters);
        self.blocks = self.blocks.max(blocks);
        true
    }
}
