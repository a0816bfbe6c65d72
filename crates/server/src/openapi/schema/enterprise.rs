//! Profiles in requests; matches, questions and bundles in responses.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::BadLine;
use super::catalogue::{Benefit, Guide, Item, Place, Review, Standing, WindowView};

/// 企业画像
#[derive(Serialize, ToSchema)]
pub(crate) struct Profile {
    /// 企业标识，通常为统一社会信用代码；形似信用代码时按 GB 32100 核对校验位
    id: String,
    /// 企业名称
    name: Option<String>,
    /// 指标，键见 `/v1/facts`。缺少或为 null 即未知，不是否，也不是零。年度指标为 `{"2025": 值}`；
    /// 只知区间的为 `{"at_least": a, "at_most": b}`；称号为列表，或 `{"has": [...], "lacks": [...]}`；
    /// 记录为对象的列表（即全部），或 `{"known": [...]}`（可能还有）；不提供的为 `{"withheld": "原因"}`，按未知处理，不再问
    facts: Option<BTreeMap<String, Value>>,
    /// 由人认定的条件：文字到 true 或 false
    judged: Option<BTreeMap<String, bool>>,
}

/// 一个画像，画像的列表，或 `{"profiles": [...]}`
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Profiles {
    One(Profile),
    List(Vec<Profile>),
    Several(SeveralProfiles),
}

/// 多个画像
#[derive(Serialize, ToSchema)]
pub(crate) struct SeveralProfiles {
    profiles: Vec<Profile>,
}

/// 一个画像，画像的列表，或 `{"profiles": [...]}`；后两种对象里可有 `policies`
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ProfilesAgainst {
    One(ProfileAgainst),
    List(Vec<Profile>),
    Several(SeveralAgainst),
}

/// 一个画像，与用来匹配的事项
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileAgainst {
    #[serde(flatten)]
    profile: Profile,
    /// 代替登记库的事项；也可有它们所引的文件（有 `id` 与 `text` 的）
    policies: Option<Vec<Item>>,
}

/// 多个画像，与用来匹配的事项
#[derive(Serialize, ToSchema)]
pub(crate) struct SeveralAgainst {
    profiles: Vec<Profile>,
    /// 代替登记库的事项；也可有它们所引的文件（有 `id` 与 `text` 的）
    policies: Option<Vec<Item>>,
}

/// 一份匹配结果，或多家企业的结果
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum MatchAnswer {
    One(MatchReport),
    Several(MatchReports),
}

/// 流中的一行：一家企业的匹配结果，或这一行错在哪里
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum MatchLine {
    One(MatchReport),
    Bad(BadLine),
}

/// 多家企业的匹配结果
#[derive(Serialize, ToSchema)]
pub(crate) struct MatchReports {
    /// 判定日
    as_of: String,
    results: Vec<MatchReport>,
    /// 个别画像的错误与提示
    problems: Option<Vec<String>>,
}

/// 一家企业的匹配结果
#[derive(Serialize, ToSchema)]
pub(crate) struct MatchReport {
    id: String,
    name: Option<String>,
    /// 判定日
    as_of: String,
    /// 按排序分，高的在前
    matches: Vec<Match>,
    bundle: Option<BundleReport>,
    /// 该企业拒绝推送：可答复其询问，不得主动推送
    opted_out: Option<Vec<OptOut>>,
    /// 一窗总览，`overview=true` 时才有
    overview: Option<Overview>,
    /// 判定凭据，`receipt=true` 时才有
    receipt: Option<Receipt>,
    /// 所提到的指标，键到名称、类型、单位与可选的值；`facts=true` 时才有
    facts: Option<BTreeMap<String, Fact>>,
    /// 提示
    problems: Option<Vec<String>>,
}

/// 一窗总览：判定日现行的事项，每项只计一次
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    /// 合计
    live: usize,
    /// 符合，15 天内截止
    closing: usize,
    /// 符合
    eligible: usize,
    /// 只差一点：改一项即符合，或至多两项未知
    almost: usize,
    /// 待定
    unknown: usize,
    /// 不符合
    ineligible: usize,
    /// 已截止：符合或待定，本期申报已截止
    closed: usize,
    /// 已享受：台账中已兑付，或已获批（`detail` 的 `approved` 为 true）
    enjoyed: usize,
    /// 无法判定
    undecided: usize,
}

