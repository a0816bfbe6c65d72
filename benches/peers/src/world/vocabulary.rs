//! Vocabulary: the distinct predicates of criteria.

use std::collections::BTreeSet;

use jiff::civil::Date;
use zhaoren_policy::calendar::{CalendarSpan, SpanUnit};
use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::criterion::{Compare, DateCompare, Leaf, Span, Test, When};
use zhaoren_policy::fact::Value;
use zhaoren_policy::number::Number;

use super::dice::{Dice, cumulative, exp, zipf};
use super::facts::{CATEGORIES, DATES, FLAGS, MEASURES, Measure, TAGS, TAGS_KEY, flag, is_blot, tag};

/// All predicates about one fact.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Leaves, most popular first.
    pub leaves: Vec<Leaf>,
    /// Cumulative popularity of the leaves.
    pub popularity: Vec<f64>,
}

/// The vocabulary, by fact.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// One topic per fact; the first is the region.
    pub topics: Vec<Topic>,
    /// Cumulative weights of the facts.
    pub weights: Vec<f64>,
}

/// Position of the region among [`Vocabulary::topics`].
pub(super) const REGION: usize = 0;

/// Shift of thresholds below the median, in standard deviations; tuned so that about 0.3 % of pairs are eligible.
const LENIENCE: f64 = -0.22;

impl Vocabulary {
    /// About `size` distinct predicates: those on flags, categories and tags are few and fixed, the rest is
    /// divided among regions, industries, numbers and dates.
    pub fn new(size: usize, seed: u64, places: &Places) -> Self {
        let mut dice = Dice::new(seed, 0x0070_CAB0);
        let mut made: Vec<(Vec<Leaf>, f64)> = Vec::new();
        let fixed: Vec<(Vec<Leaf>, f64)> =
            categories().chain(flags()).chain([(tags(&mut dice), 7.0)]).collect();
        let rest = size.saturating_sub(fixed.iter().map(|(leaves, _)| leaves.len()).sum());
        let share = |part: f64| (rest as f64 * part) as usize;
        made.push((distinct(share(0.18), &mut dice, |dice| industry(places, dice)), 14.0));
        let weight: f64 = MEASURES.iter().map(|m| m.weight).sum();
        for m in &MEASURES {
            let count = share(0.50 * m.weight / weight);
            made.push((distinct(count, &mut dice, |dice| number(m, size, dice)), m.weight));
        }
        for (key, age, weight) in DATES {
            made.push((
                distinct(share(0.14 * weight / 11.5), &mut dice, |dice| date(key, age, dice)),
                weight,
            ));
        }
        made.extend(fixed);
        // The region takes the remainder, about a fifth: other facts may have too few predicates for their share.
        let others: usize = made.iter().map(|(leaves, _)| leaves.len()).sum();
        let regions = distinct(size.saturating_sub(others), &mut dice, |dice| region(places, dice));
        made.insert(REGION, (regions, 12.0));
        let weights = cumulative(made.iter().map(|(_, weight)| *weight));
        let topics = made
            .into_iter()
            .map(|(leaves, _)| Topic { popularity: zipf(leaves.len(), 2.0), leaves })
            .collect();
        Self { topics, weights }
    }

    /// Number of distinct predicates.
    pub fn size(&self) -> usize {
        self.topics.iter().map(|topic| topic.leaves.len()).sum()
    }
}

/// Regions and industries of enterprises, with their frequencies.
#[derive(Clone, Debug)]
pub struct Places {
    /// Counties, by descending number of enterprises.
    pub counties: Vec<Code>,
    /// Industry classes, by descending number of enterprises.
    pub classes: Vec<Code>,
    /// Cumulative weights of the counties.
    pub county_weights: Vec<f64>,
    /// Cumulative weights of the classes.
    pub class_weights: Vec<f64>,
}

impl Places {
    /// Real codes of both trees, in a random order of size.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0x9A1C_E500);
        let mut level = |system: CodeSystem, length: usize| {
            let mut codes: Vec<Code> = names(system)
                .iter()
                .map(|(code, _)| code)
                .filter(|code| code.key().len() == length)
                .collect();
            for last in (1..codes.len()).rev() {
                codes.swap(last, dice.below(last + 1));
            }
            codes
        };
        let (counties, classes) = (level(CodeSystem::Region, 6), level(CodeSystem::Industry, 5));
        Self {
            county_weights: zipf(counties.len(), 3.0),
            class_weights: zipf(classes.len(), 8.0),
            counties,
            classes,
        }
    }

    /// Random county, weighted by its number of enterprises.
    pub(super) fn county(&self, dice: &mut Dice) -> &Code {
        &self.counties[dice.weighted(&self.county_weights)]
    }

    /// Random industry class, weighted by its number of enterprises.
    pub(super) fn class(&self, dice: &mut Dice) -> &Code {
        &self.classes[dice.weighted(&self.class_weights)]
    }
}

/// `count` different leaves, or as many as possible.
fn distinct(count: usize, dice: &mut Dice, mut make: impl FnMut(&mut Dice) -> Leaf) -> Vec<Leaf> {
    let mut seen = BTreeSet::new();
    let mut leaves = Vec::new();
    let mut tries = 0;
    while leaves.len() < count && tries < 60 * count {
        tries += 1;
        let leaf = make(dice);
        if seen.insert(format!("{:?}", leaf.tests)) {
            leaves.push(leaf);
        }
    }
    leaves
}

fn leaf(fact: &str, when: When, tests: Vec<Test>) -> Leaf {
    Leaf { fact: fact.to_owned(), when, tests }
}

fn current(fact: &str, test: Test) -> Leaf {
    leaf(fact, When::Current, vec![test])
}

