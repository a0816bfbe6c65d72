//! Parts of a granting sentence: what each pays, caps or repeats.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::number::Number;

use super::base::base;
use super::cap::{Cap, LIMITS, as_cap, cap, is_limited, limit_before, only_caps};
use super::scan::{Sum, Unit, sums};
use super::term::{Scope, instalments, is_yearly, scope, years};
use super::unit::each;
use crate::plain::{Plain, first, has, last, part};

/// Words of granting money, longest first where one begins another.
#[rustfmt::skip]
const GRANTING: &[&str] = &[
    "给予", "予以", "奖励", "奖补", "补助", "补贴", "资助", "贴息", "贴保", "贴费", "补偿", "配套", "拨付", "发放",
    "奖给", "扶持", "返还", "免收", "免征", "减征", "减免", "减半", "减收", "支持", "鼓励", "补足", "支付", "服务券",
    "创新券", "算力券", "券", "申领",
];

/// Words of a threshold after a sum: it is a condition, not an amount.
#[rustfmt::skip]
const THRESHOLDS: &[&str] = &[
    "以上", "及以上", "(含)以上", "（含）以上", "（含）", "以下", "（不含）", "以内的", "的企业", "的项目", "的单位",
    "（含", "到", "至",
];

/// Longest condition of a tier in words, in bytes.
const LONGEST_WHEN: usize = 1_200;

/// Basis of a payment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pay {
    /// Sums; several are tiers.
    Sums(Vec<Tier>),
    /// Rates of a base; several are tiers.
    Rates {
        /// Rates with their conditions.
        of: Vec<Tier>,
        /// Base in words; empty if it is not said.
        base: String,
    },
    /// All of something: 全额补贴, 免收.
    Whole,
}

/// Sum or rate of one tier.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tier {
    /// Condition in words; empty for the only tier.
    pub(super) when: String,
    /// Lower end of the sum or rate.
    pub(super) low: Number,
    /// Upper end.
    pub(super) high: Number,
}

/// Part of a sentence as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PhraseReading {
    /// Payment.
    pub(super) pay: Option<Pay>,
    /// Condition under which it is paid, in words.
    pub(super) when: String,
    /// True if the office decides up to this (不超过).
    pub(super) is_ceiling: bool,
    /// Unit that it is paid for: 名, 项.
    pub(super) each: Option<(String, String)>,
    /// Cap.
    pub(super) cap: Option<Cap>,
    /// 一次性.
    pub(super) once: bool,
    /// 每年.
    pub(super) yearly: bool,
    /// Number of years.
    pub(super) years: Option<u8>,
    /// True if its sum is the total of all years.
    pub(super) is_total: bool,
    /// Shares of instalments.
    pub(super) instalments: Vec<Number>,
    /// True if it adds to the payment before it (另给予).
    pub(super) adds: bool,
    /// True if a new sentence or a part between semicolons begins with it.
    pub(super) begins: bool,
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    /// True if it has a sum that was not read.
    pub(super) left_over: bool,
    /// True if it says anything of an amount.
    pub(super) says: bool,
}

/// True if a part of a sentence pays a sum or a rate.
pub(crate) fn pays(text: &str) -> bool {
    let (mut gives, mut announced) = (false, false);
    split(text).into_iter().any(|(range, _)| {
        let words = part(text, range);
        let sums = sums(words);
        let pays = paying(words, &sums, announced).is_some() || gives && only_caps(words, &sums, false);
        gives |= has(words, GRANTING);
        announced |= announces(words);
        pays
    })
}

/// 10%: a subsidy of interest below it is a share of the loan.
fn tenth() -> Number {
    Number::decimal(1, 1).unwrap_or_else(Number::zero)
}

/// True if a part names the support whose sums follow: 资助额度：.
fn announces(words: &str) -> bool {
    has(words, &["额度", "标准", "金额"]) && has(words, GRANTING)
}

