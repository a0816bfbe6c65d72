//! Pages on which the items of a document that was read are decided on part by part, and the enterprises that qualify for an item.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use zhaoren_console::{ItemReview, QualifyingEnterprises};
use zhaoren_engine::drafting::{
    DecidedItem, ItemDecisions, PartDecision, ReviewSheet, SheetItem, item_body, read_sheet,
};
use zhaoren_engine::{Engine, Principal, Right, has_errors, now, today};

use super::form::Fields;
use super::run_pages::latest;
use super::shell::{FormCall, page, show, show_with_write};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Stored enterprises decided for one page.
const MOST_ENTERPRISES: usize = 5_000;

/// Sheet of a file that the server keeps for the caller.
fn sheet(app: &Shared, who: &Principal, token: &str) -> Result<ReviewSheet, Problem> {
    let gone = || Problem::new(Code::NotFound, "这份文件已不在，请重新选择文件");
    let (name, bytes) = app.uploads.get(&who.name, token).ok_or_else(gone)?;
    let rules = app.engine.rules_for(&who.tenant)?;
    read_sheet(&name, &bytes, None, rules.dictionary())
        .map_err(|problems| Problem::from_findings(Code::BadContent, &problems))
}

/// Index of an item and the item.
fn item_at<'a>(sheet: &'a ReviewSheet, index: &str) -> Result<(usize, &'a SheetItem), Problem> {
    let found = index.parse::<usize>().ok().and_then(|index| Some((index, sheet.items.get(index)?)));
    found.ok_or_else(|| Problem::new(Code::NotFound, "这份文件没有这一事项"))
}

pub(super) async fn show_item(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path((token, index)): Path<(String, String)>,
) -> Response {
    let (shared, who) = (Arc::clone(&app), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let sheet = sheet(&shared, &who, &token)?;
        let (index, item) = item_at(&sheet, &index)?;
        let review = ItemReview {
            live: shared.engine.live_item(&who.tenant, item)?,
            ..empty_review(&sheet, index, &token)
        };
        Ok(page(zhaoren_console::item_review(viewer, &review)))
    })
    .await
}

fn empty_review<'a>(sheet: &'a ReviewSheet, index: usize, upload: &'a str) -> ItemReview<'a> {
    ItemReview {
        sheet,
        index,
        upload,
        decisions: ItemDecisions::default(),
        body: None,
        reason: String::new(),
        part_faults: Vec::new(),
        faults: Vec::new(),
        is_checked: false,
        live: None,
    }
}

/// Checks the decisions of a form, or proposes the item.
pub(super) async fn decide(
    Path((token, index)): Path<(String, String)>,
    FormCall { app, caller, fields }: FormCall,
) -> Response {
    let (shared, who) = (Arc::clone(&app), caller.0.clone());
    show_with_write(&app, &caller, move |viewer| {
        let sheet = sheet(&shared, &who, &token)?;
        let (index, item) = item_at(&sheet, &index)?;
        let mut review = empty_review(&sheet, index, &token);
        review.live = shared.engine.live_item(&who.tenant, item)?;
        review.reason = fields.text("reason").to_owned();
        read_form(&fields, item, &mut review);
        let Some(decided) = check(&shared.engine, &who, &sheet, item, &mut review)? else {
            return Ok(page(zhaoren_console::item_review(viewer, &review)));
        };
        if fields.text("do") != "propose" {
            review.is_checked = true;
            return Ok(page(zhaoren_console::item_review(viewer, &review)));
        }
        let act = who.write_context(now());
        let proposal =
            shared.engine.propose_reading(&act, &sheet, item, &review.decisions, decided, &review.reason)?;
        if proposal.drafts.is_empty() {
            review.faults = proposal.problems.iter().map(Problem::line).collect();
            return Ok(page(zhaoren_console::item_review(viewer, &review)));
        }
        Ok(Redirect::to("/reviews?said=proposed").into_response())
    })
    .await
}

/// Reads the decisions of a form. Typed conditions that differ from the reading are a correction, whatever is chosen beside 认可.
fn read_form(fields: &Fields, item: &SheetItem, review: &mut ItemReview<'_>) {
    let typed = |name: &str| fields.text(name).replace("\r\n", "\n");
    review.decisions.id = fields.text("id").to_owned();
    review.decisions.title = fields.text("title").to_owned();
    for (index, part) in item.parts.iter().enumerate() {
        let text = typed(&format!("text-{index}"));
        let chosen = PartDecision::parse(fields.text(&format!("do-{index}")), &text).unwrap_or_default();
        let is_changed = text.trim() != part.canonical && !text.trim().is_empty();
        review.decisions.parts.push(match chosen {
            PartDecision::Accept if is_changed => PartDecision::Correct(text),
            other => other,
        });
    }
    let body = typed("body");
    if body.is_empty() {
        return;
    }
    match item_body(&body) {
        Ok(map) if map == item.body => {}
        Ok(map) => {
            review.decisions.body = Some(map);
            review.body = Some(body);
        }
        Err(problems) => {
            review.faults.extend(problems.iter().map(Problem::line));
            review.body = Some(body);
        }
    }
}

/// The item as decided; `None` if it has errors, which are then in the page.
fn check(
    engine: &Engine,
    who: &Principal,
    sheet: &ReviewSheet,
    item: &SheetItem,
    review: &mut ItemReview<'_>,
) -> Result<Option<DecidedItem>, Problem> {
    let rules = engine.rules_for(&who.tenant)?;
    match item.decide(&review.decisions, &sheet.region, rules.dictionary()) {
        Err(faults) => {
            review.part_faults =
                faults.iter().map(|fault| (fault.part, Problem::line(&fault.problem))).collect();
            Ok(None)
        }
        Ok(decided) => {
            let problems = engine.check_reading(&who.tenant, sheet, &decided)?;
            let errors = problems.iter().filter(|problem| has_errors(std::slice::from_ref(problem)));
            review.faults.extend(errors.map(Problem::line));
            Ok(Some(decided).filter(|_| review.faults.is_empty()))
        }
    }
}

/// Stored enterprises that qualify for one item.
pub(super) async fn enterprises(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
) -> Response {
    // The owner of the data directory sees what a caseworker sees.
    let who = match app.access.requires_credentials() {
        true => caller.0.clone(),
        false => Principal::local_caseworker(&caller.0.tenant),
    };
    let engine = Arc::clone(&app.engine);
    let run = latest(&app, &caller);
    show_with_write(&app, &caller, move |viewer| {
        let rules = engine.rules_for(&who.tenant)?;
        let none = || Problem::new(Code::NotFound, "没有这个编号的事项");
        let item = rules.item(&item).ok_or_else(none)?;
        let day = today();
        let mut shown = QualifyingEnterprises {
            item: item.id.clone(),
            title: item.title.clone(),
            as_of: day.to_string(),
            is_in_force: rules.standing_on(item, day).is_matchable,
            run,
            ..QualifyingEnterprises::default()
        };
        shown.may_see = who.has_right(Right::ReadFacts);
        if shown.may_see {
            let records = engine.records();
            let found = records.qualifying(&who, item, rules.dictionary(), day, now(), MOST_ENTERPRISES)?;
            shown.decided = found.decided;
            shown.is_cut = found.is_cut;
            shown.ineligible = found.ineligible;
            shown.eligible = found.eligible;
            shown.undetermined = found.undetermined;
        }
        Ok(page(zhaoren_console::enterprises(viewer, &shown)))
    })
    .await
}
