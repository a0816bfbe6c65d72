//! Errors of reading and writing records.

use std::io::ErrorKind;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

use crate::moment::Moment;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database failed, or is gone.
    #[error("registry: {0}")]
    Database(#[source] sqlx::Error),
    /// Another writer holds the database, every connection is in use, or the server is unreachable; the same call may
    /// succeed later.
    #[error("登记库正忙或连接不上，等候已超时，请稍后再试")]
    Busy,
    /// The disk under the database is full; nothing of the call was written.
    #[error("登记库所在的磁盘已满，没有写入；腾出空间后再试")]
    DiskFull,
    /// The database is read-only: its file, its disk or its server.
    #[error("登记库当前只读，没有写入；请核实数据目录的权限，或 PostgreSQL 是否为只读副本")]
    ReadOnly,
    /// A write within a read-only transaction; a defect of this program.
    #[error("登记库：只读的事务中不能写入")]
    ReadOnlyTransaction,
    /// The tables could not be migrated to this version's schema.
    #[error("registry: {0}")]
    Migration(#[source] MigrateError),
    /// A record holds a value unknown to this version.
    #[error("registry: column {column} holds {found}, expected {expected}")]
    UnexpectedValue {
        /// Its index in the row.
        column: usize,
        /// Expected type.
        expected: &'static str,
        /// Type found.
        found: String,
    },
    /// The address names no supported database.
    #[error("数据库地址 `{0}` 不可用，应为 postgres://用户@主机/库名，或不给（用数据目录中的 SQLite）")]
    Address(String),
    /// There is no such record.
    #[error("没有{what} `{id}`")]
    NotFound {
        /// Kind of record.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The state of the record does not allow the operation.
    #[error("{what} `{id}` {why}")]
    InvalidState {
        /// Kind of record.
        what: &'static str,
        /// Its id.
        id: String,
        /// Reason.
        why: String,
    },
    /// Another writer changed the record after the caller had read it; nothing was written.
    #[error("`{id}` 的现有内容与调用方所见不符：此间已被他人改动")]
    Conflict {
        /// Its id.
        id: String,
    },
    /// An invalid value.
    #[error("{what} `{value}` 不可用：应为{expected}")]
    InvalidValue {
        /// Kind of value.
        what: &'static str,
        /// The value.
        value: String,
        /// Expected form.
        expected: &'static str,
    },
    /// The record is shared or belongs to another tenant; its existence is not revealed.
    #[error("{what} `{id}` 不归本租户管理")]
    NotOwned {
        /// Kind of record.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A statement of this program that the audit cannot account for; nothing was written.
    #[error("程序错误：审计不认得写入语句 `{0}`")]
    UnknownStatement(String),
    /// The tables were changed outside the program and no longer match the audit.
    #[error(
        "登记库被改动过，不再写入：{0}；核验见 audit verify，由备份恢复，或查明后以 audit accept 认可现状"
    )]
    Tampered(String),
    /// The system supplies no random numbers.
    #[error("系统不提供随机数")]
    Random,
    /// The clock is behind the last record: it is wrong now, or it was then.
    #[error(
        "系统时钟为 {}，而登记库最后一次记录在 {}，晚于现在：先校准时钟；若现在的时钟无误，是以前的时钟错了，运行 audit clock --accept 更正",
        now.in_china(),
        last.in_china()
    )]
    ClockBehind {
        /// Time of the clock.
        now: Moment,
        /// Time of the last record.
        last: Moment,
    },
    /// The clock is later than any version of this program is in use.
    #[error("系统时钟为 {}，不可能是现在：校准时钟后再试", now.in_china())]
    ClockAhead {
        /// Time of the clock.
        now: Moment,
    },
    /// The file to be restored is no backup.
    #[error("备份 {path} 不能恢复：{why}")]
    NoBackup {
        /// The file.
        path: String,
        /// Reason.
        why: String,
    },
    /// The target of a restore already holds records.
    #[error("登记库不是空的：只能恢复到空的登记库")]
    NotEmpty,
}

impl RegistryError {
    /// True if the cause lies with the database and may pass, so that a later retry may succeed.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::DiskFull | Self::ReadOnly)
    }
}

/// Distinguishes the failures that an operator can resolve from all others. SQLite returns numbers, of which the low byte
/// is the kind (sqlite.org/rescode.html); PostgreSQL returns five characters (its appendix A).
impl From<sqlx::Error> for RegistryError {
    fn from(error: sqlx::Error) -> Self {
        let known = match &error {
            sqlx::Error::PoolTimedOut => Some(Self::Busy),
            sqlx::Error::Io(cause) => match cause.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(Self::DiskFull),
                ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
                _ => None,
            },
            sqlx::Error::Database(cause) => {
                let code = cause.code().unwrap_or_default();
                if cause.try_downcast_ref::<PgDatabaseError>().is_some() {
                    postgres(&code)
                } else {
                    sqlite(&code)
                }
            }
            _ => None,
        };
        known.unwrap_or(Self::Database(error))
    }
}

impl From<MigrateError> for RegistryError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) => cause.into(),
            MigrateError::ExecuteMigration(cause, number) => match cause.into() {
                Self::Database(cause) => Self::Migration(MigrateError::ExecuteMigration(cause, number)),
                known => known,
            },
            other => Self::Migration(other),
        }
    }
}

fn sqlite(code: &str) -> Option<RegistryError> {
    match code.parse::<u32>().ok()? & 0xff {
        // SQLITE_BUSY and SQLITE_LOCKED.
        5 | 6 => Some(RegistryError::Busy),
        // SQLITE_READONLY.
        8 => Some(RegistryError::ReadOnly),
        // SQLITE_FULL.
        13 => Some(RegistryError::DiskFull),
        _ => None,
    }
}

fn postgres(code: &str) -> Option<RegistryError> {
    match code {
        // lock_not_available, query_canceled (a time limit), deadlock_detected, serialization_failure,
        // too_many_connections, cannot_connect_now.
        "55P03" | "57014" | "40P01" | "40001" | "53300" | "57P03" => Some(RegistryError::Busy),
        // disk_full.
        "53100" => Some(RegistryError::DiskFull),
        // read_only_sql_transaction.
        "25006" => Some(RegistryError::ReadOnly),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Temporary failures are distinguished from defects.
    #[test]
    fn temporary_database_errors_are_distinguished() {
        let busy = |found: Option<RegistryError>| matches!(found, Some(RegistryError::Busy));
        for code in ["5", "261", "517", "6", "262"] {
            assert!(busy(sqlite(code)), "{code}");
        }
        for code in ["55P03", "57014", "40P01"] {
            assert!(busy(postgres(code)), "{code}");
        }
        assert!(matches!(sqlite("13"), Some(RegistryError::DiskFull)));
        assert!(matches!(postgres("53100"), Some(RegistryError::DiskFull)));
        assert!(matches!(sqlite("1032"), Some(RegistryError::ReadOnly)));
        assert!(matches!(postgres("25006"), Some(RegistryError::ReadOnly)));
        assert!(sqlite("2067").is_none() && postgres("23505").is_none(), "a broken rule is a defect");
    }
}
