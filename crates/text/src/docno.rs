//! 文号: document numbers, in every spelling in use.
//!
//! There are three printed forms: 国科发火〔2016〕32号 (organ, year in brackets, serial), 公告2023年第12号
//! and 令第58号. The parser has no list of real documents; it does not check that a number exists.

mod organ;
mod tail;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use zhaoren_cancel::poll;

pub use organ::organ_prefix;
use organ::{Shape, left_organ};

/// Printed form of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// 国科发火〔2016〕32号: organ's code, year in brackets.
    Bracketed,
    /// 财政部公告2023年第12号: announcements and notices, also 通告.
    Announced,
    /// 国家发展改革委令第58号: orders, numbered without (rarely with) a year.
    Ordered,
}

/// A parsed document number; `Display` is the canonical form.
///
/// Leading zeros of the serial are not kept: 〔2000〕063号 and 〔2000〕63号 are one number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DocumentNumber {
    /// Text before the year, simplified, without spaces: 国科发火, 财政部税务总局公告, 海关总署令.
    /// Joint organs keep one space between them (财政部 税务总局公告) if they were separated.
    pub organ: String,
    /// Year, 1949 to 2100. Absent in orders that are numbered without one.
    pub year: Option<u16>,
    /// Serial number, 1 to 99,999.
    pub serial: u32,
    /// Number of a part of the series, 1 to 99: 1 of 〔2025〕3-1号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
    /// Printed form.
    pub form: Form,
}

impl DocumentNumber {
    /// Key for exact lookup: equal for all spellings of the same number.
    ///
    /// Folds spaces and 、 between joint organs, traditional characters, a leading 中华人民共和国 and the
    /// short names of a few central organs (国家税务总局 is 税务总局).
    ///
    /// ```
    /// use zhaoren_text::docno::parse;
    /// let key = |text| parse(text).map(|n| n.key());
    /// assert_eq!(key("国科发火[2016]32"), key("國科發火（２０１６）第 32 號"));
    /// assert_ne!(key("国科发火〔2016〕32号"), key("国科发火〔2016〕195号"));
    /// ```
    #[must_use]
    pub fn key(&self) -> String {
        let organ = organ::canonical(&self.organ);
        let serial = self.whole_serial();
        match self.year {
            Some(year) => format!("{organ}|{year}|{serial}"),
            None => format!("{organ}||{serial}"),
        }
    }

    /// The serial number with its part: 3-1.
    fn whole_serial(&self) -> String {
        self.part.map_or_else(|| self.serial.to_string(), |part| format!("{}-{part}", self.serial))
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let serial = self.whole_serial();
        match (self.form, self.year) {
            (Form::Bracketed, Some(year)) => write!(f, "{}〔{year}〕{serial}号", self.organ),
            (_, Some(year)) => write!(f, "{}{year}年第{serial}号", self.organ),
            (_, None) => write!(f, "{}第{serial}号", self.organ),
        }
    }
}

/// Number in `typed`, in any spelling: brackets, widths, spaces and script may vary.
///
/// A leading 文号： and one pair of enclosing brackets are allowed, 号 may be missing. `None` if
/// there is any other text; for running text see [`find_all`].
///
/// ```
/// use zhaoren_text::docno::parse;
/// let number = parse("国科发火(2016)32號").ok_or("not a number")?;
/// assert_eq!(number.to_string(), "国科发火〔2016〕32号");
/// assert_eq!((number.organ.as_str(), number.year, number.serial), ("国科发火", Some(2016), 32));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn parse(typed: &str) -> Option<DocumentNumber> {
    let body = unwrapped(unlabelled(typed.trim()));
    let split = organ_end(body)?;
    let (head, rest) = (body.get(..split)?, body.get(split..)?);
    let organ = organ::joined(head);
    let found = tail::typed(&organ, rest)?;
    let organ = match found.suffix {
        Some(suffix) => format!("{organ}{suffix}"),
        None => organ,
    };
    let shape = if found.form == Form::Bracketed { Shape::Code } else { Shape::Names };
    organ::plausible(&organ, shape).then_some(DocumentNumber {
        organ,
        year: found.year,
        serial: found.serial,
        part: found.part,
        form: found.form,
    })
}

