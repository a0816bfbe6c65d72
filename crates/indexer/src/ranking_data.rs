//! Data for ranking questions, computed when a generation is opened: location and authority of each part, and its
//! characters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::Searcher;
use tantivy::schema::Field;

use crate::authority::Authorities;
use crate::bm25::{ScoreBuffer, saturation};
use crate::collect::EntryPositions;
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::letters::{CharacterStats, Letters};
use crate::schema::Fields;

/// Entry and part of a tantivy document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartLocation {
    /// Position of the entry.
    pub(crate) entry: u32,
    pub(crate) part: u32,
    /// Weight of its document.
    pub(crate) authority: f32,
}

/// Ranking data of an index.
pub(crate) struct RankingData {
    /// Part locations by segment, then by tantivy document.
    seats: Vec<Vec<PartLocation>>,
    letters: Vec<Letters>,
    /// Part 0 of each entry: segment and tantivy document.
    heads: Vec<Option<(u32, u32)>>,
    pub(crate) census: CharacterStats,
    pub(crate) authorities: Authorities,
    /// BM25 saturation by field, then by field-norm id.
    saturations: BTreeMap<u32, Vec<f32>>,
    /// Pool of idle score buffers.
    rooms: Mutex<Vec<ScoreBuffer>>,
}

impl RankingData {
    pub(crate) fn of(
        searcher: &Searcher,
        fields: &Fields,
        cards: &[Arc<EntryMeta>],
        places: &EntryPositions,
        census: CharacterStats,
        lengths: &BTreeMap<String, u64>,
    ) -> Result<Self, IndexError> {
        let authorities = Authorities::of(cards, searcher, fields)?;
        let (mut seats, mut letters) = (Vec::new(), Vec::new());
        let mut heads = vec![None; cards.len()];
        for (number, segment) in (0..).zip(searcher.segment_readers()) {
            let fast = segment.fast_fields();
            let (keys, parts) = (fast.u64("entry")?, fast.u64("part")?);
            // INVARIANT: every part has an entry and a number, so a collector that finds none there has met a part whose
            // entry was removed.
            let seat = |document| {
                let missing = |what: &str| {
                    IndexError::Engine(format!("segment {number}: part {document} has no sound `{what}`"))
                };
                let key = keys.first(document).ok_or_else(|| missing("entry"))?;
                let part = parts.first(document).and_then(|part| u32::try_from(part).ok());
                // A part that was removed has no card.
                let entry = places.place(key).unwrap_or(usize::MAX);
                Ok(PartLocation {
                    entry: u32::try_from(entry).unwrap_or(u32::MAX),
                    part: part.ok_or_else(|| missing("part"))?,
                    authority: authorities.weight(entry),
                })
            };
            let of_segment =
                (0..segment.max_doc()).map(seat).collect::<Result<Vec<PartLocation>, IndexError>>()?;
            for (document, seat) in (0..).zip(&of_segment).filter(|(_, seat)| seat.part == 0) {
                if let Some(head) = heads.get_mut(seat.entry as usize) {
                    *head = Some((number, document));
                }
            }
            seats.push(of_segment);
            letters.push(Letters::of(fast.u64("letters")?));
        }
        let parts = searcher.num_docs().max(1) as f32;
        let average = |field: Field| {
            let length = lengths.get(fields.schema.get_field_name(field)).copied().unwrap_or(0);
            (field.field_id(), saturation(length as f32 / parts))
        };
        let saturations = [fields.text, fields.pairs].map(average).into_iter().collect();
        Ok(Self { seats, letters, heads, census, authorities, saturations, rooms: Mutex::default() })
    }

    /// Parts of a segment.
    pub(crate) fn seats(&self, segment: usize) -> Option<&[PartLocation]> {
        self.seats.get(segment).map(Vec::as_slice)
    }

    /// Part 0 of an entry: segment and tantivy document.
    pub(crate) fn head(&self, entry: usize) -> Option<(u32, u32)> {
        self.heads.get(entry).copied().flatten()
    }

    /// Characters of a segment.
    pub(crate) fn letters(&self, segment: u32) -> Option<&Letters> {
        self.letters.get(segment as usize)
    }

    /// BM25 saturation, added to the frequency in the denominator, by field-norm id.
    pub(crate) fn saturation(&self, field: Field) -> &[f32] {
        self.saturations.get(&field.field_id()).map_or(&[], Vec::as_slice)
    }

    /// Takes a score buffer from the pool. One that is not given back, because the search failed, is dropped.
    pub(crate) fn room(&self) -> ScoreBuffer {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(crate) fn give_back(&self, room: ScoreBuffer) {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }
}
