//! Merges chunks in order of enterprise and compares them with the previous list, range by range.

#![expect(clippy::indexing_slicing, reason = "hits are checked against the items where they are read")]

use zhaoren_cancel::poll;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::Scorer;
use zhaoren_policy::fact::{Knowledge, Value};
use zhaoren_policy::profile::{HeldValue, Profile};
use zhaoren_policy::verdict::Verdict;

use crate::cause::{Comparison, held_again_cause, held_cause, opt_in_cause, opt_out_cause};
use crate::entry::{Entry, Hit, RowPlace, Withheld, unreadable};
use crate::error::PushError;
use crate::explain::Explanation;
use crate::frames::{FrameReader, Unpacked};
use crate::holdings::holding_words;
use crate::list::{Cause, Change, ListRow, ListRows, ListedEnterprise};
use crate::options::Explain;
use crate::packed::{KeyList, held};
use crate::refusals::Refusals;
use crate::repeats::split_repeats;
use crate::words::REGION;

/// Frames of a range, those of the chunks and of the previous list together: about thirty thousand enterprises, or half as many
/// beside a previous list. One row group of the list.
const RANGE_FRAMES: usize = 32;

/// Entries of an id range, read from all chunks and from the previous list.
pub(crate) struct IdRange {
    /// In reading order of the chunks.
    chunks: Vec<Unpacked>,
    previous: Option<Unpacked>,
}

/// Merged content of one range.
#[derive(Default)]
pub(crate) struct Merged<'a> {
    /// Enterprises in order of id, each once.
    pub(crate) entries: Vec<Entry<'a>>,
    /// Previous entry of each enterprise; empty if there is no previous list.
    pub(crate) previous: Vec<Option<Entry<'a>>>,
    /// Rows that repeat an enterprise.
    pub(crate) repeats: Vec<RowPlace>,
    /// Enterprises of the previous list that no longer exist.
    pub(crate) removed: Vec<Entry<'a>>,
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
        Ok(Self { chunks, previous: before })
    }

    /// Merges all entries in order of id.
    pub(crate) fn merge(&self) -> Result<Merged<'_>, PushError> {
        let mut all = Vec::new();
        for chunk in &self.chunks {
            chunk.entries(&mut all)?;
        }
        // Stable: of rows with the same id, the first read comes first.
        all.sort_by(|a, b| a.id.cmp(b.id));
        let (entries, repeats) = split_repeats(all);
        let mut merged = Merged { entries, repeats, ..Merged::default() };
        if let Some(before) = &self.previous {
            let mut then = Vec::new();
            before.entries(&mut then)?;
            let mut then = then.into_iter().peekable();
            for entry in &merged.entries {
                while let Some(left) = then.next_if(|then| then.id < entry.id) {
                    merged.removed.push(left);
                }
                merged.previous.push(then.next_if(|then| then.id == entry.id));
            }
            merged.removed.extend(then);
        }
        Ok(merged)
    }
}

/// Inputs of the rows besides the enterprises.
#[derive(Clone, Copy)]
pub(crate) struct ListContext<'a> {
    pub(crate) scorer: &'a Scorer,
    /// Meaning of the fact numbers in the entries.
    pub(crate) keys: &'a KeyList,
    pub(crate) comparison: Option<&'a Comparison>,
    pub(crate) refusals: &'a Refusals,
    pub(crate) explain: Explain,
}

/// Rows of a range, in order of enterprise and item. A withheld item gives no row; its row of the previous list is gone.
pub(crate) fn rows<'a>(merged: &Merged<'a>, context: &ListContext<'a>) -> Result<ListRows<'a>, PushError> {
    let ListContext { comparison, .. } = *context;
    let library = context.scorer.library();
    let previous_ids = comparison.map(|comparison| comparison.previous_library().ids()).unwrap_or_default();
    let items = library.ids().iter().chain(previous_ids).map(String::as_str).collect();
    let list = ListRows { items, ..ListRows::default() };
    let mut listing = ListRowsBuilder { context: *context, library, list };
    let mut removed = merged.removed.iter().peekable();
    let mut previous = merged.previous.iter();
    for entry in &merged.entries {
        while let Some(gone) = removed.next_if(|gone| gone.id < entry.id) {
            listing.gone(gone)?;
        }
        listing.compare(entry, previous.next().and_then(Option::as_ref))?;
    }
    for gone in removed {
        listing.gone(gone)?;
    }
    Ok(listing.list)
}

