//! The records of a data directory, without its index: keys, tenants, audit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use zhaoren_registry::{
    AuditCheck, AuditFilter, AuditHead, AuditLine, Correction, KeyRecord, KeyState, Moment, ReceiptRecord,
    Registry, RegistryError, Revision, Tenant, VERIFY_ACTION, WriteContext, digest,
};

use crate::access::{Principal, Role};
use crate::blocking::Blocking;
use crate::error::EngineError;
use crate::home::Home;
use crate::receipt::{Receipt, SIGNATURE_DOMAIN, Signature};

/// Open records. Cheap to clone; clones share one state.
#[derive(Clone, Debug)]
pub struct Records {
    pub(crate) data: PathBuf,
    pub(crate) runtime: Arc<Blocking>,
    pub(crate) registry: Registry,
}

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
    /// Opens the records, creating them if absent.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn open(home: impl Into<Home>) -> Result<Self, EngineError> {
        let home = home.into();
        home.check_not_lost()?;
        Self::create(&home)
    }

    /// Opens the records, even if they were lost.
    pub(crate) fn create(home: &Home) -> Result<Self, EngineError> {
        let refuse = |path: &Path, cause| EngineError::Data { path: path.to_owned(), cause };
        zhaoren_disk::create_dir(home.data()).map_err(|cause| refuse(home.data(), cause))?;
        let runtime = Blocking::new().map_err(|cause| refuse(home.data(), cause))?;
        let registry = home.registry(&runtime)?;
        Ok(Self { data: home.data().to_owned(), runtime: Arc::new(runtime), registry })
    }

    /// Opens existing records.
    ///
    /// # Errors
    /// When there are none, or they cannot be opened.
    pub fn open_existing(home: impl Into<Home>) -> Result<Self, EngineError> {
        let home = home.into();
        home.check_not_lost()?;
        home.exists().map_err(|cause| EngineError::Data { path: home.file(), cause })?;
        Self::open(home)
    }

    pub(crate) fn block_on<T>(
        &self,
        call: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, EngineError> {
        Ok(self.runtime.block_on(call)?)
    }

    /// Writes a tenant: a city, a district, a park. One with this id is replaced. Only for callers without a tenant.
    ///
    /// # Errors
    /// When the records cannot be written, a field is invalid, or the parent does not exist.
    pub fn put_tenant(&self, act: &WriteContext<'_>, tenant: &Tenant) -> Result<(), EngineError> {
        self.block_on(self.registry.put_tenant(act, tenant))
    }

    /// Every tenant, by id.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenants(&self) -> Result<Vec<Tenant>, EngineError> {
        self.block_on(self.registry.tenants())
    }

    /// The tenants related to `tenant`, by id: itself, its ancestors and its descendants; all for the empty one.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn related_tenants(&self, tenant: &str) -> Result<Vec<Tenant>, EngineError> {
        let mut all = self.tenants()?;
        if tenant.is_empty() {
            return Ok(all);
        }
        let above = self.block_on(self.registry.lineage(tenant))?;
        let mut below = vec![tenant.to_owned()];
        while let Some(next) = all.iter().find(|one| below.contains(&one.parent) && !below.contains(&one.id))
        {
            below.push(next.id.clone());
        }
        all.retain(|one| above.contains(&one.id) || below.contains(&one.id));
        Ok(all)
    }

    /// The tenant with this id; `None` if absent.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenant(&self, id: &str) -> Result<Option<Tenant>, EngineError> {
        Ok(self.tenants()?.into_iter().find(|tenant| tenant.id == id))
    }

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
    /// tenant only. The key may be pending: see [`Registry::add_key`].
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
    /// When the records cannot be written, or the registry refuses: see [`Registry::confirm_key`].
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

    /// Audit lines after number `after`, at most `limit`; only those of `tenant` if given.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit(
        &self,
        after: i64,
        limit: usize,
        tenant: Option<&str>,
    ) -> Result<Vec<AuditLine>, EngineError> {
        self.block_on(self.registry.audit(after, limit, tenant))
    }

    /// Verifies the audit chain and every record it covers. With `head`, a line with this digest has to exist: this also
    /// detects truncation at the end.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn verify_audit(&self, head: Option<&str>) -> Result<AuditCheck, EngineError> {
        self.block_on(self.registry.verify(head))
    }

    /// The latest audit lines before number `before`, last first; at most `limit`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit_before(
        &self,
        before: Option<i64>,
        limit: usize,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditLine>, EngineError> {
        self.block_on(self.registry.audit_before(before, limit, filter))
    }

    /// Verifies like [`Records::verify_audit`], and records the check in the audit.
    ///
    /// # Errors
    /// When the records cannot be read or written.
    pub fn check_audit(&self, act: &WriteContext<'_>, head: Option<&str>) -> Result<AuditCheck, EngineError> {
        self.block_on(self.registry.check(act, head))
    }

    /// The last recorded check: its line, and its number of faults. `None` without one.
    ///
    /// # Errors
    /// When the records or that line cannot be read.
    pub fn last_check(&self) -> Result<Option<LastCheck>, EngineError> {
        let filter = AuditFilter { action: VERIFY_ACTION.to_owned(), ..AuditFilter::default() };
        let line = self.block_on(self.registry.audit_before(None, 1, &filter))?.pop();
        let Some(line) = line else { return Ok(None) };
        let unreadable =
            |why: String| EngineError::Unreadable { what: "审计行", id: line.seq.to_string(), why };
        let detail: Json =
            serde_json::from_str(&line.detail).map_err(|error| unreadable(error.to_string()))?;
        let number = |key: &str| {
            let found = detail.get(key).and_then(Json::as_u64);
            found.ok_or_else(|| unreadable(format!("`{key}` 应为非负整数")))
        };
        let (lines, records, faults) = (number("lines")?, number("records")?, number("faults")?);
        Ok(Some(LastCheck { at: Moment(line.at), lines, records, faults }))
    }

    /// The last line of the audit, to be kept elsewhere; `None` for an empty audit.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit_head(&self) -> Result<Option<AuditHead>, EngineError> {
        self.block_on(self.registry.audit_head())
    }

    /// Accepts the records as they are for the audit, after an operator has investigated its faults; `why` is recorded in
    /// the line.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn accept_records(&self, act: &WriteContext<'_>, why: &str) -> Result<(), EngineError> {
        self.block_on(self.registry.accept_current_state(act, why))
    }

    /// Corrects timestamps later than now, left by a wrong clock.
    ///
    /// # Errors
    /// When the records cannot be written, or no timestamp needs a correction.
    pub fn accept_clock(&self, act: &WriteContext<'_>) -> Result<Vec<Correction>, EngineError> {
        self.block_on(self.registry.accept_clock(act))
    }

    /// Warning if a record has a timestamp later than now; nothing can be written then.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn clock_warning(&self, now: Moment) -> Result<Option<String>, EngineError> {
        let last = self.block_on(self.registry.last_write_time())?;
        Ok(now.check_after(last).err().map(|error| error.to_string()))
    }

    /// The public key of this installation; `None` without a signing key.
    pub fn public_key(&self) -> Option<String> {
        self.registry.public_key()
    }

    /// Signs a receipt with the key of this installation.
    #[must_use]
    pub fn sign_receipt(&self, mut receipt: Receipt) -> Receipt {
        receipt.signature =
            self.registry.sign(SIGNATURE_DOMAIN, &receipt.id).map(|(key, value)| Signature { key, value });
        receipt
    }

    /// Stores receipts, so that earlier answers can be looked up.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn keep_receipts(&self, act: &WriteContext<'_>, receipts: &[Receipt]) -> Result<(), EngineError> {
        let record = |one: &Receipt| {
            let body = serde_json::to_string(one).map_err(|error| unreadable(&one.id, &error))?;
            Ok(ReceiptRecord {
                id: one.id.clone(),
                enterprise: one.profile.id.clone(),
                as_of: one.as_of.to_string(),
                rules: one.rules.clone(),
                result: one.result.clone(),
                body,
            })
        };
        let records = receipts.iter().map(record).collect::<Result<Vec<_>, EngineError>>()?;
        self.block_on(self.registry.keep_receipts(act, &records))
    }

    /// Finds a receipt of a tenant by id; the empty tenant is the operator, and `None` searches all.
    ///
    /// # Errors
    /// When the records or the receipt in them cannot be read.
    pub fn receipt(&self, tenant: Option<&str>, id: &str) -> Result<Option<Receipt>, EngineError> {
        self.block_on(self.registry.receipt(tenant, id))?.map(|record| receipt(&record)).transpose()
    }

    /// The receipts of an enterprise, oldest first.
    ///
    /// # Errors
    /// When the records or one of the receipts in them cannot be read.
    pub fn receipts_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Receipt>, EngineError> {
        let records = self.block_on(self.registry.receipts_of(tenant, enterprise))?;
        records.iter().map(receipt).collect()
    }

    /// The revisions of the items with this id that a tenant may see, oldest first.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn revisions(&self, item: &str, tenant: &str) -> Result<Vec<Revision>, EngineError> {
        let lineage = self.block_on(self.registry.lineage(tenant))?;
        self.block_on(self.registry.revisions(item, &lineage))
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

/// Result of the last audit check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastCheck {
    /// Time.
    pub at: Moment,
    /// Number of lines of the chain.
    pub lines: u64,
    /// Number of records compared.
    pub records: u64,
    /// Number of faults.
    pub faults: u64,
}

fn receipt(record: &ReceiptRecord) -> Result<Receipt, EngineError> {
    serde_json::from_str(&record.body).map_err(|error| unreadable(&record.id, &error))
}

fn unreadable(id: &str, error: &serde_json::Error) -> EngineError {
    EngineError::Unreadable { what: "判定凭据", id: id.to_owned(), why: error.to_string() }
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
