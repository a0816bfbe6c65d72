//! Verdicts and the states of conditions.
//!
//! ```
//! use zhaoren_policy::verdict::Verdict;
//!
//! // What can still hold and can still fail is undetermined.
//! assert_eq!(Verdict::from_possible(true, true), Some(Verdict::Undetermined));
//! assert_eq!(Verdict::from_possible(true, false), Some(Verdict::Eligible));
//! assert_eq!(Verdict::from_possible(false, true), Some(Verdict::Ineligible));
//! ```

use serde::{Deserialize, Serialize};

/// Result for an enterprise and an item's criteria, over all completions of the unknowns (判定).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 符合: the criteria hold for all values of the unknowns.
    Eligible,
    /// 待定: the criteria hold for some values of the unknowns and not for others.
    Undetermined,
    /// 不符合: the criteria hold for no values of the unknowns.
    Ineligible,
}

impl Verdict {
    /// Verdict from the possible outcomes. `None` if there is neither, which no completion allows.
    pub fn from_possible(can_hold: bool, can_fail: bool) -> Option<Self> {
        match (can_hold, can_fail) {
            (true, false) => Some(Self::Eligible),
            (true, true) => Some(Self::Undetermined),
            (false, true) => Some(Self::Ineligible),
            (false, false) => None,
        }
    }

    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eligible => "符合",
            Self::Undetermined => "待定",
            Self::Ineligible => "不符合",
        }
    }
}

/// State of one condition (条件状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseState {
    /// 满足.
    Met,
    /// 不满足.
    Unmet,
    /// 未知: it depends on unknown facts.
    Unknown,
    /// 需认定: a person has to judge it and has not yet.
    Judged,
}

impl ClauseState {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "满足",
            Self::Unmet => "不满足",
            Self::Unknown => "未知",
            Self::Judged => "需认定",
        }
    }
}
