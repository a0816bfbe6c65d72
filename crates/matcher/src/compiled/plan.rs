//! Criteria of one item, compiled for one day.

#![expect(
    clippy::indexing_slicing,
    reason = "the levels of a diagram and its columns are those of the plan that it was built for"
)]

use serde::{Deserialize, Serialize};
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::columns::{Collector, Column, Encoded};
use super::diagram::{BuildSteps, Diagram, OverBudget, Roots};
use super::formula::{EvaluationDay, draft, resolve};
use super::residual::Residual;
use super::walk::Walker;
use crate::slot::Slot;

/// Compiled criteria, from which [`crate::match_item`] decides and explains.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub(crate) evaluation_day: EvaluationDay,
    pub(crate) columns: Vec<Column>,
    pub(crate) diagram: Diagram,
}

impl Plan {
    /// Compiles `criteria` as of `moment`.
    ///
    /// # Errors
    /// [`OverBudget`] if the criteria are too entangled. No answer is guessed for them.
    pub fn compile(
        criteria: &Criterion,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
    ) -> Result<Self, OverBudget> {
        Self::compile_within(criteria, dictionary, moment, &mut BuildSteps::per_item())
    }

    /// Like [`Plan::compile`], with the steps taken from a budget shared by several items.
    ///
    /// # Errors
    /// Those of [`Plan::compile`], and [`OverBudget`] if the shared steps do not suffice.
    pub fn compile_within(
        criteria: &Criterion,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
        budget: &mut BuildSteps,
    ) -> Result<Self, OverBudget> {
        let mut collector = Collector::default();
        let draft = draft(criteria, dictionary, moment, &mut collector);
        let columns = collector.finish(dictionary, moment, budget);
        if let Some(cause) = columns.iter().find_map(Column::refused) {
            return Err(cause);
        }
        let formula = resolve(&draft, &columns, moment.as_of);
        let diagram = Diagram::build(&formula, &columns, budget)?;
        Ok(Self { evaluation_day: moment, columns, diagram })
    }

    /// Encoded values of `view` in each column.
    pub(crate) fn encode(&self, view: &View<'_>) -> Vec<Encoded> {
        self.columns.iter().map(|column| column.encode(view)).collect()
    }

    /// Diagram restricted to `seen`.
    pub(crate) fn residual(&self, seen: &[Encoded]) -> Residual<'_> {
        Residual::new(&self.diagram, &self.columns, seen)
    }

    /// Roots of each part of the criteria.
    pub(crate) fn roots(&self) -> &Roots {
        &self.diagram.roots
    }

    /// Decides the criteria from the facts known to `view`, exactly over all completions.
    ///
    /// The view must be of the day that the plan was compiled for.
    pub fn decide(&self, view: &View<'_>) -> Verdict {
        debug_assert_eq!(self.evaluation_day, EvaluationDay::of(view), "a plan decides for its own day");
        self.residual(&self.encode(view)).verdict(self.diagram.roots.root)
    }

    /// Like [`Plan::decide`], with a buffer to reuse and without building a residual: for many views in a row.
    pub(crate) fn decide_with(&self, view: &View<'_>, walker: &mut Walker) -> Verdict {
        walker.verdict(&self.diagram, &self.encode(view))
    }

    /// Slot tested at a level of the diagram.
    pub(crate) fn slot(&self, level: usize) -> &Slot {
        &self.columns[self.diagram.levels[level].column].slot
    }

    /// Number of non-terminal nodes of the diagram.
    pub fn size(&self) -> usize {
        self.diagram.size()
    }
}
