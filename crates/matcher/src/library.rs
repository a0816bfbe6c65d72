//! Items of a snapshot: parsed, or kept as text until requested.
//!
//! Of a hundred thousand items an enterprise sees twenty. Parsing all of them would take most of the start-up time, so a stored
//! snapshot keeps each item as the JSON it was imported as.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "places are given out by the library; what is stored was read soundly once, and is hashed as a whole"
)]

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_item};
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;

/// Items in order of id.
#[derive(Debug)]
pub struct Library {
    ids: Vec<String>,
    items: Vec<OnceLock<Item>>,
    /// Items as JSON, concatenated; empty if they were given as parsed items.
    bodies: Vec<u8>,
    spans: Vec<Range<usize>>,
    dictionary: Arc<FactDictionary>,
}

impl Library {
    /// Library of items read with `dictionary`, in any order. Without their texts they cannot be stored.
    pub fn new(mut items: Vec<Item>, dictionary: Arc<FactDictionary>) -> Self {
        items.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            ids: items.iter().map(|item| item.id.clone()).collect(),
            items: items.into_iter().map(OnceLock::from).collect(),
            bodies: Vec::new(),
            spans: Vec::new(),
            dictionary,
        }
    }

    /// Library of items read with `dictionary`, each with the JSON it was read from, in any order.
    pub fn with_bodies(mut items: Vec<(Item, String)>, dictionary: Arc<FactDictionary>) -> Self {
        items.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        let (mut bodies, mut spans) = (Vec::new(), Vec::new());
        for (_, body) in &items {
            let from = bodies.len();
            bodies.extend_from_slice(body.as_bytes());
            spans.push(from..bodies.len());
        }
        let items = items.into_iter().map(|(item, _)| item).collect();
        Self { bodies, spans, ..Self::new(items, dictionary) }
    }

    /// Library of stored texts that were valid when stored; each is parsed again when requested.
    pub(crate) fn from_stored(
        ids: Vec<String>,
        bodies: Vec<u8>,
        spans: Vec<Range<usize>>,
        dictionary: Arc<FactDictionary>,
    ) -> Self {
        let items = ids.iter().map(|_| OnceLock::new()).collect();
        Self { ids, items, bodies, spans, dictionary }
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True if there are no items.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids in order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Fact dictionary that the items are read with.
    pub fn dictionary(&self) -> &Arc<FactDictionary> {
        &self.dictionary
    }

    /// Item with this index; `None` past the last.
    pub fn get(&self, place: usize) -> Option<&Item> {
        (place < self.len()).then(|| self.at(place))
    }

    /// The item at a place of this library.
    pub(crate) fn at(&self, place: usize) -> &Item {
        self.items[place].get_or_init(|| self.read(place))
    }

    /// Item with this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.index_of(id).map(|place| self.at(place))
    }

    /// Index of the item with this id.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.ids.binary_search_by(|own| own.as_str().cmp(id)).ok()
    }

    /// JSON that the item with this index was read from; `None` if the items were given without it.
    pub fn body(&self, place: usize) -> Option<&str> {
        self.spans.get(place).map(|span| self.text(span))
    }

    /// The part of the texts at a span of theirs. INVARIANT: spans are cut where texts are laid end to end, and stored ones are
    /// under one hash with the texts.
    fn text(&self, span: &Range<usize>) -> &str {
        std::str::from_utf8(&self.bodies[span.clone()]).expect("the text of an item")
    }

    /// All items, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        (0..self.len()).map(|place| self.at(place))
    }

    /// Texts and the span of each; `None` if the items were given without them.
    pub(crate) fn bodies(&self) -> Option<(&[u8], &[Range<usize>])> {
        (self.spans.len() == self.ids.len()).then_some((&self.bodies, &self.spans))
    }

    /// Reads an item again that was read soundly once, with the same facts and by the same version: a snapshot of another one is
    /// not taken up. Were it left out instead, it would be missing from every answer without a word.
    fn read(&self, place: usize) -> Item {
        let node = syntax::json(self.text(&self.spans[place])).expect("the JSON of a stored item");
        read_item(&node, &self.dictionary, &mut Report::new("snapshot")).expect("a stored item")
    }
}
