//! Enterprises that qualify for one item.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::HeaderMap;
use serde::Serialize;
use zhaoren_engine::{
    Date, FactDictionary, Fault, Item, Profile, Report, Rules, Setting, WarningCounts, today,
};
use zhaoren_push::find::{Finder, ScanQuery, WhatIf, variants};
use zhaoren_push::{NoProgress, RunEnterprises};

use super::runs::{folder, runs_directory};
use super::stream::{Line, Lines};
use super::{Answer, json, rules_for};
use crate::call::Call;
use crate::intake::Content;
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{Kind, Query};
use crate::state::Shared;

/// Maximum number of ids of each kind in one answer.
const MAX_IDS: usize = 1_000_000;
/// Number of unreadable rows reported.
const SHOWN: usize = 20;
/// Maximum number of variants in one answer: each is compiled and counted.
const VARIANTS: usize = 100;

/// 找企业：一个事项谁符合，其余的卡在哪一条
///
/// 企业画像逐行给出，企业数不限；有错的行不在统计之内，前 20 个在 `problems` 中说明。给出 `run` 时问的是那个批次的企业，请求内容应为空。
#[utoipa::path(
    post, path = "/v1/policies/{id}/find", operation_id = "find", tag = "政策",
    params(
        ("id" = String, Path, description = "事项的 id"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 1_000_000, description = "符合的、待定的企业标识各最多列出几个，默认 100"),
        ("run" = Option<String>, Query, description = "已完成的推送批次：问它的全部企业"),
    ),
    request_body(content((schema::Profile = "application/x-ndjson"))),
    responses((status = 200, description = "人数与漏斗", body = schema::FindAnswer)),
)]
pub(crate) async fn find(Path(id): Path<String>, Call { app, caller, query, headers, body }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["as_of", "limit", "run"], &[])?;
    let (as_of, limit) = (query.day("as_of")?.unwrap_or_else(today), query.number("limit", 100, MAX_IDS)?);
    let rules = rules_for(&app, &caller).await?;
    let compiled = Arc::clone(&rules);
    let compile = move || {
        let (item, facts) = (item(&compiled, &id)?, compiled.library().dictionary());
        let finder = Finder::new(item, Arc::clone(facts), as_of, limit).map_err(|error| uncompilable(&error));
        finder.map(|finder| finder.of_library(compiled.library()))
    };
    let finder = Arc::new(app.read(compile).await??);
    let enterprises = enterprises(&app, &caller, &query, &headers, body)?;
    let outcome = run_query(&app, &rules, &finder, enterprises).await?;
    app.read(move || outcome.into_answer(|tally| finder.report(tally))).await?
}

/// 政策沙盘：门槛动一动，符合的会多出谁、少了谁
///
/// 只是试算：不改事项，不进名单。企业的给法同 `find`。`set` 在每个设想中都成立，`try` 的每个值是一个设想；都不给时逐条取消，看各条卡住多少家。
/// 写法为 `位置=值`：位置见匹配结果的 `path`，后接运算符（`all[0].at_least=20`），条件只有一个运算符时可省；值也可带单位（`500万元`、`30%`），`null` 为取消。
#[utoipa::path(
    post, path = "/v1/policies/{id}/what-if", operation_id = "whatIf", tag = "政策",
    params(
        ("id" = String, Path, description = "事项的 id"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 1_000_000, description = "每类企业标识最多列出几个，默认 100"),
        ("run" = Option<String>, Query, description = "已完成的推送批次：问它的全部企业"),
        ("set" = Option<Vec<String>>, Query, description = "`位置=值`，可多次给出"),
        ("try" = Option<Vec<String>>, Query, description = "`位置=值,值,…`，可多次给出"),
    ),
    request_body(content((schema::Profile = "application/x-ndjson"))),
    responses((status = 200, description = "现行的与各个设想的人数、漏斗与进出", body = schema::WhatIfAnswer)),
)]
pub(crate) async fn what_if(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    let query = Query::read(query.as_deref(), &["as_of", "limit", "run"], &["set", "try"])?;
    let (as_of, limit) = (query.day("as_of")?.unwrap_or_else(today), query.number("limit", 100, MAX_IDS)?);
    let rules = rules_for(&app, &caller).await?;
    let settings = Settings::read(query.all("set"), query.all("try"))?;
    let compiled = Arc::clone(&rules);
    let compile = move || {
        let facts = Arc::clone(compiled.library().dictionary());
        settings.of(item(&compiled, &id)?, facts, as_of, limit)
    };
    let comparison = Arc::new(app.read(compile).await??);
    let enterprises = enterprises(&app, &caller, &query, &headers, body)?;
    let found = run_query(&app, &rules, &comparison, enterprises).await?;
    app.read(move || found.into_answer(|tally| comparison.report(tally))).await?
}

