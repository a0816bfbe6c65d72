//! The commands: each translates arguments, calls the engine, renders.

use std::io::Write;
use std::path::PathBuf;

use zhaoren_engine::{Home, ImportReport, Principal};

use crate::args::{Cli, Command, District, ImportArgs, WithdrawArgs};
use crate::exit::{CannotRun, Outcome, open, outcome, print_problems};
use crate::matching;
use crate::progress::Bars;
use crate::render;

pub(crate) fn run(cli: Cli) -> Result<Outcome, CannotRun> {
    let json = cli.json;
    let data = cli.data.clone().unwrap_or_else(|| PathBuf::from("./index/data"));
    let home = Home::new(&data, cli.database_url.as_deref());
    match cli.command {
        Command::Match(args) => matching::match_profiles(&home, json, &args),
        Command::Ask(args) => matching::ask(&home, json, &args),
        Command::Automatic(args) => crate::automatic::automatic(&home, json, &args),
        Command::Pack(args) => matching::pack(&home, json, &args),
        Command::Push(args) => crate::push::push(&home, json, &args),
        Command::Map(args) => crate::map::map(json, &args),
        Command::Load(args) => crate::push::load(json, &args),
        Command::Find(args) => crate::find::find(&home, json, &args),
        Command::WhatIf(args) => crate::what_if::what_if(&home, json, &args),
        Command::Impact(args) => crate::impact::impact(&home, json, &args),
        Command::Synth(args) => crate::synth::synth(json, &args),
        Command::EvalSearch(args) => crate::eval::eval_search(json, &args),
        Command::Search(args) => crate::search::search(&home, json, args),
        Command::Suggest(args) => crate::search::suggest(&home, json, &args),
        Command::Import(args) => import(&home, json, &args),
        Command::Index(args) => crate::index::index(&home, json, args.work),
        Command::Verify(args) => crate::receipts::verify(&home, json, &args),
        Command::Drafts(args) => crate::drafts::drafts(&home, json, &args.work),
        Command::Withdraw(args) => withdraw(&home, json, &args),
        Command::Backup(args) => crate::backup::backup(&home, json, &args.file),
        Command::Restore(args) => crate::backup::restore(&home, json, &args),
        Command::Enterprises(args) => crate::enterprises::enterprises(&home, json, &args),
        Command::OptOuts(args) => crate::enterprises::opt_outs(&home, json, &args),
        Command::Outcomes(args) => crate::enterprises::outcomes(&home, json, &args),
        Command::Messages(args) => crate::messages::messages(&home, json, &args),
        Command::Retention(args) => crate::enterprises::retention(&home, json, &args),
        Command::Keys(args) => crate::keys::keys(&home, json, &args.work),
        Command::Tenants(args) => crate::keys::tenants(&home, json, &args.work),
        Command::Audit(args) => crate::audit::audit(&home, json, &args.work),
        Command::Serve(args) => crate::serve::serve(cli.data.as_deref(), cli.database_url.as_deref(), &args),
        Command::Config(args) => {
            crate::serve::config(cli.data.as_deref(), cli.database_url.as_deref(), json, &args.work)
        }
        Command::Read(args) => crate::reading::read(json, &args),
        Command::Evidence(args) => crate::evidence::evidence(&home, json, &args),
        Command::Changes(args) => crate::reading::changes(&home, json, &args),
        Command::Demo(args) => crate::demo::demo(json, cli.database_url.as_deref(), &args),
        Command::Completions(args) => crate::manual::completions(&args),
        Command::Man(args) => crate::manual::man(json, &args),
        Command::Facts => crate::reading::facts(&home, json),
    }
}

/// Most documents of an import after which the items whose conditions they state are counted.
const MOST_FOR_HINT: usize = 100;

fn import(home: &Home, json: bool, args: &ImportArgs) -> Result<Outcome, CannotRun> {
    if !args.paths.is_empty() && args.paths.iter().all(|path: &PathBuf| !path.exists()) {
        return Err(format!("没有可读的路径：{}", render::paths(&args.paths)).into());
    }
    let engine = open(home)?;
    let bars = Bars::new();
    let who = Principal { tenant: args.tenant.clone(), ..Principal::local() };
    let mut report = match args.paths.as_slice() {
        [] => ImportReport::default(),
        paths => engine.import_as(&who, paths, &bars)?,
    };
    if args.district == Some(District::Sample) {
        report.add(engine.import_sample_district(&who, &bars)?);
    }
    drop(bars);
    print_problems(&report.problems);
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report.summary())?)?;
    } else {
        render::import(&mut out, &report)?;
        let arrived = report.documents.new + report.documents.changed;
        if (1..=MOST_FOR_HINT).contains(&arrived) {
            let proposals = engine.propose_evidence("", &args.tenant)?;
            render::evidence_hint(&mut out, &proposals)?;
        }
    }
    Ok(outcome(&report.problems))
}

fn withdraw(home: &Home, json: bool, args: &WithdrawArgs) -> Result<Outcome, CannotRun> {
    let who = Principal { tenant: args.tenant.clone(), ..Principal::local() };
    open(home)?.withdraw(&args.item, &args.why, &who, None)?;
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::json!({"withdrawn": args.item}))?;
    } else {
        writeln!(out, "{} 已撤下", args.item)?;
    }
    Ok(Outcome::Done)
}
