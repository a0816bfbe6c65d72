//! Items that change only when a second person has seen the change: proposed, reviewed, published.

use serde_json::{Map, Value as Json};
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{Draft, Moment, WriteContext};

use crate::error::EngineError;
use crate::lock::WriteLock;
use crate::open::{Engine, records};
use crate::progress::Progress;
use crate::source::{ImportBatch, has_errors};

/// What became of a proposal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The numbers of the drafts that were written, in the order of the items.
    pub drafts: Vec<i64>,
    /// What is wrong with the others, and what is odd.
    pub problems: Vec<Problem>,
}

impl Engine {
    /// Proposes the items in `bytes`, which came under a name: `item.yaml`. They are checked like those of an import, and
    /// count once somebody else has let them through. An item that is wrong is named; the rest is proposed. Documents are
    /// not proposed: they are facts, and are imported. `reason` tells whoever decides why; it may be empty.
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
        let mut given = ImportBatch::default();
        given.read(name, bytes, self.rules().dictionary());
        given.documents.clear();
        given.refuse_repeats();
        self.verify(&mut given, act.tenant)?;
        self.refuse_taken(&mut given, act.tenant)?;
        let (_, items) = records(&given, act.tenant);
        let drafts = self.runtime.on(self.registry.propose(act, &items, reason))?;
        Ok(Proposal { drafts, problems: given.problems })
    }

    /// An item as it stands in the registry, with other conditions in canonical Chinese: what [`Engine::propose`] takes.
    /// `None` where there is no such item for this tenant.
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
        let lineage = self.runtime.on(self.registry.lineage(tenant))?;
        let Some(record) = self.runtime.on(self.registry.item(item, Moment::NOW, &lineage))? else {
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

    /// Decides on a draft; one that is let through is published. It is checked again before: its document may have changed
    /// since it was proposed. Where it no longer holds, nothing is decided and the problems say why.
    ///
    /// # Errors
    /// When the registry or the index cannot be written, or the registry refuses: the author decides on their own draft, it is
    /// decided already, the item has changed since.
    pub fn decide(
        &self,
        act: &WriteContext<'_>,
        draft: i64,
        approve: bool,
        note: &str,
        progress: &dyn Progress,
    ) -> Result<(Option<Draft>, Vec<Problem>), EngineError> {
        if !approve {
            let decided = self.runtime.on(self.registry.decide(act, draft, false, note))?;
            return Ok((Some(decided), Vec::new()));
        }
        let rules = self.rules();
        let mut given = ImportBatch::default();
        let open = self.runtime.on(self.registry.drafts(act.tenant, "open"))?;
        if let Some(proposed) = open.iter().find(|one| one.id == draft) {
            let name = format!("draft-{draft}.json");
            given.read(&name, proposed.body.as_bytes(), rules.dictionary());
            self.verify(&mut given, &proposed.tenant)?;
        }
        if has_errors(&given.problems) {
            return Ok((None, given.problems));
        }
        let _lock = WriteLock::take(&self.data, "review", progress)?;
        let decided = self.runtime.on(self.registry.decide(act, draft, true, note))?;
        let mut problems = std::mem::take(&mut given.problems);
        if decided.tenant.is_empty() {
            problems.extend(self.publish(&rules, &given, progress)?);
        } else {
            self.take_up_additions()?;
        }
        Ok((Some(decided), problems))
    }

    /// Drafts in a state (open, approved, rejected; all where it is empty), the oldest first: a tenant's, or everybody's for
    /// the empty tenant.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn drafts(&self, tenant: &str, state: &str) -> Result<Vec<Draft>, EngineError> {
        Ok(self.runtime.on(self.registry.drafts(tenant, state))?)
    }
}
