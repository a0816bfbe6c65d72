//! Keys and tenants.

use serde::Serialize;
use utoipa::ToSchema;

/// 密钥
#[derive(Serialize, ToSchema)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

/// 一个密钥，不含其内容
#[derive(Serialize, ToSchema)]
pub(crate) struct Key {
    id: String,
    /// 所属租户；空为全局
    tenant: String,
    /// platform 平台、caseworker 帮办人员、reviewer 审核人、administrator 管理员
    role: String,
    /// 用途
    name: String,
    /// 持有人
    holder: String,
    /// 签发者；不知道则为空
    created_by: String,
    /// 尚待另一位管理员确认，确认之前不可用
    pending: bool,
    /// 确认者；没有则为空
    confirmed_by: String,
    /// 由本人签发，且没有第二人确认
    self_issued: bool,
    /// 建立的时刻，1970 年以来的毫秒（UTC）
    created_at: i64,
    /// 从这一刻起失效
    expires_at: Option<i64>,
    /// 从这一刻起已吊销
    revoked_at: Option<i64>,
}

/// 要新增的密钥
#[derive(Serialize, ToSchema)]
pub(crate) struct NewKey {
    /// platform、caseworker、reviewer、administrator 之一
    role: String,
    /// 用途
    name: String,
    /// 持有人：姓名或工号。帮办人员、审核人、管理员的密钥必须给出
    holder: Option<String>,
    /// 所属租户；不给则与新增者相同
    tenant: Option<String>,
    /// 从这一天起失效（YYYY-MM-DD）
    expires: Option<String>,
}

/// 新增的密钥
#[derive(Serialize, ToSchema)]
pub(crate) struct AddedKey {
    key: Key,
    /// 内容，只给这一次：登记库只存其摘要
    secret: String,
}

/// 已吊销的密钥
#[derive(Serialize, ToSchema)]
pub(crate) struct RevokedKey {
    revoked: String,
}

/// 租户
#[derive(Serialize, ToSchema)]
pub(crate) struct Tenants {
    tenants: Vec<TenantLine>,
}

/// 一个租户
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantLine {
    id: String,
    name: String,
    /// city 市、district 区、park 园区
    level: String,
    /// 上级租户；空为没有
    parent: String,
}

/// 租户的内容
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantBody {
    name: String,
    /// city、district、park 之一
    level: String,
    /// 上级租户
    parent: Option<String>,
}
