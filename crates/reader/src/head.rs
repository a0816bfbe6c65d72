//! Head of a document (版头, 标题): the lines above its text, with title, number, issuer and date.

use jiff::civil::Date;
use zhaoren_cancel::steps;
use zhaoren_text::docno;

use crate::dates;
use crate::numbering::{Style, read};
use crate::title::{bare, ends_title, fallback, joined, without_list_number, words_of_title};

/// Number of lines at the start of a text that can belong to its head.
const MOST_LINES: usize = 24;

/// Longest salutation, in characters.
const LONGEST_SALUTATION: usize = 120;

/// Facts that the head of a document states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// Title, joined from its lines.
    pub(crate) title: String,
    /// Number in canonical form.
    pub(crate) number: Option<String>,
    /// Organ of the letterhead: that of X文件, or of X令.
    pub(crate) organ: Option<String>,
    /// Date in brackets, or that of the last note on the adoption of a law.
    pub(crate) date: Option<Date>,
    /// Date alone on a line, without brackets: pages print the day of their publication there too.
    pub(crate) plain_date: Option<Date>,
    /// True if the document is a decree (令).
    pub(crate) is_decree: bool,
}

/// Reads the head of a text.
pub(crate) fn head(text: &str) -> Head {
    let mut head = Head::default();
    let mut lines: Vec<&str> = Vec::new();
    let mut first = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES) {
        steps(line.len() as u64);
        if is_furniture(line) || dates::of_line(line).is_none() && !line.chars().any(char::is_alphabetic) {
            continue;
        }
        let line = if first.is_none() { without_list_number(line) } else { line };
        let (line, date) = without_date(line);
        head.date = head.date.or(date);
        // A salutation is no title.
        let addresses = line.ends_with(['：', ':'])
            && !line.contains("公告")
            && line.chars().nth(LONGEST_SALUTATION).is_none();
        if first.is_none() && addresses && !ends_title(line.trim_end_matches(['：', ':'])) {
            continue;
        }
        first = first.or(Some(line));
        if ends_head(line) {
            break;
        }
        lines.push(line);
    }
    let mut runs: Vec<Vec<&str>> = vec![Vec::new()];
    let mut above: Option<&str> = None;
    for line in lines {
        if let Some(date) = adopted(line) {
            // The last of the notes says of which day the text is.
            head.date = Some(date);
            runs.push(Vec::new());
        } else if let Some(date) = dates::of_line(line) {
            let slot = if line.starts_with(['（', '(']) { &mut head.date } else { &mut head.plain_date };
            slot.get_or_insert(date);
            runs.push(Vec::new());
        } else if let Some(number) = number_of(line, above) {
            if head.number.is_none() {
                head.is_decree = above.is_some_and(|above| above.ends_with('令'))
                    || line.contains("令第")
                    || number.contains("令第");
                head.number = Some(number);
            }
            runs.push(Vec::new());
        } else if let Some(organ) = letterhead(line) {
            head.organ = head.organ.or(organ);
            runs.push(Vec::new());
        } else if let Some(run) = runs.last_mut() {
            run.push(line);
        }
        above = Some(line);
    }
    head.title = runs
        .iter()
        .find_map(|run| joined(run))
        .or_else(|| {
            let first = runs.iter().find_map(|run| run.first())?;
            Some(words_of_title(first).unwrap_or_else(|| (*first).to_owned()))
        })
        .or_else(|| first.map(|line| words_of_title(line).unwrap_or_else(|| fallback(line))))
        .unwrap_or_default();
    head.title = bare(&head.title).chars().take(200).collect();
    head
}

/// A title without the date in brackets behind it, and that date: 某局关于某事的通知（2023年5月26日）.
fn without_date(line: &str) -> (&str, Option<Date>) {
    let split = line.rfind(['（', '(']).and_then(|at| line.split_at_checked(at));
    match split.map(|(before, bracket)| (before.trim_end(), dates::of_line(bracket))) {
        Some((before, Some(date))) if !before.is_empty() => (before, Some(date)),
        _ => (line, None),
    }
}

