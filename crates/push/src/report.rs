//! Report of a run (`run.json`): counts, durations and inputs.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_policy::warning::WarningCounts;

use crate::digest::FileDigest;
use crate::options::Listing;

/// Counts of a run (`run.json`).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunCounts {
    /// Number of rows read.
    pub rows: u64,
    /// Number of enterprises of this run, each counted once.
    pub enterprises: u64,
    /// Rows that could not be read or that repeat an enterprise. `rows` is the sum of this, `enterprises` and `elsewhere`.
    pub rejected: u64,
    /// Rejected rows that repeat an enterprise.
    pub repeated: u64,
    /// Rejected rows of enterprises that opted out of every push.
    pub held_back: u64,
    /// Pairs of enterprise and item that would be listed if the enterprise had not refused the item.
    pub held_back_pairs: u64,
    /// Pairs that would be listed if the enterprise did not have what the item gives: a title whose renewal is not due, or a support
    /// that is given once.
    pub already_held_pairs: u64,
    /// Rows of enterprises that belong to another part of a divided run.
    pub elsewhere: u64,
    /// Number of decided items.
    pub items: u64,
    /// Number of decided pairs of enterprise and item.
    pub pairs: u64,
    /// Pairs listed as eligible.
    pub eligible: u64,
    /// Pairs listed as undetermined.
    pub undetermined: u64,
    /// Rows with the change `new`.
    pub new: u64,
    /// Those of them that are undetermined.
    pub new_undetermined: u64,
    /// Rows with the change `kept`.
    pub kept: u64,
    /// Rows with the change `gone`.
    pub gone: u64,
    /// Enterprises whose verdicts were reused from the previous run, except on new and changed items.
    #[serde(rename = "carried")]
    pub reused: u64,
    /// Enterprises with unchanged facts that were decided again because of the change of date.
    #[serde(rename = "moved")]
    pub redecided: u64,
    /// Warnings about values, by kind; `warnings.csv` names them.
    pub warnings: WarningCounts,
    /// Number of rows by cause.
    pub causes: BTreeMap<&'static str, u64>,
}

/// Duration of the phases of a run, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunTimes {
    /// Compiling of the items.
    pub compile: f64,
    /// Reading and deciding, in parallel.
    pub decide: f64,
    /// Thread-seconds of that spent on reading rows.
    pub reading: f64,
    /// Thread-seconds of that spent on deciding.
    pub deciding: f64,
    /// Ordering, comparing and writing.
    pub write: f64,
    /// Whole run.
    pub total: f64,
}

/// Report of a run (`run.json`).
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// Version of the program.
    pub version: &'static str,
    /// Evaluation date (判定日).
    pub as_of: Date,
    /// Evaluation date of the compared run.
    pub previous_as_of: Option<Date>,
    /// Selection of the listed matches.
    pub listing: Listing,
    /// Input files.
    pub inputs: Vec<FileDigest>,
    /// SHA-256 over the items, in order of id.
    pub items_sha256: String,
    /// Items that could not be compiled, with the reason; they have no verdicts.
    #[serde(rename = "refused")]
    pub uncompiled: Vec<(String, String)>,
    /// Counts.
    pub counts: RunCounts,
    /// Durations in seconds.
    pub seconds: RunTimes,
    /// Number of threads used.
    pub threads: usize,
    /// Number of chunks reused from an interrupted attempt.
    pub resumed: usize,
}

impl RunCounts {
    /// Adds the counts of one id range.
    pub(crate) fn add(&mut self, other: &Self) {
        self.enterprises += other.enterprises;
        self.eligible += other.eligible;
        self.undetermined += other.undetermined;
        self.held_back_pairs += other.held_back_pairs;
        self.already_held_pairs += other.already_held_pairs;
        self.new += other.new;
        self.new_undetermined += other.new_undetermined;
        self.kept += other.kept;
        self.gone += other.gone;
        self.reused += other.reused;
        self.redecided += other.redecided;
        for (cause, count) in &other.causes {
            *self.causes.entry(cause).or_default() += count;
        }
    }
}
