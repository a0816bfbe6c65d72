//! Headings of columns as offices write them: a fact with its unit, its year and remarks in brackets.
//!
//! `营业收入（万元） 2025`, `2025年营业收入/万元`, `从业人数（人）（必填）`. A heading is read only where nothing is left over: the
//! rest has to be the key, the name or an alias of one fact.

use zhaoren_policy::fact::{Fact, FactType, Period};

use super::amount::foreign_currency;
use super::fact_words::{About, FactWords, folded};
use super::unit::{Unit, is_prefix};
use super::width::narrow;

/// Meaning of a heading.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heading {
    pub(crate) about: About,
    /// Unit that the heading states.
    pub(crate) unit: Option<Unit>,
}

/// Parts of a heading: the remaining words, and the year and unit separated from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HeadingParts {
    /// Heading without year, unit and remarks.
    pub(crate) word: String,
    pub(crate) year: Option<i16>,
    /// Units in brackets or behind a sign.
    pub(crate) units: Vec<String>,
    /// Years in it; more than one is no year.
    years: usize,
}

/// Remarks in brackets that do not change what a column means.
const REMARKS: [&str; 18] = [
    "必填",
    "选填",
    "可选",
    "必选",
    "是/否",
    "是否",
    "是或否",
    "全称",
    "18位",
    "18位代码",
    "人民币",
    "如有",
    "注册号",
    "填数字",
    "数字",
    "yyyy-mm-dd",
    "年/月/日",
    "*",
];

/// Longest heading that is taken apart, in characters; longer ones are explanations.
const LONGEST: usize = 80;

