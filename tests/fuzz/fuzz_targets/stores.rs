//! Any bytes as a columnar store and as the state of a finished run: accepted or rejected as a whole.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_push::RunEnterprises;
use zhaoren_push::store::Store;

static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for the files"));

fuzz_target!(|data: &[u8]| {
    let store = FOLDER.path().join("enterprises.store");
    std::fs::write(&store, data).expect("the store is written");
    let _ = Store::open(&store, FactDictionary::built_in());
    for file in ["state.entries", "state.rules.json", "manifest.json", "_SUCCESS"] {
        std::fs::write(FOLDER.path().join(file), data).expect("the state is written");
    }
    let _ = RunEnterprises::open(FOLDER.path(), FactDictionary::built_in());
    let _ = zhaoren_push::run_items(FOLDER.path());
});
