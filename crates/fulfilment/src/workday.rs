//! Working days (工作日): weekdays, corrected by the holidays and make-up days that the State Council announces for each year.
//!
//! The announcements are data (`seeds/workdays/years.tsv`). A year that is not in the data is unknown: no day of it is guessed to be
//! a working day or a holiday, since about a tenth of the weekdays of a year are moved.
//!
//! ```
//! use jiff::civil::date;
//! use zhaoren_fulfilment::workday::WorkCalendar;
//!
//! let calendar = WorkCalendar::built_in();
//! // 2026 年国庆节：10月1日至7日放假，10月10日（周六）上班。
//! assert_eq!(calendar.is_working_day(date(2026, 10, 10)), Ok(true));
//! assert_eq!(calendar.after(date(2026, 9, 30), 1).unwrap(), date(2026, 10, 8));
//! assert!(calendar.after(date(2098, 12, 31), 1).is_err());
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Greatest number of working days that a deadline may have; longer ones are given in months.
pub const MAX_WORKING_DAYS: u32 = 1_000;
/// Greatest number of lines of a file of holidays.
const MAX_LINES: usize = 10_000;
/// Greatest length of one holiday, in days; a longer one is a slip of the pen.
const MAX_HOLIDAY_DAYS: i32 = 31;

/// The year's announcement is not in the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{year} 年的放假安排尚未收录，无法推算工作日；请在放假安排文件中补充该年")]
pub struct UnknownYear {
    /// The year.
    pub year: i16,
}

/// Faulty line of a file of holidays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("放假安排第 {line} 行：{fault}")]
pub struct CalendarFault {
    /// Line, from 1 on.
    pub line: usize,
    /// Fault, with what was expected.
    pub fault: String,
}

/// Holidays and make-up days of the years in the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    /// Days that differ from the week's rule: true for a working Saturday or Sunday.
    exceptions: BTreeMap<Date, bool>,
    /// Years whose announcement is in the data.
    years: BTreeSet<i16>,
}

