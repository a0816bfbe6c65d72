//! Organ part of a document number: its beginning in running text, and a canonical form of its spellings.

use zhaoren_cancel::steps;

/// Kind of the text before the year and serial number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A short code: 国科发火.
    Code,
    /// Names of organs ending in 公告, 通告 or 令.
    Names,
}

/// Maximum length of a code and of a list of names, in characters.
const LONGEST_CODE: usize = 14;
const LONGEST_NAMES: usize = 72;

/// Words that never occur inside an organ's code or name: it begins after the last of them.
const BORDERS: &[&str] = &[
    "根据",
    "依据",
    "按照",
    "依照",
    "参照",
    "关于",
    "印发",
    "下发",
    "废止",
    "文件",
    "执行",
    "落实",
    "贯彻",
    "转发",
    "通知",
    "规定",
    "原文号",
    "文号",
    "详见",
    "参见",
    "以及",
    "其中",
    "包括",
    "要求",
    "规范性",
    "修改",
    "修订",
    "发布的",
    "公布的",
    "的公告",
    "的通告",
    "的",
    "及",
    "与",
    "或",
    "按",
    "见",
    "照",
    "即",
    "为",
    "至",
    "在",
    "对",
    "将",
    "等",
    "是",
    "有",
    "从",
    "号",
    "條",
    "条",
    "款",
    "项",
    "年",
    "月",
    "日",
    "由",
    "被",
    "经由",
    "符合",
    "我",
    "本",
];

/// Words that may precede an organ but also occur in some names: cut only at the beginning.
const OPENERS: &[&str] = &["原", "和", "以", "依", "如", "附", "并", "又"];

/// Byte offset in `left` where the organ at its end begins.
///
/// `named_behind` means that 公告 or 令 follows the serial number, so `left` ends with the bare name.
pub(super) fn left_organ(left: &str, shape: Shape, named_behind: bool) -> Option<usize> {
    let limit = if shape == Shape::Code { LONGEST_CODE } else { LONGEST_NAMES };
    let body = left.trim_end_matches([' ', '\u{3000}', '\u{a0}']);
    steps((left.len() - body.len()) as u64);
    let mut start = body.len();
    for (count, (at, c)) in body.char_indices().rev().enumerate() {
        let gap = matches!(c, ' ' | '\u{3000}' | '、');
        if count >= limit || !(is_han(c) || (shape == Shape::Names && gap)) {
            break;
        }
        start = at;
    }
    let run = body.get(start..)?;
    start += behind_borders(run);
    if shape == Shape::Names {
        start = first_organ(body, start, named_behind)?;
    }
    let mut organ = body.get(start..)?;
    for opener in OPENERS {
        if let Some(rest) = organ.strip_prefix(opener)
            && opens_organ(rest, shape)
        {
            start += opener.len();
            organ = rest;
        }
    }
    start += organ.len() - organ.trim_start_matches([' ', '\u{3000}', '、']).len();
    (organ.chars().count() >= 2).then_some(start)
}

/// Length of `run` up to the end of the last border word.
fn behind_borders(run: &str) -> usize {
    let mut cut = 0;
    for word in BORDERS {
        if let Some(at) = run.rfind(word) {
            let end = at + word.len();
            // A border word at the end of the run is the organ's own last word, as in 问题的公告2015年第97号.
            if end < run.len() {
                cut = cut.max(end);
            }
        }
    }
    cut
}

/// Start of the longest sequence of names at the end, separated by spaces or 、, that all end like organs.
fn first_organ(body: &str, start: usize, named_behind: bool) -> Option<usize> {
    let run = body.get(start..)?;
    let mut first = None;
    let mut end = run.len();
    for (index, part) in run.rsplit([' ', '\u{3000}', '、']).enumerate() {
        let begin = end - part.len();
        let name = if index == 0 && !named_behind { without_kind(part) } else { part };
        let joint_kind = index == 0 && name.is_empty();
        let abridged = index == 0 && part == "国令";
        if !joint_kind && !part.is_empty() && !abridged && !ends_like_organ(name) {
            break;
        }
        if !part.is_empty() && !joint_kind {
            first = Some(start + begin);
        }
        end = begin
            .saturating_sub(run.get(..begin).and_then(|t| t.chars().next_back()).map_or(0, char::len_utf8));
    }
    first
}

