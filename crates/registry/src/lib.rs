//! Records in SQL: documents and items, keys, ledger, and audit.
//!
//! One trait is the interface to a database; all other code is written once on top of it. SQLite is the default, PostgreSQL
//! serves a platform. Records are immutable revisions with the period in which they were current, so the content of any
//! past day can be queried. Every unit of work (transaction) has a line in the audit.
//!
//! This crate does not interpret the records, and reads no clock: the caller supplies the time.

mod audit;
mod backup;
mod catalogue;
mod changes;
mod clock;
mod clock_check;
mod corrections;
mod coverage;
mod digest;
mod error;
mod facts;
mod keys;
mod ledger;
mod migrations;
mod moment;
mod outbox;
mod persons;
mod postgres;
mod precondition;
mod receipts;
mod registry;
mod reviews;
mod revise;
mod signature;
mod sqlite;
mod state;
mod statement;
mod store;
mod tenant_facts;
mod total;
mod verify;
mod visibility;
mod work;

pub use audit::{AuditFilter, AuditHead, AuditLine, VERIFY_ACTION};
pub use backup::{TableRowCount, check_backup};
pub use catalogue::{
    BatchResult, DocumentRecord, HiddenItem, ItemRecord, RefusedItem, Revision, WriteCounts,
};
pub use changes::CatalogueChange;
pub use clock::Correction;
pub use corrections::ReadingCorrection;
pub use digest::digest;
pub use error::RegistryError;
pub use facts::{DeletionCounts, FactRecord};
pub use keys::{KeyRecord, KeyState, LEVELS, Tenant};
pub use ledger::{EVENTS, OptOut, Outcome, PushRun};
pub use moment::Moment;
pub use outbox::{
    Attempt, AttemptCounts, ClaimedMessages, Message, MessageCounts, MessageFilter, MessageKind, MessagePlan,
    MessageRun, MessageState, NewMessage, PastMessage,
};
pub use persons::{LOCAL, fold_name};
pub use precondition::ContentVersion;
pub use receipts::ReceiptRecord;
pub use registry::{Registry, WriteContext};
pub use reviews::{Draft, DraftProposal, DraftWithReading};
pub use signature::{SigningKey, is_signed};
pub use tenant_facts::{DraftUpdate, TenantFact};
pub use verify::{AuditCheck, AuditFault};
pub use work::BASELINE;
