//! nDCG, MRR and recall, by hand.

use std::time::Duration;

use super::Scores;

/// Sums over questions.
#[derive(Debug, Default)]
pub(super) struct Sums {
    scores: Scores,
    times: Vec<Duration>,
}

impl Sums {
    /// Adds one question: what was found, best first, and what is right.
    pub(super) fn add(&mut self, found: &[&str], right: &[String], took: Duration) {
        let places: Vec<usize> = (0..)
            .zip(found)
            .filter(|(_, id)| right.iter().any(|right| right == *id))
            .map(|(place, _)| place)
            .collect();
        let gain = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let ideal: f64 = (0..right.len().min(10)).map(gain).sum();
        let within = |depth: usize| places.iter().copied().filter(move |place| *place < depth);
        let recall = |depth: usize| within(depth).count() as f64 / right.len().max(1) as f64;
        let scores = &mut self.scores;
        scores.ndcg_10 += if ideal > 0.0 { within(10).map(gain).sum::<f64>() / ideal } else { 0.0 };
        scores.mrr_10 += within(10).next().map_or(0.0, |place| 1.0 / (place as f64 + 1.0));
        scores.recall_1 += recall(1);
        scores.recall_5 += recall(5);
        scores.recall_10 += recall(10);
        scores.recall_100 += recall(100);
        self.times.push(took);
    }

    /// Means, and percentiles of the times.
    pub(super) fn means(mut self) -> Scores {
        let count = self.times.len().max(1) as f64;
        let sums = self.scores;
        Scores {
            ndcg_10: sums.ndcg_10 / count,
            mrr_10: sums.mrr_10 / count,
            recall_1: sums.recall_1 / count,
            recall_5: sums.recall_5 / count,
            recall_10: sums.recall_10 / count,
            recall_100: sums.recall_100 / count,
            p50_us: percentile(&mut self.times, 50),
            p99_us: percentile(&mut self.times, 99),
        }
    }
}

/// A percentile in microseconds: the time that so many of a hundred do not exceed.
pub(super) fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(place).map_or(0.0, |time| time.as_nanos() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(found: &[&str], right: &[&str]) -> Scores {
        let mut sums = Sums::default();
        let right: Vec<String> = right.iter().map(|id| (*id).to_owned()).collect();
        sums.add(found, &right, Duration::from_micros(7));
        sums.means()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn worked_by_hand() {
        let all = scores(&["a", "b"], &["a", "b"]);
        assert!(close(all.ndcg_10, 1.0) && close(all.mrr_10, 1.0) && close(all.recall_1, 0.5));
        assert!(close(all.recall_5, 1.0) && close(all.p50_us, 7.0));
        // Right ones at the second and fourth place: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3).
        let some = scores(&["x", "a", "y", "b"], &["a", "b"]);
        let (three, five) = (3.0_f64.log2(), 5.0_f64.log2());
        assert!(close(some.ndcg_10, (1.0 / three + 1.0 / five) / (1.0 + 1.0 / three)));
        assert!(close(some.mrr_10, 0.5) && close(some.recall_1, 0.0) && close(some.recall_10, 1.0));
        let none = scores(&["x"], &["a"]);
        assert!(close(none.ndcg_10, 0.0) && close(none.recall_100, 0.0));
        // The eleventh place is beyond ten.
        let found: Vec<String> = (0..10).map(|place| place.to_string()).chain(["a".to_owned()]).collect();
        let late = scores(&found.iter().map(String::as_str).collect::<Vec<_>>(), &["a"]);
        assert!(close(late.ndcg_10, 0.0) && close(late.mrr_10, 0.0) && close(late.recall_100, 1.0));
    }

    #[test]
    fn percentiles_are_measured_times() {
        let mut times: Vec<Duration> = (1..=200).map(Duration::from_micros).collect();
        assert!(close(percentile(&mut times, 50), 100.0) && close(percentile(&mut times, 99), 198.0));
        assert!(close(percentile(&mut [], 50), 0.0));
    }
}
