//! The only reading of the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Today's date in China (UTC+8), whatever the machine's own time zone: policies open and close by it.
pub fn today() -> Date {
    const CHINA: u64 = 8 * 3600;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = i64::try_from((seconds + CHINA) / 86_400).unwrap_or(0);
    date(1970, 1, 1).saturating_add(days.days())
}
