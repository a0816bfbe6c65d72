//! Records of policy documents and items, in SQL.
//!
//! Documents are kept as received, byte for byte, so that every quote and highlight can be shown on what was
//! received. Items are kept as immutable revisions: a changed item gets a new one, an unchanged one does not.
//! This crate knows nothing of what the records mean.

use std::path::Path;

use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database refused.
    #[error("registry: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought to this version's shape.
    #[error("registry: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// A document as received.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DocumentRecord {
    /// Unique id.
    pub id: String,
    /// Where it came from: a file, or a file and line.
    pub source: String,
    /// What the sender said of it, as JSON.
    pub metadata: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// The current revision of an item.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ItemRecord {
    /// Unique id.
    pub id: String,
    /// Where it came from.
    pub source: String,
    /// The item as JSON.
    pub body: String,
}

/// What writing a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Records that were not there before.
    pub new: usize,
    /// Records that differ from what was there.
    pub changed: usize,
    /// Records that were there already.
    pub kept: usize,
}

/// An open registry.
#[derive(Clone, Debug)]
pub struct Registry {
    pool: SqlitePool,
}

impl Registry {
    /// Opens the registry at `path`, creating it when it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened or is no registry.
    pub async fn open(path: &Path) -> Result<Self, RegistryError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations/sqlite").run(&pool).await?;
        Ok(Self { pool })
    }

    /// Writes a batch of documents and items in one transaction: all of it, or nothing.
    ///
    /// # Errors
    /// When the database refuses; nothing was written then.
    pub async fn write(
        &self,
        documents: &[DocumentRecord],
        items: &[ItemRecord],
    ) -> Result<(Written, Written), RegistryError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let mut of_documents = Written::default();
        for record in documents {
            let digest = digest(&[record.metadata.as_bytes(), &record.body]);
            let before: Option<String> = sqlx::query_scalar("SELECT digest FROM document WHERE id = ?")
                .bind(&record.id)
                .fetch_optional(&mut *transaction)
                .await?;
            if of_documents.count(before.as_deref(), &digest) {
                sqlx::query(
                    "INSERT INTO document (id, digest, source, metadata, body) VALUES (?, ?, ?, ?, ?) \
                     ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, source = excluded.source, \
                     metadata = excluded.metadata, body = excluded.body",
                )
                .bind(&record.id)
                .bind(&digest)
                .bind(&record.source)
                .bind(&record.metadata)
                .bind(&record.body)
                .execute(&mut *transaction)
                .await?;
            }
        }
        let mut of_items = Written::default();
        for record in items {
            let digest = digest(&[record.body.as_bytes()]);
            let before: Option<(i64, String)> = sqlx::query_as(
                "SELECT revision, digest FROM item_revision WHERE id = ? ORDER BY revision DESC LIMIT 1",
            )
            .bind(&record.id)
            .fetch_optional(&mut *transaction)
            .await?;
            if of_items.count(before.as_ref().map(|(_, digest)| digest.as_str()), &digest) {
                sqlx::query(
                    "INSERT INTO item_revision (id, revision, digest, source, body) VALUES (?, ?, ?, ?, ?)",
                )
                .bind(&record.id)
                .bind(before.map_or(1, |(revision, _)| revision + 1))
                .bind(&digest)
                .bind(&record.source)
                .bind(&record.body)
                .execute(&mut *transaction)
                .await?;
            }
        }
        transaction.commit().await?;
        Ok((of_documents, of_items))
    }

    /// Every document, by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn documents(&self) -> Result<Vec<DocumentRecord>, RegistryError> {
        let query = "SELECT id, source, metadata, body FROM document ORDER BY id";
        Ok(sqlx::query_as(query).fetch_all(&self.pool).await?)
    }

    /// The digest of every document, by id: of two that are equal, the documents are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn document_digests(&self) -> Result<Vec<(String, String)>, RegistryError> {
        let query = "SELECT id, digest FROM document ORDER BY id";
        Ok(sqlx::query_as(query).fetch_all(&self.pool).await?)
    }

    /// One document.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn document(&self, id: &str) -> Result<Option<DocumentRecord>, RegistryError> {
        let query = "SELECT id, source, metadata, body FROM document WHERE id = ?";
        Ok(sqlx::query_as(query).bind(id).fetch_optional(&self.pool).await?)
    }

    /// The current revision of every item, by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn items(&self) -> Result<Vec<ItemRecord>, RegistryError> {
        let query = "SELECT id, source, body FROM item_revision AS current WHERE revision = \
                     (SELECT MAX(revision) FROM item_revision WHERE id = current.id) ORDER BY id";
        Ok(sqlx::query_as(query).fetch_all(&self.pool).await?)
    }

    /// The current revision of one item.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn item(&self, id: &str) -> Result<Option<ItemRecord>, RegistryError> {
        let query = "SELECT id, source, body FROM item_revision WHERE id = ? ORDER BY revision DESC LIMIT 1";
        Ok(sqlx::query_as(query).bind(id).fetch_optional(&self.pool).await?)
    }

    /// A digest over all documents and current items: equal for two registries that hold the same.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fingerprint(&self) -> Result<String, RegistryError> {
        let query = "SELECT 'd' || id, digest FROM document UNION ALL \
                     SELECT 'i' || id, digest FROM item_revision AS current WHERE revision = \
                     (SELECT MAX(revision) FROM item_revision WHERE id = current.id) ORDER BY 1";
        let rows: Vec<(String, String)> = sqlx::query_as(query).fetch_all(&self.pool).await?;
        let parts: Vec<&[u8]> =
            rows.iter().flat_map(|(id, digest)| [id.as_bytes(), digest.as_bytes()]).collect();
        Ok(digest(&parts))
    }

    /// Whether nothing was ever written.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_empty(&self) -> Result<bool, RegistryError> {
        let query = "SELECT NOT EXISTS (SELECT 1 FROM item_revision) AND NOT EXISTS (SELECT 1 FROM document)";
        Ok(sqlx::query_scalar(query).fetch_one(&self.pool).await?)
    }
}

