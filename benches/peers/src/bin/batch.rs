//! Many enterprises against all items: our batch kernel, the interpreter, and the limits of the machine.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml --bin batch -- --items 1000 --enterprises 100000
//! benches/peers/sql.sh --items 300 --enterprises 100000          # the same world in DuckDB and Polars
//! ```
//!
//! | option | means | default |
//! |---|---|---|
//! | `--items N`, `--enterprises N`, `--unknown PERCENT`, `--seed N` | the world | 1000, 100000, 29 |
//! | `--vocabulary N`, `--local PERCENT` | distinct predicates, approximately; items with the region as a condition | 2604, 90 |
//! | `--sorted yes` | rows in order of region and industry instead of number | no |
//! | `--interpreted N` | number of enterprises run by the interpreter; results are compared before any timing | 20000 |
//! | `--rounds N` | each figure is the minimum of that many rounds | 3 |
//! | `--export DIR` | writes the rows, every item as an expression of SQL, and the interpreter's answers | - |
//!
//! A pair is one enterprise and one item. The sweep is timed from encoded blocks to bits; encoding is timed separately, as
//! every batch engine has such a step.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the program prints a table, and stops at the first surprise"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use zhaoren_matcher::batch::{
    BLOCK_ROWS, BatchPlan, Block, FactTable, RegisterWidth, Scratch, VerdictSelection, rows_of,
};
use zhaoren_matcher::compiled::EvaluationDay;
use zhaoren_peers::atoms::{Codes, Formula, Lowered};
use zhaoren_peers::measure::baseline;
use zhaoren_peers::rival::{Answer, Prepared};
use zhaoren_peers::roaring_city::RoaringCity;
use zhaoren_peers::world::{Knobs, World};
use zhaoren_policy::calendar::last_fiscal_year;
use zhaoren_policy::profile::Profile;

struct Options {
    knobs: Knobs,
    interpreted: usize,
    rounds: usize,
    sorted: bool,
    export: Option<PathBuf>,
}

fn options() -> Options {
    let knobs = Knobs { profiles: 100_000, ..Knobs::default() };
    let mut options = Options { knobs, interpreted: 20_000, rounds: 3, sorted: false, export: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_else(|| panic!("`{word}` needs a value"));
        let number = || value.parse::<u64>().unwrap_or_else(|_| panic!("`{word} {value}`: no whole number"));
        match word.as_str() {
            "--items" => options.knobs.items = number() as usize,
            "--enterprises" => options.knobs.profiles = number() as usize,
            "--unknown" => options.knobs.unknown = number().min(100) as f64 / 100.0,
            "--vocabulary" => options.knobs.vocabulary = number() as usize,
            "--local" => options.knobs.local = number().min(100) as f64 / 100.0,
            "--sorted" => options.sorted = value == "yes",
            "--seed" => options.knobs.seed = number(),
            "--interpreted" => options.interpreted = number() as usize,
            "--rounds" => options.rounds = number().max(1) as usize,
            "--export" => options.export = Some(PathBuf::from(&value)),
            _ => panic!("`{word}` is no option; they are listed at the top of src/bin/batch.rs"),
        }
    }
    options
}

/// Minimum time of some rounds, in seconds, and the last result.
fn timed<T>(rounds: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut least = f64::INFINITY;
    let mut last = None;
    for _ in 0..rounds {
        let begun = Instant::now();
        last = Some(black_box(run()));
        least = least.min(begun.elapsed().as_secs_f64());
    }
    (least, last.unwrap())
}

