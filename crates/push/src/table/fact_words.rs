//! Words for facts: the headings that a dictionary knows.

use std::collections::HashMap;

use zhaoren_policy::fact::{Fact, FactDictionary, Period};

/// Meaning of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Id,
    Name,
    /// Fact, or one year of a yearly fact.
    Fact {
        key: String,
        year: Option<i16>,
    },
    /// Possession of one tag of a tags fact: a column of 是 and 否.
    Tag {
        key: String,
        tag: String,
    },
    Unused,
}

/// Facts by key, name and synonym.
pub(crate) struct FactWords<'a> {
    words: HashMap<String, Vec<&'a Fact>>,
    pub(crate) dictionary: &'a FactDictionary,
}

impl<'a> FactWords<'a> {
    pub(crate) fn new(dictionary: &'a FactDictionary) -> Self {
        let mut words: HashMap<String, Vec<&Fact>> = HashMap::new();
        for fact in dictionary.iter() {
            for word in fact.aliases.iter().chain([&fact.name]) {
                let facts = words.entry(folded(word)).or_default();
                if !facts.iter().any(|known| known.key == fact.key) {
                    facts.push(fact);
                }
            }
        }
        Self { words, dictionary }
    }

    /// Fact with this key, name or synonym.
    ///
    /// # Errors
    /// In Chinese: no fact has it, or more than one.
    pub(crate) fn fact(&self, word: &str) -> Result<&'a Fact, String> {
        if let Some(fact) = self.dictionary.get(word) {
            return Ok(fact);
        }
        let meant = self.words.get(&folded(word)).map_or(&[][..], Vec::as_slice);
        // A fact's name takes precedence over another fact's synonym.
        let mut named = meant.iter().filter(|fact| folded(&fact.name) == folded(word));
        match (meant, named.next(), named.next()) {
            ([fact], ..) | (_, Some(fact), None) => Ok(fact),
            ([], ..) => Err("不是已知的指标".to_owned()),
            _ => {
                let keys: Vec<&str> = meant.iter().map(|fact| fact.key.as_str()).collect();
                Err(format!("可以指几项指标（{}），应写明其一", keys.join("、")))
            }
        }
    }

    /// Meaning of a header that is exactly a word of the dictionary; an empty header means an unused column, without a warning.
    pub(crate) fn about(&self, header: &str) -> Result<About, String> {
        match header {
            "id" => return Ok(About::Id),
            "name" => return Ok(About::Name),
            // The mark of synthetic enterprises is no fact, and ignoring it needs no warning.
            "" | "synthetic" => return Ok(About::Unused),
            _ => {}
        }
        let (key, year) = self.fact_of_year(header)?;
        Ok(About::Fact { key, year })
    }

    /// Fact and year named by a header such as `revenue.2025` or 从业人数.
    ///
    /// # Errors
    /// In Chinese: not a fact, a year for a fact without years, or no year for a yearly fact.
    pub(crate) fn fact_of_year(&self, header: &str) -> Result<(String, Option<i16>), String> {
        let (word, year) = match header.rsplit_once('.') {
            Some((word, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => {
                (word.trim(), year.parse::<i16>().ok().filter(|year| *year >= 1000))
            }
            _ => (header, None),
        };
        let fact = self.fact(word)?;
        match (fact.period, year) {
            (Period::Year, None) => Err(format!("是按年度的指标，列名要带年度，如 {}.2025", fact.key)),
            (Period::Current, Some(_)) => Err("不是按年度的指标，列名不应带年度".to_owned()),
            (_, year) => Ok((fact.key.clone(), year)),
        }
    }
}

/// Header normalised for comparison: full-width and half-width brackets are equal.
pub(crate) fn folded(text: &str) -> String {
    let text = text.trim().trim_start_matches('\u{feff}').trim();
    text.chars()
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            '％' => '%',
            c => c,
        })
        .collect()
}
