//! Smallest set of changes (差距) that makes an ineligible enterprise eligible.
//!
//! Sets are compared by the number of changed facts that are past and cannot be changed (a founding date), then by the number of
//! changes, then by their distance. The passing of time is one change; if it makes a difference, the day is named. A suggestion
//! is only given after the changed profile was decided again and found eligible.
//!
//! The same search, with the changes priced by the dictionary's rules of advice, gives the [`Advice`] that people are shown.

#![expect(clippy::indexing_slicing, reason = "levels and columns are those of the plan")]

mod advice;
mod advice_words;
mod permit;
mod realise;
mod search;
mod target;
mod timed;
mod words;

use std::cell::OnceCell;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_policy::fact::{Fact, FactType, Knowledge, Value};
use zhaoren_policy::item::Item;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{Encoded, End, EvaluationDay, Plan};
use crate::report::GrantIndex;
use crate::slot::Slot;
use permit::AdviceScope;
use realise::FoundChange;
use search::{Cost, Options, cheapest_paths};
use target::{distance, target};
use timed::{TimedChange, timed_changes};

pub use advice::{Advice, AdviceOutcome, AdviceStep, Obstacle};

/// Change of a fact.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Change {
    /// Key of the fact; `None` for a judged text.
    pub fact: Option<String>,
    /// Fiscal year, for a yearly fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// Tag, for a tags fact; `from` and `to` then say whether it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Text that a person has to judge; `to` is the required judgement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<String>,
    /// Known value, as a profile gives it; null if unknown.
    pub from: Json,
    /// Required value. Equal to `from` if only time has to pass.
    pub to: Json,
    /// Ids of the items that grant the title to be gained (先获认定).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
    /// Day from which the passing of time alone is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// True if the fact is past and cannot be changed any more; the criteria are then out of reach for good.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fixed: bool,
    /// Description in Chinese.
    pub text: String,
}

/// Maximum number of paths tried on the changed profile.
const MAX_PATHS: usize = 24;
/// Smallest changes that make `item`'s criteria hold, empty if none can be named, and the advice.
pub(crate) fn suggestions(item: &Item, plan: &Plan, view: &View<'_>) -> (Vec<Change>, Advice) {
    let days = later_days(item, plan, view);
    let found = cheapest(item, plan, view, &days, None);
    let nearest = found.map(|(_, changes)| changes.into_iter().map(|found| found.change).collect());
    // Where nothing helps, nothing is suggested.
    (nearest.unwrap_or_default(), advised(item, plan, view, &days))
}

/// Advice alone.
pub(crate) fn advice(item: &Item, plan: &Plan, view: &View<'_>) -> Advice {
    advised(item, plan, view, &later_days(item, plan, view))
}

fn advised(item: &Item, plan: &Plan, view: &View<'_>, days: &[LaterDay<'_>]) -> Advice {
    let scope = AdviceScope::of(item, view.dictionary);
    Advice::of(cheapest(item, plan, view, days, Some(&scope)), view)
}

/// Day on which time alone changes a condition, with the plan of that day, compiled on first use.
struct LaterDay<'a> {
    turn: TimedChange,
    view: View<'a>,
    plan: OnceCell<Option<Plan>>,
}

fn later_days<'a>(item: &Item, plan: &Plan, view: &View<'a>) -> Vec<LaterDay<'a>> {
    let turns = timed_changes(item, plan, view).into_iter();
    let turns = turns.take_while(|turn| item.in_force_on(turn.day));
    turns.map(|turn| LaterDay { view: view.later(turn.day), turn, plan: OnceCell::new() }).collect()
}