/// The last date of a note below the title of a law: （2016年11月7日某会议通过　根据2020年3月1日某决定修正）.
fn adopted(line: &str) -> Option<Date> {
    const WORDS: [&str; 8] = ["通过", "公布", "发布", "批准", "颁布", "修正", "修订", "会议"];
    let plain = line.trim_start_matches(['（', '(']);
    let plain = plain.strip_prefix("根据").unwrap_or(plain);
    let (date, length) = dates::at_start(plain)?;
    let rest = plain.get(length..)?;
    if !WORDS.iter().any(|word| rest.contains(word)) {
        return None;
    }
    // A note may hold several on one line, each behind its own 根据 or bracket.
    let later = rest.match_indices(['据', '　', ' ', '的']).filter_map(|(at, sign)| {
        let (date, _) = dates::at_start(rest.get(at + sign.len()..)?.trim_start())?;
        Some(date)
    });
    later.max().max(Some(date))
}

/// True for a line with which the body of a text begins: a salutation, a provision, a sentence.
fn ends_head(line: &str) -> bool {
    let addresses = line.ends_with(['：', ':']) && !line.starts_with(['《']);
    let label = read(line).is_some_and(|label| label.style != Style::Annex && label.style != Style::Circled);
    // A bracket of a year or a meeting under the title, and a title in 《》, are no sentences.
    let sentence = line.contains(['。', '；', '！']) && !line.starts_with(['（', '(']);
    addresses || label || sentence
}

/// Number of the document itself among the lines of a text.
pub(crate) fn number_in(text: &str) -> Option<String> {
    let mut above = None;
    text.lines().map(str::trim).filter(|line| !line.is_empty()).find_map(|line| {
        let number = number_of(line, above);
        above = Some(line);
        number
    })
}

/// Number of the document itself: alone on a line, after 字号：, or split from the name of a decree above it.
fn number_of(line: &str, above: Option<&str>) -> Option<String> {
    let labelled = ["发文字号", "字号", "文号", "编号"]
        .iter()
        .find_map(|label| line.strip_prefix(label))
        .map_or(line, |rest| rest.trim_start_matches([':', '：', ' ']));
    let plain = labelled.trim_matches(['（', '）', '(', ')', ' ', '*']);
    if let Some(number) = docno::parse(plain) {
        return Some(number.to_string());
    }
    // 某市人民政府令 above 第12号 or （第12号）, 公告 above 2023年第12号, and 国务院 above 第707号令.
    let kinds = ["令", "公告", "通告"];
    let ends = |line: &str| kinds.iter().any(|kind| line.ends_with(kind));
    let above = above.filter(|above| ends(above) || ends(plain) && is_organ(above))?;
    let counts =
        plain.starts_with('第') || plain.starts_with(|c: char| c.is_ascii_digit() || "一二".contains(c));
    let organ: String = above.chars().filter(|c| !c.is_whitespace()).collect();
    let number = (counts && plain.chars().count() <= 16).then(|| docno::parse(&format!("{organ}{plain}")))?;
    number.map(|number| number.to_string())
}

/// A line of the letterhead, with the organ that it names: 某市人民政府文件, 某部令, 特急, 签发人：….
fn letterhead(line: &str) -> Option<Option<String>> {
    let plain: String = line.chars().filter(|c| !c.is_whitespace()).take(42).collect();
    if plain.chars().count() > 40 || plain.contains("关于") {
        return None;
    }
    if let Some(organ) = plain.strip_suffix("文件").or_else(|| plain.strip_suffix('令')) {
        return is_organ(organ).then(|| Some(organ.to_owned()));
    }
    // The gazette in which a document is printed, and its issue.
    let gazette = plain.ends_with("人民政府公报") || plain.contains("总第") && plain.contains(['期', '号']);
    let marks =
        ["签发人", "特急", "急件", "加急", "机密", "秘密", "内部资料", "主动公开", "依申请公开", "ICS"];
    let mark = marks.iter().any(|mark| plain.starts_with(mark));
    // 000014349/2018-00222 is the number of a page in its index.
    let index = plain.contains(['/', '-'])
        && plain.chars().any(|c| c.is_ascii_digit())
        && plain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_'));
    (gazette || mark || index).then_some(None)
}

