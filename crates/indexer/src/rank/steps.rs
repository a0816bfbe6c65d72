//! The steps by which a score comes about, kept where somebody asks why.
//!
//! A score is only ever changed through [`Group`], which keeps the step when it is traced: so what is explained is what
//! was scored.

use crate::rank::Group;

/// One step of a score.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) why: Why,
    pub(crate) change: Change,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Adds(f32),
    Times(f32),
}

/// Why a step is taken. A part is 0 for the entry itself, n+1 for its clause n.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Why {
    /// The best part.
    Part(usize),
    /// Other parts, of whose scores a share is added.
    Shares(f32, Vec<usize>),
    /// A summand of the best part of a question that was read again.
    Summand(&'static str, usize),
    /// A part of a question that was not read again.
    FirstPhase,
    /// The query names the entry.
    Named,
    /// What the entry is, whatever is asked.
    Prior,
    /// How much of the title was asked for.
    NearTitle,
}

impl Group {
    /// Of an entry, with no score yet; `traced` keeps the steps.
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

    /// Raises the score to `value`, whatever it came from.
    pub(crate) fn raise(&mut self, value: f32, why: Why) {
        if value > self.score {
            self.score = value;
            self.steps = self.steps.take().map(|_| vec![Step { why, change: Change::Adds(value) }]);
        }
    }
}
