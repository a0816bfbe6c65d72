//! Errors of runs.

use std::io;
use std::path::{Path, PathBuf};

use crate::table::TableError;

/// Reasons why a run could not begin or go on. Work finished so far is kept, and the same run resumes from it.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// A file could not be read or written.
    #[error("{path}：{cause}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        cause: io::Error,
    },
    /// A table could not be read further.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file of a run has unexpected content.
    #[error("{path}：内容损坏，或不是本版本所写；请删除后重新运行", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Another run is using the same folder.
    #[error("{path}：另一个推送正在写入这个目录，请等它结束或换一个目录", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// `--previous` does not name the results of a finished run.
    #[error("{path}：不是已完成的推送结果（缺少 _SUCCESS 或 state）", path = path.display())]
    NoPrevious {
        /// The folder.
        path: PathBuf,
    },
    /// The run used another fact dictionary.
    #[error("{path}：这一批是用另一份指标字典做的，请重新运行 zhaoren push", path = path.display())]
    OtherFacts {
        /// The folder.
        path: PathBuf,
    },
    /// An input changed while it was being read.
    #[error("{path}：读取过程中内容发生了变化，请在文件写完后重新运行", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An operation of the program on its own data failed; a bug.
    #[error("{0}")]
    Internal(String),
}

impl PushError {
    pub(crate) fn damaged(path: &Path) -> Self {
        Self::Damaged { path: path.to_owned() }
    }
}

/// Adds the path to an I/O error.
pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> PushError {
    let path = path.to_owned();
    move |cause| PushError::File { path: path.clone(), cause }
}