/// A code or an ancestor of it, by the length of its key.
fn lifted(code: &Code, length: usize, system: CodeSystem) -> Code {
    let key: String = code.key().chars().take(length).collect();
    let printed = if system == CodeSystem::Region { format!("{key:0<6}") } else { key };
    Code::parse(&printed, system).unwrap()
}

fn region(places: &Places, dice: &mut Dice) -> Leaf {
    let length = [6, 6, 6, 6, 4, 4, 4, 2][dice.below(8)];
    let count = [1, 1, 1, 1, 2, 3][dice.below(6)];
    let codes = (0..count).map(|_| lifted(places.county(dice), length, CodeSystem::Region)).collect();
    current("registered_region", Test::Within(sorted(codes)))
}

fn industry(places: &Places, dice: &mut Dice) -> Leaf {
    let length = [1, 1, 1, 3, 3, 4, 5][dice.below(7)];
    let count = [1, 2, 2, 3, 4, 5][dice.below(6)];
    let codes = (0..count).map(|_| lifted(places.class(dice), length, CodeSystem::Industry)).collect();
    let codes = sorted(codes);
    let test = if dice.chance(0.3) { Test::Outside(codes) } else { Test::Within(codes) };
    current("industry", test)
}

fn sorted(mut codes: Vec<Code>) -> Vec<Code> {
    codes.sort();
    codes.dedup();
    codes
}

fn number(m: &Measure, vocabulary: usize, dice: &mut Dice) -> Leaf {
    let digits = if vocabulary > 20_000 { 4 } else { 2 };
    let mut threshold = |shift: f64| {
        Number::parse(&rounded(m.median * exp(m.spread * (dice.normal() * 0.8 + shift)), m.kind, digits))
            .unwrap()
    };
    let (low, high) = (threshold(-LENIENCE), threshold(LENIENCE));
    let tests = match dice.below(10) {
        0 if low < high => {
            vec![Test::Number(Compare::AtLeast, low), Test::Number(Compare::LessThan, high)]
        }
        1 => vec![Test::Number(Compare::AtMost, high)],
        2 => vec![Test::Number(Compare::LessThan, high)],
        3 => vec![Test::Number(Compare::MoreThan, low)],
        _ => vec![Test::Number(Compare::AtLeast, low)],
    };
    let when = if m.yearly { When::LastYear } else { When::Current };
    leaf(m.key, when, tests)
}

/// A decimal of `digits` significant digits; whole and at least 1 for all but ratios, which stay below 1.
pub(super) fn rounded(value: f64, kind: &str, digits: usize) -> String {
    if kind == "ratio" {
        let parts = (value.min(0.99) * 1000.0) as i64;
        return format!("0.{:03}", parts.max(1));
    }
    let whole = (value as i64).max(1).to_string();
    let kept: String = whole.chars().take(digits).collect();
    format!("{kept}{}", "0".repeat(whole.len() - kept.len()))
}

fn date(key: &str, age: f64, dice: &mut Dice) -> Leaf {
    let days = (age * exp(0.8 * (dice.normal() - LENIENCE))).clamp(30.0, 9000.0);
    let test = if dice.chance(0.7) {
        let span = match dice.below(6) {
            0 => CalendarSpan { count: days as u32, unit: SpanUnit::Days },
            1 | 2 => CalendarSpan { count: 1 + (days / 30.4) as u32, unit: SpanUnit::Months },
            _ => CalendarSpan { count: 1 + (days / 365.25) as u32, unit: SpanUnit::Years },
        };
        Test::Elapsed(
            *dice.pick(&[Span::AtLeast, Span::AtLeast, Span::MoreThan, Span::AtMost, Span::LessThan]),
            span,
        )
    } else {
        let day = super::AS_OF.saturating_sub(jiff::Span::new().days(days as i64));
        let day = if dice.chance(0.5) { Date::new(day.year(), 1, 1).unwrap() } else { day };
        let compare =
            [DateCompare::OnOrBefore, DateCompare::OnOrBefore, DateCompare::Before, DateCompare::After];
        Test::Date(*dice.pick(&compare), day)
    };
    current(key, test)
}

fn categories() -> impl Iterator<Item = (Vec<Leaf>, f64)> {
    CATEGORIES.into_iter().map(|(key, values, weight)| {
        let text = |index: usize| Value::Text(values[index].to_owned());
        let pairs = (0..values.len()).flat_map(|a| (0..a).map(move |b| vec![b, a]));
        let sets = pairs.chain((0..values.len()).map(|a| vec![a]));
        let leaves = sets.map(|set| current(key, Test::OneOf(set.into_iter().map(text).collect()))).collect();
        (leaves, weight)
    })
}

fn flags() -> impl Iterator<Item = (Vec<Leaf>, f64)> {
    (0..FLAGS).map(|index| {
        let is = |truth: bool| current(&flag(index), Test::OneOf(vec![Value::Bool(truth)]));
        let asked = !is_blot(index);
        (vec![is(asked), is(!asked)], if is_blot(index) { 1.6 } else { 0.8 })
    })
}

fn tags(dice: &mut Dice) -> Vec<Leaf> {
    let mut leaves = distinct(80, dice, |dice| {
        let set: BTreeSet<String> = (0..2 + dice.below(2)).map(|_| tag(dice.below(TAGS))).collect();
        current(TAGS_KEY, Test::HasAny(set.into_iter().collect()))
    });
    for index in 0..TAGS {
        leaves.push(current(TAGS_KEY, Test::HasAny(vec![tag(index)])));
        leaves.push(current(TAGS_KEY, Test::HasNone(vec![tag(index)])));
    }
    for last in (1..leaves.len()).rev() {
        leaves.swap(last, dice.below(last + 1));
    }
    leaves
}
