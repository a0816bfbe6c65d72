//! Workbooks: the first sheet, whose first non-empty row holds the headers.

use std::path::Path;

use calamine::{Data, DataRef, Reader, Sheets, XlsxError};
use jiff::civil::Date;
use zhaoren_cancel::poll;
use zhaoren_policy::calendar::parse_date;

use super::TableError;
use super::cell::Cell;
use super::paths::failed;
use super::rows::Cells;

/// Row of a sheet: its number from 1, and its non-empty cells, each with its column, in order.
pub(crate) type SheetRow = (u64, Vec<(u32, Data)>);

/// Maximum number of cells. A whole sheet is in memory while it is read, since its format does not allow streaming.
pub(crate) const MOST_CELLS: usize = 20_000_000;

/// Cell with its row and column, counted from 0.
type Placed = (u32, u32, Data);

/// Headers and rows of the first sheet, without empty rows. Memory use depends on the number of non-empty cells, not on their
/// positions.
pub(crate) fn open(path: &Path) -> Result<(Vec<String>, Vec<SheetRow>), TableError> {
    let failed = failed(path);
    let broken = |error: &dyn std::fmt::Display| failed(&format!("第一张工作表读不出来：{error}"));
    let mut book = calamine::open_workbook_auto(path)
        .map_err(|error| failed(&format!("不是完整的 Excel 文件：{error}")))?;
    let name = book.sheet_names().into_iter().next().ok_or_else(|| failed(&"工作簿里没有工作表"))?;
    let mut cells = Vec::new();
    match &mut book {
        Sheets::Xlsx(book) => match book.worksheet_cells_reader(&name) {
            Ok(mut reader) => {
                while let Some(cell) = reader.next_cell().map_err(|error| broken(&error))? {
                    take(&mut cells, cell.get_position(), cell.get_value())
                        .map_err(|reason| failed(&reason))?;
                }
            }
            // A chart sheet has no cells.
            Err(XlsxError::NotAWorksheet(_)) => {}
            Err(error) => return Err(broken(&error)),
        },
        Sheets::Xlsb(book) => {
            let mut reader = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
            while let Some(cell) = reader.next_cell().map_err(|error| broken(&error))? {
                take(&mut cells, cell.get_position(), cell.get_value()).map_err(|reason| failed(&reason))?;
            }
        }
        // The crate reads these formats only as a whole.
        book => {
            let sheet = book.worksheet_range(&name).map_err(|error| broken(&error))?;
            let (top, left) = sheet.start().unwrap_or_default();
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            for (row, column, data) in sheet.used_cells() {
                let at = (top.saturating_add(number(row)), left.saturating_add(number(column)));
                if cells.len() == MOST_CELLS {
                    return Err(failed(&too_many()));
                }
                cells.push((at.0, at.1, data.clone()));
            }
        }
    }
    Ok(rows(cells))
}

fn too_many() -> String {
    format!("单元格超过 {MOST_CELLS} 个，上限为 {MOST_CELLS} 个；请另存为 CSV 或拆分后再读")
}

/// Adds a non-empty cell.
fn take(cells: &mut Vec<Placed>, (row, column): (u32, u32), value: &DataRef<'_>) -> Result<(), String> {
    poll();
    if matches!(value, DataRef::Empty) {
        return Ok(());
    }
    if cells.len() == MOST_CELLS {
        return Err(too_many());
    }
    cells.push((row, column, Data::from(value.clone())));
    Ok(())
}

