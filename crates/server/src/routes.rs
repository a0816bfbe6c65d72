//! The routes: translate a request, call the engine, render.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use zhaoren_engine::{Date, Engine, MatchOptions, Profile, Rules, parse_date, today};

use crate::problem::Problem;

pub(crate) type Answer = Result<Json<Value>, Problem>;

/// Runs work that computes or reads files away from the threads that serve.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a request's work failed");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "服务内部出错")
    })
}

/// The parameters of a query string. A key that is not in `known` is refused: a misspelt one would otherwise be
/// silently without effect.
pub(crate) fn parameters(query: Option<&str>, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    match pairs.iter().find(|(key, _)| !known.contains(&key.as_str())) {
        None => Ok(pairs),
        Some((key, _)) => Err(bad_query(&format!("没有参数 `{key}`，可用的有 {}", known.join("、")))),
    }
}

pub(crate) fn bad_query(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "查询参数有误").detail(detail)
}

pub(crate) fn number(value: &str, key: &str) -> Result<usize, Problem> {
    value.parse().map_err(|_| bad_query(&format!("`{key}` 应为非负整数，得到 `{value}`")))
}

/// `POST /v1/match`
pub(crate) async fn match_profiles(
    State(engine): State<Arc<Engine>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    let mut options = MatchOptions { as_of: today(), all: false, limit: 20, bundle: true };
    for (key, value) in parameters(query.as_deref(), &["as_of", "limit", "all", "bundle"])? {
        match key.as_str() {
            "as_of" => options.as_of = day(&value)?,
            "limit" => options.limit = number(&value, &key)?,
            "all" => options.all = flag(&value, &key)?,
            _ => options.bundle = flag(&value, &key)?,
        }
    }
    let each = move |rules: &Rules, profile: &Profile| {
        let (report, undecided) = rules.match_profile(profile, options);
        let notes = undecided.iter().map(ToString::to_string).collect();
        (serde_json::to_value(report).unwrap_or_default(), notes)
    };
    apart(move || for_profiles(&engine.rules(), &body, options.as_of, each)).await?
}

/// `POST /v1/questions`
pub(crate) async fn questions(
    State(engine): State<Arc<Engine>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    let (mut as_of, mut limit) = (today(), 10);
    for (key, value) in parameters(query.as_deref(), &["as_of", "limit"])? {
        match key.as_str() {
            "as_of" => as_of = day(&value)?,
            _ => limit = number(&value, &key)?,
        }
    }
    let each = move |rules: &Rules, profile: &Profile| {
        let plan = rules.questions(profile, as_of, limit);
        (serde_json::to_value(plan).unwrap_or_default(), Vec::new())
    };
    apart(move || for_profiles(&engine.rules(), &body, as_of, each)).await?
}

pub(crate) fn flag(value: &str, key: &str) -> Result<bool, Problem> {
    match value {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(bad_query(&format!("`{key}` 应为 true 或 false，得到 `{value}`"))),
    }
}

pub(crate) fn day(value: &str) -> Result<Date, Problem> {
    parse_date(value)
        .ok_or_else(|| bad_query(&format!("`as_of` 应为存在的日期，如 2026-02-28，得到 `{value}`")))
}

/// One answer for one profile, `{"as_of", "results"}` for several; whatever is wrong with single profiles stands in
/// `problems`.
fn for_profiles(
    rules: &Rules,
    body: &[u8],
    as_of: Date,
    each: impl Fn(&Rules, &Profile) -> (Value, Vec<String>),
) -> Answer {
    let read = zhaoren_engine::read_profiles(body, "request.json", rules.dictionary(), false);
    let problems: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    if !read.several && read.profiles.is_empty() {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "企业画像有误").errors(problems));
    }
    let mut answers = Vec::new();
    let mut notes = problems;
    for profile in &read.profiles {
        let (answer, more) = each(rules, profile);
        notes.extend(more);
        notes.extend(zhaoren_engine::disagreements(profile, rules.dictionary(), as_of));
        answers.push(answer);
    }
    let mut answer = match (read.several, answers.pop()) {
        (false, Some(only)) => only,
        (_, last) => {
            answers.extend(last);
            json!({ "as_of": as_of, "results": answers })
        }
    };
    if let (Some(answer), false) = (answer.as_object_mut(), notes.is_empty()) {
        answer.insert("problems".to_owned(), notes.into());
    }
    Ok(Json(answer))
}

/// `GET /v1/policies/{id}`
pub(crate) async fn policy(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Answer {
    apart(move || match engine.policy(&id) {
        Ok(Some(policy)) => Ok(Json(policy)),
        Ok(None) => Err(Problem::new(StatusCode::NOT_FOUND, "没有这个政策事项或文件")
            .detail(format!("`{id}` 不在登记库中"))),
        Err(error) => {
            tracing::error!(%error, "reading a policy failed");
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "读取失败"))
        }
    })
    .await?
}

/// `GET /healthz`
pub(crate) async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

pub(crate) async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "没有这个地址")
}

pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "这个地址不接受此方法")
}
