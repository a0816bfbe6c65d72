//! Grants: whether a sentence gives anything, of which kind, and to whom.

use std::ops::Range;

use zhaoren_policy::document::DocumentKind;
use zhaoren_policy::item::Applicant;

use crate::amount;
use crate::model::Quoted;
use crate::plain::{Plain, first, has, last, part};
use crate::vocabulary::{
    ENTERPRISES, GIVES, GIVES_IN_KIND, HEDGES, KINDS, NO_GRANT, OPERATORS, PERSONS, Section,
};

/// Strength of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// None: encouragement, work of offices, a target, a sanction.
    Nothing,
    /// Support without a sum.
    InKind,
    /// A sum or a rate.
    Sum,
}

/// Strength of the grant of a sentence in a document of a kind.
pub(crate) fn strength(plain: &Plain, kind: Option<DocumentKind>, section: Option<Section>) -> Strength {
    let text = plain.text.as_str();
    if matches!(
        section,
        Some(
            Section::Procedure
                | Section::Materials
                | Section::Window
                | Section::Office
                | Section::Sanction
                | Section::Metadata
        )
    ) {
        return Strength::Nothing;
    }
    if !has(text, &GIVES) || has(text, &NO_GRANT) && !has(text, &["给予", "予以奖励", "奖励"]) {
        return Strength::Nothing;
    }
    let sanctions = [
        "罚款",
        "骗取",
        "追回",
        "退回",
        "追缴",
        "收回",
        "责令",
        "违法所得",
        "处以",
        "赔偿",
        "虚报",
        "挪用",
        "取消",
    ];
    if has(text, &sanctions) {
        return Strength::Nothing;
    }
    let grants = kind.is_none_or(|kind| kind.can_grant() || kind == DocumentKind::Other);
    if has(text, &["不再给予", "不再享受", "不再奖励", "不再补贴", "不再重复", "不予"])
        && !text.contains('；')
    {
        return Strength::Nothing;
    }
    let sums = amount::pays(text) && !is_budget(text);
    if sums && grants {
        return Strength::Sum;
    }
    if sums {
        // A plan or a law grants only what it gives to enterprises in so many words.
        let gives = has(text, &["给予", "予以奖励", "予以补", "予以支持"]);
        let hedged = has(text, &HEDGES)
            || has(text, &["国家", "中央财政", "省级财政", "基金支付", "医保", "学生", "罚"]);
        let aimed = has(text, &["企业", "项目", "单位", "机构", "主体"]);
        return if gives && aimed && !hedged { Strength::Sum } else { Strength::Nothing };
    }
    let applied_for = has(text, &["可以申请", "可申请", "可以申领", "可申领"])
        && has(text, &["扶持", "资助", "补贴", "奖励", "补助", "贴息"]);
    let in_kind = has(text, &GIVES_IN_KIND) || gives_money(text) || applied_for || free_of_charge(text);
    let hedged =
        has(text, &HEDGES) || has(text, &["优先", "予以支持。", "有关规定", "贡献的单位和个人", "突出贡献"]);
    // 鼓励招标人给予减免: another body gives.
    let urges =
        ["鼓励", "引导", "推动", "探索", "支持金融", "支持银行"].iter().any(|word| text.starts_with(word));
    if in_kind && grants && !hedged && !urges && section != Some(Section::Direction) {
        return Strength::InKind;
    }
    Strength::Nothing
}

/// 给予保险费补贴支持, 给予分档支持: money stands close behind the verb, and no mere preference between.
fn gives_money(text: &str) -> bool {
    let money = [
        "奖励",
        "补贴",
        "补助",
        "资助",
        "贴息",
        "贴租",
        "奖补",
        "资金",
        "分档支持",
        "分类支持",
        "经费",
        "配套支持",
    ];
    ["给予", "予以"].iter().any(|verb| {
        text.match_indices(verb).any(|(at, _)| {
            let near: String = text
                .get(at + verb.len()..)
                .unwrap_or_default()
                .chars()
                .take_while(|c| !matches!(c, '，' | '。' | '；' | '：'))
                .take(14)
                .collect();
            has(&near, &money) && !has(&near, &["优先", "重点", "倾斜", "政策", "指导", "适当倾斜"])
        })
    })
}

