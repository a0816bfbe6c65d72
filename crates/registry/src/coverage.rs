//! Tables and columns that the audit covers.
//!
//! Every table that can influence a decision is covered: a change, deletion or insertion outside the program is detected. A
//! new table or column has to be listed here; a test compares this list with the actual tables.

use crate::digest::raw;
use crate::store::{Row, Value};

/// A table that the audit covers.
#[derive(Debug)]
pub(crate) struct CoveredTable {
    pub(crate) name: &'static str,
    /// Key columns.
    pub(crate) key: &'static [&'static str],
    /// Covered columns beside the key.
    pub(crate) columns: &'static [&'static str],
    /// Columns added after the table was first covered. They count only if they hold a value, so that older sums stay
    /// valid. Null and an empty text are equal in them.
    pub(crate) added_columns: &'static [&'static str],
}

/// Every covered table, in the order of the state digest.
pub(crate) const COVERED_TABLES: [CoveredTable; 18] = [
    CoveredTable {
        name: "api_key",
        key: &["id"],
        columns: &["digest", "tenant", "role", "name", "created_at", "expires_at", "revoked_at"],
        added_columns: &["holder", "created_by", "pending", "confirmed_by", "confirmed_at"],
    },
    CoveredTable {
        name: "tenant",
        key: &["id"],
        columns: &["name", "level", "parent", "recorded_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "document_revision",
        key: &["id", "revision"],
        columns: &["digest", "source", "recorded_at", "superseded_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "item_revision",
        key: &["id", "revision"],
        columns: &["digest", "source", "tenant", "author", "review", "recorded_at", "superseded_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "draft",
        key: &["id"],
        columns: &[
            "item",
            "tenant",
            "base",
            "digest",
            "source",
            "body",
            "author",
            "created_at",
            "state",
            "reason",
        ],
        added_columns: &["document", "reading"],
    },
    CoveredTable {
        name: "reading_document",
        key: &["digest"],
        columns: &["id", "source", "metadata", "body"],
        added_columns: &[],
    },
    CoveredTable {
        name: "reading_correction",
        key: &["id"],
        columns: &["draft", "decision", "text", "region", "kind", "as_read", "criteria"],
        added_columns: &[],
    },
    CoveredTable {
        name: "review",
        key: &["id"],
        columns: &["draft", "reviewer", "decision", "note", "at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "enterprise_fact",
        key: &["tenant", "enterprise", "section", "key", "year", "source", "revision"],
        columns: &["value", "valid_from", "valid_until", "recorded_at", "superseded_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "tenant_fact",
        key: &["tenant", "key"],
        columns: &["body", "author", "accepted_at"],
        added_columns: &[],
    },
    CoveredTable { name: "fact_source", key: &["tenant", "source"], columns: &["trust"], added_columns: &[] },
    CoveredTable {
        name: "push_run",
        key: &["id"],
        columns: &["tenant", "as_of", "rules", "inputs", "result", "listed", "held_back", "recorded_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "outcome",
        key: &["id"],
        columns: &[
            "key",
            "tenant",
            "enterprise",
            "item",
            "item_digest",
            "event",
            "at",
            "actor",
            "detail",
            "recorded_at",
        ],
        added_columns: &[],
    },
    CoveredTable {
        name: "opt_out",
        key: &["id"],
        columns: &["tenant", "enterprise", "item", "reason", "recorded_at", "withdrawn_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "receipt",
        key: &["id"],
        columns: &["tenant", "enterprise", "as_of", "rules", "result", "body", "issued_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "message",
        key: &["id"],
        columns: &[
            "key",
            "tenant",
            "channel",
            "enterprise",
            "item",
            "item_digest",
            "kind",
            "round",
            "body",
            "state",
            "reason",
            "attempts",
            "next_at",
            "last_error",
            "made_at",
            "queued_at",
            "sent_at",
            "maybe_told",
        ],
        added_columns: &[],
    },
    CoveredTable {
        name: "message_run",
        key: &["tenant", "channel", "run"],
        columns: &["as_of", "made_at"],
        added_columns: &[],
    },
    CoveredTable {
        name: "clock_correction",
        key: &["seq", "from_at"],
        columns: &["until_at", "shift"],
        added_columns: &[],
    },
];

/// Tables of the audit itself: the lines, which the chain covers, and the sums.
pub(crate) const AUDIT_TABLES: [&str; 2] = ["audit", "audit_state"];

impl CoveredTable {
    /// Finds a covered table by name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        COVERED_TABLES.iter().find(|one| one.name == name)
    }

    /// The columns to read of a record: its key first.
    pub(crate) fn column_list(&self) -> String {
        self.key.iter().chain(self.columns).chain(self.added_columns).copied().collect::<Vec<_>>().join(", ")
    }

    /// The digest of a record whose columns were read in the order of [`CoveredTable::list`].
    pub(crate) fn record_digest(&self, row: &Row) -> [u8; 32] {
        let names = self.key.iter().chain(self.columns).chain(self.added_columns);
        let always = self.key.len() + self.columns.len();
        let mut parts: Vec<Vec<u8>> = vec![self.name.as_bytes().to_vec()];
        for (place, (name, value)) in names.zip(&row.0).enumerate() {
            let value = digest_input(value);
            if place < always || value.len() > 1 {
                parts.push(name.as_bytes().to_vec());
                parts.push(value);
            }
        }
        raw(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// A value as digest input. Databases disagree on the type of a null, so it has one form of its own.
fn digest_input(value: &Value) -> Vec<u8> {
    let (kind, bytes): (u8, &[u8]) = match value {
        Value::Integer(None) | Value::Text(None) | Value::Bytes(None) => (0, &[]),
        Value::Integer(Some(number)) => (1, &number.to_le_bytes()),
        Value::Text(Some(text)) => (2, text.as_bytes()),
        Value::Bytes(Some(bytes)) => (3, bytes),
    };
    std::iter::once(kind).chain(bytes.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Columns that are not covered: those with a digest that is checked separately, and the lease of a message, which is a
    /// lock and no record.
    const APART: [(&str, &str); 5] = [
        ("document_revision", "metadata"),
        ("document_revision", "body"),
        ("item_revision", "body"),
        ("message", "lease"),
        ("message", "leased_until"),
    ];
    use crate::sqlite::SqliteStore;
    use crate::store::Store;

    /// Every column of every table is covered, or listed as not covered.
    #[tokio::test]
    async fn every_table_and_column_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("registry.sqlite")).await.unwrap();
        let query = "SELECT one.name, part.name FROM sqlite_master AS one JOIN pragma_table_info(one.name) AS part \
                     WHERE one.type = 'table' AND one.name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
        let rows = store.read(query.into(), Vec::new()).await.unwrap();
        let there = rows.into_iter().map(|mut row| (row.text(0).unwrap(), row.text(1).unwrap()));
        let there: BTreeSet<(String, String)> =
            there.filter(|(table, _)| !AUDIT_TABLES.contains(&&**table)).collect();
        let named = COVERED_TABLES.iter().flat_map(|one| {
            let columns = one.key.iter().chain(one.columns).chain(one.added_columns);
            columns.map(|column| (one.name.to_owned(), (*column).to_owned()))
        });
        let apart = APART.iter().map(|(table, column)| ((*table).to_owned(), (*column).to_owned()));
        assert_eq!(there, named.chain(apart).collect());
    }

    #[test]
    fn every_column_changes_the_digest() {
        let covered = CoveredTable::find("fact_source").unwrap();
        let row = |tenant: &str, source: &str, trust| {
            covered.record_digest(&Row(vec![Value::from(tenant), Value::from(source), Value::Integer(trust)]))
        };
        let marks =
            [row("a", "b", Some(1)), row("ab", "", Some(1)), row("a", "b", Some(2)), row("a", "b", None)];
        assert_eq!(marks.iter().collect::<BTreeSet<_>>().len(), marks.len());
    }
}
