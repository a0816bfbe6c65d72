//! Stacking rules of a catalogue (叠加), made symmetric.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zhaoren_cancel::poll;
use zhaoren_policy::item::{CapPeriod, Item, RelationKind, Stacking};
use zhaoren_policy::number::Number;

/// Reason why two items cannot be combined, or do not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 不重复享受 between two items.
    Excludes,
    /// 不重复享受 within a group.
    ChooseOne,
    /// One of the two for the same object (项目, 贷款, 人). Two objects are not assumed.
    SameObject,
    /// 从高不重复.
    HigherOf,
    /// 差额补足.
    TopUp,
    /// 总额封顶.
    Cap,
    /// 一次性, and already received.
    Once,
    /// The application window is over.
    WindowClosed,
    /// The item would add nothing.
    NoGain,
}

/// Cap on a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupCap {
    /// Name of the group.
    pub group: String,
    /// Period over which the cap counts.
    pub per: CapPeriod,
    /// Cap in yuan; the lowest if the members state different ones.
    pub yuan: Number,
    /// Ids of the members.
    pub members: BTreeSet<String>,
}

/// Exclusions, non-additive combinations and shared caps of items.
///
/// A group is stored as a group: one of ten thousand items would be fifty million pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackingRules {
    excludes: BTreeSet<(String, String)>,
    same_object: BTreeSet<(String, String)>,
    top_up: BTreeSet<(String, String)>,
    /// Groups of which only one item may be chosen.
    choose_one: Groups,
    /// Groups of which only the higher amount is paid.
    higher_of: Groups,
    caps: Vec<GroupCap>,
}

/// Groups of items.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Groups {
    /// Ids of the members, by name of the group.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Names of the groups, by id of the item.
    of: BTreeMap<String, BTreeSet<String>>,
}

impl Groups {
    fn add(&mut self, group: &str, item: &str) {
        self.members.entry(group.to_owned()).or_default().insert(item.to_owned());
        self.of.entry(item.to_owned()).or_default().insert(group.to_owned());
    }

    /// True if two different items share a group.
    fn hold_both(&self, a: &str, b: &str) -> bool {
        match (self.of.get(a), self.of.get(b)) {
            (Some(own), Some(others)) => a != b && !own.is_disjoint(others),
            _ => false,
        }
    }

    /// Members of each group, groups in order of name.
    pub(super) fn members(&self) -> impl Iterator<Item = &BTreeSet<String>> {
        self.members.values()
    }
}

fn pair(a: &str, b: &str) -> (String, String) {
    if a <= b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) }
}

impl StackingRules {
    /// Rules stated by `items`. An exclusion is symmetric, whichever of the two items states it.
    ///
    /// A `choose_one` relation holds per object and gives way to a rule that says how two items combine (从高, 差额) or that they
    /// stack; any other exclusion does not.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut rules = Self::default();
        let mut same_object = BTreeSet::new();
        let mut stack = BTreeSet::new();
        let mut caps: BTreeMap<(&str, CapPeriod), GroupCap> = BTreeMap::new();
        for item in items {
            poll();
            for other in &item.excludes {
                rules.excludes.insert(pair(&item.id, other));
            }
            for relation in &item.relations {
                let both = pair(&item.id, &relation.item);
                match relation.kind {
                    RelationKind::ChooseOne => same_object.insert(both),
                    RelationKind::StacksWith => stack.insert(both),
                    _ => false,
                };
            }
            for rule in &item.stacking {
                match &rule.rule {
                    Stacking::ChooseOne { group } => rules.choose_one.add(group, &item.id),
                    Stacking::HigherOf { group } => rules.higher_of.add(group, &item.id),
                    Stacking::TopUp { of } => {
                        rules.top_up.insert(pair(&item.id, of));
                    }
                    Stacking::Cap { group, yuan, per } => {
                        let cap = caps.entry((group, *per)).or_insert_with(|| GroupCap {
                            group: group.clone(),
                            per: *per,
                            yuan: yuan.clone(),
                            members: BTreeSet::new(),
                        });
                        cap.yuan = cap.yuan.clone().min(yuan.clone());
                        cap.members.insert(item.id.clone());
                    }
                    Stacking::StacksWith { items } => {
                        stack.extend(items.iter().map(|other| pair(&item.id, other)));
                    }
                    Stacking::Once { .. } => {}
                }
            }
        }
        same_object.retain(|both| rules.linked(&both.0, &both.1).is_none() && !stack.contains(both));
        rules.same_object = same_object;
        rules.caps = caps.into_values().collect();
        rules
    }

    /// Reason why `a` and `b` cannot be combined; `None` if they can.
    pub fn exclusion(&self, a: &str, b: &str) -> Option<Rule> {
        let both = pair(a, b);
        if self.excludes.contains(&both) {
            Some(Rule::Excludes)
        } else if self.choose_one.hold_both(a, b) {
            Some(Rule::ChooseOne)
        } else {
            self.same_object.contains(&both).then_some(Rule::SameObject)
        }
    }

    /// Reason why only the higher of `a` and `b` is paid; `None` if they add up.
    pub fn linked(&self, a: &str, b: &str) -> Option<Rule> {
        if self.top_up.contains(&pair(a, b)) {
            Some(Rule::TopUp)
        } else {
            self.higher_of.hold_both(a, b).then_some(Rule::HigherOf)
        }
    }

    /// Caps, by group.
    pub fn caps(&self) -> &[GroupCap] {
        &self.caps
    }

    /// Pairs and groups that exclude each other.
    pub(super) fn exclusion_ties(&self) -> (impl Iterator<Item = &(String, String)>, &Groups) {
        (self.excludes.iter().chain(&self.same_object), &self.choose_one)
    }

    /// Pairs and groups of which only the higher is paid.
    pub(super) fn linked_ties(&self) -> (impl Iterator<Item = &(String, String)>, &Groups) {
        (self.top_up.iter(), &self.higher_of)
    }
}
