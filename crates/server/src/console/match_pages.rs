//! Pages about one enterprise: a profile filled in, matched, answered, and printed.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Map, Value as Json, json};
use zhaoren_console::{KnownFact, MatchPage, MatchView, ProfileForm, Viewer};
use zhaoren_engine::{
    CodeSystem, Date, FactType, MatchOptions, Moment, PackChoices, PackFact, PolicyCode, Principal, Profile,
    ReceivedBenefits, Records, Right, Rules, ServicePack, StoredProfile, TypedAnswer, UNCLEAR, code_names,
    forget_unclear, has_errors, last_fiscal_year, mark_unclear, now, parse_date, put_answers, read_json,
    read_profiles, today,
};

use super::downloads::{XLSX, attachment};
use super::form::Fields;
use super::known::known_facts;
use super::shell::{FormCall, failure, page, page_with_status, show, show_with_write};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Content type of a Word document.
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Source of facts that are kept from the page, unless another is named.
const COUNTER: &str = "服务窗口";

/// Number of facts asked for on the empty form.
const FIRST: usize = 24;

/// Sample enterprises, which are marked as such.
const SAMPLES: &str = include_str!("../../../../seeds/enterprises/samples.jsonl");

#[expect(clippy::expect_used, reason = "the samples are built into the program, and tests read them all")]
fn samples() -> impl Iterator<Item = Map<String, Json>> {
    SAMPLES.lines().map(|line| serde_json::from_str(line).expect("a sample is a JSON object"))
}

/// Number of stored enterprises offered to choose from.
const OFFERED: usize = 200;

/// Digits of the industries that can be picked: the classes; the thousand kinds below them can be typed.
const INDUSTRY_DIGITS: usize = 3;
/// Digits of a district.
const DISTRICT_DIGITS: usize = 6;

/// Names of the places of the provinces that the items are for.
fn places(rules: &Rules) -> Vec<&'static str> {
    let province = |region: &str| PolicyCode::parse(&format!("{:0<6}", region.get(..2)?), CodeSystem::Region);
    let regions = rules.library().iter().filter_map(|item| item.document.region.as_deref());
    let mut provinces: Vec<PolicyCode> =
        regions.filter_map(province).filter(|code| !code.key().is_empty()).collect();
    provinces.sort();
    provinces.dedup();
    if provinces.is_empty() {
        return Vec::new();
    }
    code_names(CodeSystem::Region).distinct_names(&provinces, DISTRICT_DIGITS)
}

/// Form with its errors.
fn form(
    viewer: &Viewer,
    who: &Principal,
    records: &Records,
    rules: &Rules,
    filled: ProfileForm<'_>,
) -> Result<zhaoren_console::Page, Problem> {
    let looks_up = who.has_right(Right::ReadFacts);
    let known = if looks_up { records.enterprises_after(&who.tenant, "", OFFERED)? } else { Vec::new() };
    let text =
        |sample: &Map<String, Json>, key: &str| sample.get(key).and_then(Json::as_str).map(str::to_owned);
    let samples = samples().filter_map(|sample| Some((text(&sample, "id")?, text(&sample, "name")?)));
    let asked = filled.policy.as_deref().and_then(|policy| rules.item(policy));
    // For one item only what it needs is asked.
    let needed: Option<Vec<String>> = asked.map(|item| rules.needed_facts(&item.id, today()));
    let is_needed = |key: &str| needed.as_ref().is_none_or(|needed| needed.iter().any(|one| one == key));
    let all = if needed.is_some() { usize::MAX } else { FIRST };
    let plan = rules.questions(&Profile::default(), today(), all);
    let filled = ProfileForm {
        first: plan
            .questions
            .iter()
            .filter(|question| if needed.is_some() { is_needed(&question.fact) } else { !question.rare })
            .collect(),
        places: places(rules),
        industries: code_names(CodeSystem::Industry).distinct_names(&[], INDUSTRY_DIGITS),
        policy_title: asked.map(|item| item.title.clone()),
        needed: needed.clone(),
        last_year: last_fiscal_year(today()),
        samples: samples.collect(),
        can_look_up: looks_up,
        stored_ids: known,
        ..filled
    };
    Ok(zhaoren_console::profile_form(viewer, rules.dictionary(), &filled))
}

pub(super) async fn fill(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let policy = Fields::from_query(query.as_deref()).non_empty("policy");
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let rules = engine.rules_for(&who.tenant)?;
        let filled = ProfileForm { policy, ..ProfileForm::default() };
        Ok(page(form(viewer, &who, &engine.records(), &rules, filled)?))
    })
    .await
}

