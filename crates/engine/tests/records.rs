//! Keys, additions of tenants, and past content.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

#[path = "../../registry/tests/contract/cluster.rs"]
mod cluster;

use std::path::Path;

use zhaoren_engine::{Engine, Home, Moment, Principal, Records, Role, Silent, Tenant, built_in_facts, now};

fn item(folder: &Path, title: &str) -> std::path::PathBuf {
    let file = folder.join("item.json");
    let text =
        format!(r#"{{"id":"made-up","title":"{title}","criteria":{{"fact":"employees","at_least":10}}}}"#);
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn keys_work_until_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(folder.path()).unwrap();
    let (who, moment) = (Principal::local(), now());
    assert!(!records.has_keys(moment).unwrap());
    let tenant =
        Tenant {
            id: "xuhui".into(), name: "徐汇区".into(), level: "district".into(), parent: String::new()
        };
    records.put_tenant(&who.write_context(moment), &tenant).unwrap();
    let (key, secret) =
        records.add_key(&who.write_context(moment), "xuhui", Role::Caseworker, "窗口", None).unwrap();
    let come = records.authenticate(&secret, moment).unwrap().unwrap();
    assert_eq!(
        come,
        Principal {
            name: key.id.clone(),
            holder: key.name.clone(),
            tenant: "xuhui".into(),
            role: Role::Caseworker
        }
    );
    assert!(records.has_keys(moment).unwrap());
    let wrong = secret.replace(|one: char| one.is_ascii_digit(), "a");
    for other in ["", "zhr_", &secret[4..], &secret[..67], &wrong] {
        assert_eq!(records.authenticate(other, moment).unwrap(), None, "{other}");
    }
    records.revoke_key(&who.write_context(moment), &key.id).unwrap();
    assert_eq!(records.authenticate(&secret, moment).unwrap(), None);
    assert!(!records.has_keys(moment).unwrap());
}

#[test]
fn matching_uses_the_rules_at_a_system_time() {
    believed(&|data| Home::new(data, None));
    let Some(cluster) = cluster::Cluster::start() else { return };
    let address = cluster.database();
    believed(&|data| Home::new(data, Some(&address)));
    // Another machine, with an index of its own, sees the same.
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path(), Some(&address));
    let (second, _) = Engine::open(&home, &Silent).unwrap();
    assert_eq!(second.rules().item("made-up").unwrap().title, "后来");
    let elsewhere = tempfile::tempdir().unwrap();
    let (first, _) = Engine::open(Home::new(elsewhere.path(), Some(&address)), &Silent).unwrap();
    first.import(&[item(elsewhere.path(), "再后来")], &Silent).unwrap();
    assert!(second.refresh().unwrap().0);
    assert_eq!(second.rules().item("made-up").unwrap().title, "再后来");
}

/// Waits until the clock has moved on, so that two writes have two moments.
fn next_moment() {
    let before = now();
    while now() <= before {
        std::thread::yield_now();
    }
}

fn believed(home: &dyn Fn(&Path) -> Home) {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(home(&folder.path().join("data")), &Silent).unwrap();
    let all = engine.rules().library().len();
    let before = now();
    next_moment();
    engine.import(&[item(folder.path(), "原先")], &Silent).unwrap();
    let between = now();
    next_moment();
    engine.import(&[item(folder.path(), "后来")], &Silent).unwrap();
    let title = |moment: Moment| {
        let mut problems = Vec::new();
        let rules = engine.rules_at("", Some(moment), built_in_facts(), &mut problems).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        assert!(rules.library().len() >= all || moment.0 < 1_000);
        rules.item("made-up").map(|item| item.title.clone())
    };
    assert_eq!(title(before), None);
    assert_eq!(title(between).as_deref(), Some("原先"));
    assert_eq!(title(between).as_deref(), Some("原先"));
    assert_eq!(title(now()).as_deref(), Some("后来"));
    assert_eq!(title(Moment(1)), None);
    assert!(engine.rules_at("nobody", None, built_in_facts(), &mut Vec::new()).is_err());
    assert_eq!(engine.records().verify_audit(None).unwrap().faults, []);
}

fn tenant(id: &str, level: &str, parent: &str) -> Tenant {
    Tenant { id: id.into(), name: id.into(), level: level.into(), parent: parent.into() }
}

