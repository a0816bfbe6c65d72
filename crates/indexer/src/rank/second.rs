//! The second phase of a sentence: the best of the first phase are read again, character by character.
//!
//! The score of a part is a sum, each summand kept in [`Parts`]. The weights were fitted on lay questions about
//! statutes (500 of them, listwise logistic loss over the best 1,000 of three first phases; the others reported), and
//! are given in units of the weight of characters. Moving one by a third moves nDCG@10 by less than .01.

use std::collections::BTreeMap;

use crate::rank::loose::{B, K1, rarity};

/// Words of the query, as they stand in the text however it was cut.
const WORDS: f32 = 0.57;
/// Pairs of characters.
const PAIRS: f32 = 0.32;
/// Characters of the title that are the query's.
const TITLE: f32 = 0.5;
/// How long a title usually is.
const TITLE_LENGTH: f32 = 14.0;
/// A past question like this one was answered by the entry; times the likeness, 0 to 1.
pub(crate) const ASKED: f32 = 55.0;
/// A part's text beyond so many characters is not read.
const LONGEST: usize = 4_000;

/// What the score of a part is the sum of.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Parts {
    /// Words of the query in text and title.
    pub words: f32,
    /// Pairs of characters.
    pub pairs: f32,
    /// Single characters.
    pub characters: f32,
    /// Characters of the title.
    pub title: f32,
    /// Standing of the document among documents, whatever is asked.
    pub standing: f32,
    /// Past questions.
    pub asked: f32,
}

impl Parts {
    /// The score.
    pub fn sum(&self) -> f32 {
        self.words + self.pairs + self.characters + self.title + self.standing + self.asked
    }
}

/// How many parts a character stands in, and how long a part is.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub(crate) parts: usize,
    letters: u64,
    with: Vec<u32>,
    seen: Vec<u32>,
}

impl Census {
    /// Counts one part.
    pub(crate) fn add<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        self.with.resize(1 << 16, 0);
        self.seen.resize(1 << 16, 0);
        self.parts += 1;
        let mark = u32::try_from(self.parts).unwrap_or(u32::MAX);
        for c in texts.flat_map(str::chars).filter(|c| c.is_alphanumeric()) {
            self.letters += 1;
            if let (Some(with), Some(seen)) = (self.with.get_mut(c as usize), self.seen.get_mut(c as usize))
                && *seen != mark
            {
                *seen = mark;
                *with += 1;
            }
        }
    }

    fn average(&self) -> f32 {
        (self.letters as f32 / self.parts.max(1) as f32).max(1.0)
    }
}

/// A query as it is looked for, character by character.
pub(crate) struct Reading {
    /// Number of a character of the query, from 1; 0 for all others.
    numbers: Vec<u8>,
    characters: Vec<f32>,
    /// Number of a pair, by the numbers of its characters.
    pairs: BTreeMap<(u8, u8), usize>,
    pair_rarities: Vec<f32>,
    words: Vec<(Vec<u8>, f32)>,
    by_first: Vec<Vec<usize>>,
    average: f32,
}

/// How many characters of a query are told apart.
const DISTINCT: usize = 250;

impl Reading {
    /// Prepares a query: its letters, and words with their rarity times weight. `pair` gives a pair's rarity.
    pub(crate) fn new(
        query: &str,
        words: &[(String, f32)],
        pair: &dyn Fn(&str) -> f32,
        census: &Census,
    ) -> Self {
        let mut numbers = vec![0_u8; 1 << 16];
        let mut characters = vec![0.0];
        let all = census.parts as f32;
        let number = |numbers: &mut Vec<u8>, characters: &mut Vec<f32>, c: char, own: bool| -> u8 {
            let Some(slot) = numbers.get_mut(c as usize) else { return 0 };
            if *slot == 0 && characters.len() <= DISTINCT {
                *slot = u8::try_from(characters.len()).unwrap_or(0);
                // A character that only a synonym has counts for nothing alone.
                let with = census.with.get(c as usize).copied().unwrap_or(0) as f32;
                characters.push(if own { rarity(all, with) } else { 0.0 });
            }
            *slot
        };
        let (mut pairs, mut pair_rarities) = (BTreeMap::new(), Vec::new());
        let mut before: Option<(char, u8)> = None;
        for c in query.to_lowercase().chars() {
            if !c.is_alphanumeric() {
                before = None;
                continue;
            }
            let own = number(&mut numbers, &mut characters, c, true);
            if let Some((first, one)) = before
                && one != 0
                && own != 0
            {
                pairs.entry((one, own)).or_insert_with(|| {
                    pair_rarities.push(pair(&[first, c].iter().collect::<String>()));
                    pair_rarities.len() - 1
                });
            }
            before = Some((c, own));
        }
        let mut known: Vec<(Vec<u8>, f32)> = Vec::new();
        for (word, weight) in words {
            let of: Vec<u8> = word.chars().map(|c| number(&mut numbers, &mut characters, c, false)).collect();
            if !of.is_empty() && !of.contains(&0) {
                known.push((of, *weight));
            }
        }
        let mut by_first = vec![Vec::new(); characters.len()];
        for (place, (word, _)) in known.iter().enumerate() {
            let first = word.first().map_or(0, |first| usize::from(*first));
            if let Some(list) = by_first.get_mut(first) {
                list.push(place);
            }
        }
        Self { numbers, characters, pairs, pair_rarities, words: known, by_first, average: census.average() }
    }

