//! Every change made outside the program is detected.

use std::collections::BTreeSet;
use std::sync::Arc;

use zhaoren_registry::{
    AuditFault, FactRecord, KeyRecord, Moment, PushRun, ReceiptRecord, Registry, SigningKey, Tenant,
    WriteContext,
};

use crate::contract::catalogue::{document, item};
use crate::contract::{Fresh, at};

fn xuhui(moment: i64) -> WriteContext<'static> {
    WriteContext { tenant: "xuhui", actor: "officer", at: Moment(moment) }
}

fn fact(key: &str, value: &str) -> FactRecord {
    FactRecord {
        section: "facts".into(),
        key: key.into(),
        year: 0,
        source: "s".into(),
        value: value.into(),
        valid_from: String::new(),
        valid_until: String::new(),
        recorded_at: 0,
    }
}

fn key(id: &str) -> KeyRecord {
    KeyRecord {
        id: id.into(),
        digest: format!("digest of {id}"),
        tenant: String::new(),
        role: "platform".into(),
        name: "n".into(),
        created_at: 0,
        expires_at: None,
        revoked_at: None,
        holder: "h".into(),
        created_by: String::new(),
        pending: false,
        confirmed_by: String::new(),
    }
}

/// A registry with records in every table.
async fn filled(registry: &Registry) {
    let tenant =
        Tenant {
            id: "xuhui".into(), name: "徐汇区".into(), level: "district".into(), parent: String::new()
        };
    registry.put_tenant(&at(100), &tenant).await.unwrap();
    registry.put_tenant(&at(101), &Tenant { name: "徐汇".into(), ..tenant }).await.unwrap();
    registry.write(&at(110), &[document("a", "甲")], &[item("x", "1"), item("y", "1")]).await.unwrap();
    registry.write(&at(120), &[document("a", "乙")], &[item("x", "2")]).await.unwrap();
    registry.add_key(&at(130), &key("k1")).await.unwrap();
    registry.add_key(&at(131), &key("k2")).await.unwrap();
    registry.revoke_key(&at(132), "k2").await.unwrap();
    registry.propose(&at(140), &[item("x", "3"), item("z", "1")], "按新办法").await.unwrap();
    registry.decide(&WriteContext { actor: "reviewer", ..at(150) }, 2, true, "好").await.unwrap();
    registry.accept_fact(&xuhui(155), "k", "{}", &[]).await.unwrap();
    registry.put_facts(&xuhui(160), "e", &[fact("a", "1"), fact("b", "2")]).await.unwrap();
    registry.put_facts(&xuhui(161), "e", &[fact("a", "3")]).await.unwrap();
    registry.trust(&xuhui(170), "s", 5).await.unwrap();
    registry.opt_out(&xuhui(180), "e", "", "不再接收").await.unwrap();
    let run = PushRun {
        as_of: "2026-07-01".into(),
        rules: "r".into(),
        inputs: "i".into(),
        result: "l".into(),
        listed: 3,
        held_back: 1,
    };
    registry.record_push(&xuhui(190), &run).await.unwrap();
    let receipt = ReceiptRecord {
        id: "receipt".into(),
        enterprise: "e".into(),
        as_of: "2026-07-01".into(),
        rules: "r".into(),
        result: "l".into(),
        body: "{}".into(),
    };
    registry.keep_receipts(&xuhui(200), &[receipt]).await.unwrap();
    crate::contract::outbox::offers(
        registry,
        &at(210),
        &crate::contract::outbox::run("r", "2026-07-01"),
        &["e1", "e2"],
    )
    .await;
    registry.record_outcomes(&at(220), &[crate::contract::ledger::outcome("e1", "viewed")]).await.unwrap();
}

