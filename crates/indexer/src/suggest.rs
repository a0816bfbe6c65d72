//! Suggest-as-you-type (联想): completions of the typed prefix in characters, 拼音 or initials, from titles and words.
//!
//! One sorted table, built at the first request: a prefix is a range of it. A title is found from its start and from
//! the start of its next words.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use zhaoren_policy::document::Status;
use zhaoren_text::{readings, search_form};

use crate::analyze::Cutter;
use crate::corpus::Corpus;
use crate::entry::EntryKind;
use crate::error::IndexError;
use crate::meaning::By;
use crate::vocabulary::{combinations, is_chinese};

/// Maximum number of titles suggested: items, then the documents in index order.
const TITLES: usize = 50_000;
/// Number of words at whose start a title is found.
const STARTS: usize = 6;
/// Maximum number of table entries examined per request: a single letter matches a large part of a large catalogue.
const LOOKED_AT: usize = 4_000;
/// Maximum length of a prefix, in characters.
pub(crate) const LONGEST: usize = 40;

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The complete text suggested.
    pub text: String,
    /// Entry with this title; none for a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Kind of the match, unless it is by the characters themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// A lookup key of a suggestion.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    text: String,
    place: usize,
    by: Option<By>,
    /// Ordinal of the word at which the key starts; 0 ranks best.
    start: usize,
}

#[derive(Debug)]
struct Completion {
    text: String,
    id: Option<String>,
    weight: u32,
}

/// All suggestions by their keys.
#[derive(Debug, Default)]
pub(crate) struct Suggestions {
    keys: Vec<Key>,
    wholes: Vec<Completion>,
    /// Most common reading of each character seen; none for other than Chinese characters.
    sounds: HashMap<char, Option<String>>,
}

impl Suggestions {
    /// Builds the table from the titles of a corpus and the words in them.
    pub(crate) fn of(corpus: &Corpus) -> Result<Self, IndexError> {
        let mut suggestions = Self::default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let items = corpus.cards.iter().filter(|card| card.kind == EntryKind::Item);
        let documents = corpus.cards.iter().filter(|card| card.kind == EntryKind::Document);
        for card in items.chain(documents).take(TITLES) {
            if !seen.insert(&card.title) {
                continue;
            }
            let weight = u32::from(card.document.status == Status::InForce)
                + 2 * u32::from(card.kind == EntryKind::Item);
            let whole = Completion { text: card.title.clone(), id: Some(card.id.clone()), weight };
            suggestions.add(whole, &starts(&card.title, &corpus.cutter));
            // A former name leads to the title in use.
            for name in &card.aka {
                suggestions.add_name(name);
            }
        }
        // A word that is also a title is suggested with its entry.
        for word in corpus.vocabulary()?.titled().filter(|word| !seen.contains(word)) {
            suggestions.add(Completion { text: word.to_owned(), id: None, weight: 2 }, &[0]);
        }
        suggestions.keys.sort_unstable();
        suggestions.sounds = HashMap::new();
        Ok(suggestions)
    }

    fn add(&mut self, whole: Completion, starts: &[usize]) {
        self.add_keys(&whole.text, self.wholes.len(), starts, 0);
        self.wholes.push(whole);
    }

    /// Adds a former name of the last title.
    fn add_name(&mut self, name: &str) {
        if let Some(place) = self.wholes.len().checked_sub(1) {
            self.add_keys(name, place, &[0], 1);
        }
    }

    /// Adds the keys of a completion, from each of the starts; the first of them counts as word number `first`.
    fn add_keys(&mut self, text: &str, place: usize, starts: &[usize], first: usize) {
        zhaoren_cancel::steps(1 + starts.len() as u64);
        for (start, at) in (first..).zip(starts) {
            let rest: String = text.get(*at..).unwrap_or_default().chars().take(LONGEST).collect();
            let mut key = |text: String, by| self.keys.push(Key { text, place, by, start });
            key(plain(&rest), None);
            // Punctuation and digits in a title are skipped: they are not typed in pinyin input.
            for c in rest.chars() {
                self.sounds.entry(c).or_insert_with(|| readings(c).into_iter().next());
            }
            let syllables: Vec<&str> = rest.chars().filter_map(|c| self.sounds.get(&c)?.as_deref()).collect();
            if !syllables.is_empty() {
                key(syllables.concat(), Some(By::Reading));
                key(syllables.iter().filter_map(|one| one.chars().next()).collect(), Some(By::Initials));
            }
        }
    }

    /// Best suggestions for a prefix.
    pub(crate) fn begin(&self, typed: &str, limit: usize) -> Vec<Suggestion> {
        let mut found: Vec<(&Key, &Completion)> = self.range(&plain(typed), |key| key.by.is_none());
        // 专精te: the reading of the characters followed by the letters being typed.
        if typed.chars().any(|c| c.is_ascii_alphabetic()) {
            let read = |c: char| combinations(&c.to_string()).first().map(|way| way.concat());
            let letters: String =
                plain(typed).chars().map(|c| read(c).unwrap_or_else(|| c.to_string())).collect();
            let chinese: String = typed.chars().filter(|c| is_chinese(*c)).collect();
            let read = self.range(&letters, |key| key.by.is_some());
            found.extend(read.into_iter().filter(|(_, whole)| whole.text.contains(&chinese)));
        }
        found.sort_by(|(a, one), (b, other)| {
            // Items first, whatever the word of the title that begins so: 总局 is no answer to `zj`.
            let order = |key: &Key, whole: &Completion| (whole.id.is_none(), key.by, key.start);
            order(a, one).cmp(&order(b, other)).then_with(|| {
                let rank = |whole: &Completion| (u32::MAX - whole.weight, whole.text.chars().count());
                rank(one).cmp(&rank(other)).then_with(|| one.text.cmp(&other.text))
            })
        });
        let mut seen = BTreeSet::new();
        found.retain(|(_, whole)| seen.insert(&whole.text));
        let shown = found.into_iter().take(limit);
        shown
            .map(|(key, whole)| Suggestion { text: whole.text.clone(), id: whole.id.clone(), by: key.by })
            .collect()
    }

    fn range(&self, prefix: &str, accepts: impl Fn(&Key) -> bool) -> Vec<(&Key, &Completion)> {
        if prefix.is_empty() {
            return Vec::new();
        }
        let from = self.keys.partition_point(|key| key.text.as_str() < prefix);
        let keys = self.keys.get(from..).unwrap_or_default().iter();
        let keys =
            keys.take_while(|key| key.text.starts_with(prefix)).take(LOOKED_AT).filter(|key| accepts(key));
        keys.filter_map(|key| self.wholes.get(key.place).map(|whole| (key, whole))).collect()
    }
}

/// Byte offsets of the first words of a title, including the parts of a long word.
fn starts(title: &str, cutter: &Cutter) -> Vec<usize> {
    let mut starts = BTreeSet::new();
    for word in cutter.cut(title) {
        starts.insert(word.start);
        let own = title.get(word.start..word.end).unwrap_or_default();
        let parts = cutter.split(&word.text);
        starts.extend(parts.iter().filter_map(|part| own.find(part.as_str())).map(|at| word.start + at));
    }
    starts.into_iter().take(STARTS).collect()
}

/// Lower-case letters and digits only, in their search form.
fn plain(text: &str) -> String {
    search_form(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}
