//! An incremental build gives the hits of a full build, whatever entries were added and removed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use zhaoren_indexer::{
    AnsweredQuestion, BuildOptions, Entry, EntryKind, Index, IndexError, Lexicon, SearchRequest, build_with,
    generations, roll_back, update, verify,
};
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::Document;

const WORDS: [&str; 12] = [
    "研发费用",
    "加计扣除",
    "稳岗",
    "补贴",
    "小微企业",
    "贷款",
    "贴息",
    "申报",
    "机器人",
    "算力",
    "徐汇区",
    "奖励",
];

/// An entry whose words are determined by its seed.
fn entry(id: u8, seed: u32) -> Entry {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(u32::from(id));
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        WORDS[(state >> 16) as usize % WORDS.len()]
    };
    let title = format!("{}{}办法", word(), word());
    let mut text = String::new();
    let mut clauses = Vec::new();
    for number in 1..=2 + seed as usize % 60 {
        let start = text.len();
        text.push_str(&format!("第{number}条 对{}给予{}，{}。\n", word(), word(), word()));
        let span = start..text.len() - 1;
        clauses.push(Clause {
            kind: ClauseKind::Paragraph,
            label: String::new(),
            article: format!("第{number}条"),
            heading: None,
            parent: None,
            span: span.clone(),
            extent: span,
        });
    }
    Entry {
        id: format!("d{id}"),
        kind: if id.is_multiple_of(3) { EntryKind::Item } else { EntryKind::Document },
        title,
        document: Document::default(),
        text,
        clauses,
        methods: Vec::new(),
        delivery: None,
        tags: vec![word().to_owned()],
        aka: Vec::new(),
    }
}

fn making() -> BuildOptions {
    let answered =
        |question: &str, entry: &str| AnsweredQuestion { question: question.into(), entry: entry.into() };
    let asked =
        vec![answered("小企业借钱贴补", "d1"), answered("招人发钱吗", "d3"), answered("招人发钱吗", "d4")];
    BuildOptions {
        lexicon: Lexicon::built_in(),
        source: "s".into(),
        revisions: BTreeMap::new(),
        answered_questions: asked,
        max_generations: 3,
    }
}

/// All observable results of queries for all words, in order, with scores to four decimals.
fn answers(root: &Path) -> Vec<String> {
    answers_of(&Index::open(root).unwrap())
}

