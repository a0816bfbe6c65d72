//! Documents and items: immutable revisions, each with the period in which it was current.
//!
//! Documents are kept as received, byte for byte, so that every quote and highlight can be shown in the original. An item
//! belongs to the shared catalogue, or is a tenant's own addition to it. An id is unique within one tenant. If a tenant
//! sees several items with one id, the widest wins: the shared one, then that of the topmost tenant. The others are hidden,
//! and [`Registry::hidden_items`] names them.

use serde_json::json;

use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::precondition::ContentVersion;
use crate::registry::{Registry, WriteContext};
use crate::store::{Row, values};
use crate::visibility::{visible_to, with_lineage};
use crate::work::Work;

/// A document as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Unique id.
    pub id: String,
    /// Its origin: a file, or a file and line.
    pub source: String,
    /// The sender's metadata, as JSON.
    pub metadata: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A revision of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRecord {
    /// Unique id.
    pub id: String,
    /// Owning tenant; empty for the shared catalogue.
    pub tenant: String,
    /// Its origin.
    pub source: String,
    /// The item as JSON.
    pub body: String,
}

/// A revision with its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number, from 1.
    pub revision: i64,
    /// The digest of its content.
    pub digest: String,
    /// Author.
    pub author: String,
    /// The review that approved it, if there was one.
    pub review: Option<i64>,
    /// Time of recording.
    pub recorded_at: Moment,
    /// Time of its replacement; `None` for the current revision.
    pub superseded_at: Option<Moment>,
    /// The content.
    pub record: ItemRecord,
}

/// Counts of a written batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteCounts {
    /// New records.
    pub new: usize,
    /// Changed records.
    pub changed: usize,
    /// Unchanged records.
    pub kept: usize,
}

/// An item that was refused, although the rest of its batch was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedItem {
    /// Its id.
    pub id: String,
    /// Its tenant.
    pub tenant: String,
    /// Tenant that already owns the id; empty for the shared catalogue. Always one that the item's tenant sees.
    pub owner: String,
}

impl RefusedItem {
    /// The reason, for people.
    pub fn why(&self) -> String {
        match self.owner.as_str() {
            "" => "共享目录中已有这个编号，请改用别的编号".to_owned(),
            above => format!("上级租户 {above} 已用这个编号，请改用别的编号"),
        }
    }
}

/// An item of a tenant that is neither matched nor found, because a wider catalogue has an item with the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenItem {
    /// Its id.
    pub id: String,
    /// Its tenant.
    pub tenant: String,
    /// Tenant of the visible item; empty for the shared catalogue.
    pub hidden_by: String,
}

/// Result of a batch in which an invalid item does not block the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchResult {
    /// Counts of the documents.
    pub documents: WriteCounts,
    /// Counts of the items.
    pub items: WriteCounts,
    /// The items refused.
    pub refused: Vec<RefusedItem>,
}

/// The number of a revision within its tenant, as an expression over `item_revision AS one`. The stored number counts the
/// revisions of every tenant and would reveal other tenants' items.
pub(crate) const TENANT_REVISION_NUMBER: &str = "(SELECT COUNT(*) FROM item_revision AS older WHERE older.tenant = one.tenant \
                                     AND older.id = one.id AND older.revision <= one.revision)";

impl Registry {
    /// Writes a batch of documents and items in one unit of work (transaction): all of it, or nothing. Unchanged records
    /// are skipped.
    ///
    /// # Errors
    /// When the database fails, or a wider catalogue owns the id of an item; nothing was written then.
    pub async fn write(
        &self,
        act: &WriteContext<'_>,
        documents: &[DocumentRecord],
        items: &[ItemRecord],
    ) -> Result<(WriteCounts, WriteCounts), RegistryError> {
        let mut work = self.begin_work(act).await?;
        let written = work.batch(documents, items).await?;
        if let Some(first) = written.refused.first() {
            let error =
                RegistryError::InvalidState { what: "政策事项", id: first.id.clone(), why: first.why() };
            work.abandon().await?;
            return Err(error);
        }
        work.commit_batch(&written).await?;
        Ok((written.documents, written.items))
    }

