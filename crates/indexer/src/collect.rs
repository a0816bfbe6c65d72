//! Collector of every match with its entry, clause and score.

use std::collections::BTreeMap;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader, Term};

use zhaoren_cancel::steps;

use crate::entry_meta::EntryMeta;

/// Positions of entries in the metadata list, by key.
pub(crate) struct EntryPositions(Vec<Option<u32>>);

impl EntryPositions {
    pub(crate) fn of(cards: &[Arc<EntryMeta>], keys: u64) -> Self {
        let mut positions = vec![None; usize::try_from(keys).unwrap_or(0)];
        for (position, card) in (0..).zip(cards) {
            if let Some(slot) = usize::try_from(card.key).ok().and_then(|key| positions.get_mut(key)) {
                *slot = Some(position);
            }
        }
        Self(positions)
    }

    /// Position of the entry with this key.
    pub(crate) fn place(&self, key: u64) -> Option<usize> {
        let place = self.0.get(usize::try_from(key).ok()?).copied().flatten()?;
        usize::try_from(place).ok()
    }
}

/// Field lengths used for scoring: those kept in the manifest.
pub(crate) struct Lengths<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) lengths: &'a BTreeMap<String, u64>,
}

impl Bm25StatisticsProvider for Lengths<'_> {
    /// tantivy only estimates the length of parts that were merged after deletions; the same texts would then score
    /// differently than in an index built in one pass.
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let name = self.searcher.schema().get_field_name(field);
        match self.lengths.get(name) {
            Some(length) => Ok(*length),
            None => Bm25StatisticsProvider::total_num_tokens(self.searcher, field),
        }
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Bm25StatisticsProvider::total_num_docs(self.searcher)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Bm25StatisticsProvider::doc_freq(self.searcher, term)
    }
}

/// One matching tantivy document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PartHit {
    pub(crate) entry: usize,
    /// 0 for the entry itself, n+1 for its clause n.
    pub(crate) part: usize,
    pub(crate) score: f32,
}

/// Collector of all matches.
pub(crate) struct All(pub(crate) Arc<EntryPositions>);

pub(crate) struct Segment {
    places: Arc<EntryPositions>,
    entry: Column<u64>,
    part: Column<u64>,
    found: Vec<PartHit>,
}

impl Collector for All {
    type Fruit = Vec<PartHit>;
    type Child = Segment;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let fields = reader.fast_fields();
        let positions = Arc::clone(&self.0);
        Ok(Segment {
            places: positions,
            entry: fields.u64("entry")?,
            part: fields.u64("part")?,
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<PartHit>>) -> tantivy::Result<Vec<PartHit>> {
        Ok(fruits.concat())
    }
}

/// Number of parts found between two checks for cancellation.
const BLOCK: usize = 256;

impl SegmentCollector for Segment {
    type Fruit = Vec<PartHit>;

    fn collect(&mut self, document: DocId, score: Score) {
        let entry = self.entry.first(document).and_then(|key| self.places.place(key));
        let part = self.part.first(document).and_then(|part| usize::try_from(part).ok());
        if let (Some(entry), Some(part)) = (entry, part) {
            self.found.push(PartHit { entry, part, score });
            if self.found.len().is_multiple_of(BLOCK) {
                steps(BLOCK as u64);
            }
        }
    }

    fn harvest(self) -> Vec<PartHit> {
        self.found
    }
}
