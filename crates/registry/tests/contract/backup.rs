//! Backup and restore, on and between all databases.

use zhaoren_registry::{MessageFilter, Moment, Registry};

use crate::contract::catalogue::{document, item};
use crate::contract::{Fresh, Place, at};

async fn filled(fresh: &Fresh) {
    let registry = &fresh.registry;
    let items: Vec<_> = (0..1_200).map(|n| item(&format!("i{n}"), "1")).collect();
    registry.write(&at(100), &[document("a", "甲"), document("b", "乙\u{3000}")], &items).await.unwrap();
    registry.write(&at(200), &[document("a", "丙")], &[item("i7", "2")]).await.unwrap();
    registry.withdraw(&at(300), "i8", "废止", None).await.unwrap();
    registry.propose(&at(400), &[item("i9", "3")], "按新办法").await.unwrap();
    crate::contract::outbox::offers(
        registry,
        &at(410),
        &crate::contract::outbox::run("r", "2026-07-01"),
        &["e1", "e2"],
    )
    .await;
}

pub(crate) async fn backups_restore_the_same_records(fresh: Fresh) {
    filled(&fresh).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.sqlite");
    let before = fresh.registry.verify(None).await.unwrap();
    let (carried, check) = fresh.registry.backup(&at(500), &file).await.unwrap();
    assert_eq!(check, before);
    assert_eq!(carried.iter().find(|one| one.table == "item_revision").unwrap().rows, 1_201);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "one file, and nothing beside it");
    // Later writes are not part of it, and it does not block writers.
    fresh.registry.write(&at(600), &[], &[item("later", "1")]).await.unwrap();
    assert!(fresh.registry.verify(Some(&check.head)).await.unwrap().faults.is_empty());

    let restored = Registry::open(&folder.path().join("restored.sqlite")).await.unwrap();
    let (again, _) = restored.restore(&at(700), &file, None).await.unwrap();
    assert_eq!(again, carried);
    for moment in [Moment(100), Moment(250), Moment::NOW] {
        let mut expected = fresh.registry.items(moment, &[]).await.unwrap();
        expected.retain(|item| item.id != "later");
        assert_eq!(restored.items(moment, &[]).await.unwrap(), expected);
        assert_eq!(
            restored.documents(moment).await.unwrap(),
            fresh.registry.documents(moment).await.unwrap()
        );
    }
    assert_eq!(restored.drafts("", "").await.unwrap(), fresh.registry.drafts("", "").await.unwrap());
    let all = MessageFilter { limit: 9, ..MessageFilter::default() };
    assert_eq!(restored.messages(&all).await.unwrap(), fresh.registry.messages(&all).await.unwrap());
    let check = restored.verify(Some(&before.head)).await.unwrap();
    assert_eq!((check.faults.len(), check.lines), (0, before.lines + 1));
    // Only into an empty registry.
    assert!(restored.restore(&at(800), &file, None).await.is_err());

    // And back into the original kind of database, in a new one.
    if let Place::Postgres(address) = &fresh.place {
        let other = format!("{address}_restored");
        let (server, name) = other.rsplit_once('/').unwrap();
        use sqlx::{Connection, Executor};
        let mut raw = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
        raw.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let back = Registry::open_database(&other).await.unwrap();
        assert_eq!(back.restore(&at(900), &file, None).await.unwrap().0, carried);
        assert_eq!(back.verify(Some(&before.head)).await.unwrap().faults, []);
    }
}

pub(crate) async fn a_damaged_backup_is_refused(fresh: Fresh) {
    filled(&fresh).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.sqlite");
    fresh.registry.backup(&at(500), &file).await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(14).position(|window| window == b"operatorimport").expect("the first line");
    bytes[place] = b'0';
    std::fs::write(&file, bytes).unwrap();
    let into = Registry::open(&folder.path().join("restored.sqlite")).await.unwrap();
    let error = into.restore(&at(600), &file, None).await.unwrap_err().to_string();
    assert!(error.contains("已损坏"), "{error}");
    assert!(into.is_empty().await.unwrap());
}

