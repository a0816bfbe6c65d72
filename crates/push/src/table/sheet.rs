//! Workbooks: the sheets of one list, each with its header, its rows, and its merged cells spread over them.
//!
//! Hidden sheets are not read: they hold the choices of drop-down lists. Hidden rows are: a filter that was left on hides
//! enterprises that belong to the list. Both are said.

use std::path::Path;

use calamine::{Data, Reader};
use jiff::civil::Date;
use zhaoren_cancel::{poll, steps};
use zhaoren_document::{Limits, Refusal, SheetData, Value, sheets};
use zhaoren_policy::calendar::parse_date;

use super::TableError;
use super::cell::Cell;
use super::head::{self, Head, HeadRow, HeadingVocabulary, Merge};
use super::paths::failed;
use super::rows::Cells;

/// Row of a sheet: its number from 1, and its non-empty cells, each with its column, in order.
pub(crate) type SheetRow = (u64, Vec<(u32, Value)>);

/// Place of a list in a workbook.
#[derive(Clone, Debug)]
pub(crate) struct PageForm {
    /// Index of the sheet.
    index: usize,
    /// Name of the sheet.
    pub(crate) name: String,
    /// First row, from 0, below the header.
    body: u32,
    /// First column, from 0, that has a cell.
    left: u32,
    /// Number of columns with a heading.
    width: u32,
}

/// Sheet with a header.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) form: PageForm,
    pub(crate) headings: Vec<String>,
    /// Remarks about how it is read.
    pub(crate) notes: Vec<String>,
}

/// Headers of a workbook.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Visible sheets with cells, in order.
    pub(crate) pages: Vec<Page>,
    /// Names of hidden sheets.
    pub(crate) hidden: Vec<String>,
}

/// Headers of the visible sheets of a workbook, or of the tables of a page of HTML.
pub(crate) fn open(path: &Path, known: &dyn HeadingVocabulary) -> Result<Book, TableError> {
    let mut book = Book::default();
    for (index, sheet) in data(path)?.into_iter().enumerate() {
        if sheet.is_hidden {
            book.hidden.push(sheet.name);
            continue;
        }
        if sheet.cells.is_empty() {
            continue;
        }
        let left = sheet.cells.iter().map(|(_, column, _)| *column).min().unwrap_or(0);
        let Head { mut headings, span, note, .. } = head_of(&sheet, left, known);
        let end = headings.iter().rposition(|heading| !heading.is_empty()).map_or(0, |last| last + 1);
        headings.truncate(end);
        let form = PageForm {
            index,
            name: sheet.name.clone(),
            body: u32::try_from(span.1).unwrap_or(u32::MAX),
            left,
            width: u32::try_from(headings.len()).unwrap_or(u32::MAX),
        };
        let mut notes: Vec<String> = note.into_iter().collect();
        let hidden = sheet.hidden_rows.range(form.body..).count();
        let (rows, spread) = body(sheet, &form).map_err(|reason| failed(path)(&reason))?;
        if hidden > 0 && !rows.is_empty() {
            notes.push(format!("有 {hidden} 行被隐藏（手工隐藏或筛选），已照常读取"));
        }
        if spread.cells > 0 {
            let Spread { merges, cells } = spread;
            notes.push(format!("{merges} 处合并单元格的值已填入它们覆盖的 {cells} 个单元格"));
        }
        book.pages.push(Page { form, headings, notes });
    }
    Ok(book)
}

/// Rows below the headers of some sheets, in order, without empty rows.
pub(crate) fn rows(path: &Path, pages: &[PageForm]) -> Result<Vec<(usize, Vec<SheetRow>)>, TableError> {
    let mut found = Vec::new();
    for (index, sheet) in data(path)?.into_iter().enumerate() {
        let Some(page) = pages.iter().position(|page| page.index == index) else { continue };
        let Some(form) = pages.get(page) else { continue };
        let (rows, _) = body(sheet, form).map_err(|reason| failed(path)(&reason))?;
        found.push((page, rows));
    }
    Ok(found)
}