/// Heading on one line: line breaks and runs of blanks between two wide characters vanish, others become one blank.
pub(crate) fn tidy(text: &str) -> String {
    let text = text.trim().trim_start_matches('\u{feff}').trim();
    if !text.contains(['\n', '\r', '\t', '\u{b}']) && !text.contains("  ") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let is_narrow = |c: Option<char>| c.is_some_and(|c| c.is_ascii());
        if !out.is_empty() && (is_narrow(out.chars().next_back()) || is_narrow(word.chars().next())) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Takes year, units and remarks off a heading.
pub(crate) fn parts(heading: &str) -> HeadingParts {
    let mut parts = HeadingParts::default();
    let text: String = narrow(heading).chars().filter(|c| !c.is_whitespace() && *c != '*').collect();
    if text.chars().count() > LONGEST {
        parts.word = text;
        return parts;
    }
    let text = without_number(&text);
    let mut word = String::new();
    let mut rest = text;
    // Brackets, one after the other; their text is removed only if it is understood.
    while let Some((before, after)) = rest.split_once(['(', '[', '【']) {
        let Some((inner, behind)) = after.split_once([')', ']', '】']) else { break };
        word.push_str(before);
        if !take_remark(inner, &mut parts) {
            word.push_str(rest.get(before.len()..rest.len() - behind.len()).unwrap_or_default());
        }
        rest = behind;
    }
    word.push_str(rest);
    let word = take_year(&word, &mut parts);
    // A unit behind a sign: 营业收入/万元, 营业收入:万元, 营业收入_万元.
    let word = match word.rsplit_once(['/', ':', '_', '-', ',']) {
        Some((before, unit)) if !before.is_empty() && is_unit(unit) => {
            parts.units.push(unit.to_owned());
            before.to_owned()
        }
        _ => word,
    };
    parts.word = word.trim_matches(['_', '-', '.', ':', '/', '·', ',', '、']).to_owned();
    parts
}

/// Heading without a number before it: `1.`, `2、`, `(3)`.
fn without_number(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count = text.len() - rest.len();
    match rest.strip_prefix(['.', '、']) {
        Some(rest) if (1..=3).contains(&count) && !rest.is_empty() => rest,
        _ => text,
    }
}

/// Interprets the text in brackets; false if any of it is not understood.
fn take_remark(inner: &str, parts: &mut HeadingParts) -> bool {
    let inner = inner.trim_start_matches("单位").trim_start_matches([':', '为']);
    if REMARKS.contains(&inner) {
        return true;
    }
    let mut found = HeadingParts::default();
    for part in inner.split([',', ';', '、']) {
        if REMARKS.contains(&part) {
            continue;
        }
        if is_unit(part) {
            found.units.push(part.to_owned());
        } else if !take_year(part, &mut found).is_empty() {
            return false;
        }
    }
    parts.units.extend(found.units);
    parts.years += found.years;
    parts.year = parts.year.or(found.year);
    true
}

/// Takes a year such as `2025`, `2025年`, `2025年度`, `2025年末` out of a text.
fn take_year(text: &str, parts: &mut HeadingParts) -> String {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let mut at = 0;
    let mut out = String::new();
    let mut from = 0;
    while at < bytes.len() {
        let is_start = digit(Some(at)) && !digit(at.checked_sub(1));
        let year = text.get(at..at + 4).filter(|_| is_start && !digit(Some(at + 4)));
        let year = year.and_then(|year| year.parse::<i16>().ok()).filter(|year| (1990..=2099).contains(year));
        let Some(year) = year else {
            at += 1;
            continue;
        };
        let following = text.get(at + 4..).unwrap_or_default();
        let mark =
            ["年度", "年末", "年底", "年全年", "年"].into_iter().find(|mark| following.starts_with(mark));
        // 2025年3月 and 2025-03 are no fiscal years.
        let after = following.get(mark.map_or(0, str::len)..).unwrap_or_default();
        if after.starts_with(|c: char| c.is_ascii_digit()) {
            at += 4;
            continue;
        }
        parts.years += 1;
        parts.year = Some(year);
        out.push_str(text.get(from..at).unwrap_or_default());
        at += 4 + mark.map_or(0, str::len);
        from = at;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.trim_matches(['_', '-', '.', ':', '/']).to_owned()
}

/// True if a text is a unit of any fact.
pub(crate) fn is_unit(text: &str) -> bool {
    const OTHERS: [&str; 10] = ["%", "‰", "㎡", "m²", "m2", "平方米", "平米", "个月", "分", "级"];
    const BASES: [&str; 9] = ["元", "圆", "人", "名", "件", "项", "个", "家", "美元"];
    let text = text.trim();
    OTHERS.contains(&text)
        || matches!(text, "千" | "万" | "亿")
        || foreign_currency(text).is_some_and(|word| is_prefix(text.trim_end_matches(word)))
        || BASES.iter().any(|base| text.strip_suffix(base).is_some_and(is_prefix))
}

impl<'a> FactWords<'a> {
    /// Fact of a heading, whatever its year and its unit, with its parts.
    ///
    /// # Errors
    /// In Chinese: no fact has this name, or more than one.
    pub(crate) fn fact_of_heading(&self, heading: &str) -> Result<(&'a Fact, HeadingParts), String> {
        if let Ok(fact) = self.fact(heading) {
            return Ok((fact, HeadingParts { word: folded(heading), ..HeadingParts::default() }));
        }
        let mut parts = parts(heading);
        let found = self.fact_without_signs(&parts.word);
        let fact = match found {
            Ok(fact) => fact,
            Err(why) => self.shorter(&mut parts).ok_or(why)?,
        };
        Ok((fact, parts))
    }

    fn fact_without_signs(&self, word: &str) -> Result<&'a Fact, String> {
        if word.is_empty() {
            return Err("不是已知的指标".to_owned());
        }
        self.fact(word)
    }

    /// Fact of a heading that has a unit at its end (营业收入万元), 是否 before a yes-or-no fact, or 时间 for 日期.
    fn shorter(&self, parts: &mut HeadingParts) -> Option<&'a Fact> {
        if let Some(word) = parts.word.strip_prefix("是否").map(|word| word.trim_start_matches('为'))
            && let Ok(fact) = self.fact(word)
            && fact.kind == FactType::Boolean
        {
            return Some(fact);
        }
        // 年营业收入: the year is that of the column.
        if let Some(word) = parts.word.strip_prefix('年')
            && let Ok(fact) = self.fact(word)
            && fact.period == Period::Year
        {
            return Some(fact);
        }
        // 成立时间 for 成立日期, and 注册日期 for 注册时间.
        for (from, to) in [("时间", "日期"), ("日期", "时间")] {
            if let Some(word) = parts.word.strip_suffix(from)
                && let Ok(fact) = self.fact(&format!("{word}{to}"))
                && fact.kind == FactType::Date
            {
                return Some(fact);
            }
        }
        for (at, _) in parts.word.char_indices().rev().take(4) {
            let (word, unit) = parts.word.split_at_checked(at)?;
            if is_unit(unit)
                && let Ok(fact) = self.fact_without_signs(word)
            {
                let (word, unit) = (word.to_owned(), unit.to_owned());
                parts.units.push(unit);
                parts.word = word;
                return Some(fact);
            }
        }
        None
    }

    /// Meaning of a heading.
    ///
    /// # Errors
    /// In Chinese: why the column cannot be used.
    pub(crate) fn heading(&self, heading: &str) -> Result<Heading, String> {
        let why = match self.about(heading) {
            Ok(about) => return Ok(Heading { about, unit: None }),
            Err(why) => why,
        };
        let Ok((fact, parts)) = self.fact_of_heading(heading) else { return Err(why) };
        let unit = unit_of(fact, &parts)?;
        let year = match (fact.period, parts.year, parts.years) {
            (_, _, 2..) => return Err("里有几个年度".to_owned()),
            (Period::Year, None, _) => {
                return Err(format!("是按年度的指标，列名要带年度，如 {}.2025", fact.key));
            }
            (Period::Current, Some(_), _) => return Err("不是按年度的指标，列名不应带年度".to_owned()),
            (_, year, _) => year,
        };
        Ok(Heading { about: About::Fact { key: fact.key.clone(), year }, unit })
    }

    /// True if a heading names a fact, the id or the name, with or without the year that it may need.
    pub(crate) fn recognises(&self, heading: &str) -> bool {
        match self.about(heading) {
            Ok(About::Unused) => false,
            Ok(_) => true,
            Err(_) => self.fact_of_heading(heading).is_ok(),
        }
    }
}

