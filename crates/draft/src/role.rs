//! Roles of sentences: each sentence of a document is a grant, a condition, a deadline and so on, or it is unread.

use zhaoren_policy::document::DocumentKind;

use crate::grant::{Strength, strength};
use crate::model::Role;
use crate::plain::{Plain, has};
use crate::relation::is_stacking;
use crate::section::Provision;
use crate::vocabulary::{ENCOURAGING, Section};
use crate::window;

/// Role of a sentence in its provision.
pub(crate) fn role(plain: &Plain, provision: &Provision, kind: Option<DocumentKind>) -> Role {
    let text = plain.text.as_str();
    if text.chars().all(|c| !c.is_alphanumeric()) {
        return Role::Heading;
    }
    let section = provision.section;
    match section {
        Some(Section::Metadata) => return Role::Head,
        Some(Section::Materials) => return Role::Materials,
        Some(Section::Office) => return Role::Procedure,
        Some(Section::Window) => return Role::Window,
        _ => {}
    }
    if has(
        text,
        &[
            "起施行",
            "起实施",
            "起执行",
            "有效期至",
            "有效期为",
            "有效期自",
            "有效期5年",
            "负责解释",
            "有效期届满",
            "施行。",
            "解释权",
        ],
    ) {
        return Role::Validity;
    }
    if has(
        text,
        &[
            "骗取",
            "追回",
            "追缴",
            "责令",
            "罚款",
            "追究",
            "退回已",
            "失信名单",
            "弄虚作假",
            "依法处理",
            "依法予以",
        ],
    ) && !is_condition(text)
    {
        return Role::Sanction;
    }
    let grant = strength(plain, kind, section);
    let limits_all = has(text, &["合计", "总额", "两项", "累计"])
        && has(text, &["不超过", "最高", "上限"])
        && !has(text, &["给予", "予以"]);
    let is_continued = limits_all && text.contains("财政扶持");
    if is_stacking(text) && grant == Strength::Nothing || is_continued {
        return Role::Stacking;
    }
    if has(
        text,
        &[
            "不予支持",
            "不予奖励",
            "不予补贴",
            "不予补助",
            "不得申报",
            "不得享受",
            "不纳入支持",
            "不给予",
            "不列入支持",
            "不予扶持",
        ],
    ) {
        return Role::Condition;
    }
    if grant > Strength::Nothing {
        return Role::Grant;
    }
    if is_purpose(text) {
        return Role::Purpose;
    }
    if has(text, &["所称", "是指", "系指", "指的是"]) && !text.starts_with("对") {
        return Role::Definition;
    }
    if section == Some(Section::Conditions) && !is_work(text) || is_condition(text) {
        return Role::Condition;
    }
    if window::read(text, false).is_some() {
        return Role::Window;
    }
    if has(text, &["提交", "提供", "附送", "报送"])
        && has(text, &["材料", "复印件", "证明", "申请表", "扫描件", "报告"])
    {
        return Role::Materials;
    }
    if section == Some(Section::Procedure) || is_procedure(text) {
        return Role::Procedure;
    }
    if section == Some(Section::Sanction) {
        return Role::Sanction;
    }
    if section == Some(Section::Validity) {
        return Role::Validity;
    }
    if section == Some(Section::Direction) || is_work(text) {
        return Role::Encouragement;
    }
    Role::Unread
}

/// 为贯彻…，制定本办法.
fn is_purpose(text: &str) -> bool {
    let begins = ["为", "根据", "依据", "按照"].iter().any(|word| text.starts_with(word));
    begins
        && has(
            text,
            &[
                "制定本",
                "特制定",
                "制定如下",
                "现就",
                "提出如下",
                "提出以下",
                "结合本",
                "结合我",
                "制订",
                "通知如下",
                "公告如下",
                "制定以下",
                "现将",
            ],
        )
        || has(text, &["现印发给你们", "印发给你们", "请认真贯彻", "请遵照执行", "请结合实际"])
}

/// 申报单位应当…, 享受本办法的企业须…
pub(crate) fn is_condition(text: &str) -> bool {
    let asks = has(
        text,
        &[
            "应当符合",
            "应符合",
            "须符合",
            "需符合",
            "应满足",
            "应当满足",
            "须满足",
            "需满足",
            "满足以下",
            "满足下列",
            "符合以下",
            "符合下列",
            "应具备",
            "应当具备",
            "须具备",
            "需具备",
            "具备以下",
            "具备下列",
            "同时符合",
            "同时满足",
            "须是",
            "应为",
            "须为",
            "必须",
            "应是",
            "适用于",
            "适用对象",
            "支持对象",
            "申报主体",
            "扶持对象",
            "有下列情形",
            "有以下情形",
            "应同时",
            "须同时",
            "方可申报",
            "可申报",
            "方可享受",
            "方可申请",
        ],
    );
    let whom = has(
        text,
        &["企业", "单位", "机构", "主体", "项目", "申报", "申请", "享受", "对象", "法人", "平台", "园区"],
    );
    let other = has(
        text,
        &[
            "部门",
            "各区",
            "各镇",
            "街道",
            "财政局",
            "资金管理",
            "评审专家",
            "工作人员",
            "主管单位",
            "第三方机构",
            "有关部门",
            "部门应",
            "不得将",
            "国家应",
            "政府应",
            "海关",
            "监管部门",
        ],
    );
    asks && whom && !other
}

/// Work of offices, and encouragement without a grant.
fn is_work(text: &str) -> bool {
    let inner = text.trim_start_matches(|c: char| !c.is_alphabetic());
    ENCOURAGING.iter().any(|word| inner.starts_with(word))
        || has(
            text,
            &[
                "责任单位",
                "牵头单位",
                "牵头部门",
                "责任部门",
                "力争",
                "到2025年",
                "到2027年",
                "到2030年",
                "到2026年",
                "配合单位",
            ],
        )
}

fn is_procedure(text: &str) -> bool {
    let steps = [
        "提出申请",
        "受理",
        "审核",
        "初审",
        "复核",
        "公示",
        "拨付",
        "评审",
        "登录",
        "审批",
        "网上申报",
        "在线申报",
        "提出申报",
        "咨询电话",
        "联系电话",
        "联系人",
        "核定",
        "主管部门",
        "下达",
        "申报通知",
        "抽查",
        "验收",
    ];
    has(text, &steps)
}
