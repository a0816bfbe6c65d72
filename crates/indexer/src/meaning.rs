//! Interpretations of typed text: by a reading, a synonym, a correction.

use serde::Serialize;

use crate::query::Understood;

/// A part of a query that was searched as something else, instead or in addition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// The typed text.
    pub typed: String,
    /// The texts searched for it.
    pub meant: Vec<String>,
    /// Kind of the interpretation.
    pub by: By,
}

/// Kind of an interpretation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum By {
    /// Full pinyin: shoutaitao.
    #[serde(rename = "拼音")]
    Reading,
    /// Pinyin initials: zjtx.
    #[serde(rename = "拼音首字母")]
    Initials,
    /// An entry of the table of synonyms.
    #[serde(rename = "同义词")]
    Synonym,
    /// Another spelling of a number.
    #[serde(rename = "数字写法")]
    Number,
    /// Homophones.
    #[serde(rename = "同音字")]
    Homophone,
    /// A character inserted, missing, misplaced or replaced.
    #[serde(rename = "错字")]
    Slip,
}

impl By {
    /// Chinese display name.
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

/// Interpretations of words that were also searched as synonyms, or as numbers spelt otherwise.
pub(crate) fn synonyms(understood: &Understood) -> impl Iterator<Item = Meaning> + '_ {
    understood.words.iter().filter(|term| !term.also.is_empty()).map(|term| Meaning {
        typed: term.word.clone(),
        meant: term.also.clone(),
        by: if term.number { By::Number } else { By::Synonym },
    })
}