/// Matches a submitted profile and sends the browser to the address of the result, where it can be reloaded and sent to a colleague.
pub(super) async fn matching(call: FormCall) -> Response {
    let (app, who) = (Arc::clone(&call.app), call.caller.0.clone());
    match_page(call, move |_, shown, _| {
        let field = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let mut kept = vec![field("profile", shown.profile), field("as_of", &shown.report.as_of.to_string())];
        if shown.stored {
            kept.push(field("stored", &shown.report.id));
        }
        kept.extend(shown.policy.map(|policy| field("policy", policy)));
        kept.extend(shown.ticked.iter().map(|key| field(&format!("has.{key}"), "1")));
        let token = app.results.keep(&who, kept)?;
        Ok(Redirect::to(&format!("/match/r/{token}")).into_response())
    })
    .await
}

/// Fields of the result with this name, with those of the query; `None` if it is gone.
fn kept_fields(app: &Shared, caller: &Caller, id: &str, query: Option<&str>) -> Option<Fields> {
    Some(Fields::from_query(query).before(app.results.get(&caller.0, id)?))
}

/// Page that says that a result is gone.
fn gone(app: &Shared, caller: &Caller) -> Response {
    let gone = "这个匹配结果已过期，或不是您的单位和角色所作，请重新匹配";
    failure(app, caller, &Problem::new(Code::NotFound, gone))
}

/// Result of an earlier match by its address, filtered and sorted by the query.
pub(super) async fn result(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(fields) = kept_fields(&app, &caller, &id, query.as_deref()) else {
        return gone(&app, &caller);
    };
    let can_save = caller.0.has_right(Right::WriteFacts);
    match_page(FormCall { app, caller, fields }, move |viewer, shown, fields| {
        let view = MatchView {
            token: &id,
            kind: fields.text("kind"),
            level: fields.text("level"),
            doable: !fields.text("doable").is_empty(),
            sort: fields.text("sort"),
            saved: fields.text("saved"),
            can_save,
        };
        Ok(page(zhaoren_console::matching(viewer, shown, &view)))
    })
    .await
}

/// Keeps the facts of a result in the enterprise's file, as statements of a source.
pub(super) async fn save(Path(id): Path<String>, FormCall { app, caller, fields }: FormCall) -> Response {
    let Some(kept) = kept_fields(&app, &caller, &id, None) else { return gone(&app, &caller) };
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show_with_write(&app, &caller, move |_| {
        let source = fields.non_empty("source").unwrap_or_else(|| COUNTER.to_owned());
        let rules = engine.rules_for(&who.tenant)?;
        let text = kept.text("profile");
        let saved = engine.records().save_profiles(
            &who.write_context(now()),
            text.as_bytes(),
            "画像",
            &source,
            (None, None),
            rules.dictionary(),
        )?;
        if has_errors(&saved.problems) {
            return Err(Problem::from_findings(Code::BadParameter, &saved.problems));
        }
        let count: usize = saved.saved.iter().map(|(_, changed)| changed).sum();
        Ok(Redirect::to(&format!("/match/r/{id}?saved={count}")).into_response())
    })
    .await
}

pub(super) async fn pack(call: FormCall) -> Response {
    match_page(call, service_pack).await
}

/// Service pack in the form asked for: a page, a Word document or an Excel workbook.
fn service_pack(viewer: &Viewer, shown: &MatchPage<'_>, fields: &Fields) -> Result<Response, Problem> {
    let fact = |one: &KnownFact| PackFact {
        name: if one.year.is_empty() { one.name.clone() } else { format!("{}（{}）", one.name, one.year) },
        value: one.value.clone(),
        source: one.source.clone(),
        since: one.since.clone(),
    };
    let facts = shown.known_facts.iter().map(fact).collect();
    let pack = ServicePack::of(shown.report, shown.received, shown.questions, facts);
    // A form that was not shown yet has no boxes.
    let choices = if fields.text("chosen").is_empty() {
        PackChoices::default()
    } else {
        let has = |name: &str| fields.all("with").any(|one| one == name);
        PackChoices {
            details: has("details"),
            questions: has("questions"),
            near: has("near"),
            facts: has("facts"),
        }
    };
    let failed = |error: zhaoren_engine::OfficeError| Problem::internal(&error);
    let name = |extension: &str| format!("{}-{}.{extension}", pack.id, pack.as_of);
    match fields.text("format") {
        "docx" => {
            let bytes = pack.docx(choices).map_err(failed)?;
            Ok(attachment(DOCX, &name("docx"), bytes.into()))
        }
        "xlsx" => {
            let bytes = pack.xlsx(choices).map_err(failed)?;
            Ok(attachment(XLSX, &name("xlsx"), bytes.into()))
        }
        _ => Ok(page(zhaoren_console::pack(viewer, shown, &pack, choices))),
    }
}

