//! `zhaoren audit`: who did what, and whether a record was changed since.

use std::io::Write;

use zhaoren_engine::{
    AuditCheck, AuditLine, Home, Moment, Principal, Records, moment_in_china, now, show_fault,
};

use crate::args::AuditWork;
use crate::exit::{CannotRun, Outcome};

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
            if check.faults.is_empty() { Outcome::Done } else { Outcome::InvalidInput }
        }
        AuditWork::Head => {
            let head = records.audit_head()?.ok_or("还没有审计")?;
            if json {
                writeln!(out, "{}", serde_json::to_string(&head)?)?;
            } else {
                writeln!(
                    out,
                    "序号 {}\n时间 {}\n摘要 {}",
                    head.seq,
                    moment_in_china(Moment(head.at)),
                    head.digest
                )?;
                writeln!(out, "公钥 {}\n签名 {}", or_none(&head.signer), or_none(&head.signature))?;
            }
            Outcome::Done
        }
        AuditWork::Key => {
            let key = records.public_key().ok_or("本数据目录没有签名密钥，也无法生成")?;
            writeln!(out, "{key}")?;
            Outcome::Done
        }
        AuditWork::Clock { .. } => {
            let corrections = records.accept_clock(&Principal::local().write_context(now()))?;
            for one in &corrections {
                if json {
                    writeln!(out, "{}", serde_json::to_string(one)?)?;
                } else {
                    let (from, until) =
                        (moment_in_china(Moment(one.from)), moment_in_china(Moment(one.until)));
                    let new = moment_in_china(Moment(one.from - one.shift));
                    writeln!(out, "{from} 至 {until} 的记录，更正为自 {new} 起")?;
                }
            }
            Outcome::Done
        }
        AuditWork::Accept { why } => {
            records.accept_records(&Principal::local().write_context(now()), why)?;
            writeln!(out, "{}", if json { "{\"accepted\":true}" } else { "已认可现状，并记入审计" })?;
            Outcome::Done
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
    match check.covered_from {
        Some(1) => {}
        Some(seq) => {
            writeln!(out, "第 {seq} 行以前由旧版写入，其间密钥、租户、企业指标等的改动未覆盖；此后覆盖全部")?
        }
        None => writeln!(out, "未覆盖：全部由旧版写入，密钥、租户、企业指标等未核对")?,
    }
    if check.signer.is_empty() {
        writeln!(out, "末行未签名")?;
    }
    Ok(())
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "（无）" } else { text }
}
