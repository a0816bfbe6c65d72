//! Number formats of sheets (ECMA-376 part 1, 18.8.30): a value as its cell shows it.

mod digits;

use self::digits::{general, number};

/// A number format that was taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Format {
    /// As it is.
    General,
    /// A date, a time or both.
    Moment(Moment),
    /// Sections for positive numbers, negative numbers and zero.
    Number(Vec<Vec<Token>>),
    /// Nothing is shown, whatever the cell holds.
    Hidden,
}

/// Which parts of a moment are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moment {
    year: bool,
    month: bool,
    day: bool,
    hour: bool,
    second: bool,
    /// True if the parts carry 年, 月 and 日.
    chinese: bool,
    /// True if hours count on beyond a day.
    elapsed: bool,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A place of a digit: `0` shows a zero where there is none.
    Digit {
        zero: bool,
    },
    /// The decimal point.
    Point,
    /// A comma: groups of thousands between digits, thousands behind them.
    Comma,
    Percent,
    Literal(String),
}

/// The longest format that is looked at, in characters.
const LONGEST: usize = 255;

impl Format {
    /// The built-in format of this number (18.8.30), with the Chinese ones.
    pub(super) fn built_in(id: u32) -> Self {
        let code = match id {
            1 => "0",
            2 => "0.00",
            3 | 37 | 38 => "#,##0",
            4 | 39 | 40 => "#,##0.00",
            9 => "0%",
            10 => "0.00%",
            41 | 42 => "#,##0",
            43 | 44 => "#,##0.00",
            14..=17 | 30 | 34 | 35 => "yyyy-m-d",
            18..=21 | 45 | 47 => "h:mm:ss",
            46 => "[h]:mm:ss",
            22 => "yyyy-m-d h:mm",
            27 | 52 | 57 => "yyyy年m月",
            28 | 29 | 53 | 58 => "m月d日",
            31 | 50 | 51 | 54 => "yyyy年m月d日",
            32 | 33 | 55 | 56 => "h时mm分",
            36 => "yyyy年m月",
            _ => return Self::General,
        };
        Self::of(code)
    }

    /// A format by its code.
    pub(super) fn of(code: &str) -> Self {
        let code: String = code.chars().take(LONGEST).collect();
        if code.trim() == ";;;" {
            return Self::Hidden;
        }
        let Some(sections) = sections(&code) else { return Self::General };
        if let Some(moment) = sections.first().and_then(|section| moment(section)) {
            return Self::Moment(moment);
        }
        let is_plain = |section: &Vec<Piece>| {
            section.iter().all(|piece| !matches!(piece, Piece::Letter(letter) if letter.is_ascii_alphabetic() || *letter == '@'))
        };
        // Scientific numbers, fractions of several parts and text are shown as they are.
        if !sections.iter().take(3).all(is_plain) {
            return Self::General;
        }
        Self::Number(sections.into_iter().take(3).map(tokens).collect())
    }

    /// A value as it is shown. `written` is the value as the file writes it.
    pub(super) fn shown(&self, value: f64, written: &str, from_1904: bool) -> String {
        match self {
            Self::General => general(value, written),
            Self::Hidden => String::new(),
            Self::Moment(moment) => moment.shown(value, from_1904).unwrap_or_else(|| general(value, written)),
            Self::Number(sections) => {
                let (section, signed) = match sections.as_slice() {
                    [_, negative, ..] if value < 0.0 => (negative, false),
                    [_, _, zero, ..] if value == 0.0 => (zero, false),
                    [first, ..] => (first, value < 0.0),
                    [] => return general(value, written),
                };
                number(section, value.abs(), signed).unwrap_or_else(|| general(value, written))
            }
        }
    }
}

/// Meaning of a number in its format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading {
    /// The number itself.
    Plain,
    /// A fraction shown in hundredths.
    Percent,
    /// A scale other than the stored one, with the displayed text.
    Scaled(String),
    /// The number with a unit (万元, 人) that the format adds.
    Unit(String),
    /// Year, month and day.
    Day(i64, i64, i64),
    /// Year and month.
    Month(i64, i64),
    /// A moment without a date, as it is shown.
    Time(String),
}

