//! Explained scores: the steps give the score, the terms give the steps, and an explanation changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_engine::{Engine, Hit, SearchRequest, Silent};

/// Float sums in another order differ in the last digits.
fn near(a: f32, b: f32) -> bool {
    (a - b).abs() <= 2e-3 * a.abs().max(b.abs()).max(1.0)
}

fn check(query: &str, hit: &Hit) -> (usize, usize) {
    let explained = hit.explain.as_ref().unwrap_or_else(|| panic!("{query}: {} is not explained", hit.id));
    let mut score = 0.0_f32;
    let mut terms = 0;
    for step in &explained.steps {
        assert!(!step.why.is_empty(), "{query}: {step:?}");
        match (step.adds, step.times) {
            (Some(adds), None) => score += adds,
            (None, Some(times)) => score *= times,
            _ => panic!("{query}: {step:?}"),
        }
        if !step.terms.is_empty() {
            let sum: f32 = step.terms.iter().map(|term| term.adds).sum();
            assert!(near(sum, step.adds.unwrap()), "{query}: {}: {sum} of {step:?}", hit.id);
            terms += step.terms.len();
        }
    }
    // The recorded steps give the exact score.
    assert!((score - hit.score).abs() <= 1e-5 * score.abs().max(1.0), "{query}: {score} of {explained:?}");
    assert!(near(explained.score, hit.score));
    (explained.steps.len(), terms)
}

#[test]
fn explained_terms_add_up_to_steps_and_score() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(folder.path(), &Silent).unwrap();
    let table = include_str!("../../../tests/queries/golden.tsv");
    let golden =
        table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
    let others = [
        "",
        "\"免申即享\" 补贴",
        "徐汇区",
        "沪府规",
        "国科发火〔2016〕32号 研发费用",
        "补贴 -贷款 地区:上海市",
        "我们公司去年招了好几个应届毕业生请问能不能拿到什么补贴",
        "请问高新技术企业认定之后企业所得税是不是按百分之十五交",
        "😀",
    ];
    let (mut with_terms, mut all) = (0, 0);
    for query in golden.chain(others) {
        let plain = SearchRequest { query: query.into(), limit: 5, ..SearchRequest::default() };
        let asked = SearchRequest { explain: true, ..plain.clone() };
        let (plain, explained) = (engine.search(&plain).unwrap(), engine.search(&asked).unwrap());
        let order = |hits: &[Hit]| -> Vec<(String, u32)> {
            hits.iter().map(|hit| (hit.id.clone(), hit.score.to_bits())).collect()
        };
        assert_eq!(order(&plain.hits), order(&explained.hits), "{query}");
        assert!(plain.hits.iter().all(|hit| hit.explain.is_none()));
        for hit in &explained.hits {
            let (steps, terms) = check(query, hit);
            assert!(steps > 0, "{query}");
            (all, with_terms) = (all + 1, with_terms + usize::from(terms > 0));
        }
    }
    // Hits found by name alone have no terms.
    assert!(with_terms * 10 > all * 9, "{with_terms} of {all} hits have terms");
}
