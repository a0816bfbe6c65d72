//! Documents restored and outlined, kept for the next step that needs the same one.
//!
//! An import verifies quotes, counts repairs, indexes, and loads the items again; a search traces its highlights. Each step
//! needs the restored document, which costs more than the rest of the step. What is read depends on bytes and metadata alone, so
//! it is kept under their digest, for the whole process and within a bound.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value as Json};
use zhaoren_reader::{DocumentMetadata, Outline, outline};
use zhaoren_registry::{DocumentRecord, digest};
use zhaoren_text::{Restored, restore};

use crate::document_file::FILE;
use crate::error::EngineError;

/// Maximum size of all kept documents, in bytes as received; each takes about three times that in memory.
const MAX_KEPT_BYTES: usize = 8 << 20;
/// Maximum size of one kept document: a larger one would displace too many others.
const MAX_DOCUMENT_BYTES: usize = MAX_KEPT_BYTES / 8;

/// A restored document with its outline, computed at the first call.
pub(crate) struct ReadDocument {
    pub(crate) restored: Restored,
    outline: OnceLock<Outline>,
}

impl ReadDocument {
    /// Restores a document, or returns the kept one.
    pub(crate) fn of(record: &DocumentRecord) -> Arc<Self> {
        let key = digest(&[&record.body, record.metadata.as_bytes()]);
        if let Some(kept) = lock().documents.get(&key) {
            return Arc::clone(kept);
        }
        #[cfg(test)]
        restorations::count(&record.id);
        let read = Arc::new(Self { restored: restore(&record.body), outline: OnceLock::new() });
        lock().keep(key, record.body.len(), &read);
        read
    }

    /// Outline of the document, whose record is `record`.
    ///
    /// # Errors
    /// The stored metadata of the document is malformed.
    pub(crate) fn outline(&self, record: &DocumentRecord) -> Result<&Outline, EngineError> {
        if let Some(outline) = self.outline.get() {
            return Ok(outline);
        }
        let outline = outlined(record, &self.restored)?;
        Ok(self.outline.get_or_init(|| outline))
    }
}

/// Outline of a restored document.
///
/// # Errors
/// The stored metadata of the document is malformed.
fn outlined(record: &DocumentRecord, restored: &Restored) -> Result<Outline, EngineError> {
    let mut supplied = document_metadata(record)?;
    let mut read = outline(&restored.text, &supplied);
    // The organ that its page names as its source is asked last: a page may be a copy of another site's.
    if read.document.issuer.is_none()
        && let Some(organ) = source_organ(&metadata(record)?)
    {
        supplied.issuer = Some(organ);
        read = outline(&restored.text, &supplied);
    }
    Ok(read)
}

/// The organ that the page of a document names as its source (来源).
fn source_organ(metadata: &Map<String, Json>) -> Option<String> {
    let facts = metadata.get(FILE)?.get("facts")?.as_array()?;
    let source = facts.iter().find(|fact| fact.get("name").and_then(Json::as_str) == Some("来源"))?;
    let name = source.get("value")?.as_str()?.trim();
    let ends = ["府", "局", "委", "厅", "部", "办公室", "委员会", "管委会", "中心"];
    (ends.iter().any(|end| name.ends_with(end)) && name.chars().count() <= 30).then(|| name.to_owned())
}

/// Metadata of a document as stored.
///
/// # Errors
/// When it cannot be read any more: with none, the outline would guess title, issuer and region from the text.
pub(crate) fn metadata(record: &DocumentRecord) -> Result<Map<String, Json>, EngineError> {
    serde_json::from_str(&record.metadata).map_err(|error| {
        let (what, id, why) = ("文件元数据", record.id.clone(), error.to_string());
        EngineError::Unreadable { what, id, why }
    })
}

/// Metadata of a document for its outline.
fn document_metadata(record: &DocumentRecord) -> Result<DocumentMetadata, EngineError> {
    let map = metadata(record)?;
    let stored =
        |keys: &[&str]| keys.iter().find_map(|key| map.get(*key).and_then(Json::as_str)).map(str::to_owned);
    Ok(DocumentMetadata {
        title: stored(&["title"]),
        number: stored(&["number", "doc_no"]),
        issuer: stored(&["issuer"]),
        date: stored(&["published", "date"]),
        region: stored(&["region"]),
        kind: stored(&["kind"]),
    })
}

/// Kept documents by digest, with the order in which they came and the size of each.
#[derive(Default)]
struct KeptDocuments {
    documents: HashMap<String, Arc<ReadDocument>>,
    order: VecDeque<(String, usize)>,
    bytes: usize,
}

static KEPT: LazyLock<Mutex<KeptDocuments>> = LazyLock::new(Mutex::default);

fn lock() -> std::sync::MutexGuard<'static, KeptDocuments> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KeptDocuments {
    /// Keeps a document, and drops the oldest ones beyond the bound.
    fn keep(&mut self, key: String, bytes: usize, read: &Arc<ReadDocument>) {
        if bytes > MAX_DOCUMENT_BYTES || self.documents.insert(key.clone(), Arc::clone(read)).is_some() {
            return;
        }
        self.order.push_back((key, bytes));
        self.bytes += bytes;
        while self.bytes > MAX_KEPT_BYTES
            && let Some((oldest, size)) = self.order.pop_front()
        {
            self.documents.remove(&oldest);
            self.bytes -= size;
        }
    }
}

/// Counts of restorations, for tests.
#[cfg(test)]
pub(crate) mod restorations {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};

    static BY_DOCUMENT: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

    pub(super) fn count(id: &str) {
        *BY_DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()).or_default() += 1;
    }

    /// Number of times that this process has restored the document with this id.
    pub(crate) fn of(id: &str) -> usize {
        BY_DOCUMENT.lock().unwrap_or_else(PoisonError::into_inner).get(id).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// The oldest documents are dropped beyond the bound, and a large one is not kept.
    #[test]
    fn kept_documents_are_bounded() {
        let read = Arc::new(ReadDocument { restored: restore(b""), outline: OnceLock::new() });
        let mut kept = KeptDocuments::default();
        for number in 0..20 {
            kept.keep(number.to_string(), MAX_DOCUMENT_BYTES, &read);
        }
        kept.keep("large".to_owned(), MAX_DOCUMENT_BYTES + 1, &read);
        let mut keys: Vec<u32> = kept.documents.keys().map(|key| key.parse().unwrap()).collect();
        keys.sort_unstable();
        assert_eq!(keys, (12..20).collect::<Vec<_>>());
        assert_eq!(kept.bytes, MAX_KEPT_BYTES);
    }
}
