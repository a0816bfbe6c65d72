//! Page on which a file is read: what its document says, where, and what could not be read; and the import of it.

use maud::{Markup, html};
use serde_json::Value as Json;
use zhaoren_engine::drafting::ReviewSheet;

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;

/// Clauses shown of a document; the longest laws have some thousands.
const MOST_CLAUSES: usize = 400;

/// Characters shown of a clause, and of the whole text.
const MOST_OF_CLAUSE: usize = 300;
const MOST_OF_TEXT: usize = 60_000;

/// Model of the page: a file that was read, if one was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileReading {
    /// Name of the file; empty if none was sent.
    pub name: String,
    /// Result of the reading, as from `zhaoren read --json`, or the reasons why nothing was read, one line each.
    pub found: Option<Result<Json, Vec<String>>>,
    /// Name under which the server keeps the file, if the viewer may propose items of it or import it.
    pub upload: Option<String>,
    /// True if the viewer may import it.
    pub can_import: bool,
    /// Its draft items.
    pub sheet: Option<ReviewSheet>,
}

/// Result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileImport {
    /// Id of the document.
    pub id: String,
    /// Outcome in Chinese: 已导入, 已更新 …; `None` if it was not imported.
    pub outcome: Option<&'static str>,
    /// Problems and warnings, one line each.
    pub problems: Vec<String>,
}

/// Renders the page with the form, and with what was read of a file.
pub fn reading(viewer: &Viewer, reading: &FileReading) -> Page {
    let body = html! {
        h1 { "读政策文件" }
        form.narrow method="post" action="/read" enctype="multipart/form-data" {
            label for="file" { "政策文件" }
            p.hint id="forms" { "Word、WPS、PDF、OFD、RTF、网页、表格、压缩包或文本；格式由内容识别。只读不存。" }
            input id="file" name="file" type="file" required aria-describedby="forms";
            button type="submit" { "读文件" }
        }
        @match &reading.found {
            None => {}
            Some(Err(said)) => {
                div.fault role="alert" {
                    h2 { "读不了：" (reading.name) }
                    @for line in said { p { (line) } }
                }
            }
            Some(Ok(found)) => { (document(viewer, found, reading)) }
        }
    };
    let title =
        if reading.name.is_empty() { "读政策文件".to_owned() } else { format!("读 {}", reading.name) };
    layout(&title, Section::Read, viewer, &body)
}

/// Renders the result of an import.
pub fn imported(viewer: &Viewer, import: &FileImport) -> Page {
    let body = html! {
        h1 { "导入政策文件" }
        @match import.outcome {
            Some(outcome) => {
                p role="status" { (outcome) "：" a href={ "/policies/" (encode_path(&import.id)) } { (import.id) } }
            }
            None => { div.fault role="alert" { p { "没有导入。" } } }
        }
        @if !import.problems.is_empty() {
            h2 { "说明" }
            ul { @for line in &import.problems { li { (line) } } }
        }
        p { a href="/read" { "再读一份" } }
    };
    layout("导入政策文件", Section::Read, viewer, &body)
}

fn text<'a>(of: &'a Json, path: &str) -> Option<&'a str> {
    of.pointer(path).and_then(Json::as_str).filter(|text| !text.is_empty())
}

fn list<'a>(of: &'a Json, path: &str) -> &'a [Json] {
    of.pointer(path).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn document(viewer: &Viewer, found: &Json, reading: &FileReading) -> Markup {
    let facts = [
        ("文号", text(found, "/document/number"), true),
        ("发文机关", text(found, "/document/issuer"), true),
        ("成文", text(found, "/document/published"), true),
        ("施行", text(found, "/document/effective"), true),
        ("有效期至", text(found, "/document/expires"), false),
    ];
    let missing: Vec<&str> = facts
        .iter()
        .filter(|(_, value, needed)| *needed && value.is_none())
        .map(|(name, ..)| *name)
        .collect();
    let form = text(found, "/file/form").unwrap_or("txt").to_uppercase();
    html! {
        article {
            h2 { (text(found, "/document/title").unwrap_or("（未读到标题）")) }
            dl.facts {
                @for (name, value, _) in facts {
                    @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
                }
                div { dt { "文件" } dd { (reading.name) "（" (form) "）" } }
            }
            @if text(found, "/document/status") == Some("draft") { p.note { "征求意见稿，尚未施行。" } }
            @if !missing.is_empty() { p.note { "未读到：" (missing.join("、")) "。" } }
            (parts(found))
            @if let Some(sheet) = &reading.sheet { (crate::drafting::items(sheet, reading.upload.as_deref().filter(|_| viewer.can_propose))) }
            (unread(found))
            (import_form(found, reading))
            (clauses(found))
            @if let Some(whole) = text(found, "/text") {
                details.fold {
                    summary { h2 { "全文" } }
                    div.text { (cut(whole, MOST_OF_TEXT)) }
                }
            }
        }
    }
}

