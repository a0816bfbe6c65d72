//! Measures the calls behind `/v1/match` and `/v1/search` inside the process, on two threads: the baseline with which
//! `benches/load.sh` compares the server.
//!
//!     inside DATA PROFILE SECONDS
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement that prints, and stops at the first surprise"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use zhaoren_engine::{Engine, Inquiry, MatchOptions, SearchRequest, Silent, Sort, parse_date, read_profiles};

/// As many threads as the load client has connections.
const THREADS: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, profile, seconds] = arguments.as_slice() else {
        return println!("inside DATA PROFILE SECONDS");
    };
    let (engine, _) = Engine::open(Path::new(data), &Silent).expect("a data directory");
    let body = std::fs::read(profile).expect("a profile");
    let time = Duration::from_secs(seconds.parse().expect("seconds"));
    let as_of = parse_date("2026-07-01").expect("a day");
    let options = MatchOptions { as_of, all: false, limit: 20, bundle: true };
    measure("match", time, || {
        let rules = engine.rules();
        let read = read_profiles(&body, "request.json", rules.dictionary(), false);
        let reports = read.profiles.iter().map(|profile| rules.match_profile(profile, options).0);
        reports.map(|report| serde_json::to_value(report).map_or(0, |json| json.to_string().len())).sum()
    });
    let request = SearchRequest { query: "补贴".to_owned(), limit: 10, ..SearchRequest::default() };
    let inquiry = Inquiry { request: &request, sort: Sort::default(), profile: None, tenant: "" };
    measure("search", time, || {
        let found = engine.search_for(&inquiry).expect("an answer");
        serde_json::to_value(found).map_or(0, |json| json.to_string().len())
    });
}

/// Calls `call` on every thread for `time`, and prints the throughput.
fn measure(name: &str, time: Duration, call: impl Fn() -> usize + Sync) {
    let one = || {
        let (begun, mut took) = (Instant::now(), Vec::new());
        while begun.elapsed() < time {
            let at = Instant::now();
            assert!(call() > 0, "an answer");
            took.push(at.elapsed());
        }
        took
    };
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(one)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    took.sort_unstable();
    let at = |share: f64| {
        let place = (took.len() as f64 * share) as usize;
        took.get(place.min(took.len().saturating_sub(1))).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    let rate = took.len() as f64 / time.as_secs_f64();
    println!("{name}: p50 {:.2} ms, p99 {:.2} ms, {rate:.1} a second", at(0.5), at(0.99));
}
