//! Content digests of the registry, recomputed only after a write.

use std::sync::{Mutex, PoisonError};

use zhaoren_registry::Registry;

use crate::blocking::Blocking;
use crate::error::EngineError;

/// Cache of the content digests of a registry.
#[derive(Debug, Default)]
pub(crate) struct ContentWatch(Mutex<Option<(String, Content)>>);

/// Content digests of a registry.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// Digest of documents and shared items.
    pub(crate) shared: String,
    /// Digest of the items that tenants added.
    pub(crate) additions: String,
}

impl ContentWatch {
    /// The current digests. A call without a write since the last one reads one row and computes no digests.
    ///
    /// # Errors
    /// When the registry fails.
    pub(crate) fn current(&self, runtime: &Blocking, registry: &Registry) -> Result<Content, EngineError> {
        // Read before the digests: a write in between is found by the next call.
        let mark = runtime.block_on(registry.version())?;
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, content)) = seen.filter(|(of, _)| *of == mark) {
            return Ok(content);
        }
        zhaoren_cancel::poll();
        let content = Content {
            shared: runtime.block_on(registry.fingerprint())?,
            additions: runtime.block_on(registry.additions_fingerprint())?,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((mark, content.clone()));
        Ok(content)
    }
}
