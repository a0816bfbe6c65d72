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

/// An open registry. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) store: Arc<dyn Store>,
    /// What lines of the audit are signed with, where there is a key.
    pub(crate) signer: Option<Arc<SigningKey>>,
    read_only: bool,
}

/// Who acts, for whom, and when by their clock.
#[derive(Clone, Copy, Debug)]
pub struct WriteContext<'a> {
    /// Whose records are written; empty for what all share.
    pub tenant: &'a str,
    /// Who does it.
    pub actor: &'a str,
    /// Now.
    pub at: Moment,
}

impl Registry {
    /// Opens the registry in the SQLite file at `path`, creating it when it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened or is no registry.
    pub async fn open(path: &Path) -> Result<Self, RegistryError> {
        Ok(Self { store: Arc::new(SqliteStore::open(path).await?), signer: None, read_only: false })
    }

    /// Opens the registry in the SQLite file at `path` where nothing can be written: no file is made or changed.
    ///
    /// # Errors
    /// When the file cannot be opened, is no registry, or is not of this version's shape.
    pub async fn open_read_only(path: &Path) -> Result<Self, RegistryError> {
        let store = Arc::new(SqliteStore::open_read_only(path).await?);
        Ok(Self { store, signer: None, read_only: true })
    }

    /// Whether it was opened by [`Registry::open_read_only`]; every write fails then.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Opens the registry in a database: `postgres://user@host/name`.
    ///
    /// # Errors
    /// When the database cannot be reached, or there is no driver for the address.
    pub async fn open_database(address: &str) -> Result<Self, RegistryError> {
        if !(address.starts_with("postgres://") || address.starts_with("postgresql://")) {
            // An address may hold a password; what comes before it is enough to see the mistake.
            let scheme = address.split("://").next().unwrap_or_default();
            return Err(RegistryError::Address(scheme.chars().take(20).collect()));
        }
        Ok(Self { store: Arc::new(PostgresStore::open(address).await?), signer: None, read_only: false })
    }

    /// The same registry, the lines of whose audit are signed with a key.
    #[must_use]
    pub fn signed_by(mut self, key: Arc<SigningKey>) -> Self {
        self.signer = Some(key);
        self
    }

    /// The public key that lines are signed with, where there is one.
    pub fn public_key(&self) -> Option<String> {
        self.signer.as_ref().map(|key| key.public())
    }

    /// The public key and the signature over a text of a kind, where there is a key.
    pub fn sign(&self, kind: &str, text: &str) -> Option<(String, String)> {
        self.signer.as_ref().map(|key| (key.public(), key.sign(kind, text)))
    }

    /// Lets go of every connection.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close(&self) -> Result<(), RegistryError> {
        self.store.close().await
    }

    /// When the catalogue was last changed, shared or not: as of this moment it was believed as it is now.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn catalogue_since(&self) -> Result<Moment, RegistryError> {
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

    /// When something was last written; the beginning of time where nothing was. Once a wrong clock was corrected, older lines may
    /// be dated later.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_written(&self) -> Result<Moment, RegistryError> {
        let rows = self.read("SELECT at FROM audit ORDER BY seq DESC LIMIT 1", Vec::new()).await?;
        Ok(Moment(rows.first().map_or(Ok(0), |row| row.integer(0))?))
    }

    /// A mark of all that was written: number and digest of the last line of the audit, one row of the database. While it stays the
    /// same, nothing of the catalogue, the tenants or the keys has changed, as every unit of work that changes them has a line.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mark(&self) -> Result<String, RegistryError> {
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

    /// Writes down that something was done that leaves no record of its own, such as looking something up.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note(
        &self,
        act: &WriteContext<'_>,
        action: &str,
        subject: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        self.work(act).await?.commit(action, subject, detail).await
    }
}
