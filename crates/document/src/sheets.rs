//! Sheets of workbooks as displayed: without hidden parts, with values in their number format.

mod biff;
mod data;
mod format;
mod look;
mod strings;
mod xls;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::form::Form;
use crate::grid::empty;
use crate::limits::Budget;
use crate::model::{Block, Cell, Document, Origin, Paragraph, Role, Run, Table};
use crate::refusal::Refusal;
use crate::text::is_blank;

pub use data::{SheetData, Value, sheets};
pub(crate) use xls::read as read_xls;
pub(crate) use xlsx::read as read_xlsx;

/// Rows of a sheet of Excel 2007 and later.
const MOST_ROWS: u32 = 1 << 20;
/// Columns of a sheet of Excel 2007 and later.
const MOST_COLUMNS: u32 = 1 << 14;
/// Empty rows or columns between two that have words; a longer gap is shown as one.
const GAP: u32 = 50;

/// A sheet with its non-empty cells, and its hidden rows and columns.
#[derive(Debug, Default)]
struct Sheet {
    name: String,
    /// Words by row and column, from 0.
    cells: BTreeMap<(u32, u32), String>,
    /// Values of cells, where the sheet is read as data.
    values: Vec<(u32, u32, Value)>,
    /// First and last row and column of merged cells.
    merges: Vec<[u32; 4]>,
    hidden_rows: HashSet<u32>,
    /// First and last columns that are hidden.
    hidden_columns: Vec<(u32, u32)>,
    /// Formulas whose result the file does not hold.
    without_result: usize,
    /// Layers of pictures, shapes and text boxes.
    drawings: usize,
    /// Cells whose words are white on white.
    white: usize,
}

/// A workbook.
#[derive(Debug, Default)]
struct Workbook {
    sheets: Vec<Sheet>,
    /// Sheets that are hidden.
    hidden: usize,
}

impl Workbook {
    /// The tables of the sheets.
    ///
    /// # Errors
    /// There is no word in it, or the tables exceed a limit.
    fn document(self, form: Form, budget: &mut Budget) -> Result<Document, Refusal> {
        let mut document = Document::new(form);
        let mut tables = Vec::new();
        for sheet in &self.sheets {
            if let Some(table) = sheet.table(budget)? {
                tables.push((sheet.name.as_str(), table));
            }
        }
        let are_several = tables.len() > 1;
        for (name, table) in tables {
            if are_several {
                let origin = Origin::Sheet { sheet: Arc::from(name), row: 1, column: 1 };
                let runs = vec![Run { text: name.to_owned(), origin }];
                document.blocks.push(Block::Paragraph(Paragraph {
                    role: Role::Heading(1),
                    number: None,
                    runs,
                }));
            }
            document.blocks.push(Block::Table(table));
        }
        if document.blocks.is_empty() {
            return Err(Refusal::Empty);
        }
        let hidden_rows: usize = self.sheets.iter().map(|sheet| sheet.hidden_rows.len()).sum();
        let hidden_columns: usize = self.sheets.iter().map(|sheet| sheet.hidden_columns.len()).sum();
        let without_result: usize = self.sheets.iter().map(|sheet| sheet.without_result).sum();
        let drawings: usize = self.sheets.iter().map(|sheet| sheet.drawings).sum();
        let white: usize = self.sheets.iter().map(|sheet| sheet.white).sum();
        for (count, remark) in [
            (self.hidden, "个隐藏的工作表没有读取"),
            (hidden_rows, "行被隐藏，没有读取"),
            (hidden_columns, "处被隐藏的列没有读取"),
            (drawings, "个工作表中有图形、图片或文本框，其中的文字没有读取"),
            (white, "个单元格为白底白字，看不见，没有读取"),
            (without_result, "个公式在文件中没有计算结果，其单元格为空"),
        ] {
            if count > 0 {
                document.remarks.push(format!("有{count}{remark}"));
            }
        }
        Ok(document)
    }
}

