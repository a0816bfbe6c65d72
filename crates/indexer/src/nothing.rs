//! A search that finds nothing says what was not found, and offers something.

use serde::Serialize;

use crate::query::Understood;
use crate::reading::{How, Reading};
use crate::search::Index;

/// Why nothing was found, and what to try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Nothing {
    /// The reason, in Chinese.
    pub reason: String,
    /// How many there would be without the filters.
    pub without_filters: usize,
    /// Searches that find something.
    pub offers: Vec<String>,
}

/// So many searches are offered.
const OFFERS: usize = 5;

impl Index {
    /// Words of a query that no text has and that were read as nothing else.
    pub(crate) fn unknown(&self, understood: &Understood) -> Vec<String> {
        let unread = understood.words.iter().filter(|wanted| wanted.readings.is_empty() && !wanted.place);
        let unread = unread.map(|wanted| &wanted.word);
        unread.filter(|word| self.frequency(word) == 0 && !self.occurs(word)).cloned().collect()
    }

    pub(crate) fn nothing(&self, understood: &Understood, unknown: &[String], unfiltered: usize) -> Nothing {
        let mut offers: Vec<String> = Vec::new();
        for wanted in &understood.words {
            let near = self.suggest(&wanted.word, OFFERS).into_iter().map(|one| one.text);
            offers.extend(near.filter(|text| *text != wanted.word));
        }
        let parts = understood.words.iter().flat_map(|wanted| self.cutter.split(&wanted.word));
        offers.extend(parts.filter(|part| self.frequency(part) > 0));
        if offers.is_empty() {
            // Nothing comes near: what the library is about.
            offers
                .extend(self.cards.iter().flat_map(|card| card.methods.iter().map(|(_, name)| name.clone())));
        }
        let mut seen = std::collections::BTreeSet::new();
        offers.retain(|offer| seen.insert(offer.clone()));
        offers.truncate(OFFERS);
        let quoted = |words: &[String]| {
            words.iter().map(|word| format!("“{word}”")).collect::<Vec<String>>().join("、")
        };
        let reason = if unfiltered > 0 {
            format!("有 {unfiltered} 条与所问相符，但都不满足筛选条件")
        } else if !understood.numbers.is_empty() {
            "库中没有这个文号的文件，也没有文件提到它".to_owned()
        } else if !unknown.is_empty() {
            format!("库中没有出现过 {}", quoted(unknown))
        } else if !understood.phrases.is_empty() {
            format!("没有一处连着写有 {}", quoted(&understood.phrases))
        } else {
            "所问的词各自出现过，但没有一处合在一起".to_owned()
        };
        Nothing { reason, without_filters: unfiltered, offers }
    }
}

impl Understood {
    /// Everything that was read as something else.
    pub(crate) fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.spelt.iter().chain(self.words.iter().flat_map(|wanted| &wanted.readings))
    }

    /// The query with its slips put right and its pinyin written out; `None` where there is nothing to put right.
    pub(crate) fn corrected(&self) -> Option<String> {
        let mut corrected = self.text.to_lowercase();
        let mut changed = false;
        let of_words = self.words.iter().filter_map(|wanted| wanted.readings.first());
        for reading in self.spelt.iter().chain(of_words).filter(|reading| reading.how != How::Synonym) {
            corrected = corrected.replacen(&reading.typed.to_lowercase(), &reading.meant, 1);
            changed = true;
        }
        changed.then_some(corrected)
    }
}
