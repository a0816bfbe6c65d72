//! Pages on which a document stands beside its draft items: the items found, one item part by part, and a draft under review.

use maud::{Markup, html};
use zhaoren_engine::drafting::{
    DraftReading, FigureKind, ItemDecisions, LiveItem, MachineProposal, PartDecision, PartKind,
    ReadingFigure, ReadingPart, ReviewSheet, SheetItem, StoredReading,
};

use crate::Page;
use crate::document_text::{Marked, document_text, tone};
use crate::edit::{MAX_NOTE_LENGTH, PendingDraft, decision_form, difference, wording};
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;

/// Model of the page on which one draft item is decided on.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemReview<'a> {
    /// Sheet of the document.
    pub sheet: &'a ReviewSheet,
    /// Index of the item in the sheet.
    pub index: usize,
    /// Name under which the server keeps the file.
    pub upload: &'a str,
    /// Decisions so far.
    pub decisions: ItemDecisions,
    /// The item without criteria as typed, where it was changed.
    pub body: Option<String>,
    /// Reason as typed.
    pub reason: String,
    /// Errors of parts: index of the part and message.
    pub part_faults: Vec<(usize, String)>,
    /// Errors of the whole item, one line each.
    pub faults: Vec<String>,
    /// True if the item was checked and has no errors.
    pub is_checked: bool,
    /// Live item that this one would replace.
    pub live: Option<LiveItem>,
}

/// Items that were read from a document, as a section of the page of its reading. `upload` is the name under which the server keeps
/// the file for a viewer who may propose.
pub(crate) fn items(sheet: &ReviewSheet, upload: Option<&str>) -> Markup {
    let (all, read) = sheet.coverage;
    let share = (read.min(all) * 100).checked_div(all).unwrap_or(100);
    html! {
        section aria-labelledby="items" {
            h3 id="items" { "读出的事项（" (sheet.items.len()) "）" }
            p.hint { "全文 " (all) " 字，读懂 " (read) " 字（" (share) "%）。" }
            @if let Some(reason) = &sheet.grants_nothing { p.note { "没有可提出的事项：" (reason) "。" } }
            @if !sheet.items.is_empty() {
                ol.items {
                    @for (index, item) in sheet.items.iter().enumerate() { li { (item_line(item, index, upload)) } }
                }
            }
        }
    }
}

fn item_line(item: &SheetItem, index: usize, upload: Option<&str>) -> Markup {
    let count = |kind: PartKind| item.parts.iter().filter(|part| part.kind == kind).count();
    let amount = item.figures.iter().find(|one| one.kind == FigureKind::Amount && !one.value.is_empty());
    html! {
        @match upload {
            Some(upload) => { a href=(address(upload, index)) { (item.title) } },
            None => { b { (item.title) } },
        }
        @if let Some(article) = &item.article { span.about { "　" (article) } }
        p.meta {
            @for kind in [PartKind::Criterion, PartKind::Judged, PartKind::Reference, PartKind::Unread] {
                @if count(kind) > 0 { span.label { (kind.title()) " " (count(kind)) } " " }
            }
            @if let Some(amount) = amount { (amount.value) }
        }
        @if upload.is_none() {
            ul.conditions { @for part in item.parts.iter().filter(|part| !part.canonical.is_empty()) { li { (part.canonical) } } }
        }
        @if !item.doubts.is_empty() { p.note { "请留意：" (item.doubts.join("；")) "。" } }
    }
}

/// Address of the page of one item of a file that the server keeps.
fn address(upload: &str, index: usize) -> String {
    format!("/read/{}/items/{index}", encode_path(upload))
}

