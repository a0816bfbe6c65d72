//! Learning from past questions: which words of clauses answer which words of questions.
//!
//! Each word of an answering clause is attributed to one of the question's words or to chance (its general frequency),
//! by expectation maximization (IBM Model 1 of machine translation). The strength kept for a pair of words is the
//! probability that one leads to the other, times the logarithm of its ratio to chance.

use std::collections::BTreeMap;

/// Number of EM iterations.
const ROUNDS: usize = 4;
/// Added to the count of a word, so that a word of one question learns less than one of many.
const SHRINKAGE: f64 = 0.3;
/// Maximum number of words kept for each.
const KEPT: usize = 60;

/// Words of clauses, strongest first, by the word of questions that leads to them.
pub(crate) type Learnt = BTreeMap<String, Vec<(String, f32)>>;

/// A question with one clause that answers it: the distinct words of each.
pub(crate) struct Pair {
    pub(crate) question: Vec<String>,
    pub(crate) clause: Vec<String>,
}

/// Learns from pairs. `chance` gives the probability of a clause word regardless of the question.
pub(crate) fn learn(pairs: &[Pair], chance: &dyn Fn(&str) -> f64) -> Learnt {
    let mut words = Numbers::default();
    let mut terms = Numbers::default();
    let numbered: Vec<(Vec<usize>, Vec<usize>)> = pairs
        .iter()
        .map(|pair| {
            let question = pair.question.iter().map(|word| words.number(word)).collect();
            (question, pair.clause.iter().map(|term| terms.number(term)).collect())
        })
        .collect();
    let chances: Vec<f64> = terms.names.iter().map(|term| chance(term).max(f64::MIN_POSITIVE)).collect();
    let mut table = Table::of(&numbered, words.names.len());
    for _ in 0..ROUNDS {
        table = table.better(&numbered, &chances);
    }
    let mut learnt = Learnt::new();
    for (word, row) in words.names.iter().zip(&table.0) {
        let mut leads: Vec<(String, f32)> = row
            .iter()
            .filter_map(|(term, likely)| {
                let over = likely / chances.get(*term)?;
                (over > 1.0).then(|| Some((terms.names.get(*term)?.clone(), (likely * over.ln()) as f32)))?
            })
            .collect();
        leads.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        leads.truncate(KEPT);
        if !leads.is_empty() {
            learnt.insert(word.clone(), leads);
        }
    }
    learnt
}

/// Numbering of words.
#[derive(Default)]
struct Numbers {
    numbers: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl Numbers {
    fn number(&mut self, word: &str) -> usize {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(word.to_owned());
        self.numbers.insert(word.to_owned(), number);
        number
    }
}

/// Probability of each term given a word: one row per word, in the order of terms.
struct Table(Vec<Vec<(usize, f64)>>);

impl Table {
    /// Uniform distribution over the terms of the clauses.
    fn of(pairs: &[(Vec<usize>, Vec<usize>)], words: usize) -> Self {
        let mut rows: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); words];
        for (question, clause) in pairs {
            for word in question {
                let Some(row) = rows.get_mut(*word) else { continue };
                for term in clause {
                    *row.entry(*term).or_default() += 1.0 / clause.len() as f64;
                }
            }
        }
        let mut table = Self(rows.into_iter().map(|row| row.into_iter().collect()).collect());
        table.shrink(1.0);
        table
    }

    fn place(&self, word: usize, term: usize) -> Option<usize> {
        self.0.get(word)?.binary_search_by_key(&term, |(term, _)| *term).ok()
    }

    fn likely(&self, word: usize, term: usize) -> f64 {
        let at = |place| self.0.get(word)?.get(place).map(|(_, likely)| *likely);
        self.place(word, term).and_then(at).unwrap_or(0.0)
    }

    /// One EM iteration: each term of a clause is divided among the words of its question and chance.
    fn better(&self, pairs: &[(Vec<usize>, Vec<usize>)], chances: &[f64]) -> Self {
        let empty = |row: &Vec<(usize, f64)>| row.iter().map(|(term, _)| (*term, 0.0)).collect();
        let mut counts = Self(self.0.iter().map(empty).collect());
        for (question, clause) in pairs {
            for term in clause {
                let likely: Vec<f64> = question.iter().map(|word| self.likely(*word, *term)).collect();
                let chance = chances.get(*term).copied().unwrap_or(0.0) * question.len() as f64;
                let all = chance + likely.iter().sum::<f64>();
                for (word, likely) in question.iter().zip(likely) {
                    let place = self.place(*word, *term);
                    let row = counts.0.get_mut(*word);
                    if let Some((_, count)) = row.zip(place).and_then(|(row, place)| row.get_mut(place)) {
                        *count += likely / all / clause.len() as f64;
                    }
                }
            }
        }
        counts.shrink(SHRINKAGE);
        counts
    }

    /// Normalizes counts to probabilities.
    fn shrink(&mut self, by: f64) {
        for row in &mut self.0 {
            let all = row.iter().map(|(_, count)| count).sum::<f64>() + by;
            row.iter_mut().for_each(|(_, count)| *count /= all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_map_to_the_words_of_past_answers() {
        let pair = |question: &str, clause: &str| {
            let words = |text: &str| text.split(' ').map(str::to_owned).collect();
            Pair { question: words(question), clause: words(clause) }
        };
        let pairs = [
            pair("招人 补钱", "吸纳 就业 企业"),
            pair("招人 条件", "吸纳 社保 企业"),
            pair("房租 补钱", "场地 补助 企业"),
        ];
        let chance = |term: &str| if term == "企业" { 0.5 } else { 0.01 };
        let learnt = learn(&pairs, &chance);
        let first =
            |word: &str| learnt.get(word).and_then(|leads| leads.first()).map(|(term, _)| term.as_str());
        assert_eq!(first("招人"), Some("吸纳"));
        let common = learnt.values().flatten().any(|(term, _)| term == "企业");
        assert!(!common, "what stands everywhere answers nothing: {learnt:?}");
        assert!(learn(&[], &chance).is_empty());
    }
}
