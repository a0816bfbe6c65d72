//! Documents and items: immutable revisions, each with since when and until when it was believed.
//!
//! Documents are kept as received, byte for byte, so that every quote and highlight can be shown on what was received.
//! An item belongs to the catalogue that all share, or is a tenant's own addition to it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Act, Registry};
use crate::store::{Row, Value, values};
use crate::verify::{DOCUMENT, ITEM};
use crate::work::Work;

/// A document as received.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A revision of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRecord {
    /// Unique id.
    pub id: String,
    /// Whose addition it is; empty for the shared catalogue.
    pub tenant: String,
    /// Where it came from.
    pub source: String,
    /// The item as JSON.
    pub body: String,
}

/// What is known of a revision beside what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number, from 1.
    pub revision: i64,
    /// The digest of what it holds.
    pub digest: String,
    /// Who wrote it.
    pub author: String,
    /// The review that let it through, if there was one.
    pub review: Option<i64>,
    /// Since when it was believed.
    pub recorded_at: Moment,
    /// Until when; `None` while it is.
    pub superseded_at: Option<Moment>,
    /// The revision itself.
    pub record: ItemRecord,
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

/// How many ids are asked for at once.
const AT_ONCE: usize = 500;

/// The last revision of a record.
struct Last {
    revision: i64,
    digest: String,
    tenant: String,
    believed: bool,
}

impl Registry {
    /// Writes a batch of documents and items in one unit of work: all of it, or nothing. What is there already in the
    /// same words is left as it is.
    ///
    /// # Errors
    /// When the database refuses, or an item belongs to another tenant; nothing was written then.
    pub async fn write(
        &self,
        act: &Act<'_>,
        documents: &[DocumentRecord],
        items: &[ItemRecord],
    ) -> Result<(Written, Written), RegistryError> {
        let mut work = self.work(act).await?;
        let of_documents = work.documents(documents).await?;
        let of_items = work.items_by(act.actor, items, None).await?;
        if of_documents.is_nothing() && of_items.is_nothing() {
            return Ok((of_documents, of_items));
        }
        let detail = json!({"documents": of_documents.json(), "items": of_items.json()});
        work.commit("import", "", &detail).await?;
        Ok((of_documents, of_items))
    }

    /// Takes an item, or else a document, out of the catalogue: from now on nobody believes it. Its revisions stay.
    ///
    /// # Errors
    /// When the database refuses, or there is no such item among the tenant's, nor such a document, which no tenant but
    /// the shared one can take out.
    pub async fn withdraw(&self, act: &Act<'_>, id: &str, why: &str) -> Result<(), RegistryError> {
        let mut work = self.work(act).await?;
        let at = work.at;
        let sql = "UPDATE item_revision SET superseded_at = $1 WHERE id = $2 AND tenant = $3 \
                   AND superseded_at IS NULL";
        if work.write(sql, values![at, id, act.tenant]).await? > 0 {
            return work.commit("item.withdraw", id, &json!({"why": why})).await;
        }
        let sql = "UPDATE document_revision SET superseded_at = $1 WHERE id = $2 AND superseded_at IS NULL";
        if !act.tenant.is_empty() || work.write(sql, values![at, id]).await? == 0 {
            return Err(RegistryError::Absent { what: "政策事项或文件", id: id.to_owned() });
        }
        work.commit("document.withdraw", id, &json!({"why": why})).await
    }

