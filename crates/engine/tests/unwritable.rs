//! An index that cannot be written: the records are stored, matching uses them, and a search reports its index.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;

use zhaoren_engine::{Engine, EngineError, Principal, SearchRequest, Silent};

fn open(data: &Path) -> Engine {
    Engine::open(data, &Silent).unwrap().0
}

fn found(engine: &Engine) -> (usize, Vec<String>) {
    let request = SearchRequest { query: "“量子补助”".into(), limit: 10, ..SearchRequest::default() };
    let found = engine.search(&request).unwrap();
    (found.total, found.notes)
}

fn item(folder: &Path, id: &str) -> std::path::PathBuf {
    let path = folder.join(format!("{id}.yaml"));
    let text = format!("- id: {id}\n  title: 量子补助{id}\n  criteria: {{fact: employees, at_least: 10}}\n");
    std::fs::write(&path, text).unwrap();
    path
}

/// An import whose index fails reports which parts were stored.
#[test]
fn imports_report_a_failed_index() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let engine = open(&data);
    engine.import(&[item(folder.path(), "q-a")], &Silent).unwrap();
    assert_eq!(found(&engine), (1, Vec::new()));
    // No generation can be begun: its lock is no file.
    let lock = data.join("generation/.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    let failed = engine.import(&[item(folder.path(), "q-b")], &Silent).unwrap_err();
    let EngineError::NotIndexed { .. } = &failed else { panic!("{failed}") };
    let said = failed.to_string();
    assert!(said.contains("已收入登记库") && said.contains("事项 1 项") && said.contains(".lock"), "{said}");
    let behind = |engine: &Engine| {
        assert!(engine.rules().item("q-b").is_some(), "it is matched");
        let (total, notes) = found(engine);
        assert_eq!((total, notes.len()), (1, 1), "{notes:?}");
        assert!(notes[0].contains("检索沿用") && !notes[0].contains("损坏"), "{notes:?}");
        assert!(!notes[0].contains(data.to_str().unwrap()), "a caller is told no path: {notes:?}");
        assert_eq!(engine.notes(), notes);
    };
    behind(&engine);
    assert_eq!(engine.refresh().unwrap(), (false, Vec::new()), "nothing is tried again at once");
    // Another process starts on the last undamaged index.
    behind(&open(&data));
    let withdrawn = engine.withdraw("q-b", "重复", &Principal::local(), None).unwrap_err();
    assert!(withdrawn.to_string().contains("撤下 `q-b`，已收入登记库"), "{withdrawn}");
    assert!(engine.rules().item("q-b").is_none(), "it is withdrawn all the same");
    std::fs::remove_dir(&lock).unwrap();
    engine.import(&[item(folder.path(), "q-b"), item(folder.path(), "q-c")], &Silent).unwrap();
    assert_eq!(found(&engine), (3, Vec::new()));
    assert_eq!(found(&open(&data)), (3, Vec::new()));
}

/// If an entry of the folder cannot be read, nothing is reported as deleted.
#[test]
fn deletion_reads_every_saved_search() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    std::fs::create_dir_all(folder.path().join("searches")).unwrap();
    std::fs::write(folder.path().join("searches/00.json"), "{").unwrap();
    let who = Principal::local();
    assert!(engine.records().forget(&who.write_context(zhaoren_engine::now()), "e").is_err());
}
