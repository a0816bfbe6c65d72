//! Latency of the match API: reading the profile's facts, every verdict, the best twenty explained; and the time until
//! a stored catalogue is ready.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml --bin online -- 100000
//! ```
//!
//! The baseline in the same run is the naive way: every item explained by itself (`match_item`), and every item read from
//! its JSON and compiled.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the program prints a table, and stops at the first surprise"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use zhaoren_matcher::compiled::Verdicts;
use zhaoren_matcher::{Library, Selection, Snapshot, match_item};
use zhaoren_peers::world::{Knobs, World};
use zhaoren_policy::criterion::{Compare, Criterion, DateCompare, Leaf, Node, Span, Test};
use zhaoren_policy::item::{Item, read_item};
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;

/// Number of profiles.
const PROFILES: usize = 200;
const TOP: Selection = Selection { all: false, limit: 20, bundle: false };

fn main() {
    let items = std::env::args().nth(1).map_or(10_000, |word| word.parse().unwrap());
    let world = World::new(Knobs { items, profiles: PROFILES, ..Knobs::default() });
    let dictionary = Arc::new(world.dictionary.clone());
    let bodies: Vec<(Item, String)> =
        world.items.iter().map(|item| (item.clone(), body(item).to_string())).collect();
    let texts: Vec<String> = bodies.iter().map(|(_, body)| body.clone()).collect();
    let snapshot =
        Snapshot::compile(Arc::new(Library::with_bodies(bodies, Arc::clone(&dictionary))), world.as_of);

    let begun = Instant::now();
    let read: Vec<Item> = texts
        .iter()
        .map(|text| read_item(&syntax::json(text).unwrap(), &dictionary, &mut Report::new("item")).unwrap())
        .collect();
    let reading = begun.elapsed();
    assert!(read.iter().zip(&world.items).all(|(read, item)| read.criteria == item.criteria));
    let begun = Instant::now();
    let again = Snapshot::compile(Arc::new(Library::new(read, Arc::clone(&dictionary))), world.as_of);
    let compiling = begun.elapsed();
    drop(again);
    let begun = Instant::now();
    let bytes = snapshot.to_bytes("bench").unwrap();
    let storing = begun.elapsed();
    let folder = std::env::temp_dir().join(format!("zhaoren-online-{}", std::process::id()));
    std::fs::write(&folder, &bytes).unwrap();
    let begun = Instant::now();
    let bytes = std::fs::read(&folder).unwrap();
    let (stored, _) = Snapshot::from_bytes(&bytes, dictionary).unwrap();
    let loading = begun.elapsed();
    std::fs::remove_file(&folder).unwrap();
    println!("{items} items: {:.1} MB as JSON, {:.1} MB stored", size(&texts), bytes.len() as f64 / 1e6);
    println!("  read from JSON {reading:.2?}, compile {compiling:.2?}; store {storing:.2?}");
    println!(
        "  ready from a file {loading:.2?}: {:.1} x sooner than reading and compiling",
        (reading + compiling).as_secs_f64() / loading.as_secs_f64()
    );

    let (mut encode, mut decide, mut report, mut plain) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut verdicts = Verdicts::default();
    for profile in &world.profiles {
        stored.match_profile(profile, TOP);
    }
    for (at, profile) in world.profiles.iter().enumerate() {
        let view = stored.view(profile);
        let encoded = timed(&mut encode, || stored.catalogue().encode(&view));
        timed(&mut decide, || stored.catalogue().verdicts(&encoded, &mut verdicts));
        let (found, _) = timed(&mut report, || stored.match_profile(profile, TOP));
        // The naive way is slow: a few profiles suffice to time it, and to compare the answers.
        if at < 3 {
            let all = timed(&mut plain, || {
                world.items.iter().map(|item| match_item(item, &view).unwrap()).collect::<Vec<_>>()
            });
            for found in &found.matches {
                let alone = all.iter().find(|one| one.policy == found.policy).unwrap();
                assert_eq!((found.verdict, &found.clauses), (alone.verdict, &alone.clauses));
            }
        }
    }
    let median = |times: &[Duration], at: f64| {
        let mut times = times.to_vec();
        times.sort_unstable();
        times[((times.len() - 1) as f64 * at).round() as usize].as_secs_f64() * 1e6
    };
    for (name, times) in [
        ("facts to codes", &encode),
        ("every verdict", &decide),
        ("the best twenty, explained, facts to report", &report),
    ] {
        println!("  {name}: p50 {:.1} µs, p99 {:.1} µs", median(times, 0.5), median(times, 0.99));
    }
    println!(
        "  the plain way, every item explained: p50 {:.0} µs; the report is {:.0} x sooner",
        median(&plain, 0.5),
        median(&plain, 0.5) / median(&report, 0.5)
    );
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    times.push(begun.elapsed());
    done
}

fn size(texts: &[String]) -> f64 {
    texts.iter().map(String::len).sum::<usize>() as f64 / 1e6
}

/// An item in the form of an import.
fn body(item: &Item) -> Json {
    json!({"id": item.id, "title": "样例事项", "criteria": criterion(&item.criteria)})
}

fn criterion(of: &Criterion) -> Json {
    let list = |of: &[Criterion]| of.iter().map(criterion).collect::<Vec<_>>();
    match &of.node {
        Node::All(of) => json!({"all": list(of)}),
        Node::Any { of, count } => json!({"any": list(of), "count": count}),
        Node::Not(of) => json!({"not": criterion(of)}),
        Node::Leaf(of) => leaf(of),
        other => panic!("the world makes no {other:?}"),
    }
}

fn leaf(leaf: &Leaf) -> Json {
    let mut json = json!({"fact": leaf.fact});
    for test in &leaf.tests {
        let (operator, operand) = match test {
            Test::OneOf(values) => ("one_of", values.iter().map(|value| value.to_json()).collect()),
            Test::Number(compare, bound) => (number(*compare), bound.to_json()),
            Test::Date(compare, day) => (date(*compare), json!(day.to_string())),
            Test::Elapsed(span, length) => (elapsed(*span), json!(length.to_string())),
            Test::Within(codes) => ("within", codes.iter().map(ToString::to_string).collect()),
            Test::Outside(codes) => ("outside", codes.iter().map(ToString::to_string).collect()),
            Test::HasAny(tags) => ("has_any", json!(tags)),
            Test::HasAll(tags) => ("has_all", json!(tags)),
            Test::HasNone(tags) => ("has_none", json!(tags)),
        };
        json[operator] = operand;
    }
    json
}

fn number(compare: Compare) -> &'static str {
    match compare {
        Compare::AtLeast => "at_least",
        Compare::AtMost => "at_most",
        Compare::MoreThan => "more_than",
        Compare::LessThan => "less_than",
        Compare::Equals => "equals",
    }
}

fn date(compare: DateCompare) -> &'static str {
    match compare {
        DateCompare::OnOrAfter => "on_or_after",
        DateCompare::OnOrBefore => "on_or_before",
        DateCompare::After => "after",
        DateCompare::Before => "before",
    }
}

fn elapsed(span: Span) -> &'static str {
    match span {
        Span::AtLeast => "for_at_least",
        Span::MoreThan => "for_more_than",
        Span::AtMost => "for_at_most",
        Span::LessThan => "for_less_than",
    }
}
