//! Chinese texts of bundles, in one table.

use super::rules::Rule;

impl Rule {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Excludes | Self::ChooseOne => "不重复享受",
            Self::SameObject => "同一对象择一享受",
            Self::HigherOf => "从高不重复",
            Self::TopUp => "差额补足",
            Self::Cap => "总额封顶",
            Self::Once => "一次性支持",
            Self::WindowClosed => "申报期已截止",
            Self::NoGain => "不增加金额",
        }
    }
}

/// Titles quoted in a sentence: 《甲》《乙》.
fn quoted(titles: &[&str]) -> String {
    titles.iter().map(|title| format!("《{title}》")).collect()
}

/// Reason why an item is not in a bundle.
pub(super) fn exclusion_reason(rule: Rule, by: &[&str]) -> String {
    let name = rule.name();
    match rule {
        Rule::Excludes | Rule::ChooseOne => format!("与{}{name}", quoted(by)),
        Rule::SameObject => format!("与{}{name}；对象不同的可以另行申报", quoted(by)),
        Rule::HigherOf => format!("与{}{name}，已按较高的一项计", quoted(by)),
        Rule::TopUp => format!("与{}之间{name}，不再增加金额", quoted(by)),
        Rule::Cap => format!("与{}{name}，额度已满", quoted(by)),
        Rule::Once => format!("{name}，已经享受过"),
        Rule::WindowClosed => name.to_owned(),
        Rule::NoGain => "计入后总额不变".to_owned(),
    }
}

/// Suffix used if amounts could not be compared.
pub(super) const INCOMPARABLE: &str = "；金额未知，无法比较高低";

/// Reason why less than its own amount counts for an item of a bundle.
pub(super) fn reduction_reason(rule: Rule, with: &[&str]) -> String {
    match rule {
        Rule::Cap => format!("与{}合计受{}限制", quoted(with), rule.name()),
        Rule::TopUp => format!("与{}之间{}，只计差额", quoted(with), rule.name()),
        _ => format!("与{}{}，只计高出的部分", quoted(with), rule.name()),
    }
}

/// Reason why an item needs confirmation.
pub(super) const NOT_YET_DETERMINED: &str = "条件待定，需补充材料后确认";
/// Reason if only 一次性 is open.
pub(super) const ONCE_UNKNOWN: &str = "一次性支持，尚不清楚是否享受过";
/// Reason why an item is kept apart.
pub(super) const COMPETITIVE: &str = "择优支持，符合条件不等于获得";
