//! Service pack (服务包) of one enterprise, for printing and handing over.

use maud::{Markup, html};
use zhaoren_engine::{Guide, Match, ReportPart, Verdict};

use crate::Page;
use crate::clause::{clauses, gaps};
use crate::frame::{Section, Viewer, layout};
use crate::known::known_facts;
use crate::match_page::MatchPage;
use crate::matching::{best_bundle, day};
use crate::sign;

/// Number of ineligible items listed: those with the fewest changes needed.
const MAX_NEAR_MISSES: usize = 10;

/// Service pack page.
pub fn pack(viewer: &Viewer, page: &MatchPage<'_>) -> Page {
    let report = page.report;
    let name = report.name.as_deref().unwrap_or(&report.id);
    let of = |parts: &[ReportPart]| -> Vec<&Match> {
        let left = report.matches.iter().filter(|one| page.received.blocking_benefit(one).is_none());
        left.filter(|one| parts.contains(&ReportPart::of(one))).collect()
    };
    let received: Vec<&Match> = report
        .matches
        .iter()
        .filter(|one| one.in_force && page.received.blocking_benefit(one).is_some())
        .collect();
    let mut near: Vec<&Match> = of(&[ReportPart::Ineligible]);
    near.retain(|one| {
        one.verdict == Verdict::Ineligible
            && !one.nearest.is_empty()
            && one.nearest.iter().all(|change| !change.fixed)
    });
    near.sort_by_key(|one| one.nearest.len());
    near.truncate(MAX_NEAR_MISSES);
    let body = html! {
        article.pack {
            h1 { (name) " 惠企政策服务包" }
            p { "统一社会信用代码或编号：" (report.id) "。判定日：" (day(report.as_of)) "。" }
            p.note {
                "本服务包依据政策公开文本和企业提供的指标逐条判定，不代表审核结论。标有“未与原文核对”的事项请先核对原文。"
            }
            button.print type="button" data-print { "打印" }
            @if let Some(bundle) = &report.bundle { (best_bundle(bundle)) }
            (part("现在可以享受或申报", &of(&[ReportPart::Eligible, ReportPart::MayApply]), page))
            (part("补齐情况后可以判明", &of(&[ReportPart::Undetermined]), page))
            (part("还差几步", &near, page))
            (known_facts(page))
            @if !received.is_empty() {
                section {
                    h2 { "已享受（" (received.len()) " 项）" }
                    ul {
                        @for one in received {
                            li { (one.title) @if let Some(received) = page.received.blocking_benefit(one) { "（" (day(received.on)) "）" } }
                        }
                    }
                }
            }
        }
    };
    layout(&format!("{name} 服务包"), Section::Match, viewer, &body)
}

/// Guide in one paragraph: what to do, with what, at which office.
fn guide_line(guide: Option<&Guide>) -> Markup {
    let none = Guide::default();
    let guide = guide.unwrap_or(&none);
    html! {
        p.guide {
            @for entry in guide.entries() {
                b { (entry.label) } "：" (entry.text)
                @if let Some(link) = entry.link { "（" (link) "）" }
                @if !entry.checked { "（待核）" }
                "。"
            }
        }
    }
}

fn part(heading: &str, matches: &[&Match], page: &MatchPage<'_>) -> Markup {
    html! {
        @if !matches.is_empty() {
            section {
                h2 { (heading) "（" (matches.len()) " 项）" }
                @for one in matches {
                    section.one {
                        h3 { (one.title) }
                        p {
                            (sign::verdict(one.verdict, one.competitive)) " 申报期：" (sign::window(&one.window)) "。"
                            "兑现方式：" (one.delivery.name()) "。"
                        }
                        @if !one.document.title.is_empty() {
                            p {
                                "依据：" (one.document.title)
                                @if let Some(number) = &one.document.number { "（" (number) "）" }
                                "。"
                            }
                        }
                        @if let Some(amount) = &one.benefit.amount.text { p { "支持内容：" (amount) "。" } }
                        @if let Some(review) = one.review.as_ref().filter(|review| !review.is_checked()) {
                            p.note { "条件未与原文核对（" (review.mark) "）。" }
                        }
                        (guide_line(one.guide.as_ref()))
                        (clauses(one, page.rules.dictionary()))
                        (gaps(one, page.rules))
                    }
                }
            }
        }
    }
}
