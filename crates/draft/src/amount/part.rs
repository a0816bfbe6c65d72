//! Parts of a granting sentence: what each pays, caps or repeats.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::number::Number;
use zhaoren_text::numeral;

use super::scan::{Sum, Unit, sums};
use crate::plain::{Plain, first, has, last, part};

/// Words of granting money, longest first where one begins another.
#[rustfmt::skip]
const GRANTING: &[&str] = &[
    "给予", "予以", "奖励", "奖补", "补助", "补贴", "资助", "贴息", "贴保", "贴费", "补偿", "配套", "拨付", "发放",
    "奖给", "扶持", "返还", "免收", "免征", "减征", "减免", "减半", "减收", "支持", "鼓励", "补足", "支付",
];

/// Words of an upper limit before a sum.
#[rustfmt::skip]
const LIMITS: &[&str] = &[
    "不超过", "不高于", "不多于", "最高", "最多", "上限", "限额", "封顶", "以内", "为限", "不得超过", "不大于",
    "不得高于", "至多", "累计不超", "累计最高", "限于",
];

/// Words after a sum that make it an upper limit.
#[rustfmt::skip]
const LIMITS_AFTER: &[&str] = &[
    "封顶", "以内", "为上限", "为限", "以下", "的上限",
];

/// Words of a threshold after a sum: it is a condition, not an amount.
#[rustfmt::skip]
const THRESHOLDS: &[&str] = &[
    "以上", "及以上", "(含)以上", "（含）以上", "（含）", "以下", "（不含）", "以内的", "的企业", "的项目", "的单位",
    "（含", "到", "至",
];

/// Bearers of a unit: 每家企业 is the applicant, 每个项目 is a unit of its own.
#[rustfmt::skip]
const APPLICANTS: &[&str] = &[
    "企业", "单位", "机构", "主体", "户", "家", "申报单位", "申请人", "公司", "法人", "申请单位", "创新主体",
    "市场主体", "平台", "园区", "运营方",
];

/// Words before the base of a rate that do not belong to it.
#[rustfmt::skip]
const BASE_BEGINNINGS: &[&str] = &[
    "支持金额", "奖励金额", "补贴金额", "补助金额", "资助金额", "支持额度", "按照", "按", "参照", "给予", "予以",
    "不超过", "不高于", "不多于", "最高", "补助", "补贴", "奖励", "资助", "支持", "可", "其", "企业", "对", "以",
    "一次性", "分别", "的", "单个项目", "提供", "实际发生的", "约",
];

/// Words between the base and the rate.
#[rustfmt::skip]
const BASE_ENDS: &[&str] = &[
    "的", "不超过", "最高", "给予", "不高于", "最高不超过", "总额", "分别", "不多于", "最多", "上限为", "最高可",
    "按照", "按", "比例", "不得超过", "的比例", "进行", "，",
];

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

/// Scope of a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// 单个项目, 每张证书.
    Object,
    /// Not said.
    Plain,
    /// 单个企业.
    Applicant,
    /// 累计, 总额.
    Total,
}

/// Cap of a payment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cap {
    /// Yuan; the greatest where it differs by tier.
    pub(super) yuan: Number,
    /// What it holds for.
    pub(super) scope: Scope,
    /// True if it holds for a year.
    pub(super) yearly: bool,
    /// Caps of the tiers, where it differs by tier.
    pub(super) tiers: Vec<Number>,
}

/// Part of a sentence as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
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
    let mut gives = false;
    split(text).into_iter().any(|(range, _)| {
        let words = part(text, range);
        let sums = sums(words);
        gives |= has(words, &GRANTING);
        paying(words, &sums).is_some() || gives && only_caps(words, &sums)
    })
}

/// True if a part only limits the payment before it: 每家企业年度贴息总额不超过100万元.
fn only_caps(words: &str, sums: &[Sum]) -> bool {
    #[rustfmt::skip]
    const BEGINNINGS: &[&str] = &[
        "每家", "单个", "单户", "每户", "单家", "同一", "累计", "总额", "年度", "每年", "最高", "且", "全年", "合计",
        "单笔", "单张", "每个企业", "单项", "单一", "但", "每年度", "每个单位", "总金额", "最多", "不超过", "并",
        "年最高",
    ];
    let rates = sums.iter().any(|sum| sum.unit == Unit::Rate && !is_threshold(words, sum));
    let limited = sums.iter().any(|sum| sum.unit == Unit::Yuan && limit_before(words, sum));
    !rates && limited && BEGINNINGS.iter().any(|word| words.starts_with(word))
}

