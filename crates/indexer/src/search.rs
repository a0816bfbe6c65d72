//! Searching a generation: hits grouped by entry, with highlights and facets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_cancel::poll;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::document::Document;
use zhaoren_text::restore_str;

use crate::advice::{Advice, AdviceKind};
use crate::corpus::Corpus;
use crate::duplicates::DuplicateGroups;
use crate::entry::EntryKind;
use crate::entry_meta::{EntryMeta, FACETS};
use crate::error::IndexError;
use crate::facet::{FacetValue, check, count, passes_all};
use crate::highlight::Marks;
use crate::hit::Hit;
use crate::meaning::{Meaning, synonyms};
use crate::open::Index;
use crate::query::{LONGEST, Parsed, QueryTerm, Strictness, Understood, parse, understand};
use crate::rank::question::RESCORED;
use crate::rank::steps::Group;
use crate::spelling::Spelling;
use crate::suggest::{LONGEST as LONGEST_PREFIX, Suggestion, Suggestions};

/// A search request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// The typed query.
    pub query: String,
    /// Maximum number of hits.
    pub limit: usize,
    /// Number of best hits to skip.
    pub offset: usize,
    /// Filters, all of which must pass; of several on one key any is enough.
    pub filters: Vec<(String, String)>,
    /// Searches the query exactly as typed: no readings, no synonyms, no corrections.
    pub as_typed: bool,
    /// Words whose synonyms are not searched. If any is given, an empty one included, items are found by words alone and not by
    /// what is known of situations.
    pub without_synonyms: Vec<String>,
    /// Adds an explanation of the score to every hit.
    pub explain: bool,
    /// Lists every copy of a document as its own hit.
    pub list_copies: bool,
    /// Date of the legal status (判定日); by default the first `as_of` among the filters.
    pub as_of: Option<Date>,
}

impl SearchRequest {
    /// Date of the legal status, if given.
    pub fn day(&self) -> Option<Date> {
        let filtered = || self.filters.iter().find(|(key, _)| key == "as_of");
        self.as_of.or_else(|| filtered().and_then(|(_, day)| parse_date(day)))
    }
}

/// Result of a search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResponse<H = Hit> {
    /// The query after repair and simplification.
    pub query: String,
    /// 判定日: the date of the legal status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
    /// Parts of the query that were searched as something else, instead or in addition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub understood: Vec<Meaning>,
    /// The corrected query that was searched instead; `as_typed` searches the typed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// Conditions in the query itself: 地区：徐汇区, 不含：贷款.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub narrowed_by: Vec<String>,
    /// Notes on parts of the query that were searched as plain words although they look like operators.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Advice beside the hits: 本库没有这一事项, or a question back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
    /// Number of entries that match and pass.
    pub total: usize,
    /// The requested range of hits, best first.
    pub hits: Vec<H>,
    /// Facets over all matching entries.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

impl<H> SearchResponse<H> {
    /// Converts every hit.
    pub fn map_hits<T>(self, each: impl FnMut(H) -> T) -> SearchResponse<T> {
        SearchResponse {
            query: self.query,
            as_of: self.as_of,
            understood: self.understood,
            did_you_mean: self.did_you_mean,
            narrowed_by: self.narrowed_by,
            notes: self.notes,
            advice: self.advice,
            total: self.total,
            hits: self.hits.into_iter().map(each).collect(),
            facets: self.facets,
        }
    }
}

