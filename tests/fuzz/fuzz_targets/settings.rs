//! Any text as the configuration of message channels: accepted, or rejected with named faults.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use zhaoren_engine::Channels;

static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for the file"));

fuzz_target!(|data: &[u8]| {
    let path = FOLDER.path().join("channels.toml");
    std::fs::write(&path, data).expect("the file is written");
    if let Err(faults) = Channels::open(&path) {
        assert!(!faults.is_empty(), "refused without a reason");
    }
});
