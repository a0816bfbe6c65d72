//! Printed labels of provisions: 第三条, （一）, 二、, 3.

use zhaoren_cancel::steps;
use zhaoren_policy::clause::ClauseKind;
use zhaoren_text::numeral;

/// Styles of numbering, outermost first. 公文 use them in this order (GB/T 9704: 一、 （一） 1. （1）).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Style {
    /// The text that a notice carries (印发), without a label: its title and what precedes its first provision.
    Carried,
    /// 附件1
    Annex,
    /// 第一编
    Part,
    /// 第一章
    Chapter,
    /// 第一节
    Section,
    /// An unnumbered heading on a line of its own: 附则, 【条件要求】
    Titled,
    /// 第一条
    Article,
    /// 款: a further paragraph of an article, without a label.
    Paragraph,
    /// 一、
    Comma,
    /// （一）
    Bracket,
    /// 1. 1、
    Digit,
    /// （1）
    DigitBracket,
    /// ①
    Circled,
}

impl Style {
    /// Kind of a clause with this label; `in_article` is true if the document has articles.
    pub(crate) fn kind(self, in_article: bool) -> ClauseKind {
        match self {
            Self::Carried => ClauseKind::Preamble,
            Self::Annex => ClauseKind::Annex,
            Self::Part => ClauseKind::Part,
            Self::Chapter => ClauseKind::Chapter,
            Self::Section => ClauseKind::Section,
            Self::Article => ClauseKind::Article,
            Self::Paragraph => ClauseKind::Paragraph,
            Self::Titled => ClauseKind::Heading,
            Self::Comma | Self::Bracket if in_article => ClauseKind::Subparagraph,
            _ if in_article => ClauseKind::Point,
            _ => ClauseKind::Heading,
        }
    }
}

/// A label found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) style: Style,
    pub(crate) number: u64,
    /// Canonical form: `（一）` for (一) too.
    pub(crate) text: String,
    /// Length in bytes.
    pub(crate) length: usize,
}

/// Parses the label at the start of `text`.
pub(crate) fn read(text: &str) -> Option<Label> {
    let first = text.chars().next()?;
    match first {
        '第' => ordinal(text),
        '附' => annex(text),
        '（' | '(' => bracketed(text),
        '①'..='⑳' => {
            let number = u64::from(u32::from(first) - u32::from('①') + 1);
            Some(Label { style: Style::Circled, number, text: first.to_string(), length: first.len_utf8() })
        }
        c if c.is_ascii_digit() => digits(text),
        _ => comma(text),
    }
}

/// Words that must not follow 第三条 in a label: they make it a reference.
const REFERRING: [&str; 25] = [
    "规定",
    "第",
    "至",
    "到",
    "和",
    "、",
    "所列",
    "所称",
    "所指",
    "的",
    "款",
    "项",
    "之",
    "中的",
    "中规定",
    "中，",
    "以及",
    "以外",
    "以下",
    "执行",
    "，",
    "。",
    "；",
    "）",
    "》",
];

fn ordinal(text: &str) -> Option<Label> {
    let inner = text.strip_prefix('第')?;
    let (digits, rest) = spaced_run(inner);
    let number = numeral::parse(&digits)?;
    let unit = rest.chars().next()?;
    let style = match unit {
        '编' => Style::Part,
        '章' => Style::Chapter,
        '节' => Style::Section,
        '条' => Style::Article,
        _ => return None,
    };
    let after = rest.get(unit.len_utf8()..)?;
    // 第十条之一 is an inserted article; its number is that of 第十条.
    let inserted = after.strip_prefix('之').map(numeral_run).filter(|(more, _)| !more.is_empty());
    let (more, after) = inserted.map_or((String::new(), after), |(more, rest)| (format!("之{more}"), rest));
    let starts = ["项目", "款项", "和谐"].iter().any(|word| after.starts_with(word));
    let refers = style == Style::Article && !starts && REFERRING.iter().any(|word| after.starts_with(word));
    let length = text.len() - after.len();
    (!refers).then(|| Label { style, number, text: format!("第{digits}{unit}{more}"), length })
}

