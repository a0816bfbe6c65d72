//! Who did what, in a chain of lines of which none can be changed, dropped from the middle or slipped in unseen.
//!
//! A line holds the digest of the line before it and a digest of the records that were written with it. Lines hold no
//! facts of enterprises, so that facts can be deleted and the chain stays whole.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Act, Registry, content};
use crate::store::{Row, values};

/// A line of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) seq: i64,
    pub(crate) at: Moment,
    pub(crate) tenant: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) detail: String,
    pub(crate) content: String,
}

impl Line {
    /// The digest of this line after `previous`.
    pub(crate) fn digest(&self, previous: &str) -> String {
        digest(&[
            previous.as_bytes(),
            &self.seq.to_le_bytes(),
            &self.at.0.to_le_bytes(),
            self.tenant.as_bytes(),
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.subject.as_bytes(),
            self.detail.as_bytes(),
            self.content.as_bytes(),
        ])
    }
}

/// A line of the audit as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Its number, from 1.
    pub seq: i64,
    /// When, in milliseconds since 1970, UTC.
    pub at: i64,
    /// For whom; empty for what all share.
    pub tenant: String,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// What is to be known of it, as JSON; empty when that is nothing.
    pub detail: String,
    /// Its digest, which the next line holds.
    pub digest: String,
}

/// Which lines of the audit are wanted; an empty text or an open end stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this tenant's own.
    pub tenant: Option<String>,
    /// Whose.
    pub actor: String,
    /// Of which action.
    pub action: String,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Up to this moment, itself included.
    pub until: Option<Moment>,
}

/// The action of the line that a check of the chain leaves.
pub const CHECKED: &str = "audit.verify";

/// What is wrong with the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum AuditFault {
    /// A line is not what its digest was made of.
    Changed {
        /// Its number.
        seq: i64,
    },
    /// A line does not follow the one before it: that one was exchanged.
    Torn {
        /// Its number.
        seq: i64,
    },
    /// Lines are missing before this one.
    Gap {
        /// Its number.
        seq: i64,
        /// The number that it should have.
        expected: i64,
    },
    /// A line vouches for other records than those that are there.
    Content {
        /// Its number.
        seq: i64,
    },
    /// A record is not what its digest was made of.
    Record {
        /// Of what kind it is.
        kind: &'static str,
        /// Its id and revision.
        id: String,
    },
    /// A record that no line vouches for.
    Unvouched {
        /// Of what kind it is.
        kind: &'static str,
        /// Its id and revision.
        id: String,
    },
    /// The chain does not hold the line that it is to hold.
    Head {
        /// The digest that was to be there.
        expected: String,
    },
}

/// What a check of the records came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditCheck {
    /// How many lines the chain has.
    pub lines: usize,
    /// How many records were read again and compared.
    pub records: usize,
    /// The digest of the last line. Noted elsewhere, it also proves later that no line was cut off at the end.
    pub head: String,
    /// Everything found wrong.
    pub faults: Vec<AuditFault>,
}

