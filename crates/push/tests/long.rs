//! Ten million pairs of a synthetic city: the batch kernel against matching enterprise by enterprise, compared by a hash of row
//! numbers for each item instead of counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use jiff::civil::date;
use zhaoren_matcher::batch::{
    BLOCK_ROWS, BatchPlan, FactTable, RegisterWidth, Scratch, VerdictSelection, rows_of,
};
use zhaoren_matcher::compiled::{EvaluationDay, Verdicts};
use zhaoren_matcher::{Library, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_push::synth::{Synth, SynthOptions};

const ENTERPRISES: u64 = 10_000;
const ITEMS: u32 = 1_000;

/// Hashes of the row numbers, in order, for each item: of the eligible and of the undetermined.
type Hashes = Vec<[DefaultHasher; 2]>;

fn finish(hashes: &Hashes) -> Vec<[u64; 2]> {
    hashes.iter().map(|[a, b]| [a.finish(), b.finish()]).collect()
}

#[test]
fn ten_million_pairs() {
    let dictionary = FactDictionary::built_in();
    let options = SynthOptions { enterprises: ENTERPRISES, items: ITEMS, ..SynthOptions::default() };
    let synth = Synth::new(options, dictionary).unwrap();
    let lines: Vec<String> = (1..=ITEMS).map(|n| synth.item(n).to_string()).collect();
    let (items, report) = read_items(&lines.join("\n"), "items.jsonl", dictionary);
    assert_eq!((items.len(), report.errors()), (ITEMS as usize, 0));
    let profile = |n| {
        let text = synth.profile(&synth.enterprise(n)).to_string();
        let node = syntax::json(&text).unwrap();
        Profile::read(&node, dictionary, false, &mut Report::new("p")).unwrap()
    };
    let profiles: Vec<Profile> = (0..ENTERPRISES).map(profile).collect();
    let items = items.into_iter().map(|(item, _)| item).collect();
    let library = Arc::new(Library::new(items, Arc::new(dictionary.clone())));
    let day = date(2026, 7, 1);
    let snapshot = Snapshot::compile(Arc::clone(&library), day);
    assert_eq!(snapshot.not_compiled().count(), 0);

    let mut expected: Hashes = vec![Default::default(); ITEMS as usize];
    let (mut verdicts, mut eligible, mut open) = (Verdicts::default(), 0_u64, 0_u64);
    for (row, profile) in profiles.iter().enumerate() {
        let catalogue = snapshot.catalogue();
        catalogue.verdicts(&catalogue.encode(&snapshot.view(profile)), &mut verdicts);
        verdicts.eligible().for_each(|place| {
            eligible += 1;
            row.hash(&mut expected[place][0]);
        });
        verdicts.undetermined().for_each(|place| {
            open += 1;
            row.hash(&mut expected[place][1]);
        });
    }
    println!("{eligible} eligible and {open} undetermined of {}", ENTERPRISES * u64::from(ITEMS));
    assert!(eligible > 10_000 && open > 10_000);

    let moment = EvaluationDay { as_of: day, last_year: 2025 };
    let criteria = library.iter().map(|item| &item.criteria);
    let (plan, problems) = BatchPlan::compile(criteria, dictionary, moment);
    assert!(problems.is_empty(), "{problems:?}");
    let table = FactTable::of(&profiles);
    for width in RegisterWidth::all() {
        let mut found: Hashes = vec![Default::default(); ITEMS as usize];
        let mut scratch = Scratch::with_width(width);
        for (number, block) in plan.blocks(&table, dictionary).enumerate() {
            plan.decide(&block, VerdictSelection::Both, &mut scratch, |place, certain, open| {
                for (hash, rows) in found[place].iter_mut().zip([certain, open]) {
                    rows_of(rows).for_each(|row| (number * BLOCK_ROWS + row).hash(hash));
                }
            });
        }
        assert_eq!(finish(&found), finish(&expected), "{}", width.name());
        let mut eligible: Vec<_> = vec![Default::default(); ITEMS as usize];
        for (number, block) in plan.blocks(&table, dictionary).enumerate() {
            plan.decide(&block, VerdictSelection::Eligible, &mut scratch, |place, certain, _| {
                let found: &mut [_; 2] = &mut eligible[place];
                rows_of(certain).for_each(|row| (number * BLOCK_ROWS + row).hash(&mut found[0]));
            });
        }
        let first =
            |hashes: &Hashes| finish(hashes).into_iter().map(|[eligible, _]| eligible).collect::<Vec<_>>();
        assert_eq!(first(&eligible), first(&expected), "{}", width.name());
    }
}
