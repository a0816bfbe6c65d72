//! Proposals for columns: from the heading where it names a fact, else from the contents; uncertain columns are not proposed.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_cancel::poll;
use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Period, WordMeaning};

use super::content::{Content, Look};
use super::{Candidate, ColumnSurvey, Proposal};
use crate::table::fact_words::{About, FactWords};
use crate::table::heading::{self, unit_of};

/// Candidates of one column.
const MOST_CANDIDATES: usize = 3;

/// Proposal of each column.
pub(super) fn columns(
    headings: &[String],
    contents: &[Content],
    dictionary: &FactDictionary,
) -> Vec<ColumnSurvey> {
    let words = FactWords::new(dictionary);
    let names = Names::of(dictionary);
    let mut columns: Vec<ColumnSurvey> = Vec::with_capacity(headings.len());
    for (at, (heading, content)) in headings.iter().zip(contents).enumerate() {
        poll();
        let guess = Guesser { words: &words, names: &names, dictionary, heading, content };
        let mut column = ColumnSurvey {
            number: at + 1,
            heading: heading.clone(),
            proposal: Proposal::Ignore,
            why: String::new(),
            filled: content.filled,
            examples: content.examples.clone(),
            doubtful: 0,
            doubts: Vec::new(),
            candidates: Vec::new(),
        };
        guess.propose(&mut column);
        columns.push(column);
    }
    choose_id(&mut columns, contents);
    leave_out_repeated(&mut columns);
    columns
}

/// Chooses the id column: the one whose heading says so, else that of 统一社会信用代码, else the only one with such codes.
fn choose_id(columns: &mut [ColumnSurvey], contents: &[Content]) {
    if columns.iter().any(|column| column.proposal == Proposal::Id) {
        return;
    }
    let is_code =
        |column: &&mut ColumnSurvey| matches!(&column.proposal, Proposal::Fact { key, .. } if key == "uscc");
    if let Some(column) = columns.iter_mut().find(is_code) {
        column.proposal = Proposal::Id;
        return;
    }
    let coded: Vec<usize> = contents
        .iter()
        .enumerate()
        .filter(|(_, content)| content.look() == Look::Codes)
        .map(|(at, _)| at)
        .collect();
    if let [only] = coded.as_slice()
        && let Some(column) = columns.get_mut(*only).filter(|column| !column.heading.is_empty())
    {
        column.proposal = Proposal::Id;
        column.why = "内容是统一社会信用代码".to_owned();
        column.candidates.clear();
    }
}

/// Leaves out columns that say the same as one before them, and headings that a mapping cannot tell apart.
fn leave_out_repeated(columns: &mut [ColumnSurvey]) {
    let mut headings: BTreeMap<String, usize> = BTreeMap::new();
    for column in columns.iter() {
        *headings.entry(heading::key_of(&column.heading)).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for column in columns {
        poll();
        let is_repeated = headings.get(&heading::key_of(&column.heading)).is_some_and(|count| *count > 1);
        if is_repeated && !column.heading.is_empty() {
            if column.proposal != Proposal::Ignore {
                column.candidates = candidate_of(&column.proposal).into_iter().collect();
            }
            column.proposal = Proposal::Ignore;
            column.why = "有几列同名，映射无法区分，请先改列名".to_owned();
            continue;
        }
        let slot = match &column.proposal {
            Proposal::Id => "id".to_owned(),
            Proposal::Name => "name".to_owned(),
            Proposal::Fact { key, year, .. } => format!("{key} {year:?}"),
            // Several columns may each say one tag.
            Proposal::Tag { .. } | Proposal::Ignore => continue,
        };
        if let Some(first) = seen.get(&slot) {
            column.why = format!("与第 {first} 列说的是同一项");
            column.candidates = candidate_of(&column.proposal).into_iter().collect();
            column.proposal = Proposal::Ignore;
        } else {
            seen.insert(slot, column.number);
        }
    }
}

fn candidate_of(proposal: &Proposal) -> Option<Candidate> {
    match proposal {
        Proposal::Fact { key, name, .. } | Proposal::Tag { key, name, .. } => {
            Some(Candidate { key: key.clone(), name: name.clone(), why: String::new() })
        }
        _ => None,
    }
}

struct Guesser<'a> {
    words: &'a FactWords<'a>,
    names: &'a Names<'a>,
    dictionary: &'a FactDictionary,
    heading: &'a str,
    content: &'a Content,
}

