//! Stored records that were damaged: each is an error with its name, and never an answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::future::Future;
use std::path::Path;
use std::sync::Mutex;

use zhaoren_engine::{
    Engine, EngineError, Inquiry, MatchOptions, Outcome, Principal, Progress, ReceiptCatalogue, Records,
    SearchOwner, SearchRequest, Silent, Sort, Stage, built_in_facts, now, read_profiles, today,
};
use zhaoren_registry::{DocumentRecord, ItemRecord, Registry};

/// Does something to the registry behind the engine's back.
fn behind<F: Future>(data: &Path, work: impl FnOnce(Registry) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let registry = Registry::open(&data.join("registry.sqlite")).await.unwrap();
        work(registry).await
    })
}

/// Text of the error as an operator reads it.
#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl Progress for Said {
    fn at(&self, _: Stage, _: usize, _: usize) {}

    fn notice(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

/// The error is of a record that cannot be read, and its text has all these words.
fn names(error: &EngineError, words: &[&str]) {
    assert!(matches!(error, EngineError::Unreadable { .. }), "{error:?}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn malformed_document_metadata_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(folder.path(), &Silent).unwrap();
    let body = "关于支持量子产业的办法\n\n第一条　支持量子产业。\n".as_bytes().to_vec();
    let record = |metadata: &str| DocumentRecord {
        id: "quantum".to_owned(),
        source: "q.txt".to_owned(),
        metadata: metadata.to_owned(),
        body: body.clone(),
    };
    let write = |metadata: &str| {
        let record = record(metadata);
        behind(folder.path(), async move |registry| {
            registry.write(&Principal::local().write_context(now()), &[record], &[]).await.unwrap();
        });
    };
    write("{\"title\": \"量子办法\"}");
    assert!(engine.policy("quantum").unwrap().unwrap().to_string().contains("量子办法"));
    write("{\"title\": \"量子");
    names(&engine.policy("quantum").unwrap_err(), &["文件元数据", "quantum"]);
    // Nor is it taken into an index with a title that was guessed: the index before is used, and why is said.
    drop(engine);
    let said = Said::default();
    let (engine, _) = Engine::open(folder.path(), &said).unwrap();
    let said = said.0.into_inner().unwrap().join("\n");
    assert!(said.contains("文件元数据 `quantum`"), "{said}");
    let found =
        engine.search(&SearchRequest { query: "量子".into(), limit: 1, ..SearchRequest::default() });
    assert!(found.unwrap().notes.iter().any(|note| note.contains("可能缺少最近导入的内容")));
}

#[test]
fn malformed_item_body_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let given = folder.path().join("q.json");
    let text = r#"{"id": "q", "title": "量子补助", "criteria": {"fact": "employees", "at_least": 10}}"#;
    std::fs::write(&given, text).unwrap();
    let data = folder.path().join("data");
    let (engine, _) = Engine::open(&data, &Silent).unwrap();
    engine.import(&[given], &Silent).unwrap();
    assert_eq!(engine.policy("q").unwrap().unwrap()["title"], "量子补助");
    behind(&data, async |registry| {
        let item = ItemRecord {
            id: "q".to_owned(),
            tenant: String::new(),
            source: "q.json".to_owned(),
            body: text.chars().take(20).collect(),
        };
        registry.write(&Principal::local().write_context(now()), &[], &[item]).await.unwrap();
    });
    names(&engine.policy("q").unwrap_err(), &["事项", "`q`"]);
}

#[test]
fn malformed_decision_detail_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(folder.path()).unwrap();
    let who = Principal::local_caseworker("");
    let write = |enterprise: &str, detail: &str| {
        let outcome = Outcome {
            enterprise: enterprise.to_owned(),
            item: "q".to_owned(),
            item_digest: String::new(),
            event: "decided".to_owned(),
            at: 0,
            detail: detail.to_owned(),
        };
        records.record_outcomes(&who.write_context(now()), &[outcome]).unwrap();
    };
    write("sound", "{\"approved\": true}");
    write("silent", "");
    write("damaged", "{\"approved\": tr");
    assert!(records.received_benefits(&who, "sound", today()).is_ok());
    assert!(records.received_benefits(&who, "silent", today()).is_ok());
    names(
        &records.received_benefits(&who, "damaged", today()).unwrap_err(),
        &["台账事件", "damaged q decided"],
    );
}

#[test]
fn malformed_saved_profile_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(folder.path(), &Silent).unwrap();
    let text = r#"{"id": "e", "facts": {"employees": 86}}"#;
    let profile = &read_profiles(text.as_bytes(), "p.json", built_in_facts(), false).profiles[0];
    let request = SearchRequest { query: "补助".into(), limit: 1, ..SearchRequest::default() };
    let inquiry = Inquiry { request: &request, sort: Sort::Relevance, profile: Some(profile), tenant: "" };
    engine.save_search(SearchOwner::Holder, "补助", &inquiry, Some(text.to_owned())).unwrap();
    let file = folder.path().join("searches.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    assert!(whole.contains("\\\"facts\\\""), "{whole}");
    std::fs::write(&file, whole.replace("\\\"facts\\\"", "facts")).unwrap();
    let who = Principal::local();
    let error = engine.records().forget(&who.write_context(now()), "e").unwrap_err().to_string();
    for word in ["searches.json", "`补助`", "读不懂"] {
        assert!(error.contains(word), "{word}: {error}");
    }
    // Once it is mended the facts go with it.
    std::fs::write(&file, whole).unwrap();
    engine.records().forget(&who.write_context(now()), "e").unwrap();
    assert!(engine.saved_searches(SearchOwner::Holder).unwrap().is_empty());
}

#[test]
fn malformed_item_beside_a_receipt_is_an_error() {
    let catalogue = |items: &[&str]| ReceiptCatalogue {
        rules: String::new(),
        facts: Vec::new(),
        items: items.iter().map(|&item| item.to_owned()).collect(),
        evidence: zhaoren_engine::Evidence::default(),
    };
    let sound = r#"{"id": "q", "title": "量子补助", "criteria": {"fact": "employees", "at_least": 10}}"#;
    let rules = catalogue(&[sound]).rules().unwrap().unwrap();
    let profile = &read_profiles(b"{\"id\": \"e\"}", "p.json", built_in_facts(), false).profiles[0];
    let options = MatchOptions { as_of: today(), all: true, limit: 1, bundle: false };
    assert_eq!(rules.match_profile(profile, options).0.matches.len(), 1);
    for damaged in ["{", "{\"id\": \"q\"}"] {
        let error = catalogue(&[sound, damaged]).rules().map(|_| ()).unwrap_err();
        names(&error, &["凭据目录中的事项", "第 2 项"]);
    }
}
