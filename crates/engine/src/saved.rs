//! Saved searches (已存检索): repeated searches that report the changes since the last run.
//!
//! The changes are relative to one user, and a search may hold confidential facts of an enterprise. So each belongs to the
//! caller who saved it, and no other caller lists, runs or removes it. Those of the owner of the data directory are in
//! `searches.json`, those of a key or a person in a file of their own below `searches`; each is replaced as a whole, with
//! `searches.lock` held.

mod file;
mod search;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};
use zhaoren_policy::profile::Profile;

use crate::clock::{now, now_in_china};
use crate::error::EngineError;
use crate::inquiry::{Answer, Inquiry};
use crate::open::Engine;
use crate::profiles::read_profiles;
pub(crate) use file::forget;
use file::{change, read};
use search::HitState;

pub use file::SearchOwner;
pub use search::{SavedRun, SavedSearch, VerdictChange};

/// Maximum number of hits recorded in a run, the best first.
const MAX_RUN_HITS: usize = 10_000;
/// Maximum length of a name, in characters.
const MAX_NAME_LENGTH: usize = 64;
/// Maximum number of searches per owner.
const MAX_SEARCHES: usize = 100;

/// The hits of a run, grouped with their copies.
type HitGroups = Vec<Vec<(String, HitState)>>;

