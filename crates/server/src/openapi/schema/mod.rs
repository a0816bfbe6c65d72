//! Wire schemas, for the document only. Responses are written from the engine's own types, and tests compare the
//! responses with these schemas, so that neither can change without the other.

#![expect(dead_code, reason = "declared for the document, never made")]
#![expect(clippy::large_enum_variant, reason = "declared for the document, never made")]

mod catalogue;
mod enterprise;
mod found;
mod messages;
mod operations;
mod people;
mod readings;
mod records;

pub(crate) use catalogue::{
    ChangeFeed, Checked, Decided, Decision, Document, Drafts, Files, Imported, Item, Policy, PolicyPage,
    Proposed, Written,
};
pub(crate) use enterprise::{
    BundleAnswer, BundleLine, Fact, MatchAnswer, MatchLine, MatchReport, OptOut, Profile, Profiles,
    ProfilesAgainst, QuestionPlan, QuestionsAnswer, QuestionsLine, Replay,
};
pub(crate) use found::{
    FindAnswer, KeptSearch, ListLine, Runs, SavedRun, SavedSearches, SearchAnswer, SearchBody, SuggestAnswer,
    WhatIfAnswer,
};
pub(crate) use messages::{Message, MessagePage, NoticeBody};
pub(crate) use operations::{
    Alive, AuditCheck, AuditHead, AuditLines, BadLine, InUse, ProblemDetails, PushJob, PushJobs, Ready, Shelf,
};
pub(crate) use people::{AddedKey, Key, Keys, NewKey, RevokedKey, TenantBody, TenantLine, Tenants};
pub(crate) use readings::{
    AcceptedFact, Adopted, Adoption, Corrections, DraftWithReading, FactWording, MachineReport,
    ProposedFacts, SheetAnswer,
};
pub(crate) use records::{
    EnterprisePage, FactsBody, Forgotten, NewOptOut, NewOutcome, OptOutPage, OutcomeList, Outcomes,
    RecordedOutcomes, SavedEnterprises, SavedFacts, Source, Sources, StoredProfile, Trust,
};
