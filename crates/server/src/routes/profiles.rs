//! Routes that take profiles: match, questions, bundle.

use std::sync::Arc;

use axum::response::Response;
use serde_json::json;
use zhaoren_engine::{MatchOptions, today};

use super::answer_view::AnswerView;
use super::profile_options::{MAX_RESULTS, MatchExtras, ProfileOptions, match_options};
use super::to_json;
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::Problem;
use crate::request::Query;

/// 为企业匹配政策事项，逐条说明依据
///
/// 一个画像得一份结果；`{"profiles": [...]}` 或列表得 `{"as_of", "results"}`；`application/x-ndjson` 逐行匹配，逐行返回，有错的行在原处说明。
/// JSON 中的 `policies` 为事项的列表，代替登记库的事项。
#[utoipa::path(
    post, path = "/v1/match", operation_id = "match", tag = "企业",
    params(
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 100_000, description = "每家企业最多列出几项，默认 20"),
        ("all" = Option<bool>, Query, description = "不符合的与未生效的也列出"),
        ("bundle" = Option<bool>, Query, description = "是否计算最优组合，默认 true"),
        ("strict" = Option<bool>, Query, description = "未知的指标与名单外的称号视为错误"),
        ("believed" = Option<String>, Query, description = "按当时的登记库匹配：一天（当天结束时）或一个时刻，默认现在"),
        ("overview" = Option<bool>, Query, description = "附一窗总览：现行事项各处于何处，合计为 `live`；默认 false"),
        ("explain" = Option<bool>, Query, description = "false：不列各条件与差距（`clauses`、`nearest` 为空），答复小得多；默认 true"),
        ("facts" = Option<bool>, Query, description = "true：另附 `facts`，所提到的每个指标的名称、类型、单位与可选的值；默认 false"),
        ("receipt" = Option<bool>, Query, description = "附判定凭据，可用 zhaoren verify 离线核验；默认 false"),
    ),
    request_body(content(
        (schema::ProfilesAgainst = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "匹配结果", content(
        (schema::MatchAnswer = "application/json"),
        (schema::MatchLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn match_profiles(
    Call { app, caller, query, headers, body }: Call,
) -> Result<Response, Problem> {
    let known = ["as_of", "limit", "all", "bundle", "strict", "believed", "receipt", "overview"];
    let query = Query::read(query.as_deref(), &[&known[..], &AnswerView::KNOWN].concat(), &[])?;
    let options = match_options(&query)?;
    let metrics = Arc::clone(&app);
    let profile_options = ProfileOptions {
        believed: query.moment("believed")?,
        receipt: query.flag("receipt", false)?,
        overview: query.flag("overview", false)?,
        view: AnswerView::read(&query)?,
        ..ProfileOptions::on(options.as_of, query.flag("strict", false)?)
    };
    let beside = MatchExtras::of(&app, &caller, &profile_options).await?;
    profile_options
        .answer(app, caller, &headers, body, move |rules, profile| {
            beside.match_profile(&metrics, rules, profile, options)
        })
        .await
}

/// 列出最该补问的指标：问得最少，定得最多
///
/// 按先后问下去，定下的事项最多；企业不提供的与由程序算出的指标不问。一次问完不必，答了再问会更少。
#[utoipa::path(
    post, path = "/v1/questions", operation_id = "questions", tag = "企业",
    params(
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 100_000, description = "最多几个问题，默认 10"),
        ("facts" = Option<bool>, Query, description = "true：另附 `facts`，所问的每个指标的名称、类型、单位与可选的值；默认 false"),
        ("strict" = Option<bool>, Query, description = "未知的指标与名单外的称号视为错误"),
    ),
    request_body(content(
        (schema::ProfilesAgainst = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "要问的指标", content(
        (schema::QuestionsAnswer = "application/json"),
        (schema::QuestionsLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn questions(Call { app, caller, query, headers, body }: Call) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["as_of", "limit", "strict", "facts"], &[])?;
    let view = AnswerView::read(&query)?;
    let (as_of, limit) = (query.day("as_of")?.unwrap_or_else(today), query.number("limit", 10, MAX_RESULTS)?);
    let profile_options = ProfileOptions::on(as_of, query.flag("strict", false)?);
    profile_options
        .answer(app, caller, &headers, body, move |rules, profile| {
            let mut plan = to_json(rules.questions(profile, as_of, limit))?;
            view.apply(&mut plan, rules.dictionary())?;
            Ok((plan, Vec::new()))
        })
        .await
}

/// 最优组合：在叠加规则之下，一起享受哪些事项最好
///
/// 考虑不重复享受、合计封顶与二选一。`proof` 说明是否已证明为最优；金额未知的单列，不当作 0。
#[utoipa::path(
    post, path = "/v1/bundle", operation_id = "bundle", tag = "企业",
    params(
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("strict" = Option<bool>, Query, description = "未知的指标与名单外的称号视为错误"),
    ),
    request_body(content(
        (schema::ProfilesAgainst = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "最优组合", content(
        (schema::BundleAnswer = "application/json"),
        (schema::BundleLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn bundle(Call { app, caller, query, headers, body }: Call) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["as_of", "strict"], &[])?;
    let options =
        MatchOptions { as_of: query.day("as_of")?.unwrap_or_else(today), all: false, limit: 0, bundle: true };
    let profile_options = ProfileOptions::on(options.as_of, query.flag("strict", false)?);
    profile_options
        .answer(app, caller, &headers, body, move |rules, profile| {
            let (report, undecided) = rules.match_profile(profile, options);
            let answer = json!({"id": report.id, "as_of": report.as_of, "bundle": report.bundle});
            Ok((answer, undecided.iter().map(ToString::to_string).collect()))
        })
        .await
}