/// Parts of a sentence in order.
pub(super) fn parts(sentence: &Plain) -> Vec<PhraseReading> {
    let mut found: Vec<PhraseReading> = Vec::new();
    // Words of the parts before, which are the condition of the next payment.
    let mut when = String::new();
    // Base that a part before names: 以年度产值为基数.
    let mut named = String::new();
    let (mut announced, mut is_paid) = (false, false);
    for (range, begins) in split(&sentence.text) {
        poll();
        let words = part(&sentence.text, range.clone());
        if begins {
            when.clear();
        }
        if let Some(base) = words.split_once("为基数").and_then(|(head, _)| head.rsplit_once('以')) {
            named = base.1.chars().take(40).collect();
        }
        let mut one = read(words, &when, is_paid, announced);
        announced |= announces(words);
        one.begins = begins;
        if sentence.text.get(..range.start).is_some_and(|before| before.ends_with('、')) {
            join(&mut one, words);
        }
        one.span = sentence.span(range.clone());
        if let Some(Pay::Rates { base, .. }) = &mut one.pay
            && base.is_empty()
            && named != "此"
        {
            base.clone_from(&named);
            let is_loan = has(words, &["贴息", "利息补贴"]) && !has(words, &["利率", "LPR"]);
            if is_loan && base.is_empty() {
                // 1% is a share of the loan, 50% one of its interest.
                let small = sums(words).iter().all(|sum| sum.unit != Unit::Rate || sum.high < tenth());
                (if small { "贷款本金" } else { "贷款利息" }).clone_into(base);
            }
        }
        if let Some(cap) = &mut one.cap
            && cap.scope == Scope::Plain
            && !begins
            && found
                .last()
                .and_then(|last| last.cap.as_ref())
                .is_some_and(|last| last.scope == Scope::Applicant)
        {
            // 单个企业甲类不超过12万元，乙类不超过30万元.
            cap.scope = Scope::Applicant;
        }
        if let Some(cap) = as_cap(found.last(), &one, words) {
            one = PhraseReading { cap: Some(cap), when: String::new(), pay: None, ..one };
        }
        if one.pay.is_none() && one.cap.is_none() && !one.says {
            // A condition of a tier is a phrase, not a page.
            if when.len() <= LONGEST_WHEN {
                if !when.is_empty() {
                    when.push('，');
                }
                when.push_str(words);
            }
            one.when = String::new();
        } else if one.pay.is_some() {
            when.clear();
        }
        is_paid |= one.pay.is_some();
        found.push(one);
    }
    found
}

/// True if the 、 at byte `at` stands between two moneys that are both paid: 建设经费100万元、运营经费20万元. `begin` is the begin of
/// the part.
fn joins_moneys(text: &str, begin: usize, at: usize) -> bool {
    const MONEYS: [&str; 3] = ["经费", "费用", "补贴"];
    let before = part(text, begin..at);
    let behind = text.get(at + '、'.len_utf8()..).unwrap_or_default();
    let end = behind.find(['，', '；', '。', '：', '、']).unwrap_or(behind.len());
    let behind = part(behind, 0..end);
    let names = |words: &str| {
        let name = words.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
        let name = name.trim_end_matches("不超过").trim_end_matches("最高").trim_end_matches("每年");
        name.len() < words.len() && MONEYS.iter().any(|money| name.ends_with(money))
    };
    // A grade names a tier: 省级补贴、市级补贴.
    before.ends_with('元') && names(before) && names(behind) && !has(behind, &["级", "类", "等", "档"])
}

/// Makes a part behind a 、 between moneys a payment that adds to the one before; its verb stands there.
fn join(one: &mut PhraseReading, words: &str) {
    one.adds = true;
    let sums = sums(words);
    if let (None, [sum]) = (&one.pay, sums.as_slice())
        && sum.unit == Unit::Yuan
    {
        let tier = Tier { when: String::new(), low: sum.low.clone(), high: sum.high.clone() };
        one.pay = Some(Pay::Sums(vec![tier]));
        one.is_ceiling = is_limited(words, 0, sum) || sum.low < sum.high;
        (one.cap, one.when) = (None, String::new());
    }
}

/// Ranges between commas outside brackets, and between moneys that add up; true for the first of a sentence or between semicolons.
fn split(text: &str) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    let (mut begin, mut depth, mut begins) = (0, 0_usize, true);
    for (at, c) in text.char_indices() {
        poll();
        match c {
            '（' => depth += 1,
            '）' => depth = depth.saturating_sub(1),
            '，' | '；' | '。' | '：' if depth == 0 || c == '。' => {
                found.push((begin..at, begins));
                begin = at + c.len_utf8();
                begins = matches!(c, '；' | '。' | '：');
            }
            '、' if depth == 0 && joins_moneys(text, begin, at) => {
                found.push((begin..at, begins));
                begin = at + c.len_utf8();
                begins = false;
            }
            _ => {}
        }
    }
    found.push((begin..text.len(), begins));
    found.retain(|(range, _)| !range.is_empty());
    found
}

