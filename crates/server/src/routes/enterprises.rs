//! Stored data of enterprises: saved with its source, read as far as the caller may, matched, deleted.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use serde_json::{Value, json};
use zhaoren_engine::{
    Body, Date, EngineError, Moment, OneProfile, Rules, SavedProfiles, StoredProfile, now, profile_with_id,
    today,
};

use super::answer_view::AnswerView;
use super::profile_options::{MAX_RESULTS, MatchExtras, ProfileOptions, match_options};
use super::{Answer, cursor, to_json};
use crate::call::Call;
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};
use crate::state::Shared;

/// Maximum number of enterprises on one page.
const PAGE: usize = 1_000;

/// 存有指标的企业，逐页取
///
/// 只有标识；画像见 `GET /v1/enterprises/{id}`。
#[utoipa::path(
    get, path = "/v1/enterprises", operation_id = "enterprises", tag = "企业",
    params(
        ("cursor" = Option<String>, Query, description = "上一页的 `next`"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "每页几家，默认 100"),
    ),
    responses((status = 200, description = "一页企业标识；租户只见自己的", body = schema::EnterprisePage)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["cursor", "limit"], &[])?;
    let (limit, after) = (query.number("limit", 100, PAGE)?.max(1), cursor::after(&query)?);
    let records = app.engine.records();
    let mut ids = app.read(move || records.enterprises_after(&caller.0.tenant, &after, limit + 1)).await??;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().filter(|_| more).map(|last| cursor::encode(last));
    Ok(Json(json!({"enterprises": ids, "next": next})))
}

/// 存入多家企业的画像，注明来源
///
/// 能读的都存下，其余逐条说明；全部有错时不存，答复 400。画像里没有的指标照旧，写作 `null` 的为来源收回。
#[utoipa::path(
    post, path = "/v1/enterprises", operation_id = "saveEnterprises", tag = "企业",
    params(
        ("source" = String, Query, description = "谁说的，如 企业填报、社保、税务"),
        ("from" = Option<String>, Query, format = Date, description = "从这一天起成立"),
        ("until" = Option<String>, Query, format = Date, description = "到这一天为止成立"),
    ),
    request_body(content(
        (schema::Profiles = "application/json"),
        (schema::Profile = "application/x-ndjson"),
    )),
    responses((status = 200, description = "存下的企业", body = schema::SavedEnterprises)),
)]
pub(crate) async fn save(Call { app, caller, query, headers, body }: Call) -> Answer {
    let provenance = Provenance::read(&Query::read(query.as_deref(), &Provenance::KNOWN, &[])?)?;
    let limits = &app.settings.limits;
    let (kind, bytes) =
        request::document(&headers, body, &[Kind::Json, Kind::Lines], limits.import, limits).await?;
    let saved = provenance.save(&app, caller, format!("request.{}", kind.extension()), bytes).await?;
    let each = |(id, changed): &(String, usize)| json!({"id": id, "changed": changed});
    let ids: Vec<Value> = saved.saved.iter().map(each).collect();
    Ok(Json(json!({"saved": ids, "problems": problems(&saved)})))
}

/// 存入一家企业的指标，注明来源
///
/// 内容为企业画像，`id` 可省。画像里没有的指标照旧，写作 `null` 的为来源收回。
#[utoipa::path(
    put, path = "/v1/enterprises/{id}/facts", operation_id = "putFacts", tag = "企业",
    params(
        ("id" = String, Path, description = "企业标识"),
        ("source" = String, Query, description = "谁说的，如 企业填报、社保、税务"),
        ("from" = Option<String>, Query, format = Date, description = "从这一天起成立"),
        ("until" = Option<String>, Query, format = Date, description = "到这一天为止成立"),
    ),
    request_body(content((schema::FactsBody = "application/json"))),
    responses((status = 200, description = "新增或变动了几项", body = schema::SavedFacts)),
)]
pub(crate) async fn put_facts(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    let provenance = Provenance::read(&Query::read(query.as_deref(), &Provenance::KNOWN, &[])?)?;
    let limits = &app.settings.limits;
    let (_, bytes) = request::document(&headers, body, &[Kind::Json], limits.body, limits).await?;
    let one = id.clone();
    let bytes = app.read(move || of(&one, bytes)).await??;
    let saved = provenance.save(&app, caller, "request.json".to_owned(), bytes).await?;
    let changed: usize = saved.saved.iter().map(|(_, changed)| changed).sum();
    Ok(Json(json!({"id": id, "changed": changed, "problems": problems(&saved)})))
}