    /// Every document as it was believed at a moment, by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn documents(&self, believed: Moment) -> Result<Vec<DocumentRecord>, RegistryError> {
        let query = "SELECT id, source, metadata, body FROM document_revision WHERE recorded_at <= $1 \
                     AND (superseded_at IS NULL OR superseded_at > $1)";
        let believed = self.corrected(believed).await?;
        let mut documents: Vec<DocumentRecord> =
            self.read(query, values![believed]).await?.into_iter().map(document).collect::<Result<_, _>>()?;
        // Databases put texts in different orders; ours is that of their bytes.
        documents.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(documents)
    }

    /// The digest of every document, by id: of two that are equal, the documents are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn document_digests(&self) -> Result<Vec<(String, String)>, RegistryError> {
        let query = "SELECT id, digest FROM document_revision WHERE superseded_at IS NULL";
        self.pairs(query).await
    }

    /// One document as it was believed at a moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn document(
        &self,
        id: &str,
        believed: Moment,
    ) -> Result<Option<DocumentRecord>, RegistryError> {
        let query = "SELECT id, source, metadata, body FROM document_revision WHERE id = $2 AND recorded_at <= $1 \
                     AND (superseded_at IS NULL OR superseded_at > $1)";
        let believed = self.corrected(believed).await?;
        self.read(query, values![believed, id]).await?.pop().map(document).transpose()
    }

    /// Every item as it was believed at a moment, by id: those that all share, and those of `tenants`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn items(
        &self,
        believed: Moment,
        tenants: &[String],
    ) -> Result<Vec<ItemRecord>, RegistryError> {
        let query = "SELECT id, tenant, source, body FROM item_revision WHERE recorded_at <= $1 \
                     AND (superseded_at IS NULL OR superseded_at > $1)";
        let believed = self.corrected(believed).await?;
        let mut items: Vec<ItemRecord> =
            self.read(query, values![believed]).await?.into_iter().map(item).collect::<Result<_, _>>()?;
        items.retain(|item| item.tenant.is_empty() || tenants.contains(&item.tenant));
        items.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(items)
    }

    /// One item as it was believed at a moment, whosever it is.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn item(&self, id: &str, believed: Moment) -> Result<Option<ItemRecord>, RegistryError> {
        let query = "SELECT id, tenant, source, body FROM item_revision WHERE id = $2 AND recorded_at <= $1 \
                     AND (superseded_at IS NULL OR superseded_at > $1)";
        let believed = self.corrected(believed).await?;
        self.read(query, values![believed, id]).await?.pop().map(item).transpose()
    }

    /// Every revision of an item, the first one first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn revisions(&self, id: &str) -> Result<Vec<Revision>, RegistryError> {
        let query = "SELECT id, tenant, source, body, revision, digest, author, review, recorded_at, superseded_at \
                     FROM item_revision WHERE id = $1 ORDER BY revision";
        let revision = |row: Row| {
            let mut row = row;
            Ok(Revision {
                revision: row.integer(4)?,
                digest: row.text(5)?,
                author: row.text(6)?,
                review: row.optional(7)?,
                recorded_at: Moment(row.integer(8)?),
                superseded_at: row.optional(9)?.map(Moment),
                record: item(row)?,
            })
        };
        self.read(query, values![id]).await?.into_iter().map(revision).collect()
    }

    /// A digest over all documents and shared items that are believed now: equal for two registries that hold the same.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fingerprint(&self) -> Result<String, RegistryError> {
        let query = "SELECT 'd' || id, digest FROM document_revision WHERE superseded_at IS NULL UNION ALL \
                     SELECT 'i' || id, digest FROM item_revision WHERE superseded_at IS NULL AND tenant = ''";
        Ok(over(&self.pairs(query).await?))
    }

    /// The same over what tenants added.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn additions_fingerprint(&self) -> Result<String, RegistryError> {
        let query = "SELECT tenant || '/' || id, digest FROM item_revision WHERE superseded_at IS NULL \
                     AND tenant <> '' UNION ALL SELECT 't' || id, parent FROM tenant";
        Ok(over(&self.pairs(query).await?))
    }

    /// Whether nothing was ever written.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_empty(&self) -> Result<bool, RegistryError> {
        let query = "SELECT (SELECT COUNT(*) FROM item_revision) + (SELECT COUNT(*) FROM document_revision)";
        Ok(self.read(query, Vec::new()).await?.first().map_or(Ok(0), |row| row.integer(0))? == 0)
    }

    async fn pairs(&self, query: &'static str) -> Result<Vec<(String, String)>, RegistryError> {
        let pair = |mut row: Row| Ok((row.text(0)?, row.text(1)?));
        let mut pairs: Vec<(String, String)> = self
            .read(query, Vec::new())
            .await?
            .into_iter()
            .map(pair)
            .collect::<Result<_, RegistryError>>()?;
        pairs.sort_unstable();
        Ok(pairs)
    }
}

