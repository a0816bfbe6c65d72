//! Criteria (申报条件): the tree of conditions of an item.

mod canonical;
mod leaf;
mod parse;
mod render;
mod tree;
mod vary;

pub(crate) use canonical::read_canonical_at;
pub use canonical::{read_canonical, tree, write_canonical};
pub use leaf::{Aggregate, Compare, DateCompare, Leaf, RecordLeaf, RecordMeasure, Span, Take, Test, When};
pub use parse::read_criterion;
pub(crate) use parse::read_when;
pub use render::{describe, describe_json, describe_measure, describe_money, describe_value};
pub(crate) use render::{describe_when, percent};
pub use tree::{Arm, Criterion, Node, Score};
pub use vary::{Settable, Setting, apply_settings, settable_values};
