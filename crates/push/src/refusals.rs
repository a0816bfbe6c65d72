//! Opt-outs (拒收): of every push, or of some items. They affect the lists, never the verdicts.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use zhaoren_matcher::Library;

use crate::entry::Hit;
use crate::item_index::ItemIndex;

/// Opt-outs by enterprise. They are an input of the run: other opt-outs make another run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Enterprises that opted out of every push, each with the reason shown among the rejects.
    pub everything: BTreeMap<String, String>,
    /// Items refused, by enterprise and item, each with the reason shown in `held.csv`.
    pub items: BTreeMap<String, BTreeMap<String, String>>,
}

impl Refusals {
    /// Reason why an enterprise gets no push of an item; empty if it did not refuse the item.
    pub(crate) fn reason(&self, enterprise: &str, item: &str) -> &str {
        self.items.get(enterprise).and_then(|items| items.get(item)).map_or("", String::as_str)
    }

    /// Refused items of each enterprise by library index, in order. An item that the library does not have is ignored.
    pub(crate) fn item_indices(&self, library: &Library) -> OptOutIndices {
        let item_index = |item: &String| library.ids().binary_search(item).ok().map(ItemIndex::of);
        let indices = |items: &BTreeMap<String, String>| items.keys().filter_map(item_index).collect();
        let of = |(enterprise, items): (&String, _)| (enterprise.clone(), indices(items));
        OptOutIndices(
            self.items
                .iter()
                .map(of)
                .filter(|(_, indices): &(_, Vec<ItemIndex>)| !indices.is_empty())
                .collect(),
        )
    }
}

/// Library indices of the refused items, by enterprise.
#[derive(Clone, Debug, Default)]
pub(crate) struct OptOutIndices(HashMap<String, Vec<ItemIndex>>);

impl OptOutIndices {
    /// True if no item is refused.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the refusal mark of an enterprise's hits, and clears it on hits that were not refused.
    pub(crate) fn mark(&self, enterprise: &str, hits: &mut [Hit]) {
        let indices = self.0.get(enterprise);
        for hit in hits {
            hit.opted_out = indices.is_some_and(|indices| indices.binary_search(&hit.item).is_ok());
        }
    }
}
