//! OpenAPI document: generated from the declarations at the routes, completed with the parts common to all
//! operations, and with examples that a test sends and compares.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "the document and its examples are our own JSON, built into the program; what is not there is made or null"
)]

mod finish;
pub(crate) mod reference;
pub(crate) mod schema;

use std::sync::LazyLock;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::access::{API_ROUTES, Requirement};
use crate::problem::{Code, Problem};
use crate::request::Query;
use crate::state::Shared;

/// Head of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "zhaoren",
        description = "政策找人：为企业找到能享受的惠企政策，为政策找到该知道的企业。判定为三值且精确，逐条给出依据。\n\n\
            错误一律为 `application/problem+json`（RFC 9457），`code` 不变。`GET` 的答复带强 ETag，可用 `If-None-Match`。\
            每个答复带 `x-request-id`；请求带它时沿用。未设密钥时只在本机使用；设了密钥后以 `Authorization: Bearer` 出示。",
    ),
    components(schemas(schema::ProblemDetails, schema::BadLine, schema::NoticeBody))
)]
pub(crate) struct Head;

/// Example requests and responses, a file for each operation, named after it.
#[derive(RustEmbed)]
#[folder = "src/openapi/examples"]
struct Examples;

/// 本文档
///
/// 由路由的声明生成；其中的示例都在测试里发送并比对过。给人看的同一份内容在 `/docs`。
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "运行",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn document(
    State(_): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", generate()));
    Query::read(query.as_deref(), &[], &[])?;
    Ok(([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response())
}

/// Generates the document.
pub fn generate() -> Value {
    let (_, document) = utoipa_axum::router::OpenApiRouter::with_openapi(Head::openapi())
        .merge(crate::routes::all())
        .split_for_parts();
    let mut document = serde_json::to_value(document).expect("the document is JSON");
    finish::head(&mut document);
    let shared = document["components"]["responses"].clone();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, methods) in paths {
            for (method, operation) in methods.as_object_mut().into_iter().flatten() {
                common(path, method, operation, &shared);
            }
        }
    }
    // The shapes of a value may overlap (`anyOf`, not `oneOf`): a match is also an item line.
    for schema in
        document["components"]["schemas"].as_object_mut().into_iter().flat_map(|all| all.values_mut())
    {
        if let Some(shapes) = schema.as_object_mut().and_then(|schema| schema.remove("oneOf")) {
            schema["anyOf"] = shapes;
        }
    }
    document
}

/// Adds the common parts of an operation: problems, required right, examples.
fn common(path: &str, method: &str, operation: &mut Value, shared: &Value) {
    let need = API_ROUTES.iter().find(|(of, at, _)| of.as_str().eq_ignore_ascii_case(method) && *at == path);
    match need {
        Some((.., Requirement::Authenticated)) => operation["security"] = json!([{"key": []}]),
        Some((.., Requirement::Right(right))) => {
            operation["security"] = json!([{"key": []}]);
            operation["x-right"] = serde_json::to_value(right).expect("a right is a word");
        }
        Some((.., Requirement::Operator(right))) => {
            operation["security"] = json!([{"key": []}]);
            operation["x-operator"] = true.into();
            if let Some(right) = right {
                operation["x-right"] = serde_json::to_value(right).expect("a right is a word");
            }
        }
        _ => operation["security"] = json!([]),
    }
    finish::operation(path, method, operation);
    let name = operation["operationId"].as_str().expect("every route names its operation").to_owned();
    for (key, example) in examples(&name) {
        attach(operation, &key, &example, shared);
    }
}

/// Examples of an operation by name; empty for an operation without a file of examples.
pub fn examples(operation: &str) -> Map<String, Value> {
    Examples::get(&format!("{operation}.json")).map_or_else(Map::new, |file| {
        serde_json::from_slice(&file.data).expect("a file of examples is a JSON object")
    })
}

/// Adds an example at the place where tools look for it.
fn attach(operation: &mut Value, key: &str, example: &Value, shared: &Value) {
    // Mutable indexing would create missing members of `operation`, hence `get_mut` and `pointer_mut`.
    let summary = example["summary"].clone();
    let kind = example["content_type"].as_str().unwrap_or("application/json").to_owned();
    let shown = |value: &Value| json!({"summary": summary, "value": value});
    // A request that is refused for its content is no example of a request, and fits no schema; its answer is shown.
    let refused = example["status"] == 400;
    if let Some(body) = example.get("body").filter(|_| !refused)
        && let Some(content) =
            operation.pointer_mut("/requestBody/content").and_then(|all| all.get_mut(&kind))
    {
        content["examples"][key] = shown(body);
    }
    for (name, value) in example["query"].as_object().into_iter().flatten().filter(|_| !refused) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        let found = parameters.into_iter().flatten().find(|one| one["name"] == **name);
        if let Some(parameter) = found {
            let value = finish::typed(parameter.get("schema"), value);
            parameter["examples"][key] = shown(&value);
        }
    }
    let status = example["status"].to_string();
    let response = finish::own_response(operation, shared, &status);
    let content = response.and_then(|response| response.get_mut("content")).and_then(Value::as_object_mut);
    let fits = |of: &str| of == kind || of.starts_with("application/problem");
    if let Some((_, content)) = content.into_iter().flatten().find(|(of, _)| fits(of)) {
        content["examples"][key] = shown(&example["answer"]);
    }
}

/// All problem codes with status and title, for documentation.
pub fn problems() -> Vec<(String, u16, &'static str)> {
    Code::ALL.iter().map(|code| (code.uri(), code.status().as_u16(), code.title())).collect()
}