/// Matches the submitted profile, and renders the result with `render`; errors are shown on the form.
async fn match_page(
    FormCall { app, caller, fields }: FormCall,
    render: impl FnOnce(&Viewer, &MatchPage<'_>, &Fields) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    // Reading stored facts writes a line of the audit.
    show_with_write(&app, &caller, move |viewer| {
        let (rules, records) = (engine.rules_for(&who.tenant)?, engine.records());
        Ok(match profile_of(&fields, &rules, &who, &records) {
            Ok(given) => {
                let received = records.received_benefits(&who, &given.profile.id, given.day)?;
                render_match(viewer, &rules, &given, received, &fields, render)?
            }
            Err(Faults { lines: faults, profile, facts: fact_faults }) => {
                let (policy, as_of) = (fields.non_empty("policy"), fields.text("as_of").to_owned());
                // Values typed into the form are shown in its fields again, and a pasted profile in its box.
                let typed = fields.text("profile").is_empty() && fields.text("lookup").is_empty();
                let profile = if typed { String::new() } else { profile };
                let values = if typed { fields.all_values() } else { Vec::new() };
                let filled = ProfileForm {
                    faults,
                    profile,
                    policy,
                    as_of,
                    values,
                    fact_faults,
                    ..ProfileForm::default()
                };
                page_with_status(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    form(viewer, &who, &records, &rules, filled)?,
                )
            }
        })
    })
    .await
}

/// Errors of a submitted form.
struct Faults {
    lines: Vec<String>,
    /// Profile as pasted, or as made of the fields.
    profile: String,
    /// Errors of single facts, by key.
    facts: Vec<(String, String)>,
}

/// Key of the fact in the path of a fault: `facts.KEY`, followed by the year or the field.
fn fact_of(path: &str) -> Option<String> {
    let key = path.strip_prefix("facts.")?;
    let end = key.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(key.len());
    key.get(..end).map(str::to_owned)
}

/// Parsed profile, its text for the next page, and notes on it.
struct ReadProfile {
    profile: Profile,
    text: String,
    known: Vec<KnownFact>,
    stored: bool,
    day: Date,
    notes: Vec<String>,
}

/// Profile from a form: a sample, a stored or a pasted one, with the answers filled in. Otherwise the errors, and the
/// text as pasted.
fn profile_of(
    fields: &Fields,
    rules: &Rules,
    who: &Principal,
    records: &Records,
) -> Result<ReadProfile, Faults> {
    let pasted = fields.text("profile");
    let wrong = |fault: String| Faults { lines: vec![fault], profile: pasted.to_owned(), facts: Vec::new() };
    let day = match fields.text("as_of") {
        "" => today(),
        text => parse_date(text).ok_or_else(|| wrong(format!("判定日应为存在的日期，得到 `{text}`")))?,
    };
    let sample = fields.text("sample");
    let lookup = fields.text("lookup");
    let (mut notes, mut kept) = (Vec::new(), None);
    let mut object: Map<String, Json> = if !lookup.is_empty() {
        let stored = stored(lookup, day, rules, who, records).map_err(wrong)?;
        if stored.hidden > 0 {
            notes.push(format!("另有 {} 项指标您无权查看，按未知处理", stored.hidden));
        }
        notes.extend(stored.problems.iter().cloned());
        let Json::Object(object) = stored.profile.clone() else {
            return Err(wrong(format!("企业 `{lookup}` 所存的画像不是 JSON 对象")));
        };
        kept = Some(stored);
        object
    } else if !sample.is_empty() {
        let known = |one: &Map<String, Json>| one.get("id").and_then(Json::as_str) == Some(sample);
        samples().find(known).ok_or_else(|| wrong(format!("没有样例企业 `{sample}`")))?
    } else if !pasted.is_empty() {
        match read_json(pasted).map(|node| node.to_json()) {
            Ok(Json::Object(object)) => {
                // The page of a stored enterprise posts its profile back, with the answers given since.
                let id = object.get("id").and_then(Json::as_str).filter(|id| *id == fields.text("stored"));
                match id.map(|id| stored(id, day, rules, who, records)) {
                    Some(Ok(stored)) => kept = Some(stored),
                    // The facts are those of the page all the same; only who says them is not known now.
                    Some(Err(why)) => notes.push(format!("指标的来源未能列出：{why}")),
                    None => {}
                }
                object
            }
            Ok(_) => return Err(wrong("企业画像应为一个 JSON 对象".to_owned())),
            Err(error) => {
                return Err(wrong(format!("企业画像第 {} 行不是正确的 JSON，或有重复的键", error.line)));
            }
        }
    } else {
        let id = fields.non_empty("id").unwrap_or_else(|| "未填编号".to_owned());
        let named = fields.non_empty("name").map(|name| ("name".to_owned(), json!(name)));
        std::iter::once(("id".to_owned(), json!(id))).chain(named).collect()
    };
    let answers: Vec<TypedAnswer> =
        fields.with_prefix("fact.").filter_map(|(name, text)| TypedAnswer::parse(name, text)).collect();
    if !fields.text("again").is_empty() {
        forget_unclear(&mut object);
    }
    let mut rest = none_of_the_rest(fields);
    rest.extend(ticked(fields).iter().filter_map(|key| {
        let fact = rules.dictionary().get(key).filter(|fact| fact.kind == FactType::Boolean)?;
        TypedAnswer::parse(&fact.key, "是")
    }));
    put_answers(&mut object, &rest, rules.dictionary());
    put_answers(&mut object, &answers, rules.dictionary());
    // A question left blank is not asked again.
    mark_unclear(&mut object, fields.all("asked"), rules.dictionary());
    let text = format!("{:#}", Json::Object(object.clone()));
    let read = read_profiles(text.as_bytes(), "画像", rules.dictionary(), false);
    let lines: Vec<String> = read.problems.iter().map(Problem::line).collect();
    if has_errors(&read.problems) {
        let faults = read.problems.iter().zip(&lines);
        let facts = faults.filter_map(|(problem, line)| Some((fact_of(&problem.path)?, line.clone())));
        return Err(Faults { facts: facts.collect(), lines, profile: text });
    }
    notes.extend(lines);
    match read.profiles.into_iter().next() {
        Some(profile) => {
            let known = known_facts(&object, kept.as_ref(), rules.dictionary());
            Ok(ReadProfile { profile, text, known, stored: kept.is_some(), day, notes })
        }
        None => {
            Err(Faults { lines: vec!["没有读到企业".to_owned()], profile: text, facts: Vec::new() })
        }
    }
}

/// Keys of the rarities that the enterprise has.
fn ticked(fields: &Fields) -> Vec<String> {
    let mut keys: Vec<String> = fields.with_prefix("has.").map(|(key, _)| key.to_owned()).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Answers for the rarities that were not ticked, if the enterprise has none of them.
fn none_of_the_rest(fields: &Fields) -> Vec<TypedAnswer> {
    if fields.text("rest").is_empty() {
        return Vec::new();
    }
    let ticked = ticked(fields);
    let answers = fields.with_prefix("none.").filter_map(|(name, text)| TypedAnswer::parse(name, text));
    answers.filter(|answer| ticked.binary_search(&answer.fact).is_err()).collect()
}

/// Number of facts, or years of them, that the enterprise does not know.
fn unclear_count(profile: &Profile) -> usize {
    profile.all_withheld().filter(|(.., reason)| *reason == UNCLEAR).count()
}

/// Stored profile of an enterprise, as far as the caller may see it.
fn stored(
    id: &str,
    day: Date,
    rules: &Rules,
    who: &Principal,
    records: &Records,
) -> Result<StoredProfile, String> {
    if !who.has_right(Right::ReadFacts) {
        return Err("您无权查看已存的企业指标".to_owned());
    }
    let found = records.stored_profile(who, id, day, Moment::NOW, now(), rules.dictionary());
    match found {
        Ok(Some(stored)) => Ok(stored),
        Ok(None) => Err(format!("没有存过企业 `{id}` 的指标")),
        Err(error) => {
            tracing::error!(%error, "a stored profile could not be read");
            Err("已存的企业指标读不出来，请稍后再试".to_owned())
        }
    }
}

fn render_match(
    viewer: &Viewer,
    rules: &Rules,
    given: &ReadProfile,
    received: Option<ReceivedBenefits>,
    fields: &Fields,
    show: impl FnOnce(&Viewer, &MatchPage<'_>, &Fields) -> Result<Response, Problem>,
) -> Result<Response, Problem> {
    let options = MatchOptions { as_of: given.day, all: true, limit: usize::MAX, bundle: true };
    let (report, undecided) = rules.match_profile(&given.profile, options);
    let questions = rules.questions(&given.profile, given.day, usize::MAX);
    let mut notes = given.notes.clone();
    notes.extend(undecided.iter().map(|one| format!("事项 `{}` 无法判定：{}", one.item, one.cause)));
    if received.is_none() {
        notes.push("您无权查看推送台账，已享受的事项未列出".to_owned());
    }
    show(
        viewer,
        &MatchPage {
            report: &report,
            received: &received.unwrap_or_default(),
            known_facts: &given.known,
            stored: given.stored,
            undecided: rules.in_force_count(&undecided, given.day),
            questions: &questions,
            rules,
            profile: &given.text,
            notes: &notes,
            ticked: &ticked(fields),
            unclear: unclear_count(&given.profile),
            policy: fields.non_empty("policy").as_deref(),
        },
        fields,
    )
}
