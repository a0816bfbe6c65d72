//! Searching a generation: hits grouped by entry, with highlights and facets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use serde::Serialize;
use tantivy::{Index as TantivyIndex, IndexReader};
use zhaoren_policy::document::Document;

use crate::analyze::Cutter;
use crate::build::{read_beside, register};
use crate::entry::{Card, EntryKind};
use crate::error::IndexError;
use crate::facet::{FacetValue, check, count, passes_all};
use crate::forward::Forward;
use crate::generation::{Manifest, current};
use crate::highlight::Marks;
use crate::hit::Hit;
use crate::lexicon::Lexicon;
use crate::meaning::{Meaning, synonyms, through};
use crate::named::Names;
use crate::query::{Strictness, Understood, understand};
use crate::rank::{Group, led_by};
use crate::schema::Fields;
use crate::spelling::Spelling;
use crate::vocabulary::Vocabulary;

/// An open generation.
pub struct Index {
    pub(crate) cards: Vec<Card>,
    pub(crate) names: Names,
    pub(crate) lexicon: Lexicon,
    pub(crate) cutter: Cutter,
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    pub(crate) forward: Forward,
    pub(crate) vocabulary: OnceLock<Vocabulary>,
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
    /// Nothing is searched but what was typed: no readings, no synonyms, no corrections.
    pub as_typed: bool,
    /// Words whose synonyms are not searched.
    pub without: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResponse {
    /// The query as it was read: simplified, repaired.
    pub query: String,
    /// Parts of it that were searched as something else, or as something else too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub understood: Vec<Meaning>,
    /// How many entries match and pass.
    pub total: usize,
    /// The best of them.
    pub hits: Vec<Hit>,
    /// Over all of them, by facet.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

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
        Ok(Self {
            forward: Forward::open(&path, &cards)?,
            names: Names::of(&cards),
            cards,
            lexicon,
            cutter,
            fields: Fields::new(),
            reader,
            vocabulary: OnceLock::new(),
            manifest,
        })
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
        let (spelling, understood) = self.read(request)?;
        let marks = self.marks(&understood);
        let groups = self.order(&understood, &marks, &request.filters)?;
        let facets = count(groups.iter().filter_map(|group| self.cards.get(group.entry)));
        let shown = groups.iter().skip(request.offset).take(request.limit);
        let mut hits: Vec<Hit> =
            shown.filter_map(|group| self.hit(group, &marks).transpose()).collect::<Result<_, _>>()?;
        let mut meanings = spelling.meanings;
        meanings.extend(synonyms(&understood));
        for hit in &mut hits {
            hit.through = through(&meanings, hit);
        }
        let total = groups.len();
        Ok(SearchResponse { query: spelling.typed, understood: meanings, total, hits, facets })
    }

    /// Ids of the best entries for a query, best first, as [`Index::search`] orders them, without counting all that
    /// matches: no facets, no highlights, and of a sentence only the few hundred that both phases looked at.
    ///
    /// # Errors
    /// A failure of the engine underneath.
    pub fn ranked(&self, query: &str, limit: usize) -> Result<Vec<&str>, IndexError> {
        let request = SearchRequest { query: query.to_owned(), limit, ..SearchRequest::default() };
        let (_, understood) = self.read(&request)?;
        let groups = if self.in_two_phases(&understood) {
            self.best(&understood)?
        } else {
            self.order(&understood, &self.marks(&understood), &[])?
        };
        let cards = groups.iter().take(limit).filter_map(|group| self.cards.get(group.entry));
        Ok(cards.map(|card| card.id.as_str()).collect())
    }

    /// What was typed, spelt out and understood.
    fn read(&self, request: &SearchRequest) -> Result<(Spelling, Understood), IndexError> {
        let spelling = self.spell(&request.query, request.as_typed)?;
        let mut understood = understand(&spelling.text, &self.cutter, &self.lexicon, |word| {
            !self.names.places(word).is_empty()
        });
        for wanted in &mut understood.words {
            if request.as_typed || request.without.contains(&wanted.word) {
                wanted.also.clear();
            }
        }
        Ok((spelling, understood))
    }

    fn marks(&self, understood: &Understood) -> Marks {
        Marks { words: understood.marks(), parts: understood.lesser_marks(&self.cutter) }
    }

    /// Every entry that matches and passes, best first.
    fn order(
        &self,
        understood: &Understood,
        marks: &Marks,
        filters: &[(String, String)],
    ) -> Result<Vec<Group>, IndexError> {
        let mut groups = if understood.is_empty() { self.everything() } else { self.groups(understood)? };
        groups.retain(|group| self.cards.get(group.entry).is_some_and(|card| passes_all(card, filters)));
        self.sort(&mut groups);
        if understood.strictness() == Strictness::Keywords {
            self.prefer_near_titles(&mut groups, marks);
        }
        if self.in_two_phases(understood) {
            let mut best = self.best(understood)?;
            best.retain(|group| self.cards.get(group.entry).is_some_and(|card| passes_all(card, filters)));
            groups = led_by(best, groups);
        }
        Ok(groups)
    }
}
