//! Drafts of items and the reviews on them.

use serde::Serialize;
use serde_json::json;

use crate::catalogue::{DocumentRecord, ItemRecord};
use crate::corrections::{DOCUMENT, ReadingCorrection, document};
use crate::digest::digest;
use crate::error::RegistryError;
use crate::registry::{Registry, WriteContext};
use crate::store::{Row, values};
use crate::verify::REVIEW;
use crate::work::Work;

/// A proposed item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Its number.
    pub id: i64,
    /// Id of the item that it creates or changes.
    pub item: String,
    /// Tenant; empty for the shared catalogue.
    pub tenant: String,
    /// Digest of the revision that it changes; empty for a new item.
    pub base: String,
    /// Its origin.
    pub source: String,
    /// The item as JSON.
    pub body: String,
    /// Author.
    pub author: String,
    /// Time of the proposal, in milliseconds since 1970, UTC.
    pub created_at: i64,
    /// State: open, approved or rejected.
    pub state: String,
    /// The author's reason; may be empty.
    pub reason: String,
    /// Reviewer; empty while it is open.
    pub reviewer: String,
    /// The reviewer's note; may be empty.
    pub note: String,
    /// Time of the decision, in milliseconds since 1970, UTC.
    pub decided_at: Option<i64>,
    /// True if it was read from a document, with its reading.
    pub has_reading: bool,
}

const DRAFT: &str = "SELECT draft.id, item, tenant, base, source, body, author, created_at, state, reason, \
                     COALESCE(reviewer, ''), COALESCE(note, ''), at, \
                     CAST(CASE WHEN reading = '' THEN 0 ELSE 1 END AS BIGINT) FROM draft LEFT JOIN review ON review.draft = draft.id";

/// An item to propose, with its origin in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftProposal {
    /// The item.
    pub item: ItemRecord,
    /// Document that it was read from; `None` for an item written by hand. It enters the catalogue when the draft is approved.
    pub document: Option<DocumentRecord>,
    /// The reading as JSON; empty for an item written by hand.
    pub reading: String,
    /// Decisions on the parts of the reading.
    pub corrections: Vec<ReadingCorrection>,
}

impl From<ItemRecord> for DraftProposal {
    fn from(item: ItemRecord) -> Self {
        Self { item, document: None, reading: String::new(), corrections: Vec::new() }
    }
}

/// Draft with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftWithReading {
    /// The draft.
    pub draft: Draft,
    /// Document that it was read from, if any.
    pub document: Option<DocumentRecord>,
    /// The reading as JSON; empty for an item written by hand.
    pub reading: String,
}

