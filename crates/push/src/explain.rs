//! Explanations of rows: facts that an undetermined row lacks, and facts that it fails.

use zhaoren_matcher::batch::Scorer;
use zhaoren_matcher::clause_states;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::{ClauseState, Verdict};
use zhaoren_policy::view::View;

/// Facts that a row lacks and fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// Keys of the facts that can still change the verdict, the one that settles most first.
    pub(crate) missing: Vec<String>,
    /// Number of conditions that only a person can judge and that can still change the verdict.
    pub(crate) judged: usize,
    /// Keys of the facts whose conditions are not met; only if asked for.
    pub(crate) failing: Vec<String>,
}

impl Explanation {
    /// Explanation of the item with this library index for an enterprise.
    pub(crate) fn of(
        scorer: &Scorer,
        index: usize,
        profile: &Profile,
        verdict: Verdict,
        failing: bool,
    ) -> Self {
        let dictionary = scorer.library().dictionary();
        let view = View::new(profile, dictionary, scorer.day());
        let mut explanation = Self::default();
        if verdict == Verdict::Undetermined {
            (explanation.missing, explanation.judged) = scorer.gaps(index, &view);
        }
        if failing && let (Some(item), Some(plan)) = (scorer.library().get(index), scorer.plan(index)) {
            for clause in clause_states(item, plan, &view) {
                let Some(fact) = clause.fact.filter(|_| clause.state == ClauseState::Unmet) else { continue };
                if !explanation.failing.contains(&fact) {
                    explanation.failing.push(fact);
                }
            }
        }
        explanation
    }

    /// Missing facts in words: 研发费用、职工总数；另有2项待人工认定.
    pub(crate) fn words(&self, dictionary: &FactDictionary) -> String {
        let name = |key: &String| dictionary.get(key).map_or(key.clone(), |fact| fact.name.clone());
        let facts: Vec<String> = self.missing.iter().map(name).collect();
        let mut words = facts.join("、");
        if self.judged > 0 {
            let judged = format!("{}项待人工认定", self.judged);
            words = if words.is_empty() { judged } else { format!("{words}；另有{judged}") };
        }
        words
    }
}
