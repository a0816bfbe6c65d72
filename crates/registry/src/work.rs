//! Units of work: everything that is written goes through one, and each has a line in the audit.
//!
//! A unit of work keeps account of every record of a covered table that it writes, as it was before and as it is after, so
//! that its line can say what all tables hold once it is done. There is no way to write past the account: a statement
//! that it does not understand is an error.

use std::collections::BTreeMap;

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value as Json, json};

use crate::audit::Line;
use crate::coverage::{COVERED, Covered, OWN};
use crate::digest::{digest, hexadecimal};
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::state::{State, TableDigest, sweep, total};
use crate::statement::{Statement, alone};
use crate::store::{Pending, Row, Sql, Unit, Value, insert, values};
use crate::total::Total;

/// The action of the line from which on the tables are covered.
pub const BASELINE: &str = "audit.baseline";

/// How a unit of work is dated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dating {
    /// By the clock, which is refused where it cannot be right.
    ByClock,
    /// By the clock or, where that is behind, right after what was recorded last: for what has to be done whatever a clock said.
    Following,
    /// By the clock, also where later records are there: to correct them.
    AsSaid,
}

impl Registry {
    /// Begins to write: nobody else writes until it is committed or dropped.
    pub(crate) async fn work<'a>(&self, act: &WriteContext<'a>) -> Result<Work<'a>, RegistryError> {
        self.work_dated(act, Dating::ByClock).await
    }

    /// The same, dated otherwise than by the clock.
    pub(crate) async fn work_dated<'a>(
        &self,
        act: &WriteContext<'a>,
        dating: Dating,
    ) -> Result<Work<'a>, RegistryError> {
        let (mut work, state) = self.begin(act, dating).await?;
        if state.is_empty() {
            work.begin_covering(&Json::Null).await?;
            return Ok(work);
        }
        work.state = State::read(work.unit.as_mut()).await?;
        // Whoever changes the sums together with the records must not have the next line vouch for both.
        if work.state.digest() != state {
            let why = format!("审计状态与第 {} 行所记不符", work.seq);
            return Err(RegistryError::Tampered(why));
        }
        Ok(work)
    }

    /// Begins a unit of work, without what the tables hold; gives what the last line says of that.
    async fn begin<'a>(
        &self,
        act: &WriteContext<'a>,
        dating: Dating,
    ) -> Result<(Work<'a>, String), RegistryError> {
        let mut unit = self.store.begin().await?;
        let last = "SELECT seq, at, digest, state FROM audit ORDER BY seq DESC LIMIT 1";
        let (seq, before, head, state) = match unit.read(last.into(), Vec::new()).await?.pop() {
            Some(mut row) => (row.integer(0)?, row.integer(1)?, row.text(2)?, row.text(3)?),
            None => (0, 0, String::new(), String::new()),
        };
        if dating == Dating::ByClock {
            act.at.after(Moment(before))?;
        }
        // A clock that was set back a little must not put what comes later before what is there, and no two units of work
        // share a moment: what was believed at a moment is then always one thing.
        let next = act.at.0.max(before.saturating_add(1));
        let at = if dating == Dating::AsSaid { act.at } else { Moment(next) };
        let (signer, changes, written) = (self.signer.clone(), BTreeMap::new(), Vec::new());
        let work = Work { unit, act: *act, at, seq, head, written, signer, state: State::default(), changes };
        Ok((work, state))
    }

    /// Has the audit cover all tables from now on, where an older version of the program has written them. Nothing is done
    /// where it does, or where there is nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cover(&self) -> Result<(), RegistryError> {
        let query = "SELECT at, state FROM audit ORDER BY seq DESC LIMIT 1";
        let before = match self.read(query, Vec::new()).await?.pop() {
            Some(mut row) => {
                if !row.text(1)?.is_empty() {
                    return Ok(());
                }
                row.integer(0)?
            }
            None if self.holds_nothing().await? => return Ok(()),
            None => 0,
        };
        // It is recorded right after what was there: no clock is read here.
        let act = WriteContext { tenant: "", actor: "upgrade", at: Moment(before.saturating_add(1)) };
        // What an older version recorded by a wrong clock is no reason not to open.
        self.work_dated(&act, Dating::Following).await?.unit.commit().await
    }

    async fn holds_nothing(&self) -> Result<bool, RegistryError> {
        for covered in &COVERED {
            let query = format!("SELECT 1 FROM {} LIMIT 1", covered.name);
            if !self.read(query, Vec::new()).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Has the audit take what the tables hold now for what they are to hold, whatever it knew before. This is for an
    /// operator who has mended records by hand; what was wrong until then is told in the line.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn accept(&self, act: &WriteContext<'_>, why: &str) -> Result<(), RegistryError> {
        let faults = self.verify(None).await?.faults;
        let (mut work, _) = self.begin(act, Dating::ByClock).await?;
        let told: Vec<_> = faults.iter().take(100).collect();
        work.begin_covering(&json!({"why": why, "faults": faults.len(), "first": told})).await?;
        work.unit.commit().await
    }
}

