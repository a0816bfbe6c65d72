//! Scores of many matches: what is the same for every enterprise is computed once.

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

/// Gives the score that [`crate::Snapshot::match_profile`] gives, item by item.
#[derive(Debug)]
pub struct Scorer {
    library: Arc<Library>,
    moment: EvaluationDay,
    /// For each item, the score of whoever is eligible, where their facts do not come into it.
    fixed: Vec<OnceLock<Option<f64>>>,
    plans: Vec<OnceLock<Option<Plan>>>,
}

impl Scorer {
    /// For the items of `library` on one day.
    pub fn new(library: Arc<Library>, moment: EvaluationDay) -> Self {
        let fixed = library.ids().iter().map(|_| OnceLock::new()).collect();
        let plans = library.ids().iter().map(|_| OnceLock::new()).collect();
        Self { library, moment, fixed, plans }
    }

    /// The score of the item at `place` of the library for an enterprise with this verdict; 0 where the item cannot be
    /// compiled, which gives no verdict either.
    pub fn score(&self, place: usize, verdict: Verdict, view: &View<'_>) -> f64 {
        let item = self.library.at(place);
        if verdict != Verdict::Eligible {
            return self.plan(place).map_or(0.0, |plan| rank(item, Some(plan), verdict, view));
        }
        self.fixed(place).unwrap_or_else(|| rank(item, None, verdict, view))
    }

    /// The score of the item at `place` for whoever is eligible, where their facts do not come into it.
    pub fn fixed(&self, place: usize) -> Option<f64> {
        *self.fixed[place].get_or_init(|| {
            let item = self.library.at(place);
            // Without a formula the amount is what the item says, whoever asks.
            let nobody = Profile::default();
            let view = View::new(&nobody, self.library.dictionary(), self.moment.as_of);
            item.benefit.amount.formula.is_none().then(|| rank(item, None, Verdict::Eligible, &view))
        })
    }

    /// Whether the score of the item at `place` can only have changed since the day `then` where a condition, a fact or
    /// the verdict did: its amount is no formula, and its window is as urgent as it was.
    pub fn stands_since(&self, place: usize, then: Date) -> bool {
        let item = self.library.at(place);
        let urgency = |day| urgency(&item.window.on(day));
        item.benefit.amount.formula.is_none() && urgency(then) == urgency(self.moment.as_of)
    }

    /// The criteria of the item at `place`, compiled on first use; `None` where they cannot be.
    pub fn plan(&self, place: usize) -> Option<&Plan> {
        let compile = || {
            let criteria = &self.library.at(place).criteria;
            Plan::compile(criteria, self.library.dictionary(), self.moment).ok()
        };
        self.plans[place].get_or_init(compile).as_ref()
    }

    /// The items.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }
}
