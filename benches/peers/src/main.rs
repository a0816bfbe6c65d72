//! Matches profiles against items with every rival, and prints the times.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --items 10000 --profiles 1000
//! ```
//!
//! | option | means | default |
//! |---|---|---|
//! | `--items N` | number of items; 1000, 10000, 100000 and 1000000 are reported | 1000 |
//! | `--profiles N` | number of profiles | 1000 |
//! | `--unknown PERCENT` | unknown facts, on average over profiles; 0, 30 and 60 are reported | 29 |
//! | `--vocabulary N` | approximate number of distinct predicates; 2604, 10000 and 50000 are reported | 2604 |
//! | `--rivals A,B` | only these, and the interpreter: `ordered`, `rayon`, `a-tree`, `a-tree-atoms`, `zen`, `mokaccino`, `bitmaps`, `dense`, `ours` | all |
//! | `--seconds S` | a rival matches as many profiles as it can in this time | 5 |
//! | `--rounds N` | each profile's time is the median of that many rounds; odd | 3 |
//! | `--seed N` | selects another world of the same kind | 20260630 |
//!
//! A time is that of one profile from its row of codes (or the engine's own form of the row) to two
//! lists of items, eligible and undetermined. The work common to all rivals is shown above the table: generating the
//! world, lowering the items, encoding profiles as rows. Ratios are to the interpreter on the same profiles.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the program prints a table, and stops at the first surprise"
)]

use std::time::{Duration, Instant};

use zhaoren_peers::atoms::Lowered;
use zhaoren_peers::measure::{ENTRANTS, Effort, Entrant, Row, baseline, measure, quantile};
use zhaoren_peers::rival::{Answer, Prepared};
use zhaoren_peers::world::{Knobs, World, leaves, unknown_share};

struct Options {
    knobs: Knobs,
    rivals: Option<Vec<String>>,
    effort: Effort,
}

fn options() -> Options {
    let mut options = Options {
        knobs: Knobs::default(),
        rivals: None,
        effort: Effort { per_rival: Duration::from_secs(5), rounds: 3 },
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_else(|| panic!("`{word}` needs a value"));
        let number =
            || value.parse::<u64>().unwrap_or_else(|_| panic!("`{word} {value}`: expected a whole number"));
        match word.as_str() {
            "--items" => options.knobs.items = number() as usize,
            "--profiles" => options.knobs.profiles = number() as usize,
            "--unknown" => options.knobs.unknown = number().min(100) as f64 / 100.0,
            "--vocabulary" => options.knobs.vocabulary = number() as usize,
            "--seed" => options.knobs.seed = number(),
            "--rounds" => options.effort.rounds = number().max(1) as usize,
            "--seconds" => options.effort.per_rival = Duration::from_secs(number()),
            "--rivals" => options.rivals = Some(value.split(',').map(str::to_owned).collect()),
            _ => panic!("`{word}` is no option; they are listed at the top of src/main.rs"),
        }
    }
    options
}

fn main() {
    let options = options();
    let begun = Instant::now();
    let world = World::new(options.knobs);
    println!("world       {:>8.2} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let lowered = Lowered::new(&world.items, &world.dictionary, world.as_of).unwrap();
    println!("lowering    {:>8.2} s for all items", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let rows: Vec<_> = world
        .profiles
        .iter()
        .map(|profile| lowered.encode(profile, &world.dictionary, world.as_of))
        .collect();
    let each = begun.elapsed().as_secs_f64() * 1e6 / rows.len().max(1) as f64;
    println!("encoding    {each:>8.2} µs a profile");
    let prepared = Prepared { world: &world, lowered: &lowered, rows: &rows };
    let expected = baseline(&prepared);
    describe(&prepared, &expected);
    let entrants: Vec<Entrant> =
        ENTRANTS.into_iter().filter(|entrant| is_wanted(entrant, &options)).collect();
    print(&measure(&prepared, &entrants, options.effort, &expected), world.items.len());
}

fn is_wanted(entrant: &Entrant, options: &Options) -> bool {
    let wanted = entrant.key == ENTRANTS[0].key
        || options.rivals.as_ref().is_none_or(|rivals| rivals.iter().any(|key| key == entrant.key));
    let fits = options.knobs.items <= entrant.most_items;
    if wanted && !fits {
        println!("left out    {}: not built above {} items", entrant.key, entrant.most_items);
    }
    wanted && fits
}

/// Prints the properties of the world.
fn describe(prepared: &Prepared<'_>, expected: &[Answer]) {
    let Prepared { world, lowered, .. } = prepared;
    let pairs = (world.items.len() * world.profiles.len()).max(1) as f64;
    let share = |of: fn(&Answer) -> usize| 100.0 * expected.iter().map(of).sum::<usize>() as f64 / pairs;
    let unknown: f64 = world.profiles.iter().map(|profile| unknown_share(profile, &world.dictionary)).sum();
    let predicates: usize = world.items.iter().map(|item| leaves(&item.criteria)).sum();
    println!(
        "pairs       {pairs:.0}: eligible {:.3} %, undetermined {:.3} %",
        share(|answer| answer.eligible.len()),
        share(|answer| answer.undetermined.len())
    );
    println!(
        "items       {} of {:.2} predicates on average, drawn from {}; {} columns, {} atoms",
        world.items.len(),
        predicates as f64 / world.items.len().max(1) as f64,
        world.vocabulary,
        lowered.columns.len(),
        lowered.atoms.len()
    );
    println!(
        "profiles    {} with {:.1} % of facts unknown on average",
        world.profiles.len(),
        100.0 * unknown / world.profiles.len().max(1) as f64
    );
}

fn print(rows: &[Row], items: usize) {
    println!(
        "\n{:<22} {:>9} {:>9} {:>9} {:>11} {:>11} {:>11} {:>10} {:>8}",
        "rival", "build s", "MB", "profiles", "p50 µs", "p99 µs", "mean µs", "M pairs/s", "ratio"
    );
    let whole = rows.iter().map(|row| row.nanos.len()).max().unwrap_or(0);
    for row in rows {
        let sum: u64 = row.nanos.iter().sum();
        let mean = sum as f64 / row.nanos.len().max(1) as f64;
        let reference: u64 = rows[0].nanos.iter().take(row.nanos.len()).sum();
        let micros = |at: f64| quantile(row.nanos.clone(), at).unwrap_or(0) as f64 / 1e3;
        let fewer = if row.nanos.len() < whole { "*" } else { " " };
        println!(
            "{:<22} {:>9.3} {:>9} {:>8}{fewer} {:>11.2} {:>11.2} {:>11.2} {:>10.1} {:>8.2}",
            row.name,
            row.build.as_secs_f64(),
            row.bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{:.2}", bytes as f64 / 1e6)),
            row.nanos.len(),
            micros(0.5),
            micros(0.99),
            mean / 1e3,
            items as f64 * 1e3 / mean,
            reference as f64 / sum.max(1) as f64
        );
    }
    if rows.iter().any(|row| row.nanos.len() < whole) {
        println!("* asked about fewer profiles, because it is slow; its ratio is over those");
    }
    for row in rows.iter().filter(|row| row.exacter > 0) {
        println!(
            "{}: {} pairs where Kleene's answer is weaker, each confirmed by the reference",
            row.name, row.exacter
        );
    }
}
