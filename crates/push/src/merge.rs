//! Merges chunks in order of enterprise and compares them with the previous list, range by range.

#![expect(clippy::indexing_slicing, reason = "hits are checked against the items where they are read")]

use zhaoren_matcher::Library;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;

use crate::cause::{Cause, Comparison, refused, welcome_again};
use crate::error::PushError;
use crate::frames::{Entry, FrameReader, Hit, Unpacked};
use crate::output::{Change, ListRow, ListRows};
use crate::refusals::Refusals;
use crate::repeats::{RowPlace, apart};

/// Frames of a range: about thirty thousand enterprises, one row group of the list.
const RANGE_FRAMES: usize = 32;

/// Entries of an id range, read from all chunks and from the previous list.
pub(crate) struct IdRange {
    /// In reading order of the chunks.
    chunks: Vec<Unpacked>,
    before: Option<Unpacked>,
}

/// Merged content of one range.
#[derive(Default)]
pub(crate) struct Merged<'a> {
    /// Enterprises in order of id, each once.
    pub(crate) entries: Vec<Entry<'a>>,
    /// Previous entry of each enterprise; empty if there is no previous list.
    pub(crate) before: Vec<Option<Entry<'a>>>,
    /// Rows that repeat an enterprise.
    pub(crate) repeats: Vec<RowPlace>,
    /// Enterprises of the previous list that no longer exist.
    pub(crate) left: Vec<Entry<'a>>,
}

/// Ids that split the enterprises into ranges of about equal size; the first range has no lower bound.
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

impl IdRange {
    pub(crate) fn read(
        chunks: &[FrameReader],
        previous: Option<&FrameReader>,
        (from, to): (Option<&str>, Option<&str>),
    ) -> Result<Self, PushError> {
        let chunks = chunks.iter().map(|chunk| chunk.range(from, to)).collect::<Result<_, _>>()?;
        let before = previous.map(|previous| previous.range(from, to)).transpose()?;
        Ok(Self { chunks, before })
    }

    /// Merges all entries in order of id.
    pub(crate) fn merge(&self) -> Result<Merged<'_>, PushError> {
        let mut all = Vec::new();
        for chunk in &self.chunks {
            chunk.entries(&mut all)?;
        }
        // Stable: of rows with the same id, the first read comes first.
        all.sort_by(|a, b| a.id.cmp(b.id));
        let (entries, repeats) = apart(all);
        let mut merged = Merged { entries, repeats, ..Merged::default() };
        if let Some(before) = &self.before {
            let mut then = Vec::new();
            before.entries(&mut then)?;
            let mut then = then.into_iter().peekable();
            for entry in &merged.entries {
                while let Some(left) = then.next_if(|then| then.id < entry.id) {
                    merged.left.push(left);
                }
                merged.before.push(then.next_if(|then| then.id == entry.id));
            }
            merged.left.extend(then);
        }
        Ok(merged)
    }
}

/// Rows of a range, in order of enterprise and item. A refused item gives no row; its row of the previous list is gone.
pub(crate) fn rows<'a>(
    merged: &Merged<'a>,
    library: &'a Library,
    comparison: Option<&'a Comparison>,
    refusals: &'a Refusals,
) -> Result<ListRows<'a>, PushError> {
    let then = comparison.map(|comparison| comparison.was().ids()).unwrap_or_default();
    let policies = library.ids().iter().chain(then).map(String::as_str).collect();
    let list = ListRows { enterprises: Vec::new(), policies, rows: Vec::new() };
    let mut listing = ListMaker { library, comparison, refusals, list };
    let mut left = merged.left.iter().peekable();
    let mut before = merged.before.iter();
    for entry in &merged.entries {
        while let Some(gone) = left.next_if(|gone| gone.id < entry.id) {
            listing.gone(gone)?;
        }
        listing.there(entry, before.next().and_then(Option::as_ref))?;
    }
    for gone in left {
        listing.gone(gone)?;
    }
    Ok(listing.list)
}

/// Builder of the rows, one enterprise after the other.
struct ListMaker<'a> {
    library: &'a Library,
    comparison: Option<&'a Comparison>,
    refusals: &'a Refusals,
    list: ListRows<'a>,
}

/// Previous and current profile of one enterprise, unpacked only if something changed.
#[derive(Default)]
struct Sides {
    then: Option<Option<Profile>>,
    now: Option<Profile>,
}

