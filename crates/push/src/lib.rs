//! Nightly push (每晚推送): tables of enterprises in, push lists (推送名单) out.
//!
//! This is the only crate that knows Arrow. Tables come in through [`table`], which gives profiles and rejected rows; [`lists`]
//! reads results back; [`find`] turns the question round and finds the enterprises that qualify for one item; [`store`] keeps
//! tables by column for repeated questions; [`synth`] makes a synthetic city to test on. Days are arguments; the clock only
//! measures durations.

mod cause;
mod cells;
mod companions;
mod decide;
mod digest;
mod encode;
mod entry;
mod error;
mod explain;
mod files;
pub mod find;
mod folder;
mod frames;
mod held;
mod holdings;
mod item_index;
mod list;
pub mod lists;
mod merge;
mod options;
mod output;
mod packed;
mod parallel;
mod progress;
mod publish;
mod refusals;
mod rejects;
mod repeats;
mod report;
mod reuse;
mod run;
mod sealed;
mod state;
pub mod store;
pub mod synth;
pub mod table;
mod warnings;
mod words;
mod work;
mod workbook;

pub use digest::FileDigest;
pub use error::PushError;
pub use folder::Manifest;
pub use list::Change;
pub use options::{DEADLINE_DAYS, Explain, Format, Listing, PushOptions};
pub use progress::{NoProgress, Progress};
pub use refusals::Refusals;
pub use report::{RunCounts, RunReport, RunTimes};
pub use run::push;
pub use state::{RunEnterprises, run_items};
pub use table::Source;
