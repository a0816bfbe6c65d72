//! Interface to a database. It is one trait, and all other code is written once on top of it; an implementation binds
//! values, reads rows, begins and commits.
//!
//! The SQL is the subset that all implementations share: BIGINT, TEXT, DOUBLE and bytes, parameters as `$1`, every `ON
//! CONFLICT` with its columns named.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::error::RegistryError;

/// Future result of a database call.
pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, RegistryError>> + Send + 'a>>;

/// A statement.
pub(crate) type Sql = Cow<'static, str>;

/// A database.
pub(crate) trait Store: Send + Sync + fmt::Debug {
    /// The rows of one query.
    fn read(&self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>>;

    /// Begins a reading transaction, a snapshot of one moment.
    fn begin_read(&self) -> Pending<'_, Box<dyn Unit>>;

    /// Begins a writing transaction. Only one is open at a time, across processes; others wait for it.
    fn begin_write(&self) -> Pending<'_, Box<dyn Unit>>;

    /// Removes deleted data from the program's own logs, as far as the program controls them.
    fn purge_logs(&self) -> Pending<'_, ()>;

    /// Closes every connection.
    fn close(&self) -> Pending<'_, ()>;
}

/// A transaction. Dropped without [`Unit::commit`], it has no effect.
pub(crate) trait Unit: Send {
    /// The rows of a query.
    fn read(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>>;

    /// Executes a statement; returns the number of rows changed.
    fn write(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, u64>;

    /// Commits all writes.
    fn commit(self: Box<Self>) -> Pending<'static, ()>;

    /// Rolls everything back, and releases the lock before it returns.
    fn rollback(self: Box<Self>) -> Pending<'static, ()>;
}

/// A value of a column. A null is typed, as PostgreSQL requires.
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

/// Builds the list of a statement's values.
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
            other => Err(unexpected_value(column, "a text", other.as_deref())),
        }
    }

    /// Takes the bytes of a column.
    pub(crate) fn bytes(&mut self, column: usize) -> Result<Vec<u8>, RegistryError> {
        match self.0.get_mut(column) {
            Some(Value::Bytes(Some(bytes))) => Ok(std::mem::take(bytes)),
            other => Err(unexpected_value(column, "bytes", other.as_deref())),
        }
    }

    /// The number in a column.
    pub(crate) fn integer(&self, column: usize) -> Result<i64, RegistryError> {
        self.optional(column)?.ok_or_else(|| unexpected_value(column, "a number", self.0.get(column)))
    }

    /// The number in a column, if there is one.
    pub(crate) fn optional(&self, column: usize) -> Result<Option<i64>, RegistryError> {
        match self.0.get(column) {
            Some(Value::Integer(number)) => Ok(*number),
            // SQLite does not report the type of a null.
            Some(Value::Text(None) | Value::Bytes(None)) => Ok(None),
            other => Err(unexpected_value(column, "a number or nothing", other)),
        }
    }
}

fn unexpected_value(column: usize, expected: &'static str, found: Option<&Value>) -> RegistryError {
    // The value may be about an enterprise; an error names its type only.
    let found = match found {
        None => "no such column",
        Some(Value::Integer(Some(_))) => "a number",
        Some(Value::Text(Some(_))) => "a text",
        Some(Value::Bytes(Some(_))) => "bytes",
        Some(_) => "nothing",
    };
    RegistryError::UnexpectedValue { column, expected, found: found.to_owned() }
}

/// Maximum number of values per statement. SQLite allows 32,766 and PostgreSQL 65,535; but SQLite searches a placeholder
/// like `$7` among all others of its statement, so more of them cost more than the saved round trips.
const MOST_VALUES: usize = 2_000;

/// Statements that insert rows, as few as the database allows, each with its values. Row by row, PostgreSQL spends its time
/// on round trips.
pub(crate) fn inserts(table: &str, columns: &[&str], rows: Vec<Vec<Value>>) -> Vec<(String, Vec<Value>)> {
    let width = columns.len().max(1);
    let most = (MOST_VALUES / width).max(1);
    let mut rows = rows.into_iter().peekable();
    let mut statements = Vec::new();
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
        statements.push((sql, some.into_iter().flatten().collect()));
    }
    statements
}

/// Inserts rows.
pub(crate) async fn insert(
    unit: &mut dyn Unit,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<(), RegistryError> {
    for (sql, values) in inserts(table, columns, rows) {
        unit.write(sql.into(), values).await?;
    }
    Ok(())
}
