//! Receipts of verdicts that were issued.

use serde_json::json;

use crate::error::RegistryError;
use crate::registry::{Registry, WriteContext};
use crate::store::{Row, values};

/// A stored receipt. Its `id` is the digest of its content, so it is self-verifying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// Its digest.
    pub id: String,
    /// Enterprise.
    pub enterprise: String,
    /// The evaluation date.
    pub as_of: String,
    /// Digest of the rules.
    pub rules: String,
    /// Digest of the report.
    pub result: String,
    /// The whole receipt, as JSON.
    pub body: String,
}

impl Registry {
    /// Stores receipts; one that exists already stays unchanged.
    ///
    /// # Errors
    /// When the database fails; none was stored then.
    pub async fn keep_receipts(
        &self,
        act: &WriteContext<'_>,
        receipts: &[ReceiptRecord],
    ) -> Result<(), RegistryError> {
        if receipts.is_empty() {
            return Ok(());
        }
        let mut work = self.begin_work(act).await?;
        let sql = "INSERT INTO receipt (id, tenant, enterprise, as_of, rules, result, body, issued_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
        let (tenant, at) = (act.tenant, work.at);
        for one in receipts {
            let values =
                values![&one.id, tenant, &one.enterprise, &one.as_of, &one.rules, &one.result, &one.body, at];
            work.write(sql, values).await?;
        }
        let ids: Vec<&str> = receipts.iter().map(|one| one.id.as_str()).collect();
        let subject = if let [only] = ids.as_slice() { (*only).to_owned() } else { String::new() };
        work.commit("receipt.issue", &subject, &json!({"receipts": ids})).await
    }

    /// Finds a receipt of a tenant by id; the empty tenant is the operator, and `None` searches all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receipt(
        &self,
        tenant: Option<&str>,
        id: &str,
    ) -> Result<Option<ReceiptRecord>, RegistryError> {
        let query = "SELECT id, enterprise, as_of, rules, result, body FROM receipt \
                     WHERE id = $1 AND ($3 = 1 OR tenant = $2)";
        self.read(query, values![id, tenant.unwrap_or_default(), i64::from(tenant.is_none())])
            .await?
            .pop()
            .map(receipt)
            .transpose()
    }

    /// The receipts of an enterprise of a tenant, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn receipts_of(
        &self,
        tenant: &str,
        enterprise: &str,
    ) -> Result<Vec<ReceiptRecord>, RegistryError> {
        let query = "SELECT id, enterprise, as_of, rules, result, body FROM receipt \
                     WHERE enterprise = $1 AND ($2 = '' OR tenant = $2) ORDER BY issued_at, id";
        self.read(query, values![enterprise, tenant]).await?.into_iter().map(receipt).collect()
    }
}

fn receipt(mut row: Row) -> Result<ReceiptRecord, RegistryError> {
    Ok(ReceiptRecord {
        id: row.text(0)?,
        enterprise: row.text(1)?,
        as_of: row.text(2)?,
        rules: row.text(3)?,
        result: row.text(4)?,
        body: row.text(5)?,
    })
}
