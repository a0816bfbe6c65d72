//! Why a record could not be read or written.

use crate::moment::Moment;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database refused, or is gone.
    #[error("registry: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought to this version's shape.
    #[error("registry: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
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
