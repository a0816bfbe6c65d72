//! Pages on which an item's conditions are changed beside its text, and approved by a second person.

use maud::{Markup, html};
use similar::ChangeTag;
use zhaoren_engine::{WordingConflict, WordingDifference};

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;

/// Draft of an item's conditions on the edit page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Conditions in canonical Chinese, as in the text box.
    pub text: String,
    /// Reason of the change, as typed.
    pub reason: String,
    /// Parse errors, each with its line.
    pub faults: Vec<String>,
    /// Document that the conditions are quoted from: title and clean text.
    pub source: Option<(String, String)>,
}

/// Draft awaiting review by a second person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingDraft {
    /// Id of the draft.
    pub id: String,
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Author of the draft.
    pub author: String,
    /// Time of the proposal, in China.
    pub at: String,
    /// Reason given by the author; empty if none.
    pub reason: String,
    /// True if the viewer is the author, who cannot approve it.
    pub is_own: bool,
    /// Conditions before and after the change, in canonical Chinese.
    pub change: (String, String),
    /// True if it was read from a document, beside which it can be reviewed.
    pub has_reading: bool,
    /// Differences between the words of its conditions and their rules.
    pub differences: Vec<WordingDifference>,
}

/// Result of an action, shown above the list of drafts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewNotice {
    /// Sentence.
    pub text: String,
    /// Id of the item that took effect, if one did.
    pub item: Option<String>,
}

/// Draft with a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecidedDraft {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Author of the draft.
    pub author: String,
    /// Reason given by the author; empty if none.
    pub reason: String,
    /// True if it was approved.
    pub approved: bool,
    /// Reviewer who decided.
    pub reviewer: String,
    /// Time of the decision, in China.
    pub at: String,
    /// Note of the reviewer; empty if none.
    pub note: String,
}

/// Maximum length of a reason or note, in characters.
pub(crate) const MAX_NOTE_LENGTH: usize = 500;

