//! Collecting every match with its entry, clause and score.

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// One matching tantivy document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) entry: usize,
    /// 0 for the entry itself, n+1 for its clause n.
    pub(crate) part: usize,
    pub(crate) score: f32,
}

/// Collects all matches.
pub(crate) struct All;

pub(crate) struct Segment {
    entry: Column<u64>,
    part: Column<u64>,
    found: Vec<Found>,
}

impl Collector for All {
    type Fruit = Vec<Found>;
    type Child = Segment;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let fields = reader.fast_fields();
        Ok(Segment { entry: fields.u64("entry")?, part: fields.u64("part")?, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, fruits: Vec<Vec<Found>>) -> tantivy::Result<Vec<Found>> {
        Ok(fruits.concat())
    }
}

impl SegmentCollector for Segment {
    type Fruit = Vec<Found>;

    fn collect(&mut self, document: DocId, score: Score) {
        let value =
            |column: &Column<u64>| column.first(document).and_then(|value| usize::try_from(value).ok());
        if let (Some(entry), Some(part)) = (value(&self.entry), value(&self.part)) {
            self.found.push(Found { entry, part, score });
        }
    }

    fn harvest(self) -> Vec<Found> {
        self.found
    }
}
