//! Tables of enterprises: Parquet, CSV, JSON Lines, JSON and Excel, read in chunks of rows.
//!
//! [`Enterprises`] opens the files. Its chunks are cheap to get, one after the other; reading a chunk into a table of
//! facts is the costly step, and can be done on many threads. Every row is taken up or rejected by name: rows are never
//! lost on the way. A [`Mapping`] says what the columns of somebody else's table mean.

mod arrow_cells;
mod cell;
mod chunk;
mod csv;
mod json;
mod layout;
mod mapping;
mod paths;
mod reason;
mod rows;
mod sheet;
mod source;
mod text;
mod unit;

pub use chunk::Chunk;
pub use mapping::Mapping;
pub(crate) use source::facts_digest;
pub use source::{Enterprises, TableOptions};

use zhaoren_matcher::batch::FactTable;
use zhaoren_policy::profile::Profile;

/// A row that could not be taken: where it stands, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Reject {
    /// The file, as it was given.
    pub file: String,
    /// The row: the line of a text file, the row of a sheet (both counted from 1, headers included), or the
    /// row of a Parquet file counted from 1.
    pub row: u64,
    /// The enterprise's id, where it could be read.
    pub id: String,
    /// The column (or JSON path); empty where the row as a whole is at fault.
    pub column: String,
    /// The value as it stands there.
    pub value: String,
    /// What is wrong with it and what was expected, in Chinese.
    pub reason: String,
}

/// One enterprise of a chunk: who it is, and in which row it stands.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// The row, counted as in [`Reject::row`].
    pub row: u64,
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
}

/// What the rows of a chunk hold: every row is one or the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Rows that could be read.
    pub sound: Vec<Row>,
    /// What they hold, row by row.
    pub table: FactTable,
    /// One reject for each fault; several can be about one row.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected.
    pub rejected: u64,
    /// The position of the file among the inputs.
    pub file: u32,
}

impl Rows {
    /// Takes up profiles, each with the row it stands in.
    pub(crate) fn take(&mut self, profiles: Vec<(u64, Profile)>) {
        self.table = FactTable::of(profiles.iter().map(|(_, profile)| profile));
        let row = |(row, profile): (u64, Profile)| Row { row, id: profile.id, name: profile.name };
        self.sound = profiles.into_iter().map(row).collect();
    }

    /// Profiles that stand in these rows.
    pub fn of(profiles: Vec<(u64, Profile)>) -> Self {
        let mut rows = Self::default();
        rows.take(profiles);
        rows
    }

    /// The profiles of the rows that could be read.
    pub fn profiles(&self) -> Vec<Profile> {
        let profile = |(at, row): (usize, &Row)| {
            let mut profile = self.table.profile(at, &row.id);
            profile.name.clone_from(&row.name);
            profile
        };
        self.sound.iter().enumerate().map(profile).collect()
    }
}

/// Why a table could not be opened or read on: the file, the place in it, and what is wrong, in Chinese.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TableError(pub String);
