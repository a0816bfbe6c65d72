//! Filters and facet counts over ten thousand generated items, compared with a naive count.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use jiff::ToSpan;
use jiff::civil::{Date, date};
use zhaoren_indexer::{
    Entry, EntryKind, FACETS, Index, IndexError, Lexicon, SearchRequest, SearchResponse, build,
};
use zhaoren_policy::document::{Document, Level, Status};

/// Region and level of the generated items: nation, cities, districts, streets, parks of two districts.
const PLACES: [(Option<&str>, Level); 9] = [
    (Some("000000"), Level::National),
    (None, Level::National),
    (None, Level::District),
    (Some("310000"), Level::City),
    (Some("310104"), Level::District),
    (Some("310104012000"), Level::Park),
    (Some("310115"), Level::District),
    (Some("310115005000"), Level::Park),
    (Some("320500"), Level::City),
];
const WORDS: [&str; 4] = ["补贴", "贷款", "奖励", "培训"];
const STATUSES: [Status; 4] = [Status::InForce, Status::Draft, Status::Expired, Status::Repealed];

fn entries() -> Vec<Entry> {
    let mut state = 7_u64;
    let mut roll = |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    let day = |roll: &mut dyn FnMut(usize) -> usize| {
        let some = roll(3) > 0;
        let after = roll(2_500) as i64;
        some.then(|| date(2020, 1, 1).saturating_add(after.days()))
    };
    (0..10_000)
        .map(|number| {
            let (published, effective, expires) = (day(&mut roll), day(&mut roll), day(&mut roll));
            let (region, level) = PLACES[roll(PLACES.len())];
            let word = WORDS[roll(WORDS.len())];
            let document = Document {
                region: region.map(str::to_owned),
                level: Some(level),
                issuer: Some(format!("第{}局", roll(5))),
                published,
                effective,
                expires,
                status: STATUSES[roll(STATUSES.len())],
                ..Document::default()
            };
            Entry {
                id: format!("i{number}"),
                kind: EntryKind::Item,
                title: format!("{word}事项"),
                document,
                text: String::new(),
                clauses: Vec::new(),
                methods: vec![("subsidy".into(), "资金补助".into())],
                delivery: None,
                tags: Vec::new(),
                aka: Vec::new(),
            }
        })
        .collect()
}

fn ask(index: &Index, query: &str, filters: &[(&str, &str)]) -> SearchResponse {
    let filters = filters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let request = SearchRequest { query: query.into(), limit: 1, filters, ..SearchRequest::default() };
    index.search(&request).unwrap()
}

/// Independent implementation of applicability: prefix codes, level by level.
fn covers(entry: &Entry, place: &str) -> bool {
    match (entry.document.region.as_deref(), entry.document.level) {
        (None, level) => level == Some(Level::National),
        (Some("000000"), _) => true,
        (Some("310000"), _) => place.starts_with("31"),
        (Some("310104"), _) => place.starts_with("310104"),
        (Some("310115"), _) => place.starts_with("310115"),
        (Some("320500"), _) => place.starts_with("3205"),
        (Some(park), _) => park.starts_with(place.trim_end_matches("00")),
    }
}

fn in_force(entry: &Entry, day: Date) -> bool {
    let Document { status, effective, expires, .. } = &entry.document;
    let over = expires.map_or(*status != Status::InForce, |last| last < day);
    *status != Status::Draft && effective.is_none_or(|first| first <= day) && !over
}

/// Independent implementation of the legal status on a day.
fn standing(entry: &Entry, day: Date) -> &'static str {
    let Document { status, effective, expires, .. } = &entry.document;
    let over = expires.is_some_and(|last| last < day);
    let begun = effective.is_none_or(|first| first <= day);
    match status {
        Status::Draft => "draft",
        Status::Repealed if over || expires.is_none() => "repealed",
        Status::Expired | Status::InForce if over || (expires.is_none() && *status == Status::Expired) => {
            "expired"
        }
        _ if !begun => "not_yet",
        _ => "in_force",
    }
}

