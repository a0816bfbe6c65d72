//! Reads the lexicon from its files, and adds the names of regions, industries and titles.

use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::criterion::{Node as Kind, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::{Node, Tree, yaml};

use super::{Level, Lexicon, Meaning, Unit};
use crate::class::Class;

const WORDS: &str = include_str!("../../../../seeds/lexicon/words.yaml");
const UNITS: &str = include_str!("../../../../seeds/lexicon/units.yaml");
const FACTS: &str = include_str!("../../../../seeds/lexicon/facts.yaml");
const CUES: &str = include_str!("../../../../seeds/lexicon/cues.yaml");

/// Lexicon of the shipped files.
// INVARIANT: the shipped files load without a problem; a test of this module checks it.
pub(super) fn built_in() -> Lexicon {
    read(WORDS, UNITS, FACTS, CUES).0
}

/// Lexicon of four files, and a line for every entry that was left out.
fn read(words: &str, units: &str, facts: &str, cues: &str) -> (Lexicon, Vec<String>) {
    let mut loader = Loader { lexicon: Lexicon::default(), problems: Vec::new() };
    for (name, text) in [("words", words), ("units", units), ("facts", facts), ("cues", cues)] {
        match yaml(text) {
            Err(error) => loader.problems.push(format!("{name}: {error}")),
            Ok(documents) => documents.iter().for_each(|document| loader.file(name, document)),
        }
    }
    loader.regions();
    loader.industries();
    loader.controlled_tags();
    (loader.lexicon, loader.problems)
}

struct Loader {
    lexicon: Lexicon,
    problems: Vec<String>,
}

fn entries(node: &Node) -> &[(String, Node)] {
    match &node.value {
        Tree::Map(entries) => entries,
        _ => &[],
    }
}

fn list(node: &Node) -> &[Node] {
    match &node.value {
        Tree::List(list) => list,
        _ => &[],
    }
}

/// Texts of a list; a bare number is its digits.
fn texts(node: &Node) -> Vec<String> {
    list(node)
        .iter()
        .filter_map(|one| match &one.value {
            Tree::Text(text) | Tree::Number(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

fn field(node: &Node, key: &str) -> Vec<String> {
    node.get(key).map(texts).unwrap_or_default()
}

impl Loader {
    fn file(&mut self, name: &str, document: &Node) {
        for (key, value) in entries(document) {
            match name {
                "words" => self.function(key, value),
                "units" => self.unit(key, value),
                "cues" => {
                    let words = texts(value).iter().map(|word| shape(word)).collect();
                    self.lexicon.cues.insert(key.clone(), words);
                }
                _ => self.section(key, value),
            }
        }
        if name == "facts" {
            // The flags read what needs a relation, so it is taken first.
            self.lexicon.need_relation = field(document, "need_relation");
            for flag in document.get("flags").map(list).unwrap_or_default() {
                self.flag(flag);
            }
        }
    }

    fn function(&mut self, key: &str, value: &Node) {
        match Class::ALL.iter().find(|(name, _)| *name == key) {
            None => self.problems.push(format!("words: no class `{key}`")),
            Some((_, class)) => self.each(value, |_| Meaning::Function(*class)),
        }
    }

    fn unit(&mut self, key: &str, value: &Node) {
        let unit = match key {
            "yuan" => Unit::Yuan,
            "percent" => Unit::Percent,
            "people" => Unit::People,
            "piece" => Unit::Piece,
            "square_metre" => Unit::SquareMetre,
            "point" => Unit::Point,
            "level" => Unit::Level,
            "dollar" => Unit::Dollar,
            "foreign" => Unit::Foreign,
            _ => {
                self.problems.push(format!("units: no unit `{key}`"));
                return;
            }
        };
        self.each(value, |_| Meaning::Unit(unit));
    }

    fn each(&mut self, value: &Node, meaning: impl Fn(&str) -> Meaning) {
        for word in texts(value) {
            self.lexicon.add(&word, meaning(&word));
        }
    }

    fn section(&mut self, key: &str, value: &Node) {
        match key {
            "quantities" | "parts" => self.keyed(value, |key| Meaning::Quantity(key.to_owned())),
            "registers" => self.keyed(value, |key| Meaning::Register(key.to_owned())),
            "events" => self.keyed(value, |key| Meaning::Event(key.to_owned())),
            "fields" => self.keyed(value, |key| Meaning::Field(vec![key.to_owned()])),
            "tax_grade_nouns" => self.each(value, |_| Meaning::GradeNoun),
            "founder_nouns" => self.each(value, |_| Meaning::FounderNoun),
            "tax_grades" => self.lexicon.grades = texts(value),
            "standards" => self.keyed(value, |key| Meaning::Standard(key.to_owned())),
            "size_names" => self.keyed(value, |key| Meaning::SizeName(key.to_owned())),
            "parks" => self.parks(value),
            "tagged" => {
                for row in list(value) {
                    let fact = row.get("fact").and_then(Node::text).unwrap_or_default().to_owned();
                    let tags = field(row, "tags");
                    self.each(row.get("words").unwrap_or(row), |_| Meaning::Tagged {
                        fact: fact.clone(),
                        tags: tags.clone(),
                    });
                }
            }
            "definitions" => {
                for row in list(value) {
                    let becomes = row.get("becomes").map(entries).unwrap_or_default();
                    let pairs = becomes
                        .iter()
                        .map(|(from, to)| [from.clone(), to.text().unwrap_or_default().to_owned()]);
                    self.lexicon.definitions.push((field(row, "of"), pairs.collect()));
                }
            }
            "sizes" => self.valued(value, Meaning::Size),
            "size_prefixes" => self.valued(value, Meaning::SizePrefix),
            "boards" => self.valued(value, Meaning::Board),
            "founders" => self.valued(value, Meaning::Founder),
            "titles" => {
                for title in list(value) {
                    let tags = field(title, "tags");
                    for word in field(title, "words") {
                        self.lexicon.add(&word, Meaning::Title(tags.clone()));
                    }
                }
            }
            "industries" => {
                for industry in list(value) {
                    let codes = codes(&field(industry, "codes"), CodeSystem::Industry);
                    for word in field(industry, "words") {
                        self.lexicon.add(&word, Meaning::Industry(codes.clone()));
                    }
                }
            }
            "since" => {
                for (fact, kinds) in entries(value) {
                    for (kind, words) in entries(kinds) {
                        self.each(words, |_| match kind.as_str() {
                            "verbs" => Meaning::SinceVerb(fact.clone()),
                            "running" => Meaning::SinceRunning(fact.clone()),
                            _ => Meaning::SinceNoun(fact.clone()),
                        });
                    }
                }
            }
            "places" => {
                for (fact, kinds) in entries(value) {
                    for (kind, words) in entries(kinds) {
                        self.each(words, |_| match kind.as_str() {
                            "verbs" => Meaning::PlaceVerb(vec![fact.clone()]),
                            _ => Meaning::PlaceNoun(fact.clone()),
                        });
                    }
                }
            }
            "place_pairs" => {
                for (name, facts) in entries(value) {
                    let pair = Meaning::PlaceVerb(texts(facts));
                    for meanings in &mut self.lexicon.entries {
                        for meaning in
                            meanings.iter_mut().filter(|one| **one == Meaning::PlaceVerb(vec![name.clone()]))
                        {
                            *meaning = pair.clone();
                        }
                    }
                }
            }
            "relative_places" => {
                for (level, words) in entries(value) {
                    let level = match level.as_str() {
                        "city" => Level::City,
                        "district" => Level::District,
                        _ => Level::Province,
                    };
                    self.each(words, |_| Meaning::Here(level));
                }
            }
            "named_places" => {
                for (code, words) in entries(value) {
                    let codes = codes(std::slice::from_ref(code), CodeSystem::Region);
                    self.each(words, |_| Meaning::Place(codes.clone()));
                }
            }
            "ratios" | "ratios_of_three_years" => {
                let rows = list(value).iter().filter_map(|row| <[String; 3]>::try_from(texts(row)).ok());
                match key {
                    "ratios" => self.lexicon.ratios.extend(rows),
                    _ => self.lexicon.ratios_of_three_years.extend(rows),
                }
            }
            "shares" | "growths" | "two_year_growths" | "means" => {
                for (from, to) in entries(value) {
                    let pair = (from.clone(), to.text().unwrap_or_default().to_owned());
                    let table = match key {
                        "shares" => &mut self.lexicon.shares,
                        "growths" => &mut self.lexicon.growths,
                        "means" => &mut self.lexicon.means,
                        _ => &mut self.lexicon.two_year_growths,
                    };
                    table.insert(pair.0, pair.1);
                }
            }
            "named_growths" => {
                for row in list(value) {
                    if let [of, first, last, fact] = texts(row).as_slice()
                        && let (Ok(first), Ok(last)) = (first.parse(), last.parse())
                    {
                        self.lexicon.named_growths.push((of.clone(), first, last, fact.clone()));
                    }
                }
            }
            "flags" | "need_relation" | "titles_left_out" => {}
            _ => self.problems.push(format!("facts: no section `{key}`")),
        }
    }

    /// Parks and buildings by level and noun: 区重点楼宇, with 本区 and 我区 for 区.
    fn parks(&mut self, value: &Node) {
        for (level, spellings) in value.get("levels").map(entries).unwrap_or_default() {
            for noun in field(value, "nouns") {
                for spelling in texts(spellings) {
                    self.lexicon.add(&format!("{spelling}{noun}"), Meaning::Park(format!("{level}{noun}")));
                }
            }
        }
    }

    fn keyed(&mut self, value: &Node, meaning: impl Fn(&str) -> Meaning) {
        for (key, words) in entries(value) {
            self.each(words, |_| meaning(key));
        }
    }

    fn valued(&mut self, value: &Node, meaning: impl Fn(Vec<String>) -> Meaning) {
        for row in list(value) {
            let values = field(row, "values");
            for word in field(row, "words") {
                self.lexicon.add(&word, meaning(values.clone()));
            }
        }
    }

    fn flag(&mut self, flag: &Node) {
        let leaf =
            entries(flag).iter().filter(|(key, _)| key != "words" && key != "alone").cloned().collect();
        let node = Node { value: Tree::Map(leaf), line: flag.line };
        let mut report = Report::new("seeds/lexicon/facts.yaml");
        let read = read_criterion(&node, "flags", FactDictionary::built_in(), &mut report);
        self.problems.extend(report.problems.iter().map(ToString::to_string));
        if let Some(Kind::Leaf(leaf)) = read.map(|criterion| criterion.node) {
            let alone = !self.lexicon.need_relation.contains(&leaf.fact) && flag.get("alone").is_none();
            for word in field(flag, "words") {
                self.lexicon.add(&word, Meaning::Flag { leaf: leaf.clone(), alone });
            }
        }
    }

    fn regions(&mut self) {
        let table = names(CodeSystem::Region);
        for (_, name) in table.iter() {
            if name.chars().count() >= 3 {
                self.lexicon.add(name, Meaning::Place(table.codes(name).to_vec()));
            }
        }
    }

    /// Sections and divisions of the industry code; their classes are too many words of everyday speech.
    fn industries(&mut self) {
        for (code, name) in names(CodeSystem::Industry).iter() {
            if code.key().len() <= 3 && name.chars().count() >= 3 && name.ends_with('业') {
                self.lexicon.add(name, Meaning::Industry(vec![code]));
            }
        }
    }

    /// Controlled values that are their own words.
    fn controlled_tags(&mut self) {
        let left_out = yaml(FACTS)
            .ok()
            .and_then(|documents| documents.first().map(|facts| field(facts, "titles_left_out")))
            .unwrap_or_default();
        let values = |key: &str| FactDictionary::built_in().get(key).map(|fact| fact.values.clone());
        for title in values("qualifications").unwrap_or_default() {
            if !left_out.contains(&title) {
                self.lexicon.add(&title, Meaning::Title(vec![title.clone()]));
            }
        }
        for field in values("local_industries").unwrap_or_default() {
            self.lexicon.add(&field, Meaning::Field(vec![field.clone()]));
        }
    }
}

/// `word` in the form that the grammar sees.
fn shape(word: &str) -> String {
    crate::sign::signs(word).iter().map(|sign| sign.c).collect()
}

fn codes(texts: &[String], system: CodeSystem) -> Vec<Code> {
    texts.iter().filter_map(|text| Code::parse(text, system)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_load() {
        let (lexicon, problems) = read(WORDS, UNITS, FACTS, CUES);
        assert_eq!(problems, Vec::<String>::new());
        let dictionary = FactDictionary::built_in();
        for meaning in lexicon.entries.iter().flatten() {
            let fact = match meaning {
                Meaning::Register(fact)
                | Meaning::Event(fact)
                | Meaning::PlaceNoun(fact)
                | Meaning::SinceVerb(fact)
                | Meaning::SinceNoun(fact) => fact,
                _ => continue,
            };
            assert!(dictionary.get(fact).is_some(), "no fact `{fact}`");
        }
        for [_, _, ratio] in lexicon.ratios.iter().chain(&lexicon.ratios_of_three_years) {
            assert!(dictionary.get(ratio).is_some(), "no fact `{ratio}`");
        }
        for (class, _) in Class::ALL {
            assert!(WORDS.contains(&format!("\n{class}:")), "no words for `{class}`");
        }
    }
}
