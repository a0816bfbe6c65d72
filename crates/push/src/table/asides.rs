//! Rows of a table that are no enterprises: totals, remarks, signatures, and the header that each printed page repeats.

use super::width::narrow;

/// Kind of a row that is no enterprise, named in its reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aside {
    Total,
    Remark,
    Signature,
    Section,
    Header,
}

impl Aside {
    /// Reason of the reject, in Chinese.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Total => "是合计行，不是企业，没有读取",
            Self::Remark => "是说明行，不是企业，没有读取",
            Self::Signature => "是填表签署行，不是企业，没有读取",
            Self::Section => "是分节标题行，不是企业，没有读取",
            Self::Header => "是重复的表头，不是企业，没有读取",
        }
    }
}

/// Words that a row of totals begins with, alone or with a number or a bracket behind them.
const TOTALS: [&str; 14] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总和",
    "汇总",
    "本页小计",
    "本页合计",
    "平均",
    "平均值",
    "Total",
    "TOTAL",
    "total",
];

/// Words that a remark begins with, with a sign behind them.
const REMARKS: [&str; 12] = [
    "注",
    "备注",
    "说明",
    "填表说明",
    "填报说明",
    "附注",
    "数据来源",
    "资料来源",
    "数据截至",
    "数据截止",
    "统计口径",
    "注意",
];

/// Words that a signature begins with, with a sign behind them.
const SIGNATURES: [&str; 22] = [
    "填表人",
    "填报人",
    "制表人",
    "制表",
    "审核人",
    "审核",
    "复核",
    "复核人",
    "负责人",
    "单位负责人",
    "统计负责人",
    "经办人",
    "联系人",
    "联系电话",
    "填报单位",
    "填表单位",
    "制表单位",
    "填报日期",
    "填表日期",
    "报出日期",
    "制表日期",
    "签字",
];

/// Kind of row that begins with this text; `None` for the text of an enterprise.
pub(crate) fn kind(text: &str) -> Option<Aside> {
    // Most texts are ids and names: only a few first characters are looked at further.
    const FIRST: &str = "合总小共累汇本平注备说填附数资统制审复负单经联报签Tt一二三四五六七八九十（(";
    const LONGEST: usize = 2_000;
    if !text.starts_with(|c| FIRST.contains(c)) && !text.contains([' ', '\u{3000}']) || text.len() > LONGEST {
        return None;
    }
    let text: String = narrow(text).chars().filter(|c| !c.is_whitespace()).collect();
    let after = |word: &&str| text.strip_prefix(*word);
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with([':', '(', '/', ',']);
    if TOTALS.iter().filter_map(after).any(|rest| is_end(rest) || is_count(rest)) {
        return Some(Aside::Total);
    }
    // 注：, 注1：, 注 1. and 注 alone.
    let is_sign = |rest: &str| {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.starts_with([':', '.', '、']) || rest.is_empty()
    };
    if SIGNATURES.iter().filter_map(after).any(|rest| rest.starts_with(':') || rest.starts_with("(签")) {
        return Some(Aside::Signature);
    }
    if REMARKS.iter().filter_map(after).any(is_sign) {
        return Some(Aside::Remark);
    }
    let numeral = text.trim_start_matches('(').trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    if numeral.len() < text.len() && numeral.strip_prefix(['、', ')']).is_some_and(|rest| !rest.is_empty()) {
        return Some(Aside::Section);
    }
    if text.starts_with("数据截至") || text.starts_with("数据截止") {
        return Some(Aside::Remark);
    }
    None
}

/// True if a text is a number with a unit: `3`, `共3家`, `12户`.
fn is_count(text: &str) -> bool {
    let text = text.trim_start_matches('共');
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    rest.len() < text.len() && matches!(rest, "" | "家" | "户" | "个" | "家企业" | "户企业" | ":" | "、")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_remarks_and_signatures_are_distinguished_from_enterprises() {
        for text in ["合计", "合 计", "合　计：", "总计（3家）", "小计3家", "合计：共3家", "Total", "平均值"]
        {
            assert_eq!(kind(text), Some(Aside::Total), "{text}");
        }
        for text in
            ["注：数据截至2025年底", "备注:", "注", "注1：甲", "数据截至2025年12月31日", "填表说明：一、二"]
        {
            assert_eq!(kind(text), Some(Aside::Remark), "{text}");
        }
        for text in ["填表人：张三", "审核：", "负责人（签字）：", "填报日期: 2026年1月"]
        {
            assert_eq!(kind(text), Some(Aside::Signature), "{text}");
        }
        for text in ["一、规上企业", "（二）规下企业", "十一、其他"] {
            assert_eq!(kind(text), Some(Aside::Section), "{text}");
        }
        for text in [
            "",
            "一汽公司",
            "（）",
            "T1",
            "91310104MA1FR000X6",
            "合计网络科技有限公司",
            "总部经济公司",
            "小计然商贸行",
            "审核通有限公司",
            "注册中心",
            "数据港公司",
            "Totalsoft",
            "联系人网络公司",
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
