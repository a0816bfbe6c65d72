//! Drafts that were read from a document: proposed with the sheet as it was read, shown again with the decisions, and exported as
//! labels from which the reader is scored.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_registry::{Draft, DraftProposal, DraftWithReading, ReadingCorrection, WriteContext};

use super::decide::{DecidedItem, ItemDecisions, PartDecision};
use super::sheet::{self, ReadingFigure, ReadingPart, ReviewSheet, SheetItem};
use crate::drafts::Proposal;
use crate::error::EngineError;
use crate::open::{Engine, records};
use crate::source::ImportBatch;

/// Reading of an item as it is stored with its draft.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredReading {
    /// Id of the document.
    pub document: String,
    /// Title of the document.
    pub title: String,
    /// Code of the region that 本市 means; empty if unknown.
    pub region: String,
    /// Parts as they were read.
    pub parts: Vec<ReadingPart>,
    /// Decisions on the parts, in order.
    pub decisions: Vec<PartDecision>,
    /// Amount, window and other figures with their quotes.
    pub figures: Vec<ReadingFigure>,
    /// Facts that the dictionary does not have.
    pub proposed: Vec<Json>,
    /// Reasons for a second look.
    pub doubts: Vec<String>,
}

/// Draft with its reading and the document's text.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftReading {
    /// The draft.
    pub draft: Draft,
    /// Its reading; `None` for an item written by hand.
    pub reading: Option<StoredReading>,
    /// Clean text of the document that it was read from; empty for an item written by hand.
    pub text: String,
}

/// Number of corrections that are read at once.
const AT_ONCE: usize = 1_000;

impl Engine {
    /// Checks an item of a sheet as decided like an import, without storing anything. The item is returned where it has no error.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn check_reading(
        &self,
        tenant: &str,
        sheet: &ReviewSheet,
        decided: &DecidedItem,
    ) -> Result<Vec<Problem>, EngineError> {
        Ok(self.reading_batch(tenant, sheet, decided)?.problems)
    }

    /// Proposes an item of a sheet as decided. The draft keeps the document, the reading and the corrections; the document enters
    /// the catalogue with the approval. A tenant's items refer to documents that the catalogue has: of such a caller the document is
    /// not kept, and a quote that no document of the catalogue contains is an error.
    ///
    /// # Errors
    /// When the registry cannot be written.
    pub fn propose_reading(
        &self,
        act: &WriteContext<'_>,
        sheet: &ReviewSheet,
        item: &SheetItem,
        decisions: &ItemDecisions,
        decided: DecidedItem,
        reason: &str,
    ) -> Result<Proposal, EngineError> {
        let batch = self.reading_batch(act.tenant, sheet, &decided)?;
        let (documents, items) = records(&batch, act.tenant);
        let mut parts = decisions.parts.clone();
        parts.resize(item.parts.len(), PartDecision::Accept);
        let reading = StoredReading {
            document: sheet.document.clone(),
            title: sheet.title.clone(),
            region: sheet.region.clone(),
            parts: item.parts.clone(),
            decisions: parts,
            figures: item.figures.clone(),
            proposed: item.proposed.clone(),
            doubts: item.doubts.clone(),
        };
        let unreadable = |error: serde_json::Error| EngineError::Unreadable {
            what: "草稿",
            id: item.id.clone(),
            why: error.to_string(),
        };
        let reading = serde_json::to_string(&reading).map_err(unreadable)?;
        let mut document = documents.into_iter().next();
        let mut corrections = decided.corrections;
        let proposals: Vec<DraftProposal> = items
            .into_iter()
            .map(|item| DraftProposal {
                item,
                document: document.take(),
                reading: reading.clone(),
                corrections: std::mem::take(&mut corrections),
            })
            .collect();
        let drafts = self.runtime.block_on(self.registry.propose_read(act, &proposals, reason))?;
        Ok(Proposal { drafts, problems: batch.problems })
    }

    /// The item as decided, with its document, checked.
    fn reading_batch(
        &self,
        tenant: &str,
        sheet: &ReviewSheet,
        decided: &DecidedItem,
    ) -> Result<ImportBatch, EngineError> {
        let mut batch = ImportBatch::default();
        let body = Json::Object(decided.body.clone()).to_string();
        batch.read("draft.json", body.as_bytes(), self.rules_for(tenant)?.dictionary());
        // The form is one item, whatever was typed into it.
        batch.documents.clear();
        batch.items.truncate(1);
        if tenant.is_empty() {
            batch.documents.push(sheet.received.clone());
        }
        self.verify(&mut batch, tenant)?;
        self.reject_taken_ids(&mut batch, tenant)?;
        Ok(batch)
    }

    /// The sheet of a document of the catalogue; `None` if there is none of this id.
    ///
    /// # Errors
    /// When the registry cannot be read, or the document's metadata is malformed.
    pub fn sheet_of(
        &self,
        document: &str,
        region: Option<&zhaoren_policy::code::Code>,
        tenant: &str,
    ) -> Result<Option<ReviewSheet>, EngineError> {
        let rules = self.rules_for(tenant)?;
        let record = self.stored(document)?;
        record.map(|record| sheet::stored_sheet(record, region, rules.dictionary())).transpose()
    }

    /// A draft with its reading; `None` if the tenant has no such draft, for the empty tenant if there is none.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn draft_reading(&self, tenant: &str, draft: i64) -> Result<Option<DraftReading>, EngineError> {
        let Some(found) = self.runtime.block_on(self.registry.draft_with_reading(tenant, draft))? else {
            return Ok(None);
        };
        let DraftWithReading { draft, document, reading } = found;
        let reading = match reading.as_str() {
            "" => None,
            stored => Some(serde_json::from_str(stored).map_err(|error| EngineError::Unreadable {
                what: "草稿",
                id: draft.id.to_string(),
                why: error.to_string(),
            })?),
        };
        let text = document.map(|document| zhaoren_text::restore(&document.body).text).unwrap_or_default();
        Ok(Some(DraftReading { draft, reading, text }))
    }

    /// Decisions on parts of documents as labels, one JSON object each: `{"id", "text", "region", "criteria", "kind", "decision",
    /// "draft", "by", "as_read"}`, which `zhaoren read --evaluate` scores. Drafts that were rejected are left out. Unless `all` is
    /// set, so are the parts that were accepted as they were read.
    ///
    /// # Errors
    /// When the registry cannot be read, or a stored correction is no JSON.
    pub fn correction_lines(
        &self,
        tenant: &str,
        all: bool,
        each: &mut dyn FnMut(Json) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let mut after = 0;
        loop {
            zhaoren_cancel::poll();
            let page = self.runtime.block_on(self.registry.reading_corrections(tenant, after, AT_ONCE))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            let chosen =
                |one: &&ReadingCorrection| one.state != "rejected" && (all || one.decision != "accept");
            for one in page.iter().filter(chosen) {
                each(line(one)?)?;
            }
        }
    }
}