fn item<'r>(rules: &'r Rules, id: &str) -> Result<&'r Item, Problem> {
    rules.item(id).ok_or_else(|| Problem::new(Code::NotFound, format!("没有事项 `{id}`")))
}

fn uncompilable(error: &impl std::fmt::Display) -> Problem {
    Problem::new(Code::BadPolicy, error.to_string())
}

/// Settings of a what-if.
pub(crate) struct Settings {
    set: Vec<Setting>,
    variants: Vec<Setting>,
}

impl Settings {
    /// Parses `PATH=VALUE` settings that apply to every variant, and `PATH=VALUE,…` settings that make a variant
    /// each.
    pub(crate) fn read<'t>(
        set: impl Iterator<Item = &'t str>,
        each: impl Iterator<Item = &'t str>,
    ) -> Result<Self, Problem> {
        let one = |text| Setting::parse(text).map_err(|fault| setting("set", text, fault));
        let set = set.map(one).collect::<Result<Vec<_>, _>>()?;
        let mut tried = Vec::new();
        for text in each {
            tried.extend(Setting::parse_each(text).map_err(|fault| setting("try", text, fault))?);
        }
        if tried.len() > VARIANTS {
            let detail = format!("一次最多 {VARIANTS} 个设想，得到 {} 个", tried.len());
            return Err(Problem::new(Code::BadParameter, detail));
        }
        Ok(Self { set, variants: tried })
    }

    /// Compiles the item and its variants.
    pub(crate) fn of(
        &self,
        item: &Item,
        facts: Arc<FactDictionary>,
        as_of: Date,
        limit: usize,
    ) -> Result<WhatIf, Problem> {
        let mut wrong = Report::new("request");
        let all = variants(item, &self.set, &self.variants, &facts, &mut wrong);
        let all = all.ok_or_else(|| Problem::from_findings(Code::BadParameter, &wrong.problems))?;
        WhatIf::new(item, all, facts, as_of, limit).map_err(|error| uncompilable(&error))
    }
}

/// Problem of an unreadable setting.
fn setting(parameter: &str, text: &str, fault: Fault) -> Problem {
    let mut report = Report::new("request");
    report.error(0, parameter, fault);
    let found = Problem::from_findings(Code::BadParameter, &report.problems);
    let detail = found.lines().first().cloned().unwrap_or_default();
    Problem::new(Code::BadParameter, format!("参数 `{parameter}` 得到 `{text}`：{detail}"))
}

/// Source of the enterprises.
enum Enterprises<'a> {
    /// Profiles, one per line.
    Lines(Lines<'a>),
    /// Enterprises of a finished run, with its directory.
    Run(std::path::PathBuf),
}

fn enterprises<'a>(
    app: &'a Shared,
    caller: &Caller,
    query: &Query,
    headers: &HeaderMap,
    body: Content,
) -> Result<Enterprises<'a>, Problem> {
    if let Some(run) = query.text("run") {
        return Ok(Enterprises::Run(folder(&runs_directory(app, caller)?, run)?));
    }
    Kind::of(headers, &[Kind::Lines])?;
    Ok(Enterprises::Lines(Lines::of(body, app)))
}

/// Result of a query over enterprises.
struct QueryOutcome<T> {
    tally: T,
    rejected: u64,
    /// Notes on the first rejected rows, then on the first warnings.
    notes: Vec<String>,
    /// Number of warnings about values, by kind.
    warnings: WarningCounts,
}