/// Each change, and the table in which it is found.
const CHANGES: &[(&str, &str)] = &[
    (
        "api_key",
        "INSERT INTO api_key (id, digest, tenant, role, name, created_at) VALUES ('k', 'd', '', 'administrator', '', 0)",
    ),
    ("api_key", "UPDATE api_key SET role = 'administrator' WHERE id = 'k1'"),
    ("api_key", "UPDATE api_key SET digest = 'mine' WHERE id = 'k1'"),
    ("api_key", "UPDATE api_key SET tenant = 'xuhui' WHERE id = 'k1'"),
    ("api_key", "UPDATE api_key SET expires_at = 9 WHERE id = 'k1'"),
    ("api_key", "UPDATE api_key SET revoked_at = NULL WHERE id = 'k2'"),
    ("api_key", "DELETE FROM api_key WHERE id = 'k2'"),
    ("tenant", "UPDATE tenant SET level = 'city'"),
    ("tenant", "UPDATE tenant SET parent = 'other'"),
    ("tenant", "INSERT INTO tenant (id, name, level, parent, recorded_at) VALUES ('t', 't', 'park', '', 0)"),
    (
        "item_revision",
        "INSERT INTO item_revision (id, revision, digest, source, body, recorded_at) VALUES ('w', 1, '', 'f', '1', 0)",
    ),
    ("item_revision", "UPDATE item_revision SET superseded_at = 300 WHERE id = 'y'"),
    ("item_revision", "UPDATE item_revision SET tenant = 'xuhui' WHERE id = 'y'"),
    ("item_revision", "UPDATE item_revision SET author = 'other' WHERE id = 'y'"),
    ("item_revision", "UPDATE item_revision SET review = 7 WHERE id = 'z'"),
    ("item_revision", "UPDATE item_revision SET source = 'other' WHERE id = 'y'"),
    ("item_revision", "DELETE FROM item_revision WHERE id = 'x' AND revision = 1"),
    ("document_revision", "UPDATE document_revision SET superseded_at = 300 WHERE revision = 2"),
    ("document_revision", "UPDATE document_revision SET source = 'other'"),
    ("draft", "UPDATE draft SET body = '9' WHERE id = 1"),
    ("draft", "UPDATE draft SET author = 'other' WHERE id = 1"),
    ("draft", "UPDATE draft SET state = 'approved' WHERE id = 1"),
    ("draft", "DELETE FROM draft WHERE id = 1"),
    (
        "review",
        "INSERT INTO review (id, draft, reviewer, decision, note, at) VALUES (9, 1, 'r', 'approved', '', 1)",
    ),
    ("enterprise_fact", "UPDATE enterprise_fact SET value = '9' WHERE key = 'b'"),
    ("enterprise_fact", "UPDATE enterprise_fact SET valid_until = '2020-01-01' WHERE key = 'b'"),
    ("enterprise_fact", "UPDATE enterprise_fact SET superseded_at = NULL"),
    ("enterprise_fact", "DELETE FROM enterprise_fact WHERE key = 'b'"),
    ("fact_source", "UPDATE fact_source SET trust = 6"),
    ("fact_source", "DELETE FROM fact_source"),
    ("opt_out", "UPDATE opt_out SET withdrawn_at = 200"),
    ("opt_out", "DELETE FROM opt_out"),
    ("push_run", "UPDATE push_run SET listed = 4"),
    ("receipt", "UPDATE receipt SET body = '{\"issued_at\": 1}'"),
    ("receipt", "DELETE FROM receipt"),
    ("message", "UPDATE message SET state = 'sent' WHERE id = 1"),
    ("message", "UPDATE message SET body = 'other' WHERE id = 1"),
    ("message", "DELETE FROM message WHERE id = 1"),
    ("message_run", "UPDATE message_run SET as_of = '2026-07-02'"),
    ("message_run", "DELETE FROM message_run"),
    (
        "outcome",
        "INSERT INTO outcome (id, key, tenant, enterprise, item, item_digest, event, at, actor, detail, recorded_at) \
                 VALUES (99, 'k', '', 'e', 'x', '', 'paid', 1, 'a', '', 0)",
    ),
    ("clock_correction", "INSERT INTO clock_correction (seq, from_at, until_at, shift) VALUES (9, 1, 2, 1)"),
];

/// These changes passed `audit verify` even with the head of the chain.
pub(crate) async fn external_changes_of_any_table_are_found(fresh: Fresh) {
    filled(&fresh.registry).await;
    let sound = fresh.registry.verify(None).await.unwrap();
    assert_eq!(sound.faults, []);
    let folder = tempfile::tempdir().unwrap();
    for (n, (table, change)) in CHANGES.iter().enumerate() {
        // Each in a copy of its own, so that each is the only change.
        let file = folder.path().join(format!("{n}.sqlite"));
        fresh.registry.backup(&at(300), &file).await.unwrap();
        crate::contract::raw(&file, change).await;
        let copy = Registry::open(&file).await.unwrap();
        let found = copy.verify(Some(&sound.head)).await.unwrap().faults;
        let named =
            found.iter().any(|fault| matches!(fault, AuditFault::Table { table: one, .. } if one == table));
        assert!(named, "{change}: {found:?}");
        copy.close().await.unwrap();
    }
    // And in the registry itself, with any database.
    let (_, change) = CHANGES[0];
    fresh.tamper(change, change).await;
    let expected = AuditFault::Table { table: "api_key".into(), expected: 2, found: 3 };
    assert_eq!(
        fresh.registry.verify(Some(&sound.head)).await.unwrap().faults,
        std::slice::from_ref(&expected)
    );
    // It is still found after further writes.
    fresh.registry.add_key(&at(400), &key("k3")).await.unwrap();
    let expected = AuditFault::Table { table: "api_key".into(), expected: 3, found: 4 };
    assert_eq!(fresh.registry.verify(None).await.unwrap().faults, [expected]);
    // After an investigation the operator may accept the records; the audit records that.
    fresh.registry.accept_current_state(&at(500), "查明").await.unwrap();
    assert_eq!(fresh.registry.verify(None).await.unwrap().faults, []);
    let line = fresh.registry.audit_before(None, 1, &Default::default()).await.unwrap().remove(0);
    assert!(line.action == zhaoren_registry::BASELINE && line.detail.contains("查明"), "{line:?}");
}

