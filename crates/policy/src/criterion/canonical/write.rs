//! Writes criteria as an outline.

use super::leaf_write::write_leaf;
use super::marks::{
    ALL, ANY, ARTICLE, CASE, COUNT, DATA, ELSE, JUDGED, NOT, NOTHING, POINTS, QUOTE, SCORE, TEXT, THEN, WHEN,
};
use super::outline::{MOST_DEPTH, number};
use super::read::read_canonical;
use super::records::write_head;
use super::source::{digits, quoted, tree};
use crate::criterion::{Criterion, Node};
use crate::fact::FactDictionary;

/// Writes `criterion` in the canonical Chinese form, one condition a line, with a final line break.
///
/// Reading it back ([`read_canonical`]) with the same dictionary gives the same tree.
pub fn write_canonical(criterion: &Criterion, dictionary: &FactDictionary) -> String {
    let mut writer = Writer { dictionary, out: String::new() };
    writer.node(criterion, 0, "");
    let (again, _) = read_canonical(&writer.out, "", dictionary);
    if again.as_ref() == Some(criterion) { writer.out } else { format!("{}\n", data(criterion)) }
}

/// `criterion` as one line of data.
fn data(criterion: &Criterion) -> String {
    format!("{DATA}：{}", tree(criterion).json_text())
}

/// `all` without evidence of its own.
fn bare(of: &[Criterion]) -> Criterion {
    Criterion::without_evidence(Node::All(of.to_vec()))
}

struct Writer<'a> {
    dictionary: &'a FactDictionary,
    out: String,
}

fn first(words: &[&str]) -> String {
    words.first().copied().unwrap_or_default().to_owned()
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.out.extend(std::iter::repeat_n("    ", depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Writes a condition whose line begins with `before`.
    fn node(&mut self, criterion: &Criterion, depth: usize, before: &str) {
        // Beyond the maximum depth for reading, the rest is written as data, which has its own limit.
        let head = if depth + 3 > MOST_DEPTH { None } else { self.head(criterion) };
        let Some(head) = head else {
            self.line(depth, &format!("{before}{}", data(criterion)));
            return;
        };
        self.line(depth, &format!("{before}{head}"));
        let evidence = [(ARTICLE, &criterion.article), (QUOTE, &criterion.quote), (TEXT, &criterion.text)];
        for (word, value) in evidence {
            if let Some(value) = value {
                self.line(depth + 1, &format!("{word}：{}", quoted(value)));
            }
        }
        self.below(criterion, depth);
    }

    /// Words of the condition itself; `None` if none read back.
    fn head(&self, criterion: &Criterion) -> Option<String> {
        Some(match &criterion.node {
            Node::All(of) if of.is_empty() => NOTHING.to_owned(),
            // A heading without entries is read as a text that lost its indentation.
            Node::Any { of, .. } if of.is_empty() => return None,
            Node::Case { arms, otherwise: None } if arms.is_empty() => return None,
            Node::Points { scores, .. } if scores.is_empty() => return None,
            Node::All(_) => format!("{}：", first(&ALL)),
            Node::Any { count: 1, .. } => format!("{}：", first(&ANY)),
            Node::Any { count, .. } => format!("{}{count}{}：", COUNT.0, COUNT.1),
            Node::Not(_) => format!("{}：", first(&NOT)),
            Node::Case { .. } => format!("{}：", first(&CASE)),
            Node::Points { at_least, .. } => {
                format!("{}{}{}分：", POINTS.0, first(&POINTS.1), digits(at_least))
            }
            Node::Judged(text) => format!("{}：{}", first(&JUDGED), quoted(text)),
            Node::Leaf(leaf) => return write_leaf(leaf, self.dictionary),
            Node::Records(leaf) => return write_head(leaf, self.dictionary),
        })
    }

    fn below(&mut self, criterion: &Criterion, depth: usize) {
        let marker = |position| number(depth, position);
        match &criterion.node {
            Node::All(of) | Node::Any { of, .. } => {
                for (position, child) in of.iter().enumerate() {
                    self.node(child, depth + 1, &marker(position));
                }
            }
            Node::Not(inner) => self.node(inner, depth + 1, &marker(0)),
            Node::Case { arms, otherwise } => {
                for (position, arm) in arms.iter().enumerate() {
                    self.node(&arm.when, depth + 1, &format!("{}{WHEN}：", marker(position)));
                    self.node(&arm.then, depth + 1, &format!("{THEN}："));
                }
                if let Some(other) = otherwise {
                    self.node(other, depth + 1, &format!("{}：", first(&ELSE)));
                }
            }
            Node::Points { scores, .. } => {
                for (position, one) in scores.iter().enumerate() {
                    let points =
                        format!("{}{}{}{}：", marker(position), SCORE.0, digits(&one.score), SCORE.1);
                    self.node(&one.when, depth + 1, &points);
                }
            }
            Node::Records(leaf) if !leaf.counts_all() => {
                let Some(fact) = self.dictionary.get(&leaf.measure.records) else { return };
                let mut records = Writer { dictionary: &fact.fields, out: std::mem::take(&mut self.out) };
                let condition = &*leaf.measure.condition;
                // Several lines must all hold of one record, so an `all` needs no heading of its own.
                match &condition.node {
                    Node::All(of) if of.len() > 1 && *condition == bare(of) => {
                        for (position, child) in of.iter().enumerate() {
                            records.node(child, depth + 1, &marker(position));
                        }
                    }
                    _ => records.node(condition, depth + 1, &marker(0)),
                }
                self.out = records.out;
            }
            Node::Judged(_) | Node::Leaf(_) | Node::Records(_) => {}
        }
    }
}