/// Parts of a sentence in order.
pub(super) fn parts(sentence: &Plain) -> Vec<Part> {
    let mut found = Vec::new();
    // Words of the parts before, which are the condition of the next payment.
    let mut when = String::new();
    for (range, begins) in split(&sentence.text) {
        poll();
        let words = part(&sentence.text, range.clone());
        if begins {
            when.clear();
        }
        let mut one = read(words, &when);
        one.begins = begins;
        one.span = sentence.span(range.clone());
        if one.pay.is_none() && one.cap.is_none() && !one.says {
            if !when.is_empty() {
                when.push('，');
            }
            when.push_str(words);
            one.when = String::new();
        } else if one.pay.is_some() {
            when.clear();
        }
        found.push(one);
    }
    found
}

/// Ranges between commas outside brackets; true for the first of a sentence or between semicolons.
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
                begins = matches!(c, '；' | '。');
            }
            _ => {}
        }
    }
    found.push((begin..text.len(), begins));
    found.retain(|(range, _)| !range.is_empty());
    found
}

/// First byte of the payment in a part: its verb, or 按 before its rate.
fn paying(words: &str, sums: &[Sum]) -> Option<usize> {
    let amounts: Vec<&Sum> = sums.iter().filter(|sum| !is_threshold(words, sum)).collect();
    let whole = first(words, &["全额", "免收", "免征", "减半", "免费", "免除", "免租"]);
    if amounts.is_empty() && whole.is_none() {
        return None;
    }
    let verb = first(words, &GRANTING)?;
    let by = first(words, &["按照", "按", "参照", "以"]).filter(|by| by.start < verb.start);
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

/// True if the words after a sum make it a threshold.
fn is_threshold(words: &str, sum: &Sum) -> bool {
    let behind = words.get(sum.place.end..).unwrap_or_default();
    if behind.starts_with("以内") || behind.starts_with("以下的奖") {
        return false;
    }
    THRESHOLDS.iter().any(|word| behind.starts_with(word))
}

fn read(words: &str, when: &str) -> Part {
    let sums = sums(words);
    let mut one = Part { when: when.to_owned(), ..Part::default() };
    one.once = has(words, &["一次性"]);
    one.yearly = is_yearly(words);
    one.years = years(words);
    one.instalments = instalments(words, &sums);
    one.adds =
        has(words, &["另给予", "另外给予", "再给予", "额外给予", "另奖", "再奖励", "另行给予", "叠加"]);
    one.says = one.years.is_some() || !one.instalments.is_empty();
    if !one.instalments.is_empty() {
        return one;
    }
    let begin = paying(words, &sums).filter(|_| !only_caps(words, &sums));
    if let Some(begin) = begin {
        pay(&mut one, words, begin, &sums);
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
fn pay(one: &mut Part, words: &str, begin: usize, sums: &[Sum]) {
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

/// Reads the cap of a part that pays nothing itself.
fn cap(one: &mut Part, words: &str, sums: &[Sum]) {
    let limited = has(words, &LIMITS) || has(words, &["每年", "年度", "总额", "累计"]);
    let yuan: Vec<&Sum> = sums
        .iter()
        .filter(|sum| sum.unit == Unit::Yuan && !is_threshold(words, sum) && limit_before(words, sum))
        .collect();
    let Some(most) = yuan.iter().max_by(|a, b| a.high.cmp(&b.high)) else {
        one.left_over = false;
        return;
    };
    if !limited {
        return;
    }
    one.cap = Some(Cap {
        yuan: most.high.clone(),
        scope: scope(words),
        yearly: is_yearly(words),
        tiers: yuan.iter().map(|sum| sum.high.clone()).collect(),
    });
}

/// True if a limit precedes or follows the sum.
fn limit_before(words: &str, sum: &Sum) -> bool {
    let behind = words.get(sum.place.end..).unwrap_or_default();
    has(part(words, 0..sum.place.start), &LIMITS) || LIMITS_AFTER.iter().any(|word| behind.starts_with(word))
}

/// True if the sum is only an upper limit.
fn is_limited(words: &str, begin: usize, sum: &Sum) -> bool {
    let before = part(words, begin.min(sum.place.start)..sum.place.start);
    let start = words.get(..begin).unwrap_or_default();
    let near: String = start.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
    let behind = words.get(sum.place.end..).unwrap_or_default();
    has(before, &LIMITS)
        || has(&near, &["最高可", "最高", "不超过", "不高于"])
        || LIMITS_AFTER.iter().any(|word| behind.starts_with(word))
}

fn is_yearly(words: &str) -> bool {
    has(
        words,
        &[
            "每年",
            "年度最高",
            "年度累计",
            "全年",
            "每年度",
            "/年",
            "年度贴息",
            "年度不超过",
            "一年内",
            "年度支持",
            "年度总额",
            "年最高",
            "年度补贴",
            "年度奖励",
            "每个自然年",
            "当年最高",
            "当年累计",
        ],
    )
}

fn scope(words: &str) -> Scope {
    if has(words, &["累计", "总额", "总金额", "合计", "总计"]) {
        Scope::Total
    } else if APPLICANTS.iter().any(|who| {
        ["每家", "单个", "单家", "每个", "同一", "每", "单一", "单"]
            .iter()
            .any(|mark| words.contains(&format!("{mark}{who}")))
    }) {
        Scope::Applicant
    } else if has(
        words,
        &[
            "每个", "单个", "单张", "每项", "每件", "单项", "每台", "单台", "每场", "每次", "单笔", "每笔",
            "单套", "单品",
        ],
    ) {
        Scope::Object
    } else {
        Scope::Plain
    }
}

/// 连续三年, 补贴期限3年, 最长不超过2年.
fn years(words: &str) -> Option<u8> {
    #[rustfmt::skip]
    const BEFORE: &[&str] = &[
        "连续", "期限", "为期", "最长", "不超过", "最多", "期限为", "限", "期", "共", "最高", "周期", "周期为",
        "给予", "享受", "支持", "补贴", "补助", "资助", "奖励",
    ];
    for (at, _) in words.match_indices('年') {
        poll();
        let before = part(words, 0..at);
        let digits: String = before.chars().rev().take_while(|c| numeral::is_numeral(*c)).collect();
        let digits: String = digits.chars().rev().collect();
        let Some(value) = numeral::parse(&digits).and_then(|value| u8::try_from(value).ok()) else {
            continue;
        };
        let ahead = before.strip_suffix(digits.as_str()).unwrap_or_default();
        let repeats = has(words, &["补贴", "补助", "贴息", "支持", "奖励", "连续", "资助", "扶持", "期限"]);
        let near: String = {
            let tail: Vec<char> = ahead.chars().rev().take(6).collect();
            tail.into_iter().rev().collect()
        };
        let not_ahead = has(&near, &["近", "前", "满", "成立", "注册", "未来", "第", "有效期"]);
        if (1..=20).contains(&value)
            && repeats
            && !not_ahead
            && BEFORE.iter().any(|word| near.ends_with(word))
        {
            return Some(value);
        }
    }
    None
}

/// 分三年按40%、30%、30%拨付.
fn instalments(words: &str, sums: &[Sum]) -> Vec<Number> {
    let rates: Vec<Number> = sums
        .iter()
        .filter(|sum| sum.unit == Unit::Rate && sum.low == sum.high)
        .map(|sum| sum.high.clone())
        .collect();
    let whole = rates.iter().fold(Number::zero(), |sum, rate| sum.plus(rate));
    let divides = has(words, &["拨付", "兑付", "兑现", "发放", "支付"]) && has(words, &["分", "比例"]);
    if divides && rates.len() >= 2 && whole == Number::from(1) { rates } else { Vec::new() }
}

/// Base of a rate: the words between 按 or 给予 and the rate, or those that 对 names.
fn base(words: &str, begin: usize, rate: &Sum) -> String {
    let between = part(words, begin.min(rate.place.start)..rate.place.start);
    let mut name = between;
    // 按照, 给予, 不超过 … each once, in any order.
    loop {
        poll();
        let before = name;
        for word in BASE_BEGINNINGS {
            let inner = name.strip_prefix(word).unwrap_or(name);
            // 其实缴 and 企业所得税 keep their words.
            let keeps = *word == "企业"
                && !inner.is_empty()
                && (inner.starts_with("所得税")
                    || inner.starts_with("新增")
                    || inner.starts_with("年度")
                    || inner.starts_with("实际"));
            if !keeps {
                name = inner;
            }
        }
        if name == before {
            break;
        }
    }
    for word in BASE_ENDS {
        name = name.strip_suffix(word).unwrap_or(name);
    }
    let name = name
        .trim_end_matches(['的', '为', '，'])
        .trim_end_matches("总额")
        .trim_end_matches("不超过")
        .trim_end_matches(['的']);
    if !name.is_empty() {
        return limited(name);
    }
    // 对展位费给予50%补贴; 给予50%的房租补贴.
    let before = part(words, 0..begin);
    if let Some(at) = before.rfind('对') {
        let name = before.get(at + '对'.len_utf8()..).unwrap_or_default();
        if !name.is_empty() && name.chars().count() <= 20 && !has(name, &["企业", "单位", "机构"]) {
            return limited(name);
        }
    }
    String::new()
}

/// Base of at most 40 characters.
fn limited(name: &str) -> String {
    name.chars().take(40).collect()
}

/// Unit of a sum: 每名, 每件, 元/平方米.
fn each(words: &str, sum: &Sum) -> Option<(String, String)> {
    let behind = words.get(sum.place.end..).unwrap_or_default();
    if let Some(unit) = behind.strip_prefix('/') {
        let end = unit
            .find(|c: char| matches!(c, '的' | '，' | '（' | '标') || c.is_ascii_digit())
            .unwrap_or(unit.len());
        let unit: String = unit.get(..end).unwrap_or_default().chars().take(12).collect();
        let unit = unit.replace('/', "·");
        return (!unit.is_empty() && unit != "年").then(|| (unit.clone(), unit));
    }
    let before = part(words, 0..sum.place.start);
    if has(before, &["每平方米每月", "每月每平方米", "每平米每月"]) {
        return Some(("平方米·月".to_owned(), "平方米·月".to_owned()));
    }
    let at = before.rfind('每')?;
    let named = before.get(at + '每'.len_utf8()..)?;
    let mut named = named;
    for verb in
        ["新增", "招收", "招用", "引进", "培养", "推荐", "新认定", "吸纳", "取得", "获得", "新引进", "成功"]
    {
        named = named.strip_prefix(verb).unwrap_or(named);
    }
    if named.starts_with(['年', '月', '季']) && !named.starts_with("月每") {
        return None;
    }
    let named: String = named.chars().skip_while(|c| numeral::is_numeral(*c) && *c != '百').collect();
    let end = named
        .find(|c: char| {
            matches!(
                c,
                '给' | '予'
                    | '奖'
                    | '补'
                    | '按'
                    | '资'
                    | '最'
                    | '不'
                    | '可'
                    | '一'
                    | '的'
                    | '，'
                    | '支'
                    | '另'
            ) || c.is_ascii_digit()
        })
        .unwrap_or(named.len());
    let name = named.get(..end).unwrap_or_default();
    // 每家企业 is the applicant itself.
    let is_applicant = APPLICANTS.iter().any(|who| name.ends_with(who)) || name == "家" || name == "户";
    if name.is_empty() || name.chars().count() > 20 || is_applicant {
        return None;
    }
    let measure = name.chars().next().filter(|c| "名人项件家个台套场次张辆亩吨户款部".contains(*c));
    let rest: String = name.chars().skip(usize::from(measure.is_some())).collect();
    let unit = measure.map_or_else(|| name.to_owned(), String::from);
    let object = if rest.is_empty() { unit.clone() } else { rest };
    Some((object, unit))
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
