//! The first phase of a sentence: term by term over the postings, scores gathered in one array a segment.
//!
//! A sentence has many terms and most of them say little. A term that a tenth of all parts have costs more than all
//! others together and tells nothing apart, so where enough others remain it is left to the second phase. What is
//! found is every part with enough of the terms that were read: a whole set, so that counts over it are exact.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TERMINATED, Term};

use crate::collect::Found;

/// BM25's saturation and length normalization.
pub(crate) const K1: f32 = 1.2;
pub(crate) const B: f32 = 0.75;
/// A term that more than this share of parts have is left out, where so many others remain.
const COMMON: f32 = 0.1;
const ENOUGH: usize = 3;

/// A term of the first phase.
#[derive(Clone, Debug)]
pub(crate) struct LooseTerm {
    pub(crate) field: Field,
    pub(crate) text: String,
    pub(crate) weight: f32,
    /// Scored by rarity alone, not by length and frequency.
    pub(crate) flat: bool,
    /// Counts towards how many have to be found.
    pub(crate) counts: bool,
}

/// How much it says that a term stands somewhere, when `with` of `all` have it.
pub(crate) fn rarity(all: f32, with: f32) -> f32 {
    (1.0 + (all.max(with) - with + 0.5) / (with + 0.5)).ln()
}

/// Every part with at least `needed` of the terms that count.
pub(crate) fn find(searcher: &Searcher, terms: &[LooseTerm], needed: u16) -> tantivy::Result<Vec<Found>> {
    let all = searcher.num_docs() as f32;
    let mut read: Vec<(Term, &LooseTerm, f32)> = Vec::with_capacity(terms.len());
    for term in terms {
        let key = Term::from_field_text(term.field, &term.text);
        let with = searcher.doc_freq(&key)? as f32;
        if with > 0.0 {
            read.push((key, term, with));
        }
    }
    let rare = read.iter().filter(|(_, term, with)| term.counts && *with <= all * COMMON).count();
    if rare >= ENOUGH {
        read.retain(|(_, _, with)| *with <= all * COMMON);
    }
    let needed = needed.min(u16::try_from(rare.max(1)).unwrap_or(u16::MAX)).max(1);
    let mut found = Vec::new();
    for segment in searcher.segment_readers() {
        let mut scores = vec![(0.0_f32, 0_u16); segment.max_doc() as usize];
        for (key, term, with) in &read {
            let index = segment.inverted_index(term.field)?;
            let Some(mut postings) = index.read_block_postings(key, IndexRecordOption::WithFreqs)? else {
                continue;
            };
            let idf = rarity(all, *with) * term.weight;
            let count = u16::from(term.counts);
            let norms = segment.get_fieldnorms_reader(term.field)?;
            let average = index.total_num_tokens() as f32 / segment.max_doc().max(1) as f32;
            let table = saturation(average);
            loop {
                let docs = postings.docs();
                if docs.is_empty() {
                    break;
                }
                for (doc, frequency) in docs.iter().zip(postings.freqs()) {
                    if *doc == TERMINATED {
                        break;
                    }
                    let score = if term.flat {
                        idf
                    } else {
                        let length = table.get(usize::from(norms.fieldnorm_id(*doc))).copied().unwrap_or(K1);
                        let frequency = *frequency as f32;
                        idf * frequency * (K1 + 1.0) / (frequency + length)
                    };
                    if let Some(slot) = scores.get_mut(*doc as usize) {
                        slot.0 += score;
                        slot.1 = slot.1.saturating_add(count);
                    }
                }
                postings.advance();
            }
        }
        let fast = segment.fast_fields();
        let (entries, parts) = (fast.u64("entry")?, fast.u64("part")?);
        let place = |column: &tantivy::columnar::Column<u64>, doc: u32| {
            column.first(doc).and_then(|value| usize::try_from(value).ok())
        };
        for (doc, (score, count)) in (0_u32..).zip(scores) {
            if count >= needed
                && score > 0.0
                && let (Some(entry), Some(part)) = (place(&entries, doc), place(&parts, doc))
            {
                found.push(Found { entry, part, score });
            }
        }
    }
    Ok(found)
}

/// What is added to the frequency below the line, by the id of a length.
fn saturation(average: f32) -> Vec<f32> {
    let of = |id: u8| K1 * (1.0 - B + B * FieldNormReader::id_to_fieldnorm(id) as f32 / average.max(1.0));
    (0..=u8::MAX).map(of).collect()
}
