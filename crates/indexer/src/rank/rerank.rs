//! The second phase of a question (re-ranking): the best parts of the first phase are scored by character.
//!
//! The score of a part is a sum of the features in [`ScoreFeatures`]. The weights were fitted on lay questions about
//! statutes (500 of them, listwise logistic loss over the best 500 parts of the first phase, cross-validated), and are
//! in units of the weight of characters.

use zhaoren_cancel::steps;

use crate::bm25::{B, K1, rarity};
use crate::letters::{CharacterStats, GAP, PACKED, letter};

/// Weight of query words, matched in the text however it was cut.
const WORDS: f32 = 0.47;
/// Weight of character pairs.
const PAIRS: f32 = 0.35;

/// Names of the features that are sums over terms.
pub(crate) const WORDS_NAME: &str = "词";
pub(crate) const PAIRS_NAME: &str = "相邻两字";
pub(crate) const CHARACTERS_NAME: &str = "单字";

/// Features whose sum is the score of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ScoreFeatures {
    /// Words of the query in text and title.
    pub(crate) words: f32,
    /// Pairs of characters.
    pub(crate) pairs: f32,
    /// Single characters.
    pub(crate) characters: f32,
    /// Weight of the document, independent of the query.
    pub(crate) authority: f32,
    /// Score of words that past questions lead to.
    pub(crate) learnt: f32,
    /// Bonus of an entry that answered a similar past question.
    pub(crate) asked: f32,
    /// Support by other hits of the document.
    pub(crate) company: f32,
}

impl ScoreFeatures {
    /// The score.
    pub(crate) fn sum(&self) -> f32 {
        self.each().iter().map(|(_, value)| value).sum()
    }

    /// Every feature with its name.
    pub(crate) fn each(&self) -> [(&'static str, f32); 7] {
        [
            (WORDS_NAME, self.words),
            (PAIRS_NAME, self.pairs),
            (CHARACTERS_NAME, self.characters),
            ("问答记录所指的词", self.learnt),
            ("以往相近问题的答案", self.asked),
            ("文件的权威", self.authority),
            ("同一文件的其他命中", self.company),
        ]
    }
}

/// Maximum number of distinct characters of a query.
const DISTINCT: usize = 250;
const LETTERS: usize = 1 << 16;

/// A query prepared for scoring by character.
pub(crate) struct QueryProfile {
    /// Number of each query character, from 1; 0 for all others.
    numbers: Box<[u8; LETTERS]>,
    /// Weight of each numbered character.
    characters: Vec<f32>,
    /// Number of each pair, from 1, by the numbers of its characters; 0 if the query has no such pair.
    pair_numbers: Vec<u16>,
    pairs: Vec<f32>,
    words: Vec<Sought>,
    /// Words by their first pair.
    by_pair: Vec<Vec<u16>>,
    average: f32,
}

/// A query word.
struct Sought {
    letters: Vec<u16>,
    says: f32,
}

/// Numbering of the query's characters.
struct Numbering {
    numbers: Box<[u8; LETTERS]>,
    characters: Vec<f32>,
}

impl Numbering {
    /// Number of a character; a new one gets the weight `says`. 0 if there are too many.
    fn number(&mut self, letter: u16, says: impl Fn() -> f32) -> u8 {
        let Some(slot) = self.numbers.get_mut(usize::from(letter)) else { return 0 };
        if letter != GAP && *slot == 0 && self.characters.len() <= DISTINCT {
            *slot = u8::try_from(self.characters.len()).unwrap_or(0);
            self.characters.push(says());
        }
        *slot
    }
}

impl QueryProfile {
    /// Prepares a query: its characters, pairs with their rarity, and words with their rarity times weight.
    pub(crate) fn new(
        query: &str,
        words: &[(String, f32)],
        pairs: &[(String, f32)],
        census: &CharacterStats,
    ) -> Self {
        let numbers =
            vec![0_u8; LETTERS].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([0; LETTERS]));
        let mut numbering = Numbering { numbers, characters: vec![0.0] };
        let all = census.parts as f32;
        for letter in query.chars().map(letter) {
            numbering.number(letter, || rarity(all, census.with.get(&letter).copied().unwrap_or(0) as f32));
        }
        // A character that only a synonym contains has no weight by itself.
        let mut in_numbers =
            |text: &str| -> Vec<u8> { text.chars().map(|c| numbering.number(letter(c), || 0.0)).collect() };
        let pairs: Vec<(Vec<u8>, f32)> = pairs.iter().map(|(pair, says)| (in_numbers(pair), *says)).collect();
        let words: Vec<(Vec<u8>, Sought)> = words
            .iter()
            .map(|(word, says)| {
                (in_numbers(word), Sought { letters: word.chars().map(letter).collect(), says: *says })
            })
            .filter(|(numbers, _)| !numbers.contains(&0))
            .collect();
        let size = numbering.characters.len();
        let mut reading = Self {
            numbers: numbering.numbers,
            characters: numbering.characters,
            pair_numbers: vec![0; size * size],
            pairs: vec![0.0],
            words: Vec::new(),
            by_pair: vec![Vec::new()],
            average: census.average(),
        };
        for (pair, says) in pairs {
            if let [first, second] = pair.as_slice()
                && let Some(number) = reading.pair(*first, *second)
                && let Some(own) = reading.pairs.get_mut(usize::from(number))
            {
                *own = says;
            }
        }
        for (numbers, word) in words {
            match numbers.as_slice() {
                // A word of one character is counted as that character.
                [single] => {
                    if let Some(says) = reading.characters.get_mut(usize::from(*single)) {
                        *says += WORDS * word.says;
                    }
                }
                [first, second, ..] => {
                    let Some(number) = reading.pair(*first, *second) else { continue };
                    let place = u16::try_from(reading.words.len()).unwrap_or(u16::MAX);
                    if let Some(list) = reading.by_pair.get_mut(usize::from(number)) {
                        list.push(place);
                    }
                    reading.words.push(word);
                }
                [] => {}
            }
        }
        reading
    }

