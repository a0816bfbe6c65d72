//! Reads columns of a Parquet file as cells. Nothing is rounded: decimals come from their digits, floats from their shortest
//! text. A value that no fact can have is shown and refused, never dropped.

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Decimal256Array, Float32Array,
    Float64Array, Int64Array, ListArray, StringArray, StructArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use zhaoren_policy::number::Number;

use super::cell::{Cell, RecordCells};
use super::rows::Cells;

/// Cells of a record batch. Unused columns were not read.
pub(crate) struct BatchCells {
    columns: Vec<Option<CellColumn>>,
}

impl BatchCells {
    /// `used` maps the batch's columns to column indices of the file; of those, `instants` are UTC timestamps although their type
    /// does not say so.
    pub(crate) fn new(batch: &RecordBatch, used: &[usize], instants: &[usize]) -> Self {
        let width = used.iter().max().map_or(0, |last| last + 1);
        let mut columns: Vec<Option<CellColumn>> = (0..width).map(|_| None).collect();
        for (index, column) in used.iter().zip(batch.columns()) {
            if let Some(slot) = columns.get_mut(*index) {
                *slot = Some(CellColumn::new(column, instants.contains(index)));
            }
        }
        Self { columns }
    }
}

/// One row of a batch.
pub(crate) struct BatchRow<'a>(pub(crate) &'a BatchCells, pub(crate) usize);

impl Cells for BatchRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match self.0.columns.get(column) {
            Some(Some(column)) => column.cell(self.1),
            _ => Cell::Empty,
        }
    }

    fn number(&self, column: usize) -> Option<Number> {
        self.0.columns.get(column)?.as_ref()?.number(self.1)
    }
}

/// Column converted to a form that gives cells.
struct CellColumn {
    form: Form,
    /// Column as read.
    origin: ArrayRef,
    /// Validity of its rows.
    valid: Option<NullBuffer>,
}

enum Form {
    Bool(BooleanArray),
    Int(Int64Array),
    Decimal(Decimal128Array),
    Wide(Decimal256Array),
    Float32(Float32Array),
    Float64(Float64Array),
    Days(Date32Array),
    Moments(Moments),
    Text(StringArray),
    Bytes(BinaryArray),
    List(ListArray, StringArray),
    /// List of records: its offsets, the validity of the records, and the columns of their fields by name.
    Records(ListArray, Option<NullBuffer>, Vec<(String, CellColumn)>),
    /// Type that no fact has.
    Strange,
}

impl CellColumn {
    fn new(column: &ArrayRef, instant: bool) -> Self {
        let form = form(column, instant).unwrap_or(Form::Strange);
        Self { form, origin: ArrayRef::clone(column), valid: column.logical_nulls() }
    }

    fn number(&self, row: usize) -> Option<Number> {
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return None;
        }
        match &self.form {
            Form::Int(column) => Some(Number::from(column.value(row))),
            Form::Decimal(column) => Number::decimal(column.value(row), column.scale()),
            _ => None,
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return Cell::Empty;
        }
        self.form.cell(row).unwrap_or_else(|reason| {
            let options = FormatOptions::default();
            let shown = ArrayFormatter::try_new(self.origin.as_ref(), &options)
                .and_then(|formatter| formatter.value(row).try_to_string());
            Cell::Odd { shown: shown.unwrap_or_default(), reason: reason.to_owned() }
        })
    }
}

fn form(column: &ArrayRef, instant: bool) -> Option<Form> {
    let to = |kind: &DataType| cast(column, kind).ok();
    Some(match column.data_type() {
        DataType::Boolean => Form::Bool(down(column)?),
        DataType::Int64 => Form::Int(down(column)?),
        DataType::Int8 | DataType::Int16 | DataType::Int32 => Form::Int(down(&to(&DataType::Int64)?)?),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Form::Int(down(&to(&DataType::Int64)?)?),
        DataType::UInt64 => Form::Decimal(down(&to(&DataType::Decimal128(20, 0))?)?),
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            Form::Decimal(down(&to(&DataType::Decimal128(*precision, *scale))?)?)
        }
        DataType::Decimal128(..) => Form::Decimal(down(column)?),
        DataType::Decimal256(..) => Form::Wide(down(column)?),
        DataType::Float16 => Form::Float32(down(&to(&DataType::Float32)?)?),
        DataType::Float32 => Form::Float32(down(column)?),
        DataType::Float64 => Form::Float64(down(column)?),
        DataType::Date32 => Form::Days(down(column)?),
        DataType::Date64 => {
            let values = down(&to(&DataType::Int64)?)?;
            Form::Moments(Moments { values, a_second: 1000, instant: false })
        }
        DataType::Timestamp(unit, zone) => {
            let a_second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            let values = down(&to(&DataType::Int64)?)?;
            Form::Moments(Moments { values, a_second, instant: instant || zone.is_some() })
        }
        DataType::Utf8 => Form::Text(down(column)?),
        DataType::LargeUtf8 | DataType::Utf8View => Form::Text(down(&to(&DataType::Utf8)?)?),
        DataType::Binary => Form::Bytes(down(column)?),
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Form::Bytes(down(&to(&DataType::Binary)?)?)
        }
        DataType::Dictionary(_, values) => form(&to(values)?, instant)?,
        DataType::List(_) => list(column)?,
        DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            list(&to(&DataType::List(item.clone()))?)?
        }
        _ => return None,
    })
}

fn down<T: Clone + 'static>(column: &ArrayRef) -> Option<T> {
    column.as_any().downcast_ref().cloned()
}

