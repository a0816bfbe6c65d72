//! The first phase of a question (retrieval): term-at-a-time over the postings, scores accumulated in one array a segment.
//!
//! A question has many terms, most of them of little weight. The most frequent ones cost more than all others together
//! and discriminate nothing; they are left to the second phase.

use tantivy::Term;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};

use crate::bm25::{K1, Slot, rarity};
use crate::corpus::Corpus;
use crate::ranking_data::RankingData;

/// Number of parts up to which a term is never too common.
const FEW: f32 = 1_000.0;
/// Factor from units of the second phase to those of the first, for contributions that occur in both.
pub(crate) const SECOND: f32 = 0.65;

/// A term of the first phase.
#[derive(Clone, Debug)]
pub(crate) struct WideTerm {
    pub(crate) field: Field,
    pub(crate) text: String,
    pub(crate) weight: f32,
    /// Scored by rarity alone, not by length and frequency.
    pub(crate) flat: bool,
    /// Counts towards the minimum number of matching terms.
    pub(crate) counts: bool,
    /// Not typed, but learnt from past questions.
    pub(crate) learnt: bool,
    /// Maximum share of parts that contain it; a more common term is skipped.
    pub(crate) common: f32,
}

/// A part found by the first phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) segment: u32,
    pub(crate) document: u32,
    pub(crate) entry: u32,
    pub(crate) part: u32,
    /// Number of matching terms that count.
    pub(crate) count: u32,
    /// Share of learnt terms in its score, in units of the second phase.
    pub(crate) learnt: f32,
    pub(crate) score: f32,
}

/// A term with its postings in every segment.
struct TermPostings<'a> {
    term: &'a WideTerm,
    infos: Vec<Option<TermInfo>>,
    with: u64,
}

/// Every part with any of the terms, unordered, and the document frequency of each term.
pub(crate) fn find(
    corpus: &Corpus,
    footing: &RankingData,
    terms: &[WideTerm],
) -> tantivy::Result<(Vec<Candidate>, Vec<u64>)> {
    let searcher = corpus.reader.searcher();
    let segments = searcher.segment_readers();
    let all = searcher.num_docs() as f32;
    let mut reads = Vec::with_capacity(terms.len());
    for term in terms {
        let key = Term::from_field_text(term.field, &term.text);
        let infos: Vec<Option<TermInfo>> = segments
            .iter()
            .map(|segment| segment.inverted_index(term.field)?.get_term_info(&key).map_err(Into::into))
            .collect::<tantivy::Result<_>>()?;
        let with = infos.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
        reads.push(TermPostings { term, infos, with });
    }
    let spread = reads.iter().map(|read| read.with).collect();
    rare(&mut reads, all);
    let mut room = footing.room();
    let mut found = Vec::new();
    for (number, segment) in segments.iter().enumerate() {
        let Some(seats) = footing.seats(number) else { continue };
        room.slots.resize(room.slots.len().max(seats.len()), Slot::default());
        for read in &reads {
            let Some(info) = read.infos.get(number).and_then(Option::as_ref) else { continue };
            let inverted = segment.inverted_index(read.term.field)?;
            let says = rarity(all, read.with as f32) * read.term.weight;
            let count = u32::from(read.term.counts);
            let learnt = if read.term.learnt { 1.0 / SECOND } else { 0.0 };
            let norms = segment.get_fieldnorms_reader(read.term.field)?;
            let below = footing.saturation(read.term.field);
            let mut postings =
                inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            while !postings.docs().is_empty() {
                for (document, frequency) in postings.docs().iter().zip(postings.freqs()) {
                    let score = if read.term.flat {
                        says
                    } else {
                        let frequency = *frequency as f32;
                        let below =
                            below.get(usize::from(norms.fieldnorm_id(*document))).copied().unwrap_or(K1);
                        says * frequency * (K1 + 1.0) / (frequency + below)
                    };
                    if let Some(slot) = room.slots.get_mut(*document as usize) {
                        if slot.score == 0.0 {
                            room.touched.push(*document);
                        }
                        slot.score += score;
                        slot.learnt += score * learnt;
                        slot.count += count;
                    }
                }
                postings.advance();
            }
        }
        for document in room.touched.drain(..) {
            let Some(slot) = room.slots.get_mut(document as usize) else { continue };
            let Slot { score, learnt, count } = std::mem::take(slot);
            if let Some(seat) = seats.get(document as usize)
                && seat.entry != u32::MAX
            {
                found.push(Candidate {
                    segment: u32::try_from(number).unwrap_or(u32::MAX),
                    document,
                    entry: seat.entry,
                    part: seat.part,
                    count,
                    learnt,
                    score: score + SECOND * seat.authority,
                });
            }
        }
    }
    footing.give_back(room);
    Ok((found, spread))
}

/// Drops terms that no part contains and those that are too common; the rarest is always kept.
fn rare(reads: &mut Vec<TermPostings<'_>>, all: f32) {
    reads.retain(|read| read.with > 0);
    let rarest = reads.iter().map(|read| read.with).min();
    reads.retain(|read| {
        let with = read.with as f32;
        with <= (all * read.term.common).max(FEW) || Some(read.with) == rarest
    });
}