impl Format {
    /// Meaning of a value in this format.
    pub(super) fn reading(&self, value: f64, written: &str, from_1904: bool) -> Reading {
        match self {
            Self::General | Self::Hidden => Reading::Plain,
            Self::Moment(moment) => {
                let shown = || Reading::Time(self.shown(value, written, from_1904));
                // Day number 0 is a time of day alone.
                let whole = if value >= 1.0 || from_1904 { moment.date(value, from_1904) } else { None };
                match (whole, moment.year, moment.month, moment.day) {
                    (Some((year, month, _)), true, true, false) => Reading::Month(year, month),
                    (Some((year, month, day)), _, true, true) => Reading::Day(year, month, day),
                    (None, true, ..) if !(0.0..END).contains(&value) => Reading::Plain,
                    _ => shown(),
                }
            }
            Self::Number(sections) => {
                let section = match sections.as_slice() {
                    [_, negative, ..] if value < 0.0 => negative,
                    [_, _, zero, ..] if value == 0.0 => zero,
                    [first, ..] => first,
                    [] => return Reading::Plain,
                };
                let last = section.iter().rposition(|token| matches!(token, Token::Digit { .. }));
                let Some(last) = last else { return Reading::Plain };
                let behind = section.get(last + 1..).unwrap_or_default();
                if behind.contains(&Token::Comma) {
                    return Reading::Scaled(self.shown(value, written, from_1904));
                }
                match section.iter().filter(|token| **token == Token::Percent).count() {
                    0 => {}
                    1 => return Reading::Percent,
                    _ => return Reading::Scaled(self.shown(value, written, from_1904)),
                }
                let unit: String = behind
                    .iter()
                    .filter_map(|token| match token {
                        Token::Literal(literal) => Some(literal.trim()),
                        _ => None,
                    })
                    .collect();
                // Brackets and blanks are no unit; 万元, 人 and 家 are.
                if unit.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
                    Reading::Unit(unit)
                } else {
                    Reading::Plain
                }
            }
        }
    }
}

/// A piece of a code before its meaning is known.
#[derive(Clone, Debug)]
enum Piece {
    Letter(char),
    Literal(String),
    /// Hours, minutes or seconds in brackets.
    Elapsed,
}

/// The sections of a code; `None` where it has conditions, or is general.
fn sections(code: &str) -> Option<Vec<Vec<Piece>>> {
    if code.is_empty() || code.to_ascii_lowercase().starts_with("general") {
        return None;
    }
    let mut sections = vec![Vec::new()];
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        let section = sections.last_mut()?;
        match sign {
            '"' => section.push(Piece::Literal(signs.by_ref().take_while(|sign| *sign != '"').collect())),
            '\\' | '!' => section.push(Piece::Literal(signs.next()?.to_string())),
            // The width of a sign, and a sign that fills the cell.
            '_' | '*' => {
                signs.next();
            }
            '[' => {
                let inner: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                if inner.starts_with(['<', '>', '=']) {
                    return None;
                }
                if matches!(inner.to_ascii_lowercase().trim_matches(['h', 'm', 's']), "") && !inner.is_empty()
                {
                    section.push(Piece::Elapsed);
                } else if let Some(money) = inner.strip_prefix('$') {
                    let sign = money.split('-').next().unwrap_or_default();
                    section.push(Piece::Literal(sign.to_owned()));
                }
            }
            ';' => sections.push(Vec::new()),
            sign => section.push(Piece::Letter(sign)),
        }
    }
    Some(sections)
}

/// Parts of a moment that a section shows; `None` if it shows a number.
fn moment(section: &[Piece]) -> Option<Moment> {
    let mut moment = Moment::default();
    let mut letters = String::new();
    for piece in section {
        match piece {
            Piece::Letter(letter) => letters.push(letter.to_ascii_lowercase()),
            Piece::Literal(literal) => moment.chinese |= literal.contains(['年', '月', '日']),
            Piece::Elapsed => {
                moment.elapsed = true;
                letters.push('h');
            }
        }
    }
    moment.chinese |= letters.contains(['年', '月', '日']);
    let has = |letter: char| letters.contains(letter);
    if has('0') || has('#') || !(has('y') || has('d') || has('h') || has('s') || has('m')) {
        return None;
    }
    (moment.year, moment.day, moment.hour, moment.second) = (has('y'), has('d'), has('h'), has('s'));
    // `m` is a month unless hours or seconds are beside it and no day or year.
    moment.month = has('m') && (moment.year || moment.day || !(moment.hour || moment.second));
    Some(moment)
}

/// Days from the first day of year 1 to the first of 1900, in the calendar of today.
const BEFORE_1900: i64 = 693_595;
/// The first day of the year 10000, as a serial number.
const END: f64 = 2_958_466.0;

impl Moment {
    /// Year, month and day of a serial number; `None` where it is no date.
    fn date(self, serial: f64, from_1904: bool) -> Option<(i64, i64, i64)> {
        let serial = if from_1904 { serial + 1462.0 } else { serial };
        if !(1.0..END).contains(&serial) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is below the serial number of the year 10000"
        )]
        let day = serial.floor() as i64;
        // 29 February 1900 never was.
        (day != 60).then(|| civil(if day < 60 { day + 1 } else { day } - 2 + BEFORE_1900))
    }

    fn shown(self, serial: f64, from_1904: bool) -> Option<String> {
        let serial = if from_1904 { serial + 1462.0 } else { serial };
        if !(0.0..END).contains(&serial) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is below the serial number of the year 10000"
        )]
        let (mut day, mut second) = (serial.floor() as i64, (serial.fract() * 86_400.0).round() as i64);
        if second >= 86_400 {
            (day, second) = (day + 1, 0);
        }
        let mut shown = String::new();
        if self.year || self.month || self.day {
            // Serial numbers count a 29 February 1900 that never was.
            let (year, month, date) = civil(if day < 60 { day + 1 } else { day } - 2 + BEFORE_1900);
            shown = match (self.chinese, self.year, self.month, self.day) {
                (true, true, true, false) => format!("{year}年{month}月"),
                (true, true, false, false) => format!("{year}年"),
                (true, false, true, true) => format!("{month}月{date}日"),
                (true, false, true, false) => format!("{month}月"),
                (true, ..) => format!("{year}年{month}月{date}日"),
                (false, true, true, false) => format!("{year}-{month:02}"),
                (false, true, false, false) => format!("{year}"),
                (false, ..) => format!("{year}-{month:02}-{date:02}"),
            };
        }
        if self.hour || self.second {
            let hours = second / 3600 + if self.elapsed { day * 24 } else { 0 };
            let (minutes, seconds) = (second / 60 % 60, second % 60);
            let gap = if shown.is_empty() { "" } else { " " };
            shown.push_str(&format!("{gap}{hours}:{minutes:02}"));
            if self.second {
                shown.push_str(&format!(":{seconds:02}"));
            }
        }
        Some(shown)
    }
}

