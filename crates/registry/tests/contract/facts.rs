//! Facts of enterprises.

use zhaoren_registry::{FactRecord, Moment, Registry, WriteContext};

use crate::contract::{Fresh, at, deleted};

fn fact(key: &str, source: &str, value: &str) -> FactRecord {
    FactRecord {
        section: "facts".into(),
        key: key.into(),
        year: 0,
        source: source.into(),
        value: value.into(),
        valid_from: String::new(),
        valid_until: String::new(),
        recorded_at: 0,
    }
}

fn xuhui(moment: i64) -> WriteContext<'static> {
    WriteContext { tenant: "xuhui", actor: "窗口", at: Moment(moment) }
}

pub(crate) async fn facts_are_kept_by_source_and_time(fresh: Fresh) {
    let registry = &fresh.registry;
    let first = [fact("employees", "企业", "80"), fact("employees", "社保", "86")];
    assert_eq!(registry.put_facts(&xuhui(10), "e", &first).await.unwrap(), 2);
    assert_eq!(registry.put_facts(&xuhui(11), "e", &first).await.unwrap(), 0, "the same again is nothing");
    assert_eq!(registry.put_facts(&xuhui(20), "e", &[fact("employees", "企业", "90")]).await.unwrap(), 1);
    let values = async |tenant: &str, moment: i64| {
        let facts = registry.facts_of(tenant, "e", Moment(moment)).await.unwrap();
        facts.into_iter().map(|one| format!("{}={}", one.source, one.value)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(values("xuhui", 9).await, "");
    assert_eq!(values("xuhui", 15).await, "企业=80 社保=86");
    assert_eq!(values("xuhui", i64::MAX).await, "企业=90 社保=86");
    assert_eq!(values("other", i64::MAX).await, "", "another tenant's facts");
    assert_eq!(registry.enterprises("xuhui", "", 10).await.unwrap(), ["e"]);
    assert_eq!(registry.enterprises("other", "", 10).await.unwrap(), [""; 0]);
    found_by_name(registry).await;
    registry.trust(&xuhui(21), "社保", 5).await.unwrap();
    registry.trust(&xuhui(22), "社保", 7).await.unwrap();
    assert_eq!(
        registry.source_trust("xuhui").await.unwrap().into_iter().collect::<Vec<_>>(),
        [("社保".into(), 7)]
    );
    for line in registry.audit(0, 100, None).await.unwrap() {
        assert!(!line.detail.contains("86") && !line.detail.contains("90"), "a value in the audit: {line:?}");
    }
}

pub(crate) async fn deleted_facts_are_gone_and_the_audit_verifies(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.put_facts(&xuhui(10), "e", &[fact("employees", "企业", "80")]).await.unwrap();
    registry.put_facts(&xuhui(20), "e", &[fact("employees", "企业", "90")]).await.unwrap();
    registry.put_facts(&xuhui(30), "f", &[fact("employees", "企业", "7")]).await.unwrap();
    assert_eq!(
        registry.apply_retention(&at(40), Moment(20), false).await.unwrap(),
        deleted(0, 0),
        "superseded at 20, not before"
    );
    assert_eq!(registry.apply_retention(&at(40), Moment(21), false).await.unwrap(), deleted(1, 0));
    assert_eq!(registry.facts_of("xuhui", "e", Moment(15)).await.unwrap().len(), 1, "only counted");
    assert_eq!(registry.apply_retention(&at(41), Moment(21), true).await.unwrap(), deleted(1, 0));
    assert_eq!(registry.facts_of("xuhui", "e", Moment(15)).await.unwrap(), []);
    assert_eq!(registry.facts_of("xuhui", "e", Moment::NOW).await.unwrap().len(), 1);
    let other = WriteContext { tenant: "other", ..xuhui(50) };
    assert_eq!(registry.forget(&other, "e").await.unwrap(), deleted(0, 0), "another tenant's enterprise");
    assert_eq!(registry.forget(&xuhui(51), "e").await.unwrap(), deleted(1, 0));
    assert_eq!(registry.facts_of("xuhui", "e", Moment::NOW).await.unwrap(), []);
    assert_eq!(registry.enterprises("xuhui", "", 10).await.unwrap(), ["f"]);
    registry.put_facts(&xuhui(60), "g", &[fact("employees", "企业", "7")]).await.unwrap();
    assert_eq!(registry.enterprises("xuhui", "", 1).await.unwrap(), ["f"]);
    assert_eq!(registry.enterprises("xuhui", "f", 10).await.unwrap(), ["g"]);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

/// Enterprises are found by a part of their id or name; signs of a pattern mean themselves, and other tenants see nothing.
async fn found_by_name(registry: &Registry) {
    let about = |value: &str| FactRecord {
        section: "about".into(),
        key: "name".into(),
        year: 0,
        source: "填报".into(),
        value: value.into(),
        valid_from: String::new(),
        valid_until: String::new(),
        recorded_at: 0,
    };
    let act = WriteContext { tenant: "names", actor: "窗口", at: Moment(50) };
    for (id, name) in [("A1", "\"云溪软件\""), ("B2", "\"云溪100%面馆\""), ("C_3", "7")] {
        registry.put_facts(&act, id, &[about(name)]).await.unwrap();
    }
    let find = async |part: &str, after: &str, limit: i64| -> Vec<String> {
        let found = registry.find_enterprises("names", part, after, limit).await.unwrap();
        found.into_iter().map(|(id, name)| format!("{id} {name}")).collect()
    };
    assert_eq!(find("", "", 10).await, ["A1 云溪软件", "B2 云溪100%面馆", "C_3 "]);
    assert_eq!(find("云溪", "", 10).await, ["A1 云溪软件", "B2 云溪100%面馆"]);
    assert_eq!(find("云溪", "", 1).await, ["A1 云溪软件"]);
    assert_eq!(find("云溪", "A1", 10).await, ["B2 云溪100%面馆"]);
    assert_eq!(find("a1", "", 10).await, ["A1 云溪软件"]);
    assert_eq!(find("100%", "", 10).await, ["B2 云溪100%面馆"]);
    assert_eq!(find("_", "", 10).await, ["C_3 "]);
    assert_eq!(find("!", "", 10).await, [""; 0]);
    assert_eq!(registry.find_enterprises("other", "云溪", "", 10).await.unwrap(), []);
}