/// Renders the page on which one draft item is decided on.
pub fn item_review(viewer: &Viewer, page: &ItemReview<'_>) -> Page {
    let Some(item) = page.sheet.items.get(page.index) else {
        return crate::frame::error_page(viewer, "没有这一事项", &[]);
    };
    let unchanged = |index: usize| {
        page.live.as_ref().is_some_and(|live| live.unchanged.get(index).copied().unwrap_or_default())
    };
    let mut order: Vec<usize> = (0..item.parts.len()).collect();
    order.sort_by_key(|index| {
        let rank = item.parts.get(*index).map_or(0, ReadingPart::doubt_rank);
        (unchanged(*index), std::cmp::Reverse(rank))
    });
    let (same, open): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|index| unchanged(*index));
    let marks: Vec<Marked<'_>> =
        item.parts.iter().enumerate().map(|(index, part)| Marked { index, part }).collect();
    let faults = page.faults.len() + page.part_faults.len();
    let body = html! {
        p { a href="/read" { "读政策文件" } " › " (page.sheet.title) "（第 " (page.index + 1) " 项，共 " (page.sheet.items.len()) " 项）" }
        h1 { "审核事项：" (item.title) }
        @if faults > 0 {
            div.fault role="alert" {
                h2 { "有 " (faults) " 处要改，改正之前不能提交" }
                ul {
                    @for line in &page.faults { li { (line) } }
                    @for (part, _) in &page.part_faults { li { a href={ "#text-" (part) } { "第 " (part + 1) " 处" } } }
                }
            }
        } @else if page.is_checked { p.yes role="status" { "✓ 没有错误，可以提交" } }
        div.columns.even {
            section aria-label="条件与数额" {
                form method="post" action=(address(page.upload, page.index)) {
                    (about(item, page))
                    h2 { "条件" }
                    p.hint { "最可疑的在前。改动文字即为更正；序号通向右边的原文。" }
                    @for index in open { @if let Some(part) = item.parts.get(index) { (part_form(page, index, part)) } }
                    @if let Some(live) = &page.live { (unchanged_parts(page, item, live, &same)) }
                    (figures(&item.figures))
                    (body_form(item, page))
                    label for="reason" { "提出理由（可不填，复核人可见）" }
                    textarea.prose id="reason" name="reason" rows="2" maxlength=(MAX_NOTE_LENGTH) { (page.reason) }
                    p {
                        button type="submit" name="do" value="propose" { "提交复核" } " "
                        button.plain type="submit" name="do" value="check" { "检查" }
                    }
                    p.hint { "提交后由另一人复核，通过后生效。" }
                }
            }
            section.source aria-label="原文" {
                h2 { (page.sheet.title) }
                (document_text(&page.sheet.text, &page.sheet.segments, &marks))
            }
        }
        (neighbours(page))
    };
    layout(&format!("审核 {}", item.title), Section::Read, viewer, &body)
}

fn about(item: &SheetItem, page: &ItemReview<'_>) -> Markup {
    let typed = |typed: &str, read: &str| if typed.is_empty() { read.to_owned() } else { typed.to_owned() };
    html! {
        @if !item.doubts.is_empty() { p.note { "请留意：" (item.doubts.join("；")) "。" } }
        div.field {
            label for="id" { "编号" }
            input id="id" name="id" value=(typed(&page.decisions.id, &item.id)) required maxlength="200" autocomplete="off";
            label for="title" { "名称" }
            input id="title" name="title" value=(typed(&page.decisions.title, &item.title)) required maxlength="200" autocomplete="off";
        }
        @if let Some(live) = &page.live { p.note { "现行事项“" (live.title) "”已有这一编号：只需看改动的条件。" } }
    }
}

/// One part: its words, the doubts, and the decision.
fn part_form(page: &ItemReview<'_>, index: usize, part: &ReadingPart) -> Markup {
    let decision = page.decisions.parts.get(index).unwrap_or(&PartDecision::Accept);
    let text = match decision {
        PartDecision::Correct(text) => text.clone(),
        _ => part.canonical.clone(),
    };
    let faults: Vec<&String> =
        page.part_faults.iter().filter(|(part, _)| *part == index).map(|(_, text)| text).collect();
    let has_criteria = !part.criteria.is_null();
    let choices: &[(&str, &str)] = if has_criteria {
        &[("accept", "认可"), ("correct", "更正"), ("judge", "人工认定"), ("reject", "不是条件")]
    } else {
        &[("accept", "不作条件"), ("correct", "作为条件"), ("judge", "人工认定")]
    };
    let described = format!("faults-{index}");
    html! {
        fieldset.part id={ "part-" (index) } {
            legend {
                a href={ "#at-" (index) } { "第 " (index + 1) " 处" } " "
                span class={ "label " (tone(part.kind)) } { (part.kind.title()) }
                @if part.is_inherited { " " span.label { "全篇适用" } }
            }
            blockquote.quote { (part.text) }
            @for doubt in &part.doubts { p.hint { "⚠ " (doubt) } }
            label for={ "text-" (index) } { "条件（规范文本）" }
            textarea id={ "text-" (index) } name={ "text-" (index) } rows=(text.lines().count().clamp(1, 12) + 1) spellcheck="false"
                aria-describedby=(described) aria-invalid=[(!faults.is_empty()).then_some("true")] { (text) }
            div id=(described) {
                @for fault in &faults { p.no { "✗ " (fault) } }
            }
            div.row role="group" aria-label={ "第 " (index + 1) " 处的结论" } {
                @for (value, name) in choices {
                    span {
                        input type="radio" id={ "do-" (index) "-" (value) } name={ "do-" (index) } value=(value)
                            checked[decision.name() == *value];
                        label for={ "do-" (index) "-" (value) } { (name) }
                    }
                }
            }
        }
    }
}