/// Year, month and day of a number of days since the first day of year 1.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March: the leap day is the last of its year.
    let days = days + 306;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let year = year + era * 400 + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, date)
}

fn tokens(section: Vec<Piece>) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for piece in section {
        match piece {
            Piece::Letter('0') => tokens.push(Token::Digit { zero: true }),
            Piece::Letter('#' | '?') => tokens.push(Token::Digit { zero: false }),
            Piece::Letter('.') => tokens.push(Token::Point),
            Piece::Letter(',') => tokens.push(Token::Comma),
            Piece::Letter('%') => tokens.push(Token::Percent),
            Piece::Letter(letter) => tokens.push(Token::Literal(letter.to_string())),
            Piece::Literal(literal) => tokens.push(Token::Literal(literal)),
            Piece::Elapsed => {}
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_formatted_like_their_cells() {
        for (code, value, shown) in [
            ("General", 3.0_f64, "3"),
            ("General", 0.1 + 0.2, "0.3"),
            (";;;", 1500.0, ""),
            ("General", 1500.0, "1500"),
            ("General", -2.5, "-2.5"),
            ("General", 1e-7, "0.0000001"),
            ("0%", 0.1, "10%"),
            ("0.00%", 0.035, "3.50%"),
            ("0.0%", 0.0005, "0.1%"),
            ("#,##0", 2000.0, "2,000"),
            ("#,##0", 1_234_567.0, "1,234,567"),
            ("#,##0", 12.0, "12"),
            ("#,##0\"万元\"", 1500.0, "1,500万元"),
            ("#,##0.00", 1234.565, "1,234.57"),
            ("0.00", 1.005, "1.01"),
            ("0.0#", 2.0, "2.0"),
            ("0.##", 2.25, "2.25"),
            ("000", 7.0, "007"),
            ("0", 0.4, "0"),
            ("#", 0.0, ""),
            ("0!.0,\"万\"", 123_000.0, "12.3万"),
            ("0.00,,\"百万\"", 2_500_000.0, "2.50百万"),
            ("_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * \"-\"??_ ;_ @_ ", -1234.5, "  -1,234.50 "),
            ("0;[Red]-0", -5.0, "-5"),
            ("¥#,##0", 50.0, "¥50"),
            ("[$¥-804]#,##0", 50.0, "¥50"),
            ("0.00E+00", 12.0, "12"),
            ("[>=10]0\"多\";0", 12.0, "12"),
            ("yyyy\"年\"m\"月\"d\"日\"", 46203.0, "2026年6月30日"),
            ("yyyy/m/d;@", 45047.0, "2023-05-01"),
            ("yyyy-mm-dd hh:mm", 45047.5, "2023-05-01 12:00"),
            ("[h]:mm", 1.5, "36:00"),
            ("mm:ss", 0.5, "12:00:00"),
            ("yyyy\"年\"m\"月\"", 45047.0, "2023年5月"),
            ("yyyy-m-d", 1.0, "1900-01-01"),
            ("yyyy-m-d", 60.0, "1900-02-28"),
            ("yyyy-m-d", 61.0, "1900-03-01"),
            ("yyyy-m-d", -1.0, "-1"),
            ("yyyy-m-d", 1e300, "1e300"),
        ] {
            let written = if value.abs() > 1e200 { "1e300".to_owned() } else { value.to_string() };
            let found = Format::of(code).shown(value, &written, false);
            assert_eq!(found.trim(), shown.trim(), "{code} {value}");
        }
        assert_eq!(Format::built_in(31).shown(44741.0 - 1462.0, "43279", true), "2022年6月29日");
        assert_eq!(Format::built_in(9).shown(0.03, "0.03", false), "3%");
    }

    #[test]
    fn any_format_and_value_is_handled() {
        for code in ["", ";", "\"", "\\", "[", "%%%%%%", ",,,,,,0", "0.0.0", "#;#;#;#", "_", "*", "0,0.0,0%,"]
        {
            for value in [0.0, -1.0, f64::MAX, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, 0.5] {
                Format::of(code).shown(value, "x", false);
            }
        }
    }
}
