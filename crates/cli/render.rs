//! Results for a person at a terminal, in Chinese.

use std::io::{self, Write};
use std::path::PathBuf;

use zhaoren_engine::{
    Bucket, Bundle, BundleReport, ClauseReport, ClauseState, EvidenceProposal, FactDictionary, ImportReport,
    Item, Match, MatchReport, Member, Number, OptOut, Overview, Question, QuestionPlan, ReportPart, Rules,
    SAMPLE_NOTICE, Verdict, VerdictCounts, visible_clauses,
};

use crate::terminal::Ink;

pub(crate) const BOLD: Ink = Ink::Bold;
pub(crate) const DIM: Ink = Ink::Dim;

pub(crate) fn verdict_style(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Eligible => Ink::BoldGreen,
        Verdict::Undetermined => Ink::BoldYellow,
        Verdict::Ineligible => Ink::BoldRed,
    }
}

pub(crate) fn state_mark(state: ClauseState) -> (&'static str, Ink) {
    match state {
        ClauseState::Met => ("✓", Ink::Green),
        ClauseState::Unmet => ("✗", Ink::Red),
        ClauseState::Unknown => ("?", Ink::Yellow),
        ClauseState::Judged => ("◇", Ink::Cyan),
    }
}

/// Prints that an enterprise opted out of messages.
pub(crate) fn opt_out(out: &mut dyn Write, one: &OptOut) -> io::Result<()> {
    let since = zhaoren_engine::moment_in_china(zhaoren_engine::Moment(one.recorded_at));
    let of = if one.item.is_empty() { "推送".to_owned() } else { format!("事项 {} 的推送", one.item) };
    let why = if one.reason.is_empty() { String::new() } else { format!("（{}）", one.reason) };
    writeln!(out, "{BOLD}注意{BOLD:#} 该企业自 {since} 起拒绝{of}{why}：可答复其询问，不得主动推送")
}

/// Number of items per bucket, in the console's words.
pub(crate) fn overview(out: &mut dyn Write, one: &Overview) -> io::Result<()> {
    let counts =
        [one.closing, one.eligible, one.almost, one.unknown, one.ineligible, one.enjoyed, one.closed];
    let buckets = Bucket::ALL.iter().zip(counts).map(|((_, name), count)| format!("{name} {count}"));
    let undecided = (one.undecided > 0).then(|| format!("无法判定 {}", one.undecided));
    let counts: Vec<String> = buckets.chain(undecided).collect();
    writeln!(out, "{BOLD}一窗总览{BOLD:#} 现行 {} 项：{}", one.live, counts.join("，"))
}

/// Matches of one enterprise, every condition with its state. The summary is the first line and the last: of a long report a
/// terminal shows the end.
pub(crate) fn report(
    out: &mut dyn Write,
    report: &MatchReport,
    rules: &Rules,
    counts: VerdictCounts,
) -> io::Result<()> {
    let name = report.name.as_deref().unwrap_or(&report.id);
    let listed = report.matches.len();
    let VerdictCounts { eligible, undetermined, ineligible } = counts;
    let summary = format!(
        "{BOLD}{name}{BOLD:#}（{}）  符合 {eligible} · 待定 {undetermined} · 不符合 {ineligible}（列出 {listed} 项）  判定日 {}",
        report.id, report.as_of
    );
    writeln!(out, "{summary}")?;
    if let Some(bundle) = &report.bundle {
        best(out, bundle, &report.matches)?;
    }
    for (part, heading) in ReportPart::ALL {
        let matches = (1..).zip(&report.matches).filter(|(_, one)| ReportPart::of(one) == part);
        for (first, (place, one)) in std::iter::once(true).chain(std::iter::repeat(false)).zip(matches) {
            if first {
                writeln!(out, "\n{BOLD}【{heading}】{BOLD:#}")?;
            }
            writeln!(out)?;
            one_match(out, place, one, rules)?;
        }
    }
    writeln!(out, "\n{summary}\n")
}

