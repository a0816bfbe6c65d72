//! Lexicon (词典) of the index: words that are never cut, synonyms, stop words, words for support, short names of organs.
//!
//! The files are in `index/` and are embedded in the program. A generation keeps a copy of the lexicon it was cut with,
//! so that index and query always cut words alike.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::situation::Situation;

/// Words, synonyms, stop words and organ codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lexicon {
    /// Words that are never cut.
    pub words: Vec<String>,
    /// Synonyms: typed words and the texts' words for them.
    pub synonyms: Vec<Synonym>,
    /// Question words without content (停用词); left out of queries only.
    pub stopwords: BTreeSet<String>,
    /// Words for support itself (支持用语): they order the results of other words.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub support: BTreeSet<String>,
    /// 机关代字 with the organ that uses it: 徐府办, 徐汇区人民政府办公室.
    pub organs: Vec<(String, String)>,
    /// Ways of asking, with the items that they are about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub situations: Vec<Situation>,
    /// Matters that people name by one word, each with its other words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Vec<String>>,
    /// Words of a question that every item could be about.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub generic: BTreeSet<String>,
    /// Words of everyday questions that carry no topic where the catalogue is of items.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub everyday: BTreeSet<String>,
    /// Words of Taiwan and Hong Kong with the words of the texts: 软体 and 软件.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regional: Vec<(String, String)>,
}

/// One synonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synonym {
    /// The typed word.
    pub typed: String,
    /// Its meanings; each is searched as a word.
    pub meant: Vec<String>,
    /// Source of the synonym.
    pub source: String,
}

impl Lexicon {
    /// The lexicon embedded in the program.
    pub fn built_in() -> Self {
        let regions = include_str!("../../../seeds/codes/gbt2260-divisions.tsv");
        // Streets and towns of Shanghai, and its districts, are never cut.
        let places = rows(regions, 2)
            .into_iter()
            .filter(|row| row.first().is_some_and(|code| code.starts_with("31")))
            .filter_map(|row| row.get(1).cloned())
            .filter(|name| name.chars().count() > 2);
        let mut words: Vec<String> =
            lines(include_str!("../../../index/dictionary.txt")).chain(places).collect();
        let stopwords = lines(include_str!("../../../index/stopwords.txt")).collect();
        let support = lines(include_str!("../../../index/support.txt")).collect();
        let synonyms: Vec<Synonym> = rows(include_str!("../../../index/synonyms.tsv"), 3)
            .into_iter()
            .filter_map(|row| {
                let [typed, meant, source] = <[String; 3]>::try_from(row).ok()?;
                Some(Synonym { typed, meant: meant.split('|').map(str::to_owned).collect(), source })
            })
            .collect();
        // A typed synonym has to be cut as one word too.
        words.extend(synonyms.iter().map(|synonym| synonym.typed.clone()));
        words.sort();
        words.dedup();
        let organs = rows(include_str!("../../../index/organs.tsv"), 2)
            .into_iter()
            .filter_map(|row| <[String; 2]>::try_from(row).ok().map(|[code, organ]| (code, organ)))
            .collect();
        let table = rows(include_str!("../../../index/situations.tsv"), 3);
        let situations = table.iter().filter_map(|row| Situation::read(row)).collect();
        let subjects = lines(include_str!("../../../index/subjects.txt"))
            .map(|line| line.split('|').map(str::to_owned).collect())
            .collect();
        let generic = lines(include_str!("../../../index/generic.txt")).collect();
        let everyday = lines(include_str!("../../../index/everyday.txt")).collect();
        let regional = rows(include_str!("../../../index/regional.tsv"), 2)
            .into_iter()
            .filter_map(|row| <[String; 2]>::try_from(row).ok().map(|[typed, meant]| (typed, meant)))
            .collect();
        Self {
            words,
            synonyms,
            stopwords,
            support,
            organs,
            situations,
            subjects,
            generic,
            everyday,
            regional,
        }
    }

    /// SHA-256 of the whole lexicon, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        // INVARIANT: each list is preceded by its length, so that no two lexicons give the same bytes.
        add(&self.words.len().to_string());
        self.words.iter().for_each(|word| add(word));
        add(&self.synonyms.len().to_string());
        for synonym in &self.synonyms {
            add(&synonym.typed);
            add(&synonym.meant.len().to_string());
            synonym.meant.iter().for_each(|word| add(word));
        }
        add(&self.stopwords.len().to_string());
        self.stopwords.iter().for_each(|word| add(word));
        // Older generations have none, and keep their digest.
        if !self.support.is_empty() {
            add(&self.support.len().to_string());
            self.support.iter().for_each(|word| add(word));
        }
        for (code, organ) in &self.organs {
            add(code);
            add(organ);
        }
        for situation in &self.situations {
            add(&format!("{situation:?}"));
        }
        self.subjects.iter().for_each(|subject| add(&subject.join("|")));
        self.generic.iter().for_each(|word| add(word));
        self.everyday.iter().for_each(|word| add(word));
        self.regional.iter().for_each(|(typed, meant)| add(&format!("{typed}|{meant}")));
        hex::encode(hasher.finalize())
    }
}

/// Lines of a list, without comments and empty lines.
fn lines(list: &str) -> impl Iterator<Item = String> + '_ {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
}

/// Rows of a table with exactly `columns` tab-separated columns; comments, the header `code` and other lines are left out.
fn rows(table: &str, columns: usize) -> Vec<Vec<String>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split('\t').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        .filter(|row| row.len() == columns && row.first().is_some_and(|cell| cell != "code"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_well_formed() {
        let lexicon = Lexicon::built_in();
        let spaced = |word: &str| word.is_empty() || word.chars().any(char::is_whitespace);
        assert!(lexicon.words.len() > 300 && !lexicon.words.iter().any(|word| spaced(word)));
        let rows = |table: &str| table.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(
            lexicon.synonyms.len(),
            rows(include_str!("../../../index/synonyms.tsv")),
            "every line is read"
        );
        assert_eq!(
            lexicon.organs.len(),
            rows(include_str!("../../../index/organs.tsv")),
            "every line is read"
        );
        for synonym in &lexicon.synonyms {
            assert!(!spaced(&synonym.typed) && !synonym.source.is_empty(), "{synonym:?}");
            assert!(!synonym.meant.is_empty() && !synonym.meant.iter().any(String::is_empty), "{synonym:?}");
            assert!(!synonym.meant.contains(&synonym.typed), "{synonym:?} stands for itself");
        }
        let situations = rows(include_str!("../../../index/situations.tsv"));
        assert_eq!(lexicon.situations.len(), situations, "every line is read");
        let parts = lexicon.situations.iter().flat_map(|one| one.ways.iter().flatten().chain(&one.names));
        assert!(parts.chain(lexicon.subjects.iter().flatten()).all(|part| !spaced(part)));
        let typed: BTreeSet<&str> = lexicon.synonyms.iter().map(|synonym| synonym.typed.as_str()).collect();
        assert_eq!(typed.len(), lexicon.synonyms.len(), "each is explained once");
        assert!(lexicon.stopwords.contains("怎么") && !lexicon.stopwords.iter().any(|word| spaced(word)));
        assert!(lexicon.support.contains("补贴") && lexicon.support.is_disjoint(&lexicon.stopwords));
    }

    #[test]
    fn lexicons_have_distinct_digests() {
        let built_in = Lexicon::built_in();
        let mut other = built_in.clone();
        let last = other.words.pop().unwrap_or_default();
        other.stopwords.insert(last);
        assert_ne!(built_in.digest(), other.digest());
        assert_eq!(built_in.digest(), Lexicon::built_in().digest());
    }
}
