//! Documents and items as entries of the index.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use zhaoren_indexer::{EXCLUSION, Entry, EntryKind};
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Benefit, Guide, Item};
use zhaoren_registry::DocumentRecord;

use crate::error::EngineError;
use crate::progress::{Progress, Stage};
use crate::read_documents::ReadDocument;
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

fn document_entry(record: &DocumentRecord) -> Result<Entry, EngineError> {
    let read = ReadDocument::of(record);
    let outline = read.outline(record)?;
    Ok(Entry {
        id: record.id.clone(),
        kind: EntryKind::Document,
        title: outline.document.title.clone(),
        document: outline.document.clone(),
        text: read.restored.text.clone(),
        clauses: outline.clauses.clone(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    })
}

/// The text of an item for search: its benefit, its conditions, its notes, its materials and partners, one per line.
pub(crate) fn item_entry(item: &Item, dictionary: &FactDictionary) -> Entry {
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
        let line = describe(criterion, dictionary);
        // Lists of branches that are left out name whom an item is not for.
        let of_left_out = matches!(&criterion.node, Node::Leaf(leaf) if leaf.fact.contains("excluded"));
        let excludes = of_left_out || EXCLUDING.iter().any(|word| line.contains(word));
        lines.add_with(&label, excludes.then_some(EXCLUSION), &line);
    }
    for note in &item.notes {
        lines.add("说明", note);
    }
    // Systems, offices and telephones are the same for many items: they would rank them alike.
    for entry in item.guide.iter().flat_map(Guide::entries) {
        if ["申报材料", "合作机构"].contains(&entry.label) {
            lines.add(entry.label, &format!("{}：{}", entry.label, entry.text));
        }
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
        aka: item.aka.clone(),
    }
}

/// Words of a condition that names those to whom an item is not given.
const EXCLUDING: [&str; 5] = ["不适用", "除外", "不包括", "不属于", "不含"];

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
        self.add_with(article, None, line);
    }

    fn add_with(&mut self, article: &str, heading: Option<&str>, line: &str) {
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
            heading: heading.map(str::to_owned),
            parent: None,
            span: span.clone(),
            extent: span,
        });
    }
}
