//! Schemas of items read from documents.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::catalogue::Draft;
use super::operations::ProblemError;

/// 一份草稿，与读自文件的各处条件
#[derive(Serialize, ToSchema)]
pub(crate) struct DraftWithReading {
    #[serde(flatten)]
    draft: Draft,
    /// 所读的文件、各处条件、结论与数额；手写的事项没有
    reading: Option<DraftReading>,
}

/// 草稿所据的读法
#[derive(Serialize, ToSchema)]
pub(crate) struct DraftReading {
    /// 文件的 id
    document: String,
    title: String,
    /// “本市”所指的行政区划代码，不知道则为空
    region: String,
    parts: Vec<SheetPart>,
    /// 对各处的结论，次序相同
    decisions: Vec<Value>,
    figures: Vec<SheetFigure>,
    proposed: Vec<Value>,
    doubts: Vec<String>,
}

/// 一份文件的审核单
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetAnswer {
    sheet: Sheet,
    /// 所提草稿的编号，没有提出则为空
    drafts: Vec<i64>,
    problems: Vec<ProblemError>,
}

/// 审核单：文件与读出的事项
#[derive(Serialize, ToSchema)]
pub(crate) struct Sheet {
    /// 文件的 id
    document: String,
    title: String,
    region: String,
    /// 没有事项的原因
    grants_nothing: Option<String>,
    coverage: SheetCoverage,
    items: Vec<SheetItem>,
}

/// 全文的字数与读懂的字数，空白不计
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetCoverage {
    characters: usize,
    read: usize,
}

/// 读出的一个事项
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetItem {
    id: String,
    title: String,
    article: Option<String>,
    /// 事项，申报条件以外
    item: Value,
    parts: Vec<SheetPart>,
    figures: Vec<SheetFigure>,
    /// 指标字典里没有的指标
    proposed: Vec<Value>,
    doubts: Vec<String>,
}

/// 条件的一处
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetPart {
    /// 在文件文本中的字节位置
    from: usize,
    to: usize,
    /// 原文
    text: String,
    /// `criterion`、`judged`、`reference` 或 `unread`
    kind: String,
    /// 条件，没有则为 null
    criteria: Option<Value>,
    /// 规范文本
    canonical: String,
    /// 写法的类别，评分按它分列
    construction: String,
    is_inherited: bool,
    doubts: Vec<String>,
    /// 由模型提出的条件，未经采纳不算数
    machine: Option<MachineProposal>,
}

/// 由模型提出的条件
#[derive(Serialize, ToSchema)]
pub(crate) struct MachineProposal {
    /// 规范文本
    canonical: String,
    criteria: Value,
    /// 所据的原文
    quote: String,
    /// 模型的名称
    model: String,
    /// 谁采纳的，未采纳则为空
    adopted_by: String,
}

/// 问模型的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct MachineReport {
    /// 问了几处
    asked: usize,
    /// 得了几条建议
    proposed: usize,
    /// 几处没有条件
    none: usize,
    /// 未采信的，按缘由计
    refused: std::collections::BTreeMap<String, usize>,
    /// 几处没有问
    left: usize,
    /// 模型服务的故障
    failure: Option<String>,
}

/// 要采纳的一处
#[derive(Serialize, ToSchema)]
pub(crate) struct Adoption {
    /// 第几处，从 0 起
    part: usize,
}

/// 采纳的一处
#[derive(Serialize, ToSchema)]
pub(crate) struct Adopted {
    draft: i64,
    part: usize,
}

/// 数额、期限与办理，附原文
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetFigure {
    /// `amount`、`window`、`stacking`、`support`、`materials`、`office`、`delivery` 或 `tags`
    kind: String,
    value: String,
    /// 字节位置与原文
    quotes: Vec<Value>,
}

/// 更正过的条件
#[derive(Serialize, ToSchema)]
pub(crate) struct Corrections {
    corrections: Vec<Value>,
}

/// 草稿需要而指标字典里没有的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct ProposedFacts {
    facts: Vec<ProposedFact>,
}

/// 一个建议指标
#[derive(Serialize, ToSchema)]
pub(crate) struct ProposedFact {
    key: String,
    name: String,
    /// `money`、`ratio`、`integer` 或 `decimal`
    r#type: String,
    /// 单位，比例没有
    unit: String,
    /// `current` 或 `year`
    period: String,
    /// 需要它的草稿
    drafts: Vec<i64>,
    /// 需要它的原文
    quotes: Vec<String>,
}

/// 采纳时的改动，不给的照建议
#[derive(Serialize, ToSchema)]
pub(crate) struct FactWording {
    /// 字典里的键
    key: Option<String>,
    /// 字典里的名称；建议的名称记为别名
    name: Option<String>,
    /// 由谁回答：`enterprise`，或部门的名称
    answered_by: Option<String>,
    /// 与之相同、已采纳的指标的键
    same_as: Option<String>,
}

/// 采纳的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct AcceptedFact {
    /// 写入字典的指标
    fact: Value,
    /// 条件随之可判的草稿
    drafts: Vec<i64>,
    /// 条件已由人改写、未动的草稿
    unchanged: Vec<i64>,
}
