//! Items that change only after review by a second person: proposed, reviewed, published.

use serde_json::{Map, Value as Json};
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{DocumentRecord, Draft, DraftWithReading, Moment, WriteContext};

use crate::error::EngineError;
use crate::lock::WriteLock;
use crate::open::{Engine, records};
use crate::progress::Progress;
use crate::read_documents::metadata;
use crate::source::{ImportBatch, ImportDocument, has_errors};

/// Result of a proposal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// Numbers of the drafts written, in the order of the items.
    pub drafts: Vec<i64>,
    /// Errors of the other items, and warnings.
    pub problems: Vec<Problem>,
}

impl Engine {
    /// Proposes the items in `bytes`; `name` is the file name: `item.yaml`. They are checked like those of an import, and
    /// take effect once another person has approved them. An item with an error is reported; the others are proposed.
    /// Documents are not proposed: they are facts, and are imported. `reason` informs the reviewer; it may be empty.
    ///
    /// # Errors
    /// When the registry cannot be written.
    pub fn propose(
        &self,
        act: &WriteContext<'_>,
        name: &str,
        bytes: &[u8],
        reason: &str,
    ) -> Result<Proposal, EngineError> {
        let mut batch = ImportBatch::default();
        batch.read(name, bytes, &self.dictionary_for(act.tenant)?);
        batch.documents.clear();
        batch.reject_duplicates();
        self.verify(&mut batch, act.tenant)?;
        self.reject_taken_ids(&mut batch, act.tenant)?;
        let (_, items) = records(&batch, act.tenant);
        let drafts = self.runtime.block_on(self.registry.propose(act, &items, reason))?;
        Ok(Proposal { drafts, problems: batch.problems })
    }

    /// An item of the registry with its conditions replaced by canonical Chinese: input for [`Engine::propose`]. `None` if
    /// this tenant has no such item.
    ///
    /// # Errors
    /// When the registry cannot be read, or there is no such tenant.
    pub fn with_criteria(
        &self,
        item: &str,
        criteria: &str,
        tenant: &str,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        if self.rules_for(tenant)?.item(item).is_none() {
            return Ok(None);
        }
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        let Some(record) = self.runtime.block_on(self.registry.item(item, Moment::NOW, &lineage))? else {
            return Ok(None);
        };
        let unreadable = |error: serde_json::Error| EngineError::Unreadable {
            what: "政策事项",
            id: item.to_owned(),
            why: error.to_string(),
        };
        let mut body: Map<String, Json> = serde_json::from_str(&record.body).map_err(unreadable)?;
        body.insert("criteria".to_owned(), criteria.into());
        Ok(Some(Json::Object(body).to_string().into_bytes()))
    }

    /// Decides on a draft; an approved draft is published. It is checked again first: its document may have changed since
    /// the proposal. If it is no longer valid, nothing is decided and the problems name the reason.
    ///
    /// # Errors
    /// When the registry or the index cannot be written, or the registry refuses: the reviewer is the author, the draft is
    /// decided already, or the item has changed since.
    pub fn decide(
        &self,
        act: &WriteContext<'_>,
        draft: i64,
        approve: bool,
        note: &str,
        progress: &dyn Progress,
    ) -> Result<(Option<Draft>, Vec<Problem>), EngineError> {
        if !approve {
            let decided = self.runtime.block_on(self.registry.decide(act, draft, false, note))?;
            return Ok((Some(decided), Vec::new()));
        }
        let rules = self.rules();
        let mut batch = ImportBatch::default();
        let found = self.runtime.block_on(self.registry.draft_with_reading(act.tenant, draft))?;
        if let Some(DraftWithReading { draft: proposed, document, .. }) =
            found.filter(|one| one.draft.state == "open")
        {
            let name = format!("draft-{draft}.json");
            batch.read(&name, proposed.body.as_bytes(), &self.dictionary_for(&proposed.tenant)?);
            // Its document enters the catalogue with it.
            let document = document.filter(|_| proposed.tenant.is_empty());
            batch.documents.extend(document.map(import_document).transpose()?);
            self.verify(&mut batch, &proposed.tenant)?;
        }
        if has_errors(&batch.problems) {
            return Ok((None, batch.problems));
        }
        let _lock = WriteLock::acquire(&self.data, "review", progress)?;
        let decided = self.runtime.block_on(self.registry.decide(act, draft, true, note))?;
        let mut problems = std::mem::take(&mut batch.problems);
        if decided.tenant.is_empty() {
            problems.extend(self.publish(&rules, &batch, progress)?);
        } else {
            self.refresh_tenants()?;
        }
        Ok((Some(decided), problems))
    }

    /// Drafts in a state (open, approved, rejected; every state if empty), oldest first: of one tenant, or of all for the
    /// empty tenant.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn drafts(&self, tenant: &str, state: &str) -> Result<Vec<Draft>, EngineError> {
        Ok(self.runtime.block_on(self.registry.drafts(tenant, state))?)
    }
}

/// A stored document as it would be imported.
///
/// # Errors
/// Its metadata is malformed.
pub(crate) fn import_document(record: DocumentRecord) -> Result<ImportDocument, EngineError> {
    let metadata = metadata(&record)?;
    Ok(ImportDocument { id: record.id, source: record.source, metadata, body: record.body })
}
