//! Searching a generation: hits grouped by entry, with highlights and facets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use tantivy::{Index as TantivyIndex, IndexReader};
use zhaoren_policy::document::Document;

use crate::analyze::Cutter;
use crate::build::{read_beside, register};
use crate::collect::Places;
use crate::entry::{Card, EntryKind};
use crate::error::IndexError;
use crate::facet::{FacetValue, check, count, passes_all};
use crate::generation::{Manifest, path_of, verified};
use crate::highlight::Marks;
use crate::hit::Hit;
use crate::lexicon::Lexicon;
use crate::meaning::{Meaning, synonyms, through};
use crate::named::Names;
use crate::pointer::Pointer;
use crate::query::{Strictness, Understood, understand};
use crate::rank::Group;
use crate::schema::Fields;
use crate::spelling::Spelling;
use crate::suggest::Suggestions;
use crate::vocabulary::Vocabulary;

/// An open generation.
pub struct Index {
    pub(crate) cards: Vec<Card>,
    pub(crate) places: Arc<Places>,
    pub(crate) names: Names,
    pub(crate) lexicon: Lexicon,
    pub(crate) cutter: Cutter,
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    pub(crate) vocabulary: OnceLock<Vocabulary>,
    pub(crate) suggestions: OnceLock<Suggestions>,
    pub(crate) manifest: Manifest,
    number: u64,
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
    /// What was searched in its place, where a slip was corrected; `as_typed` searches what was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
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
        loop {
            let pointer = Pointer::read(root)?.ok_or_else(|| IndexError::Absent(root.to_owned()))?;
            match Self::open_generation(root, pointer.number) {
                // Others published so many meanwhile that this one was removed.
                Err(_) if Pointer::read(root)?.is_some_and(|now| now.number != pointer.number) => {}
                opened => return opened,
            }
        }
    }

    /// Opens one generation, every file compared with its manifest.
    ///
    /// # Errors
    /// When it is not there, or is damaged or of another version.
    pub fn open_generation(root: &Path, number: u64) -> Result<Self, IndexError> {
        let path = path_of(root, number);
        let manifest = verified(&path)?;
        let (cards, lexicon) = read_beside(&path)?;
        if lexicon.digest() != manifest.lexicon || cards.len() != manifest.entries {
            let reason = "lexicon or cards are not those of the index".to_owned();
            return Err(IndexError::Unfit { path, reason });
        }
        let places = Arc::new(Places::of(&cards, manifest.keys));
        let index = TantivyIndex::open_in_dir(&path)?;
        let cutter = Cutter::new(&lexicon);
        register(&index, &cutter);
        let reader = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        let names = Names::of(&cards);
        let fields = Fields::new();
        let vocabulary = OnceLock::new();
        let suggestions = OnceLock::new();
        Ok(Self {
            cards,
            places,
            names,
            lexicon,
            cutter,
            fields,
            reader,
            vocabulary,
            suggestions,
            manifest,
            number,
        })
    }

    /// The number of the open generation.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The lexicon that it was cut with.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Every entry by kind and id, with its revision and [`Entry::digest`](crate::Entry::digest).
    pub fn entries(&self) -> impl Iterator<Item = (EntryKind, &str, &str, &str)> {
        let cards = self.cards.iter();
        cards.map(|card| (card.kind, card.id.as_str(), card.revision.as_str(), card.digest.as_str()))
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
        let did_you_mean = spelling.did_you_mean();
        let mut meanings = spelling.meanings;
        meanings.extend(synonyms(&understood));
        for hit in &mut hits {
            hit.through = through(&meanings, hit);
        }
        let total = groups.len();
        Ok(SearchResponse { query: spelling.typed, understood: meanings, did_you_mean, total, hits, facets })
    }

    /// Ids of the best entries for a query, best first: what [`Index::search`] shows, without showing it.
    ///
    /// # Errors
    /// A failure of the engine underneath.
    pub fn ranked(&self, query: &str, limit: usize) -> Result<Vec<&str>, IndexError> {
        let request = SearchRequest { query: query.to_owned(), limit, ..SearchRequest::default() };
        let (_, understood) = self.read(&request)?;
        let groups = self.order(&understood, &self.marks(&understood), &[])?;
        let cards = groups.iter().take(limit).filter_map(|group| self.cards.get(group.entry));
        Ok(cards.map(|card| card.id.as_str()).collect())
    }

    /// What was typed, spelt out and understood.
    fn read(&self, request: &SearchRequest) -> Result<(Spelling, Understood), IndexError> {
        let spelling = self.spell(&request.query, request.as_typed)?;
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
        Ok(groups)
    }
}
