//! Doubts of an item: reasons for a second look.

use crate::model::Doubt;

/// Facts of an item that give rise to doubts.
pub(crate) struct DoubtFacts {
    pub(crate) is_unlikely: bool,
    pub(crate) is_stated: bool,
    pub(crate) is_incomplete: bool,
    pub(crate) leaves: usize,
    pub(crate) judged: usize,
    pub(crate) has_unread: bool,
    pub(crate) has_proposals: bool,
    pub(crate) is_said: bool,
    pub(crate) has_window: bool,
    pub(crate) is_optional: bool,
    pub(crate) is_elsewhere: bool,
    pub(crate) is_cut: bool,
}

impl DoubtFacts {
    /// Doubts, the most serious first.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let all = [
            (self.is_unlikely, Doubt::UnlikelyDocument),
            (self.is_cut, Doubt::CutText),
            (self.is_incomplete, Doubt::AmountLeftOver),
            (!self.is_stated, Doubt::NoAmount),
            (self.is_optional, Doubt::Discretionary),
            (self.is_elsewhere, Doubt::ConditionsElsewhere),
            (self.leaves == 0, Doubt::NoTypedCriterion),
            (self.leaves > 0 && self.judged > self.leaves, Doubt::MostlyJudged),
            (self.has_unread, Doubt::UnreadConditions),
            (self.has_proposals, Doubt::ProposedFacts),
            (!self.is_said, Doubt::AddresseeUnsaid),
            (!self.has_window, Doubt::WindowUnsaid),
        ];
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, doubt)| doubt).collect()
    }
}
