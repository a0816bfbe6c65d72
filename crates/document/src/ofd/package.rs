//! The ZIP package of an OFD file: its parts by name, unpacked within the budget.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::limits::Budget;
use crate::refusal::Refusal;

/// An opened package.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Entry numbers by normalized name in lower case: some writers refer to parts in another case than they store them.
    entries: HashMap<String, usize>,
}

impl<'a> Package<'a> {
    /// Opens a package.
    ///
    /// # Errors
    /// The archive breaks off, has too many entries, or holds an encryption description.
    pub(crate) fn open(bytes: &'a [u8], budget: &Budget) -> Result<Self, Refusal> {
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| Refusal::Truncated("找不到压缩包的目录".to_owned()))?;
        let limit = budget.limits().entries;
        if archive.len() > limit {
            return Err(Refusal::over("压缩包内文件数", limit as u64));
        }
        let mut entries = HashMap::with_capacity(archive.len());
        for (index, name) in archive.file_names_raw().enumerate() {
            zhaoren_cancel::poll();
            entries.entry(normalize(&String::from_utf8_lossy(name))).or_insert(index);
        }
        // GM/T 0099 describes the encryption of a package in these parts.
        if entries.contains_key("encryptions.xml") || entries.contains_key("decryptseed.dat") {
            return Err(Refusal::Encrypted);
        }
        Ok(Self { archive, entries })
    }

    /// Whether a part is in the package.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&normalize(name))
    }

    /// The text of an XML part.
    ///
    /// # Errors
    /// The part is absent, encrypted, broken, or exceeds the budget.
    pub(crate) fn part(&mut self, name: &str, budget: &mut Budget) -> Result<String, Refusal> {
        let Some(&index) = self.entries.get(&normalize(name)) else {
            return Err(Refusal::Damaged(format!("缺少部件 {name}")));
        };
        let entry = self.archive.by_index(index).map_err(|error| match error {
            ZipError::InvalidPassword => Refusal::Encrypted,
            ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => Refusal::Encrypted,
            ZipError::Io(_) => Refusal::Truncated(format!("部件 {name} 不完整")),
            _ => Refusal::Damaged(format!("部件 {name} 无法解压")),
        })?;
        // A bomb that declares its size is not unpacked at all.
        let left = budget.unpacked_left();
        if entry.size() > left {
            budget.unpack(entry.size())?;
        }
        let mut bytes = Vec::new();
        let outcome = entry.take(left.saturating_add(1)).read_to_end(&mut bytes);
        budget.unpack(bytes.len() as u64)?;
        zhaoren_cancel::steps(bytes.len() as u64 / 1024);
        outcome.map_err(|_| Refusal::Damaged(format!("部件 {name} 解压出错")))?;
        Ok(decode(bytes))
    }
}

/// The path of a reference in a part: absolute with a leading `/`, else relative to the part's folder.
pub(crate) fn resolve(part: &str, reference: &str) -> String {
    let reference = reference.trim().replace('\\', "/");
    if let Some(absolute) = reference.strip_prefix('/') {
        return absolute.to_owned();
    }
    match part.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{reference}"),
        None => reference,
    }
}

/// A name with `/` between its segments, without `.` and `..`, in lower case.
fn normalize(name: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in name.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments.join("/").to_ascii_lowercase()
}

/// The characters of an XML part: UTF-16 by its mark, else as its declaration says, else UTF-8.
fn decode(bytes: Vec<u8>) -> String {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(&bytes) {
        return encoding.decode(&bytes).0.into_owned();
    }
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let named = head.split_once("encoding=").and_then(|(_, rest)| {
        let rest = rest.trim_start_matches(['"', '\'']);
        rest.split(['"', '\'']).next().and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()))
    });
    // A part whose bytes are read here as ASCII is no UTF-16, whatever it declares.
    let encoding = named
        .filter(|encoding| *encoding != encoding_rs::UTF_16LE && *encoding != encoding_rs::UTF_16BE)
        .unwrap_or(encoding_rs::UTF_8);
    if encoding == encoding_rs::UTF_8 {
        // The usual case, without a copy.
        return String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
    encoding.decode(&bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_against_the_part_that_holds_them() {
        assert_eq!(
            resolve("Doc_0/Document.xml", "Pages/Page_0/Content.xml"),
            "Doc_0/Pages/Page_0/Content.xml"
        );
        assert_eq!(resolve("Doc_0/Document.xml", "/Doc_1/Content.xml"), "Doc_1/Content.xml");
        assert_eq!(resolve("OFD.xml", "Doc_0\\Document.xml"), "Doc_0/Document.xml");
        assert_eq!(normalize("/Doc_0/./Pages/../Document.XML"), "doc_0/document.xml");
    }

    #[test]
    fn a_part_is_decoded_as_it_declares() {
        let gbk =
            encoding_rs::GBK.encode("<?xml version=\"1.0\" encoding=\"GB2312\"?><a>通知</a>").0.into_owned();
        assert!(decode(gbk).contains("通知"));
        assert!(decode("\u{feff}<a>通知</a>".into()).starts_with("<a>"));
    }
}
