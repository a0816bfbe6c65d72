//! The plain interpreter: the fair baseline. A profile is one array of codes, an item a few words of one
//! contiguous array; AND and OR stop as soon as the result is fixed, on both rails at once.

use rayon::prelude::*;

use crate::atoms::{Codes, Formula, Lowered, Rails, meet};
use crate::rival::{Answer, Prepared, Rival};

/// One node, eight bytes. A list is followed by its members.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// Column of an atom, or the kind of another node.
    head: u16,
    /// First code; for several ranges and for lists, the number of words of the node, including this one.
    first: u16,
    /// Last code.
    last: u16,
}

/// Heads of nodes that are no atoms.
const ALL: u16 = u16::MAX;
const ANY: u16 = u16::MAX - 1;
const FIXED: u16 = u16::MAX - 2;

/// All items, concatenated.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    words: Vec<Word>,
    /// Start of each item, and the end of the last.
    starts: Vec<u32>,
}

impl Program {
    /// Compiles one item per formula.
    pub(super) fn new(formulas: &[Formula], lowered: &Lowered) -> Self {
        let mut program = Self::default();
        for formula in formulas {
            program.starts.push(program.words.len() as u32);
            program.push(formula, lowered);
        }
        program.starts.push(program.words.len() as u32);
        program
    }

    fn push(&mut self, formula: &Formula, lowered: &Lowered) {
        match formula {
            Formula::Fixed(holds) => self.words.push(Word { head: FIXED, first: u16::from(*holds), last: 0 }),
            Formula::Atom(id) => {
                let atom = &lowered.atoms[*id as usize];
                let words: Vec<Word> = atom
                    .ranges
                    .iter()
                    .map(|&(first, last)| Word { head: atom.column, first, last })
                    .collect();
                match words.as_slice() {
                    [one] => self.words.push(*one),
                    many => self.list(ANY, |program| program.words.extend_from_slice(many)),
                }
            }
            Formula::All(of) => {
                self.list(ALL, |program| of.iter().for_each(|child| program.push(child, lowered)))
            }
            Formula::Any(of) => {
                self.list(ANY, |program| of.iter().for_each(|child| program.push(child, lowered)))
            }
        }
    }

    fn list(&mut self, head: u16, members: impl FnOnce(&mut Self)) {
        let at = self.words.len();
        self.words.push(Word { head, first: 0, last: 0 });
        members(self);
        self.words[at].first = u16::try_from(self.words.len() - at).expect("a tree of at most 65,535 words");
    }

    fn items(&self) -> usize {
        self.starts.len() - 1
    }

    /// Result of one item.
    pub(super) fn item(&self, item: usize, row: &[Codes]) -> Rails {
        let words = &self.words[self.starts[item] as usize..self.starts[item + 1] as usize];
        match words.split_first() {
            // Nearly every item is a conjunction.
            Some((Word { head: ALL, .. }, members)) => all(members, row),
            _ => node(words, row).0,
        }
    }

    /// Size of all items in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.words.as_slice()) + size_of_val(self.starts.as_slice())
    }
}

/// Evaluates the node at the start of `words`; returns the words after it.
#[inline(always)]
fn node<'a>(words: &'a [Word], row: &[Codes]) -> (Rails, &'a [Word]) {
    let Some((head, rest)) = words.split_first() else { return (Rails::FAILS, words) };
    if head.head < FIXED {
        return (meet(head.first, head.last, row[usize::from(head.head)]), rest);
    }
    list(*head, rest, row)
}

/// Evaluates a node that is no atom.
fn list<'a>(head: Word, rest: &'a [Word], row: &[Codes]) -> (Rails, &'a [Word]) {
    if head.head == FIXED {
        return (Rails::new(head.first != 0, head.first != 0), rest);
    }
    let (members, rest) = rest.split_at(usize::from(head.first) - 1);
    (if head.head == ALL { all(members, row) } else { any(members, row) }, rest)
}

#[inline]
fn all(mut words: &[Word], row: &[Codes]) -> Rails {
    let mut rails = Rails::HOLDS;
    while !words.is_empty() {
        let (part, rest) = node(words, row);
        rails = rails.and(part);
        if rails == Rails::FAILS {
            break;
        }
        words = rest;
    }
    rails
}

fn any(mut words: &[Word], row: &[Codes]) -> Rails {
    let mut rails = Rails::FAILS;
    while !words.is_empty() {
        let (part, rest) = node(words, row);
        rails = rails.or(part);
        if rails == Rails::HOLDS {
            break;
        }
        words = rest;
    }
    rails
}

