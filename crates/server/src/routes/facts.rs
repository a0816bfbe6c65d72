//! The fact dictionary.

use super::{Answer, json, rules_for};
use crate::call::Call;
use crate::openapi::schema;
use crate::request::Query;

/// 指标字典：内置的，与本租户采纳的
///
/// 画像里可用的全部指标：键、名称、类型、单位、可选的值，以及由谁回答。年度指标每个会计年度一个值；`derived` 的由程序算出，不必给。
#[utoipa::path(
    get, path = "/v1/facts", operation_id = "facts", tag = "企业",
    responses((status = 200, description = "全部指标", body = [schema::Fact])),
)]
pub(crate) async fn facts(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let rules = rules_for(&app, &caller).await?;
    let facts: Vec<_> = rules.dictionary().iter().collect();
    json(&facts)
}