/// Builder of the rows, one enterprise after the other.
struct ListRowsBuilder<'a> {
    context: ListContext<'a>,
    library: &'a Library,
    list: ListRows<'a>,
}

/// Previous and current profile of one enterprise, unpacked only if something changed: the outer
/// `None` is one that is not unpacked yet, the inner `None` one that is not in the run.
#[derive(Default)]
struct ProfilePair {
    previous: Option<Option<Profile>>,
    current: Option<Profile>,
}

impl<'a> ListRowsBuilder<'a> {
    fn row(
        &mut self,
        item: usize,
        hit: &Hit,
        verdict: Option<Verdict>,
        change: Change,
        cause: Option<Cause>,
    ) {
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let enterprise = position(self.list.enterprises.len().saturating_sub(1));
        let item = position(item);
        let cause = cause.map(Box::new);
        self.list.rows.push(ListRow {
            enterprise,
            item,
            verdict,
            score: hit.score,
            change,
            cause,
            explanation: None,
        });
    }

    /// Adds a listed item.
    fn listed(&mut self, hit: &Hit, change: Change, cause: Option<Cause>) {
        self.row(hit.item.position(), hit, Some(hit.verdict()), change, cause);
    }

    /// Adds a row for an item that is no longer listed. `hit` refers to the previous library, whose items follow the current
    /// ones in the items of the list.
    fn unlisted(&mut self, hit: &Hit, verdict: Option<Verdict>, cause: Cause) {
        self.row(self.library.len() + hit.item.position(), hit, verdict, Change::Gone, Some(cause));
    }

    /// Adds an enterprise; the rows that follow are its rows.
    fn enterprise(&mut self, entry: &Entry<'a>, keys: &KeyList) -> Result<(), PushError> {
        let code = match keys.number(REGION) {
            Some(number) => match held(entry.packed, number).map_err(|_| unreadable(entry.id))? {
                Some(HeldValue::Value(Knowledge::Exactly(Value::Code(code)))) => Some(code),
                _ => None,
            },
            None => None,
        };
        let place = self.list.places.index(code);
        self.list.enterprises.push(ListedEnterprise { id: entry.id, name: entry.name, place });
        Ok(())
    }

    /// Explains the rows of an enterprise that follow the first `done`.
    fn explain(&mut self, entry: &Entry<'a>, done: usize) -> Result<(), PushError> {
        let ListContext { scorer, explain, keys, .. } = self.context;
        let failing = explain == Explain::Full;
        let mut profile = None;
        for row in self.list.rows.get_mut(done..).unwrap_or_default() {
            let Some(verdict) = row.verdict.filter(|_| explain != Explain::Nothing) else { continue };
            let wanted = verdict == Verdict::Undetermined || (failing && verdict == Verdict::Ineligible);
            // Rows of items that are gone refer to the previous library, past the current one.
            let index = row.item as usize;
            let id = self.list.items.get(index).copied().unwrap_or_default();
            let index = match index < self.library.len() {
                true => Some(index),
                false => self.library.ids().binary_search_by(|known| known.as_str().cmp(id)).ok(),
            };
            let Some(index) = index.filter(|_| wanted) else { continue };
            poll();
            let profile = match &mut profile {
                Some(profile) => profile,
                none => none.insert(entry.profile(keys)?),
            };
            row.explanation = Some(Box::new(Explanation::of(scorer, index, profile, verdict, failing)));
        }
        Ok(())
    }

    /// Adds the rows of an enterprise that no longer exists.
    fn gone(&mut self, gone: &Entry<'a>) -> Result<(), PushError> {
        let Some(comparison) = self.context.comparison else { return Ok(()) };
        self.enterprise(gone, comparison.previous_keys())?;
        let previous = comparison.previous_profile(gone)?;
        let refusal = self.context.refusals.everything.get(gone.id);
        for hit in gone.hits.iter().filter(|hit| hit.is_listed()) {
            let policy = &comparison.previous_library().ids()[hit.item.position()];
            let cause = refusal.map(|reason| opt_out_cause(reason));
            let cause = cause.unwrap_or_else(|| comparison.change_cause(policy, Some(&previous), None));
            self.unlisted(hit, None, cause);
        }
        Ok(())
    }

