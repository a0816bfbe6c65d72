//! Criteria as trees of atoms.

use std::collections::{BTreeMap, HashMap};

use zhaoren_policy::criterion::{Criterion, Leaf, Node, Test, When};
use zhaoren_policy::fact::{FactDictionary, FactType};
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::view::View;

use super::column::{Column, ColumnKey};
use super::{Codes, Rails, meet};

/// Position of an atom in [`Lowered::atoms`].
pub type AtomId = u32;

/// An atom: a column lies in a union of ranges.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Atom {
    /// Position of the column.
    pub column: u16,
    /// First and last code of each range, ascending, with a gap between any two: a contiguous range of codes that lies in
    /// the union therefore lies in one of them.
    pub ranges: Vec<(u16, u16)>,
}

impl Atom {
    /// Result for a value.
    pub fn meet(&self, codes: Codes) -> Rails {
        self.ranges.iter().fold(Rails::FAILS, |rails, &(first, last)| rails.or(meet(first, last, codes)))
    }
}

/// A tree of atoms. NOT is pushed down to the leaves, where it is another union of ranges; lists have two or
/// more members and do not contain their own kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// A constant, independent of the facts.
    Fixed(bool),
    /// One atom.
    Atom(AtomId),
    /// Conjunction.
    All(Vec<Formula>),
    /// Disjunction.
    Any(Vec<Formula>),
}

/// Error: a node that trees of atoms do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported(pub &'static str);

/// All items, with shared columns and atoms.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The columns.
    pub columns: Vec<Column>,
    /// The distinct atoms.
    pub atoms: Vec<Atom>,
    /// One tree per item, in the order of the items.
    pub formulas: Vec<Formula>,
}

impl Lowered {
    /// Lowers the criteria of all items.
    ///
    /// # Errors
    /// The name of the first node without an equivalent tree of atoms: `points`, `case`, `judged`, a count above
    /// one, an aggregate over years.
    pub fn new(
        items: &[Item],
        dictionary: &FactDictionary,
        as_of: jiff::civil::Date,
    ) -> Result<Self, Unsupported> {
        let mut leaves = Leaves { dictionary, ids: HashMap::new(), distinct: Vec::new() };
        for item in items {
            leaves.collect(&item.criteria)?;
        }
        let columns = leaves.columns(as_of);
        let mut lowering = Lowering { leaves: &leaves, atoms: BTreeMap::new(), shapes: Vec::new() };
        lowering.shapes =
            leaves.distinct.iter().map(|leaf| leaf_shape(leaf, &columns, dictionary, as_of)).collect();
        let formulas = items.iter().map(|item| lowering.criterion(&item.criteria, false)).collect();
        let mut atoms: Vec<(Atom, AtomId)> = lowering.atoms.into_iter().collect();
        atoms.sort_by_key(|(_, id)| *id);
        let atoms = atoms.into_iter().map(|(atom, _)| atom).collect();
        Ok(Self { columns: columns.into_values().map(|(_, column)| column).collect(), atoms, formulas })
    }

    /// Codes of one profile, column by column.
    pub fn encode(
        &self,
        profile: &Profile,
        dictionary: &FactDictionary,
        as_of: jiff::civil::Date,
    ) -> Vec<Codes> {
        let view = View::new(profile, dictionary, as_of);
        self.columns.iter().map(|column| column.encode(&view)).collect()
    }
}

type Key<'a> = (&'a str, When, &'a [Test]);

/// Distinct leaves of all items.
struct Leaves<'a> {
    dictionary: &'a FactDictionary,
    ids: HashMap<Key<'a>, usize>,
    distinct: Vec<&'a Leaf>,
}

impl<'a> Leaves<'a> {
    fn collect(&mut self, criterion: &'a Criterion) -> Result<(), Unsupported> {
        match &criterion.node {
            Node::All(of) | Node::Any { of, count: 1 } => of.iter().try_for_each(|child| self.collect(child)),
            Node::Not(inner) => self.collect(inner),
            Node::Leaf(Leaf { when: When::Years(_), .. }) => Err(Unsupported("aggregate")),
            Node::Leaf(leaf) => {
                let next = self.distinct.len();
                let id = *self.ids.entry(key(leaf)).or_insert(next);
                if id == next {
                    self.distinct.push(leaf);
                }
                Ok(())
            }
            Node::Any { .. } => Err(Unsupported("count")),
            Node::Case { .. } => Err(Unsupported("case")),
            Node::Points { .. } => Err(Unsupported("points")),
            Node::Judged(_) => Err(Unsupported("judged")),
        }
    }

    /// All columns in the order of their keys, each with its position.
    fn columns(&self, as_of: jiff::civil::Date) -> BTreeMap<ColumnKey, (u16, Column)> {
        let mut tests: BTreeMap<ColumnKey, Vec<&Test>> = BTreeMap::new();
        for leaf in &self.distinct {
            for test in &leaf.tests {
                for key in column_keys(leaf, test, self.dictionary) {
                    tests.entry(key).or_default().push(test);
                }
            }
        }
        let columns = tests.into_iter().zip(0..).map(|((key, tests), position)| {
            let column = Column::new(key.clone(), tests.into_iter(), self.dictionary, as_of);
            (key, (position, column))
        });
        columns.collect()
    }
}

fn key(leaf: &Leaf) -> Key<'_> {
    (&leaf.fact, leaf.when, &leaf.tests)
}

