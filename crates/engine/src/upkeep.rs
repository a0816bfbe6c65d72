//! Maintenance of the index of a data directory: list, verify, rebuild, roll back. Opening neither fills nor builds
//! anything.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use zhaoren_indexer::{Generation, Pointer, generations, roll_back, verify};
use zhaoren_registry::{Registry, WriteContext};

use crate::blocking::Blocking;
use crate::clock::in_china;
use crate::error::EngineError;
use crate::home::Home;
use crate::indexing::rebuild;
use crate::lock::WriteLock;
use crate::progress::Progress;
use crate::records::Records;
use crate::written::json_value;

/// A data directory for the maintenance of its index.
#[derive(Debug)]
pub struct Upkeep {
    data: PathBuf,
    runtime: Arc<Blocking>,
    registry: Registry,
}

/// The generations of a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationList {
    /// Newest first.
    pub generations: Vec<Generation>,
    /// The content of the registry now, in the form of the `source` of a generation.
    pub registry: String,
}

impl GenerationList {
    /// True if the generation in use matches the registry.
    pub fn is_up_to_date(&self) -> bool {
        self.generations.iter().any(|one| one.current && one.source == self.registry)
    }
}

impl GenerationList {
    /// The list as JSON; `verified` if every file was compared.
    pub fn json(&self, verified: bool) -> Json {
        let row = |one: &Generation| {
            let mut row = json_value(one);
            if let Some(row) = row.as_object_mut() {
                row.insert("published".to_owned(), one.published.map(in_china).into());
                row.insert("in_step".to_owned(), (one.source == self.registry).into());
            }
            row
        };
        let rows: Vec<Json> = self.generations.iter().map(row).collect();
        json!({"generations": rows, "in_step": self.is_up_to_date(), "verified": verified})
    }
}

impl From<Records> for Upkeep {
    fn from(Records { data, runtime, registry }: Records) -> Self {
        Self { data, runtime, registry }
    }
}

impl Upkeep {
    /// Opens the registry of a data directory.
    ///
    /// # Errors
    /// When the registry does not exist.
    pub fn open(home: impl Into<Home>) -> Result<Self, EngineError> {
        Ok(Records::open_existing(home)?.into())
    }

    /// The generations kept, including the one in use.
    ///
    /// # Errors
    /// When no index was built yet.
    pub fn list(&self) -> Result<GenerationList, EngineError> {
        let registry = self.runtime.block_on(self.registry.fingerprint())?;
        Ok(GenerationList { generations: generations(&self.data)?, registry })
    }

    /// Lists the generations with every file compared with its manifest; `fault` of a generation names a mismatch. The
    /// audit records the check.
    ///
    /// # Errors
    /// When no index was built yet, or the registry cannot be written.
    pub fn verify(&self, act: &WriteContext<'_>) -> Result<GenerationList, EngineError> {
        let mut shelf = self.list()?;
        for one in shelf.generations.iter_mut().filter(|one| one.fault.is_none()) {
            one.fault = verify(&self.data, one.number).err().map(|error| error.to_string());
        }
        let damaged: Vec<u64> =
            shelf.generations.iter().filter(|one| one.fault.is_some()).map(|one| one.number).collect();
        let detail = json!({"generations": shelf.generations.len(), "damaged": damaged});
        self.runtime.block_on(self.registry.record_action(act, "index.verify", "", &detail))?;
        Ok(shelf)
    }

    /// Builds a generation of the whole registry; returns its number. The audit records it.
    ///
    /// # Errors
    /// When it cannot be written; the one in use stays.
    pub fn rebuild(&self, act: &WriteContext<'_>, progress: &dyn Progress) -> Result<u64, EngineError> {
        let _lock = WriteLock::acquire(&self.data, "index rebuild", progress)?;
        let number = rebuild(&self.data, &self.runtime, &self.registry, progress)?.number();
        self.runtime.block_on(self.registry.record_action(
            act,
            "index.rebuild",
            &number.to_string(),
            &Json::Null,
        ))?;
        Ok(number)
    }

    /// Activates another kept generation, or the previous one; returns its number, and whether it is behind the registry.
    /// The audit records it.
    ///
    /// # Errors
    /// When there is no such generation, or it is damaged; the one in use stays.
    pub fn roll_back(
        &self,
        act: &WriteContext<'_>,
        number: Option<u64>,
        progress: &dyn Progress,
    ) -> Result<(u64, bool), EngineError> {
        let _lock = WriteLock::acquire(&self.data, "index rollback", progress)?;
        let now = self.runtime.block_on(self.registry.fingerprint())?;
        let number = roll_back(&self.data, number, |source| source == now)?;
        let pinned = Pointer::read(&self.data)?.is_some_and(|pointer| pointer.pinned);
        let detail = json!({"behind": pinned});
        self.runtime.block_on(self.registry.record_action(
            act,
            "index.rollback",
            &number.to_string(),
            &detail,
        ))?;
        Ok((number, pinned))
    }
}
