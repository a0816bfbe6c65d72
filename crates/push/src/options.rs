//! What a run is asked to do.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::frames::Hit;
use crate::refusals::Refusals;

/// Options of a run.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// Where the results go; created when missing.
    pub out: PathBuf,
    /// The evaluation date (判定日).
    pub as_of: Date,
    /// What the lists are to be compared with: the results of an earlier run.
    pub previous: Option<PathBuf>,
    /// The form of `matches`.
    pub format: Format,
    /// Which matches are listed.
    pub listing: Listing,
    /// A kept match whose window closes within so many days has that as its cause.
    pub deadline_days: i32,
    /// Decide everything, also what could be taken over from the earlier run. The result is the same.
    pub afresh: bool,
    /// Who does not want to be told of what.
    pub refused: Refusals,
}

/// Which matches of an enterprise are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Also those on which the enterprise is undetermined.
    pub undetermined: bool,
    /// At most so many, best score first, ties by id.
    pub top: Option<usize>,
    /// None with a score below this, in ten-thousandths.
    pub floor: Option<u16>,
    /// Only enterprises of one part of so many: part (from 0), parts. Which part an enterprise is in depends on its id
    /// alone.
    pub part: Option<(u32, u32)>,
}

/// Form of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Apache Parquet, compressed with zstd.
    #[default]
    Parquet,
    /// Comma-separated values, UTF-8 with the mark that spreadsheets look for.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl Format {
    /// The ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

impl Listing {
    /// Leaves the hits that are listed, and those that would be if they were not refused; in order of place. What is
    /// refused takes no place of the best.
    pub(crate) fn cut(&self, hits: &mut Vec<Hit>) {
        if let Some(floor) = self.floor {
            hits.retain(|hit| hit.score >= floor);
        }
        if let Some(top) = self.top.filter(|top| *top < hits.len()) {
            // Places are in order of id.
            hits.sort_unstable_by_key(|hit| (hit.held, std::cmp::Reverse(hit.score), hit.place));
            let told = hits.partition_point(|hit| !hit.held);
            hits.drain(top.min(told)..told);
        }
        hits.sort_unstable_by_key(|hit| hit.place);
    }

    /// Whether an enterprise belongs to the part that is asked for.
    pub(crate) fn has(&self, id: &str) -> bool {
        let Some((part, parts)) = self.part else { return true };
        // FNV-1a, 64 bits: the same on every machine, and spread well enough over a few thousand parts.
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        hash % u64::from(parts.max(1)) == u64::from(part)
    }
}