/// First byte of the payment in a part: its verb, or 按 before its rate.
///
/// `announced`: a part before it names the support (资助额度：), so that a limit alone pays.
fn paying(words: &str, sums: &[Sum], announced: bool) -> Option<usize> {
    let amounts: Vec<&Sum> = sums.iter().filter(|sum| !is_threshold(words, sum)).collect();
    let whole = first(words, &["全额", "免收", "免征", "减半", "免费", "免除", "免租"]);
    if amounts.is_empty() && whole.is_none() {
        return None;
    }
    if let Some(rate) = amounts.iter().find(|sum| sum.unit == Unit::Rate)
        && let Some(by) = last(part(words, 0..rate.place.start), &["按照", "按", "参照"])
    {
        // 可按不超过投入的30%: the verb may stand in the next part.
        return Some(by.start);
    }
    // 申请不高于预算额度50%的资助, 歌剧项目不超过400万元.
    let limit = amounts
        .first()
        .and_then(|sum| last(part(words, 0..sum.place.start), LIMITS))
        .map(|limit| limit.start);
    let verb = match first(words, GRANTING) {
        Some(verb) => verb,
        None if announced && limit.is_some() && amounts.iter().any(|sum| sum.unit == Unit::Yuan) => {
            return limit;
        }
        None => return None,
    };
    if let Some(limit) = limit.filter(|limit| *limit < verb.start) {
        return Some(limit);
    }
    let by = first(words, &["以"]).filter(|by| by.start < verb.start);
    let rate = amounts.iter().find(|sum| sum.unit == Unit::Rate);
    match (by, rate) {
        (Some(by), Some(rate)) if by.start < rate.place.start => Some(by.start),
        _ => {
            // 奖励 as part of a name before the sum is no verb: the last verb before the first amount pays.
            let first_amount = amounts.first().map_or(words.len(), |sum| sum.place.start);
            let before = part(words, 0..first_amount);
            let nearest =
                last(before, &["给予", "予以", "奖励", "补助", "补贴", "资助", "支持", "发放", "奖给"]);
            Some(nearest.map_or(verb.start.min(first_amount), |verb| verb.start))
        }
    }
}

/// Quantities of an enterprise that a limit before a sum bounds: 应纳税所得额不超过300万元.
const BOUNDED: [&str; 10] = [
    "所得额",
    "销售额",
    "营业额",
    "营业收入",
    "业务收入",
    "年收入",
    "资产总额",
    "总资产",
    "净资产",
    "注册资本",
];

/// True if the words before a sum bound a quantity of the enterprise: it is a condition, not an amount.
fn bounds_quantity(words: &str, sum: &Sum) -> bool {
    let before = part(words, 0..sum.place.start);
    let limits = ["不超过", "不高于", "不多于", "不大于", "不得超过", "未超过", "低于", "小于", "在"];
    let quantity = limits.iter().find_map(|limit| before.strip_suffix(limit));
    quantity.is_some_and(|quantity| BOUNDED.iter().any(|name| quantity.ends_with(name)))
}

/// True if the words around a sum make it a threshold.
pub(super) fn is_threshold(words: &str, sum: &Sum) -> bool {
    if sum.unit == Unit::Yuan && bounds_quantity(words, sum) {
        return true;
    }
    let behind = words.get(sum.place.end..).unwrap_or_default();
    if behind.starts_with("以内") || behind.starts_with("以下的奖") {
        return false;
    }
    // 合同金额的0.5%（含）给予补贴: the bracket belongs to an upper limit.
    if sum.unit == Unit::Rate && behind.starts_with("（含）") && !behind.starts_with("（含）以") {
        return false;
    }
    THRESHOLDS.iter().any(|word| behind.starts_with(word))
}

fn read(words: &str, when: &str, is_paid: bool, announced: bool) -> PhraseReading {
    let sums = sums(words);
    let mut one = PhraseReading { when: when.to_owned(), ..PhraseReading::default() };
    one.once = has(words, &["一次性"]);
    one.yearly = is_yearly(words);
    one.years = years(words);
    one.is_total = scope(words) == Scope::Total && !one.yearly;
    one.instalments = instalments(words, &sums);
    one.adds =
        has(words, &["另给予", "另外给予", "再给予", "额外给予", "另奖", "再奖励", "另行给予", "叠加"]);
    one.says = one.years.is_some() || !one.instalments.is_empty();
    if !one.instalments.is_empty() {
        return one;
    }
    let begin = paying(words, &sums, announced).filter(|_| !only_caps(words, &sums, is_paid));
    if let Some(begin) = begin {
        pay(&mut one, words, begin, &sums);
    }
    // 每增加1亿元，另给予10万元: as often as a sum of money fits, which no formula says.
    let repeats = has(words, &["每增加", "每新增", "每超", "每满", "每达到"])
        || has(when, &["每增加", "每新增", "每超", "每满"]);
    let of_money = sums.iter().any(|sum| {
        sum.unit == Unit::Yuan && part(words, 0..sum.place.start).ends_with(['加', '增', '超', '满', '到'])
    }) || !super::scan::sums(when).is_empty();
    if one.pay.is_some() && one.each.is_none() && repeats && of_money {
        one.pay = None;
        one.left_over = true;
        one.says = true;
        return one;
    }
    // 每家奖励50万元，不高于其投入的50%: a limit that is a share.
    if one.pay.is_none()
        && is_paid
        && sums.iter().any(|sum| sum.unit == Unit::Rate && limit_before(words, sum))
    {
        one.left_over = true;
        one.says = true;
    }
    if one.pay.is_none() {
        cap(&mut one, words, &sums);
    } else if let Some(Pay::Rates { .. }) = &one.pay {
        // 给予不超过投资额30%、最高600万元的资助.
        let yuan: Vec<&Sum> =
            sums.iter().filter(|sum| sum.unit == Unit::Yuan && !is_threshold(words, sum)).collect();
        let behind = begin.unwrap_or(0);
        let limits: Vec<&Sum> = yuan.into_iter().filter(|sum| sum.place.start >= behind).collect();
        if let Some(most) = limits.iter().max_by(|a, b| a.high.cmp(&b.high)) {
            let before = part(words, behind..most.place.start);
            one.cap = Some(Cap {
                yuan: most.high.clone(),
                scope: scope(before),
                yearly: is_yearly(before),
                tiers: limits.iter().map(|sum| sum.high.clone()).collect(),
            });
        }
    }
    one
}