/// Unit that a heading states for a fact.
///
/// # Errors
/// In Chinese: the unit is none of the fact, or there are two.
pub(crate) fn unit_of(fact: &Fact, parts: &HeadingParts) -> Result<Option<Unit>, String> {
    let mut units: Vec<Unit> = Vec::new();
    for text in &parts.units {
        let Some(unit) = Unit::in_cell(text, fact) else {
            if let Some(currency) = foreign_currency(text) {
                return Err(format!("的单位是外币（{currency}），表中没有汇率"));
            }
            return Err(format!("的单位“{text}”不是“{}”的单位", fact.name));
        };
        if !units.contains(&unit) {
            units.push(unit);
        }
    }
    match units.as_slice() {
        [] => Ok(None),
        [unit] => Ok(Some(unit.clone())),
        _ => Err("里有几个单位".to_owned()),
    }
}

/// Heading for use as a key: as [`folded`], on one line.
pub(crate) fn key_of(heading: &str) -> String {
    folded(&tidy(heading))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhaoren_policy::fact::FactDictionary;

    fn read(heading: &str) -> Result<(String, Option<i16>, Option<String>), String> {
        let dictionary = FactDictionary::built_in();
        let heading = FactWords::new(dictionary).heading(heading)?;
        match heading.about {
            About::Fact { key, year } => Ok((key, year, heading.unit.map(|unit| unit.name))),
            other => Ok((format!("{other:?}"), None, None)),
        }
    }

    #[test]
    fn year_and_unit_are_separated() {
        for heading in [
            "营业收入（万元） 2025",
            "2025年营业收入（万元）",
            "2025年度营业收入/万元",
            "营业收入(2025年,万元)",
            "营业收入（单位：万元）2025年",
            "营业收入-2025（万元）",
            "1.2025年营业收入万元",
            "*营业收入（万元）（必填） 2025",
            "营业收入\n（万元）2025年末",
        ] {
            let expected = ("revenue".to_owned(), Some(2025), Some("万元".to_owned()));
            assert_eq!(read(heading), Ok(expected), "{heading}");
        }
        assert_eq!(read("从业人数（人）"), Ok(("employees".to_owned(), None, Some("人".to_owned()))));
        assert_eq!(read("外资持股比例（％）"), Ok(("foreign_share".to_owned(), None, Some("%".to_owned()))));
        assert_eq!(read("revenue.2025"), Ok(("revenue".to_owned(), Some(2025), None)));
        for heading in ["成立时间", "注册日期", "设立时间"] {
            assert_eq!(read(heading), Ok(("established_on".to_owned(), None, None)), "{heading}");
        }
        assert_eq!(read("是否独立法人资格"), Ok(("is_legal_person".to_owned(), None, None)));
    }

    #[test]
    fn remaining_words_make_another_column() {
        for (heading, why) in [
            ("营业收入（万元）", "要带年度"),
            ("营业收入（主营）2025", "不是已知的指标"),
            ("营业收入（万美元）2025", "外币"),
            ("营业收入（人）2025", "不是“营业收入”的单位"),
            ("从业人数 2025", "不应带年度"),
            ("营业收入 2024-2025", "几个年度"),
            ("营业收入2025年3月", "不是已知的指标"),
            ("营业收入（元）（万元）2025", "几个单位"),
            ("万元", "不是已知的指标"),
            ("2025", "不是已知的指标"),
            ("联系电话", "不是已知的指标"),
        ] {
            let error = read(heading).unwrap_err();
            assert!(error.contains(why), "{heading}: {error}");
        }
    }

    #[test]
    fn headings_are_put_on_one_line() {
        for (text, line) in [
            ("营业收入\n（万元）", "营业收入（万元）"),
            ("revenue\r\n 2025", "revenue 2025"),
            ("\u{feff} id ", "id"),
            ("企业  名称", "企业名称"),
        ] {
            assert_eq!(tidy(text), line);
        }
    }
}
