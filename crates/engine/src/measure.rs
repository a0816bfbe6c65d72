//! Amounts written with their unit: `16MiB`, `30s`.

use std::time::Duration;

/// Parses a whole number with one of the `units`, each with its factor; `None` if malformed.
pub fn parse_with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, size) = units.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*size)
}

/// Parses a duration: `500ms`, `30s`, `15m`, `1h`.
pub fn parse_length(text: &str) -> Option<Duration> {
    parse_with_unit(text, &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)])
        .map(Duration::from_millis)
}
