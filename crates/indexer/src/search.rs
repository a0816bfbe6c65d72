//! Searching a generation: hits grouped by entry, with highlights and facets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use tantivy::query::{Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{Index as TantivyIndex, IndexReader, TantivyDocument, Term};
use zhaoren_policy::document::{Document, Level, Status};

use crate::analyze::Cutter;
use crate::build::{read_beside, register};
use crate::collect::{All, Found};
use crate::entry::{Card, EntryKind};
use crate::error::IndexError;
use crate::facet::{FacetValue, check, count, passes_all};
use crate::generation::{Manifest, current};
use crate::highlight::{Highlight, Marks};
use crate::lexicon::Lexicon;
use crate::named::Names;
use crate::query::{Ground, Strictness, Understood, understand};
use crate::schema::Fields;

/// An open generation.
pub struct Index {
    cards: Vec<Card>,
    names: Names,
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
    /// 层级.
    pub level: Option<Level>,
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
    /// Bytes of the entry's clean text.
    pub span: (usize, usize),
}

/// How many clauses of a hit are shown.
const SHOWN_CLAUSES: usize = 3;
/// How many parts of an entry beside its best add to its score, and how much each.
const OTHER_PARTS: usize = 4;
const OTHER_PART: f32 = 0.05;
/// How many of the best are looked at again, and how much a title that is all keywords adds, in proportion.
const RESCORED: usize = 200;
const NEAR_TITLE: f32 = 0.5;
/// How much the lesser of title and best clause adds to the other.
const TITLE_AND_CLAUSE: f32 = 0.3;

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
        Ok(Self { names: Names::of(&cards), cards, lexicon, cutter, fields: Fields::new(), reader, manifest })
    }

    /// What the open generation holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What was read of each document, with its id. Items are left out.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &Document)> {
        let documents = self.cards.iter().filter(|card| card.kind == EntryKind::Document);
        documents.map(|card| (card.id.as_str(), &card.document))
    }

    /// Searches.
    ///
    /// # Errors
    /// An unknown filter key, or a failure of the engine underneath. No query is an error.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse, IndexError> {
        check(&request.filters)?;
        let understood = understand(&request.query, &self.cutter, &self.lexicon, |word| {
            !self.names.places(word).is_empty()
        });
        let mut groups = if understood.is_empty() { self.everything() } else { self.groups(&understood)? };
        groups.retain(|group| {
            self.cards.get(group.entry).is_some_and(|card| passes_all(card, &request.filters))
        });
        self.sort(&mut groups);
        let marks = Marks { words: understood.marks(), parts: understood.lesser_marks(&self.cutter) };
        if understood.strictness() == Strictness::Keywords {
            self.prefer_near_titles(&mut groups, &marks);
        }
        let facets = count(groups.iter().filter_map(|group| self.cards.get(group.entry)));
        let shown = groups.iter().skip(request.offset).take(request.limit);
        let hits: Result<Vec<Hit>, IndexError> =
            shown.filter_map(|group| self.hit(group, &marks).transpose()).collect();
        Ok(SearchResponse { query: understood.text.clone(), total: groups.len(), hits: hits?, facets })
    }

    /// Best first, of equals the newest, and the same on every machine.
    fn sort(&self, groups: &mut [Group]) {
        let published = |group: &Group| self.cards.get(group.entry).and_then(|card| card.document.published);
        groups.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| published(b).cmp(&published(a)))
                .then(a.entry.cmp(&b.entry))
        });
    }

    /// Adds to the best of the groups by how much of its title the keywords are: 专精特新 is rather
    /// 专精特新中小企业认定 than a loan that such enterprises can have.
    fn prefer_near_titles(&self, groups: &mut [Group], marks: &Marks) {
        for group in groups.iter_mut().take(RESCORED) {
            if let Some(title) = self.cards.get(group.entry).map(|card| &card.title) {
                let covered: usize = marks.spans(title).iter().map(|(start, end)| end - start).sum();
                group.score *= 1.0 + NEAR_TITLE * covered as f32 / title.len().max(1) as f32;
            }
        }
        // INVARIANT: scores only grew, so none of the rescored falls behind one that was not.
        self.sort(groups);
    }

    /// Every entry, for a query of nothing: what the filters leave is then a shelf to look through.
    fn everything(&self) -> Vec<Group> {
        let prior = |(entry, card)| Group { entry, score: prior(card), clauses: Vec::new() };
        self.cards.iter().enumerate().map(prior).collect()
    }

    /// Every entry that matches, with its score and matching clauses.
    fn groups(&self, understood: &Understood) -> Result<Vec<Group>, IndexError> {
        let strictness = understood.strictness();
        let named = self.names.named(understood, &self.lexicon);
        let searcher = self.reader.searcher();
        let entries = self.cards.len() as f32;
        let rarity = |field: Field, word: &str| {
            let with = searcher.doc_freq(&Term::from_field_text(field, word)).unwrap_or(0) as f32;
            (1.0 + (entries.max(with) - with + 0.5) / (with + 0.5)).ln()
        };
        let ground = Ground { fields: &self.fields, cutter: &self.cutter, rarity: &rarity };
        let mut found = self.find(understood.query(strictness, ground))?;
        if found.is_empty() && named.outright.is_empty() {
            // A 代字 that no text knows may be a word after all; and few words may be a short sentence.
            let mut ways = vec![Strictness::Sentence];
            if understood.is_organ() {
                ways.insert(0, strictness);
            }
            for way in ways {
                if found.is_empty() {
                    found = self.find(understood.words_query(way, ground))?;
                }
            }
        }
        let mut groups = grouped(found);
        for (entry, bonus) in named.outright {
            groups.entry(entry).or_insert_with(|| Group::new(entry)).score += bonus;
        }
        for (entry, bonus) in named.beside {
            if let Some(group) = groups.get_mut(&entry) {
                group.score += bonus;
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        for group in &mut groups {
            group.score *= self.cards.get(group.entry).map_or(1.0, prior);
        }
        Ok(groups)
    }

    fn find(&self, query: Option<Box<dyn Query>>) -> Result<Vec<Found>, IndexError> {
        match query {
            Some(query) => Ok(self.reader.searcher().search(&query, &All)?),
            None => Ok(Vec::new()),
        }
    }

    fn hit(&self, group: &Group, marks: &Marks) -> Result<Option<Hit>, IndexError> {
        let Some(card) = self.cards.get(group.entry) else { return Ok(None) };
        let text = self.text(group.entry)?;
        let mut highlights = Vec::new();
        let title_spans = marks.spans(&card.title);
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
            clauses.push(HitClause {
                article: clause.article.clone(),
                heading: clause.heading.clone(),
                span: (clause.span.start, clause.span.end),
            });
            let own = text.get(clause.span.clone()).unwrap_or_default();
            highlights.extend(marks.snippet(own, clause.span.start, &clause.article));
        }
        if clauses.is_empty() {
            highlights.extend(marks.snippet(&text, 0, ""));
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
            level: card.document.level,
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

/// Parts by entry. The best part counts whole, the others add a little.
fn grouped(mut found: Vec<Found>) -> BTreeMap<usize, Group> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.entry, a.part).cmp(&(b.entry, b.part))));
    let mut parts: BTreeMap<usize, Vec<Found>> = BTreeMap::new();
    for one in found {
        parts.entry(one.entry).or_default().push(one);
    }
    let group = |(entry, parts): (usize, Vec<Found>)| {
        let best = parts.first().map_or(0.0, |best| best.score);
        // INVARIANT: the parts are sorted, so the first of the other kind is its best.
        let other_kind =
            parts.iter().find(|one| (one.part == 0) != parts.first().is_some_and(|b| b.part == 0));
        let beside: f32 = parts.iter().skip(1).take(OTHER_PARTS).map(|one| one.score * OTHER_PART).sum();
        let score = best + beside + other_kind.map_or(0.0, |one| one.score * TITLE_AND_CLAUSE);
        let clauses = parts.iter().filter_map(|one| one.part.checked_sub(1)).collect();
        (entry, Group { entry, score, clauses })
    };
    parts.into_iter().map(group).collect()
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
