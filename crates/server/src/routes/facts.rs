//! The fact dictionary.

use super::{Answer, json};
use crate::call::Call;
use crate::openapi::schema;
use crate::request::Query;

/// 指标字典
#[utoipa::path(
    get, path = "/v1/facts", operation_id = "facts", tag = "企业",
    responses((status = 200, description = "全部指标", body = [schema::Fact])),
)]
pub(crate) async fn facts(Call { app, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let rules = app.engine.rules();
    let facts: Vec<_> = rules.dictionary().iter().collect();
    json(&facts)
}