#[test]
fn region_counts_add_up_as_a_tree() {
    let folder = tempfile::tempdir().unwrap();
    let entries = entries();
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    let index = Index::open(folder.path()).unwrap();
    let found = ask(&index, "补贴", &[]);
    let regions = &found.facets["region"];
    let parent = |code: &str| regions.iter().find(|one| one.value == code).unwrap().parent.as_deref();
    assert_eq!(parent("310104012000"), Some("310104"));
    assert_eq!(parent("310104"), Some("310000"));
    assert_eq!(parent("310000"), Some("000000"));
    // no entry belongs to 江苏省 itself
    assert_eq!((parent("320500"), parent("320000")), (Some("320000"), Some("000000")));
    assert_eq!(parent("000000"), None);
    for region in regions {
        let below = region.value.trim_end_matches("000").trim_end_matches("00");
        let by_hand = entries.iter().filter(|entry| {
            entry.title.contains("补贴")
                && entry
                    .document
                    .region
                    .as_ref()
                    .is_some_and(|own| own.starts_with(below) || below.is_empty() || below == "0")
        });
        assert_eq!(region.count, by_hand.count(), "{region:?}");
        assert_eq!(ask(&index, "补贴", &[("region", &region.name)]).total, region.count, "{region:?}");
    }
}

#[test]
fn facet_counts_equal_a_manual_count() {
    let folder = tempfile::tempdir().unwrap();
    let entries = entries();
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    let index = Index::open(folder.path()).unwrap();
    let by_hand = |word: &str, passes: &dyn Fn(&Entry) -> bool| {
        entries.iter().filter(|entry| entry.title.contains(word) && passes(entry)).count()
    };
    // A question re-ranks the best: its matches must not depend on the filter.
    for question in ["请问企业怎样申请培训补贴和奖励", "我们公司想要一笔贷款有没有培训事项"]
    {
        let found = ask(&index, question, &[("as_of", "2024-02-29")]);
        assert!(found.total > 500);
        for key in FACETS {
            for value in &found.facets[key] {
                let narrowed = ask(&index, question, &[("as_of", "2024-02-29"), (key, &value.value)]);
                assert_eq!(narrowed.total, value.count, "{question} {key}={}", value.value);
            }
        }
    }
    for word in ["补贴", "培训"] {
        assert_eq!(ask(&index, word, &[]).total, by_hand(word, &|_| true), "{word}");
        for place in ["310104", "310115", "310000", "320500", "000000"] {
            let found = ask(&index, word, &[("covers", place)]);
            assert_eq!(found.total, by_hand(word, &|entry| covers(entry, place)), "{word} for {place}");
            for key in FACETS {
                for value in &found.facets[key] {
                    let narrowed = ask(&index, word, &[("covers", place), (key, &value.value)]);
                    assert_eq!(narrowed.total, value.count, "{word} for {place}, {key}={}", value.value);
                }
            }
        }
        for day in [date(2019, 12, 31), date(2021, 7, 1), date(2024, 2, 29), date(2030, 1, 1)] {
            let found = ask(&index, word, &[("as_of", &day.to_string())]);
            assert_eq!(found.total, by_hand(word, &|entry| in_force(entry, day)), "{word} on {day}");
            let both = ask(&index, word, &[("as_of", &day.to_string()), ("covers", "徐汇区")]);
            let expected = by_hand(word, &|entry| in_force(entry, day) && covers(entry, "310104"));
            assert_eq!(both.total, expected, "{word} on {day} in 徐汇区");
            // the facet counts every legal status on the day; the hits are only those in force
            let mut told = 0;
            for value in &both.facets["standing"] {
                let stands = |entry: &Entry| standing(entry, day) == value.value && covers(entry, "310104");
                assert_eq!(value.count, by_hand(word, &stands), "{word} on {day}: {}", value.value);
                let filters =
                    [("as_of", &*day.to_string()), ("covers", "徐汇区"), ("standing", &value.value)];
                assert_eq!(ask(&index, word, &filters).total, value.count, "{word} on {day}");
                assert_eq!(
                    ask(&index, word, &[filters[0], filters[1], ("standing", &value.name)]).total,
                    value.count
                );
                told += value.count;
            }
            assert_eq!(told, by_hand(word, &|entry| covers(entry, "310104")));
        }
    }
}

#[test]
fn invalid_regions_and_days_are_named() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), &[], &Lexicon::built_in(), &|_| {}).unwrap();
    let index = Index::open(folder.path()).unwrap();
    for (key, value) in [("covers", "不存在的地方"), ("as_of", "2026-02-30"), ("as_of", "")] {
        let filters = vec![(key.to_owned(), value.to_owned())];
        let request = SearchRequest { query: "补贴".into(), limit: 1, filters, ..SearchRequest::default() };
        assert!(matches!(index.search(&request), Err(IndexError::BadFilter { .. })), "{key}={value}");
    }
}
