//! Files in the forms of publication (DOCX, PDF, web pages …), read into documents of an import.
//!
//! The content tells the form. A plain text is stored as received; of any other form the canonical text is stored, and the
//! metadata says from which file it came. Nothing here reads a file system.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use zhaoren_document::{Canonical, Document, Form, Limits, Refusal};

use crate::file::FILE_LIMITS;
use crate::origin::StoredPlaces;

/// Metadata key for the description of the file that a document was read from.
pub(crate) const FILE: &str = "file";
/// Metadata key for the annexes of a document.
pub(crate) const ANNEXES: &str = "annexes";

/// Limits of one file, with the size limit of this program's files.
const LIMITS: Limits = Limits { file: FILE_LIMITS.packed, ..Limits::IMPORT };

/// Labels of a file's facts that are taken as metadata of the document, with their metadata keys. The publication date of a
/// page (发布日期) is left out: a page is often published days after its document was issued.
const FACTS: [(&str, &str); 3] = [("发文机关", "issuer"), ("文号", "number"), ("成文日期", "published")];

/// Content of a file for the import.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FileContent {
    /// A plain text, to be stored as received.
    Text,
    /// A file of another form, or a plain text whose stored form differs from the bytes received (CR line ends).
    File(Box<DocumentFile>),
}

/// A file that was read into its canonical text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DocumentFile {
    /// Canonical text, and where each part of it is in the file.
    pub(crate) canonical: Canonical,
    /// Metadata of the document that the file states, with the description of the file under [`FILE`].
    pub(crate) metadata: Map<String, Json>,
    /// Remarks on parts that could not be read, in Chinese.
    pub(crate) remarks: Vec<String>,
}

/// Reads the content of a file; `name` is recorded without its folders.
///
/// # Errors
/// The [`Refusal`] that says why it cannot be read.
pub(crate) fn content(name: &str, bytes: &[u8]) -> Result<FileContent, Refusal> {
    let document = zhaoren_document::read(bytes, &LIMITS)?;
    if document.form == Form::Text && !has_cr_line_ends(bytes) {
        return Ok(FileContent::Text);
    }
    let canonical = document.text();
    if canonical.text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    let metadata = metadata(&document, &canonical, name, bytes);
    Ok(FileContent::File(Box::new(DocumentFile { canonical, metadata, remarks: document.remarks })))
}

/// True if the lines of a text end with CR alone, as on old Macintoshes: stored as received, it would be one line.
fn has_cr_line_ends(bytes: &[u8]) -> bool {
    // A text that contains CR LF has line ends that are understood; it need not be decoded.
    bytes.contains(&b'\r') && !bytes.windows(2).any(|pair| pair == b"\r\n") && {
        let text = zhaoren_text::decode(bytes).text;
        text.trim_end().contains('\r') && !text.contains('\n')
    }
}

/// Metadata that a file gives of its document, and the description of the file.
fn metadata(document: &Document, canonical: &Canonical, name: &str, bytes: &[u8]) -> Map<String, Json> {
    let mut metadata = Map::new();
    let mut put = |key: &str, value: &str| {
        let value = value.trim();
        if !value.is_empty() {
            metadata.entry(key).or_insert_with(|| json!(value));
        }
    };
    if let Some(title) = &document.title {
        put("title", title);
    }
    for (fact, value) in &document.facts {
        if let Some((_, key)) = FACTS.iter().find(|(name, _)| name == fact) {
            put(key, value);
        }
    }
    if !document.annexes.is_empty() {
        let annexes: Vec<Json> =
            document.annexes.iter().map(|(name, place)| json!({"name": name, "place": place})).collect();
        metadata.insert(ANNEXES.to_owned(), annexes.into());
    }
    let mut file = json!({
        "form": document.form.name(), "digest": sha256(bytes), "name": base_name(name), "remarks": document.remarks,
    });
    let facts: Vec<Json> =
        document.facts.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    if let Some(file) = file.as_object_mut() {
        if !facts.is_empty() {
            file.insert("facts".to_owned(), facts.into());
        }
        StoredPlaces::of_text(canonical).describe(file);
    }
    metadata.insert(FILE.to_owned(), file);
    metadata
}

/// SHA-256 of bytes, in hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The last part of a path: a folder that is moved brings the same files.
fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}
