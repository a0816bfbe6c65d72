//! Progress of long work, for whoever shows it.

use crate::lock::Holder;

/// Hears how far long work has come.
pub trait Progress: Sync {
    /// `done` of `total` steps of a stage are done.
    fn at(&self, stage: Stage, done: usize, total: usize);

    /// Another process writes into the data directory, and is waited for.
    fn waiting(&self, _holder: Option<&Holder>) {}

    /// Something a person should know.
    fn notice(&self, _text: &str) {}
}

/// The stages of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Files are read.
    Read,
    /// Texts are repaired and outlined.
    Restore,
    /// The index is written.
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

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _: Stage, _: usize, _: usize) {}
}
