//! Tables of enterprises: Parquet, CSV, JSON Lines, JSON and Excel, read in chunks of rows.
//!
//! [`Enterprises`] opens the files. Its chunks are cheap to obtain, one after the other; reading a chunk into a table of facts is
//! the expensive step and can be done on many threads. Every row is accepted or rejected by name; no row is lost. A [`Mapping`]
//! gives the meaning of the columns of a foreign table.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zhaoren_policy::fact::FactDictionary;
//! use zhaoren_push::table::{Enterprises, TableOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("enterprises.csv");
//! std::fs::write(&file, "id,name,employees\n样例一,甲公司,86\n,无编号,5\n")?;
//! let dictionary = Arc::new(FactDictionary::built_in().clone());
//! let enterprises = Enterprises::open(&[file], TableOptions::default(), dictionary)?;
//! for chunk in enterprises.chunks() {
//!     let rows = enterprises.read(&chunk?);
//!     assert_eq!((rows.accepted.len(), rows.rejects.len()), (1, 1));
//!     // A row without an id is rejected by its line.
//!     assert_eq!(rows.rejects[0].row, 3);
//! }
//! # Ok(())
//! # }
//! ```

mod amount;
mod arrow_cells;
mod asides;
mod cell;
mod chunk;
mod csv;
mod day;
mod delimiter;
mod enterprises;
mod fact_words;
mod head;
mod heading;
mod json;
mod known_words;
mod layout;
mod mapping;
mod paths;
mod readers;
mod reason;
mod records;
mod rows;
mod sheet;
mod source;
mod survey;
mod text;
mod unit;
mod warning;
mod width;

pub use chunk::Chunk;
pub use enterprises::{Enterprises, TableOptions};
pub use mapping::Mapping;
pub use records::RecordTable;
pub use source::Source;
pub use survey::{Candidate, ColumnSurvey, Doubt, Proposal, Survey};
pub use warning::{LISTED_WARNINGS, Warning, Warnings};

use zhaoren_matcher::batch::FactTable;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::warning::WarningCounts;

/// Rejected row: its position and its fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Reject {
    /// File name as given.
    pub file: String,
    /// Row number: the line of a text file, the row of a sheet (both counted from 1, headers included), or the row of a Parquet
    /// file counted from 1.
    pub row: u64,
    /// Id of the enterprise, if it could be read.
    pub id: String,
    /// Column (or JSON path); empty if the row as a whole is at fault.
    pub column: String,
    /// Value as written.
    pub value: String,
    /// Fault and expected content, in Chinese.
    pub reason: String,
}

/// One enterprise of a chunk: its id, name and row.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// Row number, counted as in [`Reject::row`].
    pub row: u64,
    /// Id of the enterprise.
    pub id: String,
    /// Name of the enterprise.
    pub name: Option<String>,
}

/// Content of a chunk's rows: every row is either accepted or rejected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Accepted rows.
    pub accepted: Vec<Row>,
    /// Facts of the accepted rows, in the same order.
    pub table: FactTable,
    /// One reject for each fault; several can be about one row.
    pub rejects: Vec<Reject>,
    /// Number of rejected rows.
    pub rejected: u64,
    /// Warnings about accepted rows, in order of row; at most [`LISTED_WARNINGS`] of a kind (see [`Rows::warn`]).
    pub warnings: Vec<Warning>,
    /// Number of all warnings, by kind.
    pub warned: WarningCounts,
    /// Index of the file among the inputs.
    pub file: u32,
}

impl Rows {
    /// Replaces the accepted rows and their facts by these profiles, each with its row number.
    pub(crate) fn set_profiles(&mut self, profiles: Vec<(u64, Profile)>) {
        self.table = FactTable::of(profiles.iter().map(|(_, profile)| profile));
        let row = |(row, profile): (u64, Profile)| Row { row, id: profile.id, name: profile.name };
        self.accepted = profiles.into_iter().map(row).collect();
    }

    /// Rows made from profiles, each with its row number.
    pub fn of(profiles: Vec<(u64, Profile)>) -> Self {
        let mut rows = Self::default();
        rows.set_profiles(profiles);
        rows
    }

    /// Profiles of the accepted rows.
    pub fn profiles(&self) -> Vec<Profile> {
        let profile = |(at, row): (usize, &Row)| {
            let mut profile = self.table.profile(at, &row.id);
            profile.name.clone_from(&row.name);
            profile
        };
        self.accepted.iter().enumerate().map(profile).collect()
    }
}

/// Reason why a table could not be opened or read further: file, position and fault, in Chinese.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TableError(pub String);
