//! An open registry.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::postgres::PostgresStore;
use crate::signature::SigningKey;
use crate::sqlite::SqliteStore;
use crate::store::{Row, Sql, Store, Value};

/// An open registry. Cheap to clone; clones share one state.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) store: Arc<dyn Store>,
    /// The key that signs audit lines, if there is one.
    pub(crate) signer: Option<Arc<SigningKey>>,
    read_only: bool,
}

/// Write context: the actor, the tenant, and the time.
#[derive(Clone, Copy, Debug)]
pub struct WriteContext<'a> {
    /// Tenant whose records are written; empty for shared data.
    pub tenant: &'a str,
    /// Actor.
    pub actor: &'a str,
    /// Time of the caller's clock.
    pub at: Moment,
}

impl Registry {
    /// Opens the registry in the SQLite file at `path`, creating it if absent.
    ///
    /// # Errors
    /// When the file cannot be opened or is no registry.
    pub async fn open(path: &Path) -> Result<Self, RegistryError> {
        Ok(Self { store: Arc::new(SqliteStore::open(path).await?), signer: None, read_only: false })
    }

    /// Opens the registry in the SQLite file at `path` without write access: no file is created or changed.
    ///
    /// # Errors
    /// When the file cannot be opened, is no registry, or has not this version's schema.
    pub async fn open_read_only(path: &Path) -> Result<Self, RegistryError> {
        let store = Arc::new(SqliteStore::open_read_only(path).await?);
        Ok(Self { store, signer: None, read_only: true })
    }

    /// True if it was opened by [`Registry::open_read_only`]; every write fails then.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Opens the registry in a database: `postgres://user@host/name`.
    ///
    /// # Errors
    /// When the database cannot be reached, or the address is not supported.
    pub async fn open_database(address: &str) -> Result<Self, RegistryError> {
        if !(address.starts_with("postgres://") || address.starts_with("postgresql://")) {
            // An address may hold a password; the scheme is enough to show the mistake.
            let scheme = address.split("://").next().unwrap_or_default();
            return Err(RegistryError::Address(scheme.chars().take(20).collect()));
        }
        Ok(Self { store: Arc::new(PostgresStore::open(address).await?), signer: None, read_only: false })
    }

    /// The same registry with a key that signs its audit lines.
    #[must_use]
    pub fn with_signer(mut self, key: Arc<SigningKey>) -> Self {
        self.signer = Some(key);
        self
    }

    /// The public key of the signing key, if there is one.
    pub fn public_key(&self) -> Option<String> {
        self.signer.as_ref().map(|key| key.public())
    }

    /// Signs a text of a kind; returns the public key and the signature, if there is a signing key.
    pub fn sign(&self, kind: &str, text: &str) -> Option<(String, String)> {
        self.signer.as_ref().map(|key| (key.public(), key.sign(kind, text)))
    }

    /// Closes every connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close(&self) -> Result<(), RegistryError> {
        self.store.close().await
    }

    /// Time of the last change of the catalogue, shared or not: its content as of this moment is the current one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalogue_changed_at(&self) -> Result<Moment, RegistryError> {
        let query = "SELECT MAX(recorded_at) FROM document_revision UNION ALL \
                     SELECT MAX(superseded_at) FROM document_revision UNION ALL \
                     SELECT MAX(recorded_at) FROM item_revision UNION ALL \
                     SELECT MAX(superseded_at) FROM item_revision";
        let mut last = 0;
        for row in self.read(query, Vec::new()).await? {
            last = last.max(row.optional(0)?.unwrap_or(0));
        }
        Ok(Moment(last))
    }

    /// Time of the last write; the beginning of time for an empty registry. After the correction of a wrong clock, older
    /// lines may have later times.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_write_time(&self) -> Result<Moment, RegistryError> {
        let rows = self.read("SELECT at FROM audit ORDER BY seq DESC LIMIT 1", Vec::new()).await?;
        Ok(Moment(rows.first().map_or(Ok(0), |row| row.integer(0))?))
    }

    /// A mark of all writes: number and digest of the last audit line, one row of the database. While it stays the same,
    /// neither catalogue, tenants nor keys have changed, since every unit of work that changes them has a line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version(&self) -> Result<String, RegistryError> {
        let rows = self.read("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1", Vec::new()).await?;
        let mark = |mut row: Row| Ok(format!("{} {}", row.integer(0)?, row.text(1)?));
        rows.into_iter().next().map_or(Ok(String::new()), mark)
    }

    pub(crate) async fn read(
        &self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, RegistryError> {
        self.store.read(sql.into(), values).await
    }

    /// Records an action in the audit that leaves no record of its own, such as a query.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_action(
        &self,
        act: &WriteContext<'_>,
        action: &str,
        subject: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        self.begin_work(act).await?.commit(action, subject, detail).await
    }
}
