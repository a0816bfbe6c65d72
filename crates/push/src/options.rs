//! Options of a run.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::Hit;
use crate::refusals::Refusals;

/// Days before the end of a window from which a kept match has the deadline as its cause, unless the caller says otherwise.
pub const DEADLINE_DAYS: i32 = 15;

/// Options of a run.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// Folder of the results; created if it does not exist.
    pub out: PathBuf,
    /// Evaluation date (判定日).
    pub as_of: Date,
    /// Results of an earlier run to compare with.
    pub previous: Option<PathBuf>,
    /// Format of `matches`.
    pub format: Format,
    /// Selection of the listed matches.
    pub listing: Listing,
    /// A kept match whose window closes within this many days has the deadline as its cause.
    pub deadline_days: i32,
    /// Decide everything again, including results that could be reused from the previous run. The lists are the same.
    pub full: bool,
    /// Opt-outs (拒收) of enterprises.
    pub opt_outs: Refusals,
    /// Explanation of the rows.
    pub explain: Explain,
}

/// Selection of an enterprise's matches for the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Include matches with an undetermined verdict.
    pub undetermined: bool,
    /// Maximum number of matches, best score first, ties by id.
    pub top: Option<usize>,
    /// Minimum score, in ten-thousandths.
    pub floor: Option<u16>,
    /// Part of a divided run: index from 0, and number of parts. The part of an enterprise depends on its id alone.
    pub part: Option<(u32, u32)>,
}

/// Explanation of the rows of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Explain {
    /// None: what is missing is not computed.
    Nothing,
    /// Missing facts of undetermined rows.
    #[default]
    Missing,
    /// Missing and failing facts, with their keys as list columns.
    Full,
}

impl Explain {
    /// Explanation of a format, unless the caller says otherwise. Each undetermined row costs about as much as a match, so the form
    /// for programs has none.
    pub fn of_format(format: Format) -> Self {
        if format == Format::Parquet { Self::Nothing } else { Self::Missing }
    }
}

/// Format of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Apache Parquet, compressed with zstd.
    #[default]
    Parquet,
    /// Comma-separated values, UTF-8 with the byte order mark that spreadsheets look for.
    Csv,
    /// JSON Lines: one object a line.
    Jsonl,
    /// Excel workbook with a sheet for each district, for people. Programs find the same list as Parquet beside it.
    Xlsx,
}

impl Format {
    /// Format with a name, which is its file name extension.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Parquet, Self::Csv, Self::Jsonl, Self::Xlsx].into_iter().find(|one| one.extension() == name)
    }

    /// File name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
        }
    }
}

impl Listing {
    /// Keeps the listed hits, and the withheld ones that would be listed otherwise, in order of item index. Withheld hits do not
    /// count towards `top`.
    pub(crate) fn apply(&self, hits: &mut Vec<Hit>) {
        if let Some(floor) = self.floor {
            hits.retain(|hit| hit.score >= floor);
        }
        if let Some(top) = self.top.filter(|top| *top < hits.len()) {
            // Item indices are in order of id.
            hits.sort_unstable_by_key(|hit| (!hit.is_listed(), std::cmp::Reverse(hit.score), hit.item));
            let listed = hits.partition_point(Hit::is_listed);
            hits.drain(top.min(listed)..listed);
        }
        hits.sort_unstable_by_key(|hit| hit.item);
    }

    /// True if the enterprise belongs to the requested part of the run.
    pub(crate) fn includes(&self, id: &str) -> bool {
        let Some((part, parts)) = self.part else { return true };
        // FNV-1a, 64 bits: identical on every machine, and distributed well enough over a few thousand parts.
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        hash % u64::from(parts.max(1)) == u64::from(part)
    }
}
