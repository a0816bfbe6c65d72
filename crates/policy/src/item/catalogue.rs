//! Checks of items together: references, contradictions, cycles, and granted titles.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_cancel::poll;

use super::cycles::report_cycles;
use super::stacking::{CapPeriod, Stacking};
use super::{Item, RelationKind};
use crate::number::Number;
use crate::problem::{Fault, Problem, Report, Subject};

/// Ids of the items that grant a title or list entry, in order, by fact and tag.
///
/// If an enterprise lacks a required tag, this names the items that would grant it.
pub fn grant_index<'a>(items: impl IntoIterator<Item = &'a Item>) -> BTreeMap<(String, String), Vec<String>> {
    let mut index: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for item in items {
        for grant in &item.grants {
            index.entry((grant.fact.clone(), grant.tag.clone())).or_default().push(item.id.clone());
        }
    }
    for ids in index.values_mut() {
        ids.sort();
        ids.dedup();
    }
    index
}

/// Checks a whole catalogue, called `name` in messages: every reference exists, no two items are both excluded and allowed
/// together, no item is its own prerequisite or 差额补足, groups agree.
///
/// Every problem names the items concerned. Errors are contradictions; a group with a single member is a warning, since its name
/// may be misspelt.
pub fn check_catalogue<'a>(items: impl IntoIterator<Item = &'a Item>, name: &str) -> Vec<Problem> {
    let mut items: Vec<&Item> = items.into_iter().collect();
    items.sort_by(|a, b| a.id.cmp(&b.id));
    let mut report = Report::new(name);
    check_references(&items, &mut report);
    check_contradictions(&items, &mut report);
    report_cycles(&items, "relations: requires", &requires, &mut report);
    report_cycles(&items, "stacking: top_up", &top_ups, &mut report);
    check_groups(&items, &mut report);
    check_caps(&items, &mut report);
    report.problems
}

fn set_subject(report: &mut Report, item: &Item) {
    report.set_subject(Some(Subject::Item(item.id.clone())));
}

fn check_references(items: &[&Item], report: &mut Report) {
    let known: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    for item in items {
        set_subject(report, item);
        let excludes = item.excludes.iter().map(|id| ("excludes", id));
        let relations = item.relations.iter().map(|relation| ("relations", &relation.item));
        let stacking = item.stacking.iter().flat_map(|rule| match &rule.rule {
            Stacking::TopUp { of } => std::slice::from_ref(of).iter(),
            Stacking::StacksWith { items } => items.iter(),
            _ => [].iter(),
        });
        for (path, id) in excludes.chain(relations).chain(stacking.map(|id| ("stacking", id))) {
            if !known.contains(id.as_str()) {
                report.error(0, path, Fault::Dangling { what: "item", id: id.clone() });
            } else if *id == item.id {
                report.error(0, path, Fault::Other(format!("`{id}` names itself")));
            }
        }
    }
}

/// Two ids in order.
fn pair(a: &str, b: &str) -> (String, String) {
    if a <= b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) }
}

fn check_contradictions(items: &[&Item], report: &mut Report) {
    let mut apart: BTreeMap<(String, String), String> = BTreeMap::new();
    for item in items {
        for other in &item.excludes {
            apart.insert(pair(&item.id, other), "`excludes`".to_owned());
        }
        for relation in item.relations.iter().filter(|r| r.kind == RelationKind::ChooseOne) {
            apart
                .entry(pair(&item.id, &relation.item))
                .or_insert_with(|| "`relations: choose_one`".to_owned());
        }
    }
    let mut chosen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in items {
        for rule in &item.stacking {
            if let Stacking::ChooseOne { group } = &rule.rule {
                chosen.entry(&item.id).or_default().insert(group);
            }
        }
    }
    // First group common to both, of which only one item may be chosen.
    let choice = |a: &str, b: &str| {
        let (a, b) = (chosen.get(a)?, chosen.get(b)?);
        let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        few.iter().find(|group| many.contains(*group)).map(|group| format!("`choose_one: {group}`"))
    };
    for item in items {
        set_subject(report, item);
        let mut contradict = |other: &str, path: &str, what: &str| {
            poll();
            let why = apart.get(&pair(&item.id, other)).cloned().or_else(|| choice(&item.id, other));
            if let Some(why) = why {
                let words = format!("`{}` and `{other}` are kept apart by {why}, and {what}", item.id);
                report.error(0, path, Fault::Other(words));
            }
        };
        for relation in item.relations.iter().filter(|r| r.kind == RelationKind::StacksWith) {
            contradict(&relation.item, "relations", "allowed together by `stacks_with`");
        }
        for rule in &item.stacking {
            match &rule.rule {
                Stacking::StacksWith { items } => {
                    items
                        .iter()
                        .for_each(|id| contradict(id, "stacking", "allowed together by `stacks_with`"));
                }
                Stacking::TopUp { of } => contradict(of, "stacking", "one tops up the other (`top_up`)"),
                _ => {}
            }
        }
    }
}

