//! Past questions (问答记录): what was asked before, and the entry that answered it.
//!
//! `questions.tsv` in the data directory has a line for each: the question, a tab, the id of the entry that was chosen
//! or judged right. A build copies what it was given into the generation; without a log nothing changes.

use std::collections::{BTreeMap, HashMap};

use crate::analyze::pairs;

/// A past question with an entry that answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// As it was asked.
    pub question: String,
    /// Id of the entry.
    pub entry: String,
}

impl Answered {
    /// Reads `questions.tsv`; lines without a tab come back by number.
    pub fn read(text: &str) -> (Vec<Self>, Vec<usize>) {
        let (mut answered, mut wrong) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match line.split_once('\t') {
                Some((question, entry)) if !question.trim().is_empty() && !entry.trim().is_empty() => {
                    answered.push(Self { question: question.trim().into(), entry: entry.trim().into() });
                }
                _ => wrong.push(number),
            }
        }
        (answered, wrong)
    }
}

/// Past questions by their pairs of characters.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Entries of each question.
    entries: Vec<Vec<usize>>,
    /// Questions that have a pair, and the share of their length that it makes.
    by_pair: HashMap<String, Vec<(usize, f32)>>,
}

/// How rare a pair is among the questions, squared.
fn weight(all: usize, with: usize) -> f32 {
    let rarity = (1.0 + all as f32 / (with as f32 + 0.5)).ln();
    rarity * rarity
}

impl Asked {
    pub(crate) fn new(answered: &[Answered], places: &HashMap<&str, usize>) -> Self {
        let mut by_question: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for one in answered {
            if let Some(place) = places.get(one.entry.as_str()) {
                by_question.entry(&one.question).or_default().push(*place);
            }
        }
        let mut asked = Self::default();
        for (number, question) in by_question.keys().enumerate() {
            for pair in distinct(question) {
                asked.by_pair.entry(pair).or_default().push((number, 0.0));
            }
        }
        let all = by_question.len();
        for (number, question) in by_question.keys().enumerate() {
            let of = distinct(question);
            let with = |pair: &String| asked.by_pair.get(pair).map_or(0, Vec::len);
            let length = of.iter().map(|pair| weight(all, with(pair))).sum::<f32>().sqrt();
            for pair in of {
                let list = asked.by_pair.get_mut(&pair).into_iter().flatten();
                list.filter(|(other, _)| *other == number)
                    .for_each(|(_, share)| *share = 1.0 / length.max(1e-6));
            }
        }
        asked.entries = by_question.into_values().collect();
        asked
    }

    /// The entries that answered a question like this one, with the likeness (cosine over rare pairs, 0 to 1).
    pub(crate) fn like(&self, question: &str) -> BTreeMap<usize, f32> {
        let mut near: BTreeMap<usize, f32> = BTreeMap::new();
        if self.entries.is_empty() {
            return near;
        }
        let (mut length, all) = (0.0, self.entries.len());
        for pair in distinct(question) {
            let list = self.by_pair.get(&pair);
            let weight = weight(all, list.map_or(0, Vec::len));
            length += weight;
            for (number, share) in list.into_iter().flatten() {
                *near.entry(*number).or_default() += weight * share;
            }
        }
        let mut entries: BTreeMap<usize, f32> = BTreeMap::new();
        for (number, product) in near {
            let likeness = product / f32::sqrt(length).max(1e-6);
            for entry in self.entries.get(number).into_iter().flatten() {
                let best = entries.entry(*entry).or_default();
                *best = best.max(likeness);
            }
        }
        entries
    }
}

fn distinct(text: &str) -> Vec<String> {
    let mut of: Vec<String> = pairs(text).into_iter().map(|(.., pair)| pair).collect();
    of.sort_unstable();
    of.dedup();
    of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_asked_again_leads_to_its_answer() {
        let (log, wrong) = Answered::read("房租太贵有补贴吗\trent\n没有制表符\n招人有钱拿吗\tjobs\n\n");
        assert_eq!((log.len(), wrong), (2, vec![2]));
        let places = HashMap::from([("rent", 3), ("jobs", 5)]);
        let asked = Asked::new(&log, &places);
        let same = asked.like("房租太贵有补贴吗");
        assert!((same[&3] - 1.0).abs() < 1e-4, "{same:?}");
        assert!(asked.like("房租能补吗").get(&3).is_some_and(|like| *like > 0.1 && *like < 0.9));
        assert!(Asked::default().like("房租").is_empty() && asked.like("出口退税").is_empty());
    }
}