/// The notice and what it carries, annexes, and facts that the file states beside its text.
fn parts(found: &Json) -> Markup {
    let (parts, annexes, facts) =
        (list(found, "/parts"), list(found, "/annexes"), list(found, "/file/facts"));
    html! {
        @if !parts.is_empty() {
            h3 { "组成" }
            ul {
                @for part in parts {
                    li {
                        @if text(part, "/kind") == Some("notice") { "通知：" } @else { "所附文件：" }
                        (text(part, "/title").unwrap_or_default())
                    }
                }
            }
        }
        @if !annexes.is_empty() {
            h3 { "附件" }
            ul { @for annex in annexes { li { (text(annex, "/name").unwrap_or_default()) } } }
        }
        @if !facts.is_empty() {
            details {
                summary { "文件在正文之外写明的要素" }
                dl.facts {
                    @for fact in facts {
                        div { dt { (text(fact, "/name").unwrap_or_default()) } dd { (text(fact, "/value").unwrap_or_default()) } }
                    }
                }
            }
        }
    }
}

/// Parts that could not be read or were repaired, and oddities.
fn unread(found: &Json) -> Markup {
    let remarks: Vec<&str> = list(found, "/file/remarks").iter().filter_map(Json::as_str).collect();
    let notes: Vec<&str> = list(found, "/notes").iter().filter_map(|note| text(note, "/text")).collect();
    let more = |key: &str| found.get(key).and_then(Json::as_u64).unwrap_or(0);
    let repairs = list(found, "/repairs");
    let count = repairs.len() as u64 + more("repairs_left_out");
    let lost =
        repairs.iter().filter(|one| one.get("restored").and_then(Json::as_bool) == Some(false)).count();
    html! {
        @if !remarks.is_empty() || !notes.is_empty() || count > 0 {
            h3 { "引用前请对照原件" }
            ul {
                @for line in remarks { li { (line) } }
                @for line in notes { li { (line) } }
                @if count > 0 {
                    li { "修复 " (count) " 处" @if lost > 0 { "，其中 " (lost) " 处无法恢复，按原样保留" } "。" }
                }
            }
        }
    }
}

fn import_form(found: &Json, reading: &FileReading) -> Markup {
    let Some(upload) = reading.upload.as_ref().filter(|_| reading.can_import) else { return html! {} };
    let id = text(found, "/id").unwrap_or_default();
    html! {
        form.narrow method="post" action={ "/read/" (encode_path(upload)) "/import" } {
            label for="id" { "编号" }
            p.hint id="id-hint" { "同一编号已有文件的，记为它的新修订。" }
            input id="id" name="id" value=(id) required maxlength="200" autocomplete="off" aria-describedby="id-hint";
            button type="submit" { "导入" }
        }
    }
}

fn clauses(found: &Json) -> Markup {
    let clauses = list(found, "/clauses");
    let left_out = found.get("clauses_left_out").and_then(Json::as_u64).unwrap_or(0) as usize;
    let more = clauses.len().saturating_sub(MOST_CLAUSES) + left_out;
    html! {
        h3 id="clauses" { "条款（" (clauses.len()) "）" }
        div.wide tabindex="0" role="region" aria-labelledby="clauses" {
            table {
                thead { tr { @for name in ["条款", "内容", "出处"] { th scope="col" { (name) } } } }
                tbody {
                    @for clause in clauses.iter().take(MOST_CLAUSES) {
                        tr {
                            th scope="row" { (text(clause, "/article").unwrap_or_default()) }
                            td { (cut(text(clause, "/text").unwrap_or_default(), MOST_OF_CLAUSE)) }
                            td { (text(clause, "/origin/label").unwrap_or("—")) }
                        }
                    }
                }
            }
        }
        @if more > 0 { p.hint { "另有 " (more) " 条未列出。" } }
    }
}

/// The beginning of a text, marked where it is cut.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}……", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_read_is_shown_and_what_was_not_is_named() {
        let found = json!({
            "id": "办法", "document": {"title": "云溪区<办法>", "published": "2026-03-01"}, "text": "甲".repeat(9),
            "file": {"form": "pdf", "remarks": ["第3页没有读取"]}, "notes": [{"text": "编号由1跳至3"}],
            "clauses": [{"article": "第一条", "text": "乙".repeat(400), "origin": {"label": "第2页"}}],
            "repairs": [{"restored": false}], "parts": [{"kind": "notice", "title": "关于印发的通知"}],
        });
        let mut file =
            FileReading { name: "办法.pdf".into(), found: Some(Ok(found)), ..FileReading::default() };
        let page = reading(&Viewer::default(), &file).into_string();
        for words in [
            "云溪区&lt;办法&gt;",
            "2026-03-01",
            "未读到：文号、发文机关、施行",
            "第3页没有读取",
            "编号由1跳至3",
            "1 处无法恢复",
            "第一条",
            "第2页",
            "……",
            "通知：关于印发的通知",
            "（PDF）",
        ] {
            assert!(page.contains(words), "{words} in {page}");
        }
        assert!(!page.contains("/import"), "not for a viewer without the right");
        file.upload = Some("abc".into());
        file.can_import = true;
        assert!(reading(&Viewer::default(), &file).into_string().contains("action=\"/read/abc/import\""));
        file.found = Some(Err(vec!["这是扫描件".into()]));
        assert!(reading(&Viewer::default(), &file).into_string().contains("读不了：办法.pdf"));
    }
}
