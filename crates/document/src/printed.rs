//! Signs of printed pages, as PDF and OFD keep them: page numbers, numbers of provisions, ends of sentences.

/// A line that may be the number of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageNumber {
    /// A number with signs that only page numbers have, or in Roman letters: `— 3 —`, `第3页 共8页`, `3/8`, `iv`.
    Marked,
    /// A number alone.
    Bare(u32),
}

/// Longest page number, in characters without blanks.
const LONGEST_NUMBER: usize = 16;

/// Signs that stand about page numbers.
const ORNAMENTS: [char; 18] =
    ['-', '—', '–', '－', '―', '─', '·', '•', '|', '/', '／', '~', '～', '，', ',', '（', '）', '('];

/// The page number that a line at the head or foot of a page may be.
pub(crate) fn page_number(text: &str) -> Option<PageNumber> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).take(LONGEST_NUMBER + 1).collect();
    if plain.chars().nth(LONGEST_NUMBER).is_some() {
        return None;
    }
    let bare: String = plain.chars().filter(|c| !ORNAMENTS.contains(c) && *c != ')').collect();
    let words = bare.replace("Page", "").replace("page", "").replace("of", "");
    let digit = |c: char| {
        c.to_digit(10).or_else(|| ('０'..='９').contains(&c).then(|| u32::from(c) - u32::from('０')))
    };
    let digits: Vec<u32> = words.chars().filter_map(digit).collect();
    let others: String = words.chars().filter(|c| digit(*c).is_none()).collect();
    let is_number = match others.as_str() {
        "" => (1..=8).contains(&digits.len()) && (digits.len() <= 4 || plain.contains(['/', '／'])),
        "第页" | "第页共页" | "共页第页" | "页" => !digits.is_empty(),
        roman => digits.is_empty() && roman.chars().count() <= 6 && is_roman(roman),
    };
    let marked = plain != words || !others.is_empty();
    is_number.then(|| match marked {
        true => PageNumber::Marked,
        false => PageNumber::Bare(digits.iter().fold(0, |number, digit| number * 10 + digit)),
    })
}

fn is_roman(text: &str) -> bool {
    !text.is_empty()
        && (text.chars().all(|c| matches!(c, 'i' | 'v' | 'x' | 'l'))
            || text.chars().all(|c| matches!(c, 'I' | 'V' | 'X' | 'L'))
            || text.chars().all(|c| matches!(c, 'Ⅰ'..='Ⅻ' | 'ⅰ'..='ⅻ')))
}

/// True if a text ends as sentences, items and headings of lists do.
#[cfg(feature = "pdf")]
pub(crate) fn ends_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['。', '；', '：', '！', '？', ';', ':', '.', '!', '?'])
}

/// True if a text begins with the number of a provision or an item: 第三条, 一、, （二）, 3．, (4), 5、, ①.
pub(crate) fn begins_provision(text: &str) -> bool {
    let mut rest = text.trim_start().chars().peekable();
    let number = |c: char| {
        matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '零' | '〇')
            || c.is_ascii_digit()
            || ('０'..='９').contains(&c)
    };
    let Some(first) = rest.next() else { return false };
    match first {
        '①'..='⑳' | '●' | '•' | '■' | '◆' | '▪' => true,
        '第' => {
            let count = std::iter::from_fn(|| rest.next_if(|c| number(*c))).count();
            count > 0 && matches!(rest.next(), Some('条' | '章' | '节' | '编' | '款' | '项'))
        }
        '（' | '(' | '〔' => {
            let count = std::iter::from_fn(|| rest.next_if(|c| number(*c))).count();
            (1..=3).contains(&count) && matches!(rest.next(), Some('）' | ')' | '〕'))
        }
        '附' => matches!(rest.next(), Some('件' | '表' | '则')),
        '注' => matches!(rest.next(), Some('：' | ':')),
        c if number(c) => {
            let count = 1 + std::iter::from_fn(|| rest.next_if(|c| number(*c))).count();
            let mark = rest.next();
            // `1.5` is an amount.
            count <= 3
                && (matches!(mark, Some('、' | '．' | '）' | ')'))
                    || (mark == Some('.') && rest.next().is_none_or(|c| !c.is_ascii_digit())))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provisions_and_amounts_are_recognised() {
        for text in [
            "第三条 为",
            "第十二章",
            "一、依据",
            "（二）在",
            "(3)对",
            "1．加",
            "2.承诺书",
            "10、其他",
            "①甲",
            "附件：1",
            "注：同",
        ] {
            assert!(begins_provision(text), "{text}");
        }
        for text in ["1.5亿元", "500万元", "2026年3月", "第一批", "十分之一", "（含）", "上年度", "一次性"]
        {
            assert!(!begins_provision(text), "{text}");
        }
    }

    #[test]
    fn page_numbers() {
        for text in
            ["— 1 —", "第 2 页 共 8 页", "-12-", "1/3", "第3页", "iv", "· 5 ·", "Page 3 of 9", "－２－"]
        {
            assert_eq!(page_number(text), Some(PageNumber::Marked), "{text}");
        }
        assert_eq!(page_number("１2"), Some(PageNumber::Bare(12)));
        for text in
            ["2026年", "第三条", "第三页", "300万元", "附件1", "50%", "（一）", "1.5", "——", "100万元", ""]
        {
            assert_eq!(page_number(text), None, "{text}");
        }
    }
}
