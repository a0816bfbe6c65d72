//! Spelling of a query: pinyin is converted to Chinese words and typing errors are corrected. The corrected query is
//! searched; every change is reported.

use zhaoren_text::docno;

use crate::corpus::Corpus;
use crate::error::IndexError;
use crate::frequency::Frequencies;
use crate::meaning::{By, Meaning};
use crate::reading::{LatinReading, read_latin};
use crate::vocabulary::Vocabulary;

/// A query with its corrections.
pub(crate) struct Spelling {
    /// Text to be searched.
    pub(crate) text: String,
    pub(crate) meanings: Vec<Meaning>,
    /// Words of the text that were typed in Latin letters, with the other words of the same reading.
    pub(crate) alike: Vec<(String, Vec<String>)>,
}

impl Spelling {
    /// The corrected query, if a typing error was corrected.
    pub(crate) fn did_you_mean(&self) -> Option<String> {
        let slip = |meaning: &Meaning| matches!(meaning.by, By::Homophone | By::Slip);
        self.meanings.iter().any(slip).then(|| self.text.clone())
    }
}

impl Corpus {
    /// Corrects the spelling of `typed`, which is already cleaned and simplified.
    pub(crate) fn spell(&self, typed: &str, as_typed: bool) -> Result<Spelling, IndexError> {
        let mut text = typed.to_owned();
        let (mut meanings, mut alike) = (Vec::new(), Vec::new());
        if as_typed {
            return Ok(Spelling { text, meanings, alike });
        }
        for (typed, meant) in &self.lexicon.regional {
            if text.contains(typed.as_str()) {
                text = text.replace(typed.as_str(), meant);
                let (typed, meant) = (typed.clone(), vec![meant.clone()]);
                meanings.push(Meaning { typed, meant, by: By::Synonym });
            }
        }
        // A reading needs more than two letters, and most queries have no Latin letters: the vocabulary is then not built.
        if typed.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_alphabetic)) {
            let counts = Frequencies::of(self.reader.searcher());
            let read = read_latin(&text, self.vocabulary()?, |word| self.is_latin_word(&counts, word));
            let LatinReading { text: read, meanings: more, alike: others } = counts.checked(read)?;
            (text, alike) = (read, others);
            meanings.extend(more);
        }
        // The characters of a 文号 are no words.
        if docno::parse(&text).is_none() && docno::find_all(&text).is_empty() {
            let (corrected, slips) = self.correct(&text)?;
            text = corrected;
            meanings.extend(slips);
        }
        Ok(Spelling { text, meanings, alike })
    }

    /// Vocabulary by reading; built on the first call.
    pub(crate) fn vocabulary(&self) -> Result<&Vocabulary, IndexError> {
        if let Some(vocabulary) = self.vocabulary.get() {
            return Ok(vocabulary);
        }
        let vocabulary = Vocabulary::of(&self.lexicon, &self.fields, &self.reader.searcher())?;
        Ok(self.vocabulary.get_or_init(|| vocabulary))
    }

    /// True if these Latin letters are a word of the lexicon or of a text.
    fn is_latin_word(&self, counts: &Frequencies, word: &str) -> bool {
        let fields = [self.fields.title, self.fields.tags, self.fields.text];
        self.lexicon.synonyms.iter().any(|synonym| synonym.typed == word)
            || fields.into_iter().any(|field| counts.with(field, word) > 0)
    }
}
