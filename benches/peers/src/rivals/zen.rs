//! The expression machine of `zen-engine`, without the decision graph around it, in its fastest documented mode:
//! every rule compiled to bytecode once, one machine reused. Each profile is evaluated twice (see [`super`]); an
//! impossible rule is not evaluated again.

use std::sync::Arc;

use serde_json::{Map, Value};
use zen_expression::compiler::Opcode;
use zen_expression::{Isolate, Variable};

use super::text::{Style, Writer, high, low};
use crate::atoms::Codes;
use crate::rival::{Answer, Prepared, Rival};

/// Rival of this module.
#[derive(Debug)]
pub struct ZenRival {
    isolate: Isolate,
    rules: Vec<Result<Arc<[Opcode]>, bool>>,
    rows: Vec<Vec<Codes>>,
    certain: Vec<u32>,
    possible: Vec<u32>,
}

impl Rival for ZenRival {
    fn name(&self) -> &'static str {
        "zen-expression"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let mut isolate = Isolate::new();
        let mut compile = |text: String| isolate.compile_standard(&text).unwrap().bytecode().clone();
        let mut writer = Writer::new(prepared, Style::Ends);
        let formulas = &prepared.lowered.formulas;
        let rules = formulas.iter().map(|formula| writer.rule(formula).map(&mut compile)).collect();
        let rows = prepared.rows.to_vec();
        Self { isolate, rules, rows, certain: Vec::new(), possible: Vec::new() }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        let Self { isolate, rules, rows, certain, possible } = self;
        let row = &rows[profile];
        possible.clear();
        certain.clear();
        isolate.set_environment(environment(row, true));
        for item in 0..rules.len() as u32 {
            if run(isolate, &rules[item as usize]) {
                possible.push(item);
            }
        }
        isolate.set_environment(environment(row, false));
        for &item in possible.iter() {
            if run(isolate, &rules[item as usize]) {
                certain.push(item);
            }
        }
        answer.set_from(certain, possible);
    }
}

fn run(isolate: &mut Isolate, rule: &Result<Arc<[Opcode]>, bool>) -> bool {
    match rule {
        Ok(code) => isolate.run_compiled(code).unwrap().as_bool().unwrap(),
        Err(holds) => *holds,
    }
}

fn environment(row: &[Codes], exchanged: bool) -> Variable {
    let mut facts = Map::new();
    for (number, codes) in (0..).zip(row) {
        let (first, last) = if exchanged { (codes.high, codes.low) } else { (codes.low, codes.high) };
        facts.insert(low(number), first.into());
        facts.insert(high(number), last.into());
    }
    Value::Object(facts).into()
}
