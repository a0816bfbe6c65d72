//! Explanation of a hit's score: its steps in Chinese, with the contribution of each term.
//!
//! Nothing is recomputed by another formula. The steps are those that produced the score (`rank::steps`); the terms
//! are the parts of the same query, or of the same query profile.

use serde::Serialize;
use tantivy::collector::DocSetCollector;
use tantivy::query::{BooleanQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Term};
use zhaoren_policy::document::Status;

use crate::analyze::WHOLE;
use crate::collect::Lengths;
use crate::corpus::Corpus;
use crate::entry::EntryKind;
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::frequency::Frequencies;
use crate::named::reason;
use crate::query::Understood;
use crate::rank::first::{PieceKind, QueryContext};
use crate::rank::steps::{Change, Group, Step, Why};

/// Explanation of a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The score: the result of the steps, applied in order from 0.
    pub score: f32,
    /// Steps in the order applied.
    pub steps: Vec<ExplainedStep>,
}

/// One step of a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedStep {
    /// Reason, in Chinese.
    pub why: String,
    /// Amount added to the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adds: Option<f32>,
    /// Factor applied to the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<f32>,
    /// Terms that `adds` is the sum of, largest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<ExplainedTerm>,
}

/// Contribution of one term.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTerm {
    /// The term: 词“补贴”.
    pub what: String,
    /// Amount it adds.
    pub adds: f32,
}

impl Corpus {
    /// Explanation of the score of a traced group.
    pub(crate) fn explanation(
        &self,
        group: &Group,
        understood: &Understood,
    ) -> Result<Option<Explanation>, IndexError> {
        let (Some(steps), Some(card)) = (&group.steps, self.cards.get(group.entry)) else { return Ok(None) };
        let mut explained = Vec::new();
        let says = |step: &&Step| !matches!(step.change, Change::Adds(0.0) | Change::Times(1.0));
        for step in steps.iter().filter(says) {
            let terms = self.terms(step, card, understood)?;
            let (adds, times) = match step.change {
                Change::Adds(value) => (Some(value), None),
                Change::Times(factor) => (None, Some(factor)),
            };
            explained.push(ExplainedStep { why: why(step, card), adds, times, terms });
        }
        Ok(Some(Explanation { score: group.score, steps: explained }))
    }

    /// Terms that a step is the sum of.
    fn terms(
        &self,
        step: &Step,
        card: &EntryMeta,
        understood: &Understood,
    ) -> Result<Vec<ExplainedTerm>, IndexError> {
        let mut terms = match &step.why {
            Why::Part(part) => self.part_terms(card, *part, understood)?,
            Why::Summand(name, part) => match self.address(card, *part)? {
                Some(at) => {
                    let terms = self.question_terms(understood, at.segment_ord, at.doc_id)?.into_iter();
                    let own = terms.filter(|(summand, ..)| summand == name);
                    own.map(|(name, text, adds)| ExplainedTerm { what: format!("{name}“{text}”"), adds })
                        .collect()
                }
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
        terms.retain(|term| term.adds != 0.0);
        terms.sort_by(|a, b| b.adds.total_cmp(&a.adds).then_with(|| a.what.cmp(&b.what)));
        Ok(terms)
    }

    /// Score of each part of the query in one part of an entry.
    fn part_terms(
        &self,
        card: &EntryMeta,
        part: usize,
        understood: &Understood,
    ) -> Result<Vec<ExplainedTerm>, IndexError> {
        let Some(at) = self.address(card, part)? else { return Ok(Vec::new()) };
        let searcher = self.reader.searcher();
        let lengths = Lengths { searcher: &searcher, lengths: &self.lengths };
        let scoring = EnableScoring::Enabled { searcher: &searcher, statistics_provider: &lengths };
        let segment = searcher.segment_reader(at.segment_ord);
        let counts = Frequencies::of(self.reader.searcher());
        let rarity = |field: Field, word: &str| self.rarity(&counts, field, word);
        let ground = QueryContext { fields: &self.fields, cutter: &self.cutter, rarity: &rarity };
        // A word that looks like a 代字 and occurs as none was searched as plain words.
        for pieces in [understood.pieces(ground), understood.word_pieces(ground)] {
            let mut terms = Vec::new();
            for piece in pieces {
                let mut scorer = piece.query.weight(scoring)?.scorer(segment, 1.0)?;
                let here = scorer.doc() == at.doc_id
                    || (scorer.doc() < at.doc_id && scorer.seek(at.doc_id) == at.doc_id);
                if here {
                    let what = format!("{}“{}”", kind(piece.kind), piece.text.trim_end_matches(WHOLE));
                    terms.push(ExplainedTerm { what, adds: scorer.score() });
                }
            }
            if !terms.is_empty() {
                return counts.checked(terms);
            }
        }
        counts.checked(Vec::new())
    }

    /// tantivy address of a part of an entry.
    fn address(&self, card: &EntryMeta, part: usize) -> Result<Option<DocAddress>, IndexError> {
        let term = |field, value| -> (Occur, Box<dyn Query>) {
            let term = Term::from_field_u64(field, value);
            (Occur::Must, Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
        };
        let query =
            BooleanQuery::new(vec![term(self.fields.entry, card.key), term(self.fields.part, part as u64)]);
        let found = self.reader.searcher().search(&query, &DocSetCollector)?;
        Ok(found.into_iter().next())
    }
}

fn kind(kind: PieceKind) -> &'static str {
    match kind {
        PieceKind::Mention => "提到文号",
        PieceKind::Organ => "机关代字",
        PieceKind::Word => "词",
        PieceKind::Place => "地名",
        PieceKind::Support => "支持用语",
        PieceKind::Phrase => "短语",
        PieceKind::Pair => "相邻两字",
    }
}

/// Description of a step in Chinese.
fn why(step: &Step, card: &EntryMeta) -> String {
    let named = |part: usize| match part.checked_sub(1).and_then(|clause| card.clauses.get(clause)) {
        Some(clause) if clause.article.is_empty() => "正文".to_owned(),
        Some(clause) => format!("条款“{}”", clause.article),
        None => "标题与全文".to_owned(),
    };
    match &step.why {
        Why::Part(part) => format!("{}最相符", named(*part)),
        Why::Shares(share, parts) => {
            let mut names: Vec<String> = parts.iter().map(|part| named(*part)).collect();
            names.dedup();
            format!("{}也相符，按 {share} 计入", names.join("、"))
        }
        Why::Summand(name, part) => format!("{}：{name}", named(*part)),
        Why::FirstPhase => "初查相符，未逐字重读，排在重读过的之后".to_owned(),
        Why::Named => match step.change {
            Change::Adds(bonus) => reason(bonus).to_owned(),
            Change::Times(_) => String::new(),
        },
        Why::Known => match step.change {
            Change::Adds(_) => "问的就是这一事项：名称、别称，或常见的问法".to_owned(),
            Change::Times(_) => "本库没有所问的事项，文件排在相近的事项之后".to_owned(),
        },
        Why::Prior => {
            let what = if card.kind == EntryKind::Item { "，可申报的事项优先" } else { "" };
            let less = if card.document.status == Status::InForce { "" } else { "（靠后）" };
            format!("{}{less}{what}", card.document.status.name())
        }
        Why::Verbatim => "原文有所查的一段，一字不差".to_owned(),
        Why::NearTitle => "标题中所查的词占比".to_owned(),
    }
}
