//! Searching a generation: hits grouped by entry, with highlights and facets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{Index as TantivyIndex, IndexReader, TantivyDocument, Term};
use zhaoren_policy::code::{CodeSystem, names};
use zhaoren_policy::document::Status;
use zhaoren_text::docno;

use crate::analyze::Cutter;
use crate::build::{read_beside, register};
use crate::collect::{All, Found};
use crate::entry::{Card, EntryKind, FACETS};
use crate::error::IndexError;
use crate::generation::{Manifest, current};
use crate::highlight::{Highlight, snippet, spans};
use crate::lexicon::Lexicon;
use crate::query::{Understood, understand};
use crate::schema::Fields;

/// An open generation.
pub struct Index {
    cards: Vec<Card>,
    lexicon: Lexicon,
    cutter: Cutter,
    fields: Fields,
    reader: IndexReader,
    manifest: Manifest,
}

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
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResponse {
    /// The query as it was read: simplified, repaired.
    pub query: String,
    /// How many entries match and pass.
    pub total: usize,
    /// The best of them.
    pub hits: Vec<Hit>,
    /// Over all of them, by facet.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

/// One entry that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Id of the entry.
    pub id: String,
    /// 标题.
    pub title: String,
    /// Document or item.
    pub kind: EntryKind,
    /// Orders hits; says nothing of truth.
    pub score: f32,
    /// 文号.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
    /// 效力状态.
    pub status: Status,
    /// The same, shown.
    pub status_name: &'static str,
    /// 文种, or 政策事项.
    pub kind_name: String,
    /// Region code.
    pub region: Option<String>,
    /// 公布日期.
    pub published: Option<jiff::civil::Date>,
    /// Best first.
    pub highlights: Vec<Highlight>,
    /// The clauses that match, best first.
    pub clauses: Vec<HitClause>,
}

/// A clause that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitClause {
    /// 第十一条（一）.
    pub article: String,
    /// Its heading's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// As it is filtered by.
    pub value: String,
    /// As it is shown.
    pub name: String,
    /// How many of the results have it.
    pub count: usize,
}

/// How many clauses of a hit are shown.
const SHOWN_CLAUSES: usize = 3;
/// Added for an entry whose own 文号 was typed.
const EXACT_NUMBER: f32 = 10_000.0;
/// Added for an entry whose 文号 begins with the organ typed, or that this organ issued.
const ORGAN: f32 = 100.0;
/// Added for an entry of the region typed.
const REGION: f32 = 4.0;

impl Index {
    /// Opens the current generation under `root`, every file compared with its manifest.
    ///
    /// # Errors
    /// When there is none, or it is damaged or of another version.
    pub fn open(root: &Path) -> Result<Self, IndexError> {
        let (path, manifest) = current(root)?;
        let (cards, lexicon) = read_beside(&path)?;
        if lexicon.digest() != manifest.lexicon || cards.len() != manifest.entries {
            let reason = "lexicon or cards are not those of the index".to_owned();
            return Err(IndexError::Unfit { path, reason });
        }
        let index = TantivyIndex::open_in_dir(&path)?;
        let cutter = Cutter::new(&lexicon);
        register(&index, &cutter);
        let reader = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        Ok(Self { cards, lexicon, cutter, fields: Fields::new(), reader, manifest })
    }

