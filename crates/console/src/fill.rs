//! Page on which a profile is filled in, pasted, or looked up.

use maud::{Markup, html};
use zhaoren_engine::{CodeSystem, Fact, FactDictionary, FactType, Period, Question};

use crate::Page;
use crate::frame::{Section, Viewer, layout};

/// Prefilled content of the page.
#[derive(Clone, Debug, Default)]
pub struct ProfileForm<'a> {
    /// Facts to ask for first; the one that settles most items leads.
    pub first: Vec<&'a Question>,
    /// Sample enterprises: id and name.
    pub samples: Vec<(String, String)>,
    /// True if stored enterprises can be looked up.
    pub can_look_up: bool,
    /// Some stored enterprises to choose from.
    pub stored_ids: Vec<String>,
    /// Profile as pasted.
    pub profile: String,
    /// Errors in that profile.
    pub faults: Vec<String>,
    /// Item to match with; `None` for all.
    pub policy: Option<String>,
    /// Evaluation day, as entered.
    pub as_of: String,
    /// Fields as entered, by name: `id`, `name`, `fact.KEY`.
    pub values: Vec<(String, String)>,
    /// Errors of single facts, by key.
    pub fact_faults: Vec<(String, String)>,
    /// Last full fiscal year.
    pub last_year: i16,
    /// Names of places to pick from.
    pub places: Vec<&'static str>,
    /// Names of industries to pick from.
    pub industries: Vec<&'static str>,
    /// Title of the item to match with; `None` for all.
    pub policy_title: Option<String>,
    /// Facts that this item needs; `None` for all items.
    pub needed: Option<Vec<String>>,
}

/// Blocks of the form with their facts: what is printed on the licence, and what every manager knows.
const BLOCKS: &str = include_str!("../../../seeds/facts/form.tsv");
/// Number of fiscal years asked for in a block.
const BLOCK_YEARS: i16 = 2;

/// Blocks in order, each with the keys of its facts.
fn blocks() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for (block, fact) in BLOCKS.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        match blocks.last_mut().filter(|(last, _)| *last == block) {
            Some((_, facts)) => facts.push(fact),
            None => blocks.push((block, vec![fact])),
        }
    }
    blocks
}

/// Values entered in a form that is shown again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entered<'a> {
    values: &'a [(String, String)],
    faults: &'a [(String, String)],
}

impl Entered<'_> {
    fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn fault(&self, key: &str) -> Option<&str> {
        self.faults.iter().find(|(known, _)| known == key).map(|(_, fault)| fault.as_str())
    }
}

/// Form page.
pub fn profile_form(viewer: &Viewer, facts: &FactDictionary, filled: &ProfileForm<'_>) -> Page {
    let entered = Entered { values: &filled.values, faults: &filled.fact_faults };
    let blocks = blocks();
    let is_needed =
        |key: &str| filled.needed.as_ref().is_none_or(|needed| needed.iter().any(|one| one == key));
    let in_block = |key: &str| blocks.iter().any(|(_, facts)| facts.contains(&key));
    let body = html! {
        @if let Some(title) = &filled.policy_title {
            h1 { "看一家企业是否符合：" (title) }
            p.hint { "只问这一事项要用到的情况。" a href="/match" { "改为匹配全部事项" } }
        } @else { h1 { "为一家企业匹配政策" } }
        @if !filled.faults.is_empty() {
            div.fault role="alert" {
                h2 { "画像有误，请改正后再试" }
                ul { @for fault in &filled.faults { li { (fault) } } }
            }
        }
        // A pasted profile with errors comes first, where the user looks first.
        @if !filled.profile.is_empty() { (paste(filled)) }
        div.choices { (sample(filled)) (look_up(filled)) }
        section aria-label="填写" {
            h2 { "填写企业情况" }
            p.hint { "不清楚的留空，留空即未知，不会被当作“否”或 0。金额可写 4300万、1.2亿；地点和行业可写名称，如 徐汇区、软件开发。" }
            form method="post" action="/match" {
                (policy_and_day(filled, "f"))
                @for (at, (block, keys)) in blocks.iter().enumerate().filter(|(at, (_, keys))| *at == 0 || keys.iter().any(|key| is_needed(key))) {
                    fieldset.question {
                        legend { (block) }
                        @if at == 0 {
                            div.field { label for="name" { "企业名称" } input id="name" name="name" maxlength="200" autocomplete="off" value=(entered.value("name")); }
                            div.field { label for="id" { "统一社会信用代码或编号" } input id="id" name="id" maxlength="64" autocomplete="off" value=(entered.value("id")); }
                        }
                        @for fact in keys.iter().filter(|key| is_needed(key)).filter_map(|key| facts.get(key)) { (block_field(fact, filled.last_year, &entered)) }
                    }
                }
                h3 { "其他情况" }
                p.hint { "按能判明最多事项的顺序排列，知道几项填几项；匹配之后还会接着问。" }
                @for question in filled.first.iter().filter(|question| !in_block(&question.fact)) {
                    @if let Some(fact) = facts.get(&question.fact) { (answer_field(fact, question, &entered)) }
                }
                (code_names(filled))
                p { button type="submit" { "匹配" } }
            }
        }
        @if filled.profile.is_empty() { (paste(filled)) }
    };
    layout("匹配", Section::Match, viewer, &body)
}

