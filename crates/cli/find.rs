//! `zhaoren find`: who qualifies for one item, and where the others fall out.

use std::io::Write;
use std::sync::Arc;

use zhaoren_engine::{Home, has_errors};
use zhaoren_push::find::{FindReport, Finder, Found, Group, svg};
use zhaoren_push::{Progress, RunEnterprises, Unwatched};

use crate::Outcome;
use crate::args::FindArgs;
use crate::commands::{CannotRun, name};
use crate::matching::{dictionary, rules};
use crate::push::{Bar, Given, given, threads};

/// How many groups of a level are shown to people; `--json` has all.
const GROUPS: usize = 20;

/// `zhaoren find`
pub(crate) fn find(home: &Home, json: bool, args: &FindArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.as_of.unwrap_or_else(zhaoren_engine::today);
    let mut problems = Vec::new();
    let facts = dictionary(args.tables.facts.as_deref(), &mut problems)?;
    let rules = rules(home, &args.policies, facts, as_of, &mut problems)?;
    name(&problems);
    let library = rules.library();
    let Some(item) = library.item(&args.item) else {
        return Err(
            format!("没有事项 `{}`：共 {} 项，可用 zhaoren search 查找", args.item, library.len()).into()
        );
    };
    let finder = Finder::new(item, Arc::clone(library.dictionary()), as_of, args.limit)?;
    let run = match args.tables.enterprises.as_slice() {
        [folder] if RunEnterprises::is_one(folder) => {
            Some(RunEnterprises::open(folder, library.dictionary())?)
        }
        _ => None,
    };
    let given = if run.is_some() { None } else { Some(given(&args.tables, library.dictionary())?) };
    let bar = Bar::new();
    let watched: &dyn Progress = bar.as_ref().map_or(&Unwatched, |bar| bar);
    let threads = threads(args.threads)?;
    let whole = |tally| Found { tally, ..Found::default() };
    let found = threads.install(|| -> Result<Found, CannotRun> {
        Ok(match (&run, &given) {
            (Some(run), _) => whole(finder.over_run(run, watched)?),
            (None, Some(Given::Tables(tables))) => finder.over(tables, watched)?,
            (None, Some(Given::Store(store))) => whole(finder.over_store(store, watched)?),
            (None, None) => Found::default(),
        })
    })?;
    drop(bar);
    for reject in &found.rejects {
        anstream::eprintln!(
            "{}:{}: {} {} [{}] {}",
            reject.file,
            reject.row,
            reject.id,
            reject.column,
            reject.value,
            reject.reason
        );
    }
    if found.rejected > 0 {
        anstream::eprintln!("有 {} 行未能读入，不在统计之内", found.rejected);
    }
    let rejected = found.rejected > 0;
    let report = finder.report(found.tally);
    if let Some(path) = &args.svg {
        std::fs::write(path, svg(&report)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut out = std::io::BufWriter::new(anstream::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        table(&mut out, &report)?;
    }
    out.flush()?;
    Ok(if rejected || has_errors(&problems) { Outcome::InputWrong } else { Outcome::Done })
}

fn table(out: &mut dyn Write, report: &FindReport) -> std::io::Result<()> {
    let state = if report.in_force { "" } else { "（当日未施行）" };
    writeln!(out, "{}（{}）{state}", report.title, report.item)?;
    writeln!(
        out,
        "判定日 {}　企业 {} 家：符合 {}　待定 {}　不符 {}（其中只差一条 {}）",
        report.as_of,
        report.enterprises,
        report.eligible,
        report.undetermined,
        report.ineligible,
        report.almost
    )?;
    if report.repeated > 0 {
        writeln!(out, "有 {} 行的企业标识与别的行相同，各行分别计入", report.repeated)?;
    }
    // Numbers stand first, so that columns line up whatever the width of the text behind them.
    writeln!(out, "\n      进入      不符      待定      剩余  仅此不符  条件")?;
    for (number, step) in report.funnel.iter().enumerate() {
        let place = step.article.as_deref().map(|article| format!("{article}　")).unwrap_or_default();
        let [entered, failed, open, left, alone] = [step.entered, step.out, step.open, step.left, step.alone];
        let text = step.text.replace('\n', "\n                                                      ");
        writeln!(
            out,
            "{entered:>10}{failed:>10}{open:>10}{left:>10}{alone:>10}  {}. {place}{text}",
            number + 1
        )?;
    }
    if report.together > 0 {
        writeln!(out, "{:>40} 家逐条看都可能过，合起来不可能同时满足", report.together)?;
    }
    groups(out, "地区", &report.by_region)?;
    groups(out, "行业", &report.by_industry)?;
    for (what, ids, all) in [
        ("符合", &report.eligible_ids, report.eligible),
        ("待定", &report.undetermined_ids, report.undetermined),
    ] {
        if !ids.is_empty() {
            writeln!(out, "\n{what} {all} 家，列出 {} 家：", ids.len())?;
            for id in ids {
                writeln!(out, "  {id}")?;
            }
        }
    }
    Ok(())
}

/// The groups with somebody eligible or undetermined first; the rest is in the JSON.
fn groups(out: &mut dyn Write, what: &str, all: &[Group]) -> std::io::Result<()> {
    let some: Vec<&Group> = all.iter().filter(|group| group.eligible + group.undetermined > 0).collect();
    if some.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n      企业      符合      待定  {what}")?;
    for group in some.iter().take(GROUPS) {
        let indent = "　".repeat(group.level.into());
        writeln!(
            out,
            "{:>10}{:>10}{:>10}  {indent}{} {}",
            group.enterprises, group.eligible, group.undetermined, group.code, group.name
        )?;
    }
    if some.len() > GROUPS {
        writeln!(out, "{:>30}  另有 {} 组，见 --json", "", some.len() - GROUPS)?;
    }
    Ok(())
}