impl<T> QueryOutcome<T> {
    /// Renders the answer, with the rejected rows.
    fn into_answer<R: Serialize>(self, report: impl FnOnce(T) -> R) -> Answer {
        let mut answer = json(&report(self.tally))?;
        let Some(members) = answer.as_object_mut() else { return Ok(answer) };
        if self.rejected > 0 {
            members.insert("rejected".to_owned(), self.rejected.into());
        }
        if !self.warnings.is_empty() {
            let counts = self.warnings.iter().map(|(kind, count)| (kind.name().to_owned(), (*count).into()));
            members.insert("warnings".to_owned(), serde_json::Value::Object(counts.collect()));
        }
        if !self.notes.is_empty() {
            members.insert("problems".to_owned(), self.notes.into());
        }
        Ok(answer)
    }
}

async fn run_query<Q: ScanQuery + Send + 'static>(
    app: &Shared,
    rules: &Arc<Rules>,
    question: &Arc<Q>,
    enterprises: Enterprises<'_>,
) -> Result<QueryOutcome<Q::Tally>, Problem>
where
    Q::Tally: 'static,
{
    let mut lines = match enterprises {
        Enterprises::Lines(lines) => lines,
        Enterprises::Run(folder) => {
            let (rules, question) = (Arc::clone(rules), Arc::clone(question));
            let work = move || {
                let run = RunEnterprises::open(&folder, rules.library().dictionary())?;
                question.scan_run(&run, &NoProgress)
            };
            let tally = app.read_within(app.settings.limits.import_time, work).await?;
            let tally = tally.map_err(|error| Problem::internal(&error))?;
            return Ok(QueryOutcome {
                tally,
                rejected: 0,
                notes: Vec::new(),
                warnings: WarningCounts::new(),
            });
        }
    };
    let mut outcome = QueryOutcome {
        tally: question.empty(),
        rejected: 0,
        notes: Vec::new(),
        warnings: WarningCounts::new(),
    };
    loop {
        let (batch, problem) = lines.batch().await;
        if let Some(problem) = problem {
            return Err(problem);
        }
        if batch.is_empty() {
            return Ok(outcome);
        }
        let (rules, question) = (Arc::clone(rules), Arc::clone(question));
        let work = move || {
            let read = read(batch, &rules);
            (question.tally_profiles(&read.profiles), read)
        };
        let (tally, read) = app.read(work).await?;
        outcome.tally = Q::merge(outcome.tally, tally);
        outcome.rejected += read.wrong.len() as u64;
        outcome.notes.extend(read.wrong);
        outcome.notes.extend(read.doubts);
        for (kind, count) in read.warnings {
            *outcome.warnings.entry(kind).or_default() += count;
        }
        outcome.notes.truncate(SHOWN);
    }
}

/// Profiles of some lines.
#[derive(Default)]
struct ReadLines {
    profiles: Vec<Profile>,
    /// The first error of each line without a profile.
    wrong: Vec<String>,
    /// The first warnings.
    doubts: Vec<String>,
    /// Number of warnings, by kind.
    warnings: WarningCounts,
}

/// Parses the profiles of some lines.
fn read(lines: Vec<Line>, rules: &Rules) -> ReadLines {
    let mut read = ReadLines::default();
    for (number, line) in lines {
        let line = match line {
            Ok(line) => line,
            Err(problem) => {
                read.wrong.push(format!("第 {number} 行：{}", problem.detail.unwrap_or_default()));
                continue;
            }
        };
        let facts = rules.dictionary();
        let (profile, problems) =
            zhaoren_engine::read_profile_line(&line, "request.jsonl", number, facts, false);
        match profile {
            Some(profile) => {
                read.profiles.push(profile);
                for problem in &problems {
                    *read.warnings.entry(problem.fault.kind()).or_default() += 1;
                    if read.doubts.len() < SHOWN {
                        read.doubts.push(Problem::line(problem));
                    }
                }
            }
            None => read.wrong.extend(problems.first().map(Problem::line)),
        }
    }
    read
}
