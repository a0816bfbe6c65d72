//! Readiness for automatic delivery (免申就绪度): which single step would let how many enterprises have an item without an application.
//!
//! A pair of enterprise and item that the gate blocks is released by a step if the step removes every blocker of the pair. A pair that
//! needs several different steps is counted apart and promised to none of them, so that each figure holds for its step alone. Two
//! assumptions: the data that come confirm what is known today, and where a condition can be met in several ways the blockers name one
//! of them, so that another way may release a pair more.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zhaoren_policy::fact::FactDictionary;

use crate::gate::{Blocker, Decision, GateLine};
use crate::proof::{Doubt, authorities};

/// Step that an authority can take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Connect the data of an office (接入数据).
    Connect {
        /// Office.
        office: String,
    },
    /// Take the data of a source anew (更新数据).
    Refresh {
        /// Source.
        source: String,
    },
    /// Replace a condition that only a person can judge by one that data can show, or delete it.
    Rewrite {
        /// Name of the judged text or of the fact that no office holds.
        condition: String,
    },
    /// Compare the conditions with the official text (核对条件).
    Check,
    /// Settle facts on which sources disagree, that are given as ranges, or that contradict the verdict (核实数据).
    Verify,
}

impl Step {
    /// Words for an officer.
    pub fn words(&self) -> String {
        match self {
            Self::Connect { office } => format!("接入{office}的数据"),
            Self::Refresh { source } => format!("更新“{source}”的数据"),
            Self::Rewrite { condition } => format!("把条件“{condition}”改为数据可以证明的，或删去"),
            Self::Check => "把申报条件与政策原文核对".to_owned(),
            Self::Verify => "核实来源之间不一致或只有范围的数据".to_owned(),
        }
    }
}

/// Effect of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepEffect {
    /// Step.
    #[serde(flatten)]
    pub step: Step,
    /// Words for an officer.
    pub text: String,
    /// Enterprises that get at least one more item without an application.
    pub enterprises: usize,
    /// Pairs of enterprise and item that are released.
    pub pairs: usize,
    /// Items with a released pair that today no enterprise can have without an application, in order of id.
    pub new_items: Vec<String>,
    /// All items with a released pair, in order of id.
    pub items: Vec<String>,
}

/// Readiness of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemReadiness {
    /// Item.
    pub item: String,
    /// Enterprises that are proven.
    pub proven: usize,
    /// Enterprises that are eligible by what is known, and blocked.
    pub blocked: usize,
    /// Blocked enterprises with a blocker that no step removes: the item's procedure (择优、支持对象、申报期), an answer of the
    /// enterprise (不享受), an earlier payment, a condition that ends before the payment, or a refusal of the office to give its data.
    pub without_step: usize,
    /// Blocked enterprises that one step releases.
    pub by_one_step: usize,
    /// Blocked enterprises that need several different steps.
    pub by_several_steps: usize,
}

/// Readiness of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Items that are eligible for some enterprise, in order of id.
    pub items: Vec<ItemReadiness>,
    /// Steps, by the number of released enterprises, then of pairs, the greatest first.
    pub steps: Vec<StepEffect>,
}

/// Collection of decisions, enterprise by enterprise; its size grows with items and steps, not with enterprises.
#[derive(Debug, Default)]
pub struct ReadinessTally {
    items: BTreeMap<String, ItemReadiness>,
    steps: BTreeMap<Step, Released>,
}

#[derive(Debug, Default)]
struct Released {
    enterprises: usize,
    pairs: usize,
    items: BTreeSet<String>,
}

