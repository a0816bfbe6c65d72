//! Decides many enterprises on all built-in items at once: `cargo run --release --example sweep`.
//!
//! [`BatchPlan`] holds the criteria of all items as rows of bits over blocks of enterprises (bit-slicing). Its verdicts are those
//! of one match at a time.

#![allow(clippy::print_stdout, reason = "the output is what the example shows")]

use std::error::Error;
use std::fs;
use std::path::Path;

use jiff::civil::date;
use zhaoren_matcher::batch::{BatchPlan, FactTable, Scratch, VerdictSelection, rows_of};
use zhaoren_matcher::compiled::EvaluationDay;
use zhaoren_policy::calendar::last_fiscal_year;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;

fn main() -> Result<(), Box<dyn Error>> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let dictionary = FactDictionary::built_in();

    let mut items: Vec<Item> = Vec::new();
    for entry in fs::read_dir(seeds.join("policies"))? {
        let path = entry?.path();
        let (read, report) = read_items(&fs::read_to_string(&path)?, &path.display().to_string(), dictionary);
        for problem in &report.problems {
            println!("{problem}");
        }
        items.extend(read.into_iter().map(|(item, _)| item));
    }
    items.sort_by(|a, b| a.id.cmp(&b.id));

    // The made-up sample enterprises, each a hundred times.
    let mut report = Report::new("samples.jsonl");
    let mut profiles = Vec::new();
    for line in fs::read_to_string(seeds.join("enterprises/samples.jsonl"))?.lines() {
        profiles.extend(Profile::read(&syntax::json(line)?, dictionary, false, &mut report));
    }
    let many: Vec<&Profile> = profiles.iter().cycle().take(profiles.len() * 100).collect();
    let table = FactTable::of(many.iter().copied());

    let as_of = date(2026, 11, 1);
    let day = EvaluationDay { as_of, last_year: last_fiscal_year(as_of) };
    let (plan, refused) = BatchPlan::compile(items.iter().map(|item| &item.criteria), dictionary, day);
    println!("{} 家企业 × {} 个事项，{} 个未能编译", many.len(), plan.len(), refused.len());

    let mut scratch = Scratch::default();
    let (mut eligible, mut undetermined) = (0_usize, 0_usize);
    for block in plan.blocks(&table, dictionary) {
        plan.decide(&block, VerdictSelection::Both, &mut scratch, |_item, certain, open| {
            eligible += rows_of(certain).count();
            undetermined += rows_of(open).count();
        });
    }
    println!("符合 {eligible} 对，待补 {undetermined} 对");
    Ok(())
}
