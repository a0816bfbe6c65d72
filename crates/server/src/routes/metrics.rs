//! Metrics.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use zhaoren_engine::{EngineError, now};

use crate::call::Call;
use crate::metrics::MEDIA_TYPE;
use crate::problem::Problem;

/// 运行指标，供 Prometheus 读取；涉及所有租户，只给不属于租户的密钥
///
/// Prometheus 的文本格式。标签只有路由的模板与方法，没有企业的任何内容。
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "运行",
    responses((
        status = 200, description = "OpenMetrics 文本", body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )),
)]
pub(crate) async fn metrics(Call { app, .. }: Call) -> Result<Response, Problem> {
    let engine = std::sync::Arc::clone(&app.engine);
    let read = move || Ok::<_, EngineError>((engine.status()?, engine.records().message_stats(None)?));
    let (standing, messages) = app.read(read).await??;
    let text = app
        .metrics
        .render(&standing, (&messages, app.suspended.count()), now())
        .map_err(|error| Problem::internal(&error))?;
    let head = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok((head, text).into_response())
}
