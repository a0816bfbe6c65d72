//! Units of work (transactions): every write is part of one, and each has a line in the audit.
//!
//! A unit of work tracks every record of a covered table that it writes, before and after the write, so that its line can
//! hold the digest of all tables. Tracking cannot be bypassed: an unknown form of statement is an error.

use std::collections::BTreeMap;

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value as Json, json};

use crate::audit::Line;
use crate::coverage::{AUDIT_TABLES, COVERED_TABLES, CoveredTable};
use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::state::{State, TableDigest, for_each_record, total};
use crate::statement::{Statement, renumber_placeholders};
use crate::store::{Pending, Row, Sql, Unit, Value, insert, values};
use crate::total::Total;

/// The action of the line from which on the tables are covered.
pub const BASELINE: &str = "audit.baseline";

/// Time of a unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimePolicy {
    /// The clock's time, refused if it cannot be right.
    Clock,
    /// The clock's time or, if that is behind, right after the last record: for writes that must not fail because of a
    /// clock.
    Monotonic,
    /// The clock's time, even if there are later records: to correct them.
    Unchecked,
}

impl Registry {
    /// Begins a write: no other writer proceeds until it is committed or dropped.
    pub(crate) async fn begin_work<'a>(&self, act: &WriteContext<'a>) -> Result<Work<'a>, RegistryError> {
        self.begin_work_with(act, TimePolicy::Clock).await
    }

    /// Begins a write with another choice of its time.
    pub(crate) async fn begin_work_with<'a>(
        &self,
        act: &WriteContext<'a>,
        dating: TimePolicy,
    ) -> Result<Work<'a>, RegistryError> {
        let (mut work, state) = self.begin(act, dating).await?;
        if state.is_empty() {
            work.start_coverage(&Json::Null).await?;
            return Ok(work);
        }
        work.state = State::read(work.unit.as_mut()).await?;
        // If the sums were changed together with the records, the next line must not attest both.
        if work.state.digest() != state {
            let why = format!("审计状态与第 {} 行所记不符", work.seq);
            return Err(RegistryError::Tampered(why));
        }
        Ok(work)
    }

    /// Begins a unit of work without the expected content of the tables; returns the digest of it in the last line.
    async fn begin<'a>(
        &self,
        act: &WriteContext<'a>,
        dating: TimePolicy,
    ) -> Result<(Work<'a>, String), RegistryError> {
        let mut unit = self.store.begin_write().await?;
        let last = "SELECT seq, at, digest, state FROM audit ORDER BY seq DESC LIMIT 1";
        let (seq, before, head, state) = match unit.read(last.into(), Vec::new()).await?.pop() {
            Some(mut row) => (row.integer(0)?, row.integer(1)?, row.text(2)?, row.text(3)?),
            None => (0, 0, String::new(), String::new()),
        };
        if dating == TimePolicy::Clock {
            act.at.check_after(Moment(before))?;
        }
        // A clock that was set back a little must not place later records before earlier ones, and no two units of work
        // share a moment: the content as of a moment is then always unique.
        let next = act.at.0.max(before.saturating_add(1));
        let at = if dating == TimePolicy::Unchecked { act.at } else { Moment(next) };
        let (signer, changes, written) = (self.signer.clone(), BTreeMap::new(), Vec::new());
        let work = Work { unit, act: *act, at, seq, head, written, signer, state: State::default(), changes };
        Ok((work, state))
    }

    /// Makes the audit cover all tables from now on, if an older version of the program has written them. No effect if they
    /// are covered or empty.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_covered(&self) -> Result<(), RegistryError> {
        let query = "SELECT at, state FROM audit ORDER BY seq DESC LIMIT 1";
        let before = match self.read(query, Vec::new()).await?.pop() {
            Some(mut row) => {
                if !row.text(1)?.is_empty() {
                    return Ok(());
                }
                row.integer(0)?
            }
            None if self.tables_are_empty().await? => return Ok(()),
            None => 0,
        };
        // The time is right after the last record: no clock is read here.
        let act = WriteContext { tenant: "", actor: "upgrade", at: Moment(before.saturating_add(1)) };
        // Records of an older version with a wrong clock must not prevent opening.
        self.begin_work_with(&act, TimePolicy::Monotonic).await?.unit.commit().await
    }

    async fn tables_are_empty(&self) -> Result<bool, RegistryError> {
        for covered in &COVERED_TABLES {
            let query = format!("SELECT 1 FROM {} LIMIT 1", covered.name);
            if !self.read(query, Vec::new()).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Accepts the actual content of the tables as the expected one. This is for an operator who has repaired records by
    /// hand; the line records the faults until then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accept_current_state(&self, act: &WriteContext<'_>, why: &str) -> Result<(), RegistryError> {
        let faults = self.verify(None).await?.faults;
        let (mut work, _) = self.begin(act, TimePolicy::Clock).await?;
        let listed: Vec<_> = faults.iter().take(100).collect();
        work.start_coverage(&json!({"why": why, "faults": faults.len(), "first": listed})).await?;
        work.unit.commit().await
    }
}

