//! Incremental build: a generation made from the previous one and the changes since.
//!
//! Parts of unchanged entries are reused as they are, by hard links if the file system supports them; they are not cut
//! again. Segments with deleted parts are rewritten without them, so that every statistic, and with it every score, is
//! that of an index built in one pass from the same entries.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::merge_policy::NoMergePolicy;
use tantivy::{Index as TantivyIndex, IndexWriter, TantivyDocument, Term};

use crate::analyze::Cutter;
use crate::build::{ASKED, BUFFER, BuildOptions, CARDS, CENSUS, LEXICON, documents, finish, register};
use crate::entry::{Entry, EntryKind};
use crate::error::IndexError;
use crate::files::at;
use crate::generation::{Builder, MANIFEST, path_of};
use crate::open::Index;
use crate::schema::Fields;

/// Maximum number of segments; beyond it the smallest are merged, since each costs every search time.
const SEGMENTS: usize = 8;

/// Builds and publishes a generation with the content of `base`, with the entries `changed` added, or replacing those of
/// the same kind and id, and without `removed`. `progress` receives the number of changed entries done.
///
/// # Errors
/// A file cannot be read or written, `options` has another lexicon than the base, or the base has additions; the
/// generation in use is unchanged.
pub fn update(
    root: &Path,
    base: &Index,
    changed: &[Entry],
    removed: &[(EntryKind, String)],
    options: &BuildOptions,
    progress: &dyn Fn(usize),
) -> Result<PathBuf, IndexError> {
    let builder = Builder::take(root)?;
    let aside = builder.aside()?;
    let from = path_of(root, base.number());
    if base.has_additions() {
        let reason = "what stands beside a generation does not go into the next".to_owned();
        return Err(IndexError::Incompatible { path: from, reason });
    }
    if options.lexicon != *base.corpus.lexicon {
        let reason = "a generation with another lexicon has to be built anew".to_owned();
        return Err(IndexError::Incompatible { path: from, reason });
    }
    take_over(&from, &aside, base.manifest())?;
    let fields = Fields::new();
    let index = TantivyIndex::open_in_dir(&aside)?;
    register(&index, &Cutter::new(&options.lexicon));
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, BUFFER)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let removed_keys: BTreeSet<(EntryKind, &str)> = removed
        .iter()
        .map(|(kind, id)| (*kind, id.as_str()))
        .chain(changed.iter().map(|entry| (entry.kind, entry.id.as_str())))
        .collect();
    let mut cards = Vec::with_capacity(base.corpus.cards.len() + changed.len());
    for card in &base.corpus.cards {
        if removed_keys.contains(&(card.kind, card.id.as_str())) {
            writer.delete_term(Term::from_field_u64(fields.entry, card.key));
        } else {
            let mut card = Arc::clone(card);
            if let Some(revision) = options.revisions.get(&card.id).filter(|new| **new != card.revision) {
                Arc::make_mut(&mut card).revision.clone_from(revision);
            }
            cards.push(card);
        }
    }
    let mut keys = base.manifest().keys;
    for (done, entry) in (1..).zip(changed) {
        for document in documents(entry, keys, &fields) {
            writer.add_document(document)?;
        }
        cards.push(options.card(entry, keys));
        keys += 1;
        progress(done);
    }
    writer.commit()?;
    tidy(&index, &mut writer)?;
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()?;
    let mut manifest = finish(&aside, &index, &fields, options, cards, keys)?;
    manifest.base = Some(base.number());
    drop(index);
    let mut known = base.manifest().files.clone();
    known.retain(|name, _| is_segment(name));
    builder.publish(manifest, &known, options.max_generations)
}

/// True if a file belongs to a segment: such files are immutable.
fn is_segment(name: &str) -> bool {
    !name.starts_with('.') && ![CARDS, LEXICON, CENSUS, ASKED, MANIFEST, "meta.json"].contains(&name)
}

/// Links or copies the tantivy files of a generation into the folder of the next.
fn take_over(from: &Path, aside: &Path, manifest: &crate::Manifest) -> Result<(), IndexError> {
    for name in manifest.files.keys().filter(|name| ![CARDS, LEXICON, CENSUS, ASKED].contains(&name.as_str()))
    {
        let (old, new) = (from.join(name), aside.join(name));
        if !(is_segment(name) && fs::hard_link(&old, &new).is_ok()) {
            fs::copy(&old, &new).map_err(at(&old))?;
        }
    }
    Ok(())
}

/// Rewrites segments with deleted parts, and merges the smallest if there are too many.
fn tidy(index: &TantivyIndex, writer: &mut IndexWriter) -> Result<(), IndexError> {
    let mut segments = index.searchable_segment_metas()?;
    segments.sort_by_key(|segment| (segment.num_docs(), segment.id()));
    let crowded = (segments.len() + 1).saturating_sub(SEGMENTS);
    let surplus = if crowded > 1 { crowded } else { 0 };
    let of = |(place, segment): (usize, &tantivy::index::SegmentMeta)| {
        (place < surplus || segment.num_deleted_docs() > 0).then(|| segment.id())
    };
    let ids: Vec<_> = segments.iter().enumerate().filter_map(of).collect();
    if !ids.is_empty() {
        writer.merge(&ids).wait()?;
    }
    let left: BTreeMap<String, u32> = index
        .searchable_segment_metas()?
        .iter()
        .filter(|segment| segment.num_deleted_docs() > 0)
        .map(|segment| (segment.id().uuid_string(), segment.num_deleted_docs()))
        .collect();
    // INVARIANT: no generation holds deleted parts.
    if left.is_empty() {
        Ok(())
    } else {
        Err(IndexError::Engine(format!("removed parts are left: {left:?}")))
    }
}