fn requires(item: &Item) -> Vec<&str> {
    let required = item.relations.iter().filter(|relation| relation.kind == RelationKind::Requires);
    required.map(|relation| relation.item.as_str()).collect()
}

fn top_ups(item: &Item) -> Vec<&str> {
    item.stacking
        .iter()
        .filter_map(|rule| match &rule.rule {
            Stacking::TopUp { of } => Some(of.as_str()),
            _ => None,
        })
        .collect()
}

/// Members of every group that `name` selects from the rules, ids in order.
fn members<'a>(
    items: &[&'a Item],
    name: impl Fn(&'a Stacking) -> Option<&'a String>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in items {
        for group in item.stacking.iter().filter_map(|rule| name(&rule.rule)) {
            let members = groups.entry(group).or_default();
            if members.last() != Some(&item.id.as_str()) {
                members.push(&item.id);
            }
        }
    }
    groups
}

fn check_groups(items: &[&Item], report: &mut Report) {
    let groups = members(items, |rule| match rule {
        Stacking::ChooseOne { group } | Stacking::HigherOf { group } => Some(group),
        _ => None,
    });
    for (group, members) in groups {
        if let [only] = members.as_slice() {
            report.set_subject(Some(Subject::Item((*only).to_owned())));
            report.warn(0, "stacking", Fault::Other(format!("group `{group}` has no other member")));
        }
    }
}

fn check_caps(items: &[&Item], report: &mut Report) {
    let mut first: BTreeMap<(&str, CapPeriod), (&str, &Number)> = BTreeMap::new();
    for item in items {
        set_subject(report, item);
        for rule in &item.stacking {
            let Stacking::Cap { group, yuan, per } = &rule.rule else { continue };
            let (other, cap) = first.entry((group, *per)).or_insert((&item.id, yuan));
            if *cap != yuan {
                let words = format!("group `{group}` is capped at {yuan} here and at {cap} in `{other}`");
                report.error(0, "stacking", Fault::Other(words));
            }
        }
    }
    let groups = members(items, |rule| match rule {
        Stacking::Cap { group, .. } => Some(group),
        _ => None,
    });
    // For every two groups with a common member: the first such member, and the number of them.
    let mut shared: BTreeMap<(&str, &str), (&str, usize)> = BTreeMap::new();
    for item in items {
        let caps = item.stacking.iter().filter_map(|rule| match &rule.rule {
            Stacking::Cap { group, .. } => Some(group.as_str()),
            _ => None,
        });
        let caps: Vec<&str> = caps.collect::<BTreeSet<&str>>().into_iter().collect();
        for (at, group) in caps.iter().enumerate() {
            for other in caps.iter().skip(at + 1) {
                poll();
                shared.entry((group, other)).or_insert((&item.id, 0)).1 += 1;
            }
        }
    }
    for ((group, other), (id, common)) in shared {
        let whole = |name: &str| groups.get(name).is_some_and(|members| members.len() == common);
        if !whole(group) && !whole(other) {
            report.set_subject(Some(Subject::Item(id.to_owned())));
            let words = format!("caps of `{group}` and `{other}` overlap, and neither contains the other");
            report.error(0, "stacking", Fault::Other(words));
        }
    }
}
