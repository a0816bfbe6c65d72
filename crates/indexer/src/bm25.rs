//! BM25: its constants, its parts, and the accumulators of term-at-a-time scoring.

use tantivy::fieldnorm::FieldNormReader;

/// BM25's saturation and length normalization.
pub(crate) const K1: f32 = 1.2;
pub(crate) const B: f32 = 0.75;
/// Inverse document frequency (BM25) of a term that `with` of `all` parts contain.
pub(crate) fn rarity(all: f32, with: f32) -> f32 {
    (1.0 + (all.max(with) - with + 0.5) / (with + 0.5)).ln()
}

/// BM25 saturation, added to the frequency in the denominator, by field-norm id.
pub(crate) fn saturation(average: f32) -> Vec<f32> {
    let of = |id: u8| K1 * (1.0 - B + B * FieldNormReader::id_to_fieldnorm(id) as f32 / average.max(1.0));
    (0..=u8::MAX).map(of).collect()
}

/// Score accumulators of a segment, reused between searches: zeroed in between.
#[derive(Default)]
pub(crate) struct ScoreBuffer {
    pub(crate) slots: Vec<Slot>,
    /// Slots in use.
    pub(crate) touched: Vec<u32>,
}

/// Accumulated score of one part.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slot {
    pub(crate) score: f32,
    /// Share of learnt terms.
    pub(crate) learnt: f32,
    /// Number of matching terms that count.
    pub(crate) count: u32,
}