/// Headers and rows from cells. Columns are counted from the first non-empty one.
fn rows(mut cells: Vec<Placed>) -> (Vec<String>, Vec<SheetRow>) {
    // Stable: of two cells at the same position the later one counts.
    cells.sort_by_key(|(row, column, _)| (*row, *column));
    let left = cells.iter().map(|(_, column, _)| *column).min().unwrap_or(0);
    let mut rows: Vec<SheetRow> = Vec::new();
    let mut headers: Option<Vec<String>> = None;
    let mut cells = cells.into_iter().peekable();
    while let Some((row, ..)) = cells.peek() {
        let row = *row;
        let mut own: Vec<(u32, Data)> = Vec::new();
        while let Some((_, column, data)) = cells.next_if(|(of, ..)| *of == row) {
            let column = column - left;
            match own.last_mut().filter(|(before, _)| *before == column) {
                Some(last) => last.1 = data,
                None => own.push((column, data)),
            }
        }
        if own.iter().all(|(_, data)| cell_of(data) == Cell::Empty) {
            continue;
        }
        match &headers {
            None => headers = Some(named(&own)),
            Some(headers) => {
                // Columns after the last header can only hold remarks.
                own.retain(|(column, _)| (*column as usize) < headers.len());
                rows.push((u64::from(row) + 1, own));
            }
        }
    }
    (headers.unwrap_or_default(), rows)
}

/// Texts of the headers, up to the last non-empty one.
fn named(cells: &[(u32, Data)]) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for (column, data) in cells {
        let text = cell_of(data).shown().trim().to_owned();
        if !text.is_empty() {
            headers.resize(*column as usize, String::new());
            headers.push(text);
        }
    }
    headers
}

/// Cells of a row.
pub(crate) struct SheetCells<'a>(pub(crate) &'a [(u32, Data)]);

impl Cells for SheetCells<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        let at = self.0.binary_search_by(|(place, _)| (*place as usize).cmp(&column)).ok();
        at.and_then(|at| self.0.get(at)).map_or(Cell::Empty, |(_, data)| cell_of(data))
    }
}

fn cell_of(data: &Data) -> Cell<'_> {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::text(text),
        Data::Bool(flag) => Cell::Bool(*flag),
        Data::Int(number) => Cell::Float(number.to_string()),
        Data::Float(number) => Cell::float(number.to_string(), number.is_finite()),
        Data::DateTime(moment) if moment.is_duration() => odd(moment.as_f64().to_string()),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
            // A time of day alone has day number 0, which is no date; neither is 1900-02-29, which Excel accepts.
            let date = date.filter(|_| moment.as_f64() >= 1.0);
            match date.and_then(|((year, month), day)| Date::new(year, month, day).ok()) {
                Some(day) => Cell::Day(day),
                None => odd(moment.as_f64().to_string()),
            }
        }
        Data::DateTimeIso(text) => match text.get(..10).and_then(parse_date) {
            Some(day) => Cell::Day(day),
            None => odd(text.clone()),
        },
        Data::DurationIso(text) => odd(text.clone()),
        Data::Error(error) => Cell::Odd {
            shown: error.to_string(),
            reason: "单元格是公式错误；不知道的值应留空".to_owned(),
        },
    }
}

fn odd(shown: String) -> Cell<'static> {
    Cell::Odd { shown, reason: "单元格的格式是时间，不是指标的值".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack R-x2: memory use of a sheet depends on the number of non-empty cells, not on their positions.
    #[test]
    fn a_far_cell_takes_no_more_than_a_near_one() {
        let text = |text: &str| Data::String(text.to_owned());
        let cells = vec![
            (1_048_575, 16_383, text("far")),
            (2, 1, text("id")),
            (2, 3, text("employees")),
            (4, 1, text("A")),
            (4, 3, Data::Int(5)),
            (4, 3, Data::Int(6)),
        ];
        let (headers, rows) = rows(cells);
        assert_eq!(headers, ["id", "", "employees"]);
        assert_eq!(rows, [(5, vec![(0, text("A")), (2, Data::Int(6))]), (1_048_576, Vec::new())]);
        assert_eq!(SheetCells(&rows[0].1).cell(1), Cell::Empty);
        assert_eq!(super::rows(Vec::new()), (Vec::new(), Vec::new()));
    }
}
