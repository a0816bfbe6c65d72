//! Chinese words of an advice: what to verify, what to do and by which procedure, and why something cannot be done.

use jiff::civil::Date;
use zhaoren_policy::calendar::chinese_date;
use zhaoren_policy::criterion::describe_value;
use zhaoren_policy::fact::{Fact, FactType, Knowledge, Value};
use zhaoren_policy::number::Number;
use zhaoren_policy::view::View;

use super::ClassBounds;

/// Fact or tag that an advice is about, with its known and its required value.
pub(super) struct StepSubject<'a> {
    pub(super) fact: &'a Fact,
    pub(super) year: Option<i16>,
    pub(super) tag: Option<&'a str>,
    pub(super) known: &'a Knowledge,
    pub(super) to: &'a Value,
    pub(super) bounds: &'a ClassBounds,
}

impl StepSubject<'_> {
    fn subject(&self) -> String {
        match (self.year, self.tag) {
            (_, Some(tag)) => format!("“{tag}”（{}）", self.fact.name),
            (Some(year), None) => format!("{year}年度{}", self.fact.name),
            (None, None) => self.fact.name.clone(),
        }
    }

    fn now(&self) -> String {
        describe_value(self.fact, self.known)
    }

    fn say(&self, value: &Value) -> String {
        describe_value(self.fact, &Knowledge::Exactly(value.clone()))
    }

    /// Required value in the words of its bounds, without those that the fact has anyway: 不低于10人, 低于1000万元.
    fn required(&self) -> String {
        let end = |number: &Number| self.say(&Value::Number(number.clone()));
        let (low, high) = &self.bounds.numbers;
        let low = low.as_ref().filter(|(at, open)| *open || self.fact.min.as_ref() != Some(at));
        let high = high.as_ref().filter(|(at, open)| *open || self.fact.max.as_ref() != Some(at));
        let numbers = [
            low.map(|(at, open)| format!("{}{}", if *open { "高于" } else { "不低于" }, end(at))),
            high.map(|(at, open)| format!("{}{}", if *open { "低于" } else { "不超过" }, end(at))),
        ];
        let (first, last) = self.bounds.days;
        let days = [
            first.map(|day| format!("不早于{}", chinese_date(day))),
            last.map(|day| format!("不晚于{}", chinese_date(day))),
        ];
        let same = matches!((low, high), (Some((a, false)), Some((b, false))) if a == b);
        let bounds: Vec<String> = numbers.into_iter().chain(days).flatten().collect();
        if bounds.is_empty() || same { format!("为{}", self.say(self.to)) } else { bounds.join("且") }
    }
}

/// Unknown value to be verified: 近3年内未发生重大安全事故，待核实.
pub(super) fn verification(seen: &StepSubject<'_>, as_of: Date) -> String {
    let fact = seen.fact;
    let statement = match (seen.tag, seen.to, &fact.last, seen.bounds.days) {
        (Some(_), Value::Bool(held), ..) => {
            format!("{}{}", if *held { "有" } else { "没有" }, seen.subject())
        }
        (None, Value::Date(_), Some(event), (None, Some(until))) => {
            format!("{}未发生{event}", since(until, as_of))
        }
        (None, Value::Bool(truth), ..) => format!("{}：{}", seen.subject(), yes(*truth)),
        _ => format!("{}{}", seen.subject(), seen.required()),
    };
    format!("{statement}，待核实")
}

/// Period after `until` up to the evaluation date: 近3年内, or 2023年12月1日以来 if it is no whole number of years.
fn since(until: Date, as_of: Date) -> String {
    let years = i32::from(as_of.year()) - i32::from(until.year());
    let whole = years > 0
        && i16::try_from(years).is_ok_and(|years| {
            // The day itself, or the day before it, for a period that has to be exceeded.
            let start = zhaoren_policy::calendar::CalendarSpan {
                count: u32::from(years.unsigned_abs()),
                unit: zhaoren_policy::calendar::SpanUnit::Years,
            };
            let reached = start.after(until);
            reached == as_of || reached.tomorrow().is_ok_and(|next| next == as_of)
        });
    if whole { format!("近{years}年内") } else { format!("{}以来", chinese_date(until)) }
}

