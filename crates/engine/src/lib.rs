//! Use cases on one open data directory.
//!
//! Documents and items come in through [`Engine::import`], are kept in the registry (plain texts as received, other forms as their
//! canonical text), and are read, repaired and outlined into the search index. Matching uses compiled [`Rules`] in memory. Results are plain data; the command line and
//! the HTTP API only render it.

mod access;
mod answers;
mod audit;
mod automatic;
mod backup;
mod blocking;
mod body;
mod changes;
mod channels;
mod clock;
mod condition_lines;
mod content;
mod dictionaries;
mod district;
mod document_file;
pub mod drafting;
mod drafts;
mod enterprise_id;
mod enterprises;
mod entries;
mod error;
mod evidence;
mod evidence_paths;
mod facts;
mod file;
mod home;
pub mod impact;
mod import;
mod indexing;
mod inquiry;
mod item_ids;
mod item_load;
mod keys;
mod links;
mod lock;
mod measure;
mod messages;
pub mod night;
mod open;
mod origin;
mod outcomes;
mod overview;
mod policies;
mod policy;
mod presentation;
pub mod problem_words;
mod profiles;
mod progress;
mod read_documents;
mod receipt;
mod receive;
mod records;
mod rule_book;
mod rules;
mod rules_cache;
mod saved;
mod search;
mod service_pack;
mod signing;
mod source;
mod state;
mod status;
mod stored;
mod stored_receipts;
mod tenants;
mod upkeep;
mod wording;
mod written;

pub use access::{Principal, ROLES, Right, Role};
pub use answers::{TypedAnswer, UNCLEAR, forget_unclear, mark_unclear, put_answers};
pub use audit::LastCheck;
pub use automatic::{AutomaticItem, AutomaticLine, AutomaticReport, AutomaticRequest, ReadinessReport};
pub use backup::Backup;
pub use body::Body;
pub use changes::Cursor;
pub use channels::{Cap, Channel, ChannelFault, Channels, QuietHours, Secret};
pub use clock::{day_of, end_of, in_china, moment_in_china, now, parse_moment, start_of, today};
pub use condition_lines::{evaluate_conditions, named_region, read_conditions};
pub use district::{SAMPLE_DISTRICT_ENTERPRISES, SAMPLE_NOTICE};
pub use drafts::Proposal;
pub use enterprises::SavedProfiles;
pub use error::EngineError;
pub use evidence::{Evidence, EvidenceProposal, ProposedQuote};
pub use facts::{OtherValue, StoredFact, StoredProfile};
pub use file::{FILE_LIMITS, FileLimits, file_problem, read_file};
pub use home::Home;
pub use import::ImportReport;
pub use inquiry::{Answer, HitItem, Inquiry, ItemHit, ItemLine, Searcher, Sort, Verdicts};
pub use jiff::civil::Date;
pub use keys::{NewKey, key_json};
pub use measure::{parse_length, parse_with_unit};
pub use messages::{
    ListedRow, MessageBuilder, MessageSource, MessageStats, Parcel, message_json, message_reason, parcels,
};
pub use open::Engine;
pub use outcomes::{OutcomeFault, ReadOutcomes, read_outcome_lines, read_outcomes};
pub use overview::{
    Bucket, CLOSING_SOON_DAYS, MAX_ALMOST_UNKNOWNS, Overview, ReceivedBenefit, ReceivedBenefits,
};
pub use policies::{LoadedItems, load_items, load_items_in};
pub use presentation::{FACETS, ReportPart, show_fault, show_notes, visible_clauses};
pub use profiles::{
    OneProfile, ReadProfiles, profile_text, profile_warnings, profile_with_id, read_profile_in,
    read_profile_line, read_profiles, read_profiles_of,
};
pub use progress::{LockHolder, Progress, Silent, Stage};
pub use receipt::{Difference, MatchMark, Receipt, ReceiptCatalogue, Replay, Signature, SignatureStatus};
pub use receive::{CheckReport, read_text};
pub use records::Records;
pub use rule_book::RuleBook;
pub use rules::{Rules, VerdictCounts};
pub use saved::{SavedRun, SavedSearch, SearchOwner, VerdictChange};
pub use service_pack::{PackChoices, PackFact, PackLine, PackMaterial, PackNear, PackQuestion, ServicePack};
pub use source::{ImportBatch, ImportDocument, ImportItem, has_errors};
pub use status::EngineStatus;
pub use upkeep::{GenerationList, Upkeep};
pub use wording::{WordingDifference, wording_differences};
pub use zhaoren_conditions::wording::{WordingConflict, WordingField};
pub use zhaoren_fulfilment::gate::Decision as AutomaticDecision;
pub use zhaoren_fulfilment::workday::{UnknownYear, WorkCalendar};
pub use zhaoren_indexer::eval;
pub use zhaoren_indexer::{
    Advice, AdviceKind, By, ExplainedStep, ExplainedTerm, Explanation, FacetValue, Generation, Highlight,
    Hit, Meaning, Original, SearchRequest, SearchResponse, Suggestion,
};
pub use zhaoren_matcher::bundle::{Bundle, BundleReport, Member, Proof};
pub use zhaoren_matcher::{
    AdviceOutcome, AdviceStep, AmountQuestion, Change, ClauseReport, CombinedQuestion, ItemWithoutVerdict,
    Match, MatchReport, NEVER, Question, QuestionItem, QuestionPlan, Rarity, WithheldFact,
};
pub use zhaoren_office::OfficeError;
pub use zhaoren_policy::calendar::{last_fiscal_year, parse_date};
pub use zhaoren_policy::code::{Code as PolicyCode, CodeSystem, names as code_names};
pub use zhaoren_policy::criterion::{Settable, Setting, settable_values};
pub use zhaoren_policy::document::Level;
pub use zhaoren_policy::evidence::{Passage, QuoteSpan};
pub use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Period, Privacy};
pub use zhaoren_policy::item::Benefit;
pub use zhaoren_policy::item::amount::Worth;
pub use zhaoren_policy::item::{
    CHANNEL_UNKNOWN, Guide, GuideEntry, Holding, HoldingState, Item, Review, SAMPLE_REGION, Standing,
    WindowView,
};
pub use zhaoren_policy::number::Number;
pub use zhaoren_policy::problem::{Fault, Problem, Report, Severity, Subject};
pub use zhaoren_policy::profile::Profile;
pub use zhaoren_policy::syntax::json as read_json;
pub use zhaoren_policy::verdict::{ClauseState, Verdict};
pub use zhaoren_policy::warning::{WarningCounts, WarningKind, counts_text};
pub use zhaoren_registry::digest;
pub use zhaoren_registry::{
    Attempt, AttemptCounts, AuditCheck, AuditFault, AuditFilter, AuditHead, AuditLine, ClaimedMessages,
    ContentVersion, Correction, DeletionCounts, Draft, KeyRecord, KeyState, LOCAL, Message, MessageCounts,
    MessageFilter, MessageKind, MessageState, Moment, OptOut, Outcome, PushRun, RegistryError, Revision,
    TableRowCount, Tenant, WriteContext, WriteCounts,
};