    /// What the open generation holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Searches.
    ///
    /// # Errors
    /// An unknown filter key, or a failure of the engine underneath. No query is an error.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse, IndexError> {
        for (key, _) in &request.filters {
            if key != "id" && !FACETS.contains(&key.as_str()) {
                let known = FACETS.join("、") + "、id";
                return Err(IndexError::UnknownFilter { key: key.clone(), known });
            }
        }
        let understood = understand(&request.query, &self.cutter, &self.lexicon);
        let mut groups = self.groups(&understood)?;
        groups.retain(|group| {
            self.cards.get(group.entry).is_some_and(|card| passes_all(card, &request.filters))
        });
        groups.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.entry.cmp(&b.entry)));
        let facets = self.facets(&groups);
        let marks = understood.marks();
        let shown = groups.iter().skip(request.offset).take(request.limit);
        let hits: Result<Vec<Hit>, IndexError> =
            shown.filter_map(|group| self.hit(group, &marks).transpose()).collect();
        Ok(SearchResponse { query: understood.text.clone(), total: groups.len(), hits: hits?, facets })
    }

    /// Every entry that matches, with its score and matching clauses.
    fn groups(&self, understood: &Understood) -> Result<Vec<Group>, IndexError> {
        let mut found: Vec<Found> = match understood.query(&self.fields, &self.cutter) {
            Some(query) => self.reader.searcher().search(&query, &All)?,
            None => Vec::new(),
        };
        // Best first, and the same on every machine.
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.entry, a.part).cmp(&(b.entry, b.part))));
        let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
        for one in found {
            let group = groups.entry(one.entry).or_insert_with(|| Group::new(one.entry));
            // The best part counts whole, the others add a little.
            group.score += if group.score == 0.0 { one.score } else { one.score * 0.05 };
            if let Some(clause) = one.part.checked_sub(1) {
                group.clauses.push(clause);
            }
        }
        for (entry, bonus) in self.named(understood) {
            groups.entry(entry).or_insert_with(|| Group::new(entry)).score += bonus;
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        for group in &mut groups {
            group.score *= self.cards.get(group.entry).map_or(1.0, prior);
        }
        Ok(groups)
    }

    /// Entries that the query names by number, organ or region, with what that adds.
    fn named(&self, understood: &Understood) -> Vec<(usize, f32)> {
        let mut named = Vec::new();
        let regions = names(CodeSystem::Region).codes(&understood.text);
        let issuer = understood.organ.as_ref().and_then(|organ| {
            self.lexicon.organs.iter().find(|(code, _)| code == organ).map(|(_, issuer)| issuer.as_str())
        });
        for (place, card) in self.cards.iter().enumerate() {
            let document = &card.document;
            if let Some(number) = document.number.as_deref().and_then(docno::parse) {
                if understood.numbers.contains(&number.key()) {
                    named.push((place, EXACT_NUMBER));
                }
                if understood.organ.as_ref().is_some_and(|organ| number.organ.starts_with(organ.as_str())) {
                    named.push((place, ORGAN));
                }
            }
            let issued =
                issuer.zip(document.issuer.as_deref()).is_some_and(|(short, long)| long.contains(short));
            if issued {
                named.push((place, ORGAN * 0.5));
            }
            if regions.iter().any(|code| document.region.as_deref() == Some(code.to_string().as_str())) {
                named.push((place, REGION));
            }
        }
        named
    }

    fn facets(&self, groups: &[Group]) -> BTreeMap<String, Vec<FacetValue>> {
        let mut facets = BTreeMap::new();
        for key in FACETS {
            let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
            for card in groups.iter().filter_map(|group| self.cards.get(group.entry)) {
                for value in card.facet(key) {
                    *counts.entry(value).or_default() += 1;
                }
            }
            let mut values: Vec<FacetValue> =
                counts.into_iter().map(|((value, name), count)| FacetValue { value, name, count }).collect();
            // A filter by region passes what lies below it too; its count says the same.
            if key == "region" {
                for value in &mut values {
                    let passes = |group: &&Group| {
                        self.cards.get(group.entry).is_some_and(|card| card.passes(key, &value.value))
                    };
                    value.count = groups.iter().filter(passes).count();
                }
            }
            values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            facets.insert(key.to_owned(), values);
        }
        facets
    }

    fn hit(&self, group: &Group, marks: &[String]) -> Result<Option<Hit>, IndexError> {
        let Some(card) = self.cards.get(group.entry) else { return Ok(None) };
        let text = self.text(group.entry)?;
        let mut highlights = Vec::new();
        let title_spans = spans(&card.title, marks);
        if !title_spans.is_empty() {
            let text = card.title.clone();
            highlights.push(Highlight {
                field: "title",
                text,
                spans: title_spans,
                article: None,
                source: None,
                original: None,
            });
        }
        let mut clauses = Vec::new();
        for clause in group.clauses.iter().filter_map(|&index| card.clauses.get(index)).take(SHOWN_CLAUSES) {
            clauses.push(HitClause { article: clause.article.clone(), heading: clause.heading.clone() });
            let own = text.get(clause.span.clone()).unwrap_or_default();
            highlights.extend(snippet(own, clause.span.start, marks, &clause.article));
        }
        if clauses.is_empty() {
            highlights.extend(snippet(&text, 0, marks, ""));
        }
        let kind_name = card.facet("kind").into_iter().next().map(|(_, name)| name).unwrap_or_default();
        Ok(Some(Hit {
            id: card.id.clone(),
            title: card.title.clone(),
            kind: card.kind,
            score: group.score,
            number: card.document.number.clone(),
            issuer: card.document.issuer.clone(),
            status: card.document.status,
            status_name: card.document.status.name(),
            kind_name,
            region: card.document.region.clone(),
            published: card.document.published,
            highlights,
            clauses,
        }))
    }

    /// The clean text of an entry.
    fn text(&self, entry: usize) -> Result<String, IndexError> {
        let searcher = self.reader.searcher();
        let by_entry =
            TermQuery::new(Term::from_field_u64(self.fields.entry, entry as u64), IndexRecordOption::Basic);
        let places = searcher.search(&by_entry, &tantivy::collector::DocSetCollector)?;
        let places: BTreeSet<_> = places.into_iter().collect();
        for place in places {
            let document: TantivyDocument = searcher.doc(place)?;
            if let Some(text) =
                document.get_first(self.fields.stored).and_then(|value| value.as_str().map(str::to_owned))
            {
                return Ok(text);
            }
        }
        Ok(String::new())
    }
}

/// An entry that matches.
struct Group {
    entry: usize,
    score: f32,
    /// Matching clauses, best first.
    clauses: Vec<usize>,
}

impl Group {
    fn new(entry: usize) -> Self {
        Self { entry, score: 0.0, clauses: Vec::new() }
    }
}

/// Whether a card passes every key; of several values of one key any is enough.
fn passes_all(card: &Card, filters: &[(String, String)]) -> bool {
    filters
        .iter()
        .all(|(key, _)| filters.iter().any(|(other, value)| other == key && card.passes(key, value)))
}

/// What is in force before what is not, and what can be claimed a little before what cannot.
fn prior(card: &Card) -> f32 {
    let status = match card.document.status {
        Status::InForce => 1.0,
        Status::Draft => 0.85,
        Status::Expired => 0.7,
        Status::Repealed => 0.6,
    };
    if card.kind == EntryKind::Item { status * 1.1 } else { status }
}
