//! Texts and items from outside: read, checked, or imported into the catalogue.

use axum::Json;
use zhaoren_engine::{Engine, EngineError, ImportReport, Principal, today};

use super::Answer;
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};

const DOCUMENTS: [Kind; 3] = [Kind::Text, Kind::Html, Kind::File("bin")];
const STRUCTURED: [Kind; 3] = [Kind::Json, Kind::Lines, Kind::Yaml];
const EVERYTHING: [Kind; 6] =
    [Kind::Json, Kind::Lines, Kind::Yaml, Kind::Text, Kind::Html, Kind::File("bin")];

/// 读一份政策文件：任何格式，由内容识别；修复、文件要素、条款及其在文件中的位置、草拟的事项；不写入登记库
///
/// 表单、纯文本或文件本身都可以。读不懂的文字列在 `unread`，不会当作没有。
#[utoipa::path(
    post, path = "/v1/read", operation_id = "read", tag = "政策",
    params(("id" = Option<String>, Query, description = "给它的 id，默认 request")),
    request_body(content(
        (String = "text/plain"),
        (String = "text/html"),
        (Vec<u8> = "application/octet-stream"),
        (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (schema::Files = "multipart/form-data"),
    )),
    responses((status = 200, description = "文件、条款与草拟的事项", body = schema::Document)),
)]
pub(crate) async fn read(Call { app, query, headers, body, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["id"], &[])?;
    let limits = &app.settings.limits;
    let (name, bytes) = if request::is_form(&headers) {
        let mut form = request::form(&headers, body, limits.body, limits).await?;
        match (form.files.pop(), form.files.len()) {
            (Some(only), 0) => only,
            _ => return Err(Problem::new(Code::BadContent, "一次读一份文件")),
        }
    } else {
        let kind = Kind::of(&headers, &DOCUMENTS)?;
        let bytes = request::body(&headers, body, limits.body, limits).await?;
        (format!("{}.{}", name(&query, "request")?, kind.extension()), bytes.to_vec())
    };
    let found = app.read(move || zhaoren_engine::read_text(&name, &bytes)).await?;
    found.map(Json).map_err(|problems| Problem::from_findings(Code::BadPolicy, &problems))
}

/// 核对事项或文件，不写入登记库：读成什么、条件的规范文字、引用与静态检查
///
/// 用于编写事项时：与导入用同一套检查，`sound` 为 true 即可导入。
#[utoipa::path(
    post, path = "/v1/check", operation_id = "check", tag = "政策",
    params(("as_of" = Option<String>, Query, format = Date, description = "在哪一天检查，默认今天")),
    request_body(content(
        (schema::Item = "application/json"),
        (schema::Item = "application/x-ndjson"),
        (String = "application/yaml"),
    )),
    responses((status = 200, description = "读到的事项，与全部问题", body = schema::Checked)),
)]
pub(crate) async fn check(Call { app, caller, query, headers, body }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["as_of"], &[])?;
    let day = query.day("as_of")?.unwrap_or_else(today);
    let limits = &app.settings.limits;
    let (kind, bytes) = request::document(&headers, body, &STRUCTURED, limits.body, limits).await?;
    let engine = std::sync::Arc::clone(&app.engine);
    let file = format!("request.{}", kind.extension());
    let checked = app.read(move || engine.check(&file, &bytes, day, &caller.0.tenant)).await??;
    let problems: Vec<_> = checked.problems.iter().map(Problem::error).collect();
    Ok(Json(serde_json::json!({
        "as_of": day, "sound": !zhaoren_engine::has_errors(&checked.problems), "items": checked.items,
        "documents": checked.documents, "problems": problems,
    })))
}

/// 导入政策文件与事项：能读的都收下，其余逐条说明
///
/// 有错的事项不收，逐条说明在哪里、得到什么、应为什么；其余照常。相同的内容导入两次等于一次。
#[utoipa::path(
    post, path = "/v1/import", operation_id = "import", tag = "政策",
    params(("id" = Option<String>, Query, description = "政策文件的 id；导入事项时不用")),
    request_body(content(
        (schema::Item = "application/json"),
        (schema::Item = "application/x-ndjson"),
        (String = "application/yaml"),
        (String = "text/plain"),
        (String = "text/html"),
        (Vec<u8> = "application/octet-stream"),
        (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (schema::Files = "multipart/form-data"),
    )),
    responses((status = 200, description = "收下了什么", body = schema::Imported)),
)]
pub(crate) async fn import(Call { app, caller, query, headers, body }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["id"], &[])?;
    let limits = &app.settings.limits;
    let files = if request::is_form(&headers) {
        ImportSource::Form(request::form(&headers, body, limits.import, limits).await?)
    } else {
        let (kind, bytes) = request::document(&headers, body, &EVERYTHING, limits.import, limits).await?;
        let stem = match STRUCTURED.contains(&kind) {
            true => "import".to_owned(),
            false => name(&query, query.text("id").unwrap_or_default())?,
        };
        ImportSource::One(format!("{stem}.{}", kind.extension()), bytes)
    };
    let engine = std::sync::Arc::clone(&app.engine);
    let report = app.write_within(limits.import_time, move || files.receive(&engine, &caller.0));
    let report = report.await?;
    Ok(Json(report?.summary()))
}

/// Content of an import. Its memory reservation is held until it is imported.
enum ImportSource {
    One(String, axum::body::Bytes),
    Form(request::Files),
}

impl ImportSource {
    fn receive(self, engine: &Engine, by: &Principal) -> Result<ImportReport, EngineError> {
        match self {
            Self::One(name, bytes) => engine.receive(&[(name, bytes.to_vec())], by),
            Self::Form(form) => engine.receive(&form.files, by),
        }
    }
}

/// True if a name can be the id of a document: of 1 to 200 characters, no path.
pub(crate) fn is_sound_name(id: &str) -> bool {
    !id.is_empty()
        && id.chars().count() <= 200
        && !id.starts_with('.')
        && !id.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'))
}

/// Name of a text.
fn name(query: &Query, default: &str) -> Result<String, Problem> {
    let id = query.text("id").unwrap_or(default);
    is_sound_name(id)
        .then(|| id.to_owned())
        .ok_or_else(|| Problem::parameter("id", id, "应为 1 到 200 个字，不含斜线，不以点开头"))
}
