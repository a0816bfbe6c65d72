//! Effect of a change of date by itself (日期变动): finds enterprises whose encoded values differ between two days although their
//! facts have not changed.
//!
//! The encoded value of an enterprise in a column is a set of values, and of each value only its answers to the tests of the
//! column matter. The answers to all tests of a column form a *class*; a change of date affects an enterprise if its open classes
//! in some column differ between the days. If they are equal in every column, so are the verdicts on every item and the states of
//! their conditions.

#![expect(clippy::indexing_slicing, reason = "every code of a column has a class")]

use std::collections::{BTreeSet, HashMap};

use zhaoren_policy::criterion::{Criterion, Test};
use zhaoren_policy::fact::{Fact, FactDictionary};
use zhaoren_policy::view::View;

use super::encode::ReadTree;
use super::facts::FactSource;
use crate::compiled::{BuildSteps, Collector, Column, Encoded, EvaluationDay, draft};
use crate::records;
use crate::slot::Slot;

/// Columns of some criteria on two days.
#[derive(Debug)]
pub struct DateDrift {
    then: EvaluationDay,
    now: EvaluationDay,
    columns: Vec<DriftingColumn>,
}

/// Column that a change of date can affect.
#[derive(Debug)]
struct DriftingColumn {
    then: Column,
    now: Column,
    /// Class of each code of `then`.
    classes_then: Vec<u32>,
    /// Class of each code of `now`.
    classes_now: Vec<u32>,
}

impl DateDrift {
    /// Effect of moving from one day to another for some criteria; `None` if the days have different last full fiscal years,
    /// since almost everything differs then.
    pub fn between<'a>(
        criteria: impl IntoIterator<Item = &'a Criterion>,
        dictionary: &FactDictionary,
        then: EvaluationDay,
        now: EvaluationDay,
    ) -> Option<Self> {
        if then.last_year != now.last_year {
            return None;
        }
        let mut collector = Collector::default();
        for criteria in criteria {
            draft(criteria, dictionary, now, &mut collector);
        }
        let tests: Vec<Vec<Test>> = collector
            .tests()
            .map(|(slot, tests)| {
                let tests: Vec<Test> = tests.cloned().collect();
                if can_drift(slot, &tests, dictionary) { tests } else { Vec::new() }
            })
            .collect();
        // The same conditions were compiled for the items themselves, within their budget.
        let finish =
            |collector: Collector, day| collector.finish(dictionary, day, &mut BuildSteps::per_item());
        let columns_then = finish(collector.clone(), then);
        let columns_now = finish(collector, now);
        let columns = columns_then
            .into_iter()
            .zip(columns_now)
            .zip(tests)
            .filter(|(_, tests)| !tests.is_empty())
            .map(|((then_column, now_column), tests)| {
                let mut known = HashMap::new();
                let classes_then = classes(&then_column, &tests, then, &mut known);
                let classes_now = classes(&now_column, &tests, now, &mut known);
                DriftingColumn { then: then_column, now: now_column, classes_then, classes_now }
            })
            .collect();
        Some(Self { then, now, columns })
    }

    /// For each row of a table, true if the change of date affects it.
    pub fn affected_rows(&self, table: &impl FactSource, dictionary: &FactDictionary) -> Vec<bool> {
        let mut moved = vec![false; table.len()];
        for column in &self.columns {
            let mut reads: ReadTree<'_, bool> = ReadTree::new();
            for (row, moved) in moved.iter_mut().enumerate() {
                zhaoren_cancel::poll();
                let differs = reads.get_or_compute(row, table, |profile, trace| {
                    let on = |moment: EvaluationDay| {
                        View::new(profile, dictionary, moment.as_of).with_trace(trace)
                    };
                    column.differs(&on(self.then), &on(self.now))
                });
                *moved |= differs;
            }
        }
        moved
    }
}

/// True if the value of a slot can depend on the day: a duration is tested, a title expires, or a derivation rule uses either.
fn can_drift(slot: &Slot, tests: &[Test], dictionary: &FactDictionary) -> bool {
    let derived = |key: &str| dictionary.get(key).is_none_or(Fact::depends_on_day);
    match slot {
        Slot::Tag(..) => true,
        Slot::Judged(_) => false,
        Slot::Records(measure) => records::depends_on_day(measure),
        Slot::Aggregate(key, _) => derived(key),
        Slot::Fact(key, _) => derived(key) || tests.iter().any(|test| matches!(test, Test::Elapsed(..))),
    }
}

/// Class of each code of a column; `known` assigns class numbers to the answers to `tests`.
fn classes(
    column: &Column,
    tests: &[Test],
    moment: EvaluationDay,
    known: &mut HashMap<Vec<bool>, u32>,
) -> Vec<u32> {
    let passing: Vec<_> = tests.iter().map(|test| column.space.codes_passing(test, moment.as_of)).collect();
    (0..=column.space.max_code())
        .map(|code| {
            let answers = passing.iter().map(|codes| codes.contains(code)).collect();
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(answers).or_insert(next)
        })
        .collect()
}

impl DriftingColumn {
    fn differs(&self, then: &View<'_>, now: &View<'_>) -> bool {
        match (self.then.encode(then), self.now.encode(now)) {
            (Encoded::Exactly(a), Encoded::Exactly(b)) => {
                self.classes_then[a as usize] != self.classes_now[b as usize]
            }
            (a, b) => {
                open_classes(&self.then, &a, &self.classes_then)
                    != open_classes(&self.now, &b, &self.classes_now)
            }
        }
    }
}

/// Open classes of an enterprise.
fn open_classes(column: &Column, seen: &Encoded, classes: &[u32]) -> BTreeSet<u32> {
    let open = column.open_codes(seen);
    let of = |(first, last): &(u32, u32)| &classes[*first as usize..=*last as usize];
    open.ranges().iter().flat_map(of).copied().collect()
}
