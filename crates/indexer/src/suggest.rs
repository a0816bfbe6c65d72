//! Suggest-as-you-type: what is known that begins with what was typed, in characters, in pinyin, by initials.

use std::collections::BTreeMap;

use serde::Serialize;
use zhaoren_text::restore_str;

use crate::pinyin::{blurred, spoken};
use crate::search::Index;
use crate::vocabulary::{Face, KnownAs, face};

/// Something that may be searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// As it is searched.
    pub text: String,
    /// What it is.
    pub kind: KnownAs,
    /// How what was typed fits it.
    pub by: Face,
    /// The entry whose title it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What is typed beyond this many characters narrows nothing.
const LONGEST: usize = 40;

impl Index {
    /// Suggestions for what has been typed so far, the closest first. What begins with the very characters comes
    /// before what sounds so; where nothing does, what sounds alike is offered.
    pub fn suggest(&self, typed: &str, limit: usize) -> Vec<Suggestion> {
        let short: String = typed.chars().take(LONGEST).collect();
        let prefix = face(&restore_str(&short).text);
        if prefix.is_empty() {
            return Vec::new();
        }
        let mut found = self.suggested(&prefix, |_| true);
        if found.is_empty() && !prefix.is_ascii() && prefix.chars().nth(1).is_some() {
            let sounds: Vec<String> = spoken(&prefix).into_iter().map(|way| way.full).collect();
            for sound in
                sounds.iter().chain(sounds.iter().map(|sound| blurred(sound)).collect::<Vec<_>>().iter())
            {
                found.extend(self.suggested(sound, |face| matches!(face, Face::Pinyin | Face::Blurred)));
            }
        }
        let mut found: Vec<(Face, Suggestion)> = found.into_values().map(|one| (one.by, one)).collect();
        found.sort_by(|(a, left), (b, right)| {
            let length = |one: &Suggestion| one.text.chars().count();
            (a, left.kind, length(left), &left.text).cmp(&(b, right.kind, length(right), &right.text))
        });
        found.into_iter().map(|(_, one)| one).take(limit).collect()
    }

    /// Terms with a face that begins so, each by its closest one.
    fn suggested(&self, prefix: &str, wanted: impl Fn(Face) -> bool) -> BTreeMap<u32, Suggestion> {
        let vocabulary = self.vocabulary();
        let mut best: BTreeMap<u32, Face> = BTreeMap::new();
        for (_, face, place) in vocabulary.beginning(prefix).filter(|(_, face, _)| wanted(*face)) {
            let told = best.entry(*place).or_insert(*face);
            *told = (*told).min(*face);
        }
        let suggestion = |(place, by): (u32, Face)| {
            let term = vocabulary.term(place)?;
            let own = Suggestion { text: term.text.clone(), kind: term.kind, by, id: term.id.clone() };
            Some((place, own))
        };
        best.into_iter().filter_map(suggestion).collect()
    }
}
