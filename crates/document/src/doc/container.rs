//! The compound file (OLE2) that a Word 97 document is stored in.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use crate::form::Form;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// First bytes of every compound file.
pub(crate) const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// An opened compound file.
pub(crate) struct Container<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
}

/// The form of what a compound file holds.
///
/// # Errors
/// The file breaks off, is encrypted, or holds nothing that is read.
pub(crate) fn form(bytes: &[u8]) -> Result<Form, Refusal> {
    let container = Container::open(bytes)?;
    let has = |name: &str| container.file.is_stream(name);
    if has("/EncryptedPackage") {
        Err(Refusal::Encrypted)
    } else if has("/WordDocument") {
        Ok(Form::Doc)
    } else if has("/Workbook") || has("/Book") {
        Ok(Form::Xls)
    } else {
        Err(Refusal::UnknownForm("OLE2 复合文件中没有文字文档或表格".to_owned()))
    }
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
