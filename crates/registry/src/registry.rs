//! An open registry, and the units of work in which it is written.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::audit::Line;
use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::postgres::PostgresStore;
use crate::sqlite::SqliteStore;
use crate::store::{Row, Sql, Store, Unit, Value, insert, values};

/// An open registry. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(crate) store: Arc<dyn Store>,
    read_only: bool,
}

/// Who acts, for whom, and when by their clock.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
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
        Ok(Self { store: Arc::new(SqliteStore::open(path).await?), read_only: false })
    }

    /// Opens the registry in the SQLite file at `path` where nothing can be written: no file is made or changed.
    ///
    /// # Errors
    /// When the file cannot be opened, is no registry, or is not of this version's shape.
    pub async fn open_read_only(path: &Path) -> Result<Self, RegistryError> {
        Ok(Self { store: Arc::new(SqliteStore::open_read_only(path).await?), read_only: true })
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
        Ok(Self { store: Arc::new(PostgresStore::open(address).await?), read_only: false })
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

    /// When something was last written; the beginning of time where nothing was.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last_written(&self) -> Result<Moment, RegistryError> {
        let rows = self.read("SELECT COALESCE(MAX(at), 0) FROM audit", Vec::new()).await?;
        Ok(Moment(rows.first().map_or(Ok(0), |row| row.integer(0))?))
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
        act: &Act<'_>,
        action: &str,
        subject: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        self.work(act).await?.commit(action, subject, detail).await
    }

    /// Begins to write: nobody else writes until it is committed or dropped.
    pub(crate) async fn work<'a>(&self, act: &Act<'a>) -> Result<Work<'a>, RegistryError> {
        let mut unit = self.store.begin().await?;
        let last = "SELECT seq, at, digest FROM audit ORDER BY seq DESC LIMIT 1";
        let (seq, before, head) = match unit.read(last.into(), Vec::new()).await?.pop() {
            Some(mut row) => (row.integer(0)?, row.integer(1)?, row.text(2)?),
            None => (0, 0, String::new()),
        };
        // A clock that was set back must not put what comes later before what is there, and no two units of work share
        // a moment: what was believed at a moment is then always one thing.
        let at = Moment(act.at.0.max(before.saturating_add(1)));
        Ok(Work { unit, act: *act, at, seq, head, written: Vec::new() })
    }
}

/// A unit of work. Dropped without [`Work::commit`], it has done nothing; where nothing is to be written it is ended with
/// [`Work::abandon`].
pub(crate) struct Work<'a> {
    unit: Box<dyn Unit>,
    pub(crate) act: Act<'a>,
    /// When it is recorded.
    pub(crate) at: Moment,
    seq: i64,
    head: String,
    /// Kind, id and digest of the records that the audit vouches for.
    written: Vec<(&'static str, String, String)>,
}

impl Work<'_> {
    pub(crate) async fn read(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, RegistryError> {
        self.unit.read(sql.into(), values).await
    }

    pub(crate) async fn write(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<u64, RegistryError> {
        self.unit.write(sql.into(), values).await
    }

    pub(crate) async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), RegistryError> {
        insert(self.unit.as_mut(), table, columns, rows).await
    }

    /// The next number of a table that counts its rows.
    pub(crate) async fn next(&mut self, table: &str) -> Result<i64, RegistryError> {
        let sql = format!("SELECT COALESCE(MAX(id), 0) FROM {table}");
        Ok(self.read(sql, Vec::new()).await?.first().map_or(Ok(0), |row| row.integer(0))? + 1)
    }

    /// Has the audit vouch for a record that this unit of work writes.
    pub(crate) fn vouch(&mut self, kind: &'static str, id: impl Into<String>, digest: impl Into<String>) {
        self.written.push((kind, id.into(), digest.into()));
    }

    /// Ends the unit of work with nothing written. The lock is free when this returns, which a drop does not promise.
    pub(crate) async fn abandon(self) -> Result<(), RegistryError> {
        self.unit.rollback().await
    }

    /// Makes last who is sending what. That is no record but a lock, taken and let go many times a second, so the audit says
    /// nothing of it.
    pub(crate) async fn commit_lease(self) -> Result<(), RegistryError> {
        self.unit.commit().await
    }

    /// Writes what was done into the audit and makes everything last. Every unit of work has one line.
    pub(crate) async fn commit(
        mut self,
        action: &str,
        subject: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        let line = Line {
            seq: self.seq + 1,
            at: self.at,
            tenant: self.act.tenant.to_owned(),
            actor: self.act.actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: if detail.is_null() { String::new() } else { detail.to_string() },
            content: content(&mut self.written),
        };
        let digest = line.digest(&self.head);
        let columns =
            ["seq", "at", "tenant", "actor", "action", "subject", "detail", "content", "previous", "digest"];
        let row = values![
            line.seq,
            line.at,
            &line.tenant,
            &line.actor,
            &line.action,
            &line.subject,
            &line.detail,
            &line.content,
            &self.head,
            &digest
        ];
        insert(self.unit.as_mut(), "audit", &columns, vec![row]).await?;
        self.unit.commit().await
    }
}

/// One digest of records, in whatever order they were written; empty when there are none.
pub(crate) fn content(written: &mut [(&'static str, String, String)]) -> String {
    if written.is_empty() {
        return String::new();
    }
    written.sort();
    let parts: Vec<&[u8]> = written
        .iter()
        .flat_map(|(kind, id, digest)| [kind.as_bytes(), id.as_bytes(), digest.as_bytes()])
        .collect();
    digest(&parts)
}
