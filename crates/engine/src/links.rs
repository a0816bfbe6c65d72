//! Links between documents and their items.
//!
//! An item's quotes name their clauses; an item without quotes names its document by 文号 or title.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_indexer::Index;

use crate::evidence::DocumentNames;
use crate::rules::Rules;

/// Links between documents and items.
#[derive(Debug, Default)]
pub(crate) struct ItemDocumentLinks {
    /// Items by the id of their document, each with the spans of its quotes in the clean text.
    items: BTreeMap<String, BTreeMap<String, Vec<(usize, usize)>>>,
    /// Ids of documents by item.
    documents: BTreeMap<String, BTreeSet<String>>,
}

impl ItemDocumentLinks {
    /// Links the documents of an index and the items of the rules.
    pub(crate) fn new(index: &Index, rules: &Rules) -> Self {
        let mut links = Self::default();
        let mut catalogue = DocumentNames::default();
        for (id, document) in index.documents() {
            catalogue.add(id, None);
            catalogue.add_names(id, document);
        }
        for item in rules.library().iter() {
            for span in rules.evidence().spans(&item.id).filter(|span| catalogue.has(&span.document)) {
                links.add(&span.document, &item.id).push((span.text_start, span.text_end));
            }
            if !links.documents.contains_key(&item.id) {
                for document in catalogue.candidates(item, "") {
                    links.add(&document, &item.id);
                }
            }
        }
        links
    }

    fn add(&mut self, document: &str, item: &str) -> &mut Vec<(usize, usize)> {
        self.documents.entry(item.to_owned()).or_default().insert(document.to_owned());
        self.items.entry(document.to_owned()).or_default().entry(item.to_owned()).or_default()
    }

    /// The items of a document.
    pub(crate) fn items(&self, document: &str) -> impl Iterator<Item = &str> {
        self.items.get(document).into_iter().flatten().map(|(item, _)| item.as_str())
    }

    /// The items with a quote that overlaps these bytes of a document's clean text.
    pub(crate) fn items_quoting(&self, document: &str, span: (usize, usize)) -> Vec<String> {
        let stands = |(start, end): &(usize, usize)| *start < span.1 && span.0 < *end;
        let items = self.items.get(document).into_iter().flatten();
        items.filter(|(_, quotes)| quotes.iter().any(stands)).map(|(item, _)| item.clone()).collect()
    }

    /// The documents of an item.
    pub(crate) fn documents(&self, item: &str) -> impl Iterator<Item = &str> {
        self.documents.get(item).into_iter().flatten().map(String::as_str)
    }
}
