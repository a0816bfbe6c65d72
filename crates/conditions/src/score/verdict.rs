//! Equal verdicts: profiles drawn around the thresholds of two trees, and the share that both decide alike.
//!
//! Every value that a leaf of either tree looks at is drawn by itself, on, just above and just below its thresholds. A judged
//! clause is one free truth for both trees.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use zhaoren_cancel::poll;
use zhaoren_policy::code::{Code, CodeSystem};
use zhaoren_policy::criterion::{Criterion, Node, RecordMeasure, Test, When};
use zhaoren_policy::fact::Value;
use zhaoren_policy::number::Number;

/// Profiles drawn for one pair of trees.
const PROFILES: u64 = 64;
/// Evaluation date.
const AS_OF: Date = date(2026, 6, 30);

/// Selected value of a fact, or count of records or sum over them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Fact(String, When),
    Records(RecordMeasure),
}

/// Candidate values of one column, or the tags mentioned.
#[derive(Default)]
struct Column {
    values: Vec<Value>,
    tags: Vec<String>,
}

/// Drawn values.
struct World<'a> {
    columns: &'a BTreeMap<Key, Column>,
    draw: BTreeMap<Key, u64>,
    judged: bool,
}

/// Number of profiles on which both trees agree, and the number drawn.
pub(super) fn alike(label: &Criterion, reading: &Criterion) -> (u64, u64) {
    let mut columns = BTreeMap::new();
    for tree in [label, reading] {
        tree.walk(&mut |_, one| match &one.node {
            Node::Leaf(leaf) => {
                let key = Key::Fact(leaf.fact.clone(), leaf.when);
                add(&leaf.tests, columns.entry(key).or_default());
            }
            Node::Records(leaf) => {
                add(&leaf.tests, columns.entry(Key::Records(leaf.measure.bare())).or_default());
            }
            _ => {}
        });
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut same = 0;
    for profile in 0..PROFILES {
        poll();
        let draw = columns.keys().map(|key| (key.clone(), next())).collect();
        let world = World { columns: &columns, draw, judged: profile % 4 != 0 };
        same += u64::from(world.holds(label) == world.holds(reading));
    }
    (same, PROFILES)
}

fn add(tests: &[Test], column: &mut Column) {
    for test in tests {
        match test {
            Test::Number(_, bound) => {
                let step = bound.abs().checked_div(&Number::from(1000)).filter(Number::is_positive);
                let step = step.unwrap_or_else(|| Number::from(1));
                for value in [bound.minus(&step), bound.clone(), bound.plus(&step)] {
                    column.values.push(Value::Number(value));
                }
            }
            Test::Date(_, day) => {
                for shift in -1_i64..=1 {
                    column.values.push(Value::Date(day.saturating_add(shift.days())));
                }
            }
            Test::Elapsed(_, span) => {
                let edge = span.roughly_before(AS_OF);
                for shift in [-40_i64, -1, 0, 1, 40] {
                    column.values.push(Value::Date(edge.saturating_add(shift.days())));
                }
            }
            Test::OneOf(values) => {
                column.values.extend(values.iter().cloned());
                column.values.push(match values.first() {
                    Some(Value::Bool(flag)) => Value::Bool(!flag),
                    _ => Value::Text(String::new()),
                });
            }
            Test::Within(codes) | Test::Outside(codes) => {
                column.values.extend(codes.iter().cloned().map(Value::Code));
                let other = match codes.first().map(Code::system) {
                    Some(CodeSystem::Industry) => Code::parse("T", CodeSystem::Industry),
                    _ => Code::parse("540000", CodeSystem::Region),
                };
                column.values.extend(other.map(Value::Code));
            }
            Test::HasAny(tags) | Test::HasAll(tags) | Test::HasNone(tags) => {
                column.tags.extend(tags.iter().cloned())
            }
        }
    }
}

impl World<'_> {
    fn holds(&self, criterion: &Criterion) -> bool {
        match &criterion.node {
            Node::All(of) => of.iter().all(|one| self.holds(one)),
            Node::Any { of, count } => of.iter().filter(|one| self.holds(one)).count() >= *count,
            Node::Not(inner) => !self.holds(inner),
            Node::Judged(_) => self.judged,
            Node::Leaf(leaf) => self.tests(&Key::Fact(leaf.fact.clone(), leaf.when), &leaf.tests),
            Node::Records(leaf) => self.tests(&Key::Records(leaf.measure.bare()), &leaf.tests),
            Node::Case { arms, otherwise } => match arms.iter().find(|arm| self.holds(&arm.when)) {
                Some(arm) => self.holds(&arm.then),
                None => otherwise.as_ref().is_some_and(|other| self.holds(other)),
            },
            Node::Points { scores, at_least } => {
                let held = scores.iter().filter(|score| self.holds(&score.when));
                held.fold(Number::zero(), |sum, score| sum.plus(&score.score)) >= *at_least
            }
        }
    }

    fn tests(&self, key: &Key, tests: &[Test]) -> bool {
        let (Some(column), Some(draw)) = (self.columns.get(key), self.draw.get(key)) else { return false };
        let has = |tag: &String| {
            let place = column.tags.iter().position(|known| known == tag).unwrap_or(0);
            draw >> (place % 31) & 1 == 1
        };
        let value =
            usize::try_from(*draw).ok().and_then(|draw| column.values.get(draw % column.values.len().max(1)));
        tests.iter().all(|test| match test {
            Test::HasAny(tags) => tags.iter().any(has),
            Test::HasAll(tags) => tags.iter().all(has),
            Test::HasNone(tags) => !tags.iter().any(has),
            other => value.is_some_and(|value| other.passes(value, AS_OF)),
        })
    }
}
