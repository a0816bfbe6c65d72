//! The crate `mokaccino`: a percolator over roaring bitmaps, whose queries are kept in conjunctive form.
//!
//! Columns are fields compared as integers, profiles are documents asked twice (see [`super`]). The percolator is
//! rebuilt once with the settings that it recommends for its queries.

use mokaccino::prelude::{CNFQueryable, Document, PercolatorUid, Query};

use super::text::{high, low};
use crate::atoms::{Codes, Formula, Lowered};
use crate::rival::{Answer, Prepared, Rival};

/// See the module.
#[derive(Debug)]
pub struct MokaccinoRival {
    percolator: PercolatorUid<u32>,
    rows: Vec<Vec<Codes>>,
    /// Items that hold for every profile.
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
                    percolator.index_query_uid(query(formula, prepared.lowered), item).unwrap();
                }
            }
        }
        let percolator = percolator.optimized();
        Self { percolator, rows: prepared.rows.to_vec(), always, certain: Vec::new(), possible: Vec::new() }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        let Self { percolator, rows, always, certain, possible } = self;
        for (exchanged, found) in [(false, &mut *certain), (true, &mut *possible)] {
            let document = document(&rows[profile], exchanged);
            found.clear();
            found.extend_from_slice(always);
            found.extend(percolator.percolate(&document));
            found.sort_unstable();
        }
        answer.set_from(certain, possible);
    }
}

fn document(row: &[Codes], exchanged: bool) -> Document {
    let mut document = Document::new();
    for (number, codes) in (0..).zip(row) {
        let (first, last) = if exchanged { (codes.high, codes.low) } else { (codes.low, codes.high) };
        document.with_value_mut(low(number), first.to_string());
        document.with_value_mut(high(number), last.to_string());
    }
    document
}

fn query(formula: &Formula, lowered: &Lowered) -> Query {
    let list = |of: &[Formula]| of.iter().map(|child| query(child, lowered)).collect();
    match formula {
        Formula::Fixed(_) => unreachable!("only a whole rule is decided"),
        Formula::All(of) => Query::from_and(list(of)),
        Formula::Any(of) => Query::from_or(list(of)),
        Formula::Atom(id) => {
            let atom = &lowered.atoms[*id as usize];
            let free = lowered.columns[usize::from(atom.column)].free;
            let ranges = atom.ranges.iter().map(|&(first, last)| {
                let mut ends = Vec::new();
                if first > free.low {
                    ends.push(low(atom.column).i64_ge(first.into()));
                }
                if last < free.high {
                    ends.push(high(atom.column).i64_le(last.into()));
                }
                Query::from_and(ends)
            });
            Query::from_or(ranges.collect())
        }
    }
}
