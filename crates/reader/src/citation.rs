//! Citation and heading of a provision.

use zhaoren_text::numeral;

use crate::numbering::{Label, Style};

/// Beginning of the citation of a provision of a notice, where the measure that it carries has the same labels.
pub(crate) const NOTICE: &str = "通知/";

/// Full citation: 第十一条（一）, 二（七）, 五/20.
pub(crate) fn cite(label: &Label, around: Option<&str>) -> String {
    let own = match label.style {
        Style::Annex | Style::Part | Style::Chapter | Style::Titled | Style::Article => {
            return label.text.clone();
        }
        Style::Carried => return "正文".to_owned(),
        Style::Paragraph => {
            return format!("{}第{}款", around.unwrap_or_default(), numeral::write(label.number));
        }
        Style::Comma => label.text.trim_end_matches('、'),
        _ => label.text.as_str(),
    };
    match around {
        None => own.to_owned(),
        // A chapter is not part of the citation of its direct children, but a section includes it.
        Some(around) if around.ends_with(['）', '条', '款', '】']) || own.starts_with(['（', '①', '第']) =>
        {
            format!("{around}{own}")
        }
        Some(around) => format!("{around}/{own}"),
    }
}

/// Heading: 【words】, the rest of a short line, or a short first sentence with more text after it.
///
/// `parted` is true if the provision has subordinate provisions.
pub(crate) fn heading(rest: &str, label: &Label, parted: bool) -> Option<String> {
    const LONGEST: usize = 40;
    let style = label.style;
    if style == Style::Titled {
        return Some(label.text.trim_matches(['【', '】']).to_owned());
    }
    if style == Style::Carried {
        return rest.lines().next().map(|line| line.trim().to_owned());
    }
    if style == Style::Paragraph {
        return None;
    }
    let mut lines = rest
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '：' | ':'))
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let line = lines.next()?;
    let more_lines = lines.next().is_some();
    let short = |words: &str| (1..=LONGEST).contains(&words.chars().count());
    if let Some((inner, _)) = line.strip_prefix('【').and_then(|inner| inner.split_once('】')) {
        return short(inner).then(|| inner.to_owned());
    }
    if line.split_whitespace().all(|word| word.chars().count() == 1) {
        // 总 则 is spaced out.
        return Some(line.split_whitespace().collect());
    }
    if let Some(words) = set_off(line, style) {
        return Some(words);
    }
    if let Some((first, more)) = line.split_once('。') {
        let followed = !more.trim().is_empty() || more_lines || parted;
        let is_heading = style != Style::Article && short(first) && first.chars().count() <= 24 && followed;
        return (is_heading && !first.contains('，')).then(|| first.to_owned());
    }
    let plain = !line.ends_with(['；', ';', '，', ',', '：', ':']);
    // An item alone on its line is a heading only if it has subordinate provisions.
    let heads = style < Style::Comma && style != Style::Article
        || matches!(style, Style::Comma | Style::Bracket)
        || (more_lines || parted) && !line.contains(['，', '；', '：']);
    (heads && short(line) && plain).then(|| line.to_owned())
}

/// Short heading separated from the text by a space only: 资金设立 区政府设立……
fn set_off(line: &str, style: Style) -> Option<String> {
    if !matches!(style, Style::Article | Style::Comma | Style::Bracket) {
        return None;
    }
    let (head, tail) = line.split_once(char::is_whitespace)?;
    let short =
        (2..=12).contains(&head.chars().count()) && head.chars().all(|c| c.is_alphabetic() || c == '、');
    let begins = ["为", "对", "在", "按", "根据", "本", "凡", "经"].iter().any(|word| head.starts_with(word));
    (short && !begins && tail.contains('。')).then(|| head.to_owned())
}
