//! Any bytes as a stored snapshot: accepted or rejected as a whole.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use zhaoren_matcher::Snapshot;
use zhaoren_policy::fact::FactDictionary;

fuzz_target!(|data: &[u8]| {
    let _ = Snapshot::from_bytes(data, Arc::new(FactDictionary::default()));
});
