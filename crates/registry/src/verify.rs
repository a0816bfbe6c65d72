//! Verification of the audit: the chain of its lines, and all data it covers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::audit::{Line, VERIFY_ACTION};
use crate::clock::Corrections;
use crate::coverage::COVERED_TABLES;
use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::signature::is_line_signed;
use crate::state::{State, total};
use crate::store::{Row, Unit, values};
use crate::total::Total;
use crate::work::content_digest;

/// Number of rows read at once.
const AT_ONCE: usize = 2_000;

/// A fault of the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum AuditFault {
    /// The content of a line does not match its digest.
    Changed {
        /// Its number.
        seq: i64,
    },
    /// A line is not chained to the previous one: that one was replaced.
    Torn {
        /// Its number.
        seq: i64,
    },
    /// Lines are missing before this one.
    Gap {
        /// Its number.
        seq: i64,
        /// The expected number.
        expected: i64,
    },
    /// The digest of records in a line does not match the actual records.
    Content {
        /// Its number.
        seq: i64,
    },
    /// The content of a record does not match its digest.
    Record {
        /// Its kind.
        kind: &'static str,
        /// Its id and revision.
        id: String,
    },
    /// A record that no line covers.
    Unvouched {
        /// Its kind.
        kind: &'static str,
        /// Its id and revision.
        id: String,
    },
    /// Records of a table were changed, deleted or inserted: they do not match the last line.
    Table {
        /// The table.
        table: String,
        /// Expected number of records.
        expected: i64,
        /// Actual number of records.
        found: i64,
    },
    /// The expected content of the tables does not match the last line.
    State {
        /// The number of the line.
        seq: i64,
    },
    /// A line lacks the digest of the tables, although an earlier one has it.
    Stateless {
        /// Its number.
        seq: i64,
    },
    /// The last line is not signed, or its signature is not valid for its digest.
    Unsigned {
        /// Its number.
        seq: i64,
    },
    /// The last line is signed with the key of another installation.
    Signer {
        /// Its number.
        seq: i64,
        /// The public key of its signature.
        signer: String,
    },
    /// The chain lacks the expected line.
    Head {
        /// The expected digest.
        expected: String,
    },
}

/// Result of a verification of the records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditCheck {
    /// Number of lines of the chain.
    pub lines: usize,
    /// Number of records compared.
    pub records: usize,
    /// The digest of the last line. Kept elsewhere, it also proves later that no line was cut off at the end.
    pub head: String,
    /// The number of the line from which on every table is covered; `None` if an older version wrote all of them. Earlier
    /// records are covered as of that line.
    pub covered_from: Option<i64>,
    /// The public key of the last line's signature; empty if unsigned.
    pub signer: String,
    /// All faults.
    pub faults: Vec<AuditFault>,
}

impl Registry {
    /// Verifies like [`Registry::verify`], and records the result in the audit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check(
        &self,
        act: &WriteContext<'_>,
        head: Option<&str>,
    ) -> Result<AuditCheck, RegistryError> {
        let check = self.verify(head).await?;
        let AuditCheck { lines, records, head, faults, .. } = &check;
        let detail = json!({"lines": lines, "records": records, "head": head, "faults": faults.len()});
        match self.begin_work(act).await {
            Ok(work) => work.commit(VERIFY_ACTION, "", &detail).await?,
            // Such a registry is not written to; its faults are reported nevertheless.
            Err(
                RegistryError::Tampered(_)
                | RegistryError::ClockBehind { .. }
                | RegistryError::ClockAhead { .. },
            ) => {}
            Err(error) => return Err(error),
        }
        Ok(check)
    }

    /// Verifies the chain, every record with a digest of its own, and that every covered table matches the last line. With
    /// `head`, a line with this digest has to exist. If this registry has a key, the last line has to be signed with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify(&self, head: Option<&str>) -> Result<AuditCheck, RegistryError> {
        let mut unit = self.store.begin_read().await?;
        let signer = self.signer.as_ref().map(|key| key.public());
        verify(unit.as_mut(), head, signer.as_deref()).await
    }
}

/// State of the verification of the chain.
#[derive(Default)]
struct Chain {
    check: AuditCheck,
    /// Digest of the tables in the last line.
    state: String,
    signature: String,
    head_found: bool,
}

