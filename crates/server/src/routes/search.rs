//! Search: by a query string, or by a JSON object that may contain the profile to search for.

use axum::Json;
use serde_json::{Map, Value};
use zhaoren_engine::{Engine, Inquiry, Profile, SearchRequest, Sort};

use super::Answer;
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};

/// Maximum number of hits in one answer, and maximum offset.
pub(super) const MAX_HITS: usize = 1_000;
const MAX_OFFSET: usize = 100_000;

/// Parameters that may be given once, in a query string or a body; `filter` may be repeated.
const KNOWN: [&str; 9] =
    ["q", "limit", "offset", "as_typed", "copies", "explain", "for_region", "as_of", "sort"];

/// 检索政策文件、事项与条款
///
/// 接受词语、文号、拼音与首字母，以及检索式（短语、排除、字段）。为一家企业检索用 `POST /v1/search`。
#[utoipa::path(
    get, path = "/v1/search", operation_id = "search", tag = "检索",
    params(
        ("q" = Option<String>, Query, description = "检索词：文字、拼音、首字母、文号或机关代字，繁简均可；“短语”、-不含、字段:值"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "最多几条，默认 10"),
        ("offset" = Option<usize>, Query, maximum = 100_000, description = "跳过前几条"),
        ("filter" = Option<Vec<String>>, Query, explode = true, description = "筛选 KEY=VALUE，可多次给出，须同时满足"),
        ("as_typed" = Option<bool>, Query, description = "只按原样检索：不按拼音、同义词理解，也不纠错"),
        ("copies" = Option<bool>, Query, description = "转载各自列出，不并入一条"),
        ("explain" = Option<bool>, Query, description = "说明每条为什么排在那里：逐词、逐项"),
        ("for_region" = Option<String>, Query, description = "只看适用于这个地方的（区划代码或名称）"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日：只看在这一天有效的文本"),
        ("sort" = Option<String>, Query, description = "relevance 相关、deadline 截止近的在前、amount 封顶高的在前、date 新的在前"),
    ),
    responses((status = 200, description = "命中与分面", body = schema::SearchAnswer)),
)]
pub(crate) async fn search(Call { app, caller, query, .. }: Call) -> Answer {
    let draft = SearchDraft::read(&Query::read(query.as_deref(), &KNOWN, &["filter"])?)?;
    let engine = std::sync::Arc::clone(&app.engine);
    app.read(move || answer(&engine, &draft, None, &caller.0.tenant, Vec::new())).await?
}

/// 为一家企业检索：能享受的在前，不能的说明原因
///
/// 与 `GET` 相同的参数写在 JSON 对象中，`profile` 为企业画像；`filter` 可为列表，或由键到值的对象。
#[utoipa::path(
    post, path = "/v1/search", operation_id = "searchFor", tag = "检索",
    request_body(content((schema::SearchBody = "application/json"))),
    responses((status = 200, description = "命中与分面", body = schema::SearchAnswer)),
)]
pub(crate) async fn search_for(Call { app, caller, query, headers, body }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let limits = &app.settings.limits;
    let (_, bytes) = request::unchecked(&headers, body, &[Kind::Json], limits.body, limits).await?;
    let engine = std::sync::Arc::clone(&app.engine);
    app.read(move || {
        let search = SearchBody::read(&engine, &bytes)?;
        answer(&engine, &search.draft, search.profile.as_ref(), &caller.0.tenant, search.notes)
    })
    .await?
}

/// Search from a body, with its enterprise.
pub(super) struct SearchBody {
    pub(super) draft: SearchDraft,
    pub(super) profile: Option<Profile>,
    /// Profile as JSON.
    pub(super) text: Option<String>,
    /// Notes on the profile.
    pub(super) notes: Vec<String>,
}

impl SearchBody {
    pub(super) fn read(engine: &Engine, body: &[u8]) -> Result<Self, Problem> {
        let unfit = |error| Problem::new(Code::BadContent, format!("应为一个 JSON 对象：{error}"));
        let mut object: Map<String, Value> = request::parse(body, unfit)?;
        let text = object.remove("profile").filter(|profile| !profile.is_null());
        let mut pairs = Vec::new();
        for (key, value) in object {
            pairs.extend(values(&key, value)?.into_iter().map(|value| (key.clone(), value)));
        }
        let draft = SearchDraft::read(&Query::of(pairs, &KNOWN, &["filter"])?)?;
        let rules = engine.rules();
        let mut read = zhaoren_engine::read_profile_in(body, "profile", "request.json", rules.dictionary());
        if read.allows_several || read.profiles.len() > 1 {
            return Err(Problem::new(Code::BadProfile, "一次检索只为一家企业"));
        }
        if zhaoren_engine::has_errors(&read.problems) {
            return Err(Problem::from_findings(Code::BadProfile, &read.problems));
        }
        let notes = read.problems.iter().map(ToString::to_string).collect();
        Ok(Self { draft, profile: read.profiles.pop(), text: text.map(|text| text.to_string()), notes })
    }
}

/// Search request with its sort order.
pub(super) struct SearchDraft {
    pub(super) request: SearchRequest,
    pub(super) sort: Sort,
}

impl SearchDraft {
    fn read(query: &Query) -> Result<Self, Problem> {
        let mut filters = Vec::new();
        for filter in query.all("filter") {
            match filter.split_once('=') {
                Some((key, value)) => filters.push((key.to_owned(), value.to_owned())),
                None => return Err(Problem::parameter("filter", filter, "应为 KEY=VALUE")),
            }
        }
        filters.extend(query.text("for_region").map(|region| ("covers".to_owned(), region.to_owned())));
        let as_of = query.day("as_of")?;
        filters.extend(as_of.map(|day| ("as_of".to_owned(), day.to_string())));
        let sort = match query.text("sort") {
            None => Sort::default(),
            Some(name) => Sort::from_name(name).ok_or_else(|| {
                let names: Vec<&str> = Sort::ALL.iter().map(|(_, name)| *name).collect();
                Problem::parameter("sort", name, &format!("应为 {} 之一", names.join("、")))
            })?,
        };
        let request = SearchRequest {
            query: query.text("q").unwrap_or_default().to_owned(),
            limit: query.number("limit", 10, MAX_HITS)?,
            offset: query.number("offset", 0, MAX_OFFSET)?,
            filters,
            as_typed: query.flag("as_typed", false)?,
            list_copies: query.flag("copies", false)?,
            explain: query.flag("explain", false)?,
            as_of,
            ..SearchRequest::default()
        };
        Ok(Self { request, sort })
    }
}

/// Values of a member of a body, as a query string would have them.
fn values(key: &str, value: Value) -> Result<Vec<String>, Problem> {
    let one = |value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(Problem::parameter(key, &other.to_string(), "应为文字、数或真假")),
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

fn answer(
    engine: &Engine,
    draft: &SearchDraft,
    profile: Option<&Profile>,
    tenant: &str,
    notes: Vec<String>,
) -> Answer {
    let inquiry = Inquiry { request: &draft.request, sort: draft.sort, profile, tenant };
    let found = engine.search_for(&inquiry)?;
    let answer = serde_json::to_value(found).map_err(|error| Problem::internal(&error))?;
    Ok(Json(super::with_notes(answer, notes)))
}