    /// Holding of an enterprise in words.
    fn holding_words(&self, entry: &Entry<'a>, hit: &Hit) -> Result<String, PushError> {
        let ListContext { refusals, keys, scorer, .. } = self.context;
        holding_words(entry, hit, (refusals, scorer, keys), &mut None)
    }

    /// Compares the current and the previous items of an enterprise.
    fn compare(&mut self, entry: &Entry<'a>, old: Option<&Entry<'a>>) -> Result<(), PushError> {
        self.enterprise(entry, self.context.keys)?;
        let done = self.list.rows.len();
        self.compare_hits(entry, old)?;
        self.explain(entry, done)
    }

    fn compare_hits(&mut self, entry: &Entry<'a>, old: Option<&Entry<'a>>) -> Result<(), PushError> {
        let Some(comparison) = self.context.comparison else {
            entry
                .hits
                .iter()
                .filter(|hit| hit.is_listed())
                .for_each(|hit| self.listed(hit, Change::New, None));
            return Ok(());
        };
        let library = self.library;
        let id = |hit: &Hit| library.ids()[hit.item.position()].as_str();
        let previous_id = |hit: &Hit| comparison.previous_library().ids()[hit.item.position()].as_str();
        let mut previous_hits = old.map_or(&[][..], |old| old.hits.as_slice()).iter().peekable();
        let mut profiles = ProfilePair::default();
        let mut change_cause = |policy: &str| -> Result<(Cause, Option<Verdict>), PushError> {
            let previous = match &mut profiles.previous {
                Some(previous) => previous,
                none => none.insert(old.map(|old| comparison.previous_profile(old)).transpose()?),
            };
            let current = match &mut profiles.current {
                Some(current) => current,
                none => none.insert(comparison.current_profile(entry)?),
            };
            Ok((
                comparison.change_cause(policy, previous.as_ref(), Some(current)),
                comparison.current_verdict(policy, current),
            ))
        };
        let refusals = self.context.refusals;
        let opted_in = old.is_none() && comparison.was_opted_out(entry.id);
        // Both lists are in order of item index, and indices are in order of id.
        for hit in &entry.hits {
            let policy = id(hit);
            while let Some(old) = previous_hits.next_if(|old| previous_id(old) < policy) {
                if old.is_listed() {
                    let (cause, verdict) = change_cause(previous_id(old))?;
                    self.unlisted(old, verdict, cause);
                }
            }
            let previous_hit = previous_hits.next_if(|old| previous_id(old) == policy);
            let was_held = previous_hit.is_some_and(|old| old.withheld == Some(Withheld::Held));
            match previous_hit.filter(|old| old.is_listed()) {
                None if !hit.is_listed() => {}
                Some(old) if hit.withheld == Some(Withheld::OptedOut) => {
                    self.unlisted(old, Some(hit.verdict()), opt_out_cause(refusals.reason(entry.id, policy)));
                }
                Some(old) if hit.withheld == Some(Withheld::Held) => {
                    let words = self.holding_words(entry, hit)?;
                    self.unlisted(old, Some(hit.verdict()), held_cause(&words));
                }
                None if was_held => {
                    let words = self.holding_words(entry, hit)?;
                    self.listed(hit, Change::New, Some(held_again_cause(&words)));
                }
                None if previous_hit.is_some() || opted_in => {
                    self.listed(hit, Change::New, Some(opt_in_cause()));
                }
                None => self.listed(hit, Change::New, Some(change_cause(policy)?.0)),
                Some(old) if old.eligible != hit.eligible => {
                    self.listed(hit, Change::Kept, Some(change_cause(policy)?.0));
                }
                Some(_) => {
                    let item = library.get(hit.item.position());
                    self.listed(hit, Change::Kept, item.and_then(|item| comparison.window_cause(item)));
                }
            }
        }
        for old in previous_hits.filter(|old| old.is_listed()) {
            let (cause, verdict) = change_cause(previous_id(old))?;
            self.unlisted(old, verdict, cause);
        }
        Ok(())
    }
}
