//! Criteria of an item: the conditions of its own passage and those that it inherits, each with its place in the text.

use std::collections::BTreeMap;
use std::ops::Range;

use zhaoren_cancel::{poll, steps};
use zhaoren_conditions::{Proposal, Reading};
use zhaoren_policy::code::Code;
use zhaoren_policy::criterion::{Criterion, Node};
use zhaoren_policy::fact::FactDictionary;

use crate::model::{CriterionSpan, NamedSpan};

/// Longest passage that is read as conditions, in bytes.
const LONGEST: usize = 30_000;

/// Most criteria of an item side by side; the longest guides have some dozens.
const MOST_CRITERIA: usize = 300;

/// Reader of conditions that reads each passage once.
pub(crate) struct Conditions<'a> {
    text: &'a str,
    region: Option<&'a Code>,
    dictionary: &'a FactDictionary,
    passages: BTreeMap<(usize, usize), Passage>,
}

/// Passage as it was read.
#[derive(Clone, Debug)]
struct Passage {
    /// Criteria that must all hold, each with the places of its leaves and judged clauses by their path in it.
    criteria: Vec<(Criterion, Vec<CriterionSpan>)>,
    unread: Vec<NamedSpan>,
    proposed: Vec<Proposal>,
}

/// Criteria of an item with everything that they leave over.
#[derive(Clone, Debug)]
pub(crate) struct ItemCriteria {
    pub(crate) criteria: Criterion,
    pub(crate) evidence: Vec<CriterionSpan>,
    pub(crate) unread: Vec<NamedSpan>,
    pub(crate) proposed: Vec<Proposal>,
}

impl<'a> Conditions<'a> {
    pub(crate) fn new(text: &'a str, region: Option<&'a Code>, dictionary: &'a FactDictionary) -> Self {
        Self { text, region, dictionary, passages: BTreeMap::new() }
    }

    fn passage(&mut self, span: &Range<usize>) -> &Passage {
        let (text, region, dictionary) = (self.text, self.region, self.dictionary);
        self.passages
            .entry((span.start, span.end))
            .or_insert_with(|| Passage::read(text, span, region, dictionary))
    }

    /// Criteria of all of `passages`, in their order.
    ///
    /// Judged clauses within `amounts` that say only how much are left out: 可按不超过合同金额的15%.
    pub(crate) fn of(&mut self, passages: &[Range<usize>], amounts: &[Range<usize>]) -> ItemCriteria {
        let mut all: Vec<(Criterion, Vec<CriterionSpan>)> = Vec::new();
        let (mut unread, mut proposed) = (Vec::new(), Vec::<Proposal>::new());
        for span in passages {
            poll();
            let passage = self.passage(span);
            for (criterion, places) in &passage.criteria {
                let known = all.iter().any(|(known, _)| known == criterion);
                if all.len() < MOST_CRITERIA && !known && !says_amount(criterion, places, amounts) {
                    all.push((criterion.clone(), places.clone()));
                }
            }
            unread.extend(passage.unread.iter().cloned());
            for one in &passage.proposed {
                if !proposed.contains(one) {
                    proposed.push(one.clone());
                }
            }
        }
        let single = all.len() == 1;
        let mut evidence = Vec::new();
        let mut of = Vec::new();
        for (index, (criterion, places)) in all.into_iter().enumerate() {
            let root = if single { String::new() } else { format!("all[{index}]") };
            evidence
                .extend(places.into_iter().map(|one| CriterionSpan { path: join(&root, &one.path), ..one }));
            of.push(criterion);
        }
        let criteria = match of.pop() {
            Some(only) if of.is_empty() => only,
            last => {
                of.extend(last);
                Criterion::without_evidence(Node::All(of))
            }
        };
        ItemCriteria { criteria, evidence, unread, proposed }
    }
}

impl Passage {
    fn read(text: &str, span: &Range<usize>, region: Option<&Code>, dictionary: &FactDictionary) -> Self {
        let most = span.end.min(span.start.saturating_add(LONGEST));
        let end = (span.start..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(span.start);
        let words = text.get(span.start..end).unwrap_or_default();
        let Reading { criteria, unread, proposed, .. } = zhaoren_conditions::read(words, region, dictionary);
        let parts = match criteria {
            Criterion { node: Node::All(of), quote: None, .. } => of,
            other => vec![other],
        };
        let mut from = 0;
        let mut placed = Vec::new();
        for part in parts {
            let mut places = Vec::new();
            place(&part, "", words, &mut from, &mut places);
            for one in &mut places {
                one.span = span.start + one.span.start..span.start + one.span.end;
            }
            placed.push((part, places));
        }
        let mut left: Vec<NamedSpan> = unread
            .into_iter()
            .map(|one| NamedSpan { text: one.text, span: span.start + one.from..span.start + one.to })
            .collect();
        if end < span.end {
            // Beyond the longest passage nothing is read.
            left.push(NamedSpan {
                text: text.get(end..span.end).unwrap_or_default().chars().take(200).collect(),
                span: end..span.end,
            });
        }
        Self { criteria: placed, unread: left, proposed }
    }
}

/// True if a judged clause is a part of the amount: it begins with its words and stands in its passage.
fn says_amount(criterion: &Criterion, places: &[CriterionSpan], amounts: &[Range<usize>]) -> bool {
    #[rustfmt::skip]
    const BEGINNINGS: &[&str] = &[
        "可按", "按", "最高", "给予", "单个", "每", "不超过", "可给予", "且不超过", "支持金额", "补贴", "可享受",
        "一次性", "奖励",
    ];
    let (Node::Judged(text), [place]) = (&criterion.node, places) else { return false };
    let begins = BEGINNINGS.iter().any(|word| text.starts_with(word));
    let at = place.span.start;
    begins
        && text.contains(['%', '元', '％'])
        && amounts.iter().any(|amount| amount.start <= at && at < amount.end)
}

/// Places in `words` of the leaves and judged clauses of `criterion`, in bytes of `words`; `from` is where the next is looked
/// for first.
fn place(criterion: &Criterion, path: &str, words: &str, from: &mut usize, found: &mut Vec<CriterionSpan>) {
    poll();
    let quote = criterion.quote.as_deref().or(match &criterion.node {
        Node::Judged(text) => Some(text.as_str()),
        _ => None,
    });
    if let Some(quote) = quote.filter(|quote| !quote.is_empty()) {
        steps(words.len() as u64);
        let ahead = words.get(*from..).and_then(|rest| rest.find(quote)).map(|at| *from + at);
        if let Some(start) = ahead.or_else(|| words.find(quote)) {
            *from = start;
            found.push(CriterionSpan { path: path.to_owned(), span: start..start + quote.len() });
        }
    }
    for (step, child) in criterion.children() {
        place(child, &join(path, &step), words, from, found);
    }
}

/// `path` continued by `step`, as paths of reports are.
fn join(path: &str, step: &str) -> String {
    match (path.is_empty(), step.is_empty()) {
        (true, _) => step.to_owned(),
        (_, true) => path.to_owned(),
        _ => format!("{path}.{step}"),
    }
}

/// Number of leaves and of judged clauses.
pub(crate) fn counts(criterion: &Criterion) -> (usize, usize) {
    let mut counts = (0, 0);
    criterion.walk(&mut |_, one| match one.node {
        Node::Leaf(_) => counts.0 += 1,
        Node::Judged(_) => counts.1 += 1,
        _ => {}
    });
    counts
}