impl WorkCalendar {
    /// The years that ship with the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<WorkCalendar> = LazyLock::new(|| {
            let (calendar, faults) = WorkCalendar::read(include_str!("../../../seeds/workdays/years.tsv"));
            debug_assert!(faults.is_empty(), "{faults:?}");
            calendar
        });
        &BUILT_IN
    }

    /// Reads tab-separated lines: year, 休 or 班, first day, last day, and for people a name, a source and its review. Faulty
    /// lines are left out and named.
    pub fn read(text: &str) -> (Self, Vec<CalendarFault>) {
        let (mut calendar, mut faults) = (Self::default(), Vec::new());
        for (line, row) in (1..).zip(text.lines()) {
            zhaoren_cancel::poll();
            if row.trim().is_empty() || row.starts_with('#') {
                continue;
            }
            if line > MAX_LINES {
                faults.push(CalendarFault { line, fault: format!("行数超过 {MAX_LINES}") });
                break;
            }
            if let Err(fault) = calendar.add(row) {
                faults.push(CalendarFault { line, fault });
            }
        }
        (calendar, faults)
    }

    /// Adds the years of another calendar; where both have a year, the other one's announcement replaces this one's.
    pub fn with(mut self, other: &Self) -> Self {
        self.exceptions.retain(|day, _| !other.years.contains(&day.year()));
        self.exceptions.extend(&other.exceptions);
        self.years.extend(&other.years);
        self
    }

    fn add(&mut self, row: &str) -> Result<(), String> {
        let mut cells = row.split('\t');
        let mut cell = |what: &str| cells.next().map(str::trim).ok_or_else(|| format!("缺少{what}"));
        let (year, kind) = (cell("年份")?, cell("种类")?);
        let year: i16 = year.parse().map_err(|_| format!("年份应为四位数字，得到“{year}”"))?;
        let works = match kind {
            "休" => false,
            "班" => true,
            other => return Err(format!("种类应为“休”或“班”，得到“{other}”")),
        };
        let day = |text: &str| text.parse::<Date>().map_err(|_| format!("日期应如 2026-10-01，得到“{text}”"));
        let (first, last) = (day(cell("首日")?)?, day(cell("末日")?)?);
        let days = first.until(last).map_or(i32::MAX, |span| span.get_days());
        if !(0..MAX_HOLIDAY_DAYS).contains(&days) {
            return Err(format!("末日 {last} 应不早于首日 {first}，且不超过 {MAX_HOLIDAY_DAYS} 天"));
        }
        let mut day = first;
        while day <= last {
            if let Some(other) = self.exceptions.insert(day, works)
                && other != works
            {
                return Err(format!("{day} 既是“休”又是“班”"));
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        self.years.insert(year);
        Ok(())
    }

    /// True if offices work on a day.
    ///
    /// # Errors
    /// The year is not in the data.
    pub fn is_working_day(&self, day: Date) -> Result<bool, UnknownYear> {
        if !self.years.contains(&day.year()) {
            return Err(UnknownYear { year: day.year() });
        }
        let weekday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(self.exceptions.get(&day).copied().unwrap_or(weekday))
    }

    /// Last day of a period of `count` working days that begins on the day after `start`: the day itself does not count
    /// (民法典 第二百零一条). For 0 it is `start`.
    ///
    /// # Errors
    /// A year on the way is not in the data. `count` beyond [`MAX_WORKING_DAYS`] is cut to it.
    pub fn after(&self, start: Date, count: u32) -> Result<Date, UnknownYear> {
        let (mut day, mut left) = (start, count.min(MAX_WORKING_DAYS));
        while left > 0 {
            day = day.checked_add(1.day()).map_err(|_| UnknownYear { year: day.year() })?;
            left -= u32::from(self.is_working_day(day)?);
        }
        Ok(day)
    }

    /// Number of working days after `start` up to and with `end`; 0 if `end` is not after `start`.
    ///
    /// # Errors
    /// A year on the way is not in the data.
    pub fn count(&self, start: Date, end: Date) -> Result<u32, UnknownYear> {
        let (mut day, mut count) = (start, 0);
        while day < end {
            zhaoren_cancel::poll();
            day = day.checked_add(1.day()).map_err(|_| UnknownYear { year: day.year() })?;
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn golden_days_of_the_announcements() {
        let calendar = WorkCalendar::built_in();
        for (day, works) in [
            (date(2024, 2, 9), true),
            (date(2024, 2, 10), false),
            (date(2024, 2, 18), true),
            (date(2024, 5, 11), true),
            (date(2024, 6, 10), false),
            (date(2025, 1, 26), true),
            (date(2025, 1, 28), false),
            (date(2025, 6, 2), false),
            (date(2025, 10, 8), false),
            (date(2025, 10, 11), true),
            (date(2026, 1, 4), true),
            (date(2026, 2, 28), true),
            (date(2026, 5, 9), true),
            (date(2026, 9, 25), false),
            (date(2026, 12, 1), true),
            (date(2026, 12, 5), false),
        ] {
            assert_eq!(calendar.is_working_day(day), Ok(works), "{day}");
        }
        // 2026: 248 working days, as the make-up days have it: 261 weekdays - 19 moved or free ones + 6 make-up days.
        let all = calendar.count(date(2025, 12, 31), date(2026, 12, 31)).unwrap();
        assert_eq!(all, 248);
    }

    #[test]
    fn unknown_years_are_named_not_guessed() {
        let calendar = WorkCalendar::built_in();
        assert_eq!(calendar.after(date(2026, 12, 31), 1), Err(UnknownYear { year: 2027 }));
        assert_eq!(calendar.after(date(2026, 12, 30), 1), Ok(date(2026, 12, 31)));
        let more = WorkCalendar::read("2027\t休\t2027-01-01\t2027-01-03\t元旦\n").0;
        let calendar = calendar.clone().with(&more);
        assert_eq!(calendar.after(date(2026, 12, 31), 1), Ok(date(2027, 1, 4)));
    }

    #[test]
    fn faulty_lines_are_named() {
        let text = "20x6\t休\t2026-01-01\t2026-01-01\n2026\t闲\t2026-01-01\t2026-01-01\n2026\t休\t2026-01-09\t2026-01-01\n2026\t休\n";
        let (calendar, faults) = WorkCalendar::read(text);
        assert_eq!(calendar, WorkCalendar::default());
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            said[0].contains("第 1 行") && said[1].contains("闲") && said[2].contains("2026-01-09"),
            "{said:?}"
        );
        assert!(said[3].contains("缺少首日"), "{said:?}");
    }

    proptest! {
        /// Counting undoes adding, and nothing lies between two neighbouring counts.
        #[test]
        fn count_inverts_after(offset in 0_i32..700, count in 0_u32..80) {
            let calendar = WorkCalendar::built_in();
            let start = date(2024, 6, 1).checked_add(offset.days()).unwrap();
            let Ok(end) = calendar.after(start, count) else { return Ok(()) };
            prop_assert_eq!(calendar.count(start, end), Ok(count));
            if count > 0 {
                prop_assert_eq!(calendar.is_working_day(end), Ok(true));
            }
        }
    }
}
