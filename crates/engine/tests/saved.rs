//! Saved searches: kept, run again with their changes, removed; concurrently, and from a damaged file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;

use zhaoren_engine::{
    Engine, Inquiry, SearchOwner, SearchRequest, Silent, Sort, Verdict, built_in_facts, read_profiles,
};

fn open(data: &Path) -> Engine {
    Engine::open(data, &Silent).unwrap().0
}

fn import(engine: &Engine, folder: &Path, files: &[(&str, String)]) {
    let given = folder.join("given");
    let _ = std::fs::remove_dir_all(&given);
    std::fs::create_dir(&given).unwrap();
    for (name, text) in files {
        std::fs::write(given.join(name), text).unwrap();
    }
    let report = engine.import(&[given], &Silent).unwrap();
    assert!(!zhaoren_engine::has_errors(&report.problems), "{:?}", report.problems);
}

fn item(id: &str, least: u32) -> String {
    format!("- id: {id}\n  title: 量子补助{id}\n  criteria: {{fact: employees, at_least: {least}}}\n")
}

const PROFILE: &str = r#"{"id": "e", "facts": {"employees": 86}}"#;

fn request(query: &str) -> SearchRequest {
    SearchRequest { query: query.into(), limit: 10, ..SearchRequest::default() }
}

#[test]
fn saved_runs_report_changes_since_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&folder.path().join("data"));
    import(&engine, folder.path(), &[("a.yaml", item("q-a", 10)), ("b.yaml", item("q-b", 10))]);
    let profile = &read_profiles(PROFILE.as_bytes(), "p.json", built_in_facts(), false).profiles[0];
    let mut wanted = request("“量子补助”");
    wanted.filters = vec![("kind".into(), "item".into())];
    let inquiry = Inquiry { request: &wanted, sort: Sort::Relevance, profile: Some(profile), tenant: "" };
    assert!(!engine.save_search(SearchOwner::Holder, " 量子 ", &inquiry, Some(PROFILE.to_owned())).unwrap());

    let run = |engine: &Engine| engine.run_search(SearchOwner::Holder, "量子", 10).unwrap().unwrap();
    let nothing = run(&engine);
    assert!(nothing.new.is_empty() && nothing.changed.is_empty() && nothing.gone.is_empty());
    assert_eq!(nothing.answer.found.total, 2);
    import(&engine, folder.path(), &[("a.yaml", item("q-a", 1000)), ("c.yaml", item("q-c", 10))]);
    let first = run(&engine);
    assert_eq!(
        (first.new, first.changed, first.gone.len()),
        (vec!["q-c".to_owned()], vec!["q-a".to_owned()], 0)
    );
    assert_eq!(first.verdicts.len(), 1);
    assert_eq!(
        (first.verdicts[0].from, first.verdicts[0].to),
        (Some(Verdict::Eligible), Some(Verdict::Ineligible))
    );
    // it is reported once
    let again = run(&engine);
    assert!(again.new.is_empty() && again.changed.is_empty() && again.verdicts.is_empty());
    // a title without the words is no longer found
    let other = item("q-b", 10).replace("量子补助q-b", "别的事项");
    import(&engine, folder.path(), &[("b.yaml", other)]);
    assert_eq!(run(&engine).gone, ["q-b"]);
    // it survives the process, and a new one with the same name replaces it
    drop(engine);
    let engine = open(&folder.path().join("data"));
    assert_eq!(engine.saved_searches(SearchOwner::Holder).unwrap()[0].profile.as_deref(), Some(PROFILE));
    let plain = request("补贴");
    let inquiry = Inquiry { request: &plain, sort: Sort::Date, profile: None, tenant: "" };
    assert!(engine.save_search(SearchOwner::Holder, "量子", &inquiry, None).unwrap());
    assert_eq!(engine.saved_searches(SearchOwner::Holder).unwrap().len(), 1);
    assert!(
        engine.remove_search(SearchOwner::Holder, "量子").unwrap()
            && !engine.remove_search(SearchOwner::Holder, "量子").unwrap()
    );
    assert!(engine.run_search(SearchOwner::Holder, "量子", 10).unwrap().is_none());
}

#[test]
fn concurrent_writes_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let engines: Vec<Engine> = (0..3).map(|_| open(&folder.path().join("data"))).collect();
    std::thread::scope(|scope| {
        for (number, engine) in engines.iter().enumerate() {
            scope.spawn(move || {
                for turn in 0..8 {
                    let wanted = request("补贴");
                    let inquiry =
                        Inquiry { request: &wanted, sort: Sort::Relevance, profile: None, tenant: "" };
                    engine
                        .save_search(SearchOwner::Holder, &format!("s{number}-{turn}"), &inquiry, None)
                        .unwrap();
                    engine.run_search(SearchOwner::Holder, &format!("s{number}-{turn}"), 1).unwrap().unwrap();
                    if turn % 2 == 0 {
                        assert!(
                            engine.remove_search(SearchOwner::Holder, &format!("s{number}-{turn}")).unwrap()
                        );
                    }
                }
            });
        }
    });
    let names: Vec<String> =
        engines[0].saved_searches(SearchOwner::Holder).unwrap().into_iter().map(|one| one.name).collect();
    let expected: Vec<String> =
        (0..3).flat_map(|number| [1, 3, 5, 7].map(|turn| format!("s{number}-{turn}"))).collect();
    assert_eq!(names, expected);
}

#[test]
fn invalid_names_and_damaged_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let engine = open(&data);
    let wanted = request("补贴");
    let inquiry = Inquiry { request: &wanted, sort: Sort::Relevance, profile: None, tenant: "" };
    for name in ["", "  ", "a\nb", &"长".repeat(65)] {
        assert!(engine.save_search(SearchOwner::Holder, name, &inquiry, None).is_err(), "{name}");
    }
    engine.save_search(SearchOwner::Holder, "一", &inquiry, None).unwrap();
    std::fs::write(data.join("searches.json"), "{").unwrap();
    let error = engine.save_search(SearchOwner::Holder, "二", &inquiry, None).unwrap_err().to_string();
    assert!(error.contains("searches.json"), "{error}");
    assert_eq!(
        std::fs::read(data.join("searches.json")).unwrap(),
        b"{",
        "what cannot be read is not replaced"
    );
    assert!(engine.search_for(&inquiry).unwrap().found.total > 0);
}