fn answers_of(index: &Index) -> Vec<String> {
    let mut answers = Vec::new();
    for query in WORDS.iter().copied().chain([
        "小微企业 贷款贴息",
        "\"补贴\" 研发费用",
        "",
        "稳岗 奖励 怎么申报",
        "小微企业贷款贴息怎么申报补贴",
    ]) {
        let request = SearchRequest { query: query.into(), limit: 50, ..SearchRequest::default() };
        let mut found = index.search(&request).unwrap();
        let mut rows = Vec::new();
        for hit in &mut found.hits {
            let rounded = (f64::from(hit.score) * 1e4).round() as i64;
            hit.score = 0.0;
            rows.push((rounded, hit.id.clone(), serde_json::to_string(hit).unwrap()));
        }
        answers.push(format!("{query} {} {:?} {rows:?}", found.total, found.facets));
    }
    answers
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<(u8, u32)>),
    Take(Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec((0..12_u8, 0..200_u32), 1..5).prop_map(Step::Put),
        1 => prop::collection::vec(0..12_u8, 1..4).prop_map(Step::Take),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_updates_equal_one_build(steps in prop::collection::vec(step(), 1..14)) {
        let (stepwise, at_once) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut held: BTreeMap<(EntryKind, String), Entry> = BTreeMap::new();
        let making = making();
        build_with(stepwise.path(), &[], &making, &|_| {}).unwrap();
        for step in steps {
            let base = Index::open(stepwise.path()).unwrap();
            let (mut changed, mut removed) = (BTreeMap::new(), Vec::new());
            match step {
                Step::Put(put) => {
                    for (id, seed) in put {
                        let entry = entry(id, seed);
                        changed.insert((entry.kind, entry.id.clone()), entry);
                    }
                }
                Step::Take(ids) => removed.extend(ids.into_iter().map(|id| (entry(id, 0).kind, format!("d{id}")))),
            }
            removed.iter().for_each(|one| drop(held.remove(one)));
            held.extend(changed.clone());
            let changed: Vec<Entry> = changed.into_values().collect();
            update(stepwise.path(), &base, &changed, &removed, &making, &|_| {}).unwrap();
        }
        let all: Vec<Entry> = held.into_values().collect();
        build_with(at_once.path(), &all, &making, &|_| {}).unwrap();
        prop_assert_eq!(answers(stepwise.path()), answers(at_once.path()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn additions_equal_a_build_of_everything(
        seeds in prop::collection::vec((0..200_u32, any::<bool>()), 1..14)
    ) {
        let (beside, at_once) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // The model learnt from past questions belongs to the generation alone.
        let making = BuildOptions { answered_questions: Vec::new(), ..making() };
        let entries: Vec<(Entry, bool)> = (0..).zip(seeds).map(|(id, (seed, own))| (entry(id, seed), own)).collect();
        let of = |wanted: &dyn Fn(bool) -> bool| -> Vec<Entry> {
            entries.iter().filter(|(_, own)| wanted(*own)).map(|(entry, _)| entry.clone()).collect()
        };
        build_with(beside.path(), &of(&|own| !own), &making, &|_| {}).unwrap();
        build_with(at_once.path(), &of(&|_| true), &making, &|_| {}).unwrap();
        let base = Index::open(beside.path()).unwrap();
        let before = answers_of(&base);
        let with = base.with_entries(&of(&|own| own)).unwrap();
        prop_assert_eq!(answers_of(&with), answers(at_once.path()));
        prop_assert_eq!(answers_of(&base), before, "the generation itself is as it was");
        verify(beside.path(), base.number()).unwrap();
    }
}

#[test]
fn open_generations_outlive_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    build_with(folder.path(), &[entry(1, 7)], &making(), &|_| {}).unwrap();
    let base = Index::open(folder.path()).unwrap();
    let before = answers_of(&base.with_entries(&[entry(2, 7)]).unwrap());
    std::fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(answers_of(&base.with_entries(&[entry(2, 7)]).unwrap()), before);
}

#[test]
fn additions_never_enter_the_next_generation() {
    let folder = tempfile::tempdir().unwrap();
    build_with(folder.path(), &[entry(1, 7)], &making(), &|_| {}).unwrap();
    let with = Index::open(folder.path()).unwrap().with_entries(&[entry(2, 7)]).unwrap();
    let refused = update(folder.path(), &with, &[], &[], &making(), &|_| {});
    assert!(matches!(refused, Err(IndexError::Incompatible { .. })));
}

#[test]
fn unchanged_segments_are_not_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let entries: Vec<Entry> = (0..9).map(|id| entry(id, 7)).collect();
    build_with(root, &entries, &making(), &|_| {}).unwrap();
    let base = Index::open(root).unwrap();
    let heard = std::cell::Cell::new(0);
    update(root, &base, &[entry(20, 3)], &[], &making(), &|done| heard.set(done)).unwrap();
    assert_eq!(heard.get(), 1, "one entry is cut");
    let next = Index::open(root).unwrap();
    assert_eq!((next.manifest().entries, next.manifest().base), (10, Some(1)));
    let segment = |name: &&String| name.ends_with(".idx") || name.ends_with(".store");
    for name in base.manifest().files.keys().filter(segment) {
        assert_eq!(base.manifest().files[name], next.manifest().files[name], "{name} is taken over");
    }
    let mut other = making();
    other.lexicon.words.push("别的词".into());
    let refused = update(root, &next, &[], &[], &other, &|_| {});
    assert!(matches!(refused, Err(IndexError::Incompatible { .. })), "words would be cut in two ways");
}

#[test]
fn generations_are_retained_and_selectable() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for count in 1..=4_u8 {
        let entries: Vec<Entry> = (0..count).map(|id| entry(id, 1)).collect();
        build_with(root, &entries, &making(), &|_| {}).unwrap();
    }
    let numbers = |root: &Path| -> Vec<(u64, bool)> {
        generations(root).unwrap().iter().map(|one| (one.number, one.current)).collect()
    };
    assert_eq!(numbers(root), [(4, true), (3, false), (2, false)], "three are kept");
    assert_eq!(roll_back(root, None, |_| false).unwrap(), 3);
    assert_eq!(Index::open(root).unwrap().manifest().entries, 3);
    assert!(generations(root).unwrap()[1].pinned);
    assert_eq!(roll_back(root, None, |_| false).unwrap(), 2, "again means further back");
    assert!(matches!(roll_back(root, None, |_| false), Err(IndexError::NoGeneration { .. })));
    assert!(matches!(roll_back(root, Some(1), |_| false), Err(IndexError::NoGeneration { .. })));
    assert_eq!(roll_back(root, Some(4), |source| source == "s").unwrap(), 4);
    assert!(!generations(root).unwrap()[0].pinned, "it holds what its source holds");
    // A damaged generation is not selected, and the pointer is unchanged.
    std::fs::write(root.join("generation/000003/cards.jsonl"), "x").unwrap();
    assert!(roll_back(root, Some(3), |_| true).is_err());
    assert_eq!(Index::open(root).unwrap().number(), 4);
}
