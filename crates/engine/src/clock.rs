//! The only reading of the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Today's date in China (UTC+8), whatever the machine's own time zone: policies open and close by it.
pub fn today() -> Date {
    day_and_second(SystemTime::now()).0
}

/// Now in China: 2026-07-01 09:30:00.
pub(crate) fn now() -> String {
    in_china(SystemTime::now())
}

/// A moment as a clock in China shows it: 2026-07-01 09:30:00.
pub fn in_china(moment: SystemTime) -> String {
    let (day, second) = day_and_second(moment);
    format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn day_and_second(moment: SystemTime) -> (Date, u64) {
    const CHINA: u64 = 8 * 3600;
    const DAY: u64 = 86_400;
    let seconds = CHINA + moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = i64::try_from(seconds / DAY).unwrap_or(0);
    (date(1970, 1, 1).saturating_add(days.days()), seconds % DAY)
}