impl Written {
    /// Counts a record by the digest that was there `before`; whether it has to be written.
    fn count(&mut self, before: Option<&str>, digest: &str) -> bool {
        match before {
            None => self.new += 1,
            Some(before) if before == digest => {
                self.kept += 1;
                return false;
            }
            Some(_) => self.changed += 1,
        }
        true
    }
}

/// SHA-256 of the parts, each led by its length so that no two lists of parts agree, as hexadecimal digits.
fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: &str, body: &str) -> DocumentRecord {
        DocumentRecord {
            id: id.into(),
            source: "f".into(),
            metadata: "{}".into(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn item(id: &str, body: &str) -> ItemRecord {
        ItemRecord { id: id.into(), source: "f".into(), body: body.into() }
    }

    #[tokio::test]
    async fn writing_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.sqlite");
        let registry = Registry::open(&path).await.unwrap();
        assert!(registry.is_empty().await.unwrap());
        let (d, i) = registry.write(&[document("a", "甲")], &[item("x", "1")]).await.unwrap();
        assert_eq!((d.new, i.new), (1, 1));
        let before = registry.fingerprint().await.unwrap();
        let (d, i) = registry.write(&[document("a", "甲")], &[item("x", "1")]).await.unwrap();
        assert_eq!((d.kept, i.kept), (1, 1));
        assert_eq!(registry.fingerprint().await.unwrap(), before);
        let (d, i) = registry.write(&[document("a", "乙")], &[item("x", "2"), item("y", "1")]).await.unwrap();
        assert_eq!((d.changed, i.changed, i.new), (1, 1, 1));
        assert_ne!(registry.fingerprint().await.unwrap(), before);
        drop(registry);
        let registry = Registry::open(&path).await.unwrap();
        assert_eq!(registry.items().await.unwrap(), [item("x", "2"), item("y", "1")]);
        assert_eq!(registry.document("a").await.unwrap(), Some(document("a", "乙")));
        assert_eq!(registry.item("x").await.unwrap(), Some(item("x", "2")));
        assert_eq!(registry.item("z").await.unwrap(), None);
        assert_eq!(registry.document("b").await.unwrap(), None);
        assert_eq!(registry.documents().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn refuses_what_is_no_registry() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.sqlite");
        std::fs::write(&path, "not a database at all, but long enough to be taken for one".repeat(100))
            .unwrap();
        assert!(Registry::open(&path).await.is_err());
    }
}
