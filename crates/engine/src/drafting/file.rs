//! Drafts of a whole file in one call: for the command line and the HTTP API, with decisions as JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use zhaoren_policy::code::Code;
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_registry::WriteContext;

use super::decide::{ItemDecisions, PartDecision};
use super::sheet::{ReviewSheet, SheetItem};
use super::{propose::DraftReading, sheet};
use crate::drafts::Proposal;
use crate::error::EngineError;
use crate::open::Engine;

/// Decisions on the items of a file, by the id of the draft item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileDecisions(BTreeMap<String, GivenDecisions>);

/// Decisions on one item as they are given in JSON.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenDecisions {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    skip: bool,
    #[serde(default)]
    parts: Vec<GivenPart>,
}

/// Decision on one part as it is given in JSON.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPart {
    /// Index of the part.
    part: usize,
    /// accept, correct, reject or judge.
    #[serde(rename = "do")]
    decision: String,
    /// Canonical Chinese of a correction.
    #[serde(default)]
    criteria: String,
}

impl FileDecisions {
    /// Reads decisions: `{"ITEM": {"id", "title", "skip", "parts": [{"part": 0, "do": "correct", "criteria": "…"}]}}`.
    ///
    /// # Errors
    /// The text has another form.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        serde_json::from_str(text).map(Self).map_err(|error| {
            let mut report = Report::new(name);
            let line = u32::try_from(error.line()).unwrap_or(0);
            report.error(line, "", Fault::Other(format!("审核结论读不懂：{error}")));
            report.problems
        })
    }

    /// Decisions on an item; `None` if it is to be left out.
    ///
    /// # Errors
    /// A decision names no part of the item, or has an unknown name.
    fn of(&self, item: &SheetItem, name: &str) -> Result<Option<ItemDecisions>, Vec<Problem>> {
        let Some(given) = self.0.get(&item.id) else { return Ok(Some(ItemDecisions::default())) };
        if given.skip {
            return Ok(None);
        }
        let mut report = Report::new(name);
        let mut parts = vec![PartDecision::Accept; item.parts.len()];
        for one in &given.parts {
            let path = format!("parts[{}]", one.part);
            match (parts.get_mut(one.part), PartDecision::parse(&one.decision, &one.criteria)) {
                (None, _) => {
                    let fault = Fault::Other(format!("事项 `{}` 只有 {} 处条件", item.id, item.parts.len()));
                    report.error(0, &path, fault);
                }
                (_, None) => {
                    let expected = "accept、correct、reject、judge 之一".to_owned();
                    report.error(0, &path, Fault::Expected { got: format!("`{}`", one.decision), expected });
                }
                (Some(slot), Some(decision)) => *slot = decision,
            }
        }
        if report.problems.is_empty() {
            Ok(Some(ItemDecisions { parts, id: given.id.clone(), title: given.title.clone(), body: None }))
        } else {
            Err(report.problems)
        }
    }
}

impl Engine {
    /// The sheet of a file, read with the dictionary of a tenant. `region` replaces the region that the document states.
    ///
    /// # Errors
    /// When there is no such tenant. The inner error has the problems of the file.
    pub fn read_file_sheet(
        &self,
        name: &str,
        bytes: &[u8],
        region: Option<&Code>,
        tenant: &str,
    ) -> Result<Result<ReviewSheet, Vec<Problem>>, EngineError> {
        let rules = self.rules_for(tenant)?;
        Ok(sheet::read_sheet(name, bytes, region, rules.dictionary()))
    }

    /// Proposes the items of a sheet as decided; an item without decisions is proposed as it was read. An item with an error is
    /// reported, and the others are proposed.
    ///
    /// # Errors
    /// When the registry cannot be written.
    pub fn propose_sheet(
        &self,
        act: &WriteContext<'_>,
        sheet: &ReviewSheet,
        decisions: &FileDecisions,
        reason: &str,
    ) -> Result<Proposal, EngineError> {
        let rules = self.rules_for(act.tenant)?;
        let mut whole = Proposal::default();
        let unknown = decisions.0.keys().filter(|id| sheet.item(id).is_none());
        for id in unknown {
            let mut report = Report::new(&sheet.document);
            report.error(0, "", Fault::Other(format!("这份文件没有读出事项 `{id}`")));
            whole.problems.append(&mut report.problems);
        }
        for item in &sheet.items {
            zhaoren_cancel::poll();
            let own = match decisions.of(item, &item.id) {
                Ok(None) => continue,
                Ok(Some(own)) => own,
                Err(mut problems) => {
                    whole.problems.append(&mut problems);
                    continue;
                }
            };
            match item.decide(&own, &sheet.region, rules.dictionary()) {
                Err(faults) => whole.problems.extend(faults.into_iter().map(|fault| Problem {
                    file: item.id.clone(),
                    path: format!("parts[{}]", fault.part),
                    ..fault.problem
                })),
                Ok(decided) => {
                    let proposal = self.propose_reading(act, sheet, item, &own, decided, reason)?;
                    whole.drafts.extend(proposal.drafts);
                    whole.problems.extend(proposal.problems);
                }
            }
        }
        Ok(whole)
    }
}

impl DraftReading {
    /// The draft with its item, its parts, the decisions on them and its figures, as JSON.
    pub fn to_json(&self) -> Json {
        let mut draft = serde_json::to_value(&self.draft).unwrap_or_default();
        if let Some(map) = draft.as_object_mut() {
            map.insert("body".to_owned(), serde_json::from_str(&self.draft.body).unwrap_or_default());
            map.insert("reading".to_owned(), json!(self.reading));
        }
        draft
    }
}
