//! General conditions: those that a section, a chapter or the whole document states for several items.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::clause::ClauseKind;

use crate::model::Role;
use crate::plain::{Plain, first, has};
use crate::role::is_condition;
use crate::split::{Grant, Splitter};
use crate::vocabulary::Section;

/// Most passages of general conditions of a document.
const MOST_GENERAL: usize = 200;

/// Conditions that several items inherit.
#[derive(Clone, Debug)]
pub(crate) struct General {
    /// Passage of the conditions.
    pub(crate) span: Range<usize>,
    /// Provision that they are in.
    pub(crate) provision: usize,
    /// Bytes of the text whose items inherit them.
    pub(crate) scope: Range<usize>,
    /// Ordinal of the support that they name by the number of their own heading: 1．… for the grants below another 1．
    pub(crate) twin: Option<String>,
}

impl Splitter<'_> {
    /// Conditions that are stated for a chapter or the whole document.
    pub(crate) fn general(&mut self, grants: &[Grant]) -> Vec<General> {
        let mut found: Vec<General> = Vec::new();
        let granting: std::collections::BTreeSet<usize> =
            grants.iter().map(|grant| grant.provision).collect();
        // Provisions that a grant took as its own conditions, in the order of the text.
        let mut own: Vec<Range<usize>> =
            grants.iter().flat_map(|grant| grant.conditions.iter().cloned()).collect();
        own.sort_by_key(|span| (span.start, span.end));
        let (mut own_end, mut next) = (0, 0);
        for index in 0..self.provisions.len() {
            poll();
            let Some((provision, clause)) = self.provisions.get(index).zip(self.clauses.get(index)) else {
                continue;
            };
            while let Some(span) = own.get(next).filter(|span| span.start <= clause.span.start) {
                own_end = own_end.max(span.end);
                next += 1;
            }
            if clause.span.start < own_end {
                continue;
            }
            if found.last().is_some_and(|last| {
                last.span.end >= clause.extent.end && last.span.start <= clause.span.start
            }) {
                continue;
            }
            let in_section = provision.section == Some(Section::Conditions);
            if in_section && provision.is_section && !self.below(index) && !granting.contains(&index) {
                let span = provision.heading.end..clause.extent.end;
                if span.is_empty() {
                    continue;
                }
                found.extend(self.sections(index, span));
                continue;
            }
            let asks: Vec<usize> = (0..provision.sentences.len())
                .filter(|at| self.roles.get(index).and_then(|roles| roles.get(*at)) == Some(&Role::Condition))
                .collect();
            for at in asks {
                let Some(sentence) = provision.sentences.get(at) else { continue };
                // 申报企业应当… below a grant is a condition of this grant.
                if granting.contains(&index) && !names_text(&sentence.plain.text) {
                    continue;
                }
                let span = self.passage(index, at);
                let text = &sentence.plain.text;
                if self.is_general(index, text) {
                    let scope = self.scope(index, text);
                    found.push(General { span, provision: index, scope, twin: None });
                }
            }
        }
        found.truncate(MOST_GENERAL);
        for one in &found {
            let span = one.span.clone();
            self.set_roles_within(span, one.provision, Role::Condition);
        }
        found
    }

    /// Conditions of a section: one passage, or one for each support that its provisions name.
    fn sections(&self, index: usize, span: Range<usize>) -> Vec<General> {
        let scope = self.scope(index, "");
        let children: Vec<usize> = (index + 1..self.clauses.len())
            .take_while(|child| self.clauses.get(*child).is_some_and(|clause| clause.span.start < span.end))
            .filter(|child| self.clauses.get(*child).and_then(|clause| clause.parent) == Some(index))
            .collect();
        let headed = |child: &usize| {
            self.clauses.get(*child).is_some_and(|clause| {
                clause.heading.is_some() && clause.extent.end > clause.span.end
                    || self
                        .provisions
                        .get(*child)
                        .is_some_and(|one| one.sentences.len() > 1 && clause.heading.is_some())
            })
        };
        if children.len() < 2 || !children.iter().all(headed) {
            return vec![General { span, provision: index, scope, twin: None }];
        }
        let first = children
            .first()
            .and_then(|child| self.clauses.get(*child))
            .map_or(span.end, |clause| clause.span.start);
        let mut found = Vec::new();
        if first > span.start {
            found.push(General {
                span: span.start..first,
                provision: index,
                scope: scope.clone(),
                twin: None,
            });
        }
        for child in children {
            let Some((clause, provision)) = self.clauses.get(child).zip(self.provisions.get(child)) else {
                continue;
            };
            found.push(General {
                span: provision.heading.end..clause.extent.end,
                provision: child,
                scope: scope.clone(),
                twin: clause.heading.clone(),
            });
        }
        found
    }

    /// True if a condition outside a section on conditions is one for other provisions too: it speaks of the document or of
    /// those who apply, it excludes, or it stands in an article beside the grants of that article.
    fn is_general(&self, index: usize, text: &str) -> bool {
        let excludes =
            has(text, &["不予支持", "不予奖励", "不得申报", "不得享受", "不纳入支持", "不予扶持", "不予补"]);
        let parent = self.clauses.get(index).and_then(|clause| clause.parent);
        let beside = parent.is_some_and(|parent| {
            let large = self.clauses.get(parent).is_none_or(|clause| {
                matches!(
                    clause.kind,
                    ClauseKind::Part
                        | ClauseKind::Chapter
                        | ClauseKind::Section
                        | ClauseKind::Preamble
                        | ClauseKind::Annex
                )
            });
            self.grants_within(parent) && !large
        });
        // Articles below a heading are no parts of one another.
        let beside =
            beside && self.clauses.get(index).is_some_and(|clause| clause.kind != ClauseKind::Article);
        names_document(text) || excludes || beside
    }

    /// Bytes whose items inherit the conditions of a provision.
    fn scope(&self, index: usize, text: &str) -> Range<usize> {
        let Some(clause) = self.clauses.get(index) else { return 0..0 };
        let part = self
            .parts
            .iter()
            .find(|part| part.contains(&clause.span.start))
            .cloned()
            .unwrap_or(0..usize::MAX);
        if names_document(text) {
            return part;
        }
        // The nearest provision above that has grants below it.
        let mut above = clause.parent;
        while let Some(parent) = above {
            poll();
            if self.grants_within(parent) {
                return self.clauses.get(parent).map_or(part.clone(), |parent| parent.extent.clone());
            }
            above = self.clauses.get(parent).and_then(|parent| parent.parent);
        }
        part
    }
}

