//! Correction of typing errors: 高兴技术企业 for 高新技术企业.
//!
//! A correction requires that the typed characters occur nowhere in the index, that the replacement is a prominent
//! word that does occur, and that the two sound alike or differ by one character. If they do not sound alike, the typed
//! text must also not consist of words, or 大型企业 would become 小型企业. Text between quotation marks is never
//! corrected.
//! corrected.

use std::ops::Range;

use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::{PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;

use zhaoren_cancel::poll;

use crate::analyze::pairs;
use crate::corpus::Corpus;
use crate::error::IndexError;
use crate::meaning::{By, Meaning};
use crate::vocabulary::{VocabularyWord, is_chinese, sound_of};

/// Maximum length of a run that is checked, in characters: longer ones are sentences, not names.
const LONGEST_RUN: usize = 24;
/// Minimum and maximum length of words that are corrected, in characters.
const SHORTEST: usize = 3;
const LONGEST: usize = 12;
/// Minimum length for a correction that does not sound alike, in characters.
const SHORTEST_SLIP: usize = 4;

/// A run of characters to be checked.
struct Run {
    chars: Vec<char>,
    /// Pronunciation of each character.
    sounds: Vec<String>,
    /// True for each character that is a word by itself when the run is cut.
    alone: Vec<bool>,
}

impl Corpus {
    /// The text with its typing errors corrected, and the list of corrections.
    pub(crate) fn correct(&self, text: &str) -> Result<(String, Vec<Meaning>), IndexError> {
        let mut corrected = String::new();
        let mut meanings = Vec::new();
        let mut done = 0;
        for range in runs(text) {
            let run = text.get(range.clone()).unwrap_or_default();
            corrected.push_str(text.get(done..range.start).unwrap_or_default());
            done = range.end;
            corrected.push_str(&self.correct_run(run, &mut meanings)?);
        }
        corrected.push_str(text.get(done..).unwrap_or_default());
        Ok((corrected, meanings))
    }

    fn correct_run(&self, text: &str, meanings: &mut Vec<Meaning>) -> Result<String, IndexError> {
        let run = Run {
            chars: text.chars().collect(),
            sounds: text.chars().map(sound_of).collect(),
            alone: self.alone(text),
        };
        // Replacement of each span; a span that is a known word, or was replaced, is settled.
        let mut settled = vec![false; run.chars.len()];
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        for length in (SHORTEST..=LONGEST.min(run.chars.len())).rev() {
            for start in 0..=run.chars.len() - length {
                poll();
                let window = start..start + length;
                if settled.get(window.clone()).is_none_or(|part| part.contains(&true)) {
                    continue;
                }
                let typed: String = run.chars.get(window.clone()).unwrap_or_default().iter().collect();
                let meant = if self.vocabulary()?.is_prominent(&typed) {
                    None
                } else {
                    match self.meant(&run, window.clone(), &typed)? {
                        Some(meant) => Some(meant),
                        None => continue,
                    }
                };
                settled.get_mut(window.clone()).unwrap_or_default().fill(true);
                if let Some((word, by)) = meant {
                    meanings.push(Meaning { typed, meant: vec![word.clone()], by });
                    changes.push((window, word));
                }
            }
        }
        changes.sort_by_key(|(window, _)| window.start);
        let mut corrected = String::new();
        let mut done = 0;
        for (window, word) in changes {
            corrected.extend(run.chars.get(done..window.start).unwrap_or_default());
            corrected.push_str(&word);
            done = window.end;
        }
        corrected.extend(run.chars.get(done..).unwrap_or_default());
        Ok(corrected)
    }

    /// The word intended by a window of the run, and how the two are related.
    fn meant(
        &self,
        run: &Run,
        window: Range<usize>,
        typed: &str,
    ) -> Result<Option<(String, By)>, IndexError> {
        let vocabulary = self.vocabulary()?;
        let sound = run.sounds.get(window.clone()).unwrap_or_default().concat();
        let mut likely: Vec<(&VocabularyWord, By)> = vocabulary
            .by_sound(&sound)
            .filter(|known| shared(&known.word, typed) * 2 >= window.len())
            .map(|known| (known, By::Homophone))
            .collect();
        if likely.is_empty()
            && window.len() >= SHORTEST_SLIP
            && run.alone.get(window).is_some_and(|part| part.contains(&true))
        {
            // A whole word with a neighbour, or a part of a word, is no error.
            let within = |known: &&VocabularyWord| typed.contains(&known.word) || known.word.contains(typed);
            let near =
                vocabulary.by_slip(typed).filter(|known| one_slip(&known.word, typed) && !within(known));
            likely.extend(near.map(|known| (known, By::Slip)));
        }
        likely.retain(|(known, _)| !typed.chars().any(|c| denies(c) && !known.word.contains(c)));
        // The longest candidate first: 高新技企业 lacks a character rather than has one too many.
        likely.sort_by(|(a, _), (b, _)| {
            let length = |known: &VocabularyWord| known.word.chars().count();
            let heavier = b.weight.total_cmp(&a.weight);
            length(b).cmp(&length(a)).then(heavier).then_with(|| a.word.cmp(&b.word))
        });
        // Occurrence in the index is checked last: it is the most expensive test and seldom reached.
        if likely.is_empty() || self.stands(typed)? {
            return Ok(None);
        }
        for (known, by) in likely {
            let explained = self.lexicon.synonyms.iter().any(|synonym| synonym.typed == known.word);
            if explained || self.stands(&known.word)? {
                return Ok(Some((known.word.clone(), by)));
            }
        }
        Ok(None)
    }

    /// True if the characters occur somewhere in the index in this order, adjacent.
    fn stands(&self, word: &str) -> Result<bool, IndexError> {
        let pairs = pairs(word);
        let terms: Vec<(usize, Term)> = pairs
            .into_iter()
            .map(|(position, _, pair)| (position, Term::from_field_text(self.fields.pairs, &pair)))
            .collect();
        let query: Box<dyn Query> = match terms.as_slice() {
            [] => return Ok(false),
            [(_, only)] => Box::new(TermQuery::new(only.clone(), IndexRecordOption::Basic)),
            _ => Box::new(PhraseQuery::new_with_offset(terms)),
        };
        Ok(self.reader.searcher().search(&query, &Count)? > 0)
    }

    /// True for each character that is a word by itself when the run is cut.
    fn alone(&self, run: &str) -> Vec<bool> {
        let mut alone = Vec::new();
        for word in self.cutter.cut(run) {
            let count = word.text.chars().count();
            alone.extend(std::iter::repeat_n(count == 1, count));
        }
        alone
    }
}

/// Runs of Chinese characters outside quotation marks, of an acceptable length.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let (mut quoted, mut open) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '“' | '「' | '『' => quoted = true,
            '”' | '」' | '』' => quoted = false,
            _ => {}
        }
        let chinese = !quoted && is_chinese(c);
        let end = at + c.len_utf8();
        match runs.last_mut() {
            Some(run) if chinese && open => run.end = end,
            _ if chinese => runs.push(at..end),
            _ => {}
        }
        open = chinese;
    }
    let length = |run: &Range<usize>| text.get(run.clone()).unwrap_or_default().chars().count();
    runs.retain(|run| (SHORTEST..=LONGEST_RUN).contains(&length(run)));
    runs
}

