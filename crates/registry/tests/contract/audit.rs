//! The chain of the audit.

use zhaoren_registry::{AuditFault, AuditFilter, Moment, VERIFY_ACTION, WriteContext};

use crate::contract::catalogue::{document, item};
use crate::contract::{Fresh, Place, at};

async fn filled(fresh: &Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(100), &[document("a", "甲")], &[item("x", "1")]).await.unwrap();
    registry.write(&at(200), &[document("a", "乙")], &[item("x", "2")]).await.unwrap();
    registry.withdraw(&at(300), "x", "废止", None).await.unwrap();
}

pub(crate) async fn every_write_adds_an_audit_line(fresh: Fresh) {
    filled(&fresh).await;
    let lines = fresh.registry.audit(0, 10, None).await.unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.seq, line.at, line.action.as_str())).collect();
    assert_eq!(told, [(1, 100, "import"), (2, 200, "import"), (3, 300, "item.withdraw")]);
    assert_eq!(fresh.registry.audit(1, 1, None).await.unwrap(), lines[1..2]);
    assert_eq!(fresh.registry.audit(0, 10, Some("xuhui")).await.unwrap(), []);
    let check = fresh.registry.verify(None).await.unwrap();
    assert_eq!((check.lines, check.records, check.faults.len()), (3, 4, 0));
    assert_eq!(check.head, lines[2].digest);
    assert_eq!(fresh.registry.verify(Some(&lines[0].digest)).await.unwrap().faults, []);
}

pub(crate) async fn audit_lines_are_listed_latest_first(fresh: Fresh) {
    filled(&fresh).await;
    let registry = &fresh.registry;
    let other = WriteContext { tenant: "xuhui", actor: "甲", at: Moment(400) };
    registry.opt_out(&other, "e", "", "").await.unwrap();
    let found = async |before: Option<i64>, limit: usize, filter: AuditFilter| -> Vec<i64> {
        let lines = registry.audit_before(before, limit, &filter).await.unwrap();
        lines.into_iter().map(|line| line.seq).collect()
    };
    let all = AuditFilter::default;
    assert_eq!(found(None, 2, all()).await, [4, 3]);
    assert_eq!(found(Some(3), 2, all()).await, [2, 1]);
    assert_eq!(found(None, 9, AuditFilter { tenant: Some("xuhui".into()), ..all() }).await, [4]);
    assert_eq!(found(None, 9, AuditFilter { actor: "operator".into(), ..all() }).await, [3, 2, 1]);
    assert_eq!(found(None, 9, AuditFilter { action: "import".into(), ..all() }).await, [2, 1]);
    let (from, until) = (Some(Moment(200)), Some(Moment(300)));
    assert_eq!(found(None, 9, AuditFilter { from, until, ..all() }).await, [3, 2]);
    // A check leaves a line, which the next one checks too.
    let check = registry.check(&at(500), None).await.unwrap();
    assert_eq!((check.lines, check.faults.len()), (4, 0));
    let last =
        registry.audit_before(None, 1, &AuditFilter { action: VERIFY_ACTION.into(), ..all() }).await.unwrap();
    assert_eq!((last[0].seq, last[0].at), (5, 500));
    assert!(last[0].detail.contains("\"lines\":4") && last[0].detail.contains("\"faults\":0"), "{last:?}");
    assert_eq!(registry.verify(Some(&check.head)).await.unwrap().faults, []);
}

pub(crate) async fn changed_bytes_in_the_audit_are_found(fresh: Fresh) {
    filled(&fresh).await;
    let change = "DROP TRIGGER audit_is_not_changed; \
                  UPDATE audit SET actor = 'operatos' WHERE seq = 2";
    let on_postgres = "ALTER TABLE audit DISABLE TRIGGER audit_is_not_changed; \
                       UPDATE audit SET actor = 'operatos' WHERE seq = 2";
    fresh.tamper(change, on_postgres).await;
    let faults = fresh.registry.verify(None).await.unwrap().faults;
    assert_eq!(faults, [AuditFault::Changed { seq: 2 }]);
}

pub(crate) async fn changed_records_are_found(fresh: Fresh) {
    filled(&fresh).await;
    // With its digest, so that the record alone looks valid.
    let change = "UPDATE item_revision SET body = '3', digest = (SELECT digest FROM item_revision WHERE revision = 1) \
                  WHERE revision = 2";
    fresh.tamper(change, change).await;
    let faults = fresh.registry.verify(None).await.unwrap().faults;
    let record = AuditFault::Record { kind: "item", id: "x/2".into() };
    // The table as a whole does not match the last line either.
    let table = AuditFault::Table { table: "item_revision".into(), expected: 2, found: 2 };
    assert_eq!(faults, [record, AuditFault::Content { seq: 2 }, table]);
    let slipped = "INSERT INTO item_revision (id, revision, digest, source, body, recorded_at) \
                   VALUES ('y', 1, '', 'f', '1', 250)";
    fresh.tamper(slipped, slipped).await;
    let faults = fresh.registry.verify(None).await.unwrap().faults;
    assert!(faults.contains(&AuditFault::Unvouched { kind: "item", id: "y/1".into() }), "{faults:?}");
}

pub(crate) async fn dropped_audit_lines_are_found(fresh: Fresh) {
    filled(&fresh).await;
    let head = fresh.registry.verify(None).await.unwrap().head;
    let open = "DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE seq = 3";
    let on_postgres =
        "ALTER TABLE audit DISABLE TRIGGER audit_is_not_changed; DELETE FROM audit WHERE seq = 3";
    fresh.tamper(open, on_postgres).await;
    let faults = fresh.registry.verify(Some(&head)).await.unwrap().faults;
    // The tables do not match the line that is now the last one, so this is found even without a head.
    let cut = [AuditFault::State { seq: 2 }, AuditFault::Head { expected: head.clone() }];
    assert_eq!(faults, cut, "cut off at the end");
    let middle = "DELETE FROM audit WHERE seq = 1";
    fresh.tamper(middle, middle).await;
    let faults = fresh.registry.verify(None).await.unwrap().faults;
    assert!(faults.contains(&AuditFault::Gap { seq: 2, expected: 1 }), "{faults:?}");
    assert!(faults.contains(&AuditFault::Torn { seq: 2 }), "{faults:?}");
}

pub(crate) async fn audit_lines_are_immutable(fresh: Fresh) {
    use sqlx::{Connection, Executor};
    filled(&fresh).await;
    for statement in ["UPDATE audit SET actor = ''", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 3"] {
        let refused = match &fresh.place {
            Place::Sqlite(folder) => {
                let path = folder.path().join("registry.sqlite").display().to_string();
                let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
                raw.execute(statement).await.is_err()
            }
            Place::Postgres(address) => {
                let mut raw = sqlx::PgConnection::connect(address).await.unwrap();
                raw.execute(statement).await.is_err()
            }
        };
        assert!(refused, "{statement}");
    }
}

pub(crate) async fn concurrent_writers_make_one_chain(fresh: Fresh) {
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let registry = fresh.registry.clone();
            tokio::spawn(async move {
                for n in 0..10 {
                    registry.write(&at(n), &[], &[item(&format!("w{writer}-{n}"), "1")]).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let check = fresh.registry.verify(None).await.unwrap();
    assert_eq!((check.lines, check.records, check.faults.len()), (80, 80, 0));
}
