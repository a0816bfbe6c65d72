//! Items: conjunctions of four to thirteen predicates, with NOT, OR groups and ORs of ANDs.

use zhaoren_policy::criterion::{Criterion, Node};
use zhaoren_policy::document::Document;
use zhaoren_policy::item::{Applicant, Benefit, Delivery, Item, Window};

use super::Knobs;
use super::dice::Dice;
use super::vocabulary::{REGION, Vocabulary};

/// Share of items in which facts may occur more than once: only there can Kleene and exact verdicts differ.
const ENTANGLED: f64 = 0.03;

/// Item number `index` of the world.
pub(super) fn item(index: usize, vocabulary: &Vocabulary, knobs: Knobs) -> Item {
    let mut dice = Dice::new(knobs.seed ^ 0x17E3, index as u64);
    let entangled = dice.chance(ENTANGLED);
    let mut draw = Draw { vocabulary, used: Vec::new(), entangled };
    Item {
        id: format!("item-{index:07}"),
        title: String::new(),
        document: Document::default(),
        benefit: Benefit::default(),
        window: Window::default(),
        delivery: Delivery::default(),
        tags: Vec::new(),
        excludes: Vec::new(),
        criteria: criteria(&mut dice, &mut draw, knobs.local),
        review: None,
        subject: Applicant::default(),
        competitive: false,
        relations: Vec::new(),
        notes: Vec::new(),
        stacking: Vec::new(),
        grants: Vec::new(),
    }
}

/// Predicates of one item, without repeated facts unless the item is entangled.
struct Draw<'a> {
    vocabulary: &'a Vocabulary,
    used: Vec<usize>,
    entangled: bool,
}

impl Draw<'_> {
    fn leaf(&mut self, dice: &mut Dice) -> Criterion {
        let topic = loop {
            let topic = dice.weighted(&self.vocabulary.weights);
            // An entangled item repeats a fact.
            if self.entangled && !self.used.is_empty() && dice.chance(0.35) {
                break *dice.pick(&self.used);
            }
            if !self.used.contains(&topic) {
                break topic;
            }
        };
        self.about(topic, dice)
    }

    fn about(&mut self, topic: usize, dice: &mut Dice) -> Criterion {
        self.used.push(topic);
        let topic = &self.vocabulary.topics[topic];
        Criterion::without_evidence(Node::Leaf(topic.leaves[dice.weighted(&topic.popularity)].clone()))
    }
}

fn criteria(dice: &mut Dice, draw: &mut Draw<'_>, local: f64) -> Criterion {
    // 4 to 13, 6.7 on average.
    let mut left = 4 + (0..9).filter(|_| dice.chance(0.3)).count();
    let mut clauses = Vec::new();
    if dice.chance(local) {
        clauses.push(draw.about(REGION, dice));
        left -= 1;
    }
    while left > 0 {
        let clause = match dice.below(100) {
            0..=17 if left >= 2 => {
                let width = 2 + usize::from(left >= 3 && dice.chance(0.4));
                left -= width;
                any((0..width).map(|_| draw.leaf(dice)).collect())
            }
            18..=27 if left >= 4 => {
                left -= 4;
                any((0..2).map(|_| all(vec![draw.leaf(dice), draw.leaf(dice)])).collect())
            }
            28..=33 => {
                left -= 1;
                not(draw.leaf(dice))
            }
            34..=36 if left >= 2 => {
                left -= 2;
                not(all(vec![draw.leaf(dice), draw.leaf(dice)]))
            }
            _ => {
                left -= 1;
                draw.leaf(dice)
            }
        };
        clauses.push(clause);
    }
    all(clauses)
}

fn all(of: Vec<Criterion>) -> Criterion {
    Criterion::without_evidence(Node::All(of))
}

fn any(of: Vec<Criterion>) -> Criterion {
    Criterion::without_evidence(Node::Any { of, count: 1 })
}

fn not(inner: Criterion) -> Criterion {
    Criterion::without_evidence(Node::Not(Box::new(inner)))
}

/// Number of leaves of a tree.
pub fn leaves(criterion: &Criterion) -> usize {
    let mut count = 0;
    criterion.walk(&mut |_, node| count += usize::from(matches!(node.node, Node::Leaf(_))));
    count
}
