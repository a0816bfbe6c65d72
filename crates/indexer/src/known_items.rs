//! Items known to be about a question, with their bonuses. `rank::known` finds them and adds the bonuses to the scores.

use std::collections::BTreeMap;

/// Items known to be about a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KnownItems {
    /// Bonus by entry, relative to the best score of the words.
    weights: BTreeMap<usize, f32>,
    /// Texts of the question by which they are known, of each situation or name; not those of who asks.
    reasons: Vec<Vec<String>>,
}

impl KnownItems {
    /// True if there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// Raises the bonus of an entry to `weight` if it is lower.
    pub(crate) fn raise(&mut self, entry: usize, weight: f32) {
        let own = self.weights.entry(entry).or_default();
        *own = own.max(weight);
    }

    /// Entries with their bonuses, sorted by entry.
    pub(crate) fn weights(&self) -> impl Iterator<Item = (usize, f32)> {
        self.weights.iter().map(|(entry, weight)| (*entry, *weight))
    }

    /// Records the texts by which items are known to be the subject of the question.
    pub(crate) fn add_reason(&mut self, texts: Vec<String>) {
        self.reasons.push(texts);
    }

    /// True if the question has a subject beside `word`: 创业贷款 in a question of a 直播 company.
    pub(crate) fn has_subject_beside(&self, word: &str) -> bool {
        let overlaps = |text: &String| text.chars().any(|c| word.contains(c));
        self.reasons.iter().any(|texts| !texts.iter().any(overlaps))
    }
}
