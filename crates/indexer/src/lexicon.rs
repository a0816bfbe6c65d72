//! The lexicon (词典): what the index is made with. Words that stay whole, synonyms, organs' short names.
//!
//! The files stand in `index/` and are shipped in the program. A generation keeps a copy of the lexicon it was
//! cut with, so that index and query always cut words alike.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Words, synonyms and organ codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lexicon {
    /// Words that are never cut.
    pub words: Vec<String>,
    /// What people type, and what the texts say for it.
    pub synonyms: Vec<Synonym>,
    /// 机关代字 and the organ that uses it: 徐府办, 徐汇区人民政府办公室.
    pub organs: Vec<(String, String)>,
}

/// One synonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synonym {
    /// What is typed.
    pub typed: String,
    /// What it stands for; each is searched as a word.
    pub meant: Vec<String>,
    /// Where the entry comes from.
    pub source: String,
}

impl Lexicon {
    /// The lexicon that ships with the program.
    pub fn built_in() -> Self {
        let regions = include_str!("../../../seeds/codes/gbt2260-divisions.tsv");
        // Streets and towns of Shanghai, and its districts, stay whole words.
        let places = rows(regions, 2)
            .into_iter()
            .filter(|row| row.first().is_some_and(|code| code.starts_with("31")))
            .filter_map(|row| row.get(1).cloned())
            .filter(|name| name.chars().count() > 2);
        let words = include_str!("../../../index/dictionary.txt").lines().map(str::trim).map(str::to_owned);
        let mut words: Vec<String> =
            words.filter(|word| !word.is_empty() && !word.starts_with('#')).chain(places).collect();
        let synonyms: Vec<Synonym> = rows(include_str!("../../../index/synonyms.tsv"), 3)
            .into_iter()
            .filter_map(|row| {
                let [typed, meant, source] = <[String; 3]>::try_from(row).ok()?;
                Some(Synonym { typed, meant: meant.split('|').map(str::to_owned).collect(), source })
            })
            .collect();
        // What people type for something has to be cut as one word too.
        words.extend(synonyms.iter().map(|synonym| synonym.typed.clone()));
        words.sort();
        words.dedup();
        let organs = rows(include_str!("../../../index/organs.tsv"), 2)
            .into_iter()
            .filter_map(|row| <[String; 2]>::try_from(row).ok().map(|[code, organ]| (code, organ)))
            .collect();
        Self { words, synonyms, organs }
    }

    /// SHA-256 over everything in it, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        self.words.iter().for_each(|word| add(word));
        for synonym in &self.synonyms {
            add(&synonym.typed);
            synonym.meant.iter().for_each(|word| add(word));
        }
        for (code, organ) in &self.organs {
            add(code);
            add(organ);
        }
        hex(&hasher.finalize())
    }
}

/// Lines of a table with so many tab-separated columns; comments, the header `code` and short lines left out.
fn rows(table: &str, columns: usize) -> Vec<Vec<String>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split('\t').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        .filter(|row| row.len() == columns && row.first().is_some_and(|cell| cell != "code"))
        .collect()
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
