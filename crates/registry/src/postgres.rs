//! Records in PostgreSQL, 12 or newer. Several machines may use one database.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow, PgSslMode, PgValueRef};
use sqlx::{AssertSqlSafe, Decode, Postgres, Row as _, Transaction, TypeInfo, ValueRef};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::RegistryError;
use crate::migrations::POSTGRES;
use crate::store::{Pending, Row, Sql, Store, Unit, Value};

/// Timeout for a connection from the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// The id of the advisory lock of writers: "zhaoren" read as a number.
const WRITER_LOCK_ID: i64 = 0x007a_6861_6f72_656e;
/// Time limits of each connection, so that a lock held elsewhere ends in [`RegistryError::Busy`] and not in an endless
/// wait. A limit that the operator has set (for the role, the database, or in the address) stays.
const LIMITS: &str = "SELECT set_config(name, value, false) FROM (VALUES ('lock_timeout', '5s'), \
                      ('statement_timeout', '60s'), ('idle_in_transaction_session_timeout', '60s')) \
                      AS wanted (name, value) WHERE current_setting(name) = '0'";
/// Time limits of migrations, in which a statement may rewrite a table.
const LIMITS_OF_MIGRATION: &str =
    "SELECT set_config('lock_timeout', '60s', false) WHERE current_setting('lock_timeout') = '0'";

/// Timeout of a writer that waits for the others of its process.
const WRITER_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct PostgresStore {
    pool: PgPool,
    /// Lock held by the one writer of this process. The others queue here instead of each holding a connection, which would
    /// leave none for readers.
    writer_semaphore: Arc<Semaphore>,
}

impl PostgresStore {
    pub(crate) async fn open(address: &str) -> Result<Self, RegistryError> {
        let options = options(address)?;
        let first = pool(1, LIMITS_OF_MIGRATION).connect_with(options.clone()).await?;
        POSTGRES.run(&first).await?;
        first.close().await;
        let pool = pool(8, LIMITS).connect_with(options).await?;
        Ok(Self { pool, writer_semaphore: Arc::new(Semaphore::new(1)) })
    }
}

/// A pool that applies `limits` to each new connection.
fn pool(max_connections: u32, limits: &'static str) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(max_connections).acquire_timeout(ACQUIRE_TIMEOUT).after_connect(
        move |connection, _| Box::pin(async move { sqlx::query(limits).execute(connection).await.map(drop) }),
    )
}

/// Connection options. Connections that leave the machine are encrypted and authenticate the server, unless the address
/// says otherwise (`sslmode`, as in libpq): the driver's own default would silently fall back to plain text.
fn options(address: &str) -> Result<PgConnectOptions, RegistryError> {
    let options = PgConnectOptions::from_str(address)?.application_name("zhaoren");
    let is_explicit = address.split_once('?').is_some_and(|(_, query)| {
        query.split('&').any(|pair| pair.starts_with("sslmode=") || pair.starts_with("ssl-mode="))
    });
    let here = options.get_socket().is_some() || is_this_machine(options.get_host());
    Ok(if is_explicit || here { options } else { options.ssl_mode(PgSslMode::VerifyFull) })
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let looped = address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    // A path is the folder of a socket.
    host.eq_ignore_ascii_case("localhost") || host.starts_with('/') || looped
}

impl Store for PostgresStore {
    fn read(&self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move { rows(&query(sql, values)?.fetch_all(&self.pool).await?) })
    }

    fn begin_read(&self) -> Pending<'_, Box<dyn Unit>> {
        Box::pin(async move {
            let transaction = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
            Ok(Box::new(PostgresUnit { transaction, _turn: None }) as Box<dyn Unit>)
        })
    }

    fn begin_write(&self) -> Pending<'_, Box<dyn Unit>> {
        Box::pin(async move {
            let turn =
                tokio::time::timeout(WRITER_TIMEOUT, Arc::clone(&self.writer_semaphore).acquire_owned())
                    .await;
            // A timeout in the queue and a closed queue both prevent the write.
            let turn = turn.ok().and_then(Result::ok).ok_or(RegistryError::Busy)?;
            let mut transaction = self.pool.begin().await?;
            // The chain of the audit has one end, so writers run one after the other, as in SQLite.
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(WRITER_LOCK_ID)
                .execute(&mut *transaction)
                .await?;
            Ok(Box::new(PostgresUnit { transaction, _turn: Some(turn) }) as Box<dyn Unit>)
        })
    }

    fn purge_logs(&self) -> Pending<'_, ()> {
        // Its logs and their retention belong to the operator.
        Box::pin(async { Ok(()) })
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            self.pool.close().await;
            Ok(())
        })
    }
}

