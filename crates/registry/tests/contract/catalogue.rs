//! Documents and items.

use zhaoren_registry::{DocumentRecord, ItemRecord, Moment, RegistryError, Tenant, WriteContext};

use crate::contract::{Fresh, at};

pub(crate) fn document(id: &str, body: &str) -> DocumentRecord {
    let body = body.as_bytes().to_vec();
    DocumentRecord { id: id.into(), source: "f".into(), metadata: "{}".into(), body }
}

pub(crate) fn item(id: &str, body: &str) -> ItemRecord {
    ItemRecord { id: id.into(), tenant: String::new(), source: "f".into(), body: body.into() }
}

pub(crate) async fn repeated_writes_change_nothing(fresh: Fresh) {
    let registry = &fresh.registry;
    assert!(registry.is_empty().await.unwrap());
    let (d, i) = registry.write(&at(1), &[document("a", "甲")], &[item("x", "1")]).await.unwrap();
    assert_eq!((d.new, i.new), (1, 1));
    let before = registry.fingerprint().await.unwrap();
    let (d, i) = registry.write(&at(2), &[document("a", "甲")], &[item("x", "1")]).await.unwrap();
    assert_eq!((d.kept, i.kept), (1, 1));
    assert_eq!(registry.fingerprint().await.unwrap(), before);
    assert_eq!(registry.audit(0, 10, None).await.unwrap().len(), 1, "nothing written, nothing to tell");
    let items = [item("x", "2"), item("y", "1")];
    let (d, i) = registry.write(&at(3), &[document("a", "乙")], &items).await.unwrap();
    assert_eq!((d.changed, i.changed, i.new), (1, 1, 1));
    assert_ne!(registry.fingerprint().await.unwrap(), before);
    let registry = fresh.again().await;
    assert!(!registry.is_empty().await.unwrap());
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "2"), item("y", "1")]);
    assert_eq!(registry.document("a", Moment::NOW).await.unwrap(), Some(document("a", "乙")));
    assert_eq!(registry.item("x", Moment::NOW, &[]).await.unwrap(), Some(item("x", "2")));
    assert_eq!(registry.item("z", Moment::NOW, &[]).await.unwrap(), None);
    assert_eq!(registry.document("b", Moment::NOW).await.unwrap(), None);
    assert_eq!(registry.documents(Moment::NOW).await.unwrap().len(), 1);
}

pub(crate) async fn past_states_stay_readable(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(100), &[document("a", "甲")], &[item("x", "1")]).await.unwrap();
    registry.write(&at(200), &[document("a", "乙")], &[item("x", "2"), item("y", "1")]).await.unwrap();
    let bodies = async |moment: i64| {
        let items = registry.items(Moment(moment), &[]).await.unwrap();
        items.into_iter().map(|item| format!("{}={}", item.id, item.body)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(bodies(99).await, "");
    assert_eq!(bodies(100).await, "x=1");
    assert_eq!(bodies(199).await, "x=1");
    assert_eq!(bodies(200).await, "x=2 y=1");
    assert_eq!(registry.documents(Moment(150)).await.unwrap(), [document("a", "甲")]);
    assert_eq!(registry.document("a", Moment(250)).await.unwrap(), Some(document("a", "乙")));
    let revisions = registry.revisions("x", &[]).await.unwrap();
    let spans: Vec<_> = revisions.iter().map(|one| (one.recorded_at, one.superseded_at)).collect();
    assert_eq!(spans, [(Moment(100), Some(Moment(200))), (Moment(200), None)]);
    assert_eq!(revisions[1].author, "operator");
}

pub(crate) async fn withdrawn_items_can_be_added_again(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1), &[], &[item("x", "1")]).await.unwrap();
    registry.withdraw(&at(5), "x", "废止", None).await.unwrap();
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), []);
    assert_eq!(registry.items(Moment(4), &[]).await.unwrap(), [item("x", "1")]);
    assert!(registry.withdraw(&at(6), "x", "", None).await.is_err());
    let (_, written) = registry.write(&at(9), &[], &[item("x", "1")]).await.unwrap();
    assert_eq!(written.new, 1);
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "1")]);
    assert_eq!(registry.items(Moment(7), &[]).await.unwrap(), []);
}

pub(crate) async fn clocks_set_back_keep_the_order_of_records(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1_000), &[], &[item("x", "1")]).await.unwrap();
    registry.write(&at(400), &[], &[item("x", "2")]).await.unwrap();
    registry.write(&at(400), &[], &[item("x", "3")]).await.unwrap();
    assert_eq!(registry.items(Moment(999), &[]).await.unwrap(), []);
    assert_eq!(registry.items(Moment(1_000), &[]).await.unwrap(), [item("x", "1")]);
    assert_eq!(registry.items(Moment(1_001), &[]).await.unwrap(), [item("x", "2")]);
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), [item("x", "3")]);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