/// 一家企业存下的画像，谁说的，别人怎么说
///
/// 按调用者的角色：看不见的指标不在其中，只计其数。读取留有审计。
#[utoipa::path(
    get, path = "/v1/enterprises/{id}", operation_id = "enterprise", tag = "企业",
    params(
        ("id" = String, Path, description = "企业标识"),
        ("as_of" = Option<String>, Query, format = Date, description = "在哪一天成立的，默认今天"),
        ("believed" = Option<String>, Query, description = "按当时的登记库：一天（当天结束时）或一个时刻，默认现在"),
    ),
    responses((status = 200, description = "画像与来源", body = schema::StoredProfile)),
)]
pub(crate) async fn show(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["as_of", "believed"], &[])?;
    let day = query.day("as_of")?.unwrap_or_else(today);
    super::json(&stored(&app, &caller, &id, day, query.moment("believed")?).await?)
}

/// 用一家企业存下的画像匹配
///
/// 如 `POST /v1/match`；调用者看不见的指标按未知处理，`problems` 说明有几项。要判定凭据时，取出画像再 `POST /v1/match?receipt=true`。
#[utoipa::path(
    get, path = "/v1/enterprises/{id}/match", operation_id = "matchEnterprise", tag = "企业",
    params(
        ("id" = String, Path, description = "企业标识"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 100_000, description = "最多列出几项，默认 20"),
        ("all" = Option<bool>, Query, description = "不符合的与未生效的也列出"),
        ("bundle" = Option<bool>, Query, description = "是否计算最优组合，默认 true"),
        ("overview" = Option<bool>, Query, description = "附一窗总览：现行事项各处于何处，合计为 `live`；默认 false"),
        ("explain" = Option<bool>, Query, description = "false：不列各条件与差距（`clauses`、`nearest` 为空），答复小得多；默认 true"),
        ("facts" = Option<bool>, Query, description = "true：另附 `facts`，所提到的每个指标的名称、类型、单位与可选的值；默认 false"),
        ("believed" = Option<String>, Query, description = "按当时的登记库匹配：一天（当天结束时）或一个时刻，默认现在"),
    ),
    responses((status = 200, description = "匹配结果", body = schema::MatchReport)),
)]
pub(crate) async fn match_stored(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    let known = ["as_of", "limit", "all", "bundle", "overview", "believed"];
    let query = Query::read(query.as_deref(), &[&known[..], &AnswerView::KNOWN].concat(), &[])?;
    let options = match_options(&query)?;
    let believed = query.moment("believed")?;
    let stored = stored(&app, &caller, &id, options.as_of, believed).await?;
    let overview = query.flag("overview", false)?;
    let view = AnswerView::read(&query)?;
    let profile_options =
        ProfileOptions { believed, overview, view, ..ProfileOptions::on(options.as_of, false) };
    let beside = MatchExtras::of(&app, &caller, &profile_options).await?;
    let rules = profile_options.rules(&app, &caller).await?;
    let metrics = Arc::clone(&app);
    let work = move || {
        let (text, notes) = (stored.text(), notes(&stored));
        let each = |rules: &_, profile: &_| beside.match_profile(&metrics, rules, profile, options);
        profile_options.whole(&rules, &Body::parsed(&text, stored.node), notes, &each)
    };
    app.read(work).await?.map(Json)
}

/// 向一家存有画像的企业最该补问的指标
///
/// 如 `POST /v1/questions`；已存的不再问，调用者看不见的指标按未知处理，`problems` 说明有几项。
#[utoipa::path(
    get, path = "/v1/enterprises/{id}/questions", operation_id = "enterpriseQuestions", tag = "企业",
    params(
        ("id" = String, Path, description = "企业标识"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 100_000, description = "最多几个问题，默认 10"),
        ("facts" = Option<bool>, Query, description = "true：另附 `facts`，所问的每个指标的名称、类型、单位与可选的值；默认 false"),
    ),
    responses((status = 200, description = "要问的指标", body = schema::QuestionPlan)),
)]
pub(crate) async fn ask_stored(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["as_of", "limit", "facts"], &[])?;
    let (as_of, limit) = (query.day("as_of")?.unwrap_or_else(today), query.number("limit", 10, MAX_RESULTS)?);
    let view = AnswerView::read(&query)?;
    let stored = stored(&app, &caller, &id, as_of, None).await?;
    let profile_options = ProfileOptions::on(as_of, false);
    let rules = profile_options.rules(&app, &caller).await?;
    let work = move || {
        let (text, notes) = (stored.text(), notes(&stored));
        let each = |rules: &Rules, profile: &_| {
            let mut plan = to_json(rules.questions(profile, as_of, limit))?;
            view.apply(&mut plan, rules.dictionary())?;
            Ok((plan, Vec::new()))
        };
        profile_options.whole(&rules, &Body::parsed(&text, stored.node), notes, &each)
    };
    app.read(work).await?.map(Json)
}

