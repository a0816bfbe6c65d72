//! What a registry promises, held against every database that it runs on.
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
mod cluster;
mod facts;
mod keys;
mod ledger;
mod locks;
mod outbox;
mod reviews;

use std::future::Future;
use std::pin::Pin;

use cluster::Cluster;
use zhaoren_registry::{Act, Deleted, Moment, Registry};

/// A fresh, empty registry, and where it is.
struct Fresh {
    registry: Registry,
    place: Place,
}

/// Where a registry is, for those cases that reach behind it or open it twice.
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

    /// Carries out statements behind the registry's back, as whoever holds the database can.
    async fn tamper(&self, sqlite: &'static str, postgres: &'static str) {
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

/// The operator at a given moment.
fn at(at: i64) -> Act<'static> {
    Act { tenant: "", actor: "operator", at: Moment(at) }
}

/// So many facts and receipts.
fn deleted(facts: u64, receipts: u64) -> Deleted {
    Deleted { facts, receipts, messages: 0 }
}

type Case = fn(Fresh) -> Pin<Box<dyn Future<Output = ()> + Send>>;

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
    backup::a_name_in_a_backup_is_never_a_statement,
    audit::every_write_has_a_line,
    audit::lines_are_found_from_the_last_one_back,
    audit::a_changed_byte_is_found,
    audit::a_changed_record_is_found,
    audit::a_dropped_line_is_found,
    audit::lines_cannot_be_changed,
    audit::writers_at_once_make_one_chain,
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
