//! Translates changes of slots into changes of the facts given by an enterprise.
//!
//! A derived fact and an aggregate over years follow from other facts, so those have to change. One of them is changed by the
//! smallest sufficient amount, found by doubling and bisection: rules are monotone in each input.

#![expect(clippy::indexing_slicing, reason = "levels and columns are those of the plan")]

use serde_json::Value as Json;
use zhaoren_policy::fact::{FactType, Knowledge, Value};
use zhaoren_policy::number::Number;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::{Change, Level, LevelTarget, words};
use crate::compiled::{Column, Encoded, Plan};
use crate::slot::{Slot, years};

/// Changes of given facts that bring each level to its value, if together they make the criteria hold.
pub(super) fn find_changes(plan: &Plan, view: &View<'_>, targets: &[LevelTarget<'_>]) -> Option<Vec<Change>> {
    let mut profile = view.profile.clone();
    let mut changes: Vec<Change> = Vec::new();
    for target in targets {
        let (next, change) = one(plan, view, profile, target)?;
        profile = next;
        for change in change {
            let same = |other: &Change| {
                (&other.fact, other.year, &other.tag, &other.judged)
                    == (&change.fact, change.year, &change.tag, &change.judged)
            };
            // A second change of the same fact starts from the result of the first.
            match changes.iter_mut().find(|other| same(other)) {
                Some(before) => *before = Change { from: before.from.clone(), ..change },
                None => changes.push(change),
            }
        }
    }
    (plan.decide(&view.for_profile(&profile)) == Verdict::Eligible).then_some(changes)
}

fn one(
    plan: &Plan,
    view: &View<'_>,
    profile: Profile,
    target: &LevelTarget<'_>,
) -> Option<(Profile, Vec<Change>)> {
    let LevelTarget { level, value, .. } = target;
    let change = |from: Json, to: &Value| Change {
        fact: level.slot.key().map(str::to_owned),
        from,
        to: to.to_json(),
        fixed: level.fact.is_some_and(super::is_past) && level.known.exact().is_some(),
        ..Change::default()
    };
    match (level.slot, *value) {
        (Slot::Judged(text), Value::Bool(truth)) => {
            let change = Change {
                judged: Some(text.clone()),
                text: words::judged(text, *truth),
                ..change(level.known.to_json(), value)
            };
            Some((profile.with_judgement(text, *truth), vec![change]))
        }
        (Slot::Tag(key, tag), Value::Bool(held)) => {
            let text = words::tag(level.fact, tag, *held, level.known.exact().is_some());
            let change = Change { tag: Some(tag.clone()), text, ..change(level.known.to_json(), value) };
            Some((profile.with_tag(key, tag, *held), vec![change]))
        }
        (Slot::Fact(key, year), value) => {
            let fact = level.fact?;
            if fact.derived && level.known.exact().is_some() {
                let levers = numeric_inputs(view, level, *year);
                let moved = change_inputs(plan, view, profile.clone(), target, levers, Vec::new());
                // A derived value that is stated because its rule gives none can be stated differently.
                let unstated = view.profile.clone().with_value(key, *year, Knowledge::Unknown);
                if moved.is_some() || view.for_profile(&unstated).knowledge(fact, *year).exact().is_some() {
                    return moved;
                }
            }
            let text = match level.known.exact() {
                Some(_) => words::value(fact, *year, &level.known, value),
                None => words::required_value(fact, *year, &level.known, value, target.bounds),
            };
            let change = Change { year: *year, text, ..change(level.known.to_json(), value) };
            Some((profile.with_value(key, *year, Knowledge::Exactly(value.clone())), vec![change]))
        }
        (Slot::Aggregate(key, aggregate), _) => {
            let mut of: Vec<i16> = years(aggregate, view).collect();
            of.reverse();
            let fact = view.dictionary.get(key)?;
            let missing: Vec<i16> = of
                .iter()
                .copied()
                .filter(|year| view.knowledge(fact, Some(*year)).exact().is_none())
                .collect();
            let single = of.iter().map(|year| (key.clone(), Some(*year))).collect();
            let groups = [missing, of].into_iter().filter(|years| !years.is_empty());
            let groups =
                groups.map(|years| years.into_iter().map(|year| (key.clone(), year)).collect()).collect();
            change_inputs(plan, view, profile, target, single, groups)
        }
        _ => None,
    }
}

/// Numbers that a derived fact is computed from.
fn numeric_inputs(view: &View<'_>, level: &Level<'_>, year: Option<i16>) -> Vec<(String, Option<i16>)> {
    let inputs = level.fact.map(|fact| view.inputs(fact, year)).unwrap_or_default();
    let is_number = |key: &str| view.dictionary.get(key).is_some_and(|fact| fact.kind.is_number());
    inputs.into_iter().filter(|(key, _)| is_number(key)).collect()
}

