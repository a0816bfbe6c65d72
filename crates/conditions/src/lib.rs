//! Official prose to criteria (申报条件): what a condition section asks of an enterprise, as the typed tree that items carry.
//!
//! [`read`] is a grammar, not a guess: the same text always gives the same criteria, and no model or network is involved. Its
//! vocabulary is data (`seeds/lexicon`), its structure is code. It errs on one side: a phrase of which any word is not understood
//! becomes a judged clause with its verbatim text, and text that is no condition is left unread and named.
//!
//! [`score`] compares readings with labels, by leaf and by whole tree.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod class;
mod draft;
mod grammar;
mod lexicon;
mod outline;
mod reader;
pub mod score;
mod segment;
mod sign;
mod token;
pub mod wording;
mod wrap;

use serde_json::{Value, json};
use zhaoren_policy::code::{Code, CodeSystem, reading};
use zhaoren_policy::criterion::{Criterion, Leaf, Node, Test, When, tree};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_text::simplify;

use grammar::Setting;
use lexicon::Lexicon;
pub use reader::accepted_fact;
pub use segment::{Segment, SegmentKind};

/// Criteria read from a text, with everything that they do not account for.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Criteria; empty conjunction if the text asks nothing of an enterprise. Every leaf carries its quote.
    pub criteria: Criterion,
    /// Passages that are neither a criterion nor judged: grants, deadlines, materials, procedure.
    pub unread: Vec<Passage>,
    /// Facts that judged clauses would need and the dictionary does not have.
    pub proposed: Vec<Proposal>,
    /// Parts of the text with what each was read as, in order and without a gap.
    pub segments: Vec<Segment>,
}

/// Passage of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// First byte of the text in UTF-8.
    pub from: usize,
    /// Byte behind the last.
    pub to: usize,
    /// Verbatim text.
    pub text: String,
}

/// Proposal for a fact that the dictionary does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Key, the same for every mention of the name.
    pub key: String,
    /// Name as the text has it.
    pub name: String,
    /// Type of its values.
    pub kind: ProposalType,
    /// Unit; empty for a ratio.
    pub unit: String,
    /// One value, or one a year.
    pub period: ProposalPeriod,
    /// Tests that the text asks of it.
    pub tests: Vec<Test>,
    /// Judged clause that it would replace, verbatim.
    pub quote: String,
}

/// Type of a proposed fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalType {
    /// Amount in yuan.
    Money,
    /// Fraction.
    Ratio,
    /// Whole number.
    Integer,
    /// Decimal number.
    Decimal,
}

/// Number of values of a proposed fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalPeriod {
    /// Value on the evaluation date.
    Current,
    /// One value per fiscal year.
    Year,
}

/// Longest text that is read, in bytes: several times the longest condition section of a guide.
pub const LONGEST: usize = 200_000;

/// Reads the conditions of `text`. `region` is what 本市 and 本区 mean; without it they are not understood.
///
/// The time is proportional to the length of the text; beyond [`LONGEST`] bytes the text is unread as a whole.
pub fn read(text: &str, region: Option<&Code>, dictionary: &FactDictionary) -> Reading {
    if text.len() > LONGEST {
        let whole = Passage { from: 0, to: text.len(), text: text.to_owned() };
        return Reading {
            criteria: Criterion::without_evidence(Node::All(Vec::new())),
            unread: vec![whole],
            proposed: Vec::new(),
            segments: segment::unread(text),
        };
    }
    let setting = Setting { lexicon: Lexicon::built_in(), dictionary, region, ladder: false, bare: false };
    reader::read(text, setting)
}

/// Region by its code or by its name: `310104`, 徐汇区, 上海市徐汇区; `None` if it is neither, or if several have the name.
pub fn region(text: &str) -> Option<Code> {
    if let Some(code) = Code::parse(text.trim(), CodeSystem::Region) {
        return Some(code);
    }
    match reading::read(&simplify(text).text, CodeSystem::Region)?.codes.as_slice() {
        [code] => Some(code.clone()),
        _ => None,
    }
}

impl Reading {
    /// Criteria, unread passages, proposals, segments and coverage as JSON. The criteria are in the form of items.
    pub fn to_json(&self) -> Value {
        let unread: Vec<Value> =
            self.unread.iter().map(|one| json!({"from": one.from, "to": one.to, "text": one.text})).collect();
        let proposed: Vec<Value> = self.proposed.iter().map(Proposal::to_json).collect();
        let segments: Vec<Value> = self.segments.iter().map(Segment::to_json).collect();
        let coverage = (self.coverage() * 10_000.0).round() / 10_000.0;
        json!({
            "criteria": criteria_json(&self.criteria), "unread": unread, "proposed": proposed,
            "segments": segments, "coverage": coverage,
        })
    }
}

/// `criteria` as JSON in the form of items.
pub fn criteria_json(criteria: &Criterion) -> Value {
    let mut value = tree(criteria).to_json();
    without_default_count(&mut value);
    value
}

/// Leaves out the count of alternatives where it is 1.
fn without_default_count(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            if entries.contains_key("any") && entries.get("count").and_then(Value::as_u64) == Some(1) {
                entries.remove("count");
            }
            entries.values_mut().for_each(without_default_count);
        }
        Value::Array(list) => list.iter_mut().for_each(without_default_count),
        _ => {}
    }
}

impl Proposal {
    /// Proposal as JSON, with the leaf that would use it.
    pub fn to_json(&self) -> Value {
        let leaf = tree(&Criterion::without_evidence(Node::Leaf(self.leaf()))).to_json();
        json!({
            "key": self.key, "name": self.name, "type": self.kind.name(), "unit": self.unit,
            "period": self.period.name(), "leaf": leaf, "quote": self.quote,
        })
    }

    /// The leaf that would use the fact.
    fn leaf(&self) -> Leaf {
        let when = match self.period {
            ProposalPeriod::Current => When::Current,
            ProposalPeriod::Year => When::LastYear,
        };
        Leaf { fact: self.key.clone(), when, tests: self.tests.clone() }
    }
}

impl ProposalType {
    /// Name in a fact dictionary.
    fn name(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Ratio => "ratio",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
        }
    }
}

impl ProposalPeriod {
    /// Name in a fact dictionary.
    fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Year => "year",
        }
    }
}
