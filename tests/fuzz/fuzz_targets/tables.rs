//! Any bytes as a table of enterprises, in the format selected by the first byte. Each row is an enterprise or a reject.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_push::table::{Enterprises, TableOptions};

const ENDINGS: [&str; 7] = ["csv", "jsonl", "json", "parquet", "xlsx", "tsv", "ods"];

static FACTS: LazyLock<Arc<FactDictionary>> = LazyLock::new(|| Arc::new(FactDictionary::built_in().clone()));
static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().expect("a folder for the tables"));

fuzz_target!(|data: &[u8]| {
    let Some((first, table)) = data.split_first() else { return };
    let ending = ENDINGS[usize::from(*first) % ENDINGS.len()];
    let path = FOLDER.path().join(format!("table.{ending}"));
    std::fs::write(&path, table).expect("the table is written");
    let Ok(enterprises) = Enterprises::open(&[path], TableOptions::default(), Arc::clone(&FACTS)) else {
        return;
    };
    for chunk in enterprises.chunks() {
        let Ok(chunk) = chunk else { break };
        let rows = enterprises.read(&chunk);
        assert_eq!(rows.accepted.len() as u64 + rows.rejected, chunk.len() as u64);
        assert_eq!(rows.rejected > 0, !rows.rejects.is_empty());
    }
});
