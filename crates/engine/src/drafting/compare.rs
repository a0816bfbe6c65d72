//! Comparison of criteria (not of text): which conditions two versions of an item share, and which were changed, added or removed.

use std::collections::BTreeSet;

use serde::Serialize;
use zhaoren_cancel::steps;
use zhaoren_policy::criterion::{Criterion, Node, write_canonical};
use zhaoren_policy::fact::FactDictionary;

use super::parts::strip_evidence;

/// Conditions of two versions, in canonical Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CriteriaDiff {
    /// Conditions that both have.
    pub kept: Vec<String>,
    /// Conditions on the same facts with other words: before and after.
    pub changed: Vec<(String, String)>,
    /// Conditions of the new version only.
    pub added: Vec<String>,
    /// Conditions of the old version only.
    pub removed: Vec<String>,
}

impl CriteriaDiff {
    /// True if both versions have the same conditions.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

/// Condition of a version.
struct Condition {
    canonical: String,
    facts: BTreeSet<String>,
}

/// Conditions of `before` and `after` side by side. Quotes and wordings are not compared; conditions are paired by their canonical
/// form, and the rest by the facts that they name.
pub fn compare_criteria(before: &Criterion, after: &Criterion, dictionary: &FactDictionary) -> CriteriaDiff {
    let (before, after) = (conditions(before, dictionary), conditions(after, dictionary));
    let mut diff = CriteriaDiff::default();
    // A condition repeated in one version is one condition: the conjunction is the same.
    let shared: BTreeSet<&str> = before.iter().map(|one| one.canonical.as_str()).collect();
    let present: BTreeSet<&str> = after.iter().map(|one| one.canonical.as_str()).collect();
    let mut removed: Vec<&Condition> =
        before.iter().filter(|one| !present.contains(one.canonical.as_str())).collect();
    for one in &after {
        steps(removed.len() as u64 + 1);
        if shared.contains(one.canonical.as_str()) {
            diff.kept.push(one.canonical.clone());
            continue;
        }
        match removed.iter().position(|old| !old.facts.is_empty() && old.facts == one.facts) {
            Some(place) => {
                diff.changed.push((removed.remove(place).canonical.clone(), one.canonical.clone()))
            }
            None => diff.added.push(one.canonical.clone()),
        }
    }
    diff.removed = removed.into_iter().map(|one| one.canonical.clone()).collect();
    diff
}

/// Conjuncts of criteria in canonical Chinese without evidence.
pub(crate) fn canonical_conjuncts(criteria: &Criterion, dictionary: &FactDictionary) -> BTreeSet<String> {
    conditions(criteria, dictionary).into_iter().map(|one| one.canonical).collect()
}

fn conditions(criteria: &Criterion, dictionary: &FactDictionary) -> Vec<Condition> {
    let mut flat = Vec::new();
    flatten(criteria, &mut flat);
    flat.into_iter()
        .map(|one| {
            let mut facts = BTreeSet::new();
            one.walk(&mut |_, node| {
                if let Node::Leaf(leaf) = &node.node {
                    facts.insert(leaf.fact.clone());
                }
            });
            let mut plain = one.clone();
            strip_evidence(&mut plain);
            Condition { canonical: write_canonical(&plain, dictionary).trim_end().to_owned(), facts }
        })
        .collect()
}

/// Conjuncts, those of conjunctions within conjunctions too.
fn flatten<'a>(criteria: &'a Criterion, flat: &mut Vec<&'a Criterion>) {
    zhaoren_cancel::poll();
    match &criteria.node {
        Node::All(of) => of.iter().for_each(|one| flatten(one, flat)),
        _ => flat.push(criteria),
    }
}
