//! The routes that search: translate a request, call the engine, render.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use zhaoren_engine::{Engine, Inquiry, Profile, SearchRequest, Sort};

use crate::problem::Problem;
use crate::routes::{Answer, apart, bad_query, day, flag, number, parameters};

/// What search takes, in a query string and in a body.
const KNOWN: [&str; 9] =
    ["q", "limit", "offset", "filter", "as_typed", "copies", "for_region", "as_of", "sort"];

/// A search as it is put together.
#[derive(Default)]
struct Wanted {
    request: SearchRequest,
    sort: Sort,
}

impl Wanted {
    fn new() -> Self {
        Self { request: SearchRequest { limit: 10, ..SearchRequest::default() }, sort: Sort::default() }
    }

    /// Takes one parameter, one of [`KNOWN`].
    fn take(&mut self, key: &str, value: String) -> Result<(), Problem> {
        let request = &mut self.request;
        match key {
            "q" => request.query = value,
            "limit" => request.limit = number(&value, key)?,
            "offset" => request.offset = number(&value, key)?,
            "as_typed" => request.as_typed = flag(&value, key)?,
            "copies" => request.copies = flag(&value, key)?,
            "for_region" => request.filters.push(("covers".to_owned(), value)),
            "as_of" => {
                let day = day(&value)?;
                request.as_of = Some(day);
                request.filters.push((key.to_owned(), day.to_string()));
            }
            "sort" => {
                let names: Vec<&str> = Sort::ALL.iter().map(|(_, name)| *name).collect();
                self.sort = Sort::named(&value).ok_or_else(|| {
                    bad_query(&format!("`sort` 应为 {} 之一，得到 `{value}`", names.join("、")))
                })?;
            }
            _ => match value.split_once('=') {
                Some((key, value)) => request.filters.push((key.to_owned(), value.to_owned())),
                None => return Err(bad_query(&format!("`filter` 应为 KEY=VALUE，得到 `{value}`"))),
            },
        }
        Ok(())
    }
}

/// `GET /v1/search`
pub(crate) async fn search(State(engine): State<Arc<Engine>>, RawQuery(query): RawQuery) -> Answer {
    let mut wanted = Wanted::new();
    for (key, value) in parameters(query.as_deref(), &KNOWN)? {
        wanted.take(&key, value)?;
    }
    apart(move || answer(&engine, &wanted, None, Vec::new())).await?
}

/// `POST /v1/search`: the same as a JSON object, with a profile.
pub(crate) async fn search_for(
    State(engine): State<Arc<Engine>>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    let mut wanted = Wanted::new();
    for (key, value) in parameters(query.as_deref(), &KNOWN)? {
        wanted.take(&key, value)?;
    }
    let object: Map<String, Value> = serde_json::from_slice(&body).map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "请求内容有误").detail(format!("应为一个 JSON 对象：{error}"))
    })?;
    for (key, value) in object.into_iter().filter(|(key, _)| key != "profile") {
        if !KNOWN.contains(&key.as_str()) {
            return Err(bad_query(&format!("没有参数 `{key}`，可用的有 {}、profile", KNOWN.join("、"))));
        }
        for value in values(&key, value)? {
            wanted.take(&key, value)?;
        }
    }
    apart(move || {
        let rules = engine.rules();
        let mut read = zhaoren_engine::read_profile_in(&body, "profile", "request.json", rules.dictionary());
        let problems: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        let wrong = zhaoren_engine::has_errors(&read.problems);
        if wrong || read.several || read.profiles.len() > 1 {
            let detail = if read.several { "一次检索只为一家企业" } else { "" };
            let problem = Problem::new(StatusCode::BAD_REQUEST, "企业画像有误").errors(problems);
            return Err(if detail.is_empty() { problem } else { problem.detail(detail) });
        }
        answer(&engine, &wanted, read.profiles.pop().as_ref(), problems)
    })
    .await?
}

/// The values of a member of the body, as a query string would have them.
fn values(key: &str, value: Value) -> Result<Vec<String>, Problem> {
    let one = |value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(bad_query(&format!("`{key}` 应为文字、数或真假，得到 {other}"))),
    };
    match (key, value) {
        (_, Value::Null) => Ok(Vec::new()),
        ("filter", Value::Array(list)) => list.into_iter().map(one).collect(),
        // {"level": "district", "region": ["310104", "310115"]}
        ("filter", Value::Object(map)) => {
            let mut filters = Vec::new();
            for (key, value) in map {
                let each = match value {
                    Value::Array(list) => list,
                    single => vec![single],
                };
                for value in each {
                    filters.push(format!("{key}={}", one(value)?));
                }
            }
            Ok(filters)
        }
        (_, value) => Ok(vec![one(value)?]),
    }
}

fn answer(engine: &Engine, wanted: &Wanted, profile: Option<&Profile>, problems: Vec<String>) -> Answer {
    let inquiry = Inquiry { request: &wanted.request, sort: wanted.sort, profile };
    match engine.search_for(&inquiry) {
        Ok(answer) => {
            let mut answer = serde_json::to_value(answer).unwrap_or_default();
            if let (Some(answer), false) = (answer.as_object_mut(), problems.is_empty()) {
                answer.insert("problems".to_owned(), problems.into());
            }
            Ok(Json(answer))
        }
        Err(error) if error.is_callers() => Err(bad_query(&error.to_string())),
        Err(error) => {
            tracing::error!(%error, "search failed");
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索失败"))
        }
    }
}

/// `GET /v1/suggest`
pub(crate) async fn suggest(State(engine): State<Arc<Engine>>, RawQuery(query): RawQuery) -> Answer {
    let (mut typed, mut limit) = (String::new(), 10);
    for (key, value) in parameters(query.as_deref(), &["q", "limit"])? {
        match key.as_str() {
            "q" => typed = value,
            _ => limit = number(&value, &key)?,
        }
    }
    apart(move || match engine.suggest(&typed, limit) {
        Ok(suggestions) => Ok(Json(json!({ "query": typed, "suggestions": suggestions }))),
        Err(error) => {
            tracing::error!(%error, "suggesting failed");
            Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "检索失败"))
        }
    })
    .await?
}
