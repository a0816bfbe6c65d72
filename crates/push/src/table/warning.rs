//! Warnings about cells that were interpreted as another value, or not understood at all. The enterprise is kept.

use zhaoren_policy::warning::{WarningCounts, WarningKind, add_counts};

use super::Rows;

/// Maximum number of warnings of one kind that are listed for one chunk of rows; all are counted. A kind that is in every row
/// does not hide the others.
pub const LISTED_WARNINGS: u64 = 2_000;

/// Warning about one cell of an accepted row, or about a part of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Warning {
    /// File name as given.
    pub file: String,
    /// Row number, counted as in [`Reject::row`](super::Reject::row); 0 if no single row is meant.
    pub row: u64,
    /// Id of the enterprise; empty if no single enterprise is meant.
    pub id: String,
    /// Column (or JSON path).
    pub column: String,
    /// Value as written.
    pub value: String,
    /// Kind of warning.
    pub kind: WarningKind,
    /// Interpretation of the value and the reason for it, in Chinese.
    pub reason: String,
}

impl Rows {
    /// Adds a warning: counts it, and lists it while there are at most [`LISTED_WARNINGS`] of its kind.
    pub fn warn(&mut self, kind: WarningKind, warning: impl FnOnce() -> Warning) {
        let count = self.warned.entry(kind).or_default();
        *count += 1;
        if *count <= LISTED_WARNINGS {
            self.warnings.push(warning());
        }
    }
}

/// The first warnings of a scan, with the number of all by kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Warnings {
    /// First warnings, in order of file and row.
    pub listed: Vec<Warning>,
    /// Number of all warnings, by kind.
    pub counts: WarningCounts,
}

impl Warnings {
    /// Warnings of some rows, the first `limit` of them.
    pub fn of(rows: &mut Rows, limit: usize) -> Self {
        let mut listed = std::mem::take(&mut rows.warnings);
        listed.truncate(limit);
        Self { listed, counts: std::mem::take(&mut rows.warned) }
    }

    /// Warnings of two disjoint sets of rows, the first `limit` of them.
    #[must_use]
    pub fn with(mut self, mut other: Self, limit: usize) -> Self {
        self.listed.append(&mut other.listed);
        self.listed.sort();
        self.listed.truncate(limit);
        add_counts(&mut self.counts, &other.counts);
        self
    }
}
