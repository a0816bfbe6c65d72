//! Optimistic concurrency: a writer supplies the content it has seen, and the unit of work refuses to overwrite any other.
//!
//! The comparison is part of the unit of work, so it holds between programs and machines that share one database.

use crate::digest::digest;
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::store::{Row, Value, values};
use crate::visibility::{visible_to, with_lineage};
use crate::work::Work;

/// The content of the catalogue under one id, as seen by a writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentVersion {
    id: String,
    lineage: Vec<String>,
    /// Digest of the current revisions under the id: of items by tenant, and of the document.
    digest: String,
}

/// The query of the current revisions under an id, and its values.
fn query(id: &str, lineage: &[String]) -> (String, Vec<Value>) {
    let tenants = visible_to(2, lineage);
    let sql = format!(
        "SELECT 'item', tenant, digest FROM item_revision WHERE id = $1 AND superseded_at IS NULL AND {tenants} \
         UNION ALL SELECT 'document', '', digest FROM document_revision WHERE id = $1 AND superseded_at IS NULL"
    );
    (sql, with_lineage(values![id], lineage))
}

/// Digest of the rows of [`query`].
fn digest_of(rows: Vec<Row>) -> Result<String, RegistryError> {
    let part = |mut row: Row| Ok(format!("{} {} {}", row.text(0)?, row.text(2)?, row.text(1)?));
    let mut parts = rows.into_iter().map(part).collect::<Result<Vec<String>, RegistryError>>()?;
    // The order of rows depends on the database.
    parts.sort_unstable();
    Ok(digest(&parts.iter().map(String::as_bytes).collect::<Vec<_>>()))
}

impl Registry {
    /// The current content under an id as a tenant with this lineage sees it, for the precondition of a later write.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn content_version(
        &self,
        id: &str,
        lineage: &[String],
    ) -> Result<ContentVersion, RegistryError> {
        let (sql, values) = query(id, lineage);
        let digest = digest_of(self.read(sql, values).await?)?;
        Ok(ContentVersion { id: id.to_owned(), lineage: lineage.to_vec(), digest })
    }
}

impl Work<'_> {
    /// Compares the current content with the content that the writer has seen.
    ///
    /// # Errors
    /// It differs: [`RegistryError::Conflict`]; or the database fails.
    pub(crate) async fn require_unchanged(&mut self, seen: &ContentVersion) -> Result<(), RegistryError> {
        let (sql, values) = query(&seen.id, &seen.lineage);
        match digest_of(self.read(sql, values).await?)? == seen.digest {
            true => Ok(()),
            false => Err(RegistryError::Conflict { id: seen.id.clone() }),
        }
    }
}
