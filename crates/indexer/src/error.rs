//! Errors of building, opening and searching an index.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// tantivy failed.
    #[error("index: {0}")]
    Engine(String),
    /// No generation has been published yet.
    #[error("{0}: no index has been built here")]
    NotBuilt(PathBuf),
    /// A generation does not fit this program, or its files differ from its manifest.
    #[error("{path}: {reason}")]
    Incompatible {
        /// The generation.
        path: PathBuf,
        /// The mismatch.
        reason: String,
    },
    /// The generation does not exist, or there is none before the one in use.
    #[error("没有{}，另存有：{kept}", .number.map_or("更早的索引代".to_owned(), |number| format!("第 {number} 代索引")))]
    NoGeneration {
        /// The requested number.
        number: Option<u64>,
        /// Numbers of the generations that are kept.
        kept: String,
    },
    /// A filter with an unknown key.
    #[error("没有筛选项 `{key}`，可用的有 {known}")]
    UnknownFilter {
        /// The key.
        key: String,
        /// The valid keys.
        known: String,
    },
    /// A filter with an invalid value.
    #[error("筛选项 `{key}` 应为{wanted}，得到 `{value}`")]
    BadFilter {
        /// The key.
        key: String,
        /// The given value.
        value: String,
        /// The expected form.
        wanted: &'static str,
    },
}

impl From<tantivy::TantivyError> for IndexError {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Engine(error.to_string())
    }
}
