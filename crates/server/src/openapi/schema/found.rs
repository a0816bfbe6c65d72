//! Results of search, completion, `find` and `what-if`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::catalogue::WindowView;
use super::enterprise::{Match, Profile, Verdict};

/// 为一家企业检索
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchBody {
    q: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    /// `["KEY=VALUE"]`，或 `{"level": "district", "region": ["310104"]}`
    filter: Option<Value>,
    as_typed: Option<bool>,
    copies: Option<bool>,
    explain: Option<bool>,
    for_region: Option<String>,
    as_of: Option<String>,
    sort: Option<String>,
    profile: Option<Profile>,
}

/// 检索结果
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// 排序
    sort: String,
    /// 为哪家企业
    enterprise: Option<Searcher>,
    /// 理解后的检索词
    query: String,
    /// 判定日
    as_of: Option<String>,
    /// 检索式本身所作的限定
    narrowed_by: Option<Vec<String>>,
    /// 按普通词检索的部分
    notes: Option<Vec<String>>,
    /// 企业画像的提示
    problems: Option<Vec<String>>,
    understood: Option<Vec<Meaning>>,
    /// 纠错后所检索的
    did_you_mean: Option<String>,
    /// 命中之外的话：本库没有这一事项，或要看企业的情况
    advice: Option<Advice>,
    total: usize,
    hits: Vec<Hit>,
    facets: BTreeMap<String, Vec<FacetValue>>,
}

/// 命中之外的话
#[derive(Serialize, ToSchema)]
pub(crate) struct Advice {
    /// `no_item` 本库没有这一事项，命中是相近的；`profile` 要看企业的情况，宜作匹配
    kind: String,
    text: String,
    /// 没有事项所关于的词
    about: Option<Vec<String>>,
}

/// 所输的一部分，作何理解
#[derive(Serialize, ToSchema)]
pub(crate) struct Meaning {
    typed: String,
    meant: Vec<String>,
    by: String,
}

/// 一个命中
#[derive(Serialize, ToSchema)]
pub(crate) struct Hit {
    id: String,
    title: String,
    /// `document` 或 `item`
    kind: String,
    score: f64,
    number: Option<String>,
    issuer: Option<String>,
    status: String,
    status_name: String,
    kind_name: String,
    level: Option<String>,
    region: Option<String>,
    published: Option<String>,
    highlights: Vec<Highlight>,
    clauses: Vec<HitClause>,
    through: Option<Vec<Meaning>>,
    /// 并入这一条的转载
    folded: Option<Vec<String>>,
    /// 为什么是这个分数
    explain: Option<Explanation>,
    verdict: Option<Verdict>,
    items: Option<Vec<HitItem>>,
    /// 事项所在的文件
    documents: Option<Vec<String>>,
}

/// 分数由来：各步依次作用于 0，即得分数
#[derive(Serialize, ToSchema)]
pub(crate) struct Explanation {
    score: f64,
    steps: Vec<ExplainedStep>,
}

/// 分数的一步
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplainedStep {
    why: String,
    /// 加上
    adds: Option<f64>,
    /// 乘以
    times: Option<f64>,
    /// `adds` 由哪些词合成
    terms: Option<Vec<ExplainedTerm>>,
}

/// 一个词所加
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplainedTerm {
    what: String,
    adds: f64,
}

/// 为之检索的企业
#[derive(Serialize, ToSchema)]
pub(crate) struct Searcher {
    id: String,
    name: Option<String>,
    /// 全部命中按最好的判定计数
    verdicts: BTreeMap<String, usize>,
}

/// 命中所指的事项：为企业检索时为匹配结果
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum HitItem {
    Matched(Match),
    Item(ItemLine),
}

/// 事项的一行
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemLine {
    policy: String,
    title: String,
    window: WindowView,
    in_force: bool,
    /// 支持内容
    gives: Option<String>,
    /// 给谁：前几项条件
    given_to: Option<String>,
}

/// 高亮的一段
#[derive(Serialize, ToSchema)]
pub(crate) struct Highlight {
    field: String,
    text: String,
    /// 段中命中的起止字节
    spans: Vec<Vec<usize>>,
    article: Option<String>,
    source: Option<Vec<usize>>,
    original: Option<Original>,
}

/// 在所收原件中的位置
#[derive(Serialize, ToSchema)]
pub(crate) struct Original {
    start: usize,
    end: usize,
    text: String,
}

/// 命中的条款
#[derive(Serialize, ToSchema)]
pub(crate) struct HitClause {
    article: String,
    heading: Option<String>,
    span: Vec<usize>,
    /// 原文在此的事项
    items: Option<Vec<String>>,
}

/// 分面的一个值
#[derive(Serialize, ToSchema)]
pub(crate) struct FacetValue {
    value: String,
    name: String,
    count: usize,
    /// 上级的值
    parent: Option<String>,
}

/// 联想
#[derive(Serialize, ToSchema)]
pub(crate) struct SuggestAnswer {
    query: String,
    suggestions: Vec<Suggestion>,
}

/// 一条联想
#[derive(Serialize, ToSchema)]
pub(crate) struct Suggestion {
    text: String,
    /// 以此为标题的事项或文件
    id: Option<String>,
    by: Option<String>,
}

