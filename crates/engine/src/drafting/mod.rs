//! Review sheets (审核单): a document beside the items that were read from it, a person's decisions on each part, and the drafts
//! that come of them.
//!
//! A sheet is computed from the document, so the same file always gives the same sheet; only decisions are sent and stored. A draft
//! keeps the sheet of its item as it was read, and each decision is a record from which the reader is scored.

mod accept;
mod adopt;
mod compare;
mod decide;
mod facts;
mod file;
mod live;
mod machine;
mod parts;
mod propose;
mod qualify;
mod retag;
mod sheet;

pub use accept::{AcceptedFact, FactAcceptance};
pub use compare::{CriteriaDiff, compare_criteria};
pub use decide::{DecidedItem, ItemDecisions, PartDecision, PartFault};
pub use facts::ProposedFact;
pub use file::FileDecisions;
pub use live::LiveItem;
pub use machine::{Ask, AskFailure, MachineProposal, MachineReport, Refusal, checked};
pub use propose::{DraftReading, StoredReading, item_body};
pub use qualify::{NamedEnterprise, Qualifying};
pub use retag::TagChange;
pub use sheet::{
    FigureKind, PartKind, ReadingFigure, ReadingPart, ReviewSheet, SheetItem, SheetSegment, read_sheet,
};
pub use zhaoren_draft::{Dimension, Taxonomy};
