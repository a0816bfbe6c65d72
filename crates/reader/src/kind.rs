//! Kind (文种) and status of a document.

use zhaoren_policy::document::{DocumentKind, Status};

/// Kind of a document, from its title and, if that is inconclusive, its text.
pub(crate) fn kind(title: &str, text: &str) -> DocumentKind {
    // A service card describes a benefit and how to get it, wherever its title comes from.
    if text.contains("【服务内容】") && (text.contains("【条件要求】") || text.contains("【联络方式】"))
    {
        return DocumentKind::Guide;
    }
    // 关于印发《X》的通知 has the kind of X.
    let inner = ["印发", "转发", "发布", "公布"]
        .iter()
        .find_map(|word| title.split_once(word))
        .and_then(|(_, after)| after.split_once('《'))
        .or_else(|| title.split_once("实施《"))
        .and_then(|(_, after)| after.rsplit_once('》'))
        .map(|(inner, _)| inner);
    match inner {
        Some(inner) => by_name(inner, text).unwrap_or(DocumentKind::Notice),
        None => by_name(title, text).unwrap_or_else(|| by_text(text)),
    }
}

/// Kind of a text without a telling title: a card or leaflet if it states requirements and how to apply.
fn by_text(text: &str) -> DocumentKind {
    let parts =
        ["申报条件", "条件要求", "申请条件", "办理流程", "申报流程", "支持标准", "申报材料", "申请材料"];
    if parts.iter().filter(|part| text.contains(**part)).count() >= 2 {
        DocumentKind::Guide
    } else {
        DocumentKind::Other
    }
}

/// Kind by words at or near the end of a title, the more specific first.
fn by_name(title: &str, text: &str) -> Option<DocumentKind> {
    let core = title
        .trim()
        .trim_end_matches(['》', '）', ')', ' '])
        .trim_end_matches("征求意见稿")
        .trim_end_matches("试行")
        .trim_end_matches("暂行")
        .trim_end_matches("修订")
        .trim_end_matches(['（', '(', ' ']);
    if ["征求意见的通知", "征求意见的公告", "征求意见的函"].iter().any(|end| core.ends_with(end))
    {
        return Some(DocumentKind::Notice);
    }
    // 关于…工作的通知 is a notice; 印发…实施方案的通知 has the kind of the enclosed document.
    let announces = ["通知", "公告", "通告"].iter().any(|end| core.ends_with(end));
    let core = ["的通知", "的公告", "的通告"].iter().find_map(|end| core.strip_suffix(end)).unwrap_or(core);
    let core =
        core.trim_end_matches(['》', '）', ')']).trim_end_matches("试行").trim_end_matches(['（', '(']);
    let ends = |words: &[&str]| words.iter().any(|word| core.ends_with(word));
    let holds = |words: &[&str]| words.iter().any(|word| core.contains(word));
    let asks = [
        "解读",
        "问答",
        "图解",
        "释义",
        "常见问题",
        "解答",
        "说清",
        "详解",
        "简介",
        "如何",
        "怎么",
        "请查收",
    ];
    if holds(&asks) || core.contains(['？', '！', '?', '!']) {
        return Some(DocumentKind::Interpretation);
    }
    if ends(&["公示", "名单", "结果"]) || (holds(&["名单"]) && holds(&["公示", "公布"])) {
        return Some(DocumentKind::List);
    }
    if holds(&["申报指南", "办事指南", "服务指南", "操作指南", "实施指南"])
        || ends(&["指南", "指引", "流程", "政策清单"])
    {
        return Some(DocumentKind::Guide);
    }
    if ends(&["条例", "法", "规定", "规章", "规则", "法典"]) && !ends(&["办法", "做法", "方法"])
    {
        return Some(DocumentKind::Regulation);
    }
    if holds(&["行动方案", "行动计划", "工作方案", "实施方案", "工作要点", "工作安排"])
        || ends(&["方案", "计划", "规划", "纲要", "要点"])
    {
        return Some(DocumentKind::Plan);
    }
    if ends(&["意见", "决定"]) || holds(&["实施意见", "若干意见", "指导意见", "扶持意见"])
    {
        return Some(if pays(text) { DocumentKind::Measure } else { DocumentKind::Opinion });
    }
    if ends(&["办法", "细则", "措施", "政策", "规程", "十条", "条措施", "标准"])
        || (!announces && holds(&["若干措施", "若干政策", "管理办法", "实施细则", "扶持办法", "政策措施"]))
    {
        return Some(DocumentKind::Measure);
    }
    if announces || ends(&["函", "批复"]) {
        return Some(DocumentKind::Notice);
    }
    None
}

