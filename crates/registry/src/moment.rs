//! Moments of time.

use std::fmt;

/// A moment: milliseconds since 1970, UTC. Nothing in this crate reads the clock; whoever acts says when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// Later than every moment that is recorded: what is believed now.
    pub const NOW: Self = Self(i64::MAX);
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
