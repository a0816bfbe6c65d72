//! Suggest-as-you-type (联想): titles and words that begin as what was typed so far, in characters, 拼音 or first letters.
//!
//! One sorted table, made at the first request: a prefix is a range of it. Titles are found from their start and from
//! the start of their next words.

use std::collections::BTreeSet;

use serde::Serialize;
use zhaoren_policy::document::Status;
use zhaoren_text::restore_str;

use crate::analyze::Cutter;
use crate::entry::EntryKind;
use crate::error::IndexError;
use crate::meaning::By;
use crate::open::Index;
use crate::vocabulary::{combinations, is_chinese};

/// How many titles are suggested from: items, then the documents in the order of the index.
const TITLES: usize = 50_000;
/// At the start of how many of its words a title is found.
const STARTS: usize = 6;
/// How many places of the table a request looks at: the first letter of a large catalogue fits many.
const LOOKED_AT: usize = 4_000;
/// The longest that is looked up, in characters.
const LONGEST: usize = 40;

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What may have been meant, whole.
    pub text: String,
    /// The entry with this title; a word has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What leads to it where it is not the characters themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// A key under which a suggestion is found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    text: String,
    place: usize,
    by: Option<By>,
    /// Which of its words begins so; 0 is the best.
    start: usize,
}

#[derive(Debug)]
struct Completion {
    text: String,
    id: Option<String>,
    weight: u32,
}

/// Everything that is suggested, by its keys.
#[derive(Debug, Default)]
pub(crate) struct Suggestions {
    keys: Vec<Key>,
    wholes: Vec<Completion>,
}

impl Suggestions {
    /// Of the titles of an index, and of the words that stand in its titles.
    pub(crate) fn of(index: &Index) -> Result<Self, IndexError> {
        let mut suggestions = Self::default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let items = index.cards.iter().filter(|card| card.kind == EntryKind::Item);
        let documents = index.cards.iter().filter(|card| card.kind == EntryKind::Document);
        for card in items.chain(documents).take(TITLES) {
            if !seen.insert(&card.title) {
                continue;
            }
            let weight = u32::from(card.document.status == Status::InForce)
                + 2 * u32::from(card.kind == EntryKind::Item);
            let whole = Completion { text: card.title.clone(), id: Some(card.id.clone()), weight };
            suggestions.add(whole, &starts(&card.title, &index.cutter));
        }
        // A word that is a title as well is suggested with its entry.
        for word in index.vocabulary()?.titled().filter(|word| !seen.contains(word)) {
            suggestions.add(Completion { text: word.to_owned(), id: None, weight: 2 }, &[0]);
        }
        suggestions.keys.sort_unstable();
        Ok(suggestions)
    }

    fn add(&mut self, whole: Completion, starts: &[usize]) {
        let place = self.wholes.len();
        for (start, at) in starts.iter().enumerate() {
            let rest: String = whole.text.get(*at..).unwrap_or_default().chars().take(LONGEST).collect();
            let mut key = |text: String, by| self.keys.push(Key { text, place, by, start });
            key(plain(&rest), None);
            // A mark or a digit in a title is passed over: who types readings does not type them.
            let chinese: String = rest.chars().filter(|c| is_chinese(*c)).collect();
            if let Some(syllables) = combinations(&chinese).first().filter(|syllables| !syllables.is_empty())
            {
                key(syllables.concat(), Some(By::Reading));
                key(syllables.iter().filter_map(|one| one.chars().next()).collect(), Some(By::Initials));
            }
        }
        self.wholes.push(whole);
    }

    /// The best of what begins so.
    fn begin(&self, typed: &str, limit: usize) -> Vec<Suggestion> {
        let mut found: Vec<(&Key, &Completion)> = self.range(&plain(typed), |key| key.by.is_none());
        // 专精te: the reading of the characters and of what is being typed.
        if typed.chars().any(|c| c.is_ascii_alphabetic()) {
            let read = |c: char| combinations(&c.to_string()).first().map(|way| way.concat());
            let letters: String =
                plain(typed).chars().map(|c| read(c).unwrap_or_else(|| c.to_string())).collect();
            let chinese: String = typed.chars().filter(|c| is_chinese(*c)).collect();
            let read = self.range(&letters, |key| key.by.is_some());
            found.extend(read.into_iter().filter(|(_, whole)| whole.text.contains(&chinese)));
        }
        found.sort_by(|(a, one), (b, other)| {
            (a.by, a.start).cmp(&(b.by, b.start)).then_with(|| {
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

    fn range(&self, prefix: &str, wanted: impl Fn(&Key) -> bool) -> Vec<(&Key, &Completion)> {
        if prefix.is_empty() {
            return Vec::new();
        }
        let from = self.keys.partition_point(|key| key.text.as_str() < prefix);
        let keys = self.keys.get(from..).unwrap_or_default().iter();
        let keys =
            keys.take_while(|key| key.text.starts_with(prefix)).take(LOOKED_AT).filter(|key| wanted(key));
        keys.filter_map(|key| self.wholes.get(key.place).map(|whole| (key, whole))).collect()
    }
}

/// Where the first words of a title begin, those in a long word too.
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

/// Small letters, without spaces and marks.
fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

impl Index {
    /// What may be meant by what was typed so far, the likeliest first.
    ///
    /// # Errors
    /// A failure of the engine underneath.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>, IndexError> {
        let short: String = typed.chars().take(LONGEST).collect();
        let typed = restore_str(&short).text;
        if self.suggestions.get().is_none() {
            let made = Suggestions::of(self)?;
            // Another request may have made the same meanwhile.
            let _ = self.suggestions.set(made);
        }
        Ok(self.suggestions.get().map(|made| made.begin(&typed, limit)).unwrap_or_default())
    }
}
