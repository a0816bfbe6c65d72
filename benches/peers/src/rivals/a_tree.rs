//! The crate `a-tree`: the index of boolean expressions of Ji and Jacobsen (SIGMOD 2021).
//!
//! Rules are inserted in its own language, events are built with its event builder, and each profile is searched
//! twice, for certain and for possible results. Absent values stay undefined in an event, as its documentation
//! specifies: no predicate is true of an undefined value.
//!
//! It runs in two variants. In the first it does all comparisons itself, over two integer attributes per column (see
//! [`super`]). In the second every atom is a boolean attribute, and the event lists the true ones: it is spared
//! the comparisons, and indexes a rule by a condition that few profiles meet.

use a_tree::{ATree, AttributeDefinition, Event};

use super::text::{Style, Writer, atom_name, high, low};
use crate::atoms::{Atom, Codes, Rails};
use crate::rival::{Answer, Prepared, Rival};

/// Variant with its own comparisons.
pub struct ATreeRival {
    index: Index,
    columns: Vec<Ends>,
}

/// Variant with atoms as boolean attributes.
pub struct ATreeOfAtoms {
    index: Index,
    atoms: Vec<(String, Atom)>,
}

struct Ends {
    low: String,
    high: String,
    free: Codes,
}

struct Index {
    tree: ATree<u32>,
    rows: Vec<Vec<Codes>>,
    /// Items that are true for every profile.
    always: Vec<u32>,
    certain: Vec<u32>,
    possible: Vec<u32>,
}

impl Index {
    fn new(prepared: &Prepared<'_>, attributes: &[AttributeDefinition], style: Style) -> Self {
        let mut tree = ATree::new(attributes).unwrap();
        let mut writer = Writer::new(prepared, style);
        let mut always = Vec::new();
        for (item, formula) in (0..).zip(&prepared.lowered.formulas) {
            match writer.rule(formula) {
                Ok(text) => tree.insert(&item, &text).unwrap(),
                Err(true) => always.push(item),
                Err(false) => {}
            }
        }
        Self { tree, rows: prepared.rows.to_vec(), always, certain: Vec::new(), possible: Vec::new() }
    }

    fn answer(&mut self, certain: &Event, possible: &Event, answer: &mut Answer) {
        for (event, found) in [(certain, &mut self.certain), (possible, &mut self.possible)] {
            found.clear();
            found.extend_from_slice(&self.always);
            found.extend(self.tree.search(event).unwrap().matches().iter().copied());
            found.sort_unstable();
            found.dedup();
        }
        answer.set_from(&self.certain, &self.possible);
    }
}

impl Rival for ATreeRival {
    fn name(&self) -> &'static str {
        "a-tree"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let columns: Vec<Ends> = (0..)
            .zip(&prepared.lowered.columns)
            .map(|(number, column)| Ends { low: low(number), high: high(number), free: column.free })
            .collect();
        let names = columns.iter().flat_map(|ends| [&ends.low, &ends.high]);
        let attributes: Vec<AttributeDefinition> =
            names.map(|name| AttributeDefinition::integer(name)).collect();
        Self { index: Index::new(prepared, &attributes, Style::Ends), columns }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        let row = &self.index.rows[profile];
        let event = |exchanged: bool| {
            let mut event = self.index.tree.make_event();
            for (ends, codes) in self.columns.iter().zip(row) {
                if !exchanged && *codes == ends.free {
                    continue;
                }
                let (low, high) = if exchanged { (codes.high, codes.low) } else { (codes.low, codes.high) };
                event.with_integer(&ends.low, i64::from(low)).unwrap();
                event.with_integer(&ends.high, i64::from(high)).unwrap();
            }
            event.build().unwrap()
        };
        let (certain, possible) = (event(false), event(true));
        self.index.answer(&certain, &possible, answer);
    }
}

impl Rival for ATreeOfAtoms {
    fn name(&self) -> &'static str {
        "a-tree of atoms"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let atoms: Vec<(String, Atom)> =
            (0..).zip(&prepared.lowered.atoms).map(|(id, atom)| (atom_name(id), atom.clone())).collect();
        let attributes: Vec<AttributeDefinition> =
            atoms.iter().map(|(name, _)| AttributeDefinition::boolean(name)).collect();
        Self { index: Index::new(prepared, &attributes, Style::Atoms), atoms }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        let row = &self.index.rows[profile];
        let (mut certain, mut possible) = (self.index.tree.make_event(), self.index.tree.make_event());
        for (name, atom) in &self.atoms {
            let rails = atom.meet(row[usize::from(atom.column)]);
            if rails == Rails::FAILS {
                continue;
            }
            if rails.is_certain() {
                certain.with_boolean(name, true).unwrap();
            }
            possible.with_boolean(name, true).unwrap();
        }
        let (certain, possible) = (certain.build().unwrap(), possible.build().unwrap());
        self.index.answer(&certain, &possible, answer);
    }
}
