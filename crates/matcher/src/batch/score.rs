//! Scores of many matches: parts that are the same for every enterprise are computed once.

#![expect(clippy::indexing_slicing, reason = "places are those of the library of the scorer")]

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{EvaluationDay, Plan};
use crate::library::Library;
use crate::report::rank;
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

    /// Score of the item with library index `place` for an enterprise with this verdict; 0 if the item cannot be compiled, when
    /// there is no verdict either.
    pub fn score(&self, place: usize, verdict: Verdict, view: &View<'_>) -> f64 {
        let item = self.library.at(place);
        if verdict != Verdict::Eligible {
            return self.plan(place).map_or(0.0, |plan| rank(item, Some(plan), verdict, view));
        }
        self.constant_score(place).unwrap_or_else(|| rank(item, None, verdict, view))
    }

    /// Score of the item with index `place` for an eligible enterprise, if it does not depend on the enterprise's facts.
    pub fn constant_score(&self, place: usize) -> Option<f64> {
        *self.fixed[place].get_or_init(|| {
            let item = self.library.at(place);
            // Without a formula, the amount is the same for every enterprise.
            let nobody = Profile::default();
            let view = View::new(&nobody, self.library.dictionary(), self.moment.as_of);
            item.benefit.amount.formula.is_none().then(|| rank(item, None, Verdict::Eligible, &view))
        })
    }

    /// True if the score of the item with index `place` can have changed since the day `then` only through a condition, a fact or
    /// the verdict: its amount is no formula, and its window is equally urgent.
    pub fn is_unchanged_since(&self, place: usize, then: Date) -> bool {
        let item = self.library.at(place);
        let urgency = |day| urgency(&item.window.on(day));
        item.benefit.amount.formula.is_none() && urgency(then) == urgency(self.moment.as_of)
    }

    /// Criteria of the item with index `place`, compiled on first use; `None` if they cannot be compiled.
    pub fn plan(&self, place: usize) -> Option<&Plan> {
        let compile = || {
            let criteria = &self.library.at(place).criteria;
            Plan::compile(criteria, self.library.dictionary(), self.moment).ok()
        };
        self.plans[place].get_or_init(compile).as_ref()
    }

    /// Items to score.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}