/// Options of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchOptions {
    /// 判定日.
    pub as_of: Date,
    /// Include ineligible items and items not in force.
    pub all: bool,
    /// Maximum number of matches.
    pub limit: usize,
    /// Compute the best bundle (最优组合).
    pub bundle: bool,
}

/// The dictionary that ships with the program.
pub fn built_in_facts() -> &'static FactDictionary {
    FactDictionary::built_in()
}

/// An amount of yuan in words: 4300万元.
pub fn show_money(yuan: &zhaoren_policy::number::Number) -> String {
    zhaoren_policy::criterion::describe_money(yuan)
}

/// Known value of a condition in words: of its fact, or the count or sum of its records; `None` if it has no fact.
pub fn show_known(clause: &ClauseReport, facts: &FactDictionary) -> Option<String> {
    let fact = facts.get(clause.fact.as_ref()?)?;
    Some(zhaoren_policy::criterion::describe_measure(fact, clause.of.as_deref(), &clause.value))
}

/// A withheld fact in words: 2025年营业收入（税务不提供）.
pub fn show_withheld(one: &WithheldFact, facts: &FactDictionary) -> String {
    let fact = facts.get(&one.fact);
    let name = fact.map_or(one.fact.as_str(), |fact| fact.name.as_str());
    let field = one
        .field
        .as_deref()
        .map(|key| fact.and_then(|fact| fact.fields.get(key)).map_or(key, |field| field.name.as_str()));
    let year = one.year.map(|year| format!("{year}年")).unwrap_or_default();
    let field = field.map(|field| format!("的{field}")).unwrap_or_default();
    let reason = if one.reason.is_empty() { String::new() } else { format!("（{}）", one.reason) };
    format!("{year}{name}{field}{reason}")
}

/// A value of a match in words: 4300万元, 2019年3月12日, 未知.
pub fn show_value(fact: &zhaoren_policy::fact::Fact, value: &serde_json::Value) -> String {
    zhaoren_policy::criterion::describe_json(fact, value)
}
