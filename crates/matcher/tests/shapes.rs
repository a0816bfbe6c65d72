//! Coverage of the random worlds: a test that compares on random input proves nothing about cases that the input never contains.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    dead_code,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::world;

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use world::{criterion, dictionary, verdict, wide_tree, world};
use zhaoren_policy::criterion::{Compare, Criterion, Node, Test, When};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;

/// Number of worlds examined, always the same ones.
const WORLDS: usize = 400;

/// Cases that have to occur at least once: nodes, leaves, verdicts, and unknowns below a negation.
///
/// | bucket | content |
/// |---|---|
/// | `node …` | kinds of nodes |
/// | `leaf …` | types of tests |
/// | `when …` | the time that a leaf refers to |
/// | `fact …` | each fact of the dictionary, including the derived ones |
/// | `verdict …` | the verdict, with unknown facts and without |
/// | `negated unknown` | an unknown fact below an odd number of negations |
/// | `derived beside source` | criteria on a derived fact and on a fact that determines it |
/// | `open tags` | tags tested while the list is incomplete |
const BUCKETS: [&str; 44] = [
    "node all",
    "node any",
    "node any of several",
    "node not",
    "node case",
    "node case without else",
    "node points",
    "node judged",
    "node leaf",
    "node some",
    "node total",
    "node some of several",
    "condition on a record of several leaves",
    "leaf one_of",
    "leaf number",
    "leaf date",
    "leaf elapsed",
    "leaf within",
    "leaf outside",
    "leaf has_any",
    "leaf has_all",
    "leaf has_none",
    "when current",
    "when last year",
    "when year",
    "when years",
    "fact n",
    "fact m",
    "fact b",
    "fact s",
    "fact d",
    "fact c",
    "fact g",
    "fact y",
    "fact established_on",
    "fact age_months",
    "fact debt_ratio",
    "verdict eligible",
    "verdict ineligible",
    "verdict undetermined",
    "verdict settled with open facts",
    "negated unknown",
    "derived beside source",
    "open tags",
];

#[derive(Default)]
struct Seen(BTreeMap<String, usize>);

impl Seen {
    fn add(&mut self, bucket: impl Into<String>) {
        *self.0.entry(bucket.into()).or_default() += 1;
    }

    fn walk(&mut self, criterion: &Criterion, open: &[&str], negated: bool) {
        match &criterion.node {
            Node::All(_) => self.add("node all"),
            Node::Any { count: 1, .. } => self.add("node any"),
            Node::Any { .. } => self.add("node any of several"),
            Node::Not(_) => self.add("node not"),
            Node::Case { .. } => {
                let odd = criterion.children().len() % 2 == 1;
                self.add(if odd { "node case" } else { "node case without else" });
            }
            Node::Points { .. } => self.add("node points"),
            Node::Judged(_) => self.add("node judged"),
            Node::Records(leaf) => {
                let several = leaf.tests != [Test::Number(Compare::AtLeast, Number::from(1))];
                self.add(match leaf.measure.of {
                    Some(_) => "node total",
                    None if several => "node some of several",
                    None => "node some",
                });
                if leaf.measure.condition.size() > 2 {
                    self.add("condition on a record of several leaves");
                }
            }
            Node::Leaf(leaf) => {
                self.add("node leaf");
                self.add(format!("fact {}", leaf.fact));
                self.add(match leaf.when {
                    When::Current => "when current",
                    When::LastYear => "when last year",
                    When::Year(_) => "when year",
                    When::Years(_) => "when years",
                });
                for test in &leaf.tests {
                    self.add(match test {
                        Test::OneOf(_) => "leaf one_of",
                        Test::Number(..) => "leaf number",
                        Test::Date(..) => "leaf date",
                        Test::Elapsed(..) => "leaf elapsed",
                        Test::Within(_) => "leaf within",
                        Test::Outside(_) => "leaf outside",
                        Test::HasAny(_) => "leaf has_any",
                        Test::HasAll(_) => "leaf has_all",
                        Test::HasNone(_) => "leaf has_none",
                    });
                }
                let is_open = open.contains(&leaf.fact.as_str());
                if is_open && negated {
                    self.add("negated unknown");
                }
                if is_open && leaf.fact == "g" {
                    self.add("open tags");
                }
            }
        }
        let negated = negated != matches!(criterion.node, Node::Not(_));
        for (_, child) in criterion.children() {
            self.walk(child, open, negated);
        }
    }
}

/// Every kind of case that the worlds are meant to cover occurs in a fixed number of them.
#[test]
fn random_worlds_cover_every_kind_of_node_and_verdict() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let dictionary = dictionary();
    let mut seen = Seen::default();
    for _ in 0..WORLDS {
        let tree: Json = wide_tree().new_tree(&mut runner).unwrap().current();
        let (facts, open) = world().new_tree(&mut runner).unwrap().current();
        let criterion = criterion(&tree, &dictionary);
        seen.walk(&criterion, &open, false);
        let asks = |key: &str| tree.to_string().contains(&format!("\"{key}\""));
        if asks("age_months") && asks("established_on") {
            seen.add("derived beside source");
        }
        let found = verdict(&criterion, &facts, &json!({}), &dictionary);
        seen.add(match found {
            Verdict::Eligible => "verdict eligible",
            Verdict::Ineligible => "verdict ineligible",
            Verdict::Undetermined => "verdict undetermined",
        });
        if found != Verdict::Undetermined && open.iter().any(|key| asks(key)) {
            seen.add("verdict settled with open facts");
        }
    }
    for bucket in BUCKETS {
        println!("{bucket:<36}{:>6}", seen.0.get(bucket).copied().unwrap_or(0));
    }
    let empty: Vec<&str> = BUCKETS.into_iter().filter(|bucket| !seen.0.contains_key(*bucket)).collect();
    assert!(empty.is_empty(), "never met: {empty:?}");
    let unknown: Vec<&String> = seen.0.keys().filter(|key| !BUCKETS.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "buckets that are not listed: {unknown:?}");
}
