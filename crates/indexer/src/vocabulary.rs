//! Vocabulary (词表): every word of the lexicon and of the index, by its readings.
//!
//! Built when a query first needs it: most queries are in characters and without typing errors.

use std::collections::{BTreeMap, HashMap, HashSet};

use tantivy::Searcher;
use tantivy::schema::Field;
use zhaoren_text::readings;

use crate::error::IndexError;
use crate::lexicon::Lexicon;
use crate::schema::Fields;

/// Maximum length of a word, in characters.
const LONGEST: usize = 12;
/// Maximum number of reading combinations kept per word: 重庆 has several.
const COMBINATIONS: usize = 8;
/// Maximum number of words kept that share a full reading: 景点 and 经典.
const SAME_READING: usize = 6;
/// Additional weight of a lexicon word.
const OWN: f32 = 100.0;
/// Weight of a word of titles and tags, per part that contains it.
const TITLED: f32 = 1.0;
/// Weight of a word that occurs only in texts, per part that contains it.
const MENTIONED: f32 = 0.001;

/// A word of the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VocabularyWord {
    pub(crate) word: String,
    /// Weight by which words of the same reading are ordered.
    pub(crate) weight: f32,
    /// True if it is in the lexicon or occurs in a title or tag.
    pub(crate) prominent: bool,
    /// True if it occurs in a title or tag.
    pub(crate) titled: bool,
    /// True if it occurs in the index at all.
    pub(crate) occurs: bool,
}

/// Weight and origins of a word.
#[derive(Default)]
struct WordSources {
    weight: f32,
    prominent: bool,
    titled: bool,
    occurs: bool,
}

/// Words by their readings.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    words: Vec<VocabularyWord>,
    prominent: HashSet<String>,
    /// Words by full reading, heaviest first, at most [`SAME_READING`].
    full: HashMap<String, Vec<usize>>,
    /// Best prominent word by initials.
    initials: HashMap<String, usize>,
    /// Prominent words by sound; similar readings share a key.
    sounds: HashMap<String, Vec<usize>>,
    /// Prominent words of four and more characters, by themselves and by each text with one character deleted.
    gaps: HashMap<String, Vec<usize>>,
    /// Stop words of one character by their reading: they hold a whole question in 拼音 together.
    fillers: HashMap<String, String>,
}

impl Vocabulary {
    /// Builds the vocabulary of the lexicon and an index.
    pub(crate) fn of(lexicon: &Lexicon, fields: &Fields, searcher: &Searcher) -> Result<Self, IndexError> {
        let mut weights: BTreeMap<String, WordSources> = BTreeMap::new();
        for (field, weight, prominent) in
            [(fields.title, TITLED, true), (fields.tags, TITLED, true), (fields.text, MENTIONED, false)]
        {
            for (word, count) in terms(searcher, field)? {
                let known = weights.entry(word).or_default();
                known.weight += count as f32 * weight;
                known.prominent |= prominent;
                known.titled |= prominent;
                known.occurs = true;
            }
        }
        let typed = lexicon.synonyms.iter().map(|synonym| &synonym.typed);
        let asked = lexicon.situations.iter().flat_map(|one| one.ways.iter().flatten());
        let others = lexicon
            .subjects
            .iter()
            .flatten()
            .chain(&lexicon.generic)
            .chain(&lexicon.everyday)
            .chain(&lexicon.support);
        for word in lexicon.words.iter().chain(typed).chain(&lexicon.stopwords).chain(asked).chain(others) {
            let known = weights.entry(word.clone()).or_default();
            known.weight += OWN;
            known.prominent = true;
        }
        let mut vocabulary = Self::default();
        for word in lexicon.stopwords.iter().chain(&lexicon.everyday).chain(&lexicon.generic) {
            if let Some(reading) = crate::character::single(word).and_then(|c| readings(c).into_iter().next())
            {
                vocabulary.fillers.entry(reading).or_insert_with(|| word.clone());
            }
        }
        for (word, WordSources { weight, prominent, titled, occurs }) in weights {
            let length = word.chars().count();
            if (2..=LONGEST).contains(&length) && word.chars().all(is_chinese) {
                vocabulary.add(VocabularyWord { word, weight, prominent, titled, occurs }, length);
            }
        }
        Ok(vocabulary)
    }

    fn add(&mut self, known: VocabularyWord, length: usize) {
        let index = self.words.len();
        for syllables in combinations(&known.word) {
            let full: String = syllables.concat();
            self.add_reading(full, index, known.weight);
            if known.prominent {
                let initials = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
                better(&mut self.initials, &self.words, initials, index, &known);
                put(&mut self.sounds, sound(&syllables), index);
            }
        }
        if known.prominent && length > 3 {
            for gap in without_one(&known.word) {
                put(&mut self.gaps, gap, index);
            }
            put(&mut self.gaps, known.word.clone(), index);
        }
        if known.prominent {
            self.prominent.insert(known.word.clone());
        }
        self.words.push(known);
    }

    /// Enters a word that is about to be added under a full reading.
    fn add_reading(&mut self, reading: String, index: usize, weight: f32) {
        let indices = self.full.entry(reading).or_default();
        if indices.contains(&index) {
            return;
        }
        let words = &self.words;
        let heavier = |other: &usize| words.get(*other).is_some_and(|known| known.weight >= weight);
        let at = indices.partition_point(heavier);
        indices.insert(at, index);
        indices.truncate(SAME_READING);
    }

