//! Calendar rules: spans of time as policies count them, and fiscal years.
//!
//! ```
//! use jiff::civil::date;
//! use zhaoren_policy::calendar::{CalendarSpan, last_fiscal_year, spans_at_least};
//!
//! let year = CalendarSpan::parse("1 year").unwrap();
//! assert!(spans_at_least(date(2025, 3, 1), year, date(2026, 3, 1)));
//! assert!(!spans_at_least(date(2025, 3, 2), year, date(2026, 3, 1)));
//! // 上年度 on a day of 2026.
//! assert_eq!(last_fiscal_year(date(2026, 7, 1)), 2025);
//! ```

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Unit of a [`CalendarSpan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SpanUnit {
    /// Calendar days: 日, 个日历天.
    Days,
    /// Calendar months: 个月.
    Months,
    /// Calendar years: 年.
    Years,
}

/// Length of time by the calendar: `365 days`, `12 months`, `3 years`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CalendarSpan {
    /// Number of units; at most 10,000.
    pub count: u32,
    /// Unit of the count.
    pub unit: SpanUnit,
}

impl CalendarSpan {
    /// Reads `2 years`, `1 year`, `12 months`, `365 days`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let count: u32 = words.next()?.parse().ok()?;
        let unit = match words.next()? {
            "day" | "days" => SpanUnit::Days,
            "month" | "months" => SpanUnit::Months,
            "year" | "years" => SpanUnit::Years,
            _ => return None,
        };
        if words.next().is_some() || count > 10_000 { None } else { Some(Self { count, unit }) }
    }

    /// The day `count` units after `start`.
    ///
    /// A day that the target month lacks is that month's last (民法典 第二百零二条). Past the end of the calendar, the result is the
    /// calendar's last day.
    pub fn after(self, start: Date) -> Date {
        let count = i64::from(self.count);
        let span = match self.unit {
            SpanUnit::Days => jiff::Span::new().try_days(count),
            SpanUnit::Months => jiff::Span::new().try_months(count),
            SpanUnit::Years => jiff::Span::new().try_years(count),
        };
        span.map_or(Date::MAX, |span| start.saturating_add(span))
    }

    /// Approximately `count` units before `end`: correct to within a few days, to find where a span begins to hold.
    pub fn roughly_before(self, end: Date) -> Date {
        let count = i64::from(self.count);
        let span = match self.unit {
            SpanUnit::Days => jiff::Span::new().try_days(count),
            SpanUnit::Months => jiff::Span::new().try_months(count),
            SpanUnit::Years => jiff::Span::new().try_years(count),
        };
        span.map_or(Date::MIN, |span| end.saturating_sub(span))
    }

    /// Chinese text: 2年, 12个月, 365天.
    pub fn chinese(self) -> String {
        match self.unit {
            SpanUnit::Days => format!("{}天", self.count),
            SpanUnit::Months => format!("{}个月", self.count),
            SpanUnit::Years => format!("{}年", self.count),
        }
    }
}

impl fmt::Display for CalendarSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            SpanUnit::Days => "days",
            SpanUnit::Months => "months",
            SpanUnit::Years => "years",
        };
        write!(f, "{} {unit}", self.count)
    }
}

/// True if `day` lies at least `span` after `start`, by the calendar; reached on the day itself.
///
/// A day the target month lacks is that month's last day (民法典 第二百零二条).
pub fn spans_at_least(start: Date, span: CalendarSpan, day: Date) -> bool {
    span.after(start) <= day
}

/// True if `day` lies more than `span` after `start`: the day itself is not enough.
pub fn spans_more_than(start: Date, span: CalendarSpan, day: Date) -> bool {
    span.after(start) < day
}

/// Full calendar months from `start` to `day`; 0 if `start` is later.
///
/// A missing day is the month's last, so 31 January to 28 February is one month.
pub fn full_months(start: Date, day: Date) -> u32 {
    if start > day {
        return 0;
    }
    let years = i32::from(day.year()) - i32::from(start.year());
    let rough = years * 12 + i32::from(day.month()) - i32::from(start.month());
    let mut months = u32::try_from(rough.max(0)).unwrap_or(0);
    while months > 0 && start.saturating_add(i64::from(months).months()) > day {
        months -= 1;
    }
    months
}

/// Last full fiscal year before `day`: the calendar year before it (会计法 第十一条).
pub fn last_fiscal_year(day: Date) -> i16 {
    day.year() - 1
}

/// Reads a date in the form `2024-02-29`; `None` if it has another form or does not exist.
pub fn parse_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if shape { text.parse().ok() } else { None }
}

/// Chinese text of a date: 2024年2月29日.
pub fn chinese_date(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn span(text: &str) -> CalendarSpan {
        CalendarSpan::parse(text).unwrap()
    }

    #[test]
    fn anniversaries_follow_the_civil_code() {
        let leap = date(2024, 2, 29);
        assert!(!spans_at_least(leap, span("1 year"), date(2025, 2, 27)));
        assert!(spans_at_least(leap, span("1 year"), date(2025, 2, 28)));
        assert!(!spans_more_than(leap, span("1 year"), date(2025, 2, 28)));
        assert!(spans_more_than(leap, span("1 year"), date(2025, 3, 1)));
        assert!(spans_at_least(date(2025, 1, 31), span("1 months"), date(2025, 2, 28)));
    }

    #[test]
    fn three_hundred_sixty_five_days_is_not_twelve_months() {
        let start = date(2024, 1, 1); // a leap year lies between
        assert!(spans_at_least(start, span("365 days"), date(2024, 12, 31)));
        assert!(!spans_at_least(start, span("12 months"), date(2024, 12, 31)));
    }

    #[test]
    fn only_full_months_count() {
        assert_eq!(full_months(date(2024, 1, 31), date(2024, 2, 28)), 0);
        assert_eq!(full_months(date(2024, 1, 31), date(2024, 2, 29)), 1);
        assert_eq!(full_months(date(2024, 1, 15), date(2025, 1, 14)), 11);
        assert_eq!(full_months(date(2024, 1, 15), date(2025, 1, 15)), 12);
        assert_eq!(full_months(date(2026, 1, 1), date(2025, 1, 1)), 0);
    }

    #[test]
    fn invalid_spans_and_dates_are_rejected() {
        for bad in ["", "2", "years", "2 weeks", "-1 years", "2 years 3", "99999 days"] {
            assert_eq!(CalendarSpan::parse(bad), None, "{bad}");
        }
        for bad in ["2023-02-30", "2023-2-3", "2023/02/03", "20230203", ""] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_fiscal_year_is_the_calendar_year_before() {
        assert_eq!(last_fiscal_year(date(2026, 1, 1)), 2025);
        assert_eq!(last_fiscal_year(date(2025, 12, 31)), 2024);
    }
}
