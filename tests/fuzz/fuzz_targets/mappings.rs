//! Any text as a mapping of source columns and as additions to the fact dictionary: accepted, or rejected with named problems.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_push::table::Mapping;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(problems) = Mapping::read(text, "mapping.yaml", FactDictionary::built_in()) {
        assert!(!problems.is_empty(), "refused without a reason");
    }
    let mut dictionary = FactDictionary::built_in().clone();
    dictionary.extend_from(text, "facts.yaml");
});
