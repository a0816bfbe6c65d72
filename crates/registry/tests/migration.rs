//! A registry of the first version, without times of recording, opens without loss.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::contract::cluster;

use std::path::Path;

use cluster::Cluster;
use sqlx::migrate::Migrator;
use zhaoren_registry::{ItemRecord, Moment, Registry, WriteContext, digest};

/// A folder with the first migration alone.
fn first(database: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let name = "0001_documents_and_items.sql";
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database).join(name);
    std::fs::copy(from, folder.path().join(name)).unwrap();
    folder
}

/// Two revisions of an item, one of another, and a document.
fn rows() -> Vec<String> {
    let item = |id: &str, revision: i64, body: &str| {
        let digest = digest(&[body.as_bytes()]);
        format!(
            "INSERT INTO item_revision (id, revision, digest, source, body) VALUES ('{id}', {revision}, '{digest}', 'f', '{body}')"
        )
    };
    let document = digest(&[b"{}", b"text"]);
    vec![
        item("x", 1, "1"),
        item("x", 2, "2"),
        item("y", 1, "3"),
        format!(
            "INSERT INTO document (id, digest, source, metadata, body) VALUES ('d', '{document}', 'f', '{{}}', "
        ),
    ]
}

async fn opened(registry: Registry) {
    let item = |id: &str, body: &str| ItemRecord {
        id: id.into(),
        tenant: String::new(),
        source: "f".into(),
        body: body.into(),
    };
    for moment in [Moment(0), Moment(5), Moment::NOW] {
        assert_eq!(registry.items(moment, &[]).await.unwrap(), [item("x", "2"), item("y", "3")]);
        assert_eq!(registry.documents(moment).await.unwrap()[0].body, b"text");
    }
    assert_eq!(registry.revisions("x", &[]).await.unwrap().len(), 2);
    registry.ensure_covered().await.unwrap();
    registry.ensure_covered().await.unwrap();
    let act = WriteContext { tenant: "", actor: "operator", at: Moment(10) };
    let (_, written) = registry.write(&act, &[], &[item("x", "2"), item("y", "4")]).await.unwrap();
    assert_eq!((written.kept, written.changed), (1, 1));
    assert_eq!(registry.items(Moment(9), &[]).await.unwrap(), [item("x", "2"), item("y", "3")]);
    let check = registry.verify(None).await.unwrap();
    // The first line covers the tables as they were found.
    assert_eq!((check.faults.len(), check.lines, check.records, check.covered_from), (0, 2, 5, Some(1)));
}

#[tokio::test]
async fn old_sqlite_registries_are_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}?mode=rwc", path.display())).await.unwrap();
    let migration = first("sqlite");
    Migrator::new(migration.path()).await.unwrap().run(&pool).await.unwrap();
    for mut row in rows() {
        if row.ends_with(", ") {
            row.push_str("X'74657874')");
        }
        sqlx::query(sqlx::AssertSqlSafe(row)).execute(&pool).await.unwrap();
    }
    pool.close().await;
    opened(Registry::open(&path).await.unwrap()).await;
}

#[tokio::test]
async fn old_postgres_registries_are_migrated() {
    let Some(cluster) = Cluster::start() else { return };
    let address = cluster.database();
    let pool = sqlx::PgPool::connect(&address).await.unwrap();
    let migration = first("postgres");
    Migrator::new(migration.path()).await.unwrap().run(&pool).await.unwrap();
    for mut row in rows() {
        if row.ends_with(", ") {
            row.push_str("'\\x74657874')");
        }
        sqlx::query(sqlx::AssertSqlSafe(row)).execute(&pool).await.unwrap();
    }
    pool.close().await;
    opened(Registry::open_database(&address).await.unwrap()).await;
}
