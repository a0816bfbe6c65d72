//! Who does not want to be told (拒收): of anything, or of some items. A refusal bears on what is told, never on what is
//! decided.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use zhaoren_matcher::Library;

use crate::frames::Hit;

/// Who does not want to be told of what. Refusals are an input: other refusals make another run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    /// Enterprises that want to hear of nothing, each with the reason that stands beside it among the rejects.
    pub everything: BTreeMap<String, String>,
    /// Items that an enterprise does not want to hear of, by enterprise and item, each with the reason that stands beside
    /// the pair in `held.csv`.
    pub items: BTreeMap<String, BTreeMap<String, String>>,
}

impl Refusals {
    /// The reason for which an enterprise does not hear of an item; empty where it did not refuse it.
    pub(crate) fn reason(&self, enterprise: &str, item: &str) -> &str {
        self.items.get(enterprise).and_then(|items| items.get(item)).map_or("", String::as_str)
    }

    /// The refused items of each enterprise by their places in a library, in order. An item that is not there is refused
    /// for nothing.
    pub(crate) fn places(&self, library: &Library) -> RefusedPlaces {
        let place = |item: &String| u32::try_from(library.ids().binary_search(item).ok()?).ok();
        let places = |items: &BTreeMap<String, String>| items.keys().filter_map(place).collect();
        let of = |(enterprise, items): (&String, _)| (enterprise.clone(), places(items));
        RefusedPlaces(
            self.items.iter().map(of).filter(|(_, places): &(_, Vec<u32>)| !places.is_empty()).collect(),
        )
    }
}

/// The places of items that enterprises refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct RefusedPlaces(HashMap<String, Vec<u32>>);

impl RefusedPlaces {
    /// Whether nobody refused any item.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Marks the hits of an enterprise that it refused, and no others.
    pub(crate) fn mark(&self, enterprise: &str, hits: &mut [Hit]) {
        let refused = self.0.get(enterprise);
        for hit in hits {
            hit.held = refused.is_some_and(|places| places.binary_search(&hit.place).is_ok());
        }
    }
}
