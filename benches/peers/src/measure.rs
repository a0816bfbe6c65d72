//! Measurement: every answer is compared with the interpreter's before a time counts.

use std::hint::black_box;
use std::time::{Duration, Instant};

use zhaoren_matcher::reference::decide;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::ours::Ours;
use crate::rival::{Answer, Prepared, Rival};
use crate::rivals::{
    ATreeOfAtoms, ATreeRival, Bitmaps, DenseBitmaps, Interpreter, MokaccinoRival, OrderedInterpreter,
    ParallelInterpreter, ZenRival,
};

/// A rival selectable by name.
#[derive(Clone, Copy)]
pub struct Entrant {
    /// Name on the command line.
    pub key: &'static str,
    /// Maximum number of items for which its index is built: beyond it the build takes minutes or the machine's memory.
    pub most_items: usize,
    /// Builds the rival.
    pub prepare: fn(&Prepared<'_>) -> Box<dyn Rival>,
}

impl std::fmt::Debug for Entrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)
    }
}

fn boxed<R: Rival + 'static>(prepared: &Prepared<'_>) -> Box<dyn Rival> {
    Box::new(R::prepare(prepared))
}

/// All rivals, the baseline first.
pub const ENTRANTS: [Entrant; 10] = [
    Entrant { key: "interpreter", most_items: usize::MAX, prepare: boxed::<Interpreter> },
    Entrant { key: "ordered", most_items: usize::MAX, prepare: boxed::<OrderedInterpreter> },
    Entrant { key: "rayon", most_items: usize::MAX, prepare: boxed::<ParallelInterpreter> },
    Entrant { key: "a-tree", most_items: 100_000, prepare: boxed::<ATreeRival> },
    Entrant { key: "a-tree-atoms", most_items: 100_000, prepare: boxed::<ATreeOfAtoms> },
    Entrant { key: "zen", most_items: 200_000, prepare: boxed::<ZenRival> },
    Entrant { key: "mokaccino", most_items: 100_000, prepare: boxed::<MokaccinoRival> },
    Entrant { key: "bitmaps", most_items: usize::MAX, prepare: boxed::<Bitmaps> },
    Entrant { key: "dense", most_items: 200_000, prepare: boxed::<DenseBitmaps> },
    Entrant { key: "ours", most_items: usize::MAX, prepare: boxed::<Ours> },
];

/// Measurements of one rival.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Preparation time.
    pub build: Duration,
    /// Memory for the items in bytes, if known.
    pub bytes: Option<usize>,
    /// Time of each profile in nanoseconds: the median of the rounds.
    pub nanos: Vec<u64>,
    /// Number of pairs whose verdict differs from the interpreter's, each confirmed by the reference matcher.
    pub exacter: u64,
}

/// Extent of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Time budget of a rival per round; it matches as many profiles as it can.
    pub per_rival: Duration,
    /// Number of rounds; odd.
    pub rounds: usize,
}

/// Sampling interval of an exact rival's undetermined pairs that are checked although the interpreter agrees.
const SAMPLED: usize = 64;

/// Number of profiles matched by one rival before the next one has its turn.
const TURN: usize = 50;

/// Interpreter's answer for every profile.
pub fn baseline(prepared: &Prepared<'_>) -> Vec<Answer> {
    let mut interpreter = Interpreter::prepare(prepared);
    (0..prepared.rows.len())
        .map(|profile| {
            let mut answer = Answer::default();
            interpreter.verdicts(profile, &mut answer);
            answer
        })
        .collect()
}

