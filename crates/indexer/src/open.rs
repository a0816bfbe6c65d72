//! An open generation with its in-memory structures.

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
use crate::corpus::Corpus;
use crate::entry::{Entry, EntryKind};
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::generation::{Manifest, path_of, verified};
use crate::letters::CharacterStats;
use crate::lexicon::Lexicon;
use crate::named::Names;
use crate::pointer::Pointer;
use crate::query_log::QueryLog;
use crate::ranking_data::RankingData;
use crate::schema::Fields;
use crate::suggest::Suggestions;

/// An open generation.
pub struct Index {
    pub(crate) corpus: Corpus,
    /// Built at the first request.
    pub(crate) suggestions: OnceLock<Suggestions>,
    generated: GenerationFiles,
}

/// The parts of an index that come from its generation, without additions.
#[derive(Clone)]
struct GenerationFiles {
    number: u64,
    manifest: Arc<Manifest>,
    /// Directory of the files: mapped ones stay readable after their folder is removed; the content of others is kept.
    files: MmapDirectory,
    meta: Arc<Json>,
}

/// Components of an index.
struct IndexParts {
    /// Entry metadata in order of kind and id.
    cards: Vec<Arc<EntryMeta>>,
    /// Number of entry keys assigned.
    keys: u64,
    lexicon: Arc<Lexicon>,
    cutter: Cutter,
    asked: QueryLog,
    census: CharacterStats,
    lengths: BTreeMap<String, u64>,
    files: Box<dyn Directory>,
}

impl Index {
    /// Opens the current generation under `root` and verifies every file by its manifest.
    ///
    /// # Errors
    /// There is no generation, or it is damaged or of another version.
    pub fn open(root: &Path) -> Result<Self, IndexError> {
        loop {
            let pointer = Pointer::read(root)?.ok_or_else(|| IndexError::NotBuilt(root.to_owned()))?;
            match Self::open_generation(root, pointer.number) {
                // Other builds published so many generations meanwhile that this one was removed.
                Err(_) if Pointer::read(root)?.is_some_and(|now| now.number != pointer.number) => {}
                opened => return opened,
            }
        }
    }

    /// Opens one generation and verifies every file by its manifest.
    ///
    /// # Errors
    /// The generation does not exist, is damaged or is of another version.
    pub fn open_generation(root: &Path, number: u64) -> Result<Self, IndexError> {
        let path = path_of(root, number);
        let manifest = verified(&path)?;
        let (cards, lexicon, census) = read_beside(&path)?;
        if lexicon.digest() != manifest.lexicon || cards.len() != manifest.entries {
            let reason = "lexicon or cards are not those of the index".to_owned();
            return Err(IndexError::Incompatible { path, reason });
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

    /// The same generation with additional `entries`, held in memory only; equal to an index built from both in one pass.
    /// Past questions lead to the entries of the generation only.
    ///
    /// # Errors
    /// A failure of tantivy.
    pub fn with_entries(&self, entries: &[Entry]) -> Result<Self, IndexError> {
        let generated = self.generated.clone();
        let additions = Additions::of(entries, generated.manifest.keys, &self.corpus.cutter)?;
        let files = UnionDirectory::of(&generated.files, &generated.meta, &additions)?;
        let keys = generated.manifest.keys + additions.cards.len() as u64;
        let mut cards = self.corpus.cards.clone();
        cards.extend(additions.cards.iter().cloned());
        // Ties between hits are broken by this order; it must not reveal the additions.
        cards.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let positions = EntryPositions::of(&cards, keys);
        let query_log = self.corpus.asked.moved(|old| positions.place(self.corpus.cards.get(old)?.key));
        let mut lengths = self.corpus.lengths.clone();
        for (field, more) in &additions.lengths {
            *lengths.entry(field.clone()).or_default() += more;
        }
        let census = self.corpus.footing.census.clone().with(&additions.census);
        let (lexicon, cutter, files) =
            (Arc::clone(&self.corpus.lexicon), self.corpus.cutter.clone(), Box::new(files));
        Self::of(
            IndexParts { cards, keys, lexicon, cutter, asked: query_log, census, lengths, files },
            generated,
        )
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
        let corpus = Corpus {
            cards,
            places,
            names,
            lexicon,
            cutter,
            fields,
            reader,
            vocabulary: OnceLock::new(),
            folds: OnceLock::new(),
            lengths,
            footing,
            asked,
        };
        Ok(Self { corpus, suggestions: OnceLock::new(), generated })
    }

    /// True if the index has additions.
    pub(crate) fn has_additions(&self) -> bool {
        self.corpus.cards.len() != self.generated.manifest.entries
    }

    /// The number of the open generation.
    pub fn number(&self) -> u64 {
        self.generated.number
    }

    /// Lexicon that the generation was cut with.
    pub fn lexicon(&self) -> &Lexicon {
        &self.corpus.lexicon
    }

    /// Kind, id, revision and [`Entry::digest`](crate::Entry::digest) of every entry.
    pub fn entries(&self) -> impl Iterator<Item = (EntryKind, &str, &str, &str)> {
        let cards = self.corpus.cards.iter();
        cards.map(|card| (card.kind, card.id.as_str(), card.revision.as_str(), card.digest.as_str()))
    }

    /// Manifest of the open generation.
    pub fn manifest(&self) -> &Manifest {
        &self.generated.manifest
    }

    /// Metadata of each document, with its id. Items are left out.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &Document)> {
        let documents = self.corpus.cards.iter().filter(|card| card.kind == EntryKind::Document);
        documents.map(|card| (card.id.as_str(), &card.document))
    }
}
