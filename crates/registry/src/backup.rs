//! Backups: every record of one moment in one SQLite file, whatever database it comes from, while others go on writing.
//! A backup can be restored into any database, so it is also the way from one to another.

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use crate::audit::AuditCheck;
use crate::error::RegistryError;
use crate::registry::{Act, Registry};
use crate::sqlite::SqliteStore;
use crate::store::{Store, Unit, Value, insert};

/// A table: its name, its columns, and how many of them, from the first, are its key.
struct Table(&'static str, usize, &'static [&'static str]);

/// Every table. A backup that forgot one would be found out by the test that compares these with the database's own list.
const TABLES: [Table; 15] = [
    Table(
        "document_revision",
        2,
        &["id", "revision", "digest", "source", "metadata", "body", "recorded_at", "superseded_at"],
    ),
    Table(
        "item_revision",
        2,
        &[
            "id",
            "revision",
            "digest",
            "source",
            "body",
            "tenant",
            "author",
            "review",
            "recorded_at",
            "superseded_at",
        ],
    ),
    Table("tenant", 1, &["id", "name", "level", "parent", "recorded_at"]),
    Table(
        "api_key",
        1,
        &["id", "digest", "tenant", "role", "name", "created_at", "expires_at", "revoked_at"],
    ),
    Table(
        "draft",
        1,
        &["id", "item", "tenant", "base", "digest", "source", "body", "author", "created_at", "state"],
    ),
    Table("review", 1, &["id", "draft", "reviewer", "decision", "note", "at"]),
    Table(
        "enterprise_fact",
        7,
        &[
            "tenant",
            "enterprise",
            "section",
            "key",
            "year",
            "source",
            "revision",
            "value",
            "valid_from",
            "valid_until",
            "recorded_at",
            "superseded_at",
        ],
    ),
    Table("fact_source", 2, &["tenant", "source", "trust"]),
    Table(
        "push_run",
        1,
        &["id", "tenant", "as_of", "rules", "inputs", "result", "listed", "held_back", "recorded_at"],
    ),
    Table(
        "outcome",
        1,
        &[
            "id",
            "key",
            "tenant",
            "enterprise",
            "item",
            "item_digest",
            "event",
            "at",
            "actor",
            "detail",
            "recorded_at",
        ],
    ),
    Table(
        "message",
        1,
        &[
            "id",
            "key",
            "tenant",
            "channel",
            "enterprise",
            "item",
            "item_digest",
            "kind",
            "round",
            "body",
            "state",
            "reason",
            "attempts",
            "next_at",
            "lease",
            "leased_until",
            "last_error",
            "made_at",
            "queued_at",
            "sent_at",
        ],
    ),
    Table("message_run", 3, &["tenant", "channel", "run", "as_of", "made_at"]),
    Table("opt_out", 1, &["id", "tenant", "enterprise", "item", "reason", "recorded_at", "withdrawn_at"]),
    Table("receipt", 1, &["id", "tenant", "enterprise", "as_of", "rules", "result", "body", "issued_at"]),
    Table(
        "audit",
        1,
        &["seq", "at", "tenant", "actor", "action", "subject", "detail", "content", "previous", "digest"],
    ),
];

/// How many rows are carried over at once.
const AT_ONCE: usize = 500;

/// How many rows of a table a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: usize,
}

impl Registry {
    /// Writes every record into a new file at `path`. The audit says that it was done, in a line that the file does not have.
    ///
    /// # Errors
    /// When the database or the file refuses; the file is then not whole.
    pub async fn backup(
        &self,
        act: &Act<'_>,
        path: &Path,
    ) -> Result<(Vec<Carried>, AuditCheck), RegistryError> {
        let file = SqliteStore::open(path).await?;
        let mut from = self.store.look().await?;
        let mut into = file.begin().await?;
        let carried = carry(from.as_mut(), into.as_mut()).await?;
        into.commit().await?;
        drop(from);
        file.close().await?;
        let copy = Self::open(path).await?;
        let check = copy.verify(None).await?;
        copy.close().await?;
        let detail = json!({"head": check.head, "lines": check.lines, "faults": check.faults.len()});
        self.work(act).await?.commit("backup", "", &detail).await?;
        Ok((carried, check))
    }

    /// Takes every record from the backup at `path`, which is brought to this version's shape.
    ///
    /// # Errors
    /// When the database refuses, this registry holds anything already, or the backup is damaged; nothing was taken then.
    pub async fn restore(
        &self,
        act: &Act<'_>,
        path: &Path,
    ) -> Result<(Vec<Carried>, AuditCheck), RegistryError> {
        let backup = Self::open(path).await?;
        let check = backup.verify(None).await?;
        if let Some(fault) = check.faults.first() {
            let why = format!("已损坏或被改动，不予恢复：{}", json!(fault));
            return Err(RegistryError::State { what: "备份", id: path.display().to_string(), why });
        }
        let mut from = backup.store.look().await?;
        let mut into = self.store.begin().await?;
        for Table(table, ..) in &TABLES {
            if !into.read(format!("SELECT 1 FROM {table} LIMIT 1").into(), Vec::new()).await?.is_empty() {
                return Err(RegistryError::NotEmpty);
            }
        }
        let carried = carry(from.as_mut(), into.as_mut()).await?;
        into.commit().await?;
        drop(from);
        backup.close().await?;
        self.work(act).await?.commit("restore", "", &json!({"head": check.head})).await?;
        Ok((carried, check))
    }
}

/// Carries every row over, in order of its key.
async fn carry(from: &mut dyn Unit, into: &mut dyn Unit) -> Result<Vec<Carried>, RegistryError> {
    let mut carried = Vec::new();
    for Table(table, keys, columns) in &TABLES {
        let key = columns.iter().take(*keys).copied().collect::<Vec<_>>().join(", ");
        let marks = (1..=*keys).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let (list, mut rows, mut last) = (columns.join(", "), 0, Vec::new());
        loop {
            let after = if last.is_empty() { String::new() } else { format!("WHERE ({key}) > ({marks})") };
            let query = format!("SELECT {list} FROM {table} {after} ORDER BY {key} LIMIT {AT_ONCE}");
            let some = from.read(query.into(), last).await?;
            let Some(end) = some.last() else { break };
            last = end.0.iter().take(*keys).cloned().collect();
            rows += some.len();
            let some = some.into_iter().map(|row| row.0.into_iter().map(typed).collect());
            insert(into, table, columns, some.collect()).await?;
        }
        carried.push(Carried { table, rows });
    }
    Ok(carried)
}

/// What is absent is a number in every table, which PostgreSQL wants to know.
fn typed(value: Value) -> Value {
    match value {
        Value::Text(None) | Value::Bytes(None) => Value::Integer(None),
        other => other,
    }
}
