//! Access: tenants, and the keys of their programs and people.

use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};
use zhaoren_engine::{NewKey, Role, Tenant, key_json, now, parse_date, start_of};

use super::Answer;
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Query};

/// 密钥，不含其内容
///
/// 写明角色、持有人、租户、签发与到期的时间。密钥的内容只在签发时出示一次。
#[utoipa::path(
    get, path = "/v1/keys", operation_id = "keys", tag = "运行",
    responses((status = 200, description = "密钥，早的在前；租户只见自己的", body = schema::Keys)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    let keys = app.read(move || records.keys(&caller.0.tenant)).await??;
    let keys: Vec<Value> = keys.iter().map(key_json).collect();
    Ok(Json(json!({ "keys": keys })))
}

/// Definition of a new key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    role: String,
    name: String,
    holder: Option<String>,
    tenant: Option<String>,
    expires: Option<String>,
}

/// 新增密钥：内容只在这一次的答复中
///
/// 密钥的内容不再能取得，请当场保存。有第二位管理员时，须由其确认后才可用。请带 `Idempotency-Key`：网络中断后再发一次，得到的是同一个密钥。
#[utoipa::path(
    post, path = "/v1/keys", operation_id = "addKey", tag = "运行",
    request_body(content((schema::NewKey = "application/json"))),
    responses((status = 200, description = "密钥及其内容", body = schema::AddedKey)),
)]
pub(crate) async fn add(Call { app, caller, query, headers, body }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let new: New =
        request::content(&headers, body, &app.settings.limits, "{\"role\": …, \"name\": …}").await?;
    let role = Role::from_name(&new.role).ok_or_else(|| {
        let detail = "`role` 应为 platform、caseworker、reviewer、administrator 之一";
        Problem::new(Code::BadContent, format!("{detail}，得到 `{}`", new.role))
    })?;
    let day = |text: &String| {
        parse_date(text).map(start_of).ok_or_else(|| {
            let detail = format!("`expires` 应为存在的日期，如 2026-12-31，得到 `{text}`");
            Problem::new(Code::BadContent, detail)
        })
    };
    let expires = new.expires.as_ref().map(day).transpose()?;
    let shared = std::sync::Arc::clone(&app);
    let work = move || {
        let tenant = new.tenant.as_deref().unwrap_or(&caller.0.tenant);
        let (name, holder) = (new.name.as_str(), new.holder.as_deref());
        let key = NewKey { tenant, role, name, holder, expires_at: expires };
        let added = shared.engine.records().issue_key(&caller.0.write_context(now()), &key)?;
        // From the first key on, keys are required at once, also from its creator.
        shared.access.refresh()?;
        Ok::<_, zhaoren_engine::EngineError>(added)
    };
    let (key, secret) = app.write(work).await??;
    Ok(Json(json!({"key": key_json(&key), "secret": secret})))
}

/// 确认另一位管理员签发的密钥：此后可用
///
/// 签发者、持有人不能自己确认。
#[utoipa::path(
    post, path = "/v1/keys/{id}/confirm", operation_id = "confirmKey", tag = "运行",
    params(("id" = String, Path, description = "密钥的标识")),
    responses((status = 200, description = "确认后的密钥", body = schema::Key)),
)]
pub(crate) async fn confirm(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    let key = app.write(move || records.confirm_key(&caller.0.write_context(now()), &id)).await??;
    Ok(Json(key_json(&key)))
}

/// 吊销密钥，立即生效
///
/// 它的登录会话一并结束。吊销最后一个密钥后，服务拒绝一切请求，直到在服务器上新建。
#[utoipa::path(
    delete, path = "/v1/keys/{id}", operation_id = "revokeKey", tag = "运行",
    params(("id" = String, Path, description = "密钥的标识")),
    responses((status = 200, description = "已吊销", body = schema::RevokedKey)),
)]
pub(crate) async fn revoke(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let (shared, revoked) = (std::sync::Arc::clone(&app), id.clone());
    let work = move || {
        shared.engine.records().revoke_key(&caller.0.write_context(now()), &revoked)?;
        // Revoking the last key takes effect, and is logged, immediately.
        shared.access.refresh()
    };
    app.write(work).await??;
    Ok(Json(json!({ "revoked": id })))
}

/// 租户：市、区、园区
///
/// 上级见下级的名称，不见其企业的指标。
#[utoipa::path(
    get, path = "/v1/tenants", operation_id = "tenants", tag = "运行",
    responses((status = 200, description = "租户；租户只见自己与其上下级", body = schema::Tenants)),
)]
pub(crate) async fn tenants(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    let tenants = app.read(move || records.related_tenants(&caller.0.tenant)).await??;
    Ok(Json(json!({ "tenants": tenants })))
}

/// Definition of a tenant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    level: String,
    #[serde(default)]
    parent: String,
}

/// 写入租户：已有的改写；只有全局管理员可以
///
/// 租户的标识用于密钥与记录，写入后不能改名。
#[utoipa::path(
    put, path = "/v1/tenants/{id}", operation_id = "putTenant", tag = "运行",
    params(("id" = String, Path, description = "租户标识：字母、数字、连字符与下划线")),
    request_body(content((schema::TenantBody = "application/json"))),
    responses((status = 200, description = "写入后的租户", body = schema::TenantLine)),
)]
pub(crate) async fn put_tenant(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let Named { name, level, parent } =
        request::content(&headers, body, &app.settings.limits, "{\"name\": …, \"level\": …, \"parent\": …}")
            .await?;
    let (records, tenant) = (app.engine.records(), Tenant { id, name, level, parent });
    let written =
        app.write(move || records.put_tenant(&caller.0.write_context(now()), &tenant).map(|()| tenant));
    super::json(&written.await??)
}