fn sample(filled: &ProfileForm<'_>) -> Markup {
    html! {
        @if !filled.samples.is_empty() {
            section aria-label="样例企业" {
                h2 { "用样例企业试一试" }
                form.row method="post" action="/match" {
                    (policy_and_day(filled, "s"))
                    div.field {
                        label for="sample" { "样例企业（虚构）" }
                        select id="sample" name="sample" {
                            @for (id, name) in &filled.samples { option value=(id) { (name) } }
                        }
                    }
                    button type="submit" { "匹配" }
                }
            }
        }
    }
}

fn look_up(filled: &ProfileForm<'_>) -> Markup {
    html! {
        @if filled.can_look_up {
            section aria-label="查找" {
                h2 { "查找已存的企业" }
                form.row method="post" action="/match" {
                    (policy_and_day(filled, "l"))
                    div.field {
                        label for="lookup" { "企业编号" }
                        input id="lookup" name="lookup" list="known" maxlength="64" autocomplete="off" required;
                        datalist id="known" { @for id in &filled.stored_ids { option value=(id) {} } }
                    }
                    button type="submit" { "匹配" }
                }
            }
        }
    }
}

fn paste(filled: &ProfileForm<'_>) -> Markup {
    html! {
        section aria-label="粘贴" {
            h2 { "粘贴企业画像" }
            form method="post" action="/match" {
                (policy_and_day(filled, "p"))
                label for="profile" { "企业画像（JSON）" }
                textarea id="profile" name="profile" rows="10" spellcheck="false" required { (filled.profile) }
                p { button type="submit" { "匹配" } }
            }
        }
    }
}

fn policy_and_day(filled: &ProfileForm<'_>, form: &str) -> Markup {
    html! {
        @if let Some(policy) = &filled.policy { input type="hidden" name="policy" value=(policy); }
        div.field {
            label for={ (form) "-as-of" } { "判定日（留空为今天）" }
            input id={ (form) "-as-of" } name="as_of" type="date" value=(filled.as_of);
        }
    }
}

/// Input fields of a fact of a block; of a yearly fact, the last years beside each other.
fn block_field(fact: &Fact, last_year: i16, entered: &Entered<'_>) -> Markup {
    let years = (0..BLOCK_YEARS).map(|back| last_year.saturating_sub(back));
    html! {
        @if fact.period == Period::Year {
            @for year in years {
                (input(fact, &format!("fact.{}.{year}", fact.key), &format!("{} · {year} 年", fact.name), None, entered))
            }
        } @else { (input(fact, &format!("fact.{}", fact.key), &fact.name, None, entered)) }
    }
}

/// Input fields of one question, named `fact.KEY` followed by the year or the tag.
pub(crate) fn answer_field(fact: &Fact, question: &Question, entered: &Entered<'_>) -> Markup {
    let name = |more: &str| format!("fact.{}{more}", fact.key);
    let years: Vec<i16> = question.years.iter().copied().collect();
    let touches = html! { span.hint { (concerned(question)) } };
    html! {
        @match (fact.kind, years.as_slice()) {
            (FactType::Tags, _) => fieldset.question {
                legend { (fact.name) " " (touches) }
                // Where no single tag is asked for, every one of the list may matter.
                @let asked: Vec<&String> = if question.tags.is_empty() { fact.values.iter().collect() } else { question.tags.iter().collect() };
                @for tag in asked { (yes_or_no(&name(&format!("#{tag}")), tag, None, entered)) }
            },
            (_, []) => div.question { (input(fact, &name(""), &fact.name, Some(&touches), entered)) },
            (_, [year]) => div.question {
                (input(fact, &name(&format!(".{year}")), &format!("{} · {year} 年", fact.name), Some(&touches), entered))
            },
            (_, years) => fieldset.question {
                legend { (fact.name) " " (touches) }
                @for year in years { (input(fact, &name(&format!(".{year}")), &format!("{year} 年"), None, entered)) }
            },
        }
    }
}

/// Number of characters of a benefit shown beside a question.
const GIVES: usize = 40;