#[test]
fn tenants_have_own_items_beside_shared_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let records = engine.records();
    let local = Principal::local();
    for one in
        [tenant("city", "city", ""), tenant("xuhui", "district", "city"), tenant("other", "district", "city")]
    {
        records.put_tenant(&local.write_context(now()), &one).unwrap();
    }
    let shared = engine.rules().library().len();
    let of = |tenant: &str| engine.rules_for(tenant).unwrap();
    assert_eq!(of("xuhui").library().len(), shared);
    let xuhui = Principal { tenant: "xuhui".into(), ..Principal::local() };
    let report = engine.import_as(&xuhui, &[item(folder.path(), "区里的")], &Silent).unwrap();
    assert_eq!(report.items.new, 1);
    assert_eq!(of("xuhui").item("made-up").unwrap().title, "区里的");
    assert!(of("other").item("made-up").is_none() && of("city").item("made-up").is_none());
    assert!(engine.rules().item("made-up").is_none());
    assert!(engine.policy("made-up").unwrap().is_none(), "not everybody's to read");
    // Another process loads it too.
    let (second, problems) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    assert!(problems.is_empty());
    assert!(second.rules_for("xuhui").unwrap().item("made-up").is_some());
    engine.withdraw("made-up", "结束", &xuhui, None).unwrap();
    assert!(of("xuhui").item("made-up").is_none());
    assert!(second.rules_for("xuhui").unwrap().item("made-up").is_some(), "not looked yet");
    second.refresh().unwrap();
    assert!(second.rules_for("xuhui").unwrap().item("made-up").is_none());
    // A shared id cannot be taken.
    let taken = br#"{"id":"cn-hnte-2016","title":"x"}"#.as_slice();
    // A shared id affects that item only: it is named, and the call goes on.
    let report = engine.receive(&[("item.json".to_owned(), taken.to_vec())], &xuhui).unwrap();
    assert_eq!((report.items.new + report.items.changed, report.refused.len()), (0, 1));
    assert!(report.problems.iter().any(|one| one.to_string().contains("共享目录中已有这个编号")));
}

#[test]
fn drafts_take_effect_after_a_second_person_approves() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let person = |name: &str, role| Principal { name: name.into(), role, ..Principal::local() };
    let (author, reviewer) = (person("张三", Role::Caseworker), person("李四", Role::Reviewer));
    let text = r#"{"id":"made-up","title":"新事项","criteria":"同时符合下列条件：\n    一、成立满365天\n"}"#;
    let proposal = engine.propose(&author.write_context(now()), "item.json", text.as_bytes(), "").unwrap();
    assert_eq!(proposal.drafts, [1]);
    assert!(engine.rules().item("made-up").is_none());
    let refused = engine.decide(&author.write_context(now()), 1, true, "", &Silent);
    assert!(refused.unwrap_err().to_string().contains("另一人"));
    let (decided, problems) =
        engine.decide(&reviewer.write_context(now()), 1, true, "核过", &Silent).unwrap();
    assert_eq!(decided.unwrap().state, "approved");
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(engine.rules().item("made-up").unwrap().title, "新事项");
    assert_eq!(engine.records().revisions("made-up", "").unwrap()[0].author, "张三");
    // A malformed item is named and never becomes a draft.
    let wrong = br#"{"id":"made-up","title":"x","criteria":{"fact":"no_such_fact","at_least":1}}"#;
    let proposal = engine.propose(&author.write_context(now()), "item.json", wrong, "").unwrap();
    assert!(proposal.drafts.is_empty() && proposal.problems[0].to_string().contains("no_such_fact"));
    assert_eq!(engine.records().verify_audit(None).unwrap().faults, []);
}

/// A clock decades ahead during one write is reported, and corrected on the operator's request.
#[test]
fn wrong_clocks_are_reported_and_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let (records, local) = (engine.records(), Principal::local());
    assert_eq!(records.clock_warning(now()).unwrap(), None);
    let ahead = Moment(2_500_000_000_000);
    records.put_tenant(&local.write_context(ahead), &tenant("city", "city", "")).unwrap();
    assert!(records.clock_warning(now()).unwrap().unwrap().contains("2049"));
    let refused = records
        .put_tenant(&local.write_context(now()), &tenant("other", "city", ""))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("audit clock --accept"), "{refused}");
    next_moment();
    assert_eq!(records.accept_clock(&local.write_context(now())).unwrap().len(), 1);
    records.put_tenant(&local.write_context(now()), &tenant("other", "city", "")).unwrap();
    assert_eq!(records.clock_warning(now()).unwrap(), None);
    assert_eq!(records.verify_audit(None).unwrap().faults, []);
}

/// A lost registry beside files derived from it is no new installation.
#[test]
fn lost_registries_are_not_treated_as_new() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backup) = (folder.path().join("data"), folder.path().join("backup.sqlite"));
    let (engine, _) = Engine::open(&data, &Silent).unwrap();
    engine
        .records()
        .add_key(&Principal::local().write_context(now()), "", Role::Administrator, "运维", None)
        .unwrap();
    engine.records().backup(&Principal::local().write_context(now()), &backup).unwrap();
    drop(engine);
    let remove = || {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(data.join(format!("registry.sqlite{ending}")));
        }
    };
    for is_empty in [false, true] {
        remove();
        if is_empty {
            std::fs::write(data.join("registry.sqlite"), b"").unwrap();
        }
        for lost in [
            Engine::open(&data, &Silent).err(),
            Records::open(&data).err(),
            Records::open_existing(&data).err(),
        ] {
            let lost = lost.unwrap().to_string();
            assert!(lost.contains("CURRENT") && lost.contains("restore"), "{lost}");
        }
        assert_eq!(data.join("registry.sqlite").exists(), is_empty, "nothing is created");
        // The recovery that the error names.
        let (records, taken) =
            Records::restore(&data, &Principal::local().write_context(now()), &backup, None).unwrap();
        assert_eq!((taken.faults, taken.covered_from), (0, Some(1)));
        assert!(records.has_keys(now()).unwrap());
        assert_eq!(records.verify_audit(Some(&taken.head)).unwrap().faults, []);
    }
}
