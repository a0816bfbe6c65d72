//! Drafts and reviews.

use zhaoren_registry::{DraftProposal, DraftUpdate, LOCAL, Moment, ReadingCorrection, WriteContext};

use crate::contract::catalogue::{document, item};
use crate::contract::keys::held;
use crate::contract::{Fresh, at};

fn by(actor: &'static str, at: i64) -> WriteContext<'static> {
    WriteContext { tenant: "", actor, at: Moment(at) }
}

pub(crate) async fn drafts_take_effect_after_a_second_person_approves(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1), &[], &[item("x", "1")]).await.unwrap();
    let ids = registry.propose(&by("甲", 10), &[item("x", "2"), item("y", "1")], "按新办法").await.unwrap();
    assert_eq!(ids, [1, 2]);
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "1")]);
    let error = registry.decide(&by("甲", 11), 1, true, "").await.unwrap_err().to_string();
    assert!(error.contains("另一人"), "{error}");
    let draft = registry.decide(&by("乙", 12), 1, true, "与原文一致").await.unwrap();
    assert_eq!((draft.state.as_str(), draft.author.as_str()), ("approved", "甲"));
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "2")]);
    let revisions = registry.revisions("x", &[]).await.unwrap();
    assert_eq!((revisions[1].author.as_str(), revisions[1].review), ("甲", Some(1)));
    assert_eq!((revisions[0].author.as_str(), revisions[0].review), ("operator", None));
    assert!(registry.decide(&by("丙", 13), 1, false, "").await.is_err(), "decided already");
    registry.decide(&by("乙", 14), 2, false, "依据不足").await.unwrap();
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "2")]);
    assert_eq!(registry.drafts("", "open").await.unwrap(), []);
    let all = registry.drafts("", "").await.unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.id, &*one.state, &*one.reason, &*one.reviewer, &*one.note, one.decided_at))
        .collect();
    assert_eq!(
        told,
        [
            (1, "approved", "按新办法", "乙", "与原文一致", Some(12)),
            (2, "rejected", "按新办法", "乙", "依据不足", Some(14)),
        ]
    );
    assert_eq!(draft, all[0]);
    assert!(registry.decide(&by("乙", 15), 9, true, "").await.is_err());
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

pub(crate) async fn drafts_of_changed_items_are_refused(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1), &[], &[item("x", "1")]).await.unwrap();
    registry.propose(&by("甲", 2), &[item("x", "2")], "").await.unwrap();
    registry.write(&at(3), &[], &[item("x", "3")]).await.unwrap();
    let error = registry.decide(&by("乙", 4), 1, true, "").await.unwrap_err().to_string();
    assert!(error.contains("已有变动"), "{error}");
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "3")]);
    let open = registry.drafts("", "open").await.unwrap();
    assert_eq!((open.len(), &*open[0].reason, &*open[0].reviewer, open[0].decided_at), (1, "", "", None));
    registry.decide(&by("乙", 5), 1, false, "").await.unwrap();
}

/// One person with two keys is one person, in any notation of the name, and with a token or a key.
pub(crate) async fn authors_cannot_approve_with_another_key(fresh: Fresh) {
    let registry = &fresh.registry;
    for (moment, key) in [
        held("k1", "caseworker", "Zhang San"),
        held("k2", "reviewer", "ｚｈａｎｇ　ＳＡＮ"),
        held("k3", "reviewer", "李四"),
    ]
    .iter()
    .enumerate()
    {
        registry.add_key(&by(LOCAL, 1 + i64::try_from(moment).unwrap()), key).await.unwrap();
    }
    registry.propose(&by("k1", 10), &[item("x", "1")], "").await.unwrap();
    for own in ["k1", "k2", "oidc:zhangsan", "张三"] {
        let decided = registry.decide(&by(own, 11), 1, false, "").await;
        if own == "张三" {
            decided.unwrap();
            break;
        }
        assert!(decided.unwrap_err().to_string().contains("另一人"), "{own}");
    }
    registry.propose(&by("k1", 12), &[item("x", "1")], "").await.unwrap();
    registry.decide(&by("k3", 13), 2, true, "").await.unwrap();
    let line = registry.audit(0, 100, None).await.unwrap().pop().unwrap();
    assert!(line.detail.contains("Zhang San") && line.detail.contains("李四"), "{}", line.detail);
}

