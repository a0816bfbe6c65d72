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

use super::advice_words::{self, StepSubject};
use super::permit::{
    AdviceScope, JUDGEMENT_EFFORT, REJUDGEMENT_EFFORT, VERIFICATION_EFFORT, may_be_verified,
};
use super::{Change, LevelTarget, SlotLevel, words};
use crate::compiled::{Column, Encoded, Plan};
use crate::slot::{Slot, years};

/// Change with what the advice says about it.
#[derive(Clone, Debug)]
pub(super) struct FoundChange {
    pub(super) change: Change,
    /// Effort; `None` if it may not be advised.
    pub(super) effort: Option<u32>,
    /// True if an unknown value only has to be verified.
    pub(super) verify: bool,
    /// Words of the advice: what to do, or why it cannot be done. Empty in a search for any change.
    pub(super) advice: String,
}

impl FoundChange {
    pub(super) fn of(change: Change, effort: Option<u32>, verify: bool, advice: String) -> Self {
        Self { change, effort, verify, advice }
    }

    fn without_advice(change: Change) -> Self {
        Self::of(change, None, false, String::new())
    }
}

/// Changes that a search may use.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    /// Any change.
    Any,
    /// Changes that may be advised.
    Advisable(&'a AdviceScope),
    /// Any change, with the reason why it may not be advised.
    Obstacle(&'a AdviceScope),
}

/// Effort of the changes that bring a level to its value, each of which may be advised; `None` if there are none.
pub(super) fn advice_effort(
    plan: &Plan,
    view: &View<'_>,
    target: &LevelTarget<'_>,
    scope: &AdviceScope,
) -> Option<u32> {
    let (_, changes) = changes_for_level(plan, view, view.profile.clone(), target, Mode::Advisable(scope))?;
    let efforts: Option<Vec<u32>> = changes.iter().map(|found| found.effort).collect();
    efforts?.into_iter().max()
}

/// Changes of given facts that bring each level to its value, if together they make the criteria hold.
pub(super) fn find_changes(
    plan: &Plan,
    view: &View<'_>,
    targets: &[LevelTarget<'_>],
    scope: Option<&AdviceScope>,
) -> Option<Vec<FoundChange>> {
    let mut profile = view.profile.clone();
    let mut changes: Vec<FoundChange> = Vec::new();
    for target in targets {
        let mode = match scope {
            None => Mode::Any,
            Some(scope) if target.advisable => Mode::Advisable(scope),
            Some(scope) => Mode::Obstacle(scope),
        };
        let (next, found) = changes_for_level(plan, view, profile, target, mode)?;
        profile = next;
        for found in found {
            let slot = |found: &FoundChange| {
                let change = &found.change;
                (change.fact.clone(), change.year, change.tag.clone(), change.judged.clone())
            };
            let this = slot(&found);
            // A second change of the same fact starts from the result of the first.
            match changes.iter_mut().find(|other| slot(other) == this) {
                Some(before) => {
                    let effort = before.effort.zip(found.effort).map(|(a, b)| a.max(b));
                    let change = Change { from: before.change.from.clone(), ..found.change };
                    *before = FoundChange { change, effort, ..found };
                }
                None => changes.push(found),
            }
        }
    }
    (plan.decide(&view.for_profile(&profile)) == Verdict::Eligible).then_some(changes)
}

/// Changes for one level; `None` if there are none in `mode`.
fn changes_for_level(
    plan: &Plan,
    view: &View<'_>,
    profile: Profile,
    target: &LevelTarget<'_>,
    mode: Mode<'_>,
) -> Option<(Profile, Vec<FoundChange>)> {
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
            let found = permitted_judgement(level, *truth, change, mode)?;
            Some((profile.with_judgement(text, *truth), vec![found]))
        }
        (Slot::Tag(key, tag), Value::Bool(held)) => {
            let text = words::tag(level.fact, tag, *held, level.known.exact().is_some());
            let change = Change { tag: Some(tag.clone()), text, ..change(level.known.to_json(), value) };
            let found = permitted(view, target, None, change, mode)?;
            Some((profile.with_tag(key, tag, *held), vec![found]))
        }
        (Slot::Fact(key, year), value) => {
            let fact = level.fact?;
            if fact.derived && level.known.exact().is_some() {
                let levers = numeric_inputs(view, level, *year);
                let moved = change_inputs(plan, view, profile.clone(), target, levers, Vec::new(), mode);
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
            let found = permitted(view, target, *year, change, mode)?;
            Some((profile.with_value(key, *year, Knowledge::Exactly(value.clone())), vec![found]))
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
            change_inputs(plan, view, profile, target, single, groups, mode)
        }
        _ => None,
    }
}

/// Change of a judgement as far as `mode` permits it.
fn permitted_judgement(
    level: &SlotLevel<'_>,
    truth: bool,
    change: Change,
    mode: Mode<'_>,
) -> Option<FoundChange> {
    let known = level.known.exact().is_some();
    match mode {
        Mode::Any => Some(FoundChange::without_advice(change)),
        Mode::Obstacle(_) => {
            let text = format!("{}，现已认定为相反", change.text);
            Some(FoundChange::of(change, None, false, text))
        }
        Mode::Advisable(_) if known && !truth => None,
        Mode::Advisable(_) => {
            let effort = if known { REJUDGEMENT_EFFORT } else { JUDGEMENT_EFFORT };
            let text = change.text.clone();
            Some(FoundChange::of(change, Some(effort), !known, text))
        }
    }
}

/// Change of a fact or a tag as far as `mode` permits it.
fn permitted(
    view: &View<'_>,
    target: &LevelTarget<'_>,
    year: Option<i16>,
    change: Change,
    mode: Mode<'_>,
) -> Option<FoundChange> {
    let (level, value) = (target.level, target.value);
    let (scope, advisable) = match mode {
        Mode::Any => return Some(FoundChange::without_advice(change)),
        Mode::Advisable(scope) => (scope, true),
        Mode::Obstacle(scope) => (scope, false),
    };
    let fact = level.fact?;
    let tag = change.tag.clone();
    let tag = tag.as_deref();
    let subject = StepSubject { fact, year, tag, known: &level.known, to: value, bounds: target.bounds };
    if !advisable {
        let is_final = scope.is_final(&fact.key, year, view);
        return Some(FoundChange::of(change, None, false, advice_words::obstacle(&subject, is_final)));
    }
    let verifies = level.options.open_classes.contains(&target.class);
    let effort = if verifies {
        may_be_verified(fact, value, target.bounds).then_some(VERIFICATION_EFFORT)?
    } else {
        scope.effort_of_change(fact, year, view, &level.known, value)?
    };
    let text = if verifies {
        advice_words::verification(&subject, view.as_of)
    } else {
        advice_words::step(&subject, view)
    };
    Some(FoundChange::of(change, Some(effort), verifies, text))
}

/// Numbers that a derived fact is computed from.
fn numeric_inputs(view: &View<'_>, level: &SlotLevel<'_>, year: Option<i16>) -> Vec<(String, Option<i16>)> {
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
    mode: Mode<'_>,
) -> Option<(Profile, Vec<FoundChange>)> {
    let goal = Goal::new(plan, target);
    let alone = single.into_iter().map(|(key, year)| AdjustableFact { key, years: vec![year] });
    let together = groups.into_iter().filter_map(|group| {
        let (key, _) = group.first()?.clone();
        Some(AdjustableFact { key, years: group.into_iter().map(|(_, year)| Some(year)).collect() })
    });
    let moved = alone.chain(together).filter_map(|lever| lever.adjust(view, &profile, &goal, mode));
    // Of several facts that are sufficient alone, the one with the smallest change.
    let best =
        moved.min_by(|a, b| (a.changes.len(), &a.relative_size).cmp(&(b.changes.len(), &b.relative_size)))?;
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
    changes: Vec<FoundChange>,
    relative_size: Number,
}

impl AdjustableFact {
    fn adjust(
        &self,
        view: &View<'_>,
        profile: &Profile,
        goal: &Goal<'_>,
        mode: Mode<'_>,
    ) -> Option<LevelChange> {
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
        // The effort of all changes in a direction; `None` if one of them may not be advised.
        let effort = |to: &Number| {
            let Mode::Advisable(scope) = mode else { return Some(0) };
            let to = Value::Number(to.clone());
            let efforts = self.years.iter().zip(&known).map(|(year, known)| match known.exact() {
                Some(_) => scope.effort_of_change(fact, *year, view, known, &to),
                None => Some(VERIFICATION_EFFORT),
            });
            efforts.collect::<Option<Vec<u32>>>()?.into_iter().max()
        };
        let steps = [1, -1]
            .into_iter()
            .filter(|sign| effort(&start.plus(&unit.times(&Number::from(*sign)))).is_some())
            .filter_map(|sign| smallest_count(&|count| reached(sign * count)).map(|n| sign * n));
        let steps = steps.min_by_key(|steps| steps.abs())?;
        let value = start.plus(&unit.times(&Number::from(steps)));
        let to = Value::Number(value.clone());
        let found = |(year, known): (&Option<i16>, &Knowledge)| {
            let change = Change {
                fact: Some(self.key.clone()),
                year: *year,
                from: known.to_json(),
                to: to.to_json(),
                text: words::value(fact, *year, known, &to),
                ..Change::default()
            };
            let bounds = super::ClassBounds::default();
            let subject = StepSubject { fact, year: *year, tag: None, known, to: &to, bounds: &bounds };
            match mode {
                Mode::Any => FoundChange::without_advice(change),
                Mode::Obstacle(scope) => {
                    let is_final = scope.is_final(&fact.key, *year, view);
                    FoundChange::of(change, None, false, advice_words::obstacle(&subject, is_final))
                }
                Mode::Advisable(scope) => match known.exact() {
                    Some(_) => {
                        let effort = scope.effort_of_change(fact, *year, view, known, &to);
                        FoundChange::of(change, effort, false, advice_words::step(&subject, view))
                    }
                    None => {
                        let text = advice_words::verification(&subject, view.as_of);
                        FoundChange::of(change, Some(VERIFICATION_EFFORT), true, text)
                    }
                },
            }
        };
        let changed = self.years.iter().zip(&known).filter(|(_, known)| known.number() != Some(&value));
        let changes: Vec<FoundChange> = changed.map(found).collect();
        let larger = start.abs().max(value.abs());
        let share = value.minus(&start).abs().checked_div(&larger).unwrap_or_else(Number::zero);
        Some(LevelChange { profile: with(&value), changes, relative_size: share })
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
