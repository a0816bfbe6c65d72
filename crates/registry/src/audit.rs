//! Who did what, in a chain of lines of which none can be changed, dropped from the middle or slipped in unseen.
//!
//! A line holds the digest of the line before it and a digest of the records that were written with it. Lines hold no
//! facts of enterprises, so that facts can be deleted and the chain stays whole.

use serde::Serialize;

use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::Registry;
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
    /// What all covered tables held once it was written; empty in lines of older versions.
    pub(crate) state: String,
}

impl Line {
    /// The digest of this line after `previous`.
    pub(crate) fn digest(&self, previous: &str) -> String {
        let (seq, at) = (self.seq.to_le_bytes(), self.at.0.to_le_bytes());
        let mut parts: Vec<&[u8]> = vec![previous.as_bytes(), &seq, &at];
        let texts = [&self.tenant, &self.actor, &self.action, &self.subject, &self.detail, &self.content];
        parts.extend(texts.map(|text| text.as_bytes()));
        // Every part is led by its length, so a line without it is never taken for one with it.
        if !self.state.is_empty() {
            parts.push(self.state.as_bytes());
        }
        digest(&parts)
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

/// The last line of the audit, as it is kept elsewhere: what it stands for can then no longer be changed unseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// Its number.
    pub seq: i64,
    /// When, in milliseconds since 1970, UTC.
    pub at: i64,
    /// Its digest.
    pub digest: String,
    /// The public key of the installation that wrote it; empty where it is not signed.
    pub signer: String,
    /// The signature over its digest; empty where it is not signed.
    pub signature: String,
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

    /// The last line of the audit, to be kept elsewhere; `None` where there is none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit_head(&self) -> Result<Option<AuditHead>, RegistryError> {
        let query = "SELECT seq, at, digest, signer, signature FROM audit ORDER BY seq DESC LIMIT 1";
        let head = |mut row: Row| {
            Ok(AuditHead {
                seq: row.integer(0)?,
                at: row.integer(1)?,
                digest: row.text(2)?,
                signer: row.text(3)?,
                signature: row.text(4)?,
            })
        };
        self.read(query, Vec::new()).await?.pop().map(head).transpose()
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
