//! The contract of a registry, tested against every supported database.

mod audit;
mod backup;
mod catalogue;
mod clock;
pub(crate) mod cluster;
mod facts;
mod keys;
mod ledger;
mod locks;
mod outbox;
mod reviews;
mod tampering;

use std::future::Future;
use std::pin::Pin;

use cluster::Cluster;
use zhaoren_registry::{DeletionCounts, Moment, Registry, WriteContext};

/// A fresh, empty registry, and its location.
struct Fresh {
    registry: Registry,
    place: Place,
}

/// Location of a registry, for the cases that access it directly or open it twice.
enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(String),
}

impl Fresh {
    /// Opens the same registry once more.
    async fn again(&self) -> Registry {
        match &self.place {
            Place::Sqlite(folder) => Registry::open(&folder.path().join("registry.sqlite")).await.unwrap(),
            Place::Postgres(address) => Registry::open_database(address).await.unwrap(),
        }
    }

    /// Executes statements outside the program, with the rights of the database's owner.
    async fn tamper(&self, sqlite: &str, postgres: &str) {
        let (sqlite, postgres) =
            (sqlx::AssertSqlSafe(sqlite.to_owned()), sqlx::AssertSqlSafe(postgres.to_owned()));
        use sqlx::{Connection, Executor};
        match &self.place {
            Place::Sqlite(folder) => {
                let path = folder.path().join("registry.sqlite").display().to_string();
                let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
                raw.execute(sqlite).await.unwrap();
            }
            Place::Postgres(address) => {
                let mut raw = sqlx::PgConnection::connect(address).await.unwrap();
                raw.execute(postgres).await.unwrap();
            }
        }
    }
}

/// Executes a statement in a file, bypassing the program and the guards of a table.
async fn raw(file: &std::path::Path, statement: &str) {
    use sqlx::{Connection, Executor};
    let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    for table in ["audit", "outcome", "review"] {
        for guard in ["changed", "deleted"] {
            let drop = format!("DROP TRIGGER IF EXISTS {table}_is_not_{guard}");
            raw.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
        }
    }
    let done = raw.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap();
    assert!(done.rows_affected() > 0, "{statement}");
    raw.close().await.unwrap();
}

/// Changes one value of one row of any table in a file, or deletes the row; returns the statement.
async fn random_change(file: &std::path::Path, random: &mut impl FnMut(u64) -> u64) -> String {
    use sqlx::{Connection, Row};
    let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let query = "SELECT one.name, part.name, part.type FROM sqlite_master AS one JOIN pragma_table_info(one.name) AS part \
                 WHERE one.type = 'table' AND one.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
                 AND part.name NOT IN ('lease', 'leased_until')";
    let columns = sqlx::query(query).fetch_all(&mut raw).await.unwrap();
    loop {
        let column = &columns[usize::try_from(random(columns.len() as u64)).unwrap()];
        let (table, name, kind): (String, String, String) = (column.get(0), column.get(1), column.get(2));
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT rowid FROM {table}")))
            .fetch_all(&mut raw)
            .await
            .unwrap();
        if rows.is_empty() {
            continue;
        }
        let row: i64 = rows[usize::try_from(random(rows.len() as u64)).unwrap()].get(0);
        let value = match kind.as_str() {
            "TEXT" => format!("'changed' || COALESCE({name}, '')"),
            // The operator makes a text of bytes, which SQLite would store as such.
            "BLOB" => format!("CAST({name} || X'00' AS BLOB)"),
            _ => format!("COALESCE({name}, 0) + 1000000"),
        };
        let statement = if random(5) == 0 && table != "audit_state" {
            format!("DELETE FROM {table} WHERE rowid = {row}")
        } else {
            format!("UPDATE {table} SET {name} = {value} WHERE rowid = {row}")
        };
        // The signature of a line has no meaning without a key.
        if table == "audit" && (name == "signer" || name == "signature") {
            continue;
        }
        drop(raw);
        self::raw(file, &statement).await;
        return statement;
    }
}

/// The operator at a given moment.
fn at(at: i64) -> WriteContext<'static> {
    WriteContext { tenant: "", actor: "operator", at: Moment(at) }
}

