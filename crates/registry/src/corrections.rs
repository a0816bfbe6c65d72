//! Decisions of people on parts of a document that was read: what the reader proposed, and what a person made of it.

use serde::Serialize;

use crate::catalogue::DocumentRecord;
use crate::digest::digest;
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::store::{Row, values};
use crate::work::Work;

/// Decision on one part of a document that a draft was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReadingCorrection {
    /// Its number; assigned when it is written.
    pub id: i64,
    /// Number of the draft; assigned when it is written.
    pub draft: i64,
    /// State of that draft: open, approved or rejected.
    pub state: String,
    /// Author of that draft.
    pub author: String,
    /// Decision: accept, correct, reject or judge.
    pub decision: String,
    /// Verbatim text of the part.
    pub text: String,
    /// Code of the region that 本市 means in it; empty if unknown.
    pub region: String,
    /// Construction of the text, by which a score is broken down.
    pub kind: String,
    /// Criteria as read, as JSON; empty if the part was read as no condition.
    pub as_read: String,
    /// Criteria as decided, as JSON; empty if the part is no condition.
    pub criteria: String,
}

impl Registry {
    /// Decisions on parts of documents, oldest first: those after number `after`, at most `limit`, of drafts of one tenant, or of
    /// all for the empty tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reading_corrections(
        &self,
        tenant: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<ReadingCorrection>, RegistryError> {
        let query = "SELECT one.id, one.draft, draft.state, draft.author, one.decision, one.text, one.region, one.kind, \
                     one.as_read, one.criteria FROM reading_correction AS one JOIN draft ON draft.id = one.draft \
                     WHERE ($1 = '' OR draft.tenant = $1) AND one.id > $2 ORDER BY one.id LIMIT $3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(query, values![tenant, after, limit]).await?.into_iter().map(correction).collect()
    }
}

/// Query for the document of a reading by its digest.
pub(crate) const DOCUMENT: &str = "SELECT id, source, metadata, body FROM reading_document WHERE digest = $1";

impl Work<'_> {
    /// Stores decisions on parts of a draft.
    pub(crate) async fn keep_corrections(
        &mut self,
        draft: i64,
        corrections: &[ReadingCorrection],
    ) -> Result<(), RegistryError> {
        let first = self.next_id("reading_correction").await?;
        let row = |(id, one): (i64, &ReadingCorrection)| {
            let ReadingCorrection { decision, text, region, kind, as_read, criteria, .. } = one;
            values![id, draft, decision, text, region, kind, as_read, criteria]
        };
        let rows = (first..).zip(corrections).map(row).collect();
        let columns = ["id", "draft", "decision", "text", "region", "kind", "as_read", "criteria"];
        self.insert("reading_correction", &columns, rows).await
    }

    /// Stores the document of a draft, once for all drafts of it; returns its digest.
    pub(crate) async fn keep_document(&mut self, document: &DocumentRecord) -> Result<String, RegistryError> {
        let DocumentRecord { id, source, metadata, body } = document;
        let digest = digest(&[id.as_bytes(), source.as_bytes(), metadata.as_bytes(), body]);
        if self.read("SELECT 1 FROM reading_document WHERE digest = $1", values![&digest]).await?.is_empty() {
            let row = values![&digest, id, source, metadata, body.as_slice()];
            self.insert("reading_document", &["digest", "id", "source", "metadata", "body"], vec![row])
                .await?;
        }
        Ok(digest)
    }

    /// True if the catalogue has another version of the document, which was recorded after `since`.
    pub(crate) async fn has_newer_document(
        &mut self,
        document: &DocumentRecord,
        since: i64,
    ) -> Result<bool, RegistryError> {
        let query = "SELECT digest FROM document_revision WHERE id = $1 AND superseded_at IS NULL AND recorded_at > $2";
        let own = digest(&[document.metadata.as_bytes(), &document.body]);
        let rows = self.read(query, values![&document.id, since]).await?;
        rows.into_iter().next().map_or(Ok(false), |mut row| Ok(row.text(0)? != own))
    }

    /// The document that a draft was read from, if any.
    pub(crate) async fn document_of_draft(
        &mut self,
        draft: i64,
    ) -> Result<Option<DocumentRecord>, RegistryError> {
        let query = "SELECT document FROM draft WHERE id = $1";
        let Some(mut row) = self.read(query, values![draft]).await?.pop() else { return Ok(None) };
        self.read(DOCUMENT, values![&row.text(0)?]).await?.pop().map(document).transpose()
    }
}

/// Document of a row of [`DOCUMENT`].
pub(crate) fn document(mut row: Row) -> Result<DocumentRecord, RegistryError> {
    Ok(DocumentRecord { id: row.text(0)?, source: row.text(1)?, metadata: row.text(2)?, body: row.bytes(3)? })
}

fn correction(mut row: Row) -> Result<ReadingCorrection, RegistryError> {
    Ok(ReadingCorrection {
        id: row.integer(0)?,
        draft: row.integer(1)?,
        state: row.text(2)?,
        author: row.text(3)?,
        decision: row.text(4)?,
        text: row.text(5)?,
        region: row.text(6)?,
        kind: row.text(7)?,
        as_read: row.text(8)?,
        criteria: row.text(9)?,
    })
}
