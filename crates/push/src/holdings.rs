//! Holdings (已有) in lists: items whose title an enterprise holds, or whose support it has received, are not offered again before a
//! renewal is due. They affect the lists, never the verdicts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::{FactSource, Scorer};
use zhaoren_policy::item::HoldingState;
use zhaoren_policy::profile::{HeldValue, Profile, ProfileKey, TagSet};
use zhaoren_policy::view::View;

use crate::entry::{Entry, Hit, Withheld};
use crate::error::PushError;
use crate::packed::{KeyList, Unreadable, held};
use crate::refusals::Refusals;

/// Items that an enterprise can hold, with the facts that say so.
#[derive(Debug)]
pub(crate) struct HoldableItems {
    as_of: Date,
    /// True for each item of the library that can be held.
    is_holdable: Vec<bool>,
    /// Columns of the facts that say what is held, by key of the fact.
    columns: BTreeMap<String, ProfileKey>,
}

impl HoldableItems {
    /// Items of a library on a day.
    pub(crate) fn of(library: &Library, as_of: Date) -> Self {
        let mut columns = BTreeMap::new();
        for fact in library.iter().flat_map(|item| item.holding_facts()) {
            columns.entry(fact.to_owned()).or_insert_with(|| ProfileKey::Fact(fact.to_owned(), None));
        }
        let is_holdable = library.iter().map(|item| item.can_be_held()).collect();
        Self { as_of, is_holdable, columns }
    }

    fn concerns(&self, hit: &Hit) -> bool {
        self.is_holdable.get(hit.item.position()).copied().unwrap_or(false)
    }

    /// Marks the hits of a row of a table that the enterprise has already.
    pub(crate) fn mark(&self, hits: &mut [Hit], library: &Library, table: &impl FactSource, row: usize) {
        self.mark_by(hits, library, |fact| match table.column(self.columns.get(fact)?)?.held(row)? {
            HeldValue::Tags(tags) => Some(tags),
            _ => None,
        });
    }

    /// The same for the packed facts of an enterprise.
    pub(crate) fn mark_packed(
        &self,
        hits: &mut [Hit],
        library: &Library,
        packed: &[u8],
        keys: &KeyList,
    ) -> Result<(), Unreadable> {
        if !hits.iter().any(|hit| self.concerns(hit)) {
            return Ok(());
        }
        let mut tags = BTreeMap::new();
        for fact in self.columns.keys() {
            let Some(number) = keys.number(fact) else { continue };
            if let Some(HeldValue::Tags(found)) = held(packed, number)? {
                tags.insert(fact.as_str(), found);
            }
        }
        self.mark_by(hits, library, |fact| tags.get(fact));
        Ok(())
    }

    fn mark_by<'t>(&self, hits: &mut [Hit], library: &Library, tags: impl Fn(&str) -> Option<&'t TagSet>) {
        for hit in hits.iter_mut().filter(|hit| hit.is_listed()) {
            if !self.concerns(hit) {
                continue;
            }
            let state =
                library.get(hit.item.position()).and_then(|item| item.holding_state(&tags, self.as_of));
            if state.is_some_and(HoldingState::is_blocking) {
                hit.withheld = Some(Withheld::Held);
            }
        }
    }
}

/// Words for the holding of an enterprise: by the ledger, or by its facts; empty if it has nothing. `profile` keeps the facts for
/// further hits of the same entry.
pub(crate) fn holding_words(
    entry: &Entry<'_>,
    hit: &Hit,
    (refusals, scorer, keys): (&Refusals, &Scorer, &KeyList),
    profile: &mut Option<Profile>,
) -> Result<String, PushError> {
    let library = scorer.library();
    let Some(item) = library.get(hit.item.position()) else { return Ok(String::new()) };
    let received = refusals.received_words(entry.id, &item.id);
    if !received.is_empty() {
        return Ok(received.to_owned());
    }
    let profile = match profile {
        Some(profile) => profile,
        none => none.insert(entry.profile(keys)?),
    };
    let held = item.held(&View::new(profile, library.dictionary(), scorer.as_of()));
    Ok(held.map(|held| held.text).unwrap_or_default())
}
