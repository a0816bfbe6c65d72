//! Packages: ZIP archives that hold the parts of one document.
//!
//! The unpacked size of a part is counted while it is unpacked; sizes that the archive declares are only used to refuse early.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::limits::Budget;
use crate::refusal::Refusal;

/// An opened archive.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Index of each entry by its name, with `/` between folders.
    entries: HashMap<String, usize>,
}

/// Bytes that are unpacked at once.
const CHUNK: usize = 64 << 10;

impl<'a> Package<'a> {
    /// Opens an archive.
    ///
    /// # Errors
    /// It is cut off, broken, or holds too many entries.
    pub(crate) fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, Refusal> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unopened(&error))?;
        let limit = budget.limits().entries;
        if archive.len() > limit {
            return Err(Refusal::over("压缩包中的文件数", limit as u64));
        }
        budget.step(archive.len() as u64)?;
        let mut entries = HashMap::with_capacity(archive.len());
        for (index, name) in archive.file_names_raw().enumerate() {
            entries.insert(decoded(name), index);
        }
        Ok(Self { archive, entries })
    }

    /// True if there is a part of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// The names of all entries, in the order of the archive.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<(&usize, &String)> =
            self.entries.iter().map(|(name, index)| (index, name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name.as_str()).collect()
    }

    /// The bytes of a part; `None` where there is none of this name.
    ///
    /// # Errors
    /// The part is encrypted, broken, or unfolds to more than is left of the budget.
    pub(crate) fn part(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(index) = self.entries.get(name).copied() else { return Ok(None) };
        self.unpack(index, name, false, budget).map(Some)
    }

    /// The bytes of an XML part; `None` where there is none of this name.
    ///
    /// # Errors
    /// As for [`Self::part`], and where its first bytes are no markup.
    pub(crate) fn markup(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(index) = self.entries.get(name).copied() else { return Ok(None) };
        self.unpack(index, name, true, budget).map(Some)
    }

    fn unpack(
        &mut self,
        index: usize,
        name: &str,
        is_markup: bool,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Refusal> {
        let limit = budget.limits().unpacked;
        let mut entry = self.archive.by_index(index).map_err(|error| unread(name, &error))?;
        if entry.size() > budget.unpacked_left() {
            return Err(Refusal::over("解压后的大小", limit));
        }
        let mut bytes = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = entry.read(&mut chunk).map_err(|error| broken(name, &error))?;
            if count == 0 {
                break;
            }
            budget.step(1 + count as u64 / 1024)?;
            budget.unpack(count as u64)?;
            let first = bytes.is_empty();
            bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if first && is_markup && !begins_markup(&bytes) {
                return Err(Refusal::Damaged(format!("部件“{name}”不是 XML")));
            }
        }
        Ok(bytes)
    }
}

/// True if the first sign is `<`, behind a byte order mark and blanks, in UTF-8 or UTF-16.
fn begins_markup(bytes: &[u8]) -> bool {
    let is_passed =
        |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff);
    // Zeros are passed for UTF-16 only, where a sign has one.
    bytes.iter().take(64).find(|byte| !is_passed(byte)) == Some(&b'<')
}

/// A name in UTF-8, or else in GB18030, as Chinese archivers write it.
fn decoded(name: &[u8]) -> String {
    let name = match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(name).0.into_owned(),
    };
    name.replace('\\', "/")
}

fn unopened(error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(_) => Refusal::Damaged("压缩方式不受支持".to_owned()),
        _ => Refusal::Truncated("压缩包末尾没有文件目录".to_owned()),
    }
}

fn unread(name: &str, error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            Refusal::Encrypted
        }
        ZipError::UnsupportedArchive(_) => Refusal::Damaged(format!("部件“{name}”的压缩方式不受支持")),
        _ => Refusal::Damaged(format!("部件“{name}”无法取出")),
    }
}

fn broken(name: &str, error: &std::io::Error) -> Refusal {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return Refusal::Truncated(format!("部件“{name}”不完整"));
    }
    Refusal::Damaged(format!("部件“{name}”解压出错"))
}
