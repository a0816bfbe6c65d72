//! People know each other by name, the records by key.

use zhaoren_engine::{Engine, EngineError, KeyRecord, Principal};

/// Who has a key.
pub(super) struct People(Vec<KeyRecord>);

impl People {
    /// Everybody who has or had a key.
    pub(super) fn of(engine: &Engine) -> Result<Self, EngineError> {
        Ok(Self(engine.records().keys("")?))
    }

    /// What people call whoever the records call `id`.
    pub(super) fn named(&self, id: &str) -> String {
        let known = self.0.iter().find(|key| key.id == id).map(|key| key.holder.clone());
        let local = Principal::local();
        known.or_else(|| (local.name == id).then_some(local.holder)).unwrap_or_else(|| id.to_owned())
    }

    /// Those of a tenant, or all for the empty tenant: what the records call them, and what people do.
    pub(super) fn of_tenant<'a>(&'a self, tenant: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let near = self.0.iter().filter(move |key| tenant.is_empty() || key.tenant == tenant);
        near.map(|key| (key.id.as_str(), key.holder.as_str()))
    }
}
