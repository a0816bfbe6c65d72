//! Criteria as decided by a search for enterprises: as a whole, and each condition by itself.

use zhaoren_matcher::batch::{BlockVerdicts, RowBits};
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;

use super::Rows;
use super::report::FunnelStep;
use super::tally::Tally;

/// Criteria of one variant in a plan that may hold several.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Index in the plan of the whole criteria; their conditions follow.
    first: usize,
    conditions: Vec<ConditionView>,
}

#[derive(Clone, Debug)]
struct ConditionView {
    text: String,
    quote: Option<String>,
    article: Option<String>,
}

/// Criteria to compile into a plan: the whole first, then its conditions.
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
    /// Describes the criteria whose [`parts`] start at index `first` of a plan.
    pub(super) fn new(whole: &Criterion, first: usize, dictionary: &FactDictionary) -> Self {
        let view = |criterion: &Criterion| ConditionView {
            text: criterion.text.clone().unwrap_or_else(|| describe(criterion, dictionary)),
            quote: criterion.quote.clone(),
            article: criterion.article.clone(),
        };
        Self { first, conditions: conditions(whole).iter().map(view).collect() }
    }

    /// Plan index after the last condition, where the next criteria start.
    pub(super) fn end(&self) -> usize {
        self.first + 1 + self.conditions.len()
    }

    /// Empty tally that keeps up to `limit` ids of each kind.
    pub(super) fn empty_tally(&self, limit: usize) -> Tally {
        Tally::new(self.conditions.len(), limit)
    }

    /// Rows that certainly pass as a whole, and rows that can pass.
    pub(super) fn whole<'v>(&self, verdicts: &'v BlockVerdicts) -> (&'v RowBits, &'v RowBits) {
        (verdicts.certain(self.first), verdicts.possible(self.first))
    }

    /// Counts the rows of a block.
    pub(super) fn add_block(&self, tally: &mut Tally, ids: &[&str], verdicts: &BlockVerdicts) {
        let bounds = |index: usize| (verdicts.certain(index), verdicts.possible(index));
        let parts: Vec<_> = (self.first + 1..self.end()).map(bounds).collect();
        tally.add_block(ids, self.whole(verdicts), &parts);
    }

    /// Counts the rows of a block with their ids, regions and industries, for the full report of an item.
    pub(super) fn add_block_with_groups(&self, tally: &mut Tally, rows: &Rows<'_>, verdicts: &BlockVerdicts) {
        self.add_block(tally, rows.ids, verdicts);
        tally.add_groups(rows.groups, self.whole(verdicts));
        tally.add_ids(rows.ids);
    }

    /// Conditions with the counts of the enterprises that they exclude.
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
