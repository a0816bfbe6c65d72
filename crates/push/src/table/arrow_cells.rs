//! Columns of a Parquet file as cells. Nothing is rounded: decimals come from their digits, floats from their shortest
//! text.

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int64Array,
    ListArray, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use jiff::ToSpan;
use jiff::civil::date;

use super::cells::Cell;

/// A column in one of the few forms that cells are made from.
pub(crate) enum CellColumn {
    Bool(BooleanArray),
    Int(Int64Array),
    Decimal(Decimal128Array),
    Float32(Float32Array),
    Float64(Float64Array),
    Date(Date32Array),
    Text(StringArray),
    List(ListArray, StringArray),
    /// A type that no fact has: its name, and which rows have a value.
    Strange(String, ArrayRef),
}

impl CellColumn {
    /// Brings a column into one of the forms.
    pub(crate) fn new(column: &ArrayRef) -> Self {
        let strange = || Self::Strange(column.data_type().to_string(), ArrayRef::clone(column));
        let form = match column.data_type() {
            DataType::Boolean => DataType::Boolean,
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => DataType::Int64,
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::Int64,
            DataType::UInt64 => DataType::Decimal128(20, 0),
            DataType::Decimal128(precision, scale) => DataType::Decimal128(*precision, *scale),
            DataType::Float32 => DataType::Float32,
            DataType::Float64 => DataType::Float64,
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => DataType::Date32,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
            DataType::Dictionary(_, values) if matches!(**values, DataType::Utf8 | DataType::LargeUtf8) => {
                DataType::Utf8
            }
            DataType::List(field) if matches!(field.data_type(), DataType::Utf8 | DataType::Utf8View) => {
                return Self::list(column).unwrap_or_else(strange);
            }
            _ => return strange(),
        };
        cast(column, &form).ok().and_then(|column| Self::of(&column)).unwrap_or_else(strange)
    }

    fn of(column: &ArrayRef) -> Option<Self> {
        let any = column.as_any();
        let column = any.downcast_ref().cloned().map(Self::Bool);
        let column = column.or_else(|| any.downcast_ref().cloned().map(Self::Int));
        let column = column.or_else(|| any.downcast_ref().cloned().map(Self::Decimal));
        let column = column.or_else(|| any.downcast_ref().cloned().map(Self::Float32));
        let column = column.or_else(|| any.downcast_ref().cloned().map(Self::Float64));
        let column = column.or_else(|| any.downcast_ref().cloned().map(Self::Date));
        column.or_else(|| any.downcast_ref().cloned().map(Self::Text))
    }

    fn list(column: &ArrayRef) -> Option<Self> {
        let list: ListArray = column.as_any().downcast_ref().cloned()?;
        let values = cast(list.values(), &DataType::Utf8).ok()?;
        let values = values.as_any().downcast_ref().cloned()?;
        Some(Self::List(list, values))
    }

    /// The cell of a row.
    pub(crate) fn cell(&self, row: usize) -> Cell {
        match self {
            Self::Bool(column) if column.is_valid(row) => Cell::Bool(column.value(row)),
            Self::Int(column) if column.is_valid(row) => Cell::Number(column.value(row).to_string()),
            Self::Decimal(column) if column.is_valid(row) => Cell::Number(column.value_as_string(row)),
            Self::Float32(column) if column.is_valid(row) => float(&column.value(row).to_string()),
            Self::Float64(column) if column.is_valid(row) => float(&column.value(row).to_string()),
            Self::Date(column) if column.is_valid(row) => {
                let day = date(1970, 1, 1).checked_add(i64::from(column.value(row)).days());
                Cell::Text(day.map_or_else(|_| column.value(row).to_string(), |day| day.to_string()))
            }
            Self::Text(column) if column.is_valid(row) => Cell::text(column.value(row)),
            Self::List(list, values) if list.is_valid(row) => {
                let ends = list.value_offsets().get(row..row + 2);
                let (from, to) = match ends {
                    Some([from, to]) => (*from, *to),
                    _ => (0, 0),
                };
                let of = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
                Cell::List(
                    of.filter(|at| values.is_valid(*at)).map(|at| values.value(at).to_owned()).collect(),
                )
            }
            Self::Strange(name, column) if column.is_valid(row) => Cell::Text(format!("（{name} 类型的值）")),
            _ => Cell::Empty,
        }
    }
}

/// What is no number stays text, to be refused by name.
fn float(text: &str) -> Cell {
    if text.contains(['N', 'i']) { Cell::Text(text.to_owned()) } else { Cell::Number(text.to_owned()) }
}
