//! Where the program keeps what it has.

use std::fmt;
use std::path::{Path, PathBuf};

use zhaoren_registry::Registry;

use crate::blocking::Blocking;
use crate::error::EngineError;

/// A data directory, and the database of its records where that is another than the SQLite file in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Home {
    data: PathBuf,
    database: Option<String>,
}

impl Home {
    /// A data directory, and the address of a database: `postgres://user@host/name`.
    pub fn new(data: &Path, database: Option<&str>) -> Self {
        Self { data: data.to_owned(), database: database.map(str::to_owned) }
    }

    /// The directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Whether the records are in a database apart.
    pub fn is_apart(&self) -> bool {
        self.database.is_some()
    }

    /// Whether there are records, so that nothing is created by looking.
    pub(crate) fn exists(&self) -> std::io::Result<()> {
        if self.is_apart() { Ok(()) } else { std::fs::metadata(self.file()).map(|_| ()) }
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.data.join("registry.sqlite")
    }

    /// Opens the records.
    pub(crate) fn registry(&self, runtime: &Blocking) -> Result<Registry, EngineError> {
        Ok(match &self.database {
            Some(address) => runtime.on(Registry::open_database(address))?,
            None => runtime.on(Registry::open(&self.file()))?,
        })
    }
}

impl fmt::Debug for Home {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").field("data", &self.data).field("apart", &self.is_apart()).finish()
    }
}

impl From<&Path> for Home {
    fn from(data: &Path) -> Self {
        Self::new(data, None)
    }
}

impl From<&PathBuf> for Home {
    fn from(data: &PathBuf) -> Self {
        Self::new(data, None)
    }
}

impl From<&Self> for Home {
    fn from(home: &Self) -> Self {
        home.clone()
    }
}
