//! Exceptions told after their rule: A；B的企业，C. And the grade that a new enterprise may have instead.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::calendar::{CalendarSpan, SpanUnit};
use zhaoren_policy::criterion::{Arm, Criterion, Leaf, Node, Span, Test, When};
use zhaoren_policy::fact::Value;

use super::{Reader, quoted};
use crate::draft;
use crate::grammar::{Context, phrase};
use crate::outline::{find, find_any, trimmed};
use crate::segment::SegmentKind;
use crate::token::{Kind, tokens};

/// Words before what an exception has instead.
const INSTEAD: [&str; 6] = ["可为", "可放宽至", "可放宽到", "放宽至", "放宽到", "可以为"];

impl Reader<'_> {
    /// Rule and exception of `parts`, if both ask for the same quantity: case of the exception, then the rule.
    pub(super) fn exception(&mut self, range: Range<usize>, parts: &[Range<usize>]) -> Option<Criterion> {
        let [rule, special] = parts else { return None };
        let (rule, special) = (trimmed(&self.signs, rule.clone()), trimmed(&self.signs, special.clone()));
        let mut context: Context = None;
        let otherwise = self.one_leaf(rule.clone(), &mut context)?;
        let Node::Leaf(asked) = otherwise.node.clone() else { return None };
        if let Some(read) = self.instead(&asked, special.clone()) {
            let mut read = draft::any(vec![otherwise, read]);
            quoted(std::slice::from_mut(&mut read), self.verbatim(range.clone()));
            self.note(range, SegmentKind::Criterion);
            return Some(read);
        }
        for at in special.clone() {
            poll();
            if self.signs.get(at).is_none_or(|sign| sign.c != '的') {
                continue;
            }
            let Some(then) = self.one_leaf(at + 1..special.end, &mut context.clone()) else { continue };
            let Node::Leaf(leaf) = &then.node else { continue };
            let same = leaf.fact == asked.fact && leaf.when == asked.when;
            let setting = self.setting;
            let list = tokens(&self.signs, special.start, at, setting.lexicon);
            let when = phrase(&list, setting, &mut None).filter(|when| same && !when.is_empty());
            let Some(mut when) = when else { continue };
            quoted(&mut when, self.verbatim(special.clone()));
            let mut then = vec![then];
            quoted(&mut then, self.verbatim(special.clone()));
            let mut rest = vec![otherwise];
            quoted(&mut rest, self.verbatim(rule));
            let arm = Arm { when: draft::all(when), then: draft::all(then) };
            let otherwise = Some(Box::new(draft::all(rest)));
            let mut case = Criterion::without_evidence(Node::Case { arms: vec![arm], otherwise });
            case.quote = Some(self.verbatim(range.clone()).to_owned());
            self.note(range, SegmentKind::Criterion);
            return Some(case);
        }
        None
    }

    /// The only leaf of `range`, a comparison.
    fn one_leaf(&self, range: Range<usize>, context: &mut Context) -> Option<Criterion> {
        let setting = self.setting;
        let list = tokens(&self.signs, range.start, range.end, setting.lexicon);
        let [read] = <[Criterion; 1]>::try_from(phrase(&list, setting, context)?).ok()?;
        let compares = matches!(&read.node, Node::Leaf(leaf)
            if leaf.tests.iter().all(|test| matches!(test, Test::Number(..) | Test::Elapsed(..)))
                || leaf.fact == "tax_credit_grade");
        compares.then_some(read)
    }

    /// 新设立企业可为M级: who may have which grade.
    fn instead(&self, asked: &Leaf, special: Range<usize>) -> Option<Criterion> {
        if asked.fact != "tax_credit_grade" {
            return None;
        }
        let words: Vec<String> = INSTEAD.iter().map(|word| (*word).to_owned()).collect();
        let verb = find_any(&self.signs, special.clone(), &words)?;
        let setting = self.setting;
        let is_new = self.cues("new_enterprise").iter().any(|cue| {
            find(&self.signs, special.start..verb.start, cue) == Some(special.start)
                && special.start + cue.chars().count() == verb.start
        });
        let when = if is_new {
            // A year has to pass before a grade is given; the dictionary counts it in months.
            let year = CalendarSpan { count: 12, unit: SpanUnit::Months };
            let tests = vec![Test::Elapsed(Span::LessThan, year)];
            let leaf = Leaf { fact: "established_on".to_owned(), when: When::Current, tests };
            Criterion::without_evidence(Node::Leaf(leaf))
        } else {
            let list = tokens(&self.signs, special.start, verb.start, setting.lexicon);
            draft::all(phrase(&list, setting, &mut None).filter(|read| !read.is_empty())?)
        };
        let list = tokens(&self.signs, verb.end, special.end, setting.lexicon);
        let [Kind::Grade(letter)] = list.iter().map(|token| token.kind.clone()).collect::<Vec<_>>()[..]
        else {
            return None;
        };
        let letter = letter.to_string();
        if !setting.lexicon.grades.contains(&letter) {
            return None;
        }
        let leaf = Leaf {
            fact: asked.fact.clone(),
            when: When::Current,
            tests: vec![Test::OneOf(vec![Value::Text(letter)])],
        };
        Some(draft::all(vec![when, Criterion::without_evidence(Node::Leaf(leaf))]))
    }

    /// Leaves of a conjunction that together are a legal definition, with the facts that it means.
    pub(super) fn defined(&self, criteria: &mut [Criterion]) {
        for (of, becomes) in &self.setting.lexicon.definitions {
            let bounds_all = of.iter().all(|fact| criteria.iter().any(|one| is_upper_bound(one, fact)));
            if !bounds_all {
                continue;
            }
            for criterion in criteria.iter_mut() {
                poll();
                let Node::Leaf(leaf) = &mut criterion.node else { continue };
                if let Some([_, fact]) = becomes.iter().find(|[from, _]| *from == leaf.fact) {
                    leaf.fact = fact.clone();
                    if leaf.when == When::Current {
                        leaf.when = When::LastYear;
                    }
                }
            }
        }
    }
}

fn is_upper_bound(criterion: &Criterion, fact: &str) -> bool {
    use zhaoren_policy::criterion::Compare;
    matches!(&criterion.node, Node::Leaf(leaf) if leaf.fact == fact
        && matches!(leaf.tests.as_slice(), [Test::Number(Compare::AtMost | Compare::LessThan, _)]))
}
