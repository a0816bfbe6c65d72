//! Labels (编号): the printed numbers of provisions, read at one place of a text.
//!
//! Only the shape is judged here. Whether a label stands where a label may stand, and whether its number
//! follows, is for `candidate` and `nest`.

use zhaoren_text::numeral;

use crate::line;

/// How a label is printed; the order is the customary nesting, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Style {
    /// 附件1.
    Annex,
    /// 第一编.
    Part,
    /// 第一章.
    Chapter,
    /// 第一节.
    Section,
    /// A heading without a number on a line of its own: 附则, 【条件要求】.
    Titled,
    /// 第一条.
    Article,
    /// 一、
    Han,
    /// （一）
    HanBracket,
    /// 1. and 1、
    Arabic,
    /// （1）
    ArabicBracket,
    /// 1）
    ArabicHalf,
    /// ①
    Circled,
}

impl Style {
    /// Whether it is a numbered item or heading, as opposed to a fixed division of a rule.
    pub(crate) fn is_item(self) -> bool {
        self >= Self::Han
    }
}

/// A label as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// How it is printed.
    pub(crate) style: Style,
    /// Its number; 0 for a heading or annex without one.
    pub(crate) number: u32,
    /// Normalised: 第十一条, （一）, 二、, 3.
    pub(crate) text: String,
    /// Bytes of the text it takes.
    pub(crate) length: usize,
}

/// The highest number a label may show; above it stand years and amounts.
const MAX: u64 = 999;
/// The highest number of a list other than articles.
const MAX_ITEM: u64 = 199;

/// The label that begins `rest`, if one does. White space before it is not skipped.
pub(crate) fn read(rest: &str) -> Option<Label> {
    let first = rest.chars().next()?;
    match first {
        '第' => structural(rest),
        '（' | '(' => bracketed(rest),
        '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' => han(rest),
        '0'..='9' | '０'..='９' => arabic(rest),
        _ => single_sign(first),
    }
}

/// 第十一条, 第 1 0 条, 第二章, 第十条之一.
fn structural(rest: &str) -> Option<Label> {
    let mut figures = String::new();
    for (at, c) in rest.char_indices().skip(1) {
        let style = match c {
            '编' => Style::Part,
            '章' => Style::Chapter,
            '节' => Style::Section,
            '条' => Style::Article,
            c if line::space(c) => continue,
            c if numeral::is_numeral(c) && figures.chars().count() < 8 => {
                figures.push(ascii(c));
                continue;
            }
            _ => return None,
        };
        let number = counted(&figures, MAX)?;
        let mut text = format!("第{figures}{c}");
        let mut length = at + c.len_utf8();
        if style == Style::Article
            && let Some((sub, more)) = inserted(line::from(rest, length))
        {
            text.push_str(&sub);
            length += more;
        }
        return Some(Label { style, number, text, length });
    }
    None
}

/// 之一 of 第十条之一, with its length.
fn inserted(rest: &str) -> Option<(String, usize)> {
    let figures: String = rest.strip_prefix('之')?.chars().take_while(|&c| han_digit(c)).collect();
    counted(&figures, 20)?;
    let text = format!("之{figures}");
    let length = text.len();
    Some((text, length))
}

/// （一）, （1）, with either width of bracket and spaces inside.
fn bracketed(rest: &str) -> Option<Label> {
    let mut figures = String::new();
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '）' | ')' => {
                let number = counted(&figures, MAX_ITEM)?;
                let style = style_of(&figures, Style::HanBracket, Style::ArabicBracket)?;
                return Some(Label { style, number, text: format!("（{figures}）"), length: at + c.len_utf8() });
            }
            c if line::space(c) => {}
            c if han_digit(c) || numeral::digit(c).is_some() => figures.push(ascii(c)),
            _ => return None,
        }
        if figures.chars().count() > 4 {
            return None;
        }
    }
    None
}

/// 一、 and the rarer 一．
fn han(rest: &str) -> Option<Label> {
    let figures: String = rest.chars().take_while(|&c| han_digit(c)).take(5).collect();
    let after = line::from(rest, figures.len());
    let tail = after.trim_start_matches(line::space);
    let mark = tail.chars().next().filter(|c| matches!(c, '、' | '．' | '.'))?;
    let number = counted(&figures, MAX_ITEM)?;
    let next = line::from(tail, mark.len_utf8());
    if enumerates(next) {
        return None;
    }
    let length = rest.len() - next.len();
    Some(Label { style: Style::Han, number, text: format!("{figures}、"), length })
}

/// Whether what follows 一、 shows that it was not a label: 一、二类, 一、二、三等奖.
fn enumerates(next: &str) -> bool {
    let figures: String = next.chars().take_while(|&c| han_digit(c)).collect();
    if figures.is_empty() {
        return false;
    }
    let after = line::from(next, figures.len()).chars().next();
    after.is_some_and(|c| matches!(c, '、' | '类' | '级' | '期' | '等' | '档' | '线' | '产' | '季' | '批'))
}

