//! Comparison of written words (表述, 原文) with the rule that they stand for: figures, units, operators and denials.
//!
//! Both sides go through the reader: the words as they are, the rule in the words that are generated from it. Only what both
//! sides state can differ; words that say less than the rule, or more, do not contradict it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use zhaoren_cancel::poll;
use zhaoren_policy::calendar::{CalendarSpan, SpanUnit};
use zhaoren_policy::criterion::{Compare, Criterion, Node, Span, Test, describe};
use zhaoren_policy::fact::{FactDictionary, Value};
use zhaoren_policy::number::Number;

use crate::lexicon::{Lexicon, Unit};
use crate::sign::signs;
use crate::token::{Amount, Kind, Token, tokens};
use crate::{LONGEST, read};

/// Words of a criterion that contradict its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordingConflict {
    /// Path of the criterion in the criteria.
    pub path: String,
    /// Field that has the words.
    pub field: WordingField,
    /// Words as written.
    pub words: String,
    /// Rule in generated words.
    pub rule: String,
    /// Pairs that differ: as written, as in the rule.
    pub pairs: Vec<(String, String)>,
}

/// Field of a criterion that has words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordingField {
    /// 表述: words for display.
    Text,
    /// 原文: verbatim sentence of the document.
    Quote,
}

impl WordingField {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "表述",
            Self::Quote => "原文",
        }
    }
}

impl std::fmt::Display for WordingConflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.field.name();
        write!(f, "{name}与条件不一致：")?;
        for (index, (written, rule)) in self.pairs.iter().enumerate() {
            let comma = if index > 0 { "，" } else { "" };
            write!(f, "{comma}{name}为“{written}”，条件为“{rule}”")?;
        }
        write!(f, "（{name}：{}；条件：{}）", self.words, self.rule)
    }
}

/// Every contradiction between the words and the rule of a criterion or of one within it, in reading order.
pub fn conflicts(criteria: &Criterion, dictionary: &FactDictionary) -> Vec<WordingConflict> {
    let mut found = Vec::new();
    // A quote is often repeated beside each of the conditions that it states.
    let mut read_before: BTreeMap<String, Words> = BTreeMap::new();
    criteria.walk_with_records(dictionary, &mut |path, criterion, dictionary| {
        poll();
        let fields = [(WordingField::Text, &criterion.text), (WordingField::Quote, &criterion.quote)];
        if fields.iter().all(|(_, words)| words.is_none()) || matches!(criterion.node, Node::Judged(_)) {
            return;
        }
        let rule = describe(&criterion.bare(), dictionary);
        let of_rule = Rule::of(criterion, &rule, is_denied(path));
        for (field, words) in fields {
            let Some(words) = words.as_ref().filter(|words| words.len() <= LONGEST) else { continue };
            let said = read_before.entry(words.clone()).or_default();
            let pairs = of_rule.differences(words, said, dictionary);
            if !pairs.is_empty() {
                let (path, words, rule) = (path.to_owned(), words.clone(), rule.clone());
                found.push(WordingConflict { path, field, words, rule, pairs });
            }
        }
    });
    found
}

/// True if an enclosing criterion denies the one at `path`.
fn is_denied(path: &str) -> bool {
    path.split('.').any(|step| step == "not")
}

/// Kind of quantity; figures of different kinds are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dimension {
    Money,
    Dollars,
    Share,
    Count,
    Area,
    Points,
    Time,
    Day,
}

/// Figures of a text: by kind and exact value, as they are spelled.
type Figures = BTreeMap<Dimension, BTreeMap<String, String>>;

/// Tests by fact; numbers and lengths of time by their bound.
type Operators = BTreeMap<(String, String), BTreeSet<&'static str>>;

/// Content of written words, each part made when it is first needed.
#[derive(Default)]
struct Words {
    figures: OnceCell<Figures>,
    operators: OnceCell<Operators>,
}

impl Words {
    fn figures(&self, words: &str) -> &Figures {
        self.figures.get_or_init(|| figures(words))
    }

    fn operators(&self, words: &str, dictionary: &FactDictionary) -> &Operators {
        self.operators.get_or_init(|| {
            let mut operators = Operators::new();
            let reading = read(words, None, dictionary);
            if !has_denial(&reading.criteria) {
                add_operators(&reading.criteria, &mut operators);
            }
            operators
        })
    }
}

/// Content of a rule.
struct Rule {
    figures: Figures,
    operators: Operators,
}

impl Rule {
    fn of(criterion: &Criterion, rule: &str, denied: bool) -> Self {
        let mut operators = Operators::new();
        if !denied && !has_denial(criterion) {
            add_operators(criterion, &mut operators);
        }
        let mut figures = figures(&without_names(rule));
        // Words give the maximum of each part of a table of points, the rule its steps: only pass marks can be compared.
        let mut marks: Option<BTreeMap<String, String>> = None;
        criterion.walk(&mut |_, one| {
            if let Node::Points { at_least, .. } = &one.node {
                let mark = at_least.to_string();
                marks.get_or_insert_default().insert(mark.clone(), format!("{mark}分"));
            }
        });
        if let Some(marks) = marks {
            figures.insert(Dimension::Points, marks);
        }
        Self { figures, operators }
    }

