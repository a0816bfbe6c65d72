//! Stored facts: the saved value equals the value read, to the last digit, and an unreadable one is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_engine::{
    Body, Moment, OneProfile, Principal, Records, StoredProfile, built_in_facts, now, profile_text,
    profile_with_id, read_profiles, read_profiles_of, today,
};
use zhaoren_registry::Registry;

const EXACT: &str = "90071992547409.93";

fn save(records: &Records, text: &str, name: &str) -> (Vec<String>, Vec<String>) {
    let who = Principal::local_caseworker("");
    let (facts, open) = (built_in_facts(), (None, None));
    let saved =
        records.save_profiles(&who.write_context(now()), text.as_bytes(), name, "社保", open, facts).unwrap();
    let ids = saved.saved.into_iter().map(|(id, _)| id).collect();
    (ids, saved.problems.iter().map(ToString::to_string).collect())
}

fn stored(records: &Records, id: &str) -> StoredProfile {
    let found = records.stored_profile(
        &Principal::local_caseworker(""),
        id,
        today(),
        Moment::NOW,
        now(),
        built_in_facts(),
    );
    found.unwrap().unwrap()
}

/// Every sound line around a broken one is saved, and each broken one is named with its line.
#[test]
fn sound_lines_around_broken_ones_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(folder.path()).unwrap();
    let line = |id: &str| format!("{{\"id\":\"{id}\",\"facts\":{{\"employees\":7}}}}");
    for (round, broken) in
        ["{\"id\":\"b\",\"facts\":", "{\"id\" \"b\"}", "not json", "[", "{}{}"].into_iter().enumerate()
    {
        for name in ["p.jsonl", "p.json"] {
            let (a, c) = (format!("a{round}"), format!("c{round}"));
            let text = format!("{}\n{broken}\n{}\n", line(&a), line(&c));
            let (saved, problems) = save(&records, &text, name);
            assert_eq!(saved, [a, c], "{name}: {broken}: {problems:?}");
            assert_eq!(problems.len(), 1, "{broken}: {problems:?}");
            assert!(problems[0].starts_with(&format!("{name}:2:")), "{problems:?}");
        }
    }
    // The first line is the broken one.
    let (saved, problems) = save(&records, &format!("{{\"id\":\n{}\n", line("z")), "p.jsonl");
    assert_eq!((saved, problems.len()), (vec!["z".to_owned()], 1));
    // One value over several lines is no JSON Lines.
    for whole in ["{\"id\":\"w\",\n\"facts\":\n{\"employees\":7}}", "[{\"id\":\"w\"},\n{\"id\":\"v\"}]"] {
        assert!(save(&records, whole, "p.json").1.is_empty(), "{whole}");
    }
}

/// An amount that no double holds is stored, read and matched as it was typed.
#[test]
fn stored_amounts_stay_exact() {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(folder.path()).unwrap();
    let text = format!("{{\"id\":\"e\",\"facts\":{{\"revenue\":{{\"2024\":0.10,\"2025\":{EXACT}}}}}}}");
    assert!(save(&records, &text, "p.json").1.is_empty());
    let found = stored(&records, "e");
    assert_eq!(found.text(), text);
    let read = |text: &str| read_profiles(text.as_bytes(), "p.json", built_in_facts(), true).profiles;
    assert_eq!(read(&found.text()), read(&text));
    // Without being written as text and parsed again, it is the same profile.
    let written = found.text();
    let body = Body::parsed(&written, found.node.clone());
    assert_eq!(read_profiles_of(&body, "p.json", built_in_facts(), true).profiles, read(&text));
    // A body that omits its id, and one of several profiles.
    let OneProfile::Single(body) = profile_with_id(text.replace("\"id\":\"e\",", "").as_bytes(), "e") else {
        panic!("it is one profile")
    };
    assert_eq!(String::from_utf8(body).unwrap(), text);
    assert_eq!(profile_text(format!("[{text}]").as_bytes(), "e").unwrap(), text);
}

/// A stored fact that cannot be read is named, and unknown; another source does not replace it.
#[test]
fn unreadable_facts_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(folder.path()).unwrap();
    save(
        &records,
        "{\"id\":\"e\",\"name\":\"甲\",\"facts\":{\"employees\":7,\"revenue\":{\"2025\":1}}}",
        "p.json",
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let registry = Registry::open(&folder.path().join("registry.sqlite")).await.unwrap();
        let mut broken = registry.facts_of("", "e", Moment::NOW).await.unwrap();
        broken.retain(|fact| fact.key == "employees");
        broken[0].value = "{\"at_least\":".to_owned();
        broken[0].source = "税务".to_owned();
        registry
            .put_facts(&Principal::local_caseworker("").write_context(now()), "e", &broken)
            .await
            .unwrap();
    });
    let found = stored(&records, "e");
    assert_eq!(found.text(), "{\"id\":\"e\",\"name\":\"甲\",\"facts\":{\"revenue\":{\"2025\":1}}}");
    assert_eq!(found.problems.len(), 1);
    for word in ["`e`", "employees", "税务", "未知"] {
        assert!(found.problems[0].contains(word), "{:?}", found.problems);
    }
}