/// A reviewer's key issued by the author decides nothing unless a second administrator has confirmed it.
pub(crate) async fn keys_issued_by_the_author_cannot_approve(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.add_key(&by(LOCAL, 1), &held("a", "administrator", "甲")).await.unwrap();
    // Issued while 甲 was the only administrator, so it is valid at once.
    let made = registry.add_key(&by("a", 2), &held("r", "reviewer", "丙")).await.unwrap();
    assert!(!made.pending);
    registry.propose(&by("a", 3), &[item("x", "1"), item("y", "1")], "").await.unwrap();
    // With one administrator it is accepted, and the audit says so.
    registry.decide(&by("r", 4), 1, true, "").await.unwrap();
    let line = registry.audit(0, 100, None).await.unwrap().pop().unwrap();
    assert!(line.detail.contains("\"reviewer_key_by_author\":true"), "{}", line.detail);
    registry.add_key(&by(LOCAL, 5), &held("b", "administrator", "乙")).await.unwrap();
    let error = registry.decide(&by("r", 6), 2, true, "").await.unwrap_err().to_string();
    assert!(error.contains("keys confirm"), "{error}");
    registry.confirm_key(&by("b", 7), "r").await.unwrap();
    registry.decide(&by("r", 8), 2, true, "").await.unwrap();
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

/// A draft keeps the document that it was read from and its reading, and each decision on a part of it is a record.
pub(crate) async fn decisions_on_a_reading_are_records(fresh: Fresh) {
    let registry = &fresh.registry;
    let correction = |decision: &str, criteria: &str| ReadingCorrection {
        decision: decision.into(),
        text: "从业人数不少于20人".into(),
        region: "310104".into(),
        kind: "employees".into(),
        as_read: r#"{"fact":"employees","at_least":20}"#.into(),
        criteria: criteria.into(),
        ..ReadingCorrection::default()
    };
    let read = |id: &'static str, corrections| DraftProposal {
        document: Some(document("办法", "从业人数不少于20人")),
        reading: "{\"parts\": []}".into(),
        corrections,
        ..DraftProposal::from(item(id, "1"))
    };
    let first = read("x", vec![correction("correct", r#"{"fact":"employees","at_least":10}"#)]);
    let second = read("y", vec![correction("reject", ""), correction("accept", "{}")]);
    registry.propose_read(&by("甲", 1), &[first, second], "").await.unwrap();
    registry.propose(&by("甲", 2), &[item("z", "1")], "").await.unwrap();
    registry.decide(&by("乙", 3), 2, false, "").await.unwrap();
    let all = registry.reading_corrections("", 0, 100).await.unwrap();
    let shown: Vec<_> =
        all.iter().map(|one| (one.id, one.draft, &*one.state, &*one.author, &*one.decision)).collect();
    assert_eq!(
        shown,
        [
            (1, 1, "open", "甲", "correct"),
            (2, 2, "rejected", "甲", "reject"),
            (3, 2, "rejected", "甲", "accept")
        ]
    );
    assert_eq!(registry.reading_corrections("", 1, 1).await.unwrap(), all[1..2]);
    assert_eq!(registry.reading_corrections("310104", 0, 9).await.unwrap(), []);
    let first = registry.draft_with_reading("", 1).await.unwrap().unwrap();
    assert_eq!((first.draft.id, &*first.reading), (1, "{\"parts\": []}"));
    assert_eq!(first.document, Some(document("办法", "从业人数不少于20人")));
    let third = registry.draft_with_reading("", 3).await.unwrap().unwrap();
    assert_eq!((third.document, &*third.reading), (None, ""));
    assert_eq!(registry.draft_with_reading("310104", 3).await.unwrap(), None);
    // The document enters the catalogue with the approval.
    assert_eq!(registry.document("办法", Moment::NOW).await.unwrap(), None);
    registry.decide(&by("乙", 4), 1, true, "").await.unwrap();
    assert!(registry.document("办法", Moment::NOW).await.unwrap().is_some());
    // A draft of an earlier version does not bring that version back.
    let stale =
        DraftProposal { document: Some(document("办法", "旧")), ..DraftProposal::from(item("w", "1")) };
    registry.propose_read(&by("甲", 5), &[stale], "").await.unwrap();
    registry.write(&at(6), &[document("办法", "新")], &[]).await.unwrap();
    let error = registry.decide(&by("乙", 7), 4, true, "").await.unwrap_err().to_string();
    assert!(error.contains("新的修订"), "{error}");
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

/// A fact is added with the drafts that need it, or not at all where one of them was decided meanwhile; the shared facts and those of a
/// tenant are separate.
pub(crate) async fn accepted_facts_change_open_drafts_only(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.propose(&by("甲", 1), &[item("x", "1"), item("y", "1")], "").await.unwrap();
    let of_tenant = WriteContext { tenant: "310104", ..by("丙", 2) };
    let mark = registry.additions_fingerprint().await.unwrap();
    registry.accept_fact(&of_tenant, "k", "{}", &[]).await.unwrap();
    assert_ne!(registry.additions_fingerprint().await.unwrap(), mark, "caches are told");
    let update = |draft, before: &str| DraftUpdate {
        draft,
        before: before.into(),
        body: "2".into(),
        reading: "{}".into(),
    };
    let first = registry.accept_fact(&by("乙", 3), "k", "{\"a\":1}", &[update(1, "1")]).await.unwrap();
    assert_eq!((&*first.author, first.accepted_at), ("乙", 3));
    let changed = registry.draft_with_reading("", 1).await.unwrap().unwrap();
    assert_eq!((&*changed.draft.body, &*changed.reading), ("2", "{}"));
    // One draft of several that is no longer the same leaves everything as it was.
    for stale in [update(2, "0"), update(9, "1"), update(1, "1")] {
        let updates = [update(2, "1"), stale];
        let error = registry.accept_fact(&by("乙", 4), "other", "{}", &updates).await.unwrap_err();
        assert!(error.to_string().contains("请重试"), "{error}");
    }
    registry.decide(&by("乙", 5), 2, false, "").await.unwrap();
    assert!(registry.accept_fact(&by("乙", 6), "other", "{}", &[update(2, "1")]).await.is_err());
    // A tenant's fact changes no draft of another one.
    assert!(registry.accept_fact(&of_tenant, "other", "{}", &[update(1, "2")]).await.is_err());
    let keys = async |lineage: &[String]| {
        let facts = registry.tenant_facts(lineage).await.unwrap();
        facts.into_iter().map(|one| format!("{}/{}", one.tenant, one.key)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(&[]).await, "/k");
    assert_eq!(keys(&["310104".to_owned()]).await, "310104/k /k");
    let line = registry.audit(0, 100, None).await.unwrap();
    assert!(line.iter().any(|one| one.action == "fact.accept" && one.detail.contains("\"drafts\":[1]")));
    // A repeated acceptance replaces the entry.
    registry.accept_fact(&by("乙", 7), "k", "{\"a\":2}", &[]).await.unwrap();
    assert_eq!(registry.tenant_facts(&[]).await.unwrap()[0].body, "{\"a\":2}");
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}
