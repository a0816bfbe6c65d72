//! Keys of callers: issued, confirmed, revoked and recognised by their secret.

use serde_json::{Value as Json, json};
use zhaoren_registry::{KeyRecord, KeyState, Moment, RegistryError, WriteContext, digest};

use crate::access::{Principal, Role};
use crate::error::EngineError;
use crate::records::Records;

/// Properties of a new key.
#[derive(Clone, Copy, Debug)]
pub struct NewKey<'a> {
    /// Its tenant; empty for none.
    pub tenant: &'a str,
    /// Its role.
    pub role: Role,
    /// Its purpose.
    pub name: &'a str,
    /// The person who holds it. A platform's key may have none; its holder is then its name.
    pub holder: Option<&'a str>,
    /// Time of expiry.
    pub expires_at: Option<Moment>,
}

/// Prefix of every secret, so that a leaked one is recognised.
const SECRET_PREFIX: &str = "zhr_";

impl Records {
    /// Adds a key whose holder is its own name; see [`Records::issue_key`].
    ///
    /// # Errors
    /// As [`Records::issue_key`].
    pub fn add_key(
        &self,
        act: &WriteContext<'_>,
        tenant: &str,
        role: Role,
        name: &str,
        expires_at: Option<Moment>,
    ) -> Result<(KeyRecord, String), EngineError> {
        self.issue_key(act, &NewKey { tenant, role, name, holder: Some(name), expires_at })
    }

    /// Issues a key. The secret is returned once; only its digest is stored. A caller of a tenant issues keys of that
    /// tenant only. The key may be pending: see [`Registry::add_key`](zhaoren_registry::Registry::add_key).
    ///
    /// A secret has 256 random bits and cannot be guessed however fast a digest is computed, so plain SHA-256 protects it;
    /// slow digests are for passwords, which people choose. The lookup is by digest, so a secret is not compared byte by
    /// byte, and the time of a refusal reveals nothing about it.
    ///
    /// # Errors
    /// When the records cannot be written, its name or holder is invalid, a person's key names no holder, or the tenant
    /// does not exist.
    pub fn issue_key(
        &self,
        act: &WriteContext<'_>,
        new: &NewKey<'_>,
    ) -> Result<(KeyRecord, String), EngineError> {
        let holder = match (new.holder, new.role) {
            (Some(holder), _) => holder,
            (None, Role::Platform) => new.name,
            (None, _) => {
                let (what, value) = ("密钥的持有人（holder）", String::new());
                let expected = "持有人的姓名或工号：帮办人员、审核人、管理员的密钥须指明持有人";
                return Err(RegistryError::InvalidValue { what, value, expected }.into());
            }
        };
        let secret = format!("{SECRET_PREFIX}{}", random(32)?);
        let key = KeyRecord {
            id: format!("k{}", random(6)?),
            digest: of_secret(&secret),
            tenant: new.tenant.to_owned(),
            role: new.role.name().to_owned(),
            name: new.name.to_owned(),
            created_at: act.at.0,
            expires_at: new.expires_at.map(|moment| moment.0),
            revoked_at: None,
            holder: holder.trim().to_owned(),
            created_by: String::new(),
            pending: false,
            confirmed_by: String::new(),
        };
        Ok((self.block_on(self.registry.add_key(act, &key))?, secret))
    }

    /// Revokes a key at once. A caller of a tenant revokes only keys of that tenant.
    ///
    /// # Errors
    /// When the records cannot be written, or there is no such key.
    pub fn revoke_key(&self, act: &WriteContext<'_>, id: &str) -> Result<(), EngineError> {
        self.block_on(self.registry.revoke_key(act, id))
    }

    /// Confirms a key that another administrator issued.
    ///
    /// # Errors
    /// When the records cannot be written, or the registry refuses: see
    /// [`Registry::confirm_key`](zhaoren_registry::Registry::confirm_key).
    pub fn confirm_key(&self, act: &WriteContext<'_>, id: &str) -> Result<KeyRecord, EngineError> {
        self.block_on(self.registry.confirm_key(act, id))
    }

    /// Waives keys until the next one is issued.
    ///
    /// # Errors
    /// When the records cannot be written, or there is a valid key.
    pub fn waive_keys(&self, act: &WriteContext<'_>) -> Result<(), EngineError> {
        self.block_on(self.registry.waive_keys(act))
    }

    /// State of the key requirement at `now`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn key_state(&self, now: Moment) -> Result<KeyState, EngineError> {
        self.block_on(self.registry.key_state(now))
    }

    /// Every key of a tenant, including revoked ones, without its secret; of all tenants for the empty one.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn keys(&self, tenant: &str) -> Result<Vec<KeyRecord>, EngineError> {
        self.block_on(self.registry.keys(tenant))
    }

    /// True if any key is valid at `now`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn has_keys(&self, now: Moment) -> Result<bool, EngineError> {
        Ok(self.key_state(now)? == KeyState::Active)
    }

    /// The caller with this secret; `None` if no key with it is valid at `now`.
    ///
    /// # Errors
    /// When the records cannot be read, or the key is pending: access is refused then.
    pub fn authenticate(&self, secret: &str, now: Moment) -> Result<Option<Principal>, EngineError> {
        if !secret.starts_with(SECRET_PREFIX) {
            return Ok(None);
        }
        let key = self.block_on(self.registry.key_by_digest(&of_secret(secret), now))?;
        if key.as_ref().is_some_and(|key| key.pending) {
            return Err(EngineError::KeyPending);
        }
        // A key with a role unknown to this version is invalid.
        Ok(key.and_then(|key| {
            let role = Role::from_name(&key.role)?;
            Some(Principal { name: key.id, holder: key.holder, tenant: key.tenant, role })
        }))
    }
}

/// A key for display: its record, and a flag for a key issued by its own holder.
pub fn key_json(key: &KeyRecord) -> Json {
    let mut shown = json!(key);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("self_issued".to_owned(), key.is_self_issued().into());
    }
    shown
}

fn of_secret(secret: &str) -> String {
    digest(&[secret.as_bytes()])
}

/// Random bytes as hexadecimal digits.
pub(crate) fn random(bytes: usize) -> Result<String, EngineError> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(|error| EngineError::Random(error.to_string()))?;
    Ok(hex::encode(buffer))
}
