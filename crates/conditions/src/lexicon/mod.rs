//! Lexicon (词表) of conditions: the words of policies with their meanings, read from `seeds/lexicon/*.yaml`.
//!
//! Vocabulary is data; the grammar above it is code. A word may have several meanings, and the grammar takes the one that fits.

mod load;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use zhaoren_policy::code::Code;
use zhaoren_policy::criterion::Leaf;

use crate::class::Class;
use crate::sign::Sign;

/// Meaning of a word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// Function word.
    Function(Class),
    /// Unit of a number.
    Unit(Unit),
    /// Number fact, or the name of a part of a ratio that is no fact.
    Quantity(String),
    /// Property with one leaf; `alone` if the word by itself is a condition.
    Flag { leaf: Leaf, alone: bool },
    /// Register of defaulters: a boolean fact.
    Register(String),
    /// Event: the date fact of its last occurrence.
    Event(String),
    /// Titles.
    Title(Vec<String>),
    /// Noun of a relation to a place: the code fact.
    PlaceNoun(String),
    /// Verb of a relation to a place: the code facts.
    PlaceVerb(Vec<String>),
    /// Named places, several where districts share a name.
    Place(Vec<Code>),
    /// Place relative to the region of the text.
    Here(Level),
    /// Verb at the beginning of something: a date fact.
    SinceVerb(String),
    /// Noun for the time since something began: a date fact.
    SinceNoun(String),
    /// Verb for a going concern: a date fact.
    SinceRunning(String),
    /// Industry codes.
    Industry(Vec<Code>),
    /// Tags of locally favoured fields.
    Field(Vec<String>),
    /// Size classes.
    Size(Vec<String>),
    /// Boards of listing.
    Board(Vec<String>),
    /// Kinds of founders.
    Founder(Vec<String>),
    /// Noun before a kind of founder.
    FounderNoun,
    /// Noun before a tax credit grade.
    GradeNoun,
    /// Name of a size class by itself.
    SizeName(String),
    /// Size classes before an industry.
    SizePrefix(Vec<String>),
    /// Park, building or zone: its tag.
    Park(String),
    /// Standard that an enterprise can lead: the number fact.
    Standard(String),
    /// Tags of a fact that needs a relation: awards, institutions, certificates.
    Tagged {
        /// Tags fact.
        fact: String,
        /// Tags that the word means.
        tags: Vec<String>,
    },
}

/// Level of a place relative to the region of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// 本省.
    Province,
    /// 本市.
    City,
    /// 本区.
    District,
}

/// Unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// No unit.
    None,
    /// Yuan.
    Yuan,
    /// Fraction, written as a percentage or per mille.
    Percent,
    /// Persons.
    People,
    /// Pieces.
    Piece,
    /// Square metres.
    SquareMetre,
    /// Points of a score.
    Point,
    /// Level of a scale.
    Level,
    /// United States dollars.
    Dollar,
    /// Other foreign money, or money in any currency.
    Foreign,
}

/// Words with their meanings, and the tables between facts.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    steps: HashMap<(u32, char), u32>,
    /// Entry of each node of the tree of letters.
    ends: HashMap<u32, usize>,
    nodes: u32,
    entries: Vec<Vec<Meaning>>,
    /// Word of each entry.
    words: Vec<String>,
    /// Numerator, denominator, ratio.
    pub(crate) ratios: Vec<[String; 3]>,
    /// The same over the sums of three years.
    pub(crate) ratios_of_three_years: Vec<[String; 3]>,
    /// Ratio that a quantity's share means without a denominator.
    pub(crate) shares: BTreeMap<String, String>,
    /// Fact of a quantity's growth over the year before.
    pub(crate) growths: BTreeMap<String, String>,
    /// Fact of a quantity's mean within a year.
    pub(crate) means: BTreeMap<String, String>,
    /// Upper bounds that together are a legal definition: the facts that say so, and what each quantity then means.
    pub(crate) definitions: Vec<(Vec<String>, Vec<[String; 2]>)>,
    /// Fact of a quantity's mean growth over two years.
    pub(crate) two_year_growths: BTreeMap<String, String>,
    /// Quantity, first and last year, fact of the growth between them.
    pub(crate) named_growths: Vec<(String, i16, i16, String)>,
    /// Tax credit grades, best first.
    pub(crate) grades: Vec<String>,
    /// Words that tell conditions from other text, by class.
    pub(crate) cues: BTreeMap<String, Vec<String>>,
    /// Words that need a relation are conditions only with one.
    need_relation: Vec<String>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(load::built_in);

impl Lexicon {
    /// Lexicon that ships with the program.
    pub(crate) fn built_in() -> &'static Self {
        &LEXICON
    }

    /// Meanings of an entry.
    pub(crate) fn meanings(&self, entry: usize) -> &[Meaning] {
        self.entries.get(entry).map_or(&[], Vec::as_slice)
    }

    /// Word of an entry.
    pub(crate) fn word(&self, entry: usize) -> &str {
        self.words.get(entry).map_or("", String::as_str)
    }

    /// Longest word at the start of `signs`: its entry and its length.
    pub(crate) fn longest(&self, signs: &[Sign]) -> Option<(usize, usize)> {
        let mut node = 0;
        let mut best = None;
        for (at, sign) in signs.iter().enumerate() {
            zhaoren_cancel::poll();
            let Some(next) = self.steps.get(&(node, sign.c)) else { break };
            node = *next;
            if let Some(entry) = self.ends.get(&node) {
                best = Some((*entry, at + 1));
            }
        }
        best
    }

    /// Length of the longest word of a class at the start of `signs`, also where a longer word of another class begins there.
    pub(crate) fn longest_of(&self, signs: &[Sign], class: Class) -> Option<usize> {
        let mut node = 0;
        let mut best = None;
        for (at, sign) in signs.iter().enumerate() {
            zhaoren_cancel::poll();
            let Some(next) = self.steps.get(&(node, sign.c)) else { break };
            node = *next;
            let is_of_class = |entry: &usize| self.meanings(*entry).contains(&Meaning::Function(class));
            if self.ends.get(&node).is_some_and(is_of_class) {
                best = Some(at + 1);
            }
        }
        best
    }

    /// Cue words of a class.
    pub(crate) fn cues(&self, class: &str) -> &[String] {
        self.cues.get(class).map_or(&[], Vec::as_slice)
    }

    /// Adds a meaning to a word, which is written in the form that the grammar sees.
    fn add(&mut self, word: &str, meaning: Meaning) {
        let mut node = 0;
        let signs = crate::sign::signs(word);
        for sign in &signs {
            let fresh = self.nodes + 1;
            let next = *self.steps.entry((node, sign.c)).or_insert(fresh);
            self.nodes = self.nodes.max(next);
            node = next;
        }
        if node == 0 {
            return;
        }
        let entry = *self.ends.entry(node).or_insert(self.entries.len());
        match self.entries.get_mut(entry) {
            Some(meanings) if meanings.contains(&meaning) => {}
            Some(meanings) => meanings.push(meaning),
            None => {
                self.entries.push(vec![meaning]);
                self.words.push(signs.iter().map(|sign| sign.c).collect());
            }
        }
    }
}
