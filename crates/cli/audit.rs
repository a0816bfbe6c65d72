//! `zhaoren audit`: who did what, and whether anything was changed since.

use std::io::Write;

use zhaoren_engine::{AuditCheck, AuditLine, Home, Moment, Records, moment_in_china, show_fault};

use crate::Outcome;
use crate::args::AuditWork;
use crate::commands::CannotRun;

/// `zhaoren audit`
pub(crate) fn audit(home: &Home, json: bool, work: &AuditWork) -> Result<Outcome, CannotRun> {
    let records = Records::open_existing(home)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    let outcome = match work {
        AuditWork::List { after, limit, tenant } => {
            for line in records.audit(*after, *limit, tenant.as_deref())? {
                if json {
                    writeln!(out, "{}", serde_json::to_string(&line)?)?;
                } else {
                    one_line(&mut out, &line)?;
                }
            }
            Outcome::Done
        }
        AuditWork::Verify { head } => {
            let check = records.verify_audit(head.as_deref())?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&check)?)?;
            } else {
                checked(&mut out, &check)?;
            }
            if check.faults.is_empty() { Outcome::Done } else { Outcome::InputWrong }
        }
    };
    out.flush()?;
    Ok(outcome)
}

fn one_line(out: &mut dyn Write, line: &AuditLine) -> std::io::Result<()> {
    let at = moment_in_china(Moment(line.at));
    let tenant = if line.tenant.is_empty() { String::new() } else { format!("@{}", line.tenant) };
    writeln!(
        out,
        "{:>6}  {at}  {}{tenant}  {}  {}  {}",
        line.seq, line.actor, line.action, line.subject, line.detail
    )
}

fn checked(out: &mut dyn Write, check: &AuditCheck) -> std::io::Result<()> {
    writeln!(out, "审计 {} 行，核对记录 {} 条", check.lines, check.records)?;
    for fault in &check.faults {
        writeln!(out, "  ✗ {}", show_fault(fault))?;
    }
    if check.faults.is_empty() {
        writeln!(out, "完好。末行摘要 {}，另处保存后可用 --head 核验", check.head)?;
    }
    Ok(())
}
