//! Display names of people, whom the records identify by key.

use zhaoren_engine::{Engine, EngineError, KeyRecord, Principal};

/// Keys and their holders.
pub(super) struct People(Vec<KeyRecord>);

impl People {
    /// Reads all keys, the expired and revoked ones included.
    pub(super) fn of(engine: &Engine) -> Result<Self, EngineError> {
        Ok(Self(engine.records().keys("")?))
    }

    /// Display name for the key id `id`.
    pub(super) fn display_name(&self, id: &str) -> String {
        let known = self.0.iter().find(|key| key.id == id).map(|key| key.holder.clone());
        let local = Principal::local();
        known.or_else(|| (local.name == id).then_some(local.holder)).unwrap_or_else(|| id.to_owned())
    }

    /// Key id and display name of the holders of a tenant; of all for the empty tenant.
    pub(super) fn of_tenant<'a>(&'a self, tenant: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let near = self.0.iter().filter(move |key| tenant.is_empty() || key.tenant == tenant);
        near.map(|key| (key.id.as_str(), key.holder.as_str()))
    }
}
