//! Errors of the engine.

use std::path::PathBuf;

use zhaoren_indexer::IndexError;
use zhaoren_push::PushError;
use zhaoren_registry::RegistryError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The data directory cannot be used.
    #[error("数据目录 {path} 无法使用：{cause}")]
    Data {
        /// The directory or a file in it.
        path: PathBuf,
        /// Cause.
        cause: std::io::Error,
    },
    /// The registry is lost, but files derived from it are still there.
    #[error(
        "登记库 {path} 不见了或是空的，而数据目录中还有以前的 {traces}：不当作新安装。由备份恢复：zhaoren --data {data} restore 备份文件；\
         登记库在 PostgreSQL 的，给出 --database-url；确定要重新开始的，先移走整个数据目录"
    )]
    RegistryLost {
        /// Expected path.
        path: PathBuf,
        /// The data directory.
        data: PathBuf,
        /// Traces found beside it.
        traces: String,
    },
    /// The registry failed.
    #[error("登记库：{0}")]
    Registry(#[from] RegistryError),
    /// A record exists and cannot be read: it is damaged, or was written by a newer version.
    #[error("登记库中的{what} `{id}` 读不懂：{why}")]
    Unreadable {
        /// Kind of record.
        what: &'static str,
        /// Its id.
        id: String,
        /// Reason.
        why: String,
    },
    /// The key is valid, but a second administrator has not confirmed it yet.
    #[error("密钥尚待另一位管理员确认（zhaoren keys confirm），确认之前不可用")]
    KeyPending,
    /// The system supplies no random numbers.
    #[error("系统不提供随机数：{0}")]
    Random(String),
    /// The index failed.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// The records were written, but the index was not.
    #[error(
        "{taken}，已收入登记库，匹配即刻生效；但索引没有更新，检索暂时沿用原索引，可以写入之后会自动补上：{cause}"
    )]
    NotIndexed {
        /// Summary of the records written.
        taken: String,
        /// Cause of the index failure.
        cause: Box<EngineError>,
    },
    /// The saved searches cannot be read.
    #[error("已存检索 {path} 无法读取：{reason}；修好或移走这个文件后再试")]
    SavedSearches {
        /// The file.
        path: PathBuf,
        /// Reason.
        reason: String,
    },
    /// A table, a store or a run could not be read or written.
    #[error(transparent)]
    Push(#[from] PushError),
    /// The input of a command or a request does not fit together; the text says how.
    #[error("{0}")]
    Input(String),
    /// The results of a run are incomplete or malformed.
    #[error("{0}")]
    Run(String),
    /// An empty period of validity of facts.
    #[error("有效期从 {from} 到 {until}：终止日不能早于起始日")]
    EmptyValidity {
        /// The first day.
        from: jiff::civil::Date,
        /// The last day.
        until: jiff::civil::Date,
    },
    /// The owner has reached the limit of saved searches.
    #[error("已存的检索已有 {0} 个，请先删除不用的")]
    TooManySearches(usize),
    /// An invalid name of a saved search.
    #[error("检索的名称 `{0}` 不可用：应为 1 到 64 个字，不含控制字符")]
    InvalidSearchName(String),
}

impl EngineError {
    /// True if a retry of the same request may succeed: the registry is locked, full or read-only. A server answers that
    /// with "try again later", not as a defect.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Registry(cause) if cause.is_temporary())
    }

    /// True if the request is at fault, not the engine.
    pub fn is_client_error(&self) -> bool {
        matches!(
            self,
            Self::Index(IndexError::UnknownFilter { .. } | IndexError::BadFilter { .. })
                | Self::InvalidSearchName(_)
                | Self::EmptyValidity { .. }
                | Self::Input(_)
        )
    }
}
