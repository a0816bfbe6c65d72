//! Optimistic concurrency: a writer supplies the content it has seen, and the unit of work refuses to overwrite any other.
//!
//! The comparison is part of the unit of work, so it holds between programs and machines that share one database.

use crate::catalogue::{seen_by, with_lineage};
use crate::digest::digest;
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::store::{Row, Value, values};
use crate::work::Work;

/// The content of the catalogue under one id, as seen by a writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenContent {
    id: String,
    lineage: Vec<String>,
    /// Digest of the current revisions under the id: of items by tenant, and of the document.
    digest: String,
}

/// Queries of the current revisions under the id `$1`.
fn queries(id: &str, lineage: &[String]) -> [(String, Vec<Value>); 2] {
    let tenants = seen_by(2, lineage);
    let items = format!(
        "SELECT tenant, digest FROM item_revision WHERE id = $1 AND superseded_at IS NULL AND {tenants}"
    );
    let documents = "SELECT '', digest FROM document_revision WHERE id = $1 AND superseded_at IS NULL";
    [(items, with_lineage(values![id], lineage)), (documents.to_owned(), values![id])]
}

/// Adds the rows of one query to the parts of the digest.
fn add(parts: &mut Vec<String>, kind: &str, rows: Vec<Row>) -> Result<(), RegistryError> {
    let first = parts.len();
    for mut row in rows {
        parts.push(format!("{kind} {} {}", row.text(1)?, row.text(0)?));
    }
    // The order of rows depends on the database.
    if let Some(added) = parts.get_mut(first..) {
        added.sort_unstable();
    }
    Ok(())
}

fn digest_of(parts: &[String]) -> String {
    digest(&parts.iter().map(String::as_bytes).collect::<Vec<_>>())
}

impl Registry {
    /// The current content under an id as a tenant with this lineage sees it, for the precondition of a later write.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seen(&self, id: &str, lineage: &[String]) -> Result<SeenContent, RegistryError> {
        let mut parts = Vec::new();
        for (kind, (sql, values)) in ["item", "document"].into_iter().zip(queries(id, lineage)) {
            add(&mut parts, kind, self.read(sql, values).await?)?;
        }
        Ok(SeenContent { id: id.to_owned(), lineage: lineage.to_vec(), digest: digest_of(&parts) })
    }
}

impl Work<'_> {
    /// Compares the current content with the content that the writer has seen.
    ///
    /// # Errors
    /// It differs: [`RegistryError::ChangedMeanwhile`]; or the database fails.
    pub(crate) async fn expect(&mut self, seen: &SeenContent) -> Result<(), RegistryError> {
        let mut parts = Vec::new();
        for (kind, (sql, values)) in ["item", "document"].into_iter().zip(queries(&seen.id, &seen.lineage)) {
            add(&mut parts, kind, self.read(sql, values).await?)?;
        }
        match digest_of(&parts) == seen.digest {
            true => Ok(()),
            false => Err(RegistryError::ChangedMeanwhile { id: seen.id.clone() }),
        }
    }
}
