//! The catalogue: items and documents.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use zhaoren_engine::{ContentVersion, Date, Engine, EngineError, Principal, Rules, today};

use super::policy_filter::PolicyFilter;
use super::{Answer, cursor, rules_for, with_status};
use crate::call::Call;
use crate::layers::conditional;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};

/// Maximum number of items on one page.
const PAGE: usize = 1_000;

/// 政策事项目录，按 id 排列，逐页取
///
/// 每项只有目录所需：名称、文件、支持内容、申报期。条件与依据见 `GET /v1/policies/{id}`，企业能否享受见 `POST /v1/match`。
#[utoipa::path(
    get, path = "/v1/policies", operation_id = "policies", tag = "政策",
    params(
        ("cursor" = Option<String>, Query, description = "上一页的 `next`"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "每页几项，默认 100"),
        ("as_of" = Option<String>, Query, format = Date, description = "在哪一天看申报期与是否施行，默认今天"),
        ("level" = Option<String>, Query, description = "层级：national、province、city、district、park"),
        ("region" = Option<String>, Query, description = "区划代码：这个地方及其下级发的"),
        ("kind" = Option<String>, Query, description = "支持方式，如 tax、grant、title"),
        ("delivery" = Option<String>, Query, description = "兑现方式：apply 申报、automatic 免申即享"),
        ("tag" = Option<String>, Query, description = "带这个标签的"),
        ("window" = Option<String>, Query, description = "当日申报期：open、upcoming、closed、unknown"),
        ("in_force" = Option<bool>, Query, description = "只要当日施行的（true），或当日不施行的（false）"),
    ),
    responses((status = 200, description = "一页事项", body = schema::PolicyPage)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    let known = ["cursor", "limit", "as_of"];
    let query = Query::read(query.as_deref(), &[&known[..], &PolicyFilter::KNOWN].concat(), &[])?;
    let day = query.day("as_of")?.unwrap_or_else(today);
    let filter = PolicyFilter::read(&query)?;
    let limit = query.number("limit", 100, PAGE)?.max(1);
    let after = cursor::after(&query)?;
    let rules = rules_for(&app, &caller).await?;
    app.read(move || page(&rules, &after, limit, day, &filter)).await?.map(axum::Json)
}

/// Items after the id `after` that pass the filter, at most `limit`. Only those looked at are loaded: a stored catalogue
/// parses each.
fn page(
    rules: &Rules,
    after: &str,
    limit: usize,
    day: Date,
    filter: &PolicyFilter,
) -> Result<Value, Problem> {
    let (library, ids) = (rules.library(), rules.library().ids());
    let begin = ids.partition_point(|id| id.as_str() <= after);
    let (mut page, mut next) = (Vec::new(), None);
    let mut last: Option<&str> = None;
    for (index, id) in ids.iter().enumerate().skip(begin) {
        zhaoren_cancel::poll();
        let item = library.get(index);
        let item = item.ok_or_else(|| Problem::internal(&format!("item {index} cannot be read")))?;
        let (window, in_force) = (item.window_on(day), library.in_force_on(index, day));
        if !filter.passes(item, &window, in_force) {
            continue;
        }
        if page.len() == limit {
            next = last.map(cursor::encode);
            break;
        }
        let of = &item.document;
        page.push(json!({
            "id": item.id, "title": item.title, "delivery": item.delivery, "benefit": item.benefit, "tags": item.tags,
            "document": {
                "title": of.title, "number": of.number, "issuer": of.issuer, "level": of.level, "region": of.region,
            },
            "in_force": in_force, "window": window,
        }));
        last = Some(id.as_str());
    }
    Ok(json!({"as_of": day, "policies": page, "next": next}))
}

/// 一个事项，含条件的文字与当日申报期；或一份文件，含条款与修复之处
///
/// 事项的 `conditions` 是条件的文字与原文，`criteria_text` 是规范中文，`today` 是所看那一天的申报期。答复带强 ETag，写入时可作 `If-Match`。
#[utoipa::path(
    get, path = "/v1/policies/{id}", operation_id = "policy", tag = "政策",
    params(
        ("id" = String, Path, description = "事项或文件的 id"),
        ("as_of" = Option<String>, Query, format = Date, description = "在哪一天看申报期与是否施行，默认今天"),
    ),
    responses((status = 200, description = "事项或文件", body = schema::Policy)),
)]
pub(crate) async fn show(
    Path(id): Path<String>,
    Call { app, caller, query, .. }: Call,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["as_of"], &[])?;
    let day = query.day("as_of")?.unwrap_or_else(today);
    let engine = std::sync::Arc::clone(&app.engine);
    let wanted_id = id.clone();
    let found = app.read(move || {
        let found = engine.policy_on(&wanted_id, day, &caller.0.tenant)?;
        Ok::<_, EngineError>(found.map(|found| (stored_tag(&found), found)))
    });
    let (tag, found) = found.await??.ok_or_else(|| not_found(&id))?;
    Ok(([(header::ETAG, tag)], axum::Json(found)).into_response())
}

