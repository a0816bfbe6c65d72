//! What is kept of enterprises: facts with their sources, refusals, outcomes, and their end.

use std::collections::BTreeMap;

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::id::{enterprise_id, visible};
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{
    DeletionCounts, EVENTS, FactRecord, Moment, OptOut, Outcome, PushRun, RegistryError, WriteContext,
};

use crate::Date;
use crate::access::{Principal, Right};
use crate::error::EngineError;
use crate::facts;
use crate::overview::ReceivedBenefits;
use crate::profiles::read_each;
use crate::records::Records;
use crate::saved;
use crate::source::has_errors;

/// What became of saving profiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedProfiles {
    /// The enterprises, each with how many facts are new or changed.
    pub saved: Vec<(String, usize)>,
    /// What is wrong with the others, and what is odd.
    pub problems: Vec<Problem>,
}

impl Records {
    /// Saves profiles (JSON or JSON Lines) as what `source` says, valid on the days from `valid.0` to `valid.1`, an empty end
    /// being open. What a profile leaves out stays as the source said it before; `null` takes it back. Values are checked as
    /// for a match; an error refuses its enterprise.
    ///
    /// # Errors
    /// When the records cannot be written, or there is no day on which it would hold.
    pub fn save_profiles(
        &self,
        act: &WriteContext<'_>,
        bytes: &[u8],
        name: &str,
        source: &str,
        valid: (Option<Date>, Option<Date>),
        dictionary: &FactDictionary,
    ) -> Result<SavedProfiles, EngineError> {
        if let (Some(from), Some(until)) = valid
            && until < from
        {
            return Err(EngineError::NeverValid { from, until });
        }
        let mut saved = SavedProfiles::default();
        let mut failed = None;
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let template = FactRecord {
            section: String::new(),
            key: String::new(),
            year: 0,
            source: source.to_owned(),
            value: String::new(),
            valid_from: day(valid.0),
            valid_until: day(valid.1),
            recorded_at: 0,
        };
        // What is saved is what was checked: the same nodes, read once.
        let (problems, _) = read_each(bytes, name, dictionary, false, &mut |profile, node| {
            if failed.is_some() {
                return;
            }
            let facts = facts::records(node, &template, dictionary);
            match self.on(self.registry.put_facts(act, &profile.id, &facts)) {
                Ok(changed) => saved.saved.push((profile.id, changed)),
                Err(error) => failed = Some(error),
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        saved.problems = problems;
        if saved.saved.is_empty() && !has_errors(&saved.problems) {
            let fault = zhaoren_policy::problem::Fault::Other("the file holds no profile".to_owned());
            let mut report = zhaoren_policy::problem::Report::new(name);
            report.error(0, "", fault);
            saved.problems.extend(report.problems);
        }
        Ok(saved)
    }

    /// The enterprises of a tenant of which anything is stored, in order.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn enterprises(&self, tenant: &str) -> Result<Vec<String>, EngineError> {
        self.enterprises_after(tenant, "", usize::MAX)
    }

    /// The same, page by page: at most `limit` of those that come after an id.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn enterprises_after(
        &self,
        tenant: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, EngineError> {
        self.on(self.registry.enterprises(tenant, after, i64::try_from(limit).unwrap_or(i64::MAX)))
    }

    /// How far a tenant trusts its sources, by name; one that is not there counts as 0.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn sources(&self, tenant: &str) -> Result<BTreeMap<String, i64>, EngineError> {
        self.on(self.registry.trusted(tenant))
    }

    /// Says how far a tenant trusts a source: the greatest number wins.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn trust(&self, act: &WriteContext<'_>, source: &str, trust: i64) -> Result<(), EngineError> {
        self.on(self.registry.trust(act, source, trust))
    }

    /// Deletes what is stored of an enterprise: facts in all their revisions, receipts, messages that were not told, and the
    /// bodies of those that were. Ledger and audit hold no facts and stay. Gives how many of each there were.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was deleted then.
    pub fn forget(&self, act: &WriteContext<'_>, enterprise: &str) -> Result<DeletionCounts, EngineError> {
        let own = own_id(enterprise);
        saved::forget(&self.data, act.tenant, &own)?;
        let mut deleted = self.on(self.registry.forget(act, &own))?;
        // Records of earlier versions keep an id as it was typed.
        if own != enterprise {
            saved::forget(&self.data, act.tenant, enterprise)?;
            let more = self.on(self.registry.forget(act, enterprise))?;
            deleted.facts += more.facts;
            deleted.receipts += more.receipts;
            deleted.messages += more.messages;
        }
        Ok(deleted)
    }

