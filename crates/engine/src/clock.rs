//! The only access to the clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::{Date, DateTime, date};
use jiff::{Timestamp, ToSpan};
use zhaoren_policy::calendar::parse_date;
use zhaoren_registry::Moment;

/// Today's date in China (UTC+8), in any time zone of the machine: policies open and close by it.
pub fn today() -> Date {
    day_and_second(SystemTime::now()).0
}

/// The current time, in the unit of the records.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The current time in China: 2026-07-01 09:30:00.
pub(crate) fn now_in_china() -> String {
    in_china(SystemTime::now())
}

/// The first moment of a day in China.
pub fn start_of(day: Date) -> Moment {
    let days = i64::from(day.since(date(1970, 1, 1)).map_or(0, |span| span.get_days()));
    Moment(days * 86_400_000 - 8 * 3_600_000)
}

/// The last moment of a day in China.
pub fn end_of(day: Date) -> Moment {
    Moment(start_of(day).0 + 86_400_000 - 1)
}

/// The day in China that contains a moment.
pub fn day_of(moment: Moment) -> Date {
    let since = Duration::from_millis(u64::try_from(moment.0).unwrap_or(0));
    UNIX_EPOCH.checked_add(since).map_or(date(1970, 1, 1), |moment| day_and_second(moment).0)
}

/// Parses a moment: a day, which means its end; a day and a time in China; or a time with its offset (RFC 3339).
pub fn parse_moment(text: &str) -> Option<Moment> {
    if let Some(day) = parse_date(text) {
        return Some(end_of(day));
    }
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(Moment(stamp.as_millisecond()));
    }
    let at: DateTime = text.parse().ok()?;
    let seconds = i64::from(at.hour()) * 3_600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    Some(Moment(start_of(at.date()).0 + seconds * 1_000))
}

/// A moment of the records in China time: 2026-07-01 09:30:00.
pub fn moment_in_china(moment: Moment) -> String {
    let since = Duration::from_millis(u64::try_from(moment.0).unwrap_or(0));
    UNIX_EPOCH.checked_add(since).map(in_china).unwrap_or_default()
}

/// A system time in China time: 2026-07-01 09:30:00.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn china_days_begin_at_16_utc_of_the_day_before() {
        // 2026-06-30T16:00:00Z
        assert_eq!(start_of(date(2026, 7, 1)), Moment(1_782_835_200_000));
        assert_eq!(moment_in_china(start_of(date(2026, 7, 1))), "2026-07-01 00:00:00");
        assert_eq!(moment_in_china(end_of(date(2026, 7, 1))), "2026-07-01 23:59:59");
        assert_eq!(start_of(date(1970, 1, 1)).0, -8 * 3_600_000);
        assert_eq!(parse_moment("2026-07-01"), Some(end_of(date(2026, 7, 1))));
        assert_eq!(parse_moment("2026-07-01 00:00:01"), Some(Moment(1_782_835_201_000)));
        assert_eq!(parse_moment("2026-06-30T16:00:01Z"), Some(Moment(1_782_835_201_000)));
        assert_eq!(parse_moment("2026-07-01T00:00:01+08:00"), Some(Moment(1_782_835_201_000)));
        for wrong in ["", "2026-02-30", "昨天", "12", "2026-07-01 25:00:00"] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
    }
}