/// Verifies the content visible to a transaction.
pub(crate) async fn verify(
    unit: &mut dyn Unit,
    head: Option<&str>,
    signer: Option<&str>,
) -> Result<AuditCheck, RegistryError> {
    let mut chain = Chain { head_found: head.is_none_or(str::is_empty), ..Chain::default() };
    let corrections = Corrections::read(unit).await?;
    let mut written = records(unit, &mut chain.check).await?;
    let mut last = 0;
    loop {
        let query = format!(
            "SELECT seq, at, tenant, actor, action, subject, detail, content, state, previous, digest, signer, \
             signature FROM audit WHERE seq > $1 ORDER BY seq LIMIT {AT_ONCE}"
        );
        let rows = unit.read(query.into(), values![last]).await?;
        let count = rows.len();
        for row in rows {
            last = row.integer(0)?;
            chain.follow(row, head, &corrections, &mut written)?;
        }
        if count < AT_ONCE {
            break;
        }
    }
    let Chain { mut check, state, signature, head_found: is_held } = chain;
    let unvouched = written.into_values().flatten();
    check.faults.extend(unvouched.map(|(kind, id, _)| AuditFault::Unvouched { kind, id }));
    if check.covered_from.is_some() {
        tables(unit, &state, last, &mut check).await?;
    }
    match signer {
        Some(_) if last > 0 && !is_line_signed(&check.signer, &check.head, &signature) => {
            check.faults.push(AuditFault::Unsigned { seq: last });
        }
        Some(own) if last > 0 && own != check.signer => {
            check.faults.push(AuditFault::Signer { seq: last, signer: check.signer.clone() });
        }
        _ => {}
    }
    if let (false, Some(head)) = (is_held, head) {
        check.faults.push(AuditFault::Head { expected: head.to_owned() });
    }
    Ok(check)
}

/// Kind, id and digest of records, by the moment of the line that covers them.
type AttestedRecords = BTreeMap<i64, Vec<(&'static str, String, String)>>;

impl Chain {
    /// Advances to the next line of the chain.
    fn follow(
        &mut self,
        mut row: Row,
        head: Option<&str>,
        corrections: &Corrections,
        written: &mut AttestedRecords,
    ) -> Result<(), RegistryError> {
        let line = Line {
            seq: row.integer(0)?,
            at: Moment(row.integer(1)?),
            tenant: row.text(2)?,
            actor: row.text(3)?,
            action: row.text(4)?,
            subject: row.text(5)?,
            detail: row.text(6)?,
            content: row.text(7)?,
            state: row.text(8)?,
        };
        let (seq, previous, digest) = (line.seq, row.text(9)?, row.text(10)?);
        let check = &mut self.check;
        check.lines += 1;
        let expected = i64::try_from(check.lines).unwrap_or(i64::MAX);
        if seq != expected && check.faults.iter().all(|fault| !matches!(fault, AuditFault::Gap { .. })) {
            check.faults.push(AuditFault::Gap { seq, expected });
        }
        if line.digest(&previous) != digest {
            check.faults.push(AuditFault::Changed { seq });
        } else if previous != check.head {
            check.faults.push(AuditFault::Torn { seq });
        }
        let mut there = written.remove(&line.at.0).unwrap_or_default();
        let corrected = corrections.correct_line(seq, line.at);
        if corrected != line.at {
            there.extend(written.remove(&corrected.0).unwrap_or_default());
        }
        if content_digest(&mut there) != line.content {
            check.faults.push(AuditFault::Content { seq });
        }
        match (line.state.is_empty(), check.covered_from) {
            (false, None) => check.covered_from = Some(seq),
            (true, Some(_)) => check.faults.push(AuditFault::Stateless { seq }),
            _ => {}
        }
        self.head_found |= head == Some(digest.as_str());
        self.state = line.state;
        (check.head, check.signer, self.signature) = (digest, row.text(11)?, row.text(12)?);
        Ok(())
    }
}

/// Compares the records that have digests of their own with them; returns the records by the line that has to cover them.
async fn records(unit: &mut dyn Unit, check: &mut AuditCheck) -> Result<AttestedRecords, RegistryError> {
    let mut written = AttestedRecords::new();
    for vouched in COVERED_KINDS {
        let keys: Vec<String> = (0..vouched.key.len()).map(|at| format!("${}", at + 1)).collect();
        let (list, keys) = (vouched.key.join(", "), keys.join(", "));
        let mut last = Vec::new();
        loop {
            let after = if last.is_empty() { String::new() } else { format!(" WHERE ({list}) > ({keys})") };
            let query = format!("{}{after} ORDER BY {list} LIMIT {}", vouched.query, vouched.at_once);
            let rows = unit.read(query.into(), last).await?;
            let count = rows.len();
            last = Vec::new();
            for mut row in rows {
                check.records += 1;
                // The key columns come first.
                let width = vouched.key.len();
                last = row.0.drain(..width).collect();
                let (at, id, kept) = (row.integer(0)?, row.text(1)?, row.text(2)?);
                let found = (vouched.digest)(&mut row)?;
                if found != kept && !kept.is_empty() {
                    check.faults.push(AuditFault::Record { kind: vouched.kind, id: id.clone() });
                }
                // Records older than the audit have no line.
                if at != 0 {
                    written.entry(at).or_default().push((vouched.kind, id, found));
                }
            }
            if count < vouched.at_once {
                break;
            }
        }
    }
    Ok(written)
}

/// Compares the content of the tables with the last line.
async fn tables(
    unit: &mut dyn Unit,
    state: &str,
    seq: i64,
    check: &mut AuditCheck,
) -> Result<(), RegistryError> {
    let kept = State::read(unit).await?;
    let mut is_sound = kept.digest() == state;
    let query = "SELECT records, total, digest FROM audit_state WHERE name <> ''";
    for mut row in unit.read(query.into(), Vec::new()).await? {
        let total = Total::from_stored(row.integer(0)?, &row.bytes(1)?);
        let digest = row.text(2)?;
        is_sound &= total.is_ok_and(|total| total.digest() == digest);
    }
    if !is_sound {
        check.faults.push(AuditFault::State { seq });
    }
    for covered in &COVERED_TABLES {
        let found = total(unit, covered).await?;
        let held = kept.0.get(covered.name).cloned().unwrap_or_default();
        if found.records != held.records || (found.digest() != held.digest && !found.is_zero()) {
            let (table, expected, found) = (covered.name.to_owned(), held.records, found.records);
            check.faults.push(AuditFault::Table { table, expected, found });
        }
    }
    Ok(())
}

/// A kind of record that the audit covers individually.
struct CoveredKind {
    kind: &'static str,
    /// Key columns.
    key: &'static [&'static str],
    /// Number of records read at once: documents are large.
    at_once: usize,
    /// Query of the key, the moment, id with revision, the stored digest, and the columns that the digest is computed from.
    query: &'static str,
    digest: fn(&mut Row) -> Result<String, RegistryError>,
}

