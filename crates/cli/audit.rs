//! `zhaoren audit`: who did what, and whether anything was changed since.

use std::io::Write;

use zhaoren_engine::{AuditCheck, AuditFault, AuditLine, Home, Moment, Records, moment_in_china};

use crate::Outcome;
use crate::args::AuditWork;
use crate::commands::CannotRun;

/// `zhaoren audit`
pub(crate) fn audit(home: &Home, json: bool, work: &AuditWork) -> Result<Outcome, CannotRun> {
    let records = Records::open_existing(home)?;
    let mut out = std::io::BufWriter::new(anstream::stdout());
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
        let told = match fault {
            AuditFault::Changed { seq } => format!("第 {seq} 行与其摘要不符：这一行被改动"),
            AuditFault::Torn { seq } => format!("第 {seq} 行接不上前一行：前一行被换掉或删去"),
            AuditFault::Gap { seq, expected } => format!("第 {expected} 行起缺失，下一行是第 {seq} 行"),
            AuditFault::Content { seq } => format!("第 {seq} 行写入的记录已不是当时的样子"),
            AuditFault::Record { kind, id } => format!("记录 {kind} {id} 与其摘要不符：内容被改动"),
            AuditFault::Unvouched { kind, id } => format!("记录 {kind} {id} 没有审计：不是由本程序写入"),
            AuditFault::Head { expected } => {
                format!("链中没有摘要为 {expected} 的行：末尾被截去，或是另一个登记库")
            }
        };
        writeln!(out, "  ✗ {told}")?;
    }
    if check.faults.is_empty() {
        writeln!(out, "完好。末行摘要 {}，另处保存后可用 --head 核验", check.head)?;
    }
    Ok(())
}