/// Counts of deleted facts and receipts.
fn deleted(facts: u64, receipts: u64) -> DeletionCounts {
    DeletionCounts { facts, receipts, messages: 0 }
}

type Case = fn(Fresh) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! cases {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$((stringify!($name), |fresh| Box::pin($module::$name(fresh)))),*]
    };
}

/// The whole contract.
const CASES: &[(&str, Case)] = cases![
    catalogue::repeated_writes_change_nothing,
    catalogue::past_states_stay_readable,
    catalogue::withdrawn_items_can_be_added_again,
    catalogue::clocks_set_back_keep_the_order_of_records,
    catalogue::tenants_see_shared_and_own_items,
    catalogue::one_write_takes_many_records,
    catalogue::an_id_is_unique_within_one_tenant,
    catalogue::writes_over_changed_content_are_refused,
    keys::keys_are_valid_until_revoked_or_expired,
    keys::keys_need_an_existing_tenant,
    keys::lineage_of_cyclic_tenants_ends,
    keys::keys_await_a_second_administrator,
    keys::revoking_the_last_key_closes_access,
    facts::facts_are_kept_by_source_and_time,
    facts::deleted_facts_are_gone_and_the_audit_verifies,
    ledger::repeated_events_are_stored_once,
    ledger::opt_outs_hold_until_withdrawn,
    ledger::receipts_are_stored_once,
    outbox::runs_make_their_messages_once_and_in_order,
    outbox::messages_are_leased_to_one_sender,
    outbox::concurrent_senders_claim_no_message_twice,
    outbox::opt_outs_apply_to_waiting_messages,
    outbox::messages_sent_during_withdrawal_are_recorded_as_sent,
    outbox::deleted_enterprises_keep_only_delivery_records,
    reviews::drafts_take_effect_after_a_second_person_approves,
    reviews::drafts_of_changed_items_are_refused,
    reviews::authors_cannot_approve_with_another_key,
    reviews::keys_issued_by_the_author_cannot_approve,
    reviews::decisions_on_a_reading_are_records,
    reviews::accepted_facts_change_open_drafts_only,
    locks::units_without_writes_release_the_lock,
    locks::foreign_locks_end_in_a_busy_error,
    backup::backups_restore_the_same_records,
    backup::a_damaged_backup_is_refused,
    backup::backups_contain_every_table,
    backup::backups_with_an_inserted_key_are_refused,
    backup::files_that_are_no_backup_are_refused,
    backup::names_in_a_backup_are_never_executed,
    audit::every_write_adds_an_audit_line,
    audit::audit_lines_are_listed_latest_first,
    audit::changed_bytes_in_the_audit_are_found,
    audit::changed_records_are_found,
    audit::dropped_audit_lines_are_found,
    audit::audit_lines_are_immutable,
    audit::concurrent_writers_make_one_chain,
    tampering::external_changes_of_any_table_are_found,
    tampering::forged_sums_are_found_and_block_writes,
    tampering::forged_audit_lines_lack_a_signature,
    tampering::random_work_verifies_and_any_change_is_found,
    clock::wrong_timestamps_are_corrected,
    clock::corrections_keep_issued_receipts_and_cursors_valid,
];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn sqlite_keeps_the_contract() {
    for (name, case) in CASES {
        println!("{name}");
        runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let registry = Registry::open(&folder.path().join("registry.sqlite")).await.unwrap();
            case(Fresh { registry, place: Place::Sqlite(folder) }).await;
        });
    }
}

#[test]
fn postgres_keeps_the_contract() {
    let Some(cluster) = Cluster::start() else { return };
    for (name, case) in CASES {
        println!("{name}");
        runtime().block_on(async {
            let address = cluster.database();
            let registry = Registry::open_database(&address).await.unwrap();
            case(Fresh { registry, place: Place::Postgres(address) }).await;
        });
    }
}

#[test]
fn files_that_are_no_registry_are_refused() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.sqlite");
        let junk = "not a database at all, but long enough to be taken for one".repeat(100);
        std::fs::write(&path, junk).unwrap();
        assert!(Registry::open(&path).await.is_err());
        let error = Registry::open_database("mysql://root:secret@host/db").await.unwrap_err().to_string();
        assert!(error.contains("mysql") && !error.contains("secret"), "{error}");
    });
}