pub(crate) const DOCUMENT: &str = "document";
pub(crate) const ITEM: &str = "item";
pub(crate) const REVIEW: &str = "review";
pub(crate) const OUTCOME: &str = "outcome";

const COVERED_KINDS: [CoveredKind; 4] = [
    CoveredKind {
        kind: DOCUMENT,
        key: &["id", "revision"],
        at_once: 50,
        query: "SELECT id, revision, recorded_at, id || '/' || revision, digest, metadata, body FROM document_revision",
        digest: |row| Ok(digest(&[row.text(3)?.as_bytes(), &row.bytes(4)?])),
    },
    CoveredKind {
        kind: ITEM,
        key: &["id", "revision"],
        at_once: AT_ONCE,
        query: "SELECT id, revision, recorded_at, id || '/' || revision, digest, body FROM item_revision",
        digest: |row| Ok(digest(&[row.text(3)?.as_bytes()])),
    },
    CoveredKind {
        kind: REVIEW,
        key: &["id"],
        at_once: AT_ONCE,
        query: "SELECT id, at, 'review/' || id, '', CAST(draft AS TEXT), reviewer, decision, note FROM review",
        digest: |row| texts(row, 3..=6),
    },
    CoveredKind {
        kind: OUTCOME,
        key: &["id"],
        at_once: AT_ONCE,
        query: "SELECT id, recorded_at, 'outcome/' || id, '', key, tenant, enterprise, item, item_digest, event, \
                CAST(at AS TEXT), actor, detail FROM outcome",
        digest: |row| texts(row, 3..=11),
    },
];

/// The digest of some text columns.
fn texts(row: &mut Row, columns: std::ops::RangeInclusive<usize>) -> Result<String, RegistryError> {
    let texts = columns.map(|column| row.text(column)).collect::<Result<Vec<_>, _>>()?;
    Ok(digest(&texts.iter().map(String::as_bytes).collect::<Vec<_>>()))
}
