//! Search with every highlight traced to the bytes received, every clause to its items, and every item matched with an
//! enterprise if one is given.

#![expect(
    clippy::indexing_slicing,
    reason = "a hit is an entry of the index it was found in; offsets of a restored text lie in the bytes it was restored from"
)]

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use zhaoren_indexer::{EntryKind, Hit, Original, SearchRequest, SearchResponse, Suggestion};
use zhaoren_matcher::{Match, Snapshot};
use zhaoren_policy::document::Document;
use zhaoren_policy::item::{Item, WindowState};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;

use crate::clock::today;
use crate::error::EngineError;
use crate::inquiry::{Answer, HitItem, Inquiry, ItemHit, ItemLine, Searcher, Sort, Verdicts};
use crate::links::ItemDocumentLinks;
use crate::open::Engine;
use crate::read_documents::ReadDocument;
use crate::state::State;

impl Engine {
    /// Searches the shared documents, items and clauses; their standing is that of the requested day, by default today.
    ///
    /// # Errors
    /// An unknown filter, or a failure of index or registry.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse, EngineError> {
        let state = self.state();
        let mut response = state.index.search(&with_day(request))?;
        response.notes.extend(state.note().map(str::to_owned));
        for hit in &mut response.hits {
            self.trace(hit)?;
        }
        Ok(response)
    }

    /// Searches in the requested order; for an enterprise, by the best verdict on an item in force first: eligible,
    /// undetermined, ineligible, none.
    ///
    /// # Errors
    /// As [`Engine::search`], and when there is no such tenant.
    pub fn search_for(&self, inquiry: &Inquiry<'_>) -> Result<Answer, EngineError> {
        self.search_each(inquiry, |_, _, _| ())
    }

    /// Searches like [`Engine::search_for`]. `each` is called for every hit, shown or not: the group of equal entries, best
    /// first, and the lookups for their digests and verdicts.
    pub(crate) fn search_each(
        &self,
        inquiry: &Inquiry<'_>,
        mut each: impl FnMut(&[(EntryKind, &str)], EntryLookup<'_, String>, EntryLookup<'_, Option<Verdict>>),
    ) -> Result<Answer, EngineError> {
        let request = with_day(inquiry.request);
        let day = request.as_of.unwrap_or_else(today);
        let state = self.state_for(inquiry.tenant)?;
        let stand = VerdictContext::of(&state, inquiry, day);
        let digests: OnceCell<HashMap<(EntryKind, &str), &str>> = OnceCell::new();
        let digest = |kind, id: &str| {
            let entries =
                || state.index.entries().map(|(kind, id, _, digest)| ((kind, id), digest)).collect();
            // INVARIANT: a hit is an entry of the index that it was found in.
            digests.get_or_init(entries)[&(kind, id)].chars().take(DIGITS).collect::<String>()
        };
        let verdict = |kind, id: &str| stand.verdict(kind, id);
        let mut verdicts = Verdicts::default();
        let key = |kind, id: &str, document: &Document| stand.key(kind, id, document);
        let mut found = state.index.search_by(&request, key, |same| {
            let count = match same.first().and_then(|(kind, id)| stand.verdict(*kind, id)) {
                Some(Verdict::Eligible) => &mut verdicts.eligible,
                Some(Verdict::Undetermined) => &mut verdicts.undetermined,
                Some(Verdict::Ineligible) => &mut verdicts.ineligible,
                None => &mut verdicts.none,
            };
            *count += 1;
            each(same, &digest, &verdict);
        })?;
        found.notes.extend(state.note().map(str::to_owned));
        for hit in &mut found.hits {
            self.trace(hit)?;
            for clause in hit.clauses.iter_mut().filter(|_| hit.kind == EntryKind::Document) {
                clause.items = stand.links.items_quoting(&hit.id, clause.span);
            }
        }
        let mut matches = stand.matches(&found.hits, inquiry);
        let found = found.map_hits(|hit| ItemHit {
            verdict: stand.verdict(hit.kind, &hit.id),
            items: stand.items(hit.kind, &hit.id).map(|item| stand.line(item, &mut matches)).collect(),
            documents: stand
                .links
                .documents(&hit.id)
                .filter(|_| hit.kind == EntryKind::Item)
                .map(str::to_owned)
                .collect(),
            hit,
        });
        let enterprise = inquiry.profile.map(|profile| Searcher {
            id: profile.id.clone(),
            name: profile.name.clone(),
            verdicts,
        });
        Ok(Answer { sort: inquiry.sort, enterprise, found })
    }

    /// Completions of a partly typed query, the likeliest first, from the content that a tenant sees; the empty tenant sees
    /// the shared catalogue.
    ///
    /// # Errors
    /// When there is no such tenant, or a failure of index or registry.
    pub fn suggest(&self, typed: &str, limit: usize, tenant: &str) -> Result<Vec<Suggestion>, EngineError> {
        Ok(self.state_for(tenant)?.index.suggest(typed, limit)?)
    }

    /// Traces the highlights of a document to the bytes received. Items are structured data and have no source.
    fn trace(&self, hit: &mut Hit) -> Result<(), EngineError> {
        let marks_text = hit.highlights.iter().any(|highlight| highlight.source.is_some());
        if hit.kind != EntryKind::Document || !marks_text {
            return Ok(());
        }
        let Some(record) =
            self.runtime.block_on(self.registry.document(&hit.id, zhaoren_registry::Moment::NOW))?
        else {
            return Ok(());
        };
        let read = ReadDocument::of(&record);
        let restored = &read.restored;
        for highlight in &mut hit.highlights {
            // An index rolled back may be of another text than the current one, where the position is meaningless.
            let marked = highlight.spans.first().and_then(|&(start, end)| highlight.text.get(start..end));
            let source = highlight.source.filter(|&(start, end)| restored.text.get(start..end) == marked);
            highlight.original = source.map(|(start, end)| {
                let span = restored.offsets.to_source(start..end);
                let text = restored.encoding.decode_part(&record.body[span.clone()]);
                Original { start: span.start, end: span.end, text }
            });
        }
        Ok(())
    }
}