impl Guesser<'_> {
    fn propose(&self, column: &mut ColumnSurvey) {
        match self.words.heading(self.heading) {
            Ok(found) => match found.about {
                About::Id => column.proposal = Proposal::Id,
                About::Name => column.proposal = Proposal::Name,
                About::Fact { key, .. } if key == "name" => column.proposal = Proposal::Name,
                About::Fact { key, year } => {
                    if let Some(fact) = self.dictionary.get(&key) {
                        self.fact(fact, year, found.unit.map(|unit| unit.name), column);
                    }
                }
                About::Tag { .. } | About::Unused => {}
            },
            Err(why) => {
                if let Some(tag) = self.tag() {
                    column.proposal = tag;
                    return;
                }
                self.unsure(&why, column);
            }
        }
    }

    /// Proposes a fact that the heading names, unless the contents say otherwise.
    fn fact(&self, fact: &Fact, year: Option<i16>, unit: Option<String>, column: &mut ColumnSurvey) {
        let look = self.content.look();
        let is_answered = look == Look::Answers && matches!(fact.kind, FactType::Tags | FactType::Text);
        let is_other = match fact.kind {
            FactType::Date => matches!(look, Look::Answers | Look::Codes | Look::Places),
            FactType::Boolean => matches!(look, Look::Dates | Look::Codes | Look::Places),
            FactType::Integer | FactType::Decimal | FactType::Money | FactType::Ratio => {
                matches!(look, Look::Answers | Look::Codes | Look::Dates)
            }
            _ => false,
        };
        if is_answered && let Some(tag) = self.tag() {
            column.proposal = tag;
            return;
        }
        let has_meaning = [true, false].iter().any(|answer| fact.answer(self.heading, *answer).is_some());
        if is_answered && !has_meaning || is_other {
            let is = match look {
                Look::Answers => "是或否",
                Look::Dates => "日期",
                Look::Codes => "统一社会信用代码",
                _ => "地名或区划代码",
            };
            column.why = format!("列名像“{}”，内容却是{is}", fact.name);
            column.candidates = self.candidates(Some(fact));
            return;
        }
        if fact.derived {
            column.why = "由程序计算，表中的值仅作补充".to_owned();
        }
        let mut unit = unit;
        if fact.kind == FactType::Ratio && unit.is_none() && self.content.large * 2 > self.content.numbers {
            unit = Some("%".to_owned());
            column.why = "多数值大于 1，按百分数读".to_owned();
        }
        column.proposal =
            Proposal::Fact { key: fact.key.clone(), name: fact.name.clone(), year, unit, separator: None };
    }

    /// Column of 是 and 否 whose heading is a tag.
    fn tag(&self) -> Option<Proposal> {
        if self.content.look() != Look::Answers {
            return None;
        }
        let parts = heading::parts(self.heading);
        let word = parts.word.strip_prefix("是否").unwrap_or(&parts.word).trim_start_matches('为');
        // Of several facts with one tag the first in order of key.
        self.names.facts.iter().map(|(fact, _)| *fact).filter(|fact| fact.kind == FactType::Tags).find_map(
            |fact| {
                let tag = match fact.meaning(word) {
                    WordMeaning::Listed(tag) => tag,
                    WordMeaning::Alias(tags) => match tags.as_slice() {
                        [tag] => tag.clone(),
                        _ => return None,
                    },
                    WordMeaning::Free | WordMeaning::Unknown => return None,
                };
                Some(Proposal::Tag { key: fact.key.clone(), name: fact.name.clone(), tag })
            },
        )
    }

    /// Leaves a column out, with the facts that it may mean.
    fn unsure(&self, why: &str, column: &mut ColumnSurvey) {
        if self.heading.is_empty() {
            return;
        }
        // The fact is known, and something else is missing or too much: a year, a unit.
        if let Ok((fact, parts)) = self.words.fact_of_heading(self.heading) {
            column.why = match (fact.period, parts.year) {
                (Period::Year, None) => "按年度的指标，列名中没有年度：写明 year 即可读取".to_owned(),
                _ => format!("列名{}", why.trim_start_matches("里")),
            };
            let unit = unit_of(fact, &parts).ok().flatten().map(|unit| format!("单位 {}", unit.name));
            let candidate =
                Candidate { key: fact.key.clone(), name: fact.name.clone(), why: unit.unwrap_or_default() };
            column.candidates = vec![candidate];
            return;
        }
        column.candidates = self.candidates(None);
        column.why = match self.content.look() {
            Look::Empty => "没有内容".to_owned(),
            _ if why.contains("几项") => format!("列名{why}"),
            _ => "不是已知的指标".to_owned(),
        };
    }

    /// Facts with a similar name whose type the contents allow, the most similar first.
    fn candidates(&self, first: Option<&Fact>) -> Vec<Candidate> {
        let look = self.content.look();
        let word = heading::parts(self.heading).word;
        let pairs = bigrams(&word);
        let mut found: Vec<(usize, &Fact)> = Vec::new();
        for (fact, names) in &self.names.facts {
            if !allows(fact, look) || first.is_some_and(|first| first.key == fact.key) {
                continue;
            }
            // Dice similarity in thousandths.
            let similar = names.iter().map(|name| {
                let both = pairs.intersection(name).count();
                (2_000 * both).checked_div(pairs.len() + name.len()).unwrap_or(0)
            });
            let similar = similar.max().unwrap_or(0);
            // Contents of the right kind make up for a name that is less similar.
            let least = match look {
                Look::Dates | Look::Answers => 250,
                // A place may be that of any kind: 地区, 所在地.
                Look::Places => 0,
                _ => 400,
            };
            if similar >= least {
                found.push((similar, fact));
            }
        }
        found.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.key.cmp(&other.key)));
        let found = found.into_iter().map(|(_, fact)| fact);
        let candidate =
            |fact: &Fact| Candidate { key: fact.key.clone(), name: fact.name.clone(), why: String::new() };
        first.into_iter().chain(found).take(MOST_CANDIDATES).map(candidate).collect()
    }
}