pub(crate) async fn tenants_see_shared_and_own_items(fresh: Fresh) {
    let registry = &fresh.registry;
    for (id, parent) in [("city", ""), ("district", "city"), ("park", "district"), ("other", "city")] {
        let tenant =
            Tenant { id: id.into(), name: id.into(), level: "district".into(), parent: parent.into() };
        registry.put_tenant(&at(1), &tenant).await.unwrap();
    }
    registry.write(&at(2), &[], &[item("shared", "1")]).await.unwrap();
    let fingerprint = registry.fingerprint().await.unwrap();
    let additions = registry.additions_fingerprint().await.unwrap();
    let own = |tenant: &str, id: &str| ItemRecord { tenant: tenant.into(), ..item(id, "1") };
    let act = WriteContext { tenant: "district", ..at(3) };
    registry.write(&act, &[], &[own("district", "ours"), own("other", "theirs")]).await.unwrap();
    assert_eq!(registry.fingerprint().await.unwrap(), fingerprint, "the shared catalogue is as it was");
    assert_ne!(registry.additions_fingerprint().await.unwrap(), additions);
    let lineage = registry.lineage("park").await.unwrap();
    assert_eq!(lineage, ["park", "district", "city"]);
    let seen = |items: Vec<ItemRecord>| items.into_iter().map(|item| item.id).collect::<Vec<_>>();
    assert_eq!(seen(registry.items(Moment::NOW, &lineage).await.unwrap()), ["ours", "shared"]);
    assert_eq!(seen(registry.items(Moment::NOW, &[]).await.unwrap()), ["shared"]);
    // The feed skips changes of other tenants, however many there are.
    let fed = async |limit: usize, tenants: &[String]| {
        let (mut told, mut place) = (Vec::new(), (Moment(-1), String::new(), String::new()));
        loop {
            let after = (place.0, place.1.as_str(), place.2.as_str());
            let page = registry.changes(after, limit, tenants).await.unwrap();
            let Some(last) = page.last() else { return told };
            place = (last.at, last.kind.clone(), last.id.clone());
            told.extend(page.into_iter().map(|one| one.id));
        }
    };
    for limit in [1, 2, 9] {
        assert_eq!(fed(limit, &lineage).await, ["shared", "ours"]);
        assert_eq!(fed(limit, &["other".to_owned()]).await, ["shared", "theirs"]);
        assert_eq!(fed(limit, &[]).await, ["shared"]);
    }
    // An id that all see cannot be taken. One that only another tenant has is free, and nothing reveals it.
    assert!(registry.write(&act, &[], &[own("district", "shared")]).await.is_err());
    let (_, written) = registry.write(&act, &[], &[own("district", "theirs")]).await.unwrap();
    assert_eq!(written.new, 1);
    assert!(registry.withdraw(&act, "shared", "", None).await.is_err());
    registry.withdraw(&act, "ours", "", None).await.unwrap();
}

pub(crate) async fn one_write_takes_many_records(fresh: Fresh) {
    let registry = &fresh.registry;
    let items: Vec<ItemRecord> =
        (0..5_000).map(|n| item(&format!("i{n:05}"), &format!("{{\"n\":{n}}}"))).collect();
    let (_, written) = registry.write(&at(1), &[], &items).await.unwrap();
    assert_eq!(written.new, 5_000);
    let (_, written) = registry.write(&at(2), &[], &items).await.unwrap();
    assert_eq!(written.kept, 5_000);
    let changed: Vec<ItemRecord> = items.iter().map(|one| item(&one.id, "2")).collect();
    let (_, written) = registry.write(&at(3), &[], &changed).await.unwrap();
    assert_eq!(written.changed, 5_000);
    assert_eq!(registry.items(Moment(1), &[]).await.unwrap(), items);
    assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap(), changed);
    let check = registry.verify(None).await.unwrap();
    assert_eq!((check.faults.len(), check.lines, check.records), (0, 2, 10_000));
}

