//! Any bytes as a request body: profiles with inline items, outcomes, receipts, timestamps.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use zhaoren_engine::{
    Body, Moment, Receipt, load_items_in, parse_moment, read_outcome_lines, read_profile_in, read_profile_line,
    read_profiles,
};
use zhaoren_policy::fact::FactDictionary;

fuzz_target!(|data: &[u8]| {
    let dictionary = FactDictionary::built_in();
    let read = read_profiles(data, "request.json", dictionary, false);
    assert!(!read.profiles.is_empty() || read.allows_several || !read.problems.is_empty());
    read_profile_in(data, "profile", "request.json", dictionary);
    for line in data.split(|byte| *byte == b'\n') {
        let (profile, problems) = read_profile_line(line, "request.jsonl", 1, dictionary, true);
        assert!(profile.is_some() || !problems.is_empty(), "refused without a reason");
    }
    let _ = load_items_in(&Body::decode(data), "policies", "request.json", dictionary, date(2026, 11, 23));
    let Ok(text) = std::str::from_utf8(data) else { return };
    read_outcome_lines(text, Moment(1_790_000_000_000));
    let _ = serde_json::from_str::<Receipt>(text);
    let _ = parse_moment(text);
});