fn annex(text: &str) -> Option<Label> {
    let rest = text.strip_prefix("附件").or_else(|| text.strip_prefix("附表"))?;
    let (digits, after) = numeral_run(rest);
    let number = if digits.is_empty() { 1 } else { numeral::parse(digits)? };
    // A heading is alone or before a colon; inside a sentence 附件 is a word.
    // Only the spaces after the word are skipped: the rest of the line may be as long as the text, at each 附件 in it.
    let behind = after.trim_start_matches(spaces);
    let alone = behind.is_empty() || behind.starts_with('\n') || after.starts_with([':', '：', '.', '．']);
    let length = text.len() - after.len();
    alone.then(|| Label {
        style: Style::Annex,
        number,
        text: text.get(..length).unwrap_or_default().to_owned(),
        length,
    })
}

fn bracketed(text: &str) -> Option<Label> {
    let inner = text.strip_prefix(['（', '('])?;
    let (digits, rest) = spaced_run(inner);
    let close = rest.chars().next().filter(|c| matches!(c, '）' | ')'))?;
    let number = numeral::parse(&digits).filter(|n| (1..=99).contains(n))?;
    let length = text.len() - rest.len() + close.len_utf8();
    let style =
        if digits.starts_with(|c: char| c.is_ascii_digit()) { Style::DigitBracket } else { Style::Bracket };
    Some(Label { style, number, text: format!("（{digits}）"), length })
}

fn digits(text: &str) -> Option<Label> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let digits = text.get(..end)?;
    let number = digits.parse().ok().filter(|n| (1..=99).contains(n) && !digits.starts_with('0'))?;
    let rest = text.get(end..)?.trim_start_matches(spaces);
    let mark = rest.chars().next().filter(|c| matches!(c, '.' | '．' | '、'))?;
    let after = rest.get(mark.len_utf8()..)?;
    // 1.5万元, 2024.1.1, 3.0版 are no labels; 1.2023年以来 is one followed by a year.
    let next = after.chars().next()?;
    let year = ["19", "20"].iter().any(|century| after.starts_with(century))
        && after.chars().take_while(char::is_ascii_digit).count() == 4
        && after.chars().nth(4).is_some_and(|c| matches!(c, '年' | '-' | '—' | '至'));
    (year || !next.is_ascii_digit() && !next.is_ascii_lowercase()).then(|| Label {
        style: Style::Digit,
        number,
        text: format!("{digits}."),
        length: text.len() - after.len(),
    })
}

fn comma(text: &str) -> Option<Label> {
    let (digits, rest) = numeral_run(text);
    let number = numeral::parse(digits).filter(|n| (1..=60).contains(n))?;
    let rest = rest.trim_start_matches(spaces);
    let mark = rest.chars().next().filter(|c| matches!(c, '、' | '．'))?;
    let after = rest.get(mark.len_utf8()..)?;
    // 三、四线城市 counts cities; 三、四大工程 is a heading.
    let (more, counted) = numeral_run(after);
    let counts = after.is_empty() || (!more.is_empty() && counted.starts_with(COUNTED));
    let length = text.len() - after.len();
    (!counts).then(|| Label { style: Style::Comma, number, text: format!("{digits}、"), length })
}

/// Text after the last numeral of 一、二、三类 or 三、四线.
const COUNTED: [char; 11] = ['、', '类', '级', '期', '等', '档', '线', '产', '季', '批', '星'];

/// Maximum length of an unnumbered heading in characters, without white space: sixteen in brackets.
const LONGEST_TITLED: usize = 18;

