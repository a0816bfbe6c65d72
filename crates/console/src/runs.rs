//! Pages of push runs (批次): the list of runs, the counts of one, and the condition at which enterprises drop out of
//! an item.

use maud::{Markup, PreEscaped, html};
use serde_json::Value as Json;
use zhaoren_engine::Verdict;

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::messages::Suspension;
use crate::number::grouped;
use crate::policy::encode_path;
use crate::sign;

/// Item to choose: id and title.
pub type Choice = (String, String);

/// Funnel of one item over the enterprises of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// Report, as in `zhaoren find --json`.
    pub report: Json,
    /// The same as a picture: a whole `svg` element.
    pub svg: String,
}

/// Page of rows of a push list, with its filters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Rows, each with the title of its item.
    pub rows: Vec<(Json, String)>,
    /// Enterprise filter; empty for all.
    pub enterprise: String,
    /// Item filter; empty for all.
    pub item: String,
    /// Title of that item.
    pub title: String,
    /// Verdict filter: its word in the list; empty for all.
    pub verdict: String,
    /// Change filter: its word in the list; empty for all.
    pub change: String,
    /// True if the run has a workbook.
    pub has_workbook: bool,
    /// Offset of the first row.
    pub from: u64,
    /// Offset of the next page; `None` at the end of the list.
    pub next: Option<u64>,
    /// True if the viewer may see stored facts of the enterprises.
    pub can_look_up: bool,
}

/// A count as it is shown: 未知 where there is none, which is not 0.
pub(crate) fn count(of: &Json, at: &str) -> String {
    of.pointer(at).and_then(Json::as_u64).map_or_else(|| "未知".to_owned(), grouped)
}

pub(crate) fn text<'a>(of: &'a Json, at: &str) -> &'a str {
    of.pointer(at).and_then(Json::as_str).unwrap_or_default()
}