/// Reads what a part pays from byte `begin`.
fn pay(one: &mut PhraseReading, words: &str, begin: usize, sums: &[Sum]) {
    let later: Vec<&Sum> =
        sums.iter().filter(|sum| sum.place.start >= begin && !is_threshold(words, sum)).collect();
    let before = part(words, 0..begin);
    if !before.is_empty() {
        if !one.when.is_empty() {
            one.when.push('，');
        }
        one.when.push_str(before);
    }
    let rates: Vec<&&Sum> = later.iter().filter(|sum| sum.unit == Unit::Rate).collect();
    if let Some(first_rate) = rates.first() {
        let base = base(words, begin, first_rate);
        one.is_ceiling = is_limited(words, begin, first_rate);
        let of = tiers(words, begin, &rates.into_iter().copied().collect::<Vec<_>>());
        one.pay = Some(Pay::Rates { of, base });
        return;
    }
    let yuan: Vec<&Sum> = later.iter().filter(|sum| sum.unit == Unit::Yuan).copied().collect();
    one.left_over = later.iter().any(|sum| sum.unit == Unit::Foreign);
    let Some(first_sum) = yuan.first() else {
        if has(words, &["全额", "免收", "免征", "免费", "免除", "免租"]) {
            one.pay = Some(Pay::Whole);
        } else if let Some(half) = first(words, &["减半征收", "减半"]) {
            let base = words.get(half.end..).unwrap_or_default();
            let base = base
                .trim_start_matches("收取")
                .trim_start_matches("企业当年应缴的")
                .trim_start_matches("当年应缴的");
            let half = Number::decimal(5, 1).unwrap_or_else(Number::zero);
            let tier = Tier { when: String::new(), low: half.clone(), high: half };
            one.pay = Some(Pay::Rates { of: vec![tier], base: base.trim_start_matches('的').to_owned() });
        }
        return;
    };
    one.each = each(words, first_sum).or_else(|| {
        // 每新增一名…，给予…: what is counted stands in the part before.
        let place = one.when.len()..one.when.len();
        let joined = Sum { place, ..(*first_sum).clone() };
        one.when.contains('每').then(|| each(&one.when, &joined)).flatten()
    });
    one.is_ceiling = is_limited(words, begin, first_sum) || first_sum.low < first_sum.high;
    // 单个展会最高3万元，每家企业全年最高12万元 of one part: a cap beside the payment.
    one.pay = Some(Pay::Sums(tiers(words, begin, &yuan)));
}

/// Tiers of the sums of one part: their conditions are the lists of words before.
fn tiers(words: &str, begin: usize, sums: &[&Sum]) -> Vec<Tier> {
    let _ = begin;
    let mut found = Vec::new();
    let mut end = 0;
    for sum in sums {
        poll();
        // 区级10万元、市级30万元: the word between the sums names the tier.
        let between = part(words, end.min(sum.place.start)..sum.place.start);
        let name = between.trim_start_matches(['、', '，', '和', '及', '或']);
        let name = name.rsplit(['给', '予', '励', '的', '别']).next().unwrap_or_default();
        let when = if sums.len() > 1 && name.chars().count() <= 12 { name.to_owned() } else { String::new() };
        end = sum.place.end;
        found.push(Tier { when, low: sum.low.clone(), high: sum.high.clone() });
    }
    found
}
