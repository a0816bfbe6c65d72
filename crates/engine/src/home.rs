//! Location of the program's data.

use std::fmt;
use std::path::{Path, PathBuf};

use zhaoren_registry::Registry;

use crate::blocking::Blocking;
use crate::error::EngineError;
use crate::signing;

/// Files in the data directory, apart from the registry, of an installation in use.
const TRACES: [&str; 6] = ["CURRENT", "generation", "rules", "searches.json", "searches", "signing.key"];

/// A data directory, and the database of its records if that is not the SQLite file in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Home {
    data: PathBuf,
    database: Option<String>,
}

impl Home {
    /// A data directory with a database address: `postgres://user@host/name`.
    pub fn new(data: &Path, database: Option<&str>) -> Self {
        Self { data: data.to_owned(), database: database.map(str::to_owned) }
    }

    /// The directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// True if the records are in a separate database.
    pub fn is_external(&self) -> bool {
        self.database.is_some()
    }

    /// Checks that the records exist, so that reading creates nothing.
    pub(crate) fn exists(&self) -> std::io::Result<()> {
        if self.is_external() { Ok(()) } else { std::fs::metadata(self.file()).map(|_| ()) }
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.data.join("registry.sqlite")
    }

    /// Opens the records, with the signing key of this installation.
    pub(crate) fn registry(&self, runtime: &Blocking) -> Result<Registry, EngineError> {
        let registry = match &self.database {
            Some(address) => runtime.block_on(Registry::open_database(address))?,
            None => self.file_registry(runtime)?,
        };
        let registry = match signing::load_or_create(&self.data)? {
            Some(key) => registry.with_signer(key),
            None => registry,
        };
        if !registry.is_read_only() {
            runtime.block_on(registry.ensure_covered())?;
        }
        Ok(registry)
    }

    /// Checks that the registry was not lost: a missing or empty file beside traces of an installation in use is no new
    /// installation.
    pub(crate) fn check_not_lost(&self) -> Result<(), EngineError> {
        let is_there = std::fs::metadata(self.file()).is_ok_and(|file| file.len() > 0);
        if self.is_external() || is_there {
            return Ok(());
        }
        let traces = TRACES.into_iter().filter(|name| self.data.join(name).exists()).collect::<Vec<_>>();
        if traces.is_empty() {
            return Ok(());
        }
        Err(EngineError::RegistryLost {
            path: self.file(),
            data: self.data.clone(),
            traces: traces.join("、"),
        })
    }

    /// Opens the SQLite file; read-only if it cannot be opened otherwise: the folder is not writable, or the disk is full.
    fn file_registry(&self, runtime: &Blocking) -> Result<Registry, EngineError> {
        let file = self.file();
        let has_records = std::fs::metadata(&file).is_ok_and(|found| found.len() > 0);
        if has_records && !zhaoren_disk::is_writable(&self.data) {
            return Ok(runtime.block_on(Registry::open_read_only(&file))?);
        }
        self.restrict_registry_file(&file)?;
        match runtime.block_on(Registry::open(&file)) {
            Ok(registry) => Ok(registry),
            // A damaged file or one of another version cannot be read either, and the first error is then the right one.
            Err(error) if has_records => {
                runtime.block_on(Registry::open_read_only(&file)).map_err(|_| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Creates the file before SQLite does, with its mode, which SQLite copies to the files beside it; and revokes the
    /// permissions that earlier versions granted to others.
    fn restrict_registry_file(&self, file: &Path) -> Result<(), EngineError> {
        match zhaoren_disk::create(file, zhaoren_disk::FILE_MODE) {
            Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(EngineError::Data { path: file.to_owned(), cause });
            }
            _ => {}
        }
        for ending in ["", "-wal", "-shm"] {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            // The file may belong to another user who shares it with this group.
            let _ = zhaoren_disk::restrict(Path::new(&name), zhaoren_disk::FILE_MODE);
        }
        Ok(())
    }
}

impl fmt::Debug for Home {
    /// Omits the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").field("data", &self.data).field("apart", &self.is_external()).finish()
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
