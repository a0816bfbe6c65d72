//! Decisions of people on parts of a document that was read: what the reader proposed, and what a person made of it.

use serde::Serialize;

use crate::catalogue::ItemRecord;
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::reviews::Draft;
use crate::store::{Row, values};

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

/// An item to propose, with its origin in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftProposal {
    /// The item.
    pub item: ItemRecord,
    /// Id of the document that it was read from; empty for an item written by hand.
    pub document: String,
    /// The reading as JSON; empty for an item written by hand.
    pub reading: String,
    /// Decisions on the parts of the reading.
    pub corrections: Vec<ReadingCorrection>,
}

impl From<ItemRecord> for DraftProposal {
    fn from(item: ItemRecord) -> Self {
        Self { item, document: String::new(), reading: String::new(), corrections: Vec::new() }
    }
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

    /// A draft with the document it was read from and its reading as JSON, both empty for an item written by hand; `None` if the
    /// tenant has no such draft, for the empty tenant if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft_with_reading(
        &self,
        tenant: &str,
        draft: i64,
    ) -> Result<Option<(Draft, String, String)>, RegistryError> {
        let drafts = format!("{} WHERE draft.id = $1 AND ($2 = '' OR tenant = $2)", crate::reviews::DRAFT);
        let Some(found) = self.read(drafts, values![draft, tenant]).await?.pop() else { return Ok(None) };
        let draft = crate::reviews::read(found)?;
        let query = "SELECT document, reading FROM draft WHERE id = $1";
        let Some(mut row) = self.read(query, values![draft.id]).await?.pop() else { return Ok(None) };
        let (document, reading) = (row.text(0)?, row.text(1)?);
        Ok(Some((draft, document, reading)))
    }
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
