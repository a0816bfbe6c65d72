//! Vocabulary of synthetic items: leaves of criteria. A few leaves of each topic are in most items (Zipf), as in real guides; a
//! leaf depends only on seed, topic and rank, so no list of leaves is stored.

use serde_json::{Value as Json, json};

use super::Synth;
use super::dice::Dice;
use super::lines::exact;

/// Number of different leaves of a topic.
const RANKS: usize = 240;

/// Number of leaves of a topic that use the usual sums.
const USUAL: usize = 12;

const SIZES: [&[&str]; 5] =
    [&["中型", "小型", "微型"], &["小型", "微型"], &["微型"], &["中型", "大型"], &["大型", "中型", "小型"]];
const FORMS: [&[&str]; 3] = [
    &["有限责任公司", "股份有限公司"],
    &["有限责任公司", "股份有限公司", "合伙企业"],
    &["有限责任公司", "股份有限公司", "个人独资企业", "个体工商户"],
];
const OWNERS: [&[&str]; 3] = [&["私人控股"], &["私人控股", "集体控股"], &["外商控股", "港澳台商控股"]];
const GRADES: [&[&str]; 3] = [&["A", "B", "M"], &["A", "B"], &["A"]];
const FLAGS: [&str; 6] = [
    "serious_dishonest",
    "abnormal_list",
    "court_dishonest",
    "tax_or_si_arrears",
    "major_tax_violation",
    "restricted_industry",
];
const INCIDENTS: [&str; 4] =
    ["last_penalty_on", "last_safety_accident_on", "last_env_violation_on", "last_quality_accident_on"];
const FOUNDERS: [&str; 5] = ["高校毕业生", "留学回国人员", "退役军人", "登记失业人员", "残疾人"];
const AGES: [&str; 7] = ["1 years", "2 years", "3 years", "12 months", "5 years", "6 months", "18 months"];
const SPANS: [&str; 4] = ["36 months", "12 months", "24 months", "3 years"];

/// Random stream of the vocabulary.
const VOCABULARY_STREAM: u64 = 0x0B00_C7A2;

impl Synth {
    /// Leaf about a topic, popular ones more often.
    pub(crate) fn leaf(&self, topic: &str, dice: &mut Dice) -> Json {
        self.ranked(topic, dice.zipf(RANKS))
    }

    /// Leaf of this rank.
    fn ranked(&self, topic: &str, rank: usize) -> Json {
        // FNV-1a: a separate random stream for each topic.
        let hash = topic.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut dice = Dice::new(self.options.seed ^ VOCABULARY_STREAM ^ hash, rank as u64);
        let dice = &mut dice;
        match topic {
            "registered_region" | "tax_region" | "actual_region" => self.region(topic, dice),
            "industry" => self.industry(dice),
            "size" => one_of("enterprise_size", &SIZES, rank),
            "legal_form" => one_of(topic, &FORMS, rank),
            "ownership" => one_of(topic, &OWNERS, rank),
            "tax_credit_grade" => one_of(topic, &GRADES, rank),
            "established_on" => age(rank, dice),
            "qualifications" => self.titles(dice),
            "hightech_fields" | "local_industries" => self.fields(topic, dice),
            "founder_types" => json!({"fact": topic, "has_any": [word(&FOUNDERS, rank)]}),
            "in_statistics" => json!({"fact": topic, "is": true}),
            "flag" => json!({"fact": word(&FLAGS, rank), "is": false}),
            "incident" => {
                json!({"fact": word(&INCIDENTS, dice.below(4)), "for_at_least": word(&SPANS, rank)})
            }
            _ => self.number(topic, rank, dice),
        }
    }

    fn region(&self, fact: &str, dice: &mut Dice) -> Json {
        let count = word(&[1, 1, 1, 1, 1, 2, 1, 3], dice.below(8));
        let mut codes: Vec<&str> = (0..count)
            .filter_map(|_| {
                let county = self.marginals.counties.draw(dice)?;
                let street = dice.pick(&county.streets).filter(|_| dice.chance(0.05));
                Some(street.map_or(county.code.as_str(), String::as_str))
            })
            .collect();
        if dice.chance(0.05) {
            codes = vec!["310000"];
        }
        sorted(&mut codes);
        json!({"fact": fact, "within": codes})
    }