/// 拒绝推送
#[derive(Serialize, ToSchema)]
pub(crate) struct OptOut {
    enterprise: String,
    /// 只拒绝这个事项；空为全部
    item: String,
    reason: String,
    /// 何时记下，毫秒（UTC）
    recorded_at: i64,
}

/// 判定凭据：据此可离线重做判定，逐字节比对
#[derive(Serialize, ToSchema)]
pub(crate) struct Receipt {
    form: String,
    /// 其余各项的 SHA-256
    id: String,
    /// 何时出具，毫秒（UTC）
    issued_at: i64,
    /// 程序版本
    engine: String,
    tenant: String,
    /// 登记库以这一刻为准，毫秒（UTC）
    believed: Option<i64>,
    /// 判定日
    as_of: String,
    all: bool,
    limit: usize,
    bundle: bool,
    /// 指标字典的摘要
    facts: String,
    /// 全部事项的摘要
    rules: String,
    /// 原文出处的摘要
    evidence: String,
    /// 企业画像，程序自用的形式
    #[schema(value_type = Object)]
    profile: serde_json::Value,
    matches: Vec<MatchMark>,
    /// 最优组合的摘要
    best: Option<String>,
    /// 整份结果的摘要
    result: String,
    /// 出具者的签名
    signature: Option<Signature>,
}

/// 凭据的签名
#[derive(Serialize, ToSchema)]
pub(crate) struct Signature {
    /// 公钥（Ed25519），64 位十六进制
    key: String,
    /// 对 `id` 的签名，128 位十六进制
    value: String,
}

/// 凭据中的一个事项
#[derive(Serialize, ToSchema)]
pub(crate) struct MatchMark {
    policy: String,
    /// 事项内容的摘要，即登记库中该修订的摘要
    item: String,
    verdict: Verdict,
    /// 这一项结果的摘要
    result: String,
}

/// 一家企业与一个事项
#[derive(Serialize, ToSchema)]
pub(crate) struct Match {
    /// 事项的 id
    policy: String,
    title: String,
    verdict: Verdict,
    /// 排序分，0 到 1；只用于排序，不说明真假
    score: f64,
    /// 全部条件及其状态；`explain=false` 时为空
    clauses: Vec<Clause>,
    /// 待补指标：仍可能改变判定的未知指标，最能定下判定的在前
    missing: Vec<String>,
    /// 仍可能改变判定、而其持有人不提供的指标：不会再问
    withheld: Option<Vec<WithheldFact>>,
    /// 差距：使不符合变为符合的一组最小变动；`explain=false` 时为空
    nearest: Vec<Change>,
    /// 改进建议：给人看的；只用指标字典允许建议的改变
    advice: Option<MatchAdvice>,
    /// 已有：称号在有效期内，或只支持一次而已享受过
    held: Option<Holding>,
    benefit: Benefit,
    worth: Valuation,
    amount: AmountWords,
    window: WindowView,
    delivery: Delivery,
    /// 是否择优；是则“符合”即“可以申报”
    competitive: bool,
    /// 判定日是否施行
    in_force: bool,
    standing: Standing,
    document: DocumentLine,
    /// 不能同时享受的事项
    excludes: Vec<String>,
    review: Option<Review>,
    guide: Option<Guide>,
    /// 注意事项与限制
    notes: Option<Vec<String>>,
}

/// 金额的文字
#[derive(Serialize, ToSchema)]
pub(crate) struct AmountWords {
    /// 金额、范围，或一无所知时的算法，如“返还上年度实缴失业保险费的60%”
    text: String,
    /// 算法，不含对这家企业不适用的情形
    rule: Option<String>,
    /// `text` 是否由企业的指标算出
    known: bool,
    /// 补上即可算得更准的指标
    asks: Option<Vec<AmountFact>>,
}