/// An unnumbered heading that fills its line: 附则, 总则, 【条件要求】. `text` begins at the start of a line; the cost is
/// proportional to the length of the line, so the caller calls it once per line.
pub(crate) fn titled(text: &str) -> Option<Label> {
    let line = text.split('\n').next()?.trim_end();
    steps(line.len() as u64);
    let plain: String = line.chars().filter(|c| !c.is_whitespace()).take(LONGEST_TITLED + 1).collect();
    // A longer line is cut here and matches none of the headings below.
    if plain.chars().nth(LONGEST_TITLED).is_some() {
        return None;
    }
    let bracketed =
        plain.strip_prefix('【').and_then(|inner| inner.strip_suffix('】')).is_some_and(|inner| {
            let tools = ["字体", "字号", "打印", "关闭", "收藏", "分享"];
            (1..=16).contains(&inner.chars().count())
                && !inner.contains(['【', '】', '：', ':'])
                && !tools.iter().any(|tool| inner.starts_with(tool))
        });
    let is_title = bracketed || matches!(plain.as_str(), "附则" | "总则");
    is_title.then_some(Label { style: Style::Titled, number: 0, text: plain, length: line.len() })
}

/// True for white space inside a line.
fn spaces(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// Numeral at the start of `text`, without spaces inside and around it, as in 第 1 0 条, and the remaining text.
fn spaced_run(text: &str) -> (String, &str) {
    let mut digits = String::new();
    let mut rest = text.trim_start_matches(spaces);
    while let (run, after) = numeral_run(rest)
        && !run.is_empty()
    {
        digits.push_str(run);
        rest = after.trim_start_matches(spaces);
    }
    steps((text.len() - rest.len()) as u64);
    (digits, rest)
}

/// Numeral at the start of `text`, and the remaining text.
fn numeral_run(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || "〇零一二三四五六七八九十百".contains(c)))
        .unwrap_or(text.len());
    steps(end as u64);
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_and_other_text_kept() {
        let cases = [
            ("第十一条 认定", Some((Style::Article, 11, "第十一条"))),
            ("第三条本办法", Some((Style::Article, 3, "第三条"))),
            ("第十一条规定的", None),
            ("第三条第二款", None),
            ("第二章　总则", Some((Style::Chapter, 2, "第二章"))),
            ("（一）支持", Some((Style::Bracket, 1, "（一）"))),
            ("(2)材料", Some((Style::DigitBracket, 2, "（2）"))),
            ("十二、附则", Some((Style::Comma, 12, "十二、"))),
            ("三、四线城市", None),
            ("20.人才引育", Some((Style::Digit, 20, "20."))),
            ("1.5万元", None),
            ("2024.1.1", None),
            ("3、材料", Some((Style::Digit, 3, "3."))),
            ("③提交", Some((Style::Circled, 3, "③"))),
            ("附件1\n表", Some((Style::Annex, 1, "附件1"))),
            ("附件所列企业", None),
            ("2024年", None),
            ("一批企业", None),
            ("第 1 0 条 鼓励", Some((Style::Article, 10, "第10条"))),
            ("第十条之一 增设", Some((Style::Article, 10, "第十条之一"))),
            ("第五条中小企业", Some((Style::Article, 5, "第五条"))),
            ("第五条中规定的", None),
            ("第九条项目建议", Some((Style::Article, 9, "第九条"))),
            ("第九条项", None),
            ("第五条以外的", None),
            ("( 七) 组织", Some((Style::Bracket, 7, "（七）"))),
            ("二 、范围", Some((Style::Comma, 2, "二、"))),
            ("三、四大工程", Some((Style::Comma, 3, "三、"))),
            ("一、二、三类新药", None),
            ("2 .不断", Some((Style::Digit, 2, "2."))),
            ("1.2023年以来", Some((Style::Digit, 1, "1."))),
            ("1.2023", None),
        ];
        for (text, expected) in cases {
            let found = read(text).map(|label| (label.style, label.number, label.text));
            assert_eq!(found, expected.map(|(s, n, t)| (s, n, t.to_owned())), "{text}");
        }
        for (line, expected) in [
            ("附  则\n1.", Some("附则")),
            ("【条件要求】", Some("【条件要求】")),
            ("【字体：大】", None),
            ("【打印】", None),
            ("【发文字号】", Some("【发文字号】")),
            ("附则规定", None),
        ] {
            assert_eq!(titled(line).map(|label| label.text).as_deref(), expected, "{line}");
        }
    }
}
