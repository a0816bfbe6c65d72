//! Building criteria: conjunctions, alternatives and denials in their plainest form.

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Compare, Criterion, DateCompare, Leaf, Node, Span, Test};
use zhaoren_policy::fact::{FactDictionary, FactType, Value};

/// All of `of`: the only one by itself.
pub(crate) fn all(mut of: Vec<Criterion>) -> Criterion {
    match of.len() {
        1 => of.pop().unwrap_or_else(|| Criterion::without_evidence(Node::All(Vec::new()))),
        _ => Criterion::without_evidence(Node::All(of)),
    }
}

/// One of `of`: the only one by itself. Alternatives within alternatives are one list.
pub(crate) fn any(of: Vec<Criterion>) -> Criterion {
    let mut flat = Vec::new();
    for one in of {
        match one {
            Criterion { node: Node::Any { of, count: 1 }, .. } => flat.extend(of),
            other => flat.push(other),
        }
    }
    match flat.len() {
        1 => flat.pop().unwrap_or_else(|| Criterion::without_evidence(Node::All(Vec::new()))),
        _ => Criterion::without_evidence(Node::Any { of: flat, count: 1 }),
    }
}

/// Text that only a person can judge.
pub(crate) fn judged(text: &str) -> Criterion {
    Criterion::without_evidence(Node::Judged(text.to_owned()))
}

/// Denial of all of `of`, in the plainest form: of alternatives, each is denied; of a comparison, the opposite one holds.
pub(crate) fn deny(of: Vec<Criterion>, dictionary: &FactDictionary) -> Vec<Criterion> {
    match <[Criterion; 1]>::try_from(of) {
        Ok([one]) => deny_one(one, dictionary),
        Err(of) => vec![any(of.into_iter().map(|one| all(deny_one(one, dictionary))).collect())],
    }
}

fn deny_one(criterion: Criterion, dictionary: &FactDictionary) -> Vec<Criterion> {
    poll();
    let Criterion { node, quote, article, text } = criterion;
    match node {
        Node::Not(inner) => vec![*inner],
        Node::Any { of, count: 1 } => of.into_iter().flat_map(|one| deny_one(one, dictionary)).collect(),
        Node::All(of) => deny(of, dictionary),
        Node::Leaf(leaf) => {
            let node = match opposite(&leaf, dictionary) {
                Some(leaf) => Node::Leaf(leaf),
                None => Node::Not(Box::new(Criterion::without_evidence(Node::Leaf(leaf)))),
            };
            vec![Criterion { node, quote, article, text }]
        }
        other => vec![Criterion::without_evidence(Node::Not(Box::new(Criterion {
            node: other,
            quote,
            article,
            text,
        })))],
    }
}

/// Leaf that holds exactly where `leaf` does not, if one test says it.
fn opposite(leaf: &Leaf, dictionary: &FactDictionary) -> Option<Leaf> {
    let [test] = leaf.tests.as_slice() else { return None };
    let test = match test {
        Test::Number(compare, bound) => {
            let compare = match compare {
                Compare::AtLeast => Compare::LessThan,
                Compare::AtMost => Compare::MoreThan,
                Compare::MoreThan => Compare::AtMost,
                Compare::LessThan => Compare::AtLeast,
                Compare::Equals => return None,
            };
            Test::Number(compare, bound.clone())
        }
        Test::Elapsed(span, length) => {
            let span = match span {
                Span::AtLeast => Span::LessThan,
                Span::MoreThan => Span::AtMost,
                Span::AtMost => Span::MoreThan,
                Span::LessThan => Span::AtLeast,
            };
            Test::Elapsed(span, *length)
        }
        Test::Date(compare, day) => {
            let compare = match compare {
                DateCompare::OnOrAfter => DateCompare::Before,
                DateCompare::OnOrBefore => DateCompare::After,
                DateCompare::After => DateCompare::OnOrBefore,
                DateCompare::Before => DateCompare::OnOrAfter,
            };
            Test::Date(compare, *day)
        }
        Test::Within(codes) => Test::Outside(codes.clone()),
        Test::Outside(codes) => Test::Within(codes.clone()),
        Test::HasAny(tags) => Test::HasNone(tags.clone()),
        Test::HasNone(tags) => Test::HasAny(tags.clone()),
        Test::HasAll(_) => return None,
        Test::OneOf(values) => match values.as_slice() {
            [Value::Bool(flag)] => Test::OneOf(vec![Value::Bool(!flag)]),
            _ => complement(&leaf.fact, values, dictionary)?,
        },
    };
    Some(Leaf { fact: leaf.fact.clone(), when: leaf.when, tests: vec![test] })
}

/// The other values of a graded text fact. Of other controlled lists, `not` says it better.
fn complement(fact: &str, values: &[Value], dictionary: &FactDictionary) -> Option<Test> {
    let fact =
        dictionary.get(fact).filter(|fact| fact.kind == FactType::Text && fact.key == "tax_credit_grade")?;
    let others =
        fact.values.iter().map(|text| Value::Text(text.clone())).filter(|value| !values.contains(value));
    Some(Test::OneOf(others.collect()))
}