impl Work<'_> {
    async fn documents(&mut self, records: &[DocumentRecord]) -> Result<Written, RegistryError> {
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let query = "SELECT id, revision, digest, '', superseded_at FROM document_revision AS one WHERE revision = \
                     (SELECT MAX(revision) FROM document_revision WHERE id = one.id) AND id IN";
        let last = self.last(query, &ids).await?;
        let (mut written, mut rows, mut replaced) = (Written::default(), Vec::new(), Vec::new());
        for record in records {
            let digest = digest(&[record.metadata.as_bytes(), &record.body]);
            let before = last.get(&record.id);
            if !written.count(before, &digest) {
                continue;
            }
            replaced.extend(before.filter(|last| last.believed).map(|_| record.id.as_str()));
            let revision = before.map_or(1, |last| last.revision + 1);
            self.vouch(DOCUMENT, format!("{}/{revision}", record.id), &digest);
            let body = record.body.as_slice();
            rows.push(values![
                &record.id,
                revision,
                &digest,
                &record.source,
                &record.metadata,
                body,
                self.at
            ]);
        }
        self.supersede("document_revision", &replaced).await?;
        let columns = ["id", "revision", "digest", "source", "metadata", "body", "recorded_at"];
        self.insert("document_revision", &columns, rows).await?;
        Ok(written)
    }

    /// Writes items that `author` wrote; `review` is the decision that lets them through.
    pub(crate) async fn items_by(
        &mut self,
        author: &str,
        records: &[ItemRecord],
        review: Option<i64>,
    ) -> Result<Written, RegistryError> {
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let query = "SELECT id, revision, digest, tenant, superseded_at FROM item_revision AS one WHERE revision = \
                     (SELECT MAX(revision) FROM item_revision WHERE id = one.id) AND id IN";
        let last = self.last(query, &ids).await?;
        let (mut written, mut rows, mut replaced) = (Written::default(), Vec::new(), Vec::new());
        for record in records {
            let digest = digest(&[record.body.as_bytes()]);
            let before = last.get(&record.id);
            if let Some(other) = before.filter(|last| last.believed && last.tenant != record.tenant) {
                let whose =
                    if other.tenant.is_empty() { "在共享目录中" } else { "这个编号已被使用" };
                return Err(RegistryError::State {
                    what: "政策事项",
                    id: record.id.clone(),
                    why: format!("{whose}，不能在此改写"),
                });
            }
            if !written.count(before, &digest) {
                continue;
            }
            replaced.extend(before.filter(|last| last.believed).map(|_| record.id.as_str()));
            let revision = before.map_or(1, |last| last.revision + 1);
            self.vouch(ITEM, format!("{}/{revision}", record.id), &digest);
            let at = self.at;
            rows.push(values![
                &record.id,
                revision,
                &digest,
                &record.source,
                &record.body,
                &record.tenant,
                author,
                review,
                at
            ]);
        }
        self.supersede("item_revision", &replaced).await?;
        let columns =
            ["id", "revision", "digest", "source", "body", "tenant", "author", "review", "recorded_at"];
        self.insert("item_revision", &columns, rows).await?;
        Ok(written)
    }

    /// The last revisions of the records with these ids. `query` ends where the list of ids begins.
    async fn last(&mut self, query: &str, ids: &[&str]) -> Result<BTreeMap<String, Last>, RegistryError> {
        let mut last = BTreeMap::new();
        for some in ids.chunks(AT_ONCE) {
            let sql = format!("{query} ({})", marks(1, some.len()));
            for mut row in self.read(sql, some.iter().map(|id| Value::from(*id)).collect()).await? {
                let one = Last {
                    revision: row.integer(1)?,
                    digest: row.text(2)?,
                    tenant: row.text(3)?,
                    believed: row.optional(4)?.is_none(),
                };
                last.insert(row.text(0)?, one);
            }
        }
        Ok(last)
    }

    /// Ends the belief in the current revisions of records.
    async fn supersede(&mut self, table: &str, ids: &[&str]) -> Result<(), RegistryError> {
        for some in ids.chunks(AT_ONCE) {
            let marks = marks(2, some.len());
            let sql = format!(
                "UPDATE {table} SET superseded_at = $1 WHERE superseded_at IS NULL AND id IN ({marks})"
            );
            let at = std::iter::once(Value::from(self.at));
            self.write(sql, at.chain(some.iter().map(|id| Value::from(*id))).collect()).await?;
        }
        Ok(())
    }
}

impl Written {
    /// Counts a record by what was there `before`; whether it has to be written.
    fn count(&mut self, before: Option<&Last>, digest: &str) -> bool {
        match before {
            Some(last) if last.believed && last.digest == digest => {
                self.kept += 1;
                return false;
            }
            Some(last) if last.believed => self.changed += 1,
            // A record that comes back after it was withdrawn is new again.
            _ => self.new += 1,
        }
        true
    }

    /// Whether nothing had to be written.
    pub fn is_nothing(&self) -> bool {
        self.new == 0 && self.changed == 0
    }

    fn json(self) -> serde_json::Value {
        json!({"new": self.new, "changed": self.changed, "kept": self.kept})
    }
}

/// `$2, $3, …`: that many parameters from a first one on.
fn marks(first: usize, many: usize) -> String {
    (first..first + many).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

/// One digest of pairs in order.
fn over(pairs: &[(String, String)]) -> String {
    let parts: Vec<&[u8]> =
        pairs.iter().flat_map(|(id, digest)| [id.as_bytes(), digest.as_bytes()]).collect();
    digest(&parts)
}

fn document(mut row: Row) -> Result<DocumentRecord, RegistryError> {
    Ok(DocumentRecord { id: row.text(0)?, source: row.text(1)?, metadata: row.text(2)?, body: row.bytes(3)? })
}

fn item(mut row: Row) -> Result<ItemRecord, RegistryError> {
    Ok(ItemRecord { id: row.text(0)?, tenant: row.text(1)?, source: row.text(2)?, body: row.text(3)? })
}
