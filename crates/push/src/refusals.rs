//! Opt-outs (拒收): of every push, or of some items; and supports already received. They affect the lists, never the verdicts.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use zhaoren_matcher::Library;

use crate::entry::{Hit, Withheld};
use crate::item_index::ItemIndex;

/// Opt-outs by enterprise. They are an input of the run: other opt-outs make another run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Enterprises that opted out of every push, each with the reason shown among the rejects.
    pub everything: BTreeMap<String, String>,
    /// Items refused, by enterprise and item, each with the reason shown in `held.csv`.
    pub items: BTreeMap<String, BTreeMap<String, String>>,
    /// Supports given once that an enterprise has received by the ledger, by enterprise and item, each with the words for
    /// `held.csv`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub received: BTreeMap<String, BTreeMap<String, String>>,
}

impl Refusals {
    /// Reason why an enterprise gets no push of an item; empty if it did not refuse the item.
    pub(crate) fn reason(&self, enterprise: &str, item: &str) -> &str {
        self.items.get(enterprise).and_then(|items| items.get(item)).map_or("", String::as_str)
    }

    /// Words for a support that an enterprise has received; empty if the ledger has no payment.
    pub(crate) fn received_words(&self, enterprise: &str, item: &str) -> &str {
        self.received.get(enterprise).and_then(|items| items.get(item)).map_or("", String::as_str)
    }

    /// Refused items of each enterprise by library index, in order. An item that the library does not have is ignored.
    pub(crate) fn opt_out_indices(&self, library: &Library) -> PairIndices {
        PairIndices::of(&self.items, library)
    }

    /// Received items of each enterprise, likewise.
    pub(crate) fn received_indices(&self, library: &Library) -> PairIndices {
        PairIndices::of(&self.received, library)
    }
}

/// Library indices of items, by enterprise.
#[derive(Clone, Debug, Default)]
pub(crate) struct PairIndices(HashMap<String, Vec<ItemIndex>>);

impl PairIndices {
    fn of(pairs: &BTreeMap<String, BTreeMap<String, String>>, library: &Library) -> Self {
        let item_index = |item: &String| library.ids().binary_search(item).ok().map(ItemIndex::of);
        let indices = |items: &BTreeMap<String, String>| items.keys().filter_map(item_index).collect();
        let of = |(enterprise, items): (&String, _)| (enterprise.clone(), indices(items));
        Self(pairs.iter().map(of).filter(|(_, indices): &(_, Vec<ItemIndex>)| !indices.is_empty()).collect())
    }

    /// True if there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Marks the hits of an enterprise whose items it names.
    pub(crate) fn mark(&self, enterprise: &str, hits: &mut [Hit], reason: Withheld) {
        // Most runs have no such pairs; no enterprise has to be looked up then.
        let Some(indices) = self.0.get(enterprise) else { return };
        for hit in hits {
            if indices.binary_search(&hit.item).is_ok() {
                hit.withheld = Some(reason);
            }
        }
    }
}
