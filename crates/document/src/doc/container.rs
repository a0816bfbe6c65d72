//! The compound file (OLE2) that a Word 97 document is stored in.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use crate::limits::Budget;
use crate::refusal::Refusal;

/// An opened compound file.
pub(crate) struct Container<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
}

impl<'a> Container<'a> {
    /// Opens a compound file.
    ///
    /// # Errors
    /// Sectors that its tables name are not there.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        // Every chain of sectors is followed once.
        zhaoren_cancel::steps(bytes.len() as u64 / 512);
        let file = CompoundFile::open(Cursor::new(bytes))
            .map_err(|_| Refusal::Truncated("OLE2 复合文件的扇区表不全".to_owned()))?;
        Ok(Self { file })
    }

    /// The bytes of a stream; `None` where there is no such stream.
    ///
    /// # Errors
    /// The stream breaks off, or exceeds the budget.
    pub(crate) fn stream(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Refusal> {
        let path = format!("/{name}");
        if !self.file.is_stream(&path) {
            return Ok(None);
        }
        let broken = |_| Refusal::Truncated(format!("数据流 {name} 不完整"));
        let stream = self.file.open_stream(&path).map_err(broken)?;
        let length = stream.len();
        budget.unpack(length)?;
        let mut bytes = Vec::new();
        stream.take(length).read_to_end(&mut bytes).map_err(broken)?;
        zhaoren_cancel::steps(length / 1024);
        Ok(Some(bytes))
    }
}