/// 免收…费用, 减半征收.
fn free_of_charge(text: &str) -> bool {
    has(text, &["免收", "免征", "减半征收", "减免租金", "减免房租", "免租", "免除"])
        && !has(text, &["不得免", "不予减免"])
}

/// True if every sum of a sentence is one of a fund or a budget.
fn is_budget(text: &str) -> bool {
    let funds = ["设立", "安排", "总规模", "基金规模", "总额度", "出资", "注资", "募集", "筹集"];
    let gives = ["给予", "奖励", "补助", "补贴", "资助", "贴息", "最高"];
    match (first(text, &funds), last(text, &gives)) {
        (Some(fund), Some(gift)) => {
            let between = part(text, fund.end.min(gift.start)..gift.start);
            // 安排200万元给予奖励 is a budget; 设立基金，对企业给予50万元奖励 is none.
            let behind = text.get(gift.end..).unwrap_or_default();
            let yuan = amount::sums(between).iter().any(|sum| sum.unit != amount::Unit::Rate);
            amount::sums(behind).is_empty() && yuan
        }
        (Some(_), None) => true,
        _ => false,
    }
}

/// True if a sentence goes on with the grant before it: a cap, a term, an addition.
pub(crate) fn continues(plain: &Plain) -> bool {
    #[rustfmt::skip]
    const BEGINNINGS: &[&str] = &[
        "单个", "每家", "每个企业", "每户", "每年最高", "每年不超过", "每年度", "同一", "最高", "累计", "上述",
        "以上", "其中", "补贴期限", "年度", "补贴期", "支持期", "期限", "总额", "奖励资金", "补贴资金", "补助资金",
        "贴息期限", "单笔", "单家", "对同一", "该项", "奖励金", "奖补资金", "奖励额", "支持金额", "资助金额",
        "补贴标准", "奖励标准", "所需资金", "此项", "两项", "资助总额", "补助总额", "具体",
    ];
    BEGINNINGS.iter().any(|word| plain.text.starts_with(word))
        && !(plain.text.starts_with("上述") && plain.has(&["应", "须"]))
}

/// Support methods of the sentences of a grant.
pub(crate) fn kinds(sentences: &[&Plain]) -> Vec<Quoted<&'static str>> {
    let mut found: Vec<Quoted<&'static str>> = Vec::new();
    for sentence in sentences {
        // 证券, 债券 and 券商 are no vouchers; the places of all other words stay the same.
        let own = ["证券", "债券", "券商"]
            .iter()
            .fold(sentence.text.clone(), |text, word| text.replace(word, "〇〇"));
        // The support is named behind its verb, and its receiver before.
        let from = last_verb(&sentence.text);
        let said = |range: Range<usize>| sentence.span(range);
        for (kind, words) in KINDS.iter() {
            if found.iter().any(|one| one.value == *kind) {
                continue;
            }
            let behind = own.get(from..).unwrap_or_default();
            let money = ["reward", "subsidy", "grant"].contains(kind);
            let text = if money { behind } else { own.as_str() };
            let offset = if money { from } else { 0 };
            if let Some(at) = first(text, words) {
                found.push(Quoted { value: kind, span: said(at.start + offset..at.end + offset) });
            }
        }
    }
    if found.is_empty()
        && let Some((sentence, at)) = sentences
            .iter()
            .find_map(|sentence| Some((sentence, first(&sentence.text, &["支持", "给予", "鼓励"])?)))
    {
        // 支持金额不超过…: money without a name.
        found.push(Quoted { value: "grant", span: sentence.span(at) });
    }
    narrowed(found)
}