/// 金额所依据的一个指标
#[derive(Serialize, ToSchema)]
pub(crate) struct AmountFact {
    key: String,
    name: String,
    unit: Option<String>,
}

/// 为算出金额要问的一个指标；不影响判定
#[derive(Serialize, ToSchema)]
pub(crate) struct AmountQuestion {
    fact: String,
    name: String,
    unit: Option<String>,
    years: Option<Vec<i16>>,
    text: String,
    /// 金额与它有关的事项
    items: Vec<String>,
    /// 其中只差这一个指标的
    completes: Vec<String>,
}

/// 判定：符合、待定、不符合
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Eligible,
    Undetermined,
    Ineligible,
}

/// 兑现方式：申报、免申即享
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delivery {
    Apply,
    Automatic,
}

/// 条件状态：满足、不满足、未知、需认定
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClauseState {
    Met,
    Unmet,
    Unknown,
    Judged,
}

/// 一个条件
#[derive(Serialize, ToSchema)]
pub(crate) struct Clause {
    text: String,
    state: ClauseState,
    /// 涉及的指标
    fact: Option<String>,
    /// 记录类条件求和的字段
    of: Option<String>,
    /// 已知的值，未知为 null；记录类条件为记录数，或 `of` 字段的合计
    value: Value,
    /// 原文
    quote: Option<String>,
    /// 条款
    article: Option<String>,
    /// 在条件树中的位置
    path: String,
    /// 条件组的种类
    group: Option<String>,
    source: Option<Place>,
}

/// 不提供的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct WithheldFact {
    fact: String,
    year: Option<i16>,
    /// 记录中不提供的字段
    field: Option<String>,
    /// 不提供的原因
    reason: String,
}

/// 改进建议
#[derive(Serialize, ToSchema)]
pub(crate) struct MatchAdvice {
    /// `steps` 做到即符合、`wait` 只差时间、`out_of_reach` 差距在现实中难以改变
    outcome: String,
    /// 步骤，最难的在前
    steps: Vec<AdviceStep>,
    /// 难以改变的原因
    obstacles: Option<Vec<Obstacle>>,
    /// 最长的一步约需几个月
    lead_months: u32,
    text: String,
}

/// 改进建议的一步：一处变动，另有办法与难度
#[derive(Serialize, ToSchema)]
pub(crate) struct AdviceStep {
    fact: Option<String>,
    year: Option<i16>,
    tag: Option<String>,
    judged: Option<String>,
    from: Value,
    to: Value,
    via: Option<Vec<String>>,
    on: Option<String>,
    fixed: Option<bool>,
    text: String,
    /// 未知的情况，只待核实
    verify: bool,
    /// 途径：认定、信用修复
    procedure: Option<String>,
    lead_months: u32,
    /// 难度，1 到 5
    effort: u32,
}

/// 不能建议的改变
#[derive(Serialize, ToSchema)]
pub(crate) struct Obstacle {
    fact: Option<String>,
    tag: Option<String>,
    text: String,
}

/// 已有的称号或支持
#[derive(Serialize, ToSchema)]
pub(crate) struct Holding {
    /// `held` 在有效期内、`renewal` 可以复审或重新认定、`received` 已享受过
    state: String,
    tag: Option<String>,
    until: Option<String>,
    /// 自这一天起可以申报复审或重新认定
    renewal_from: Option<String>,
    text: String,
}

/// 一处变动
#[derive(Serialize, ToSchema)]
pub(crate) struct Change {
    fact: Option<String>,
    year: Option<i16>,
    tag: Option<String>,
    judged: Option<String>,
    from: Value,
    to: Value,
    /// 给出所需称号的事项
    via: Option<Vec<String>>,
    /// 从这一天起，仅凭时间即可达到
    on: Option<String>,
    /// 已成过去，无法改变
    fixed: Option<bool>,
    text: String,
}

/// 对这家企业值多少
#[derive(Serialize, ToSchema)]
pub(crate) struct Valuation {
    first_year: Worth,
    whole: Worth,
    yearly: bool,
    /// 补上即可缩小范围的指标
    open: Vec<String>,
    asks: Vec<String>,
    discretion: bool,
}

