//! Status of a data directory: the generation in use, and its agreement with the registry.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::error::EngineError;
use crate::open::Engine;
use crate::upkeep::Upkeep;

/// Status of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// Index generation.
    pub generation: u64,
    /// Number of its documents.
    pub documents: usize,
    /// Number of items matched.
    pub items: usize,
    /// True if index and rules match the registry.
    pub up_to_date: bool,
    /// Number of times that the searched and matched state, shared or of a tenant, was replaced since the opening.
    pub swaps: u64,
}

impl Engine {
    /// The current status. It reads the registry, so it also checks that the registry responds.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn status(&self) -> Result<EngineStatus, EngineError> {
        let state = self.state();
        let now = self.content.current(&self.runtime, &self.registry)?.shared;
        Ok(EngineStatus {
            generation: state.index.number(),
            documents: state.index.documents().count(),
            items: state.rules.library().len(),
            up_to_date: state.index.manifest().source == now,
            swaps: self.swaps.load(Ordering::Relaxed),
        })
    }

    /// Maintenance of the index.
    pub fn upkeep(&self) -> Upkeep {
        self.records().into()
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }
}
