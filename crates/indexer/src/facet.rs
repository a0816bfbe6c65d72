//! Facets (分面): number of results per value. A count equals the number of results left by the filter on that value.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::code::{Code, CodeSystem, names};

use crate::entry_meta::{EntryMeta, FACETS, regions};
use crate::error::IndexError;
use crate::legal_status::LegalStatus;
use crate::named::region;

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// Value for use in a filter.
    pub value: String,
    /// Display name.
    pub name: String,
    /// Number of results with this value.
    pub count: usize,
    /// Parent region, if listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

/// Filter keys that are no facets: id, place of applicability (适用), date of the text in force (时点).
const BESIDE: [&str; 3] = ["id", "covers", "as_of"];

/// Rejects unknown filter keys, and invalid places and dates.
pub(crate) fn check(filters: &[(String, String)]) -> Result<(), IndexError> {
    for (key, value) in filters {
        if !FACETS.contains(&key.as_str()) && !BESIDE.contains(&key.as_str()) {
            let known = FACETS.join("、") + "、" + &BESIDE.join("、");
            return Err(IndexError::UnknownFilter { key: key.clone(), known });
        }
        let wanted = match key.as_str() {
            "covers" if regions(value).is_empty() => "区划代码或名称，如 310104 或 徐汇区",
            "as_of" if parse_date(value).is_none() => "存在的日期，如 2026-02-28",
            "standing" if LegalStatus::named(value).is_none() => {
                "现行有效、尚未施行、征求意见、已期满或已废止"
            }
            _ => continue,
        };
        return Err(IndexError::BadFilter { key: key.clone(), value: value.clone(), wanted });
    }
    Ok(())
}

/// True if an entry passes all filters; of several values of one key any is enough. With a filter on the legal status,
/// `as_of` does not restrict results to those in force.
pub(crate) fn passes_all(card: &EntryMeta, filters: &[(String, String)], day: Option<Date>) -> bool {
    filters
        .iter()
        .all(|(key, _)| filters.iter().any(|(other, value)| other == key && card.passes(key, value, day)))
}

/// Facets of the hits, each value with its count, most frequent first. A hit is one entry or several folded together,
/// and counts once for every value among its entries.
pub(crate) fn count(
    hits: &[Vec<&EntryMeta>],
    keys: &[&str],
    day: Option<Date>,
) -> BTreeMap<String, Vec<FacetValue>> {
    let mut facets = BTreeMap::new();
    for key in keys {
        let mut counts: BTreeMap<String, FacetValue> = BTreeMap::new();
        for hit in hits {
            // A value that occurs twice in a hit counts once.
            let mut seen = BTreeSet::new();
            for (value, name) in hit.iter().flat_map(|card| card.facet(key, day)) {
                if seen.insert(value.clone()) {
                    let one = FacetValue { value: value.clone(), name, count: 0, parent: None };
                    counts.entry(value).or_insert(one).count += 1;
                }
            }
        }
        if *key == "region" {
            nest(&mut counts, hits);
        }
        let mut values: Vec<FacetValue> = counts.into_values().collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        facets.insert((*key).to_owned(), values);
    }
    facets
}

/// Arranges regions as a tree: the ancestors of a region are listed too, and their counts include their descendants, as
/// a filter on them does.
fn nest(counts: &mut BTreeMap<String, FacetValue>, hits: &[Vec<&EntryMeta>]) {
    let mut below: BTreeMap<String, usize> = BTreeMap::new();
    for hit in hits {
        let own = hit.iter().filter_map(|card| card.region());
        let above: BTreeSet<String> = own.flat_map(|code| lineage(&code)).collect();
        for key in above {
            *below.entry(key).or_default() += 1;
        }
    }
    // Two printed codes can denote one region: 310000 and 310000000000.
    let mut printed: BTreeMap<String, String> = BTreeMap::new();
    for value in counts.keys() {
        if let Some(code) = region(value) {
            printed.entry(code.key().to_owned()).or_insert_with(|| value.clone());
        }
    }
    let table = names(CodeSystem::Region);
    for key in below.keys() {
        let value = format!("{key:0<6}");
        let name = region(&value).and_then(|code| table.name(&code));
        // 市辖区 between 上海市 and its districts is only a placeholder in the code table.
        let Some(name) = name.filter(|name| !printed.contains_key(key) && !UNPLACED.contains(name)) else {
            continue;
        };
        let one = FacetValue { value: value.clone(), name: name.to_owned(), count: 0, parent: None };
        counts.insert(value.clone(), one);
        printed.insert(key.clone(), value);
    }
    for value in counts.values_mut() {
        let Some(code) = region(&value.value) else { continue };
        value.count = below.get(code.key()).copied().unwrap_or(value.count);
        let above = lineage(&code).into_iter().filter(|key| key != code.key());
        value.parent = above.filter_map(|key| printed.get(&key).cloned()).next_back();
    }
}

/// Placeholder names in the table of regions.
const UNPLACED: [&str; 4] = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"];

/// Keys of a region and of its ancestors, the whole country first.
fn lineage(code: &Code) -> Vec<String> {
    let key = code.key();
    let mut keys: Vec<String> = [0, 2, 4, 6, 9]
        .iter()
        .filter(|end| **end < key.len())
        .filter_map(|end| key.get(..*end))
        .map(str::to_owned)
        .collect();
    keys.push(key.to_owned());
    keys
}
