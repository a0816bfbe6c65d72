//! Rule snapshots (规则快照): the items of a catalogue compiled for one day, immutable and shared by all matching threads.

#![expect(
    clippy::indexing_slicing,
    reason = "places are those of the library that the snapshot was compiled of"
)]

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use zhaoren_cancel::poll;
use zhaoren_policy::calendar::last_fiscal_year;
use zhaoren_policy::item::amount::Valuation;
use zhaoren_policy::item::{Holding, HoldingState, Item, Standing, grant_index};
use zhaoren_policy::number::Number;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::amount_questions::{AmountAsks, AmountQuestion};
use crate::bundle::{BundleReport, Candidate, MAX_NODES, StackingRules, best_bundle};
use crate::compiled::{BuildSteps, CompiledItems, EvaluationDay, OverBudget, Plan, Verdicts};
use crate::glance::ItemSummary;
use crate::library::Library;
use crate::missing::Weights;
use crate::questions::{QuestionPlan, TOP, UndeterminedItem, office_facts, questions, undetermined_item};
use crate::rarities::combined;
use crate::report::{GrantIndex, ItemWithoutVerdict, Match, MatchReport, Selection, explain, match_score};
use crate::worth::{max_amount, valuation};

/// Maximum number of questions about amounts in one answer.
const MAX_AMOUNT_QUESTIONS: usize = 20;

/// Compiled items.
#[derive(Debug)]
pub struct Snapshot {
    moment: EvaluationDay,
    library: Arc<Library>,
    /// Bitmap of the items that are in force on the day.
    in_force: Vec<u64>,
    /// Plan of each item, compiled on first use.
    plans: Vec<OnceLock<Result<Plan, OverBudget>>>,
    catalogue: CompiledItems,
    /// Items without a verdict, by index, with the reason.
    not_compiled: Vec<(usize, OverBudget)>,
    /// Ids of the items that grant each title.
    grant_index: GrantIndex,
}

/// Item in a profile's ranking, by its index in the snapshot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RankedItem {
    pub(crate) index: usize,
    pub(crate) verdict: Verdict,
    pub(crate) score: f64,
}

impl Snapshot {
    /// Compiles the items of `library` for `as_of`. Items that cannot be compiled are named by [`Snapshot::not_compiled`] and have no
    /// verdict.
    pub fn compile(library: Arc<Library>, as_of: Date) -> Self {
        Self::compile_within(library, as_of, &mut BuildSteps::per_item())
    }

    /// Like [`Snapshot::compile`], with the steps of all items taken from `budget`, in the order of their ids. Items beyond it
    /// have no verdict, like those that are too entangled by themselves.
    pub fn compile_within(library: Arc<Library>, as_of: Date, budget: &mut BuildSteps) -> Self {
        let moment = EvaluationDay { as_of, last_year: last_fiscal_year(as_of) };
        let criteria = library.iter().map(|item| &item.criteria);
        let (catalogue, refused) =
            CompiledItems::compile_within(criteria, library.dictionary(), moment, budget);
        let mut in_force = vec![0_u64; library.len().div_ceil(64)];
        for index in 0..library.len() {
            poll();
            in_force[index / 64] |= u64::from(library.in_force_on(index, as_of)) << (index % 64);
        }
        let refused = refused.into_iter().map(|one| (one.item, one.cause)).collect();
        let grants = grant_index(library.iter());
        Self::from_parts(moment, library, catalogue, in_force, refused, grants)
    }

    pub(crate) fn from_parts(
        moment: EvaluationDay,
        library: Arc<Library>,
        catalogue: CompiledItems,
        in_force: Vec<u64>,
        refused: Vec<(usize, OverBudget)>,
        grant_index: GrantIndex,
    ) -> Self {
        let plans = library.ids().iter().map(|_| OnceLock::new()).collect();
        Self { moment, library, in_force, plans, catalogue, not_compiled: refused, grant_index }
    }

    /// Day the snapshot was compiled for (判定日).
    pub fn as_of(&self) -> Date {
        self.moment.as_of
    }

    pub(crate) fn evaluation_day(&self) -> EvaluationDay {
        self.moment
    }

