//! Single characters: the parts that hold one, inside words too.
//!
//! No field has single characters. Every character of a text begins a pair, or is in the field of pairs by itself at
//! the end of its run; so all its occurrences are the terms that begin with it, a range of the dictionary.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{Query, RangeQuery};

use crate::schema::Fields;

/// The character of which a text consists, if it is one and can begin a pair: 蝶, not C, which is a word.
pub(crate) fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let only = chars.next().filter(|c| c.is_alphanumeric() && !c.is_ascii())?;
    chars.next().is_none().then_some(only)
}

/// Query of every part with a character in title, tags or text, all with the same score.
pub(crate) fn holding_character(c: char, fields: &Fields) -> Box<dyn Query> {
    let lower = if c.is_uppercase() { c.to_lowercase().next().unwrap_or(c) } else { c };
    let term = |bound: char| Term::from_field_text(fields.pairs, bound.encode_utf8(&mut [0; 4]));
    // The next character: UTF-8 sorts by code point.
    let after = (u32::from(lower) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
    let upper = after.map_or(Bound::Unbounded, |after| Bound::Excluded(term(after)));
    Box::new(RangeQuery::new(Bound::Included(term(lower)), upper))
}
