//! Caps of payments: 单个企业最高50万元, 累计不超过100万元.

use zhaoren_policy::number::Number;

use super::part::{Pay, PhraseReading, is_threshold};
use super::scan::{Sum, Unit};
use super::term::{Scope, is_yearly, scope};
use crate::plain::{has, part};

/// Words of an upper limit before a sum.
#[rustfmt::skip]
pub(super) const LIMITS: &[&str] = &[
    "不超过", "不高于", "不多于", "最高", "最多", "上限", "限额", "封顶", "以内", "为限", "不得超过", "不大于",
    "不得高于", "至多", "累计不超", "累计最高", "限于",
];

/// Words after a sum that make it an upper limit.
#[rustfmt::skip]
const LIMITS_AFTER: &[&str] = &[
    "封顶", "以内", "为上限", "为限", "以下", "的上限",
];

/// Cap of a payment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cap {
    /// Yuan; the greatest where it differs by tier.
    pub(super) yuan: Number,
    /// Bearer of the cap.
    pub(super) scope: Scope,
    /// True if it holds for a year.
    pub(super) yearly: bool,
    /// Caps of the tiers, where it differs by tier.
    pub(super) tiers: Vec<Number>,
}

/// True if a part only limits the payment before it: 每家企业年度贴息总额不超过100万元. `is_paid`: there is a payment before it.
pub(super) fn only_caps(words: &str, sums: &[Sum], is_paid: bool) -> bool {
    #[rustfmt::skip]
    const BEGINNINGS: &[&str] = &[
        "每家", "单个", "单户", "每户", "单家", "同一", "累计", "总额", "年度", "每年", "最高", "且", "全年", "合计",
        "单笔", "单张", "每个企业", "单项", "单一", "但", "每年度", "每个单位", "总金额", "最多", "不超过", "并",
        "年最高",
    ];
    let rates = sums.iter().any(|sum| sum.unit == Unit::Rate && !is_threshold(words, sum));
    let limited = sums.iter().any(|sum| sum.unit == Unit::Yuan && limit_before(words, sum));
    // 补贴总金额不超过: the word of granting is a noun.
    let is_noun = is_paid
        && !has(words, &["给予", "予以", "按", "一次性", "分别"])
        && has(words, &["额", "奖励不", "补贴不", "补贴最", "奖励最"]);
    !rates && limited && (is_noun || BEGINNINGS.iter().any(|word| words.starts_with(word)))
}

/// Cap that a part states in the form of a payment: 按不超过投入的30%，给予最高500万元支持.
pub(super) fn as_cap(before: Option<&PhraseReading>, one: &PhraseReading, words: &str) -> Option<Cap> {
    before.filter(|before| matches!(before.pay, Some(Pay::Rates { .. })) && before.cap.is_none())?;
    let Some(Pay::Sums(of)) = &one.pay else { return None };
    let [tier] = of.as_slice() else { return None };
    let fits = !one.begins && one.is_ceiling && tier.low == tier.high && one.each.is_none() && !one.adds;
    let bare = one.when.chars().count() <= 4;
    (fits && bare).then(|| Cap {
        yuan: tier.high.clone(),
        scope: scope(words),
        yearly: is_yearly(words),
        tiers: vec![tier.high.clone()],
    })
}

/// Reads the cap of a part that pays nothing itself.
pub(super) fn cap(one: &mut PhraseReading, words: &str, sums: &[Sum]) {
    let limited = has(words, LIMITS) || has(words, &["每年", "年度", "总额", "累计"]);
    let yuan: Vec<&Sum> = sums
        .iter()
        .filter(|sum| sum.unit == Unit::Yuan && !is_threshold(words, sum) && limit_before(words, sum))
        .collect();
    let Some(most) = yuan.iter().max_by(|a, b| a.high.cmp(&b.high)) else {
        return;
    };
    if !limited {
        return;
    }
    one.cap = Some(Cap {
        yuan: most.high.clone(),
        scope: scope(words),
        yearly: is_yearly(words),
        tiers: yuan.iter().map(|sum| sum.high.clone()).collect(),
    });
}

/// True if a limit precedes or follows the sum.
pub(super) fn limit_before(words: &str, sum: &Sum) -> bool {
    let behind = words.get(sum.place.end..).unwrap_or_default();
    has(part(words, 0..sum.place.start), LIMITS) || LIMITS_AFTER.iter().any(|word| behind.starts_with(word))
}

/// True if the sum is only an upper limit.
pub(super) fn is_limited(words: &str, begin: usize, sum: &Sum) -> bool {
    let before = part(words, begin.min(sum.place.start)..sum.place.start);
    let start = words.get(..begin).unwrap_or_default();
    let near: String = start.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    let behind = words.get(sum.place.end..).unwrap_or_default();
    has(before, LIMITS)
        || has(&near, &["最高可", "最高", "不超过", "不高于"])
        || LIMITS_AFTER.iter().any(|word| behind.starts_with(word))
}