    /// Pairs in which the words differ from the rule.
    fn differences(&self, words: &str, said: &Words, dictionary: &FactDictionary) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (dimension, of_rule) in &self.figures {
            let Some(of_words) = said.figures(words).get(dimension) else { continue };
            let only = |of: &BTreeMap<String, String>, other: &BTreeMap<String, String>| -> Vec<String> {
                let left = of.iter().filter(|(value, _)| !other.contains_key(*value));
                left.map(|(_, spelled)| spelled.clone()).collect()
            };
            let (rule, written) = (only(of_rule, of_words), only(of_words, of_rule));
            if !rule.is_empty() && !written.is_empty() {
                pairs.push((written.join("、"), rule.join("、")));
            }
        }
        for ((fact, bound), of_rule) in &self.operators {
            let of_words = said.operators(words, dictionary).get(&(fact.clone(), bound.clone()));
            let Some(of_words) = of_words.filter(|of_words| of_words.is_disjoint(of_rule)) else { continue };
            let join = |of: &BTreeSet<&'static str>| of.iter().copied().collect::<Vec<_>>().join("、");
            pairs.push((join(of_words), join(of_rule)));
        }
        pairs
    }
}

/// Generated words without the names in quotation marks: 近五年 in the name of an award is no figure of the rule.
fn without_names(rule: &str) -> String {
    let mut kept = String::with_capacity(rule.len());
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once('“') {
        kept.push_str(before);
        rest = after.split_once('”').map_or("", |(_, behind)| behind);
    }
    kept.push_str(rest);
    kept
}

/// True if any part is denied, or holds only in some case: its operators are then not those of the words.
fn has_denial(criterion: &Criterion) -> bool {
    let mut found = false;
    criterion.walk(&mut |_, one| {
        found |= matches!(one.node, Node::Not(_) | Node::Case { .. } | Node::Points { .. });
    });
    found
}

fn add_operators(criterion: &Criterion, operators: &mut Operators) {
    criterion.walk(&mut |_, one| {
        let Node::Leaf(leaf) = &one.node else { return };
        for test in &leaf.tests {
            let (bound, word) = match test {
                Test::Number(compare, bound) => (bound.to_string(), compare_word(*compare)),
                Test::Elapsed(span, length) => (length.chinese(), span_word(*span)),
                Test::OneOf(values) => match values.as_slice() {
                    [Value::Bool(true)] => ("bool".to_owned(), "是"),
                    [Value::Bool(false)] => ("bool".to_owned(), "否"),
                    _ => continue,
                },
                _ => continue,
            };
            operators.entry((leaf.fact.clone(), bound)).or_default().insert(word);
        }
    });
}

fn compare_word(compare: Compare) -> &'static str {
    match compare {
        Compare::AtLeast => "不低于",
        Compare::AtMost => "不超过",
        Compare::MoreThan => "超过",
        Compare::LessThan => "低于",
        Compare::Equals => "等于",
    }
}

fn span_word(span: Span) -> &'static str {
    match span {
        Span::AtLeast => "满",
        Span::MoreThan => "超过",
        Span::AtMost => "不超过",
        Span::LessThan => "不满",
    }
}

fn figures(text: &str) -> Figures {
    let signs = signs(text);
    let mut figures = Figures::new();
    for Token { kind, from, to } in tokens(&signs, 0, signs.len(), Lexicon::built_in()) {
        poll();
        let figure = match &kind {
            Kind::Amount(amount) => amount_figure(amount),
            Kind::Length(span) | Kind::Window { span, .. } => Some((Dimension::Time, length(*span))),
            Kind::Day { day, month_only: false } => Some((Dimension::Day, day.to_string())),
            _ => None,
        };
        if let Some((dimension, value)) = figure {
            let spelled: String = signs.get(from..to).unwrap_or_default().iter().map(|sign| sign.c).collect();
            figures.entry(dimension).or_default().entry(value).or_insert(spelled);
        }
    }
    figures
}

fn amount_figure(amount: &Amount) -> Option<(Dimension, String)> {
    let dimension = match amount.unit {
        Unit::Yuan => Dimension::Money,
        // 营业收入1000万以上.
        Unit::None if amount.multiplier > 1 => Dimension::Money,
        Unit::Percent => Dimension::Share,
        Unit::People | Unit::Piece => Dimension::Count,
        Unit::SquareMetre => Dimension::Area,
        Unit::Point => Dimension::Points,
        Unit::Dollar => Dimension::Dollars,
        Unit::None | Unit::Level | Unit::Foreign => return None,
    };
    // 1个: 下列条件之一 and 一家企业 are no thresholds of their own.
    (dimension != Dimension::Count || amount.value != Number::from(1))
        .then(|| (dimension, amount.value.to_string()))
}

