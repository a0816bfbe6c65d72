//! Pace of a channel: number of concurrent posts, adapted to what the receiver bears.
//!
//! A receiver with a short queue of connections (five in Python's `http.server`) drops what comes in at once beyond it. TCP then
//! tries again after 200 ms to 1 s, so that eight posts at once were five to fifteen times slower than two. Such a batch has a few
//! posts that took far longer than the others; the pace is halved then, and raised again step by step, each time after a longer
//! calm.

use std::time::Duration;

/// Shortest time of a post that can be a lost connection: the first retransmission of TCP comes after 200 ms.
const LOST_POST_TIME: Duration = Duration::from_millis(150);
/// Ratio of the slowest post to the middle one, from which on the slowest was lost and not only slow.
const LOST_POST_RATIO: u32 = 4;
/// Concurrent posts at the start, and the lower limit when the pace is halved.
const MIN_POSTS: usize = 2;
/// Longest calm, in batches, before the pace is raised again.
const MAX_BATCHES_TO_WAIT: u32 = 256;

/// Pace of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    posts: usize,
    most: usize,
    /// Batches to wait before the pace is raised.
    batches_to_wait: u32,
    /// Value of `calm` after the next halving.
    next_wait: u32,
}

impl Pace {
    /// Pace of a channel with this limit of concurrent posts.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { posts: MIN_POSTS.min(most), most, batches_to_wait: 0, next_wait: 2 }
    }

    /// Number of concurrent posts.
    pub(crate) fn posts(&self) -> usize {
        self.posts
    }

    /// Adapts the pace to the times that the posts of a batch took.
    pub(crate) fn adapt(&mut self, mut took: Vec<Duration>) {
        took.sort_unstable();
        let (Some(middle), Some(slowest)) = (took.get(took.len() / 2).copied(), took.last().copied()) else {
            return;
        };
        if slowest > LOST_POST_TIME && slowest > middle.saturating_mul(LOST_POST_RATIO) {
            self.posts = (self.posts / 2).max(MIN_POSTS.min(self.most));
            self.batches_to_wait = self.next_wait;
            self.next_wait = self.next_wait.saturating_mul(2).min(MAX_BATCHES_TO_WAIT);
        } else if self.batches_to_wait > 0 {
            self.batches_to_wait -= 1;
        } else if took.len() > self.posts {
            // A batch of fewer posts did not try this pace.
            self.posts = (self.posts + 1).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(quick: usize, slow: usize) -> Vec<Duration> {
        let quick = std::iter::repeat_n(Duration::from_millis(3), quick);
        quick.chain(std::iter::repeat_n(Duration::from_millis(210), slow)).collect()
    }

    /// The pace rises to its limit, also where every post is slow alike; lost connections halve it, each time for longer.
    #[test]
    fn it_rises_to_the_limit_and_falls_where_connections_are_lost() {
        for slow in [times(64, 0), times(0, 64)] {
            let mut pace = Pace::new(8);
            (0..20).for_each(|_| pace.adapt(slow.clone()));
            assert_eq!(pace.posts(), 8);
        }
        let mut pace = Pace::new(8);
        let (mut falls, mut batches) = (0, 0);
        while batches < 2_000 {
            let lost = usize::from(pace.posts() > 5);
            falls += lost;
            pace.adapt(times(64 - lost, lost));
            batches += 1;
            assert!((2..=6).contains(&pace.posts()));
        }
        assert!(falls < 20, "{falls} batches of {batches} lost a connection");
        let mut single = Pace::new(1);
        single.adapt(times(60, 4));
        assert_eq!(single.posts(), 1);
    }
}