/// A change of the sums together with the records is found by the line, and no line can follow it.
pub(crate) async fn forged_sums_are_found_and_block_writes(fresh: Fresh) {
    filled(&fresh.registry).await;
    let change = "UPDATE audit_state SET records = records + 1 WHERE name = 'api_key'";
    fresh.tamper(change, change).await;
    let faults = fresh.registry.verify(None).await.unwrap().faults;
    assert!(faults.iter().any(|fault| matches!(fault, AuditFault::State { .. })), "{faults:?}");
    let error = fresh.registry.add_key(&at(400), &key("k3")).await.unwrap_err().to_string();
    assert!(error.contains("改动"), "{error}");
    // A check still reports the faults.
    assert_eq!(fresh.registry.check(&at(410), None).await.unwrap().faults, faults);
    fresh.registry.accept_current_state(&at(500), "查明").await.unwrap();
    fresh.registry.add_key(&at(600), &key("k3")).await.unwrap();
    assert_eq!(fresh.registry.verify(None).await.unwrap().faults, []);
}

/// With the key of the installation, a chain forged as a whole is found.
pub(crate) async fn forged_audit_lines_lack_a_signature(fresh: Fresh) {
    let own = Arc::new(SigningKey::read(&SigningKey::generate().unwrap()).unwrap());
    let other = Arc::new(SigningKey::read(&SigningKey::generate().unwrap()).unwrap());
    let registry = fresh.again().await.with_signer(Arc::clone(&own));
    filled(&registry).await;
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
    assert_eq!(registry.verify(None).await.unwrap().signer, own.public());
    let head = registry.audit_head().await.unwrap().unwrap();
    assert_eq!(head.signer, own.public());
    // Access to the database without the key is enough to write a consistent line.
    fresh.registry.add_key(&at(400), &key("k3")).await.unwrap();
    let faults = registry.verify(Some(&head.digest)).await.unwrap().faults;
    assert_eq!(faults, [AuditFault::Unsigned { seq: head.seq + 1 }]);
    fresh.again().await.with_signer(Arc::clone(&other)).add_key(&at(500), &key("k4")).await.unwrap();
    let faults = registry.verify(Some(&head.digest)).await.unwrap().faults;
    assert_eq!(faults, [AuditFault::Signer { seq: head.seq + 2, signer: other.public() }]);
}

/// Random units of work leave a valid audit; then any one value of any one row is changed, and found.
pub(crate) async fn random_work_verifies_and_any_change_is_found(fresh: Fresh) {
    let registry = &fresh.registry;
    filled(registry).await;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: u64| {
        // xorshift: the same sequence in every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut done = BTreeSet::new();
    for n in 0..120 {
        let moment = 1_000 + n;
        let which = format!("r{}", random(6));
        let kind = random(9);
        match kind {
            0 => drop(registry.write(&at(moment), &[], &[item(&which, &n.to_string())]).await),
            1 => drop(registry.withdraw(&at(moment), &which, "废止", None).await),
            2 => drop(
                registry
                    .put_facts(&xuhui(moment), &which, &[fact("a", &n.to_string()), fact("b", "1")])
                    .await,
            ),
            3 => drop(registry.forget(&xuhui(moment), &which).await),
            4 => drop(registry.apply_retention(&at(moment), Moment(moment - 20), true).await),
            5 => drop(registry.opt_out(&xuhui(moment), &which, "", "").await),
            6 => drop(registry.opt_in(&xuhui(moment), &which, "").await),
            7 => drop(registry.add_key(&at(moment), &key(&format!("{which}-{n}"))).await),
            _ => drop(registry.claim_messages(&at(moment), "portal", "l", Moment(moment + 1), 9).await),
        }
        done.insert(kind);
        if n % 20 == 0 {
            assert_eq!(registry.verify(None).await.unwrap().faults, [], "after {n} units of work");
        }
    }
    assert_eq!(done.len(), 9);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
    let folder = tempfile::tempdir().unwrap();
    for n in 0..30 {
        let file = folder.path().join(format!("{n}.sqlite"));
        registry.backup(&at(3_000), &file).await.unwrap();
        let told = crate::contract::random_change(&file, &mut random).await;
        let copy = Registry::open(&file).await.unwrap();
        assert_ne!(copy.verify(None).await.unwrap().faults, [], "{told}");
        copy.close().await.unwrap();
    }
}
