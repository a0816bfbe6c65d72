//! Stored data of enterprises: facts with their sources, opt-outs, outcomes, and deletion.

use std::collections::BTreeMap;

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::id::{enterprise_id, escape_invisible};
use zhaoren_policy::item::Item;
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{
    DeletionCounts, EVENTS, FactRecord, Moment, OptOut, Outcome, PushRun, RegistryError, WriteContext,
};

use crate::Date;
use crate::access::{Principal, Right};
use crate::body::Body;
use crate::clock::end_of;
use crate::enterprise_id::EnterpriseId;
use crate::error::EngineError;
use crate::facts;
use crate::overview::ReceivedBenefits;
use crate::profiles::read_each;
use crate::records::Records;
use crate::saved;
use crate::source::has_errors;

/// Result of saving profiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedProfiles {
    /// The enterprises, each with its number of new or changed facts.
    pub saved: Vec<(String, usize)>,
    /// Errors of the other profiles, and warnings.
    pub problems: Vec<Problem>,
}

impl Records {
    /// Saves profiles (JSON or JSON Lines) as statements of `source`, valid on the days from `valid.0` to `valid.1`; an
    /// empty bound is open. A fact that a profile omits keeps the source's earlier value; `null` retracts it. Values are
    /// checked as for a match; an error refuses its enterprise.
    ///
    /// # Errors
    /// When the records cannot be written, or the period of validity is empty.
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
            return Err(EngineError::EmptyValidity { from, until });
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
        // The saved nodes are the checked ones: read once.
        let (problems, _) = read_each(&Body::decode(bytes), name, dictionary, false, &mut |profile, node| {
            if failed.is_some() {
                return;
            }
            let facts = facts::records(node, &template, dictionary);
            match self.block_on(self.registry.put_facts(act, &profile.id, &facts)) {
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

    /// Enterprises of a tenant with stored data, in order.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn enterprises(&self, tenant: &str) -> Result<Vec<String>, EngineError> {
        self.enterprises_after(tenant, "", usize::MAX)
    }

    /// One page of them: at most `limit` after an id.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn enterprises_after(
        &self,
        tenant: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, EngineError> {
        self.block_on(self.registry.enterprises(tenant, after, i64::try_from(limit).unwrap_or(i64::MAX)))
    }

    /// Enterprises of a tenant whose id or name contains `part`, after an id, at most `limit`: id and name.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn find_enterprises(
        &self,
        tenant: &str,
        part: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>, EngineError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.block_on(self.registry.find_enterprises(tenant, part, after, limit))
    }

    /// Trust of a tenant in its sources, by name; an absent source counts as 0.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn sources(&self, tenant: &str) -> Result<BTreeMap<String, i64>, EngineError> {
        self.block_on(self.registry.source_trust(tenant))
    }