/// Last characters of the names of organs.
const ORGAN_ENDS: [&str; 27] = [
    "府",
    "室",
    "局",
    "委",
    "部",
    "厅",
    "会",
    "院",
    "署",
    "行",
    "办",
    "处",
    "中心",
    "管委会",
    "委员会",
    "集团",
    "联合会",
    "总局",
    "总队",
    "支队",
    "大队",
    "分局",
    "站",
    "团",
    "协会",
    "司",
    "人大",
];

/// True if a name ends like that of an organ.
pub(crate) fn is_organ(name: &str) -> bool {
    let count = name.chars().count();
    (2..=40).contains(&count)
        && ORGAN_ENDS.iter().any(|end| name.ends_with(end))
        && !name.contains(['，', '。', '：', ':', '；', '、', '《', '|', '〔'])
}

/// Issuer named by a title: the text before 关于, or before 印发 and 转发 without it.
pub(crate) fn issuer(title: &str) -> Option<String> {
    let at = ["关于", "印发", "转发", "就《"].iter().filter_map(|word| title.find(word)).min()?;
    let before = title.get(..at)?;
    // （转载） and the number of a list precede some titles.
    let organ = before.trim_start_matches("（转载）").trim();
    let organ = read(organ).and_then(|label| organ.get(label.length..)).unwrap_or(organ).trim();
    let ends = ["府", "室", "局", "委", "部", "厅", "会", "院", "署", "行", "办", "中心"];
    (ends.iter().any(|end| organ.ends_with(end))
        && organ.chars().count() >= 2
        && !organ.contains(['。', '，', '《']))
    .then(|| organ.to_owned())
}