    /// Reads one part with its title.
    pub(crate) fn read(&self, title: &str, text: &str, room: &mut Room) -> Parts {
        room.clear(self);
        let mut length = 0;
        self.put(title, room, &mut length);
        let mut in_title = 0.0;
        for (count, rarity) in room.characters.iter().zip(&self.characters).skip(1) {
            in_title += if *count > 0 { *rarity } else { 0.0 };
        }
        let title_length = length as f32;
        room.letters.push(0);
        self.put(text, room, &mut length);
        self.count(room);
        let below = K1 * (1.0 - B + B * length as f32 / self.average);
        let bm25 = |counts: &[u16], rarities: &mut dyn Iterator<Item = f32>| -> f32 {
            let one = |(count, rarity): (&u16, f32)| {
                let count = f32::from(*count);
                rarity * count * (K1 + 1.0) / (count + below)
            };
            counts.iter().zip(rarities).filter(|(count, _)| **count > 0).map(one).sum()
        };
        Parts {
            words: WORDS * bm25(&room.words, &mut self.words.iter().map(|(_, weight)| *weight)),
            pairs: PAIRS * bm25(&room.pairs, &mut self.pair_rarities.iter().copied()),
            characters: bm25(&room.characters, &mut self.characters.iter().copied()),
            title: TITLE * in_title * (K1 + 1.0) / (1.0 + K1 * (1.0 - B + B * title_length / TITLE_LENGTH)),
            ..Parts::default()
        }
    }

    fn put(&self, text: &str, room: &mut Room, length: &mut usize) {
        for c in text.chars().take(LONGEST) {
            let number = self.numbers.get(c as usize).copied().unwrap_or(0);
            if number != 0 {
                if let Some(count) = room.characters.get_mut(usize::from(number)) {
                    *count += 1;
                }
                *length += 1;
            } else if c.is_alphanumeric() {
                *length += 1;
            }
            room.letters.push(number);
        }
    }

    fn count(&self, room: &mut Room) {
        let letters = room.letters.as_slice();
        for (place, &first) in letters.iter().enumerate().filter(|(_, first)| **first != 0) {
            if let Some(&second) = letters.get(place + 1)
                && second != 0
                && let Some(count) =
                    self.pairs.get(&(first, second)).and_then(|pair| room.pairs.get_mut(*pair))
            {
                *count += 1;
            }
            for &word in self.by_first.get(usize::from(first)).into_iter().flatten() {
                if let Some((of, _)) = self.words.get(word)
                    && letters.get(place..place + of.len()) == Some(of.as_slice())
                    && let Some(count) = room.words.get_mut(word)
                {
                    *count += 1;
                }
            }
        }
    }
}

/// Room to count in, kept from part to part.
#[derive(Debug, Default)]
pub(crate) struct Room {
    letters: Vec<u8>,
    characters: Vec<u16>,
    pairs: Vec<u16>,
    words: Vec<u16>,
}

impl Room {
    fn clear(&mut self, reading: &Reading) {
        self.letters.clear();
        for (counts, size) in [
            (&mut self.characters, reading.characters.len()),
            (&mut self.pairs, reading.pair_rarities.len()),
            (&mut self.words, reading.words.len()),
        ] {
            counts.clear();
            counts.resize(size, 0);
        }
    }
}
