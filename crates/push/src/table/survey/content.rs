//! Contents of a column: how many cells are filled, and what they look like.

use std::collections::BTreeMap;

use zhaoren_policy::code::reading::read;
use zhaoren_policy::code::{Code, CodeSystem, names};

use crate::table::cell::Cell;
use crate::table::day::written_date;
use crate::table::rows::shortened;
use crate::table::width::narrow;

/// Different values of a column that are kept.
const MOST_VALUES: usize = 500;

/// Apparent type of the cells of a column.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) filled: u64,
    /// First different values, with their number.
    pub(super) values: BTreeMap<String, u64>,
    /// The same values in order of appearance, the first few.
    pub(super) examples: Vec<String>,
    pub(super) codes: u64,
    pub(super) dates: u64,
    pub(super) numbers: u64,
    pub(super) answers: u64,
    /// Numbers greater than 1.
    pub(super) large: u64,
}

/// Type of most of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Empty,
    /// Codes of enterprises.
    Codes,
    Dates,
    Places,
    Numbers,
    /// 是 and 否.
    Answers,
    Words,
}

impl Content {
    pub(super) fn see(&mut self, cell: &Cell<'_>) {
        const MOST_EXAMPLES: usize = 3;
        let shown = cell.shown();
        let text = shown.trim();
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        let short = shortened(text);
        if let Some(count) = self.values.get_mut(&short) {
            *count += 1;
        } else if self.values.len() < MOST_VALUES {
            if self.examples.len() < MOST_EXAMPLES {
                self.examples.push(short.clone());
            }
            self.values.insert(short, 1);
        }
        let text = narrow(text);
        let text = text.as_ref();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        self.codes += u64::from(is_code(text));
        let is_date =
            matches!(cell, Cell::Day(_)) || (!digits || text.len() == 8) && written_date(text).is_some();
        self.dates += u64::from(
            is_date && text.parse::<f64>().is_err() || matches!(cell, Cell::Day(_)) || is_eight(text),
        );
        let bare = text.replace(',', "");
        let bare = bare.trim_end_matches('%');
        let number = bare.parse::<f64>().ok().filter(|number| number.is_finite());
        self.numbers += u64::from(number.is_some() || starts_as_amount(text));
        self.large += u64::from(number.is_some_and(|number| number > 1.0) && !text.ends_with('%'));
        self.answers += u64::from(matches!(cell, Cell::Bool(_)) || is_answer(text));
    }

    /// True if nine tenths of the first different values are codes or names of places.
    fn are_places(&self) -> bool {
        const LOOKED_AT: usize = 100;
        let values = self.values.keys().take(LOOKED_AT);
        let (count, places) = (values.clone().count(), values.filter(|text| is_place(text)).count());
        count > 0 && places * 10 >= count * 9
    }

    /// Type of at least nine tenths of the filled cells.
    pub(super) fn look(&self) -> Look {
        let is_most = |count: u64| count * 10 >= self.filled * 9;
        match () {
            () if self.filled == 0 => Look::Empty,
            () if is_most(self.codes) => Look::Codes,
            () if is_most(self.dates) => Look::Dates,
            () if is_most(self.answers) => Look::Answers,
            () if self.are_places() => Look::Places,
            () if is_most(self.numbers) => Look::Numbers,
            () => Look::Words,
        }
    }
}

/// True if a text has the form of a 统一社会信用代码, blanks and apostrophes not counted.
fn is_code(text: &str) -> bool {
    let signs: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
    signs.len() == 18
        && signs.bytes().all(|b| b.is_ascii_alphanumeric())
        && signs.bytes().filter(u8::is_ascii_digit).count() >= 8
}

/// True if a text is a listed code of a region, or the name of one: 310104, 上海市徐汇区, 徐汇.
fn is_place(text: &str) -> bool {
    const LONGEST: usize = 60;
    if text.len() > LONGEST {
        return false;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let code = Code::parse(text, CodeSystem::Region);
        return text.len() >= 6 && code.is_some_and(|code| names(CodeSystem::Region).lists(&code));
    }
    !text.bytes().any(|b| b.is_ascii_digit()) && read(text, CodeSystem::Region).is_some()
}

fn is_answer(text: &str) -> bool {
    const ANSWERS: [&str; 14] =
        ["是", "否", "有", "无", "√", "×", "✓", "✗", "Y", "N", "yes", "no", "true", "false"];
    ANSWERS.iter().any(|answer| answer.eq_ignore_ascii_case(text))
}

/// True if eight digits are a day.
fn is_eight(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) && written_date(text).is_some()
}

/// True if a text begins with digits and ends with a unit: 50(万元人民币), 86人.
fn starts_as_amount(text: &str) -> bool {
    let text = text.trim_start_matches(['¥', '-']);
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains(['元', '万', '亿', '人', '%', '项', '件', '家'])
        && text.chars().count() <= 24
}
