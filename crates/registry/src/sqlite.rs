//! Records in a SQLite file: WAL, one writer at a time; the next writer waits for a bounded time.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteValueRef,
};
use sqlx::{AssertSqlSafe, Decode, Row as _, Sqlite, Transaction, TypeInfo, ValueRef};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::RegistryError;
use crate::migrations::SQLITE;
use crate::store::{Pending, Row, Sql, Store, Unit, Value};

/// Timeout of a writer that waits for another, before [`RegistryError::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout for a connection.
const CONNECTION: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct SqliteStore {
    pool: SqlitePool,
    /// Lock held by the one writer of this process. The others queue here instead of each holding a connection, which would
    /// leave none for readers.
    writer_semaphore: Arc<Semaphore>,
}

impl SqliteStore {
    pub(crate) async fn open(path: &Path) -> Result<Self, RegistryError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(BUSY_TIMEOUT)
            // Deleted data is overwritten: people may ask for the erasure of their data.
            .pragma("secure_delete", "ON");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(CONNECTION)
            .connect_with(options)
            .await?;
        let mut tries = 0;
        // Two processes that open a new file at once both try to create its tables; the second finds them created.
        while let Err(error) = SQLITE.run(&pool).await {
            tries += 1;
            if tries == 5 {
                return Err(error.into());
            }
            tokio::time::sleep(Duration::from_millis(50 * tries)).await;
        }
        Ok(Self { pool, writer_semaphore: Arc::new(Semaphore::new(1)) })
    }
}

impl SqliteStore {
    /// Opens a file without writing to it or beside it, for a disk that is full or read-only. The tables have to be those
    /// of this version: nothing is migrated.
    pub(crate) async fn open_read_only(path: &Path) -> Result<Self, RegistryError> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_TIMEOUT);
        let found = match Self::connect_read_only(options.clone()).await {
            // Without the files that writers share, SQLite reads only a file declared immutable. That ignores the content
            // of a log, so it is correct only without one.
            Err(error) if !has_log(path) => {
                Self::connect_read_only(options.immutable(true)).await.map_err(|_| error)?
            }
            found => found?,
        };
        Ok(found)
    }

    async fn connect_read_only(options: SqliteConnectOptions) -> Result<Self, RegistryError> {
        // A connection that assumes an immutable file must not outlive the call that it was opened for.
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(CONNECTION)
            .after_release(|_, _| Box::pin(async { Ok(false) }))
            .connect_with(options)
            .await?;
        let made = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";
        let made: Vec<i64> = sqlx::query_scalar(made).fetch_all(&pool).await?;
        let known: Vec<i64> = SQLITE.iter().map(|one| one.version).collect();
        match made.iter().find(|version| !known.contains(version)) {
            Some(newer) => Err(sqlx::migrate::MigrateError::VersionMissing(*newer).into()),
            None if made.len() < known.len() => Err(RegistryError::ReadOnly),
            None => Ok(Self { pool, writer_semaphore: Arc::new(Semaphore::new(1)) }),
        }
    }
}

/// True if there is a non-empty write-ahead log.
fn has_log(path: &Path) -> bool {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(name).is_ok_and(|log| log.len() > 0)
}

impl Store for SqliteStore {
    fn read(&self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move { rows(&query(sql, values)?.fetch_all(&self.pool).await?) })
    }

    fn begin_read(&self) -> Pending<'_, Box<dyn Unit>> {
        Box::pin(async move {
            let transaction = self.pool.begin().await?;
            Ok(Box::new(ReadTransaction { transaction }) as Box<dyn Unit>)
        })
    }

    fn begin_write(&self) -> Pending<'_, Box<dyn Unit>> {
        Box::pin(async move {
            let turn =
                tokio::time::timeout(BUSY_TIMEOUT, Arc::clone(&self.writer_semaphore).acquire_owned()).await;
            // A timeout in the queue and a closed queue both prevent the write.
            let turn = turn.ok().and_then(Result::ok).ok_or(RegistryError::Busy)?;
            let mut unit =
                WriteTransaction { connection: self.pool.acquire().await?, is_done: false, _turn: turn };
            sqlx::query("BEGIN IMMEDIATE").execute(&mut *unit.connection).await?;
            Ok(Box::new(unit) as Box<dyn Unit>)
        })
    }

    fn purge_logs(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            // Truncate the WAL so that deleted rows leave no copy. A concurrent reader delays this to the next checkpoint.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&self.pool).await?;
            Ok(())
        })
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            self.pool.close().await;
            Ok(())
        })
    }
}

