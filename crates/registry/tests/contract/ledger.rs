//! Pushes and their outcomes, and opt-outs.

use zhaoren_registry::{AuditFault, Moment, Outcome, PushRun, ReceiptRecord, WriteContext};

use crate::contract::{Fresh, at, deleted};

pub(crate) fn outcome(enterprise: &str, event: &str) -> Outcome {
    Outcome {
        enterprise: enterprise.into(),
        item: "cn-hnte-2016".into(),
        item_digest: "d".into(),
        event: event.into(),
        at: 5,
        detail: String::new(),
    }
}

pub(crate) async fn repeated_events_are_stored_once(fresh: Fresh) {
    let registry = &fresh.registry;
    let all: Vec<Outcome> = (0..300).map(|n| outcome(&format!("e{n}"), "pushed")).collect();
    assert_eq!(registry.record_outcomes(&at(10), &all).await.unwrap(), 300);
    assert_eq!(registry.record_outcomes(&at(11), &all).await.unwrap(), 0);
    assert_eq!(
        registry.record_outcomes(&at(12), &[outcome("e1", "viewed"), outcome("e1", "pushed")]).await.unwrap(),
        1
    );
    let events: Vec<String> =
        registry.outcomes_of("", "e1").await.unwrap().into_iter().map(|one| one.event).collect();
    assert_eq!(events, ["pushed", "viewed"]);
    let error = registry.record_outcomes(&at(13), &[outcome("e1", "loved")]).await.unwrap_err().to_string();
    assert!(error.contains("loved"), "{error}");
    let other = WriteContext { tenant: "xuhui", ..at(14) };
    assert_eq!(
        registry.record_outcomes(&other, &[outcome("e1", "pushed")]).await.unwrap(),
        1,
        "another tenant's"
    );
    assert_eq!(registry.outcomes_of("", "e1").await.unwrap().len(), 2);
    let run = PushRun {
        as_of: "2026-07-01".into(),
        rules: "r".into(),
        inputs: "i".into(),
        result: "l".into(),
        listed: 300,
        held_back: 2,
    };
    assert_eq!(registry.record_push(&at(15), &run).await.unwrap(), 1);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
    let change = "DROP TRIGGER outcome_is_not_changed; UPDATE outcome SET event = 'paid' WHERE id = 1";
    let on_postgres = "ALTER TABLE outcome DISABLE TRIGGER outcome_is_not_changed; \
                       UPDATE outcome SET event = 'paid' WHERE id = 1";
    fresh.tamper(change, on_postgres).await;
    let faults = registry.verify(None).await.unwrap().faults;
    // The table as a whole does not match the last line either.
    let table = AuditFault::Table { table: "outcome".into(), expected: 302, found: 302 };
    assert_eq!(faults, [AuditFault::Content { seq: 1 }, table]);
}

pub(crate) async fn opt_outs_hold_until_withdrawn(fresh: Fresh) {
    let registry = &fresh.registry;
    let xuhui = |moment| WriteContext { tenant: "xuhui", actor: "窗口", at: Moment(moment) };
    registry.opt_out(&xuhui(1), "e", "", "不再接收").await.unwrap();
    registry.opt_out(&xuhui(2), "e", "", "不再接收").await.unwrap();
    registry.opt_out(&at(3), "f", "cn-hnte-2016", "已享受").await.unwrap();
    let who = async |tenants: &[String]| {
        let found = registry.opt_outs(tenants).await.unwrap();
        found.into_iter().map(|one| one.enterprise).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(who(&["xuhui".to_owned(), "shanghai".to_owned()]).await, "e f");
    assert_eq!(who(&[]).await, "f", "what is told to all holds for all");
    assert!(registry.opt_in(&at(4), "e", "").await.is_err());
    registry.opt_in(&xuhui(5), "e", "").await.unwrap();
    assert_eq!(who(&["xuhui".to_owned()]).await, "f");
}

pub(crate) async fn receipts_are_stored_once(fresh: Fresh) {
    let registry = &fresh.registry;
    let receipt = ReceiptRecord {
        id: "a".into(),
        enterprise: "e".into(),
        as_of: "2026-07-01".into(),
        rules: "r".into(),
        result: "s".into(),
        body: "{}".into(),
    };
    let xuhui = WriteContext { tenant: "xuhui", ..at(10) };
    registry.keep_receipts(&xuhui, std::slice::from_ref(&receipt)).await.unwrap();
    registry.keep_receipts(&xuhui, std::slice::from_ref(&receipt)).await.unwrap();
    assert_eq!(registry.receipts_of("xuhui", "e").await.unwrap(), std::slice::from_ref(&receipt));
    assert_eq!(registry.receipt(None, "a").await.unwrap(), Some(receipt));
    assert_eq!(registry.receipt(Some("other"), "a").await.unwrap(), None);
    assert_eq!(registry.apply_retention(&at(20), Moment(15), true).await.unwrap(), deleted(0, 1));
    assert_eq!(registry.receipt(None, "a").await.unwrap(), None);
}