/// True if cells that look so can be values of a fact.
fn allows(fact: &Fact, look: Look) -> bool {
    match look {
        Look::Empty | Look::Words => true,
        Look::Codes => fact.kind == FactType::Text,
        Look::Dates => fact.kind == FactType::Date,
        Look::Answers => matches!(fact.kind, FactType::Boolean | FactType::Tags),
        Look::Places => fact.kind == FactType::Code && fact.codes == Some(CodeSystem::Region),
        Look::Numbers => fact.kind.is_number() || fact.kind == FactType::Code,
    }
}

/// Pairs of neighbouring signs of a name.
type Bigrams = BTreeSet<(char, char)>;

/// Names of all facts, prepared for comparison.
struct Names<'a> {
    /// Facts with the pairs of signs of their names and aliases.
    facts: Vec<(&'a Fact, Vec<Bigrams>)>,
}

impl<'a> Names<'a> {
    fn of(dictionary: &'a FactDictionary) -> Self {
        let mut names = Self { facts: Vec::new() };
        for fact in dictionary.iter() {
            poll();
            let pairs = fact.aliases.iter().chain([&fact.name]).map(|name| bigrams(name)).collect();
            names.facts.push((fact, pairs));
        }
        names.facts.sort_by(|(one, _), (other, _)| one.key.cmp(&other.key));
        names
    }
}

/// Pairs of neighbouring signs of a text.
fn bigrams(text: &str) -> Bigrams {
    let signs: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    signs.iter().copied().zip(signs.iter().copied().skip(1)).collect()
}
