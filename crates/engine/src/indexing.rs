//! Update of the index to the registry: changed entries are read and analysed, the others are copied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use zhaoren_indexer::{
    AnsweredQuestion, BuildOptions, Entry, EntryKind, Index, IndexError, Lexicon, Pointer, build_with, update,
};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_registry::{Moment, Registry};

use crate::blocking::Blocking;
use crate::dictionaries::dictionary_of;
use crate::entries;
use crate::error::EngineError;
use crate::item_load::{RegistryView, load};
use crate::lock::WriteLock;
use crate::progress::{Progress, Silent, Stage};

/// 问答记录 in the data directory: question, tab, id of a document or an item.
const QUESTIONS: &str = "questions.tsv";
/// Number of generations kept, including the one in use.
const MAX_GENERATIONS: usize = 3;
/// An import that changes more than one entry in this number rebuilds the index, which is then faster.
const REBUILD_DIVISOR: usize = 2;

/// The index in use, if it is undamaged and matches the registry, or was chosen by hand. A process killed between the two
/// writes leaves them different.
pub(crate) fn current(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    progress: &dyn Progress,
) -> Result<Option<Index>, EngineError> {
    let index = match Index::open(data) {
        Ok(index) => index,
        Err(IndexError::NotBuilt(_)) => return Ok(None),
        // Damaged or of another version: it can be rebuilt from the registry.
        Err(error) => {
            progress.notice(&format!("索引不可用，将由登记库重建：{error}"));
            return Ok(None);
        }
    };
    if index.manifest().source == runtime.block_on(registry.fingerprint())? {
        return Ok(Some(index));
    }
    let chosen = Pointer::read(data)?.is_some_and(|now| now.pinned && now.number == index.number());
    if chosen {
        progress.notice(&format!(
            "检索用的是第 {} 代索引（人工回滚），与登记库不同步；import 或 index rebuild 之后恢复",
            index.number()
        ));
    }
    Ok(chosen.then_some(index))
}

/// A searchable index, with a note if it does not match the registry.
pub(crate) struct UsableIndex {
    pub(crate) index: Index,
    pub(crate) note: Option<String>,
}

/// The index of the registry's content, built if absent. If it cannot be built, because the disk is full or read-only, the
/// last undamaged generation with a note: a failed write is no reason not to read.
pub(crate) fn open_with_fallback(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    progress: &dyn Progress,
) -> Result<UsableIndex, EngineError> {
    let failed = match current_or_rebuild(data, runtime, registry, progress) {
        Ok(index) => return Ok(UsableIndex { index, note: None }),
        Err(error @ EngineError::Registry(_)) => return Err(error),
        Err(error) => error,
    };
    let Some(index) = last_intact(data) else { return Err(failed) };
    let note = stale_note(&index);
    progress.notice(&format!("{note}。原因：{failed}"));
    Ok(UsableIndex { index, note: Some(note) })
}

fn current_or_rebuild(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    progress: &dyn Progress,
) -> Result<Index, EngineError> {
    if let Some(index) = current(data, runtime, registry, progress)? {
        return Ok(index);
    }
    let _lock = WriteLock::acquire(data, "index", progress)?;
    // Another process may have built it during the wait.
    match current(data, runtime, registry, &Silent)? {
        Some(index) => Ok(index),
        None => rebuild(data, runtime, registry, progress),
    }
}

/// The note on a search in an index that does not match the registry. Callers of the server read it, so it names no file.
pub(crate) fn stale_note(index: &Index) -> String {
    format!(
        "检索沿用第 {} 代索引，可能缺少最近导入的内容：索引暂时无法更新，可以写入之后会自动补上",
        index.number()
    )
}

/// The generation in use if undamaged, else the most recently used one that is.
fn last_intact(data: &Path) -> Option<Index> {
    let pointer = Pointer::read(data).ok().flatten()?;
    let numbers = std::iter::once(pointer.number).chain(pointer.retained);
    numbers.into_iter().find_map(|number| Index::open_generation(data, number).ok())
}

/// Builds a generation of the whole registry, and opens it. The caller holds the lock.
pub(crate) fn rebuild(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    progress: &dyn Progress,
) -> Result<Index, EngineError> {
    let source = runtime.block_on(registry.fingerprint())?;
    let mut entries =
        entries::document_entries(&runtime.block_on(registry.documents(Moment::NOW))?, progress)?;
    let documents = || Ok(entries.iter().map(|entry| (entry.id.as_str(), &entry.document)).collect());
    let dictionary = dictionary_of(runtime, registry, &[], FactDictionary::built_in())?;
    let items = load(runtime, registry, &RegistryView::NOW, &dictionary, documents)?.items;
    entries.extend(items.iter().map(|(item, _)| entries::item_entry(item, &dictionary)));
    let total = entries.len();
    let options = build_options(data, source, revisions(runtime, registry)?, progress);
    build_with(data, &entries, &options, &|done| progress.at(Stage::Index, done, total))?;
    Ok(Index::open(data)?)
}

