//! The package of an OFD file: parts by name in any case, decoded as they declare.

use std::collections::HashMap;

use crate::limits::Budget;
use crate::package;
use crate::refusal::Refusal;

/// An opened package.
pub(crate) struct Package<'a> {
    parts: package::Package<'a>,
    /// Names of the parts by normalized name: some writers refer to parts in another case than they store them.
    names: HashMap<String, String>,
}

impl<'a> Package<'a> {
    /// Opens a package.
    ///
    /// # Errors
    /// The archive breaks off, has too many entries, or holds an encryption description.
    pub(crate) fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, Refusal> {
        let parts = package::Package::open(bytes, budget)?;
        let mut names: HashMap<String, String> = HashMap::new();
        for name in parts.names() {
            zhaoren_cancel::poll();
            names.entry(normalize(name)).or_insert_with(|| name.to_owned());
        }
        // GM/T 0099 describes the encryption of a package in these parts.
        if names.contains_key("encryptions.xml") || names.contains_key("decryptseed.dat") {
            return Err(Refusal::Encrypted);
        }
        Ok(Self { parts, names })
    }

    /// True if a part is in the package.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&normalize(name))
    }

    /// The text of an XML part.
    ///
    /// # Errors
    /// The part is absent, encrypted, broken, or exceeds the budget.
    pub(crate) fn part(&mut self, name: &str, budget: &mut Budget) -> Result<String, Refusal> {
        let absent = || Refusal::Damaged(format!("缺少部件 {name}"));
        let stored = self.names.get(&normalize(name)).ok_or_else(absent)?;
        self.parts.part(stored, budget)?.map(decode).ok_or_else(absent)
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
    fn references_resolve_against_their_own_part() {
        assert_eq!(
            resolve("Doc_0/Document.xml", "Pages/Page_0/Content.xml"),
            "Doc_0/Pages/Page_0/Content.xml"
        );
        assert_eq!(resolve("Doc_0/Document.xml", "/Doc_1/Content.xml"), "Doc_1/Content.xml");
        assert_eq!(resolve("OFD.xml", "Doc_0\\Document.xml"), "Doc_0/Document.xml");
        assert_eq!(normalize("/Doc_0/./Pages/../Document.XML"), "doc_0/document.xml");
    }

    #[test]
    fn parts_are_decoded_in_their_declared_encoding() {
        let gbk =
            encoding_rs::GBK.encode("<?xml version=\"1.0\" encoding=\"GB2312\"?><a>通知</a>").0.into_owned();
        assert!(decode(gbk).contains("通知"));
        assert!(decode("\u{feff}<a>通知</a>".into()).starts_with("<a>"));
    }
}
