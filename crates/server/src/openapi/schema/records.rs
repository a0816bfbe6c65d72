//! Stored data of enterprises: facts and their sources, opt-outs, outcomes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::enterprise::{OptOut, Profile};
use super::operations::ProblemError;

/// 一页企业
#[derive(Serialize, ToSchema)]
pub(crate) struct EnterprisePage {
    enterprises: Vec<String>,
    /// 下一页的 `cursor`；没有即为末页
    next: Option<String>,
}

/// 一家企业的指标：企业画像，`id` 可省
#[derive(Serialize, ToSchema)]
pub(crate) struct FactsBody {
    /// 不写，或与地址中的相同
    id: Option<String>,
    /// 企业名称
    name: Option<String>,
    /// 指标；没有的照旧，`null` 为来源收回
    facts: Option<BTreeMap<String, Value>>,
    /// 由人认定的条件：文字到 true 或 false
    judged: Option<BTreeMap<String, bool>>,
}

/// 存下的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedFacts {
    id: String,
    /// 新增或变动了几项
    changed: usize,
    /// 提示
    problems: Vec<ProblemError>,
}

/// 存下的企业
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedEnterprises {
    saved: Vec<SavedEnterprise>,
    /// 没有存下的为何没有，与提示
    problems: Vec<ProblemError>,
}

/// 存下的一家企业
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedEnterprise {
    id: String,
    /// 新增或变动了几项
    changed: usize,
}

/// 存下的画像与来源
#[derive(Serialize, ToSchema)]
pub(crate) struct StoredProfile {
    /// 可直接用于匹配
    profile: Profile,
    sources: Vec<Sourced>,
    /// 有几项指标调用者的角色看不见
    hidden: usize,
    /// 存着却无法读取的指标，逐项说明；这些指标按未知处理
    problems: Option<Vec<String>>,
}

/// 画像中的一项是谁说的
#[derive(Serialize, ToSchema)]
pub(crate) struct Sourced {
    /// 指标
    key: String,
    /// 会计年度
    year: Option<i64>,
    /// 画像所用的说法来自谁：最可信的，相同时后说的
    source: String,
    /// 何时记下，毫秒（UTC）
    recorded_at: i64,
    /// 别人的不同说法
    others: Option<Vec<OtherSaying>>,
}

/// 另一个说法
#[derive(Serialize, ToSchema)]
pub(crate) struct OtherSaying {
    source: String,
    value: Value,
}

/// 删除了多少
#[derive(Serialize, ToSchema)]
pub(crate) struct Forgotten {
    /// 指标几条，含历次修订
    facts: u64,
    /// 判定凭据几份
    receipts: u64,
    /// 消息几条
    messages: u64,
}

/// 来源
#[derive(Serialize, ToSchema)]
pub(crate) struct Sources {
    sources: Vec<Source>,
}

/// 一个来源
#[derive(Serialize, ToSchema)]
pub(crate) struct Source {
    source: String,
    /// 数字大者优先
    trust: i64,
}

/// 可信次序
#[derive(Serialize, ToSchema)]
pub(crate) struct Trust {
    /// 数字大者优先，没有规定的为 0
    trust: i64,
}

/// 一件事，事的列表，或 `{"outcomes": [...]}`
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Outcomes {
    One(NewOutcome),
    List(Vec<NewOutcome>),
    Several(SeveralOutcomes),
}

/// 多件事
#[derive(Serialize, ToSchema)]
pub(crate) struct SeveralOutcomes {
    outcomes: Vec<NewOutcome>,
}

/// 推送之后的一件事
#[derive(Serialize, ToSchema)]
pub(crate) struct NewOutcome {
    enterprise: String,
    item: String,
    /// pushed 推送、viewed 查看、confirmed 确认、applied 申报、decided 批复、paid 兑付
    event: String,
    /// 日期或时刻，默认现在
    at: Option<String>,
    /// 依据事项的哪个修订版本
    item_digest: Option<String>,
    /// 其他要记的；与其余各项一起决定是不是同一件事
    detail: Option<Value>,
}

/// 记下了多少
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordedOutcomes {
    /// 读到几条
    read: usize,
    /// 其中几条是新的
    new: usize,
    /// 没有记下的为何没有
    problems: Vec<ProblemError>,
}

/// 推送的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct OutcomeList {
    outcomes: Vec<OutcomeLine>,
}

/// 记下的一件事
#[derive(Serialize, ToSchema)]
pub(crate) struct OutcomeLine {
    enterprise: String,
    item: String,
    /// 空为不知道
    item_digest: String,
    event: String,
    /// 何时发生，毫秒（UTC）
    at: i64,
    /// JSON 文字；空为没有
    detail: String,
}

/// 一页拒绝推送的
#[derive(Serialize, ToSchema)]
pub(crate) struct OptOutPage {
    opt_outs: Vec<OptOut>,
    /// 下一页的 `cursor`；没有即为末页
    next: Option<String>,
}

/// 企业拒绝推送
#[derive(Serialize, ToSchema)]
pub(crate) struct NewOptOut {
    enterprise: String,
    /// 只拒绝这个事项；不给即全部
    item: Option<String>,
    /// 原因
    reason: Option<String>,
}
