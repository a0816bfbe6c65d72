//! The pages on which an item's conditions are changed beside its text, and signed off by a second person.

use maud::{Markup, html};

use crate::Page;
use crate::frame::{Place, Viewer, frame};
use crate::policy::in_path;

/// Conditions that are being changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Id of the item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// The conditions in canonical Chinese, as they stand in the box.
    pub text: String,
    /// What fails to parse, with its line.
    pub faults: Vec<String>,
    /// The document the conditions are quoted from: title and clean text.
    pub source: Option<(String, String)>,
}

/// A draft that waits for a second person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// What it is known by.
    pub id: String,
    /// Id of the item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Who proposed it.
    pub by: String,
    /// When, in China.
    pub at: String,
    /// Whether the viewer proposed it, and so cannot sign it off.
    pub own: bool,
    /// The conditions as they are, and as they would be, in canonical Chinese.
    pub change: (String, String),
}

/// The page of a draft.
pub fn edit(viewer: &Viewer, draft: &Draft) -> Page {
    let count = draft.faults.len();
    let body = html! {
        h1 { "修改条件：" a href={ "/policies/" (in_path(&draft.item)) } { (draft.title) } }
        div.columns.even {
            section aria-label="规范文本" {
                form method="post" action={ "/items/" (in_path(&draft.item)) "/edit" } {
                    label for="text" { "申报条件（规范文本）" }
                    textarea id="text" name="text" rows="24" spellcheck="false" data-check={ "/items/" (in_path(&draft.item)) "/check" }
                        aria-describedby="faults" { (draft.text) }
                    div id="faults" role="status" aria-live="polite" { (faults(&draft.faults)) }
                    p {
                        button type="submit" name="do" value="check" { "检查" } " "
                        button type="submit" name="do" value="propose" { "提交复核" }
                    }
                    @if count > 0 { p.note { "有 " (count) " 处读不懂，改正之前不能提交。" } }
                    p.hint { "提交后由另一人复核，通过后生效。" }
                }
            }
            section.source aria-label="原文" {
                @if let Some((title, text)) = &draft.source {
                    h2 { (title) }
                    div.text tabindex="0" { @for line in text.lines().filter(|line| !line.trim().is_empty()) { p { (line) } } }
                } @else { p.note { "没有收录这一事项的原文。" } }
            }
        }
    };
    frame(&format!("修改 {}", draft.title), Place::Review, viewer, &body)
}

/// What fails to parse, as it stands below the box.
pub fn faults(faults: &[String]) -> Page {
    html! {
        @if faults.is_empty() { p.yes { "✓ 全部读懂" } }
        @else {
            p.no { "✗ " (faults.len()) " 处读不懂" }
            ul { @for fault in faults { li { (fault) } } }
        }
    }
}

/// The page of what waits for a second person.
pub fn waiting(viewer: &Viewer, drafts: &[Waiting], said: Option<&str>) -> Page {
    let body = html! {
        h1 { "待复核" }
        @if let Some(said) = said { p.note role="status" { (said) } }
        @if drafts.is_empty() { p { "没有等待复核的修改。" } }
        @for draft in drafts {
            article.draft {
                h2 { a href={ "/policies/" (in_path(&draft.item)) } { (draft.title) } }
                p.about { (draft.by) " 提交于 " (draft.at) }
                (difference(&draft.change))
                @if viewer.reviews && !draft.own {
                    form.row method="post" action={ "/reviews/" (in_path(&draft.id)) } {
                        label for={ "note-" (draft.id) } { "意见" }
                        input id={ "note-" (draft.id) } name="note" maxlength="500";
                        button type="submit" name="do" value="approve" { "通过并生效" }
                        button type="submit" name="do" value="reject" { "退回" }
                    }
                } @else if draft.own { p.hint { "由您提交，须由另一人复核。" } }
            }
        }
    };
    frame("待复核", Place::Review, viewer, &body)
}

/// Lines that go and lines that come. Conditions are few lines, so the plain way of finding what stays will do.
fn difference((before, after): &(String, String)) -> Markup {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let goes = |line: &&str| !after.contains(line);
    let comes = |line: &&str| !before.contains(line);
    html! {
        div.change {
            @for line in before.iter().filter(|line| goes(line)) {
                p { del { span.hidden { "删去：" } (line) } }
            }
            @for line in after.iter() {
                @if comes(line) { p { ins { span.hidden { "新增：" } (line) } } }
                @else { p { (line) } }
            }
        }
    }
}