/// Builds a generation that matches the registry, from `base` if possible, and opens it. The caller holds the lock.
pub(crate) fn update_or_rebuild(
    data: &Path,
    runtime: &Blocking,
    registry: &Registry,
    base: &Index,
    progress: &dyn Progress,
) -> Result<Index, EngineError> {
    // Another process may have published meanwhile; its generation may even have been removed.
    let still = Pointer::read_valid(data)?.is_some_and(|now| now.contains(base.number()));
    if !still || *base.lexicon() != Lexicon::built_in() {
        return rebuild(data, runtime, registry, progress);
    }
    let source = runtime.block_on(registry.fingerprint())?;
    let revisions = revisions(runtime, registry)?;
    let indexed: BTreeMap<(EntryKind, &str), (&str, &str)> =
        base.entries().map(|(kind, id, revision, digest)| ((kind, id), (revision, digest))).collect();
    let is_new = |id: &str, revision: &str| {
        indexed.get(&(EntryKind::Document, id)).is_none_or(|(before, _)| *before != revision)
    };
    let mut records = Vec::new();
    for (id, _) in revisions.iter().filter(|(id, revision)| is_new(id, revision)) {
        records.extend(runtime.block_on(registry.document(id, Moment::NOW))?);
    }
    if records.len() * REBUILD_DIVISOR > indexed.len() {
        return rebuild(data, runtime, registry, progress);
    }
    let mut changed = entries::document_entries(&records, progress)?;
    let items = items(runtime, registry, base, &changed, &revisions)?;
    let mut removed: BTreeSet<(EntryKind, String)> =
        indexed.keys().map(|(kind, id)| (*kind, (*id).to_owned())).collect();
    for id in revisions.keys() {
        removed.remove(&(EntryKind::Document, id.clone()));
    }
    for item in items {
        removed.remove(&(EntryKind::Item, item.id.clone()));
        let before = indexed.get(&(EntryKind::Item, item.id.as_str()));
        if before.is_none_or(|(_, digest)| *digest != item.digest()) {
            changed.push(item);
        }
    }
    let (removed, total): (Vec<_>, usize) = (removed.into_iter().collect(), changed.len());
    let options = build_options(data, source, revisions, progress);
    let heard = |done| progress.at(Stage::Index, done, total);
    match update(data, base, &changed, &removed, &options, &heard) {
        Ok(_) => {}
        // The base has lost a file since it was opened.
        Err(IndexError::File { .. } | IndexError::Engine(_)) => {
            return rebuild(data, runtime, registry, progress);
        }
        Err(error) => return Err(error.into()),
    }
    match Index::open(data) {
        Ok(index) => Ok(index),
        // A copied part was damaged since the base was opened.
        Err(_) => rebuild(data, runtime, registry, progress),
    }
}

/// The items that load, as entries: whether an item loads depends on the current documents.
fn items(
    runtime: &Blocking,
    registry: &Registry,
    base: &Index,
    changed: &[Entry],
    revisions: &BTreeMap<String, String>,
) -> Result<Vec<Entry>, EngineError> {
    let anew: BTreeSet<&str> = changed.iter().map(|entry| entry.id.as_str()).collect();
    let unchanged = base.documents().filter(|(id, _)| !anew.contains(id) && revisions.contains_key(*id));
    let mut documents: Vec<_> =
        unchanged.chain(changed.iter().map(|entry| (entry.id.as_str(), &entry.document))).collect();
    documents.sort_unstable_by_key(|(id, _)| *id);
    let dictionary = dictionary_of(runtime, registry, &[], FactDictionary::built_in())?;
    let loaded = load(runtime, registry, &RegistryView::NOW, &dictionary, || Ok(documents))?;
    Ok(loaded.items.iter().map(|(item, _)| entries::item_entry(item, &dictionary)).collect())
}

/// A key that changes when a document has to be read again: its content digest, and the version of the reader.
fn revisions(runtime: &Blocking, registry: &Registry) -> Result<BTreeMap<String, String>, EngineError> {
    let of = |(id, digest): (String, String)| (id, format!("{}/{digest}", env!("CARGO_PKG_VERSION")));
    Ok(runtime.block_on(registry.document_digests())?.into_iter().map(of).collect())
}

/// Past questions and their answers from the operator's file in the data directory. Malformed lines are reported and
/// skipped.
fn read_questions(data: &Path, progress: &dyn Progress) -> Vec<AnsweredQuestion> {
    let path = data.join(QUESTIONS);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                progress.notice(&format!("{} 读不了，索引不含问答记录：{error}", path.display()));
            }
            return Vec::new();
        }
    };
    let (questions, wrong) = AnsweredQuestion::read(&text);
    for line in wrong {
        progress.notice(&format!("{}:{line}: 应为“问题、制表符、文件或事项的 id”，略过", path.display()));
    }
    questions
}

fn build_options(
    data: &Path,
    source: String,
    revisions: BTreeMap<String, String>,
    progress: &dyn Progress,
) -> BuildOptions {
    let questions = read_questions(data, progress);
    BuildOptions {
        lexicon: Lexicon::built_in(),
        source,
        revisions,
        answered_questions: questions,
        max_generations: MAX_GENERATIONS,
    }
}
