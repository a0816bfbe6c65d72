//! What a run leaves for the next one to compare with: every enterprise with its profile and its list, and the items.

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

use crate::error::{PushError, at};
use crate::frames::{FrameReader, unreadable};
use crate::lists::is_done;
use crate::options::{Listing, PushOptions};
use crate::packed::{KeyList, PackedTable};
use crate::parallel::InheritedCancellation;
use crate::run::digest_of;
use crate::table::facts_digest;

/// The enterprises of a run.
pub(crate) const STATE_ENTRIES: &str = "state.entries";
/// The items of a run.
pub(crate) const STATE_RULES: &str = "state.rules.json";

/// What the enterprises of a run were held against.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StateRules {
    pub(crate) as_of: Date,
    pub(crate) listing: Listing,
    /// Version of the program, whose rules for derived facts and scores the lists follow.
    #[serde(default)]
    pub(crate) version: String,
    /// SHA-256 over the facts.
    #[serde(default)]
    pub(crate) facts: String,
    /// What the numbers of facts in the entries mean.
    #[serde(default)]
    pub(crate) keys: KeyList,
    /// Enterprises that wanted to hear of nothing; their entries are not there.
    #[serde(default)]
    pub(crate) refused: BTreeSet<String>,
    /// Id and JSON of each item, in the order of the places in the entries.
    items: Vec<(String, String)>,
}

impl StateRules {
    /// Reads what a finished run left in `folder`.
    fn read(folder: &Path) -> Result<Self, PushError> {
        let path = folder.join(STATE_RULES);
        if !RunEnterprises::is_one(folder) || !path.exists() {
            return Err(PushError::NoPrevious { path: folder.to_owned() });
        }
        let text = std::fs::read(&path).map_err(at(&path))?;
        serde_json::from_slice(&text).map_err(|_| PushError::damaged(&path))
    }

    pub(crate) fn of(library: &Library, options: &PushOptions) -> Self {
        let body = |place| library.body(place).unwrap_or_default().to_owned();
        let items = library.ids().iter().enumerate().map(|(place, id)| (id.clone(), body(place)));
        Self {
            as_of: options.as_of,
            listing: options.listing,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            facts: facts_digest(library.dictionary()),
            keys: KeyList::of(library.dictionary()),
            refused: options.refused.everything.keys().cloned().collect(),
            items: items.collect(),
        }
    }
}

/// The results of an earlier run.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(crate) rules: StateRules,
    pub(crate) library: Arc<Library>,
    pub(crate) entries: FrameReader,
    /// What it is known by.
    pub(crate) digest: String,
}

/// The evaluation date of a finished run and its items, each as id and JSON.
///
/// # Errors
/// When there is no such run in `folder`, or it is damaged.
pub fn run_items(folder: &Path) -> Result<(Date, Vec<(String, String)>), PushError> {
    let rules = StateRules::read(folder)?;
    Ok((rules.as_of, rules.items))
}

/// The enterprises of a finished run, to be asked again.
#[derive(Debug)]
pub struct RunEnterprises {
    keys: KeyList,
    entries: FrameReader,
}

/// Frames that are read together: enough for a few blocks.
const TOGETHER: usize = 16;

impl RunEnterprises {
    /// Whether a folder holds the results of a run.
    pub fn is_one(folder: &Path) -> bool {
        is_done(folder) && folder.join(STATE_ENTRIES).is_file()
    }

    /// Opens the results of a run in `folder`.
    ///
    /// # Errors
    /// When it is none, is damaged, or its values were checked by other facts than those of `dictionary`.
    pub fn open(folder: &Path, dictionary: &FactDictionary) -> Result<Self, PushError> {
        let rules = StateRules::read(folder)?;
        if rules.facts != facts_digest(dictionary) {
            return Err(PushError::OtherFacts { path: folder.to_owned() });
        }
        let entries = FrameReader::of_items(&folder.join(STATE_ENTRIES), rules.items.len())?;
        Ok(Self { keys: rules.keys, entries })
    }

    /// How many enterprises there are.
    pub fn len(&self) -> u64 {
        self.entries.frames().iter().map(|frame| frame.entries).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `each`, on many threads, with tables of all enterprises and the ids of their rows; gives what comes of it.
    pub(crate) fn each<T: Send>(
        &self,
        each: impl Fn(&PackedTable<'_>, &[&str]) -> T + Sync,
    ) -> Result<Vec<T>, PushError> {
        let firsts: Vec<&str> =
            self.entries.frames().iter().step_by(TOGETHER).map(|frame| frame.first.as_str()).collect();
        let carried = InheritedCancellation::current();
        let made = |at: usize| {
            let from = firsts.get(at).copied();
            let read = self.entries.range(from, firsts.get(at + 1).copied())?;
            let mut entries = Vec::new();
            read.entries(&mut entries)?;
            let ids: Vec<&str> = entries.iter().map(|entry| entry.id).collect();
            let table = PackedTable::of(entries.iter().map(|entry| entry.packed), &self.keys);
            let table = table.map_err(|_| unreadable(from.unwrap_or_default()))?;
            let made = each(&table, &ids);
            table.sound().map_err(|_| unreadable(from.unwrap_or_default()))?;
            Ok(made)
        };
        (0..firsts.len()).into_par_iter().map(|at| carried.run(|| made(at))).collect()
    }
}

impl Previous {
    /// Opens a folder of results; the items are read with the facts of `now`.
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
        let digest = format!("{} {}", digest_of(&path)?.sha256, digest_of(&entries)?.sha256);
        let library = Arc::new(Library::with_bodies(items, Arc::clone(now.dictionary())));
        let entries = FrameReader::of_items(&entries, library.len())?;
        Ok(Self { rules, library, entries, digest })
    }
}