fn one_match(out: &mut dyn Write, place: usize, one: &Match, rules: &Rules) -> io::Result<()> {
    let (item, facts) = (rules.item(&one.policy), rules.dictionary());
    let style = verdict_style(one.verdict);
    writeln!(
        out,
        "{place:>3}. {style}{}{style:#} {BOLD}{}{BOLD:#} {DIM}{}{DIM:#}  排序分 {:.2}  {}",
        one.verdict.name(),
        one.title,
        one.policy,
        one.score,
        one.window.text
    )?;
    let number = one.document.number.as_deref().unwrap_or("文号待查");
    let amount = one.benefit.amount.text.as_deref().unwrap_or("");
    writeln!(out, "     依据 {number}  {}  支持 {amount}", one.delivery.name())?;
    if one.worth.first_year.range().is_some() {
        let may = if one.worth.discretion { "，以核定为准" } else { "" };
        let asks: Vec<&str> = one.amount.open_facts.iter().map(|fact| fact.name.as_str()).collect();
        let asks = if asks.is_empty() {
            String::new()
        } else {
            format!("  {DIM}补充{}可算得更准{DIM:#}", asks.join("、"))
        };
        writeln!(out, "     对本企业 {}{may}{asks}", one.amount.text)?;
    }
    if !one.standing.is_matchable {
        writeln!(out, "     当日效力 {}", one.standing.text)?;
    }
    if let Some(review) = item.and_then(|item| item.review.as_ref()).filter(|review| !review.is_checked()) {
        writeln!(out, "     {DIM}条件未与原文核对（{}），以原文为准{DIM:#}", review.mark)?;
    }
    if item.is_some_and(Item::is_sample) {
        writeln!(out, "     {DIM}{SAMPLE_NOTICE}{DIM:#}")?;
    }
    if let Some(guide) = &one.guide {
        for entry in guide.entries() {
            let link = entry.link.map(|link| format!("  {link}")).unwrap_or_default();
            let open = if entry.checked { "" } else { "（待核）" };
            writeln!(out, "     {} {}{open}{link}", entry.label, entry.text)?;
        }
    }
    for note in zhaoren_engine::show_notes(one.review.as_ref(), &one.notes) {
        writeln!(out, "     注意 {note}")?;
    }
    for clause in visible_clauses(&one.clauses) {
        clause_line(out, clause, facts)?;
    }
    if !one.missing.is_empty() {
        let names: Vec<String> = one
            .missing
            .iter()
            .map(|key| facts.get(key).map_or_else(|| key.clone(), |fact| format!("{}（{key}）", fact.name)))
            .collect();
        writeln!(out, "     待补 {}", names.join("、"))?;
    }
    if !one.withheld.is_empty() {
        let names: Vec<String> =
            one.withheld.iter().map(|fact| zhaoren_engine::show_withheld(fact, facts)).collect();
        writeln!(out, "     不提供 {}", names.join("、"))?;
    }
    nearest(out, one, rules)
}

/// Best bundle of items, and the runner-up.
fn best(out: &mut dyn Write, report: &BundleReport, matches: &[Match]) -> io::Result<()> {
    let bundle = &report.best;
    if bundle.members.is_empty() && bundle.unpriced.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}【最优组合】{BOLD:#} {}", report.text)?;
    for member in &bundle.members {
        let why = member.text.as_deref().map(|text| format!("  {DIM}{text}{DIM:#}")).unwrap_or_default();
        writeln!(out, "     + {}  {}{why}", member.title, amount_of(member, matches))?;
    }
    if !bundle.unpriced.is_empty() {
        let titles: Vec<&str> = bundle.unpriced.iter().map(|one| one.title.as_str()).collect();
        writeln!(out, "     另有金额未知的事项：{}", titles.join("、"))?;
    }
    for one in &bundle.left_out {
        writeln!(out, "     - {}  {DIM}{}{DIM:#}", one.title, one.text)?;
    }
    if let Some((next, total)) = report.runner_up.as_ref().and_then(|next| Some((next, next.total_words()?)))
    {
        let titles: Vec<&str> = next.members.iter().map(|one| one.title.as_str()).collect();
        writeln!(out, "     次优：{}，首年合计 {total}", titles.join("、"))?;
    }
    if let Some(total) = report.if_confirmed.as_ref().and_then(Bundle::total_words) {
        writeln!(out, "     待定的 {} 项若都确认，首年合计 {total}", report.undetermined.len())?;
    }
    Ok(())
}

/// Amount that an item adds to the bundle: the part that counts where it has a bound, and else the rule of its amount.
fn amount_of(member: &Member, matches: &[Match]) -> String {
    if member.counts.low.is_positive() || member.counts.high.is_some() {
        return member.counts.describe();
    }
    let rule = matches.iter().find(|one| one.policy == member.item).map(|one| one.amount.text.clone());
    rule.unwrap_or_else(|| "金额按规则计算".to_owned())
}

/// Prints the title or the support that the enterprise already has, and the advice.
fn nearest(out: &mut dyn Write, one: &Match, rules: &Rules) -> io::Result<()> {
    if let Some(held) = &one.held {
        writeln!(out, "     {BOLD}{}{BOLD:#}", held.text)?;
    }
    let Some(advice) = &one.advice else { return Ok(()) };
    writeln!(out, "     差距 {}", advice.text)?;
    let (steps, others) = advice.shown_steps();
    for step in steps {
        let items: Vec<String> = step
            .change
            .via
            .iter()
            .filter_map(|id| rules.item(id))
            .map(|item| format!("《{}》（{}）", item.title, item.id))
            .collect();
        let via =
            if items.is_empty() { String::new() } else { format!("，须先获得：{}", items.join("或")) };
        writeln!(out, "       → {}{via}", step.change.text)?;
    }
    if others > 0 {
        writeln!(out, "       以上为最难的 {} 项，另有 {others} 项", steps.len())?;
    }
    Ok(())
}

