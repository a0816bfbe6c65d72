//! Plain form of criteria, in which two trees that say the same in the same way are equal.

use zhaoren_cancel::poll;
use zhaoren_policy::calendar::{CalendarSpan, SpanUnit};
use zhaoren_policy::criterion::{Criterion, Leaf, Node, RecordLeaf, Test, tree};
use zhaoren_policy::fact::FactDictionary;

use crate::draft;

/// Plain form of a criterion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Leaf with one test: polarity, fact, selected value, operator and operand, as text.
    Leaf(String),
    /// Judged clause.
    Judged,
    /// Members that all hold, sorted.
    All(Vec<Form>),
    /// Members of which so many hold, sorted.
    Any(usize, Vec<Form>),
    /// Member that does not hold.
    Not(Box<Form>),
    /// Arms in order, then what holds otherwise.
    Case(Vec<(Form, Form)>, Option<Box<Form>>),
    /// Scores in order, with the pass mark.
    Points(Vec<(Form, String)>, String),
}

/// Plain form of `criterion`.
pub(super) fn plain(criterion: &Criterion, dictionary: &FactDictionary) -> Form {
    poll();
    let each = |of: &[Criterion]| -> Vec<Form> { of.iter().map(|one| plain(one, dictionary)).collect() };
    match &criterion.node {
        Node::Judged(_) => Form::Judged,
        Node::Leaf(leaf) => all(leaf.tests.iter().map(|test| Form::Leaf(text(leaf, test))).collect()),
        // A condition on records is one leaf for each of its tests; the order inside its condition counts.
        Node::Records(leaf) => {
            let one = |test: &Test| RecordLeaf { measure: leaf.measure.bare(), tests: vec![test.clone()] };
            let text = |leaf| tree(&Criterion::without_evidence(Node::Records(leaf))).json_text();
            all(leaf.tests.iter().map(|test| Form::Leaf(text(one(test)))).collect())
        }
        Node::All(of) => all(each(of)),
        Node::Any { of, count } => any(*count, each(of)),
        Node::Not(inner) => {
            let denied = draft::all(draft::deny(vec![(**inner).clone()], dictionary));
            match denied.node {
                Node::Not(inner) => Form::Not(Box::new(plain(&inner, dictionary))),
                _ => plain(&denied, dictionary),
            }
        }
        Node::Case { arms, otherwise } => Form::Case(
            arms.iter().map(|arm| (plain(&arm.when, dictionary), plain(&arm.then, dictionary))).collect(),
            otherwise.as_ref().map(|other| Box::new(plain(other, dictionary))),
        ),
        Node::Points { scores, at_least } => Form::Points(
            scores.iter().map(|score| (plain(&score.when, dictionary), score.score.to_string())).collect(),
            at_least.to_string(),
        ),
    }
}

/// Members that all hold; several judged clauses are one, since where one ends is a matter of taste.
fn all(of: Vec<Form>) -> Form {
    let mut flat: Vec<Form> = Vec::new();
    for one in of {
        match one {
            Form::All(members) => flat.extend(members),
            other => flat.push(other),
        }
    }
    flat.sort();
    flat.dedup();
    match flat.len() {
        1 => flat.pop().unwrap_or(Form::Judged),
        _ => Form::All(flat),
    }
}

fn any(count: usize, of: Vec<Form>) -> Form {
    let mut flat: Vec<Form> = Vec::new();
    for one in of {
        match one {
            Form::Any(1, members) if count == 1 => flat.extend(members),
            other => flat.push(other),
        }
    }
    flat.sort();
    match flat.len() {
        1 if count == 1 => flat.pop().unwrap_or(Form::Judged),
        _ => Form::Any(count, flat),
    }
}

/// Leaf with one of its tests as text; the members of a list are sorted.
fn text(leaf: &Leaf, test: &Test) -> String {
    let mut test = test.clone();
    match &mut test {
        Test::OneOf(values) => values.sort(),
        Test::Within(codes) | Test::Outside(codes) => codes.sort(),
        Test::HasAny(tags) | Test::HasAll(tags) | Test::HasNone(tags) => tags.sort(),
        // A year is twelve months by the calendar.
        Test::Elapsed(_, length) if length.unit == SpanUnit::Years => {
            *length = CalendarSpan { count: length.count.saturating_mul(12), unit: SpanUnit::Months };
        }
        Test::Number(..) | Test::Date(..) | Test::Elapsed(..) => {}
    }
    let leaf = Leaf { fact: leaf.fact.clone(), when: leaf.when, tests: vec![test] };
    tree(&Criterion::without_evidence(Node::Leaf(leaf))).json_text()
}

impl Form {
    /// Texts of all leaves.
    pub(super) fn leaves(&self) -> Vec<String> {
        match self {
            Self::Leaf(text) => vec![text.clone()],
            Self::Judged => Vec::new(),
            Self::All(of) | Self::Any(_, of) => of.iter().flat_map(Self::leaves).collect(),
            Self::Not(inner) => inner.leaves().into_iter().map(|leaf| format!("not {leaf}")).collect(),
            Self::Case(arms, other) => arms
                .iter()
                .flat_map(|(when, then)| [when.leaves(), then.leaves()])
                .chain(other.iter().map(|other| other.leaves()))
                .flatten()
                .collect(),
            Self::Points(scores, _) => scores.iter().flat_map(|(when, _)| when.leaves()).collect(),
        }
    }

    /// Whole tree as text.
    pub(super) fn text(&self) -> String {
        let join = |of: &[Self]| of.iter().map(Self::text).collect::<Vec<_>>().join(", ");
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Judged => "judged".to_owned(),
            Self::All(of) => format!("all({})", join(of)),
            Self::Any(1, of) => format!("any({})", join(of)),
            Self::Any(count, of) => format!("any{count}({})", join(of)),
            Self::Not(inner) => format!("not({})", inner.text()),
            Self::Case(arms, other) => {
                let arms: Vec<String> =
                    arms.iter().map(|(when, then)| format!("{} => {}", when.text(), then.text())).collect();
                let other = other.as_ref().map(|other| other.text()).unwrap_or_default();
                format!("case({}; else {other})", arms.join("; "))
            }
            Self::Points(scores, at_least) => {
                let scores: Vec<String> =
                    scores.iter().map(|(when, score)| format!("{score}: {}", when.text())).collect();
                format!("points({} >= {at_least})", scores.join("; "))
            }
        }
    }
}
