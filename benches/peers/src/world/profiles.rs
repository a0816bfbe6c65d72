//! Profiles: the known facts of one enterprise, read through the product's own reader.

use jiff::Span;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::{Node, Tree};

use super::dice::{Dice, cumulative, exp, zipf};
use super::facts::{CATEGORIES, DATES, FLAGS, MEASURES, TAGS, TAGS_KEY, flag, flag_share, tag};
use super::vocabulary::{Places, rounded};
use super::{AS_OF, LAST_YEAR};

/// Mean unknown share of the mixture in [`thinness`] without scaling.
const USUAL: f64 = 0.29;

/// Profile number `index`; `unknown` is the share of unknown facts over all profiles.
pub(super) fn profile(
    index: usize,
    unknown: f64,
    places: &Places,
    dictionary: &FactDictionary,
    seed: u64,
) -> Profile {
    let mut dice = Dice::new(seed ^ 0x90F1, index as u64);
    let maker = Maker { thin: thinness(&mut dice, unknown), scale: dice.normal() };
    let facts = maker.facts(places, &mut dice);
    let root = map([("id", text(format!("enterprise-{index:07}"))), ("facts", node(Tree::Map(facts)))]);
    let mut report = Report::new("world");
    let profile = Profile::read(&root, dictionary, true, &mut report);
    assert!(report.errors() == 0, "a profile of the world: {}", report.problems[0]);
    profile.unwrap()
}

/// Share of facts unknown in one profile: some are nearly complete, some nearly empty.
fn thinness(dice: &mut Dice, unknown: f64) -> f64 {
    let usual = match dice.below(20) {
        0..=3 => 0.03 + 0.06 * dice.unit(),
        4..=5 => 0.70 + 0.25 * dice.unit(),
        _ => 0.16 + 0.25 * dice.unit(),
    };
    if unknown <= USUAL {
        usual * unknown / USUAL
    } else {
        1.0 - (1.0 - usual) * (1.0 - unknown) / (1.0 - USUAL)
    }
}

struct Maker {
    /// Share of unknown facts.
    thin: f64,
    /// Size of the enterprise in standard deviations: it correlates its numbers.
    scale: f64,
}

impl Maker {
    /// True if a fact is unknown whose unknown rate is `often` times that of others.
    fn lacks(&self, often: f64, dice: &mut Dice) -> bool {
        dice.chance((self.thin * often).min(if self.thin > 0.9 { 1.0 } else { 0.97 }))
    }

    fn facts(&self, places: &Places, dice: &mut Dice) -> Vec<(String, Node)> {
        let mut facts = Vec::new();
        if !self.lacks(0.15, dice) {
            facts.push(("registered_region".to_owned(), text(places.county(dice).to_string())));
        }
        if !self.lacks(0.3, dice) {
            facts.push(("industry".to_owned(), text(places.class(dice).to_string())));
        }
        for (key, values, _) in CATEGORIES {
            let value = values[dice.weighted(&zipf(values.len(), 1.0))];
            if !self.lacks(1.0, dice) {
                facts.push((key.to_owned(), text(value)));
            }
        }
        self.measures(dice, &mut facts);
        self.dates(dice, &mut facts);
        for index in 0..FLAGS {
            let truth = dice.chance(flag_share(index));
            if !self.lacks(1.08, dice) {
                facts.push((flag(index), node(Tree::Bool(truth))));
            }
        }
        if let Some(tags) = self.tags(dice) {
            facts.push((TAGS_KEY.to_owned(), tags));
        }
        facts
    }

    fn measures(&self, dice: &mut Dice, facts: &mut Vec<(String, Node)>) {
        for m in &MEASURES {
            let shape = m.spread * (0.7 * self.scale + 0.7 * dice.normal());
            let own = if m.kind == "ratio" { m.spread * dice.normal() } else { shape };
            let value = m.median * exp(own);
            let number = |value: f64| node(Tree::Number(rounded(value, m.kind, 6)));
            let known = if !self.lacks(1.06, dice) {
                number(value)
            } else if self.thin > 0.0 && dice.chance(0.08) {
                let (low, high) = (number(value * 0.5), number(value * 1.8));
                match dice.below(3) {
                    0 => map([("at_least", low)]),
                    1 => map([("at_most", high)]),
                    _ => map([("at_least", low), ("at_most", high)]),
                }
            } else {
                continue;
            };
            let known = if m.yearly { map([(LAST_YEAR, known)]) } else { known };
            facts.push((m.key.to_owned(), known));
        }
    }

    fn dates(&self, dice: &mut Dice, facts: &mut Vec<(String, Node)>) {
        for (key, age, _) in DATES {
            let days = (age * exp(0.8 * dice.normal())).clamp(1.0, 14_000.0) as i64;
            let day = |back: i64| text(AS_OF.saturating_sub(Span::new().days(back)).to_string());
            let known = if !self.lacks(if key == "established_on" { 0.25 } else { 1.1 }, dice) {
                day(days)
            } else if self.thin > 0.0 && dice.chance(0.06) {
                map([("at_least", day(days + 300)), ("at_most", day((days - 200).max(0)))])
            } else {
                continue;
            };
            facts.push((key.to_owned(), known));
        }
    }

    /// All tags, some of them, or none known.
    fn tags(&self, dice: &mut Dice) -> Option<Node> {
        let held: Vec<usize> =
            (0..TAGS).filter(|tag| dice.chance(0.02 + 0.005 * (tag % 12) as f64)).collect();
        let list = |of: &[usize]| node(Tree::List(of.iter().map(|&index| text(tag(index))).collect()));
        if !self.lacks(1.2, dice) {
            return Some(list(&held));
        }
        if self.thin == 0.0 || dice.chance(0.5) {
            return None;
        }
        let lacked: Vec<usize> = (0..TAGS).filter(|tag| !held.contains(tag) && dice.chance(0.6)).collect();
        Some(map([("has", list(&held)), ("lacks", list(&lacked))]))
    }
}

fn node(value: Tree) -> Node {
    Node { value, line: 1 }
}

fn text(value: impl Into<String>) -> Node {
    node(Tree::Text(value.into()))
}

fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    node(Tree::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

/// Share of facts absent from the profile; a tags fact counts once.
pub fn unknown_share(profile: &Profile, dictionary: &FactDictionary) -> f64 {
    use zhaoren_policy::fact::{FactType, Knowledge, Period};
    let year: i16 = LAST_YEAR.parse().unwrap();
    let unknown = dictionary.iter().filter(|fact| match (fact.kind, fact.period) {
        (FactType::Tags, _) => profile.tags(&fact.key).is_none(),
        (_, Period::Year) => profile.yearly(&fact.key, year) == Knowledge::Unknown,
        (_, Period::Current) => profile.current(&fact.key) == Knowledge::Unknown,
    });
    unknown.count() as f64 / dictionary.iter().count() as f64
}

/// Evenly spaced positions of a sample.
pub fn sample(count: usize, of: usize) -> Vec<usize> {
    let steps = cumulative(std::iter::repeat_n(of as f64 / count.max(1) as f64, count.min(of)));
    steps.into_iter().map(|at| (at as usize).saturating_sub(1).min(of.saturating_sub(1))).collect()
}