pub(crate) async fn backups_contain_every_table(fresh: Fresh) {
    use sqlx::{Connection, Row};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.sqlite");
    let (carried, _) = fresh.registry.backup(&at(500), &file).await.unwrap();
    let query = "SELECT one.name, part.name FROM sqlite_master AS one JOIN pragma_table_info(one.name) AS part \
                 WHERE one.type = 'table' AND one.name NOT LIKE 'sqlite_%' AND one.name NOT LIKE '_sqlx%'";
    let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let rows = sqlx::query(query).fetch_all(&mut raw).await.unwrap();
    let mut there: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut tables: Vec<String> = there.iter().map(|(table, _)| table.clone()).collect();
    let mut told: Vec<String> = carried.into_iter().map(|one| one.table).collect();
    tables.dedup();
    tables.sort();
    told.sort();
    assert_eq!(tables, told);
    // The copy uses the tables and columns of the file, so the schemas of the two databases have to agree.
    if let Place::Postgres(address) = &fresh.place {
        let query = "SELECT table_name::text, column_name::text FROM information_schema.columns \
                     WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";
        let mut raw = sqlx::PgConnection::connect(address).await.unwrap();
        let rows = sqlx::query(query).fetch_all(&mut raw).await.unwrap();
        let mut theirs: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        theirs.sort();
        there.sort();
        assert_eq!(theirs, there);
    }
}

pub(crate) async fn names_in_a_backup_are_never_executed(fresh: Fresh) {
    use sqlx::{Connection, Executor};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.sqlite");
    fresh.registry.backup(&at(500), &file).await.unwrap();
    let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    raw.execute(r#"CREATE TABLE "tenant; DELETE FROM audit" (id TEXT PRIMARY KEY)"#).await.unwrap();
    raw.close().await.unwrap();
    let into = Registry::open(&folder.path().join("restored.sqlite")).await.unwrap();
    let error = into.restore(&at(600), &file, None).await.unwrap_err().to_string();
    assert!(error.contains("DELETE FROM audit"), "{error}");
    assert!(into.is_empty().await.unwrap());
}

/// A key inserted into a backup is found before anything is restored.
pub(crate) async fn backups_with_an_inserted_key_are_refused(fresh: Fresh) {
    use sqlx::{Connection, Executor};
    filled(&fresh).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.sqlite");
    let (_, check) = fresh.registry.backup(&at(500), &file).await.unwrap();
    let into = Registry::open(&folder.path().join("restored.sqlite")).await.unwrap();
    // A head that was kept elsewhere has to be part of it.
    let error = into.restore(&at(600), &file, Some("elsewhere")).await.unwrap_err().to_string();
    assert!(error.contains("elsewhere"), "{error}");
    let mut raw = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    raw.execute(
        "INSERT INTO api_key (id, digest, tenant, role, name, created_at) VALUES ('k', 'd', '', 'administrator', 'x', 1)",
    )
    .await
    .unwrap();
    raw.close().await.unwrap();
    let error = into.restore(&at(600), &file, Some(&check.head)).await.unwrap_err().to_string();
    assert!(error.contains("api_key"), "{error}");
    assert!(into.keys("").await.unwrap().is_empty() && into.is_empty().await.unwrap());
}

/// A file that is no backup is refused with a reason, and nothing is created from it.
pub(crate) async fn files_that_are_no_backup_are_refused(fresh: Fresh) {
    use sqlx::{Connection, Executor};
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("empty"), b"").unwrap();
    std::fs::write(file("text"), "something else ".repeat(100)).unwrap();
    let path = format!("sqlite://{}?mode=rwc", file("other").display());
    let mut raw = sqlx::SqliteConnection::connect(&path).await.unwrap();
    raw.execute("CREATE TABLE something (id TEXT)").await.unwrap();
    raw.close().await.unwrap();
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    for (name, why) in
        [("empty", "0 字节"), ("text", "不是 SQLite"), ("other", "没有登记库"), ("absent", "absent")]
    {
        let error = fresh.registry.restore(&at(600), &file(name), None).await.unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
    assert_eq!(std::fs::metadata(file("empty")).unwrap().len(), 0);
    assert_eq!(fresh.registry.audit(0, 10, None).await.unwrap(), []);
}
