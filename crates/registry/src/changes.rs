//! Change feed of the catalogue in chronological order, for replicas.
//!
//! No two units of work share a moment and moments only grow, so a position in this order never moves, and nothing is ever
//! inserted before it.

use crate::catalogue::TENANT_REVISION_NUMBER;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::Registry;
use crate::store::{Row, Value, values};

/// A change of a document or an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueChange {
    /// Time of the change.
    pub at: Moment,
    /// `document` or `item`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The new revision or, for a withdrawal, the withdrawn one.
    pub revision: i64,
    /// `new`, `changed` or `withdrawn`.
    pub change: String,
    /// The digest of the revision.
    pub digest: String,
    /// Owning tenant; empty for the shared catalogue.
    pub tenant: String,
}

impl Registry {
    /// At most `limit` changes after a position: a moment, and a kind and an id within it. They belong to the shared
    /// catalogue and to `tenants`; changes of other tenants are not read, so that no position reveals them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes(
        &self,
        (at, kind, id): (Moment, &str, &str),
        limit: usize,
        tenants: &[String],
    ) -> Result<Vec<CatalogueChange>, RegistryError> {
        let at = self.correct(at).await?;
        let whose: String = (5..).zip(tenants).map(|(at, _)| format!(", ${at}")).collect();
        let query = format!(
            "SELECT at, kind, id, revision, CASE WHEN change = '' THEN CASE WHEN revision = 1 THEN 'new' \
                     ELSE 'changed' END ELSE change END, digest, tenant FROM (\
                     SELECT recorded_at AS at, 'document' AS kind, id, revision, '' AS change, digest, '' AS tenant \
                     FROM document_revision UNION ALL \
                     SELECT recorded_at, 'item', id, {TENANT_REVISION_NUMBER}, '', digest, tenant \
                     FROM item_revision AS one UNION ALL \
                     SELECT superseded_at, 'item', id, {TENANT_REVISION_NUMBER}, 'withdrawn', digest, tenant \
                     FROM item_revision AS one WHERE superseded_at IS NOT NULL AND NOT EXISTS (\
                     SELECT 1 FROM item_revision AS next WHERE next.id = one.id AND next.tenant = one.tenant \
                     AND next.recorded_at = one.superseded_at)) AS happened \
                     WHERE (at > $1 OR (at = $1 AND (kind > $2 OR (kind = $2 AND id > $3)))) \
                     AND tenant IN (''{whose}) ORDER BY at, kind, id LIMIT $4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let change = |mut row: Row| {
            Ok(CatalogueChange {
                at: Moment(row.integer(0)?),
                kind: row.text(1)?,
                id: row.text(2)?,
                revision: row.integer(3)?,
                change: row.text(4)?,
                digest: row.text(5)?,
                tenant: row.text(6)?,
            })
        };
        let mut values = values![at, kind, id, limit];
        values.extend(tenants.iter().map(Value::from));
        self.read(query, values).await?.into_iter().map(change).collect()
    }
}
