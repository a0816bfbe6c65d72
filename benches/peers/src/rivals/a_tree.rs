//! The crate `a-tree`: the index of boolean expressions of Ji and Jacobsen (SIGMOD 2021).
//!
//! Rules are inserted in its own language over two integer attributes per column, events are built with its
//! event builder, and each profile is searched twice (see [`super`]). A column of which nothing is known stays
//! undefined in the certain event, as its documentation has it: no comparison holds of what is undefined.

use a_tree::{ATree, AttributeDefinition};

use super::text::{WORDS, high, low, rule};
use crate::atoms::{Codes, Lowered};
use crate::rival::{Answer, Prepared, Rival};

/// See the module.
pub struct ATreeRival {
    tree: ATree<u32>,
    columns: Vec<Ends>,
    rows: Vec<Vec<Codes>>,
    /// Items that hold for every profile.
    always: Vec<u32>,
    certain: Vec<u32>,
    possible: Vec<u32>,
}

struct Ends {
    low: String,
    high: String,
    free: Codes,
}

impl std::fmt::Debug for ATreeRival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ATreeRival").field("columns", &self.columns.len()).finish_non_exhaustive()
    }
}

impl Rival for ATreeRival {
    fn name(&self) -> &'static str {
        "a-tree"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let Lowered { columns, formulas, .. } = prepared.lowered;
        let columns: Vec<Ends> = (0..)
            .zip(columns)
            .map(|(number, column)| Ends { low: low(number), high: high(number), free: column.free })
            .collect();
        let names = columns.iter().flat_map(|ends| [&ends.low, &ends.high]);
        let attributes: Vec<AttributeDefinition> =
            names.map(|name| AttributeDefinition::integer(name)).collect();
        let mut tree = ATree::new(&attributes).unwrap();
        let mut always = Vec::new();
        for (item, formula) in (0..).zip(formulas) {
            match rule(formula, prepared.lowered, WORDS) {
                Ok(text) => tree.insert(&item, &text).unwrap(),
                Err(true) => always.push(item),
                Err(false) => {}
            }
        }
        Self {
            tree,
            columns,
            rows: prepared.rows.to_vec(),
            always,
            certain: Vec::new(),
            possible: Vec::new(),
        }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        let row = &self.rows[profile];
        search(&self.tree, &self.columns, row, false, &self.always, &mut self.certain);
        search(&self.tree, &self.columns, row, true, &self.always, &mut self.possible);
        answer.set_from(&self.certain, &self.possible);
    }
}

fn search(
    tree: &ATree<u32>,
    columns: &[Ends],
    row: &[Codes],
    exchanged: bool,
    always: &[u32],
    found: &mut Vec<u32>,
) {
    let mut event = tree.make_event();
    for (ends, codes) in columns.iter().zip(row) {
        if !exchanged && *codes == ends.free {
            continue;
        }
        let (low, high) = if exchanged { (codes.high, codes.low) } else { (codes.low, codes.high) };
        event.with_integer(&ends.low, i64::from(low)).unwrap();
        event.with_integer(&ends.high, i64::from(high)).unwrap();
    }
    let event = event.build().unwrap();
    found.clear();
    found.extend_from_slice(always);
    found.extend(tree.search(&event).unwrap().matches().iter().copied());
    found.sort_unstable();
    found.dedup();
}
