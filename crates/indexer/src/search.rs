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
use crate::generation::{Manifest, current};
use crate::highlight::Marks;
use crate::hit::Hit;
use crate::lexicon::Lexicon;
use crate::named::Names;
use crate::nothing::Nothing;
use crate::query::{Strictness, understand};
use crate::reading::Reading;
use crate::schema::Fields;
use crate::vocabulary::Vocabulary;

/// An open generation.
pub struct Index {
    pub(crate) cards: Vec<Card>,
    pub(crate) names: Names,
    pub(crate) lexicon: Lexicon,
    pub(crate) cutter: Cutter,
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
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
    /// Words that are to be taken as they stand: not read as synonyms, pinyin or slips.
    pub literal: Vec<String>,
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
    /// What typed words were also read as. Nothing typed is replaced by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// The query with what no text has put right, where that finds something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// Typed words that stand in no text and could not be read as another.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// Why nothing was found, and what to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nothing: Option<Nothing>,
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

    /// What is known by sight and by sound; made at the first call.
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary.get_or_init(|| Vocabulary::of(self))
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
        let understood = understand(
            &request.query,
            &self.cutter,
            &self.lexicon,
            |word| !self.names.places(word).is_empty(),
            |text, words| self.spelt(text, words, &request.literal),
            |text, words| self.readings(text, words, &request.literal),
        );
        let mut groups = if understood.is_empty() { self.everything() } else { self.groups(&understood)? };
        let unfiltered = groups.len();
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
            shown.filter_map(|group| self.hit(group, &marks, &understood).transpose()).collect();
        let unknown = self.unknown(&understood);
        let nothing = groups.is_empty().then(|| self.nothing(&understood, &unknown, unfiltered));
        Ok(SearchResponse {
            query: understood.text.clone(),
            total: groups.len(),
            hits: hits?,
            facets,
            did_you_mean: understood.corrected().filter(|_| !groups.is_empty()),
            readings: understood.readings().cloned().collect(),
            unknown,
            nothing,
        })
    }
}
