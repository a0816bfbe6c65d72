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

use jiff::civil::Date;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, Standing, Succession, read_item};
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
    /// Successors of the items, read when first asked for.
    succession: OnceLock<Succession>,
}

/// Word that the body of every item with a successor relation contains.
const SUCCEEDS: &str = "\"succeeds\"";

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
            succession: OnceLock::new(),
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
        Self { ids, items, bodies, spans, dictionary, succession: OnceLock::new() }
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
    pub fn get(&self, index: usize) -> Option<&Item> {
        (index < self.len()).then(|| self.at(index))
    }

    /// Item with this index, which must be below [`Self::len`].
    pub(crate) fn at(&self, index: usize) -> &Item {
        self.items[index].get_or_init(|| self.read(index))
    }

    /// Item with this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.index_of(id).map(|index| self.at(index))
    }

    /// Index of the item with this id.
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.ids.binary_search_by(|own| own.as_str().cmp(id)).ok()
    }

    /// JSON that the item with this index was read from; `None` if the items were given without it.
    pub fn body(&self, index: usize) -> Option<&str> {
        self.spans.get(index).map(|span| self.text(span))
    }

    /// JSON of one item, given by its span in `bodies`. INVARIANT: each span is the range of one whole text in the concatenated
    /// texts, and a stored snapshot is loaded only if one hash over its spans and texts matches.
    fn text(&self, span: &Range<usize>) -> &str {
        std::str::from_utf8(&self.bodies[span.clone()]).expect("the text of an item")
    }

    /// Successions among the items. Stored items that name no other are not parsed for it.
    pub fn succession(&self) -> &Succession {
        self.succession.get_or_init(|| {
            let names_another = |index: &usize| {
                zhaoren_cancel::poll();
                self.body(*index).is_none_or(|body| body.contains(SUCCEEDS))
            };
            Succession::of((0..self.len()).filter(names_another).map(|index| self.at(index)))
        })
    }

    /// True if the item with this index can be matched on `day`: it is in force, and no successor has retired it.
    pub fn in_force_on(&self, index: usize, day: Date) -> bool {
        let item = self.get(index).filter(|item| item.in_force_on(day));
        item.is_some_and(|item| self.succession().successor_on(&item.id, day).is_none())
    }

    /// True if the item with this index can be offered on `day`: it can be matched, and its application window is not over.
    pub fn can_be_offered_on(&self, index: usize, day: Date) -> bool {
        self.in_force_on(index, day) && self.get(index).is_some_and(|item| item.is_open_or_to_come(day))
    }

    /// Standing of the item with this index on `day`; `None` past the last.
    pub fn standing_on(&self, index: usize, day: Date) -> Option<Standing> {
        let item = self.get(index)?;
        Some(item.standing_on(day, self.succession().successor_on(&item.id, day)))
    }

    /// All items, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        (0..self.len()).map(|index| self.at(index))
    }

    /// Texts and the span of each; `None` if the items were given without them.
    pub(crate) fn bodies(&self) -> Option<(&[u8], &[Range<usize>])> {
        (self.spans.len() == self.ids.len()).then_some((&self.bodies, &self.spans))
    }

    /// Parses a stored item again. It was valid when stored, and a snapshot written with other facts or another version is
    /// rejected on load. A panic is better than silently dropping the item from every answer.
    fn read(&self, index: usize) -> Item {
        let node = syntax::json(self.text(&self.spans[index])).expect("the JSON of a stored item");
        read_item(&node, &self.dictionary, &mut Report::new("snapshot")).expect("a stored item")
    }
}
