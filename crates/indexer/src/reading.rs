//! Queries in Latin letters: 拼音 and initials, converted to the words they denote.
//!
//! `jishu hetong` becomes 技术合同 and `zjtx` 专精特新, and the search continues as if the characters had been typed.
//! Letters that are a word of the index, such as AEO, are left alone, and so is a run that words cannot cover completely.

use std::ops::Range;

use crate::meaning::{By, Meaning};
use crate::vocabulary::{Vocabulary, VocabularyWord};

/// Maximum length of a run, in letters.
const LONGEST: usize = 80;
/// Maximum length of a word's reading: 12 characters of up to six letters.
const LONGEST_WORD: usize = 72;
/// Minimum length of a run, in letters; a shorter one is ambiguous.
const SHORTEST: usize = 3;
/// Cost of a word: few long words are likelier than many short ones.
const WORD: f32 = 1.0;
/// Cost of a word by initials alone, and the higher cost if they are few.
const INITIALS: f32 = 2.0;
const FEW_INITIALS: f32 = 4.0;
/// Cost of a stop word of one character: 吗, 的, 有.
const FILLER: f32 = 1.6;

/// A text with its Latin runs read as words.
#[derive(Debug, Default)]
pub(crate) struct LatinReading {
    /// The text with the words in place of the runs.
    pub(crate) text: String,
    /// The replacements.
    pub(crate) meanings: Vec<Meaning>,
    /// Words put into the text with the other words of the same reading.
    pub(crate) alike: Vec<(String, Vec<String>)>,
}

/// The typed text with Latin runs replaced by words. A run that is one word spelt out means all words of that reading.
pub(crate) fn read_latin(
    text: &str,
    vocabulary: &Vocabulary,
    is_word: impl Fn(&str) -> bool,
) -> LatinReading {
    let mut read = String::new();
    let (mut meanings, mut alike) = (Vec::new(), Vec::new());
    let mut done = 0;
    for run in runs(text) {
        let typed = text.get(run.clone()).unwrap_or_default();
        let words: Vec<&str> = typed.split_whitespace().collect();
        // First all words of a run as one (`ji shu he tong`), then each by itself.
        let whole = if words.iter().any(|word| is_word(&word.to_lowercase())) {
            None
        } else {
            letters(typed).and_then(|letters| cover(&letters, vocabulary))
        };
        read.push_str(text.get(done..run.start).unwrap_or_default());
        done = run.end;
        match whole {
            Some((mut meant, by)) => {
                read.push_str(&meant.concat());
                alike.extend(add_alike(typed, &mut meant, by, vocabulary));
                meanings.push(Meaning { typed: typed.to_owned(), meant, by });
            }
            None => {
                let each = words.into_iter().map(|word| {
                    let known = is_word(&word.to_lowercase());
                    let covered = letters(word).filter(|_| !known).and_then(|own| cover(&own, vocabulary));
                    let Some((mut meant, by)) = covered else { return word.to_owned() };
                    let text = meant.concat();
                    alike.extend(add_alike(word, &mut meant, by, vocabulary));
                    meanings.push(Meaning { typed: word.to_owned(), meant, by });
                    text
                });
                read.push_str(&each.collect::<Vec<String>>().join(" "));
            }
        }
    }
    read.push_str(text.get(done..).unwrap_or_default());
    LatinReading { text: read, meanings, alike }
}

/// Adds, behind each word that was spelt out by itself, the other words of the index with the same reading; returns both.
/// Beside other words only words of titles, tags and the lexicon count: there are more ways to be wrong.
fn add_alike(
    typed: &str,
    meant: &mut Vec<String>,
    by: By,
    vocabulary: &Vocabulary,
) -> Vec<(String, Vec<String>)> {
    let alone = meant.len() == 1;
    let parts: Vec<&str> = if alone { vec![typed] } else { typed.split_whitespace().collect() };
    if by != By::Reading || parts.len() != meant.len() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut all = Vec::new();
    for (part, word) in parts.into_iter().zip(std::mem::take(meant)) {
        let same = |known: &&VocabularyWord| known.occurs && (alone || known.prominent) && known.word != word;
        let reading = letters(part).unwrap_or_default();
        let others: Vec<String> =
            vocabulary.all_by_reading(&reading).filter(same).map(|known| known.word.clone()).collect();
        all.push(word.clone());
        all.extend(others.iter().cloned());
        if !others.is_empty() {
            found.push((word, others));
        }
    }
    *meant = all;
    found
}

