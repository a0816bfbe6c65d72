//! A policy document to draft items (政策事项): what is granted, to whom, how much, when, and on which conditions.
//!
//! [`draft`] splits the outline of a document into its grants. It is a grammar, as `zhaoren-conditions` is: the same text always
//! gives the same items, without a model. Every part of an item carries the bytes of the text it was read from, and every
//! character of the document has a [`Role`]; text that has none of the others is [`Role::Unread`].
//!
//! It only proposes: an item becomes data of the catalogue through a person's review. Pure: no I/O, no clock.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod amount;
mod assemble;
mod audience;
mod criteria;
mod doubt;
mod general;
mod grant;
mod json;
mod model;
mod plain;
mod recognition;
mod relation;
mod role;
mod section;
mod shared;
mod split;
mod tags;
mod tiling;
mod vocabulary;
mod window;

use zhaoren_policy::code::{Code, CodeSystem};
use zhaoren_policy::document::DocumentKind;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Applicant;
use zhaoren_reader::Outline;

use assemble::Assembler;
use criteria::Conditions;
use shared::Shared;
use split::Splitter;

pub use model::{
    AmountReading, Applicability, Coverage, CriterionSpan, Doubt, DraftDocument, DraftItem, GrantsNothing,
    NamedSpan, Quoted, RelatedDocument, RelatedKind, Role, Segment, StackingReading, WindowReading,
};
pub use tags::{Dimension, Tag, TagReading, Taxonomy};

/// Maximum number of items of a document; the longest lists of measures have about a hundred.
pub const MOST_ITEMS: usize = 300;

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
    let document = outline.document.clone();
    let own = document.region.as_deref().and_then(|code| Code::parse(code, CodeSystem::Region));
    let region = region.or(own.as_ref());
    let kind = document.kind;
    let provisions = section::provisions(text, &outline.clauses);
    let parts = match outline.parts.is_empty() {
        true => std::iter::once(0..text.len()).collect(),
        false => outline.parts.iter().map(|part| part.span.clone()).collect(),
    };
    let name = assemble::document_name(&document, text);
    let mut splitter = Splitter::new(&outline.clauses, &provisions, kind, parts);
    let mut grants = match kind {
        Some(DocumentKind::Interpretation | DocumentKind::List) => Vec::new(),
        _ => splitter.grants(),
    };
    let general = splitter.general(&grants);
    if grants.is_empty() {
        grants = recognition::grants(&document, &splitter, &general);
    }
    let shared = Shared::of(text, &splitter, &name);
    let audience = audience::of(&document.title, text);
    let assembler = Assembler {
        text,
        splitter: &splitter,
        general: &general,
        shared: &shared,
        dictionary,
        name,
        title: &document.title,
        usual: if audience.is_residents { Applicant::Person } else { Applicant::Enterprise },
        has_twins: assemble::has_twins(&splitter, &general),
        is_unlikely: kind.is_some_and(|kind| !kind.can_grant() && kind != DocumentKind::Other),
    };
    let mut conditions = Conditions::new(text, region, dictionary);
    let mut items = assembler.items(&grants, &mut conditions);
    let count = items.len();
    if audience.is_residents {
        items.retain(|item| audience::is_for_enterprises(item, text));
    }
    let grants_nothing = items.is_empty().then_some(match kind {
        Some(DocumentKind::Plan | DocumentKind::Opinion) => GrantsNothing::Plan,
        Some(DocumentKind::Regulation) => GrantsNothing::Regulation,
        Some(DocumentKind::Interpretation | DocumentKind::List) => GrantsNothing::Report,
        _ if count > 0 || audience.is_residents => GrantsNothing::Persons,
        _ => GrantsNothing::NoGrant,
    });
    let relations =
        shared.documents.iter().filter(|one| one.kind != RelatedKind::Conditions).cloned().collect();
    let segments = tiling::segments(text, &splitter);
    let coverage = tiling::coverage(text, &segments, &items);
    DraftDocument { document, items, grants_nothing, relations, segments, coverage }
}