    /// Writes a batch in which an item whose id belongs to a wider catalogue is refused and named, and the rest is written.
    /// With `seen`, only if the content under its id is unchanged.
    ///
    /// # Errors
    /// When the database fails, or the content was changed meanwhile; nothing was written then.
    pub async fn write_partial(
        &self,
        act: &WriteContext<'_>,
        documents: &[DocumentRecord],
        items: &[ItemRecord],
        seen: Option<&ContentVersion>,
    ) -> Result<BatchResult, RegistryError> {
        let mut work = self.begin_conditional(act, seen).await?;
        let written = work.batch(documents, items).await?;
        work.commit_batch(&written).await?;
        Ok(written)
    }

    /// Begins a unit of work that requires the content that the writer has seen to be current.
    async fn begin_conditional<'a>(
        &self,
        act: &WriteContext<'a>,
        seen: Option<&ContentVersion>,
    ) -> Result<Work<'a>, RegistryError> {
        let mut work = self.begin_work(act).await?;
        if let Some(seen) = seen
            && let Err(error) = work.require_unchanged(seen).await
        {
            work.abandon().await?;
            return Err(error);
        }
        Ok(work)
    }

    /// Withdraws an item, or else a document, from the catalogue; its revisions stay in the records. With `seen`, only if
    /// the content under its id is unchanged.
    ///
    /// # Errors
    /// When the database fails, the content was changed meanwhile, or the tenant has no such item and there is no such
    /// document; only the operator can withdraw documents.
    pub async fn withdraw(
        &self,
        act: &WriteContext<'_>,
        id: &str,
        why: &str,
        seen: Option<&ContentVersion>,
    ) -> Result<(), RegistryError> {
        let mut work = self.begin_conditional(act, seen).await?;
        let at = work.at;
        let sql = "UPDATE item_revision SET superseded_at = $1 WHERE id = $2 AND tenant = $3 \
                   AND superseded_at IS NULL";
        if work.write(sql, values![at, id, act.tenant]).await? > 0 {
            return work.commit("item.withdraw", id, &json!({"why": why})).await;
        }
        let sql = "UPDATE document_revision SET superseded_at = $1 WHERE id = $2 AND superseded_at IS NULL";
        if !act.tenant.is_empty() || work.write(sql, values![at, id]).await? == 0 {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "政策事项或文件", id: id.to_owned() });
        }
        work.commit("document.withdraw", id, &json!({"why": why})).await
    }

    /// Every document as of a moment, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents(&self, believed: Moment) -> Result<Vec<DocumentRecord>, RegistryError> {
        let query = "SELECT id, source, metadata, body FROM document_revision WHERE recorded_at <= $1 \
                     AND (superseded_at IS NULL OR superseded_at > $1)";
        let believed = self.correct(believed).await?;
        let mut documents: Vec<DocumentRecord> =
            self.read(query, values![believed]).await?.into_iter().map(document).collect::<Result<_, _>>()?;
        // The sort order of texts depends on the database; ours is bytewise.
        documents.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(documents)
    }

    /// The digest of every document, by id: equal digests mean equal documents.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document_digests(&self) -> Result<Vec<(String, String)>, RegistryError> {
        let query = "SELECT id, digest FROM document_revision WHERE superseded_at IS NULL";
        self.pairs(query).await
    }

    /// One document as of a moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(
        &self,
        id: &str,
        believed: Moment,
    ) -> Result<Option<DocumentRecord>, RegistryError> {
        let query = "SELECT id, source, metadata, body FROM document_revision WHERE id = $2 AND recorded_at <= $1 \
                     AND (superseded_at IS NULL OR superseded_at > $1)";
        let believed = self.correct(believed).await?;
        self.read(query, values![believed, id]).await?.pop().map(document).transpose()
    }

    /// Every item as of a moment, by id: the shared ones, and those of a tenant and its ancestors (`lineage`, the tenant
    /// first). For one id the result has one item, the widest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn items(
        &self,
        believed: Moment,
        lineage: &[String],
    ) -> Result<Vec<ItemRecord>, RegistryError> {
        let query = format!("{ITEM_AT} AND {}", visible_to(2, lineage));
        let believed = self.correct(believed).await?;
        let rows = self.read(query, with_lineage(values![believed], lineage)).await?;
        let mut items = rows.into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
        sort_by_width(&mut items, lineage, |item| (&item.id, &item.tenant));
        items.dedup_by(|narrower, wider| narrower.id == wider.id);
        Ok(items)
    }

    /// One item as of a moment, as a tenant with this lineage sees it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn item(
        &self,
        id: &str,
        believed: Moment,
        lineage: &[String],
    ) -> Result<Option<ItemRecord>, RegistryError> {
        let query = format!("{ITEM_AT} AND id = $2 AND {}", visible_to(3, lineage));
        let believed = self.correct(believed).await?;
        let rows = self.read(query, with_lineage(values![believed, id], lineage)).await?;
        let mut items = rows.into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
        sort_by_width(&mut items, lineage, |item| (&item.id, &item.tenant));
        Ok(items.into_iter().next())
    }

    /// The items of a tenant and of its ancestors that are hidden now by an item with the same id in a wider catalogue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hidden_items(&self, lineage: &[String]) -> Result<Vec<HiddenItem>, RegistryError> {
        let query = format!(
            "SELECT id, tenant FROM item_revision WHERE superseded_at IS NULL AND {}",
            visible_to(1, lineage)
        );
        let pair = |mut row: Row| Ok((row.text(0)?, row.text(1)?));
        let rows = self.read(query, with_lineage(Vec::new(), lineage)).await?;
        let mut all = rows.into_iter().map(pair).collect::<Result<Vec<(String, String)>, RegistryError>>()?;
        sort_by_width(&mut all, lineage, |(id, tenant)| (id, tenant));
        let mut hidden = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let Some(((_, hidden_by), others)) = same.split_first() else { continue };
            let named = |(id, tenant): &(String, String)| HiddenItem {
                id: id.clone(),
                tenant: tenant.clone(),
                hidden_by: hidden_by.clone(),
            };
            hidden.extend(others.iter().map(named));
        }
        Ok(hidden)
    }

    /// Every revision of the items with this id that are shared or owned by these tenants, oldest first. The numbers count
    /// within each tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revisions(&self, id: &str, lineage: &[String]) -> Result<Vec<Revision>, RegistryError> {
        let query = format!(
            "SELECT id, tenant, source, body, {TENANT_REVISION_NUMBER}, digest, author, review, recorded_at, superseded_at \
             FROM item_revision AS one WHERE id = $1 AND {} ORDER BY revision",
            visible_to(2, lineage)
        );
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
        let rows = self.read(query, with_lineage(values![id], lineage)).await?;
        rows.into_iter().map(revision).collect()
    }

    /// A digest of all current documents and shared items: equal for two registries with the same content.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fingerprint(&self) -> Result<String, RegistryError> {
        let query = "SELECT 'd' || id, digest FROM document_revision WHERE superseded_at IS NULL UNION ALL \
                     SELECT 'i' || id, digest FROM item_revision WHERE superseded_at IS NULL AND tenant = ''";
        Ok(pairs_digest(&self.pairs(query).await?))
    }

    /// A digest of all current additions of tenants, and of all facts that were added to the dictionary.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn additions_fingerprint(&self) -> Result<String, RegistryError> {
        let query = "SELECT tenant || '/' || id, digest FROM item_revision WHERE superseded_at IS NULL \
                     AND tenant <> '' UNION ALL SELECT 't' || id, parent FROM tenant \
                     UNION ALL SELECT 'f' || tenant || '/' || key, body FROM tenant_fact";
        Ok(pairs_digest(&self.pairs(query).await?))
    }

    /// True if nothing was ever written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_empty(&self) -> Result<bool, RegistryError> {
        for query in ["SELECT 1 FROM item_revision LIMIT 1", "SELECT 1 FROM document_revision LIMIT 1"] {
            if !self.read(query, Vec::new()).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
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

/// Query of the items current at the moment `$1`.
const ITEM_AT: &str = "SELECT id, tenant, source, body FROM item_revision WHERE recorded_at <= $1 \
                       AND (superseded_at IS NULL OR superseded_at > $1)";

/// Sorts items by id and, for one id, the widest first: the shared one, then the tenants from the top down. The sort order
/// of texts depends on the database; ours is bytewise.
fn sort_by_width<T>(items: &mut [T], lineage: &[String], of: impl Fn(&T) -> (&String, &String)) {
    let narrowness = |tenant: &String| {
        let place = lineage.iter().position(|one| one == tenant);
        place.map_or(0, |place| lineage.len() - place)
    };
    items.sort_by(|a, b| {
        let ((id, tenant), (other, theirs)) = (of(a), of(b));
        id.cmp(other).then_with(|| narrowness(tenant).cmp(&narrowness(theirs)))
    });
}

/// A digest of pairs in order.
fn pairs_digest(pairs: &[(String, String)]) -> String {
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
