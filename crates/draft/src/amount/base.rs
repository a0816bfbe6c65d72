//! Base of a rate: 设备投资额 of 按设备投资额的15%.

use zhaoren_cancel::poll;

use super::scan::Sum;
use crate::plain::{has, part};

/// Words before the base of a rate that do not belong to it.
#[rustfmt::skip]
const BASE_BEGINNINGS: &[&str] = &[
    "支持金额", "奖励金额", "补贴金额", "补助金额", "资助金额", "支持额度", "补助资金", "奖补资金", "奖励资金",
    "补贴资金", "不得超过", "单个项目", "按照", "按", "参照", "给予", "予以", "不超过", "不高于", "不多于", "不低于",
    "最高", "补助", "补贴", "奖励", "资助", "支持", "可", "其", "企业", "对", "以", "一次性", "分别", "的",
    "单个项目", "提供", "实际发生的", "约",
];

/// Words that name the rate before its base.
const RATE_NAMES: [&str; 5] = ["比例为", "比例不超过", "比例不高于", "比例最高为", "比例按"];

/// Words between the base and the rate.
#[rustfmt::skip]
const BASE_ENDS: &[&str] = &[
    "的", "不超过", "最高", "给予", "不高于", "最高不超过", "分别", "不多于", "最多", "上限为", "最高可", "按照",
    "按", "比例", "不得超过", "的比例", "进行", "，",
];

/// Base of a rate: the words between 按 or 给予 and the rate, or those that 对 names.
pub(super) fn base(words: &str, begin: usize, rate: &Sum) -> String {
    let between = part(words, begin.min(rate.place.start)..rate.place.start);
    // 贴息比例为实际支付利息的40%: the base follows the words for the rate.
    let named = RATE_NAMES.iter().find_map(|name| between.split_once(name));
    if let Some((_, "")) = named {
        return before_rate(part(words, 0..rate.place.start));
    }
    let mut name = named.map_or(between, |(_, behind)| behind);
    // 按照, 给予, 不超过 … each once, in any order.
    loop {
        poll();
        let before = name;
        for word in BASE_BEGINNINGS {
            let inner = name.strip_prefix(word).unwrap_or(name);
            // 其实缴 and 企业所得税 keep their words.
            let keeps = *word == "企业"
                && !inner.is_empty()
                && (inner.starts_with("所得税")
                    || inner.starts_with("新增")
                    || inner.starts_with("年度")
                    || inner.starts_with("实际"));
            // 资助金额 and 补贴总额 are bases.
            let names_money = ["补助", "补贴", "奖励", "资助", "支持"].contains(word);
            let is_sum = names_money && inner.starts_with(['金', '额', '总', '款']);
            if !keeps && !is_sum {
                name = inner;
            }
        }
        if name == before {
            break;
        }
    }
    for word in BASE_ENDS {
        name = name.strip_suffix(word).unwrap_or(name);
    }
    let name = name.trim_end_matches(['的', '为', '，']).trim_end_matches("不超过").trim_end_matches('的');
    if has(name, &["规定", "标准", "比例", "符合条件"]) {
        return String::new();
    }
    if !name.is_empty() && name != "总额" {
        return limited(name);
    }
    // 对展位费给予50%补贴; 给予50%的房租补贴.
    let before = part(words, 0..begin);
    if let Some(at) = before.rfind('对') {
        let name = before.get(at + '对'.len_utf8()..).unwrap_or_default();
        if !name.is_empty() && name.chars().count() <= 20 && !has(name, &["企业", "单位", "机构"]) {
            return limited(name);
        }
    }
    String::new()
}

/// Base that stands before the words for the rate: 培训会务费 of 培训会务费最高支持比例为50%.
fn before_rate(words: &str) -> String {
    let words = RATE_NAMES.iter().find_map(|name| words.strip_suffix(name)).unwrap_or(words);
    let name = ["的", "最高", "支持", "补贴", "补助", "资助", "奖励", "资金"];
    let mut words = words.trim_start_matches('对');
    while let Some(shorter) = name.iter().find_map(|word| words.strip_suffix(word)) {
        poll();
        words = shorter;
    }
    let is_base =
        ["费", "额", "款", "支出", "投入", "利息", "租金", "成本"].iter().any(|end| words.ends_with(end));
    if is_base { limited(words) } else { String::new() }
}

/// Base of at most 40 characters.
fn limited(name: &str) -> String {
    name.chars().take(40).collect()
}