    /// Number of a pair, assigned at its first use.
    fn pair(&mut self, first: u8, second: u8) -> Option<u16> {
        let slot =
            self.pair_numbers.get_mut(usize::from(first) * self.characters.len() + usize::from(second))?;
        if *slot == 0 {
            *slot = u16::try_from(self.pairs.len()).ok()?;
            self.pairs.push(0.0);
            self.by_pair.push(Vec::new());
        }
        Some(*slot)
    }

    /// Scores one part, given in packed form.
    pub(crate) fn read(&self, values: &[u64], room: &mut Counts) -> ScoreFeatures {
        steps(values.len() as u64);
        room.clear(self, values.len() * PACKED);
        let (mut length, mut place, mut kept) = (0_u32, 0_u32, 0);
        // Most characters are not the query's, unpredictably: the loop is branch-free for them.
        for value in values {
            let mut left = *value;
            for _ in 0..PACKED {
                let letter = left as u16;
                left >>= u16::BITS;
                let number = self.numbers.get(usize::from(letter)).copied().unwrap_or(0);
                if let Some(slot) = room.hits.get_mut(kept) {
                    *slot = (place, number);
                }
                kept += usize::from(number != 0);
                length += u32::from(letter != GAP);
                place += 1;
            }
        }
        self.count(values, kept, room);
        let below = K1 * (1.0 - B + B * length as f32 / self.average);
        let one = |count: u16, says: f32| {
            let count = f32::from(count);
            says * count * (K1 + 1.0) / (count + below)
        };
        let sum = |counts: &[u16], says: &mut dyn Iterator<Item = f32>| -> f32 {
            let pairs = counts.iter().zip(says).filter(|(count, _)| **count > 0);
            pairs.map(|(count, says)| one(*count, says)).sum()
        };
        ScoreFeatures {
            words: WORDS * sum(&room.words, &mut self.words.iter().map(|word| word.says)),
            pairs: PAIRS * sum(&room.pairs, &mut self.pairs.iter().copied()),
            characters: sum(&room.characters, &mut self.characters.iter().copied()),
            ..ScoreFeatures::default()
        }
    }

