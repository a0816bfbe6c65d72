//! Files of saved searches: one for each owner, replaced as a whole under one lock.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zhaoren_policy::syntax::{self, Node};
use zhaoren_registry::digest;

use super::search::SavedSearch;
use crate::access::Principal;
use crate::enterprise_id::EnterpriseId;
use crate::error::EngineError;

const FILE: &str = "searches.json";
const FOLDER: &str = "searches";
const LOCK: &str = "searches.lock";

/// Owner of saved searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOwner<'a> {
    /// The owner of the data directory.
    Holder,
    /// A caller with a key or a token.
    Caller(&'a Principal),
}

impl SearchOwner<'_> {
    /// Path of the owner's file. A person's name may contain any character, so the file name is a digest.
    pub(super) fn path(self, data: &Path) -> PathBuf {
        match self {
            Self::Holder => data.join(FILE),
            Self::Caller(who) => {
                let digest = digest(&[who.tenant.as_bytes(), who.name.as_bytes()]);
                data.join(FOLDER).join(format!("{digest}.json"))
            }
        }
    }

    pub(super) fn principal(self) -> Principal {
        match self {
            Self::Holder => Principal::local(),
            Self::Caller(who) => who.clone(),
        }
    }
}

/// Content of a file of saved searches.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SavedSearchFile {
    pub(super) searches: Vec<SavedSearch>,
}

/// Removes the searches of a tenant with facts of an enterprise, for all owners.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn forget(data: &Path, tenant: &str, enterprise: &EnterpriseId) -> Result<(), EngineError> {
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
    enterprise: &EnterpriseId,
) -> Result<Vec<String>, EngineError> {
    let mut names = Vec::new();
    for one in shelf.searches.iter().filter(|one| one.tenant == tenant) {
        let Some(text) = &one.profile else { continue };
        let profile = syntax::json(text).map_err(|error| EngineError::SavedSearches {
            path: path.to_owned(),
            reason: format!("检索 `{}` 的企业画像读不懂：{error}", one.name),
        })?;
        if profile.get("id").and_then(Node::text).is_some_and(|id| enterprise.is(id)) {
            names.push(one.name.clone());
        }
    }
    Ok(names)
}

/// Changes a file under its lock; if the change fails the file is unchanged.
pub(super) fn change<T>(
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

/// Searches of a file; none if there is no file.
pub(super) fn read(path: &Path) -> Result<SavedSearchFile, EngineError> {
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
