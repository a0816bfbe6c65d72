//! Messages to enterprises.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// 一页消息
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagePage {
    messages: Vec<Message>,
    /// 下一页的 `cursor`；没有更多则为 null
    next: Option<String>,
    /// 各状态各有几条，不论页与筛选；不属于租户的管理员得全部租户的合计
    counts: BTreeMap<String, i64>,
}

/// 一条消息
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// 编号
    id: i64,
    /// 接收方所见的 `webhook-id`：同一件事只有一个
    key: String,
    tenant: String,
    /// 渠道
    channel: String,
    enterprise: String,
    item: String,
    /// 事项修订的摘要
    item_digest: String,
    /// `offer` 告知、`retraction` 撤回
    kind: String,
    /// 此前撤回过几次
    round: i64,
    body: Option<MessageBody>,
    /// `waiting`、`sent`、`dead`、`withdrawn`、`held`
    state: String,
    /// 为何暂不发或取消：`refused` 企业拒绝、`enjoyed` 一次性且已兑付、`cap` 条数上限、`gone` 已移出名单、`revised` 事项改版、
    /// `listed_again` 又列入；否则为空
    reason: String,
    /// 试过几次
    attempts: i64,
    /// 可能已送达而未及记下：发送中断，或没有等到答复
    maybe_told: bool,
    /// 此刻之前不发：自 1970 年起的毫秒，下同
    next_at: i64,
    /// 正在发送的最晚到此刻为止；0 为没有
    leased_until: i64,
    last_error: String,
    made_at: i64,
    queued_at: Option<i64>,
    sent_at: Option<i64>,
}

/// 发出的内容；已删除的为 null
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageBody {
    /// `offer` 或 `retraction`
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: MessageData,
}

/// 告知什么；不含企业的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageData {
    enterprise: String,
    item: String,
    title: Option<String>,
    /// 判定日
    as_of: String,
    /// 批次的摘要
    run: String,
    /// 批次目录
    run_folder: Option<String>,
    verdict: Option<String>,
    /// 金额的说法
    amount: Option<String>,
    window: Option<MessageWindow>,
    /// 申报期的说法
    window_text: Option<String>,
    /// 文号，没有文号的为文件标题
    document: Option<String>,
    cause: Option<MessageCause>,
    /// 撤回的是哪几条：它们的 `webhook-id`
    retracts: Option<Vec<String>>,
}

/// 变动的原因；不含企业的指标值
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageCause {
    code: String,
    name: Option<String>,
    /// 所涉条件
    clause: Option<String>,
}

/// 同一企业合为一条的消息：渠道写有 `merge = true` 时
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeBody {
    /// `notice`
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: NoticeData,
}

/// 一家企业的各项
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeData {
    enterprise: String,
    items: Vec<NoticeItem>,
}

/// 其中一项，如单独的消息
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeItem {
    /// 与不合并时的 `webhook-id` 相同：请按它去重
    id: String,
    /// `offer` 或 `retraction`
    #[serde(rename = "type")]
    kind: String,
    item: String,
    title: Option<String>,
    as_of: String,
    run: String,
    run_folder: Option<String>,
    verdict: Option<String>,
    amount: Option<String>,
    window: Option<MessageWindow>,
    window_text: Option<String>,
    document: Option<String>,
    cause: Option<MessageCause>,
    retracts: Option<Vec<String>>,
}

/// 申报期
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageWindow {
    state: String,
    opens: Option<String>,
    closes: Option<String>,
}
