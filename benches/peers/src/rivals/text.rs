//! Rules as the text that expression engines read.

use crate::atoms::{Atom, Codes, Formula, Lowered};

/// Words of one engine's language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// Between the members of a conjunction.
    pub(super) and: &'static str,
    /// Between the members of a disjunction.
    pub(super) or: &'static str,
}

pub(super) const WORDS: Words = Words { and: " and ", or: " or " };

/// Name of the lower end of a column.
pub(super) fn low(column: u16) -> String {
    format!("l{column}")
}

/// Name of the upper end of a column.
pub(super) fn high(column: u16) -> String {
    format!("h{column}")
}

/// The rule as text. A rule that is decided without any fact has none.
pub(super) fn rule(formula: &Formula, lowered: &Lowered, words: Words) -> Result<String, bool> {
    match formula {
        Formula::Fixed(holds) => Err(*holds),
        formula => Ok(part(formula, lowered, words)),
    }
}

fn part(formula: &Formula, lowered: &Lowered, words: Words) -> String {
    let list = |of: &[Formula], word: &str| {
        let parts: Vec<String> = of.iter().map(|child| enclosed(child, lowered, words)).collect();
        parts.join(word)
    };
    match formula {
        Formula::Fixed(_) => unreachable!("only a whole rule is decided"),
        Formula::Atom(id) => atom(&lowered.atoms[*id as usize], lowered, words),
        Formula::All(of) => list(of, words.and),
        Formula::Any(of) => list(of, words.or),
    }
}

fn enclosed(formula: &Formula, lowered: &Lowered, words: Words) -> String {
    format!("({})", part(formula, lowered, words))
}

/// `l3 >= 5 and h3 <= 8`, without a comparison that no value fails.
fn atom(atom: &Atom, lowered: &Lowered, words: Words) -> String {
    let free = lowered.columns[usize::from(atom.column)].free;
    let ranges: Vec<String> =
        atom.ranges.iter().map(|&range| between(atom.column, range, free, words)).collect();
    match ranges.as_slice() {
        [one] => one.clone(),
        many => format!("({})", many.join(&format!("){}(", words.or))),
    }
}

fn between(column: u16, (first, last): (u16, u16), free: Codes, words: Words) -> String {
    let mut ends = Vec::new();
    if first > free.low {
        ends.push(format!("{} >= {first}", low(column)));
    }
    if last < free.high {
        ends.push(format!("{} <= {last}", high(column)));
    }
    ends.join(words.and)
}
