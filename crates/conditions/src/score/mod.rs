//! Scores (评分) of readings against labels: by leaf, by whole tree and by verdict, in total and by construction.
//!
//! Two trees are compared in their plain form (`form`): denials pushed to the leaves, nested conjunctions flat, members sorted.
//! A judged clause counts for the tree by its place, not by its wording, and not as a leaf.

mod form;
mod verdict;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};
use zhaoren_cancel::poll;
use zhaoren_policy::code::Code;
use zhaoren_policy::criterion::{Criterion, Node, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::{Tree, json_at};

/// Sentence with the criteria that a person found in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Name of the sentence.
    pub id: String,
    /// Construction that it is an example of; it begins with `negative` for text without conditions.
    pub kind: String,
    /// Sentence.
    pub text: String,
    /// Region that 本市 and 本区 mean.
    pub region: Option<Code>,
    /// Criteria; empty conjunction for a negative.
    pub criteria: Criterion,
}

/// Share `hits` of `of`, with its 95 % interval by Wilson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Number that are right.
    pub hits: u64,
    /// Number in all.
    pub of: u64,
}

/// Counts of one construction, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sentences.
    pub sentences: u64,
    /// Leaves that both trees have.
    pub right: u64,
    /// Leaves only of the reading.
    pub wrong: u64,
    /// Leaves only of the label.
    pub missed: u64,
    /// Sentences whose trees are equal.
    pub trees: u64,
    /// Profiles that both trees decide alike.
    pub alike: u64,
    /// Profiles decided.
    pub profiles: u64,
}

/// Score of a set of labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Tally of every construction.
    pub kinds: BTreeMap<String, Tally>,
    /// Negatives with a leaf.
    pub negatives_with_a_leaf: Share,
    /// Sentences whose trees differ, with both trees.
    pub differences: Vec<Difference>,
}

/// Sentence that was read otherwise than it is labelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Name of the sentence.
    pub id: String,
    /// Construction.
    pub kind: String,
    /// Sentence.
    pub text: String,
    /// Label in its plain form.
    pub label: String,
    /// Reading in its plain form.
    pub reading: String,
}

/// Reads labels from JSON Lines: `{"id", "text", "criteria", "kind", "region"}`, the last two optional, `criteria` null for text
/// without conditions. Lines with an error are named with their number.
pub fn labels(lines: &str, dictionary: &FactDictionary) -> (Vec<Label>, Vec<String>) {
    let (mut labels, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1_u32..).zip(lines.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        poll();
        match label(number, line, dictionary) {
            Ok(label) => labels.push(label),
            Err(problem) => problems.push(format!("第 {number} 行：{problem}")),
        }
    }
    (labels, problems)
}

fn label(number: u32, line: &str, dictionary: &FactDictionary) -> Result<Label, String> {
    let node = json_at(line, number).map_err(|error| error.to_string())?;
    let text = |key: &str| node.get(key).and_then(|value| value.text()).map(str::to_owned);
    let criteria = match node.get("criteria").filter(|criteria| criteria.value != Tree::Null) {
        None => Criterion::without_evidence(Node::All(Vec::new())),
        Some(criteria) => {
            let mut report = Report::new("labels");
            let read = read_criterion(criteria, "criteria", dictionary, &mut report);
            read.ok_or_else(|| {
                report.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
            })?
        }
    };
    Ok(Label {
        id: text("id").unwrap_or_default(),
        kind: text("kind").unwrap_or_else(|| "other".to_owned()),
        text: text("text").ok_or("缺 text")?,
        region: text("region").and_then(|region| crate::region(&region)),
        criteria,
    })
}

