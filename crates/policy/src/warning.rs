//! Kinds of warnings about facts: the same for a profile, a table, a request and a file of profiles.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Kind of a warning about a value of an enterprise. The enterprise is used nevertheless; the fact may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Cell that cannot be a value of its fact: the fact is unknown.
    Unreadable,
    /// Word outside the closed vocabulary of its fact: the fact is open.
    UnknownWord,
    /// Word that the table of aliases maps to a listed one.
    Alias,
    /// Answer of 是 or 否 for a fact whose values are words or tags.
    YesOrNo,
    /// Well-formed code that its table does not have.
    UnknownCode,
    /// Code of the past, mapped to the code or codes of today.
    PastCode,
    /// Place or industry given by name.
    CodeName,
    /// Key that the fact dictionary does not have.
    UnknownFact,
    /// 统一社会信用代码 that fails a check, or was damaged by a spreadsheet.
    CreditCode,
    /// Part of a sheet that was not read as it may be meant: merged cells, formulas without a value, hidden rows.
    Sheet,
    /// Any other doubt.
    Other,
}

impl WarningKind {
    /// All kinds, in order.
    pub const ALL: [Self; 11] = [
        Self::Unreadable,
        Self::UnknownWord,
        Self::Alias,
        Self::YesOrNo,
        Self::UnknownCode,
        Self::PastCode,
        Self::CodeName,
        Self::UnknownFact,
        Self::CreditCode,
        Self::Sheet,
        Self::Other,
    ];

    /// Name in files: `unknown_word`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::UnknownWord => "unknown_word",
            Self::Alias => "alias",
            Self::YesOrNo => "yes_or_no",
            Self::UnknownCode => "unknown_code",
            Self::PastCode => "past_code",
            Self::CodeName => "code_name",
            Self::UnknownFact => "unknown_fact",
            Self::CreditCode => "credit_code",
            Self::Sheet => "sheet",
            Self::Other => "other",
        }
    }

    /// Name for people, in Chinese.
    pub fn title(self) -> &'static str {
        match self {
            Self::Unreadable => "读不出的值",
            Self::UnknownWord => "名单外的词",
            Self::Alias => "按别名读的词",
            Self::YesOrNo => "是与否",
            Self::UnknownCode => "代码表中没有的代码",
            Self::PastCode => "旧代码",
            Self::CodeName => "以名称代替的代码",
            Self::UnknownFact => "不认识的指标",
            Self::CreditCode => "统一社会信用代码",
            Self::Sheet => "表格版式",
            Self::Other => "其他",
        }
    }
}

impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Number of warnings by kind; a kind without any is absent.
pub type WarningCounts = BTreeMap<WarningKind, u64>;

/// Adds the counts of `more` to `counts`.
pub fn add_counts(counts: &mut WarningCounts, more: &WarningCounts) {
    for (kind, count) in more {
        *counts.entry(*kind).or_default() += count;
    }
}

/// Counts in words: `名单外的词 3 处、旧代码 1 处`; empty without any.
pub fn counts_text(counts: &WarningCounts) -> String {
    let parts: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{} {count} 处", kind.title())).collect();
    parts.join("、")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warning_names_match_the_files() {
        for kind in WarningKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        assert!(WarningKind::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        let counts = WarningCounts::from([(WarningKind::PastCode, 1), (WarningKind::UnknownWord, 3)]);
        assert_eq!(counts_text(&counts), "名单外的词 3 处、旧代码 1 处");
    }
}