impl Index {
    /// Runs a search.
    ///
    /// # Errors
    /// An unknown filter key, or a failure of tantivy. No query is an error.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse, IndexError> {
        self.search_by(request, |_, _, _| (), |_| ())
    }

    /// Runs a search and sorts the hits by a key of each entry, ascending; ties by score. `each` receives every hit, shown or
    /// not: the entries of its duplicate group, best first.
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
        let corpus = &self.corpus;
        let read = corpus.read(request)?;
        let marks = corpus.marks(&read);
        let found = corpus.narrowed(&read, &marks, request)?;
        let mut groups = found.groups;
        let advice = match request.as_typed || request.filters.iter().any(|(key, _)| key != "as_of") {
            true => None,
            false => corpus.advice(&read.parsed, &read.understood, &groups),
        };
        if advice.as_ref().is_some_and(|advice| advice.kind == AdviceKind::NoItem) {
            corpus.prefer_items(&mut groups);
        }
        let key = |group: &Group| {
            corpus.cards.get(group.entry).map(|card| key(card.kind, &card.id, &card.document))
        };
        groups.sort_by_cached_key(key);
        let folded = corpus.folded(&groups, request.list_copies);
        let id = |group: &&Group| corpus.cards.get(group.entry).map(|card| card.id.clone());
        for same in &folded {
            let cards = same.iter().filter_map(|group| corpus.cards.get(group.entry));
            each(&cards.map(|card| (card.kind, card.id.as_str())).collect::<Vec<_>>());
        }
        let mut hits = Vec::new();
        for same in folded.iter().skip(request.offset).take(request.limit) {
            let Some((best, others)) = same.split_first() else { continue };
            let Some(mut hit) = corpus.hit(best, &marks)? else { continue };
            hit.folded = others.iter().filter_map(id).collect();
            hit.explain = corpus.explanation(best, &read.understood)?;
            hits.push(hit);
        }
        let facets = found.facets;
        let total = folded.len();
        let did_you_mean = read.did_you_mean();
        let mut meanings = read.spelling.meanings;
        meanings.extend(synonyms(&read.understood));
        for hit in &mut hits {
            hit.through = hit.interpretations(&meanings);
        }
        Ok(SearchResponse {
            query: read.typed,
            as_of: request.day(),
            understood: meanings,
            did_you_mean,
            narrowed_by: read.parsed.narrowed_by(),
            notes: read.parsed.notes,
            advice,
            total,
            hits,
            facets,
        })
    }

    /// Ids of the best entries for a query, best first: the ranking of [`Index::search`] without the hits.
    ///
    /// # Errors
    /// A failure of tantivy.
    pub fn top_ids(&self, query: &str, limit: usize) -> Result<Vec<&str>, IndexError> {
        let corpus = &self.corpus;
        let request = SearchRequest { query: query.to_owned(), limit, ..SearchRequest::default() };
        let read = corpus.read(&request)?;
        let groups = corpus.order(&read, &corpus.marks(&read), &|_| true, limit <= RESCORED)?;
        let cards = groups.iter().take(limit).filter_map(|group| corpus.cards.get(group.entry));
        Ok(cards.map(|card| card.id.as_str()).collect())
    }

    /// Suggestions for the text typed so far, likeliest first.
    ///
    /// # Errors
    /// A failure of tantivy.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>, IndexError> {
        let short: String = typed.chars().take(LONGEST_PREFIX).collect();
        let typed = restore_str(&short).text;
        if self.suggestions.get().is_none() {
            let suggestions = Suggestions::of(&self.corpus)?;
            // Another request may have built the table meanwhile.
            let _ = self.suggestions.set(suggestions);
        }
        Ok(self.suggestions.get().map(|suggestions| suggestions.begin(&typed, limit)).unwrap_or_default())
    }
}

impl Corpus {
    /// Parses, spell-checks and analyses the query.
    fn read(&self, request: &SearchRequest) -> Result<ParsedQuery, IndexError> {
        let short: String = request.query.chars().take(LONGEST).collect();
        let typed = restore_str(&short).text.trim().to_owned();
        let parsed = parse(&typed);
        let spelling = self.spell(&parsed.text, request.as_typed)?;
        let mut understood = understand(&spelling.text, &self.cutter, &self.lexicon, |word| {
            !self.names.places(word).is_empty()
        });
        // Where the catalogue is of items, the asker is no topic, unless nothing else is asked about.
        let is_topic = |term: &QueryTerm| !self.lexicon.everyday.contains(&term.word);
        if !request.as_typed && self.names.has_items() && understood.words.iter().any(is_topic) {
            understood.words.retain(is_topic);
            understood.let_some_word_match();
        }
        let organs: Vec<String> = understood
            .plain
            .split_whitespace()
            .filter(|word| self.names.is_organ(word) && !understood.organs.iter().any(|organ| organ == word))
            .map(str::to_owned)
            .collect();
        understood.organs.extend(organs);
        understood.traced = request.explain;
        for (word, others) in &spelling.alike {
            let same = understood.words.iter_mut().filter(|term| term.word == *word);
            same.for_each(|term| term.alike.clone_from(others));
        }
        for term in &mut understood.words {
            if request.as_typed || request.without_synonyms.contains(&term.word) {
                term.also.clear();
                term.alike.clear();
            }
        }
        // Without synonyms the words alone are to be measured.
        if !request.as_typed && request.without_synonyms.is_empty() {
            understood.known = self.known(&understood);
        }
        Ok(ParsedQuery { typed, parsed, spelling, understood })
    }

