//! Any bytes as a file of items: loading and compiling end with a result or a named error, within their budgets.
//!
//! `cargo +nightly fuzz run items -- -max_total_time=600 -timeout=20` from `tests/fuzz`'s parent folder with
//! `--fuzz-dir tests/fuzz`, or see its README.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use zhaoren_matcher::check::check;
use zhaoren_matcher::compiled::{CompiledItems, EvaluationDay, Plan};
use zhaoren_matcher::match_item;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::view::View;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let dictionary = FactDictionary::built_in();
    let day = date(2026, 11, 23);
    let profile = Profile::default();
    let view = View::new(&profile, dictionary, day);
    for file in ["items.yaml", "items.json", "items.jsonl"] {
        let (items, _) = read_items(text, file, dictionary);
        let moment = EvaluationDay { as_of: day, last_year: 2025 };
        let (_, _) = CompiledItems::compile(items.iter().map(|(item, _)| &item.criteria), dictionary, moment);
        for (item, _) in &items {
            check(&item.criteria, dictionary, day);
            if let (Ok(plan), Ok(found)) =
                (Plan::compile(&item.criteria, dictionary, moment), match_item(item, &view))
            {
                assert_eq!(plan.decide(&view), found.verdict);
            }
        }
    }
});