impl Engine {
    /// The saved searches of an owner, in order of name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn saved_searches(&self, owner: SearchOwner<'_>) -> Result<Vec<SavedSearch>, EngineError> {
        Ok(read(&owner.path(&self.data))?.searches)
    }

    /// Saves a search under a name and runs it, so that the next run reports changes; an existing search of that name is
    /// replaced. `profile` is the JSON of the one in `inquiry`. True if there was one of that name.
    ///
    /// # Errors
    /// An invalid name, a search that cannot be run, the limit of searches reached, or a file that cannot be written.
    pub fn save_search(
        &self,
        owner: SearchOwner<'_>,
        name: &str,
        inquiry: &Inquiry<'_>,
        profile: Option<String>,
    ) -> Result<bool, EngineError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME_LENGTH || name.chars().any(char::is_control) {
            return Err(EngineError::InvalidSearchName(name.to_owned()));
        }
        let (_, found) = self.search_with_states(inquiry)?;
        let request = inquiry.request;
        let time = now_in_china();
        let saved = SavedSearch {
            name: name.to_owned(),
            query: request.query.clone(),
            filters: request.filters.clone(),
            sort: inquiry.sort,
            as_typed: request.as_typed,
            copies: request.list_copies,
            profile,
            tenant: inquiry.tenant.to_owned(),
            saved: time.clone(),
            run: time,
            found: found.into_iter().flatten().collect(),
        };
        let replaced = change(&self.data, &owner.path(&self.data), |shelf| {
            let before = shelf.searches.len();
            shelf.searches.retain(|other| other.name != name);
            let replaced = shelf.searches.len() < before;
            if shelf.searches.len() >= MAX_SEARCHES {
                return Err(EngineError::TooManySearches(MAX_SEARCHES));
            }
            shelf.searches.push(saved);
            shelf.searches.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(replaced)
        })?;
        let enterprise = inquiry.profile.map(|profile| profile.id.as_str());
        self.note(owner, "search.save", name, &json!({ "enterprise": enterprise }))?;
        Ok(replaced)
    }

    /// Runs a saved search, and reports the changes since the last run; `None` if there is none of that name.
    ///
    /// # Errors
    /// A search that cannot be run any more, or a file that cannot be written.
    pub fn run_search(
        &self,
        owner: SearchOwner<'_>,
        name: &str,
        limit: usize,
    ) -> Result<Option<SavedRun>, EngineError> {
        let path = owner.path(&self.data);
        let shelf = read(&path)?;
        let Some(saved) = shelf.searches.into_iter().find(|one| one.name == name.trim()) else {
            return Ok(None);
        };
        let request = saved.request(limit);
        let profile =
            saved.profile.as_deref().map(|text| self.profile_of(&path, &saved.name, text)).transpose()?;
        let (answer, groups) = self.search_with_states(&Inquiry {
            request: &request,
            sort: saved.sort,
            profile: profile.as_ref(),
            tenant: &saved.tenant,
        })?;
        let mut run = SavedRun {
            name: saved.name.clone(),
            since: saved.run,
            new: Vec::new(),
            changed: Vec::new(),
            verdicts: Vec::new(),
            gone: Vec::new(),
            answer,
        };
        for group in &groups {
            let Some((id, now)) = group.first() else { continue };
            match group.iter().find_map(|(id, _)| Some((id, saved.found.get(id)?))) {
                None => run.new.push(id.clone()),
                Some((known, before)) => {
                    let now = group.iter().find(|(id, _)| id == known).map_or(now, |(_, now)| now);
                    if before.digest != now.digest {
                        run.changed.push(known.clone());
                    }
                    if profile.is_some() && before.verdict != now.verdict {
                        let (from, to) = (before.verdict, now.verdict);
                        run.verdicts.push(VerdictChange { id: known.clone(), from, to });
                    }
                }
            }
        }
        let found: BTreeMap<String, HitState> = groups.into_iter().flatten().collect();
        run.gone = saved.found.keys().filter(|id| !found.contains_key(*id)).cloned().collect();
        let time = now_in_china();
        change(&self.data, &path, |shelf| {
            // Another process may have removed or replaced it meanwhile; the changes are then not recorded.
            let same = |one: &&mut SavedSearch| one.name == saved.name && one.saved == saved.saved;
            if let Some(one) = shelf.searches.iter_mut().find(same) {
                (one.run, one.found) = (time, found);
            }
            Ok(())
        })?;
        Ok(Some(run))
    }

    /// Removes a saved search; false if there is none of that name.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remove_search(&self, owner: SearchOwner<'_>, name: &str) -> Result<bool, EngineError> {
        let removed = change(&self.data, &owner.path(&self.data), |shelf| {
            let before = shelf.searches.len();
            shelf.searches.retain(|one| one.name != name.trim());
            Ok(shelf.searches.len() < before)
        })?;
        if removed {
            self.note(owner, "search.remove", name.trim(), &json!({}))?;
        }
        Ok(removed)
    }

    fn note(
        &self,
        owner: SearchOwner<'_>,
        action: &str,
        name: &str,
        detail: &Json,
    ) -> Result<(), EngineError> {
        let who = owner.principal();
        Ok(self.runtime.block_on(self.registry.record_action(
            &who.write_context(now()),
            action,
            name,
            detail,
        ))?)
    }

    /// The profile of a saved search, read with the current dictionary.
    fn profile_of(&self, path: &Path, name: &str, text: &str) -> Result<Profile, EngineError> {
        let rules = self.rules();
        let mut read = read_profiles(text.as_bytes(), name, rules.dictionary(), false);
        read.profiles.pop().ok_or_else(|| EngineError::SavedSearches {
            path: path.to_owned(),
            // A file without a sound profile has a problem: "the file holds no profile" at least.
            reason: read.problems.first().map_or_else(|| "没有企业画像".to_owned(), ToString::to_string),
        })
    }

    /// The answer, and the states of its best hits; copies of one document are grouped.
    fn search_with_states(&self, inquiry: &Inquiry<'_>) -> Result<(Answer, HitGroups), EngineError> {
        let mut groups: HitGroups = Vec::new();
        let answer = self.search_each(inquiry, |same, digest, verdict| {
            if groups.len() < MAX_RUN_HITS {
                let seen = |(kind, id): &(zhaoren_indexer::EntryKind, &str)| {
                    (id.to_string(), HitState { digest: digest(*kind, id), verdict: verdict(*kind, id) })
                };
                groups.push(same.iter().map(seen).collect());
            }
        })?;
        Ok((answer, groups))
    }
}