impl Registry {
    /// A draft with its document and its reading as JSON, which an item written by hand does not have; `None` if the tenant has no
    /// such draft, for the empty tenant if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft_with_reading(
        &self,
        tenant: &str,
        draft: i64,
    ) -> Result<Option<DraftWithReading>, RegistryError> {
        let drafts = format!("{DRAFT} WHERE draft.id = $1 AND ($2 = '' OR tenant = $2)");
        let Some(found) = self.read(drafts, values![draft, tenant]).await?.pop() else { return Ok(None) };
        let draft = read(found)?;
        let query = "SELECT document, reading FROM draft WHERE id = $1";
        let Some(mut row) = self.read(query, values![draft.id]).await?.pop() else { return Ok(None) };
        let (digest, reading) = (row.text(0)?, row.text(1)?);
        let rows = self.read(DOCUMENT.to_owned(), values![&digest]).await?;
        let document = rows.into_iter().next().map(document).transpose()?;
        Ok(Some(DraftWithReading { draft, document, reading }))
    }

    /// Writes drafts, all for one `reason`; returns their numbers. No draft takes effect before another person has approved
    /// it.
    ///
    /// # Errors
    /// When the database fails; nothing was written then.
    pub async fn propose(
        &self,
        act: &WriteContext<'_>,
        items: &[ItemRecord],
        reason: &str,
    ) -> Result<Vec<i64>, RegistryError> {
        let proposals: Vec<DraftProposal> = items.iter().cloned().map(DraftProposal::from).collect();
        self.propose_read(act, &proposals, reason).await
    }

    /// Writes drafts like [`Registry::propose`], each with the document that it was read from and the decisions on its parts.
    ///
    /// # Errors
    /// When the database fails; nothing was written then.
    pub async fn propose_read(
        &self,
        act: &WriteContext<'_>,
        proposals: &[DraftProposal],
        reason: &str,
    ) -> Result<Vec<i64>, RegistryError> {
        if proposals.is_empty() {
            return Ok(Vec::new());
        }
        let mut work = self.begin_work(act).await?;
        let (mut next, at) = (work.next_id("draft").await?, work.at);
        let mut correction = work.next_id("reading_correction").await?;
        let (mut rows, mut ids, mut corrections) = (Vec::new(), Vec::new(), Vec::new());
        for DraftProposal { item, document, reading, corrections: decided } in proposals {
            let document = match document {
                Some(document) => work.keep_document(document).await?,
                None => String::new(),
            };
            let base = work.current_digest(&item.tenant, &item.id).await?;
            let digest = digest(&[item.body.as_bytes()]);
            rows.push(values![
                next,
                &item.id,
                &item.tenant,
                &base,
                &digest,
                &item.source,
                &item.body,
                act.actor,
                at,
                "open",
                reason,
                &document,
                reading
            ]);
            for one in decided {
                corrections.push(values![
                    correction,
                    next,
                    &one.decision,
                    &one.text,
                    &one.region,
                    &one.kind,
                    &one.as_read,
                    &one.criteria
                ]);
                correction += 1;
            }
            ids.push(next);
            next += 1;
        }
        let columns = [
            "id",
            "item",
            "tenant",
            "base",
            "digest",
            "source",
            "body",
            "author",
            "created_at",
            "state",
            "reason",
            "document",
            "reading",
        ];
        work.insert("draft", &columns, rows).await?;
        let columns = ["id", "draft", "decision", "text", "region", "kind", "as_read", "criteria"];
        work.insert("reading_correction", &columns, corrections).await?;
        let items: Vec<&str> = proposals.iter().map(|one| one.item.id.as_str()).collect();
        work.commit("draft.propose", "", &json!({"drafts": ids, "items": items})).await?;
        Ok(ids)
    }

    /// Decides on a draft. An approved draft becomes a revision in the same unit of work.
    ///
    /// # Errors
    /// When the database fails, the tenant has no such draft, it is decided already, the deciding person is its author with
    /// any key, or uses a key attested by the author alone, or the item has changed since the proposal.
    pub async fn decide(
        &self,
        act: &WriteContext<'_>,
        draft: i64,
        approve: bool,
        note: &str,
    ) -> Result<Draft, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let query = format!("{DRAFT} WHERE draft.id = $1 AND ($2 = '' OR tenant = $2)");
        let found = work.read(query, values![draft, act.tenant]).await?.pop().map(read).transpose()?;
        let id = draft.to_string();
        let Some(mut draft) = found else {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "草稿", id });
        };
        let (author, reviewer) = (work.person(&draft.author).await?, work.person(act.actor).await?);
        // The author may hold a reviewer's key that the author issued to another person.
        let by_author = reviewer.is_unconfirmed_key_of(&author.holder);
        // A document belongs to all tenants, so only the shared catalogue's reviewers add one.
        let document = work.document_of_draft(draft.id).await?.filter(|_| approve && draft.tenant.is_empty());
        let has_newer = match &document {
            Some(document) => work.has_newer_document(document, draft.created_at).await?,
            None => false,
        };
        let refused = if draft.state != "open" {
            Some("已有审核结论")
        } else if draft.author == act.actor || reviewer.is_same_person(&author.holder) {
            Some("须由另一人审核，提出者不能审核自己的草稿")
        } else if by_author && work.has_second_administrator(&author.holder, &draft.tenant, act.at).await? {
            Some("须由另一人审核，这个审核密钥由提出者签发，须先由另一位管理员确认（keys confirm）")
        } else if approve && work.current_digest(&draft.tenant, &draft.item).await? != draft.base {
            Some("所改的事项在提出之后已有变动，须按现在的内容重新提出")
        } else if has_newer {
            Some("所据的文件在提出之后已有新的修订，须按新的修订重新提出")
        } else {
            None
        };
        if let Some(why) = refused {
            work.abandon().await?;
            return Err(RegistryError::InvalidState { what: "草稿", id, why: why.to_owned() });
        }
        let review = work.next_id("review").await?;
        let (decision, at) = (if approve { "approved" } else { "rejected" }, work.at);
        let columns = ["id", "draft", "reviewer", "decision", "note", "at"];
        let row = values![review, draft.id, act.actor, decision, note, at];
        work.insert("review", &columns, vec![row]).await?;
        let parts = [id.as_bytes(), act.actor.as_bytes(), decision.as_bytes(), note.as_bytes()];
        work.cover_record(REVIEW, format!("review/{review}"), digest(&parts));
        work.write("UPDATE draft SET state = $1 WHERE id = $2", values![decision, draft.id]).await?;
        if approve {
            work.batch(document.as_slice(), &[]).await?;
            let record = ItemRecord {
                id: draft.item.clone(),
                tenant: draft.tenant.clone(),
                source: draft.source.clone(),
                body: draft.body.clone(),
            };
            let (_, refused) = work.items_by(&draft.author, &[record], Some(review)).await?;
            if let Some(refused) = refused.first() {
                let why = format!("的事项 {}：{}", refused.id, refused.why());
                work.abandon().await?;
                return Err(RegistryError::InvalidState { what: "草稿", id, why });
            }
        }
        draft.state = decision.to_owned();
        draft.reviewer = act.actor.to_owned();
        draft.note = note.to_owned();
        draft.decided_at = Some(at.0);
        let detail = json!({
            "review": review, "decision": decision, "item": draft.item, "author": draft.author,
            "author_holder": author.holder, "reviewer_holder": reviewer.holder,
            "reviewer_key_by_author": by_author,
        });
        work.commit("draft.review", &id, &detail).await?;
        Ok(draft)
    }

    /// Drafts in a state (open, approved, rejected; every state if empty), oldest first: of one tenant, or of all for the
    /// empty tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drafts(&self, tenant: &str, state: &str) -> Result<Vec<Draft>, RegistryError> {
        let query =
            format!("{DRAFT} WHERE ($1 = '' OR tenant = $1) AND ($2 = '' OR state = $2) ORDER BY draft.id");
        self.read(query, values![tenant, state]).await?.into_iter().map(read).collect()
    }
}

impl Work<'_> {
    /// The digest of the current revision of a tenant's item; empty if there is none.
    async fn current_digest(&mut self, tenant: &str, item: &str) -> Result<String, RegistryError> {
        let query =
            "SELECT digest FROM item_revision WHERE id = $1 AND tenant = $2 AND superseded_at IS NULL";
        self.read(query, values![item, tenant]).await?.pop().map_or(Ok(String::new()), |mut row| row.text(0))
    }
}

fn read(mut row: Row) -> Result<Draft, RegistryError> {
    Ok(Draft {
        id: row.integer(0)?,
        item: row.text(1)?,
        tenant: row.text(2)?,
        base: row.text(3)?,
        source: row.text(4)?,
        body: row.text(5)?,
        author: row.text(6)?,
        created_at: row.integer(7)?,
        state: row.text(8)?,
        reason: row.text(9)?,
        reviewer: row.text(10)?,
        note: row.text(11)?,
        decided_at: row.optional(12)?,
        has_reading: row.integer(13)? == 1,
    })
}