impl Sheet {
    /// Puts words into a cell; places beyond a sheet are passed over.
    fn put(&mut self, row: u32, column: u32, words: String, budget: &mut Budget) -> Result<(), Refusal> {
        if row >= MOST_ROWS || column >= MOST_COLUMNS || words.trim_matches(is_blank).is_empty() {
            return Ok(());
        }
        budget.text(words.chars().count())?;
        budget.cells(1)?;
        self.cells.insert((row, column), words);
        Ok(())
    }

    /// Puts a value into a cell; places beyond a sheet are passed over.
    fn put_value(&mut self, row: u32, column: u32, value: Value, budget: &mut Budget) -> Result<(), Refusal> {
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Ok(());
        }
        if let Value::Text(text) = &value {
            if text.trim_matches(is_blank).is_empty() {
                return Ok(());
            }
            budget.text(text.len() / 3)?;
        }
        budget.cells(1)?;
        self.values.push((row, column, value));
        Ok(())
    }

    /// The sheet as data. Of two values at one place the later counts.
    fn into_data(self) -> SheetData {
        let mut cells = self.values;
        cells.sort_by_key(|(row, column, _)| (*row, *column));
        let mut single: Vec<(u32, u32, Value)> = Vec::with_capacity(cells.len());
        for cell in cells {
            zhaoren_cancel::poll();
            match single.last_mut().filter(|last| (last.0, last.1) == (cell.0, cell.1)) {
                Some(last) => *last = cell,
                None => single.push(cell),
            }
        }
        SheetData {
            name: self.name,
            is_hidden: false,
            cells: single,
            merges: self.merges,
            hidden_rows: self.hidden_rows.into_iter().collect(),
        }
    }

    /// The ranges of hidden columns, in order and apart.
    fn hidden_ranges(&self) -> Vec<(u32, u32)> {
        let mut ranges = self.hidden_columns.clone();
        ranges.sort_unstable();
        let mut apart: Vec<(u32, u32)> = Vec::new();
        for (first, last) in ranges {
            zhaoren_cancel::poll();
            match apart.last_mut().filter(|before| first <= before.1) {
                Some(before) => before.1 = before.1.max(last),
                None => apart.push((first, last)),
            }
        }
        apart
    }

    /// The sheet as a grid; `None` where nothing is seen.
    ///
    /// # Errors
    /// The grid exceeds the limit of cells.
    fn table(&self, budget: &mut Budget) -> Result<Option<Table>, Refusal> {
        let mut columns = BTreeSet::new();
        let mut rows = BTreeSet::new();
        budget.step(self.cells.len() as u64)?;
        let hidden = self.hidden_ranges();
        let is_hidden = |column: u32| {
            let after = hidden.partition_point(|(first, _)| *first <= column);
            after.checked_sub(1).and_then(|at| hidden.get(at)).is_some_and(|(_, last)| column <= *last)
        };
        for (row, column) in self.cells.keys() {
            if !self.hidden_rows.contains(row) && !is_hidden(*column) {
                rows.insert(*row);
                columns.insert(*column);
            }
        }
        for merge @ [first_row, _, first_column, _] in &self.merges {
            let is_seen = !self.hidden_rows.contains(first_row) && !is_hidden(*first_column);
            if is_seen || !self.cells.contains_key(&(*first_row, *first_column)) {
                continue;
            }
            // The words of a merged cell whose first place is hidden are seen in the rest of it.
            if let Some((row, column)) = self.first_seen(merge, is_hidden, budget)? {
                rows.insert(row);
                columns.insert(column);
            }
        }
        let rows = with_gaps(&rows, |row| !self.hidden_rows.contains(&row));
        let columns = with_gaps(&columns, |column| !is_hidden(column));
        if rows.is_empty() || columns.is_empty() {
            return Ok(None);
        }
        budget.cells(rows.len().saturating_mul(columns.len()))?;
        let mut grid: Vec<Vec<Option<Cell>>> = Vec::with_capacity(rows.len());
        let sheet: Arc<str> = Arc::from(self.name.as_str());
        for row in &rows {
            budget.step(columns.len() as u64)?;
            let cell = |column: &u32| {
                let words = self.cells.get(&(*row, *column));
                Some(words.map_or_else(empty, |words| cell(words, &sheet, *row, *column)))
            };
            grid.push(columns.iter().map(cell).collect());
        }
        self.merge(&mut grid, &rows, &columns, &sheet, budget)?;
        Ok(Some(Table { rows: grid }))
    }

    /// The first row and column of a merged cell that are seen.
    fn first_seen(
        &self,
        [first_row, last_row, first_column, last_column]: &[u32; 4],
        is_hidden: impl Fn(u32) -> bool,
        budget: &mut Budget,
    ) -> Result<Option<(u32, u32)>, Refusal> {
        let row = (*first_row..=*last_row).find(|row| !self.hidden_rows.contains(row));
        let column = (*first_column..=*last_column).find(|column| !is_hidden(*column));
        let looked = row.unwrap_or(*last_row).saturating_sub(*first_row);
        budget.step(
            u64::from(looked) + u64::from(column.unwrap_or(*last_column).saturating_sub(*first_column)),
        )?;
        Ok(row.zip(column))
    }

    /// Merges cells. The words of a merged cell stand in the first place of it that is seen.
    fn merge(
        &self,
        grid: &mut [Vec<Option<Cell>>],
        rows: &[u32],
        columns: &[u32],
        sheet: &Arc<str>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        let range = |sorted: &[u32], first: u32, last: u32| {
            sorted.partition_point(|at| *at < first)..sorted.partition_point(|at| *at <= last)
        };
        let mut merged: HashMap<(usize, usize), ()> = HashMap::new();
        for [first_row, last_row, first_column, last_column] in &self.merges {
            let down = range(rows, *first_row, *last_row);
            let across = range(columns, *first_column, *last_column);
            if down.is_empty() || across.is_empty() {
                continue;
            }
            budget.step((down.len() * across.len()) as u64)?;
            budget.cells(down.len() * across.len())?;
            // Merged cells that overlap are no table that a program writes; the first counts.
            let mut positions = down.clone().flat_map(|row| across.clone().map(move |column| (row, column)));
            if positions.any(|position| merged.contains_key(&position)) {
                continue;
            }
            let words = self.cells.get(&(*first_row, *first_column));
            for row in down.clone() {
                for column in across.clone() {
                    merged.insert((row, column), ());
                    let Some(slot) = grid.get_mut(row).and_then(|row| row.get_mut(column)) else { continue };
                    let is_first = row == down.start && column == across.start;
                    *slot = is_first.then(|| {
                        let mut whole =
                            words.map_or_else(empty, |words| cell(words, sheet, *first_row, *first_column));
                        whole.rows = u32::try_from(down.len()).unwrap_or(1);
                        whole.columns = u32::try_from(across.len()).unwrap_or(1);
                        whole
                    });
                }
            }
        }
        Ok(())
    }
}

/// Rows or columns that have words, and the seen ones between them unless there are too many.
fn with_gaps(used: &BTreeSet<u32>, is_seen: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut all: Vec<u32> = Vec::new();
    for at in used {
        zhaoren_cancel::poll();
        if let Some(last) = all.last().copied() {
            let gap = last + 1..*at;
            let most = if gap.len() > GAP as usize { 1 } else { gap.len() };
            all.extend(gap.filter(|between| is_seen(*between)).take(most));
        }
        all.push(*at);
    }
    all
}

/// A cell with a paragraph for each of its lines.
fn cell(words: &str, sheet: &Arc<str>, row: u32, column: u32) -> Cell {
    let lines =
        words.split(['\n', '\r']).map(|line| line.trim_matches(is_blank)).filter(|line| !line.is_empty());
    let blocks = lines.map(|line| {
        let origin = Origin::Sheet { sheet: Arc::clone(sheet), row: row + 1, column: column + 1 };
        let runs = vec![Run { text: line.to_owned(), origin }];
        Block::Paragraph(Paragraph { role: Role::Body, number: None, runs })
    });
    Cell { blocks: blocks.collect(), columns: 1, rows: 1 }
}
