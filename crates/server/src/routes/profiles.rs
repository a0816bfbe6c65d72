//! What takes profiles: match, questions, bundle. One profile has one answer, several have `{"as_of", "results"}`, and a stream a
//! line each.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use zhaoren_engine::{
    Date, MatchOptions, MatchReport, Moment, OptOut, Principal, Profile, Records, Rules, now, today,
};

use super::{rules_believed, rules_for, stream};
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};
use crate::state::Shared;

/// The most matches or questions that one answer holds.
const MOST: usize = 100_000;

/// 为企业匹配政策事项，逐条说明依据
///
/// 一个画像得一份结果；`{"profiles": [...]}` 或列表得 `{"as_of", "results"}`；`application/x-ndjson` 逐行匹配，逐行返回，有错的行在原处说明。
#[utoipa::path(
    post, path = "/v1/match", operation_id = "match", tag = "企业",
    params(
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 100_000, description = "每家企业最多列出几项，默认 20"),
        ("all" = Option<bool>, Query, description = "不符合的与未生效的也列出"),
        ("bundle" = Option<bool>, Query, description = "是否计算最优组合，默认 true"),
        ("strict" = Option<bool>, Query, description = "未知的指标与名单外的称号视为错误"),
        ("believed" = Option<String>, Query, description = "按当时的登记库匹配：一天（当天结束时）或一个时刻，默认现在"),
        ("receipt" = Option<bool>, Query, description = "附判定凭据，可用 zhaoren verify 离线核验；默认 false"),
    ),
    request_body(content(
        (schema::Profiles = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "匹配结果", content(
        (schema::MatchAnswer = "application/json"),
        (schema::MatchLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn match_profiles(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let known = ["as_of", "limit", "all", "bundle", "strict", "believed", "receipt"];
    let query = Query::read(query.as_deref(), &known, &[])?;
    let options = MatchOptions {
        as_of: query.day("as_of")?.unwrap_or_else(today),
        limit: query.number("limit", 20, MOST)?,
        all: query.flag("all", false)?,
        bundle: query.flag("bundle", true)?,
    };
    let metrics = Arc::clone(&app);
    let asked = Asked {
        believed: query.moment("believed")?,
        ..Asked::on(options.as_of, query.flag("strict", false)?)
    };
    let beside = Beside::of(&app, &caller, query.flag("receipt", false)?).await?;
    asked
        .answer(app, caller, &headers, body, move |rules, profile| {
            let (report, undecided) = rules.match_profile(profile, options);
            metrics.metrics.verdicts(report.matches.iter().map(|found| found.verdict));
            let mut notes = undecided.iter().map(ToString::to_string).collect();
            let beside = beside.say(rules, profile, options, &report, &mut notes);
            let mut value = serde_json::to_value(report).unwrap_or_default();
            if let Some(map) = value.as_object_mut() {
                map.extend(beside);
            }
            (value, notes)
        })
        .await
}

/// What stands beside a match: that the enterprise refuses to be written to, and the receipt where it was asked for.
struct Beside {
    records: Records,
    who: Principal,
    refusals: Vec<OptOut>,
    receipt: bool,
}

impl Beside {
    async fn of(app: &Shared, caller: &Caller, receipt: bool) -> Result<Self, Problem> {
        let (records, who) = (app.engine.records(), caller.0.clone());
        let (again, tenant) = (records.clone(), who.tenant.clone());
        let refusals = app.work(move || again.opt_outs(&tenant)).await??;
        Ok(Self { records, who, refusals, receipt })
    }

    /// The receipt is kept before it leaves; where it cannot be kept, there is none, and a note says so.
    fn say(
        &self,
        rules: &Rules,
        profile: &Profile,
        options: MatchOptions,
        report: &MatchReport,
        notes: &mut Vec<String>,
    ) -> Map<String, Value> {
        let mut said = Map::new();
        let refused: Vec<&OptOut> = self.refusals.iter().filter(|one| one.enterprise == profile.id).collect();
        if !refused.is_empty() {
            said.insert("opted_out".to_owned(), serde_json::to_value(refused).unwrap_or_default());
        }
        if self.receipt {
            let receipt = rules.receipt(profile, options, report, now());
            match self.records.keep_receipts(&self.who.act(now()), std::slice::from_ref(&receipt)) {
                Ok(()) => {
                    said.insert("receipt".to_owned(), serde_json::to_value(receipt).unwrap_or_default());
                }
                Err(error) => {
                    tracing::error!(%error, "a receipt could not be kept");
                    notes.push("判定凭据未能存入登记库，故未出具".to_owned());
                }
            }
        }
        said
    }
}

/// 列出最该补问的指标：问得最少，定得最多
#[utoipa::path(
    post, path = "/v1/questions", operation_id = "questions", tag = "企业",
    params(
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 100_000, description = "最多几个问题，默认 10"),
        ("strict" = Option<bool>, Query, description = "未知的指标与名单外的称号视为错误"),
    ),
    request_body(content(
        (schema::Profiles = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "要问的指标", content(
        (schema::QuestionsAnswer = "application/json"),
        (schema::QuestionsLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn questions(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["as_of", "limit", "strict"], &[])?;
    let (as_of, limit) = (query.day("as_of")?.unwrap_or_else(today), query.number("limit", 10, MOST)?);
    let asked = Asked::on(as_of, query.flag("strict", false)?);
    asked
        .answer(app, caller, &headers, body, move |rules, profile| {
            let plan = rules.questions(profile, as_of, limit);
            (serde_json::to_value(plan).unwrap_or_default(), Vec::new())
        })
        .await
}

/// 最优组合：在叠加规则之下，一起享受哪些事项最好
#[utoipa::path(
    post, path = "/v1/bundle", operation_id = "bundle", tag = "企业",
    params(
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("strict" = Option<bool>, Query, description = "未知的指标与名单外的称号视为错误"),
    ),
    request_body(content(
        (schema::Profiles = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "最优组合", content(
        (schema::BundleAnswer = "application/json"),
        (schema::BundleLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn bundle(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["as_of", "strict"], &[])?;
    let options =
        MatchOptions { as_of: query.day("as_of")?.unwrap_or_else(today), all: false, limit: 0, bundle: true };
    let asked = Asked::on(options.as_of, query.flag("strict", false)?);
    asked
        .answer(app, caller, &headers, body, move |rules, profile| {
            let (report, undecided) = rules.match_profile(profile, options);
            let answer = json!({"id": report.id, "as_of": report.as_of, "bundle": report.bundle});
            (answer, undecided.iter().map(ToString::to_string).collect())
        })
        .await
}

/// How profiles are read.
#[derive(Clone, Copy)]
struct Asked {
    as_of: Date,
    strict: bool,
    /// As of when the registry is believed, where that is not now.
    believed: Option<Moment>,
}

impl Asked {
    fn on(as_of: Date, strict: bool) -> Self {
        Self { as_of, strict, believed: None }
    }

    /// Answers for every profile of a body by `each`, which also says what it could not decide.
    async fn answer(
        self,
        app: Shared,
        caller: Caller,
        headers: &HeaderMap,
        body: Body,
        each: impl Fn(&Rules, &Profile) -> (Value, Vec<String>) + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let kind = Kind::of(headers, &[Kind::Json, Kind::Lines])?;
        // The same rules for all of a request, whatever is imported meanwhile.
        let rules = match self.believed {
            None => rules_for(&app, &caller).await?,
            Some(moment) => rules_believed(&app, &caller, moment).await?,
        };
        if kind == Kind::Lines {
            let line = move |number: u32, line: &[u8]| self.line(&rules, number, line, &each);
            return Ok(stream::answer(app, body, line));
        }
        let limits = &app.settings.limits;
        let bytes = request::body(headers, body, limits.body, limits).await?;
        let answer = app.work(move || self.whole(&rules, &bytes, &each)).await??;
        Ok(Json(answer).into_response())
    }

    /// Whatever is wrong with single profiles stands in `problems`.
    fn whole(
        self,
        rules: &Rules,
        body: &[u8],
        each: &impl Fn(&Rules, &Profile) -> (Value, Vec<String>),
    ) -> Result<Value, Problem> {
        let read = zhaoren_engine::read_profiles(body, "request.json", rules.dictionary(), self.strict);
        if !read.several && read.profiles.is_empty() {
            request::well_formed(body)?;
            return Err(Problem::found(Code::BadProfile, &read.problems));
        }
        let mut notes: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        let mut answers = Vec::new();
        for profile in &read.profiles {
            let (answer, more) = each(rules, profile);
            notes.extend(more);
            notes.extend(zhaoren_engine::disagreements(profile, rules.dictionary(), self.as_of));
            answers.push(answer);
        }
        let answer = match (read.several, answers.pop()) {
            (false, Some(only)) => only,
            (_, last) => {
                answers.extend(last);
                json!({ "as_of": self.as_of, "results": answers })
            }
        };
        Ok(noted(answer, notes))
    }

    fn line(
        self,
        rules: &Rules,
        number: u32,
        line: &[u8],
        each: &impl Fn(&Rules, &Profile) -> (Value, Vec<String>),
    ) -> Value {
        let (profile, found) =
            zhaoren_engine::read_profile_line(line, "request.jsonl", number, rules.dictionary(), self.strict);
        let Some(profile) = profile else {
            let problem = match request::well_formed(line) {
                Err(problem) => problem,
                Ok(()) => Problem::found(Code::BadProfile, &found),
            };
            return stream::wrong(number, &problem);
        };
        let mut notes: Vec<String> = found.iter().map(ToString::to_string).collect();
        let (answer, more) = each(rules, &profile);
        notes.extend(more);
        notes.extend(zhaoren_engine::disagreements(&profile, rules.dictionary(), self.as_of));
        noted(answer, notes)
    }
}

fn noted(mut answer: Value, notes: Vec<String>) -> Value {
    if let (Some(answer), false) = (answer.as_object_mut(), notes.is_empty()) {
        answer.insert("problems".to_owned(), notes.into());
    }
    answer
}
