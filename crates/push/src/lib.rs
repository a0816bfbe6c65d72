//! Nightly push (每晚推送): tables of enterprises in, push lists (推送名单) out.
//!
//! This is the only crate that knows Arrow. Tables come in through [`table`], which gives profiles and rejected rows; [`lists`]
//! reads results back; [`find`] turns the question round and finds the enterprises that qualify for one item; [`store`] keeps
//! tables by column for repeated questions; [`synth`] makes a synthetic city to test on. Days are arguments; the clock only
//! measures durations.

mod cause;
mod cells;
mod decide;
mod encode;
mod error;
mod files;
pub mod find;
mod frames;
pub mod lists;
mod merge;
mod options;
mod output;
mod packed;
mod parallel;
mod publish;
mod refusals;
mod repeats;
mod reuse;
mod run;
mod sealed;
mod source;
mod state;
pub mod store;
pub mod synth;
pub mod table;
mod warnings;
mod work;

pub use error::PushError;
pub use options::{Format, Listing, PushOptions};
pub use output::{Change, FileDigest};
pub use publish::Manifest;
pub use refusals::Refusals;
pub use run::{NoProgress, Progress, RunCounts, RunReport, RunTimes, push};
pub use source::Source;
pub use state::{RunEnterprises, run_items};