    /// Library of its items.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    pub(crate) fn in_force_bitmap(&self) -> &[u64] {
        &self.in_force
    }

    pub(crate) fn grant_index(&self) -> &GrantIndex {
        &self.grant_index
    }

    pub(crate) fn not_compiled_indices(&self) -> &[(usize, OverBudget)] {
        &self.not_compiled
    }

    /// True if the item with this index is in force on the snapshot's day.
    pub fn is_in_force(&self, index: usize) -> bool {
        self.in_force[index / 64] >> (index % 64) & 1 == 1
    }

    /// Standing of the item with this index on the snapshot's day. Successors are looked for only if one has retired it.
    fn standing(&self, index: usize) -> Standing {
        let (item, day) = (self.library.at(index), self.moment.as_of);
        let retired = item.in_force_on(day) && !self.is_in_force(index);
        let succession = retired.then(|| self.library.succession());
        item.standing_on(day, succession.and_then(|of| of.successor_on(&item.id, day)))
    }

    /// Items that cannot be compiled, with the reason.
    pub fn not_compiled(&self) -> impl Iterator<Item = (&Item, OverBudget)> {
        self.not_compiled.iter().map(|(index, cause)| (self.library.at(*index), *cause))
    }

    /// All criteria compiled together.
    pub fn catalogue(&self) -> &CompiledItems {
        &self.catalogue
    }

    /// View of `profile` on the snapshot's day.
    pub fn view<'a>(&'a self, profile: &'a Profile) -> View<'a> {
        View::new(profile, self.library.dictionary(), self.moment.as_of)
    }

    /// Plan of one item, compiled on first use; `None` for an item without a verdict.
    pub(crate) fn plan(&self, index: usize) -> Option<&Plan> {
        self.compiled(index).ok()
    }

    /// Like [`Snapshot::plan`], with the exceeded budget as its error. An item can have a verdict from the sieve although its
    /// diagram exceeds the budget; that verdict has no explanation.
    fn compiled(&self, index: usize) -> Result<&Plan, OverBudget> {
        poll();
        if let Ok(at) = self.not_compiled.binary_search_by_key(&index, |(index, _)| *index) {
            return Err(self.not_compiled[at].1);
        }
        let compile =
            || Plan::compile(&self.library.at(index).criteria, self.library.dictionary(), self.moment);
        self.plans[index].get_or_init(compile).as_ref().map_err(|cause| *cause)
    }

    /// Matches `profile` against all items. Items without a verdict are returned in the second part and are not in the report.
    pub fn match_profile(
        &self,
        profile: &Profile,
        selection: Selection,
    ) -> (MatchReport, Vec<ItemWithoutVerdict>) {
        let view = self.view(profile);
        let mut verdicts = Verdicts::default();
        self.catalogue.verdicts(&self.catalogue.encode(&view), &mut verdicts);
        let mut ranked = self.scored_items(&view, &verdicts, selection);
        ranked
            .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| self.id(a.index).cmp(self.id(b.index))));
        ranked.truncate(selection.limit);
        let weights = Weights::of(ranked.iter().filter_map(|one| self.open_facts(*one, &view)));
        let (mut matches, mut unexplained) = (Vec::with_capacity(ranked.len()), Vec::new());
        for one in &ranked {
            match self.compiled(one.index) {
                Ok(plan) => {
                    let item = self.library.at(one.index);
                    let standing = self.standing(one.index);
                    matches.push(explain(item, plan, &view, standing, &weights, &self.grant_index));
                }
                Err(cause) => unexplained.push((one.index, cause)),
            }
        }
        let counted = |(index, _): &&(usize, OverBudget)| selection.all || self.is_in_force(*index);
        let undecided = self.not_compiled.iter().filter(counted).chain(&unexplained);
        let undecided = undecided.map(|(index, cause)| ItemWithoutVerdict {
            enterprise: profile.id.clone(),
            item: self.id(*index).to_owned(),
            cause: *cause,
        });
        let report = MatchReport {
            id: profile.id.clone(),
            name: profile.name.clone(),
            as_of: view.as_of,
            matches,
            bundle: selection.bundle.then(|| self.bundle(&view, &verdicts)),
        };
        (report, undecided.collect())
    }

    /// Verdict on every item, by library index, in force or not; `None` if it could not be compiled.
    pub fn verdicts(&self, view: &View<'_>) -> Vec<Option<Verdict>> {
        let mut verdicts = Verdicts::default();
        self.catalogue.verdicts(&self.catalogue.encode(view), &mut verdicts);
        let mut verdict_of = vec![Some(Verdict::Ineligible); self.library.len()];
        let mut put = |index: usize, verdict| verdict_of[index] = verdict;
        verdicts.eligible().for_each(|index| put(index, Some(Verdict::Eligible)));
        verdicts.undetermined().for_each(|index| put(index, Some(Verdict::Undetermined)));
        self.not_compiled.iter().for_each(|(index, _)| put(*index, None));
        verdict_of
    }

    /// Verdict on the item with this index, in force or not; `None` if it could not be compiled. One item costs less than all of
    /// [`Snapshot::verdicts`].
    pub fn verdict(&self, index: usize, view: &View<'_>) -> Option<Verdict> {
        Some(self.plan(index)?.decide(view))
    }

    /// Matches the facts known to `view` against the items with the indices `places`, in that order, in force or not. Items that
    /// could not be compiled are left out.
    pub fn explain(&self, places: &[usize], view: &View<'_>) -> Vec<Match> {
        let standing = |index: &usize| {
            let plan = self.plan(*index)?;
            let mut residual = plan.residual(&plan.encode(view));
            let verdict = residual.verdict(plan.roots().root);
            Some(RankedItem { index: *index, verdict, score: 0.0 })
        };
        let standings: Vec<RankedItem> = places.iter().filter_map(standing).collect();
        let weights = Weights::of(standings.iter().filter_map(|one| self.open_facts(*one, view)));
        let explained = standings.iter().filter_map(|one| {
            let plan = self.plan(one.index)?;
            let (item, standing) = (self.library.at(one.index), self.standing(one.index));
            Some(explain(item, plan, view, standing, &weights, &self.grant_index))
        });
        explained.collect()
    }

    /// Amount of the item with this index for an enterprise.
    pub fn worth(&self, index: usize, view: &View<'_>) -> Option<Valuation> {
        Some(valuation(self.library.get(index)?, view))
    }

    /// Overview figures of the item with this index, for a known verdict; `None` for an item without one.
    pub fn summary(&self, index: usize, verdict: Verdict, view: &View<'_>) -> Option<ItemSummary> {
        Some(ItemSummary::of(self.library.at(index), self.plan(index)?, verdict, view))
    }

    /// Best obtainable bundle of the items in force.
    fn bundle(&self, view: &View<'_>, verdicts: &Verdicts) -> BundleReport {
        let mut asks = AmountAsks::default();
        let (mut items, mut candidates): (Vec<&Item>, Vec<Candidate>) = (Vec::new(), Vec::new());
        let eligible = verdicts.eligible().map(|index| (index, Verdict::Eligible));
        let undetermined = verdicts.undetermined().map(|index| (index, Verdict::Undetermined));
        for (index, verdict) in eligible.chain(undetermined) {
            poll();
            // An item that is not in force is in no bundle.
            if self.is_in_force(index) {
                let item = self.library.at(index);
                // A title that is held is not obtained again before its renewal. Supports given once have a rule of stacking.
                let held = |held: &Holding| held.is_blocking() && held.state != HoldingState::Received;
                if item.held(view).as_ref().is_some_and(held) {
                    continue;
                }
                let valuation = valuation(item, view);
                asks.add(item, &valuation);
                candidates.push(Candidate::new(item, view, verdict, &valuation));
                items.push(item);
            }
        }
        let mut report = best_bundle(&candidates, &StackingRules::of(items), MAX_NODES);
        let members: BTreeSet<String> = report.best.members.iter().map(|one| one.item.clone()).collect();
        report.amounts = asks.questions(view, MAX_AMOUNT_QUESTIONS, |id| members.contains(id));
        report.text = report.headline();
        report
    }

    /// Facts to ask for about `profile` so that as few answers as possible settle as much as possible, over the items in force.
    pub fn questions(&self, profile: &Profile, limit: usize) -> QuestionPlan {
        let view = self.view(profile);
        let mut verdicts = Verdicts::default();
        self.catalogue.verdicts(&self.catalogue.encode(&view), &mut verdicts);
        let mut places: Vec<usize> =
            verdicts.undetermined().filter(|index| self.is_in_force(*index)).collect();
        places.sort_unstable();
        let mut waiting: Vec<UndeterminedItem<'_>> = places
            .iter()
            .filter_map(|index| {
                let (item, plan) = (self.library.at(*index), self.plan(*index)?);
                Some(undetermined_item(item, plan, &mut plan.residual(&plan.encode(&view)), &view))
            })
            .collect();
        // The first items of a match list are the eligible ones.
        let eligible = verdicts.eligible().filter(|index| self.is_in_force(*index)).count();
        self.mark_top(&mut waiting, TOP.saturating_sub(eligible), &view);
        let for_facts: Vec<&UndeterminedItem<'_>> =
            waiting.iter().filter(|one| !one.missing.is_empty()).collect();
        // The combined question has all rarities, however many single questions are asked for.
        let mut asked = questions(&waiting, &view, usize::MAX);
        let combined = combined(&asked, view.dictionary);
        asked.truncate(limit);
        let mut amounts = self.amount_questions(&view, &verdicts);
        // A fact is asked for once, where its answer settles a verdict.
        amounts.retain(|one| !asked.iter().any(|question| question.fact == one.fact));
        QuestionPlan {
            id: profile.id.clone(),
            name: profile.name.clone(),
            as_of: view.as_of,
            undetermined: waiting.len(),
            waiting: for_facts.len(),
            amount: for_facts.iter().fold(Number::zero(), |sum, one| sum.plus(&one.max_amount)),
            questions: asked,
            offices: office_facts(&waiting, &view),
            amounts,
            combined,
        }
    }

    /// Marks the first `count` items among those that wait for facts: what the enterprise has already comes last.
    fn mark_top(&self, waiting: &mut [UndeterminedItem<'_>], count: usize, view: &View<'_>) {
        let mut ranked: Vec<(bool, f64, usize)> = Vec::new();
        for (at, one) in waiting.iter_mut().enumerate().filter(|(_, one)| !one.missing.is_empty()) {
            poll();
            let index = self.library.index_of(&one.item.id);
            let plan = index.and_then(|index| self.plan(index));
            let held = one.item.held(view).as_ref().is_some_and(Holding::is_blocking);
            ranked.push((held, match_score(one.item, plan, Verdict::Undetermined, view), at));
            one.is_top = false;
        }
        ranked.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.total_cmp(&a.1)).then_with(|| a.2.cmp(&b.2)));
        for (.., at) in ranked.into_iter().take(count) {
            waiting[at].is_top = true;
        }
    }

    /// Questions about the amounts of the items in force that the enterprise may have and whose window is not over.
    fn amount_questions(&self, view: &View<'_>, verdicts: &Verdicts) -> Vec<AmountQuestion> {
        let mut asks = AmountAsks::default();
        for index in verdicts.eligible().chain(verdicts.undetermined()) {
            poll();
            let item = self.library.at(index);
            if self.is_in_force(index) && item.is_open_or_to_come(view.as_of) {
                asks.add(item, &valuation(item, view));
            }
        }
        asks.questions(view, MAX_AMOUNT_QUESTIONS, |_| true)
    }

    fn id(&self, index: usize) -> &str {
        &self.library.ids()[index]
    }

    /// Every item that `selection` may keep, with its score. Undetermined items are only scored if the eligible ones do not fill
    /// the limit: they always come after them.
    fn scored_items(&self, view: &View<'_>, verdicts: &Verdicts, selection: Selection) -> Vec<RankedItem> {
        let kept = |index: &usize| selection.all || self.is_in_force(*index);
        let stand = |verdict| {
            move |index: usize| {
                let score = match_score(self.library.at(index), self.plan_for(index, verdict), verdict, view);
                RankedItem { index, verdict, score }
            }
        };
        let mut standings: Vec<RankedItem> =
            verdicts.eligible().filter(kept).map(stand(Verdict::Eligible)).collect();
        if selection.all {
            let mut verdict_of = vec![Some(Verdict::Ineligible); self.library.len()];
            let mut put = |index: usize, verdict| verdict_of[index] = verdict;
            self.not_compiled.iter().for_each(|(index, _)| put(*index, None));
            verdicts.eligible().for_each(|index| put(index, None));
            verdicts.undetermined().for_each(|index| put(index, None));
            let rest = verdict_of.iter().enumerate().filter(|(_, verdict)| verdict.is_some());
            standings.extend(rest.map(|(index, _)| index).map(stand(Verdict::Ineligible)));
        }
        if selection.all || standings.len() < selection.limit {
            standings.extend(verdicts.undetermined().filter(kept).map(stand(Verdict::Undetermined)));
        }
        standings
    }

    /// Plan for ranking, if it needs one: an eligible enterprise counts as meeting every condition.
    fn plan_for(&self, index: usize, verdict: Verdict) -> Option<&Plan> {
        if verdict == Verdict::Eligible { None } else { self.plan(index) }
    }

    /// Maximum amount of an undetermined item, and the facts that can still change its verdict.
    fn open_facts(&self, one: RankedItem, view: &View<'_>) -> Option<(Number, Vec<crate::missing::Missing>)> {
        if one.verdict != Verdict::Undetermined {
            return None;
        }
        let plan = self.plan(one.index)?;
        let mut residual = plan.residual(&plan.encode(view));
        let amount = max_amount(&valuation(self.library.at(one.index), view));
        Some((amount, crate::missing::missing(plan, &mut residual, view).asked))
    }
}