/// Runs of Latin words with nothing but spaces and apostrophes between them. Words with a digit are left out.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, 'ü' | 'Ü' | '\'' | '’');
    let (mut at, mut open) = (0, false);
    for part in text.split_inclusive(|c: char| !inside(c)) {
        let word = part.trim_end_matches(|c: char| !inside(c));
        if word.contains(|c: char| c.is_ascii_digit()) {
            open = false;
        } else if !word.is_empty() {
            match runs.last_mut() {
                Some(run) if open => run.end = at + word.len(),
                _ => runs.push(at..at + word.len()),
            }
            open = true;
        }
        open = open && part.get(word.len()..).is_some_and(|end| end.trim().is_empty());
        at += part.len();
    }
    runs
}

/// Letters of a run in lower case, if their number is acceptable.
fn letters(typed: &str) -> Option<String> {
    let letters: String = typed
        .to_lowercase()
        .chars()
        .map(|c| if c == 'ü' { 'v' } else { c })
        .filter(char::is_ascii_alphabetic)
        .collect();
    (SHORTEST..=LONGEST).contains(&letters.len()).then_some(letters)
}

/// Words that cover all letters. Stop words of one character hold words together that are spelt out, and no initials.
fn cover(letters: &str, vocabulary: &Vocabulary) -> Option<(Vec<String>, By)> {
    let fillers = |words: &[String]| words.iter().filter(|word| word.chars().nth(1).is_none()).count();
    let spelt = cheapest(letters, vocabulary, true).filter(|(words, by)| {
        // Stop words alone say nothing: such letters are an English word.
        let count = fillers(words);
        count == 0 || (*by == By::Reading && count * 2 <= words.len())
    });
    spelt
        .or_else(|| cheapest(letters, vocabulary, false))
        .filter(|(words, by)| *by != By::Initials || !repeats(letters, words))
}

/// True for one letter again and again, and for letters that make one word again and again: `qqqq` is no 缺钱缺钱.
fn repeats(letters: &str, words: &[String]) -> bool {
    let is_one_letter = letters.bytes().zip(letters.bytes().skip(1)).all(|(a, b)| a == b);
    let is_one_word = words.len() > 1 && words.iter().zip(words.iter().skip(1)).all(|(a, b)| a == b);
    is_one_letter || is_one_word
}

/// Cheapest sequence of words that covers all letters (Viterbi), with or without stop words of one character.
fn cheapest(letters: &str, vocabulary: &Vocabulary, with_fillers: bool) -> Option<(Vec<String>, By)> {
    // Best path to each position: its cost, the start of its last word, the word, and whether that was spelt out.
    let mut best: Vec<Option<(f32, usize, &str, bool)>> = vec![None; letters.len() + 1];
    *best.first_mut()? = Some((0.0, 0, "", true));
    for start in 0..letters.len() {
        let Some(Some((before, ..))) = best.get(start).copied() else { continue };
        for end in (start + 1)..=letters.len().min(start + LONGEST_WORD) {
            let piece = letters.get(start..end)?;
            if let Some(word) = vocabulary.filler(piece).filter(|_| with_fillers) {
                let slot = best.get_mut(end)?;
                if slot.is_none_or(|(other, ..)| before + FILLER < other) {
                    *slot = Some((before + FILLER, start, word, true));
                }
            }
            if piece.len() < 2 {
                continue;
            }
            let spelt = vocabulary.by_reading(piece).map(|known| (WORD, known, true));
            let short = || {
                let cost = if piece.len() < SHORTEST { FEW_INITIALS } else { INITIALS };
                vocabulary.by_initials(piece).map(|known| (cost, known, false))
            };
            let Some((cost, known, spelt)) = spelt.or_else(short) else { continue };
            // Among paths of as many words the one with the heavier words.
            let cost = before + cost + 0.1 / (1.0 + known.weight.max(0.0));
            let slot = best.get_mut(end)?;
            if slot.is_none_or(|(other, ..)| cost < other) {
                *slot = Some((cost, start, &known.word, spelt));
            }
        }
    }
    let mut words = Vec::new();
    let mut by = By::Reading;
    let mut at = letters.len();
    while at > 0 {
        let (_, start, word, spelt) = best.get(at).copied().flatten()?;
        words.push(word.to_owned());
        if !spelt {
            by = By::Initials;
        }
        at = start;
    }
    words.reverse();
    Some((words, by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_contain_only_words() {
        let found = |text: &str| -> Vec<String> {
            runs(text).into_iter().filter_map(|run| text.get(run).map(str::to_owned)).collect()
        };
        assert_eq!(found("jishu hetong"), ["jishu hetong"]);
        assert_eq!(found("徐汇 zjtx 奖励 butie"), ["zjtx", "butie"]);
        assert_eq!(found("5g web3 xi'an"), ["xi'an"]);
        assert!(found("徐汇，2024").is_empty());
    }
}
