//! Headings that a dictionary knows together with a mapping, which takes precedence.

use super::cell::CellRules;
use super::fact_words::{About, FactWords};
use super::head::HeadingVocabulary;
use super::mapping::{Mapping, Target};

impl Target {
    /// Meaning of a mapped column, and how its cells are read.
    pub(crate) fn column(&self) -> (About, CellRules) {
        match self {
            Self::Id => (About::Id, CellRules::default()),
            Self::Name => (About::Name, CellRules::default()),
            Self::Unused => (About::Unused, CellRules::default()),
            Self::Tag { key, tag } => {
                (About::Tag { key: key.clone(), tag: tag.clone() }, CellRules::default())
            }
            Self::Fact { key, year, unit, separator } => (
                About::Fact { key: key.clone(), year: *year },
                CellRules { unit: unit.clone(), separator: separator.clone(), ..CellRules::default() },
            ),
        }
    }
}

/// Words of the dictionary together with a mapping.
pub(crate) struct KnownWords<'a> {
    pub(crate) words: FactWords<'a>,
    pub(crate) mapping: Option<&'a Mapping>,
}

impl KnownWords<'_> {
    fn about(&self, heading: &str) -> Result<About, String> {
        match self.mapping.and_then(|mapping| mapping.target(heading)) {
            Some(target) => Ok(target.column().0),
            None => self.words.heading(heading).map(|heading| heading.about),
        }
    }
}

impl HeadingVocabulary for KnownWords<'_> {
    fn is_identity(&self, heading: &str) -> bool {
        match self.about(heading) {
            Ok(About::Id | About::Name) => true,
            Ok(About::Fact { key, .. }) => key == "uscc" || key == "name",
            _ => false,
        }
    }

    fn recognises(&self, heading: &str) -> bool {
        // A column that the mapping leaves out is known as well.
        self.mapping.is_some_and(|mapping| mapping.target(heading).is_some())
            || self.words.recognises(heading)
    }

    fn is_usable(&self, heading: &str) -> bool {
        match self.mapping.and_then(|mapping| mapping.target(heading)) {
            Some(_) => true,
            None => self.words.heading(heading).is_ok_and(|heading| heading.about != About::Unused),
        }
    }
}