fn main() {
    let options = options();
    let mut world = World::new(options.knobs);
    if options.sorted {
        let place = |profile: &Profile| {
            ["registered_region", "industry"]
                .map(|fact| profile.current(fact).exact().map(ToString::to_string))
        };
        world.profiles.sort_by_cached_key(place);
    }
    let (items, enterprises) = (world.items.len(), world.profiles.len());
    let pairs = items as f64 * enterprises as f64;
    println!("world       {items} items x {enterprises} enterprises = {pairs:.2e} pairs");

    let moment = EvaluationDay { as_of: world.as_of, last_year: last_fiscal_year(world.as_of) };
    let (compile, (plan, problems)) = timed(1, || {
        BatchPlan::compile(world.items.iter().map(|item| &item.criteria), &world.dictionary, moment)
    });
    assert!(problems.is_empty(), "{problems:?}");
    println!("plan        {compile:>9.3} s, {} literals, {} nodes", plan.literals(), plan.nodes());
    let (encode, blocks) = timed(1, || {
        let chunks = world.profiles.chunks(BLOCK_ROWS * 8);
        let encoded = chunks.flat_map(|chunk| {
            let table = FactTable::of(chunk);
            plan.blocks(&table, &world.dictionary).collect::<Vec<Block>>()
        });
        encoded.collect::<Vec<Block>>()
    });
    println!("encoding    {:>9.3} µs an enterprise", encode * 1e6 / enterprises as f64);

    // The interpreter first: its results are the reference for the others.
    let lowered = Lowered::new(&world.items, &world.dictionary, world.as_of).unwrap();
    let some = options.interpreted.min(enterprises);
    let codes = |profile| lowered.encode(profile, &world.dictionary, world.as_of);
    let rows: Vec<Vec<Codes>> = world.profiles.iter().take(some).map(codes).collect();
    let prepared = Prepared { world: &world, lowered: &lowered, rows: &rows };
    let (interpreted, expected) = timed(1, || baseline(&prepared));
    let speed = some as f64 * items as f64 / interpreted;
    compare(&plan, &blocks, &expected, items);

    println!("\n{:<34} {:>12} {:>10}", "", "pairs/s", "ratio");
    println!("{:<34} {speed:>12.3e} {:>10.1}", "interpreter, 1 thread", 1.0);
    for width in RegisterWidth::all() {
        let (seconds, _) = timed(options.rounds, || {
            let (mut scratch, mut found) = (Scratch::with_width(width), 0);
            blocks.iter().for_each(|block| sweep(&plan, block, &mut scratch, &mut found));
            found
        });
        row(&format!("zhaoren, {}, 1 thread", width.name()), pairs / seconds, speed);
    }
    let (seconds, _) = timed(options.rounds, || {
        blocks
            .par_iter()
            .map_init(Scratch::default, |scratch, block| {
                let mut found = 0;
                sweep(&plan, block, scratch, &mut found);
                found
            })
            .sum::<u64>()
    });
    row(&format!("zhaoren, {} threads", rayon::current_num_threads()), pairs / seconds, speed);
    roaring(&lowered, &rows, &expected, options.rounds, speed);
    limits(options.rounds, pairs / seconds, items, enterprises);
    if let Some(folder) = &options.export {
        export(folder, &lowered, &rows, &expected);
        println!("\nexported    {} rows, {items} items to {}", rows.len(), folder.display());
    }
}

/// Evaluates one block, and counts the listed pairs.
fn sweep(plan: &BatchPlan, block: &Block, scratch: &mut Scratch, found: &mut u64) {
    plan.decide(block, VerdictSelection::Both, scratch, |_, certain, open| {
        *found += certain.iter().zip(open).map(|(a, b)| u64::from((a | b).count_ones())).sum::<u64>();
    });
}

fn row(name: &str, speed: f64, reference: f64) {
    println!("{name:<34} {speed:>12.3e} {:>10.1}", speed / reference);
}

/// Compares every pair of the interpreter: its certain results have to be certain in ours, its impossible ones impossible.
/// Where only the interpreter is undetermined, the item mentions a fact more than once.
fn compare(plan: &BatchPlan, blocks: &[Block], expected: &[Answer], items: usize) {
    let mut scratch = Scratch::default();
    let (mut pairs, mut settled) = (0_u64, 0_u64);
    for (number, block) in blocks.iter().enumerate() {
        let verdicts = plan.verdicts(block, &mut scratch);
        let mut ours = vec![Answer::default(); block.len()];
        for item in 0..items {
            rows_of(verdicts.certain(item)).for_each(|row| ours[row].eligible.push(item as u32));
            let open = rows_of(verdicts.possible(item));
            open.filter(|row| verdicts.certain(item)[row / 64] >> (row % 64) & 1 == 0)
                .for_each(|row| ours[row].undetermined.push(item as u32));
        }
        for (row, ours) in ours.iter().enumerate() {
            let Some(theirs) = expected.get(number * BLOCK_ROWS + row) else { continue };
            pairs += items as u64;
            let open = |item: &u32| theirs.undetermined.binary_search(item).is_ok();
            assert!(theirs.eligible.iter().all(|item| ours.eligible.binary_search(item).is_ok()));
            assert!(ours.undetermined.iter().all(open));
            let more = ours.eligible.iter().filter(|item| theirs.eligible.binary_search(item).is_err());
            assert!(more.clone().all(open));
            settled += (theirs.undetermined.len() - ours.undetermined.len()) as u64;
        }
    }
    println!(
        "compared    {pairs} pairs with the interpreter's; {settled} that Kleene leaves open are settled exactly"
    );
}