/// Sheets of a file.
fn data(path: &Path) -> Result<Vec<SheetData>, TableError> {
    let failed = failed(path);
    let size = std::fs::metadata(path).map_err(|error| failed(&error))?.len();
    if size > Limits::TABLE.file {
        let most = Limits::TABLE.file >> 20;
        return Err(failed(&format!("工作簿超过 {most} MiB；请另存为 CSV 或拆分后再读")));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(&error))?;
    if bytes.is_empty() {
        return Err(failed(&"不是完整的 Excel 文件：文件是空的"));
    }
    match sheets(&bytes, &Limits::TABLE) {
        Ok(sheets) => Ok(sheets),
        // Binary workbooks, OpenDocument and Excel 95.
        Err(Refusal::UnknownForm(what)) => other_workbook(&bytes)
            .map_err(|reason| failed(&reason.unwrap_or(format!("不是认得的表格：{what}")))),
        Err(Refusal::Bomb { what, limit }) => {
            Err(failed(&format!("{what}超过上限（{limit}）；请另存为 CSV 或拆分后再读")))
        }
        Err(refusal) => Err(failed(&format!("不是完整的 Excel 文件：{refusal}"))),
    }
}

/// Sheets of a workbook in one of the forms that are read as a whole. The error is `None` for a file of another form.
fn other_workbook(bytes: &[u8]) -> Result<Vec<SheetData>, Option<String>> {
    let mut book = calamine::open_workbook_auto_from_rs(std::io::Cursor::new(bytes)).map_err(|_| None)?;
    let visible: Vec<bool> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| matches!(sheet.visible, calamine::SheetVisible::Visible))
        .collect();
    let mut left = Limits::TABLE.cells;
    let mut all = Vec::new();
    for (name, visible) in book.sheet_names().into_iter().zip(visible) {
        let mut sheet = SheetData { name, is_hidden: !visible, ..SheetData::default() };
        if visible {
            let range = book.worksheet_range(&sheet.name);
            let range = range.map_err(|error| Some(format!("工作表“{}”读不出来：{error}", sheet.name)))?;
            let (top, first) = range.start().unwrap_or_default();
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            for (row, column, data) in range.used_cells() {
                poll();
                let Some(value) = value(data) else { continue };
                left = left.checked_sub(1).ok_or_else(|| Some(too_many()))?;
                let position = (top.saturating_add(number(row)), first.saturating_add(number(column)));
                sheet.cells.push((position.0, position.1, value));
            }
        }
        all.push(sheet);
    }
    Ok(all)
}

fn too_many() -> String {
    let limit = Limits::TABLE.cells;
    format!("工作表的单元格超过 {limit} 个；请另存为 CSV 或拆分后再读")
}

fn value(data: &Data) -> Option<Value> {
    Some(match data {
        Data::Empty => return None,
        Data::String(text) if text.trim().is_empty() => return None,
        Data::String(text) => Value::Text(text.as_str().into()),
        Data::Bool(flag) => Value::Bool(*flag),
        Data::Int(number) => Value::Text(number.to_string().into()),
        Data::Float(number) => Value::Number(*number),
        Data::DateTime(moment) if moment.is_duration() || moment.as_f64() < 1.0 => {
            Value::Time(moment.as_f64().to_string().into())
        }
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            Value::Day(i64::from(year), i64::from(month), i64::from(day))
        }
        Data::DateTimeIso(text) => match text.get(..10).and_then(parse_date) {
            Some(day) => Value::Day(i64::from(day.year()), i64::from(day.month()), i64::from(day.day())),
            None => Value::Time(text.as_str().into()),
        },
        Data::DurationIso(text) => Value::Time(text.as_str().into()),
        Data::Error(error) => Value::Error(error.to_string().into()),
    })
}

