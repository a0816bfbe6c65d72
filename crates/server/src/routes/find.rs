//! Who qualifies for one item.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use zhaoren_engine::today;
use zhaoren_push::find::{Asking, Finder, Tally};

use super::stream::Lines;
use super::{Answer, json, rules_for};
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{Kind, Query};
use crate::state::Shared;

/// The most ids of each kind in one answer.
const MOST: usize = 1_000_000;

/// 找企业：一个事项谁符合，其余的卡在哪一条
///
/// 企业画像逐行给出，企业数不限；有错的行不在统计之内，前 20 个在 `problems` 中说明。
#[utoipa::path(
    post, path = "/v1/policies/{id}/find", operation_id = "find", tag = "政策",
    params(
        ("id" = String, Path, description = "事项的 id"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("limit" = Option<usize>, Query, maximum = 1_000_000, description = "符合的、待定的企业标识各最多列出几个，默认 100"),
    ),
    request_body(content((schema::Profile = "application/x-ndjson"))),
    responses((status = 200, description = "人数与漏斗", body = schema::FindAnswer)),
)]
pub(crate) async fn find(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    const SHOWN: usize = 20;
    let query = Query::read(query.as_deref(), &["as_of", "limit"], &[])?;
    let (as_of, limit) = (query.day("as_of")?.unwrap_or_else(today), query.number("limit", 100, MOST)?);
    Kind::of(&headers, &[Kind::Lines])?;
    let rules = rules_for(&app, &caller).await?;
    let library = rules.library();
    let item = library.item(&id).ok_or_else(|| Problem::new(Code::NotFound, format!("没有事项 `{id}`")))?;
    let finder = Finder::new(item, Arc::clone(library.dictionary()), as_of, limit)
        .map_err(|error| Problem::new(Code::BadPolicy, error.to_string()))?;
    let finder = Arc::new(finder);
    let mut lines = Lines::of(body, &app);
    let (mut total, mut notes, mut rejected) = (None::<Tally>, Vec::new(), 0_u64);
    loop {
        let (batch, problem) = lines.batch().await;
        if let Some(problem) = problem {
            return Err(problem);
        }
        if batch.is_empty() {
            break;
        }
        let (rules, finder) = (Arc::clone(&rules), Arc::clone(&finder));
        let (tally, wrong) = app
            .work(move || {
                let (mut profiles, mut wrong) = (Vec::new(), Vec::new());
                for (number, line) in batch {
                    match line {
                        Err(problem) => {
                            wrong.push(format!("{number}: {}", problem.detail.unwrap_or_default()))
                        }
                        Ok(line) => {
                            let name = "request.jsonl";
                            let (profile, problems) = zhaoren_engine::read_profile_line(
                                &line,
                                name,
                                number,
                                rules.dictionary(),
                                false,
                            );
                            match profile {
                                Some(profile) => profiles.push(profile),
                                None => wrong.extend(problems.first().map(ToString::to_string)),
                            }
                        }
                    }
                }
                (finder.tally_profiles(&profiles), wrong)
            })
            .await?;
        total = Some(match total {
            Some(before) => before.merge(tally),
            None => tally,
        });
        rejected += wrong.len() as u64;
        notes.extend(wrong);
        notes.truncate(SHOWN);
    }
    let total = total.unwrap_or_else(|| finder.tally_profiles(&[]));
    let mut answer = json(&finder.report(total))?;
    if let (Some(answer), true) = (answer.as_object_mut(), rejected > 0) {
        answer.insert("rejected".to_owned(), rejected.into());
        answer.insert("problems".to_owned(), notes.into());
    }
    Ok(answer)
}
