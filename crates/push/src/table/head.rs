//! Header of a table: found below title and remark rows, and made of up to four rows with merged cells.
//!
//! The row with the most known headings is the header; an id or a name counts most. Rows below it belong to it where a merged
//! cell reaches into them, or where they name years, units or parts of a heading above several columns. One heading is then made
//! of the cells above one another: `营业收入（万元） 2025`.

use zhaoren_cancel::poll;

use super::asides;
use super::heading::{is_unit, tidy};

/// Number of non-empty rows among which the header is looked for.
pub(crate) const SAMPLE: usize = 30;
/// Most rows of one header.
const MOST_ROWS: usize = 4;
/// Rows whose score is compared; the header of a table with more title rows is not found.
const SEARCHED: usize = 20;

/// A row of the beginning of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeadRow {
    /// Number of the row, from 1; consecutive only if no row lies between.
    pub(crate) number: u64,
    /// Line or row number for messages.
    pub(crate) line: u64,
    /// Texts by column; empty where there is no cell.
    pub(crate) cells: Vec<String>,
}

/// Merged cells of a header: first and last row (counted as in [`HeadRow::number`]), first and last column from 0.
pub(crate) type Merge = (u64, u64, usize, usize);

/// Header of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Head {
    /// Heading of each column; empty where there is none.
    pub(crate) headings: Vec<String>,
    /// Number of rows of the sample up to and with the header.
    pub(crate) rows: usize,
    /// Numbers of the first and the last row of the header.
    pub(crate) span: (u64, u64),
    /// Remark for the keeper of the table if the header is not simply the first row.
    pub(crate) note: Option<String>,
}

/// Known headings.
pub(crate) trait HeadingVocabulary {
    /// True if the heading names the id of an enterprise, or its name.
    fn is_identity(&self, heading: &str) -> bool;
    /// True if the heading names a fact, with or without the year that it needs.
    fn recognises(&self, heading: &str) -> bool;
    /// True if a column with this heading can be read.
    fn is_usable(&self, heading: &str) -> bool;
}

/// Header of a table that begins with these rows.
pub(crate) fn find(sample: &[HeadRow], merges: &[Merge], known: &dyn HeadingVocabulary) -> Head {
    let Some(at) = header_row(sample, known) else { return Head::default() };
    let first = first_row(sample, merges, at);
    let last = last_row(sample, merges, (first, at), known);
    let rows = sample.get(first..=last).unwrap_or_default();
    let headings = headings(rows, merges, known);
    let number = |at: usize| sample.get(at).map_or(0, |row| row.number);
    let span = (number(first), number(last));
    let line = |at: usize| sample.get(at).map_or(0, |row| row.line);
    let place = match (line(first), line(last)) {
        (from, to) if from == to => format!("第 {from} 行"),
        (from, to) => format!("第 {from} 至 {to} 行（合成一行）"),
    };
    let note = match (first, last) {
        (0, 0) => None,
        (0, _) => Some(format!("表头取自{place}")),
        _ => Some(format!("表头取自{place}，其上 {first} 行是标题或说明，没有读取")),
    };
    Head { headings, rows: last + 1, span, note }
}

/// Index of the row with the most known headings.
fn header_row(sample: &[HeadRow], known: &dyn HeadingVocabulary) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (at, row) in sample.iter().enumerate().take(SEARCHED) {
        poll();
        let texts = row.cells.iter().filter(|text| !text.is_empty());
        // A row with the code of an enterprise is a row of data.
        if at > 0 && texts.clone().any(|text| looks_like_code(text)) {
            continue;
        }
        let score: usize = texts
            .map(|text| match text {
                text if known.is_identity(text) => 100,
                text if known.recognises(text) => 1,
                _ => 0,
            })
            .sum();
        if score > 0 && best.is_none_or(|(most, _)| score > most) {
            best = Some((score, at));
        }
    }
    match best {
        Some((_, at)) => Some(at),
        // Nothing is known: the first row that is as wide as the table and has words.
        None => {
            let filled = |row: &HeadRow| row.cells.iter().filter(|text| !text.is_empty()).count();
            let widest = sample.iter().map(filled).max()?;
            let is_header = |row: &HeadRow| {
                filled(row) * 2 >= widest
                    && row.cells.iter().any(|text| text.chars().any(char::is_alphabetic))
            };
            Some(sample.iter().take(SEARCHED).position(is_header).unwrap_or(0))
        }
    }
}

/// First row of the header: rows above the known headings that group columns by merged cells.
fn first_row(sample: &[HeadRow], merges: &[Merge], at: usize) -> usize {
    let width = sample.get(at).map_or(0, |row| row.cells.iter().filter(|text| !text.is_empty()).count());
    let mut first = at;
    while let Some(above) = first.checked_sub(1).filter(|above| at - above < MOST_ROWS) {
        let Some(row) = sample.get(above) else { break };
        let Some(below) = sample.get(first) else { break };
        // A title is merged over the whole width, a group over a part of it.
        let is_group = |(top, bottom, left, right): &&Merge| {
            (*top..=*bottom).contains(&row.number) && left < right && (right - left + 1) * 5 < width * 4
        };
        if below.number != row.number + 1 || !merges.iter().any(|merge| is_group(&merge)) {
            break;
        }
        first = above;
    }
    first
}

