//! `zhaoren automatic`: candidates of automatic supports among the stored enterprises.

use std::collections::BTreeMap;
use std::io::Write;

use zhaoren_engine::{
    AutomaticDecision, AutomaticReport, AutomaticRequest, Home, Principal, RuleBook, WorkCalendar, today,
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
    let report = book.records().automatic(&rules, &request)?;
    report.problems.iter().for_each(|problem| tell!("{problem}"));
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&mut out, &report)?;
    }
    out.flush()?;
    Ok(if report.problems.is_empty() { Outcome::Done } else { Outcome::InvalidInput })
}

fn print(out: &mut impl Write, report: &AutomaticReport) -> std::io::Result<()> {
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
