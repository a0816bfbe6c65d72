//! Days on which the passing of time alone changes a condition.

use jiff::civil::Date;
use serde_json::Value as Json;
use zhaoren_policy::calendar::CalendarSpan;
use zhaoren_policy::criterion::{Criterion, Node, Span, Test, When};
use zhaoren_policy::fact::{Direction, Knowledge, Value};
use zhaoren_policy::item::Item;
use zhaoren_policy::view::View;

use super::target::add_days;
use super::{Change, words};
use crate::compiled::Plan;
use crate::slot::Slot;

/// Maximum number of later days tried.
const MAX_DAYS: usize = 12;
/// Maximum number of years of waiting to suggest.
const YEARS_AHEAD: u32 = 10;

/// Day on which the state of a condition changes through time alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimedChange {
    pub(super) day: Date,
    key: String,
    tag: Option<String>,
    /// True if a tag is held from the day on; false for everything else.
    gains_tag: bool,
    /// Condition in words.
    text: String,
}

impl TimedChange {
    /// True if waiting for the day may be advised: not for the end of a title that is worth having.
    pub(super) fn is_advisable(&self, view: &View<'_>) -> bool {
        let (Some(_), Some(fact)) = (&self.tag, view.dictionary.get(&self.key)) else { return true };
        self.gains_tag || fact.advice_rule().direction != Direction::Grow
    }

    /// Waiting for the day, in words.
    pub(super) fn wait_text(&self) -> String {
        words::wait_until(&self.text, self.day)
    }

    pub(super) fn change(&self, view: &View<'_>) -> Change {
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
            text: self.wait_text(),
            ..Change::default()
        }
    }
}

/// Days after the evaluation date on which the state of some condition changes through time alone, earliest first.
pub(super) fn timed_changes(item: &Item, plan: &Plan, view: &View<'_>) -> Vec<TimedChange> {
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
                Span::MoreThan | Span::AtMost => Some(add_days(length.after(*from), 1)),
            },
            (Test::Number(_, bound), _) => view.day_reached(fact, bound),
            _ => None,
        };
        turns.extend(day.map(|day| TimedChange {
            day,
            key: fact.key.clone(),
            tag: None,
            gains_tag: false,
            text: zhaoren_policy::criterion::describe(criterion, view.dictionary),
        }));
    }
}

fn add_tag_changes(plan: &Plan, view: &View<'_>, turns: &mut Vec<TimedChange>) {
    for column in &plan.columns {
        let Slot::Tag(key, tag) = &column.slot else { continue };
        let Some(set) = view.tags(key) else { continue };
        turns.extend(set.change_days(tag).into_iter().map(|day| {
            let gains_tag = set.holds(tag, day) == Some(true);
            let text = words::tag_over_time(tag, gains_tag);
            TimedChange { day, key: key.clone(), tag: Some(tag.clone()), gains_tag, text }
        }));
    }
}