    fn industry(&self, dice: &mut Dice) -> Json {
        // Section, division, group or class: a prefix of a class code.
        let count = word(&[1, 2, 2, 3, 4, 6], dice.below(6));
        let length = word(&[1, 1, 1, 3, 3, 4, 5], dice.below(7));
        let mut codes: Vec<&str> = (0..count)
            .filter_map(|_| {
                let division = self.marginals.divisions.draw(dice)?;
                let class = dice.pick(&division.classes)?;
                class.get(..length)
            })
            .collect();
        sorted(&mut codes);
        let test = if dice.chance(0.12) { "outside" } else { "within" };
        json!({"fact": "industry", test: codes})
    }

    fn titles(&self, dice: &mut Dice) -> Json {
        let titles = &self.marginals.titles;
        let count = 1 + dice.below(3);
        let mut tags: Vec<&str> = (0..count)
            .filter_map(|_| titles.get(dice.zipf(titles.len())))
            .map(|title| title.tag.as_str())
            .collect();
        sorted(&mut tags);
        let test = if dice.chance(0.1) { "has_none" } else { "has_any" };
        json!({"fact": "qualifications", test: tags})
    }

    fn fields(&self, fact: &str, dice: &mut Dice) -> Json {
        let at = if fact == "local_industries" { 2 } else { 0 };
        let count = 1 + dice.below(3);
        let mut tags: Vec<&str> = (0..count)
            .filter_map(|_| dice.pick(self.marginals.divisions.all()))
            .filter_map(|division| division.fields.get(at))
            .map(String::as_str)
            .collect();
        sorted(&mut tags);
        json!({"fact": fact, "has_any": tags})
    }

    fn number(&self, fact: &str, rank: usize, dice: &mut Dice) -> Json {
        let none = Vec::new();
        let known = self.marginals.thresholds.iter().find(|(key, _)| key == fact);
        let thresholds = known.map_or(&none, |(_, thresholds)| thresholds);
        let draw = |dice: &mut Dice| {
            thresholds
                .get(dice.zipf(thresholds.len()))
                .map_or(Json::Null, |digits| odd(exact(digits), rank, dice))
        };
        let (one, other) = (draw(dice), draw(dice));
        let mut leaf = match dice.below(20) {
            0..=2 => json!({"fact": fact, "at_most": one}),
            3 => json!({"fact": fact, "less_than": one}),
            4 if one.as_f64() < other.as_f64() => json!({"fact": fact, "at_least": one, "less_than": other}),
            5 => json!({"fact": fact, "more_than": one}),
            _ => json!({"fact": fact, "at_least": one}),
        };
        // Amounts can be summed over three years; ratios cannot.
        let summed = matches!(fact, "revenue" | "rd_expense" | "taxes_paid") && dice.chance(0.12);
        if let Some(entries) = leaf.as_object_mut().filter(|_| summed) {
            entries.insert("years".to_owned(), json!(3));
            entries.insert("take".to_owned(), json!(word(&["average", "sum", "min"], dice.below(3))));
        }
        leaf
    }
}

/// Varies the usual sums: some leaves of higher rank require one and a half, two or five times as much.
fn odd(usual: Json, rank: usize, dice: &mut Dice) -> Json {
    match usual.as_u64() {
        Some(sum) if rank >= USUAL && sum >= 1_000 => {
            json!(sum / 10 * word(&[10, 12, 15, 20, 25, 50], dice.below(6)))
        }
        _ => usual,
    }
}

fn age(rank: usize, dice: &mut Dice) -> Json {
    let span = word(&AGES, rank);
    match dice.below(10) {
        0..=5 => json!({"fact": "established_on", "for_at_least": span}),
        6 => json!({"fact": "established_on", "for_at_most": word(&["3 years", "5 years", "8 years"], rank)}),
        7 => json!({"fact": "established_on", "for_less_than": word(&["5 years", "10 years"], rank)}),
        _ => {
            let (year, month) = (2010 + dice.below(15), if rank < USUAL { 1 } else { 1 + dice.below(12) });
            json!({"fact": "established_on", "before": format!("{year}-{month:02}-01")})
        }
    }
}

fn one_of(fact: &str, sets: &[&[&str]], rank: usize) -> Json {
    let set = sets.get(rank % sets.len().max(1)).copied().unwrap_or_default();
    json!({"fact": fact, "one_of": set})
}

/// Word of this rank; the list repeats cyclically.
fn word<T: Copy + Default>(of: &[T], rank: usize) -> T {
    of.get(rank % of.len().max(1)).copied().unwrap_or_default()
}

fn sorted(words: &mut Vec<&str>) {
    words.sort_unstable();
    words.dedup();
}