impl Registry {
    /// Lines of the audit after number `after`, at most `limit` of them; where `tenant` is given, only its own.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit(
        &self,
        after: i64,
        limit: usize,
        tenant: Option<&str>,
    ) -> Result<Vec<AuditLine>, RegistryError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = "SELECT seq, at, tenant, actor, action, subject, detail, digest FROM audit \
                     WHERE seq > $1 AND ($2 = 1 OR tenant = $3) ORDER BY seq LIMIT $4";
        let all = i64::from(tenant.is_none());
        let rows = self.read(query, values![after, all, tenant.unwrap_or_default(), limit]).await?;
        rows.into_iter().map(shown).collect()
    }

    /// The latest lines before number `before`, or the latest of all where it is not given, the last one first; at most
    /// `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_before(
        &self,
        before: Option<i64>,
        limit: usize,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditLine>, RegistryError> {
        let query = "SELECT seq, at, tenant, actor, action, subject, detail, digest FROM audit \
                     WHERE seq < $1 AND ($2 = 1 OR tenant = $3) AND ($4 = '' OR actor = $4) \
                     AND ($5 = '' OR action = $5) AND at >= $6 AND at <= $7 ORDER BY seq DESC LIMIT $8";
        let row = values![
            before.unwrap_or(i64::MAX),
            i64::from(filter.tenant.is_none()),
            filter.tenant.as_deref().unwrap_or_default(),
            &filter.actor,
            &filter.action,
            filter.from.map_or(i64::MIN, |moment| moment.0),
            filter.until.map_or(i64::MAX, |moment| moment.0),
            i64::try_from(limit).unwrap_or(i64::MAX)
        ];
        self.read(query, row).await?.into_iter().map(shown).collect()
    }

    /// Checks the chain as [`Registry::verify`] does, and writes a line of what that came to.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn check(&self, act: &Act<'_>, head: Option<&str>) -> Result<AuditCheck, RegistryError> {
        let check = self.verify(head).await?;
        let AuditCheck { lines, records, head, faults } = &check;
        let detail = json!({"lines": lines, "records": records, "head": head, "faults": faults.len()});
        self.work(act).await?.commit(CHECKED, "", &detail).await?;
        Ok(check)
    }

    /// Checks the chain, and every record that it vouches for. Where `head` is given, a line with this digest has to be
    /// there.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn verify(&self, head: Option<&str>) -> Result<AuditCheck, RegistryError> {
        let mut unit = self.store.look().await?;
        let mut check = AuditCheck::default();
        let mut written: BTreeMap<i64, Vec<(&'static str, String, String)>> = BTreeMap::new();
        for vouched in VOUCHED {
            for mut row in unit.read(vouched.query.into(), Vec::new()).await? {
                check.records += 1;
                let (at, id, kept) = (row.integer(0)?, row.text(1)?, row.text(2)?);
                let found = (vouched.digest)(&mut row)?;
                if found != kept && !kept.is_empty() {
                    check.faults.push(AuditFault::Record { kind: vouched.kind, id: id.clone() });
                }
                // What was there before there was an audit has no line.
                if at != 0 {
                    written.entry(at).or_default().push((vouched.kind, id, found));
                }
            }
        }
        let query = "SELECT seq, at, tenant, actor, action, subject, detail, content, previous, digest \
                     FROM audit ORDER BY seq";
        let mut held = head.is_none_or(str::is_empty);
        for mut row in unit.read(query.into(), Vec::new()).await? {
            let line = Line {
                seq: row.integer(0)?,
                at: Moment(row.integer(1)?),
                tenant: row.text(2)?,
                actor: row.text(3)?,
                action: row.text(4)?,
                subject: row.text(5)?,
                detail: row.text(6)?,
                content: row.text(7)?,
            };
            let (seq, previous, digest) = (line.seq, row.text(8)?, row.text(9)?);
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
            if content(&mut there) != line.content {
                check.faults.push(AuditFault::Content { seq });
            }
            held |= head == Some(digest.as_str());
            check.head = digest;
        }
        let unvouched = written.into_values().flatten();
        check.faults.extend(unvouched.map(|(kind, id, _)| AuditFault::Unvouched { kind, id }));
        if let (false, Some(head)) = (held, head) {
            check.faults.push(AuditFault::Head { expected: head.to_owned() });
        }
        Ok(check)
    }
}

/// A line as it is shown.
fn shown(mut row: Row) -> Result<AuditLine, RegistryError> {
    Ok(AuditLine {
        seq: row.integer(0)?,
        at: row.integer(1)?,
        tenant: row.text(2)?,
        actor: row.text(3)?,
        action: row.text(4)?,
        subject: row.text(5)?,
        detail: row.text(6)?,
        digest: row.text(7)?,
    })
}

/// A kind of record that the audit vouches for.
struct Vouched {
    kind: &'static str,
    /// Moment, id with revision, digest as kept, and then what the digest is made of.
    query: &'static str,
    digest: fn(&mut Row) -> Result<String, RegistryError>,
}

pub(crate) const DOCUMENT: &str = "document";
pub(crate) const ITEM: &str = "item";
pub(crate) const REVIEW: &str = "review";
pub(crate) const OUTCOME: &str = "outcome";

const VOUCHED: [Vouched; 4] = [
    Vouched {
        kind: DOCUMENT,
        query: "SELECT recorded_at, id || '/' || revision, digest, metadata, body FROM document_revision",
        digest: |row| Ok(digest(&[row.text(3)?.as_bytes(), &row.bytes(4)?])),
    },
    Vouched {
        kind: ITEM,
        query: "SELECT recorded_at, id || '/' || revision, digest, body FROM item_revision",
        digest: |row| Ok(digest(&[row.text(3)?.as_bytes()])),
    },
    Vouched {
        kind: REVIEW,
        query: "SELECT at, 'review/' || id, '', CAST(draft AS TEXT), reviewer, decision, note FROM review",
        digest: |row| texts(row, 3..=6),
    },
    Vouched {
        kind: OUTCOME,
        query: "SELECT recorded_at, 'outcome/' || id, '', key, tenant, enterprise, item, item_digest, event, \
                CAST(at AS TEXT), actor, detail FROM outcome",
        digest: |row| texts(row, 3..=11),
    },
];

/// The digest of some columns that hold texts.
fn texts(row: &mut Row, columns: std::ops::RangeInclusive<usize>) -> Result<String, RegistryError> {
    let texts = columns.map(|column| row.text(column)).collect::<Result<Vec<_>, _>>()?;
    Ok(digest(&texts.iter().map(String::as_bytes).collect::<Vec<_>>()))
}