    /// Sets the trust of a tenant in a source: the source with the greatest number wins.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn trust(&self, act: &WriteContext<'_>, source: &str, trust: i64) -> Result<(), EngineError> {
        self.block_on(self.registry.trust(act, source, trust))
    }

    /// Deletes the stored data of an enterprise: facts in all their revisions, receipts, unsent messages, and the bodies of
    /// sent ones. Ledger and audit hold no facts and stay. Returns the count of each.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was deleted then.
    pub fn forget(&self, act: &WriteContext<'_>, enterprise: &str) -> Result<DeletionCounts, EngineError> {
        let own = EnterpriseId::of(enterprise);
        saved::forget(&self.data, act.tenant, &own)?;
        let mut deleted = self.block_on(self.registry.forget(act, own.as_str()))?;
        // Records of earlier versions keep an id as typed.
        if own.as_str() != enterprise {
            let more = self.block_on(self.registry.forget(act, enterprise))?;
            deleted.facts += more.facts;
            deleted.receipts += more.receipts;
            deleted.messages += more.messages;
        }
        Ok(deleted)
    }

    /// Deletes history before `before`: superseded facts, receipts, and the parts of messages that are not needed to know
    /// that they were sent. Unless `really` is set, only counts.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was deleted then.
    pub fn apply_retention(
        &self,
        act: &WriteContext<'_>,
        before: Moment,
        really: bool,
    ) -> Result<DeletionCounts, EngineError> {
        self.block_on(self.registry.apply_retention(act, before, really))
    }

    /// Records an opt-out of an enterprise: from one item, or from all if `item` is empty.
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
        self.block_on(self.registry.opt_out(act, &checked_id(enterprise)?, item, why))
    }

    /// Lifts an opt-out of an enterprise.
    ///
    /// # Errors
    /// When the records cannot be written, or the enterprise had not opted out.
    pub fn opt_in(&self, act: &WriteContext<'_>, enterprise: &str, item: &str) -> Result<(), EngineError> {
        let own = EnterpriseId::of(enterprise);
        match self.block_on(self.registry.opt_in(act, own.as_str(), item)) {
            // An opt-out recorded by an earlier version keeps the id as typed.
            Err(EngineError::Registry(RegistryError::NotFound { .. })) if own.as_str() != enterprise => {
                self.block_on(self.registry.opt_in(act, enterprise, item))
            }
            done => done,
        }
    }

    /// Opt-outs recorded by a tenant, by one above it, or by the operator; in order of enterprise and item.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn opt_outs(&self, tenant: &str) -> Result<Vec<OptOut>, EngineError> {
        let lineage = self.block_on(self.registry.lineage(tenant))?;
        Ok(by_enterprise(self.block_on(self.registry.opt_outs(&lineage))?))
    }

    /// Opt-outs recorded by any tenant or by the operator; in order of enterprise and item.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn all_opt_outs(&self) -> Result<Vec<OptOut>, EngineError> {
        let tenants: Vec<String> = self.tenants()?.into_iter().map(|tenant| tenant.id).collect();
        Ok(by_enterprise(self.block_on(self.registry.opt_outs(&tenants))?))
    }

    /// Appends events to the ledger; a repeated event counts once. Returns the number of new ones.
    ///
    /// # Errors
    /// When the records cannot be written, or an event is not one of [`Records::events`].
    pub fn record_outcomes(
        &self,
        act: &WriteContext<'_>,
        outcomes: &[Outcome],
    ) -> Result<usize, EngineError> {
        let own = outcomes.iter().map(|one| {
            let enterprise = checked_id(&one.enterprise)?;
            Ok(Outcome { enterprise, ..one.clone() })
        });
        self.block_on(self.registry.record_outcomes(act, &own.collect::<Result<Vec<_>, EngineError>>()?))
    }

    /// The event types of the ledger, in order.
    pub fn events() -> &'static [&'static str] {
        &EVENTS
    }

    /// Outcomes of pushes to an enterprise of a tenant.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn outcomes_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Outcome>, EngineError> {
        self.block_on(self.registry.outcomes_of(tenant, EnterpriseId::of(enterprise).as_str()))
    }

    /// Payments by any tenant of those of `items` that are given once (一次性), by the end of `as_of`: enterprise, item, and the time
    /// of the last one.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub(crate) fn payments_given_once<'a>(
        &self,
        items: impl Iterator<Item = &'a Item>,
        as_of: Date,
    ) -> Result<Vec<(String, String, Moment)>, EngineError> {
        let items: Vec<String> =
            items.filter(|item| item.is_given_once()).map(|item| item.id.clone()).collect();
        let found = self.block_on(self.registry.payments_of(&items, end_of(as_of)))?;
        let own = |(enterprise, item, at): (String, String, i64)| {
            (EnterpriseId::of(&enterprise).into_text(), item, Moment(at))
        };
        Ok(found.into_iter().map(own).collect())
    }

    /// Benefits that an enterprise of the caller's tenant had received by the end of `as_of`; `None` if the caller may not
    /// see them.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn received_benefits(
        &self,
        who: &Principal,
        enterprise: &str,
        as_of: Date,
    ) -> Result<Option<ReceivedBenefits>, EngineError> {
        if !who.has_right(Right::ReadOutcomes) {
            return Ok(None);
        }
        ReceivedBenefits::from_outcomes(as_of, &self.outcomes_of(&who.tenant, enterprise)?).map(Some)
    }

    /// Records a nightly run; returns its number.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn record_push(&self, act: &WriteContext<'_>, run: &PushRun) -> Result<i64, EngineError> {
        self.block_on(self.registry.record_push(act, run))
    }
}

/// The id of an enterprise that is to be stored; an error if invalid.
fn checked_id(enterprise: &str) -> Result<String, EngineError> {
    enterprise_id(enterprise).map_err(|_| {
        let (what, value) = ("企业标识", escape_invisible(enterprise));
        RegistryError::InvalidValue {
            what,
            value,
            expected: "可见字符，不超过 200 字，不含控制、零宽与变向字符",
        }
        .into()
    })
}

/// Opt-outs in order of enterprise, including those of earlier versions, which keep an id as typed.
fn by_enterprise(mut all: Vec<OptOut>) -> Vec<OptOut> {
    for one in &mut all {
        one.enterprise = EnterpriseId::of(&one.enterprise).into_text();
    }
    all.sort_by(|a, b| (&a.enterprise, &a.item).cmp(&(&b.enterprise, &b.item)));
    all
}