fn line(one: &ReadingCorrection) -> Result<Json, EngineError> {
    let criteria = |text: &str| match text {
        "" => Ok(Json::Null),
        text => serde_json::from_str(text).map_err(|error| EngineError::Unreadable {
            what: "更正",
            id: one.id.to_string(),
            why: error.to_string(),
        }),
    };
    let mut line = Map::new();
    let mut put = |key: &str, value: Json| line.insert(key.to_owned(), value);
    put("id", json!(format!("correction-{}", one.id)));
    put("text", json!(one.text));
    if !one.region.is_empty() {
        put("region", json!(one.region));
    }
    put("criteria", criteria(&one.criteria)?);
    put("kind", json!(one.kind));
    put("decision", json!(one.decision));
    put("draft", json!(one.draft));
    put("by", json!(one.author));
    put("as_read", criteria(&one.as_read)?);
    Ok(Json::Object(line))
}

impl ReviewSheet {
    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&SheetItem> {
        self.items.iter().find(|item| item.id == id)
    }
}

/// A changed item body as JSON, as typed by a person: an object.
///
/// # Errors
/// The text is no JSON object; the problem names the line.
pub fn item_body(text: &str) -> Result<Map<String, Json>, Vec<Problem>> {
    let mut report = Report::new("");
    match zhaoren_policy::syntax::json(text) {
        Ok(node) => match node.to_json() {
            Json::Object(map) => return Ok(map),
            _ => report.error(
                1,
                "",
                Fault::Expected { got: node.describe(), expected: "an object".to_owned() },
            ),
        },
        Err(error) => report.syntax(error),
    }
    Err(report.problems)
}
