//! Terms of a payment: how often, for how many years, in which instalments, and for whom a cap holds.

use zhaoren_cancel::poll;
use zhaoren_policy::number::Number;
use zhaoren_text::numeral;

use super::scan::{Sum, Unit};
use super::unit::APPLICANTS;
use crate::plain::{has, part};

/// Scope of a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// 单个项目, 每张证书.
    Object,
    /// Not said.
    Plain,
    /// 单个企业.
    Applicant,
    /// 累计, 总额.
    Total,
}

pub(super) fn is_yearly(words: &str) -> bool {
    has(
        words,
        &[
            "每年",
            "年度最高",
            "年度累计",
            "全年",
            "每年度",
            "/年",
            "年度贴息",
            "年度不超过",
            "一年内",
            "年度支持",
            "年度总额",
            "年最高",
            "年度补贴",
            "年度奖励",
            "每个自然年",
            "当年最高",
            "当年累计",
        ],
    )
}

pub(super) fn scope(words: &str) -> Scope {
    if has(words, &["累计", "总额", "总金额", "合计", "总计"]) {
        Scope::Total
    } else if APPLICANTS.iter().any(|who| {
        ["每家", "单个", "单家", "每个", "同一", "每", "单一", "单"]
            .iter()
            .any(|mark| words.contains(&format!("{mark}{who}")))
    }) {
        Scope::Applicant
    } else if has(
        words,
        &[
            "每个", "单个", "单张", "每项", "每件", "单项", "每台", "单台", "每场", "每次", "单笔", "每笔",
            "单套", "单品",
        ],
    ) {
        Scope::Object
    } else {
        Scope::Plain
    }
}

/// 连续三年, 补贴期限3年, 最长不超过2年.
pub(super) fn years(words: &str) -> Option<u8> {
    #[rustfmt::skip]
    const BEFORE: &[&str] = &[
        "连续", "期限", "为期", "最长", "不超过", "最多", "期限为", "限", "期", "共", "最高", "周期", "周期为",
        "给予", "享受", "支持", "补贴", "补助", "资助", "奖励",
    ];
    if !has(words, &["补贴", "补助", "贴息", "支持", "奖励", "连续", "资助", "扶持", "期限"])
    {
        return None;
    }
    for (at, _) in words.match_indices('年') {
        poll();
        let before = part(words, 0..at);
        let digits: String = before.chars().rev().take(8).take_while(|c| numeral::is_numeral(*c)).collect();
        let digits: String = digits.chars().rev().collect();
        let Some(value) = numeral::parse(&digits).and_then(|value| u8::try_from(value).ok()) else {
            continue;
        };
        let ahead = before.strip_suffix(digits.as_str()).unwrap_or_default();
        let near: String = {
            let tail: Vec<char> = ahead.chars().rev().take(6).collect();
            tail.into_iter().rev().collect()
        };
        let not_ahead = has(&near, &["近", "前", "满", "成立", "注册", "未来", "第", "有效期"]);
        if (1..=20).contains(&value) && !not_ahead && BEFORE.iter().any(|word| near.ends_with(word)) {
            return Some(value);
        }
    }
    None
}

/// 分三年按40%、30%、30%拨付.
pub(super) fn instalments(words: &str, sums: &[Sum]) -> Vec<Number> {
    let rates: Vec<Number> = sums
        .iter()
        .filter(|sum| sum.unit == Unit::Rate && sum.low == sum.high)
        .map(|sum| sum.high.clone())
        .collect();
    let whole = rates.iter().fold(Number::zero(), |sum, rate| sum.plus(rate));
    let divides = has(words, &["拨付", "兑付", "兑现", "发放", "支付"]) && has(words, &["分", "比例"]);
    if divides && rates.len() >= 2 && whole == Number::from(1) { rates } else { Vec::new() }
}
