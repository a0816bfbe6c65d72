//! Any text as a search query over the built-in catalogue, and as a prefix for suggestions. Search never rejects a
//! query, and highlights are inside the text they belong to.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use zhaoren_engine::{Engine, SearchRequest, Silent};

static ENGINE: LazyLock<(tempfile::TempDir, Engine)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a data directory");
    let (engine, problems) = Engine::open(folder.path(), &Silent).expect("the seeds load");
    assert!(problems.is_empty(), "{problems:?}");
    (folder, engine)
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let request =
        SearchRequest { query: text.to_owned(), limit: 5, explain: true, ..SearchRequest::default() };
    ENGINE.1.search(&request).expect("every question has an answer");
    ENGINE.1.suggest(text, 5, "").expect("every beginning has an answer");
});
