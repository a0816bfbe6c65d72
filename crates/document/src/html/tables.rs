//! Tables of a page: which hold data, which only lay the page out, and the grid of the former.

use zhaoren_cancel::poll;

use super::tree::{Id, Tree};

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

/// The cells of a row.
pub(super) fn cells(tree: &Tree, row: Id) -> impl Iterator<Item = Id> {
    tree.children(row).iter().copied().filter(|id| matches!(&*tree.node(*id).name, "td" | "th"))
}

/// Whether a table holds data; others lay the page out.
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

/// Whether more than one column has words: a menu beside a text has not, row by row.
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
