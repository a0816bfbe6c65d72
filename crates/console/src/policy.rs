//! The page of one item or document: the text, its conditions beside their sentences, and how it stands.

use maud::{Markup, html};
use serde_json::Value as Json;

use crate::Page;
use crate::frame::{Place, Viewer, frame};

/// An id as part of an address.
pub(crate) fn in_path(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

fn text<'a>(of: &'a Json, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

/// The page of what [`zhaoren_engine::Engine::policy`] gives. `query`: what was searched on the way here, marked in the
/// text of a document. `earlier`: the item's revisions, latest first: when it was recorded, and what was said.
pub fn policy(viewer: &Viewer, whole: &Json, query: &str, earlier: &[(String, String)]) -> Page {
    let is_item = whole.get("conditions").is_some();
    let about = whole.get("document").unwrap_or(&Json::Null);
    let title = text(whole, "title").or_else(|| text(about, "title")).unwrap_or("（无标题）");
    let id = text(whole, "id").unwrap_or_default();
    let body = html! {
        article.policy {
            h1 { (title) }
            (about_line(about, id))
            @if is_item { (item(viewer, whole, id, earlier)) } @else { (document(whole, query)) }
        }
    };
    frame(title, Place::Elsewhere, viewer, &body)
}

fn about_line(about: &Json, id: &str) -> Markup {
    let facts = [
        ("文号", text(about, "number")),
        ("发文机关", text(about, "issuer")),
        ("公布", text(about, "published")),
        ("施行", text(about, "effective")),
        ("失效", text(about, "expires")),
    ];
    html! {
        dl.facts {
            @for (name, value) in facts {
                @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
            }
            div { dt { "编号" } dd { code { (id) } } }
        }
    }
}

fn item(viewer: &Viewer, whole: &Json, id: &str, earlier: &[(String, String)]) -> Markup {
    let today = whole.get("today").unwrap_or(&Json::Null);
    let window = today.get("window").unwrap_or(&Json::Null);
    let in_force = today.get("in_force").and_then(Json::as_bool).unwrap_or(false);
    let conditions = whole.get("conditions").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let amount = whole.pointer("/benefit/amount/text").and_then(Json::as_str);
    let mark = whole.pointer("/review/mark").and_then(Json::as_str);
    let unquoted = conditions.iter().filter(|one| text(one, "quote").is_none()).count();
    html! {
        p.about {
            span class={ "label " @if in_force { "yes" } @else { "no" } } {
                @if in_force { "✓ 现行有效" } @else { "✗ 当日未生效或已失效" }
            }
            @if let Some(state) = text(window, "state") {
                " 申报期：" (match state { "open" => "申报中", "upcoming" => "未开始", "closed" => "已结束", _ => "待定" })
                @if let Some(opens) = text(window, "opens") { "，" (opens) " 起" }
                @if let Some(closes) = text(window, "closes") { "，" (closes) " 截止" }
            }
        }
        @if mark.is_some_and(|mark| !mark.starts_with('V')) { p.note { "条件未与原文核对，以原文为准。" } }
        @if let Some(amount) = amount { h2 { "支持内容" } p { (amount) } }
        h2 { "申报条件" }
        @if conditions.is_empty() { p { "没有条件。" } }
        @if unquoted > 0 { p.note { (unquoted) " 条条件没有附原文。" } }
        ol.conditions {
            @for condition in conditions {
                li {
                    div.condition { (text(condition, "text").unwrap_or_default()) }
                    @if let Some(quote) = text(condition, "quote") {
                        blockquote.quote {
                            (quote)
                            @if let Some(article) = text(condition, "article") { cite { "—— " (article) } }
                        }
                    }
                }
            }
        }
        @if let Some(canonical) = text(whole, "criteria_text") {
            details { summary { "全部条件（规范文本）" } pre { (canonical) } }
        }
        p.actions {
            a.button href={ "/match?policy=" (in_path(id)) } { "看一家企业是否符合" }
            @if viewer.proposes { " " a.button href={ "/items/" (in_path(id)) "/edit" } { "修改条件" } }
        }
        @if !earlier.is_empty() {
            h2 { "修订" }
            ol.revisions { @for (when, said) in earlier { li { time { (when) } " " (said) } } }
        }
    }
}

fn document(whole: &Json, query: &str) -> Markup {
    let clauses = whole.get("clauses").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let words: Vec<&str> = query.split_whitespace().filter(|word| word.chars().count() > 1).collect();
    let repairs = whole.get("repairs").and_then(Json::as_array).map_or(0, Vec::len);
    html! {
        @if repairs > 0 { p.note { "原文有 " (repairs) " 处编码或转换错误，已修复或标出。" } }
        @if clauses.is_empty() {
            div.text { (marked(text(whole, "text").unwrap_or_default(), &words)) }
        }
        div.text {
            @for clause in clauses {
                @let heading = text(clause, "heading");
                @let body = text(clause, "text").unwrap_or_default();
                @if let Some(heading) = heading.filter(|_| clause.get("kind").and_then(Json::as_str) == Some("chapter")) {
                    h2 { (heading) }
                } @else {
                    p { (marked(body, &words)) }
                }
            }
        }
    }
}

/// A text with some words marked.
fn marked(text: &str, words: &[&str]) -> Markup {
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    let mut rest = text;
    while let Some((at, word)) = next(rest, words) {
        let (before, after) = rest.split_at(at);
        pieces.extend([(before, false), (word, true)]);
        rest = after.get(word.len()..).unwrap_or_default();
    }
    pieces.push((rest, false));
    html! {
        @for (piece, found) in pieces { @if found { mark { (piece) } } @else { (piece) } }
    }
}

fn next<'w>(text: &str, words: &[&'w str]) -> Option<(usize, &'w str)> {
    words.iter().filter_map(|word| Some((text.find(word)?, *word))).min_by_key(|(at, _)| *at)
}
