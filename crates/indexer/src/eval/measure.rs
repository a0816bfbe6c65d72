//! Metrics of a ranked list against judgements. Independent of any search: works on ids and grades only.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// Grades of documents for one query; only grades above 0 count as relevant.
pub(crate) type Grades = BTreeMap<String, u32>;

/// Metrics of a search, averaged over queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// nDCG@10: discounted cumulative gain of the first ten over the best possible.
    #[serde(rename = "ndcg@10")]
    pub ndcg_10: f64,
    /// MRR@10: reciprocal rank of the first relevant document among the first ten.
    #[serde(rename = "mrr@10")]
    pub mrr_10: f64,
    /// Recall@1: share of the relevant documents at rank 1.
    #[serde(rename = "recall@1")]
    pub recall_1: f64,
    /// Recall@5: share of the relevant documents among the first five.
    #[serde(rename = "recall@5")]
    pub recall_5: f64,
    /// Recall@10: share of the relevant documents among the first ten.
    #[serde(rename = "recall@10")]
    pub recall_10: f64,
    /// Recall@100: share of the relevant documents among the first hundred.
    #[serde(rename = "recall@100")]
    pub recall_100: f64,
    /// Median query time in microseconds.
    pub p50_us: u64,
    /// 99th percentile of the query time in microseconds.
    pub p99_us: u64,
}

/// Sums over queries.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sums: Scores,
    times: Vec<Duration>,
}

impl Tally {
    /// Adds one query: its ranked ids, best first, and its time.
    pub(crate) fn add(&mut self, ranked: &[&str], grades: &Grades, took: Duration) {
        // A repeated id counts once.
        let mut seen = std::collections::BTreeSet::new();
        let gains: Vec<u32> = ranked
            .iter()
            .filter(|id| seen.insert(**id))
            .map(|id| grades.get(*id).copied().unwrap_or(0))
            .collect();
        let relevant = grades.values().filter(|grade| **grade > 0).count();
        self.sums.ndcg_10 += ndcg(&gains, grades, 10);
        self.sums.mrr_10 += reciprocal(&gains, 10);
        self.sums.recall_1 += recall(&gains, relevant, 1);
        self.sums.recall_5 += recall(&gains, relevant, 5);
        self.sums.recall_10 += recall(&gains, relevant, 10);
        self.sums.recall_100 += recall(&gains, relevant, 100);
        self.times.push(took);
    }

    /// Averages and percentiles over the queries added.
    pub(crate) fn scores(mut self) -> Scores {
        let count = self.times.len().max(1) as f64;
        self.times.sort_unstable();
        let sums = self.sums;
        Scores {
            ndcg_10: sums.ndcg_10 / count,
            mrr_10: sums.mrr_10 / count,
            recall_1: sums.recall_1 / count,
            recall_5: sums.recall_5 / count,
            recall_10: sums.recall_10 / count,
            recall_100: sums.recall_100 / count,
            p50_us: percentile(&self.times, 50),
            p99_us: percentile(&self.times, 99),
        }
    }
}

fn ndcg(gains: &[u32], grades: &Grades, depth: usize) -> f64 {
    let mut best: Vec<u32> = grades.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = discounted(&best, depth);
    if ideal > 0.0 { discounted(gains, depth) / ideal } else { 0.0 }
}

fn discounted(gains: &[u32], depth: usize) -> f64 {
    let ranks = gains.iter().take(depth).enumerate();
    ranks.map(|(rank, gain)| f64::from(*gain) / (rank as f64 + 2.0).log2()).sum()
}

fn reciprocal(gains: &[u32], depth: usize) -> f64 {
    let first = gains.iter().take(depth).position(|gain| *gain > 0);
    first.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0))
}

fn recall(gains: &[u32], relevant: usize, depth: usize) -> f64 {
    let found = gains.iter().take(depth).filter(|gain| **gain > 0).count();
    found as f64 / relevant.max(1) as f64
}

/// Percentile of the times by nearest rank, in microseconds.
fn percentile(sorted: &[Duration], hundredths: usize) -> u64 {
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(list: &[(&str, u32)]) -> Grades {
        list.iter().map(|(id, grade)| ((*id).to_owned(), *grade)).collect()
    }

    fn scores(ranked: &[&str], judged: &[(&str, u32)]) -> Scores {
        let mut tally = Tally::default();
        tally.add(ranked, &grades(judged), Duration::from_micros(7));
        tally.scores()
    }

    fn near(seen: f64, expected: f64) {
        assert!((seen - expected).abs() < 1e-9, "{seen} is not {expected}");
    }

    #[test]
    fn one_of_two_found_in_third_place() {
        let scores = scores(&["x", "y", "a"], &[("a", 1), ("b", 1)]);
        // 1/log2(4) over 1/log2(2) + 1/log2(3)
        near(scores.ndcg_10, 0.5 / (1.0 + 1.0 / 3f64.log2()));
        near(scores.mrr_10, 1.0 / 3.0);
        near(scores.recall_1, 0.0);
        near(scores.recall_5, 0.5);
        near(scores.recall_100, 0.5);
        assert_eq!((scores.p50_us, scores.p99_us), (7, 7));
    }

    #[test]
    fn grades_weigh_and_zero_is_not_relevant() {
        let scores = scores(&["none", "good", "best"], &[("best", 3), ("good", 1), ("none", 0)]);
        near(scores.ndcg_10, (1.0 / 3f64.log2() + 3.0 / 2.0) / (3.0 + 1.0 / 3f64.log2()));
        near(scores.mrr_10, 0.5);
        near(scores.recall_5, 1.0);
    }

    #[test]
    fn results_beyond_the_depth_do_not_count() {
        let ids: Vec<String> = (0..120).map(|n| n.to_string()).collect();
        let ranked: Vec<&str> = ids.iter().map(String::as_str).collect();
        let scores = scores(&ranked, &[("10", 1), ("99", 1), ("100", 1), ("absent", 1)]);
        near(scores.ndcg_10, 0.0);
        near(scores.mrr_10, 0.0);
        near(scores.recall_10, 0.0);
        near(scores.recall_100, 0.5);
    }

    #[test]
    fn repeated_ids_count_once() {
        near(scores(&["a", "a", "b"], &[("a", 1), ("b", 1)]).ndcg_10, 1.0);
    }

    #[test]
    fn averages_over_queries_and_nearest_ranks() {
        let mut tally = Tally::default();
        for n in 1..=200 {
            let ranked: &[&str] = if n % 2 == 0 { &["a"] } else { &[] };
            tally.add(ranked, &grades(&[("a", 1)]), Duration::from_micros(201 - n));
        }
        let scores = tally.scores();
        near(scores.ndcg_10, 0.5);
        near(scores.recall_1, 0.5);
        assert_eq!((scores.p50_us, scores.p99_us), (100, 198));
        assert_eq!(Tally::default().scores(), Scores::default());
    }
}
