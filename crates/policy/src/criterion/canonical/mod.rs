//! Canonical Chinese form of criteria: an outline that reads like the 申报条件 of a guide, and can be read back.
//!
//! Each line has one condition; its parts are on the following lines with deeper indentation. Numbers at the start of a line
//! (一、（一）1.) are for people; only the indentation counts. A leaf is recognised by the names in the dictionary, so a sentence of a
//! guide that names a fact and compares it can often be read unchanged.
//!
//! Everything written reads back to the same tree, evidence included. If the words are ambiguous, the fact's key is added,
//! `从业人数〔employees〕`, and if that is not enough, the condition is written as data: `条件式：{…}`.

mod leaf_read;
mod leaf_write;
mod marks;
mod outline;
mod quantity;
mod read;
mod records;
mod source;
mod write;

pub(super) use quantity::read_number;
pub use read::read_canonical;
pub(crate) use read::read_canonical_at;
pub use source::tree;
pub use write::write_canonical;