/// An id of one tenant neither restricts nor informs another.
pub(crate) async fn an_id_is_unique_within_one_tenant(fresh: Fresh) {
    let registry = &fresh.registry;
    for (id, parent) in [("city", ""), ("district", "city"), ("other", "city")] {
        let tenant =
            Tenant { id: id.into(), name: id.into(), level: "district".into(), parent: parent.into() };
        registry.put_tenant(&at(1), &tenant).await.unwrap();
    }
    let own = |tenant: &str, id: &str, body: &str| ItemRecord { tenant: tenant.into(), ..item(id, body) };
    let act = |tenant: &'static str, moment: i64| WriteContext { tenant, ..at(moment) };
    let lineage = async |tenant: &str| registry.lineage(tenant).await.unwrap();
    let seen = async |tenant: &str| {
        let items = registry.items(Moment::NOW, &lineage(tenant).await).await.unwrap();
        items.into_iter().map(|one| format!("{}@{}={}", one.id, one.tenant, one.body)).collect::<Vec<_>>()
    };
    registry.write(&act("district", 20), &[], &[own("district", "vat", "d")]).await.unwrap();
    registry
        .write(&act("other", 30), &[], &[own("other", "vat", "o"), own("other", "x", "o")])
        .await
        .unwrap();
    assert_eq!(seen("district").await, ["vat@district=d"]);
    assert_eq!(seen("other").await, ["vat@other=o", "x@other=o"]);
    // Each counts its revisions from 1, and each change is new to its own tenant.
    registry.write(&act("other", 40), &[], &[own("other", "vat", "o2")]).await.unwrap();
    for (tenant, expected) in [("district", vec![1]), ("other", vec![1, 2]), ("city", vec![])] {
        let revisions = registry.revisions("vat", &lineage(tenant).await).await.unwrap();
        let numbers: Vec<i64> = revisions.iter().map(|one| one.revision).collect();
        assert_eq!(numbers, expected, "{tenant}");
    }
    let feed = async |tenant: &str| {
        let page = registry.changes((Moment(-1), "", ""), 9, &lineage(tenant).await).await.unwrap();
        page.into_iter().map(|one| format!("{}/{} {}", one.id, one.revision, one.change)).collect::<Vec<_>>()
    };
    assert_eq!(feed("district").await, ["vat/1 new"]);
    assert_eq!(feed("other").await, ["vat/1 new", "x/1 new", "vat/2 changed"]);
    // The shared catalogue takes the id nevertheless, and wins; the previous owner keeps its item, hidden.
    let written =
        registry.write_partial(&at(50), &[], &[item("vat", "s"), item("y", "s")], None).await.unwrap();
    assert_eq!((written.items.new, written.refused.len()), (2, 0));
    assert_eq!(seen("district").await, ["vat@=s", "y@=s"]);
    let hidden = registry.hidden_items(&lineage("district").await).await.unwrap();
    let hidden: Vec<_> = hidden.iter().map(|one| (&*one.id, &*one.tenant, &*one.hidden_by)).collect();
    assert_eq!(hidden, [("vat", "district", "")]);
    assert_eq!(registry.hidden_items(&[]).await.unwrap(), []);
    assert_eq!(registry.item("vat", Moment::NOW, &lineage("other").await).await.unwrap().unwrap().body, "s");
    assert_eq!(registry.item("vat", Moment(35), &lineage("other").await).await.unwrap().unwrap().body, "o");
    // A taken id affects that item only; a parent wins like the shared catalogue.
    registry.write(&act("city", 70), &[], &[own("city", "z", "c")]).await.unwrap();
    let items = [own("district", "vat", "d2"), own("district", "z", "d"), own("district", "x", "d")];
    let written = registry.write_partial(&act("district", 80), &[], &items, None).await.unwrap();
    let refused: Vec<_> = written.refused.iter().map(|one| (&*one.id, &*one.owner)).collect();
    assert_eq!((written.items.new, refused), (1, vec![("vat", ""), ("z", "city")]));
    assert_eq!(seen("district").await, ["vat@=s", "x@district=d", "y@=s", "z@city=c"]);
    // The district can still withdraw its own item, but not the shared one, which only the operator can.
    registry.withdraw(&act("district", 90), "vat", "", None).await.unwrap();
    assert!(registry.withdraw(&act("district", 100), "vat", "", None).await.is_err());
    registry.withdraw(&at(110), "vat", "", None).await.unwrap();
    assert_eq!(seen("other").await, ["vat@other=o2", "x@other=o", "y@=s", "z@city=c"]);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

/// Of writers that have seen the same content, in any program, one writes.
pub(crate) async fn writes_over_changed_content_are_refused(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(1), &[], &[item("a", "1"), item("b", "1")]).await.unwrap();
    let (first, second) = (
        registry.content_version("a", &[]).await.unwrap(),
        registry.content_version("a", &[]).await.unwrap(),
    );
    assert_eq!(first, second);
    let written = registry.write_partial(&at(2), &[], &[item("a", "2")], Some(&first)).await.unwrap();
    assert_eq!(written.items.changed, 1);
    let refused = registry.write_partial(&at(3), &[], &[item("a", "3"), item("b", "3")], Some(&second)).await;
    assert!(matches!(refused, Err(RegistryError::Conflict { id }) if id == "a"));
    let refused = registry.withdraw(&at(4), "a", "", Some(&second)).await;
    assert!(matches!(refused, Err(RegistryError::Conflict { .. })));
    let bodies: Vec<_> =
        registry.items(Moment::NOW, &[]).await.unwrap().into_iter().map(|one| one.body).collect();
    assert_eq!(bodies, ["2", "1"], "nothing of a refused write is there");
    // An id that was free and is taken meanwhile, and one that was withdrawn meanwhile, are changed content too.
    let free = registry.content_version("c", &[]).await.unwrap();
    registry.write_partial(&at(5), &[], &[item("c", "1")], Some(&free)).await.unwrap();
    assert!(registry.write_partial(&at(6), &[], &[item("c", "2")], Some(&free)).await.is_err());
    let there = registry.content_version("c", &[]).await.unwrap();
    registry.withdraw(&at(7), "c", "", Some(&there)).await.unwrap();
    assert!(registry.write_partial(&at(8), &[], &[item("c", "2")], Some(&there)).await.is_err());
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}
