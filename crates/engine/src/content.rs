//! What the registry holds, known by digests that are computed again only after something was written.

use std::sync::{Mutex, PoisonError};

use zhaoren_registry::Registry;

use crate::blocking::Blocking;
use crate::error::EngineError;

/// Digests of the content of a registry, as last seen.
#[derive(Debug, Default)]
pub(crate) struct ContentWatch(Mutex<Option<(String, Content)>>);

/// Digests of what a registry holds.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// Of documents and shared items.
    pub(crate) shared: String,
    /// Of what tenants added.
    pub(crate) additions: String,
}

impl ContentWatch {
    /// The digests now. A look that finds nothing written since the last one reads one row and no digests.
    ///
    /// # Errors
    /// When the registry fails.
    pub(crate) fn look(&self, runtime: &Blocking, registry: &Registry) -> Result<Content, EngineError> {
        // Asked before the digests: what is written in between is found by the next look.
        let mark = runtime.on(registry.mark())?;
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, content)) = seen.filter(|(of, _)| *of == mark) {
            return Ok(content);
        }
        zhaoren_cancel::poll();
        let content = Content {
            shared: runtime.on(registry.fingerprint())?,
            additions: runtime.on(registry.additions_fingerprint())?,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((mark, content.clone()));
        Ok(content)
    }
}