    /// Deletes what is only kept for looking back further than `before`: facts superseded and receipts issued before it, and of
    /// messages made or told before it what is not needed to know that they were told. Where `really` is not set, only counts.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was deleted then.
    pub fn retain(
        &self,
        act: &WriteContext<'_>,
        before: Moment,
        really: bool,
    ) -> Result<DeletionCounts, EngineError> {
        self.on(self.registry.retain(act, before, really))
    }

    /// Notes that an enterprise does not want to be written to: of one item, or of anything where `item` is empty.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn opt_out(
        &self,
        act: &WriteContext<'_>,
        enterprise: &str,
        item: &str,
        why: &str,
    ) -> Result<(), EngineError> {
        self.on(self.registry.opt_out(act, &checked_id(enterprise)?, item, why))
    }

    /// Notes that an enterprise wants to be written to again.
    ///
    /// # Errors
    /// When the records cannot be written, or it had not opted out.
    pub fn opt_in(&self, act: &WriteContext<'_>, enterprise: &str, item: &str) -> Result<(), EngineError> {
        let own = own_id(enterprise);
        match self.on(self.registry.opt_in(act, &own, item)) {
            // A refusal noted by an earlier version keeps the id as it was typed.
            Err(EngineError::Registry(RegistryError::Absent { .. })) if own != enterprise => {
                self.on(self.registry.opt_in(act, enterprise, item))
            }
            done => done,
        }
    }

    /// Who does not want to be written to, as told to a tenant, to one above it, or to all; in order of enterprise and item.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn opt_outs(&self, tenant: &str) -> Result<Vec<OptOut>, EngineError> {
        let lineage = self.on(self.registry.lineage(tenant))?;
        Ok(by_own_id(self.on(self.registry.opt_outs(&lineage))?))
    }

    /// Who does not want to be written to, as told to anybody; in order of enterprise and item.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn all_opt_outs(&self) -> Result<Vec<OptOut>, EngineError> {
        let tenants: Vec<String> = self.tenants()?.into_iter().map(|tenant| tenant.id).collect();
        Ok(by_own_id(self.on(self.registry.opt_outs(&tenants))?))
    }

    /// Writes events of the ledger down; told twice they count once. Gives how many were new.
    ///
    /// # Errors
    /// When the records cannot be written, or an event is none of [`Records::events`].
    pub fn record_outcomes(
        &self,
        act: &WriteContext<'_>,
        outcomes: &[Outcome],
    ) -> Result<usize, EngineError> {
        let own = outcomes.iter().map(|one| {
            let enterprise = checked_id(&one.enterprise)?;
            Ok(Outcome { enterprise, ..one.clone() })
        });
        self.on(self.registry.record_outcomes(act, &own.collect::<Result<Vec<_>, EngineError>>()?))
    }

    /// The events that the ledger knows, in their order.
    pub fn events() -> &'static [&'static str] {
        &EVENTS
    }

    /// What became of pushes to an enterprise of a tenant.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn outcomes_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Outcome>, EngineError> {
        self.on(self.registry.outcomes_of(tenant, &own_id(enterprise)))
    }

    /// What an enterprise of whoever asks has had by the end of `as_of`; `None` where they may not see that.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn had(
        &self,
        who: &Principal,
        enterprise: &str,
        as_of: Date,
    ) -> Result<Option<ReceivedBenefits>, EngineError> {
        if !who.may(Right::ReadOutcomes) {
            return Ok(None);
        }
        ReceivedBenefits::by(as_of, &self.outcomes_of(&who.tenant, enterprise)?).map(Some)
    }

    /// Writes a nightly run down; gives its number.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn record_push(&self, act: &WriteContext<'_>, run: &PushRun) -> Result<i64, EngineError> {
        self.on(self.registry.record_push(act, run))
    }
}

/// The id by which the records know an enterprise: a 统一社会信用代码 is one, however it is written. A text that can be no id
/// stays as it is, as nothing is kept under it.
pub(crate) fn own_id(enterprise: &str) -> String {
    enterprise_id(enterprise).unwrap_or_else(|_| enterprise.to_owned())
}

/// The same for what is to be kept.
fn checked_id(enterprise: &str) -> Result<String, EngineError> {
    enterprise_id(enterprise).map_err(|_| {
        let (what, value) = ("企业标识", visible(enterprise));
        RegistryError::Unfit {
            what, value, expected: "可见字符，不超过 200 字，不含控制、零宽与变向字符"
        }
        .into()
    })
}

/// Refusals in order of enterprise, those of earlier versions too, which keep an id as it was typed.
fn by_own_id(mut all: Vec<OptOut>) -> Vec<OptOut> {
    for one in &mut all {
        one.enterprise = own_id(&one.enterprise);
    }
    all.sort_by(|a, b| (&a.enterprise, &a.item).cmp(&(&b.enterprise, &b.item)));
    all
}