/// 写入一个事项：没有则新增，已有则成为新的修订版本
///
/// 带 `If-Match` 时，只在现有内容与调用方所见一致时写入；带 `If-None-Match: *` 时只新增。
#[utoipa::path(
    put, path = "/v1/policies/{id}", operation_id = "putPolicy", tag = "政策",
    params(
        ("id" = String, Path, description = "事项的 id"),
        ("If-Match" = Option<String>, Header, description = "所见内容的 ETag"),
        ("If-None-Match" = Option<String>, Header, description = "`*`：只新增"),
    ),
    request_body(content(
        (schema::Item = "application/json"),
        (String = "application/yaml"),
    )),
    responses(
        (status = 201, description = "新增", body = schema::Written),
        (status = 200, description = "已有：成为新的修订版本，或内容相同未变", body = schema::Written),
    ),
)]
pub(crate) async fn put(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Result<Response, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let limits = &app.settings.limits;
    let (kind, bytes) =
        request::document(&headers, body, &[Kind::Json, Kind::Yaml], limits.body, limits).await?;
    let engine = std::sync::Arc::clone(&app.engine);
    app.write_within(limits.import_time, move || write(&engine, &caller.0, &id, kind, &headers, &bytes))
        .await?
}

fn write(
    engine: &Engine,
    by: &Principal,
    id: &str,
    kind: Kind,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Response, Problem> {
    let seen = unchanged(engine, by, id, headers)?;
    let file = format!("{id}.{}", kind.extension());
    let (ids, problems) = engine.file_ids(&file, bytes, &by.tenant)?;
    match ids.as_slice() {
        [] => return Err(Problem::from_findings(Code::BadPolicy, &problems)),
        [only] if only == id => {}
        [only] => {
            let detail = format!("内容的 id 应与地址一致，为 `{id}`，得到 `{only}`");
            return Err(Problem::new(Code::BadPolicy, detail));
        }
        several => {
            let detail = format!("应只有一个事项，得到 {} 个", several.len());
            return Err(Problem::new(Code::BadPolicy, detail));
        }
    }
    let report = engine.receive_if_unchanged(&[(file, bytes.to_vec())], by, seen.as_ref())?;
    let (items, documents) = (report.items, report.documents);
    let (status, what) = if items.new + documents.new > 0 {
        (StatusCode::CREATED, "new")
    } else if items.changed + documents.changed > 0 {
        (StatusCode::OK, "changed")
    } else if items.kept + documents.kept > 0 {
        (StatusCode::OK, "kept")
    } else if let Some(refused) = report.refused.first() {
        return Err(Problem::new(Code::Conflict, format!("政策事项 `{}` {}", refused.id, refused.why())));
    } else {
        return Err(Problem::from_findings(Code::BadPolicy, &report.problems));
    };
    let notes: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    Ok(with_status(status, json!({"id": id, "written": what, "problems": notes})))
}

/// 撤下一个事项：此后不再匹配；以往的修订版本仍在登记库中
///
/// 带 `If-Match` 时，只在现有内容与调用方所见一致时撤下。已告知过的企业由下一次推送撤回。
#[utoipa::path(
    delete, path = "/v1/policies/{id}", operation_id = "withdrawPolicy", tag = "政策",
    params(
        ("id" = String, Path, description = "事项的 id"),
        ("why" = Option<String>, Query, description = "撤下的原因，记入审计"),
        ("If-Match" = Option<String>, Header, description = "所见内容的 ETag"),
    ),
    responses((status = 204, description = "已撤下")),
)]
pub(crate) async fn withdraw(
    Path(id): Path<String>,
    Call { app, caller, query, headers, .. }: Call,
) -> Result<StatusCode, Problem> {
    let query = Query::read(query.as_deref(), &["why"], &[])?;
    let why = query.text("why").unwrap_or_default().to_owned();
    let engine = std::sync::Arc::clone(&app.engine);
    app.write_within(app.settings.limits.import_time, move || {
        let seen = unchanged(&engine, &caller.0, &id, &headers)?;
        engine.withdraw(&id, &why, &caller.0, seen.as_ref()).map_err(Problem::from)
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Tag of the stored content, without the members that depend on the day: it is the same after midnight.
fn stored_tag(there: &Value) -> String {
    let mut stored = there.clone();
    if let Some(stored) = stored.as_object_mut() {
        stored.remove("today");
    }
    conditional::tag(stored.to_string().as_bytes())
}

/// Compares the content with the tags in `If-Match` and `If-None-Match`. Returns the content seen, which the
/// transaction compares again, so that no other write comes between; `None` without such headers.
fn unchanged(
    engine: &Engine,
    by: &Principal,
    id: &str,
    headers: &HeaderMap,
) -> Result<Option<ContentVersion>, Problem> {
    let (matches, none) =
        (headers.contains_key(header::IF_MATCH), headers.contains_key(header::IF_NONE_MATCH));
    if !matches && !none {
        return Ok(None);
    }
    // Read before the content that the tag is computed from: a write between the two is then noticed by one or the
    // other.
    let seen = engine.content_version(id, &by.tenant)?;
    let there = engine.policy_on(id, today(), &by.tenant)?;
    let tag = there.as_ref().map(stored_tag);
    let sees = |name| tag.as_ref().is_some_and(|tag| conditional::matches_revision(headers, name, tag));
    if (matches && !sees(header::IF_MATCH)) || (none && sees(header::IF_NONE_MATCH)) {
        return Err(Problem::new(
            Code::PreconditionFailed,
            format!("`{id}` 的现有内容与 If-Match 或 If-None-Match 不符"),
        ));
    }
    Ok(Some(seen))
}

fn not_found(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("`{id}` 不在登记库中"))
}
