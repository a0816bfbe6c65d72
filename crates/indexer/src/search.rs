//! Searching a generation: hits grouped by entry, with highlights and facets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_cancel::poll;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::document::Document;
use zhaoren_text::restore_str;

use crate::duplicates::DuplicateGroups;
use crate::entry::{EntryKind, EntryMeta, FACETS};
use crate::error::IndexError;
use crate::facet::{FacetValue, check, count, passes_all};
use crate::highlight::Marks;
use crate::hit::Hit;
use crate::meaning::{Meaning, synonyms, through};
use crate::open::Index;
use crate::query::{LONGEST, Parsed, Strictness, Understood, parse, understand};
use crate::rank::Group;
use crate::rank::question::RESCORED;
use crate::spelling::Spelling;

/// What is asked of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// What was typed.
    pub query: String,
    /// How many hits at most.
    pub limit: usize,
    /// How many of the best are passed over.
    pub offset: usize,
    /// Filters, all of which must pass; several on one key: any of them.
    pub filters: Vec<(String, String)>,
    /// Nothing is searched but what was typed: no readings, no synonyms, no corrections.
    pub as_typed: bool,
    /// Words whose synonyms are not searched.
    pub without: Vec<String>,
    /// Every hit says why it has its score.
    pub explain: bool,
    /// Every copy of a document is a hit of its own.
    pub copies: bool,
    /// The day that standings are of (判定日); else the first `as_of` among the filters.
    pub as_of: Option<Date>,
}

impl SearchRequest {
    /// The day that standings are of, where one is asked for.
    pub fn day(&self) -> Option<Date> {
        let filtered = || self.filters.iter().find(|(key, _)| key == "as_of");
        self.as_of.or_else(|| filtered().and_then(|(_, day)| parse_date(day)))
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResponse<H = Hit> {
    /// The query as it was read: simplified, repaired.
    pub query: String,
    /// 判定日: the day that standings are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
    /// Parts of it that were searched as something else, or as something else too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub understood: Vec<Meaning>,
    /// What was searched in its place, where a slip was corrected; `as_typed` searches what was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// What hits were narrowed to by the query itself: 地区：徐汇区, 不含：贷款.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub narrowed_by: Vec<String>,
    /// What of the query was searched as plain words although it looks as if more had been meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How many entries match and pass.
    pub total: usize,
    /// The best of them.
    pub hits: Vec<H>,
    /// Over all of them, by facet.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

impl<H> SearchResponse<H> {
    /// The same with something else for each hit.
    pub fn map_hits<T>(self, each: impl FnMut(H) -> T) -> SearchResponse<T> {
        SearchResponse {
            query: self.query,
            as_of: self.as_of,
            understood: self.understood,
            did_you_mean: self.did_you_mean,
            narrowed_by: self.narrowed_by,
            notes: self.notes,
            total: self.total,
            hits: self.hits.into_iter().map(each).collect(),
            facets: self.facets,
        }
    }
}

impl Index {
    /// Searches.
    ///
    /// # Errors
    /// An unknown filter key, or a failure of the engine underneath. No query is an error.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse, IndexError> {
        self.search_by(request, |_, _, _| (), |_| ())
    }

    /// Searches, and orders what is found by a key of each entry, the least first; of equal keys the best hit. `each`
    /// hears of every hit, shown or not: the entries that say the same, the best first.
    ///
    /// # Errors
    /// As [`Index::search`].
    pub fn search_by<K: Ord>(
        &self,
        request: &SearchRequest,
        key: impl Fn(EntryKind, &str, &Document) -> K,
        mut each: impl FnMut(&[(EntryKind, &str)]),
    ) -> Result<SearchResponse, IndexError> {
        check(&request.filters)?;
        let read = self.read(request)?;
        let marks = self.marks(&read);
        let found = self.narrowed(&read, &marks, request)?;
        let mut groups = found.groups;
        let key =
            |group: &Group| self.cards.get(group.entry).map(|card| key(card.kind, &card.id, &card.document));
        groups.sort_by_cached_key(key);
        let folded = self.folded(&groups, request.copies);
        let id = |group: &&Group| self.cards.get(group.entry).map(|card| card.id.clone());
        for same in &folded {
            let cards = same.iter().filter_map(|group| self.cards.get(group.entry));
            each(&cards.map(|card| (card.kind, card.id.as_str())).collect::<Vec<_>>());
        }
        let mut hits = Vec::new();
        for same in folded.iter().skip(request.offset).take(request.limit) {
            let Some((best, others)) = same.split_first() else { continue };
            let Some(mut hit) = self.hit(best, &marks)? else { continue };
            hit.folded = others.iter().filter_map(id).collect();
            hit.explain = self.explanation(best, &read.understood)?;
            hits.push(hit);
        }
        let facets = found.facets;
        let total = folded.len();
        let did_you_mean = read.did_you_mean();
        let mut meanings = read.spelling.meanings;
        meanings.extend(synonyms(&read.understood));
        for hit in &mut hits {
            hit.through = through(&meanings, hit);
        }
        Ok(SearchResponse {
            query: read.typed,
            as_of: request.day(),
            understood: meanings,
            did_you_mean,
            narrowed_by: read.parsed.narrowed_by(),
            notes: read.parsed.notes,
            total,
            hits,
            facets,
        })
    }

    /// Ids of the best entries for a query, best first: what [`Index::search`] shows, without showing it.
    ///
    /// # Errors
    /// A failure of the engine underneath.
    pub fn ranked(&self, query: &str, limit: usize) -> Result<Vec<&str>, IndexError> {
        let request = SearchRequest { query: query.to_owned(), limit, ..SearchRequest::default() };
        let read = self.read(&request)?;
        let groups = self.order(&read, &self.marks(&read), &|_| true, limit <= RESCORED)?;
        let cards = groups.iter().take(limit).filter_map(|group| self.cards.get(group.entry));
        Ok(cards.map(|card| card.id.as_str()).collect())
    }

    /// What was typed, taken apart, spelt out and understood.
    fn read(&self, request: &SearchRequest) -> Result<ParsedQuery, IndexError> {
        let short: String = request.query.chars().take(LONGEST).collect();
        let typed = restore_str(&short).text.trim().to_owned();
        let parsed = parse(&typed);
        let spelling = self.spell(&parsed.text, request.as_typed)?;
        let mut understood = understand(&spelling.text, &self.cutter, &self.lexicon, |word| {
            !self.names.places(word).is_empty()
        });
        let organs: Vec<String> = understood
            .plain
            .split_whitespace()
            .filter(|word| self.names.is_organ(word) && !understood.organs.iter().any(|organ| organ == word))
            .map(str::to_owned)
            .collect();
        understood.organs.extend(organs);
        understood.traced = request.explain;
        for wanted in &mut understood.words {
            if request.as_typed || request.without.contains(&wanted.word) {
                wanted.also.clear();
            }
        }
        Ok(ParsedQuery { typed, parsed, spelling, understood })
    }

    fn marks(&self, read: &ParsedQuery) -> Marks {
        let mut words = read.understood.marks();
        words.extend(read.parsed.conditions.iter().filter_map(|one| one.mark().map(str::to_owned)));
        Marks { words, parts: read.understood.lesser_marks(&self.cutter) }
    }

    /// Every entry that matches and passes, best first, with the facets.
    fn narrowed(
        &self,
        read: &ParsedQuery,
        marks: &Marks,
        request: &SearchRequest,
    ) -> Result<QueryHits, IndexError> {
        let day = request.day();
        // Who asks for a standing sees what is not in force too.
        let (mut filters, days): (Vec<_>, Vec<_>) =
            request.filters.iter().cloned().partition(|(key, _)| key != "as_of");
        let stands = filters.iter().any(|(key, _)| key == "standing") || read.parsed.asks_for_standing();
        let passes = |card: &EntryMeta| {
            passes_all(card, &filters, day) && read.parsed.passes(card, day, &self.lexicon)
        };
        let mut groups = self.order(read, marks, &passes, false)?;
        let standing = count(&self.listed(&groups, request), &["standing"], day);
        if !stands && !days.is_empty() {
            filters = days;
            groups.retain(|group| {
                self.cards.get(group.entry).is_some_and(|card| passes_all(card, &filters, day))
            });
        }
        let others: Vec<&str> = FACETS.into_iter().filter(|key| *key != "standing").collect();
        let mut facets = count(&self.listed(&groups, request), &others, day);
        facets.extend(standing);
        Ok(QueryHits { groups, facets })
    }

    /// The cards of hits.
    fn listed(&self, groups: &[Group], request: &SearchRequest) -> Vec<Vec<&EntryMeta>> {
        let cards = |same: Vec<&Group>| {
            same.iter().filter_map(|group| self.cards.get(group.entry)).map(Arc::as_ref).collect()
        };
        self.folded(groups, request.copies).into_iter().map(cards).collect()
    }

    /// Groups that say the same together, each where its best stands.
    fn folded<'a>(&self, groups: &'a [Group], copies: bool) -> Vec<Vec<&'a Group>> {
        if copies {
            return groups.iter().map(|group| vec![group]).collect();
        }
        let folds = self.folds.get_or_init(|| DuplicateGroups::of(&self.cards));
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut folded: Vec<Vec<&Group>> = Vec::new();
        for group in groups {
            poll();
            let place = *places.entry(folds.leader(group.entry)).or_insert(folded.len());
            match folded.get_mut(place) {
                Some(same) => same.push(group),
                None => folded.push(vec![group]),
            }
        }
        folded
    }

