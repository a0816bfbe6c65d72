//! Dates as they are written in tables: days, months of which no day is known, and serial numbers of spreadsheets.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::width::narrow;

/// First and last serial number that is read as a day: 1954 to 2119. Smaller and larger numbers in a column of dates are more
/// likely years, amounts or mistakes.
const SERIALS: std::ops::RangeInclusive<i64> = 20_000..=80_000;

/// First and last day that a text can mean; they are equal for a day. `None` for a text that is no date.
///
/// `2023-5-1`, `2023/5/1`, `2023.5.1`, `2023年5月1日` and `20230501`, each perhaps with a time behind it, and the serial number
/// `45047` mean a day; `2023年5月`, `2023-05` and `2023/5` mean a month. The order of `5/1/2023` cannot be determined.
pub(crate) fn written_date(text: &str) -> Option<(Date, Date)> {
    let text = narrow(text.trim());
    let text = match text.split_once([' ', 'T']) {
        Some((day, time)) if time.trim_start().starts_with(|c: char| c.is_ascii_digit()) => day,
        Some(_) => return None,
        None => text.as_ref(),
    };
    let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if all_digits && text.len() == 5 {
        return serial(text.parse().ok()?).map(|day| (day, day));
    }
    let parts: Vec<&str> = if all_digits && text.len() == 8 {
        vec![text.get(..4)?, text.get(4..6)?, text.get(6..)?]
    } else if let Some((year, rest)) = text.split_once('年') {
        let (month, day) = rest.split_once('月')?;
        match day.trim().strip_suffix(['日', '号']) {
            Some(day) => vec![year, month, day],
            None if day.trim().is_empty() => vec![year, month],
            None => return None,
        }
    } else {
        let part = ['-', '/', '.'].into_iter().find(|part| text.contains(*part))?;
        text.split(part).collect()
    };
    let number = |text: &str, longest: usize| -> Option<i16> {
        let text = text.trim();
        let digits = (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    let small = |text: &str| number(text, 2).and_then(|number| i8::try_from(number).ok());
    let year = |text: &str| number(text, 4).filter(|_| text.trim().len() == 4);
    match parts.as_slice() {
        [y, month, day] => Date::new(year(y)?, small(month)?, small(day)?).ok().map(|day| (day, day)),
        [y, month] => {
            let first = Date::new(year(y)?, small(month)?, 1).ok()?;
            Some((first, first.last_of_month()))
        }
        _ => None,
    }
}

/// Day of a serial number in the calendar of 1900.
fn serial(number: i64) -> Option<Date> {
    if !SERIALS.contains(&number) {
        return None;
    }
    date(1899, 12, 30).checked_add(number.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_date_formats_are_read() {
        let day = date(2023, 5, 1);
        for text in [
            "2023-5-1",
            "2023-05-01",
            "2023/5/1",
            "2023.05.01",
            "2023年5月1日",
            "2023年05月01号",
            "20230501",
            "2023/5/1 0:00",
            "2023-05-01T00:00:00",
            "２０２３年５月１日",
            "45047",
        ] {
            assert_eq!(written_date(text), Some((day, day)), "{text}");
        }
        for text in ["2023年5月", "2023-5", "2023/05", "2023.5"] {
            assert_eq!(written_date(text), Some((day, date(2023, 5, 31))), "{text}");
        }
        assert_eq!(written_date("2024年2月"), Some((date(2024, 2, 1), date(2024, 2, 29))));
        for text in [
            "",
            "2023-2-30",
            "23-5-1",
            "5/1/2023",
            "2023-5-1-1",
            "20230532",
            "2023年13月",
            "2023年",
            "2023",
            "19999",
            "99999",
            "二〇二三年五月一日",
            "2023-5-1 后",
            "2023年5月初",
        ] {
            assert_eq!(written_date(text), None, "{text}");
        }
    }
}
