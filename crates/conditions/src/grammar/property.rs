//! Properties and registers: 具有独立法人资格, 未被列入经营异常名录, 无欠税.

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Leaf, Node, Test, When};
use zhaoren_policy::fact::Value;

use super::{Parser, current};
use crate::class::Class;
use crate::draft;
use crate::lexicon::Meaning;
use crate::token::Kind;

impl Parser<'_> {
    /// One property with its relation: 具有…, 不属于….
    pub(super) fn flag(&mut self) -> Option<Vec<Criterion>> {
        // 申报主体为: the relation is in the word of the subject.
        let (mut relation, mut denied) = (self.behind_copula(), false);
        loop {
            if self.take(Class::Not) || self.take(Class::Never) || self.take(Class::NotHappen) {
                denied = true;
            } else if self.take(Class::Have)
                || self.take(Class::Listed)
                || self.take(Class::Happen)
                || self.take(Class::Engage)
            {
                relation = true;
            } else if !(self.take_any(&[Class::Must, Class::Filler]) || (relation && self.take(Class::De))) {
                break;
            }
        }
        let (leaf, alone) = self.take_meaning(|meaning| match meaning {
            Meaning::Flag { leaf, alone } => Some((leaf.clone(), *alone)),
            _ => None,
        })?;
        if !(alone || relation || denied || self.setting.bare) {
            return None;
        }
        let mut leaves = vec![leaf];
        // 属于分公司、分支机构: any of what needs the word of relation.
        while !alone && let Some(more) = self.further_flag() {
            poll();
            leaves.push(more);
        }
        self.skip(&[Class::Circumstance, Class::Filler]);
        let one = |leaf| Criterion::without_evidence(Node::Leaf(leaf));
        let read = vec![draft::any(one_of_each(leaves).into_iter().map(one).collect())];
        Some(if denied { draft::deny(read, self.setting.dictionary) } else { read })
    }

    /// True if the token before is a subject that ends with 为.
    fn behind_copula(&self) -> bool {
        let behind = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        behind.is_some_and(|token| match token.kind {
            Kind::Word(entry) => {
                let lexicon = self.setting.lexicon;
                lexicon.meanings(entry).contains(&Meaning::Function(Class::Subject))
                    && lexicon.word(entry).ends_with('为')
            }
            _ => false,
        })
    }

    fn further_flag(&mut self) -> Option<Leaf> {
        let before = self.at;
        self.separator();
        let further = self.take_meaning(|meaning| match meaning {
            Meaning::Flag { leaf, alone: false } => Some(leaf.clone()),
            _ => None,
        });
        if further.is_none() || self.at == before + 1 {
            self.at = before;
            return None;
        }
        further
    }

    /// Registers of defaulters and lasting faults, in a list under one negation, or under one word of entry.
    pub(super) fn registers(&mut self) -> Option<Vec<Criterion>> {
        let (mut denied, mut entered) = (false, false);
        self.skip(&[Class::Filler, Class::Both]);
        loop {
            if self.take(Class::Not) || self.take(Class::NotHappen) {
                denied = true;
            } else if self.take(Class::Listed) || self.take(Class::Happen) {
                entered = true;
            } else if !self.take_any(&[Class::Filler, Class::Both]) {
                break;
            }
        }
        if !(denied || entered) {
            return None;
        }
        let listing = self.list(|parser| {
            parser.skip(&[Class::Listed, Class::Filler]);
            if denied {
                parser.skip(&[Class::Not, Class::NotHappen, Class::Listed]);
            }
            let leaf = parser.take_meaning(|meaning| match meaning {
                Meaning::Register(fact) => Some(is_true(fact)),
                Meaning::Flag { leaf, alone: false } if is_fault(leaf) => Some(leaf.clone()),
                _ => None,
            })?;
            parser.skip(&[Class::Circumstance]);
            Some(leaf)
        })?;
        let mut leaves: Vec<Criterion> = Vec::new();
        for leaf in listing.of {
            let one = Criterion::without_evidence(Node::Leaf(leaf));
            if !leaves.contains(&one) {
                leaves.push(one);
            }
        }
        Some(if denied {
            draft::deny(vec![draft::any(leaves)], self.setting.dictionary)
        } else {
            vec![draft::any(leaves)]
        })
    }
}

/// `leaves` with those about one value of the same fact as one leaf: 有限责任公司或股份有限公司.
fn one_of_each(leaves: Vec<Leaf>) -> Vec<Leaf> {
    let mut joined: Vec<Leaf> = Vec::new();
    for leaf in leaves {
        poll();
        let values = |leaf: &Leaf| match leaf.tests.as_slice() {
            [Test::OneOf(values)] => Some(values.clone()),
            _ => None,
        };
        let same = joined.iter_mut().find(|known| known.fact == leaf.fact && known.when == leaf.when);
        match (same, values(&leaf)) {
            (Some(known), Some(more)) if values(known).is_some() => {
                let mut all = values(known).unwrap_or_default();
                all.extend(more.into_iter().filter(|value| !all.contains(value)).collect::<Vec<_>>());
                known.tests = vec![Test::OneOf(all)];
            }
            _ => joined.push(leaf),
        }
    }
    joined
}

fn is_true(fact: &str) -> Leaf {
    let Criterion { node: Node::Leaf(leaf), .. } = current(fact, Test::OneOf(vec![Value::Bool(true)])) else {
        return Leaf { fact: fact.to_owned(), when: When::Current, tests: Vec::new() };
    };
    leaf
}

/// True for a leaf that says that a fault exists.
fn is_fault(leaf: &Leaf) -> bool {
    leaf.tests.as_slice() == [Test::OneOf(vec![Value::Bool(true)])]
}