/// 值多少：非资金、未知，或金额的范围（元），两端都含
#[derive(Serialize, ToSchema)]
pub(crate) struct Worth {
    kind: WorthKind,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

/// 非资金、未知、金额
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorthKind {
    NotMoney,
    Unknown,
    Money,
}

/// 金额的范围（元），两端都含
#[derive(Serialize, ToSchema)]
pub(crate) struct YuanRange {
    at_least: f64,
    at_most: Option<f64>,
}

/// 文件的一行
#[derive(Serialize, ToSchema)]
pub(crate) struct DocumentLine {
    title: String,
    number: Option<String>,
    issuer: Option<String>,
}

/// 一家企业的最优组合，或多家企业的
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BundleAnswer {
    One(BundleOf),
    Several(BundlesOf),
}

/// 流中的一行
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BundleLine {
    One(BundleOf),
    Bad(BadLine),
}

/// 一家企业的最优组合
#[derive(Serialize, ToSchema)]
pub(crate) struct BundleOf {
    id: String,
    as_of: String,
    bundle: Option<BundleReport>,
    problems: Option<Vec<String>>,
}

/// 多家企业的最优组合
#[derive(Serialize, ToSchema)]
pub(crate) struct BundlesOf {
    as_of: String,
    results: Vec<BundleOf>,
    problems: Option<Vec<String>>,
}

/// 最优组合
#[derive(Serialize, ToSchema)]
pub(crate) struct BundleReport {
    best: Bundle,
    /// 次优
    runner_up: Option<Bundle>,
    /// 若待定的都确认符合
    if_confirmed: Option<Bundle>,
    undetermined: Vec<Aside>,
    /// 择优的，不计入
    competitive: Vec<Aside>,
    unavailable: Vec<LeftOut>,
    /// 首年合计的文字；金额都未知时，说明补充哪项指标即可算出
    text: String,
    /// 补上即可算出其中金额的指标
    amounts: Option<Vec<AmountQuestion>>,
}

/// 一组事项及其金额
#[derive(Serialize, ToSchema)]
pub(crate) struct Bundle {
    members: Vec<Member>,
    total: YuanRange,
    yearly: YuanRange,
    /// 金额未知的
    unpriced: Vec<Named>,
    not_money: Vec<Named>,
    left_out: Vec<LeftOut>,
    /// 是否已证明为最优
    proof: Proof,
}

/// `optimal`，或 `bounded` 与上界
#[derive(Serialize, ToSchema)]
pub(crate) struct Proof {
    kind: String,
    at_most: Option<f64>,
}

/// 事项的名称
#[derive(Serialize, ToSchema)]
pub(crate) struct Named {
    item: String,
    title: String,
}

/// 组合中的一项
#[derive(Serialize, ToSchema)]
pub(crate) struct Member {
    item: String,
    title: String,
    own: YuanRange,
    counts: YuanRange,
    yearly: bool,
    window: String,
    text: Option<String>,
}

/// 不在组合中的一项
#[derive(Serialize, ToSchema)]
pub(crate) struct LeftOut {
    item: String,
    title: String,
    worth: Worth,
    rule: Value,
    by: Vec<String>,
    compared: bool,
    text: String,
}

/// 单列的一项
#[derive(Serialize, ToSchema)]
pub(crate) struct Aside {
    item: String,
    title: String,
    verdict: Verdict,
    worth: Worth,
    text: String,
}

/// 一家企业要问的指标，或多家企业的
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum QuestionsAnswer {
    One(QuestionPlan),
    Several(QuestionPlans),
}

/// 流中的一行
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum QuestionsLine {
    One(QuestionPlan),
    Bad(BadLine),
}

/// 多家企业要问的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionPlans {
    as_of: String,
    results: Vec<QuestionPlan>,
    problems: Option<Vec<String>>,
}

