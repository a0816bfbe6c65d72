//! The file information block: where everything else is ([MS-DOC] 2.5).

use super::bytes::{index_at, u16_at};
use crate::refusal::Refusal;

/// A range of bytes of the table stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamRange {
    /// First byte.
    pub(crate) at: usize,
    /// Number of bytes.
    pub(crate) length: usize,
}

impl StreamRange {
    /// Its bytes, as far as they are there.
    pub(crate) fn of(self, table: &[u8]) -> &[u8] {
        let end = self.at.saturating_add(self.length).min(table.len());
        table.get(self.at..end).unwrap_or_default()
    }
}

/// The fields of the file information block that are read.
#[derive(Debug)]
pub(crate) struct Fib {
    /// Name of the table stream.
    pub(crate) table: &'static str,
    /// Characters of the main text, footnotes, headers, comments, endnotes and text boxes, in the order of the text.
    pub(crate) counts: [usize; 6],
    pub(crate) styles: StreamRange,
    pub(crate) footnote_marks: StreamRange,
    pub(crate) footnotes: StreamRange,
    pub(crate) characters: StreamRange,
    pub(crate) paragraphs: StreamRange,
    pub(crate) pieces: StreamRange,
    pub(crate) endnote_marks: StreamRange,
    pub(crate) endnotes: StreamRange,
    pub(crate) shapes: StreamRange,
    pub(crate) boxes: StreamRange,
    pub(crate) lists: StreamRange,
    pub(crate) overrides: StreamRange,
}

/// First version (`nFib`) with the layout of Word 97.
const WORD_97: u16 = 0x00C1;

impl Fib {
    /// Reads the block at the head of the stream `WordDocument`.
    ///
    /// # Errors
    /// The document is encrypted, older than Word 97, or no Word document.
    pub(crate) fn read(stream: &[u8]) -> Result<Self, Refusal> {
        let truncated = || Refusal::Truncated("文件信息块不全".to_owned());
        let (magic, version) =
            (u16_at(stream, 0).ok_or_else(truncated)?, u16_at(stream, 2).ok_or_else(truncated)?);
        if magic != 0xA5EC && magic != 0xA5DC {
            return Err(Refusal::Damaged("WordDocument 数据流的开头不是 Word 文档".to_owned()));
        }
        let flags = u16_at(stream, 0x0A).ok_or_else(truncated)?;
        if flags & 0x0100 != 0 {
            return Err(Refusal::Encrypted);
        }
        if version < WORD_97 {
            return Err(Refusal::UnknownForm("Word 95 或更早版本的文档，请另存为 DOCX".to_owned()));
        }
        let count = |at: usize| {
            index_at(stream, at).filter(|count| *count <= i32::MAX as usize).ok_or_else(truncated)
        };
        let counts = [count(0x4C)?, count(0x50)?, count(0x54)?, count(0x5C)?, count(0x60)?, count(0x64)?];
        // Places of the table stream are pairs of 32-bit numbers, in the order of [MS-DOC] 2.5.6.
        let place = |number: usize| {
            let at = 0x9A + number * 8;
            match (index_at(stream, at), index_at(stream, at + 4)) {
                (Some(at), Some(length)) => StreamRange { at, length },
                _ => StreamRange::default(),
            }
        };
        Ok(Self {
            table: if flags & 0x0200 == 0 { "0Table" } else { "1Table" },
            counts,
            styles: place(1),
            footnote_marks: place(2),
            footnotes: place(3),
            characters: place(12),
            paragraphs: place(13),
            pieces: place(33),
            endnote_marks: place(46),
            endnotes: place(47),
            shapes: place(40),
            boxes: place(56),
            lists: place(73),
            overrides: place(74),
        })
    }
}
