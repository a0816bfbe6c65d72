//! Refusals (未通过) set against the answer of this program on the day of the application: which clause or which fact was wrong.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_matcher::ClauseReport;
use zhaoren_policy::verdict::{ClauseState, Verdict};

/// Answer of the program on the item on the day of the application, from the receipt or from the records of that day.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorMatch {
    /// Verdict.
    pub verdict: Verdict,
    /// Clauses with their state.
    pub clauses: Vec<ClauseReport>,
    /// Source of each fact that was used, by key of the fact.
    pub sources: BTreeMap<String, String>,
}

/// Refusal as the office reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Enterprise.
    pub enterprise: String,
    /// Item.
    pub item: String,
    /// Day of the decision.
    pub on: Option<Date>,
    /// Office.
    pub office: String,
    /// Reason in the words of the office.
    pub reason: String,
    /// Path of the clause that was not met, as reports give it; `None` if the office does not say.
    pub clause: Option<String>,
    /// Key of the fact that was different; `None` if the office does not say.
    pub fact: Option<String>,
}

/// Kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The program had answered that the enterprise does not qualify, or that the clause is not met.
    Foreseen,
    /// The program had left it open: the clause was unknown or to be judged.
    Open,
    /// A fact was wrong: its source and the finding of the office differ.
    WrongFact,
    /// No fact is named: the rule was read or encoded differently than the office applies it.
    WrongRule,
    /// The office names neither clause nor fact, or one that the item does not have.
    Unexplained,
    /// No answer of the program is on record.
    NoRecord,
}

impl FindingKind {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Foreseen => "系统已判为不符合",
            Self::Open => "系统判为待定",
            Self::WrongFact => "数据有误",
            Self::WrongRule => "条件理解有误",
            Self::Unexplained => "原因不明",
            Self::NoRecord => "无当日判定记录",
        }
    }
}

/// Record of a refusal: what was wrong, and who can mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Enterprise.
    pub enterprise: String,
    /// Item.
    pub item: String,
    /// Day of the decision.
    pub on: Option<Date>,
    /// Office that decided.
    pub office: String,
    /// Kind.
    pub kind: FindingKind,
    /// Name of the kind.
    pub kind_name: &'static str,
    /// Clause in words.
    pub clause: Option<String>,
    /// Path of the clause.
    pub path: Option<String>,
    /// Key of the fact.
    pub fact: Option<String>,
    /// Source of the fact.
    pub source: Option<String>,
    /// Reason in the words of the office.
    pub reason: String,
}

impl Finding {
    /// Sets a refusal against the answer of that day; `None` if none is on record.
    pub fn of(refusal: &Refusal, prior: Option<&PriorMatch>) -> Self {
        let clause = prior.and_then(|prior| clause_of(refusal, prior));
        let fact = refusal.fact.clone().or_else(|| clause.and_then(|clause| clause.fact.clone()));
        let kind = match (prior, clause) {
            (None, _) => FindingKind::NoRecord,
            (Some(prior), _) if prior.verdict == Verdict::Ineligible => FindingKind::Foreseen,
            (_, Some(clause)) => match clause.state {
                ClauseState::Met if fact.is_some() => FindingKind::WrongFact,
                ClauseState::Met => FindingKind::WrongRule,
                ClauseState::Unmet => FindingKind::Foreseen,
                ClauseState::Unknown | ClauseState::Judged => FindingKind::Open,
            },
            (Some(prior), None) if prior.verdict == Verdict::Undetermined => FindingKind::Open,
            (Some(_), None) => FindingKind::Unexplained,
        };
        let source = fact.as_ref().and_then(|fact| prior?.sources.get(fact).cloned());
        Self {
            enterprise: refusal.enterprise.clone(),
            item: refusal.item.clone(),
            on: refusal.on,
            office: refusal.office.clone(),
            kind,
            kind_name: kind.name(),
            clause: clause.map(|clause| clause.text.clone()),
            path: clause.map(|clause| clause.path.clone()),
            fact,
            source,
            reason: refusal.reason.clone(),
        }
    }
}

/// The clause that a refusal names: by its path, or as the only one on the fact.
fn clause_of<'a>(refusal: &Refusal, prior: &'a PriorMatch) -> Option<&'a ClauseReport> {
    if let Some(path) = &refusal.clause {
        return prior.clauses.iter().find(|clause| clause.path == *path);
    }
    let fact = refusal.fact.as_ref()?;
    let mut on_fact = prior.clauses.iter().filter(|clause| clause.fact.as_ref() == Some(fact));
    let first = on_fact.next()?;
    // Of several clauses on one fact, one that was met is the surprise.
    Some(on_fact.chain([first]).find(|clause| clause.state == ClauseState::Met).unwrap_or(first))
}

/// Number of findings by what they name: clause, source, office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingCount {
    /// Item.
    pub item: String,
    /// Clause in words; empty if none is named.
    pub clause: String,
    /// Source; empty if none is known.
    pub source: String,
    /// Office.
    pub office: String,
    /// Kind.
    pub kind: FindingKind,
    /// Number.
    pub count: usize,
}

/// Counts findings, the most frequent first.
pub fn counts(findings: &[Finding]) -> Vec<FindingCount> {
    let mut by_key: BTreeMap<(&str, &str, &str, &str, FindingKind), usize> = BTreeMap::new();
    for one in findings {
        let key = (
            one.item.as_str(),
            one.clause.as_deref().unwrap_or_default(),
            one.source.as_deref().unwrap_or_default(),
            one.office.as_str(),
            one.kind,
        );
        *by_key.entry(key).or_default() += 1;
    }
    let mut counts: Vec<FindingCount> = by_key
        .into_iter()
        .map(|((item, clause, source, office, kind), count)| FindingCount {
            item: item.to_owned(),
            clause: clause.to_owned(),
            source: source.to_owned(),
            office: office.to_owned(),
            kind,
            count,
        })
        .collect();
    // The sort is stable, so that equal counts stay in the order of their keys.
    counts.sort_by_key(|one| std::cmp::Reverse(one.count));
    counts
}
