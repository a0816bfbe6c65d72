//! Search results for a person at a terminal, in Chinese.

use std::collections::BTreeMap;
use std::io::{self, Write};

use zhaoren_engine::{
    AdviceKind, Answer, ClauseState, Explanation, FACETS, FacetValue, Highlight, Hit, HitItem, Match, Rules,
    SavedRun, SavedSearch, Verdict, Verdicts, show_window, visible_clauses,
};

use crate::render::{BOLD, DIM, clause_line, verdict_style};
use crate::terminal::Ink;

const HIT: Ink = Ink::BoldRed;

/// Note at an item that is not in force on the day, or not for enterprises.
const NOT_NOW: &str = "判定日未生效、已失效或不面向企业，仅供参考";

/// Number of items shown per document.
const SHOWN_ITEMS: usize = 3;
/// Number of terms shown per step.
const SHOWN_TERMS: usize = 8;
/// Number of copies named per document.
const SHOWN_COPIES: usize = 5;
/// Number of conditions shown per item.
const SHOWN_CLAUSES: usize = 3;

/// Hits with their highlights.
pub(crate) fn answer(out: &mut dyn Write, answer: &Answer, rules: &Rules) -> io::Result<()> {
    let (answer, enterprise) = (&answer.found, answer.enterprise.as_ref());
    writeln!(out, "“{}” 共 {} 条", answer.query, answer.total)?;
    if let Some(meant) = &answer.did_you_mean {
        writeln!(out, "已按“{BOLD}{meant}{BOLD:#}”检索；要查原文请加 --as-typed")?;
    }
    for meaning in &answer.understood {
        let meant = meaning.meant.join("、");
        writeln!(out, "{DIM}“{}”按{}理解为：{meant}{DIM:#}", meaning.typed, meaning.by.name())?;
    }
    if !answer.narrowed_by.is_empty() {
        writeln!(out, "{DIM}限定 {}{DIM:#}", answer.narrowed_by.join("；"))?;
    }
    for note in &answer.notes {
        writeln!(out, "{DIM}注意 {note}{DIM:#}")?;
    }
    if let Some(advice) = &answer.advice {
        let how = if advice.kind == AdviceKind::Profile { "：zhaoren match 企业画像.json" } else { "" };
        writeln!(out, "{BOLD}{}{BOLD:#}{how}", advice.text)?;
    }
    if let Some(one) = enterprise {
        let name = one.name.as_deref().unwrap_or(&one.id);
        let day = answer.as_of.map(|day| format!("  判定日 {day}")).unwrap_or_default();
        let Verdicts { eligible, undetermined, ineligible, none } = one.verdicts;
        writeln!(
            out,
            "为 {BOLD}{name}{BOLD:#} 检索{day}：符合 {eligible}，待定 {undetermined}，不符合 {ineligible}，其余 {none}"
        )?;
    }
    for (place, found) in (1..).zip(&answer.hits) {
        let hit = &found.hit;
        let number = hit.number.as_deref().unwrap_or("");
        writeln!(
            out,
            "\n{place:>3}. {BOLD}{}{BOLD:#}  {number}  {DIM}{} {:.2}{DIM:#}",
            mark_title(hit.title.as_str(), &hit.highlights),
            hit.id,
            hit.score
        )?;
        let about: Vec<&str> = [hit.issuer.as_deref().unwrap_or_default(), hit.status_name, &hit.kind_name]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        if !about.is_empty() {
            writeln!(out, "     {DIM}{}{DIM:#}", about.join(" · "))?;
        }
        for highlight in hit.highlights.iter().filter(|h| h.field != "title").take(3) {
            let place =
                highlight.article.as_deref().map(|article| format!("【{article}】")).unwrap_or_default();
            let source = highlight
                .original
                .as_ref()
                .map(|original| {
                    format!("  {DIM}原文字节 {}–{}：{}{DIM:#}", original.start, original.end, original.text)
                })
                .unwrap_or_default();
            writeln!(out, "     {place}{}{source}", marked(highlight))?;
        }
        if let Some(explanation) = &hit.explain {
            explain(out, explanation)?;
        }
        if !hit.folded.is_empty() {
            let ids: Vec<&str> = hit.folded.iter().take(SHOWN_COPIES).map(String::as_str).collect();
            let more = if hit.folded.len() > SHOWN_COPIES { " 等" } else { "" };
            let count = hit.folded.len();
            writeln!(out, "     {DIM}另有 {count} 份相同或转载：{}{more}{DIM:#}", ids.join("、"))?;
        }
        for item in found.items.iter().take(SHOWN_ITEMS) {
            linked_item(out, hit, item, rules)?;
        }
        if let Some(more) = found.items.len().checked_sub(SHOWN_ITEMS).filter(|more| *more > 0) {
            writeln!(out, "     {DIM}另有 {more} 个事项{DIM:#}")?;
        }
    }
    Ok(())
}

/// Facets, one a line.
pub(crate) fn facets(out: &mut dyn Write, facets: &BTreeMap<String, Vec<FacetValue>>) -> io::Result<()> {
    writeln!(out)?;
    for (key, name) in FACETS {
        let values = facets.get(key).map(Vec::as_slice).unwrap_or_default();
        if !values.is_empty() {
            let line: Vec<String> =
                values.iter().take(8).map(|value| format!("{} {}", value.name, value.count)).collect();
            writeln!(out, "{DIM}{name}（{key}）{DIM:#} {}", line.join("  "))?;
        }
    }
    Ok(())
}