/// First byte of a condition behind the words that only introduce it: 本办法适用于…, 享受本办法的企业须是….
pub(crate) fn without_lead(plain: &Plain, start: usize) -> usize {
    const LEADS: [&str; 9] = [
        "适用于",
        "适用对象为",
        "适用对象是",
        "支持对象为",
        "支持对象是",
        "扶持对象为",
        "企业须是",
        "企业应是",
        "企业应为",
    ];
    let lead = first(&plain.text, &LEADS).filter(|lead| lead.start <= 60 && lead.end < plain.text.len());
    match lead {
        Some(lead) if names_document(&plain.text) => plain.span(lead.end..plain.text.len()).start.max(start),
        _ => start,
    }
}

/// True if a sentence speaks of the whole document, or of all who apply.
fn names_document(text: &str) -> bool {
    names_text(text) || has(text, &["申报单位", "申报主体", "申报企业", "申请单位"]) && is_condition(text)
}

/// True if a sentence speaks of the document by its name: 本办法.
fn names_text(text: &str) -> bool {
    has(
        text,
        &[
            "本办法",
            "本政策",
            "本意见",
            "本措施",
            "本细则",
            "本规定",
            "本实施",
            "本通知",
            "本若干",
            "本文件",
            "本指南",
            "本方案",
            "本政策措施",
        ],
    ) && !has(text, &["本办法所称"])
}