    /// Best word with this reading.
    pub(crate) fn by_reading(&self, reading: &str) -> Option<&VocabularyWord> {
        self.all_by_reading(reading).next()
    }

    /// Words with this reading, heaviest first; at most six.
    pub(crate) fn all_by_reading(&self, reading: &str) -> impl Iterator<Item = &VocabularyWord> {
        let indices = self.full.get(reading).into_iter().flatten();
        indices.filter_map(|index| self.words.get(*index))
    }

    /// Best prominent word with these initials.
    pub(crate) fn by_initials(&self, letters: &str) -> Option<&VocabularyWord> {
        self.initials.get(letters).and_then(|index| self.words.get(*index))
    }

    /// Stop word of one character with this reading.
    pub(crate) fn filler(&self, reading: &str) -> Option<&str> {
        self.fillers.get(reading).map(String::as_str)
    }

    /// True if it is a word of the lexicon or occurs in a title or tag.
    pub(crate) fn is_prominent(&self, word: &str) -> bool {
        self.prominent.contains(word)
    }

    /// Prominent words with the same or a similar sound; see [`sound_of`].
    pub(crate) fn by_sound(&self, sound: &str) -> impl Iterator<Item = &VocabularyWord> {
        let indices = self.sounds.get(sound).into_iter().flatten();
        indices.filter_map(|index| self.words.get(*index))
    }

    /// Words that occur in titles and tags, including lexicon words.
    pub(crate) fn titled(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter(|known| known.titled).map(|known| known.word.as_str())
    }

    /// Prominent words of four and more characters that differ from this one by one character.
    pub(crate) fn by_slip(&self, word: &str) -> impl Iterator<Item = &VocabularyWord> {
        let mut keys = without_one(word);
        keys.push(word.to_owned());
        let mut indices: Vec<usize> =
            keys.iter().filter_map(|key| self.gaps.get(key)).flatten().copied().collect();
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().filter_map(|index| self.words.get(index))
    }
}

/// Words of a field with their document frequency.
fn terms(searcher: &Searcher, field: Field) -> Result<Vec<(String, u32)>, IndexError> {
    let mut found = Vec::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().stream().map_err(|error| IndexError::Engine(error.to_string()))?;
        while stream.advance() {
            if let Ok(word) = std::str::from_utf8(stream.key()) {
                found.push((word.to_owned(), stream.value().doc_freq));
            }
        }
    }
    Ok(found)
}

/// Enters a word under a key unless a heavier one is there.
fn better(
    table: &mut HashMap<String, usize>,
    words: &[VocabularyWord],
    key: String,
    place: usize,
    known: &VocabularyWord,
) {
    let before = table.get(&key).and_then(|before| words.get(*before));
    if before.is_none_or(|before| before.weight < known.weight) {
        table.insert(key, place);
    }
}

fn put(table: &mut HashMap<String, Vec<usize>>, key: String, index: usize) {
    let indices = table.entry(key).or_default();
    if indices.last() != Some(&index) {
        indices.push(index);
    }
}

pub(crate) fn is_chinese(c: char) -> bool {
    !readings(c).is_empty()
}

/// Syllables of a word, for each way of reading it; empty if a character has no reading.
pub(crate) fn combinations(word: &str) -> Vec<Vec<String>> {
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for c in word.chars() {
        let readings = readings(c);
        let mut longer = Vec::new();
        // The most common reading of each character comes first, so the combinations cut off are the least likely.
        for reading in &readings {
            for way in &ways {
                let mut way = way.clone();
                way.push(reading.clone());
                longer.push(way);
            }
        }
        longer.truncate(COMBINATIONS);
        ways = longer;
    }
    ways
}

/// Sound of syllables, with zh equal to z and ing equal to in.
fn sound(syllables: &[String]) -> String {
    syllables.iter().map(|syllable| flat(syllable)).collect()
}

/// Sound of a character by its most common reading; empty if it has none.
pub(crate) fn sound_of(c: char) -> String {
    readings(c).first().map(|syllable| flat(syllable)).unwrap_or_default()
}

fn flat(syllable: &str) -> String {
    let plain = syllable.replacen("zh", "z", 1).replacen("ch", "c", 1).replacen("sh", "s", 1);
    let plain = plain.strip_suffix('g').filter(|rest| rest.ends_with('n')).unwrap_or(&plain);
    format!("{plain} ")
}

/// The word with each of its characters deleted in turn.
fn without_one(word: &str) -> Vec<String> {
    let left_out = |(at, c): (usize, char)| {
        let (before, after) = word.split_at(at);
        format!("{before}{}", after.strip_prefix(c).unwrap_or_default())
    };
    let mut gaps: Vec<String> = word.char_indices().map(left_out).collect();
    gaps.dedup();
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_readings_have_one_sound() {
        let of = |word: &str| sound(combinations(word).first().unwrap_or(&Vec::new()));
        assert_eq!(of("高兴技术"), of("高新技术"));
        assert_eq!(of("资助"), of("滋阻"));
        assert_ne!(of("补助"), of("补贴"));
    }

    #[test]
    fn all_readings_are_tried() {
        let ways = combinations("重大");
        assert!(ways.contains(&vec!["zhong".to_owned(), "da".to_owned()]), "{ways:?}");
        assert!(ways.contains(&vec!["chong".to_owned(), "da".to_owned()]), "{ways:?}");
        assert!(combinations("a").is_empty());
        assert_eq!(without_one("甲乙丙"), ["乙丙", "甲丙", "甲乙"]);
    }
}
