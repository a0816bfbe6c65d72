//! Documents and items as entries of the index.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde_json::{Map, Value as Json};
use zhaoren_indexer::{Entry, EntryKind};
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Benefit, Item};
use zhaoren_reader::{DocumentMetadata, Outline, outline};
use zhaoren_registry::DocumentRecord;
use zhaoren_text::{Restored, restore};

use crate::document_file::FILE;
use crate::error::EngineError;
use crate::progress::{Progress, Stage};
use crate::written::json_value;

/// Documents as entries, in the order given.
///
/// # Errors
/// The stored metadata of a document is malformed.
pub(crate) fn document_entries(
    documents: &[DocumentRecord],
    progress: &dyn Progress,
) -> Result<Vec<Entry>, EngineError> {
    let done = AtomicUsize::new(0);
    documents
        .par_iter()
        .map(|record| {
            let entry = document_entry(record)?;
            progress.at(Stage::Restore, done.fetch_add(1, Ordering::Relaxed) + 1, documents.len());
            Ok(entry)
        })
        .collect()
}

/// A document's clean text and its outline.
///
/// # Errors
/// The stored metadata of the document is malformed.
pub(crate) fn read(record: &DocumentRecord) -> Result<(Restored, Outline), EngineError> {
    let mut supplied = document_metadata(record)?;
    let restored = restore(&record.body);
    let mut read = outline(&restored.text, &supplied);
    // The organ that its page names as its source is asked last: a page may be a copy of another site's.
    if read.document.issuer.is_none()
        && let Some(organ) = source_organ(&metadata(record)?)
    {
        supplied.issuer = Some(organ);
        read = outline(&restored.text, &supplied);
    }
    Ok((restored, read))
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

fn document_entry(record: &DocumentRecord) -> Result<Entry, EngineError> {
    let (restored, outline) = read(record)?;
    Ok(Entry {
        id: record.id.clone(),
        kind: EntryKind::Document,
        title: outline.document.title.clone(),
        document: outline.document,
        text: restored.text,
        clauses: outline.clauses,
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
    })
}

/// The text of an item for search: its benefit, its conditions and its notes, one per line.
pub(crate) fn item_entry(item: &Item) -> Entry {
    let mut lines = Lines::default();
    if let Some(amount) = &item.benefit.amount.text {
        lines.add("支持内容", &format!("支持内容：{amount}"));
    }
    let methods: Vec<(String, String)> =
        item.benefit.kinds.iter().map(|kind| (kind.clone(), Benefit::kind_name(kind).to_owned())).collect();
    let names: Vec<&str> = methods.iter().map(|(_, name)| name.as_str()).collect();
    lines.add("支持方式", &format!("支持方式：{}；兑现方式：{}", names.join("、"), item.delivery.name()));
    for (index, criterion) in (1..).zip(conditions(&item.criteria)) {
        let label = criterion.article.clone().unwrap_or_else(|| format!("条件{index}"));
        lines.add(&label, &describe(criterion, FactDictionary::built_in()));
    }
    for note in &item.notes {
        lines.add("说明", note);
    }
    let mut tags = item.tags.clone();
    tags.push(item.document.title.clone());
    tags.retain(|tag| !tag.is_empty());
    Entry {
        id: item.id.clone(),
        kind: EntryKind::Item,
        title: item.title.clone(),
        document: item.document.clone(),
        text: lines.text,
        clauses: lines.clauses,
        methods,
        delivery: json_value(&item.delivery).as_str().map(str::to_owned),
        tags,
    }
}

/// The conditions at the top level of the criteria.
pub(crate) fn conditions(criteria: &Criterion) -> Vec<&Criterion> {
    match &criteria.node {
        Node::All(of) => of.iter().collect(),
        _ => vec![criteria],
    }
}

#[derive(Default)]
struct Lines {
    text: String,
    clauses: Vec<Clause>,
}

impl Lines {
    fn add(&mut self, article: &str, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(line);
        let span = start..self.text.len();
        self.clauses.push(Clause {
            kind: ClauseKind::Paragraph,
            label: String::new(),
            article: article.to_owned(),
            heading: None,
            parent: None,
            span: span.clone(),
            extent: span,
        });
    }
}
