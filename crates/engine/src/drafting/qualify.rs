//! Stored enterprises that qualify for one item: the first answer after an item took effect.

use std::sync::Arc;

use serde_json::json;
use zhaoren_cancel::poll;
use zhaoren_matcher::compiled::BuildSteps;
use zhaoren_matcher::{Library, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_registry::Moment;

use crate::Date;
use crate::access::Principal;
use crate::body::Body;
use crate::error::EngineError;
use crate::profiles::read_profiles_of;
use crate::records::Records;

/// Verdicts of one item, compiled by itself.
pub(crate) struct OneItem(Snapshot);

impl OneItem {
    /// Compiles `item` for `day`. An item that cannot be compiled within the budget of an item has no verdicts.
    pub(crate) fn compile(item: &Item, dictionary: &FactDictionary, day: Date) -> Self {
        let library = Arc::new(Library::new(vec![item.clone()], Arc::new(dictionary.clone())));
        Self(Snapshot::compile_within(library, day, &mut BuildSteps::per_item()))
    }

    /// Verdict on `profile`; `None` if the item could not be compiled.
    pub(crate) fn verdict(&self, profile: &Profile) -> Option<Verdict> {
        self.0.verdicts(&self.0.view(profile)).into_iter().next().flatten()
    }
}

/// Enterprise with its name, which may be empty.
pub type NamedEnterprise = (String, String);

/// Stored enterprises by their verdict on one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qualifying {
    /// Number of enterprises decided.
    pub decided: usize,
    /// True if there are more than were decided.
    pub is_cut: bool,
    /// Eligible ones, in order of id.
    pub eligible: Vec<NamedEnterprise>,
    /// Undetermined ones, in order of id.
    pub undetermined: Vec<NamedEnterprise>,
    /// Number of ineligible ones.
    pub ineligible: usize,
}

impl Records {
    /// Decides `item` on `day` for the stored enterprises of the caller's tenant, at most `limit` of them, by the facts that the
    /// caller's role sees. One line of the audit records the read of all.
    ///
    /// # Errors
    /// When the records cannot be read, or the read cannot be recorded in the audit.
    pub fn qualifying(
        &self,
        who: &Principal,
        item: &Item,
        dictionary: &FactDictionary,
        day: Date,
        now: Moment,
        limit: usize,
    ) -> Result<Qualifying, EngineError> {
        let mut ids = self.enterprises_after(&who.tenant, "", limit.saturating_add(1))?;
        let is_cut = ids.len() > limit;
        ids.truncate(limit);
        let compiled = OneItem::compile(item, dictionary, day);
        let mut found = Qualifying { is_cut, ..Qualifying::default() };
        for id in ids {
            poll();
            let Some(stored) = self.profile_on(who, &id, day, Moment::NOW, dictionary)? else { continue };
            let text = stored.text();
            let body = Body::parsed(&text, stored.node);
            let read = read_profiles_of(&body, "stored.json", dictionary, false);
            let Some(profile) = read.profiles.into_iter().next() else { continue };
            found.decided += 1;
            match compiled.verdict(&profile) {
                Some(Verdict::Eligible) => {
                    found.eligible.push((profile.id, profile.name.unwrap_or_default()))
                }
                Some(Verdict::Ineligible) => found.ineligible += 1,
                Some(Verdict::Undetermined) | None => {
                    found.undetermined.push((profile.id, profile.name.unwrap_or_default()));
                }
            }
        }
        let detail = json!({"enterprises": found.decided, "item": item.id});
        self.block_on(self.registry.record_action(&who.write_context(now), "facts.read", "", &detail))?;
        Ok(found)
    }
}
