//! `zhaoren backup` and `zhaoren restore`.

use std::io::Write;
use std::path::Path;

use zhaoren_engine::{Backup, Home, Principal, Records, now};

use crate::args::RestoreArgs;
use crate::exit::{CannotRun, Outcome};

/// `zhaoren backup`
pub(crate) fn backup(home: &Home, json: bool, file: &Path) -> Result<Outcome, CannotRun> {
    let made = Records::open_existing(home)?.backup(&Principal::local().write_context(now()), file)?;
    told(json, &made, "已备份")?;
    if made.faults > 0 {
        tell!("登记库核验有 {} 处不符，备份中亦然；见 audit verify", made.faults);
        return Ok(Outcome::InvalidInput);
    }
    Ok(Outcome::Done)
}

/// `zhaoren restore`
pub(crate) fn restore(home: &Home, json: bool, args: &RestoreArgs) -> Result<Outcome, CannotRun> {
    let who = Principal::local();
    let (_, taken) = Records::restore(home, &who.write_context(now()), &args.file, args.head.as_deref())?;
    told(json, &taken, "已恢复")?;
    if taken.covered_from.is_none() {
        tell!("备份由旧版写成：其中的密钥、租户、企业指标、凭据等未经审计核对，恢复后的现状即为起点");
    }
    Ok(Outcome::Done)
}

fn told(json: bool, backup: &Backup, done: &str) -> Result<(), CannotRun> {
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(backup)?)?;
        return Ok(());
    }
    for table in &backup.tables {
        writeln!(out, "{:>9}  {}", table.rows, table.table)?;
    }
    writeln!(out, "{done}。审计末行摘要 {}", backup.head)?;
    Ok(())
}
