//! Pages of push runs (批次): which there are, what one counted, and who falls out of an item at which condition.

use maud::{Markup, PreEscaped, html};
use serde_json::Value as Json;

use crate::Page;
use crate::frame::{Place, Viewer, frame};
use crate::policy::in_path;

/// An item that can be asked about: id and title.
pub type Choice = (String, String);

/// What was found of one item among the enterprises of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// The report, as `zhaoren find --json` gives it.
    pub report: Json,
    /// The same as a picture: a whole `svg` element.
    pub picture: String,
}

fn number(of: &Json, at: &str) -> u64 {
    of.pointer(at).and_then(Json::as_u64).unwrap_or(0)
}

fn text<'a>(of: &'a Json, at: &str) -> &'a str {
    of.pointer(at).and_then(Json::as_str).unwrap_or_default()
}

/// The runs there are, the latest first: name and `run.json` of each.
pub fn runs(viewer: &Viewer, runs: &[(String, Json)]) -> Page {
    let body = html! {
        h1 { "推送批次" }
        @if runs.is_empty() { p { "没有已完成的批次。批次由 zhaoren push 产生，所在目录由配置 runs 给出。" } }
        @else {
            div.wide tabindex="0" role="region" aria-label="推送批次" {
                table {
                    thead { tr {
                        @for name in ["批次", "判定日", "企业", "事项", "符合", "新增", "移出", "未能读入"] { th scope="col" { (name) } }
                    } }
                    tbody {
                        @for (id, run) in runs {
                            tr {
                                th scope="row" { a href={ "/runs/" (in_path(id)) } { (id) } }
                                td { (text(run, "/as_of")) }
                                @for key in ["enterprises", "items", "eligible", "new", "gone", "rejected"] {
                                    td.number { (number(run, &format!("/counts/{key}"))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    frame("推送批次", Place::Runs, viewer, &body)
}

/// The causes of rows, in words.
const CAUSES: [(&str, &str); 15] = [
    ("enterprise_new", "新出现的企业"),
    ("enterprise_gone", "不再出现的企业"),
    ("item_new", "新增事项"),
    ("item_gone", "事项撤下"),
    ("item_in_force", "事项开始生效"),
    ("item_expired", "事项失效"),
    ("fact_changed", "指标变化"),
    ("clause_changed", "条件变化"),
    ("date_passed", "日期经过"),
    ("several", "多种原因"),
    ("window_opened", "申报期开始"),
    ("deadline_near", "临近截止"),
    ("ranking", "列入范围或排序变化"),
    ("refused", "企业拒收"),
    ("refusal_withdrawn", "企业撤回拒收"),
];

/// One run; with an item, who qualifies and where the others fall out.
pub fn run(
    viewer: &Viewer,
    id: &str,
    run: &Json,
    items: &[Choice],
    asked: &str,
    funnel: Option<&Result<Funnel, String>>,
) -> Page {
    let causes = run.pointer("/counts/causes").and_then(Json::as_object);
    let body = html! {
        h1 { "批次 " (id) }
        dl.counts {
            @for (key, name) in [("enterprises", "企业"), ("items", "事项"), ("eligible", "符合"), ("undetermined", "待定"),
                ("new", "新增"), ("kept", "保持"), ("gone", "移出"), ("rejected", "未能读入")] {
                div { dt { (name) } dd { (number(run, &format!("/counts/{key}"))) } }
            }
        }
        p.about { "判定日 " (text(run, "/as_of")) @if !text(run, "/previous_as_of").is_empty() { "，与 " (text(run, "/previous_as_of")) " 的批次相比" } }
        @if let Some(causes) = causes.filter(|causes| !causes.is_empty()) {
            h2 { "变动原因" }
            dl.facts {
                @for (cause, count) in causes {
                    @let name = CAUSES.iter().find(|(word, _)| word == cause).map_or(cause.as_str(), |(_, name)| name);
                    div { dt { (name) } dd { (count) } }
                }
            }
        }
        h2 { "漏斗：一个事项，谁符合，其余止步于哪一条" }
        form.row method="get" action={ "/runs/" (in_path(id)) } {
            label for="item" { "事项" }
            select id="item" name="item" {
                @for (item, title) in items { option value=(item) selected[item == asked] { (title) } }
            }
            button type="submit" { "统计" }
        }
        @match funnel {
            None => {}
            Some(Err(why)) => { p.fault role="alert" { (why) } }
            Some(Ok(funnel)) => (shown(funnel)),
        }
        p { a href="/runs" { "全部批次" } }
    };
    frame(&format!("批次 {id}"), Place::Runs, viewer, &body)
}

fn shown(funnel: &Funnel) -> Markup {
    let report = &funnel.report;
    let list = |key: &str| report.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    html! {
        section aria-label="漏斗" {
            h3 { (text(report, "/title")) }
            dl.counts {
                div { dt { "企业" } dd { (number(report, "/enterprises")) } }
                div.yes { dt { "符合" } dd { (number(report, "/eligible")) } }
                div.open { dt { "待定" } dd { (number(report, "/undetermined")) } }
                div.no { dt { "不符合" } dd { (number(report, "/ineligible")) } }
                div { dt { "只差一条" } dd { (number(report, "/almost")) } }
            }
            // Made by our own program, with every text in it escaped; the table below says the same.
            div.wide tabindex="0" role="img" aria-label="漏斗图，数字见下表" { (PreEscaped(&funnel.picture)) }
            div.wide tabindex="0" role="region" aria-label="逐条统计" {
                table {
                    thead { tr {
                        @for name in ["条件", "进入", "止步于此", "待定", "剩余", "仅此不符"] { th scope="col" { (name) } }
                    } }
                    tbody {
                        @for step in list("funnel") {
                            tr {
                                th scope="row" { (text(step, "/text")) @if !text(step, "/article").is_empty() { " " span.hint { (text(step, "/article")) } } }
                                @for key in ["entered", "out", "open", "left", "alone"] { td.number { (number(step, &format!("/{key}"))) } }
                            }
                        }
                    }
                }
            }
            @for (key, name) in [("by_region", "地区、街镇"), ("by_industry", "行业")] {
                (groups(name, list(key)))
            }
        }
    }
}

fn groups(name: &str, groups: &[Json]) -> Markup {
    html! {
        @if !groups.is_empty() {
            details {
                summary { "按" (name) "（" (groups.len()) "）" }
                table {
                    thead { tr { @for word in [name, "企业", "符合", "待定"] { th scope="col" { (word) } } } }
                    tbody {
                        @for group in groups {
                            tr {
                                th scope="row" class={ "depth-" (number(group, "/level").min(4)) } { (text(group, "/name")) }
                                @for key in ["enterprises", "eligible", "undetermined"] { td.number { (number(group, &format!("/{key}"))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
