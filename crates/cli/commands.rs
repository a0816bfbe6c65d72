//! The commands: each translates arguments, calls the engine, renders.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use zhaoren_engine::{Engine, EngineError, MatchOptions, Problem, SearchRequest, has_errors};

use crate::Outcome;
use crate::args::{Cli, Command, ImportArgs, MatchArgs, SearchArgs, ServeArgs};
use crate::progress::Bars;
use crate::render;

/// Why a command could not run.
pub(crate) type CannotRun = Box<dyn std::error::Error + Send + Sync>;

pub(crate) fn run(cli: Cli) -> Result<Outcome, CannotRun> {
    let (data, json) = (cli.data, cli.json);
    match cli.command {
        Command::Match(args) => match_profiles(&data, json, &args),
        Command::Search(args) => search(&data, json, args),
        Command::Import(args) => import(&data, json, &args),
        Command::Serve(args) => serve(&data, &args),
    }
}

fn open(data: &Path) -> Result<Engine, EngineError> {
    let (engine, problems) = Engine::open(data, &Bars::new())?;
    name(&problems);
    Ok(engine)
}

/// Names problems on stderr, one a line.
fn name(problems: &[Problem]) {
    for problem in problems {
        anstream::eprintln!("{problem}");
    }
}

fn outcome(problems: &[Problem]) -> Outcome {
    if has_errors(problems) { Outcome::InputWrong } else { Outcome::Done }
}

fn match_profiles(data: &Path, json: bool, args: &MatchArgs) -> Result<Outcome, CannotRun> {
    let mut problems = Vec::new();
    let mut dictionary = zhaoren_engine::built_in_facts().clone();
    if let Some(file) = &args.facts {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        problems.extend(dictionary.extend_from(&text, &file.display().to_string()).problems);
    }
    let options = MatchOptions {
        as_of: args.as_of.unwrap_or_else(zhaoren_engine::today),
        all: args.all,
        limit: args.limit,
    };
    let (items, evidence) = if args.policies.is_empty() {
        let (engine, mut found) = Engine::open(data, &Bars::new())?;
        let loaded = engine.into_items_with(&dictionary, &mut found)?;
        problems.extend(found);
        loaded
    } else {
        let (items, evidence, found) =
            zhaoren_engine::load_items(&args.policies, &dictionary, options.as_of)?;
        problems.extend(found);
        (items, evidence)
    };
    let mut read = Vec::new();
    let mut several = args.profiles.len() > 1;
    for path in &args.profiles {
        let (file, bytes) = match read_input(path) {
            Ok(input) => input,
            Err(error) => {
                let problem = zhaoren_engine::file_problem(path, &error);
                problems.push(problem);
                continue;
            }
        };
        let profiles = zhaoren_engine::read_profiles(&bytes, &file, &dictionary, args.strict);
        several |= profiles.several;
        problems.extend(profiles.problems);
        read.extend(profiles.profiles);
    }
    name(&problems);
    let mut wrong = has_errors(&problems);
    if read.is_empty() && args.profiles.iter().all(|path| path.as_os_str() != "-" && !path.exists()) {
        return Err("没有可读的企业画像".into());
    }
    let mut out = std::io::BufWriter::new(anstream::stdout());
    for profile in &read {
        for line in zhaoren_engine::disagreements(profile, &dictionary, options.as_of) {
            anstream::eprintln!("{line}");
        }
        let (mut report, undecided) = zhaoren_engine::match_profile(profile, &items, &dictionary, options);
        evidence.attach(&mut report);
        for one in &undecided {
            anstream::eprintln!("{one}");
        }
        wrong |= !undecided.is_empty();
        match (json, several) {
            (true, true) => writeln!(out, "{}", serde_json::to_string(&report)?)?,
            (true, false) => writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?,
            (false, _) => render::report(&mut out, &report, &items, &dictionary)?,
        }
    }
    out.flush()?;
    Ok(if wrong { Outcome::InputWrong } else { Outcome::Done })
}

/// The bytes of a file, or of standard input for `-`, and what to call it.
fn read_input(path: &Path) -> std::io::Result<(String, Vec<u8>)> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(("<stdin>".to_owned(), bytes));
    }
    Ok((path.display().to_string(), std::fs::read(path)?))
}

fn search(data: &Path, json: bool, args: SearchArgs) -> Result<Outcome, CannotRun> {
    let engine = open(data)?;
    let query = SearchRequest {
        query: args.query.join(" "),
        limit: args.limit,
        offset: args.offset,
        filters: args.filter,
    };
    let response = engine.search(&query)?;
    let mut out = std::io::BufWriter::new(anstream::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&response)?)?;
    } else {
        render::search(&mut out, &response)?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn import(data: &Path, json: bool, args: &ImportArgs) -> Result<Outcome, CannotRun> {
    if args.paths.iter().all(|path: &PathBuf| !path.exists()) {
        return Err(format!("没有可读的路径：{}", render::paths(&args.paths)).into());
    }
    let mut engine = open(data)?;
    let bars = Bars::new();
    let report = engine.import(&args.paths, &bars)?;
    drop(bars);
    name(&report.problems);
    let mut out = anstream::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report.summary())?)?;
    } else {
        render::import(&mut out, &report)?;
    }
    Ok(outcome(&report.problems))
}

fn serve(data: &Path, args: &ServeArgs) -> Result<Outcome, CannotRun> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .init();
    let engine = open(data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(zhaoren_server::serve(engine, args.listen))?;
    Ok(Outcome::Done)
}