/// Parts that the live item has already, and its conditions that the new version lacks.
fn unchanged_parts(page: &ItemReview<'_>, item: &SheetItem, live: &LiveItem, same: &[usize]) -> Markup {
    html! {
        @if !live.removed.is_empty() {
            h3 { "现行条件中不再有的（" (live.removed.len()) "）" }
            div.change { @for one in &live.removed { p { del { span.hidden { "删去：" } (one) } } } }
        }
        @if !same.is_empty() {
            details {
                summary { "与现行事项相同的条件（" (same.len()) "）" }
                @for index in same { @if let Some(part) = item.parts.get(*index) { (part_form(page, *index, part)) } }
            }
        }
    }
}

fn figures(figures: &[ReadingFigure]) -> Markup {
    html! {
        h2 { "数额、期限与办理" }
        dl.figures {
            @for figure in figures {
                dt { (figure.kind.title()) }
                dd {
                    @if figure.value.is_empty() { span.label.open { "未读到" } } @else { (figure.value) }
                    @for (_, quote) in &figure.quotes { blockquote.quote { (quote) } }
                }
            }
        }
    }
}

fn body_form(item: &SheetItem, page: &ItemReview<'_>) -> Markup {
    let text = page.body.clone().unwrap_or_else(|| {
        serde_json::to_string_pretty(&serde_json::Value::Object(item.body.clone())).unwrap_or_default()
    });
    html! {
        details open[page.body.is_some()] {
            summary { "修改数额、申报期等（JSON）" }
            label for="body" { "事项（申报条件以外）" }
            textarea id="body" name="body" rows="16" spellcheck="false" { (text) }
        }
    }
}

fn neighbours(page: &ItemReview<'_>) -> Markup {
    let other = |index: Option<usize>, name: &str| {
        let found = index.and_then(|index| Some((index, page.sheet.items.get(index)?)));
        html! { @if let Some((index, item)) = found { a href=(address(page.upload, index)) { (name) "：" (item.title) } } }
    };
    html! { p.pages { (other(page.index.checked_sub(1), "上一项")) (other(page.index.checked_add(1), "下一项")) } }
}

/// Renders a draft for the second person: each part as it was read and as it was decided, beside the document.
///
/// `model` is the name of the language model that may be asked, if there is one; `said` reports what it was asked.
pub fn draft_review(
    viewer: &Viewer,
    pending: &PendingDraft,
    draft: &DraftReading,
    model: Option<&str>,
    said: &str,
) -> Page {
    let body = html! {
        p { a href="/reviews" { "待复核" } " › 草稿 " (pending.id) }
        h1 { "复核：" (pending.title) }
        p.about { (pending.author) " 提交于 " (pending.at) }
        @if !pending.reason.is_empty() { p.reason { b { "提出理由：" } (pending.reason) } }
        @if viewer.can_review && !pending.is_own { (decision_form(pending)) }
        @else if pending.is_own { p.hint { "由您提交，须由另一人复核。" } }
        @if !pending.change.0.is_empty() { h2 { "与现行条件相比" } (difference(&pending.change)) }
        (wording(&pending.differences))
        @if !said.is_empty() { p.note role="status" { (said) } }
        @if let (Some(reading), Some(model)) = (&draft.reading, model) { (ask_form(viewer, pending, reading, model)) }
        @if let Some(reading) = &draft.reading { (proposed_facts(viewer, pending, reading)) }
        @match &draft.reading {
            None => { h2 { "申报条件" } (difference(&pending.change)) },
            Some(reading) => { (read_draft(pending, reading, &draft.text)) },
        }
    };
    layout(&format!("复核 {}", pending.title), Section::Review, viewer, &body)
}

