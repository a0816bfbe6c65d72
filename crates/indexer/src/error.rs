//! Why an index could not be built, opened or searched.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The engine underneath failed.
    #[error("index: {0}")]
    Engine(String),
    /// There is no generation yet.
    #[error("{0}: no index has been built here")]
    Absent(PathBuf),
    /// A generation does not fit this program, or its files are not what its manifest says.
    #[error("{path}: {reason}")]
    Unfit {
        /// The generation.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// There is no such generation, or none before the one in use.
    #[error("没有{}，另存有：{kept}", .number.map_or("更早的索引代".to_owned(), |number| format!("第 {number} 代索引")))]
    NoGeneration {
        /// The one asked for.
        number: Option<u64>,
        /// The numbers of those that are kept.
        kept: String,
    },
    /// A filter on a key that there is none of.
    #[error("没有筛选项 `{key}`，可用的有 {known}")]
    UnknownFilter {
        /// The key.
        key: String,
        /// The keys there are.
        known: String,
    },
    /// A filter by something that there is not.
    #[error("筛选项 `{key}` 应为{wanted}，得到 `{value}`")]
    BadFilter {
        /// The key.
        key: String,
        /// What was given.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
}

impl From<tantivy::TantivyError> for IndexError {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Engine(error.to_string())
    }
}
