//! `zhaoren automatic`: candidates of automatic supports among the stored enterprises.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use zhaoren_engine::{
    AutomaticDecision, AutomaticReport, AutomaticRequest, Home, Principal, ReadinessReport, RuleBook,
    WorkCalendar, today,
};

use crate::args::AutomaticArgs;
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::progress::Bars;

/// Working days from the decision to the payment: two to check, one to pay (2+1).
const WORKING_DAYS: u32 = 3;

/// `zhaoren automatic`
pub(crate) fn automatic(home: &Home, json: bool, args: &AutomaticArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.as_of.unwrap_or_else(today);
    let until = match args.until {
        Some(until) => until,
        None => WorkCalendar::built_in()
            .after(as_of, WORKING_DAYS)
            .map_err(|fault| format!("{fault}；或用 --until 写明兑付完成之日"))?,
    };
    let bars = Bars::new();
    let book = RuleBook::open(home, &bars)?;
    let dictionary = book.records().dictionary_for(&args.tenant)?;
    let (rules, problems) = book.rules_at(&args.tenant, None, &dictionary)?;
    print_problems(&problems);
    let who = Principal::local_caseworker(&args.tenant);
    let offices: BTreeMap<String, String> = args.office.iter().cloned().collect();
    let request = AutomaticRequest { who: &who, as_of, until, offices: &offices };
    if args.readiness {
        let report = book.records().readiness(&rules, &request)?;
        write(json, &report, &report.problems, print_readiness)
    } else {
        let report = book.records().automatic(&rules, &request)?;
        write(json, &report, &report.problems, print_candidates)
    }
}

/// Writes a report as JSON, or for people by `print`, after its problems on stderr.
fn write<R: Serialize>(
    json: bool,
    report: &R,
    problems: &[String],
    print: impl FnOnce(&mut dyn Write, &R) -> std::io::Result<()>,
) -> Result<Outcome, CannotRun> {
    problems.iter().for_each(|problem| tell!("{problem}"));
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(report)?)?;
    } else {
        print(&mut out, report)?;
    }
    out.flush()?;
    Ok(if problems.is_empty() { Outcome::Done } else { Outcome::InvalidInput })
}

fn print_candidates(out: &mut dyn Write, report: &AutomaticReport) -> std::io::Result<()> {
    writeln!(
        out,
        "判定日 {}，兑付完成之日 {}；已存企业 {} 家，免申即享事项 {} 项",
        report.as_of,
        report.until,
        report.enterprises,
        report.items.len()
    )?;
    for item in report.items.iter().filter(|item| item.proven + item.one_missing + item.blocked > 0) {
        writeln!(
            out,
            "\n{}（{}）：可免申 {} 家，只差一项证明 {} 家，其他 {} 家",
            item.title, item.policy, item.proven, item.one_missing, item.blocked
        )?;
        for (blocker, count) in &item.blockers {
            writeln!(out, "  {count} 家  {blocker}")?;
        }
        for line in report.lines.iter().filter(|line| line.policy == item.policy) {
            let name = if line.name.is_empty() { String::new() } else { format!(" {}", line.name) };
            match &line.decision {
                AutomaticDecision::Proven => {
                    writeln!(out, "  ✓ {}{name}：条件均已证明，待企业确认意愿", line.enterprise)?;
                }
                AutomaticDecision::Blocked { .. } => {
                    writeln!(out, "  · {}{name}：{}", line.enterprise, line.text.join("；"))?;
                }
            }
        }
    }
    Ok(())
}

/// Greatest number of steps printed for people; `--json` gives all.
const MAX_STEPS: usize = 20;

fn print_readiness(out: &mut dyn Write, report: &ReadinessReport) -> std::io::Result<()> {
    let (items, steps) = (&report.readiness.items, &report.readiness.steps);
    let ready = items.iter().filter(|item| item.proven > 0).count();
    writeln!(
        out,
        "判定日 {}，已存企业 {} 家；有企业符合的事项 {} 项，其中已有企业条件均有证明的 {ready} 项",
        report.as_of,
        report.enterprises,
        items.len()
    )?;
    writeln!(out, "\n只做一件事（假定新数据与已知情况一致）：")?;
    for one in steps.iter().take(MAX_STEPS) {
        writeln!(
            out,
            "  {}：新增 {} 项事项、{} 家企业可免申（{} 家次）",
            one.text,
            one.new_items.len(),
            one.enterprises,
            one.pairs
        )?;
    }
    match steps.len() {
        0 => writeln!(out, "  没有一件事能单独带来新的免申")?,
        all if all > MAX_STEPS => writeln!(out, "  另有 {} 件，见 --json", all - MAX_STEPS)?,
        _ => {}
    }
    writeln!(out, "\n各事项：")?;
    for item in items {
        let title = report.titles.get(&item.item).map_or("", String::as_str);
        writeln!(
            out,
            "  {title}（{}）：可免申 {} 家；做一件事即可 {} 家，要做几件事 {} 家，程序所限或企业已答复 {} 家",
            item.item, item.proven, item.by_one_step, item.by_several_steps, item.without_step
        )?;
    }
    Ok(())
}