    fn marks(&self, read: &ParsedQuery) -> Marks {
        let mut words = read.understood.marks();
        words.extend(read.parsed.conditions.iter().filter_map(|one| one.mark().map(str::to_owned)));
        Marks { words, parts: read.understood.lesser_marks(&self.cutter) }
    }

    /// Entries that match and pass, best first, with the facets.
    fn narrowed(
        &self,
        read: &ParsedQuery,
        marks: &Marks,
        request: &SearchRequest,
    ) -> Result<QueryHits, IndexError> {
        let day = request.day();
        // With a filter on the legal status, entries not in force are shown too.
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

    /// Entry metadata of the hits.
    fn listed(&self, groups: &[Group], request: &SearchRequest) -> Vec<Vec<&EntryMeta>> {
        let cards = |same: Vec<&Group>| {
            same.iter().filter_map(|group| self.cards.get(group.entry)).map(Arc::as_ref).collect()
        };
        self.folded(groups, request.list_copies).into_iter().map(cards).collect()
    }

    /// Groups folded by duplicates, each at the position of its best.
    fn folded<'a>(&self, groups: &'a [Group], copies: bool) -> Vec<Vec<&'a Group>> {
        if copies {
            return groups.iter().map(|group| vec![group]).collect();
        }
        let folds = self.folds.get_or_init(|| DuplicateGroups::of(&self.cards));
        let mut indices: HashMap<usize, usize> = HashMap::new();
        let mut folded: Vec<Vec<&Group>> = Vec::new();
        for group in groups {
            poll();
            let index = *indices.entry(folds.leader(group.entry)).or_insert(folded.len());
            match folded.get_mut(index) {
                Some(same) => same.push(group),
                None => folded.push(vec![group]),
            }
        }
        folded
    }

    /// Entries that match and pass, best first. With `best_only`, only the re-ranked ones of a question.
    fn order(
        &self,
        read: &ParsedQuery,
        marks: &Marks,
        passes: &dyn Fn(&EntryMeta) -> bool,
        best_only: bool,
    ) -> Result<Vec<Group>, IndexError> {
        let understood = &read.understood;
        let is_selected = |entry: usize| self.cards.get(entry).is_some_and(|card| passes(card));
        let mut groups = if understood.is_empty() {
            self.everything(understood.traced)
        } else {
            self.groups(understood, &is_selected, best_only)?
        };
        groups.retain(|group| is_selected(group.entry));
        for text in &read.parsed.excluded {
            let holding = self.holding(text)?;
            groups.retain(|group| !holding.contains(&group.entry));
        }
        self.sort(&mut groups);
        if understood.strictness() == Strictness::Keywords && !understood.is_question() {
            self.prefer_near_titles(&mut groups, marks);
        }
        self.prefer_verbatim(understood, &mut groups)?;
        Ok(groups)
    }
}

/// A parsed query.
struct ParsedQuery {
    /// The query, cleaned and simplified.
    typed: String,
    parsed: Parsed,
    spelling: Spelling,
    understood: Understood,
}

/// Matches of a query.
struct QueryHits {
    groups: Vec<Group>,
    facets: BTreeMap<String, Vec<FacetValue>>,
}

impl ParsedQuery {
    /// The corrected query, if a typing error was corrected.
    fn did_you_mean(&self) -> Option<String> {
        let words = self.spelling.did_you_mean()?;
        Some(std::iter::once(words).chain(self.parsed.rest.iter().cloned()).collect::<Vec<_>>().join(" "))
    }
}
