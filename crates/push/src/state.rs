//! State of a run for the comparison of the next one: every enterprise with its facts and its hits, and the items.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use zhaoren_matcher::Library;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_item;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;

use crate::digest::{FileDigest, facts_digest};
use crate::entry::unreadable;
use crate::error::{PushError, at};
use crate::folder::{STATE_ENTRIES, STATE_RULES, is_done};
use crate::frames::FrameReader;
use crate::options::{Listing, PushOptions};
use crate::packed::{KeyList, PackedTable};
use crate::parallel::InheritedCancellation;

/// Items and facts with which the enterprises of a run were decided.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StateRules {
    pub(crate) as_of: Date,
    pub(crate) listing: Listing,
    /// Version of the program; derived facts and scores may differ in another version.
    #[serde(default)]
    pub(crate) version: String,
    /// SHA-256 of the fact dictionary.
    #[serde(default)]
    pub(crate) facts: String,
    /// Meaning of the fact numbers in the entries.
    #[serde(default)]
    pub(crate) keys: KeyList,
    /// Enterprises that opted out of every push; they have no entries.
    #[serde(default, rename = "refused")]
    pub(crate) opted_out: BTreeSet<String>,
    /// Id and JSON of each item, in the order of the item indices in the entries.
    items: Vec<(String, String)>,
}

impl StateRules {
    /// Reads the state of a finished run from `folder`.
    fn read(folder: &Path) -> Result<Self, PushError> {
        let path = folder.join(STATE_RULES);
        if !RunEnterprises::is_run(folder) || !path.exists() {
            return Err(PushError::NoPrevious { path: folder.to_owned() });
        }
        let text = std::fs::read(&path).map_err(at(&path))?;
        serde_json::from_slice(&text).map_err(|_| PushError::damaged(&path))
    }

    pub(crate) fn of(library: &Library, options: &PushOptions) -> Self {
        let body = |index| library.body(index).unwrap_or_default().to_owned();
        let items = library.ids().iter().enumerate().map(|(index, id)| (id.clone(), body(index)));
        Self {
            as_of: options.as_of,
            listing: options.listing,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            facts: facts_digest(library.dictionary()),
            keys: KeyList::of(library.dictionary()),
            opted_out: options.opt_outs.everything.keys().cloned().collect(),
            items: items.collect(),
        }
    }
}

/// Results of an earlier run.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(crate) rules: StateRules,
    pub(crate) library: Arc<Library>,
    pub(crate) entries: FrameReader,
    /// Digest that identifies the run.
    pub(crate) digest: String,
}

/// Evaluation date and items of a finished run, each item as id and JSON.
///
/// # Errors
/// `folder` has no finished run, or the run is damaged.
pub fn run_items(folder: &Path) -> Result<(Date, Vec<(String, String)>), PushError> {
    let rules = StateRules::read(folder)?;
    Ok((rules.as_of, rules.items))
}

/// Enterprises of a finished run, available for further questions.
#[derive(Debug)]
pub struct RunEnterprises {
    keys: KeyList,
    entries: FrameReader,
}

/// Frames read at once: enough for a few blocks.
const FRAME_BATCH: usize = 16;

impl RunEnterprises {
    /// True if the folder holds the results of a run.
    pub fn is_run(folder: &Path) -> bool {
        is_done(folder) && folder.join(STATE_ENTRIES).is_file()
    }

    /// Opens the results of a run in `folder`.
    ///
    /// # Errors
    /// The folder holds no finished run, the run is damaged, or its values were checked with another fact dictionary than
    /// `dictionary`.
    pub fn open(folder: &Path, dictionary: &FactDictionary) -> Result<Self, PushError> {
        let rules = StateRules::read(folder)?;
        if rules.facts != facts_digest(dictionary) {
            return Err(PushError::OtherFacts { path: folder.to_owned() });
        }
        let entries = FrameReader::open_with_items(&folder.join(STATE_ENTRIES), rules.items.len())?;
        Ok(Self { keys: rules.keys, entries })
    }

    /// Number of enterprises.
    pub fn len(&self) -> u64 {
        self.entries.frames().iter().map(|frame| frame.entries).sum()
    }

    /// True if there is no enterprise.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `each`, on many threads, with tables of all enterprises and the ids of their rows, and returns the results.
    pub(crate) fn map_tables<T: Send>(
        &self,
        each: impl Fn(&PackedTable<'_>, &[&str]) -> T + Sync,
    ) -> Result<Vec<T>, PushError> {
        let firsts: Vec<&str> =
            self.entries.frames().iter().step_by(FRAME_BATCH).map(|frame| frame.first.as_str()).collect();
        let cancellation = InheritedCancellation::current();
        let made = |at: usize| {
            let from = firsts.get(at).copied();
            let read = self.entries.range(from, firsts.get(at + 1).copied())?;
            let mut entries = Vec::new();
            read.entries(&mut entries)?;
            let ids: Vec<&str> = entries.iter().map(|entry| entry.id).collect();
            let table = PackedTable::of(entries.iter().map(|entry| entry.packed), &self.keys);
            let table = table.map_err(|_| unreadable(from.unwrap_or_default()))?;
            let made = each(&table, &ids);
            table.check_faults().map_err(|_| unreadable(from.unwrap_or_default()))?;
            Ok(made)
        };
        (0..firsts.len()).into_par_iter().map(|at| cancellation.run(|| made(at))).collect()
    }
}

impl Previous {
    /// Opens a folder of results; its items are read with the fact dictionary of `now`.
    pub(crate) fn open(folder: &Path, now: &Library) -> Result<Self, PushError> {
        let entries = folder.join(STATE_ENTRIES);
        let path = folder.join(STATE_RULES);
        let rules = StateRules::read(folder)?;
        let mut items = Vec::with_capacity(rules.items.len());
        for (_, body) in &rules.items {
            let node = syntax::json(body).map_err(|_| PushError::damaged(&path))?;
            let item = read_item(&node, now.dictionary(), &mut Report::new(&path.display().to_string()));
            items.push((item.ok_or_else(|| PushError::damaged(&path))?, body.clone()));
        }
        let digest = |path: &Path| FileDigest::of(path).map(|digest| digest.sha256).map_err(at(path));
        let digest = format!("{} {}", digest(&path)?, digest(&entries)?);
        let library = Arc::new(Library::with_bodies(items, Arc::clone(now.dictionary())));
        let entries = FrameReader::open_with_items(&entries, library.len())?;
        Ok(Self { rules, library, entries, digest })
    }
}