    /// Every entry that matches and passes, best first. With `best_only`, of a question those alone that are read
    /// again.
    fn order(
        &self,
        read: &ParsedQuery,
        marks: &Marks,
        passes: &dyn Fn(&EntryMeta) -> bool,
        best_only: bool,
    ) -> Result<Vec<Group>, IndexError> {
        let understood = &read.understood;
        let wanted = |entry: usize| self.cards.get(entry).is_some_and(|card| passes(card));
        let mut groups = if understood.is_empty() {
            self.everything(understood.traced)
        } else {
            self.groups(understood, &wanted, best_only)?
        };
        groups.retain(|group| wanted(group.entry));
        for text in &read.parsed.excluded {
            let holding = self.holding(text)?;
            groups.retain(|group| !holding.contains(&group.entry));
        }
        self.sort(&mut groups);
        if understood.strictness() == Strictness::Keywords && !understood.is_question() {
            self.prefer_near_titles(&mut groups, marks);
        }
        Ok(groups)
    }
}

/// A query as it was read.
struct ParsedQuery {
    /// Clean and simplified.
    typed: String,
    parsed: Parsed,
    spelling: Spelling,
    understood: Understood,
}

/// What a query finds.
struct QueryHits {
    groups: Vec<Group>,
    facets: BTreeMap<String, Vec<FacetValue>>,
}

impl ParsedQuery {
    /// The query as it should have been typed, where there was a slip in it.
    fn did_you_mean(&self) -> Option<String> {
        let words = self.spelling.did_you_mean()?;
        Some(std::iter::once(words).chain(self.parsed.rest.iter().cloned()).collect::<Vec<_>>().join(" "))
    }
}