/// Cheapest set of changes, with the passing of time; for advice if `scope` is given.
fn cheapest(
    item: &Item,
    plan: &Plan,
    view: &View<'_>,
    days: &[LaterDay<'_>],
    scope: Option<&AdviceScope>,
) -> Option<(Cost, Vec<FoundChange>)> {
    let most = Cost { impossible: u32::MAX, ..Cost::default() };
    let mut best = cheapest_changes(plan, view, most, scope);
    for later in days {
        zhaoren_cancel::poll();
        if scope.is_some() && !later.turn.is_advisable(view) {
            continue;
        }
        let compile = || Plan::compile(&item.criteria, view.dictionary, EvaluationDay::of(&later.view)).ok();
        let Some(plan) = later.plan.get_or_init(compile) else { break };
        let distance = distance(&Knowledge::Exactly(Value::Date(view.as_of)), &Value::Date(later.turn.day));
        let effort = if scope.is_some() { advice::waiting_effort(view.as_of, later.turn.day) } else { 1 };
        let wait = Cost { impossible: 0, effort, distance };
        let below = best.as_ref().map_or(most, |(cost, _)| *cost);
        if let Some((cost, mut changes)) = cheapest_changes_after_wait(plan, &later.view, wait, below, scope)
        {
            let text = later.turn.wait_text();
            let waiting = FoundChange::of(later.turn.change(view), Some(effort), false, text);
            changes.insert(0, waiting);
            best = Some((cost, changes));
        }
    }
    best
}

/// Adds to the changes the items, other than `item` itself, that grant a title to be gained.
pub(crate) fn add_granting_items<'a>(
    changes: impl Iterator<Item = &'a mut Change>,
    granting: &GrantIndex,
    item: &Item,
) {
    for change in changes {
        let (Some(fact), Some(tag), Json::Bool(true)) = (&change.fact, &change.tag, &change.to) else {
            continue;
        };
        let items = granting.get(&(fact.clone(), tag.clone())).into_iter().flatten();
        change.via = items.filter(|id| **id != item.id).cloned().collect();
    }
}

/// Like [`cheapest_changes`], with the cost of waiting added.
fn cheapest_changes_after_wait(
    plan: &Plan,
    view: &View<'_>,
    wait: Cost,
    below: Cost,
    scope: Option<&AdviceScope>,
) -> Option<(Cost, Vec<FoundChange>)> {
    if wait >= below {
        return None;
    }
    if plan.decide(view) == Verdict::Eligible {
        return Some((wait, Vec::new()));
    }
    let (cost, changes) = cheapest_changes(plan, view, below, scope)?;
    let cost = cost.plus(wait);
    (cost < below).then_some((cost, changes))
}

/// Cheapest path that is verified and costs less than `below`.
fn cheapest_changes(
    plan: &Plan,
    view: &View<'_>,
    below: Cost,
    scope: Option<&AdviceScope>,
) -> Option<(Cost, Vec<FoundChange>)> {
    let seen = plan.encode(view);
    let mut levels: Vec<SlotLevel> =
        (0..plan.diagram.levels.len()).map(|at| SlotLevel::new(plan, at, &seen, view)).collect();
    if let Some(scope) = scope {
        for level in &mut levels {
            let costs = level.advice_costs(plan, view, scope);
            level.options.classes = costs;
        }
    }
    let options: Vec<Options> = levels.iter().map(|level| level.options.clone()).collect();
    for way in cheapest_paths(&plan.diagram, &options, MAX_PATHS) {
        if way.cost >= below {
            return None;
        }
        let targets: Vec<LevelTarget<'_>> =
            way.steps.iter().filter_map(|(level, class)| levels[*level].target(*class)).collect();
        let Some(changes) = realise::find_changes(plan, view, &targets, scope) else { continue };
        let Some(scope) = scope.filter(|_| way.cost.impossible == 0) else {
            return Some((way.cost, changes));
        };
        return Some(smallest_subset(plan, view, targets, changes, scope, way.cost));
    }
    None
}

/// Leaves out changes that are not necessary: a fact that several levels ask for may be changed for one of them only.
fn smallest_subset(
    plan: &Plan,
    view: &View<'_>,
    mut targets: Vec<LevelTarget<'_>>,
    mut changes: Vec<FoundChange>,
    scope: &AdviceScope,
    cost: Cost,
) -> (Cost, Vec<FoundChange>) {
    let mut at = 0;
    while at < targets.len() && targets.len() > 1 {
        zhaoren_cancel::poll();
        let left_out = targets.remove(at);
        match realise::find_changes(plan, view, &targets, Some(scope)) {
            Some(fewer) => changes = fewer,
            None => {
                targets.insert(at, left_out);
                at += 1;
            }
        }
    }
    (cost, changes)
}

/// Level with its required value.
pub(crate) struct LevelTarget<'a> {
    pub(crate) level: &'a SlotLevel<'a>,
    pub(crate) class: usize,
    /// Value of the required class that is nearest to the known value.
    pub(crate) value: &'a Value,
    pub(crate) bounds: &'a ClassBounds,
    /// True if the change may be advised.
    pub(crate) advisable: bool,
}