/// A unit of work. Dropped without [`Work::commit`], it has no effect; one without writes is ended with [`Work::abandon`].
pub(crate) struct Work<'a> {
    unit: Box<dyn Unit>,
    pub(crate) act: WriteContext<'a>,
    /// Time of recording.
    pub(crate) at: Moment,
    seq: i64,
    head: String,
    /// Kind, id and digest of the records that the audit covers individually.
    written: Vec<(&'static str, String, String)>,
    signer: Option<std::sync::Arc<crate::signature::SigningKey>>,
    /// The expected content of the tables before it.
    state: State,
    /// Its change of the sum of each covered table.
    changes: BTreeMap<&'static str, Total>,
}

impl Work<'_> {
    pub(crate) async fn read(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, RegistryError> {
        self.unit.read(sql.into(), values).await
    }

    /// Executes a statement and tracks the records that it writes; returns their number.
    pub(crate) fn write(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Pending<'_, u64> {
        let sql = sql.into();
        Box::pin(self.write_counted(sql, values))
    }

    async fn write_counted(&mut self, sql: Sql, values: Vec<Value>) -> Result<u64, RegistryError> {
        let read = Statement::read(&sql);
        let known = read.and_then(|statement| Some((CoveredTable::find(statement.table())?, statement)));
        let Some((covered, statement)) = known else {
            return Err(RegistryError::UnknownStatement(sql.chars().take(60).collect()));
        };
        let before = match statement {
            Statement::Insert { replaced, .. } if replaced.is_empty() => None,
            Statement::Insert { columns, replaced, .. } => {
                if values.len() != columns.len() {
                    return Err(RegistryError::UnknownStatement(sql.chars().take(60).collect()));
                }
                let place =
                    |name: &String| columns.iter().position(|one| one == name).unwrap_or(columns.len()) + 1;
                let parts = replaced.iter().map(|name| format!("{name} = ${}", place(name)));
                Some(parts.collect::<Vec<_>>().join(" AND "))
            }
            Statement::Update { condition, .. } | Statement::Delete { condition, .. } => Some(condition),
        };
        let change = self.changes.entry(covered.name).or_default();
        if let Some(condition) = before {
            let (condition, given) = renumber_placeholders(&condition, &values);
            for_each_record(self.unit.as_mut(), covered, &condition, &given, |row| {
                change.remove(&covered.record_digest(row))
            })
            .await?;
        }
        if sql.starts_with("DELETE ") {
            return self.unit.write(sql, values).await;
        }
        let rows =
            self.unit.read(format!("{sql} RETURNING {}", covered.column_list()).into(), values).await?;
        rows.iter().for_each(|row| change.add(&covered.record_digest(row)));
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Inserts rows in as few statements as the database allows.
    pub(crate) async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), RegistryError> {
        for (sql, values) in crate::store::inserts(table, columns, rows) {
            self.write(sql, values).await?;
        }
        Ok(())
    }

    /// The number of its audit line.
    pub(crate) fn next_line(&self) -> i64 {
        self.seq + 1
    }

    /// The next number of a table with numbered rows.
    pub(crate) async fn next_id(&mut self, table: &str) -> Result<i64, RegistryError> {
        let sql = format!("SELECT COALESCE(MAX(id), 0) FROM {table}");
        Ok(self.read(sql, Vec::new()).await?.first().map_or(Ok(0), |row| row.integer(0))? + 1)
    }

    /// Adds a record written by this unit of work to those that the audit covers individually.
    pub(crate) fn cover_record(
        &mut self,
        kind: &'static str,
        id: impl Into<String>,
        digest: impl Into<String>,
    ) {
        self.written.push((kind, id.into(), digest.into()));
    }

    /// Ends the unit of work without writes. The lock is released when this returns, which a drop does not guarantee.
    pub(crate) fn abandon(self) -> Pending<'static, ()> {
        self.unit.rollback()
    }

    /// Commits the lease of a sender. A lease is no record but a lock, taken and released many times a second, so it leaves
    /// no audit line, unless a message is also marked as possibly sent.
    pub(crate) async fn commit_lease(self, subject: &str) -> Result<(), RegistryError> {
        if self.changes.values().all(Total::is_zero) {
            return self.unit.commit().await;
        }
        self.commit("messages.claim", subject, &Json::Null).await
    }

    /// Appends the audit line and commits. Every unit of work has one line.
    pub(crate) async fn commit(
        mut self,
        action: &str,
        subject: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        self.line(action, subject, detail).await?;
        self.unit.commit().await
    }

    /// Takes the actual content of all tables as the start of coverage, and records that in a line of its own; in none for
    /// empty tables.
    async fn start_coverage(&mut self, detail: &Json) -> Result<(), RegistryError> {
        for covered in &COVERED_TABLES {
            let total = total(self.unit.as_mut(), covered).await?;
            self.write_total(covered.name, &total).await?;
        }
        let is_empty = self.seq == 0 && self.state.0.values().all(|held| held.records == 0);
        if !is_empty {
            let records: BTreeMap<&str, i64> = COVERED_TABLES
                .iter()
                .filter_map(|one| Some((one.name, self.state.0.get(one.name)?.records)))
                .collect();
            let detail = json!({"records": records, "accepted": detail});
            let act = self.act;
            self.act.tenant = "";
            self.line(BASELINE, "", &detail).await?;
            self.act = act;
        }
        Ok(())
    }

    /// Appends a line; later writes get a later time.
    async fn line(&mut self, action: &str, subject: &str, detail: &Json) -> Result<(), RegistryError> {
        for (name, change) in std::mem::take(&mut self.changes) {
            if !change.is_zero() {
                let mut total = self.read_total(name).await?;
                total.apply(&change);
                self.write_total(name, &total).await?;
            }
        }
        let mut blind = [0; 32];
        let failed = |_| RegistryError::Random;
        SystemRandom::new().fill(&mut blind).map_err(failed)?;
        let blind = TableDigest { records: 0, digest: hex::encode(blind) };
        self.put("", blind, &[]).await?;
        let line = Line {
            seq: self.seq + 1,
            at: self.at,
            tenant: self.act.tenant.to_owned(),
            actor: self.act.actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: if detail.is_null() { String::new() } else { detail.to_string() },
            content: content_digest(&mut self.written),
            state: self.state.digest(),
        };
        let digest = line.digest(&self.head);
        let (signer, signature) = match &self.signer {
            Some(key) => (key.public(), key.sign_line(&digest)),
            None => (String::new(), String::new()),
        };
        let columns = [
            "seq",
            "at",
            "tenant",
            "actor",
            "action",
            "subject",
            "detail",
            "content",
            "state",
            "previous",
            "digest",
            "signer",
            "signature",
        ];
        let row = values![
            line.seq,
            line.at,
            &line.tenant,
            &line.actor,
            &line.action,
            &line.subject,
            &line.detail,
            &line.content,
            &line.state,
            &self.head,
            &digest,
            &signer,
            &signature
        ];
        insert(self.unit.as_mut(), AUDIT_TABLES[0], &columns, vec![row]).await?;
        self.written.clear();
        (self.seq, self.head, self.at) = (line.seq, digest, Moment(self.at.0.saturating_add(1)));
        Ok(())
    }

    /// Reads the stored sum of a table.
    async fn read_total(&mut self, name: &str) -> Result<Total, RegistryError> {
        let query = "SELECT records, total FROM audit_state WHERE name = $1";
        let Some(mut row) = self.read(query, values![name]).await?.pop() else { return Ok(Total::default()) };
        let total = Total::from_stored(row.integer(0)?, &row.bytes(1)?)?;
        let held = self.state.0.get(name);
        if held.is_none_or(|held| held.digest != total.digest() || held.records != total.records) {
            return Err(RegistryError::Tampered(format!("表 {name} 的审计状态与其摘要不符")));
        }
        Ok(total)
    }

    /// Stores the sum of a table.
    async fn write_total(&mut self, name: &str, total: &Total) -> Result<(), RegistryError> {
        let held = TableDigest { records: total.records, digest: total.digest() };
        self.put(name, held, &total.bytes()).await
    }

    async fn put(&mut self, name: &str, held: TableDigest, bytes: &[u8]) -> Result<(), RegistryError> {
        let sql = "INSERT INTO audit_state (name, records, total, digest) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (name) DO UPDATE SET records = excluded.records, total = excluded.total, \
                   digest = excluded.digest";
        self.unit.write(sql.into(), values![name, held.records, bytes, &held.digest]).await?;
        self.state.0.insert(name.to_owned(), held);
        Ok(())
    }
}

/// The digest of records, independent of their order; empty for none.
pub(crate) fn content_digest(written: &mut [(&'static str, String, String)]) -> String {
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