/// Facts that the draft needs and the dictionary lacks, each with the form that accepts it for a viewer who may.
fn proposed_facts(viewer: &Viewer, pending: &PendingDraft, reading: &StoredReading) -> Markup {
    let text = |fact: &serde_json::Value, key: &str| {
        fact.get(key).and_then(|one| one.as_str()).unwrap_or_default().to_owned()
    };
    html! {
        @if !reading.proposed.is_empty() {
            section aria-labelledby="facts" {
                h2 id="facts" { "需要的新指标（" (reading.proposed.len()) "）" }
                p.hint { "指标字典里没有。采纳之后，画像、表格与提问都可用它，这份草稿中等它的条件随即可判。" }
                @for (index, fact) in reading.proposed.iter().enumerate() {
                    div.part {
                        p {
                            b { (text(fact, "name")) }
                            @if !text(fact, "unit").is_empty() { "（" (text(fact, "unit")) "）" }
                            @if text(fact, "period") == "year" { " " span.label { "按年" } }
                        }
                        blockquote.quote { (text(fact, "quote")) }
                        @if viewer.can_review {
                            form method="post" action={ "/reviews/" (encode_path(&pending.id)) "/facts" } {
                                input type="hidden" name="proposal" value=(text(fact, "key"));
                                div.field {
                                    label for={ "name-" (index) } { "名称" }
                                    input id={ "name-" (index) } name="name" value=(text(fact, "name")) required maxlength="60" autocomplete="off";
                                    label for={ "key-" (index) } { "键（小写字母、数字与下划线）" }
                                    input id={ "key-" (index) } name="key" value=(text(fact, "key")) required maxlength="60" autocomplete="off";
                                    label for={ "same-" (index) } { "与已采纳的指标相同的，填它的键" }
                                    input id={ "same-" (index) } name="same_as" maxlength="60" autocomplete="off";
                                }
                                button.plain type="submit" { "采纳为指标" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Form that asks the language model about the passages that it was not asked about yet.
fn ask_form(viewer: &Viewer, pending: &PendingDraft, reading: &StoredReading, model: &str) -> Markup {
    let open = |part: &&ReadingPart| {
        matches!(part.kind, PartKind::Unread | PartKind::Judged) && part.machine.is_none()
    };
    let open = reading.parts.iter().filter(open).count();
    html! {
        @if open > 0 && viewer.can_propose {
            form method="post" action={ "/reviews/" (encode_path(&pending.id)) "/proposals" } {
                p {
                    button.plain type="submit" { "请模型试读其余 " (open) " 处" } " "
                    span.hint { "由模型（" (model) "）提出的，须由提出草稿的人采纳，再由另一人复核。" }
                }
            }
        }
    }
}

/// Proposal of a language model for a part, with the form that adopts it for the draft's author.
fn machine_proposal(pending: &PendingDraft, index: usize, machine: &MachineProposal) -> Markup {
    html! {
        div.note {
            p {
                span.label.open { "由模型提出" } " " (machine.model)
                @if !machine.adopted_by.is_empty() { "，经 " (machine.adopted_by) " 采纳" }
            }
            pre { (machine.canonical) }
            blockquote.quote { (machine.quote) }
            @if machine.adopted_by.is_empty() && pending.is_own {
                form method="post" action={ "/reviews/" (encode_path(&pending.id)) "/proposals" } {
                    button.plain type="submit" name="part" value=(index) { "采纳这一条" }
                }
            }
        }
    }
}

fn read_draft(pending: &PendingDraft, reading: &StoredReading, text: &str) -> Markup {
    let marks: Vec<Marked<'_>> =
        reading.parts.iter().enumerate().map(|(index, part)| Marked { index, part }).collect();
    html! {
        div.columns.even {
            section aria-label="条件与数额" {
                h2 { "条件" }
                @for (index, part) in reading.parts.iter().enumerate() {
                    (decided_part(index, part, reading.decisions.get(index).unwrap_or(&PartDecision::Accept)))
                    @if let Some(machine) = &part.machine { (machine_proposal(pending, index, machine)) }
                }
                (figures(&reading.figures))
            }
            section.source aria-label="原文" {
                h2 { (reading.title) }
                (document_text(text, &[], &marks))
            }
        }
    }
}

/// One part with its decision: what the program read, and what the author made of it.
fn decided_part(index: usize, part: &ReadingPart, decision: &PartDecision) -> Markup {
    let outcome = match decision {
        PartDecision::Accept if part.criteria.is_null() => "不作条件",
        PartDecision::Accept => "认可",
        PartDecision::Correct(_) => "更正",
        PartDecision::Judge => "人工认定",
        PartDecision::Reject => "不是条件",
    };
    html! {
        div.part id={ "part-" (index) } {
            p {
                a href={ "#at-" (index) } { "第 " (index + 1) " 处" } " "
                span class={ "label " (tone(part.kind)) } { (part.kind.title()) } " " b { (outcome) }
            }
            blockquote.quote { (part.text) }
            @match decision {
                PartDecision::Correct(text) => { (difference(&(part.canonical.clone(), text.clone()))) },
                PartDecision::Reject | PartDecision::Judge => { (difference(&(part.canonical.clone(), String::new()))) },
                PartDecision::Accept => { @if !part.canonical.is_empty() { pre { (part.canonical) } } },
            }
        }
    }
}
