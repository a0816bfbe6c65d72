//! Steps of a score, recorded if an explanation is requested.
//!
//! A score is only ever changed through [`Group`], which records the step if it is traced: the explanation is therefore
//! that of the actual score.

/// One step of a score.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) why: Why,
    pub(crate) change: Change,
}

/// Operation of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Adds(f32),
    Times(f32),
}

/// Reason of a step. A part is 0 for the entry itself, n+1 for its clause n.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Why {
    /// The best part.
    Part(usize),
    /// Other parts, a share of whose scores is added.
    Shares(f32, Vec<usize>),
    /// A feature of the best part of a re-ranked question.
    Summand(&'static str, usize),
    /// A part of a question that was not re-ranked.
    FirstPhase,
    /// The query names the entry.
    Named,
    /// The item is known to be about the query, by its name or by a situation.
    Known,
    /// Properties of the entry, independent of the query.
    Prior,
    /// The entry holds a piece of the query as typed.
    Verbatim,
    /// Share of the title covered by the query.
    NearTitle,
}

/// A matching entry.
pub(crate) struct Group {
    pub(crate) entry: usize,
    pub(crate) score: f32,
    /// Matching clauses, best first.
    pub(crate) clauses: Vec<usize>,
    /// Steps of the score, if an explanation was requested.
    pub(crate) steps: Option<Vec<Step>>,
}

impl Group {
    /// Group of an entry, with score 0; `traced` records the steps.
    pub(crate) fn new(entry: usize, traced: bool) -> Self {
        Self { entry, score: 0.0, clauses: Vec::new(), steps: traced.then(Vec::new) }
    }

    /// Adds to the score.
    pub(crate) fn add(&mut self, value: f32, why: impl FnOnce() -> Why) {
        self.score += value;
        if let Some(steps) = &mut self.steps {
            steps.push(Step { why: why(), change: Change::Adds(value) });
        }
    }

    /// Multiplies the score.
    pub(crate) fn scale(&mut self, factor: f32, why: Why) {
        self.score *= factor;
        if let Some(steps) = &mut self.steps {
            steps.push(Step { why, change: Change::Times(factor) });
        }
    }

    /// Raises the score to `value` if it is lower, and discards its earlier steps.
    pub(crate) fn raise(&mut self, value: f32, why: Why) {
        if value > self.score {
            self.score = value;
            self.steps = self.steps.take().map(|_| vec![Step { why, change: Change::Adds(value) }]);
        }
    }
}
