//! Known facts of an enterprise, each with its source and date: the data from which forms are prefilled (预填).

use maud::{Markup, html};
use zhaoren_engine::Match;

use crate::match_page::MatchPage;

/// Number of unknown facts listed.
const MISSING: usize = 20;

/// Table of known facts. Unknown facts are listed as unknown, never as 0 or 否.
pub(crate) fn known_facts(page: &MatchPage<'_>) -> Markup {
    let facts = page.rules.dictionary();
    let mut missing: Vec<(&str, usize)> = Vec::new();
    let open = |one: &&Match| one.in_force && page.received.blocking_benefit(one).is_none();
    for key in page.report.matches.iter().filter(open).flat_map(|one| &one.missing) {
        let name = facts.get(key).map_or(key.as_str(), |fact| fact.name.as_str());
        match missing.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => missing.push((name, 1)),
        }
    }
    missing.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    html! {
        section.provenance aria-labelledby="known" {
            h2 id="known" { "已知情况与来源" }
            p.hint { "填报时可据此预填。没有列出的情况为未知，不等于“否”或 0。" }
            @if page.known_facts.is_empty() { p.empty { "还没有已知的情况。" } }
            @else {
                div.wide tabindex="0" role="region" aria-label="已知情况与来源" {
                    table {
                        thead { tr { @for name in ["指标", "年度", "值", "来源", "记录于"] { th scope="col" { (name) } } } }
                        tbody {
                            @for one in page.known_facts {
                                tr {
                                    th scope="row" { (one.name) }
                                    td { (one.year) }
                                    td { (one.value) }
                                    td {
                                        @if one.source.is_empty() { "本次提供" } @else { (one.source) }
                                        @for other in &one.others { br; span.hint { "不一致：" (other) } }
                                    }
                                    td.time { @if one.since.is_empty() { (page.report.as_of) } @else { (one.since) } }
                                }
                            }
                        }
                    }
                }
            }
            @if !missing.is_empty() {
                p {
                    b { "待补（未知）：" }
                    @for (at, (name, count)) in missing.iter().take(MISSING).enumerate() {
                        @if at > 0 { "、" } (name) span.hint { "（" (count) " 项）" }
                    }
                    @if missing.len() > MISSING { " 等 " (missing.len()) " 项指标" }
                    "。"
                }
            }
        }
    }
}