/// Last row of the header.
fn last_row(
    sample: &[HeadRow],
    merges: &[Merge],
    (first, at): (usize, usize),
    known: &dyn HeadingVocabulary,
) -> usize {
    let mut last = at;
    while last + 1 < sample.len() && last + 1 - first < MOST_ROWS {
        let (Some(header), Some(next)) = (sample.get(last), sample.get(last + 1)) else { break };
        let is_next = next.number == header.number + 1;
        let reaches = |(top, bottom, ..): &Merge| *top <= header.number && *bottom >= next.number;
        if !is_next || !(merges.iter().any(reaches) || is_below(header, next, merges, known)) {
            break;
        }
        last += 1;
    }
    last
}

/// True if a row without merged cells into it belongs to the header above it.
fn is_below(header: &HeadRow, next: &HeadRow, merges: &[Merge], known: &dyn HeadingVocabulary) -> bool {
    let filled: Vec<(usize, &String)> =
        next.cells.iter().enumerate().filter(|(_, text)| !text.is_empty()).collect();
    // A row of keys and a row of names: `id, name, employees` above 统一社会信用代码、企业名称、从业人数.
    let is_identified = filled.iter().any(|(_, text)| known.is_identity(text));
    if is_identified && filled.iter().filter(|(_, text)| known.recognises(text)).count() * 2 > filled.len() {
        return true;
    }
    let identity = header.cells.iter().position(|text| known.is_identity(text));
    let cell = |row: &HeadRow, column: usize| row.cells.get(column).is_some_and(|text| !text.is_empty());
    if identity.is_none_or(|column| cell(next, column)) {
        return false;
    }
    if filled.first().is_none_or(|(_, text)| asides::kind(text).is_some()) {
        return false;
    }
    // A row of units alone: 万元, 人, %.
    if filled.iter().all(|(_, text)| is_unit(text.trim_matches(['(', ')', '（', '）']))) {
        return true;
    }
    let is_grouped = |column: usize| {
        let within = |(top, bottom, left, right): &Merge| {
            (*top..=*bottom).contains(&header.number) && left < right && (*left..=*right).contains(&column)
        };
        merges.iter().any(within)
            || !cell(header, column)
            || (!cell(header, column + 1) && cell(next, column + 1))
    };
    filled.iter().all(|(column, text)| is_grouped(*column) && is_word(text))
}

/// True if a text may be part of a heading: a word or a year, and no value.
fn is_word(text: &str) -> bool {
    let year = text.trim_end_matches(['年', '度']);
    let is_year = year.len() == 4 && year.parse::<u16>().is_ok_and(|year| (1990..=2099).contains(&year));
    is_year || (text.chars().any(char::is_alphabetic) && !looks_like_code(text) && text.chars().count() <= 40)
}

/// True if a text looks like the code of an enterprise: 18 signs, or 15 digits.
fn looks_like_code(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    match text.len() {
        18 => text.chars().all(is_sign) && text.chars().filter(char::is_ascii_digit).count() >= 8,
        15 => text.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

/// Heading of each column, made of the rows of the header.
fn headings(rows: &[HeadRow], merges: &[Merge], known: &dyn HeadingVocabulary) -> Vec<String> {
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut stacks: Vec<Vec<&str>> = Vec::with_capacity(width);
    for column in 0..width {
        poll();
        let mut stack: Vec<&str> = Vec::new();
        for (level, row) in rows.iter().enumerate() {
            let text = match own(row, column) {
                "" => merged(rows, merges, (row.number, column)).unwrap_or_else(|| {
                    // Without merged cells the heading of a group is above its first column only.
                    let below = rows.get(level + 1).map_or("", |below| own(below, column));
                    let group = (0..column).rev().find(|left| !own(row, *left).is_empty());
                    let is_group = |left: &usize| {
                        let below = rows.get(level + 1).map_or("", |below| own(below, *left));
                        merges.is_empty() && !below.is_empty()
                    };
                    match group.filter(is_group) {
                        Some(left) if !below.is_empty() => own(row, left),
                        _ => "",
                    }
                }),
                text => text,
            };
            if !text.is_empty() && stack.last() != Some(&text) {
                stack.push(text);
            }
        }
        stacks.push(stack);
    }
    let mut chosen: Vec<String> = stacks.iter().map(|stack| shortest(stack, known)).collect();
    // A heading that two columns share says too little: 上年 and 本年 are then needed.
    let mut counts = std::collections::HashMap::new();
    for heading in &chosen {
        *counts.entry(heading.clone()).or_insert(0_usize) += 1;
    }
    for (heading, stack) in chosen.iter_mut().zip(&stacks) {
        if counts.get(heading).is_some_and(|count| *count > 1) {
            *heading = tidy(&stack.join(" "));
        }
    }
    chosen
}

/// Text of a row in a column.
fn own(row: &HeadRow, column: usize) -> &str {
    row.cells.get(column).map_or("", String::as_str)
}

/// Text of the merged cell that covers a place.
fn merged<'a>(rows: &'a [HeadRow], merges: &[Merge], (number, column): (u64, usize)) -> Option<&'a str> {
    let covers = |(top, bottom, left, right): &&Merge| {
        (*top..=*bottom).contains(&number) && (*left..=*right).contains(&column)
    };
    let (top, _, left, _) = merges.iter().find(covers)?;
    let row = rows.iter().find(|row| row.number == *top)?;
    row.cells.get(*left).map(String::as_str)
}

