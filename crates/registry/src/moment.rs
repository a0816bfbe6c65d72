//! Moments of time.

use std::fmt;

/// A moment: milliseconds since 1970, UTC. Nothing in this crate reads the clock; the caller supplies the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// Later than every recorded moment: the current content.
    pub const NOW: Self = Self(i64::MAX);
    /// Upper bound of recorded moments, the end of 2049: a later clock is wrong.
    pub const LATEST: Self = Self(2_524_607_999_999);

    /// The moment in China time.
    pub(crate) fn in_china(self) -> String {
        let seconds = self.0.div_euclid(1_000).saturating_add(8 * 3_600);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Days are counted from 1 March of year 0, so that a leap day is the last one of its year.
        let days = days.saturating_add(719_468);
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        format!(
            "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_as_days_in_china() {
        for (moment, shown) in [
            (0, "1970-01-01 08:00:00"),
            (1_782_835_200_000, "2026-07-01 00:00:00"),
            (1_709_222_399_000, "2024-02-29 23:59:59"),
            (1_709_222_400_000, "2024-03-01 00:00:00"),
            (Moment::LATEST.0, "2050-01-01 07:59:59"),
        ] {
            assert_eq!(Moment(moment).in_china(), shown);
        }
    }
}