    /// Counts characters, pairs and words over the first `kept` hits.
    fn count(&self, values: &[u64], kept: usize, room: &mut Counts) {
        let size = self.characters.len();
        let (mut before, mut behind) = (0, u32::MAX);
        for (place, number) in room.hits.iter().take(kept) {
            let number = usize::from(*number);
            add(&mut room.characters, number);
            if *place == behind {
                let pair = self.pair_numbers.get(before * size + number).map_or(0, |pair| usize::from(*pair));
                if pair != 0 {
                    add(&mut room.pairs, pair);
                    for word in self.by_pair.get(pair).into_iter().flatten() {
                        let word = usize::from(*word);
                        if self
                            .words
                            .get(word)
                            .is_some_and(|word| stands(&word.letters, values, *place as usize - 1))
                        {
                            add(&mut room.words, word);
                        }
                    }
                }
            }
            (before, behind) = (number, place + 1);
        }
    }
}

/// True if a word occurs at a position of a packed part. Its first two characters are known to match.
fn stands(word: &[u16], values: &[u64], at: usize) -> bool {
    let here =
        |place: usize| values.get(place / PACKED).map(|value| (value >> (16 * (place % PACKED))) as u16);
    (at..).zip(word).skip(2).all(|(place, letter)| here(place) == Some(*letter))
}

/// Frequency of each character, pair and word of the query in a part; reused from part to part.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Query characters in the part, by position and number. Entries beyond the kept ones are stale.
    hits: Vec<(u32, u8)>,
    characters: Vec<u16>,
    pairs: Vec<u16>,
    words: Vec<u16>,
}

impl Counts {
    fn clear(&mut self, reading: &QueryProfile, letters: usize) {
        if self.hits.len() < letters {
            self.hits.resize(letters, (0, 0));
        }
        for (counts, size) in [
            (&mut self.characters, reading.characters.len()),
            (&mut self.pairs, reading.pairs.len()),
            (&mut self.words, reading.words.len()),
        ] {
            counts.clear();
            counts.resize(size, 0);
        }
    }
}

fn add(counts: &mut [u16], index: usize) {
    if let Some(count) = counts.get_mut(index) {
        *count = count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letters::append;

    fn packed(text: &str) -> Vec<u64> {
        let mut letters = Vec::new();
        append(text, &mut letters);
        let value =
            |four: &[u16]| four.iter().rev().fold(0_u64, |value, letter| value << 16 | u64::from(*letter));
        letters.chunks(4).map(value).collect()
    }

    fn read(query: &str, words: &[&str], pairs: &[&str], text: &str) -> ScoreFeatures {
        let one = |text: &&str| ((*text).to_owned(), 1.0);
        let words: Vec<_> = words.iter().map(one).collect();
        let pairs: Vec<_> = pairs.iter().map(one).collect();
        let census = CharacterStats { parts: 10, letters: 100, ..CharacterStats::default() };
        QueryProfile::new(query, &words, &pairs, &census).read(&packed(text), &mut Counts::default())
    }

    #[test]
    fn words_pairs_and_characters_are_counted_by_position() {
        let none = read("补贴", &["补贴"], &["补贴"], "企业申报");
        assert_eq!(none, ScoreFeatures::default());
        let apart = read("补贴", &["补贴"], &["补贴"], "补，贴");
        assert!(apart.characters > 0.0 && apart.pairs == 0.0 && apart.words == 0.0, "{apart:?}");
        let whole = read("补贴", &["补贴"], &["补贴"], "房租补贴");
        assert!(whole.pairs > 0.0 && whole.words > 0.0, "{whole:?}");
        // A word that is not the query's own: its characters have no weight by themselves.
        let synonym = read("招人", &["招人", "招用"], &["招人"], "招用");
        assert!(synonym.words > 0.0 && synonym.pairs == 0.0, "{synonym:?}");
        let short = read("补贴", &["补贴"], &["补贴"], "补贴");
        assert!(short.words > whole.words, "the shorter text says it more purely");
    }
}