/// Level of a plan with its known value and its reachable classes.
pub(crate) struct SlotLevel<'a> {
    /// Index of the level.
    pub(crate) index: usize,
    pub(crate) slot: &'a Slot,
    pub(crate) fact: Option<&'a Fact>,
    pub(crate) known: Knowledge,
    options: Options,
    /// For each reachable class, the value nearest to the known one, and the bounds of the class.
    targets: Vec<(usize, Value, ClassBounds)>,
}

/// Bounds of a class; `None` for an open side.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassBounds {
    /// Numbers, each with its exclusive flag.
    pub(crate) numbers: (Option<End>, Option<End>),
    /// Days, both inclusive.
    pub(crate) days: (Option<Date>, Option<Date>),
}

impl<'a> SlotLevel<'a> {
    /// Target of a class; `None` if the level is already certain to be in it, so that nothing changes.
    fn target(&'a self, class: usize) -> Option<LevelTarget<'a>> {
        let (_, value, bounds) = self.targets.iter().find(|(of, ..)| *of == class)?;
        let cost = self.options.classes.iter().find(|(of, _)| *of == class);
        let advisable = cost.is_some_and(|(_, cost)| cost.impossible == 0);
        Some(LevelTarget { level: self, class, value, bounds, advisable })
    }

    /// Costs of the classes for advice: the effort in place of the number of changes, and changes that may not be advised last.
    fn advice_costs(&self, plan: &Plan, view: &View<'_>, scope: &AdviceScope) -> Vec<(usize, Cost)> {
        let cost_of = |(class, cost): &(usize, Cost)| {
            let Some(target) = self.target(*class).filter(|_| *cost != Cost::default()) else {
                return (*class, *cost);
            };
            let effort = realise::advice_effort(plan, view, &target, scope);
            let changes = effort.unwrap_or(zhaoren_policy::fact::MAX_EFFORT);
            (
                *class,
                Cost { impossible: u32::from(effort.is_none()), effort: changes, distance: cost.distance },
            )
        };
        self.options.classes.iter().map(cost_of).collect()
    }

    fn new(plan: &'a Plan, at: usize, seen: &[Encoded], view: &View<'a>) -> Self {
        let level = &plan.diagram.levels[at];
        let column = &plan.columns[level.column];
        let open = level.classes_of(&column.open_codes(&seen[level.column]));
        let fact = column.slot.key().and_then(|key| view.dictionary.get(key));
        let known = column.knowledge(view);
        let past = fact.is_some_and(is_past) && known.exact().is_some();
        let (mut classes, mut targets) = (Vec::new(), Vec::new());
        // No single record that has to change can be named, so a condition on records stays as it is.
        let movable = !matches!(column.slot, Slot::Records(_));
        for class in level.classes_of(&column.free).into_iter().filter(|_| movable) {
            if open == [class] {
                classes.push((class, Cost::default()));
                continue;
            }
            let codes = level.codes_of(class, column.space.max_code()).and(&column.free);
            let Some(value) = target(column, &codes, &known, fact) else { continue };
            let distance = if open.contains(&class) { 500 } else { distance(&known, &value) };
            classes.push((class, Cost { impossible: u32::from(past), effort: 1, distance }));
            let ends = match codes.ranges() {
                [(first, last)] => ClassBounds {
                    // Other columns than those of numbers have no such ends.
                    numbers: column.space.number_bounds(*first, *last).unwrap_or_default(),
                    days: column.space.day_bounds(*first, *last),
                },
                _ => ClassBounds::default(),
            };
            targets.push((class, value, ends));
        }
        // A derived value may lie outside its fact's bounds; it can still remain unchanged.
        if let [class] = open.as_slice()
            && !classes.iter().any(|(of, _)| of == class)
        {
            classes.push((*class, Cost::default()));
        }
        Self {
            index: at,
            slot: &column.slot,
            fact,
            known,
            options: Options { open_classes: open, classes },
            targets,
        }
    }
}

/// True if a fact is about the past: the day on which something began or last happened.
fn is_past(fact: &Fact) -> bool {
    fact.kind == FactType::Date && (fact.since.is_some() || fact.last.is_some())
}
