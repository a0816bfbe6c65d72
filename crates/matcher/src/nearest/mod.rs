//! Smallest set of changes (差距) that makes an ineligible enterprise eligible.
//!
//! Sets are compared by the number of changed facts that are past and cannot be changed (a founding date), then by the number of
//! changes, then by their distance. The passing of time is one change; if it makes a difference, the day is named. A suggestion
//! is only given after the changed profile was decided again and found eligible.

#![expect(clippy::indexing_slicing, reason = "levels and columns are those of the plan")]

mod realise;
mod search;
mod target;
mod words;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_policy::calendar::CalendarSpan;
use zhaoren_policy::criterion::{Criterion, Node, Span, Test, When};
use zhaoren_policy::fact::{Fact, FactType, Knowledge, Value};
use zhaoren_policy::item::Item;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{Encoded, End, EvaluationDay, Plan};
use crate::report::GrantIndex;
use crate::slot::Slot;
use search::{Cost, Options, cheapest_paths};
use target::{day_after, distance, target};

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
/// Maximum number of later days tried.
const MAX_DAYS: usize = 12;
/// Maximum number of years of waiting to suggest.
const YEARS_AHEAD: u32 = 10;

/// Smallest changes that make `item`'s criteria hold; empty if none can be named.
pub(crate) fn nearest(item: &Item, plan: &Plan, view: &View<'_>) -> Vec<Change> {
    let mut best = cheapest_changes(plan, view, Cost { past: u32::MAX, ..Cost::default() });
    for turn in timed_changes(item, plan, view) {
        zhaoren_cancel::poll();
        if !item.in_force_on(turn.day) {
            break;
        }
        let later = view.later(turn.day);
        let Ok(plan) = Plan::compile(&item.criteria, view.dictionary, EvaluationDay::of(&later)) else {
            break;
        };
        let wait = Cost { past: 0, changes: 1, distance: wait_distance(view.as_of, turn.day) };
        let below = best.as_ref().map_or(Cost { past: u32::MAX, ..Cost::default() }, |(cost, _)| *cost);
        if let Some((cost, mut changes)) = cheapest_changes_after_wait(&plan, &later, wait, below) {
            changes.insert(0, turn.change(view));
            best = Some((cost, changes));
        }
    }
    // Where nothing helps, nothing is suggested.
    best.map(|(_, changes)| changes).unwrap_or_default()
}

/// Adds to the changes the items, other than `item` itself, that grant a title to be gained.
pub(crate) fn add_granting_items(
    mut changes: Vec<Change>,
    granting: &GrantIndex,
    item: &Item,
) -> Vec<Change> {
    for change in &mut changes {
        let (Some(fact), Some(tag), Json::Bool(true)) = (&change.fact, &change.tag, &change.to) else {
            continue;
        };
        let items = granting.get(&(fact.clone(), tag.clone())).into_iter().flatten();
        change.via = items.filter(|id| **id != item.id).cloned().collect();
    }
    changes
}

fn wait_distance(from: Date, to: Date) -> u32 {
    distance(&Knowledge::Exactly(Value::Date(from)), &Value::Date(to))
}

/// Like [`cheapest_changes`], with the cost of waiting added.
fn cheapest_changes_after_wait(
    plan: &Plan,
    view: &View<'_>,
    wait: Cost,
    below: Cost,
) -> Option<(Cost, Vec<Change>)> {
    if wait >= below {
        return None;
    }
    if plan.decide(view) == Verdict::Eligible {
        return Some((wait, Vec::new()));
    }
    let (cost, changes) = cheapest_changes(plan, view, below)?;
    let cost = cost.plus(wait);
    (cost < below).then_some((cost, changes))
}

/// Cheapest path that is verified and costs less than `below`.
fn cheapest_changes(plan: &Plan, view: &View<'_>, below: Cost) -> Option<(Cost, Vec<Change>)> {
    let seen = plan.encode(view);
    let levels: Vec<Level> =
        (0..plan.diagram.levels.len()).map(|at| Level::new(plan, at, &seen, view)).collect();
    let options: Vec<Options> = levels.iter().map(|level| level.options.clone()).collect();
    for way in cheapest_paths(&plan.diagram, &options, MAX_PATHS) {
        if way.cost >= below {
            return None;
        }
        let targets: Vec<LevelTarget<'_>> = way
            .steps
            .iter()
            .filter_map(|(level, class)| {
                let level = &levels[*level];
                // The only open class is no change and has no target.
                let (_, value, bounds) = level.targets.iter().find(|(of, ..)| of == class)?;
                Some(LevelTarget { level, class: *class, value, bounds })
            })
            .collect();
        if let Some(changes) = realise::find_changes(plan, view, &targets) {
            return Some((way.cost, changes));
        }
    }
    None
}