/// Edit page of a draft.
pub fn edit(viewer: &Viewer, draft: &Draft) -> Page {
    let count = draft.faults.len();
    // Long lines wrap, so the box gets a few more rows than there are lines.
    let rows = (draft.text.lines().count() + 4).clamp(8, 24);
    let body = html! {
        h1 { "修改条件：" a href={ "/policies/" (encode_path(&draft.item)) } { (draft.title) } }
        div class=[draft.source.is_some().then_some("columns even")] {
            section aria-label="规范文本" {
                form method="post" action={ "/items/" (encode_path(&draft.item)) "/edit" } {
                    label for="text" { "申报条件（规范文本）" }
                    textarea id="text" name="text" rows=(rows) spellcheck="false" data-check={ "/items/" (encode_path(&draft.item)) "/check" }
                        aria-describedby="faults" { (draft.text) }
                    div id="faults" role="status" aria-live="polite" { (faults(&draft.faults)) }
                    label for="reason" { "提出理由（可不填，复核人可见）" }
                    textarea.prose id="reason" name="reason" rows="2" maxlength=(MAX_NOTE_LENGTH) { (draft.reason) }
                    p {
                        label for="accept" {
                            input type="checkbox" id="accept" name="accept" value="yes"; " 文字与条件有意不同，理由如上（复核人可见两边）"
                        }
                    }
                    p {
                        button type="submit" name="do" value="propose" { "提交复核" } " "
                        button.plain type="submit" name="do" value="check" { "检查" }
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
    layout(&format!("修改 {}", draft.title), Section::Review, viewer, &body)
}

/// Parse errors, shown below the text box.
pub fn faults(faults: &[String]) -> Page {
    html! {
        @if faults.is_empty() { p.yes { "✓ 全部读懂" } }
        @else {
            p.no { "✗ " (faults.len()) " 处读不懂" }
            ul { @for fault in faults { li { (fault) } } }
        }
    }
}

/// Page of the drafts awaiting review and of the latest decisions.
pub fn reviews(
    viewer: &Viewer,
    drafts: &[PendingDraft],
    decided: &[DecidedDraft],
    notice: Option<&ReviewNotice>,
) -> Page {
    let body = html! {
        h1 { "待复核" }
        @if let Some(notice) = notice {
            p.note role="status" {
                (notice.text)
                @if let Some(item) = &notice.item { " " (who_qualifies(item)) }
            }
        }
        @if drafts.is_empty() { p.empty { "没有等待复核的修改。" } }
        @for draft in drafts {
            article.draft {
                h2 { a href={ "/policies/" (encode_path(&draft.item)) } { (draft.title) } }
                p.about { (draft.author) " 提交于 " (draft.at) }
                @if !draft.reason.is_empty() { p.reason { b { "提出理由：" } (draft.reason) } }
                (difference(&draft.change))
                (wording(&draft.differences))
                @if draft.has_reading { p { a.button.plain href={ "/reviews/" (encode_path(&draft.id)) } { "对照原文复核" } } }
                @if viewer.can_review && !draft.is_own { (decision_form(draft))
                } @else if draft.is_own { p.hint { "由您提交，须由另一人复核。" } }
            }
        }
        @if !decided.is_empty() {
            section.decided aria-label="最近的结论" {
                h2 { "最近的结论" }
                ul.plain { @for one in decided { li { (line_of(one)) } } }
            }
        }
    };
    layout("待复核", Section::Review, viewer, &body)
}

fn line_of(one: &DecidedDraft) -> Markup {
    html! {
        p {
            @if one.approved { span.label.yes { "✓ 已通过" } } @else { span.label.no { "✗ 已退回" } } " "
            a href={ "/policies/" (encode_path(&one.item)) } { (one.title) }
            @if one.approved { " " (who_qualifies(&one.item)) }
        }
        p.about { (one.author) " 提出，" (one.reviewer) " 审核于 " (one.at) }
        @if !one.reason.is_empty() { p.reason { b { "提出理由：" } (one.reason) } }
        @if !one.note.is_empty() { p.reason { b { "审核意见：" } (one.note) } }
    }
}

/// Words of conditions beside the rules that they contradict, both marked.
pub(crate) fn wording(differences: &[WordingDifference]) -> Markup {
    html! {
        @if !differences.is_empty() {
            section.wording aria-label="文字与条件不一致" {
                p.no { "✗ 文字与条件不一致 " (differences.len()) " 处" }
                @for WordingDifference { conflict, reason } in differences {
                    dl.facts {
                        div { dt { (conflict.field.name()) } dd { (conflict.words) " " span.no { (sides(conflict, |pair| &pair.0)) } } }
                        div { dt { "条件" } dd { (conflict.rule) " " span.no { (sides(conflict, |pair| &pair.1)) } } }
                        div {
                            dt { "确认" }
                            dd {
                                @match reason {
                                    Some(reason) => (reason),
                                    None => "未确认：不能通过，改正其一，或在事项的 acknowledged 中写明理由",
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One side of the pairs that differ.
fn sides(conflict: &WordingConflict, side: impl Fn(&(String, String)) -> &String) -> String {
    let words: Vec<&str> = conflict.pairs.iter().map(|pair| side(pair).as_str()).collect();
    format!("【{}】", words.join("】【"))
}

/// Link to the enterprises that qualify for an item.
fn who_qualifies(item: &str) -> Markup {
    html! { a href={ "/items/" (encode_path(item)) "/enterprises" } { "哪些企业符合" } }
}

/// Form by which the second person decides on a draft.
pub(crate) fn decision_form(pending: &PendingDraft) -> Markup {
    html! {
        form.row method="post" action={ "/reviews/" (encode_path(&pending.id)) } {
            label for={ "note-" (pending.id) } { "意见" }
            input id={ "note-" (pending.id) } name="note" maxlength=(MAX_NOTE_LENGTH);
            button type="submit" name="do" value="approve" { "通过并生效" }
            button.plain type="submit" name="do" value="reject" { "退回" }
        }
    }
}

/// Line diff: removed and added lines in their context.
pub(crate) fn difference((before, after): &(String, String)) -> Markup {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let changes = similar::capture_diff_slices(similar::Algorithm::Myers, &before, &after);
    let parts = changes.iter().flat_map(|change| change.iter_slices(&before, &after));
    let lines = parts.flat_map(|(tag, lines)| lines.iter().map(move |line| (tag, *line)));
    html! {
        div.change {
            @for (tag, line) in lines {
                @let text = line.trim_start();
                @let indent = line.strip_suffix(text).unwrap_or_default();
                @match tag {
                    ChangeTag::Equal => p { (line) },
                    ChangeTag::Delete => p { (indent) del { span.hidden { "删去：" } (text) } },
                    ChangeTag::Insert => p { (indent) ins { span.hidden { "新增：" } (text) } },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diff_shows_deletions_at_their_original_position() {
        let (before, after) =
            ("甲：\n  一、不少于20人\n  二、在本区", "甲：\n  一、不少于10人\n  二、在本区\n  三、盈利");
        let shown = difference(&(before.to_owned(), after.to_owned())).into_string();
        let text = shown
            .replace("<p>", "")
            .replace("</p>", "\n")
            .replace("<span class=\"hidden\">", "")
            .replace("</span>", "");
        assert_eq!(
            text,
            "<div class=\"change\">甲：\n  <del>删去：一、不少于20人</del>\n  <ins>新增：一、不少于10人</ins>\n  二、在本区\n  \
             <ins>新增：三、盈利</ins>\n</div>"
        );
    }
}
