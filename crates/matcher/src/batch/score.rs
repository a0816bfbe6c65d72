//! Scores of many matches: parts that are the same for every enterprise are computed once.

#![expect(clippy::indexing_slicing, reason = "places are those of the library of the scorer")]

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::clause::count_awaiting_judgement;
use crate::compiled::{EvaluationDay, Plan};
use crate::library::Library;
use crate::missing::missing;
use crate::report::match_score;
use crate::score::urgency;

/// Computes the scores of [`crate::Snapshot::match_profile`], item by item.
#[derive(Debug)]
pub struct Scorer {
    library: Arc<Library>,
    moment: EvaluationDay,
    /// Score of each item for an eligible enterprise, if it does not depend on the enterprise's facts.
    fixed: Vec<OnceLock<Option<f64>>>,
    plans: Vec<OnceLock<Option<Plan>>>,
}

impl Scorer {
    /// Scorer for the items of `library` on one day.
    pub fn new(library: Arc<Library>, moment: EvaluationDay) -> Self {
        let fixed = library.ids().iter().map(|_| OnceLock::new()).collect();
        let plans = library.ids().iter().map(|_| OnceLock::new()).collect();
        Self { library, moment, fixed, plans }
    }

    /// Day of the scores.
    pub fn as_of(&self) -> Date {
        self.moment.as_of
    }

    /// Score of the item with this library index for an enterprise with this verdict; 0 if the item cannot be compiled, when
    /// there is no verdict either.
    pub fn score(&self, index: usize, verdict: Verdict, view: &View<'_>) -> f64 {
        let item = self.library.at(index);
        if verdict != Verdict::Eligible {
            return self.plan(index).map_or(0.0, |plan| match_score(item, Some(plan), verdict, view));
        }
        self.constant_score(index).unwrap_or_else(|| match_score(item, None, verdict, view))
    }

    /// Score of the item with this index for an eligible enterprise, if it does not depend on the enterprise's facts.
    pub fn constant_score(&self, index: usize) -> Option<f64> {
        *self.fixed[index].get_or_init(|| {
            let item = self.library.at(index);
            // Without a formula, the amount is the same for every enterprise.
            let empty = Profile::default();
            let view = View::new(&empty, self.library.dictionary(), self.moment.as_of);
            item.benefit.amount.formula.is_none().then(|| match_score(item, None, Verdict::Eligible, &view))
        })
    }

    /// True if the passing of time alone leaves the score of the item with this index unchanged since `then`: its amount has no
    /// formula, and its window is as urgent on both days.
    pub fn is_unchanged_since(&self, index: usize, then: Date) -> bool {
        let item = self.library.at(index);
        let urgency = |day| urgency(&item.window.on(day));
        item.benefit.amount.formula.is_none() && urgency(then) == urgency(self.moment.as_of)
    }

    /// Criteria of the item with this index, compiled on first use; `None` if they cannot be compiled.
    pub fn plan(&self, index: usize) -> Option<&Plan> {
        let compile = || {
            let criteria = &self.library.at(index).criteria;
            Plan::compile(criteria, self.library.dictionary(), self.moment).ok()
        };
        self.plans[index].get_or_init(compile).as_ref()
    }

    /// Keys of the facts that can still change the verdict on the item with this index, the one that settles most first, and the
    /// number of conditions that wait only for a judgement: those of a match. Facts that are withheld are left out.
    pub fn gaps(&self, index: usize, view: &View<'_>) -> (Vec<String>, usize) {
        let Some(plan) = self.plan(index) else { return (Vec::new(), 0) };
        let mut residual = plan.residual(&plan.encode(view));
        let facts = missing(plan, &mut residual, view).asked.into_iter().map(|fact| fact.key).collect();
        let criteria = &self.library.at(index).criteria;
        (facts, count_awaiting_judgement(criteria, plan, &mut residual, view))
    }

    /// Evaluation date.
    pub fn day(&self) -> Date {
        self.moment.as_of
    }

    /// Items to score.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}