fn list(column: &ArrayRef) -> Option<Form> {
    let list: ListArray = down(column)?;
    if let Some(records) = list.values().as_any().downcast_ref::<StructArray>() {
        let fields = records.fields().iter().zip(records.columns());
        let fields = fields.map(|(field, column)| (field.name().clone(), CellColumn::new(column, false)));
        let (valid, fields) = (records.logical_nulls(), fields.collect());
        return Some(Form::Records(list, valid, fields));
    }
    let texts = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let fits = match list.values().data_type() {
        DataType::Dictionary(_, values) => texts(values),
        kind => texts(kind),
    };
    let values = if fits { down(&cast(list.values(), &DataType::Utf8).ok()?)? } else { return None };
    Some(Form::List(list, values))
}

impl Form {
    /// Cell of a row that has a value; the error is the reason why no fact can have that value.
    fn cell(&self, row: usize) -> Result<Cell<'_>, &'static str> {
        Ok(match self {
            Self::Bool(column) => Cell::Bool(column.value(row)),
            Self::Int(column) => Cell::Number(Cow::Owned(column.value(row).to_string())),
            Self::Decimal(column) => Cell::Number(Cow::Owned(shortest(column.value_as_string(row)))),
            Self::Wide(column) => Cell::Number(Cow::Owned(shortest(column.value_as_string(row)))),
            Self::Float32(column) => {
                let value = column.value(row);
                Cell::float(value.to_string(), value.is_finite())
            }
            Self::Float64(column) => {
                let value = column.value(row);
                Cell::float(value.to_string(), value.is_finite())
            }
            Self::Days(column) => Cell::Day(day(i64::from(column.value(row))).ok_or(NO_DATE)?),
            Self::Moments(moments) => Cell::Day(moments.day(row).ok_or(NO_DATE)?),
            Self::Text(column) => Cell::text(column.value(row)),
            Self::Bytes(column) => {
                Cell::text(std::str::from_utf8(column.value(row)).map_err(|_| "不是 UTF-8 文字")?)
            }
            Self::Records(list, valid, fields) => {
                let is_null = |at: usize| valid.as_ref().is_some_and(|valid| valid.is_null(at));
                let record = |at: usize| -> RecordCells<'_> {
                    fields.iter().map(|(name, column)| (name.as_str(), column.cell(at))).collect()
                };
                let of = span(list, row);
                Cell::Records(of.map(|at| (!is_null(at)).then(|| record(at))).collect())
            }
            Self::List(list, values) => {
                let of = span(list, row);
                Cell::List(of.filter(|at| values.is_valid(*at)).map(|at| values.value(at)).collect())
            }
            Self::Strange => {
                return Err("这一列的类型不能用于指标，应为数字、文字、日期、布尔、文字列表或记录的列表");
            }
        })
    }
}

/// Indices of the values of a row of a list.
fn span(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let (from, to) = match list.value_offsets().get(row..row + 2) {
        Some([from, to]) => (*from, *to),
        _ => (0, 0),
    };
    usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0)
}

const NO_DATE: &str = "不是存在的日期";

/// Timestamps with the number of their units in a second.
struct Moments {
    values: Int64Array,
    a_second: i64,
    /// True if counted in UTC; otherwise local clock time.
    instant: bool,
}

impl Moments {
    /// Date of a timestamp. One in UTC is dated by the time of China, which has a single zone: midnight there is 16:00 UTC of the
    /// day before.
    fn day(&self, row: usize) -> Option<Date> {
        const DAY: i64 = 86_400;
        let seconds = self.values.value(row).div_euclid(self.a_second);
        if !self.instant {
            return day(seconds.div_euclid(DAY));
        }
        let local = seconds.checked_add(8 * 3600)?;
        let found = day(local.div_euclid(DAY))?;
        // In the summers of 1986 to 1991 clocks were an hour ahead, and midnight was 23:00 by this calculation.
        let summer = (1986..=1991).contains(&found.year()) && local.rem_euclid(DAY) == 23 * 3600;
        if summer { found.tomorrow().ok() } else { Some(found) }
    }
}

fn day(since_1970: i64) -> Option<Date> {
    // No date of an enterprise lies outside the calendar of four-digit years.
    let days = since_1970.clamp(-4_000_000, 4_000_000);
    date(1970, 1, 1).checked_add(days.days()).ok().filter(|day| (1..=9999).contains(&day.year()))
}

/// Decimal without the trailing zeros that only its type adds.
fn shortest(mut digits: String) -> String {
    if digits.contains('.') {
        digits.truncate(digits.trim_end_matches('0').trim_end_matches('.').len());
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_dated_in_china() {
        let day = |seconds: i64, instant: bool| {
            Moments { values: Int64Array::from(vec![seconds * 1000]), a_second: 1000, instant }.day(0)
        };
        // 2019-03-11T16:00Z and 2019-03-12T00:00Z
        assert_eq!(day(1_552_320_000, true), Some(date(2019, 3, 12)));
        assert_eq!(day(1_552_348_800, true), Some(date(2019, 3, 12)));
        assert_eq!(day(1_552_320_000, false), Some(date(2019, 3, 11)));
        // 1988-06-30T15:00Z was midnight of 1 July, summer time; before 1970 counts too.
        assert_eq!(day(583_686_000, true), Some(date(1988, 7, 1)));
        assert_eq!(day(-1, false), Some(date(1969, 12, 31)));
        assert_eq!(day(i64::MAX / 1000, false), None);
    }

    #[test]
    fn zeros_of_the_type_are_dropped() {
        for (digits, short) in [("1.500", "1.5"), ("100", "100"), ("2.00", "2"), ("-0.10", "-0.1")] {
            assert_eq!(shortest(digits.to_owned()), short);
        }
    }
}