/// Change to make, with its procedure and lead time.
pub(super) fn step(seen: &StepSubject<'_>, view: &View<'_>) -> String {
    let subject = seen.subject();
    let what = match (seen.tag, seen.to) {
        (Some(_), Value::Bool(true)) => format!("取得{subject}"),
        (Some(_), _) => format!("不再有{subject}"),
        (None, Value::Bool(truth)) => format!("{subject}由{}变为{}", yes(!truth), yes(*truth)),
        (None, Value::Number(to)) => numeric_step(seen, to, &subject),
        (None, _) => format!("{subject}由{}变为{}", seen.now(), seen.say(seen.to)),
    };
    // A closed year is not changed any more: the figures of the next one count then.
    let year = match seen.year {
        Some(year) if year == view.last_year() => {
            format!("（{year}年度已结束，以{}年度数据计）", year.saturating_add(1))
        }
        _ => String::new(),
    };
    let rule = seen.fact.advice_rule();
    let procedure = match (rule.procedure, rule.lead_months) {
        (Some(procedure), 0) => format!("；途径：{procedure}"),
        (Some(procedure), months) => format!("；途径：{procedure}，一般约{months}个月"),
        (None, _) => String::new(),
    };
    format!("{what}{year}{procedure}")
}

fn numeric_step(seen: &StepSubject<'_>, to: &Number, subject: &str) -> String {
    let from = seen.known.number();
    let (low, high) = &seen.bounds.numbers;
    let grows = from.is_none_or(|from| from < to);
    let verb = if grows { "增加" } else { "减少" };
    // An open bound is said as it is, not as the next yuan above it.
    let goal = match if grows { low } else { high } {
        Some((end, true)) => {
            let word = if grows { "高于" } else { "低于" };
            format!("{word}{}", seen.say(&Value::Number(end.clone())))
        }
        _ => seen.say(seen.to),
    };
    match from {
        Some(from) => {
            let by = if grows { to.minus(from) } else { from.minus(to) };
            let by = seen.say(&Value::Number(by));
            format!("{subject}由{}{verb}到{goal}（约{by}）", seen.now())
        }
        None => format!("{subject}（现知{}）{verb}到{goal}", seen.now()),
    }
}

/// Reason why a change cannot be advised.
pub(super) fn obstacle(seen: &StepSubject<'_>, is_final: bool) -> String {
    let fact = seen.fact;
    let subject = seen.subject();
    match (seen.tag, seen.to) {
        (Some(_), Value::Bool(true)) => return format!("不能为申报而取得{subject}"),
        (Some(_), _) => return format!("不建议为申报而放弃{subject}"),
        _ => {}
    }
    if seen.known.exact().is_none() {
        return match &fact.last {
            Some(event) => format!("要求近期发生过{event}，不能作为努力方向"),
            None => format!("要求{subject}{}，不能作为努力方向", seen.required()),
        };
    }
    if is_final {
        return format!("{subject}为{}，已成事实（要求{}）", seen.now(), seen.required());
    }
    match fact.kind {
        FactType::Date => format!("{subject}为{}，是既成事实（要求{}）", seen.now(), seen.required()),
        FactType::Code => format!("{subject}为{}，不在本事项的范围内", seen.now()),
        FactType::Boolean => format!("{subject}现为{}，不建议为申报而改变", seen.now()),
        _ if fact.kind.is_number() => {
            let less = matches!((seen.known.number(), seen.to), (Some(from), Value::Number(to)) if to < from);
            let verb = if less { "压减" } else { "增加" };
            format!("{subject}现为{}，要求{}，不建议为此{verb}", seen.now(), seen.required())
        }
        _ => format!("{subject}现为{}，要求{}，不建议为申报而改变", seen.now(), seen.required()),
    }
}

fn yes(truth: bool) -> &'static str {
    if truth { "是" } else { "否" }
}
