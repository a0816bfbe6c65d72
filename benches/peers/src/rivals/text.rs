//! Rules as text, the input of expression engines.
//!
//! Conditions are sorted by their probability to fail, estimated on a sample of the profiles: engines
//! stop at the first that fails, and `a-tree` indexes a conjunction by the first of its cheapest members.

use std::collections::HashMap;

use crate::atoms::{AtomId, Codes, Formula, Lowered};
use crate::rival::Prepared;

/// Name of the lower end of a column.
pub(super) fn low(column: u16) -> String {
    format!("l{column}")
}

/// Name of the upper end of a column.
pub(super) fn high(column: u16) -> String {
    format!("h{column}")
}

/// Name of an atom.
pub(super) fn atom_name(id: AtomId) -> String {
    format!("a{id}")
}

/// Form of the conditions in rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Comparisons of the two ends of each column: see [`super`].
    Ends,
    /// Atoms as boolean variables, evaluated before the engine.
    Atoms,
}

/// Sample size in profiles for the order of conditions.
const SAMPLE: usize = 256;

/// Writer of rules.
pub(super) struct Writer<'a> {
    style: Style,
    lowered: &'a Lowered,
    sample: Vec<&'a [Codes]>,
    misses: HashMap<(u16, End, u16), f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    Low,
    High,
}

/// A piece of a rule with its probability to be impossible.
struct Piece {
    text: String,
    miss: f64,
    comparisons: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(prepared: &Prepared<'a>, style: Style) -> Self {
        let sample = prepared.rows.iter().take(SAMPLE).map(Vec::as_slice).collect();
        Self { style, lowered: prepared.lowered, sample, misses: HashMap::new() }
    }

    /// Rule as text, or the constant that it is.
    pub(super) fn rule(&mut self, formula: &Formula) -> Result<String, bool> {
        match formula {
            Formula::Fixed(holds) => Err(*holds),
            formula => Ok(self.piece(formula).text),
        }
    }

    fn piece(&mut self, formula: &Formula) -> Piece {
        match formula {
            Formula::Fixed(_) => unreachable!("only a whole rule is decided"),
            Formula::Atom(id) => {
                let pieces = self.atom(*id);
                all(pieces)
            }
            Formula::All(of) => {
                let pieces = of.iter().flat_map(|child| match child {
                    Formula::Atom(id) => self.atom(*id),
                    other => vec![self.piece(other)],
                });
                let pieces = pieces.collect();
                all(pieces)
            }
            Formula::Any(of) => any(of.iter().map(|child| self.piece(child)).collect()),
        }
    }

    /// Conjunction that is equivalent to an atom: comparisons, one disjunction for several ranges, or its name.
    fn atom(&mut self, id: AtomId) -> Vec<Piece> {
        let atom = &self.lowered.atoms[id as usize];
        if self.style == Style::Atoms {
            let fails = |row: &&&[Codes]| !atom.meet(row[usize::from(atom.column)]).is_possible();
            let miss = self.sample.iter().filter(fails).count() as f64 / self.sample.len().max(1) as f64;
            return vec![Piece { text: atom_name(id), miss, comparisons: 1 }];
        }
        let mut ranges: Vec<Vec<Piece>> =
            atom.ranges.iter().map(|&range| self.between(atom.column, range)).collect();
        match ranges.len() {
            1 => ranges.remove(0),
            _ => vec![any(ranges.into_iter().map(all).collect())],
        }
    }

    /// `l3 >= 5` and `h3 <= 8`, without comparisons that are always true.
    fn between(&mut self, column: u16, (first, last): (u16, u16)) -> Vec<Piece> {
        let free = self.lowered.columns[usize::from(column)].free;
        let mut ends = Vec::new();
        if first > free.low {
            let miss = self.miss(column, End::Low, first);
            ends.push(Piece { text: format!("{} >= {first}", low(column)), miss, comparisons: 1 });
        }
        if last < free.high {
            let miss = self.miss(column, End::High, last);
            ends.push(Piece { text: format!("{} <= {last}", high(column)), miss, comparisons: 1 });
        }
        ends
    }

    fn miss(&mut self, column: u16, end: End, bound: u16) -> f64 {
        let sample = &self.sample;
        *self.misses.entry((column, end, bound)).or_insert_with(|| {
            let fails = |row: &&&[Codes]| match end {
                End::Low => row[usize::from(column)].high < bound,
                End::High => row[usize::from(column)].low > bound,
            };
            sample.iter().filter(fails).count() as f64 / sample.len().max(1) as f64
        })
    }
}

fn all(mut pieces: Vec<Piece>) -> Piece {
    pieces.sort_by(|a, b| (b.miss / b.comparisons as f64).total_cmp(&(a.miss / a.comparisons as f64)));
    let miss = 1.0 - pieces.iter().map(|piece| 1.0 - piece.miss).product::<f64>();
    joined(pieces, " and ", miss)
}

fn any(mut pieces: Vec<Piece>) -> Piece {
    pieces.sort_by(|a, b| {
        ((1.0 - b.miss) / b.comparisons as f64).total_cmp(&((1.0 - a.miss) / a.comparisons as f64))
    });
    let miss = pieces.iter().map(|piece| piece.miss).product();
    joined(pieces, " or ", miss)
}

fn joined(mut pieces: Vec<Piece>, word: &str, miss: f64) -> Piece {
    if pieces.len() == 1 {
        return pieces.remove(0);
    }
    let enclosed = |piece: &Piece| match piece.comparisons {
        1 => piece.text.clone(),
        _ => format!("({})", piece.text),
    };
    let texts: Vec<String> = pieces.iter().map(enclosed).collect();
    Piece { text: texts.join(word), miss, comparisons: pieces.iter().map(|piece| piece.comparisons).sum() }
}