/// Header of a sheet.
fn head_of(sheet: &SheetData, left: u32, known: &dyn HeadingVocabulary) -> Head {
    let mut sample: Vec<HeadRow> = Vec::new();
    for (row, column, value) in &sheet.cells {
        poll();
        let number = u64::from(*row) + 1;
        if sample.last().is_none_or(|last| last.number != number) {
            if sample.len() == head::SAMPLE {
                break;
            }
            sample.push(HeadRow { number, line: number, cells: Vec::new() });
        }
        let column = (column - left) as usize;
        if let Some(last) = sample.last_mut() {
            last.cells.resize(column, String::new());
            last.cells.push(super::heading::tidy(&cell_of(value).shown()));
        }
    }
    let lowest = sample.last().map_or(0, |row| row.number);
    let merges = sheet.merges.iter().filter(|[top, ..]| u64::from(*top) < lowest);
    let merges: Vec<Merge> = merges
        .take(MOST_HEAD_MERGES)
        .map(|[top, bottom, first, last]| {
            let column = |column: u32| column.saturating_sub(left) as usize;
            (u64::from(*top) + 1, u64::from(*bottom) + 1, column(*first), column(*last))
        })
        .collect();
    head::find(&sample, &merges, known)
}

/// Merged cells of a header that are looked at; each is compared with each heading.
const MOST_HEAD_MERGES: usize = 2_000;

/// Merged cells that were spread, and the cells that they filled.
#[derive(Default)]
struct Spread {
    merges: usize,
    cells: usize,
}

/// Rows below the header, without empty rows; merged cells are spread over the rows and columns that they cover.
fn body(sheet: SheetData, form: &PageForm) -> Result<(Vec<SheetRow>, Spread), String> {
    let mut rows: Vec<SheetRow> = Vec::new();
    let mut merged: Vec<([u32; 4], Value)> = Vec::new();
    for merge in &sheet.merges {
        poll();
        let [top, _, first, _] = merge;
        let found = sheet.cells.binary_search_by_key(&(*top, *first), |(row, column, _)| (*row, *column));
        if let Some((.., value)) = found.ok().and_then(|at| sheet.cells.get(at))
            && *top >= form.body
        {
            merged.push((*merge, value.clone()));
        }
    }
    let mut count = 0_usize;
    for (row, column, value) in sheet.cells {
        poll();
        if row < form.body {
            continue;
        }
        count += 1;
        let number = u64::from(row) + 1;
        if rows.last().is_none_or(|(last, _)| *last != number) {
            rows.push((number, Vec::new()));
        }
        // Columns after the last header can only hold remarks.
        let column = column - form.left;
        if column < form.width
            && let Some((_, cells)) = rows.last_mut()
        {
            cells.push((column, value));
        }
    }
    let mut spread = Spread::default();
    for ([top, bottom, first, last], value) in merged {
        let from = rows.partition_point(|(number, _)| *number < u64::from(top) + 1);
        let to = rows.partition_point(|(number, _)| *number < u64::from(bottom) + 2);
        let first = first.saturating_sub(form.left);
        let mut last = last.saturating_sub(form.left).min(form.width.saturating_sub(1));
        // A row that is one cell is the heading of a section.
        if last >= first && (last - first + 1) * 5 >= form.width * 4 && form.width > 2 {
            last = first;
        }
        let before = spread.cells;
        for (_, cells) in rows.get_mut(from..to).unwrap_or_default() {
            steps(u64::from(last.saturating_sub(first)) + 1);
            for column in first..=last {
                if let Err(position) = cells.binary_search_by_key(&column, |(at, _)| *at) {
                    cells.insert(position, (column, value.clone()));
                    spread.cells += 1;
                }
            }
            if count + spread.cells > Limits::TABLE.cells {
                return Err(too_many());
            }
        }
        spread.merges += usize::from(spread.cells > before);
    }
    Ok((rows, spread))
}

