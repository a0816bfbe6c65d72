//! All rivals give the same answer, and it is the reference's wherever Kleene's logic can be exact.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::time::Duration;

use zhaoren_matcher::reference::decide;
use zhaoren_peers::atoms::{Codes, Lowered};
use zhaoren_peers::measure::{ENTRANTS, Effort, baseline, check, measure};
use zhaoren_peers::rival::{Answer, Prepared, Rival};
use zhaoren_peers::rivals::Interpreter;
use zhaoren_peers::world::{Knobs, World, leaves, unknown_share};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

/// Longer than any of these checks takes, so that all profiles are compared.
const ALL_DAY: Duration = Duration::from_secs(86_400);

fn with_world<T>(knobs: Knobs, then: impl FnOnce(&Prepared<'_>) -> T) -> T {
    let world = World::new(knobs);
    let lowered = Lowered::new(&world.items, &world.dictionary, world.as_of).unwrap();
    let rows: Vec<Vec<Codes>> = world
        .profiles
        .iter()
        .map(|profile| lowered.encode(profile, &world.dictionary, world.as_of))
        .collect();
    then(&Prepared { world: &world, lowered: &lowered, rows: &rows })
}

/// World of the benchmark, small enough for the reference to check every pair.
fn small() -> Knobs {
    Knobs { items: 300, profiles: 100, ..Knobs::default() }
}

#[test]
fn all_rivals_agree() {
    with_world(small(), |prepared| {
        let expected = baseline(prepared);
        assert!(expected.iter().any(|answer| !answer.eligible.is_empty()));
        let rows = measure(prepared, &ENTRANTS, Effort { per_rival: ALL_DAY, rounds: 1 }, &expected);
        assert_eq!(rows.len(), ENTRANTS.len());
        assert!(rows.iter().all(|row| row.nanos.len() == 100 && row.nanos.iter().all(|nanos| *nanos > 0)));
        let exacter: Vec<(&str, u64)> =
            rows.iter().filter(|row| row.exacter > 0).map(|row| (row.name, row.exacter)).collect();
        assert!(exacter.len() <= 1, "{exacter:?}");
    });
}

#[test]
fn all_rivals_agree_on_other_worlds() {
    for (unknown, vocabulary, seed) in [(0.0, 2604, 1), (0.6, 2604, 2), (0.97, 2604, 3), (0.3, 50_000, 4)] {
        let knobs = Knobs { items: 200, profiles: 30, unknown, vocabulary, seed, ..Knobs::default() };
        with_world(knobs, |prepared| {
            let expected = baseline(prepared);
            measure(prepared, &ENTRANTS, Effort { per_rival: ALL_DAY, rounds: 1 }, &expected);
        });
    }
}

/// Without unknown facts there is one completion, so rows and atoms must decide exactly as criteria and facts do.
#[test]
fn everything_known_decides_as_the_reference_does() {
    with_world(Knobs { items: 1000, profiles: 60, unknown: 0.0, ..Knobs::default() }, |prepared| {
        for (profile, answer) in prepared.world.profiles.iter().zip(baseline(prepared)) {
            let view = View::new(profile, &prepared.world.dictionary, prepared.world.as_of);
            assert!(answer.undetermined.is_empty());
            for (position, item) in (0..).zip(&prepared.world.items) {
                let eligible = answer.eligible.contains(&position);
                assert_eq!(
                    decide(&item.criteria, &view).unwrap() == Verdict::Eligible,
                    eligible,
                    "{}",
                    item.id
                );
            }
        }
    });
}

/// Kleene's two rails never contradict the exact verdict, and differ from it only in items that mention a fact twice.
#[test]
fn kleene_is_sound_and_nearly_exact() {
    with_world(small(), |prepared| {
        let (mut open, mut weaker) = (0, 0);
        for (profile, answer) in prepared.world.profiles.iter().zip(baseline(prepared)) {
            let view = View::new(profile, &prepared.world.dictionary, prepared.world.as_of);
            for (position, item) in (0..).zip(&prepared.world.items) {
                let exact = decide(&item.criteria, &view).unwrap();
                if answer.eligible.contains(&position) {
                    assert_eq!(exact, Verdict::Eligible, "{}", item.id);
                } else if answer.undetermined.contains(&position) {
                    open += 1;
                    weaker += usize::from(exact != Verdict::Undetermined);
                } else {
                    assert_eq!(exact, Verdict::Ineligible, "{}", item.id);
                }
            }
        }
        assert!(weaker * 20 < open, "{weaker} of {open} are decided");
    });
}

#[test]
fn the_world_is_as_described() {
    with_world(Knobs::default(), |prepared| {
        let World { items, profiles, dictionary, .. } = prepared.world;
        assert_eq!(dictionary.iter().count(), 48);
        assert!((2604..=2604).contains(&prepared.world.vocabulary), "{}", prepared.world.vocabulary);
        let lengths: Vec<usize> = items.iter().map(|item| leaves(&item.criteria)).collect();
        assert!(lengths.iter().all(|length| (4..=13).contains(length)));
        let mean = lengths.iter().sum::<usize>() as f64 / 1000.0;
        assert!((6.6..6.8).contains(&mean), "{mean} predicates");
        let unknown: Vec<f64> = profiles.iter().map(|profile| unknown_share(profile, dictionary)).collect();
        let mean = unknown.iter().sum::<f64>() / 1000.0;
        assert!((0.28..0.30).contains(&mean), "{mean} unknown");
        assert!(unknown.iter().any(|share| *share < 0.03) && unknown.iter().any(|share| *share > 0.8));
        let expected = baseline(prepared);
        let share = |of: fn(&Answer) -> usize| expected.iter().map(of).sum::<usize>() as f64 / 1e6;
        let (eligible, open) =
            (share(|answer| answer.eligible.len()), share(|answer| answer.undetermined.len()));
        assert!((0.002..0.0044).contains(&eligible), "{eligible} eligible");
        assert!((0.015..0.026).contains(&open), "{open} undetermined");
    });
}

#[test]
fn a_larger_world_begins_with_the_smaller() {
    let small = World::new(Knobs { items: 50, profiles: 50, ..Knobs::default() });
    let large = World::new(Knobs { items: 80, profiles: 70, ..Knobs::default() });
    assert_eq!(small.items, large.items[..50]);
    assert_eq!(small.profiles, large.profiles[..50]);
    let other = World::new(Knobs { items: 50, profiles: 50, seed: 1, ..Knobs::default() });
    assert_ne!(small.items, other.items);
}

#[test]
fn knobs_turn_what_they_say() {
    for unknown in [0.0, 0.3, 0.6] {
        let world = World::new(Knobs { items: 1, profiles: 500, unknown, ..Knobs::default() });
        let share = |profile| unknown_share(profile, &world.dictionary);
        let mean = world.profiles.iter().map(share).sum::<f64>() / 500.0;
        assert!((mean - unknown).abs() < 0.02, "asked for {unknown}, got {mean}");
    }
    for vocabulary in [2604, 10_000, 50_000] {
        let world = World::new(Knobs { items: 1, profiles: 1, vocabulary, ..Knobs::default() });
        assert_eq!(world.vocabulary, vocabulary);
    }
}

/// A rival that omits the last undetermined item of every profile.
struct Forgetful(Interpreter);

impl Rival for Forgetful {
    fn name(&self) -> &'static str {
        "forgetful"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        Self(Interpreter::prepare(prepared))
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        self.0.verdicts(profile, answer);
        answer.undetermined.pop();
    }

    fn is_exact(&self) -> bool {
        true
    }
}

/// A rival that claims to be exact and is Kleene's.
struct Pretender(Interpreter);

impl Rival for Pretender {
    fn name(&self) -> &'static str {
        "pretender"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        Self(Interpreter::prepare(prepared))
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        self.0.verdicts(profile, answer);
    }

    fn is_exact(&self) -> bool {
        true
    }
}

#[test]
#[should_panic(expected = "the reference says")]
fn what_claims_to_be_exact_is_sampled() {
    with_world(Knobs { items: 2000, profiles: 300, ..Knobs::default() }, |prepared| {
        let mut rival = Pretender::prepare(prepared);
        check(&mut rival, prepared, &baseline(prepared), ALL_DAY);
    });
}

#[test]
#[should_panic(expected = "but the reference says")]
fn a_wrong_answer_is_not_measured() {
    with_world(small(), |prepared| {
        let mut rival = Forgetful::prepare(prepared);
        check(&mut rival, prepared, &baseline(prepared), ALL_DAY);
    });
}