/// Times the interpreted enterprises with prepared `roaring` bitmaps by atom; the results are compared too.
fn roaring(lowered: &Lowered, rows: &[Vec<Codes>], expected: &[Answer], rounds: usize, speed: f64) {
    let (ready, city) = timed(1, || RoaringCity::new(lowered, rows));
    let mut answers = vec![(0_u64, 0_u64); lowered.formulas.len()];
    for (number, answer) in expected.iter().enumerate() {
        for item in &answer.eligible {
            answers[*item as usize].0 += number as u64;
        }
        for item in answer.eligible.iter().chain(&answer.undetermined) {
            answers[*item as usize].1 += number as u64;
        }
    }
    for (formula, sums) in lowered.formulas.iter().zip(&answers) {
        let (certain, possible) = city.item(formula);
        let sum = |set: &roaring::RoaringBitmap| set.iter().map(u64::from).sum::<u64>();
        assert_eq!((sum(&certain), sum(&possible)), *sums);
    }
    let (seconds, _) =
        timed(rounds, || lowered.formulas.iter().map(|formula| city.item(formula).1.len()).sum::<u64>());
    let pairs = rows.len() as f64 * lowered.formulas.len() as f64;
    row(&format!("roaring, 1 thread, {} rows", rows.len()), pairs / seconds, speed);
    println!("{:<34} {ready:>12.3} s to make its bitmaps", "");
}

/// Measures the limits of the machine: copying memory, and AND over bitmaps in the first-level cache.
fn limits(rounds: usize, ours: f64, items: usize, enterprises: usize) {
    let words = 1 << 24;
    let from = vec![1_u64; words];
    let mut to = vec![0_u64; words];
    let (seconds, _) = timed(rounds, || {
        to.copy_from_slice(black_box(&from));
        black_box(&to).len()
    });
    println!("\ncopying memory           {:>9.2} GB/s", 2.0 * 8.0 * words as f64 / seconds / 1e9);
    let sets = vec![[u64::MAX; BLOCK_ROWS / 64]; 32];
    let turns = 200_000;
    let (seconds, _) = timed(rounds, || {
        let mut all = [u64::MAX; BLOCK_ROWS / 64];
        for turn in 0..turns {
            let set = black_box(&sets[turn % 32]);
            for (word, other) in all.iter_mut().zip(set) {
                *word &= other;
            }
            black_box(&mut all);
        }
        all
    });
    let ands = turns as f64 * BLOCK_ROWS as f64 / seconds;
    println!("AND of rows, one core    {ands:>9.3e} bits/s");
    println!(
        "ours, all threads        {:>9.2} % of one AND a pair on each of them ({items} x {enterprises})",
        100.0 * ours / ands / rayon::current_num_threads() as f64
    );
}

/// Exports the rows as CSV, each item as two SQL expressions (certain, possible), and the interpreter's results: for each
/// item the number of certain and of possible rows, and the sums of their row numbers.
fn export(folder: &Path, lowered: &Lowered, rows: &[Vec<Codes>], expected: &[Answer]) {
    std::fs::create_dir_all(folder).unwrap();
    let columns = lowered.columns.len();
    let header = (0..columns).map(|column| format!(",l{column},h{column}")).collect::<String>();
    let mut text = format!("n{header}\n");
    for (number, codes) in rows.iter().enumerate() {
        write!(text, "{number}").unwrap();
        codes.iter().for_each(|codes| write!(text, ",{},{}", codes.low, codes.high).unwrap());
        text.push('\n');
    }
    std::fs::write(folder.join("rows.csv"), text).unwrap();
    let expressions: String = lowered
        .formulas
        .iter()
        .map(|formula| format!("{}\t{}\n", sql(formula, lowered, true), sql(formula, lowered, false)))
        .collect();
    std::fs::write(folder.join("items.tsv"), expressions).unwrap();
    let mut answers = vec![[0_u64; 4]; lowered.formulas.len()];
    for (number, answer) in expected.iter().enumerate() {
        for (of, certain) in [(&answer.eligible, true), (&answer.undetermined, false)] {
            for item in of {
                let [a, b, c, d] = &mut answers[*item as usize];
                (*c, *d) = (*c + 1, *d + number as u64);
                if certain {
                    (*a, *b) = (*a + 1, *b + number as u64);
                }
            }
        }
    }
    let lines: String = answers.iter().map(|[a, b, c, d]| format!("{a}\t{b}\t{c}\t{d}\n")).collect();
    std::fs::write(folder.join("answers.tsv"), lines).unwrap();
}

fn sql(formula: &Formula, lowered: &Lowered, certain: bool) -> String {
    let list = |of: &[Formula], word: &str| {
        let parts: Vec<String> = of.iter().map(|part| sql(part, lowered, certain)).collect();
        format!("({})", parts.join(word))
    };
    match formula {
        Formula::Fixed(holds) => if *holds { "1=1" } else { "1=0" }.to_owned(),
        Formula::All(of) => list(of, " AND "),
        Formula::Any(of) => list(of, " OR "),
        Formula::Atom(id) => {
            let atom = &lowered.atoms[*id as usize];
            let column = atom.column;
            let range = |(first, last): &(u16, u16)| match certain {
                true => format!("(l{column}>={first} AND h{column}<={last})"),
                false => format!("(h{column}>={first} AND l{column}<={last})"),
            };
            let ranges: Vec<String> = atom.ranges.iter().map(range).collect();
            format!("({})", ranges.join(" OR "))
        }
    }
}