/// True for lines of a web page that are not part of the document: 字号:, 索引号：, 分享:.
fn is_furniture(line: &str) -> bool {
    let labels = [
        "字号：",
        "字号:",
        "字体",
        "分享",
        "索引号",
        "索 引 号",
        "主题分类",
        "发布日期",
        "发布时间",
        "来源",
        "信息来源",
        "浏览次数",
        "打印",
        "关闭",
        "当前位置",
        "您当前",
        "首页",
        "【字体",
        "【打印",
        "阅读次数",
        "浏览量",
        "点击数",
        "责任编辑",
        "时间：",
    ];
    let short = line.chars().count() <= 30;
    // 首页 > 政务公开 > 通知
    let path = line.matches(['>', '›', '»']).count() >= 2 && !line.contains("关于");
    let followed = short && line.starts_with("关注") && line.contains('·');
    let labelled = labels.iter().any(|label| line.starts_with(label));
    path || followed || labelled && short && docno::find_all(line).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_may_have_several_lines() {
        let cases = [
            (
                "云溪区人民政府办公室关于加快\n智能传感产业集群\n发展的若干意见\n云政办〔2026〕3号\n各单位：",
                "云溪区人民政府办公室关于加快智能传感产业集群发展的若干意见",
            ),
            (
                "云溪区人民政府文件\n云政规〔2026〕7号\n关于印发《云溪区传感产业\n扶持办法》\n的通知\n各街道：",
                "关于印发《云溪区传感产业扶持办法》的通知",
            ),
            ("云溪区传感产业扶持办法\n（试行）\n第一条 甲。", "云溪区传感产业扶持办法（试行）"),
            (
                "云溪区经济和信息化局\n关于申报传感项目的通知\n各企业：",
                "云溪区经济和信息化局关于申报传感项目的通知",
            ),
            ("关于传感产业的通知\n云溪区经济和信息化局\n2026年3月1日\n正文。", "关于传感产业的通知"),
            (
                "云溪区人民政府公报\n2026年第6号（总第118号）\n传感企业补助申报公告\n一、对象",
                "传感企业补助申报公告",
            ),
            ("会议纪要\n出席人员名单\n正文。", "会议纪要"),
            (
                "12.\n云溪区财政局关于传感产业的通知（2026年3月1日）\n云政规〔2026〕7号\n各单位：",
                "云溪区财政局关于传感产业的通知",
            ),
            (
                "3. 云溪区财政局印发《传感产业计划（2026—2028年）》（2026年3月1日）\n各单位：",
                "云溪区财政局印发《传感产业计划（2026—2028年）》",
            ),
            ("云溪区财政局\n云溪区财政局关于传感产业的通知\n各单位：", "云溪区财政局关于传感产业的通知"),
            (
                "首页 > 公开 > 通知\n关注 · 云溪发布\n传感产业政策清单 - 云溪区人民政府网站\n正文。",
                "传感产业政策清单",
            ),
            (
                "云溪区传感若干意见 （征求意见稿） 为深入贯彻，制定本意见。\n一、甲",
                "云溪区传感若干意见（征求意见稿）",
            ),
            ("没有编号的一段话。第二句。", "没有编号的一段话"),
            ("政策问题\n某事\n正文。", "政策问题"),
            ("", ""),
        ];
        for (text, title) in cases {
            assert_eq!(head(text).title, title, "{text}");
        }
    }

    #[test]
    fn numbers_of_every_format_are_found_in_the_head() {
        for (text, number, decree) in [
            ("云溪市人民政府令\n第12号\n云溪市传感条例\n第一条 甲。", "云溪市人民政府令第12号", true),
            ("云溪市人民政府令\n（第 12 号）\n现公布条例。", "云溪市人民政府令第12号", true),
            ("云溪市人民政府第12号令\n云溪市传感条例\n第一条 甲。", "云溪市人民政府令第12号", true),
            ("云溪市财政局公告\n2026年第3号\n关于某事的公告\n正文。", "云溪市财政局公告2026年第3号", false),
            ("关于传感产业的通知\n（云政规〔2026〕3-1号）\n各单位：", "云政规〔2026〕3-1号", false),
            ("关于传感产业的通知\n发文字号：云政规〔2026〕3号\n各单位：", "云政规〔2026〕3号", false),
        ] {
            let head = head(text);
            assert_eq!((head.number.as_deref(), head.is_decree), (Some(number), decree), "{text}");
        }
    }

    #[test]
    fn dates_of_the_head() {
        for text in [
            "云溪市传感条例\n（2026年3月1日云溪市人民代表大会常务委员会第三次会议通过）\n第一章 总则",
            "云溪市传感条例\n2026年3月1日 云溪市人民代表大会常务委员会第三次会议通过\n第一章 总则",
            "4. 云溪区财政局关于传感产业的通知（2026年3月1日）\n各单位：",
            "关于传感产业的意见\n(二〇二六年三月一日)\n为发展产业。",
            "云溪市传感条例\n2004年10月25日 某会议通过\n2005年1月1日 施行\n（根据2026年3月1日某会议《关于修改传感条例的决定》修正）\n第一条 甲。",
            "云溪市传感条例\n（2004年10月25日某会议通过　根据2026年3月1日某决定修正）\n第一条 甲。",
        ] {
            assert_eq!(head(text).date, Some(jiff::civil::date(2026, 3, 1)), "{text}");
        }
    }

    #[test]
    fn organs() {
        assert_eq!(issuer("云溪区人民政府办公室印发关于某事的通知").as_deref(), Some("云溪区人民政府办公室"));
        assert_eq!(issuer("关于某事的通知"), None);
        assert_eq!(
            head("云溪区人民政府文件\n云政规〔2026〕7号\n关于某事的通知").organ.as_deref(),
            Some("云溪区人民政府")
        );
    }
}
