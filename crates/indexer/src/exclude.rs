//! Exact occurrence of a text in entries: the exclusion operator `-word`.

use std::collections::BTreeSet;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use zhaoren_text::search_form;

use crate::analyze::pairs;
use crate::character::{holding_character, single};
use crate::collect::All;
use crate::corpus::Corpus;
use crate::error::IndexError;

impl Corpus {
    /// Positions of the entries whose title, tags or text contain these characters in this order, adjacent.
    pub(crate) fn holding(&self, text: &str) -> Result<BTreeSet<usize>, IndexError> {
        let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let words: Vec<String> = self.cutter.cut(text).into_iter().map(|word| word.text).collect();
        for field in [self.fields.title, self.fields.tags, self.fields.text] {
            let terms = (0..).zip(&words).map(|(at, word)| (at, Term::from_field_text(field, word)));
            any.extend(run(terms.collect()).map(|query| (Occur::Should, query)));
        }
        any.extend(self.characters(text).map(|query| (Occur::Should, query)));
        if any.is_empty() {
            return Ok(BTreeSet::new());
        }
        let all = All(Arc::clone(&self.places));
        let found = self.reader.searcher().search(&BooleanQuery::new(any), &all)?;
        Ok(found.into_iter().map(|one| one.entry).collect())
    }

    /// Phrase query of the characters; `None` if character pairs cannot express it, because two Latin characters are adjacent.
    pub(crate) fn characters(&self, text: &str) -> Option<Box<dyn Query>> {
        if let Some(only) = single(text) {
            return Some(holding_character(only, &self.fields));
        }
        let field: Field = self.fields.pairs;
        let latin = |window: &[char]| window.iter().all(|c| c.is_ascii_alphanumeric());
        let text = &*search_form(text);
        let chars: Vec<char> = text.chars().collect();
        if chars.windows(2).any(latin) {
            return None;
        }
        let pairs = pairs(text);
        let first = pairs.first().map_or(0, |(position, ..)| *position);
        let terms = pairs.into_iter().map(|(at, _, pair)| (at - first, Term::from_field_text(field, &pair)));
        run(terms.collect())
    }
}

/// Phrase query of terms at their offsets; `None` without terms.
fn run(terms: Vec<(usize, Term)>) -> Option<Box<dyn Query>> {
    match terms.as_slice() {
        [] => None,
        [(_, only)] => Some(Box::new(TermQuery::new(only.clone(), IndexRecordOption::Basic))),
        _ => Some(Box::new(PhraseQuery::new_with_offset(terms))),
    }
}
