//! `zhaoren find`: enterprises that qualify for one item, and the conditions at which the others drop out.

use std::io::Write;
use std::sync::Arc;

use zhaoren_engine::night::EnterpriseInput;
use zhaoren_engine::{FactDictionary, Home, Item, Rules, WarningKind, counts_text, has_errors};
use zhaoren_push::find::{FindReport, Finder, FunnelStep, Group, ScanQuery, ScanResult, svg};
use zhaoren_push::table::Warnings;
use zhaoren_push::{NoProgress, Progress, RunEnterprises};

use crate::args::{FindArgs, TableArgs};
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::matching::{dictionary, rules};
use crate::push::{Bar, open_enterprises, threads};

/// Number of groups of a level shown in text; `--json` has all.
const GROUPS: usize = 20;

/// Looks up the item that a command asks about.
pub(crate) fn item<'r>(rules: &'r Rules, id: &str) -> Result<&'r Item, CannotRun> {
    let none = || format!("没有事项 `{id}`：共 {} 项，可用 zhaoren search 查找", rules.library().len());
    rules.item(id).ok_or_else(|| none().into())
}

/// Runs a query over all enterprises given to a command and prints the rows and values that cannot be read. Returns the tally,
/// and whether there were such rows or values.
pub(crate) fn ask_all<Q: ScanQuery>(
    question: &Q,
    tables: &TableArgs,
    facts: &Arc<FactDictionary>,
    count: Option<usize>,
) -> Result<(Q::Tally, bool), CannotRun> {
    let run = match tables.enterprises.as_slice() {
        [folder] if RunEnterprises::is_run(folder) => Some(RunEnterprises::open(folder, facts)?),
        _ => None,
    };
    let given = if run.is_some() { None } else { Some(open_enterprises(tables, facts)?) };
    let bar = Bar::new();
    let watched: &dyn Progress = bar.as_ref().map_or(&NoProgress, |bar| bar);
    let whole = |tally| ScanResult { tally, rejects: Vec::new(), rejected: 0, warnings: Warnings::default() };
    let found = threads(count)?.install(|| -> Result<ScanResult<Q::Tally>, CannotRun> {
        Ok(match (&run, &given) {
            (Some(run), _) => whole(question.scan_run(run, watched)?),
            (None, Some(EnterpriseInput::Tables(tables))) => question.scan(tables, watched)?,
            (None, Some(EnterpriseInput::Store(store))) => whole(question.scan_store(store, watched)?),
            (None, None) => whole(question.empty()),
        })
    })?;
    drop(bar);
    for reject in &found.rejects {
        tell!(
            "{}:{}: {} {} [{}] {}",
            reject.file,
            reject.row,
            reject.id,
            reject.column,
            reject.value,
            reject.reason
        );
    }
    print_warnings(&found.warnings);
    if found.rejected > 0 {
        tell!("有 {} 行未能读入，不在统计之内", found.rejected);
    }
    let unreadable = found.warnings.counts.contains_key(&WarningKind::Unreadable);
    Ok((found.tally, found.rejected > 0 || unreadable))
}

/// Prints the first warnings about values, and the number of all by kind.
fn print_warnings(warnings: &Warnings) {
    for one in &warnings.listed {
        tell!(
            "{}:{}: {} {} [{}] {}：{}",
            one.file,
            one.row,
            one.id,
            one.column,
            one.value,
            one.kind.title(),
            one.reason
        );
    }
    if !warnings.counts.is_empty() {
        tell!("有疑问的值：{}", counts_text(&warnings.counts));
    }
}

/// `zhaoren find`
pub(crate) fn find(home: &Home, json: bool, args: &FindArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.items.day();
    let mut problems = Vec::new();
    let facts = dictionary(args.tables.facts.as_deref(), &mut problems)?;
    let (rules, _) = rules(home, &args.items, facts, &mut problems)?;
    print_problems(&problems);
    let facts = rules.library().dictionary();
    let finder = Finder::new(item(&rules, &args.item)?, Arc::clone(facts), as_of, args.limit)?;
    let finder = finder.of_library(rules.library());
    let (tally, rejected) = ask_all(&finder, &args.tables, facts, args.threads)?;
    let report = finder.report(tally);
    if let Some(path) = &args.svg {
        std::fs::write(path, svg(&report)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        table(&mut out, &report)?;
    }
    out.flush()?;
    Ok(if rejected || has_errors(&problems) { Outcome::InvalidInput } else { Outcome::Done })
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
    funnel(out, &report.funnel)?;
    if report.together > 0 {
        writeln!(out, "{:>40} 家逐条看都可能过，合起来不可能同时满足", report.together)?;
    }
    groups(out, "地区", &report.by_region)?;
    groups(out, "行业", &report.by_industry)?;
    ids(out, "符合", &report.eligible_ids, report.eligible)?;
    ids(out, "待定", &report.undetermined_ids, report.undetermined)?;
    Ok(())
}

/// Prints the ids that were kept out of `all`.
pub(crate) fn ids(out: &mut dyn Write, what: &str, ids: &[String], all: u64) -> std::io::Result<()> {
    if !ids.is_empty() {
        writeln!(out, "\n{what} {all} 家，列出 {} 家：", ids.len())?;
        ids.iter().try_for_each(|id| writeln!(out, "  {id}"))?;
    }
    Ok(())
}

/// Prints the conditions, each with the number of enterprises that drop out there.
pub(crate) fn funnel(out: &mut dyn Write, steps: &[FunnelStep]) -> std::io::Result<()> {
    // Numbers come first, so that columns line up whatever the width of the text after them.
    writeln!(out, "\n      进入      不符      待定      剩余  仅此不符  条件")?;
    for (number, step) in steps.iter().enumerate() {
        let place = step.article.as_deref().map(|article| format!("{article}　")).unwrap_or_default();
        let [entered, failed, open, left, alone] = [step.entered, step.out, step.open, step.left, step.alone];
        let text = step.text.replace('\n', "\n                                                      ");
        writeln!(
            out,
            "{entered:>10}{failed:>10}{open:>10}{left:>10}{alone:>10}  {}. {place}{text}",
            number + 1
        )?;
    }
    Ok(())
}

/// Prints the groups with an eligible or undetermined enterprise; the JSON has the others.
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
