//! Command `evidence`: the sentences of imported texts that state the conditions of items, listed and confirmed.

use std::io::Write;

use zhaoren_engine::{EvidenceProposal, Home, Principal};

use crate::args::EvidenceArgs;
use crate::exit::{CannotRun, Outcome, open, outcome, print_problems};
use crate::render::{BOLD, DIM};

/// Lists the proposals, or writes those of one item.
pub(crate) fn evidence(home: &Home, json: bool, args: &EvidenceArgs) -> Result<Outcome, CannotRun> {
    let engine = open(home)?;
    let proposals = engine.propose_evidence(&args.item, &args.tenant)?;
    let mut out = crate::terminal::stdout();
    if json {
        let all: Vec<_> = proposals.iter().map(EvidenceProposal::to_json).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
    } else {
        proposals.iter().try_for_each(|one| show(&mut out, one))?;
        if proposals.is_empty() {
            writeln!(out, "没有找到：原文尚未导入，或各条件已有原文")?;
        }
    }
    if !args.confirm {
        return Ok(Outcome::Done);
    }
    let by = Principal { tenant: args.tenant.clone(), ..Principal::local() };
    let mut problems = Vec::new();
    for proposal in &proposals {
        let report = engine.confirm_evidence(&by, proposal)?;
        let written = report.items.new + report.items.changed;
        if !json && written > 0 {
            writeln!(out, "已写入 {}：{} 条条件有了原文", proposal.item, proposal.found.len())?;
        }
        problems.extend(report.problems);
    }
    print_problems(&problems);
    Ok(outcome(&problems))
}

fn show(out: &mut dyn Write, proposal: &EvidenceProposal) -> std::io::Result<()> {
    let EvidenceProposal { item, title, document, found, open } = proposal;
    writeln!(out, "{BOLD}{title}{BOLD:#} {DIM}{item}{DIM:#}  原文 {document}")?;
    for one in found {
        writeln!(out, "  ✓ {}", one.rule)?;
        writeln!(out, "      “{}”  {DIM}{}{DIM:#}", one.quote, one.article)?;
        if let Some(cited) = &one.cited {
            writeln!(out, "      事项注明的条款是 {cited}，请核对")?;
        }
    }
    for rule in open {
        writeln!(out, "  ? {rule}  {DIM}没有找到{DIM:#}")?;
    }
    Ok(())
}