/// Changes one fact, or one fact in several years together, until the level has the required class.
fn change_inputs(
    plan: &Plan,
    view: &View<'_>,
    profile: Profile,
    target: &LevelTarget<'_>,
    single: Vec<(String, Option<i16>)>,
    groups: Vec<Vec<(String, i16)>>,
) -> Option<(Profile, Vec<Change>)> {
    let goal = Goal::new(plan, target);
    let alone = single.into_iter().map(|(key, year)| AdjustableFact { key, years: vec![year] });
    let together = groups.into_iter().filter_map(|group| {
        let (key, _) = group.first()?.clone();
        Some(AdjustableFact { key, years: group.into_iter().map(|(_, year)| Some(year)).collect() })
    });
    let moved = alone.chain(together).filter_map(|lever| lever.adjust(view, &profile, &goal));
    // Of several facts that are sufficient alone, the one with the smallest change.
    let best = moved.min_by(|a, b| (a.changes.len(), &a.share).cmp(&(b.changes.len(), &b.share)))?;
    Some((best.profile, best.changes))
}

/// Required class of a level.
struct Goal<'a> {
    column: &'a Column,
    level: &'a crate::compiled::Level,
    class: usize,
}

impl<'a> Goal<'a> {
    fn new(plan: &'a Plan, target: &LevelTarget<'_>) -> Self {
        let level = &plan.diagram.levels[target.level.index];
        Self { column: &plan.columns[level.column], level, class: target.class }
    }

    fn is_reached(&self, view: &View<'_>) -> bool {
        let seen = self.column.encode(view);
        match seen {
            Encoded::Exactly(code) => self.level.class(code) == self.class,
            other => self.level.classes_of(&self.column.open_codes(&other)) == [self.class],
        }
    }
}

/// Fact that is changed in one year, or in several years together.
struct AdjustableFact {
    key: String,
    years: Vec<Option<i16>>,
}

struct LevelChange {
    profile: Profile,
    changes: Vec<Change>,
    share: Number,
}

impl AdjustableFact {
    fn adjust(&self, view: &View<'_>, profile: &Profile, goal: &Goal<'_>) -> Option<LevelChange> {
        let fact = view.dictionary.get(&self.key).filter(|fact| !fact.derived)?;
        let at = |year: &Option<i16>| match year {
            Some(year) => profile.yearly(&self.key, *year),
            None => profile.current(&self.key),
        };
        let known: Vec<Knowledge> = self.years.iter().map(at).collect();
        let start = known.iter().find_map(|known| known.number().cloned()).unwrap_or_else(Number::zero);
        let unit = match fact.kind {
            FactType::Ratio => Number::parse("0.0001")?,
            FactType::Decimal => Number::parse("0.01")?,
            _ => Number::from(1),
        };
        let with = |value: &Number| {
            self.years.iter().fold(profile.clone(), |profile, year| {
                profile.with_value(&self.key, *year, Knowledge::Exactly(Value::Number(value.clone())))
            })
        };
        let reached = |steps: i64| {
            zhaoren_cancel::poll();
            let value = start.plus(&unit.times(&Number::from(steps)));
            let within = fact.min.as_ref().is_none_or(|min| *min <= value)
                && fact.max.as_ref().is_none_or(|max| value <= *max);
            within && goal.is_reached(&view.for_profile(&with(&value)))
        };
        let steps = [1, -1]
            .into_iter()
            .filter_map(|sign| smallest_count(&|count| reached(sign * count)).map(|n| sign * n));
        let steps = steps.min_by_key(|steps| steps.abs())?;
        let value = start.plus(&unit.times(&Number::from(steps)));
        let to = Value::Number(value.clone());
        let changes: Vec<Change> = self
            .years
            .iter()
            .zip(&known)
            .filter(|(_, known)| known.number() != Some(&value))
            .map(|(year, known)| Change {
                fact: Some(self.key.clone()),
                year: *year,
                from: known.to_json(),
                to: to.to_json(),
                text: words::value(fact, *year, known, &to),
                ..Change::default()
            })
            .collect();
        let larger = start.abs().max(value.abs());
        let share = value.minus(&start).abs().checked_div(&larger).unwrap_or_else(Number::zero);
        Some(LevelChange { profile: with(&value), changes, share })
    }
}

/// Smallest count from 1 on for which `reached` holds, given that it holds from some count on; `None` if no power of two below
/// 2⁴⁶ is enough (over 70 万亿 yuan).
fn smallest_count(reached: &dyn Fn(i64) -> bool) -> Option<i64> {
    let high = (0..46).map(|power| 1_i64 << power).find(|count| reached(*count))?;
    let (mut low, mut high) = (high / 2, high);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reached(middle) { high = middle } else { low = middle }
    }
    Some(high)
}
