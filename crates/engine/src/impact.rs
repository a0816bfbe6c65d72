//! Impact of an amended document or item (修订影响): which items and conditions changed, and what refers to them.
//!
//! The enterprises are decided elsewhere (`zhaoren_push::find::WhatIf`), with the variant of each [`ItemPair`].

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use zhaoren_cancel::poll;
use zhaoren_policy::code::Code;
use zhaoren_policy::criterion::{Criterion, Node};
use zhaoren_policy::document::DocumentKind;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::problem::{Fault, Problem, Report};

use crate::Date;
use crate::drafting::{CriteriaDiff, ItemDecisions, compare_criteria, read_sheet};
use crate::error::EngineError;
use crate::file::read_file;
use crate::open::Engine;
use crate::policies::load_items;
use crate::source::ImportBatch;

/// An item before and after an amendment.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemPair {
    /// The item before; `None` for a new one.
    pub before: Option<Item>,
    /// The item after; `None` for one that is gone.
    pub after: Option<Item>,
    /// Conditions side by side.
    pub criteria: CriteriaDiff,
    /// Other differences.
    pub fields: Vec<FieldChange>,
}

/// Difference of an item outside of its conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Name in Chinese.
    pub field: &'static str,
    /// Value before; empty if it had none.
    pub before: String,
    /// Value after; empty if it has none.
    pub after: String,
}

/// Reference to an amended item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Dependent {
    /// Kind: a relation of an item (`parent`, `succeeds` …), `excludes`, or `interpretation` of a document.
    pub kind: String,
    /// Id of the item or document that refers.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Id of the amended item, or title of its document.
    pub on: String,
}

/// Items of a file: of an item file as they are, of a document as they are read from it. `region` is what 本市 means in a document.
///
/// # Errors
/// The file cannot be read.
pub fn items_of(
    path: &Path,
    region: Option<&Code>,
    dictionary: &FactDictionary,
    as_of: Date,
) -> Result<(Vec<Item>, Vec<Problem>), EngineError> {
    let name = path.display().to_string();
    let low = name.to_ascii_lowercase();
    if path.is_dir() || [".yaml", ".yml", ".json", ".jsonl"].iter().any(|ending| low.ends_with(ending)) {
        let (items, _, problems) = load_items(&[path.to_path_buf()], dictionary, as_of)?;
        return Ok((items.into_iter().map(|(item, _)| item).collect(), problems));
    }
    let bytes = match read_file(path) {
        Ok(bytes) => bytes,
        Err(problem) => return Ok((Vec::new(), vec![*problem])),
    };
    let sheet = match read_sheet(&name, &bytes, region, dictionary) {
        Ok(sheet) => sheet,
        Err(problems) => return Ok((Vec::new(), problems)),
    };
    let mut batch = ImportBatch::default();
    for item in &sheet.items {
        poll();
        match item.decide(&ItemDecisions::default(), &sheet.region, dictionary) {
            Ok(decided) => {
                let body = serde_json::Value::Object(decided.body).to_string();
                batch.read(&format!("{name}.json"), body.as_bytes(), dictionary);
            }
            Err(faults) => batch.problems.extend(faults.into_iter().map(|fault| fault.problem)),
        }
    }
    if sheet.items.is_empty() {
        let mut report = Report::new(&name);
        let reason = sheet.grants_nothing.unwrap_or_else(|| "没有读出事项".to_owned());
        report.error(0, "", Fault::Other(reason));
        batch.problems.append(&mut report.problems);
    }
    Ok((batch.items.into_iter().map(|one| one.item).collect(), batch.problems))
}

/// Items of two versions in pairs: by id, or else by title. Two versions of one item each are a pair whatever their ids.
pub fn pair_items(before: Vec<Item>, after: Vec<Item>, dictionary: &FactDictionary) -> Vec<ItemPair> {
    let is_one = before.len() == 1 && after.len() == 1;
    let by_id: BTreeMap<String, usize> =
        after.iter().enumerate().map(|(index, item)| (item.id.clone(), index)).collect();
    let known: std::collections::BTreeSet<String> = before.iter().map(|item| item.id.clone()).collect();
    let mut by_title: BTreeMap<String, usize> = BTreeMap::new();
    for (index, item) in after.iter().enumerate().filter(|(_, item)| !known.contains(&item.id)) {
        by_title.entry(item.title.clone()).or_insert(index);
    }
    let mut after: Vec<Option<Item>> = after.into_iter().map(Some).collect();
    let mut pairs = Vec::new();
    for old in before {
        poll();
        let found =
            if is_one { Some(0) } else { by_id.get(&old.id).or_else(|| by_title.get(&old.title)).copied() };
        let new = found.and_then(|index| after.get_mut(index)?.take());
        pairs.push(pair(Some(old), new, dictionary));
    }
    pairs.extend(after.into_iter().flatten().map(|new| pair(None, Some(new), dictionary)));
    pairs
}

