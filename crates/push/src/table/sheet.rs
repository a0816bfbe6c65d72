//! Workbooks: the first sheet, its first row that is not empty being the headers.

use std::path::Path;

use calamine::{Data, Reader};
use jiff::civil::Date;
use zhaoren_policy::calendar::parse_date;

use super::TableError;
use super::cell::Cell;
use super::paths::failed;
use super::rows::Cells;

/// A row of a sheet: its number, and its cells.
pub(crate) type SheetRow = (u64, Vec<Data>);

/// The headers and the rows of the first sheet, empty rows left out. A workbook is held whole while it is read: its
/// form does not let it be read as a stream, and a sheet has a million rows at most.
pub(crate) fn open(path: &Path) -> Result<(Vec<String>, Vec<SheetRow>), TableError> {
    let failed = failed(path);
    let mut book = calamine::open_workbook_auto(path)
        .map_err(|error| failed(&format!("不是完整的 Excel 文件：{error}")))?;
    let sheet = book.worksheet_range_at(0).ok_or_else(|| failed(&"工作簿里没有工作表"))?;
    let sheet = sheet.map_err(|error| failed(&format!("第一张工作表读不出来：{error}")))?;
    let (top, _) = sheet.start().unwrap_or_default();
    let mut rows = (u64::from(top) + 1..)
        .zip(sheet.rows())
        .filter(|(_, cells)| cells.iter().any(|cell| cell_of(cell) != Cell::Empty))
        .map(|(number, cells)| (number, cells.to_vec()));
    let Some((_, headers)) = rows.next() else { return Ok((Vec::new(), Vec::new())) };
    let mut headers: Vec<String> =
        headers.iter().map(|cell| cell_of(cell).shown().trim().to_owned()).collect();
    // Columns behind the last header hold remarks, if anything.
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    Ok((headers, rows.collect()))
}

/// The cells of a row.
pub(crate) struct SheetCells<'a>(pub(crate) &'a [Data]);

impl Cells for SheetCells<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        self.0.get(column).map_or(Cell::Empty, cell_of)
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
            // A time of the day alone counts from day 0, which is no date; nor is 1900-02-29, which Excel has.
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