/// 一个事项谁符合
#[derive(Serialize, ToSchema)]
pub(crate) struct FindAnswer {
    item: String,
    title: String,
    as_of: String,
    in_force: bool,
    enterprises: u64,
    /// 与别的行标识相同的行数
    repeated: u64,
    eligible: u64,
    undetermined: u64,
    ineligible: u64,
    /// 只差一条的
    almost: u64,
    /// 逐条看都可能过，合起来不可能的
    together: u64,
    funnel: Vec<FunnelStep>,
    by_region: Vec<Group>,
    by_industry: Vec<Group>,
    eligible_ids: Vec<String>,
    undetermined_ids: Vec<String>,
    /// 未能读入的行数
    rejected: Option<u64>,
    /// 有疑问的值，按类别计数
    warnings: Option<std::collections::BTreeMap<String, u64>>,
    problems: Option<Vec<String>>,
}

/// 政策沙盘
#[derive(Serialize, ToSchema)]
pub(crate) struct WhatIfAnswer {
    /// 现行的
    base: FindAnswer,
    /// 各个设想，按所给的次序
    variants: Vec<Variant>,
    /// 未能读入的行数
    rejected: Option<u64>,
    /// 有疑问的值，按类别计数
    warnings: Option<std::collections::BTreeMap<String, u64>>,
    problems: Option<Vec<String>>,
}

/// 一个设想
#[derive(Serialize, ToSchema)]
pub(crate) struct Variant {
    /// 与现行不同之处
    set: Vec<Moved>,
    eligible: u64,
    undetermined: u64,
    ineligible: u64,
    /// 只差一条的
    almost: u64,
    /// 现在不确定符合、那时确定符合的
    gained: u64,
    /// 现在确定符合、那时不再的
    lost: u64,
    /// 现在确定不符、那时有可能的
    opened: u64,
    /// 现在有可能、那时确定不符的
    closed: u64,
    gained_ids: Vec<String>,
    lost_ids: Vec<String>,
    funnel: Vec<FunnelStep>,
}

/// 一处不同
#[derive(Serialize, ToSchema)]
pub(crate) struct Moved {
    path: String,
    /// 现行的条件
    before: String,
    /// 设想的条件；空为取消
    after: Option<String>,
}

/// 漏斗的一步
#[derive(Serialize, ToSchema)]
pub(crate) struct FunnelStep {
    text: String,
    quote: Option<String>,
    article: Option<String>,
    entered: u64,
    out: u64,
    open: u64,
    left: u64,
    failed: u64,
    alone: u64,
}

/// 一个地区或行业
#[derive(Serialize, ToSchema)]
pub(crate) struct Group {
    code: String,
    name: String,
    level: u8,
    enterprises: u64,
    eligible: u64,
    undetermined: u64,
}

/// 推送批次
#[derive(Serialize, ToSchema)]
pub(crate) struct Runs {
    runs: Vec<String>,
}

/// 名单的一行
#[derive(Serialize, ToSchema)]
pub(crate) struct ListLine {
    enterprise_id: String,
    policy_id: String,
    verdict: Option<String>,
    score: f64,
    /// `new` 新增、`kept` 保持、`gone` 移出
    change: String,
    /// 变动的原因
    cause: Option<String>,
    detail: Option<String>,
    /// 企业名称
    enterprise_name: Option<String>,
    /// 事项名称
    title: Option<String>,
    /// 层级
    level: Option<String>,
    /// 判定的中文
    verdict_name: Option<String>,
    /// 支持金额，文字
    amount: Option<String>,
    /// 申报期，文字
    window: Option<String>,
    /// 企业所在的区
    region: Option<String>,
    /// 街镇的名称或代码
    street: Option<String>,
    /// 还缺哪些指标，文字
    missing: Option<String>,
    /// 变动原因的中文
    cause_name: Option<String>,
    /// 变动所涉的条件，带条号
    clause: Option<String>,
}

/// 已存的检索
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedSearches {
    searches: Vec<SavedSearchLine>,
}

/// 一个已存的检索
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedSearchLine {
    name: String,
    query: String,
    /// 键与值
    filters: Vec<Vec<String>>,
    sort: String,
    /// 何时存的，北京时间
    saved: String,
    /// 何时最后查过
    run: String,
    /// 是否为一家企业检索
    for_enterprise: bool,
}

/// 存下的检索
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptSearch {
    name: String,
    /// 替换了同名的
    replaced: bool,
    /// 画像的提示
    problems: Option<Vec<String>>,
}

/// 再查一次的结果
#[derive(Serialize, ToSchema)]
pub(crate) struct SavedRun {
    name: String,
    /// 与这时相比
    since: String,
    /// 新增的 id
    new: Vec<String>,
    /// 内容有变的 id
    changed: Vec<String>,
    /// 判定有变的
    verdicts: Option<Vec<VerdictChange>>,
    /// 不再找到的 id
    gone: Vec<String>,
    #[serde(flatten)]
    answer: SearchAnswer,
}

/// 判定的变化
#[derive(Serialize, ToSchema)]
pub(crate) struct VerdictChange {
    id: String,
    from: Option<String>,
    to: Option<String>,
}
