//! Check of the caller's clock against what was recorded.

use crate::error::RegistryError;
use crate::moment::Moment;

/// Tolerated lag of the clock behind the last record: clocks are corrected by seconds. A longer lag means that one of the
/// two is wrong.
const MAX_CLOCK_LAG: i64 = 10 * 60 * 1_000;

impl Moment {
    /// Checks that a record may get this moment, after the `last` one.
    ///
    /// # Errors
    /// When the clock is, or was, wrong.
    pub fn check_after(self, last: Self) -> Result<(), RegistryError> {
        if self > Self::LATEST {
            return Err(RegistryError::ClockAhead { now: self });
        }
        if last.0.saturating_sub(self.0) > MAX_CLOCK_LAG {
            return Err(RegistryError::ClockBehind { now: self, last });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A write is refused if the clock is behind the last record, or implausibly far ahead.
    #[test]
    fn implausible_clocks_are_refused() {
        let last = Moment(1_782_835_200_000);
        assert!(Moment(last.0 - MAX_CLOCK_LAG).check_after(last).is_ok());
        assert!(Moment(last.0 - MAX_CLOCK_LAG - 1).check_after(last).is_err());
        assert!(Moment::LATEST.check_after(last).is_ok());
        assert!(Moment(Moment::LATEST.0 + 1).check_after(last).is_err());
    }
}
