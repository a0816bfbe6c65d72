//! The service itself: health, index generations, audit, problems.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// 在运行
#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    status: String,
}

/// 是否就绪
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ready` 或 `not_ready`
    status: String,
    /// 逐项：registry、index、keys、rules、disk、serving
    checks: BTreeMap<String, ReadyCheck>,
}

/// 一项核实
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadyCheck {
    ok: bool,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 各代索引
#[derive(Serialize, ToSchema)]
pub(crate) struct Shelf {
    generations: Vec<GenerationLine>,
    /// 现用的一代是否与登记库一致
    in_step: bool,
    verified: bool,
}

/// 一代索引
#[derive(Serialize, ToSchema)]
pub(crate) struct GenerationLine {
    number: u64,
    current: bool,
    /// 是否人工选定
    pinned: bool,
    source: String,
    base: Option<u64>,
    entries: usize,
    clauses: usize,
    bytes: u64,
    fault: Option<String>,
    published: Option<String>,
    in_step: bool,
}

/// 现用的一代
#[derive(Serialize, ToSchema)]
pub(crate) struct InUse {
    generation: u64,
    /// 是否落后于登记库
    behind: Option<bool>,
}

/// 流中未能处理的一行
#[derive(Serialize, ToSchema)]
pub(crate) struct BadLine {
    /// 行号，从 1 起
    line: Option<u32>,
    problem: ProblemDetails,
}

/// 问题详情（RFC 9457）
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// 问题的种类，不变
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    /// `type` 的末段
    code: String,
    detail: Option<String>,
    /// 逐条：错在哪里，得到什么，应为什么
    errors: Option<Vec<ProblemError>>,
    instance: Option<String>,
    request_id: Option<String>,
}

/// 一处错误
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemError {
    /// 查询参数
    parameter: Option<String>,
    /// 字段
    field: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    enterprise: Option<String>,
    policy: Option<String>,
    fact: Option<String>,
    value: Option<String>,
    expected: Option<String>,
    /// 只是提示
    warning: Option<bool>,
    detail: String,
    /// 命令行上的同一句话
    message: Option<String>,
}

/// 审计的各行
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLines {
    lines: Vec<AuditLine>,
    /// 下一次的 `after`
    next: i64,
}

/// 审计的一行
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLine {
    seq: i64,
    /// 何时：自 1970 年起的毫秒
    at: i64,
    tenant: String,
    actor: String,
    action: String,
    subject: String,
    detail: String,
    /// 这一行的摘要，下一行含有它
    digest: String,
}

/// 审计的核对
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditCheck {
    lines: usize,
    records: usize,
    /// 最后一行的摘要
    head: String,
    /// 从第几行起核对每个表；空为全部由旧版写入
    covered_from: Option<i64>,
    /// 签署最后一行的公钥；空为未签
    signer: String,
    faults: Vec<AuditFault>,
}

/// 审计的最后一行，供另处保存
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditHead {
    seq: i64,
    /// 何时：自 1970 年起的毫秒
    at: i64,
    digest: String,
    /// 签署它的公钥；空为未签
    signer: String,
    /// 对摘要的签名；空为未签
    signature: String,
}

/// 一处改动
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditFault {
    fault: String,
    seq: Option<i64>,
    expected: Option<Value>,
    kind: Option<String>,
    id: Option<String>,
    /// 被增、删或改的表
    table: Option<String>,
    found: Option<i64>,
    signer: Option<String>,
}

/// 批量任务
#[derive(Serialize, ToSchema)]
pub(crate) struct PushJob {
    /// 任务的标识
    id: String,
    /// `waiting` 等候、`running` 进行、`done` 完成、`failed` 出错、`cancelled` 已取消、`interrupted` 因服务停止而中断
    state: String,
    /// 所制作的批次
    run: String,
    /// 判定日
    as_of: String,
    /// 已读的行数
    rows: u64,
    /// 已写出的企业数
    written: u64,
    /// 提交的时刻：自 1970 年起的毫秒
    created_at: i64,
    /// 结束的时刻；未结束为 0
    ended_at: i64,
    /// 批次的计数，完成后才有
    counts: Option<Value>,
    /// 未完成的原因；完成为空
    message: String,
    /// 提交者
    by: String,
}

/// 批量任务的列表
#[derive(Serialize, ToSchema)]
pub(crate) struct PushJobs {
    jobs: Vec<PushJob>,
}
