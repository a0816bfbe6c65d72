//! Criteria as they are asked about: as a whole, and each condition by itself.

use zhaoren_matcher::batch::{BlockVerdicts, RowBits};
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;

use super::Rows;
use super::report::FunnelStep;
use super::tally::Tally;

/// Criteria in a plan, beside others perhaps.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Where in the plan they stand: the whole, and its conditions behind it.
    first: usize,
    conditions: Vec<ConditionView>,
}

#[derive(Clone, Debug)]
struct ConditionView {
    text: String,
    quote: Option<String>,
    article: Option<String>,
}

/// What of criteria goes into a plan: the whole, and behind it its conditions.
pub(super) fn parts(whole: &Criterion) -> impl Iterator<Item = &Criterion> {
    std::iter::once(whole).chain(conditions(whole))
}

fn conditions(whole: &Criterion) -> &[Criterion] {
    match &whole.node {
        Node::All(of) if !of.is_empty() => of,
        _ => std::slice::from_ref(whole),
    }
}

impl Case {
    /// The criteria whose [`parts`] stand in a plan from `first` on.
    pub(super) fn new(whole: &Criterion, first: usize, dictionary: &FactDictionary) -> Self {
        let view = |criterion: &Criterion| ConditionView {
            text: criterion.text.clone().unwrap_or_else(|| describe(criterion, dictionary)),
            quote: criterion.quote.clone(),
            article: criterion.article.clone(),
        };
        Self { first, conditions: conditions(whole).iter().map(view).collect() }
    }

    /// Where in the plan the next criteria stand.
    pub(super) fn end(&self) -> usize {
        self.first + 1 + self.conditions.len()
    }

    /// A tally of no enterprise, which keeps `limit` ids of each kind.
    pub(super) fn none(&self, limit: usize) -> Tally {
        Tally::new(self.conditions.len(), limit)
    }

    /// Rows that pass as a whole for certain, and rows that can.
    pub(super) fn whole<'v>(&self, verdicts: &'v BlockVerdicts) -> (&'v RowBits, &'v RowBits) {
        (verdicts.certain(self.first), verdicts.possible(self.first))
    }

    /// Counts the rows of a block.
    pub(super) fn take(&self, tally: &mut Tally, ids: &[&str], verdicts: &BlockVerdicts) {
        let rails = |place: usize| (verdicts.certain(place), verdicts.possible(place));
        let parts: Vec<_> = (self.first + 1..self.end()).map(rails).collect();
        tally.take(ids, self.whole(verdicts), &parts);
    }

    /// Counts the rows of a block and notes where and who they are, as an item by itself is reported.
    pub(super) fn take_whole(&self, tally: &mut Tally, rows: &Rows<'_>, verdicts: &BlockVerdicts) {
        self.take(tally, rows.ids, verdicts);
        tally.place(rows.groups, self.whole(verdicts));
        tally.know(rows.ids);
    }

    /// The conditions with what they put out.
    pub(super) fn funnel(&self, tally: &Tally) -> Vec<FunnelStep> {
        let mut entered = tally.enterprises;
        let row = |(condition, step): (&ConditionView, &super::tally::Step)| {
            let left = entered - step.out;
            let row = FunnelStep {
                text: condition.text.clone(),
                quote: condition.quote.clone(),
                article: condition.article.clone(),
                entered,
                out: step.out,
                open: step.open,
                left,
                failed: step.failed,
                alone: step.alone,
            };
            entered = left;
            row
        };
        self.conditions.iter().zip(&tally.steps).map(row).collect()
    }
}
