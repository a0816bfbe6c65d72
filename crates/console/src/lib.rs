//! Console (控制台): pages for caseworkers, rendered on the server.
//!
//! Pages are plain functions from the engine's answers to HTML, so that tests need neither a browser nor a socket.
//! Access rights and the origin of an answer are the server's responsibility. Every page works without its script,
//! which only adds suggestions and counts during typing. Colours never carry information that words and signs do not
//! carry too (WCAG 2.2, 1.4.1).

mod amount;
mod audit;
mod clause;
mod document_text;
mod drafting;
mod edit;
mod enterprise_files;
mod enterprises;
mod evidence;
mod fill;
mod frame;
mod home;
mod known;
mod match_filter;
mod match_page;
mod matching;
mod messages;
mod number;
mod overview;
mod pack;
mod policy;
mod reading;
mod reference;
mod runs;
mod search;
mod sign;
mod visible;
mod what_if;

use maud::PreEscaped;

pub use audit::{AuditFilterForm, Trail, audit};
pub use drafting::{ItemReview, draft_review, item_review};
pub use edit::{DecidedDraft, Draft, PendingDraft, ReviewNotice, edit, faults, reviews};
pub use enterprise_files::{EnterpriseFile, EnterpriseList, enterprise_file, enterprise_list};
pub use enterprises::{QualifyingEnterprises, enterprises};
pub use evidence::evidence;
pub use fill::{ProfileForm, profile_form};
pub use frame::{Section, Viewer, error_page, sign_in};
pub use home::{Counts, HomeNews, home};
pub use match_page::{KnownFact, MatchPage, MatchView};
pub use matching::matching;
pub use messages::{Outbox, Suspension, messages};
pub use pack::pack;
pub use policy::{ItemContext, OnDay, policy};
pub use reading::{FileImport, FileReading, imported, reading};
pub use reference::reference;
pub use runs::{Choice, Funnel, Rows, rows, run, runs};
pub use search::{PAGE, SearchForm, search};
pub use visible::escape_invisible;
pub use what_if::{Sandbox, Trial, what_if};

/// HTML of a page.
pub type Page = PreEscaped<String>;

/// Address of the style sheet.
pub const STYLE_ADDRESS: &str = "/static/console.css";
/// Style sheet.
pub const STYLE: &str = include_str!("static/console.css");
/// Address of the script.
pub const SCRIPT_ADDRESS: &str = "/static/console.js";
/// Script.
pub const SCRIPT: &str = include_str!("static/console.js");
/// Address of the icon; browsers ask for it by themselves.
pub const ICON_ADDRESS: &str = "/favicon.ico";
/// Icon (SVG).
pub const ICON: &str = include_str!("static/icon.svg");
