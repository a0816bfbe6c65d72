//! Writing of documents and items: a changed record gets a new revision, and its earlier one is superseded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::catalogue::{BatchResult, DocumentRecord, ItemRecord, RefusedItem, WriteCounts};
use crate::digest::digest;
use crate::error::RegistryError;
use crate::statement::{IDS_PER_QUERY, placeholders};
use crate::store::{Row, Value, values};
use crate::verify::{DOCUMENT, ITEM};
use crate::work::Work;

/// The last revision of a record.
struct LastRevision {
    revision: i64,
    digest: String,
    is_current: bool,
}

impl Work<'_> {
    pub(crate) async fn batch(
        &mut self,
        documents: &[DocumentRecord],
        items: &[ItemRecord],
    ) -> Result<BatchResult, RegistryError> {
        let documents = self.documents(documents).await?;
        let (items, refused) = self.items_by(self.act.actor, items, None).await?;
        Ok(BatchResult { documents, items, refused })
    }

    pub(crate) async fn commit_batch(self, written: &BatchResult) -> Result<(), RegistryError> {
        let BatchResult { documents, items, .. } = written;
        if documents.is_unchanged() && items.is_unchanged() {
            return self.abandon().await;
        }
        self.commit("import", "", &json!({"documents": documents.json(), "items": items.json()})).await
    }

    async fn documents(&mut self, records: &[DocumentRecord]) -> Result<WriteCounts, RegistryError> {
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let query = "SELECT id, revision, digest, superseded_at FROM document_revision AS one WHERE revision = \
                     (SELECT MAX(revision) FROM document_revision WHERE id = one.id) AND id IN";
        let last = self.last(query, &ids).await?;
        let (mut written, mut rows, mut replaced) = (WriteCounts::default(), Vec::new(), Vec::new());
        for record in records {
            let digest = digest(&[record.metadata.as_bytes(), &record.body]);
            let before = last.get(&record.id);
            if !written.count(before, &digest) {
                continue;
            }
            replaced.extend(before.filter(|last| last.is_current).map(|_| record.id.as_str()));
            let revision = before.map_or(1, |last| last.revision + 1);
            self.cover_record(DOCUMENT, format!("{}/{revision}", record.id), &digest);
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
        self.supersede("document_revision", None, &replaced).await?;
        let columns = ["id", "revision", "digest", "source", "metadata", "body", "recorded_at"];
        self.insert("document_revision", &columns, rows).await?;
        Ok(written)
    }

    /// Writes items of `author`; `review` is the decision that approved them. Returns the counts, and the items whose id a
    /// wider catalogue owns.
    pub(crate) async fn items_by(
        &mut self,
        author: &str,
        records: &[ItemRecord],
        review: Option<i64>,
    ) -> Result<(WriteCounts, Vec<RefusedItem>), RegistryError> {
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let last = self.last_items(&ids).await?;
        let above = self.tenants_above(records).await?;
        // The number of a revision counts all revisions with its id, of any tenant.
        let mut numbers: BTreeMap<&str, i64> = BTreeMap::new();
        for ((id, _), one) in &last {
            let number = numbers.entry(id).or_default();
            *number = one.revision.max(*number);
        }
        let (mut written, mut rows, mut refused) = (WriteCounts::default(), Vec::new(), Vec::new());
        let mut replaced: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for record in records {
            let of = |tenant: &str| last.get(&(record.id.clone(), tenant.to_owned()));
            let wider = above.get(record.tenant.as_str()).into_iter().flatten();
            if let Some(taken_by) = wider.rev().find(|tenant| of(tenant).is_some_and(|one| one.is_current)) {
                refused.push(RefusedItem {
                    id: record.id.clone(),
                    tenant: record.tenant.clone(),
                    owner: taken_by.clone(),
                });
                continue;
            }
            let (digest, before) = (digest(&[record.body.as_bytes()]), of(&record.tenant));
            if !written.count(before, &digest) {
                continue;
            }
            if before.is_some_and(|last| last.is_current) {
                replaced.entry(&record.tenant).or_default().push(&record.id);
            }
            let number = numbers.entry(&record.id).or_default();
            *number += 1;
            let revision = *number;
            self.cover_record(ITEM, format!("{}/{revision}", record.id), &digest);
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
        for (tenant, ids) in &replaced {
            self.supersede("item_revision", Some(tenant), ids).await?;
        }
        let columns =
            ["id", "revision", "digest", "source", "body", "tenant", "author", "review", "recorded_at"];
        self.insert("item_revision", &columns, rows).await?;
        Ok((written, refused))
    }

    /// The last revisions of the items with these ids, by id and tenant.
    async fn last_items(
        &mut self,
        ids: &[&str],
    ) -> Result<BTreeMap<(String, String), LastRevision>, RegistryError> {
        let mut last = BTreeMap::new();
        for some in ids.chunks(IDS_PER_QUERY) {
            let sql = format!(
                "SELECT id, revision, digest, superseded_at, tenant FROM item_revision AS one WHERE revision = \
                 (SELECT MAX(revision) FROM item_revision WHERE id = one.id AND tenant = one.tenant) AND id IN ({})",
                placeholders(1, some.len())
            );
            for mut row in self.read(sql, some.iter().map(|id| Value::from(*id)).collect()).await? {
                let (id, tenant) = (row.text(0)?, row.text(4)?);
                last.insert((id, tenant), last_of(&mut row)?);
            }
        }
        Ok(last)
    }

    /// For every tenant of these items: the tenants whose items win over its own, nearest first, with the shared catalogue
    /// (empty) last. The shared catalogue has none.
    async fn tenants_above(
        &mut self,
        records: &[ItemRecord],
    ) -> Result<BTreeMap<String, Vec<String>>, RegistryError> {
        let owners: BTreeSet<&str> = records.iter().map(|record| record.tenant.as_str()).collect();
        let mut above = BTreeMap::new();
        if owners.iter().all(|tenant| tenant.is_empty()) {
            return Ok(above);
        }
        let mut parents: BTreeMap<String, String> = BTreeMap::new();
        for mut row in self.read("SELECT id, parent FROM tenant", Vec::new()).await? {
            parents.insert(row.text(0)?, row.text(1)?);
        }
        for tenant in owners.into_iter().filter(|tenant| !tenant.is_empty()) {
            let (mut line, mut next) = (Vec::new(), tenant);
            // A cycle of parents ends at the first repetition.
            while let Some(parent) = parents.get(next).filter(|one| !one.is_empty() && *one != tenant) {
                if line.contains(parent) {
                    break;
                }
                line.push(parent.clone());
                next = parent;
            }
            line.push(String::new());
            above.insert(tenant.to_owned(), line);
        }
        Ok(above)
    }

    /// The last revisions of the documents with these ids. `query` ends right before the list of ids.
    async fn last(
        &mut self,
        query: &str,
        ids: &[&str],
    ) -> Result<BTreeMap<String, LastRevision>, RegistryError> {
        let mut last = BTreeMap::new();
        for some in ids.chunks(IDS_PER_QUERY) {
            let sql = format!("{query} ({})", placeholders(1, some.len()));
            for mut row in self.read(sql, some.iter().map(|id| Value::from(*id)).collect()).await? {
                last.insert(row.text(0)?, last_of(&mut row)?);
            }
        }
        Ok(last)
    }

    /// Supersedes the current revisions of records; for items, only those of one tenant.
    async fn supersede(
        &mut self,
        table: &str,
        tenant: Option<&str>,
        ids: &[&str],
    ) -> Result<(), RegistryError> {
        for some in ids.chunks(IDS_PER_QUERY) {
            let mut values = values![self.at];
            values.extend(some.iter().map(|id| Value::from(*id)));
            let mut whose = String::new();
            if let Some(tenant) = tenant {
                values.push(Value::from(tenant));
                whose = format!(" AND tenant = ${}", values.len());
            }
            let sql = format!(
                "UPDATE {table} SET superseded_at = $1 WHERE superseded_at IS NULL AND id IN ({}){whose}",
                placeholders(2, some.len())
            );
            self.write(sql, values).await?;
        }
        Ok(())
    }
}

impl WriteCounts {
    /// Counts a record by its state `before`; true if it has to be written.
    fn count(&mut self, before: Option<&LastRevision>, digest: &str) -> bool {
        match before {
            Some(last) if last.is_current && last.digest == digest => {
                self.kept += 1;
                return false;
            }
            Some(last) if last.is_current => self.changed += 1,
            // A record that is written again after its withdrawal is new.
            _ => self.new += 1,
        }
        true
    }

    /// True if nothing had to be written.
    pub fn is_unchanged(&self) -> bool {
        self.new == 0 && self.changed == 0
    }

    fn json(self) -> serde_json::Value {
        json!({"new": self.new, "changed": self.changed, "kept": self.kept})
    }
}

/// Revision, digest and state, from the second column on.
fn last_of(row: &mut Row) -> Result<LastRevision, RegistryError> {
    Ok(LastRevision {
        revision: row.integer(1)?,
        digest: row.text(2)?,
        is_current: row.optional(3)?.is_none(),
    })
}