/// A unit of work. Dropped without [`Work::commit`], it has done nothing; where nothing is to be written it is ended with
/// [`Work::abandon`].
pub(crate) struct Work<'a> {
    unit: Box<dyn Unit>,
    pub(crate) act: WriteContext<'a>,
    /// When it is recorded.
    pub(crate) at: Moment,
    seq: i64,
    head: String,
    /// Kind, id and digest of the records that the audit vouches for one by one.
    written: Vec<(&'static str, String, String)>,
    signer: Option<std::sync::Arc<crate::signature::SigningKey>>,
    /// What the tables held before.
    state: State,
    /// What this unit of work changes in each covered table.
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

    /// Carries out a statement and keeps account of the records that it writes; gives how many.
    pub(crate) fn write(&mut self, sql: impl Into<Sql>, values: Vec<Value>) -> Pending<'_, u64> {
        let sql = sql.into();
        Box::pin(self.write_counted(sql, values))
    }

    async fn write_counted(&mut self, sql: Sql, values: Vec<Value>) -> Result<u64, RegistryError> {
        let read = Statement::read(&sql);
        let known = read.and_then(|statement| Some((Covered::named(statement.table())?, statement)));
        let Some((covered, statement)) = known else {
            return Err(RegistryError::Unaccounted(sql.chars().take(60).collect()));
        };
        let before = match statement {
            Statement::Insert { replaced, .. } if replaced.is_empty() => None,
            Statement::Insert { columns, replaced, .. } => {
                if values.len() != columns.len() {
                    return Err(RegistryError::Unaccounted(sql.chars().take(60).collect()));
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
            let (condition, given) = alone(&condition, &values);
            sweep(self.unit.as_mut(), covered, &condition, &given, |row| change.take(&covered.mark(row)))
                .await?;
        }
        if sql.starts_with("DELETE ") {
            return self.unit.write(sql, values).await;
        }
        let rows = self.unit.read(format!("{sql} RETURNING {}", covered.list()).into(), values).await?;
        rows.iter().for_each(|row| change.add(&covered.mark(row)));
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Writes rows in as few statements as the database takes.
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

    /// The number that its line is going to have.
    pub(crate) fn next_line(&self) -> i64 {
        self.seq + 1
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
    pub(crate) fn abandon(self) -> Pending<'static, ()> {
        self.unit.rollback()
    }

    /// Makes last who is sending what. That is no record but a lock, taken and let go many times a second, so the audit says
    /// nothing of it; it does where a message is noted besides as one that may have been told.
    pub(crate) async fn commit_lease(self, subject: &str) -> Result<(), RegistryError> {
        if self.changes.values().all(Total::is_nothing) {
            return self.unit.commit().await;
        }
        self.commit("messages.claim", subject, &Json::Null).await
    }

    /// Writes what was done into the audit and makes everything last. Every unit of work has one line.
    pub(crate) async fn commit(
        mut self,
        action: &str,
        subject: &str,
        detail: &Json,
    ) -> Result<(), RegistryError> {
        self.line(action, subject, detail).await?;
        self.unit.commit().await
    }

    /// Takes all records as they are for the beginning of what is covered, and says so in a line of its own; in none where
    /// there is nothing yet.
    async fn begin_covering(&mut self, detail: &Json) -> Result<(), RegistryError> {
        for covered in &COVERED {
            let total = total(self.unit.as_mut(), covered).await?;
            self.keep(covered.name, &total).await?;
        }
        let is_empty = self.seq == 0 && self.state.0.values().all(|held| held.records == 0);
        if !is_empty {
            let records: BTreeMap<&str, i64> = COVERED
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

    /// Appends a line; what follows is recorded later than it.
    async fn line(&mut self, action: &str, subject: &str, detail: &Json) -> Result<(), RegistryError> {
        for (name, change) in std::mem::take(&mut self.changes) {
            if !change.is_nothing() {
                let mut total = self.kept(name).await?;
                total.apply(&change);
                self.keep(name, &total).await?;
            }
        }
        let mut blind = [0; 32];
        let failed = |_| RegistryError::Random;
        SystemRandom::new().fill(&mut blind).map_err(failed)?;
        let blind = TableDigest { records: 0, digest: hexadecimal(&blind) };
        self.put("", blind, &[]).await?;
        let line = Line {
            seq: self.seq + 1,
            at: self.at,
            tenant: self.act.tenant.to_owned(),
            actor: self.act.actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: if detail.is_null() { String::new() } else { detail.to_string() },
            content: content(&mut self.written),
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
        insert(self.unit.as_mut(), OWN[0], &columns, vec![row]).await?;
        self.written.clear();
        (self.seq, self.head, self.at) = (line.seq, digest, Moment(self.at.0.saturating_add(1)));
        Ok(())
    }

    /// The sum over a table as it is kept.
    async fn kept(&mut self, name: &str) -> Result<Total, RegistryError> {
        let query = "SELECT records, total FROM audit_state WHERE name = $1";
        let Some(mut row) = self.read(query, values![name]).await?.pop() else { return Ok(Total::default()) };
        let total = Total::kept(row.integer(0)?, &row.bytes(1)?)?;
        let held = self.state.0.get(name);
        if held.is_none_or(|held| held.digest != total.digest() || held.records != total.records) {
            return Err(RegistryError::Tampered(format!("表 {name} 的审计状态与其摘要不符")));
        }
        Ok(total)
    }

    /// Keeps the sum over a table.
    async fn keep(&mut self, name: &str, total: &Total) -> Result<(), RegistryError> {
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
