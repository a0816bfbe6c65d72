//! Criteria of an item: the conditions of its own passage and those that it inherits, each with its place in the text.

use std::collections::BTreeMap;
use std::ops::Range;

use zhaoren_cancel::poll;
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
    read: BTreeMap<(usize, usize), Reading>,
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
        Self { text, region, dictionary, read: BTreeMap::new() }
    }

    fn reading(&mut self, span: &Range<usize>) -> &Reading {
        let (text, region, dictionary) = (self.text, self.region, self.dictionary);
        self.read.entry((span.start, span.end)).or_insert_with(|| {
            let end = span.end.min(span.start + LONGEST);
            let end = (span.start..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(span.start);
            zhaoren_conditions::read(text.get(span.start..end).unwrap_or_default(), region, dictionary)
        })
    }

    /// Criteria of all of `passages`, in their order.
    ///
    /// Judged clauses within `amounts` that say only how much are left out: 可按不超过合同金额的15%.
    pub(crate) fn of(&mut self, passages: &[Range<usize>], amounts: &[Range<usize>]) -> ItemCriteria {
        let mut all: Vec<(Criterion, Range<usize>)> = Vec::new();
        let (mut unread, mut proposed) = (Vec::new(), Vec::<Proposal>::new());
        for span in passages {
            poll();
            let reading = self.reading(span).clone();
            let parts = match reading.criteria {
                Criterion { node: Node::All(of), quote: None, .. } => of,
                other => vec![other],
            };
            for part in parts {
                if self.says_amount(&part, span, amounts) {
                    continue;
                }
                if all.len() < MOST_CRITERIA && !all.iter().any(|(known, _)| *known == part) {
                    all.push((part, span.clone()));
                }
            }
            for one in reading.unread {
                unread.push(NamedSpan { text: one.text, span: span.start + one.from..span.start + one.to });
            }
            for one in reading.proposed {
                if !proposed.contains(&one) {
                    proposed.push(one);
                }
            }
        }
        let mut evidence = Vec::new();
        let single = all.len() == 1;
        for (index, (criterion, span)) in all.iter().enumerate() {
            let path = if single { String::new() } else { format!("all[{index}]") };
            let mut from = span.start;
            self.places(criterion, &path, span, &mut from, &mut evidence);
        }
        let mut of: Vec<Criterion> = all.into_iter().map(|(criterion, _)| criterion).collect();
        let criteria = match of.pop() {
            Some(only) if of.is_empty() => only,
            last => {
                of.extend(last);
                Criterion::without_evidence(Node::All(of))
            }
        };
        ItemCriteria { criteria, evidence, unread, proposed }
    }

    /// True if a judged clause is a part of the amount: it begins with its words and stands in its passage.
    fn says_amount(&self, criterion: &Criterion, span: &Range<usize>, amounts: &[Range<usize>]) -> bool {
        #[rustfmt::skip]
        const BEGINNINGS: &[&str] = &[
            "可按", "按", "最高", "给予", "单个", "每", "不超过", "可给予", "且不超过", "支持金额", "补贴", "可享受",
            "一次性", "奖励",
        ];
        let Node::Judged(text) = &criterion.node else { return false };
        let begins = BEGINNINGS.iter().any(|word| text.starts_with(word));
        let has_sum = text.contains(['%', '元', '％']);
        let inside = || {
            let passage = self.text.get(span.start..self.ceil(span.end)).unwrap_or_default();
            let at = passage.find(text.as_str()).map(|at| span.start + at);
            at.is_some_and(|at| amounts.iter().any(|amount| amount.start <= at && at < amount.end))
        };
        begins && has_sum && inside()
    }

    /// Places of the leaves and judged clauses of `criterion`; `from` is where the next is looked for first.
    fn places(
        &self,
        criterion: &Criterion,
        path: &str,
        span: &Range<usize>,
        from: &mut usize,
        found: &mut Vec<CriterionSpan>,
    ) {
        poll();
        let words = criterion.quote.as_deref().or(match &criterion.node {
            Node::Judged(text) => Some(text.as_str()),
            _ => None,
        });
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            let end = self.ceil(span.end);
            let ahead = self.text.get(*from..end).and_then(|rest| rest.find(words)).map(|at| *from + at);
            let whole =
                || self.text.get(span.start..end).and_then(|rest| rest.find(words)).map(|at| span.start + at);
            if let Some(start) = ahead.or_else(whole) {
                *from = start;
                found.push(CriterionSpan { path: path.to_owned(), span: start..start + words.len() });
            }
        }
        for (key, child) in criterion.children() {
            let inner = match (path.is_empty(), key.starts_with('[')) {
                (true, _) => key,
                (false, true) => format!("{path}{key}"),
                (false, false) => format!("{path}.{key}"),
            };
            self.places(child, &inner, span, from, found);
        }
    }

    fn ceil(&self, at: usize) -> usize {
        (at..=self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len())
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