/// Kind named by metadata: a kind of law there takes precedence over the title.
pub(crate) fn said(name: &str) -> DocumentKind {
    let law = ["法律", "法规", "规章", "经济法", "民法商法", "行政法", "社会法", "司法解释"];
    if law.iter().any(|word| name.trim().ends_with(word)) {
        return DocumentKind::Regulation;
    }
    by_name(name, "").unwrap_or(DocumentKind::Other)
}

/// True if a text promises sums to applicants, which distinguishes a measure from an opinion.
fn pays(text: &str) -> bool {
    let promises = ["给予", "奖励", "补贴", "资助", "扶持", "支持"];
    let sums = text
        .split(['。', '；', '\n'])
        .filter(|sentence| sentence.contains("万元") || sentence.contains("%的"))
        .filter(|sentence| promises.iter().any(|word| sentence.contains(word)));
    sums.count() >= 3
}

/// Status: draft, no longer in force, or in force.
pub(crate) fn status(title: &str, text: &str) -> Status {
    let head: String = text.chars().take(300).collect();
    let marks = ["征求意见稿", "（草案）", "(草案)", "公开征求意见"];
    if marks.iter().any(|mark| title.contains(mark) || head.contains(mark)) {
        return Status::Draft;
    }
    if ["（已废止）", "（废止）", "（已失效）", "（失效）"].iter().any(|mark| title.contains(mark))
    {
        return Status::Repealed;
    }
    Status::InForce
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_title() {
        use DocumentKind::{Guide, Interpretation, List, Measure, Notice, Opinion, Other, Plan, Regulation};
        let cases = [
            ("关于印发《徐汇区坚持对标改革行动方案》的通知", Plan),
            ("关于做好2023年降成本重点工作的通知", Notice),
            ("上海市专利保护条例", Regulation),
            ("高新技术企业认定管理办法", Measure),
            ("上海市助力中小微企业稳增长若干措施", Measure),
            ("2024年度专项资金申报指南", Guide),
            ("关于加快发展的指导意见", Opinion),
            ("若干意见政策解读", Interpretation),
            ("2024年小微企业贴息贴费审核通过名单", List),
            ("新型工业化发展专项资金管理办法（征求意见稿）", Measure),
            ("鹿城区政策", Measure),
            ("会议纪要", Other),
            ("关于深化规划用地“多审合一”改革的通知", Notice),
            ("关于优化调整政策措施全力促发展的通知", Notice),
            ("就《关于标准化的通知（征求意见稿）》公开征求意见的通知", Notice),
            ("关于印发某市临时救助实施细则的通知", Measure),
            ("关于印发《某办法（试行）》的通知", Measure),
            ("老旧厂房改造实施方案的通知", Plan),
            ("关于实施《产业配套政策》的通知", Measure),
            ("城市总体规划", Plan),
            ("关于加强某事的决定", Opinion),
            ("创业担保贷款常见问题", Interpretation),
            ("怎么申领社会保障卡？", Interpretation),
            ("仲裁网上申请流程", Guide),
        ];
        for (title, expected) in cases {
            assert_eq!(kind(title, ""), expected, "{title}");
        }
        let paying = "给予不超过50万元奖励。给予最高100万元补贴。按30%的比例给予最高5万元支持。";
        assert_eq!(kind("徐汇区关于推动产业发展的若干意见", paying), Measure);
        assert_eq!(status("办法（征求意见稿）", ""), Status::Draft);
        let card = "某办法\n【服务内容】\n1．奖励\n【条件要求】\n1．登记";
        assert_eq!(kind("某市实施方案", card), Guide);
        for (name, expected) in
            [("地方性法规", Regulation), ("部门规章", Regulation), ("扶持办法", Measure), ("其他", Other)]
        {
            assert_eq!(said(name), expected, "{name}");
        }
    }
}