/// Shortest end of a stack of headings that can be read; all of it if none can.
fn shortest(stack: &[&str], known: &dyn HeadingVocabulary) -> String {
    let mut ends = (0..stack.len()).rev().map(|from| tidy(&stack.get(from..).unwrap_or_default().join(" ")));
    let whole = || tidy(&stack.join(" "));
    ends.find(|heading| known.is_usable(heading)).unwrap_or_else(whole)
}

/// Header as an operator sees it, for messages.
pub(crate) fn shown(headings: &[String]) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> =
        headings.iter().take(MOST).map(|text| format!("“{}”", short(text))).collect();
    if headings.len() > MOST {
        shown.push("…".to_owned());
    }
    shown.join("、")
}

fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::fact_words::FactWords;
    use crate::table::known_words::KnownWords;
    use zhaoren_policy::fact::FactDictionary;

    fn find_in(rows: &[&str], merges: &[Merge]) -> Head {
        let sample: Vec<HeadRow> = (1_u64..)
            .zip(rows)
            .map(|(number, row)| HeadRow {
                number,
                line: number,
                cells: row.split('|').map(str::to_owned).collect(),
            })
            .collect();
        let words = FactWords::new(FactDictionary::built_in());
        find(&sample, merges, &KnownWords { words, mapping: None })
    }

    #[test]
    fn the_header_is_found_below_titles() {
        let head = find_in(
            &[
                "2025年度某区重点企业情况表||",
                "填报单位：某区经信局||",
                "统一社会信用代码|企业名称|从业人数",
                "T1|甲|86",
            ],
            &[(1, 1, 0, 2)],
        );
        assert_eq!((head.rows, head.span), (3, (3, 3)));
        assert_eq!(head.headings, ["统一社会信用代码", "企业名称", "从业人数"]);
        assert!(head.note.unwrap().contains("第 3 行"));
        let plain = find_in(&["id|employees", "employees|3", "从业人数|参保人数"], &[]);
        assert_eq!((plain.rows, plain.note), (1, None));
    }

    #[test]
    fn two_rows_make_one_heading() {
        let merges = [(1, 2, 0, 0), (1, 2, 1, 1), (1, 1, 2, 3), (1, 2, 4, 4)];
        let rows =
            ["统一社会信用代码|企业名称|营业收入（万元）||从业人数", "||2024|2025|", "T1|甲|3010|4300|86"];
        let expected =
            ["统一社会信用代码", "企业名称", "营业收入（万元） 2024", "营业收入（万元） 2025", "从业人数"];
        for merges in [&merges[..], &[]] {
            let head = find_in(&rows, merges);
            assert_eq!((head.rows, head.span), (2, (1, 2)));
            assert_eq!(head.headings, expected);
        }
        let units = find_in(&["id|营业收入 2025|从业人数", "|万元|人", "A|1|2"], &[]);
        assert_eq!(units.headings, ["id", "营业收入 2025 万元", "从业人数 人"]);
        let named = find_in(&["id|employees", "统一社会信用代码|从业人数", "A|1"], &[]);
        assert_eq!(
            (named.rows, named.headings),
            (2, vec!["统一社会信用代码".to_owned(), "从业人数".to_owned()])
        );
        // A row of data without an id is none of the header.
        let data = find_in(&["id|企业名称|从业人数", "|甲|3", "A|乙|2"], &[]);
        assert_eq!(data.rows, 1);
    }

    #[test]
    fn groups_above_the_header_name_years() {
        let merges = [(1, 1, 0, 5), (2, 2, 0, 1), (2, 2, 2, 3), (2, 2, 4, 5)];
        let rows = [
            "某市企业名录|||||",
            "基本情况||2024年||2025年|",
            "统一社会信用代码|企业名称|营业收入（万元）|净利润（万元）|营业收入（万元）|净利润（万元）",
            "T1|甲|1|2|3|4",
        ];
        let head = find_in(&rows, &merges);
        assert_eq!((head.rows, head.span), (3, (2, 3)));
        assert_eq!(
            head.headings,
            [
                "统一社会信用代码",
                "企业名称",
                "2024年 营业收入（万元）",
                "2024年 净利润（万元）",
                "2025年 营业收入（万元）",
                "2025年 净利润（万元）"
            ]
        );
    }

    #[test]
    fn header_is_found_without_known_headings() {
        assert_eq!(find_in(&["某表", "甲|乙|丙", "1|2|3"], &[]).headings, ["甲", "乙", "丙"]);
        assert_eq!(find_in(&[], &[]), Head::default());
    }
}