/// Notes on a stored profile: facts that its reader may not see, and disagreements of its sources.
fn notes(stored: &StoredProfile) -> Vec<String> {
    let hidden = format!("存有 {} 项指标不在可见范围内，按未知处理", stored.hidden);
    let mut notes = if stored.hidden > 0 { vec![hidden] } else { Vec::new() };
    notes.extend(stored.problems.iter().cloned());
    notes
}

/// 删除一家企业的全部指标（含历次修订）、判定凭据与消息
///
/// 台账与审计不含指标，不删除。
#[utoipa::path(
    delete, path = "/v1/enterprises/{id}", operation_id = "forgetEnterprise", tag = "企业",
    params(("id" = String, Path, description = "企业标识")),
    responses((status = 200, description = "删除了多少", body = schema::Forgotten)),
)]
pub(crate) async fn forget(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    super::json(&app.write(move || records.forget(&caller.0.write_context(now()), &id)).await??)
}

/// Source of a profile, and its days of validity.
struct Provenance {
    source: String,
    valid: (Option<Date>, Option<Date>),
}

impl Provenance {
    const KNOWN: [&str; 3] = ["source", "from", "until"];

    fn read(query: &Query) -> Result<Self, Problem> {
        let source = query.required("source", "须给出：谁说的，如 企业填报、社保")?.to_owned();
        Ok(Self { source, valid: (query.day("from")?, query.day("until")?) })
    }

    async fn save(
        self,
        app: &Shared,
        caller: Caller,
        name: String,
        body: Bytes,
    ) -> Result<SavedProfiles, Problem> {
        let records = app.engine.records();
        let work = move || {
            let act = caller.0.write_context(now());
            let facts = records.dictionary_for(&caller.0.tenant)?;
            records.save_profiles(&act, &body, &name, &self.source, self.valid, &facts)
        };
        let saved = app.write_within(app.settings.limits.import_time, work).await??;
        match saved.saved.is_empty() {
            true => Err(Problem::from_findings(Code::BadProfile, &saved.problems)),
            false => Ok(saved),
        }
    }
}

fn problems(saved: &SavedProfiles) -> Vec<Value> {
    saved.problems.iter().map(Problem::error).collect()
}

/// Body with one profile of the enterprise `id`; the body may omit the id.
fn of(id: &str, body: Bytes) -> Result<Bytes, Problem> {
    match profile_with_id(&body, id) {
        OneProfile::Single(body) => Ok(body.into()),
        OneProfile::Several(several) => {
            Err(Problem::field("profiles", &several, "不存在：这个地址只收一家企业的画像"))
        }
        OneProfile::OtherId(other) => {
            Err(Problem::field("id", &other, &format!("应与地址中的企业标识 `{id}` 相同，或不写")))
        }
        OneProfile::NoObject => {
            Err(Problem::new(Code::BadContent, "应为一个企业画像：含 facts 的 JSON 对象"))
        }
    }
}

/// Stored profile of an enterprise, as far as the caller may see it.
async fn stored(
    app: &Shared,
    caller: &Caller,
    id: &str,
    day: Date,
    believed: Option<Moment>,
) -> Result<StoredProfile, Problem> {
    let (records, who, wanted_id) = (app.engine.records(), caller.reader(app), id.to_owned());
    let believed = believed.unwrap_or(Moment::NOW);
    let found: Result<_, EngineError> = app
        .write(move || {
            let facts = records.dictionary_for(&who.tenant)?;
            records.stored_profile(&who, &wanted_id, day, believed, now(), &facts)
        })
        .await?;
    found?.ok_or_else(|| Problem::new(Code::NotFound, format!("没有存过企业 `{id}` 的指标")))
}