/// Steps of a score, with the terms that add most.
fn explain(out: &mut dyn Write, explanation: &Explanation) -> io::Result<()> {
    for step in &explanation.steps {
        let adds = step.adds.map(|value| format!("+{value:.3}"));
        let change = adds.or_else(|| step.times.map(|factor| format!("×{factor:.3}"))).unwrap_or_default();
        writeln!(out, "     {DIM}{change:>9}  {}{DIM:#}", step.why)?;
        let each: Vec<String> = step
            .terms
            .iter()
            .take(SHOWN_TERMS)
            .map(|term| format!("{} {:.3}", term.what, term.adds))
            .collect();
        if !each.is_empty() {
            let more = if step.terms.len() > SHOWN_TERMS { " …" } else { "" };
            writeln!(out, "     {DIM}           其中 {}{more}{DIM:#}", each.join("，"))?;
        }
    }
    writeln!(out, "     {DIM}{:>9}  合计{DIM:#}", format!("={:.3}", explanation.score))
}

/// Saved searches, one per line.
pub(crate) fn saved(out: &mut dyn Write, saved: &[SavedSearch]) -> io::Result<()> {
    for one in saved {
        let filters: String = one.filters.iter().map(|(key, value)| format!("  {key}={value}")).collect();
        let of = if one.profile.is_some() { "  为一家企业" } else { "" };
        writeln!(
            out,
            "{BOLD}{}{BOLD:#}  {}{filters}{of}  {DIM}上次 {}{DIM:#}",
            one.name, one.query, one.run
        )?;
    }
    if saved.is_empty() {
        writeln!(out, "还没有已存的检索；search save 名称 检索词 保存一个")?;
    }
    Ok(())
}

/// Result of a saved search: first the changes, then the hits.
pub(crate) fn run(out: &mut dyn Write, run: &SavedRun, rules: &Rules) -> io::Result<()> {
    let (new, changed, gone) = (run.new.len(), run.changed.len(), run.gone.len());
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}  自 {} 以来：新增 {new}，变更 {changed}，消失 {gone}",
        run.name, run.since
    )?;
    for (what, ids) in [("新增", &run.new), ("变更", &run.changed), ("消失", &run.gone)] {
        if !ids.is_empty() {
            writeln!(out, "  {what} {}", ids.join("、"))?;
        }
    }
    for one in &run.verdicts {
        let name = |verdict: Option<Verdict>| verdict.map_or("无", Verdict::name);
        writeln!(out, "  判定 {}：{} → {}", one.id, name(one.from), name(one.to))?;
    }
    answer(out, &run.answer, rules)?;
    writeln!(out)
}

/// Item that a hit leads to, with the verdict on the enterprise.
fn linked_item(out: &mut dyn Write, hit: &Hit, item: &HitItem, rules: &Rules) -> io::Result<()> {
    let named = |title: &str, policy: &str| {
        if policy == hit.id { String::new() } else { format!("事项 {title} {DIM}{policy}{DIM:#}  ") }
    };
    match item {
        HitItem::Item(one) => {
            let now = if one.in_force { show_window(&one.window) } else { NOT_NOW.to_owned() };
            let gives = one.gives.as_deref().map(|gives| format!("{gives}  ")).unwrap_or_default();
            writeln!(out, "     {}{gives}{DIM}{now}{DIM:#}", named(&one.title, &one.policy))
        }
        HitItem::Matched(one) => {
            let style = verdict_style(one.verdict);
            let now = if one.in_force { show_window(&one.window) } else { NOT_NOW.to_owned() };
            let name = one.verdict.name();
            writeln!(out, "     {style}{name}{style:#} {}{DIM}{now}{DIM:#}", named(&one.title, &one.policy))?;
            why(out, one, rules)
        }
    }
}

/// Missing facts of an item, and the conditions behind its verdict.
fn why(out: &mut dyn Write, one: &Match, rules: &Rules) -> io::Result<()> {
    let facts = rules.dictionary();
    if !one.missing.is_empty() {
        let names: Vec<&str> = one
            .missing
            .iter()
            .map(|key| facts.get(key).map_or(key.as_str(), |fact| fact.name.as_str()))
            .collect();
        writeln!(out, "       待补 {}", names.join("、"))?;
    }
    let stands = |state| match one.verdict {
        Verdict::Eligible => false,
        Verdict::Undetermined => state == ClauseState::Judged,
        Verdict::Ineligible => state == ClauseState::Unmet,
    };
    for clause in
        visible_clauses(&one.clauses).into_iter().filter(|clause| stands(clause.state)).take(SHOWN_CLAUSES)
    {
        write!(out, "  ")?;
        clause_line(out, clause, facts)?;
    }
    Ok(())
}

fn mark_title(title: &str, highlights: &[Highlight]) -> String {
    highlights.iter().find(|h| h.field == "title" && h.text == title).map_or_else(|| title.to_owned(), marked)
}

/// Snippet with its highlights in colour.
fn marked(highlight: &Highlight) -> String {
    let mut line = String::new();
    let mut done = 0;
    for &(start, end) in &highlight.spans {
        let (Some(before), Some(hit)) = (highlight.text.get(done..start), highlight.text.get(start..end))
        else {
            continue;
        };
        line.push_str(before);
        line.push_str(&format!("{HIT}{hit}{HIT:#}"));
        done = end;
    }
    line.push_str(highlight.text.get(done..).unwrap_or_default());
    line.replace('\n', " ")
}
