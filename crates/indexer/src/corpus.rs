//! The searchable content of an open generation. Ranking, spelling and display read it and know nothing of the files.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use tantivy::IndexReader;

use crate::analyze::Cutter;
use crate::collect::EntryPositions;
use crate::duplicates::DuplicateGroups;
use crate::entry_meta::EntryMeta;
use crate::lexicon::Lexicon;
use crate::named::Names;
use crate::query_log::QueryLog;
use crate::ranking_data::RankingData;
use crate::schema::Fields;
use crate::vocabulary::Vocabulary;

/// Entries of an open generation, with the structures that a search reads.
pub(crate) struct Corpus {
    pub(crate) cards: Vec<Arc<EntryMeta>>,
    pub(crate) places: Arc<EntryPositions>,
    pub(crate) names: Names,
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) cutter: Cutter,
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    pub(crate) vocabulary: OnceLock<Vocabulary>,
    pub(crate) folds: OnceLock<DuplicateGroups>,
    /// Length of each field in words, used for scoring.
    pub(crate) lengths: BTreeMap<String, u64>,
    pub(crate) footing: RankingData,
    pub(crate) asked: QueryLog,
}
