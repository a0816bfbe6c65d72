//! Saved searches (已存检索): repeated searches that report the changes since the last run.
//!
//! The changes are relative to one user, and a search may hold confidential facts of an enterprise. So each belongs to the
//! caller who saved it, and no other caller lists, runs or removes it. Those of the owner of the data directory are in
//! `searches.json`, those of a key or a person in a file of their own below `searches`; each is replaced as a whole, with
//! `searches.lock` held.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use zhaoren_indexer::SearchRequest;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::{self, Node};
use zhaoren_policy::verdict::Verdict;
use zhaoren_registry::digest;

use crate::access::Principal;
use crate::clock::{now, now_in_china};
use crate::enterprise_id::own_id;
use crate::error::EngineError;
use crate::inquiry::{Answer, Inquiry, Sort};
use crate::open::Engine;
use crate::profiles::read_profiles;

const FILE: &str = "searches.json";
const FOLDER: &str = "searches";
const LOCK: &str = "searches.lock";
/// Maximum number of hits recorded in a run, the best first.
const MAX_RUN_HITS: usize = 10_000;
/// Maximum length of a name, in characters.
const MAX_NAME_LENGTH: usize = 64;
/// Maximum number of searches per owner.
const MAX_SEARCHES: usize = 100;

/// Owner of saved searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOwner<'a> {
    /// The owner of the data directory.
    Holder,
    /// A caller with a key or a token.
    Caller(&'a Principal),
}

/// A saved search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its name.
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// Filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<(String, String)>,
    /// Sort order.
    #[serde(default)]
    pub sort: Sort,
    /// True to search the query as typed only.
    #[serde(default)]
    pub as_typed: bool,
    /// True to list every copy as a hit.
    #[serde(default)]
    pub copies: bool,
    /// The profile of its enterprise, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Tenant whose additions are searched beside the shared catalogue; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// Time of saving, in China time.
    pub saved: String,
    /// Time of the last run.
    pub run: String,
    /// Hits of the last run, by id.
    found: BTreeMap<String, HitState>,
}

/// State of a hit in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HitState {
    /// The first half of the entry's hash.
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// The hits of a run, grouped with their copies.
type HitGroups = Vec<Vec<(String, HitState)>>;

/// Result of running a saved search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedRun {
    /// Its name.
    pub name: String,
    /// Time of the previous run, or of saving.
    pub since: String,
    /// Ids of new hits, best first.
    pub new: Vec<String>,
    /// Ids of hits with changed text or data.
    pub changed: Vec<String>,
    /// Changed verdicts on the enterprise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<VerdictChange>,
    /// Ids of hits no longer found.
    pub gone: Vec<String>,
    /// The hits.
    #[serde(flatten)]
    pub answer: Answer,
}

/// A changed verdict on a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// Id of the hit.
    pub id: String,
    /// The verdict before; none if there was none.
    pub from: Option<Verdict>,
    /// The verdict now.
    pub to: Option<Verdict>,
}

/// Content of a file of saved searches.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedSearchFile {
    searches: Vec<SavedSearch>,
}

impl SearchOwner<'_> {
    /// Path of the owner's file. A person's name may contain any character, so the file name is a digest.
    fn path(self, data: &Path) -> PathBuf {
        match self {
            Self::Holder => data.join(FILE),
            Self::Caller(who) => {
                let digest = digest(&[who.tenant.as_bytes(), who.name.as_bytes()]);
                data.join(FOLDER).join(format!("{digest}.json"))
            }
        }
    }

    fn principal(self) -> Principal {
        match self {
            Self::Holder => Principal::local(),
            Self::Caller(who) => who.clone(),
        }
    }
}

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

impl SavedSearch {
    /// A saved search for a list. The profile is omitted: it was supplied only to run the search.
    pub fn summary(&self) -> Json {
        json!({
            "name": self.name, "query": self.query, "filters": self.filters, "sort": self.sort,
            "saved": self.saved, "run": self.run, "for_enterprise": self.profile.is_some(),
        })
    }

    /// The search request.
    fn request(&self, limit: usize) -> SearchRequest {
        SearchRequest {
            query: self.query.clone(),
            limit,
            filters: self.filters.clone(),
            as_typed: self.as_typed,
            list_copies: self.copies,
            ..SearchRequest::default()
        }
    }

    /// The evaluation day, if the query or a filter sets one.
    pub fn as_of(&self) -> Option<Date> {
        self.request(0).day()
    }
}

/// Removes the searches of a tenant with facts of an enterprise, for all owners.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn forget(data: &Path, tenant: &str, enterprise: &str) -> Result<(), EngineError> {
    let folder = data.join(FOLDER);
    let mut paths = vec![data.join(FILE)];
    match fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries {
                // A skipped file would keep data that is reported as deleted.
                let entry = entry.map_err(|cause| EngineError::Data { path: folder.clone(), cause })?;
                paths.push(entry.path());
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => return Err(EngineError::Data { path: folder, cause }),
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    for path in paths {
        if names_of(&read(&path)?, &path, tenant, enterprise)?.is_empty() {
            continue;
        }
        change(data, &path, |shelf| {
            let names = names_of(shelf, &path, tenant, enterprise)?;
            shelf.searches.retain(|one| !names.contains(&one.name));
            Ok(())
        })?;
    }
    Ok(())
}

/// Names of a tenant's searches that hold the facts of an enterprise.
///
/// # Errors
/// A profile cannot be read: it may belong to this enterprise, and would stay after it is reported as deleted.
fn names_of(
    shelf: &SavedSearchFile,
    path: &Path,
    tenant: &str,
    enterprise: &str,
) -> Result<Vec<String>, EngineError> {
    let mut names = Vec::new();
    for one in shelf.searches.iter().filter(|one| one.tenant == tenant) {
        let Some(text) = &one.profile else { continue };
        let profile = syntax::json(text).map_err(|error| EngineError::SavedSearches {
            path: path.to_owned(),
            reason: format!("检索 `{}` 的企业画像读不懂：{error}", one.name),
        })?;
        if profile.get("id").and_then(Node::text).is_some_and(|id| own_id(id) == own_id(enterprise)) {
            names.push(one.name.clone());
        }
    }
    Ok(names)
}

/// Changes a file under its lock; if the change fails the file is unchanged.
fn change<T>(
    data: &Path,
    path: &Path,
    change: impl FnOnce(&mut SavedSearchFile) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let refuse = |path: PathBuf| move |cause| EngineError::Data { path, cause };
    let lock = zhaoren_disk::open_regular(&data.join(LOCK));
    let lock = lock.and_then(|file| file.lock().map(|()| file)).map_err(refuse(data.join(LOCK)))?;
    let mut shelf = read(path)?;
    let changed = change(&mut shelf)?;
    write(path, &shelf).map_err(refuse(path.to_owned()))?;
    drop(lock);
    Ok(changed)
}

fn read(path: &Path) -> Result<SavedSearchFile, EngineError> {
    let refuse = |reason: String| EngineError::SavedSearches { path: path.to_owned(), reason };
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(SavedSearchFile::default()),
        Err(error) => Err(refuse(error.to_string())),
    }
}

fn write(path: &Path, shelf: &SavedSearchFile) -> std::io::Result<()> {
    zhaoren_disk::create_dir(path.parent().unwrap_or(path))?;
    // Leftovers of a process that died during a write may hold facts of an enterprise that were deleted since.
    zhaoren_disk::remove_leftovers(path)?;
    zhaoren_disk::write_atomic(path, &serde_json::to_vec_pretty(shelf)?)
}
