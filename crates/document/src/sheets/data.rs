//! Sheets as data: the values of cells with what their number format says of them, for tables that are read by column.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::format::Reading;
use crate::compound;
use crate::limits::{Budget, Limits};
use crate::refusal::Refusal;
use crate::{form, html};

/// A sheet of a workbook, or a table of a web page, as data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetData {
    /// Name of the sheet; empty for a table of a web page.
    pub name: String,
    /// True if the sheet is hidden. The cells of a hidden sheet are not read.
    pub is_hidden: bool,
    /// Row and column, from 0, and value of each cell that has one, in order of row and column.
    pub cells: Vec<(u32, u32, Value)>,
    /// First and last row and first and last column of merged cells.
    pub merges: Vec<[u32; 4]>,
    /// Rows that are hidden, by hand or by a filter. Their cells are read.
    pub hidden_rows: BTreeSet<u32>,
}

/// Value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, never empty.
    Text(Arc<str>),
    /// Number as it is stored.
    Number(f64),
    /// Number that the cell shows as a percentage: 0.035 is shown as 3.5%.
    Percent(f64),
    /// Number that the cell shows in another scale (thousands, millions), with what it shows.
    Scaled(f64, Arc<str>),
    /// Truth value.
    Bool(bool),
    /// Year, month and day of a date.
    Day(i64, i64, i64),
    /// Year and month of a date that the cell shows without its day.
    Month(i64, i64),
    /// Time of day, duration or year alone, as it is shown.
    Time(Arc<str>),
    /// Error of a formula, such as `#N/A`.
    Error(Arc<str>),
    /// Formula whose result the file does not hold.
    NoResult,
}

impl Limits {
    /// The limits of tables of enterprises: a full sheet of a million rows with twenty columns.
    pub const TABLE: Self = Self {
        file: 512 << 20,
        unpacked: 2 << 30,
        entries: 4_096,
        depth: 256,
        pages: 2_000,
        characters: 1 << 30,
        cells: 20_000_000,
        elements: 1_000_000,
        steps: 4_000_000_000,
    };
}

/// Reads the sheets of an XLSX, XLS or ET file, or the tables of a web page.
///
/// # Errors
/// The [`Refusal`] of a file that is encrypted, broken, of another form, or over a limit.
pub fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<SheetData>, Refusal> {
    if bytes.len() as u64 > limits.file {
        return Err(Refusal::over("文件大小（字节）", limits.file));
    }
    let mut budget = Budget::new(limits, bytes.len());
    if bytes.starts_with(b"PK") {
        return super::xlsx::data(bytes, &mut budget);
    }
    if bytes.starts_with(&compound::SIGNATURE) {
        // The form tells an encrypted workbook from one that can be read.
        return match form::of(bytes, &mut budget)? {
            form::Form::Xls => super::xls::data(bytes, &mut budget),
            other => Err(Refusal::UnknownForm(format!("内容是 {} 文件，不是表格", other.name()))),
        };
    }
    // The tree of a page takes many times its length.
    if bytes.len() as u64 > Limits::IMPORT.file {
        return Err(Refusal::over("文件大小（字节）", Limits::IMPORT.file));
    }
    html::data(bytes, &mut budget)
}

/// Value of a number as its format reads it.
pub(super) fn number(value: f64, reading: Reading) -> Value {
    match reading {
        Reading::Plain => Value::Number(value),
        Reading::Percent => Value::Percent(value),
        Reading::Scaled(shown) => Value::Scaled(value, shown.into()),
        Reading::Unit(unit) => Value::Text(format!("{value}{unit}").into()),
        Reading::Day(year, month, day) => Value::Day(year, month, day),
        Reading::Month(year, month) => Value::Month(year, month),
        Reading::Time(shown) => Value::Time(shown.into()),
    }
}
