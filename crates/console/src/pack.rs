//! Service pack (服务包) of one enterprise, for printing and handing over: one page first, then annexes by choice.

use maud::{Markup, html};
use zhaoren_engine::{PackChoices, PackLine, ServicePack};

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::match_page::MatchPage;
use crate::matching::day;

/// Service pack page.
pub fn pack(viewer: &Viewer, page: &MatchPage<'_>, pack: &ServicePack, choices: PackChoices) -> Page {
    let body = html! {
        article.pack {
            h1 { (pack.name) " 惠企政策服务包" }
            (settings(page, choices))
            p { "统一社会信用代码或编号：" (pack.id) "。判定日：" (day(pack.as_of)) "。" }
            p.office { "经办单位：" span.blank {} " 经办人：" span.blank {} " 电话：" span.blank {} " （盖章处）" }
            @if let Some(bundle) = &pack.bundle { p { b { (bundle) } "。" } }
            section {
                h2 { "现在可以享受或申报（" (pack.lines.len()) " 项）" }
                @if pack.lines.is_empty() { p.empty { "按已知情况，暂时没有。" } } @else { (table(&pack.lines, "现在可以享受或申报")) }
            }
            @if !pack.renewals.is_empty() {
                section { h2 { "现在可以复审或重新认定（" (pack.renewals.len()) " 项）" } (table(&pack.renewals, "现在可以复审或重新认定")) }
            }
            section {
                h2 { "需要带什么" }
                @if pack.materials.is_empty() { p { (ServicePack::NO_MATERIALS) } }
                @else { ul.ticks { @for one in &pack.materials { li { (one.line()) } } } }
            }
            p.note { (ServicePack::NOTE) }
            details.fold.script {
                summary { "话术：可在电话里念，或复制到短信、微信" }
                label.hidden for="script" { "话术" }
                textarea id="script" rows="10" readonly { (pack.script()) }
            }
            (annexes(pack, choices))
        }
    };
    layout(&format!("{} 服务包", pack.name), Section::Match, viewer, &body)
}

fn annexes(pack: &ServicePack, choices: PackChoices) -> Markup {
    html! {
        @if choices.details && !(pack.lines.is_empty() && pack.renewals.is_empty()) {
            section.annex {
                h2 { "各事项的依据与条件" }
                @for one in pack.lines.iter().chain(&pack.renewals) { (detail(one)) }
            }
        }
        @if choices.questions && !pack.questions.is_empty() {
            section.annex {
                h2 { "再核实以下情况，可判明另外 " (pack.open) " 项" }
                ul.ticks { @for one in &pack.questions { li { (one.line()) } } }
            }
        }
        @if choices.near && !pack.near.is_empty() {
            section.annex {
                h2 { "还差几步" }
                @for one in &pack.near {
                    p { b { (one.title) } "：" (one.text) }
                    ul { @for step in &one.steps { li { (step) } } }
                }
            }
        }
        @if !pack.held.is_empty() {
            section.annex { h2 { "已有或已享受" } ul { @for one in &pack.held { li { (one) } } } }
        }
        @if choices.facts && !pack.facts.is_empty() {
            section.annex {
                h2 { "已知情况与来源" }
                p.hint { "没有列出的情况为未知，不等于“否”或 0。" }
                div.wide tabindex="0" role="region" aria-label="已知情况与来源" {
                    table {
                        thead { tr { @for name in ["指标", "值", "来源", "记录于"] { th scope="col" { (name) } } } }
                        tbody {
                            @for one in &pack.facts {
                                tr {
                                    th scope="row" { (one.name) }
                                    td { (one.value) }
                                    td { @if one.source.is_empty() { "本次提供" } @else { (one.source) } }
                                    td.time { (one.since) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Form of the annexes and of the form of the pack. It is not printed.
fn settings(page: &MatchPage<'_>, choices: PackChoices) -> Markup {
    let boxes = [
        ("details", "依据与条件", choices.details),
        ("questions", "还要核实的问题", choices.questions),
        ("near", "还差几步", choices.near),
        ("facts", "已知情况与来源", choices.facts),
    ];
    html! {
        form.choices method="post" action="/pack" {
            input type="hidden" name="profile" value=(page.profile);
            @if page.stored { input type="hidden" name="stored" value=(page.report.id); }
            input type="hidden" name="as_of" value=(page.report.as_of);
            input type="hidden" name="chosen" value="1";
            fieldset {
                legend { "附在首页之后" }
                @for (name, label, on) in boxes {
                    label { input type="checkbox" name="with" value=(name) checked[on]; " " (label) } " "
                }
            }
            p {
                button type="submit" { "更新" } " "
                button type="submit" name="format" value="docx" { "下载 Word" } " "
                button type="submit" name="format" value="xlsx" { "下载 Excel" } " "
                button.print type="button" data-print { "打印" }
            }
        }
    }
}

fn table(lines: &[PackLine], label: &str) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(label) {
            table.pack-table {
                thead { tr { @for name in ServicePack::HEAD { th scope="col" { (name) } } } }
                tbody {
                    @for one in lines {
                        tr {
                            th scope="row" { (one.title) @for note in &one.notes { br; span.hint { (note) } } }
                            td { (one.gives) } td { (one.amount) } td { (one.until) } td { (one.how) } td { (one.contact) }
                        }
                    }
                }
            }
        }
    }
}

fn detail(one: &PackLine) -> Markup {
    html! {
        section.one {
            h3 { (one.title) }
            @if !one.basis.is_empty() { p { "依据：" (one.basis) "。" } }
            p { "支持内容：" (one.gives) "，" (one.amount) "。申报期：" (one.until) "。" }
            ul { @for condition in &one.conditions { li { (condition) } } }
        }
    }
}