/// Score of reading every label. `region` is used for labels without one.
pub fn score(labels: &[Label], region: Option<&Code>, dictionary: &FactDictionary) -> Score {
    let mut score = Score::default();
    for label in labels {
        poll();
        let reading = crate::read(&label.text, label.region.as_ref().or(region), dictionary).criteria;
        let (wanted, read) = (form::plain(&label.criteria, dictionary), form::plain(&reading, dictionary));
        let (mut missing, mut extra) = (wanted.leaves(), Vec::new());
        let mut tally = Tally { sentences: 1, ..Tally::default() };
        for leaf in read.leaves() {
            match missing.iter().position(|other| *other == leaf) {
                Some(place) => {
                    missing.swap_remove(place);
                    tally.right += 1;
                }
                None => extra.push(leaf),
            }
        }
        tally.wrong = extra.len() as u64;
        tally.missed = missing.len() as u64;
        tally.trees = u64::from(wanted.text() == read.text());
        (tally.alike, tally.profiles) = verdict::alike(&label.criteria, &reading);
        let is_negative = label.kind.starts_with("negative");
        if is_negative {
            score.negatives_with_a_leaf.of += 1;
            score.negatives_with_a_leaf.hits += u64::from(tally.wrong > 0);
        }
        if tally.trees == 0 {
            score.differences.push(Difference {
                id: label.id.clone(),
                kind: label.kind.clone(),
                text: label.text.clone(),
                label: wanted.text(),
                reading: read.text(),
            });
        }
        score.kinds.entry(label.kind.clone()).or_default().add(&tally);
    }
    score
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.sentences += other.sentences;
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.trees += other.trees;
        self.alike += other.alike;
        self.profiles += other.profiles;
    }

    /// Share of the leaves read that are right.
    pub fn precision(&self) -> Share {
        Share { hits: self.right, of: self.right + self.wrong }
    }

    /// Share of the labelled leaves that were read.
    pub fn recall(&self) -> Share {
        Share { hits: self.right, of: self.right + self.missed }
    }

    /// Share of the sentences whose whole tree is right.
    pub fn whole(&self) -> Share {
        Share { hits: self.trees, of: self.sentences }
    }

    /// Share of the profiles that label and reading decide alike.
    pub fn verdicts(&self) -> Share {
        Share { hits: self.alike, of: self.profiles }
    }
}

impl Score {
    /// Tally of all constructions.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.kinds.values().for_each(|tally| total.add(tally));
        total
    }

    /// Score as JSON.
    pub fn to_json(&self) -> Value {
        let row = |tally: &Tally| {
            json!({
                "sentences": tally.sentences,
                "precision": tally.precision().to_json(), "recall": tally.recall().to_json(),
                "trees": tally.whole().to_json(), "verdicts": tally.verdicts().to_json(),
            })
        };
        let kinds: serde_json::Map<String, Value> =
            self.kinds.iter().map(|(kind, tally)| (kind.clone(), row(tally))).collect();
        let differences: Vec<Value> = self
            .differences
            .iter()
            .map(|one| json!({"id": one.id, "kind": one.kind, "text": one.text, "label": one.label, "reading": one.reading}))
            .collect();
        json!({
            "total": row(&self.total()), "kinds": kinds,
            "negatives_with_a_leaf": self.negatives_with_a_leaf.to_json(), "differences": differences,
        })
    }
}

impl Share {
    /// Ends of the 95 % interval by Wilson; 0 and 1 if there is nothing to count.
    pub fn interval(&self) -> (f64, f64) {
        const Z: f64 = 1.959_963_984_540_054;
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let (n, p) = (self.of as f64, self.ratio());
        let middle = p + Z * Z / (2.0 * n);
        let width = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (((middle - width) / scale).max(0.0), ((middle + width) / scale).min(1.0))
    }

    /// Share as a fraction; 1 if there is nothing to count.
    pub fn ratio(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.hits as f64 / self.of as f64 }
    }

    fn to_json(self) -> Value {
        let (low, high) = self.interval();
        let round = |share: f64| (share * 1000.0).round() / 1000.0;
        let share = (self.of > 0).then(|| round(self.ratio()));
        json!({"hits": self.hits, "of": self.of, "share": share, "low": round(low), "high": round(high)})
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval();
        write!(f, "{:.3} [{low:.3}, {high:.3}] {}/{}", self.ratio(), self.hits, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_by_wilson() {
        let (low, high) = Share { hits: 95, of: 100 }.interval();
        assert!((low - 0.8882).abs() < 1e-3 && (high - 0.9785).abs() < 1e-3, "{low} {high}");
        assert_eq!(Share { hits: 0, of: 0 }.interval(), (0.0, 1.0));
    }
}
