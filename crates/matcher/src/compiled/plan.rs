//! The criteria of one item, compiled for one day.

#![expect(
    clippy::indexing_slicing,
    reason = "the levels of a diagram and its columns are those of the plan that it was built for"
)]

use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::columns::{Collector, Column, Encoded};
use super::diagram::{BuildSteps, Diagram, OverBudget, Roots};
use super::formula::{EvaluationDay, draft, settle};
use super::residual::Residual;
use crate::slot::Slot;

/// Compiled criteria: what [`crate::match_item`] decides and explains with.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) moment: EvaluationDay,
    pub(crate) columns: Vec<Column>,
    pub(crate) diagram: Diagram,
}

impl Plan {
    /// Compiles `criteria` as they stand on `moment`.
    ///
    /// # Errors
    /// [`OverBudget`] when the criteria are too entangled. Nothing is guessed for them.
    pub fn compile(
        criteria: &Criterion,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
    ) -> Result<Self, OverBudget> {
        Self::compile_within(criteria, dictionary, moment, &mut BuildSteps::of_each_item())
    }

    /// As [`Plan::compile`], with the steps taken out of those for several items.
    ///
    /// # Errors
    /// As [`Plan::compile`], and where the steps of all together do not suffice.
    pub fn compile_within(
        criteria: &Criterion,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
        budget: &mut BuildSteps,
    ) -> Result<Self, OverBudget> {
        let mut collector = Collector::default();
        let draft = draft(criteria, dictionary, moment, &mut collector);
        let columns = collector.finish(dictionary, moment.as_of);
        let formula = settle(&draft, &columns, moment.as_of);
        let diagram = Diagram::build(&formula, &columns, budget)?;
        Ok(Self { moment, columns, diagram })
    }

    /// What `view` shows in each column.
    pub(crate) fn see(&self, view: &View<'_>) -> Vec<Encoded> {
        self.columns.iter().map(|column| column.see(view)).collect()
    }

    /// The diagram conditioned on `seen`.
    pub(crate) fn residual(&self, seen: &[Encoded]) -> Residual<'_> {
        Residual::new(&self.diagram, &self.columns, seen)
    }

    /// The part of the diagram for each part of the criteria.
    pub(crate) fn roots(&self) -> &Roots {
        &self.diagram.roots
    }

    /// Decides the criteria for what `view` knows, exactly over all completions.
    ///
    /// The view must be of the day that the plan was compiled for.
    pub fn decide(&self, view: &View<'_>) -> Verdict {
        debug_assert_eq!(self.moment, EvaluationDay::of(view), "a plan decides for its own day");
        self.residual(&self.see(view)).verdict(self.diagram.roots.root)
    }

    /// The slot that a level of the diagram asks about.
    pub(crate) fn slot(&self, level: usize) -> &Slot {
        &self.columns[self.diagram.levels[level].column].slot
    }

    /// Nodes of the diagram, its two terminals left out.
    pub fn size(&self) -> usize {
        self.diagram.size()
    }
}
