//! A draft beside the live item that it would replace: only what changed is to be reviewed.

use std::collections::BTreeSet;

use zhaoren_policy::criterion::read_criterion;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;

use super::compare::{CriteriaDiff, canonical_conjuncts, compare_criteria};
use super::sheet::{ReadingPart, SheetItem};
use crate::error::EngineError;
use crate::open::Engine;

/// Live item with the id of a draft item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveItem {
    /// Title of the live item.
    pub title: String,
    /// For each part of the draft item, whether the live item has all its conditions.
    pub unchanged: Vec<bool>,
    /// Conditions of the live item that no part has, in canonical Chinese.
    pub removed: Vec<String>,
}

impl Engine {
    /// The live item that an item of a sheet would replace, with the parts that are unchanged; `None` if there is none.
    ///
    /// # Errors
    /// When there is no such tenant, or its items cannot be read.
    pub fn live_item(&self, tenant: &str, item: &SheetItem) -> Result<Option<LiveItem>, EngineError> {
        let rules = self.rules_for(tenant)?;
        let Some(live) = rules.item(&item.id) else { return Ok(None) };
        let known = canonical_conjuncts(&live.criteria, rules.dictionary());
        let mut present = BTreeSet::new();
        let mut unchanged = Vec::new();
        for part in &item.parts {
            let own = conditions_of(part, rules.dictionary());
            unchanged.push(!own.is_empty() && own.iter().all(|one| known.contains(one)));
            present.extend(own);
        }
        let removed = known.into_iter().filter(|one| !present.contains(one)).collect();
        Ok(Some(LiveItem { title: live.title.clone(), unchanged, removed }))
    }

    /// Conditions of a draft compared with those of the live item; `None` if there is no live item, or the draft is no longer
    /// readable.
    ///
    /// # Errors
    /// When there is no such tenant, or its items cannot be read.
    pub fn draft_diff(
        &self,
        tenant: &str,
        item: &str,
        body: &str,
    ) -> Result<Option<CriteriaDiff>, EngineError> {
        let rules = self.rules_for(tenant)?;
        let dictionary = rules.dictionary();
        let Some(live) = rules.item(item) else { return Ok(None) };
        let Ok(node) = syntax::json(body) else { return Ok(None) };
        let mut report = Report::new("draft.json");
        let draft = zhaoren_policy::item::read_item(&node, dictionary, &mut report);
        Ok(draft.map(|draft| compare_criteria(&live.criteria, &draft.criteria, dictionary)))
    }
}

/// Conditions of a part in canonical Chinese.
fn conditions_of(part: &ReadingPart, dictionary: &zhaoren_policy::fact::FactDictionary) -> BTreeSet<String> {
    let Ok(node) = syntax::json(&part.criteria.to_string()) else { return BTreeSet::new() };
    if part.criteria.is_null() {
        return BTreeSet::new();
    }
    let mut report = Report::new("");
    read_criterion(&node, "", dictionary, &mut report)
        .map(|read| canonical_conjuncts(&read, dictionary))
        .unwrap_or_default()
}
