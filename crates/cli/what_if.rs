//! `zhaoren what-if`: enterprises that would qualify for an item if its thresholds were different.

use std::io::Write;
use std::sync::Arc;

use zhaoren_engine::{Fault, Home, Report, Setting, has_errors};
use zhaoren_push::find::{FindReport, VariantReport, WhatIf, WhatIfReport, variants};

use crate::args::WhatIfArgs;
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::find::{ask_all, funnel, ids, item};
use crate::matching::{dictionary, rules};

/// `zhaoren what-if`
pub(crate) fn what_if(home: &Home, json: bool, args: &WhatIfArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.items.day();
    let mut problems = Vec::new();
    let facts = dictionary(args.tables.facts.as_deref(), &mut problems)?;
    let (rules, _) = rules(home, &args.items, facts, &mut problems)?;
    print_problems(&problems);
    let facts = rules.library().dictionary();
    let item = item(&rules, &args.item)?;
    let read = |text: &String| Setting::parse(text).map_err(|fault| wrong(text, &fault));
    let set = args.set.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut tried = Vec::new();
    for text in &args.tried {
        tried.extend(Setting::parse_each(text).map_err(|fault| wrong(text, &fault))?);
    }
    let mut report = Report::new(&args.item);
    let Some(variants) = variants(item, &set, &tried, facts, &mut report) else {
        print_problems(&report.problems);
        return Err("所设的条件用不上，没有统计".into());
    };
    let asked =
        WhatIf::new(item, variants, Arc::clone(facts), as_of, args.limit)?.of_library(rules.library());
    let (tally, rejected) = ask_all(&asked, &args.tables, facts, args.threads)?;
    let report = asked.report(tally);
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print_report(&mut out, &report)?;
    }
    out.flush()?;
    Ok(if rejected || has_errors(&problems) { Outcome::InvalidInput } else { Outcome::Done })
}

fn wrong(text: &str, fault: &Fault) -> CannotRun {
    format!("`{text}`：{fault}").into()
}

fn print_report(out: &mut dyn Write, report: &WhatIfReport) -> std::io::Result<()> {
    let base = &report.base;
    writeln!(
        out,
        "政策沙盘：{}（{}）　判定日 {}　企业 {} 家",
        base.title, base.item, base.as_of, base.enterprises
    )?;
    writeln!(out, "只是试算，不改事项，不进名单\n")?;
    writeln!(out, "      符合      待定      不符      新进      退出    新可能    不再能  设想")?;
    counts(out, [base.eligible, base.undetermined, base.ineligible], None, "现行")?;
    for variant in &report.variants {
        counts(
            out,
            [variant.eligible, variant.undetermined, variant.ineligible],
            Some([variant.gained, variant.lost, variant.opened, variant.closed]),
            &changes(variant),
        )?;
    }
    now(out, base)?;
    if let [variant] = report.variants.as_slice() {
        writeln!(out, "\n试算")?;
        funnel(out, &variant.funnel)?;
        ids(out, "新进", &variant.gained_ids, variant.gained)?;
        ids(out, "退出", &variant.lost_ids, variant.lost)?;
    }
    Ok(())
}

fn now(out: &mut dyn Write, base: &FindReport) -> std::io::Result<()> {
    writeln!(out, "\n现行")?;
    funnel(out, &base.funnel)
}

fn counts(
    out: &mut dyn Write,
    verdicts: [u64; 3],
    moved: Option<[u64; 4]>,
    what: &str,
) -> std::io::Result<()> {
    let [eligible, undetermined, ineligible] = verdicts;
    write!(out, "{eligible:>10}{undetermined:>10}{ineligible:>10}")?;
    match moved {
        Some(moved) => moved.iter().try_for_each(|count| write!(out, "{count:>10}"))?,
        None => write!(out, "{:>40}", "")?,
    }
    writeln!(out, "  {what}")
}

/// Differences between a variant and the present item, on one line.
fn changes(variant: &VariantReport) -> String {
    let one = |moved: &zhaoren_push::find::Deviation| match &moved.after {
        Some(after) => format!("{}：{} → {after}", moved.path, moved.before),
        None if moved.path.is_empty() => "取消全部条件".to_owned(),
        None => format!("取消 {}：{}", moved.path, moved.before),
    };
    variant.set.iter().map(one).collect::<Vec<_>>().join("；").replace('\n', " ")
}
