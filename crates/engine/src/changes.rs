//! Feed of changes of the catalogue.

use serde_json::{Value as Json, json};
use zhaoren_registry::{CatalogueChange, Moment};

use crate::clock::moment_in_china;
use crate::error::EngineError;
use crate::records::Records;

/// A position in the feed. It never moves: the changes after it stay after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: Moment,
    kind: String,
    id: String,
}

impl Cursor {
    /// Position before the first change.
    pub fn start() -> Self {
        Self { at: Moment(-1), kind: String::new(), id: String::new() }
    }

    /// Parses a cursor; `None` if malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let pairs =
            text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok().filter(|p| p.len() == 2));
        let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
        let plain = String::from_utf8(bytes?).ok()?;
        let mut parts = plain.splitn(3, '/');
        let (at, kind, id) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        Some(Self { at: Moment(at), kind: kind.to_owned(), id: id.to_owned() })
    }

    /// Opaque text of the cursor for callers.
    pub fn encode(&self) -> String {
        let plain = format!("{}/{}/{}", self.at.0, self.kind, self.id);
        hex::encode(plain)
    }
}

impl Records {
    /// Changes of the shared catalogue, and of the tenant and its ancestors, after a cursor: `changes` in order, at most
    /// `limit`, and `next`, the cursor of the next call. At the end of the feed `next` is the end.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn changes(&self, after: &Cursor, limit: usize, tenant: &str) -> Result<Json, EngineError> {
        let lineage = self.block_on(self.registry.lineage(tenant))?;
        let cursor = (after.at, after.kind.as_str(), after.id.as_str());
        let page = self.block_on(self.registry.changes(cursor, limit.max(1), &lineage))?;
        // A cursor holds an id, so it is always the cursor of a change that was returned.
        let reported =
            |last: &CatalogueChange| Cursor { at: last.at, kind: last.kind.clone(), id: last.id.clone() };
        let next = page.last().map_or_else(|| after.clone(), reported);
        let change = |one: CatalogueChange| {
            json!({
                "at": moment_in_china(one.at), "kind": one.kind, "id": one.id, "revision": one.revision,
                "change": one.change, "digest": one.digest,
            })
        };
        let changes: Vec<Json> = page.into_iter().map(change).collect();
        Ok(json!({"changes": changes, "next": next.encode()}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip() {
        for cursor in [
            Cursor::start(),
            Cursor { at: Moment(1_790_000_000_000), kind: "item".to_owned(), id: "甲/乙".to_owned() },
        ] {
            assert_eq!(Cursor::parse(&cursor.encode()), Some(cursor));
        }
        for wrong in ["x", "3", "3132", "2f2f", "é"] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
        assert_ne!(Cursor::parse(""), Some(Cursor::start()));
    }
}
