//! Any text as criteria in Chinese: parsed, or rejected with a named problem. Parsed criteria are written as text that
//! parses to the same tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhaoren_policy::criterion::{read_canonical, write_canonical};
use zhaoren_policy::fact::FactDictionary;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let dictionary = FactDictionary::built_in();
    let (read, report) = read_canonical(text, "criteria.txt", dictionary);
    let Some(read) = read else {
        assert!(!report.problems.is_empty(), "refused without a reason");
        return;
    };
    let written = write_canonical(&read, dictionary);
    let (again, report) = read_canonical(&written, "written.txt", dictionary);
    assert_eq!(again.as_ref(), Some(&read), "{written}\n{:?}", report.problems);
});