fn without_kind(name: &str) -> &str {
    ["公告", "通告", "公报", "令"].iter().find_map(|kind| name.strip_suffix(kind)).unwrap_or(name)
}

fn ends_like_organ(name: &str) -> bool {
    name.chars().count() >= 2
        && name.chars().next_back().is_some_and(|c| "部局委会署府院办厅行席室军区团心".contains(c))
}

fn opens_organ(rest: &str, shape: Shape) -> bool {
    match shape {
        Shape::Code => known_code(rest) && rest.chars().next().is_some_and(|c| HEADS.contains(c)),
        Shape::Names => ends_like_organ(without_kind(rest)),
    }
}

/// True if `organ` is plausible: all Han (names may contain single spaces), of an acceptable length.
pub(super) fn plausible(organ: &str, shape: Shape) -> bool {
    let count = organ.chars().count();
    let limit = if shape == Shape::Code { LONGEST_CODE } else { LONGEST_NAMES };
    (2..=limit).contains(&count)
        && organ.chars().all(|c| is_han(c) || c == ' ')
        && (shape == Shape::Code || without_kind(organ) != organ)
}

/// The organ as stored: simplified, without spaces except one between joint names.
pub(super) fn joined(typed: &str) -> String {
    let folded = super::folded(typed);
    let parts: Vec<&str> = folded
        .split(|c: char| c.is_whitespace() || c == '、' || c == '，' || c == ',')
        .filter(|part| !part.is_empty())
        .collect();
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let names =
            parts.get(index.wrapping_sub(1)).is_some_and(|before| index > 0 && ends_like_organ(before));
        let kind = without_kind(part).is_empty();
        if names && !kind && ends_like_organ(without_kind(part)) {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

/// Canonical form of all spellings of an organ.
pub(super) fn canonical(organ: &str) -> String {
    let mut out = String::with_capacity(organ.len());
    for part in organ.split(|c: char| c.is_whitespace() || c == '、') {
        let name = without_kind(part);
        let kind = part.strip_prefix(name).unwrap_or_default();
        // By the whole name alone: 上海市发改委 is not the national one.
        let bare = name.strip_prefix("中华人民共和国").unwrap_or(name);
        let long = SHORT_NAMES.iter().find(|(short, _)| *short == bare).map(|(_, long)| *long);
        out.push_str(long.unwrap_or(name));
        out.push_str(kind);
    }
    for (long, short) in [
        ("中华人民共和国", ""),
        ("国家发展和改革委员会", "国家发展改革委"),
        ("国家发展改革委员会", "国家发展改革委"),
        ("国家税务总局", "税务总局"),
        ("国家市场监督管理总局", "市场监管总局"),
        ("国家市场监管总局", "市场监管总局"),
        ("市场监督管理总局", "市场监管总局"),
        ("住房和城乡建设部", "住房城乡建设部"),
        ("人力资源和社会保障部", "人力资源社会保障部"),
    ] {
        if out.contains(long) && out.len() > long.len() {
            out = out.replace(long, short);
        }
    }
    out
}

/// Short names under which decrees and announcements of central organs are cited, with the names that they bear. Former
/// organs (农业部, 交通部) numbered decrees of their own.
/// 国令 is how the index of gov.cn numbers decrees of the State Council.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("国", "国务院"),
    ("国家主席", "主席"),
    ("发改委", "国家发展改革委"),
    ("发展改革委", "国家发展改革委"),
    ("国家发改委", "国家发展改革委"),
    ("科技部", "科学技术部"),
    ("工信部", "工业和信息化部"),
    ("人社部", "人力资源社会保障部"),
    ("住建部", "住房城乡建设部"),
    ("文旅部", "文化和旅游部"),
    ("应急部", "应急管理部"),
    ("卫健委", "国家卫生健康委"),
    ("国家卫健委", "国家卫生健康委"),
    ("国家卫生健康委员会", "国家卫生健康委"),
    ("央行", "中国人民银行"),
    ("人民银行", "中国人民银行"),
    ("证监会", "中国证监会"),
    ("中国证券监督管理委员会", "中国证监会"),
    ("国资委", "国务院国资委"),
    ("国务院国有资产监督管理委员会", "国务院国资委"),
    ("药监局", "国家药监局"),
    ("国家药品监督管理局", "国家药监局"),
    ("知识产权局", "国家知识产权局"),
    ("市监总局", "市场监管总局"),
];

/// True if `c` is a Chinese character.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// First characters of codes: provinces, districts of Shanghai and central organs.
const HEADS: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼\
徐黄静长普虹杨浦闵宝嘉金松奉崇穗深杭甬鹿温厦青蓉汉武锡常通\
国财银证保工科人社建商交农水文卫教民司公发环自市知税海署汇统林中质安审外广体信电能粮烟邮铁航药医档机最";

/// Ordinary words that end like a code.
const WORDS: &[&str] = &[
    "研发",
    "开发",
    "转发",
    "颁发",
    "印发",
    "签发",
    "批发",
    "信函",
    "公函",
    "命令",
    "文字",
    "数字",
    "汉字",
    "签字",
    "法规",
    "常规",
    "正规",
    "违规",
    "合规",
    "海关公告",
    "新规",
    "国规",
    "外发",
    "公办",
    "民办",
    "国办令",
    "主办",
    "承办",
    "科研开发",
    "商办",
    "通办",
    "新办",
    "代办",
    "帮办",
    "交办",
    "督办",
    "自办",
    "中办",
    "医办",
    "公告",
    "通告",
    "通知",
    "税法规",
    "建规",
    "自发",
    "商务办",
    "人才办",
];

/// True if `code` has the form of an organ's code.
fn known_code(code: &str) -> bool {
    let count = code.chars().count();
    if !(2..=8).contains(&count) || WORDS.contains(&code) || !code.chars().all(is_han) {
        return false;
    }
    let government =
        ["府发", "府规", "府办", "府函", "政发", "政规", "政办", "政函", "府字", "府令", "委发", "委办"]
            .iter()
            .any(|part| code.contains(part));
    let ends = code.chars().next_back().is_some_and(|c| "发规函字办令税号告".contains(c))
        || ["规范", "通知", "电", "办文", "国科发", "联企业", "财教", "财关税"]
            .iter()
            .any(|end| code.ends_with(end));
    let inner = code.chars().skip(1).any(|c| c == '发') && count <= 5;
    let headed = code.chars().next().is_some_and(|c| HEADS.contains(c));
    (government && count >= 3) || (headed && (ends || inner))
}

/// Organ code without year and serial number, if `typed` is exactly one: 沪府规, 徐府办规, 国科发火.
///
/// Any script, spaces and trailing brackets such as 沪府规〔〕 are allowed. Ordinary words with the same
/// endings (研发, 法规) are not codes. A plausible code need not exist: a caller that finds no document
/// with it should search for the words instead.
///
/// ```
/// use zhaoren_text::docno::organ_prefix;
/// assert_eq!(organ_prefix("滬府規"), Some("沪府规".to_owned()));
/// assert_eq!(organ_prefix("研发"), None);
/// ```
#[must_use]
pub fn organ_prefix(typed: &str) -> Option<String> {
    let bare = typed.trim().trim_end_matches(['〔', '〕', '[', ']', '(', ')', '（', '）', ' ', '\u{3000}']);
    let code = joined(bare);
    let order = code.strip_suffix('令').or_else(|| code.strip_suffix("公告")).is_some_and(ends_like_organ);
    (order || known_code(&code)).then_some(code)
}
