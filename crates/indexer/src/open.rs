//! Opening a generation: what is searched, ready made.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use serde_json::Value as Json;
use tantivy::directory::{Directory, MmapDirectory};
use tantivy::{Index as TantivyIndex, IndexReader, TantivyError};
use zhaoren_policy::document::Document;

use crate::additions::{Additions, UnionDirectory, segments};
use crate::analyze::Cutter;
use crate::build::{read_asked, read_beside, register};
use crate::collect::EntryPositions;
use crate::duplicates::DuplicateGroups;
use crate::entry::{Entry, EntryKind, EntryMeta};
use crate::error::IndexError;
use crate::generation::{Manifest, path_of, verified};
use crate::lexicon::Lexicon;
use crate::named::Names;
use crate::pointer::Pointer;
use crate::query_log::QueryLog;
use crate::rank::letters::CharacterStats;
use crate::rank::ranking_data::RankingData;
use crate::schema::Fields;
use crate::suggest::Suggestions;
use crate::vocabulary::Vocabulary;

/// An open generation.
pub struct Index {
    pub(crate) cards: Vec<Arc<EntryMeta>>,
    pub(crate) places: Arc<EntryPositions>,
    pub(crate) names: Names,
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) cutter: Cutter,
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    pub(crate) vocabulary: OnceLock<Vocabulary>,
    pub(crate) suggestions: OnceLock<Suggestions>,
    pub(crate) folds: OnceLock<DuplicateGroups>,
    /// Words of each field, by which scores are made.
    pub(crate) lengths: BTreeMap<String, u64>,
    pub(crate) footing: RankingData,
    pub(crate) asked: QueryLog,
    generated: GenerationFiles,
}

/// What of an index comes from its generation, whatever stands beside it.
#[derive(Clone)]
struct GenerationFiles {
    number: u64,
    manifest: Arc<Manifest>,
    /// Its mapped files stay readable when their folder is removed; what is read otherwise is kept.
    files: MmapDirectory,
    meta: Arc<Json>,
}

/// What an index is made over.
struct IndexParts {
    /// In order of kind and id.
    cards: Vec<Arc<EntryMeta>>,
    /// How many keys were given to them.
    keys: u64,
    lexicon: Arc<Lexicon>,
    cutter: Cutter,
    asked: QueryLog,
    census: CharacterStats,
    lengths: BTreeMap<String, u64>,
    files: Box<dyn Directory>,
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
        let (cards, lexicon, census) = read_beside(&path)?;
        if lexicon.digest() != manifest.lexicon || cards.len() != manifest.entries {
            let reason = "lexicon or cards are not those of the index".to_owned();
            return Err(IndexError::Unfit { path, reason });
        }
        let files = MmapDirectory::open(&path).map_err(TantivyError::from)?;
        let cutter = Cutter::new(&lexicon);
        let asked = read_asked(&path, &cards, &cutter, &lexicon)?;
        let keys = manifest.keys;
        let lengths = manifest.lengths.clone();
        let (over, meta) = (Box::new(UnionDirectory::alone(&files)), Arc::new(segments(&files)?));
        let whole = IndexParts {
            cards,
            keys,
            lexicon: Arc::new(lexicon),
            cutter,
            asked,
            census,
            lengths,
            files: over,
        };
        Self::of(whole, GenerationFiles { number, manifest: Arc::new(manifest), files, meta })
    }

    /// The same generation with `entries` beside it, held in memory alone: what the index made at once of both would be. Past
    /// questions lead to the entries of the generation only.
    ///
    /// # Errors
    /// A failure of the engine underneath.
    pub fn with(&self, entries: &[Entry]) -> Result<Self, IndexError> {
        let generated = self.generated.clone();
        let additions = Additions::of(entries, generated.manifest.keys, &self.cutter)?;
        let files = UnionDirectory::of(&generated.files, &generated.meta, &additions)?;
        let keys = generated.manifest.keys + additions.cards.len() as u64;
        let mut cards = self.cards.clone();
        cards.extend(additions.cards.iter().cloned());
        // Of equal hits the first card comes first; the order must not tell what was added.
        cards.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let places = EntryPositions::of(&cards, keys);
        let asked = self.asked.moved(|old| places.place(self.cards.get(old)?.key));
        let mut lengths = self.lengths.clone();
        for (field, more) in &additions.lengths {
            *lengths.entry(field.clone()).or_default() += more;
        }
        let census = self.footing.census.clone().with(&additions.census);
        let (lexicon, cutter, files) = (Arc::clone(&self.lexicon), self.cutter.clone(), Box::new(files));
        Self::of(IndexParts { cards, keys, lexicon, cutter, asked, census, lengths, files }, generated)
    }

    fn of(whole: IndexParts, generated: GenerationFiles) -> Result<Self, IndexError> {
        let IndexParts { cards, keys, lexicon, cutter, asked, census, lengths, files } = whole;
        let places = Arc::new(EntryPositions::of(&cards, keys));
        let index = TantivyIndex::open(files)?;
        register(&index, &cutter);
        let reader: IndexReader =
            index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        let names = Names::of(&cards);
        let fields = Fields::new();
        let footing = RankingData::of(&reader.searcher(), &fields, &cards, &places, census, &lengths)?;
        Ok(Self {
            cards,
            places,
            names,
            lexicon,
            cutter,
            fields,
            reader,
            vocabulary: OnceLock::new(),
            suggestions: OnceLock::new(),
            folds: OnceLock::new(),
            lengths,
            footing,
            asked,
            generated,
        })
    }

    /// Whether entries stand beside the generation.
    pub(crate) fn has_additions(&self) -> bool {
        self.cards.len() != self.generated.manifest.entries
    }

    /// The number of the open generation.
    pub fn number(&self) -> u64 {
        self.generated.number
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
        &self.generated.manifest
    }

    /// What was read of each document, with its id. Items are left out.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &Document)> {
        let documents = self.cards.iter().filter(|card| card.kind == EntryKind::Document);
        documents.map(|card| (card.id.as_str(), &card.document))
    }
}
