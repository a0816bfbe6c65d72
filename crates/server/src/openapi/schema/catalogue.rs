//! Items and documents.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::enterprise::Delivery;
use super::operations::ProblemError;

/// 政策事项。`criteria` 为条件树，或规范中文的文字
#[derive(Serialize, ToSchema)]
pub(crate) struct Item {
    id: String,
    title: String,
    document: Option<DocumentOf>,
    benefit: Option<ItemBenefit>,
    window: Option<ItemWindow>,
    delivery: Option<Delivery>,
    tags: Option<Vec<String>>,
    /// 不能同时享受的事项
    excludes: Option<Vec<String>>,
    criteria: Option<Value>,
    relations: Option<Vec<ItemRelation>>,
    review: Option<ItemReview>,
    notes: Option<Vec<String>>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 支持内容，如事项所写
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemBenefit {
    /// 支持方式
    kinds: Option<Vec<String>>,
    amount: Option<ItemAmount>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 金额，如事项所写
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemAmount {
    /// 封顶（元）
    max: Option<f64>,
    /// 原文的说法
    text: Option<String>,
    rate: Option<f64>,
    base: Option<String>,
    unit: Option<String>,
    times: Option<String>,
    years: Option<u8>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 申报期，如事项所写：各段日期，或以通知为准
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ItemWindow {
    Spans(Vec<WindowSpan>),
    ByNotice(NoticeWindow),
}

/// 一段申报期
#[derive(Serialize, ToSchema)]
pub(crate) struct WindowSpan {
    opens: Option<String>,
    closes: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 以通知为准
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeWindow {
    /// 以哪一个通知为准
    by_notice: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 与另一事项的关系
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemRelation {
    /// requires stacks_with choose_one succeeds …
    kind: String,
    /// 另一事项的 id
    item: String,
    note: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 编码核对到何种程度，如事项所写
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemReview {
    mark: Option<String>,
    source: Option<String>,
    note: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 事项所在的文件
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentOf {
    title: Option<String>,
    /// 文号
    number: Option<String>,
    /// 发文机关
    issuer: Option<String>,
    /// 层级
    level: Option<String>,
    /// 区划代码（GB/T 2260）
    region: Option<String>,
    published: Option<String>,
    effective: Option<String>,
    expires: Option<String>,
    /// 效力状态
    status: Option<String>,
    /// 文种
    kind: Option<String>,
    text: Option<String>,
}

/// 一页事项
#[derive(Serialize, ToSchema)]
pub(crate) struct PolicyPage {
    as_of: String,
    policies: Vec<PolicyLine>,
    /// 下一页的 `cursor`；没有下一页时为 null
    next: Option<String>,
}

/// 目录中的一项
#[derive(Serialize, ToSchema)]
pub(crate) struct PolicyLine {
    id: String,
    title: String,
    delivery: Delivery,
    benefit: Benefit,
    tags: Vec<String>,
    document: DocumentOf,
    in_force: bool,
    window: WindowView,
}

/// 支持内容
#[derive(Serialize, ToSchema)]
pub(crate) struct Benefit {
    /// 支持方式
    kinds: Vec<String>,
    amount: Amount,
}

/// 金额
#[derive(Serialize, ToSchema)]
pub(crate) struct Amount {
    /// 封顶（元）
    max: Option<f64>,
    text: Option<String>,
    rate: Option<f64>,
    base: Option<String>,
    unit: Option<String>,
    times: Option<String>,
    years: Option<u8>,
    parts: Option<Vec<f64>>,
}

/// 申报期
#[derive(Serialize, ToSchema)]
pub(crate) struct WindowView {
    state: WindowState,
    opens: Option<String>,
    closes: Option<String>,
    days_left: Option<i32>,
    note: Option<String>,
    /// 依据：写明的日期、每年固定的日期、常年受理、以通知为准、未公布、自动享受
    basis: WindowBasis,
    /// 申报期的文字，如“申报中，截至 2026-09-30（还有 41 天）”“申报时间未公布”“自动享受，无需申报”
    text: String,
}

/// 申报期的依据
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WindowBasis {
    Dates,
    Yearly,
    AllYear,
    Notice,
    Unpublished,
    Automatic,
}

/// 一个事项在一日的效力
#[derive(Serialize, ToSchema)]
pub(crate) struct Standing {
    in_force: bool,
    /// 文字，如“现行有效”“已于 2025-12-31 期满”
    text: String,
    /// 替代它的事项
    superseded_by: Option<String>,
}

/// 申报中、未开始、已截止、以通知为准
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WindowState {
    Open,
    Upcoming,
    Closed,
    Unknown,
}

/// 编码核对到何种程度
#[derive(Serialize, ToSchema)]
pub(crate) struct Review {
    mark: String,
    source: Option<String>,
    note: Option<String>,
}

/// 办事指南：没有收录的一项不出现
#[derive(Serialize, ToSchema)]
pub(crate) struct Guide {
    /// 申报入口
    #[serde(rename = "where")]
    channel: Option<Channel>,
    /// 申报材料
    materials: Option<Vec<Material>>,
    /// 受理部门
    office: Option<GuideLine>,
    /// 咨询电话
    telephone: Option<GuideLine>,
    /// 办理时限
    handling_time: Option<GuideLine>,
    /// 有效期限
    term: Option<GuideLine>,
    /// 合作机构
    partner: Option<GuideLine>,
}

/// 申报入口：线上的系统，或无线上入口时的办法
#[derive(Serialize, ToSchema)]
pub(crate) struct Channel {
    /// 系统名称
    system: Option<String>,
    /// 系统地址，http 或 https
    link: Option<String>,
    /// 无线上入口时怎样办理
    offline: Option<String>,
    /// 出处
    source: Option<String>,
    review: Option<Review>,
}

/// 一件申报材料
#[derive(Serialize, ToSchema)]
pub(crate) struct Material {
    name: String,
    /// 出具单位
    issuer: Option<String>,
    /// 是否可以告知承诺；不知道则不出现
    promise: Option<bool>,
    /// 出处
    source: Option<String>,
    review: Option<Review>,
}

/// 办事指南中的一项
#[derive(Serialize, ToSchema)]
pub(crate) struct GuideLine {
    text: String,
    /// 出处
    source: Option<String>,
    review: Option<Review>,
}

/// 原文在文件中的位置
#[derive(Serialize, ToSchema)]
pub(crate) struct Place {
    document: String,
    article: Option<String>,
    path: Option<Vec<String>>,
    start: usize,
    end: usize,
    text_start: usize,
    text_end: usize,
}

/// 事项或文件
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Policy {
    Document(Document),
    Item(ItemShown),
}

/// 事项，连同条件的文字与当日申报期
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemShown {
    id: String,
    title: String,
    document: Option<DocumentOf>,
    benefit: Option<ItemBenefit>,
    window: Option<ItemWindow>,
    delivery: Option<Delivery>,
    tags: Option<Vec<String>>,
    /// 不能同时享受的事项
    excludes: Option<Vec<String>>,
    relations: Option<Vec<ItemRelation>>,
    review: Option<ItemReview>,
    notes: Option<Vec<String>>,
    /// 是否择优
    competitive: Option<bool>,
    /// 各条件的文字与依据
    conditions: Vec<Condition>,
    /// 条件的规范中文
    criteria_text: String,
    today: Today,
    guide: Option<Guide>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

/// 一个条件的文字与依据
#[derive(Serialize, ToSchema)]
pub(crate) struct Condition {
    text: String,
    quote: Option<String>,
    article: Option<String>,
    source: Option<Place>,
}

/// 所看的那一天
#[derive(Serialize, ToSchema)]
pub(crate) struct Today {
    date: String,
    in_force: bool,
    window: WindowView,
    standing: Standing,
    /// 金额算法的文字；没有编码则为空
    amount_rule: Option<String>,
}

/// 文件，连同条款与修复之处
#[derive(Serialize, ToSchema)]
pub(crate) struct Document {
    id: String,
    source: String,
    document: DocumentOf,
    /// 这种文件本身能否设定支持事项
    can_grant: bool,
    encoding: String,
    /// 修复后的正文
    text: String,
    clauses: Vec<ClauseLine>,
    repairs: Vec<Repair>,
    notes: Vec<Note>,
    /// 通知与所印发的文件；只有一部分的文件没有此项
    parts: Option<Vec<DocumentPart>>,
    /// 读自什么文件；原样保存的纯文本没有此项
    file: Option<FileOf>,
    /// 附件
    annexes: Option<Vec<Annex>>,
    /// 草拟的事项，可直接用于草稿；`reading` 写明每一部分读自正文的哪些字节。只在读文件时有
    items: Option<Vec<Item>>,
    /// 没有事项的原因；有事项时为 null
    grants_nothing: Option<String>,
    /// 依据、修订、废止的文件
    relations: Option<Vec<RelatedDocument>>,
    /// 读懂的字数
    coverage: Option<Coverage>,
    /// 没有读懂的文字
    unread: Option<Vec<Passage>>,
    /// 正文按作用的划分：各段首尾相接即为全文
    segments: Option<Vec<Segment>>,
}

/// 正文读懂的字数，不计空白
#[derive(Serialize, ToSchema)]
pub(crate) struct Coverage {
    characters: usize,
    read: usize,
}

/// 正文中的一段
#[derive(Serialize, ToSchema)]
pub(crate) struct Passage {
    /// 起始字节
    from: usize,
    /// 末尾字节之后
    to: usize,
    text: String,
}

/// 正文的一段及其作用
#[derive(Serialize, ToSchema)]
pub(crate) struct Segment {
    from: usize,
    to: usize,
    /// head heading grant condition stacking window materials procedure validity purpose encouragement sanction definition unread
    role: String,
    /// 所在条款在 `clauses` 中的序号
    clause: Option<usize>,
}

/// 正文提到的另一文件
#[derive(Serialize, ToSchema)]
pub(crate) struct RelatedDocument {
    /// basis amends repeals conditions top_up_of
    kind: String,
    name: String,
    /// 文号
    number: Option<String>,
    from: usize,
    to: usize,
}

/// 文件的一部分
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentPart {
    /// `notice`：印发通知或令；`measure`：所印发的文件
    kind: String,
    /// 这一部分自己的标题
    title: String,
    /// 在正文中的起止字节
    span: Vec<usize>,
}

/// 所收的文件
#[derive(Serialize, ToSchema)]
pub(crate) struct FileOf {
    /// 由内容识别的格式：txt（仅以回车换行的旧式文本）、md、html、mht、docx、odt、doc、rtf、pdf、ofd、xlsx、xls、zip
    form: String,
    /// 所收字节的 SHA-256
    digest: String,
    name: String,
    /// 没有读出或修复过的部分，逐条说明
    remarks: Vec<String>,
    /// 文件在正文之外写明的要素
    facts: Option<Vec<FileFact>>,
}

/// 文件在正文之外写明的一项要素，如索引号、发布日期
#[derive(Serialize, ToSchema)]
pub(crate) struct FileFact {
    name: String,
    value: String,
}

/// 附件
#[derive(Serialize, ToSchema)]
pub(crate) struct Annex {
    name: String,
    /// 链接，或压缩包中的路径
    place: String,
}

/// 条款在所收文件中的位置
#[derive(Serialize, ToSchema)]
pub(crate) struct Origin {
    /// 中文说法，如“第3页”
    label: String,
    /// 页码，从 1 起
    page: Option<u32>,
    /// 首字所在的框：左、上、右、下，单位为点，自页面左上角起
    area: Option<Vec<f64>>,
    /// 文档包中的部分
    part: Option<String>,
    /// 该部分的第几段，从 1 起
    paragraph: Option<u32>,
    /// 压缩包中的文件
    entry: Option<String>,
    /// 工作表
    sheet: Option<String>,
    /// 行，从 1 起
    row: Option<u32>,
    /// 列，从 1 起
    column: Option<u32>,
    /// 网页中的起止字节
    bytes: Option<Vec<usize>>,
}

/// 条款
#[derive(Serialize, ToSchema)]
pub(crate) struct ClauseLine {
    article: String,
    kind: String,
    heading: Option<String>,
    /// 上级条款的序号
    parent: Option<usize>,
    text: Option<String>,
    /// 在正文中的起止字节
    span: Vec<usize>,
    /// 在所存原文中的起止字节：纯文本即所收原件，其他格式是由文件读出的正文
    received: Vec<usize>,
    /// 在所收文件中的位置；纯文本没有此项
    origin: Option<Origin>,
}

/// 一处修复
#[derive(Serialize, ToSchema)]
pub(crate) struct Repair {
    kind: String,
    source: Span,
    output: Span,
    restored: bool,
    before: String,
    after: String,
}

/// 起止字节
#[derive(Serialize, ToSchema)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

/// 读文件时的说明
#[derive(Serialize, ToSchema)]
pub(crate) struct Note {
    place: Value,
    text: String,
}

/// 写入的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct Written {
    id: String,
    /// `new` 新增，`changed` 新的修订版本，`kept` 内容相同
    written: String,
    problems: Vec<String>,
}

/// 核对的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct Checked {
    as_of: String,
    /// 是否没有错误
    sound: bool,
    items: Vec<CheckedItem>,
    documents: Vec<String>,
    problems: Vec<ProblemError>,
}

/// 核对过的事项
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckedItem {
    id: String,
    title: String,
    conditions: Vec<String>,
    criteria_text: String,
    in_force: bool,
}

/// 导入的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct Imported {
    files: usize,
    documents: Counts,
    items: Counts,
    repairs: RepairCounts,
    problems: Vec<String>,
}

/// 新增、改变、未变
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    new: usize,
    changed: usize,
    kept: usize,
}

/// 修复之处
#[derive(Serialize, ToSchema)]
pub(crate) struct RepairCounts {
    total: usize,
    unrestored: usize,
}

/// 目录的变动
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeFeed {
    changes: Vec<ChangeLine>,
    /// 下一次的 `after`
    next: String,
}

/// 一处变动
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeLine {
    /// 何时（北京时间）
    at: String,
    /// `document` 或 `item`
    kind: String,
    id: String,
    /// 修订版本，从 1 起
    revision: i64,
    /// `new`、`changed` 或 `withdrawn`
    change: String,
    /// 这一修订版本的摘要
    digest: String,
}

/// 草稿
#[derive(Serialize, ToSchema)]
pub(crate) struct Drafts {
    drafts: Vec<Draft>,
}

/// 一个草稿
#[derive(Serialize, ToSchema)]
pub(crate) struct Draft {
    id: i64,
    /// 事项的 id
    item: String,
    tenant: String,
    /// 所改的修订版本的摘要，新增时为空
    base: String,
    source: String,
    /// 事项
    body: Value,
    /// 谁提出的
    author: String,
    /// 何时：自 1970 年起的毫秒
    created_at: i64,
    /// `open`、`approved` 或 `rejected`
    state: String,
    /// 提出理由，没有则为空
    reason: String,
    /// 谁审核的，未审核时为空
    reviewer: String,
    /// 审核意见，没有则为空
    note: String,
    /// 何时审核：自 1970 年起的毫秒
    decided_at: Option<i64>,
    /// 是否读自文件，附有各处的原文与结论
    has_reading: bool,
}

/// 提出的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct Proposed {
    /// 草稿的编号
    drafts: Vec<i64>,
    problems: Vec<ProblemError>,
}

/// 审核的决定
#[derive(Serialize, ToSchema)]
pub(crate) struct Decision {
    approve: bool,
    note: Option<String>,
}

/// 审核的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct Decided {
    draft: i64,
    item: String,
    state: String,
    problems: Vec<ProblemError>,
}

/// 表单中的文件，名称的后缀说明是什么
#[derive(Serialize, ToSchema)]
pub(crate) struct Files {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}