/// The text without a leading label such as 发文字号：.
fn unlabelled(text: &str) -> &str {
    for label in ["发文字号", "發文字號", "文件编号", "文號", "文号", "文件号"] {
        if let Some(rest) = text.strip_prefix(label) {
            return rest.trim_start_matches([':', '：', ' ', '\u{3000}']);
        }
    }
    text
}

/// The text without one pair of enclosing brackets.
fn unwrapped(text: &str) -> &str {
    for (open, close) in [('（', '）'), ('(', ')'), ('【', '】'), ('[', ']')] {
        if let Some(inner) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close)) {
            return inner.trim();
        }
    }
    text
}

/// Byte offset where the organ ends and the year or serial begins.
fn organ_end(text: &str) -> Option<usize> {
    let mut end = None;
    for (at, c) in text.char_indices() {
        poll();
        let rest = text.get(at..)?;
        if c == '第' || tail::is_open(c) || tail::is_figure(c) || tail::chinese_year(rest).is_some() {
            end = Some(at);
            break;
        }
    }
    end.filter(|&at| at > 0)
}

/// All numbers in running text with their byte ranges, in order, without overlap.
///
/// The organ is cut at punctuation and at words that are never part of one (根据, 关于印发, 和 …), so
/// `根据国发〔2020〕8号` gives 国发〔2020〕8号. Round brackets require 号, since (2016) is also a citation of a year.
///
/// ```
/// use zhaoren_text::docno::find_all;
/// let text = "根据《通知》（国发〔2020〕8号）和财税(2018)99号文件";
/// let found: Vec<String> = find_all(text).into_iter().map(|(_, n)| n.to_string()).collect();
/// assert_eq!(found, ["国发〔2020〕8号", "财税〔2018〕99号"]);
/// ```
#[must_use]
pub fn find_all(text: &str) -> Vec<(Range<usize>, DocumentNumber)> {
    let mut found: Vec<(Range<usize>, DocumentNumber)> = Vec::new();
    let mut from = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        poll();
        if at >= from
            && let Some((range, number)) = number_at(text, from, at, c, before)
        {
            from = range.end;
            found.push((range, number));
        }
        before = c;
    }
    found
}

/// Number whose year or serial begins at `at`, if any; its organ may not begin before `from`.
fn number_at(
    text: &str,
    from: usize,
    at: usize,
    c: char,
    before: char,
) -> Option<(Range<usize>, DocumentNumber)> {
    let rest = text.get(at..)?;
    let left = head(text.get(from..at)?);
    let anchored = tail::is_open(c) || c == '第' || (tail::is_figure(c) && !tail::is_figure(before));
    let chinese = matches!(c, '一' | '二') && tail::chinese_year(rest).is_some();
    if !anchored && !chinese {
        return None;
    }
    let found = tail::running(left, rest)?;
    let shape = if found.form == Form::Bracketed { Shape::Code } else { Shape::Names };
    let organ_start = left_organ(left, shape, found.suffix.is_some())?;
    let mut organ = organ::joined(left.get(organ_start..)?);
    if let Some(suffix) = found.suffix {
        organ.push_str(suffix);
    }
    if !organ::plausible(&organ, shape) {
        return None;
    }
    let number =
        DocumentNumber { organ, year: found.year, serial: found.serial, part: found.part, form: found.form };
    Some((from + organ_start..at + found.length, number))
}

/// The text before a year or serial, without the line break that the head of a decree has there: 国务院令⏎第707号.
fn head(left: &str) -> &str {
    let body = left.trim_end();
    if body.len() < left.len() && body.ends_with('令') { body } else { left }
}

/// Simplified form of a name in traditional script.
fn folded(text: &str) -> String {
    crate::simplify::simplify(text).text
}

#[cfg(test)]
mod tests;
