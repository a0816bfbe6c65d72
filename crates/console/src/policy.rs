//! Page of one item or document: its text, its conditions beside their quotes, and its status.

use maud::{Markup, html};
use serde_json::Value as Json;
use zhaoren_engine::{Date, Guide, Item, SAMPLE_NOTICE, SAMPLE_REGION, Standing, show_notes};

use crate::Page;
use crate::amount::notes;
use crate::frame::{Section, Viewer, layout};
use crate::sign;

/// Percent-encodes an id for use in an address.
pub(crate) fn encode_path(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

fn text<'a>(of: &'a Json, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

/// Item as of a day.
#[derive(Clone, Copy, Debug)]
pub struct OnDay<'a> {
    /// The item.
    pub item: &'a Item,
    /// The day.
    pub day: Date,
    /// Its standing on the day.
    pub standing: &'a Standing,
    /// Rule of its amount in words.
    pub rule: Option<&'a str>,
}

/// Context of an item or document page.
#[derive(Clone, Copy, Debug)]
pub struct ItemContext<'a> {
    /// Item and day, if the page is about an item.
    pub on: Option<OnDay<'a>>,
    /// Search query that led here; its words are marked in the text of a document.
    pub query: &'a str,
    /// Revisions of the item, newest first: time of recording and note.
    pub earlier: &'a [(String, String)],
    /// Latest push run that the viewer may see.
    pub latest: Option<&'a str>,
}

/// Renders the result of [`zhaoren_engine::Engine::policy_on`].
pub fn policy(viewer: &Viewer, whole: &Json, context: &ItemContext<'_>) -> Page {
    let about = whole.get("document").unwrap_or(&Json::Null);
    let title = text(whole, "title").or_else(|| text(about, "title")).unwrap_or("（无标题）");
    let id = text(whole, "id").unwrap_or_default();
    let body = html! {
        article.policy {
            h1 { (title) }
            @if is_sample_region(about) { p.note role="note" { b { (SAMPLE_NOTICE) "。" } } }
            (about_line(about, id))
            @match context.on {
                Some(on) => (item(viewer, whole, on, context)),
                None => (document(whole, context.query)),
            }
        }
    };
    layout(title, Section::Other, viewer, &body)
}

/// True if a document is one of the sample district.
fn is_sample_region(about: &Json) -> bool {
    text(about, "region").is_some_and(|region| region.starts_with(SAMPLE_REGION))
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

fn item(viewer: &Viewer, whole: &Json, on: OnDay<'_>, context: &ItemContext<'_>) -> Markup {
    let OnDay { item, day, standing, rule } = on;
    let conditions = whole.get("conditions").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let unquoted = conditions.iter().filter(|one| text(one, "quote").is_none()).count();
    html! {
        p.about {
            span class={ "label " @if standing.is_matchable { "yes" } @else { "no" } } {
                @if standing.is_matchable { "✓ " } @else { "✗ " } (standing.text)
            }
            @if let Some(by) = &standing.superseded_by { " " a href={ "/policies/" (encode_path(by)) } { "查看新事项" } }
            " 申报期：" (sign::window(&item.window_on(day)))
        }
        @if item.review.as_ref().is_some_and(|review| !review.is_checked()) {
            p.note { (unchecked(item)) }
        }
        (notes(&show_notes(item.review.as_ref(), &item.notes)))
        p.actions {
            a.button href={ "/match?policy=" (encode_path(&item.id)) } { "看一家企业是否符合" }
            @if let Some(latest) = context.latest {
                " " a.button.plain href={ "/runs/" (encode_path(latest)) "?item=" (encode_path(&item.id)) } { "哪些企业符合（批次 " (latest) "）" }
            }
            @if viewer.can_propose {
                " " a.button.plain href={ "/items/" (encode_path(&item.id)) "/edit" } { "修改条件" }
                @if unquoted > 0 { " " a.button.plain href={ "/items/" (encode_path(&item.id)) "/evidence" } { "找原文" } }
            }
        }
        @if let Some(amount) = &item.benefit.amount.text { h2 { "支持内容" } p { (amount) } }
        @if let Some(rule) = rule { p.about { "金额算法：" (rule) } }
        (guide(item.guide.as_ref()))
        h2 { "申报条件" }
        @if conditions.is_empty() { p { "没有条件。" } }
        @if unquoted > 0 { p.note { "原文尚未收录的条件有 " (unquoted) " 条。" } }
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
        @if !item.notes.is_empty() {
            h2 { "说明" }
            ul { @for note in &item.notes { li { (note) } } }
        }
        @if !context.earlier.is_empty() {
            h2 { "修订" }
            ul.plain.revisions { @for (when, note) in context.earlier { li { time { (when) } " " (note) } } }
        }
    }
}

/// Sentence about an item whose conditions were not compared with its text, with the source and the open points.
fn unchecked(item: &Item) -> String {
    let review = item.review.as_ref();
    let source = review.and_then(|review| review.source.as_ref());
    let source = source.map(|source| format!("条件据“{source}”整理，")).unwrap_or_default();
    let note = review.and_then(|review| review.note.as_ref());
    let note = note.map(|note| format!("待核：{note}。")).unwrap_or_default();
    format!("{source}条件未与原文核对，以原文为准。{note}")
}

/// Guide of an item (办事指南); the place to apply is named even where it is not known.
pub(crate) fn guide(guide: Option<&Guide>) -> Markup {
    let none = Guide::default();
    let guide = guide.unwrap_or(&none);
    html! {
        h2 { "怎么办" }
        dl.facts.guide {
            @for entry in guide.entries() {
                div {
                    dt { (entry.label) }
                    dd {
                        @match entry.link {
                            Some(link) => a href=(link) rel="noopener noreferrer" { (entry.text) },
                            None => (entry.text),
                        }
                        @if !entry.checked { " " span.hint { "（待核）" } }
                    }
                }
            }
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

/// Text with some words marked.
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
