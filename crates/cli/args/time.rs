//! Days and moments as arguments.

use jiff::civil::Date;
use zhaoren_engine::Moment;

pub(super) fn date(text: &str) -> Result<Date, String> {
    zhaoren_engine::parse_date(text).ok_or_else(|| "应为存在的日期，如 2026-02-28".to_owned())
}

pub(super) fn moment(text: &str) -> Result<Moment, String> {
    zhaoren_engine::parse_moment(text)
        .ok_or_else(|| "应为日期或时刻，如 2026-03-01、\"2026-03-01 09:30:00\"".to_owned())
}
