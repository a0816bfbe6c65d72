//! Relations to other supports and documents: stacking, 配套, 依据, 修订, 废止.

use serde_json::{Value, json};
use zhaoren_cancel::poll;

use crate::amount::{Unit, sums};
use crate::model::{NamedSpan, RelatedDocument, RelatedKind, StackingReading};
use crate::plain::{Plain, first, has, part};

/// Most names of documents that are taken from one sentence.
const MOST_NAMES: usize = 20;

/// True if a sentence says how a support is combined with others.
pub(crate) fn is_stacking(text: &str) -> bool {
    has(
        text,
        &[
            "就高不",
            "从高不",
            "不重复",
            "不得重复",
            "择优不重复",
            "就高原则",
            "从高原则",
            "从优不重复",
            "择一",
            "不叠加",
            "不可叠加",
            "不得叠加",
            "差额",
            "补差",
            "补足差",
            "可叠加",
            "不同时享受",
            "不得同时享受",
            "不可同时享受",
            "二选一",
            "不再享受",
            "不再重复",
            "避免重复",
            "重复享受",
            "只能享受",
            "仅能享受",
            "只享受",
            "仅享受",
        ],
    )
}

/// Rule of stacking that a sentence says. `group` is the name of the supports of the same document.
pub(crate) fn stacking(sentence: &Plain, verbatim: &str, group: &str) -> Option<StackingReading> {
    let text = sentence.text.as_str();
    let cap = cap(text, group);
    if !is_stacking(text) && cap.is_none() {
        return None;
    }
    // A rule for the same project, loan or product holds by object: no rule of the item as a whole.
    let by_object = has(
        text,
        &[
            "同一项目",
            "同一事项",
            "同一产品",
            "同一设备",
            "同一人员",
            "同一笔",
            "同一内容",
            "同一个项目",
            "同一标准",
            "同一成果",
        ],
    );
    let own = has(
        text,
        &[
            "本办法",
            "本政策",
            "本措施",
            "本意见",
            "本细则",
            "本规定",
            "同类",
            "上述",
            "以上政策",
            "多项",
            "本条",
            "各项",
        ],
    );
    let words = NamedSpan { text: verbatim.trim().to_owned(), span: sentence.span(0..text.len()) };
    let higher = has(text, &["就高", "从高", "从优"]);
    let one = has(
        text,
        &[
            "不重复",
            "不得重复",
            "择一",
            "不叠加",
            "不可叠加",
            "不得叠加",
            "二选一",
            "不得同时",
            "不可同时",
            "不同时",
        ],
    );
    let rule = match cap {
        Some(cap) => Some(cap),
        None if by_object || !own || has(text, &["差额", "补差", "可叠加"]) => None,
        None if higher => Some(json!({"higher_of": group})),
        None if one => Some(json!({"choose_one": group})),
        None => None,
    };
    Some(StackingReading { rule, words })
}

/// 同一企业每年享受本政策资金总额不超过500万元.
fn cap(text: &str, group: &str) -> Option<Value> {
    let is_cap = has(text, &["总额", "累计", "合计"])
        && has(text, &["不超过", "最高", "上限"])
        && has(text, &["企业", "单位", "主体", "机构"])
        && has(text, &["本办法", "本政策", "本措施", "本意见", "各项", "所有"]);
    if !is_cap {
        return None;
    }
    let sums = sums(text);
    let [sum] = sums.as_slice() else { return None };
    if sum.unit != Unit::Yuan || sum.low != sum.high {
        return None;
    }
    let per = if has(text, &["每年", "年度", "全年", "当年"]) { "year" } else { "once" };
    Some(json!({"cap": group, "yuan": sum.high.to_json(), "per": per}))
}

/// Documents that a sentence names as its basis, amends or repeals. `is_condition`: the sentence asks conditions.
pub(crate) fn documents(sentence: &Plain, is_condition: bool) -> Vec<RelatedDocument> {
    let text = sentence.text.as_str();
    let mut found = Vec::new();
    for (at, _) in text.match_indices('《').take(MOST_NAMES) {
        poll();
        let rest = text.get(at + '《'.len_utf8()..).unwrap_or_default();
        let Some(end) = rest.find('》') else { break };
        let name = part(rest, 0..end);
        let behind = rest.get(end + '》'.len_utf8()..).unwrap_or_default();
        let before: String = {
            let tail: Vec<char> = part(text, 0..at).chars().rev().take(40).collect();
            tail.into_iter().rev().collect()
        };
        let near: String = behind.chars().take(40).collect();
        let kind = if has(&near, &["同时废止", "予以废止", "废止", "停止执行"]) {
            RelatedKind::Repeals
        } else if has(&before, &["修改", "修订"]) || has(&near, &["修改如下", "作如下修改"]) {
            RelatedKind::Amends
        } else if is_condition
            && has(&before, &["按照", "按", "依据", "根据", "依照", "符合", "参照", "纳入", "列入"])
        {
            RelatedKind::Conditions
        } else if has(&before, &["根据", "依据", "按照", "落实", "贯彻", "依照"]) {
            RelatedKind::Basis
        } else {
            continue;
        };
        let number = zhaoren_text::docno::find_all(&near)
            .first()
            .filter(|(place, _)| place.start <= 6)
            .map(|(_, number)| number.to_string());
        let place = at..at + '《'.len_utf8() + end + '》'.len_utf8();
        found.push(RelatedDocument { kind, name: name.to_owned(), number, span: sentence.span(place) });
    }
    found
}

/// 按市级资助额1:1配套: paid on top of a support of a higher level.
pub(crate) fn top_up(sentence: &Plain) -> Option<RelatedDocument> {
    let text = sentence.text.as_str();
    let matched = first(text, &["配套", "叠加给予", "匹配"])?;
    let upper = [
        "国家、省、市",
        "国家、市级",
        "国家和市",
        "国家级",
        "市级以上",
        "市级及以上",
        "省级以上",
        "市级",
        "省级",
        "国家",
        "上级",
        "省、市",
        "市",
    ];
    let money = has(text, &["资助", "资金", "支持", "奖励", "补助", "立项", "项目"]);
    let level = first(part(text, 0..matched.start), &upper).or_else(|| first(text, &upper))?;
    let facility = has(
        text,
        &[
            "配套设施",
            "配套服务",
            "配套基础",
            "配套用房",
            "产业配套",
            "生活配套",
            "本地配套",
            "配套产品",
            "配套企业",
            "协作配套",
            "配套率",
            "配套额",
        ],
    );
    if !money
        || facility
            && !has(
                text,
                &["给予配套", "资金配套", "配套支持", "配套资助", "配套奖励", "予以配套", "配套资金"],
            )
    {
        return None;
    }
    let end = first(text.get(level.start..)?, &["，", "的", "给予"])
        .map_or(text.len(), |end| level.start + end.start);
    Some(RelatedDocument {
        kind: RelatedKind::TopUpOf,
        name: part(text, level.start..end).chars().take(40).collect(),
        number: None,
        span: sentence.span(level.start..matched.end.max(level.end)),
    })
}
