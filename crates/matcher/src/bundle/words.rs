//! Chinese texts of bundles, in one table.

use zhaoren_policy::criterion::describe_money;
use zhaoren_policy::item::amount::YuanRange;
use zhaoren_policy::number::Number;

use super::rules::Rule;
use super::{Bundle, BundleReport, Proof};

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

/// Number of facts named in a headline.
const NAMED_FACTS: usize = 3;

impl Bundle {
    /// First-year total in Chinese: 12万元以上; `None` if no amount of it is known.
    ///
    /// If the whole has no upper bound, the members that have one are summed up by themselves.
    pub fn total_words(&self) -> Option<String> {
        if self.members.is_empty() {
            return None;
        }
        if self.total.low.is_positive() || self.total.high.is_some() {
            return Some(self.total.describe());
        }
        let bounded = self.members.iter().filter_map(|one| one.counts.high.as_ref());
        let (count, high) =
            bounded.fold((0_usize, Number::zero()), |(count, sum), high| (count + 1, sum.plus(high)));
        (count > 0 && high.is_positive()).then(|| {
            let known = YuanRange { low: Number::zero(), high: Some(high) }.describe();
            format!("其中 {count} 项合计{known}，另有 {} 项按规则计算", self.members.len() - count)
        })
    }
}

impl BundleReport {
    /// Headline of the best set: its first-year total with the state of its proof, or what would make an amount known.
    pub(crate) fn headline(&self) -> String {
        let best = &self.best;
        if let Some(total) = best.total_words() {
            let proof = match &best.proof {
                Proof::Optimal => "按已知金额已证明最优".to_owned(),
                Proof::Bounded { at_most } => format!("未能证明最优，上界 {}", describe_money(at_most)),
            };
            return format!("首年合计 {total}（{proof}）");
        }
        if best.members.is_empty() {
            return "没有金额已知的事项".to_owned();
        }
        let names: Vec<&str> = self.amounts.iter().take(NAMED_FACTS).map(|one| one.name.as_str()).collect();
        match (names.as_slice(), self.amounts.first()) {
            ([name], _) => format!("补充{name}后可算出金额"),
            ([first, ..], Some(one)) if !one.completes.is_empty() => {
                format!(
                    "只要补充{first}，就可算出 {} 项的金额；还可补充{}",
                    one.completes.len(),
                    rest(&names)
                )
            }
            ([_, ..], _) => format!("补充{}后可算出金额", names.join("、")),
            ([], _) => "金额由主管部门核定".to_owned(),
        }
    }
}

/// All names but the first, joined.
fn rest(names: &[&str]) -> String {
    names.iter().skip(1).copied().collect::<Vec<_>>().join("、")
}
