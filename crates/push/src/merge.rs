//! Chunks put together in order of enterprise, compared with the list before, range by range.

use std::collections::BTreeMap;

use zhaoren_matcher::Library;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;

use crate::cause::{Cause, Comparison};
use crate::error::PushError;
use crate::frames::{Entry, FrameReader, Hit};
use crate::output::{Change, ListRow};
use crate::table::Reject;

/// Frames that make up a range: about thirty thousand enterprises, a row group of the list.
const RANGE_FRAMES: usize = 32;

/// What one range comes to.
#[derive(Default)]
pub(crate) struct Merged {
    /// The enterprises, each once, in order of id.
    pub(crate) entries: Vec<Entry>,
    /// Rows that repeat an enterprise.
    pub(crate) repeats: Vec<Reject>,
    /// Enterprises of the list before that are not there any more.
    pub(crate) left: Vec<Entry>,
    /// What the list before held of the others.
    pub(crate) before: BTreeMap<String, Entry>,
}

/// Ids at which the enterprises are cut into ranges of about equal size; the first range begins before the first.
pub(crate) fn cuts(chunks: &[FrameReader], previous: Option<&FrameReader>) -> Vec<String> {
    let mut firsts: Vec<&str> = chunks
        .iter()
        .chain(previous)
        .flat_map(|reader| reader.frames())
        .map(|frame| frame.first.as_str())
        .collect();
    firsts.sort_unstable();
    let mut cuts: Vec<String> =
        firsts.into_iter().skip(RANGE_FRAMES).step_by(RANGE_FRAMES).map(str::to_owned).collect();
    cuts.dedup();
    cuts
}

/// The entries of a range from all chunks, which come in reading order.
pub(crate) fn merge(
    chunks: &[FrameReader],
    previous: Option<&FrameReader>,
    files: &[String],
    (from, to): (Option<&str>, Option<&str>),
) -> Result<Merged, PushError> {
    let mut all = Vec::new();
    for chunk in chunks {
        all.append(&mut chunk.range(from, to)?);
    }
    // Stable: of rows with one id, the one read first stays.
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let mut merged = Merged::default();
    for entry in all {
        match merged.entries.last().filter(|kept| kept.id == entry.id) {
            Some(kept) => merged.repeats.push(repeat(&entry, kept, files)),
            None => merged.entries.push(entry),
        }
    }
    if let Some(previous) = previous {
        for entry in previous.range(from, to)? {
            let there = merged.entries.binary_search_by(|kept| kept.id.cmp(&entry.id)).is_ok();
            if there {
                merged.before.insert(entry.id.clone(), entry);
            } else {
                merged.left.push(entry);
            }
        }
    }
    Ok(merged)
}

fn repeat(entry: &Entry, kept: &Entry, files: &[String]) -> Reject {
    let file = |entry: &Entry| files.get(entry.file as usize).cloned().unwrap_or_default();
    let of = if entry.file == kept.file { String::new() } else { format!("{} ", file(kept)) };
    Reject {
        file: file(entry),
        row: entry.row,
        id: entry.id.clone(),
        column: "id".to_owned(),
        value: entry.id.clone(),
        reason: format!("与{of}第 {} 行是同一家企业，以先出现的为准", kept.row),
    }
}

/// The rows of a range, in order of enterprise and item.
pub(crate) fn rows<'a>(
    merged: &'a Merged,
    library: &'a Library,
    comparison: Option<&'a Comparison>,
) -> Vec<ListRow<'a>> {
    let mut rows = Vec::new();
    let mut left = merged.left.iter().peekable();
    for entry in &merged.entries {
        while let Some(gone) = left.next_if(|gone| gone.id < entry.id) {
            rows.extend(comparison.into_iter().flat_map(|comparison| gone_rows(gone, comparison)));
        }
        let old = merged.before.get(&entry.id);
        rows.append(&mut rows_of(entry, old, library, comparison));
    }
    for gone in left {
        rows.extend(comparison.into_iter().flat_map(|comparison| gone_rows(gone, comparison)));
    }
    rows
}

/// What was listed for an enterprise that is not there any more.
fn gone_rows<'a>(gone: &'a Entry, comparison: &'a Comparison) -> Vec<ListRow<'a>> {
    let was = profile(gone);
    let row = |hit: &Hit| {
        let policy = comparison.was().ids().get(hit.place as usize)?;
        let (cause, detail) = comparison.of_change(policy, was.as_ref(), None);
        Some(ListRow {
            enterprise: &gone.id,
            policy,
            verdict: None,
            score: hit.score,
            change: Change::Gone,
            cause: Some(cause),
            detail,
        })
    };
    gone.hits.iter().filter_map(row).collect()
}

fn rows_of<'a>(
    entry: &'a Entry,
    old: Option<&'a Entry>,
    library: &'a Library,
    comparison: Option<&'a Comparison>,
) -> Vec<ListRow<'a>> {
    let listed = |policy: &'a str, hit: &Hit, change, cause: Option<Cause>| {
        let (cause, detail) = cause.map_or((None, String::new()), |(cause, detail)| (Some(cause), detail));
        ListRow {
            enterprise: &entry.id,
            policy,
            verdict: Some(if hit.eligible { Verdict::Eligible } else { Verdict::Undetermined }),
            score: hit.score,
            change,
            cause,
            detail,
        }
    };
    let id = |hit: &Hit| library.ids().get(hit.place as usize).map_or("", String::as_str);
    let Some(comparison) = comparison else {
        return entry.hits.iter().map(|hit| listed(id(hit), hit, Change::New, None)).collect();
    };
    let before: BTreeMap<&str, &Hit> = old
        .iter()
        .flat_map(|old| &old.hits)
        .filter_map(|hit| Some((comparison.was().ids().get(hit.place as usize)?.as_str(), hit)))
        .collect();
    // Profiles are only taken apart where something changed.
    let (mut was_profile, mut now_profile) = (None, None);
    let mut of_change = |policy: &str| {
        let was = was_profile.get_or_insert_with(|| old.and_then(profile));
        let now = now_profile.get_or_insert_with(|| profile(entry));
        let now_verdict = now.as_ref().and_then(|now| comparison.verdict_now(policy, now));
        (comparison.of_change(policy, was.as_ref(), now.as_ref()), now_verdict)
    };
    let mut rows = Vec::with_capacity(entry.hits.len());
    for hit in &entry.hits {
        let policy = id(hit);
        rows.push(match before.get(policy) {
            None => listed(policy, hit, Change::New, Some(of_change(policy).0)),
            Some(old) if old.eligible != hit.eligible => {
                listed(policy, hit, Change::Kept, Some(of_change(policy).0))
            }
            Some(_) => {
                let item = library.get(hit.place as usize);
                listed(policy, hit, Change::Kept, item.and_then(|item| comparison.of_window(item)))
            }
        });
    }
    for (policy, hit) in before {
        if entry.hits.binary_search_by(|now| id(now).cmp(policy)).is_err() {
            let ((cause, detail), verdict) = of_change(policy);
            rows.push(ListRow {
                enterprise: &entry.id,
                policy,
                verdict,
                score: hit.score,
                change: Change::Gone,
                cause: Some(cause),
                detail,
            });
        }
    }
    rows.sort_by(|a, b| a.policy.cmp(b.policy));
    rows
}

fn profile(entry: &Entry) -> Option<Profile> {
    postcard::from_bytes(&entry.profile).ok()
}