impl<'a> ListMaker<'a> {
    fn row(
        &mut self,
        policy: u32,
        hit: &Hit,
        verdict: Option<Verdict>,
        change: Change,
        cause: Option<Cause>,
    ) {
        let enterprise = u32::try_from(self.list.enterprises.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let cause = cause.map(Box::new);
        self.list.rows.push(ListRow { enterprise, policy, verdict, score: hit.score, change, cause });
    }

    /// Adds a listed item.
    fn listed(&mut self, hit: &Hit, change: Change, cause: Option<Cause>) {
        self.row(hit.place, hit, Some(verdict(hit)), change, cause);
    }

    /// Adds an item that is no longer listed; its index is that of the previous library.
    fn unlisted(&mut self, hit: &Hit, verdict: Option<Verdict>, cause: Cause) {
        let now = u32::try_from(self.library.len()).unwrap_or(u32::MAX);
        self.row(now.saturating_add(hit.place), hit, verdict, Change::Gone, Some(cause));
    }

    /// Adds the rows of an enterprise that no longer exists.
    fn gone(&mut self, gone: &Entry<'a>) -> Result<(), PushError> {
        let Some(comparison) = self.comparison else { return Ok(()) };
        self.list.enterprises.push(gone.id);
        let was = comparison.profile_then(gone)?;
        let refusal = self.refusals.everything.get(gone.id);
        for hit in gone.hits.iter().filter(|hit| !hit.held) {
            let policy = &comparison.was().ids()[hit.place as usize];
            let cause = refusal.map(|reason| refused(reason));
            let cause = cause.unwrap_or_else(|| comparison.of_change(policy, Some(&was), None));
            self.unlisted(hit, None, cause);
        }
        Ok(())
    }

    /// Compares the current and the previous items of an enterprise.
    fn there(&mut self, entry: &Entry<'a>, old: Option<&Entry<'a>>) -> Result<(), PushError> {
        self.list.enterprises.push(entry.id);
        let Some(comparison) = self.comparison else {
            entry.hits.iter().filter(|hit| !hit.held).for_each(|hit| self.listed(hit, Change::New, None));
            return Ok(());
        };
        let library = self.library;
        let id = |hit: &Hit| library.ids()[hit.place as usize].as_str();
        let was_id = |hit: &Hit| comparison.was().ids()[hit.place as usize].as_str();
        let mut before = old.map_or(&[][..], |old| old.hits.as_slice()).iter().peekable();
        let mut sides = Sides::default();
        let mut of_change = |policy: &str| -> Result<(Cause, Option<Verdict>), PushError> {
            let then = match &mut sides.then {
                Some(then) => then,
                none => none.insert(old.map(|old| comparison.profile_then(old)).transpose()?),
            };
            let now = match &mut sides.now {
                Some(now) => now,
                none => none.insert(comparison.profile_now(entry)?),
            };
            Ok((comparison.of_change(policy, then.as_ref(), Some(now)), comparison.verdict_now(policy, now)))
        };
        let refusals = self.refusals;
        let whole_again = old.is_none() && comparison.had_refused(entry.id);
        // Both lists are in order of item index, and indices are in order of id.
        for hit in &entry.hits {
            let policy = id(hit);
            while let Some(old) = before.next_if(|old| was_id(old) < policy) {
                if !old.held {
                    let (cause, verdict) = of_change(was_id(old))?;
                    self.unlisted(old, verdict, cause);
                }
            }
            let was = before.next_if(|old| was_id(old) == policy);
            match was.filter(|old| !old.held) {
                None if hit.held => {}
                Some(old) if hit.held => {
                    self.unlisted(old, Some(verdict(hit)), refused(refusals.reason(entry.id, policy)));
                }
                None if was.is_some() || whole_again => {
                    self.listed(hit, Change::New, Some(welcome_again()));
                }
                None => self.listed(hit, Change::New, Some(of_change(policy)?.0)),
                Some(old) if old.eligible != hit.eligible => {
                    self.listed(hit, Change::Kept, Some(of_change(policy)?.0));
                }
                Some(_) => {
                    let item = library.get(hit.place as usize);
                    self.listed(hit, Change::Kept, item.and_then(|item| comparison.of_window(item)));
                }
            }
        }
        for old in before.filter(|old| !old.held) {
            let (cause, verdict) = of_change(was_id(old))?;
            self.unlisted(old, verdict, cause);
        }
        Ok(())
    }
}

/// Verdict of a hit.
pub(crate) fn verdict(hit: &Hit) -> Verdict {
    if hit.eligible { Verdict::Eligible } else { Verdict::Undetermined }
}
