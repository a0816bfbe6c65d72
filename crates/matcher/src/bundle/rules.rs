//! The stacking rules of a catalogue, made symmetric.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zhaoren_policy::item::{CapPeriod, Item, RelationKind, Stacking};
use zhaoren_policy::number::Number;

/// Why two items are not had together, or do not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 不重复享受 between the two.
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
    /// 一次性, and already had.
    Once,
    /// Its window is over.
    WindowClosed,
    /// It would add nothing.
    NoGain,
}

/// A cap on a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupCap {
    /// The group.
    pub group: String,
    /// Over what it counts.
    pub per: CapPeriod,
    /// Yuan; the least where members disagree.
    pub yuan: Number,
    /// Ids of the members.
    pub members: BTreeSet<String>,
}

/// Which items exclude each other, which do not add up, which share a cap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackingRules {
    apart: BTreeMap<(String, String), Rule>,
    linked: BTreeMap<(String, String), Rule>,
    caps: Vec<GroupCap>,
}

type Groups<'a> = BTreeMap<(&'a str, bool), BTreeSet<&'a str>>;

fn pair(a: &str, b: &str) -> (String, String) {
    if a <= b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) }
}

impl StackingRules {
    /// The rules that `items` state. An exclusion holds both ways, whoever states it.
    ///
    /// A `choose_one` relation holds per object and gives way to a rule that says how two items combine
    /// (从高, 差额) or that they stack; any other exclusion does not.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut rules = Self::default();
        let mut groups: Groups<'_> = BTreeMap::new();
        let mut same_object = BTreeSet::new();
        let mut stack = BTreeSet::new();
        for item in items {
            for other in &item.excludes {
                rules.apart.insert(pair(&item.id, other), Rule::Excludes);
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
                    Stacking::ChooseOne { group } => {
                        groups.entry((group, true)).or_default().insert(&item.id);
                    }
                    Stacking::HigherOf { group } => {
                        groups.entry((group, false)).or_default().insert(&item.id);
                    }
                    Stacking::TopUp { of } => {
                        rules.linked.insert(pair(&item.id, of), Rule::TopUp);
                    }
                    Stacking::Cap { group, yuan, per } => rules.cap(group, *per, yuan, &item.id),
                    Stacking::StacksWith { items } => {
                        stack.extend(items.iter().map(|other| pair(&item.id, other)));
                    }
                    Stacking::Once { .. } => {}
                }
            }
        }
        rules.add_groups(&groups);
        for both in same_object {
            if !rules.linked.contains_key(&both) && !stack.contains(&both) {
                rules.apart.entry(both).or_insert(Rule::SameObject);
            }
        }
        rules.caps.sort_by(|a, b| (&a.group, a.per).cmp(&(&b.group, b.per)));
        rules
    }

    fn add_groups(&mut self, groups: &Groups<'_>) {
        for ((_, choose_one), members) in groups {
            for a in members {
                for b in members.iter().filter(|b| *b > a) {
                    if *choose_one {
                        self.apart.entry(pair(a, b)).or_insert(Rule::ChooseOne);
                    } else {
                        self.linked.entry(pair(a, b)).or_insert(Rule::HigherOf);
                    }
                }
            }
        }
    }

    fn cap(&mut self, group: &str, per: CapPeriod, yuan: &Number, member: &str) {
        let known = self.caps.iter_mut().find(|cap| cap.group == group && cap.per == per);
        match known {
            Some(cap) => {
                cap.yuan = cap.yuan.clone().min(yuan.clone());
                cap.members.insert(member.to_owned());
            }
            None => self.caps.push(GroupCap {
                group: group.to_owned(),
                per,
                yuan: yuan.clone(),
                members: BTreeSet::from([member.to_owned()]),
            }),
        }
    }

    /// Why `a` and `b` cannot be had together; `None` when they can.
    pub fn apart(&self, a: &str, b: &str) -> Option<Rule> {
        self.apart.get(&pair(a, b)).copied()
    }

    /// Why `a` and `b` had together pay only the higher; `None` when they add up.
    pub fn linked(&self, a: &str, b: &str) -> Option<Rule> {
        self.linked.get(&pair(a, b)).copied()
    }

    /// The caps, by group.
    pub fn caps(&self) -> &[GroupCap] {
        &self.caps
    }
}