fn is_tags(leaf: &Leaf, dictionary: &FactDictionary) -> bool {
    dictionary.get(&leaf.fact).is_some_and(|fact| fact.kind == FactType::Tags)
}

fn column_keys(leaf: &Leaf, test: &Test, dictionary: &FactDictionary) -> Vec<ColumnKey> {
    match test {
        Test::HasAny(tags) | Test::HasAll(tags) | Test::HasNone(tags) if is_tags(leaf, dictionary) => {
            tags.iter().map(|tag| ColumnKey::Tag(leaf.fact.clone(), tag.clone())).collect()
        }
        _ => vec![ColumnKey::Fact(leaf.fact.clone(), leaf.when)],
    }
}

/// Lowered form of a distinct leaf, before its atoms have numbers.
enum Shape {
    Column { column: u16, passes: Vec<bool>, free: Codes },
    All(Vec<Shape>),
    Any(Vec<Shape>),
    Not(Box<Shape>),
}

fn leaf_shape(
    leaf: &Leaf,
    columns: &BTreeMap<ColumnKey, (u16, Column)>,
    dictionary: &FactDictionary,
    as_of: jiff::civil::Date,
) -> Shape {
    let at = |key: &ColumnKey| &columns[key];
    if is_tags(leaf, dictionary) {
        let tests = leaf.tests.iter().map(|test| {
            let held = column_keys(leaf, test, dictionary)
                .iter()
                .map(|key| {
                    let (column, of) = at(key);
                    Shape::Column { column: *column, passes: vec![false, true], free: of.free }
                })
                .collect();
            match test {
                Test::HasAll(_) => Shape::All(held),
                Test::HasNone(_) => Shape::Not(Box::new(Shape::Any(held))),
                _ => Shape::Any(held),
            }
        });
        return Shape::All(tests.collect());
    }
    let (column, of) = at(&ColumnKey::Fact(leaf.fact.clone(), leaf.when));
    let passes = leaf.tests.iter().map(|test| of.passes(test, as_of)).reduce(|mut all, test| {
        all.iter_mut().zip(test).for_each(|(all, test)| *all &= test);
        all
    });
    Shape::Column { column: *column, passes: passes.unwrap_or_else(|| vec![true; of.codes()]), free: of.free }
}

struct Lowering<'a> {
    leaves: &'a Leaves<'a>,
    atoms: BTreeMap<Atom, AtomId>,
    shapes: Vec<Shape>,
}

impl Lowering<'_> {
    fn criterion(&mut self, criterion: &Criterion, negate: bool) -> Formula {
        match &criterion.node {
            Node::All(of) => {
                let parts = of.iter().map(|child| self.criterion(child, negate)).collect();
                if negate { any(parts) } else { all(parts) }
            }
            Node::Any { of, .. } => {
                let parts = of.iter().map(|child| self.criterion(child, negate)).collect();
                if negate { all(parts) } else { any(parts) }
            }
            Node::Not(inner) => self.criterion(inner, !negate),
            Node::Leaf(leaf) => {
                let shape = &self.shapes[self.leaves.ids[&key(leaf)]];
                from_shape(shape, negate, &mut self.atoms)
            }
            _ => Formula::Fixed(false),
        }
    }
}

fn from_shape(shape: &Shape, negate: bool, atoms: &mut BTreeMap<Atom, AtomId>) -> Formula {
    let parts = |of: &[Shape], atoms: &mut BTreeMap<Atom, AtomId>| {
        of.iter().map(|part| from_shape(part, negate, atoms)).collect()
    };
    match shape {
        Shape::Not(inner) => from_shape(inner, !negate, atoms),
        Shape::All(of) if !negate => all(parts(of, atoms)),
        Shape::Any(of) if negate => all(parts(of, atoms)),
        Shape::All(of) | Shape::Any(of) => any(parts(of, atoms)),
        Shape::Column { column, passes, free } => {
            let possible = usize::from(free.low)..=usize::from(free.high);
            let holds = |code: usize| possible.contains(&code) && passes[code] != negate;
            if !possible.clone().any(holds) {
                return Formula::Fixed(false);
            }
            if possible.clone().all(holds) {
                return Formula::Fixed(true);
            }
            let mut ranges: Vec<(u16, u16)> = Vec::new();
            for code in (0..passes.len()).filter(|&code| holds(code)) {
                let code = code as u16;
                match ranges.last_mut() {
                    Some((_, last)) if *last + 1 == code => *last = code,
                    _ => ranges.push((code, code)),
                }
            }
            let next = atoms.len() as AtomId;
            Formula::Atom(*atoms.entry(Atom { column: *column, ranges }).or_insert(next))
        }
    }
}

/// Conjunction, flattened and without constants.
fn all(parts: Vec<Formula>) -> Formula {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Formula::Fixed(true) => {}
            Formula::Fixed(false) => return Formula::Fixed(false),
            Formula::All(inner) => flat.extend(inner),
            part => flat.push(part),
        }
    }
    match flat.len() {
        0 => Formula::Fixed(true),
        1 => flat.remove(0),
        _ => Formula::All(flat),
    }
}

/// Disjunction, flattened and without constants.
fn any(parts: Vec<Formula>) -> Formula {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Formula::Fixed(false) => {}
            Formula::Fixed(true) => return Formula::Fixed(true),
            Formula::Any(inner) => flat.extend(inner),
            part => flat.push(part),
        }
    }
    match flat.len() {
        0 => Formula::Fixed(false),
        1 => flat.remove(0),
        _ => Formula::Any(flat),
    }
}
