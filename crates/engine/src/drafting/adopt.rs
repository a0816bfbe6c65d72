//! A model asked about the unread passages of a draft, and the adoption of what it proposed by the draft's author.

use serde_json::{Map, Value as Json, json};
use zhaoren_registry::{DraftUpdate, RegistryError, WriteContext};

use super::accept::rewritten;
use super::decide::PartDecision;
use super::machine::{Ask, MachineReport, ask_about};
use super::propose::{DraftReading, StoredReading};
use crate::error::EngineError;
use crate::open::Engine;

impl Engine {
    /// Asks a model about the passages of an open draft that were not read, and stores its proposals with the draft. The item of the
    /// draft stays as it is.
    ///
    /// # Errors
    /// When the tenant has no such draft, it is decided already or was written by hand, or the registry fails.
    pub fn ask_model(
        &self,
        act: &WriteContext<'_>,
        draft: i64,
        model: &str,
        ask: &mut Ask<'_>,
    ) -> Result<MachineReport, EngineError> {
        let (found, mut reading) = self.open_reading(act.tenant, draft)?;
        let dictionary = self.dictionary_for(&found.draft.tenant)?;
        let report = ask_about(reading.parts.iter_mut(), model, &dictionary, ask);
        if report.proposed > 0 {
            let update = DraftUpdate {
                draft,
                before: found.draft.body.clone(),
                body: found.draft.body,
                reading: stored(&reading, draft)?,
            };
            let detail = json!({"model": model, "asked": report.asked, "proposed": report.proposed});
            self.runtime.block_on(self.registry.update_draft(act, &update, &[], "draft.ask", &detail))?;
        }
        Ok(report)
    }

    /// Adopts the proposal of a model for a part of an open draft: it becomes a correction of the part, with the name of the person, and
    /// a note of the item. Only the author of the draft adopts, so that another person still reviews it.
    ///
    /// # Errors
    /// When the tenant has no such draft, its part has no proposal of a model, its conditions are no longer those of its reading, or the
    /// registry refuses.
    pub fn adopt_proposal(&self, act: &WriteContext<'_>, draft: i64, part: usize) -> Result<(), EngineError> {
        let (found, before) = self.open_reading(act.tenant, draft)?;
        let refused = |why: &str| {
            let (what, id) = ("草稿", draft.to_string());
            EngineError::from(RegistryError::InvalidState { what, id, why: why.to_owned() })
        };
        if found.draft.author != act.actor {
            return Err(refused("模型提出的条件只能由提出草稿的人采纳，另一人复核"));
        }
        let dictionary = self.dictionary_for(&found.draft.tenant)?;
        let mut after = before.clone();
        after.decisions.resize(after.parts.len(), PartDecision::Accept);
        let proposal = after.parts.get_mut(part).and_then(|part| part.machine.as_mut());
        let proposal = proposal.filter(|proposal| proposal.adopted_by.is_empty());
        let Some(proposal) = proposal else {
            return Err(refused("的这一处没有待采纳的模型建议"));
        };
        act.actor.clone_into(&mut proposal.adopted_by);
        let decision = PartDecision::Correct(proposal.canonical.clone());
        let note =
            format!("条件“{}”由模型提出（{}），经 {} 采纳", proposal.canonical, proposal.model, act.actor);
        let detail = json!({"part": part, "model": proposal.model, "quote": proposal.quote});
        if let Some(slot) = after.decisions.get_mut(part) {
            slot.clone_from(&decision);
        }
        let update = rewritten(&found, &before, &after, &dictionary);
        let mut update = update.ok_or_else(|| refused("的条件已由人改写，模型建议不能再采纳"))?;
        let mut body: Map<String, Json> = serde_json::from_str(&update.body).unwrap_or_default();
        if let Some(notes) = body.entry("notes").or_insert_with(|| json!([])).as_array_mut() {
            notes.push(note.into());
        }
        update.body = Json::Object(body).to_string();
        let part = after.parts.get(part).ok_or_else(|| refused("没有这一处"))?;
        let decided =
            part.decide(&decision, &dictionary).map_err(|_| refused("的模型建议按现在的指标字典读不懂"))?;
        let correction = part.correction(&decision, &decided, &after.region);
        let corrections: Vec<_> = correction.into_iter().collect();
        let write = self.registry.update_draft(act, &update, &corrections, "draft.adopt", &detail);
        Ok(self.runtime.block_on(write)?)
    }

    /// An open draft with its reading.
    fn open_reading(&self, tenant: &str, draft: i64) -> Result<(DraftReading, StoredReading), EngineError> {
        let id = draft.to_string();
        let found = self.draft_reading(tenant, draft)?;
        let found = found.ok_or_else(|| RegistryError::NotFound { what: "草稿", id: id.clone() })?;
        let invalid =
            |why: &str| RegistryError::InvalidState { what: "草稿", id: id.clone(), why: why.to_owned() };
        if found.draft.state != "open" {
            return Err(invalid("已有审核结论").into());
        }
        let reading = found.reading.clone().ok_or_else(|| invalid("不是从文件读出的"))?;
        Ok((found, reading))
    }
}

fn stored(reading: &StoredReading, draft: i64) -> Result<String, EngineError> {
    serde_json::to_string(reading).map_err(|error| EngineError::Unreadable {
        what: "草稿",
        id: draft.to_string(),
        why: error.to_string(),
    })
}