/// 1. 1、 1． 1）
fn arabic(rest: &str) -> Option<Label> {
    let printed: String = rest.chars().take_while(|c| matches!(c, '0'..='9' | '０'..='９')).take(4).collect();
    let figures: String = printed.chars().map(ascii).collect();
    if figures.starts_with('0') {
        return None;
    }
    let number = counted(&figures, MAX_ITEM)?;
    let tail = line::from(rest, printed.len()).trim_start_matches(line::space);
    let mark = tail.chars().next()?;
    let next = line::from(tail, mark.len_utf8());
    let length = rest.len() - next.len();
    match mark {
        '.' | '．' | '、' if !is_figure(mark, next) => {
            Some(Label { style: Style::Arabic, number, text: format!("{figures}."), length })
        }
        '）' | ')' if tail.len() + printed.len() == rest.len() => {
            Some(Label { style: Style::ArabicHalf, number, text: format!("{figures}）"), length })
        }
        _ => None,
    }
}

/// Whether `1.` followed by `next` is part of a figure, a date, a version or a web address.
fn is_figure(mark: char, next: &str) -> bool {
    let digits: String = next.chars().take_while(char::is_ascii_digit).collect();
    let after = line::from(next, digits.len());
    if digits.is_empty() {
        return next.starts_with(|c: char| mark == '.' && c.is_ascii_alphabetic() && c.is_ascii_lowercase());
    }
    // 1.2023年… is a label before a year, 3.5年内 may be one before a term: the sequence decides.
    let year = digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    let dated = after.trim_start_matches(line::space).starts_with(['年', '-', '—', '–', '至']);
    let counted = mark != '.' || digits.len() > 1;
    let term = counted && after.starts_with(['年', '个', '家', '名', '项', '月', '周', '人', '岁']);
    !(year && dated) && !term
}

/// ① ⑴ ⒈ ㈠, printed as one sign.
fn single_sign(c: char) -> Option<Label> {
    let code = u32::from(c);
    let (style, number, text) = match c {
        '①'..='⑳' => (Style::Circled, code - 0x245F, c.to_string()),
        '⑴'..='⒇' => (Style::ArabicBracket, code - 0x2473, format!("（{}）", code - 0x2473)),
        '⒈'..='⒛' => (Style::Arabic, code - 0x2487, format!("{}.", code - 0x2487)),
        '㈠'..='㈩' => {
            let n = code - 0x321F;
            (Style::HanBracket, n, format!("（{}）", numeral::write(u64::from(n))))
        }
        _ => return None,
    };
    Some(Label { style, number, text, length: c.len_utf8() })
}

fn counted(figures: &str, max: u64) -> Option<u32> {
    let number = numeral::parse(figures).filter(|n| (1..=max).contains(n))?;
    u32::try_from(number).ok()
}

fn style_of(figures: &str, han: Style, arabic: Style) -> Option<Style> {
    if figures.chars().all(|c| c.is_ascii_digit()) {
        Some(arabic)
    } else {
        figures.chars().all(han_digit).then_some(han)
    }
}

/// Whether `c` may stand in a Chinese label number.
fn han_digit(c: char) -> bool {
    "一二三四五六七八九十百零〇".contains(c)
}

fn ascii(c: char) -> char {
    match c {
        '０'..='９' => numeral::digit(c).and_then(|d| char::from_digit(d, 10)).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_forms() {
        for (text, style, number, label) in [
            ("第十一条 为了", Style::Article, 11, "第十一条"),
            ("第 1 0 条 鼓励", Style::Article, 10, "第10条"),
            ("第十条之一　", Style::Article, 10, "第十条之一"),
            ("第二章\u{a0} 总则", Style::Chapter, 2, "第二章"),
            ("第一节", Style::Section, 1, "第一节"),
            ("( 七) 组织", Style::HanBracket, 7, "（七）"),
            ("（十二）", Style::HanBracket, 12, "（十二）"),
            ("(3)", Style::ArabicBracket, 3, "（3）"),
            ("二 、支持", Style::Han, 2, "二、"),
            ("三、三大工程", Style::Han, 3, "三、"),
            ("1．改造", Style::Arabic, 1, "1."),
            ("４、改造", Style::Arabic, 4, "4."),
            ("2 .不断", Style::Arabic, 2, "2."),
            ("1.2023年以来", Style::Arabic, 1, "1."),
            ("3）材料", Style::ArabicHalf, 3, "3）"),
            ("⑫", Style::Circled, 12, "⑫"),
            ("㈢其他", Style::HanBracket, 3, "（三）"),
        ] {
            let found = read(text).map(|l| (l.style, l.number, l.text));
            assert_eq!(found, Some((style, number, label.to_owned())), "{text}");
        }
    }

    #[test]
    fn figures_are_no_labels() {
        for text in [
            "1.5万元",
            "3.0版",
            "2024.1.1",
            "4.0",
            "12.5%",
            "2023、",
            "（2023）",
            "(2024年)",
            "第三款",
            "第一批",
            "一、二类新药",
            "三、四、五星级",
            "一是",
            "十四五",
            "1.gov.cn",
            "0.5",
            "（ ）",
            "第条",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
