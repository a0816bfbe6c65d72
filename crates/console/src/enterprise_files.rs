//! Pages of the stored enterprises (企业档案): found by a part of the name or the id, and what is on file about one.

use maud::{Markup, html};

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::match_page::KnownFact;
use crate::policy::encode_path;

/// List of stored enterprises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnterpriseList {
    /// Part of the name or id that was searched for.
    pub part: String,
    /// Id and name of each; the name may be empty.
    pub found: Vec<(String, String)>,
    /// Id after which the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// Everything on file about one enterprise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnterpriseFile {
    /// Id.
    pub id: String,
    /// Name; may be empty.
    pub name: String,
    /// Facts with their sources.
    pub facts: Vec<KnownFact>,
    /// Number of facts that the viewer does not see.
    pub hidden: usize,
    /// Facts that cannot be read.
    pub problems: Vec<String>,
    /// Events of the ledger: day, title of the item, event; `None` if the viewer may not see them.
    pub events: Option<Vec<(String, String, String)>>,
    /// Opt-outs: title of the item, or all, and the reason.
    pub opt_outs: Vec<(String, String)>,
    /// Latest run, in which the enterprise's rows can be looked up.
    pub run: Option<String>,
}

/// Page of the list.
pub fn enterprise_list(viewer: &Viewer, list: &EnterpriseList) -> Page {
    let body = html! {
        h1 { "企业档案" }
        form.row method="get" action="/enterprises" role="search" {
            div.field {
                label for="part" { "企业名称或编号的一部分" }
                input id="part" name="q" maxlength="100" autocomplete="off" value=(list.part);
            }
            button type="submit" { "查找" }
        }
        @if list.found.is_empty() {
            p.empty { @if list.part.is_empty() { "还没有存过企业的情况。匹配之后可以保存，也可由数据来源导入。" } @else { "没有名称或编号含“" (list.part) "”的企业。" } }
        } @else {
            div.wide tabindex="0" role="region" aria-label="企业" {
                table {
                    thead { tr { th scope="col" { "企业" } th scope="col" { "编号" } th scope="col" { "匹配" } } }
                    tbody {
                        @for (id, name) in &list.found {
                            tr {
                                th scope="row" { a href={ "/enterprises/" (encode_path(id)) } { @if name.is_empty() { (id) } @else { (name) } } }
                                td { code { (id) } }
                                td { (match_button(id)) }
                            }
                        }
                    }
                }
            }
            @if let Some(next) = &list.next {
                p.pages { a rel="next" href={ "/enterprises?q=" (encode_path(&list.part)) "&after=" (encode_path(next)) } { "下一页" } }
            }
        }
    };
    layout("企业档案", Section::Enterprises, viewer, &body)
}

/// Page of one enterprise.
pub fn enterprise_file(viewer: &Viewer, file: &EnterpriseFile) -> Page {
    let title = if file.name.is_empty() { &file.id } else { &file.name };
    let body = html! {
        div.bar { h1 { (title) } div.actions { (match_button(&file.id)) } }
        p.about {
            "编号 " code { (file.id) }
            @if let Some(run) = &file.run { " · " a href={ "/runs/" (encode_path(run)) "/list?enterprise=" (encode_path(&file.id)) } { "最近一批推送中的事项" } }
        }
        @for problem in &file.problems { p.note { (problem) } }
        @if file.hidden > 0 { p.note { "另有 " (file.hidden) " 项您无权查看。" } }
        section {
            h2 { "已知情况与来源（" (file.facts.len()) "）" }
            @if file.facts.is_empty() { p.empty { "没有您能查看的情况。" } } @else { (facts(&file.facts)) }
        }
        @if let Some(events) = &file.events {
            section {
                h2 { "办理记录" }
                @if events.is_empty() { p.empty { "台账里还没有记录。" } }
                @else {
                    table {
                        thead { tr { th scope="col" { "日期" } th scope="col" { "事项" } th scope="col" { "记录" } } }
                        tbody { @for (day, item, event) in events { tr { td.time { (day) } th scope="row" { (item) } td { (event) } } } }
                    }
                }
            }
        }
        @if !file.opt_outs.is_empty() {
            section {
                h2 { "拒收" }
                ul { @for (item, reason) in &file.opt_outs { li { (item) @if !reason.is_empty() { "：" (reason) } } } }
            }
        }
    };
    layout(title, Section::Enterprises, viewer, &body)
}

fn match_button(id: &str) -> Markup {
    html! {
        form.plain method="post" action="/match" {
            input type="hidden" name="lookup" value=(id);
            button type="submit" { "匹配政策" span.hidden { "：" (id) } }
        }
    }
}

fn facts(facts: &[KnownFact]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="已知情况与来源" {
            table {
                thead { tr { @for name in ["指标", "年度", "值", "来源", "记录于"] { th scope="col" { (name) } } } }
                tbody {
                    @for one in facts {
                        tr {
                            th scope="row" { (one.name) }
                            td { (one.year) }
                            td { (one.value) }
                            td { (one.source) @for other in &one.others { br; span.hint { "不一致：" (other) } } }
                            td.time { (one.since) }
                        }
                    }
                }
            }
        }
    }
}
