//! Why a record could not be read or written.

use std::io::ErrorKind;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

use crate::moment::Moment;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database refused, or is gone.
    #[error("registry: {0}")]
    Database(#[source] sqlx::Error),
    /// Another writer holds the database, every connection is in use, or the server is away; the same call may succeed later.
    #[error("登记库正忙或连接不上，等候已超时，请稍后再试")]
    Busy,
    /// The disk under the database is full; nothing of the call was written.
    #[error("登记库所在的磁盘已满，没有写入；腾出空间后再试")]
    Full,
    /// The database takes no writes: its file, its disk or its server is read-only.
    #[error("登记库当前只读，没有写入；请核实数据目录的权限，或 PostgreSQL 是否为只读副本")]
    ReadOnly,
    /// A unit of work that was begun to read was asked to write; a defect of this program.
    #[error("登记库：只读的事务中不能写入")]
    ReadingUnit,
    /// The tables could not be brought to this version's shape.
    #[error("registry: {0}")]
    Migration(#[source] MigrateError),
    /// A record holds something that this version does not know.
    #[error("registry: column {column} holds {found}, expected {expected}")]
    Shape {
        /// Its place in the row.
        column: usize,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// The address names no database that there is a driver for.
    #[error("数据库地址 `{0}` 不可用，应为 postgres://用户@主机/库名，或不给（用数据目录中的 SQLite）")]
    Address(String),
    /// There is no such record.
    #[error("没有{what} `{id}`")]
    Absent {
        /// What kind of record.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The record is not in a state in which this can be done.
    #[error("{what} `{id}` {why}")]
    State {
        /// What kind of record.
        what: &'static str,
        /// Its id.
        id: String,
        /// Why it cannot be done.
        why: String,
    },
    /// A record was written by another after the writer had seen it; nothing was written.
    #[error("`{id}` 的现有内容与调用方所见不符：此间已被他人改动")]
    ChangedMeanwhile {
        /// Its id.
        id: String,
    },
    /// A value that cannot be kept.
    #[error("{what} `{value}` 不可用：应为{expected}")]
    Unfit {
        /// What kind of value.
        what: &'static str,
        /// The value.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The record is another tenant's, or everybody's; whether it is there is not told.
    #[error("{what} `{id}` 不归本租户管理")]
    Foreign {
        /// What kind of record.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A statement of this program that the audit cannot account for; nothing was written.
    #[error("程序错误：审计不认得写入语句 `{0}`")]
    Unaccounted(String),
    /// What the audit knows the tables to hold was changed behind its back.
    #[error(
        "登记库被改动过，不再写入：{0}；核验见 audit verify，由备份恢复，或查明后以 audit accept 认可现状"
    )]
    Tampered(String),
    /// The machine gives no random numbers.
    #[error("系统不提供随机数")]
    Random,
    /// The clock is behind what was recorded last: it is wrong now, or it was then.
    #[error(
        "系统时钟为 {}，而登记库最后一次记录在 {}，晚于现在：先校准时钟；若现在的时钟无误，是以前的时钟错了，运行 audit clock --accept 更正",
        now.in_china(),
        last.in_china()
    )]
    ClockBehind {
        /// What the clock says.
        now: Moment,
        /// When something was recorded last.
        last: Moment,
    },
    /// The clock is later than any version of this program is used.
    #[error("系统时钟为 {}，不可能是现在：校准时钟后再试", now.in_china())]
    ClockAhead {
        /// What the clock says.
        now: Moment,
    },
    /// A file that is to be restored is no backup.
    #[error("备份 {path} 不能恢复：{why}")]
    NoBackup {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something is restored into a registry that already holds records.
    #[error("登记库不是空的：只能恢复到空的登记库")]
    NotEmpty,
}

impl RegistryError {
    /// Whether the cause lies with the database and may pass, so that the same call is worth repeating later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Full | Self::ReadOnly)
    }
}

/// Tells apart the failures that an operator can end from all others. SQLite gives numbers, of which the low byte is the
/// kind (sqlite.org/rescode.html); PostgreSQL gives five characters (its appendix A).
impl From<sqlx::Error> for RegistryError {
    fn from(error: sqlx::Error) -> Self {
        let known = match &error {
            sqlx::Error::PoolTimedOut => Some(Self::Busy),
            sqlx::Error::Io(cause) => match cause.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(Self::Full),
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
        13 => Some(RegistryError::Full),
        _ => None,
    }
}

fn postgres(code: &str) -> Option<RegistryError> {
    match code {
        // lock_not_available, query_canceled (a time limit), deadlock_detected, serialization_failure,
        // too_many_connections, cannot_connect_now.
        "55P03" | "57014" | "40P01" | "40001" | "53300" | "57P03" => Some(RegistryError::Busy),
        // disk_full.
        "53100" => Some(RegistryError::Full),
        // read_only_sql_transaction.
        "25006" => Some(RegistryError::ReadOnly),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack K-500, K-lock, P-pg2: failures that pass are told apart from defects.
    #[test]
    fn codes_of_both_databases_are_told_apart() {
        let busy = |found: Option<RegistryError>| matches!(found, Some(RegistryError::Busy));
        for code in ["5", "261", "517", "6", "262"] {
            assert!(busy(sqlite(code)), "{code}");
        }
        for code in ["55P03", "57014", "40P01"] {
            assert!(busy(postgres(code)), "{code}");
        }
        assert!(matches!(sqlite("13"), Some(RegistryError::Full)));
        assert!(matches!(postgres("53100"), Some(RegistryError::Full)));
        assert!(matches!(sqlite("1032"), Some(RegistryError::ReadOnly)));
        assert!(matches!(postgres("25006"), Some(RegistryError::ReadOnly)));
        assert!(sqlite("2067").is_none() && postgres("23505").is_none(), "a broken rule is a defect");
    }
}