fn note(item: usize, rails: Rails, answer: &mut Answer) {
    if rails.is_certain() {
        answer.eligible.push(item as u32);
    } else if rails.is_possible() {
        answer.undetermined.push(item as u32);
    }
}

/// Interpreter of the items in their original order.
#[derive(Clone, Debug)]
pub struct Interpreter {
    program: Program,
    rows: Vec<Vec<Codes>>,
}

impl Rival for Interpreter {
    fn name(&self) -> &'static str {
        "interpreter"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let program = Program::new(&prepared.lowered.formulas, prepared.lowered);
        Self { program, rows: prepared.rows.to_vec() }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        answer.clear();
        let row = &self.rows[profile];
        for item in 0..self.program.items() {
            note(item, self.program.item(item, row), answer);
        }
    }

    fn bytes(&self) -> Option<usize> {
        Some(self.program.bytes())
    }
}

/// The interpreter on all cores.
#[derive(Clone, Debug)]
pub struct ParallelInterpreter(Interpreter);

/// Items per task.
const PORTION: usize = 2048;

impl Rival for ParallelInterpreter {
    fn name(&self) -> &'static str {
        "interpreter, rayon"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        Self(Interpreter::prepare(prepared))
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        answer.clear();
        let Interpreter { program, rows } = &self.0;
        let row = &rows[profile];
        let portions = program.items().div_ceil(PORTION);
        let parts: Vec<Answer> = (0..portions)
            .into_par_iter()
            .map(|portion| {
                let mut part = Answer::default();
                for item in portion * PORTION..program.items().min((portion + 1) * PORTION) {
                    note(item, program.item(item, row), &mut part);
                }
                part
            })
            .collect();
        for part in parts {
            answer.eligible.extend(part.eligible);
            answer.undetermined.extend(part.undetermined);
        }
    }

    fn bytes(&self) -> Option<usize> {
        self.0.bytes()
    }
}

/// The interpreter on one core, with the conditions of each item sorted by their probability to fail per length,
/// estimated on a sample of the profiles.
#[derive(Clone, Debug)]
pub struct OrderedInterpreter(Interpreter);

/// Sample size in profiles for the order of conditions.
const SAMPLE: usize = 256;

impl Rival for OrderedInterpreter {
    fn name(&self) -> &'static str {
        "interpreter, ordered"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let lowered = prepared.lowered;
        let sample = &prepared.rows[..prepared.rows.len().min(SAMPLE)];
        let misses: Vec<f64> = lowered
            .atoms
            .iter()
            .map(|atom| {
                let fails = |row: &&Vec<Codes>| !atom.meet(row[usize::from(atom.column)]).is_possible();
                sample.iter().filter(fails).count() as f64 / sample.len().max(1) as f64
            })
            .collect();
        let formulas: Vec<Formula> =
            lowered.formulas.iter().map(|formula| ordered(formula, &misses)).collect();
        let program = Program::new(&formulas, lowered);
        Self(Interpreter { program, rows: prepared.rows.to_vec() })
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        self.0.verdicts(profile, answer);
    }

    fn bytes(&self) -> Option<usize> {
        self.0.bytes()
    }
}

/// Sorts members of conjunctions by probability to fail, of disjunctions by probability to hold.
fn ordered(formula: &Formula, misses: &[f64]) -> Formula {
    let sorted = |of: &[Formula], worth: &dyn Fn(&Formula) -> f64| {
        let mut of: Vec<Formula> = of.iter().map(|child| ordered(child, misses)).collect();
        of.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        of
    };
    match formula {
        Formula::All(of) => Formula::All(sorted(of, &|child| miss(child, misses) / length_of(child))),
        Formula::Any(of) => Formula::Any(sorted(of, &|child| (1.0 - miss(child, misses)) / length_of(child))),
        other => other.clone(),
    }
}

/// Probability that a part is impossible, if its atoms were independent.
fn miss(formula: &Formula, misses: &[f64]) -> f64 {
    match formula {
        Formula::Fixed(holds) => f64::from(u8::from(!holds)),
        Formula::Atom(id) => misses[*id as usize],
        Formula::All(of) => 1.0 - of.iter().map(|child| 1.0 - miss(child, misses)).product::<f64>(),
        Formula::Any(of) => of.iter().map(|child| miss(child, misses)).product(),
    }
}

fn length_of(formula: &Formula) -> f64 {
    match formula {
        Formula::Fixed(_) | Formula::Atom(_) => 1.0,
        Formula::All(of) | Formula::Any(of) => of.iter().map(length_of).sum(),
    }
}