/// A read-only transaction.
struct ReadTransaction {
    transaction: Transaction<'static, Sqlite>,
}

impl Unit for ReadTransaction {
    fn read(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move { rows(&query(sql, values)?.fetch_all(&mut *self.transaction).await?) })
    }

    fn write(&mut self, _: Sql, _: Vec<Value>) -> Pending<'_, u64> {
        // A reading transaction leaves no line in the audit, so it must not change anything.
        Box::pin(async move { Err(RegistryError::ReadOnlyTransaction) })
    }

    fn commit(self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(async move { Ok(self.transaction.commit().await?) })
    }

    fn rollback(self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(async move { Ok(self.transaction.rollback().await?) })
    }
}

/// A writing transaction. SQLite ends one by itself when a disk is full, and a count of open transactions is then wrong. So
/// there is no count: a connection whose transaction was not ended in order is closed, which rolls everything back. The
/// closing is a task of the runtime, so a runtime that runs tasks only while it is blocked on keeps the lock until its next
/// call; [`Unit::rollback`] releases the lock at once.
struct WriteTransaction {
    connection: PoolConnection<Sqlite>,
    is_done: bool,
    _turn: OwnedSemaphorePermit,
}

impl Unit for WriteTransaction {
    fn read(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move { rows(&query(sql, values)?.fetch_all(&mut *self.connection).await?) })
    }

    fn write(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, u64> {
        Box::pin(async move { Ok(query(sql, values)?.execute(&mut *self.connection).await?.rows_affected()) })
    }

    fn commit(mut self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(async move {
            sqlx::query("COMMIT").execute(&mut *self.connection).await?;
            self.is_done = true;
            Ok(())
        })
    }

    fn rollback(mut self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(async move {
            sqlx::query("ROLLBACK").execute(&mut *self.connection).await?;
            self.is_done = true;
            Ok(())
        })
    }
}

impl Drop for WriteTransaction {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.close_on_drop();
        }
    }
}

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

fn query(sql: Sql, values: Vec<Value>) -> Result<Query, RegistryError> {
    // Statements are this crate's own; external input is always passed as a value.
    let mut query = sqlx::query(AssertSqlSafe(sql.into_owned()));
    for value in values {
        query = match value {
            Value::Integer(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        };
    }
    Ok(query)
}

fn rows(rows: &[SqliteRow]) -> Result<Vec<Row>, RegistryError> {
    let each = |row: &SqliteRow| {
        let values = (0..row.len()).map(|column| value(column, row.try_get_raw(column)?));
        Ok(Row(values.collect::<Result<_, RegistryError>>()?))
    };
    rows.iter().map(each).collect()
}

fn value(column: usize, raw: SqliteValueRef<'_>) -> Result<Value, RegistryError> {
    if raw.is_null() {
        return Ok(Value::Text(None));
    }
    let kind = raw.type_info().name().to_owned();
    let failed = |error| RegistryError::Database(sqlx::Error::Decode(error));
    Ok(match kind.as_str() {
        "INTEGER" | "BOOLEAN" => Value::Integer(Some(Decode::<Sqlite>::decode(raw).map_err(failed)?)),
        "TEXT" => Value::Text(Some(Decode::<Sqlite>::decode(raw).map_err(failed)?)),
        "BLOB" => Value::Bytes(Some(Decode::<Sqlite>::decode(raw).map_err(failed)?)),
        _ => {
            return Err(RegistryError::UnexpectedValue {
                column,
                expected: "a number, a text or bytes",
                found: kind,
            });
        }
    })
}
