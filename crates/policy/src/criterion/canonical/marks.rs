//! Words of the canonical form. Writer and reader share one table; of several words for one meaning, the first is the one
//! written.

use crate::criterion::{Compare, Span, Take};

pub(super) const ALL: [&str; 4] =
    ["同时符合下列条件", "同时满足下列条件", "符合下列全部条件", "须同时具备下列条件"];
pub(super) const ANY: [&str; 4] =
    ["符合下列条件之一", "满足下列条件之一", "具备下列条件之一", "符合下列情形之一"];
pub(super) const COUNT: (&str, &str) = ("符合下列条件中至少", "项");
pub(super) const NOT: [&str; 4] = ["不属于下列情形", "不得有下列情形", "不存在下列情形", "没有下列情形"];
pub(super) const CASE: [&str; 2] = ["按下列情形分别要求", "区分下列情形"];
pub(super) const WHEN: &str = "情形";
pub(super) const THEN: &str = "要求";
pub(super) const ELSE: [&str; 2] = ["其他情形", "其余情形"];
pub(super) const POINTS: (&str, [&str; 2]) = ("按下列标准评分", ["，合计不低于", "，合计达到"]);
pub(super) const SCORE: (&str, &str) = ("得", "分");
pub(super) const JUDGED: [&str; 2] = ["人工认定", "经认定"];
/// Of the records of a fact, before a count or a sum.
pub(super) const OF: &str = "中";
pub(super) const SOME: &str = "至少";
/// Condition on a record, on the following lines.
pub(super) const FULFIL: [&str; 3] = ["满足下列条件", "符合下列条件", "具备下列条件"];
pub(super) const WHOSE: &str = "的";
pub(super) const TOTAL: [&str; 3] = ["合计", "累计", "总计"];
pub(super) const NOTHING: &str = "无条件";
pub(super) const DATA: &str = "条件式";

pub(super) const ARTICLE: &str = "依据";
pub(super) const QUOTE: &str = "原文";
pub(super) const TEXT: &str = "表述";

/// Comparisons of numbers. 以上 and 以下 include the number itself, 超过 and 不满 do not (民法典 第一千二百五十九条).
pub(super) const COMPARE: [(&str, Compare); 20] = [
    ("不低于", Compare::AtLeast),
    ("不超过", Compare::AtMost),
    ("超过", Compare::MoreThan),
    ("低于", Compare::LessThan),
    ("等于", Compare::Equals),
    ("不少于", Compare::AtLeast),
    ("不小于", Compare::AtLeast),
    ("达到", Compare::AtLeast),
    ("至少", Compare::AtLeast),
    ("不高于", Compare::AtMost),
    ("不多于", Compare::AtMost),
    ("不大于", Compare::AtMost),
    ("至多", Compare::AtMost),
    ("大于", Compare::MoreThan),
    ("高于", Compare::MoreThan),
    ("多于", Compare::MoreThan),
    ("小于", Compare::LessThan),
    ("少于", Compare::LessThan),
    ("不足", Compare::LessThan),
    ("不满", Compare::LessThan),
];

/// Comparisons placed after the number.
pub(super) const BEHIND: [(&str, Compare); 4] = [
    ("（含）以上", Compare::AtLeast),
    ("（含）以下", Compare::AtMost),
    ("以上", Compare::AtLeast),
    ("以下", Compare::AtMost),
];

/// Comparisons of the time since a day.
pub(super) const SPANS: [(&str, Span); 8] = [
    ("满", Span::AtLeast),
    ("超过", Span::MoreThan),
    ("不超过", Span::AtMost),
    ("不满", Span::LessThan),
    ("达到", Span::AtLeast),
    ("不少于", Span::AtLeast),
    ("不足", Span::LessThan),
    ("不大于", Span::AtMost),
];

/// Aggregates over years, before the name of the fact.
pub(super) const TAKES: [(&str, Take); 4] =
    [("平均", Take::Average), ("累计", Take::Sum), ("各年最低", Take::Min), ("各年最高", Take::Max)];
/// Aggregates over years, after the name of the fact.
pub(super) const RATES: [(&str, Take); 2] = [("年均复合增长率", Take::Cagr), ("增长率", Take::Growth)];

pub(super) const LAST_YEAR: [&str; 3] = ["上年度", "上一年度", "最近一个会计年度"];
pub(super) const SINCE: &str = "距判定日";
pub(super) const AND: &str = "，且";
pub(super) const ONE_OF: &str = "之一";
pub(super) const IS: &str = "为";
pub(super) const WITHIN: &str = "属于";
pub(super) const OUTSIDE: &str = "不属于";
pub(super) const HAS: &str = "含";
pub(super) const HAS_ALL: &str = "同时含";
pub(super) const HAS_NONE: &str = "不含";
/// Beginnings of boolean facts' names that are a statement about the enterprise, each with its negation.
pub(super) const SENTENCES: [(&str, &str); 2] = [("列入", "未"), ("属于", "不")];
pub(super) const YES: &str = "：是";
pub(super) const NO: &str = "：否";
