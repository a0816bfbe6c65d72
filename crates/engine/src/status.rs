//! How a data directory stands: what is in use, and whether it holds what was received.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::error::EngineError;
use crate::open::Engine;
use crate::upkeep::Upkeep;

/// What is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// The index generation.
    pub generation: u64,
    /// How many documents it holds.
    pub documents: usize,
    /// How many items are matched.
    pub items: usize,
    /// Whether index and rules are of what the registry holds now.
    pub in_step: bool,
    /// How often what is searched and matched, by all or by a tenant, was replaced since the opening.
    pub swaps: u64,
}

impl Engine {
    /// How it stands. The registry is asked, so this also tells whether it answers.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn standing(&self) -> Result<EngineStatus, EngineError> {
        let state = self.state();
        let now = self.content.look(&self.runtime, &self.registry)?.shared;
        Ok(EngineStatus {
            generation: state.index.number(),
            documents: state.index.documents().count(),
            items: state.rules.library().len(),
            in_step: state.index.manifest().source == now,
            swaps: self.swaps.load(Ordering::Relaxed),
        })
    }

    /// The index, to be looked after.
    pub fn upkeep(&self) -> Upkeep {
        self.records().into()
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }
}
