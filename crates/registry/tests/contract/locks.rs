//! Locks between writers, and their timeouts.

use std::time::Duration;

use sqlx::{Connection, Executor};
use zhaoren_registry::{Moment, RegistryError};

use crate::contract::catalogue::item;
use crate::contract::{Fresh, Place, at};

/// A unit of work without writes releases the lock before it returns.
pub(crate) async fn units_without_writes_release_the_lock(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1), &[], &[item("x", "1")]).await.unwrap();
    registry.opt_out(&at(2), "e", "", "").await.unwrap();
    for round in 0..20 {
        // Nothing new, nothing there, nothing changed: each a unit of work that is not committed.
        registry.write(&at(3), &[], &[item("x", "1")]).await.unwrap();
        registry.opt_out(&at(4), "e", "", "").await.unwrap();
        assert!(registry.revoke_key(&at(5), "none").await.is_err());
        assert!(registry.withdraw(&at(6), "none", "", None).await.is_err());
        if let Place::Sqlite(folder) = &fresh.place {
            let path = folder.path().join("registry.sqlite").display().to_string();
            let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
            other.execute("PRAGMA busy_timeout = 0").await.unwrap();
            other.execute("BEGIN IMMEDIATE").await.unwrap_or_else(|error| panic!("round {round}: {error}"));
            other.execute("ROLLBACK").await.unwrap();
        }
    }
}

/// A lock held elsewhere ends in an explicit error, and readers continue meanwhile.
pub(crate) async fn foreign_locks_end_in_a_busy_error(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1), &[], &[item("x", "1")]).await.unwrap();
    let blocked = async {
        // More writers than there are connections.
        let writers = (0..9).map(|n| {
            let registry = registry.clone();
            tokio::spawn(async move { registry.opt_out(&at(2), &format!("e{n}"), "", "").await })
        });
        let writers: Vec<_> = writers.collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap().len(), 1);
        assert!(writers.iter().any(|writer| !writer.is_finished()), "a reader waited for the writers");
        for writer in writers {
            let error = writer.await.unwrap().unwrap_err();
            assert!(matches!(error, RegistryError::Busy), "{error}");
        }
    };
    match &fresh.place {
        Place::Sqlite(folder) => {
            let path = folder.path().join("registry.sqlite").display().to_string();
            let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
            other.execute("BEGIN IMMEDIATE").await.unwrap();
            blocked.await;
            other.execute("ROLLBACK").await.unwrap();
        }
        Place::Postgres(address) => {
            let mut other = sqlx::PgConnection::connect(address).await.unwrap();
            other.execute("BEGIN").await.unwrap();
            other.execute("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE").await.unwrap();
            blocked.await;
            other.execute("ROLLBACK").await.unwrap();
        }
    }
    registry.opt_out(&at(3), "e", "", "").await.unwrap();
}
