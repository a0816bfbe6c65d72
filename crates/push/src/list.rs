//! Push list (推送名单) as data: its rows, their changes and causes, and the words for them.

use zhaoren_policy::verdict::Verdict;

/// Cause code of a row, with a Chinese explanation for a caseworker.
pub(crate) type Cause = (&'static str, String);

/// Change of a match since the compared list (变动).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// 新增.
    New,
    /// 保持.
    Kept,
    /// 移出.
    Gone,
}

impl Change {
    /// Word for the change in the list.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Kept => "kept",
            Self::Gone => "gone",
        }
    }
}

/// Rows of one piece of the list, with the ids that they refer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListRows<'a> {
    pub(crate) enterprises: Vec<&'a str>,
    pub(crate) items: Vec<&'a str>,
    pub(crate) rows: Vec<ListRow>,
}

/// Row of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListRow {
    /// Index of the enterprise's id.
    pub(crate) enterprise: u32,
    /// Index of the item's id.
    pub(crate) item: u32,
    /// `None` if the enterprise or the item no longer exists.
    pub(crate) verdict: Option<Verdict>,
    /// Score in ten-thousandths.
    pub(crate) score: u16,
    pub(crate) change: Change,
    /// Boxed, because most rows have no cause.
    pub(crate) cause: Option<Box<Cause>>,
}

impl ListRows<'_> {
    pub(crate) fn enterprise(&self, row: &ListRow) -> &str {
        self.enterprises.get(row.enterprise as usize).copied().unwrap_or_default()
    }

    pub(crate) fn item(&self, row: &ListRow) -> &str {
        self.items.get(row.item as usize).copied().unwrap_or_default()
    }
}

/// Columns of the list, in order.
pub(crate) const COLUMNS: [&str; 7] =
    ["enterprise_id", "policy_id", "verdict", "score", "change", "cause", "detail"];

/// Word for a verdict in lists.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "eligible",
        Verdict::Undetermined => "undetermined",
        Verdict::Ineligible => "ineligible",
    }
}

/// Score in the form written to lists.
pub(crate) fn score(ten_thousandths: u16) -> f64 {
    f64::from(ten_thousandths) / 10_000.0
}
