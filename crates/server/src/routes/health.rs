//! Liveness and readiness.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};
use zhaoren_engine::today;

use super::with_status;
use crate::call::Call;
use crate::openapi::schema;
use crate::state::App;

/// 进程是否在运行
///
/// 进程答复即为在运行；是否可以接受请求见 `/readyz`。
#[utoipa::path(
    get, path = "/healthz", operation_id = "alive", tag = "运行",
    responses((status = 200, description = "在运行", body = schema::Alive)),
)]
pub(crate) async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// 是否可以接受请求：登记库、索引、规则、磁盘逐项核实
///
/// 有一项不可用即为 503，`checks` 说明是哪一项。停止期间也为 503，以便负载均衡移走。
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "运行",
    responses(
        (status = 200, description = "就绪", body = schema::Ready),
        (status = 503, description = "未就绪，逐项说明", body = schema::Ready),
    ),
)]
pub(crate) async fn ready(Call { app, .. }: Call) -> Response {
    let shared = std::sync::Arc::clone(&app);
    let mut checks = match app.read(move || checks(&shared)).await {
        Ok(checks) => checks,
        Err(problem) => {
            Map::from_iter([("work".to_owned(), check(false, json!({"code": problem.code.name()})))])
        }
    };
    let serving = !app.is_stopping();
    checks.insert("serving".to_owned(), check(serving, json!({})));
    let ready = checks.values().all(|check| check["ok"] == Value::Bool(true));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    with_status(status, json!({"status": if ready { "ready" } else { "not_ready" }, "checks": checks}))
}

fn checks(app: &App) -> Map<String, Value> {
    let mut checks = Map::new();
    match app.engine.status() {
        Ok(standing) => {
            checks.insert("registry".to_owned(), check(true, clock(app)));
            let mut index = json!({
                "generation": standing.generation, "documents": standing.documents, "in_step": standing.up_to_date,
            });
            let notes = app.engine.notes();
            if let (Some(index), false) = (index.as_object_mut(), notes.is_empty()) {
                index.insert("notes".to_owned(), notes.into());
            }
            checks.insert("index".to_owned(), check(!app.is_stale(), index));
        }
        // Logged and not sent to the caller: it may contain paths.
        Err(error) => {
            tracing::warn!(%error, "not ready");
            checks.insert("registry".to_owned(), check(false, json!({})));
        }
    }
    checks.insert("keys".to_owned(), keys(app));
    let (rules, day) = (app.engine.rules(), today());
    let snapshot = rules.snapshot_on(day);
    let compiled = snapshot.as_of() == day;
    checks.insert("rules".to_owned(), check(compiled, json!({"items": rules.library().len(), "date": day})));
    let (free, writes) = disk(app.engine.data());
    let room = free.is_some_and(|free| free >= app.settings.limits.disk as u64);
    checks.insert("disk".to_owned(), check(room && writes, json!({"free": free, "writable": writes})));
    checks
}

/// Check that a valid key exists, if keys are required.
fn keys(app: &App) -> Value {
    let note = if app.access.is_closed() {
        json!({"note": "没有可用的密钥：原有的都已失效或吊销，所有请求得 401；请用 zhaoren keys add 新建"})
    } else {
        json!({})
    };
    check(!app.access.is_closed(), note)
}

/// Free bytes on the file system of a directory, and whether it is writable.
fn disk(folder: &std::path::Path) -> (Option<u64>, bool) {
    let free = rustix::fs::statvfs(folder).ok().map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize));
    let probe = folder.join(format!(".ready.{}", std::process::id()));
    // Always a new file: an existing one of this name could be a link to another place.
    let mut options = std::fs::File::options();
    let made = options.write(true).create_new(true).open(&probe);
    let writes = made.and_then(|mut file| std::io::Write::write_all(&mut file, b"1")).is_ok();
    let _ = std::fs::remove_file(&probe);
    (free, writes)
}

fn check(ok: bool, mut more: Value) -> Value {
    if let Some(more) = more.as_object_mut() {
        more.insert("ok".to_owned(), ok.into());
    }
    more
}

/// Warning if the last record is dated in the future: reads work as usual, but writes are refused.
fn clock(app: &App) -> Value {
    match app.engine.records().clock_warning(zhaoren_engine::now()) {
        Ok(Some(warning)) => json!({"warning": warning}),
        Ok(None) | Err(_) => json!({}),
    }
}
