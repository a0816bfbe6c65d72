//! Why the engine could not do what it was asked.

use std::path::PathBuf;

use zhaoren_indexer::IndexError;
use zhaoren_registry::RegistryError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The data directory cannot be used.
    #[error("数据目录 {path} 无法使用：{cause}")]
    Data {
        /// The directory or a file in it.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The registry is gone, but not what was made of it.
    #[error(
        "登记库 {path} 不见了或是空的，而数据目录中还有以前的 {traces}：不当作新安装。由备份恢复：zhaoren --data {data} restore 备份文件；\
         登记库在 PostgreSQL 的，给出 --database-url；确定要重新开始的，先移走整个数据目录"
    )]
    Lost {
        /// Where it is to be.
        path: PathBuf,
        /// The data directory.
        data: PathBuf,
        /// What was found beside it.
        traces: String,
    },
    /// The registry failed.
    #[error("登记库：{0}")]
    Registry(#[from] RegistryError),
    /// A record is there and cannot be read: it was damaged, or written by a newer version.
    #[error("登记库中的{what} `{id}` 读不懂：{why}")]
    Unreadable {
        /// What kind of record.
        what: &'static str,
        /// Its id.
        id: String,
        /// Why.
        why: String,
    },
    /// The key is sound, and no second administrator has confirmed it yet.
    #[error("密钥尚待另一位管理员确认（zhaoren keys confirm），确认之前不可用")]
    KeyPending,
    /// The machine gives no random numbers.
    #[error("系统不提供随机数：{0}")]
    Random(String),
    /// The index failed.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// The records were written and the index was not.
    #[error(
        "{taken}，已收入登记库，匹配即刻生效；但索引没有更新，检索暂时沿用原索引，可以写入之后会自动补上：{cause}"
    )]
    NotIndexed {
        /// What was written.
        taken: String,
        /// Why the index was not.
        cause: Box<EngineError>,
    },
    /// The saved searches cannot be read.
    #[error("已存检索 {path} 无法读取：{reason}；修好或移走这个文件后再试")]
    Searches {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The results of a run do not hold what they should.
    #[error("{0}")]
    Run(String),
    /// Facts that would hold on no day.
    #[error("有效期从 {from} 到 {until}：终止日不能早于起始日")]
    NeverValid {
        /// The first day.
        from: jiff::civil::Date,
        /// The last day.
        until: jiff::civil::Date,
    },
    /// Somebody keeps as many searches as anybody may.
    #[error("已存的检索已有 {0} 个，请先删除不用的")]
    SearchesFull(usize),
    /// A name that no saved search can have.
    #[error("检索的名称 `{0}` 不可用：应为 1 到 64 个字，不含控制字符")]
    SearchName(String),
}

impl EngineError {
    /// Whether the cause may pass without anybody changing the request: the registry is locked, full or read-only. A server
    /// answers that with "come again", not as a defect.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Registry(cause) if cause.is_temporary())
    }

    /// Whether the caller asked for something that there is not, rather than something having failed.
    pub fn is_callers(&self) -> bool {
        matches!(
            self,
            Self::Index(IndexError::UnknownFilter { .. } | IndexError::BadFilter { .. })
                | Self::SearchName(_)
                | Self::NeverValid { .. }
        )
    }
}
