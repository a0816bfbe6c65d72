//! Readiness: each promised step is taken, and releases exactly the pairs that were promised.

use proptest::prelude::*;
use zhaoren_fulfilment::gate::{Blocker, Decision, Entry, GateLine};
use zhaoren_fulfilment::proof::Doubt;
use zhaoren_fulfilment::readiness::{Readiness, ReadinessTally, Step};
use zhaoren_policy::fact::FactDictionary;

fn entry(name: &str) -> Entry {
    Entry { fact: None, year: None, name: name.to_owned() }
}

fn unconnected(offices: &[&str]) -> Blocker {
    let offices = offices.iter().map(|office| (*office).to_owned()).collect();
    Blocker::Proof {
        entry: entry("指标"),
        doubt: Doubt::NotConnected { offices, source: "企业填报".to_owned() },
    }
}

fn judged(text: &str) -> Blocker {
    Blocker::Proof { entry: entry(text), doubt: Doubt::Judged }
}

fn line(item: &str, blockers: Vec<Blocker>) -> GateLine {
    let decision = if blockers.is_empty() { Decision::Proven } else { Decision::Blocked { blockers } };
    GateLine { item: item.to_owned(), decision }
}

fn readiness(enterprises: &[Vec<GateLine>]) -> Readiness {
    let mut tally = ReadinessTally::default();
    enterprises.iter().for_each(|lines| tally.add(lines, FactDictionary::built_in()));
    tally.finish()
}

#[test]
fn step_that_releases_a_pair_alone_is_counted_and_several_are_promised_to_none() {
    let report = readiness(&[
        vec![
            line("a", vec![unconnected(&["人社"])]),
            line("b", vec![unconnected(&["人社", "税务"]), unconnected(&["税务"])]),
        ],
        vec![line("a", Vec::new()), line("b", vec![unconnected(&["人社"]), judged("成长性好")])],
        vec![line("c", vec![judged("成长性好")]), line("d", vec![Blocker::Competitive, judged("成长性好")])],
        vec![line("c", vec![Blocker::Unchecked])],
    ]);
    let steps: Vec<(&str, usize, usize, Vec<&str>)> = report
        .steps
        .iter()
        .map(|one| {
            let new_items = one.new_items.iter().map(String::as_str).collect();
            (one.text.as_str(), one.enterprises, one.pairs, new_items)
        })
        .collect();
    assert_eq!(
        steps,
        [
            // Item a has a proven enterprise already, so it is not new.
            ("接入人社的数据", 1, 1, vec![]),
            ("接入税务的数据", 1, 1, vec!["b"]),
            ("把条件“成长性好”改为数据可以证明的，或删去", 1, 1, vec!["c"]),
            ("把申报条件与政策原文核对", 1, 1, vec!["c"]),
        ]
    );
    let item = |id: &str| report.items.iter().find(|item| item.item == id).unwrap();
    assert_eq!((item("a").proven, item("a").by_one_step), (1, 1));
    assert_eq!((item("b").by_one_step, item("b").by_several_steps), (1, 1));
    assert_eq!((item("d").blocked, item("d").without_step), (1, 1));
}

/// Blocker of the oracle: the steps that remove it, by construction.
fn blocker() -> impl Strategy<Value = (Blocker, Vec<Step>)> {
    let connect = |office: &str| Step::Connect { office: office.to_owned() };
    let rewrite = |text: &str| Step::Rewrite { condition: text.to_owned() };
    prop_oneof![
        Just((unconnected(&["人社"]), vec![connect("人社")])),
        Just((unconnected(&["人社", "税务"]), vec![connect("人社"), connect("税务")])),
        Just((unconnected(&["税务"]), vec![connect("税务")])),
        Just((judged("甲"), vec![rewrite("甲")])),
        Just((judged("乙"), vec![rewrite("乙")])),
        Just((Blocker::Unchecked, vec![Step::Check])),
        Just((Blocker::Undecided, vec![Step::Verify])),
        Just((Blocker::Window, Vec::new())),
        Just((Blocker::Declined, Vec::new())),
    ]
}

proptest! {
    /// For each step the counts are those of taking it: blockers that it removes are struck out, and what has none left is released.
    #[test]
    fn counts_are_those_of_taking_the_step(
        enterprises in prop::collection::vec(
            prop::collection::btree_map("[a-d]", prop::collection::vec(blocker(), 0..4), 0..4),
            0..8,
        )
    ) {
        let lines: Vec<Vec<GateLine>> = enterprises
            .iter()
            .map(|items| {
                let pairs = items.iter();
                pairs.map(|(id, all)| line(id, all.iter().map(|(one, _)| one.clone()).collect())).collect()
            })
            .collect();
        let report = readiness(&lines);
        let all: std::collections::BTreeSet<&Step> =
            enterprises.iter().flat_map(|items| items.values().flatten().flat_map(|(_, steps)| steps)).collect();
        for step in all {
            let is_released = |blockers: &[(Blocker, Vec<Step>)]| {
                !blockers.is_empty() && blockers.iter().all(|(_, steps)| steps.contains(step))
            };
            let released = |items: &std::collections::BTreeMap<String, Vec<(Blocker, Vec<Step>)>>| {
                items.values().filter(|blockers| is_released(blockers)).count()
            };
            let pairs: usize = enterprises.iter().map(released).sum();
            let firms = enterprises.iter().filter(|items| released(items) > 0).count();
            let told = report.steps.iter().find(|one| &one.step == step);
            prop_assert_eq!(told.map_or((0, 0), |one| (one.pairs, one.enterprises)), (pairs, firms));
        }
        for item in &report.items {
            prop_assert_eq!(item.blocked, item.without_step + item.by_one_step + item.by_several_steps);
        }
    }
}