impl ReadinessTally {
    /// Adds all decisions of the gate on one enterprise. An enterprise is added once.
    pub fn add(&mut self, lines: &[GateLine], dictionary: &FactDictionary) {
        let mut steps_of_enterprise = BTreeSet::new();
        for line in lines {
            let counts = self
                .items
                .entry(line.item.clone())
                .or_insert_with(|| ItemReadiness { item: line.item.clone(), ..ItemReadiness::default() });
            let Decision::Blocked { blockers } = &line.decision else {
                counts.proven += 1;
                continue;
            };
            counts.blocked += 1;
            let Some(steps) = common_steps(blockers, dictionary) else {
                counts.without_step += 1;
                continue;
            };
            if steps.is_empty() {
                counts.by_several_steps += 1;
                continue;
            }
            counts.by_one_step += 1;
            for step in steps {
                let released = self.steps.entry(step.clone()).or_default();
                released.pairs += 1;
                released.items.insert(line.item.clone());
                steps_of_enterprise.insert(step);
            }
        }
        for step in steps_of_enterprise {
            self.steps.entry(step).or_default().enterprises += 1;
        }
    }

    /// Report on everything that was added.
    pub fn finish(self) -> Readiness {
        let Self { items, steps } = self;
        let is_new = |id: &String| items.get(id).is_none_or(|item| item.proven == 0);
        let effect = |(step, released): (Step, Released)| StepEffect {
            text: step.words(),
            step,
            enterprises: released.enterprises,
            pairs: released.pairs,
            new_items: released.items.iter().filter(|id| is_new(id)).cloned().collect(),
            items: released.items.into_iter().collect(),
        };
        let mut steps: Vec<StepEffect> = steps.into_iter().map(effect).collect();
        // The sort is stable, so that equal effects stay in the order of their steps.
        steps.sort_by_key(|one| std::cmp::Reverse((one.enterprises, one.pairs)));
        Readiness { items: items.into_values().collect(), steps }
    }
}

/// Steps of which each removes all blockers; empty if several are needed together, `None` if no step removes one of them.
fn common_steps(blockers: &[Blocker], dictionary: &FactDictionary) -> Option<BTreeSet<Step>> {
    let mut common: Option<BTreeSet<Step>> = None;
    for blocker in blockers {
        let steps = steps_of(blocker, dictionary);
        if steps.is_empty() {
            return None;
        }
        common = Some(match common {
            None => steps,
            Some(before) => before.intersection(&steps).cloned().collect(),
        });
    }
    common
}

/// Steps that remove one blocker; empty for what no step on data or conditions removes.
fn steps_of(blocker: &Blocker, dictionary: &FactDictionary) -> BTreeSet<Step> {
    let connect = |offices: Vec<String>| offices.into_iter().map(|office| Step::Connect { office }).collect();
    match blocker {
        Blocker::Unchecked => [Step::Check].into(),
        Blocker::Undecided => [Step::Verify].into(),
        Blocker::Competitive
        | Blocker::Applicant
        | Blocker::Window
        | Blocker::Declined
        | Blocker::Received
        | Blocker::Changes { .. } => BTreeSet::new(),
        Blocker::Proof { entry, doubt } => match doubt {
            Doubt::Judged | Doubt::NoAuthority => [Step::Rewrite { condition: entry.name.clone() }].into(),
            Doubt::NotConnected { offices, .. } => connect(offices.clone()),
            Doubt::Unstated => {
                let fact = entry.fact.as_ref().and_then(|key| dictionary.get(key));
                let offices = fact.map(authorities).unwrap_or_default();
                if offices.is_empty() {
                    // A judged text, or a fact that no office holds.
                    [Step::Rewrite { condition: entry.name.clone() }].into()
                } else {
                    connect(offices.into_iter().map(str::to_owned).collect())
                }
            }
            Doubt::Stale { source, .. } | Doubt::YearNotOver { source, .. } | Doubt::Ends { source, .. } => {
                [Step::Refresh { source: source.clone() }].into()
            }
            Doubt::Conflict { .. } | Doubt::Inexact { .. } => [Step::Verify].into(),
            // The office has the datum and refuses it: an agreement, not a step here.
            Doubt::Withheld => BTreeSet::new(),
        },
    }
}