/// Cells of a row.
pub(crate) struct SheetCells<'a>(pub(crate) &'a [(u32, Value)]);

impl Cells for SheetCells<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let at = self.0.binary_search_by(|(place, _)| (*place as usize).cmp(&column)).ok();
        at.and_then(|at| self.0.get(at)).map_or(Cell::Empty, |(_, value)| cell_of(value))
    }
}

fn cell_of(value: &Value) -> Cell<'_> {
    match value {
        Value::Text(text) => Cell::text(text),
        Value::Bool(flag) => Cell::Bool(*flag),
        Value::Number(number) => Cell::float(number.to_string(), number.is_finite()),
        Value::Percent(number) => match percent(*number) {
            Some(text) => Cell::owned_text(text),
            None => Cell::float(number.to_string(), false),
        },
        Value::Scaled(number, shown) => Cell::Odd {
            shown: shown.to_string(),
            reason: format!("单元格显示为“{shown}”，存储的是 {number}，无法确定以哪个为准"),
        },
        Value::Day(year, month, day) => {
            let date = i16::try_from(*year).ok().zip(i8::try_from(*month).ok()).zip(i8::try_from(*day).ok());
            match date.and_then(|((year, month), day)| Date::new(year, month, day).ok()) {
                Some(day) => Cell::Day(day),
                None => time(&format!("{year}-{month}-{day}")),
            }
        }
        Value::Month(year, month) => Cell::owned_text(format!("{year}年{month}月")),
        Value::Time(shown) => time(shown),
        Value::Error(error) => Cell::Odd {
            shown: error.to_string(),
            reason: "单元格是公式错误；不知道的值应留空".to_owned(),
        },
        Value::NoResult => Cell::Odd {
            shown: "（公式）".to_owned(),
            reason: "公式没有计算结果；请用 Excel 或 WPS 打开并保存一次，或粘贴为数值".to_owned(),
        },
    }
}

fn time(shown: &str) -> Cell<'static> {
    Cell::Odd {
        shown: shown.to_owned(), reason: "单元格的格式是时间，不是指标的值".to_owned()
    }
}

/// Number as a percentage, exactly as its shortest digits say: 0.035 is 3.5%.
fn percent(number: f64) -> Option<String> {
    let digits = zhaoren_policy::number::Number::parse(&number.to_string())?;
    let hundred = digits.times(&zhaoren_policy::number::Number::from(100));
    Some(format!("{}%", hundred.to_rounded_string(31)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(width: u32) -> PageForm {
        PageForm { index: 0, name: String::new(), body: 1, left: 1, width }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    /// Memory use of a sheet depends on the number of non-empty cells, not on their positions.
    #[test]
    fn distant_cells_use_no_more_memory_than_near_ones() {
        let cells = vec![
            (0, 1, text("id")),
            (2, 1, text("A")),
            (2, 3, Value::Number(5.0)),
            (1_048_575, 16_383, text("far")),
        ];
        let merges = vec![[2, 1_048_575, 1, 16_383], [0, 1_048_575, 0, 16_383]];
        let sheet = SheetData { cells, merges, ..SheetData::default() };
        let (rows, spread) = body(sheet, &form(2)).unwrap();
        assert_eq!(rows[0], (3, vec![(0, text("A")), (1, text("A"))]));
        assert_eq!(rows[1], (1_048_576, vec![(0, text("A")), (1, text("A"))]));
        assert_eq!((spread.merges, spread.cells), (1, 3));
        assert_eq!(SheetCells(&rows[0].1).cell(2), Cell::Empty);
    }

    #[test]
    fn percentages_are_exact() {
        for (number, shown) in [(0.035, "3.5%"), (1.0, "100%"), (-0.000_1, "-0.01%"), (0.1, "10%")] {
            assert_eq!(percent(number).as_deref(), Some(shown));
        }
        assert_eq!(percent(f64::NAN), None);
    }
}