struct PostgresUnit {
    transaction: Transaction<'static, Postgres>,
    /// The writer's turn; `None` in a reading transaction.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Unit for PostgresUnit {
    fn read(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move { rows(&query(sql, values)?.fetch_all(&mut *self.transaction).await?) })
    }

    fn write(&mut self, sql: Sql, values: Vec<Value>) -> Pending<'_, u64> {
        Box::pin(
            async move { Ok(query(sql, values)?.execute(&mut *self.transaction).await?.rows_affected()) },
        )
    }

    fn commit(self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(async move { Ok(self.transaction.commit().await?) })
    }

    fn rollback(self: Box<Self>) -> Pending<'static, ()> {
        Box::pin(async move { Ok(self.transaction.rollback().await?) })
    }
}

type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

fn query(sql: Sql, values: Vec<Value>) -> Result<Query, RegistryError> {
    // Statements are this crate's own; external input is always passed as a value.
    let mut query = sqlx::query(AssertSqlSafe(sql.into_owned()));
    for value in values {
        query = match value {
            Value::Integer(value) => query.bind(value),
            // The one character that a text in PostgreSQL cannot contain.
            Value::Text(Some(text)) if text.contains('\0') => {
                let why = "a text with U+0000 cannot be kept in PostgreSQL".to_owned();
                return Err(RegistryError::Database(sqlx::Error::Encode(why.into())));
            }
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        };
    }
    Ok(query)
}

fn rows(rows: &[PgRow]) -> Result<Vec<Row>, RegistryError> {
    let each = |row: &PgRow| {
        let values = (0..row.len()).map(|column| value(column, row.try_get_raw(column)?));
        Ok(Row(values.collect::<Result<_, RegistryError>>()?))
    };
    rows.iter().map(each).collect()
}

fn value(column: usize, raw: PgValueRef<'_>) -> Result<Value, RegistryError> {
    let kind = raw.type_info().name().to_owned();
    if raw.is_null() {
        return Ok(match kind.as_str() {
            "INT8" => Value::Integer(None),
            "BYTEA" => Value::Bytes(None),
            _ => Value::Text(None),
        });
    }
    let failed = |error| RegistryError::Database(sqlx::Error::Decode(error));
    Ok(match kind.as_str() {
        "INT8" => Value::Integer(Some(Decode::<Postgres>::decode(raw).map_err(failed)?)),
        "INT4" => Value::Integer(Some(<i32 as Decode<Postgres>>::decode(raw).map_err(failed)?.into())),
        "BOOL" => Value::Integer(Some(<bool as Decode<Postgres>>::decode(raw).map_err(failed)?.into())),
        "TEXT" => Value::Text(Some(Decode::<Postgres>::decode(raw).map_err(failed)?)),
        "BYTEA" => Value::Bytes(Some(Decode::<Postgres>::decode(raw).map_err(failed)?)),
        _ => {
            return Err(RegistryError::UnexpectedValue {
                column,
                expected: "a number, a text or bytes",
                found: kind,
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_connections_are_encrypted_by_default() {
        let verified =
            |address: &str| matches!(options(address).unwrap().get_ssl_mode(), PgSslMode::VerifyFull);
        assert!(verified("postgres://zhaoren:secret@db.example.cn/zhaoren"));
        assert!(verified("postgres://zhaoren@10.0.0.7:5433/zhaoren?application_name=sslmode"));
        assert!(!verified("postgres://zhaoren@db.example.cn/zhaoren?sslmode=disable"));
        assert!(!verified("postgres://zhaoren@db.example.cn/zhaoren?connect_timeout=3&sslmode=require"));
        for here in ["localhost", "127.0.0.1", "127.0.4.1", "[::1]", "%2Frun%2Fpostgresql"] {
            assert!(!verified(&format!("postgres://zhaoren@{here}/zhaoren")), "{here}");
        }
    }
}
