//! Audit log (hash chain): no line can be changed, dropped from the middle or inserted unnoticed.
//!
//! A line holds the digest of the previous line and a digest of the records that were written with it. Lines hold no facts
//! of enterprises, so facts can be deleted without breaking the chain.

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
    /// Digest of all covered tables after this write; empty in lines of older versions.
    pub(crate) state: String,
}

impl Line {
    /// The digest of this line, chained to `previous`.
    pub(crate) fn digest(&self, previous: &str) -> String {
        let (seq, at) = (self.seq.to_le_bytes(), self.at.0.to_le_bytes());
        let mut parts: Vec<&[u8]> = vec![previous.as_bytes(), &seq, &at];
        let texts = [&self.tenant, &self.actor, &self.action, &self.subject, &self.detail, &self.content];
        parts.extend(texts.map(|text| text.as_bytes()));
        // Every part is prefixed with its length, so a line without it never equals one with it.
        if !self.state.is_empty() {
            parts.push(self.state.as_bytes());
        }
        digest(&parts)
    }
}

/// A line of the audit for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Its number, from 1.
    pub seq: i64,
    /// Time, in milliseconds since 1970, UTC.
    pub at: i64,
    /// Tenant; empty for shared data.
    pub tenant: String,
    /// Actor.
    pub actor: String,
    /// Action.
    pub action: String,
    /// Subject of the action.
    pub subject: String,
    /// Details as JSON; empty if there are none.
    pub detail: String,
    /// Its digest, contained in the next line.
    pub digest: String,
}

/// Filter of audit lines; an empty text or `None` matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Lines of this tenant only.
    pub tenant: Option<String>,
    /// Actor.
    pub actor: String,
    /// Action.
    pub action: String,
    /// First moment.
    pub from: Option<Moment>,
    /// Last moment, inclusive.
    pub until: Option<Moment>,
}

/// The action of the line that records a check of the chain.
pub const VERIFY_ACTION: &str = "audit.verify";

/// The last line of the audit, to be kept elsewhere: the chain up to it can then no longer be changed unnoticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// Its number.
    pub seq: i64,
    /// Time, in milliseconds since 1970, UTC.
    pub at: i64,
    /// Its digest.
    pub digest: String,
    /// The public key of the installation that wrote it; empty if unsigned.
    pub signer: String,
    /// The signature over its digest; empty if unsigned.
    pub signature: String,
}

impl Registry {
    /// Audit lines after number `after`, at most `limit`; only those of `tenant` if given.
    ///
    /// # Errors
    /// When the database fails.
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

    /// The latest lines before number `before`, or the latest of all for `None`, last first; at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
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

    /// The last line of the audit, to be kept elsewhere; `None` for an empty audit.
    ///
    /// # Errors
    /// When the database fails.
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

/// Converts a row to a line for display.
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
