//! The canonical Chinese form of criteria: an outline that reads like the 申报条件 of a guide, and reads back.
//!
//! One condition stands on a line, what belongs to it below it and further in. Numbers in front of a line (一、（一）1.)
//! are for people; only the indentation counts. What a leaf says is found with the dictionary's names, so a sentence of
//! a guide that names a fact and compares it is often read as it stands.
//!
//! Whatever is written reads back to the same tree, evidence included. Where words could be read in two ways the fact's
//! key is added, `从业人数〔employees〕`, and where even that does not do, the condition is written as data:
//! `条件式：{…}`.

mod leaf_read;
mod leaf_write;
mod marks;
mod outline;
mod quantity;
mod read;
mod source;
mod write;

pub(super) use quantity::read_number;
pub use read::read_canonical;
pub(crate) use read::read_canonical_at;
pub(super) use source::tree;
pub use write::write_canonical;
