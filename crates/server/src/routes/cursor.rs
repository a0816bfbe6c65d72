//! Cursors of paginated lists. A cursor encodes the last id of the previous page and is opaque to callers.

use crate::problem::Problem;
use crate::request::Query;

/// Number after which the requested page begins; 0 for the first page.
pub(super) fn number(query: &Query, key: &str, expected: &str) -> Result<i64, Problem> {
    let Some(text) = query.text(key) else { return Ok(0) };
    let number = text.parse().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| Problem::parameter(key, text, expected))
}

/// Id after which the requested page begins; empty for the first page.
pub(super) fn after(query: &Query) -> Result<String, Problem> {
    let Some(cursor) = query.text("cursor") else { return Ok(String::new()) };
    decode(cursor).ok_or_else(|| Problem::parameter("cursor", cursor, "应为上一页的 `next`"))
}

/// Cursor of an id.
pub(super) fn encode(id: &str) -> String {
    hex::encode(id)
}

fn decode(cursor: &str) -> Option<String> {
    let pairs = cursor.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}
