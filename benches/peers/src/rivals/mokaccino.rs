//! The crate `mokaccino`: a percolator over roaring bitmaps, which keeps queries in conjunctive form.
//!
//! A profile is a document with one field whose values are its true atoms; it is percolated twice, with
//! the certain ones and with the possible ones. (Its own comparisons of integers, over the columns as
//! fields, took sixty times as long.) The percolator is rebuilt once with the settings that it recommends for its
//! queries.

use mokaccino::prelude::{CNFQueryable, Document, PercolatorUid, Query};

use crate::atoms::{Codes, Formula, Lowered};
use crate::rival::{Answer, Prepared, Rival};

/// Rival of this module.
#[derive(Debug)]
pub struct MokaccinoRival {
    percolator: PercolatorUid<u32>,
    lowered: Lowered,
    rows: Vec<Vec<Codes>>,
    /// Items that are true for every profile.
    always: Vec<u32>,
    certain: Vec<u32>,
    possible: Vec<u32>,
}

impl Rival for MokaccinoRival {
    fn name(&self) -> &'static str {
        "mokaccino"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let mut percolator = PercolatorUid::<u32>::builder().build();
        let mut always = Vec::new();
        for (item, formula) in (0..).zip(&prepared.lowered.formulas) {
            match formula {
                Formula::Fixed(true) => always.push(item),
                Formula::Fixed(false) => {}
                formula => {
                    percolator.index_query_uid(query(formula), item).unwrap();
                }
            }
        }
        Self {
            percolator: percolator.optimized(),
            lowered: prepared.lowered.clone(),
            rows: prepared.rows.to_vec(),
            always,
            certain: Vec::new(),
            possible: Vec::new(),
        }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        let Self { percolator, lowered, rows, always, certain, possible } = self;
        let (sure, open) = documents(lowered, &rows[profile]);
        for (document, found) in [(sure, &mut *certain), (open, &mut *possible)] {
            found.clear();
            found.extend_from_slice(always);
            found.extend(percolator.percolate(&document));
            found.sort_unstable();
        }
        answer.set_from(certain, possible);
    }
}

/// Field with the atoms of a profile.
const FIELD: &str = "a";

/// Documents of the certain and of the possible atoms.
fn documents(lowered: &Lowered, row: &[Codes]) -> (Document, Document) {
    let (mut certain, mut possible) = (Document::new(), Document::new());
    for (id, atom) in lowered.atoms.iter().enumerate() {
        let rails = atom.meet(row[usize::from(atom.column)]);
        if rails.is_certain() {
            certain.with_value_mut(FIELD, id.to_string());
        }
        if rails.is_possible() {
            possible.with_value_mut(FIELD, id.to_string());
        }
    }
    (certain, possible)
}

fn query(formula: &Formula) -> Query {
    match formula {
        Formula::Fixed(_) => unreachable!("only a whole rule is decided"),
        Formula::Atom(id) => FIELD.has_value(id.to_string()),
        Formula::All(of) => Query::from_and(of.iter().map(query).collect()),
        Formula::Any(of) => Query::from_or(of.iter().map(query).collect()),
    }
}
