//! Backups: every record as of one moment in one SQLite file, from any supported database, without blocking writers. A
//! backup can be restored into any database, so it is also the way to migrate from one to another.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::error::RegistryError;
use crate::registry::{Registry, WriteContext};
use crate::sqlite::SqliteStore;
use crate::store::{Row, Store, Unit, Value, insert};
use crate::verify::{AuditCheck, verify};
use crate::work::TimePolicy;

/// A table of a backup.
struct Table {
    name: String,
    columns: Vec<Column>,
    /// Indices of the key columns, in key order.
    key: Vec<usize>,
}

struct Column {
    name: String,
    /// Typed null of this column, which PostgreSQL requires.
    typed_null: Value,
}

/// Magic bytes of a SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Number of rows copied per statement.
const AT_ONCE: usize = 500;

/// Number of rows of a table in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRowCount {
    /// The table.
    pub table: String,
    /// Number of rows.
    pub rows: usize,
}

impl Registry {
    /// Writes every record into a new file at `path`. The audit records the backup, in a line that the file does not
    /// contain.
    ///
    /// # Errors
    /// When the database or the file fails; the file is then incomplete.
    pub async fn backup(
        &self,
        act: &WriteContext<'_>,
        path: &Path,
    ) -> Result<(Vec<TableRowCount>, AuditCheck), RegistryError> {
        let file = SqliteStore::open(path).await?;
        let mut from = self.store.begin_read().await?;
        let mut into = file.begin_write().await?;
        let tables = tables(into.as_mut()).await?;
        let carried = copy_rows(&tables, from.as_mut(), into.as_mut()).await?;
        into.commit().await?;
        drop(from);
        file.close().await?;
        let mut copy = Self::open(path).await?;
        copy.signer.clone_from(&self.signer);
        let check = copy.verify(None).await?;
        copy.close().await?;
        let rows: BTreeMap<&str, usize> = carried.iter().map(|one| (one.table.as_str(), one.rows)).collect();
        let detail = json!({
            "head": check.head, "lines": check.lines, "faults": check.faults.len(), "records": rows
        });
        self.begin_work(act).await?.commit("backup", "", &detail).await?;
        Ok((carried, check))
    }

    /// Restores every record from the backup at `path`, which is first migrated to this version's schema. With `head`, the
    /// digest of an audit line that was kept elsewhere, the backup has to contain that line.
    ///
    /// # Errors
    /// When the database fails, this registry is not empty, or the backup is damaged or no backup; nothing was restored
    /// then.
    pub async fn restore(
        &self,
        act: &WriteContext<'_>,
        path: &Path,
        head: Option<&str>,
    ) -> Result<(Vec<TableRowCount>, AuditCheck), RegistryError> {
        check_backup(path).await?;
        let backup = Self::open(path).await?;
        let check = backup.verify(head).await?;
        if let Some(fault) = check.faults.first() {
            let why = format!("已损坏或被改动，不予恢复：{}", json!(fault));
            return Err(RegistryError::InvalidState { what: "备份", id: path.display().to_string(), why });
        }
        let mut from = backup.store.begin_read().await?;
        let mut into = self.store.begin_write().await?;
        let tables = tables(from.as_mut()).await?;
        for Table { name, .. } in &tables {
            if !into.read(format!("SELECT 1 FROM {name} LIMIT 1").into(), Vec::new()).await?.is_empty() {
                return Err(RegistryError::NotEmpty);
            }
        }
        let carried = copy_rows(&tables, from.as_mut(), into.as_mut()).await?;
        // The copy is verified before it is committed: against the chain, and against the last line's digest of every
        // table.
        let taken = verify(into.as_mut(), Some(&check.head), None).await?;
        if taken != check {
            let why = "恢复出的记录与备份不一致".to_owned();
            return Err(RegistryError::InvalidState { what: "备份", id: path.display().to_string(), why });
        }
        into.commit().await?;
        drop(from);
        backup.close().await?;
        let rows: BTreeMap<&str, usize> = carried.iter().map(|one| (one.table.as_str(), one.rows)).collect();
        let detail = json!({"head": check.head, "lines": check.lines, "records": rows});
        self.begin_work_with(act, TimePolicy::Monotonic).await?.commit("restore", "", &detail).await?;
        Ok((carried, check))
    }
}

