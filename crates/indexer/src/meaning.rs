//! What was typed, and what was searched for it: by a reading, a synonym, a slip of the keyboard.

use serde::Serialize;

use crate::hit::Hit;
use crate::query::Understood;

/// One part of a query that was searched as something else, or as something else too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// What was typed.
    pub typed: String,
    /// What was searched for it.
    pub meant: Vec<String>,
    /// What led from the one to the other.
    pub by: By,
}

/// What leads from what is typed to what is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum By {
    /// Its reading, written out: shoutaitao.
    #[serde(rename = "拼音")]
    Reading,
    /// The first letters of its readings: zjtx.
    #[serde(rename = "拼音首字母")]
    Initials,
    /// An entry of the table of synonyms.
    #[serde(rename = "同义词")]
    Synonym,
    /// Another way of writing a number.
    #[serde(rename = "数字写法")]
    Number,
    /// Characters that sound alike.
    #[serde(rename = "同音字")]
    Homophone,
    /// A character too many, too few, in the wrong place or another.
    #[serde(rename = "错字")]
    Slip,
}

impl By {
    /// The Chinese name shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "拼音",
            Self::Initials => "拼音首字母",
            Self::Synonym => "同义词",
            Self::Number => "数字写法",
            Self::Homophone => "同音字",
            Self::Slip => "错字",
        }
    }
}

/// Words of a query that were searched for their synonyms, or as numbers written otherwise, too.
pub(crate) fn synonyms(understood: &Understood) -> impl Iterator<Item = Meaning> + '_ {
    understood.words.iter().filter(|wanted| !wanted.also.is_empty()).map(|wanted| Meaning {
        typed: wanted.word.clone(),
        meant: wanted.also.clone(),
        by: if wanted.number { By::Number } else { By::Synonym },
    })
}

/// The meanings without which a hit would not show what it shows: it has what was meant and not what was typed.
pub(crate) fn through(meanings: &[Meaning], hit: &Hit) -> Vec<Meaning> {
    let texts: Vec<String> = std::iter::once(&hit.title)
        .chain(hit.highlights.iter().map(|highlight| &highlight.text))
        .map(|text| text.to_lowercase())
        .collect();
    let shows = |word: &String| texts.iter().any(|text| text.contains(&word.to_lowercase()));
    let led = |meaning: &&Meaning| meaning.meant.iter().any(shows) && !shows(&meaning.typed);
    meanings.iter().filter(led).cloned().collect()
}
