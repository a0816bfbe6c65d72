//! Rule snapshots kept beside the registry, so that a large catalogue is ready at once when a process starts.
//!
//! `rules` holds the snapshot of one day and of one content of the registry. It is only ever replaced as a whole; one of
//! another day, another content or another version of the program, or a damaged one, is ignored.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhaoren_matcher::Snapshot;
use zhaoren_policy::fact::FactDictionary;

use crate::evidence::Evidence;
use crate::written::json_line;

/// File name.
const FILE: &str = "rules";
/// Smaller catalogues are compiled faster than a file is read.
const MIN_ITEMS: usize = 1_000;

/// Sources of the snapshot, and data stored with it.
#[derive(Serialize, Deserialize)]
struct Label {
    version: String,
    dictionary: String,
    fingerprint: String,
    evidence: Evidence,
}

/// The stored snapshot of `fingerprint` on `day`, with its evidence; `None` if absent.
pub(crate) fn load(
    data: &Path,
    fingerprint: &str,
    dictionary: &FactDictionary,
    day: Date,
) -> Option<(Snapshot, Evidence)> {
    let bytes = fs::read(data.join(FILE)).ok()?;
    let (snapshot, label) = Snapshot::from_bytes(&bytes, Arc::new(dictionary.clone())).ok()?;
    let label: Label = serde_json::from_str(&label).ok()?;
    let fits = label.version == env!("CARGO_PKG_VERSION")
        && label.dictionary == digest_of_facts(dictionary)
        && label.fingerprint == fingerprint
        && snapshot.as_of() == day;
    fits.then_some((snapshot, label.evidence))
}

/// Stores `snapshot` if it is large enough. A failed write is no error: the snapshot is compiled again from the registry.
pub(crate) fn store(data: &Path, fingerprint: &str, snapshot: &Snapshot, evidence: &Evidence) {
    if snapshot.library().len() < MIN_ITEMS {
        return;
    }
    let label = Label {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dictionary: digest_of_facts(snapshot.library().dictionary()),
        fingerprint: fingerprint.to_owned(),
        evidence: evidence.clone(),
    };
    let Ok(label) = serde_json::to_string(&label) else { return };
    let Ok(bytes) = snapshot.to_bytes(&label) else { return };
    let path = data.join(FILE);
    let _ = zhaoren_disk::remove_leftovers(&path);
    let _ = zhaoren_disk::write_atomic(&path, &bytes);
}

/// A hash of every entry of a dictionary.
pub(crate) fn digest_of_facts(dictionary: &FactDictionary) -> String {
    let mut hasher = Sha256::new();
    for fact in dictionary.iter() {
        hasher.update(json_line(fact));
    }
    hex::encode(hasher.finalize())
}
