//! Items read from documents: the review sheet of a file, drafts of its items, one draft with its reading, and corrections as labels.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};
use zhaoren_engine::drafting::{FileDecisions, ReviewSheet};
use zhaoren_engine::{Engine, Principal, named_region, now};

use super::Answer;
use crate::call::Call;
use crate::draft_access::{draft_number, visible_draft};
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};

/// Name of the file of a form that holds the decisions.
const DECISIONS: &str = "decisions.json";

/// 读一份政策文件的事项：每一处条件的原文、规范文本与疑点；可同时提出为草稿
///
/// 附每一部分读自正文的哪些字节。没有读懂的条件写成人工认定，不会略去。
#[utoipa::path(
    post, path = "/v1/drafts/read", operation_id = "readItems", tag = "审核",
    params(
        ("region" = Option<String>, Query, description = "“本市”“本区”指哪里：行政区划代码或名称；不给则看文件"),
        ("propose" = Option<bool>, Query, description = "true 则提出为草稿，由另一人审核"),
        ("reason" = Option<String>, Query, description = "提出理由，审核人可见"),
    ),
    request_body(
        description = "文件；表单中另有 decisions.json 的，为对各处条件的结论：{\"事项编号\": {\"parts\": [{\"part\": 0, \"do\": \"correct\", \"criteria\": \"从业人数不少于10人\"}]}}",
        content(
            (String = "text/plain"),
            (String = "text/html"),
            (Vec<u8> = "application/octet-stream"),
            (schema::Files = "multipart/form-data"),
        )
    ),
    responses((status = 200, description = "事项逐处，与所提草稿的编号", body = schema::SheetAnswer)),
)]
pub(crate) async fn read(Call { app, caller, query, headers, body }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["region", "propose", "reason"], &[])?;
    let propose = query.flag("propose", false)?;
    let reason = query.text("reason").unwrap_or_default().trim().to_owned();
    let region = query
        .text("region")
        .map(|text| {
            named_region(text).map_err(|_| Problem::parameter("region", text, "应为行政区划代码或唯一的名称"))
        })
        .transpose()?;
    let limits = &app.settings.limits;
    let mut decisions = FileDecisions::default();
    let (name, bytes) = if request::is_form(&headers) {
        let form = request::form(&headers, body, limits.body, limits).await?;
        let (given, mut files): (Vec<_>, Vec<_>) =
            form.files.into_iter().partition(|(name, _)| name == DECISIONS);
        if let Some((name, bytes)) = given.first() {
            let read = FileDecisions::parse(name, &String::from_utf8_lossy(bytes));
            decisions = read.map_err(|problems| Problem::from_findings(Code::BadContent, &problems))?;
        }
        match (files.pop(), files.len()) {
            (Some(only), 0) => only,
            _ => return Err(Problem::new(Code::BadContent, "一次读一份文件")),
        }
    } else {
        let kind = Kind::of(&headers, &[Kind::Text, Kind::Html, Kind::File("bin")])?;
        let bytes = request::body(&headers, body, limits.body, limits).await?;
        (format!("request.{}", kind.extension()), bytes.to_vec())
    };
    let engine = std::sync::Arc::clone(&app.engine);
    let work = move || -> Result<Value, Problem> {
        let found = engine.read_file_sheet(&name, &bytes, region.as_ref(), &caller.0.tenant)?;
        let sheet = found.map_err(|problems| Problem::from_findings(Code::BadPolicy, &problems))?;
        answer(&engine, &caller.0, &sheet, propose.then_some((&decisions, reason.as_str())))
    };
    match propose {
        true => app.write(work).await?.map(Json),
        false => app.read(work).await?.map(Json),
    }
}

fn answer(
    engine: &Engine,
    who: &Principal,
    sheet: &ReviewSheet,
    proposed: Option<(&FileDecisions, &str)>,
) -> Result<Value, Problem> {
    let (mut drafts, mut problems) = (Vec::new(), Vec::new());
    if let Some((decisions, reason)) = proposed {
        let proposal = engine.propose_sheet(&who.write_context(now()), sheet, decisions, reason)?;
        if proposal.drafts.is_empty() && !proposal.problems.is_empty() {
            return Err(Problem::from_findings(Code::BadPolicy, &proposal.problems));
        }
        drafts = proposal.drafts;
        problems = proposal.problems;
    }
    let problems: Vec<_> = problems.iter().map(Problem::error).collect();
    Ok(json!({"sheet": sheet.to_json(), "drafts": drafts, "problems": problems}))
}

/// 一份草稿：事项、所读的各处条件与结论
///
/// 附读自文件时每一处条件的原文与人工的结论。
#[utoipa::path(
    get, path = "/v1/drafts/{id}", operation_id = "draft", tag = "审核",
    params(("id" = i64, Path, description = "草稿的编号")),
    responses((status = 200, description = "草稿；读自文件的，附各处的原文与结论", body = schema::DraftWithReading)),
)]
pub(crate) async fn show(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let shared = std::sync::Arc::clone(&app);
    let work = move || {
        let found = visible_draft(&shared, &caller.0, draft_number(&id)?)?;
        Ok::<_, Problem>(found.to_json())
    };
    app.read(work).await?.map(Json)
}

/// 更正过的条件，可作标注给 `zhaoren read --evaluate` 评分；退回的草稿不计
///
/// 每行一处：原文、读出的条件、改成的条件。
#[utoipa::path(
    get, path = "/v1/drafts/corrections", operation_id = "corrections", tag = "审核",
    params(("all" = Option<bool>, Query, description = "照读出的认可的也列出")),
    responses((status = 200, description = "每处一行", body = schema::Corrections)),
)]
pub(crate) async fn corrections(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["all"], &[])?;
    let all = query.flag("all", false)?;
    let engine = std::sync::Arc::clone(&app.engine);
    let lines = app.read(move || {
        let mut lines = Vec::new();
        let mut drafts = engine.drafts(&caller.0.tenant, "")?;
        drafts.retain(|draft| caller.0.can_read_drafts_of(&draft.tenant));
        let readable: BTreeSet<i64> = drafts.iter().map(|draft| draft.id).collect();
        engine.correction_lines(&caller.0.tenant, all, &mut |line| {
            let draft = line.get("draft").and_then(Value::as_i64);
            if draft.is_some_and(|draft| readable.contains(&draft)) {
                lines.push(line);
            }
            Ok(())
        })?;
        Ok::<_, Problem>(lines)
    });
    Ok(Json(json!({"corrections": lines.await??})))
}
