//! Why a record could not be read or written.

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
    /// Something is restored into a registry that already holds records.
    #[error("登记库不是空的：只能恢复到空的登记库")]
    NotEmpty,
}
