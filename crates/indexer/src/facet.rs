//! Facets (分面): how many of the results have a value. A count is what the filter by that value would leave.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zhaoren_policy::calendar::parse_date;

use crate::entry::{Card, FACETS, regions};
use crate::error::IndexError;
use crate::named::region;

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// As it is filtered by.
    pub value: String,
    /// As it is shown.
    pub name: String,
    /// How many of the results have it.
    pub count: usize,
}

/// Filters beside the facets: by id, by the place that is asked for (适用), by the day of the text in force (时点).
const BESIDE: [&str; 3] = ["id", "covers", "as_of"];

/// Refuses a key that there is no filter of, and a place or day that there is not.
pub(crate) fn check(filters: &[(String, String)]) -> Result<(), IndexError> {
    for (key, value) in filters {
        if !FACETS.contains(&key.as_str()) && !BESIDE.contains(&key.as_str()) {
            let known = FACETS.join("、") + "、" + &BESIDE.join("、");
            return Err(IndexError::UnknownFilter { key: key.clone(), known });
        }
        let wanted = match key.as_str() {
            "covers" if regions(value).is_empty() => "区划代码或名称，如 310104 或 徐汇区",
            "as_of" if parse_date(value).is_none() => "存在的日期，如 2026-02-28",
            _ => continue,
        };
        return Err(IndexError::BadFilter { key: key.clone(), value: value.clone(), wanted });
    }
    Ok(())
}

/// Whether a card passes every key; of several values of one key any is enough.
pub(crate) fn passes_all(card: &Card, filters: &[(String, String)]) -> bool {
    filters
        .iter()
        .all(|(key, _)| filters.iter().any(|(other, value)| other == key && card.passes(key, value)))
}

/// The facets of `cards`, each value with its count, the most frequent first.
pub(crate) fn count<'a>(cards: impl Iterator<Item = &'a Card> + Clone) -> BTreeMap<String, Vec<FacetValue>> {
    let mut facets = BTreeMap::new();
    for key in FACETS {
        let mut counts: BTreeMap<String, FacetValue> = BTreeMap::new();
        for card in cards.clone() {
            // A value that an entry bears twice counts once.
            let mut seen = BTreeSet::new();
            for (value, name) in card.facet(key) {
                if seen.insert(value.clone()) {
                    let one = FacetValue { value: value.clone(), name, count: 0 };
                    counts.entry(value).or_insert(one).count += 1;
                }
            }
        }
        if key == "region" {
            add_below(&mut counts);
        }
        let mut values: Vec<FacetValue> = counts.into_values().collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        facets.insert(key.to_owned(), values);
    }
    facets
}

/// A filter by region passes what lies below it too; its count says the same.
fn add_below(counts: &mut BTreeMap<String, FacetValue>) {
    // Two printed codes can be one region: 310000 and 310000000000.
    let mut own: BTreeMap<String, usize> = BTreeMap::new();
    for value in counts.values() {
        if let Some(code) = region(&value.value) {
            *own.entry(code.key().to_owned()).or_default() += value.count;
        }
    }
    for value in counts.values_mut() {
        if let Some(code) = region(&value.value) {
            let key = code.key();
            let below = own.range(key.to_owned()..).take_while(|(other, _)| other.starts_with(key));
            value.count = below.map(|(_, count)| count).sum();
        }
    }
}