/// Builds, checks and measures the rivals, taking turns.
///
/// # Panics
/// A rival's answer is wrong.
pub fn measure(
    prepared: &Prepared<'_>,
    entrants: &[Entrant],
    effort: Effort,
    expected: &[Answer],
) -> Vec<Row> {
    let mut rivals: Vec<(Box<dyn Rival>, Row)> = entrants
        .iter()
        .map(|entrant| {
            let begun = Instant::now();
            let mut rival = (entrant.prepare)(prepared);
            let build = begun.elapsed();
            let (checked, exacter) = check(rival.as_mut(), prepared, expected, effort.per_rival);
            let row =
                Row { name: rival.name(), build, bytes: rival.bytes(), nanos: vec![0; checked], exacter };
            (rival, row)
        })
        .collect();
    let mut samples: Vec<Vec<Vec<u64>>> =
        rivals.iter().map(|(_, row)| vec![Vec::new(); row.nanos.len()]).collect();
    for _ in 0..effort.rounds {
        for turn in (0..expected.len()).step_by(TURN) {
            for ((rival, _), samples) in rivals.iter_mut().zip(&mut samples) {
                let mut answer = Answer::default();
                for (profile, samples) in samples.iter_mut().enumerate().skip(turn).take(TURN) {
                    let begun = Instant::now();
                    rival.verdicts(black_box(profile), &mut answer);
                    black_box(&answer);
                    samples.push(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
                }
            }
        }
    }
    for ((_, row), samples) in rivals.iter_mut().zip(samples) {
        row.nanos = samples.into_iter().map(|samples| median(samples).unwrap_or(0)).collect();
    }
    rivals.into_iter().map(|(_, row)| row).collect()
}

/// Compares answers until `time` is up, at least for three profiles; returns the number compared, and the number of
/// pairs that an exact rival decides differently. Also warms the rival up.
pub fn check(
    rival: &mut dyn Rival,
    prepared: &Prepared<'_>,
    expected: &[Answer],
    time: Duration,
) -> (usize, u64) {
    let begun = Instant::now();
    let mut exacter = 0;
    let mut answer = Answer::default();
    for (profile, expected) in expected.iter().enumerate() {
        if profile >= 3 && begun.elapsed() > time {
            return (profile, exacter);
        }
        rival.verdicts(profile, &mut answer);
        // The order of the lists is irrelevant to the product, so sorting is not timed.
        answer.eligible.sort_unstable();
        answer.undetermined.sort_unstable();
        if rival.is_exact() {
            exacter += differing(&answer, expected, profile, prepared);
        } else {
            assert!(
                answer == *expected,
                "{}: profile {profile}: not what the interpreter says",
                rival.name()
            );
        }
    }
    (expected.len(), exacter)
}

/// Counts the pairs on which an exact answer differs from Kleene's, each checked by the reference.
fn differing(answer: &Answer, expected: &Answer, profile: usize, prepared: &Prepared<'_>) -> u64 {
    let world = prepared.world;
    let view = View::new(&world.profiles[profile], &world.dictionary, world.as_of);
    let (given, wanted) = (Verdicts::of(answer), Verdicts::of(expected));
    let mut count = 0;
    for item in answer
        .eligible
        .iter()
        .chain(&answer.undetermined)
        .chain(&expected.eligible)
        .chain(&expected.undetermined)
    {
        let (given, wanted) = (given.at(*item), wanted.at(*item));
        if given == wanted {
            continue;
        }
        let exact = decide(&world.items[*item as usize].criteria, &view).unwrap();
        assert!(
            given == exact,
            "profile {profile}, item {item}: {given:?}, but the reference says {exact:?}"
        );
        assert!(
            wanted == Verdict::Undetermined,
            "profile {profile}, item {item}: Kleene's {wanted:?} is unsound"
        );
        count += 1;
    }
    // Pairs undetermined in both could still be decidable: a sample of them is checked too.
    for item in answer.undetermined.iter().skip(profile % SAMPLED).step_by(SAMPLED) {
        let exact = decide(&world.items[*item as usize].criteria, &view).unwrap();
        assert!(
            exact == Verdict::Undetermined,
            "profile {profile}, item {item}: the reference says {exact:?}"
        );
    }
    // Eligible items occur in both answers, once as eligible and once as undetermined.
    let twice = answer.eligible.iter().filter(|item| expected.undetermined.binary_search(item).is_ok());
    count - twice.count() as u64
}

struct Verdicts<'a>(&'a Answer);

impl<'a> Verdicts<'a> {
    fn of(answer: &'a Answer) -> Self {
        Self(answer)
    }

    fn at(&self, item: u32) -> Verdict {
        let within = |list: &[u32]| list.binary_search(&item).is_ok();
        match (within(&self.0.eligible), within(&self.0.undetermined)) {
            (true, _) => Verdict::Eligible,
            (_, true) => Verdict::Undetermined,
            _ => Verdict::Ineligible,
        }
    }
}

/// Median of `values`.
pub fn median(values: Vec<u64>) -> Option<u64> {
    quantile(values, 0.5)
}

/// Quantile: the value that the share `at` of `values` does not exceed.
pub fn quantile(mut values: Vec<u64>, at: f64) -> Option<u64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    values.get((last as f64 * at).round() as usize).copied()
}
