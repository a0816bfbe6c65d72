//! Progress of long operations.

use serde::{Deserialize, Serialize};

/// Receiver of progress.
pub trait Progress: Sync {
    /// Reports that `done` of `total` steps of a stage are done.
    fn at(&self, stage: Stage, done: usize, total: usize);

    /// Reports that the call waits for another process that writes into the data directory.
    fn waiting(&self, _holder: Option<&LockHolder>) {}

    /// Reports a message for a person.
    fn notice(&self, _text: &str) {}
}

/// Holder of a write lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// Process id.
    pub process: u32,
    /// Description of its work.
    pub work: String,
    /// Time of locking, in China time.
    pub since: String,
}

/// The stages of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading files.
    Read,
    /// Repairing and outlining texts.
    Restore,
    /// Writing the index.
    Index,
}

impl Stage {
    /// The Chinese name shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "读取文件",
            Self::Restore => "修复文本",
            Self::Index => "建立索引",
        }
    }
}

/// Progress without display.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _: Stage, _: usize, _: usize) {}
}