/// Kinds without the more general one of a word that names a special kind: 房租补贴 is no other subsidy.
fn narrowed(found: Vec<Quoted<&'static str>>) -> Vec<Quoted<&'static str>> {
    let special = ["interest_subsidy", "insurance_subsidy", "rent", "voucher", "tax", "levy_relief"];
    let has_special = found.iter().any(|one| special.contains(&one.value));
    // 补贴 and 资金 of one sentence: the word that is said first.
    let first_sum = found
        .iter()
        .filter(|one| ["reward", "subsidy", "grant"].contains(&one.value))
        .min_by_key(|one| one.span.start)
        .map(|one| one.value);
    let keeps = |one: &Quoted<&'static str>| match one.value {
        "subsidy" | "grant" | "reward" if has_special => false,
        "reward" | "subsidy" | "grant" => first_sum == Some(one.value),
        "service" | "talent" | "title" | "loan" | "guarantee" | "procurement" | "equipment" => {
            !found.iter().any(|other| ["reward", "subsidy", "grant"].contains(&other.value))
        }
        "levy_relief" => !found.iter().any(|other| other.value == "tax" || other.value == "rent"),
        _ => true,
    };
    let kept: Vec<_> = found.iter().filter(|one| keeps(one)).cloned().collect();
    if kept.is_empty() { found } else { kept }
}

/// First byte of what is given: behind the words that say who gets it.
fn last_verb(text: &str) -> usize {
    first(text, &["给予", "予以", "分别奖励", "一次性奖励", "按照", "按"]).map_or(0, |verb| verb.start)
}

/// Kind of applicant of a grant, with the words that say so; `None` if nothing says it.
pub(crate) fn addressee(sentence: &Plain) -> Option<Quoted<Applicant>> {
    let text = sentence.text.as_str();
    let quoted = |value, range: Range<usize>| Some(Quoted { value, span: sentence.span(range) });
    // 给予企业, 给予个人: the receiver by name.
    if let Some(verb) = first(text, &["给予", "奖励给", "补贴给", "发放给", "予以"]) {
        let behind: String = text.get(verb.end..).unwrap_or_default().chars().take(10).collect();
        let behind =
            behind.trim_start_matches("其").trim_start_matches("该").trim_start_matches("符合条件的");
        if let Some(who) = ["个人", "本人", "农户", "人才", "职工", "家庭", "高管", "骨干"]
            .iter()
            .find(|who| behind.starts_with(**who))
        {
            return quoted(Applicant::Person, verb.end..verb.end + who.len());
        }
        if let Some(who) = ["企业", "用人单位", "单位", "机构", "申报单位", "买方企业", "中介机构"]
            .iter()
            .find(|who| behind.starts_with(**who))
        {
            return quoted(Applicant::Enterprise, verb.start..verb.end + who.len());
        }
    }
    let end = first(text, &["给予", "予以", "一次性奖励", "分别奖励"])
        .or_else(|| first(text, &["分别", "按照", "按", "奖励", "补助", "补贴", "资助", "最高"]))
        .map_or(text.len(), |verb| verb.start);
    let subject = part(text, 0..end);
    let subject = if subject.is_empty() { text } else { subject };
    let at = |words: &[&str]| last(subject, words);
    if let Some(found) = at(&OPERATORS) {
        let enterprise = has(subject, &["入驻企业", "在孵企业", "载体内", "孵化器内", "入驻的企业"]);
        if !enterprise {
            return quoted(Applicant::Operator, found);
        }
    }
    let enterprise = at(&ENTERPRISES);
    let person = at(&PERSONS);
    match (enterprise, person) {
        (Some(found), Some(person)) if person.start > found.start && is_named_last(subject, &person) => {
            quoted(Applicant::Person, person)
        }
        (Some(found), _) => {
            let word = part(subject, found.clone());
            let other = has(subject, &["企业", "单位", "公司", "机构", "主体", "合作社"]);
            let value = if word == "项目" && !other { Applicant::Project } else { Applicant::Enterprise };
            quoted(value, found)
        }
        (None, Some(person)) => quoted(Applicant::Person, person),
        (None, None) => None,
    }
}

/// True if the words behind a person name nothing else: 企业骨干人才, but not 招用毕业生的.
fn is_named_last(subject: &str, person: &Range<usize>) -> bool {
    let behind = subject.get(person.end..).unwrap_or_default();
    let before = part(subject, 0..person.start);
    let hires = [
        "招用",
        "招录",
        "录用",
        "聘用",
        "引进",
        "吸纳",
        "安置",
        "拥有",
        "每新增",
        "新增",
        "培养",
        "派遣",
        "职工总数",
        "每",
    ];
    behind.trim_matches(['，', '的', '）']).chars().count() <= 2 && !has(before, &hires)
}
