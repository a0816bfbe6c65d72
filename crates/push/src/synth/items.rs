//! Synthetic items (合成事项): conjunctions of four to thirteen conditions, with NOT, groups of alternatives, ORs of ANDs and points.
//! Title, document, tags and review mark them as synthetic.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value as Json, json};

use super::Synth;
use super::dice::Dice;
use super::write::create_atomic;

/// Share of items with a condition on the region.
const REGIONAL_SHARE: f64 = 0.95;

/// Share of items in which a fact may occur more than once: exact and naive three-valued logic differ only there.
const REPEATED_FACT_SHARE: f64 = 0.03;

/// Random stream of the items.
const ITEM_STREAM: u64 = 0x0017_E35F;

/// Topics of one item: no topic occurs twice, unless the item is entangled.
struct Draw<'a> {
    synth: &'a Synth,
    dice: Dice,
    used: Vec<&'a str>,
    entangled: bool,
}

impl Synth {
    /// Item number `n`, from 1, as JSON: always the same for a given seed.
    pub fn item(&self, n: u32) -> Json {
        let mut dice = Dice::new(self.options.seed ^ ITEM_STREAM, u64::from(n));
        let entangled = dice.chance(REPEATED_FACT_SHARE);
        let mut draw = Draw { synth: self, dice, used: Vec::new(), entangled };
        let criteria = draw.criteria();
        let dice = &mut draw.dice;
        let mut item = json!({
            "id": format!("synth-{n:05}"),
            "title": format!("合成事项 {n:05}"),
            "document": {
                "title": format!("合成文件 {:05}（程序生成，不是真实政策）", n.div_ceil(4)),
                "level": "city",
                "region": "310000",
                "status": "in_force",
                "kind": "measure",
            },
            "benefit": benefit(dice),
            "delivery": if dice.chance(0.2) { "automatic" } else { "apply" },
            "tags": ["合成样例"],
            "criteria": criteria,
            "review": {"mark": "K!", "source": "合成样例", "note": "由程序按种子生成，不对应任何真实政策事项"},
        });
        if dice.chance(0.55) {
            let year = self.marginals.day.year();
            let month = 1 + dice.below(11);
            let closes = (month + 1 + dice.below(4)).min(12);
            if let Json::Object(entries) = &mut item {
                let window = json!([{"opens": format!("{year}-{month:02}-01"), "closes": format!("{year}-{closes:02}-28")}]);
                entries.insert("window".to_owned(), window);
            }
        }
        item
    }
}

/// Writes the items of `synth` to `path` as JSON Lines.
///
/// # Errors
/// The file cannot be written; the message names it.
pub fn write_items(synth: &Synth, path: &Path) -> io::Result<()> {
    create_atomic(path, |mut file| {
        for n in 1..=synth.options.items {
            writeln!(file, "{}", synth.item(n))?;
        }
        Ok(file)
    })
}

fn benefit(dice: &mut Dice) -> Json {
    match dice.below(10) {
        0..=4 => {
            let limit =
                *dice.pick(&[100_000, 200_000, 500_000, 1_000_000, 50_000, 3_000_000]).unwrap_or(&100_000);
            json!({"kinds": ["grant"], "amount": {"max": limit, "text": format!("合成：最高{}万元", limit / 10_000)}})
        }
        5 => json!({"kinds": ["title"], "amount": {"text": "合成：称号", "formula": "not_money"}}),
        6 | 7 => json!({"kinds": ["tax"]}),
        _ => json!({"kinds": ["grant"], "amount": {"text": "合成：以当年通知为准"}}),
    }
}

impl Draw<'_> {
    fn criteria(&mut self) -> Json {
        // Between 4 and 13, 6.7 on average.
        let mut left = 4 + (0..9).filter(|_| self.dice.chance(0.3)).count();
        let mut clauses = Vec::new();
        if self.dice.chance(REGIONAL_SHARE) {
            clauses.push(self.synth.leaf("registered_region", &mut self.dice));
            left -= 1;
        }
        while left > 0 {
            let (clause, taken) = self.clause(left);
            clauses.push(clause);
            left -= taken;
        }
        json!({"all": clauses})
    }

    /// One clause of at most `left` conditions, and the number of its conditions.
    fn clause(&mut self, left: usize) -> (Json, usize) {
        match self.dice.below(100) {
            0..=17 if left >= 2 => {
                let width = 2 + usize::from(left >= 3 && self.dice.chance(0.4));
                let count = if width == 3 && self.dice.chance(0.2) { 2 } else { 1 };
                let of = self.leaves(width);
                let group = if count == 1 { json!({"any": of}) } else { json!({"any": of, "count": count}) };
                (group, width)
            }
            18..=27 if left >= 4 => {
                let sides: Vec<Json> = (0..2).map(|_| json!({"all": self.leaves(2)})).collect();
                (json!({"any": sides}), 4)
            }
            28..=31 => (json!({"not": self.leaf()}), 1),
            32..=33 if left >= 2 => (json!({"not": {"all": self.leaves(2)}}), 2),
            34..=37 if left >= 4 => (self.points(), 4),
            _ => (self.leaf(), 1),
        }
    }

    fn points(&mut self) -> Json {
        let scores = [30, 30, 20, 20];
        let rows: Vec<Json> =
            scores.iter().map(|score| json!({"when": self.leaf(), "score": score})).collect();
        let least = self.dice.pick(&[30, 40, 50, 60]).copied().unwrap_or(50);
        json!({"points": rows, "at_least": least})
    }

    fn leaves(&mut self, count: usize) -> Vec<Json> {
        (0..count).map(|_| self.leaf()).collect()
    }

    fn leaf(&mut self) -> Json {
        let topics = &self.synth.marginals.topics;
        let mut topic = "";
        // There are more topics than an item has conditions; a popular one may be drawn again a few times.
        for _ in 0..64 {
            topic = match self.dice.pick(&self.used) {
                Some(used) if self.entangled && self.dice.chance(0.35) => used,
                _ => topics.draw(&mut self.dice).map_or("", String::as_str),
            };
            if self.entangled || !self.used.contains(&topic) {
                break;
            }
        }
        self.used.push(topic);
        self.synth.leaf(topic, &mut self.dice)
    }
}
