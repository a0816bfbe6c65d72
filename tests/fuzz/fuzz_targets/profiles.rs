//! Any bytes as a profile: reading and matching end with a result or a named error, and the compiled matcher agrees
//! with the reference.
#![no_main]

use std::sync::LazyLock;

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use zhaoren_matcher::match_item;
use zhaoren_matcher::reference::decide;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_policy::view::View;

/// One item with every kind of leaf.
const ITEM: &str = r#"
id: fuzz
title: 题
criteria:
  any:
    - {fact: employees, at_least: 10, at_most: 300}
    - {fact: revenue, years: 3, take: cagr, at_least: 0.1}
    - {fact: established_on, for_at_least: 3 years}
    - {fact: registered_region, within: ["310104"]}
    - {fact: industry, outside: [K]}
    - {fact: qualifications, has_any: [高新技术企业]}
    - {fact: enterprise_size, one_of: [小型, 微型]}
    - {fact: rd_intensity, more_than: 0.05}
    - {judged: 看}
  count: 4
"#;

static ITEMS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    let (items, report) = read_items(ITEM, "item.yaml", FactDictionary::built_in());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    items.into_iter().map(|(item, _)| item).collect()
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(node) = syntax::json(text) else { return };
    let dictionary = FactDictionary::built_in();
    let mut report = Report::new("profile.json");
    let Some(profile) = Profile::read(&node, dictionary, false, &mut report) else { return };
    let view = View::new(&profile, dictionary, date(2026, 11, 23));
    for item in ITEMS.iter() {
        let found = match_item(item, &view).expect("the item is compiled");
        assert_eq!(Ok(found.verdict), decide(&item.criteria, &view));
    }
});
