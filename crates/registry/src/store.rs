//! What a database has to be able to do. One trait, and everything else is written over it once; an implementation binds
//! values, reads rows, begins and commits.
//!
//! The SQL is the subset that all of them share: BIGINT, TEXT, DOUBLE and bytes, parameters as `$1`, every `ON CONFLICT`
//! with its columns named.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::error::RegistryError;

/// What a call of a database comes to.
pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, RegistryError>> + Send + 'a>>;

/// A statement.
pub(crate) type Sql = Cow<'static, str>;

/// A database.
pub(crate) trait Store: Send + Sync + fmt::Debug {
    /// The rows of one query.
    fn read(&self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>>;

    /// Begins to read: all that is read through it is of one moment.
    fn look(&self) -> Pending<'_, Box<dyn Unit>>;

    /// Begins to write. Only one unit of work writes at a time, in any process; others wait for it.
    fn begin(&self) -> Pending<'_, Box<dyn Unit>>;

    /// Makes what was deleted unreadable, as far as it is the program's to do: nothing of it stays in a log of its own.
    fn settle(&self) -> Pending<'_, ()>;

    /// Lets go of every connection.
    fn close(&self) -> Pending<'_, ()>;
}

/// A transaction. Dropped without [`Unit::commit`], it has done nothing.
pub(crate) trait Unit: Send {
    /// The rows of a query.
    fn read(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>>;

    /// Carries out a statement; gives how many rows it changed.
    fn write(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, u64>;

    /// Makes everything that was written last.
    fn commit(self: Box<Self>) -> Pending<'static, ()>;

    /// Takes everything back, and frees the lock before it returns.
    fn rollback(self: Box<Self>) -> Pending<'static, ()>;
}

/// A value of a column. What is absent still has a type, which PostgreSQL asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Integer(value)
    }
}

impl From<crate::Moment> for Value {
    fn from(value: crate::Moment) -> Self {
        Self::Integer(Some(value.0))
    }
}

impl From<Option<crate::Moment>> for Value {
    fn from(value: Option<crate::Moment>) -> Self {
        Self::Integer(value.map(|moment| moment.0))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

/// The values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(crate::store::Value::from($value)),*] };
}
pub(crate) use values;

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    /// Takes the text of a column.
    pub(crate) fn text(&mut self, column: usize) -> Result<String, RegistryError> {
        match self.0.get_mut(column) {
            Some(Value::Text(Some(text))) => Ok(std::mem::take(text)),
            other => Err(shape(column, "a text", other.as_deref())),
        }
    }

    /// Takes the bytes of a column.
    pub(crate) fn bytes(&mut self, column: usize) -> Result<Vec<u8>, RegistryError> {
        match self.0.get_mut(column) {
            Some(Value::Bytes(Some(bytes))) => Ok(std::mem::take(bytes)),
            other => Err(shape(column, "bytes", other.as_deref())),
        }
    }

    /// The number in a column.
    pub(crate) fn integer(&self, column: usize) -> Result<i64, RegistryError> {
        self.optional(column)?.ok_or_else(|| shape(column, "a number", self.0.get(column)))
    }

    /// The number in a column, if there is one.
    pub(crate) fn optional(&self, column: usize) -> Result<Option<i64>, RegistryError> {
        match self.0.get(column) {
            Some(Value::Integer(number)) => Ok(*number),
            // SQLite does not tell of what type nothing is.
            Some(Value::Text(None) | Value::Bytes(None)) => Ok(None),
            other => Err(shape(column, "a number or nothing", other)),
        }
    }
}

fn shape(column: usize, expected: &'static str, found: Option<&Value>) -> RegistryError {
    // What stands there may be about an enterprise; an error tells its kind only.
    let found = match found {
        None => "no such column",
        Some(Value::Integer(Some(_))) => "a number",
        Some(Value::Text(Some(_))) => "a text",
        Some(Value::Bytes(Some(_))) => "bytes",
        Some(_) => "nothing",
    };
    RegistryError::Shape { column, expected, found: found.to_owned() }
}

/// How many values one statement may have. SQLite takes 32,766 and PostgreSQL 65,535; but SQLite looks a place like `$7` up
/// among all others of its statement, so more of them take longer than what is saved on the way.
const MOST_VALUES: usize = 2_000;

/// Writes rows in as few statements as the database takes. Row by row, PostgreSQL spends its time on the way.
pub(crate) async fn insert(
    unit: &mut dyn Unit,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), RegistryError> {
    let width = columns.len().max(1);
    let most = (MOST_VALUES / width).max(1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<Vec<Value>> = rows.by_ref().take(most).collect();
        let places: Vec<String> = (0..some.len())
            .map(|row| {
                let marks: Vec<String> =
                    (1..=width).map(|column| format!("${}", row * width + column)).collect();
                format!("({})", marks.join(", "))
            })
            .collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), places.join(", "));
        unit.write(sql.into(), some.into_iter().flatten().collect()).await?;
    }
    Ok(())
}
