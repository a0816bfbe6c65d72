//! The contract of a registry, tested against every supported database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod audit;
mod backup;
mod catalogue;
mod clock;
mod cluster;
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
            "BLOB" => format!("{name} || X'00'"),
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
    catalogue::writing_twice_changes_nothing,
    catalogue::what_was_believed_stays_askable,
    catalogue::a_withdrawn_item_is_gone_and_can_come_back,
    catalogue::a_clock_set_back_puts_nothing_before_what_is_there,
    catalogue::tenants_see_what_is_shared_and_their_own,
    catalogue::many_records_in_one_write,
    catalogue::an_id_is_unique_within_one_tenant,
    catalogue::a_write_over_changed_content_is_refused,
    keys::a_key_opens_until_it_is_revoked_or_expires,
    keys::a_key_needs_its_tenant,
    keys::lineages_end,
    keys::a_key_waits_for_a_second_administrator,
    keys::the_end_of_the_last_key_closes,
    facts::what_sources_say_is_kept_apart_and_in_time,
    facts::what_is_forgotten_is_gone_and_the_audit_stays_whole,
    ledger::an_event_told_twice_counts_once,
    ledger::a_refusal_holds_until_it_is_taken_back,
    ledger::receipts_are_kept_once,
    outbox::a_run_makes_its_messages_once_and_in_its_turn,
    outbox::a_message_is_sent_by_one_at_a_time,
    outbox::senders_at_once_take_nothing_twice,
    outbox::a_refusal_reaches_what_waits,
    outbox::what_was_sent_while_it_was_withdrawn_was_sent,
    outbox::the_forgotten_leave_no_message_but_that_they_were_told,
    reviews::a_draft_counts_once_a_second_person_lets_it_through,
    reviews::a_draft_of_what_has_changed_since_is_refused,
    reviews::a_person_does_not_decide_on_their_own_with_another_key,
    reviews::a_key_that_the_author_made_does_not_decide,
    locks::what_writes_nothing_lets_others_write_at_once,
    locks::a_lock_held_elsewhere_ends_in_busy,
    backup::a_backup_restores_to_the_same,
    backup::a_damaged_backup_is_refused,
    backup::a_backup_forgets_no_table,
    backup::a_backup_with_a_slipped_in_key_is_refused,
    backup::what_is_no_backup_is_refused,
    backup::a_name_in_a_backup_is_never_a_statement,
    audit::every_write_has_a_line,
    audit::lines_are_found_from_the_last_one_back,
    audit::a_changed_byte_is_found,
    audit::a_changed_record_is_found,
    audit::a_dropped_line_is_found,
    audit::lines_cannot_be_changed,
    audit::writers_at_once_make_one_chain,
    tampering::every_change_behind_the_back_is_found,
    tampering::sums_changed_along_are_found_and_nothing_more_is_written,
    tampering::a_line_made_up_is_not_signed,
    tampering::random_work_is_whole_and_any_change_is_found,
    clock::a_clock_that_was_wrong_is_corrected,
    clock::a_correction_leaves_what_was_given_out_readable,
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
fn refuses_what_is_no_registry() {
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
