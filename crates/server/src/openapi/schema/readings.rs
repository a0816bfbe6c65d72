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
}

/// 数额、期限与办理，附原文
#[derive(Serialize, ToSchema)]
pub(crate) struct SheetFigure {
    /// `amount`、`window`、`stacking`、`support`、`materials`、`office` 或 `delivery`
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