/// Criteria that no enterprise meets: those of an item that is not there.
fn none() -> Criterion {
    Criterion::without_evidence(Node::Any { of: Vec::new(), count: 1 })
}

fn pair(before: Option<Item>, after: Option<Item>, dictionary: &FactDictionary) -> ItemPair {
    let criteria = match (&before, &after) {
        (Some(before), Some(after)) => compare_criteria(&before.criteria, &after.criteria, dictionary),
        _ => CriteriaDiff::default(),
    };
    let fields = match (&before, &after) {
        (Some(before), Some(after)) => field_changes(before, after),
        _ => Vec::new(),
    };
    ItemPair { before, after, criteria, fields }
}

fn field_changes(before: &Item, after: &Item) -> Vec<FieldChange> {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let amount = |item: &Item| {
        let amount = &item.benefit.amount;
        let max = amount.max.as_ref().map(|max| format!("最高{}", crate::show_money(max)));
        [amount.text.clone(), max].into_iter().flatten().collect::<Vec<_>>().join("；")
    };
    let fields = [
        ("名称", before.title.clone(), after.title.clone()),
        ("支持内容", amount(before), amount(after)),
        ("支持方式", before.benefit.kinds.join("、"), after.benefit.kinds.join("、")),
        ("申报期", before.window.describe(), after.window.describe()),
        ("兑现方式", before.delivery.name().to_owned(), after.delivery.name().to_owned()),
        ("施行", day(before.document.effective), day(after.document.effective)),
        ("有效期至", day(before.document.expires), day(after.document.expires)),
        ("不重复享受", before.excludes.join("、"), after.excludes.join("、")),
    ];
    fields
        .into_iter()
        .filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| FieldChange { field, before, after })
        .collect()
}

impl ItemPair {
    /// The item before, with criteria that no enterprise meets if it is new; and the criteria after.
    pub fn variant(&self) -> Option<(Item, Criterion)> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => Some((before.clone(), after.criteria.clone())),
            (Some(before), None) => Some((before.clone(), none())),
            (None, Some(after)) => Some((Item { criteria: none(), ..after.clone() }, after.criteria.clone())),
            (None, None) => None,
        }
    }

    /// Kind of the change: `new`, `removed`, `changed` or `same`.
    pub fn change(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "new",
            (_, None) => "removed",
            _ if self.criteria.is_empty() && self.fields.is_empty() => "same",
            _ => "changed",
        }
    }

    /// Id and title of the item.
    pub fn name(&self) -> (&str, &str) {
        let item = self.after.as_ref().or(self.before.as_ref());
        item.map_or(("", ""), |item| (item.id.as_str(), item.title.as_str()))
    }
}

impl Engine {
    /// Items and documents of the catalogue that refer to amended items: by a relation, by exclusion, and interpretations of their
    /// documents.
    ///
    /// # Errors
    /// When there is no such tenant.
    pub fn dependents(&self, pairs: &[ItemPair], tenant: &str) -> Result<Vec<Dependent>, EngineError> {
        let rules = self.rules_for(tenant)?;
        let amended: BTreeMap<&str, &str> = pairs
            .iter()
            .filter(|pair| pair.change() != "same")
            .filter_map(|pair| pair.before.as_ref())
            .map(|item| (item.id.as_str(), item.document.title.as_str()))
            .collect();
        let mut found = Vec::new();
        for item in rules.library().iter() {
            poll();
            let mut put = |kind: String, on: &str| {
                let (id, title) = (item.id.clone(), item.title.clone());
                found.push(Dependent { kind, id, title, on: on.to_owned() });
            };
            for relation in item.relations.iter().filter(|one| amended.contains_key(one.item.as_str())) {
                let kind = serde_json::to_value(relation.kind).unwrap_or_default();
                put(kind.as_str().unwrap_or_default().to_owned(), &relation.item);
            }
            for other in item.excludes.iter().filter(|id| amended.contains_key(id.as_str())) {
                put("excludes".to_owned(), other);
            }
        }
        let mut titles: Vec<&str> = amended.values().copied().filter(|title| !title.is_empty()).collect();
        titles.sort_unstable();
        titles.dedup();
        let state = self.state();
        let interpretations = state
            .index
            .documents()
            .filter(|(_, document)| document.kind == Some(DocumentKind::Interpretation));
        for (id, document) in interpretations {
            zhaoren_cancel::steps(titles.len() as u64 + 1);
            for on in titles.iter().filter(|title| document.title.contains(**title)) {
                found.push(Dependent {
                    kind: "interpretation".to_owned(),
                    id: id.to_owned(),
                    title: document.title.clone(),
                    on: (*on).to_owned(),
                });
            }
        }
        found.sort();
        Ok(found)
    }
}
