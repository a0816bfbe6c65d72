//! The records of a data directory, without its index: who may come in, who did what.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use zhaoren_registry::{
    Act, AuditCheck, AuditFilter, AuditLine, CHECKED, KeyRecord, Moment, ReceiptRecord, Registry,
    RegistryError, Revision, Tenant, digest,
};

use crate::access::{Principal, Role};
use crate::blocking::Blocking;
use crate::error::EngineError;
use crate::home::Home;
use crate::receipt::Receipt;

/// Records that are open. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub struct Records {
    pub(crate) data: PathBuf,
    pub(crate) runtime: Arc<Blocking>,
    pub(crate) registry: Registry,
}

/// The beginning of every secret, so that one is recognised where it should not stand.
const SECRET: &str = "zhr_";

impl Records {
    /// Opens the records, creating them when they are not there.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn open(home: impl Into<Home>) -> Result<Self, EngineError> {
        let home = home.into();
        let refuse = |path: &Path, cause| EngineError::Data { path: path.to_owned(), cause };
        zhaoren_disk::create_dir(home.data()).map_err(|cause| refuse(home.data(), cause))?;
        let runtime = Blocking::new().map_err(|cause| refuse(home.data(), cause))?;
        let registry = home.registry(&runtime)?;
        Ok(Self { data: home.data().to_owned(), runtime: Arc::new(runtime), registry })
    }

    /// Opens the records where there are some.
    ///
    /// # Errors
    /// When there are none, or they cannot be opened.
    pub fn open_existing(home: impl Into<Home>) -> Result<Self, EngineError> {
        let home = home.into();
        home.exists().map_err(|cause| EngineError::Data { path: home.file(), cause })?;
        Self::open(home)
    }

    pub(crate) fn on<T>(
        &self,
        call: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, EngineError> {
        Ok(self.runtime.on(call)?)
    }

    /// Writes a tenant: a city, a district, a park. One with this id is replaced. Only whoever acts for no tenant may.
    ///
    /// # Errors
    /// When the records cannot be written, something in it cannot be, or there is no such parent.
    pub fn put_tenant(&self, act: &Act<'_>, tenant: &Tenant) -> Result<(), EngineError> {
        self.on(self.registry.put_tenant(act, tenant))
    }

    /// Every tenant, by id.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenants(&self) -> Result<Vec<Tenant>, EngineError> {
        self.on(self.registry.tenants())
    }

    /// The tenants that `tenant` has to do with, by id: itself, those above it and those below it; all for the empty one.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenants_around(&self, tenant: &str) -> Result<Vec<Tenant>, EngineError> {
        let mut all = self.tenants()?;
        if tenant.is_empty() {
            return Ok(all);
        }
        let above = self.on(self.registry.lineage(tenant))?;
        let mut below = vec![tenant.to_owned()];
        while let Some(next) = all.iter().find(|one| below.contains(&one.parent) && !below.contains(&one.id))
        {
            below.push(next.id.clone());
        }
        all.retain(|one| above.contains(&one.id) || below.contains(&one.id));
        Ok(all)
    }

    /// The tenant of this id; `None` where there is none.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenant(&self, id: &str) -> Result<Option<Tenant>, EngineError> {
        Ok(self.tenants()?.into_iter().find(|tenant| tenant.id == id))
    }

    /// Makes a key. The secret is given once; what is kept is its digest. Whoever acts for a tenant makes keys of that
    /// tenant only.
    ///
    /// A secret is 256 random bits, which nobody guesses however fast a digest is computed, so plain SHA-256 keeps it; slow
    /// digests are for passwords, which people choose. Being looked up by its digest, a secret is not compared byte by byte,
    /// so the time that a refusal takes tells nothing of it.
    ///
    /// # Errors
    /// When the records cannot be written, its name cannot be, or there is no such tenant.
    pub fn add_key(
        &self,
        act: &Act<'_>,
        tenant: &str,
        role: Role,
        name: &str,
        expires_at: Option<Moment>,
    ) -> Result<(KeyRecord, String), EngineError> {
        let secret = format!("{SECRET}{}", random(32)?);
        let key = KeyRecord {
            id: format!("k{}", random(6)?),
            digest: of_secret(&secret),
            tenant: tenant.to_owned(),
            role: role.name().to_owned(),
            name: name.to_owned(),
            created_at: act.at.0,
            expires_at: expires_at.map(|moment| moment.0),
            revoked_at: None,
        };
        self.on(self.registry.add_key(act, &key))?;
        Ok((key, secret))
    }

    /// Ends a key at once. Whoever acts for a tenant ends only keys of that tenant.
    ///
    /// # Errors
    /// When the records cannot be written, or there is no such key.
    pub fn revoke_key(&self, act: &Act<'_>, id: &str) -> Result<(), EngineError> {
        self.on(self.registry.revoke_key(act, id))
    }

    /// Every key of a tenant, revoked ones too, without its secret; of all for the empty tenant.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn keys(&self, tenant: &str) -> Result<Vec<KeyRecord>, EngineError> {
        self.on(self.registry.keys(tenant))
    }

    /// Whether any key opens at `now`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn has_keys(&self, now: Moment) -> Result<bool, EngineError> {
        let opens =
            |key: &KeyRecord| key.revoked_at.is_none() && key.expires_at.is_none_or(|until| until > now.0);
        Ok(self.keys("")?.iter().any(opens))
    }

    /// Who comes with this secret; `None` when it opens nothing at `now`.
    ///
    /// # Errors
    /// When the records cannot be read: whoever came is then not let in.
    pub fn authenticate(&self, secret: &str, now: Moment) -> Result<Option<Principal>, EngineError> {
        if !secret.starts_with(SECRET) {
            return Ok(None);
        }
        let key = self.on(self.registry.key_of(&of_secret(secret), now))?;
        // A role that this version does not know opens nothing.
        Ok(key.and_then(|key| {
            let role = Role::named(&key.role)?;
            Some(Principal { name: key.id, holder: key.name, tenant: key.tenant, role })
        }))
    }

    /// Lines of the audit after number `after`, at most `limit`; where `tenant` is given, only its own.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit(
        &self,
        after: i64,
        limit: usize,
        tenant: Option<&str>,
    ) -> Result<Vec<AuditLine>, EngineError> {
        self.on(self.registry.audit(after, limit, tenant))
    }

    /// Checks the chain of the audit and every record that it vouches for. Where `head` is given, a line with this digest
    /// has to be there: then nothing was cut off at the end either.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn verify_audit(&self, head: Option<&str>) -> Result<AuditCheck, EngineError> {
        self.on(self.registry.verify(head))
    }

    /// The latest lines of the audit before number `before`, the last one first; at most `limit`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit_before(
        &self,
        before: Option<i64>,
        limit: usize,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditLine>, EngineError> {
        self.on(self.registry.audit_before(before, limit, filter))
    }

    /// Checks as [`Records::verify_audit`] does, and leaves a line of it in the audit.
    ///
    /// # Errors
    /// When the records cannot be read or written.
    pub fn check_audit(&self, act: &Act<'_>, head: Option<&str>) -> Result<AuditCheck, EngineError> {
        self.on(self.registry.check(act, head))
    }

    /// The last check that left a line: the line, and how many faults it found. `None` where there was none.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn last_check(&self) -> Result<Option<LastCheck>, EngineError> {
        let filter = AuditFilter { action: CHECKED.to_owned(), ..AuditFilter::default() };
        let line = self.on(self.registry.audit_before(None, 1, &filter))?.pop();
        Ok(line.map(|line| {
            let detail: Json = serde_json::from_str(&line.detail).unwrap_or_default();
            let number = |key: &str| detail.get(key).and_then(Json::as_u64).unwrap_or_default();
            let (lines, records, faults) = (number("lines"), number("records"), number("faults"));
            LastCheck { at: Moment(line.at), lines, records, faults }
        }))
    }

    /// Keeps receipts, so that what was told can be looked up.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn keep_receipts(&self, act: &Act<'_>, receipts: &[Receipt]) -> Result<(), EngineError> {
        let record = |one: &Receipt| ReceiptRecord {
            id: one.id.clone(),
            enterprise: one.profile.id.clone(),
            as_of: one.as_of.to_string(),
            rules: one.rules.clone(),
            result: one.result.clone(),
            body: serde_json::to_string(one).unwrap_or_default(),
        };
        let records: Vec<ReceiptRecord> = receipts.iter().map(record).collect();
        self.on(self.registry.keep_receipts(act, &records))
    }

    /// The receipt with this id among those of `tenant`; among all for the empty tenant.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn receipt(&self, tenant: &str, id: &str) -> Result<Option<Receipt>, EngineError> {
        let record = self.on(self.registry.receipt(tenant, id))?;
        Ok(record.and_then(|record| serde_json::from_str(&record.body).ok()))
    }

    /// The receipts of an enterprise, the oldest first.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn receipts_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Receipt>, EngineError> {
        let records = self.on(self.registry.receipts_of(tenant, enterprise))?;
        Ok(records.iter().filter_map(|record| serde_json::from_str(&record.body).ok()).collect())
    }

    /// The revisions of an item that a tenant may see, the first one first: an id may have been another's before.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn revisions(&self, item: &str, tenant: &str) -> Result<Vec<Revision>, EngineError> {
        let lineage = self.on(self.registry.lineage(tenant))?;
        let mut revisions = self.on(self.registry.revisions(item))?;
        revisions.retain(|one| one.record.tenant.is_empty() || lineage.contains(&one.record.tenant));
        Ok(revisions)
    }
}

/// What the last check of the chain came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastCheck {
    /// When.
    pub at: Moment,
    /// How many lines the chain had.
    pub lines: u64,
    /// How many records were compared.
    pub records: u64,
    /// How many faults were found.
    pub faults: u64,
}

fn of_secret(secret: &str) -> String {
    digest(&[secret.as_bytes()])
}

/// That many random bytes as hexadecimal digits.
pub(crate) fn random(bytes: usize) -> Result<String, EngineError> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(|error| EngineError::Random(error.to_string()))?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}