/// Number of digits of an entry's digest that identify its content.
const DIGITS: usize = 32;

/// Callback from (kind, id) to a property of a hit.
pub(crate) type EntryLookup<'a, T> = &'a dyn Fn(EntryKind, &str) -> T;

/// The request with the evaluation day filled in.
fn with_day(request: &SearchRequest) -> SearchRequest {
    SearchRequest { as_of: request.day().or_else(|| Some(today())), ..request.clone() }
}

/// Lookup of verdicts on entries for an inquiry on its day.
struct VerdictContext<'a> {
    state: &'a State,
    links: &'a ItemDocumentLinks,
    day: Date,
    sort: Sort,
    snapshot: Option<Arc<Snapshot>>,
    /// Verdicts by index in the library.
    verdicts: Vec<Option<Verdict>>,
}

/// Sort key of a hit, the least first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// 0 eligible, 1 undetermined, 2 ineligible, 3 none; 0 for all without an enterprise.
    band: u8,
    value: Value,
    /// Tie-breaker; empty by relevance, where the score decides.
    id: String,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Closes(Date),
    Ceiling(Reverse<Number>),
    Published(Reverse<Date>),
    // INVARIANT: the last variant comes last.
    Absent,
}

impl<'a> VerdictContext<'a> {
    fn of(state: &'a State, inquiry: &Inquiry<'_>, day: Date) -> Self {
        let snapshot = inquiry.profile.map(|_| state.rules.snapshot_on(day));
        let verdicts = match (&snapshot, inquiry.profile) {
            (Some(snapshot), Some(profile)) => snapshot.verdicts(&snapshot.view(profile)),
            _ => Vec::new(),
        };
        Self { state, links: state.links(), day, sort: inquiry.sort, snapshot, verdicts }
    }

    /// The items of an entry.
    fn items(&self, kind: EntryKind, id: &str) -> impl Iterator<Item = &'a Item> {
        let own = self.state.rules.item(id).filter(|_| kind == EntryKind::Item);
        let within = self.links.items(id).filter(move |_| kind == EntryKind::Document);
        own.into_iter().chain(within.filter_map(|id| self.state.rules.item(id)).collect::<Vec<_>>())
    }

    /// The best verdict on an item in force of an entry.
    fn verdict(&self, kind: EntryKind, id: &str) -> Option<Verdict> {
        let in_force =
            self.items(kind, id).filter(|item| self.state.rules.standing_on(item, self.day).is_matchable);
        let verdicts = in_force.filter_map(|item| {
            let index = self.state.rules.library().index_of(&item.id)?;
            self.verdicts.get(index).copied().flatten()
        });
        verdicts.min_by_key(|verdict| band(*verdict))
    }

    fn key(&self, kind: EntryKind, id: &str, document: &Document) -> Key {
        let band = match self.snapshot {
            Some(_) => self.verdict(kind, id).map_or(3, band),
            None => 0,
        };
        let value = match self.sort {
            Sort::Relevance => None,
            Sort::Date => document.published.map(|day| Value::Published(Reverse(day))),
            Sort::Deadline => {
                self.items(kind, id).filter_map(|item| self.closes(item)).min().map(Value::Closes)
            }
            Sort::Amount => {
                let ceilings = self.items(kind, id).filter_map(|item| item.benefit.amount.max.clone());
                ceilings.max().map(|ceiling| Value::Ceiling(Reverse(ceiling)))
            }
        };
        let id = if self.sort == Sort::Relevance { String::new() } else { id.to_owned() };
        Key { band, value: value.unwrap_or(Value::Absent), id }
    }

    /// The last day of the window that is open or still to come.
    fn closes(&self, item: &Item) -> Option<Date> {
        let window = item.window.on(self.day);
        window.closes.filter(|_| matches!(window.state, WindowState::Open | WindowState::Upcoming))
    }

    /// The matches of the hits' items with the enterprise, by id.
    fn matches(&self, hits: &[Hit], inquiry: &Inquiry<'_>) -> BTreeMap<String, Match> {
        let (Some(snapshot), Some(profile)) = (&self.snapshot, inquiry.profile) else {
            return BTreeMap::new();
        };
        let library = self.state.rules.library();
        let items = hits.iter().flat_map(|hit| self.items(hit.kind, &hit.id));
        let mut indices: Vec<usize> = items.filter_map(|item| library.index_of(&item.id)).collect();
        indices.sort_unstable();
        indices.dedup();
        let mut matches = snapshot.explain(&indices, &snapshot.view(profile));
        self.state.rules.evidence().attach(&mut matches);
        matches.into_iter().map(|one| (one.policy.clone(), one)).collect()
    }

    /// An item of a hit for display.
    fn line(&self, item: &Item, matches: &mut BTreeMap<String, Match>) -> HitItem {
        match matches.get(&item.id) {
            Some(one) => HitItem::Matched(Box::new(one.clone())),
            None => {
                HitItem::Item(ItemLine::of(item, self.day, &self.state.rules.standing_on(item, self.day)))
            }
        }
    }
}

fn band(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Eligible => 0,
        Verdict::Undetermined => 1,
        Verdict::Ineligible => 2,
    }
}