/// Page of all runs, newest first, with the suspended channels above it: name and `run.json` of each, or the reason why it cannot be read.
pub fn runs(viewer: &Viewer, suspended: &[Suspension], runs: &[(String, Result<Json, String>)]) -> Page {
    let body = html! {
        h1 { "推送批次" }
        (crate::messages::suspended(suspended))
        p { a.button.plain href="/messages" { "发给企业的消息" } }
        @if runs.is_empty() { p.empty { "没有已完成的批次。批次由 zhaoren push 产生，所在目录由配置 runs 给出。" } }
        @else {
            div.wide tabindex="0" role="region" aria-label="推送批次" {
                table {
                    thead { tr {
                        @for name in ["批次", "判定日"] { th scope="col" { (name) } }
                        @for name in ["企业", "事项", "符合", "待定", "新增", "移出", "未能读入"] { th.number scope="col" { (name) } }
                    } }
                    tbody {
                        @for (id, run) in runs {
                            tr {
                                th scope="row" { a href={ "/runs/" (encode_path(id)) } { (id) } }
                                @match run {
                                    Ok(run) => {
                                        td { (text(run, "/as_of")) }
                                        @for key in ["enterprises", "items", "eligible", "undetermined", "new", "gone", "rejected"] {
                                            td.number {
                                                (count(run, &format!("/counts/{key}")))
                                                @if key == "new" { (undetermined_among_new(run)) }
                                            }
                                        }
                                    }
                                    Err(why) => { td colspan="8" { (why) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    layout("推送批次", Section::Runs, viewer, &body)
}

/// Undetermined rows among the new ones, where a run lists them: most of a first night is not eligible.
fn undetermined_among_new(run: &Json) -> Markup {
    let count = run.pointer("/counts/new_undetermined").and_then(Json::as_u64).unwrap_or(0);
    html! { @if count > 0 { " " span.hint { "其中待定 " (grouped(count)) } } }
}

/// Display names of the causes.
const CAUSES: [(&str, &str); 19] = [
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
    ("window_closed", "申报期截止"),
    ("held", "企业已有"),
    ("renewal_due", "可以申报复审"),
    ("holding_ended", "不再持有"),
    ("refused", "企业拒收"),
    ("refusal_withdrawn", "企业撤回拒收"),
];

/// Page of one run; with an item, also the enterprises that qualify and where the others drop out.
pub fn run(
    viewer: &Viewer,
    id: &str,
    run: &Json,
    items: &[Choice],
    selected_item: &str,
    funnel: Option<&Result<Funnel, String>>,
) -> Page {
    let causes = run.pointer("/counts/causes").and_then(Json::as_object);
    let body = html! {
        h1 { "批次 " (id) }
        dl.counts {
            @for (key, name) in [("enterprises", "企业"), ("items", "事项"), ("eligible", "符合"), ("undetermined", "待定"),
                ("new", "新增"), ("kept", "保持"), ("gone", "移出"), ("rejected", "未能读入")] {
                div { dt { (name) } dd { (count(run, &format!("/counts/{key}"))) @if key == "new" { (undetermined_among_new(run)) } } }
            }
            // Only a run that was held back by refusals counts them.
            @let held = run.pointer("/counts/held_back_pairs").and_then(Json::as_u64).unwrap_or(0);
            @if held > 0 { div { dt { "企业拒收未列" } dd { (grouped(held)) } } }
        }
        p.about { "判定日 " (text(run, "/as_of")) @if !text(run, "/previous_as_of").is_empty() { "，与 " (text(run, "/previous_as_of")) " 的批次相比" } }
        @if let Some(causes) = causes.filter(|causes| !causes.is_empty()) {
            h2 { "变动原因" }
            dl.facts {
                @for (cause, count) in causes {
                    div { dt { (cause_in_words(cause)) } dd { (count.as_u64().map_or_else(|| count.to_string(), grouped)) } }
                }
            }
        }
        p { a.button.plain href={ "/runs/" (encode_path(id)) "/list" } { "逐行看名单" } }
        h2 { "漏斗：一个事项，谁符合，其余止步于哪一条" }
        form.row method="get" action={ "/runs/" (encode_path(id)) } {
            label for="item" { "事项" }
            select id="item" name="item" {
                @for (item, title) in items { option value=(item) selected[item == selected_item] { (title) } }
            }
            button type="submit" { "统计" }
        }
        @match funnel {
            None => {}
            Some(Err(why)) => { p.fault role="alert" { (why) } }
            Some(Ok(funnel)) => {
                (shown(funnel))
                p {
                    a.button.plain href={ "/runs/" (encode_path(id)) "/list?item=" (encode_path(selected_item)) } { "名单中的企业" } " "
                    a.button.plain href={ "/runs/" (encode_path(id)) "/what-if?item=" (encode_path(selected_item)) } { "政策沙盘：换个门槛试试" }
                }
            }
        }
        p { a href="/runs" { "← 全部批次" } }
    };
    layout(&format!("批次 {id}"), Section::Runs, viewer, &body)
}

/// Address of a page of rows.
fn address(id: &str, page: &str, rows: &Rows, from: u64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let filters = [
        ("enterprise", &rows.enterprise),
        ("item", &rows.item),
        ("verdict", &rows.verdict),
        ("change", &rows.change),
    ];
    for (key, value) in filters {
        if !value.is_empty() {
            query.append_pair(key, value);
        }
    }
    if from > 0 {
        query.append_pair("from", &from.to_string());
    }
    format!("/runs/{}/{page}?{}", encode_path(id), query.finish())
}

/// Push list of a run, row by row.
pub fn rows(viewer: &Viewer, id: &str, found: &Rows, items: &[Choice]) -> Page {
    let filters = [&found.enterprise, &found.item, &found.verdict, &found.change];
    let all = filters.into_iter().all(|filter| filter.is_empty());
    let body = html! {
        h1 { "名单：批次 " a href={ "/runs/" (encode_path(id)) } { (id) } }
        form.row.filter method="get" action={ "/runs/" (encode_path(id)) "/list" } {
            div.field { label for="enterprise" { "企业编号" } input id="enterprise" name="enterprise" maxlength="64" value=(found.enterprise) autocomplete="off"; }
            div.field {
                label for="item" { "事项" }
                select id="item" name="item" {
                    option value="" { "全部" }
                    @if !found.item.is_empty() && items.iter().all(|(item, _)| *item != found.item) {
                        option value=(found.item) selected { (found.title) }
                    }
                    @for (item, title) in items { option value=(item) selected[*item == found.item] { (title) } }
                }
            }
            (choice("verdict", "判定", &found.verdict, &VERDICTS))
            (choice("change", "变动", &found.change, &CHANGES))
            button type="submit" { "筛选" }
            @if !all { a href={ "/runs/" (encode_path(id)) "/list" } { "清除" } }
        }
        p {
            a.button.plain href=(address(id, "list.csv", found, 0)) { "下载 CSV" @if !all { "（筛选出的）" } }
            @if found.has_workbook { " " a.button.plain href={ "/runs/" (encode_path(id)) "/list.xlsx" } { "下载 Excel（每区一张表）" } }
        }
        @if found.rows.is_empty() {
            p.empty {
                @if found.next.is_some() { "查到第 " (found.next.unwrap_or_default()) " 行，尚无符合的行。" }
                @else if all { "名单是空的。" }
                @else { "没有符合的行。" }
            }
        } @else {
            div.wide tabindex="0" role="region" aria-label="名单" {
                table {
                    thead { tr { @for name in ["企业", "事项", "判定", "还缺", "申报期", "变动", "原因"] { th scope="col" { (name) } } } }
                    tbody { @for (row, title) in &found.rows { (row_of(row, title, found.can_look_up)) } }
                }
            }
        }
        nav.pages aria-label="翻页" {
            @if found.from > 0 { a rel="first" href=(address(id, "list", found, 0)) { "← 回到开头" } " " }
            @if let Some(next) = found.next { a rel="next" href=(address(id, "list", found, next)) { @if all { "下一页 →" } @else { "接着查 →" } } }
        }
    };
    layout(&format!("名单 {id}"), Section::Runs, viewer, &body)
}

/// Filter with a few values.
fn choice(key: &str, name: &str, selected: &str, values: &[(&str, &str)]) -> Markup {
    html! {
        div.field {
            label for=(key) { (name) }
            select id=(key) name=(key) {
                option value="" { "全部" }
                @for (value, name) in values { option value=(value) selected[*value == selected] { (name) } }
            }
        }
    }
}

/// Verdicts of listed rows.
const VERDICTS: [(&str, &str); 3] =
    [("eligible", "符合"), ("undetermined", "待定"), ("ineligible", "不符合")];

/// Changes of listed rows.
const CHANGES: [(&str, &str); 3] = [("new", "新增"), ("kept", "保持"), ("gone", "移出")];

fn row_of(row: &Json, title: &str, looks_up: bool) -> Markup {
    let (enterprise, item) = (text(row, "/enterprise_id"), text(row, "/policy_id"));
    let verdict = match text(row, "/verdict") {
        "eligible" => Some(Verdict::Eligible),
        "undetermined" => Some(Verdict::Undetermined),
        "ineligible" => Some(Verdict::Ineligible),
        _ => None,
    };
    let change = text(row, "/change");
    let change = CHANGES.iter().find(|(word, _)| *word == change).map_or(change, |(_, name)| name);
    let name = text(row, "/enterprise_name");
    let detail = text(row, "/detail");
    html! {
        tr {
            th scope="row" {
                @if !name.is_empty() { (name) br; }
                @if looks_up {
                    form.plain method="post" action="/match" {
                        input type="hidden" name="lookup" value=(enterprise);
                        button.link type="submit" title="查看这家企业" { (enterprise) }
                    }
                } @else { (enterprise) }
            }
            td { a href={ "/policies/" (encode_path(item)) } { (title) } }
            td.word { @if let Some(verdict) = verdict { (sign::verdict(verdict, false)) } @else { "—" } }
            td { (text(row, "/missing")) }
            td { (text(row, "/window")) }
            td.word { (change) }
            td { (cause_in_words(text(row, "/cause"))) @if !detail.is_empty() { " " span.hint { (detail) } } }
        }
    }
}

fn cause_in_words(cause: &str) -> &str {
    CAUSES.iter().find(|(word, _)| *word == cause).map_or(cause, |(_, name)| name)
}

fn shown(funnel: &Funnel) -> Markup {
    let report = &funnel.report;
    let list = |key: &str| report.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    html! {
        section aria-label="漏斗" {
            h3 { (text(report, "/title")) }
            dl.counts {
                div { dt { "企业" } dd { (count(report, "/enterprises")) } }
                div.yes { dt { "符合" } dd { (count(report, "/eligible")) } }
                div.open { dt { "待定" } dd { (count(report, "/undetermined")) } }
                div.no { dt { "不符合" } dd { (count(report, "/ineligible")) } }
                div { dt { "只差一条" } dd { (count(report, "/almost")) } }
            }
            // Generated by this program with every text escaped; the table below has the same numbers.
            div.wide tabindex="0" role="img" aria-label="漏斗图，数字见下表" { (PreEscaped(&funnel.svg)) }
            div.wide tabindex="0" role="region" aria-label="逐条统计" {
                table {
                    thead { tr {
                        th scope="col" { "条件" }
                        @for name in ["进入", "止步于此", "待定", "剩余", "仅此不符"] { th.number scope="col" { (name) } }
                    } }
                    tbody {
                        @for step in list("funnel") {
                            tr {
                                th scope="row" { (text(step, "/text")) @if !text(step, "/article").is_empty() { " " span.hint { (text(step, "/article")) } } }
                                @for key in ["entered", "out", "open", "left", "alone"] { td.number { (count(step, &format!("/{key}"))) } }
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
                    thead { tr { th scope="col" { (name) } @for word in ["企业", "符合", "待定"] { th.number scope="col" { (word) } } } }
                    tbody {
                        @for group in groups {
                            tr {
                                th scope="row" class={ "depth-" (group.pointer("/level").and_then(Json::as_u64).unwrap_or(0).min(4)) } { (text(group, "/name")) }
                                @for key in ["enterprises", "eligible", "undetermined"] { td.number { (count(group, &format!("/{key}"))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