/// Next questions for one enterprise.
pub(crate) fn questions(out: &mut dyn Write, plan: &QuestionPlan, limit: usize) -> io::Result<()> {
    let name = plan.name.as_deref().unwrap_or(&plan.id);
    writeln!(out, "{BOLD}{name}{BOLD:#}（{}）  判定日 {}", plan.id, plan.as_of)?;
    writeln!(
        out,
        "待定 {} 项，其中 {} 项等待补充指标{}，{} 项只待人工认定\n",
        plan.undetermined,
        plan.waiting,
        known_total(&plan.amount),
        plan.undetermined - plan.waiting
    )?;
    let combined = |question: &&Question| {
        let facts = plan.combined.iter().flat_map(|combined| &combined.facts);
        !facts.into_iter().any(|one| one.fact == question.fact)
    };
    for (place, question) in (1..).zip(plan.questions.iter().filter(combined).take(limit)) {
        writeln!(out, "{place:>3}. {BOLD}{}{BOLD:#} {DIM}{}{DIM:#}", question.text, question.fact)?;
        if let Some(item) = question.items.first() {
            let verb = if item.settles { "答后即可判明" } else { "关系到" };
            let gives = item.gives.as_deref().map(|gives| format!("（{gives}）")).unwrap_or_default();
            writeln!(out, "     {verb}《{}》{gives}；共涉及 {} 项", item.title, question.touches)?;
        }
    }
    if let Some(combined) = &plan.combined {
        writeln!(out, "  ※ {BOLD}{}{BOLD:#} 多数企业都没有，可一并答“都没有”：", combined.text)?;
        let names: Vec<String> =
            combined.facts.iter().map(|one| format!("{}（{}）", one.name, one.fact)).collect();
        writeln!(out, "     {}", names.join("；"))?;
    }
    for one in &plan.offices {
        writeln!(out, "  不问企业：{}，由{}提供，{} 项在等", one.name, one.answered_by, one.touches)?;
    }
    if !plan.amounts.is_empty() {
        writeln!(out, "\n算出金额：")?;
    }
    for (place, question) in (1..).zip(&plan.amounts) {
        writeln!(out, "{place:>3}. {BOLD}{}{BOLD:#} {DIM}{}{DIM:#}", question.text, question.fact)?;
        let (items, alone) = (question.items.len(), question.completes.len());
        writeln!(out, "     {items} 项的金额与此有关，其中 {alone} 项只差这一个数")?;
    }
    writeln!(out)
}

/// Known total of waiting items in brackets; nothing where no amount is known.
fn known_total(yuan: &Number) -> String {
    if !yuan.is_positive() {
        return String::new();
    }
    format!("（已知封顶金额合计 {}）", zhaoren_engine::show_money(yuan))
}

pub(crate) fn clause_line(
    out: &mut dyn Write,
    clause: &ClauseReport,
    facts: &FactDictionary,
) -> io::Result<()> {
    let (mark, style) = state_mark(clause.state);
    let depth = clause.path.matches('.').count();
    let indent = " ".repeat(5 + 2 * depth);
    let seen = zhaoren_engine::show_known(clause, facts)
        .map(|known| format!("  {DIM}{known}{DIM:#}"))
        .unwrap_or_default();
    let article =
        clause.article.as_ref().map(|article| format!("  {DIM}{article}{DIM:#}")).unwrap_or_default();
    writeln!(out, "{indent}{style}{mark} {}{style:#} {}{seen}{article}", clause.state.name(), clause.text)
}

/// Summary of an import.
pub(crate) fn import(out: &mut dyn Write, report: &ImportReport) -> io::Result<()> {
    let (documents, items) = (&report.documents, &report.items);
    writeln!(out, "读取 {} 个文件", report.files)?;
    writeln!(out, "文件：新增 {}，更新 {}，未变 {}", documents.new, documents.changed, documents.kept)?;
    writeln!(out, "事项：新增 {}，更新 {}，未变 {}", items.new, items.changed, items.kept)?;
    writeln!(out, "修复：{} 处，其中 {} 处无法还原，已保留并标记", report.repairs, report.unrestored)?;
    writeln!(out, "未能读取或有误：{} 处（见上）", report.problems.len())
}

/// Items whose conditions are stated by sentences of imported texts, and the command that lists them.
pub(crate) fn evidence_hint(out: &mut dyn Write, proposals: &[EvidenceProposal]) -> io::Result<()> {
    if proposals.is_empty() {
        return Ok(());
    }
    let found: usize = proposals.iter().map(|one| one.found.len()).sum();
    writeln!(out, "原文：{} 个事项的 {found} 条条件找到了写明的句子，见 zhaoren evidence", proposals.len())
}

/// Joins paths on one line.
pub(crate) fn paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("、")
}