/// 要问的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionPlan {
    id: String,
    name: Option<String>,
    as_of: String,
    /// 待定的事项数
    undetermined: usize,
    /// 其中等指标的
    waiting: usize,
    /// 这些事项合计可能的金额（元）
    amount: f64,
    questions: Vec<Question>,
    /// 只能由部门提供、不问企业的指标
    offices: Option<Vec<OfficeFact>>,
    /// 为算出金额要问的，排在其他问题之后
    amounts: Option<Vec<AmountQuestion>>,
    /// 少见的各项合为一问
    combined: Option<CombinedQuestion>,
    /// 所问的指标，键到名称、类型、单位与可选的值；`facts=true` 时才有
    facts: Option<BTreeMap<String, Fact>>,
    problems: Option<Vec<String>>,
}

/// 只能由部门提供的指标
#[derive(Serialize, ToSchema)]
pub(crate) struct OfficeFact {
    fact: String,
    name: String,
    /// 哪个部门
    answered_by: String,
    /// 有几项等它
    touches: usize,
}

/// 一个问题
#[derive(Serialize, ToSchema)]
pub(crate) struct Question {
    fact: String,
    name: String,
    years: Option<Vec<i16>>,
    tags: Option<Vec<String>>,
    text: String,
    /// 由谁回答，字典写明的才有
    answered_by: Option<String>,
    /// 仍可能改变几项
    touches: usize,
    /// 问到这里，定下几项
    settled: usize,
    amount: f64,
    completes: Vec<String>,
    /// 所涉的事项，至多三项，能判明的在前
    items: Vec<QuestionItem>,
    /// 须先问的指标
    after: Option<String>,
    /// 多数企业答“没有”
    rare: Option<bool>,
}

/// 问题所涉的事项
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionItem {
    policy: String,
    title: String,
    /// 给什么
    gives: Option<String>,
    /// 答了即判明
    settles: bool,
}

/// 少见的各项合为一问：以下各项，企业有吗
#[derive(Serialize, ToSchema)]
pub(crate) struct CombinedQuestion {
    text: String,
    facts: Vec<Rarity>,
}

/// 少见的一项
#[derive(Serialize, ToSchema)]
pub(crate) struct Rarity {
    fact: String,
    name: String,
    /// 答“没有”时并入企业画像 `facts` 的内容
    none: Value,
}

/// 一个指标
#[derive(Serialize, ToSchema)]
pub(crate) struct Fact {
    key: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    unit: Option<String>,
    codes: Option<String>,
    period: String,
    min: Option<f64>,
    max: Option<f64>,
    aliases: Option<Vec<String>>,
    values: Option<Vec<String>>,
    source: Option<String>,
    /// 由谁回答：企业，或某个机关
    answered_by: Option<String>,
    /// 一条记录的各项；只有类型为 records 的指标有
    #[schema(no_recursion)]
    fields: Option<Vec<Fact>>,
    privacy: Option<String>,
    derived: Option<bool>,
    since: Option<String>,
    last: Option<String>,
    /// 可以建议的改变：方向、途径、约需月数、难度
    advice: Option<AdviceRule>,
    /// `rare` 多数企业没有、`usual` 多数企业有
    common: Option<String>,
    /// 须先问的指标
    gate: Option<String>,
    note: Option<String>,
}

/// 一个指标可以建议的改变
#[derive(Serialize, ToSchema)]
pub(crate) struct AdviceRule {
    /// `grow` 增加或取得、`shrink` 减少或移出、`set` 变更、`never` 不建议
    direction: String,
    procedure: Option<String>,
    lead_months: u32,
    effort: u32,
}

/// 凭据的核验
#[derive(Serialize, ToSchema)]
pub(crate) struct Replay {
    id: String,
    enterprise: String,
    /// 是否逐字节相同
    same: bool,
    /// 比较了什么：`report` 整份报告；旧格式的凭据为 `verdicts`，比较依据与每个判定
    compared: String,
    /// 签名：`trusted` 由可信的密钥签署、`unknown` 已签署、`unsigned` 未签名、`wrong` 与内容不符
    signed: String,
    differences: Vec<Difference>,
}

/// 一处不同
#[derive(Serialize, ToSchema)]
pub(crate) struct Difference {
    part: String,
    policy: Option<String>,
    was: String,
    now: String,
}