/// Level with its required value.
pub(crate) struct LevelTarget<'a> {
    pub(crate) level: &'a Level<'a>,
    pub(crate) class: usize,
    /// Value of the required class that is nearest to the known value.
    pub(crate) value: &'a Value,
    pub(crate) bounds: &'a ClassBounds,
}

/// Level of a plan with its known value and its reachable classes.
pub(crate) struct Level<'a> {
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

impl<'a> Level<'a> {
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
            classes.push((class, Cost { past: u32::from(past), changes: 1, distance }));
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

/// Day on which the state of a condition changes through time alone.
#[derive(Clone, Debug, PartialEq)]
struct TimedChange {
    day: Date,
    key: String,
    tag: Option<String>,
    /// Condition in words.
    text: String,
}

impl TimedChange {
    fn change(&self, view: &View<'_>) -> Change {
        let known = match (&self.tag, view.dictionary.get(&self.key)) {
            (Some(tag), _) => {
                let held = view.tags(&self.key).and_then(|set| set.holds(tag, view.as_of));
                held.map_or(Json::Null, Json::Bool)
            }
            (None, Some(fact)) => view.knowledge(fact, None).to_json(),
            (None, None) => Json::Null,
        };
        let to = match (&self.tag, known.as_bool()) {
            (Some(_), Some(held)) => Json::Bool(!held),
            _ => known.clone(),
        };
        Change {
            fact: Some(self.key.clone()),
            tag: self.tag.clone(),
            from: known,
            to,
            on: Some(self.day),
            text: words::wait_until(&self.text, self.day),
            ..Change::default()
        }
    }
}

/// Days after the evaluation date on which the state of some condition changes through time alone, earliest first.
fn timed_changes(item: &Item, plan: &Plan, view: &View<'_>) -> Vec<TimedChange> {
    let mut turns = Vec::new();
    item.criteria.walk(&mut |_, criterion| add_condition_changes(criterion, view, &mut turns));
    add_tag_changes(plan, view, &mut turns);
    let last = CalendarSpan { count: YEARS_AHEAD, unit: zhaoren_policy::calendar::SpanUnit::Years };
    let horizon = last.after(view.as_of);
    turns.retain(|turn| view.as_of < turn.day && turn.day <= horizon);
    turns.sort_by_key(|turn| turn.day);
    turns.dedup_by(|later, first| later.day == first.day);
    turns.truncate(MAX_DAYS);
    turns
}

fn add_condition_changes(criterion: &Criterion, view: &View<'_>, turns: &mut Vec<TimedChange>) {
    let Node::Leaf(leaf) = &criterion.node else { return };
    let Some(fact) = view.dictionary.get(&leaf.fact).filter(|_| leaf.when == When::Current) else { return };
    let Knowledge::Exactly(value) = view.knowledge(fact, None) else { return };
    for test in &leaf.tests {
        let day = match (test, &value) {
            (Test::Elapsed(span, length), Value::Date(from)) => match span {
                Span::AtLeast | Span::LessThan => Some(length.after(*from)),
                Span::MoreThan | Span::AtMost => Some(day_after(length.after(*from), 1)),
            },
            (Test::Number(_, bound), _) => view.day_reached(fact, bound),
            _ => None,
        };
        turns.extend(day.map(|day| TimedChange {
            day,
            key: fact.key.clone(),
            tag: None,
            text: zhaoren_policy::criterion::describe(criterion, view.dictionary),
        }));
    }
}

fn add_tag_changes(plan: &Plan, view: &View<'_>, turns: &mut Vec<TimedChange>) {
    for column in &plan.columns {
        let Slot::Tag(key, tag) = &column.slot else { continue };
        let Some(set) = view.tags(key) else { continue };
        turns.extend(set.change_days(tag).into_iter().map(|day| {
            let text = words::tag_over_time(tag, set.holds(tag, day) == Some(true));
            TimedChange { day, key: key.clone(), tag: Some(tag.clone()), text }
        }));
    }
}
