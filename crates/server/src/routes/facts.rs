//! The fact dictionary.

use axum::extract::{RawQuery, State};

use super::{Answer, json};
use crate::openapi::schema;
use crate::request::Query;
use crate::state::Shared;

/// 指标字典
#[utoipa::path(
    get, path = "/v1/facts", operation_id = "facts", tag = "企业",
    responses((status = 200, description = "全部指标", body = [schema::Fact])),
)]
pub(crate) async fn facts(State(app): State<Shared>, RawQuery(query): RawQuery) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let rules = app.engine.rules();
    let facts: Vec<_> = rules.dictionary().iter().collect();
    json(&facts)
}