/// Items that a question is about, and what they give: the one that it settles, or the first of those that it can still change.
fn concerned(question: &Question) -> String {
    let Some(item) = question.items.first() else { return format!("涉及 {} 项", question.touches) };
    let gives = match &item.gives {
        Some(gives) if gives.chars().count() > GIVES => {
            format!("（{}…）", gives.chars().take(GIVES).collect::<String>())
        }
        Some(gives) => format!("（{gives}）"),
        None => String::new(),
    };
    match (item.settles, question.touches) {
        (true, 1) => format!("答后即可判明：{}{gives}", item.title),
        (true, count) => format!("答后即可判明：{}{gives}；共涉及 {count} 项", item.title),
        (false, 1) => format!("关系到：{}{gives}", item.title),
        (false, count) => format!("关系到：{}{gives} 等 {count} 项", item.title),
    }
}

/// Names of the answers to a question, without the prefix of the fields.
pub(crate) fn answer_names(question: &Question) -> Vec<String> {
    let key = &question.fact;
    match (question.years.is_empty(), question.tags.is_empty()) {
        (true, true) => vec![key.clone()],
        (false, _) => question.years.iter().map(|year| format!("{key}.{year}")).collect(),
        (true, false) => question.tags.iter().map(|tag| format!("{key}#{tag}")).collect(),
    }
}

fn yes_or_no(name: &str, label: &str, beside: Option<&Markup>, entered: &Entered<'_>) -> Markup {
    let value = entered.value(name);
    html! {
        div.field {
            label for=(name) { (label) @if let Some(beside) = beside { " " (beside) } }
            select id=(name) name=(name) {
                option value="" { "不清楚" }
                option value="true" selected[value == "true"] { "是" }
                option value="false" selected[value == "false"] { "否" }
            }
        }
    }
}

/// Keys of the fields of a records fact with their names.
fn fields(fact: &Fact) -> String {
    let fields = fact.fields.iter().map(|field| format!("{}（{}）", field.key, field.name));
    fields.collect::<Vec<_>>().join("、")
}

/// Id of the list of names that a place or an industry can be picked from.
fn code_list(fact: &Fact) -> Option<&'static str> {
    match fact.codes.as_ref()? {
        CodeSystem::Region => Some("places"),
        CodeSystem::Industry => Some("industries"),
    }
}

/// Names of places and industries to pick from. Other names and codes can be typed.
fn code_names(filled: &ProfileForm<'_>) -> Markup {
    html! {
        datalist id="places" { @for name in &filled.places { option value=(name) {} } }
        datalist id="industries" { @for name in &filled.industries { option value=(name) {} } }
    }
}

fn input(fact: &Fact, name: &str, label: &str, beside: Option<&Markup>, entered: &Entered<'_>) -> Markup {
    let value = entered.value(name);
    // The error of a fact stands beside the fields of it that were filled in.
    let fault = entered.fault(&fact.key).filter(|_| !value.is_empty());
    let described = fault.map(|_| format!("{name}-fault"));
    let unit = match fact.kind {
        FactType::Money => "元",
        FactType::Ratio => "例如 5%",
        FactType::Records => "",
        _ => fact.unit.as_deref().unwrap_or_default(),
    };
    html! {
        @match fact.kind {
            FactType::Boolean => (yes_or_no(name, label, beside, entered)),
            _ => div.field {
                label for=(name) {
                    (label) @if !unit.is_empty() { "（" (unit) "）" }
                    @if let Some(beside) = beside { " " (beside) }
                }
                @if let Some(fault) = fault { p.field-fault id={ (name) "-fault" } { (fault) } }
                @if !fact.values.is_empty() {
                    select id=(name) name=(name) {
                        option value="" { "不清楚" }
                        @for one in &fact.values { option value=(one) selected[value == one] { (one) } }
                    }
                } @else if fact.kind == FactType::Records {
                    textarea id=(name) name=(name) rows="4" spellcheck="false" aria-describedby=[&described] { (value) }
                    span.hint { "JSON 列表，每" (fact.record_unit()) "一个对象：" (fields(fact)) }
                } @else if fact.kind == FactType::Date {
                    input id=(name) name=(name) type="date" value=(value) aria-describedby=[&described];
                    @if fact.last.is_some() {
                        label.never { input type="checkbox" name=(name) value="从未发生过"; " 从未发生过" }
                    }
                } @else {
                    input id=(name) name=(name) maxlength="200" autocomplete="off" value=(value) list=[code_list(fact)]
                        aria-describedby=[&described] aria-invalid=[fault.map(|_| "true")]
                        inputmode=[fact.kind.is_number().then_some("decimal")];
                }
            }
        }
    }
}
