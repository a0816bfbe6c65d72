//! Push list (推送名单) as data: its rows, their changes and causes, and the words for them.

use std::collections::HashMap;

use zhaoren_policy::code::Code;
use zhaoren_policy::verdict::Verdict;

use crate::explain::Explanation;
use crate::words::PlaceName;

/// Cause of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cause {
    pub(crate) code: &'static str,
    /// Explanation for a caseworker, in Chinese; may be empty.
    pub(crate) detail: String,
    /// Conditions that the cause names, each with its article; empty if it names none.
    pub(crate) clause: String,
}

impl Cause {
    /// Cause that names no condition.
    pub(crate) fn new(code: &'static str, detail: &str) -> Self {
        Self { code, detail: detail.to_owned(), clause: String::new() }
    }
}

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

    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "新增",
            Self::Kept => "保持",
            Self::Gone => "移出",
        }
    }
}

/// Rows of one piece of the list, with the ids that they refer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListRows<'a> {
    pub(crate) enterprises: Vec<ListedEnterprise<'a>>,
    /// Places of the enterprises; the first is that of an unknown region.
    pub(crate) places: Places,
    pub(crate) items: Vec<&'a str>,
    pub(crate) rows: Vec<ListRow>,
}

/// Enterprise of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListedEnterprise<'a> {
    pub(crate) id: &'a str,
    /// Empty if the table gives none.
    pub(crate) name: &'a str,
    /// Index of its place.
    pub(crate) place: u32,
}

/// Distinct places of the enterprises of one piece, each put into words once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Places {
    /// Code of the district, and the words of the place.
    pub(crate) all: Vec<(String, PlaceName)>,
    indices: HashMap<Code, u32>,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: vec![Default::default()], indices: HashMap::new() }
    }
}

impl Places {
    /// Index of the place of a region code; that of the unknown place for `None`.
    pub(crate) fn index(&mut self, code: Option<Code>) -> u32 {
        let Some(code) = code else { return 0 };
        if let Some(index) = self.indices.get(&code) {
            return *index;
        }
        let index = u32::try_from(self.all.len()).unwrap_or(0);
        self.all.push((PlaceName::district(&code).to_owned(), PlaceName::of(&code)));
        self.indices.insert(code, index);
        index
    }
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
    /// Present if the run explains rows and this one has something to explain.
    pub(crate) explanation: Option<Box<Explanation>>,
}

impl ListRows<'_> {
    pub(crate) fn enterprise(&self, row: &ListRow) -> ListedEnterprise<'_> {
        self.enterprises.get(row.enterprise as usize).cloned().unwrap_or_default()
    }

    /// District and place of a row.
    pub(crate) fn place(&self, row: &ListRow) -> &(String, PlaceName) {
        static UNKNOWN: (String, PlaceName) =
            (String::new(), PlaceName { region: String::new(), street: String::new() });
        self.places.all.get(self.enterprise(row).place as usize).unwrap_or(&UNKNOWN)
    }

    pub(crate) fn item(&self, row: &ListRow) -> &str {
        self.items.get(row.item as usize).copied().unwrap_or_default()
    }
}

/// Columns of the list, in order. Programs rely on the first seven; the others are words for people.
pub(crate) const COLUMNS: [&str; 18] = [
    "enterprise_id",
    "policy_id",
    "verdict",
    "score",
    "change",
    "cause",
    "detail",
    "enterprise_name",
    "title",
    "level",
    "verdict_name",
    "amount",
    "window",
    "region",
    "street",
    "missing",
    "cause_name",
    "clause",
];

/// Further columns of a run that explains its rows: keys of facts, as lists.
pub(crate) const EXPLAINED: [&str; 2] = ["missing_facts", "failing_facts"];

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
