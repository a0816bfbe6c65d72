//! Interpretation of a receiver's answer.

use std::time::Duration;

/// Outcome of posting a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Accepted by the receiver.
    Accepted,
    /// Permanently refused by the receiver.
    Refused(String),
    /// Not accepted now; worth a retry.
    Failed {
        /// Description of the error.
        error: String,
        /// Delay that the receiver asked for.
        wait: Option<Duration>,
        /// True if the receiver may have accepted it nevertheless.
        maybe_told: bool,
        /// False if no connection to the receiver came about.
        reached: bool,
    },
}

impl Answer {
    /// True if no connection to the receiver came about.
    pub(crate) fn is_unreached(&self) -> bool {
        matches!(self, Self::Failed { reached: false, .. })
    }
}

/// Interprets an HTTP status. Redirects are not followed: only the channel defines where messages go.
pub(crate) fn classify_status(status: u16, wait: Option<Duration>) -> Answer {
    let error = format!("HTTP {status}");
    // A gateway in between stopped waiting; the receiver may have the message.
    let maybe_told = matches!(status, 502 | 504);
    let reached = true;
    match status {
        200..=299 => Answer::Accepted,
        // Too early, too many requests, or still in progress: worth a retry.
        408 | 409 | 425 | 429 => Answer::Failed { error, wait, maybe_told, reached },
        400..=499 => Answer::Refused(error),
        300..=399 => {
            let error = format!("{error}（不跟随重定向，请核对渠道的地址）");
            Answer::Failed { error, wait, maybe_told, reached }
        }
        _ => Answer::Failed { error, wait, maybe_told, reached },
    }
}

/// Parses the header `retry-after`: seconds, or a date; `now` is in milliseconds since 1970.
pub(crate) fn retry_after(header: &str, now: i64) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header.trim()).ok()?;
    Some(Duration::from_millis(u64::try_from(at.as_millisecond() - now).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_permanent_failures_are_given_up() {
        for taken in [200, 201, 202, 204] {
            assert_eq!(classify_status(taken, None), Answer::Accepted);
        }
        for refused in [400, 401, 403, 404, 405, 410, 413, 422] {
            assert!(matches!(classify_status(refused, None), Answer::Refused(_)), "{refused}");
        }
        let wait = Some(Duration::from_secs(3));
        for failed in [301, 302, 307, 408, 409, 425, 429, 500, 502, 503, 504, 599] {
            assert!(
                matches!(classify_status(failed, wait), Answer::Failed { wait: Some(_), .. }),
                "{failed}"
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let at = 1_445_412_480_000 - 30_000;
        assert_eq!(retry_after(" 120 ", at), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", at), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", at + 60_000), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", at), None);
        assert_eq!(retry_after("-1", at), None);
    }
}
