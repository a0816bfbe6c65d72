//! Test event: a message about no enterprise, with which a receiver checks its address and its signatures.

use zhaoren_engine::{Channel, now, today};

use crate::CourierError;
use crate::judge::Answer;
use crate::post::HttpSender;

/// Id of every enterprise and item of a test event.
const TEST: &str = "test";

/// Outcome of a test event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOutcome {
    /// `webhook-id` of the event.
    pub id: String,
    /// Body that was posted.
    pub body: String,
    /// Why the receiver does not have it, in Chinese; `None` if it answered 2xx.
    pub failure: Option<String>,
}

/// Posts a test event to the receiver of a channel, once. It is not recorded, and not repeated.
///
/// # Errors
/// The certificates of the channel cannot be used.
pub fn send_test(channel: &Channel) -> Result<TestOutcome, CourierError> {
    let at = now();
    let id = format!("test_{}", at.0);
    let timestamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    // Every part is our own text, so nothing has to be escaped.
    let body = format!(
        r#"{{"type":"{TEST}","timestamp":"{timestamp}","data":{{"enterprise":"{TEST}","item":"{TEST}","title":"测试消息","as_of":"{}","run":"{TEST}"}}}}"#,
        today()
    );
    let failure = match HttpSender::open(channel)?.post_body(channel, &id, &body) {
        Answer::Accepted => None,
        Answer::Failed { error, .. } | Answer::Refused(error) => Some(error),
    };
    Ok(TestOutcome { id, body, failure })
}