/// Checks that a file is a registry, without changing it or creating files beside it.
///
/// # Errors
/// When it is none; the error says why.
pub async fn check_backup(path: &Path) -> Result<(), RegistryError> {
    let refuse = |why: String| RegistryError::NoBackup { path: path.display().to_string(), why };
    let mut begin = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut begin));
    read.map_err(|error| refuse(error.to_string()))?;
    if begin.is_empty() {
        return Err(refuse("文件是空的（0 字节）".to_owned()));
    }
    if begin != MAGIC {
        return Err(refuse("不是 SQLite 文件，应为 zhaoren backup 所写的文件".to_owned()));
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let damaged = |error: sqlx::Error| refuse(format!("文件已损坏：{error}"));
    let mut file = SqliteConnection::connect_with(&options).await.map_err(damaged)?;
    let query = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_sqlx_migrations', 'item_revision')";
    let tables: i64 = sqlx::query_scalar(query).fetch_one(&mut file).await.map_err(damaged)?;
    file.close().await.map_err(damaged)?;
    if tables < 2 {
        return Err(refuse("是 SQLite 文件，但其中没有登记库的表".to_owned()));
    }
    Ok(())
}

/// Every table of a backup file, in the schema that the migrations create: they alone define the tables.
async fn tables(file: &mut dyn Unit) -> Result<Vec<Table>, RegistryError> {
    let query = "SELECT one.name, part.name, part.type, part.pk FROM sqlite_master AS one \
                 JOIN pragma_table_info(one.name) AS part WHERE one.type = 'table' \
                 AND one.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND one.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
                 ORDER BY one.rowid, part.cid";
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, usize)>> = Vec::new();
    for mut row in file.read(query.into(), Vec::new()).await? {
        let (name, column, kind) = (check_name(row.text(0)?)?, check_name(row.text(1)?)?, row.text(2)?);
        if tables.last().is_none_or(|last| last.name != name) {
            tables.push(Table { name, columns: Vec::new(), key: Vec::new() });
            keys.push(Vec::new());
        }
        let (Some(table), Some(key)) = (tables.last_mut(), keys.last_mut()) else { continue };
        let rank = row.integer(3)?;
        if rank > 0 {
            key.push((rank, table.columns.len()));
        }
        let absent = match kind.as_str() {
            "TEXT" => Value::Text(None),
            "BLOB" => Value::Bytes(None),
            _ => Value::Integer(None),
        };
        table.columns.push(Column { name: column, typed_null: absent });
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort_unstable();
        table.key = key.into_iter().map(|(_, place)| place).collect();
    }
    Ok(tables)
}

/// Checks a name that is inserted into a statement as text. A tampered backup could hold others.
fn check_name(name: String) -> Result<String, RegistryError> {
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Ok(name);
    }
    let why = "不是本程序的表或列，不予恢复".to_owned();
    Err(RegistryError::InvalidState { what: "备份中的名称", id: name, why })
}

/// Copies every row, in order of the key.
async fn copy_rows(
    tables: &[Table],
    from: &mut dyn Unit,
    into: &mut dyn Unit,
) -> Result<Vec<TableRowCount>, RegistryError> {
    let mut carried = Vec::new();
    for Table { name, columns, key } in tables {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let keys: Vec<&str> = key.iter().filter_map(|place| names.get(*place).copied()).collect();
        let marks = (1..=keys.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
        let (list, keys, mut rows, mut last) = (names.join(", "), keys.join(", "), 0, Vec::new());
        loop {
            let after = if last.is_empty() { String::new() } else { format!("WHERE ({keys}) > ({marks})") };
            let query = format!("SELECT {list} FROM {name} {after} ORDER BY {keys} LIMIT {AT_ONCE}");
            let some = from.read(query.into(), last).await?;
            let Some(end) = some.last() else { break };
            last = key.iter().filter_map(|place| end.0.get(*place).cloned()).collect();
            rows += some.len();
            let typed = |row: Row| row.0.into_iter().zip(columns).map(typed).collect();
            insert(into, name, &names, some.into_iter().map(typed).collect()).await?;
        }
        carried.push(TableRowCount { table: name.clone(), rows });
    }
    Ok(carried)
}

/// Replaces an untyped null by the typed null of its column: SQLite does not report the type of a null.
fn typed((value, column): (Value, &Column)) -> Value {
    match value {
        Value::Text(None) | Value::Bytes(None) | Value::Integer(None) => column.typed_null.clone(),
        other => other,
    }
}