/// True if a character negates the meaning.
fn denies(c: char) -> bool {
    matches!(c, '非' | '不' | '无' | '未' | '没')
}

/// Number of positions at which the two have the same character.
fn shared(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).filter(|(a, b)| a == b).count()
}

/// True if the two differ by one inserted, missing or replaced character, or by two swapped ones.
/// A different first character is no error: 大, 小, 市 and 区 occur there.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let front = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (a.get(front..).unwrap_or_default(), b.get(front..).unwrap_or_default());
    match (rest_a, rest_b) {
        ([_, tail @ ..], other) if tail == other => true,
        (other, [_, tail @ ..]) if tail == other => true,
        ([x, y, tail_a @ ..], [p, q, tail_b @ ..]) if x == q && y == p && tail_a == tail_b => true,
        ([_, tail_a @ ..], [_, tail_b @ ..]) => front > 0 && tail_a == tail_b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_typing_error_is_one_edit() {
        for (a, b, slip) in [
            ("专精特新", "专精新特", true),
            ("专精特新", "专特精新", true),
            ("六税两费", "六税二费", true),
            ("加计扣除", "加计扣扣除", true),
            ("加计扣除", "加计除", true),
            ("加计扣除", "扣除加计", false),
            ("加计扣除", "税前扣除", false),
            ("大型企业", "小型企业", false),
        ] {
            assert_eq!(one_slip(a, b), slip, "{a} {b}");
            assert_eq!(one_slip(b, a), slip, "{b} {a}");
        }
    }

    #[test]
    fn quoted_and_short_words_are_not_corrected() {
        let found = |text: &str| -> Vec<String> {
            runs(text).into_iter().filter_map(|run| text.get(run).map(str::to_owned)).collect()
        };
        assert_eq!(found("高兴技术 \"高兴技术\" AI 补贴 “高兴技术”的企业"), ["高兴技术", "的企业"]);
    }
}