/// A length of time in one unit: a year has twelve months; days are counted by themselves.
fn length(span: CalendarSpan) -> String {
    match span.unit {
        SpanUnit::Years => format!("{}m", u64::from(span.count) * 12),
        SpanUnit::Months => format!("{}m", span.count),
        SpanUnit::Days => format!("{}d", span.count),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use zhaoren_policy::criterion::read_criterion;
    use zhaoren_policy::problem::Report;
    use zhaoren_policy::syntax;

    use super::*;

    fn differences(criteria: &Json) -> Vec<(String, String)> {
        let facts = FactDictionary::built_in();
        let node = syntax::json(&criteria.to_string()).expect("well-formed");
        let mut report = Report::new("test");
        let criteria = read_criterion(&node, "criteria", facts, &mut report);
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        conflicts(&criteria.expect("criteria"), facts).into_iter().flat_map(|one| one.pairs).collect()
    }

    fn pair(written: &str, rule: &str) -> Vec<(String, String)> {
        vec![(written.to_owned(), rule.to_owned())]
    }

    #[test]
    fn figures_of_the_words_are_those_of_the_rule() {
        let established = |days: u32, text: &str| {
            differences(
                &json!({"fact": "established_on", "for_at_least": format!("{days} days"), "text": text}),
            )
        };
        assert_eq!(established(365, "申请时注册成立满365天"), []);
        assert_eq!(established(366, "申请时注册成立满365天"), pair("365天", "366天"));
        let staff = |share: f64, text: &str| {
            differences(&json!({"fact": "sci_tech_staff_share", "at_least": share, "text": text}))
        };
        assert_eq!(staff(0.1, "科技人员占当年职工总数不低于10%"), []);
        assert_eq!(staff(0.1, "科技人员占当年职工总数不低于百分之十"), []);
        assert_eq!(staff(0.12, "科技人员占当年职工总数不低于10%"), pair("10%", "12%"));
        let revenue =
            |yuan: u64, text: &str| differences(&json!({"fact": "revenue", "at_least": yuan, "quote": text}));
        assert_eq!(revenue(10_000_000, "上年度营业收入在1000万元以上"), []);
        assert_eq!(revenue(10_000_000, "上年度营业收入1,000万元（含）以上，研发投入占比5%以上"), []);
        assert_eq!(revenue(10_000_000, "上年度营业收入在1000元以上"), pair("1000元", "1000万元"));
        assert_eq!(revenue(10_000_000, "有一定的营业收入"), []);
    }

    #[test]
    fn operators_of_the_words_are_those_of_the_rule() {
        let revenue = |operator: &str, text: &str| {
            differences(&json!({"fact": "revenue", operator: 10_000_000, "text": text}))
        };
        assert_eq!(revenue("at_least", "上年度营业收入1000万元以上"), []);
        assert_eq!(revenue("at_most", "上年度营业收入1000万元以上"), pair("不低于", "不超过"));
        assert_eq!(revenue("more_than", "上年度营业收入不低于1000万元"), pair("不低于", "超过"));
        let listed =
            |is: bool| differences(&json!({"fact": "abnormal_list", "is": is, "text": "未列入经营异常名录"}));
        assert_eq!(listed(false), []);
        assert_eq!(listed(true), pair("否", "是"));
    }

    #[test]
    fn words_of_a_group_are_compared_with_all_of_it() {
        let group = |yuan: u64| {
            differences(&json!({
                "text": "上年度营业收入1000万元以上；不到1000万元的，近2年新增股权融资合计2000万元以上",
                "any": [
                    {"fact": "revenue", "at_least": 10_000_000},
                    {"all": [
                        {"fact": "revenue", "less_than": 10_000_000},
                        {"fact": "equity_financing", "years": 2, "take": "sum", "at_least": yuan},
                    ]},
                ],
            }))
        };
        assert_eq!(group(20_000_000), []);
        assert_eq!(group(30_000_000), pair("2000万元", "3000万元"));
    }

    #[test]
    fn steps_of_points_and_names_of_awards_are_no_figures() {
        let points = |mark: u32| {
            differences(&json!({
                "text": "评价得分不低于60分（专业化25分、创新能力35分）",
                "points": [{"when": {"fact": "own_brand", "is": true}, "score": 3}],
                "at_least": mark,
            }))
        };
        assert_eq!(points(60), []);
        assert_eq!(points(65), pair("25分、35分、60分", "65分"));
        let award = json!({
            "fact": "sci_awards", "has_any": ["国家级科技奖励(近五年前三)"], "text": "近三年内获国家级科技奖励",
        });
        assert_eq!(differences(&award), []);
    }

    /// The work grows with the length of the words, not with its square.
    #[test]
    fn long_words_are_compared_in_linear_time() {
        let steps = |times: usize| {
            let words = "上年度营业收入1000万元以上，".repeat(times);
            zhaoren_cancel::count(|| {
                differences(&json!({"fact": "revenue", "at_least": 10_000_000, "text": words}))
            })
            .1
        };
        let (once, twice) = (steps(500), steps(1_000));
        assert!(twice < once * 3, "{once}, {twice} steps");
    }
}
