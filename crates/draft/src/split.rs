//! Splitter: the provisions of a document to its grants.
//!
//! A sentence that grants begins an item; the sentences behind it that cap, prolong or qualify the grant belong to it. Provisions
//! below a granting one are its conditions or its tiers, unless they grant by themselves.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::DocumentKind;

use crate::amount;
use crate::grant::{Strength, continues, strength};
use crate::model::Role;
use crate::plain::has;
use crate::role::{is_condition, role};
use crate::section::Provision;
use crate::vocabulary::Section;

/// Place of a sentence: index of its provision, and its index there.
pub(crate) type At = (usize, usize);

/// Grant of a document.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Provision that it is in.
    pub(crate) provision: usize,
    /// Its sentences, the granting one first.
    pub(crate) sentences: Vec<At>,
    /// Passages of its own conditions behind it.
    pub(crate) conditions: Vec<Range<usize>>,
    /// Leads of the provisions above that it inherits.
    pub(crate) leads: Vec<Range<usize>>,
    /// True if it has a sum.
    pub(crate) has_sum: bool,
}

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

/// Splitter of a document.
pub(crate) struct Splitter<'a> {
    pub(crate) clauses: &'a [Clause],
    pub(crate) provisions: &'a [Provision],
    pub(crate) kind: Option<DocumentKind>,
    /// Spans of the parts of the document; one for a document of one part.
    pub(crate) parts: Vec<Range<usize>>,
    pub(crate) roles: Vec<Vec<Role>>,
    /// True for a provision that grants, or that has one below it that does.
    grants_below: Vec<bool>,
}

impl<'a> Splitter<'a> {
    pub(crate) fn new(
        clauses: &'a [Clause],
        provisions: &'a [Provision],
        kind: Option<DocumentKind>,
        parts: Vec<Range<usize>>,
    ) -> Self {
        let roles: Vec<Vec<Role>> = provisions
            .iter()
            .map(|provision| {
                provision.sentences.iter().map(|sentence| role(&sentence.plain, provision, kind)).collect()
            })
            .collect();
        let mut grants_below = vec![false; clauses.len()];
        for index in (0..clauses.len()).rev() {
            poll();
            let own = roles.get(index).is_some_and(|roles| roles.contains(&Role::Grant));
            let below = grants_below.get(index).copied().unwrap_or(false);
            if (own || below)
                && let Some(parent) = clauses.get(index).and_then(|clause| clause.parent)
                && let Some(flag) = grants_below.get_mut(parent)
            {
                *flag = true;
            }
        }
        Self { clauses, provisions, kind, parts, roles, grants_below }
    }

    /// Grants in the order of the text.
    pub(crate) fn grants(&mut self) -> Vec<Grant> {
        let mut found: Vec<Grant> = Vec::new();
        for index in 0..self.provisions.len() {
            poll();
            self.of_provision(index, &mut found);
        }
        found.truncate(crate::MOST_ITEMS);
        found
    }

    fn of_provision(&mut self, index: usize, found: &mut Vec<Grant>) {
        let Some(provision) = self.provisions.get(index) else { return };
        let first = found.len();
        let merged = self.merged_with(index, found);
        for (at, sentence) in provision.sentences.iter().enumerate() {
            poll();
            let role = self.roles.get(index).and_then(|roles| roles.get(at)).copied().unwrap_or(Role::Unread);
            let text = sentence.plain.text.as_str();
            let has_sum = strength(&sentence.plain, self.kind, provision.section) == Strength::Sum;
            let current = found.len() > first || merged;
            match role {
                Role::Grant => {
                    let goes_on = continues(&sentence.plain) && current;
                    if self.is_lead(index, text, has_sum) && !merged {
                        continue;
                    }
                    match found.last_mut() {
                        Some(last) if goes_on || merged => {
                            last.sentences.push((index, at));
                            last.has_sum |= has_sum;
                        }
                        _ => found.push(Grant {
                            provision: index,
                            sentences: vec![(index, at)],
                            conditions: Vec::new(),
                            leads: self.leads(index),
                            has_sum,
                        }),
                    }
                }
                // A cap or a term in a sentence of its own.
                Role::Unread | Role::Encouragement
                    if current
                        && (continues(&sentence.plain) || caps(text) && !text.starts_with(['对', '为'])) =>
                {
                    let says = has(text, &["元", "%", "年"]);
                    if let Some(last) = found.last_mut().filter(|_| says) {
                        last.sentences.push((index, at));
                        self.set_role(index, at, Role::Grant);
                    }
                }
                Role::Condition if current => {
                    let span = self.passage(index, at);
                    for grant in found.get_mut(first..).unwrap_or_default() {
                        grant.conditions.push(span.clone());
                    }
                }
                _ => {}
            }
        }
        // Provisions below a grant without grants of their own are its conditions.
        let announces = provision.sentences.last().is_some_and(|last| {
            let text = &last.plain.text;
            let lists = has(text, &["条件", "符合", "满足", "具备", "之一", "如下要求", "以下要求", "情形"]);
            lists && (text.ends_with('：') || has(text, &["下列", "以下", "如下"]))
        });
        if found.len() > first
            && announces
            && !self.below(index)
            && let Some(clause) = self.clauses.get(index)
            && clause.extent.end > clause.span.end
        {
            let span = clause.span.end..clause.extent.end;
            for grant in found.get_mut(first..).unwrap_or_default() {
                grant.conditions.push(span.clone());
            }
            self.set_roles_within(span, index, Role::Condition);
        }
    }

    /// True if a provision or one below it grants.
    pub(crate) fn grants_within(&self, index: usize) -> bool {
        self.below(index) || self.roles.get(index).is_some_and(|roles| roles.contains(&Role::Grant))
    }

    fn below(&self, index: usize) -> bool {
        self.grants_below.get(index).copied().unwrap_or(false)
    }

    fn set_role(&mut self, index: usize, at: usize, role: Role) {
        if let Some(one) = self.roles.get_mut(index).and_then(|roles| roles.get_mut(at)) {
            *one = role;
        }
    }

    /// Gives all sentences in `span`, which begins behind provision `index`, a role.
    fn set_roles_within(&mut self, span: Range<usize>, index: usize, role: Role) {
        for below in index + 1..self.provisions.len() {
            poll();
            if self.clauses.get(below).is_none_or(|clause| clause.span.start >= span.end) {
                break;
            }
            if let Some(roles) = self.roles.get_mut(below) {
                roles.iter_mut().for_each(|one| *one = role);
            }
        }
    }

    /// True if a granting sentence only leads to the grants below it.
    fn is_lead(&self, index: usize, text: &str, has_sum: bool) -> bool {
        self.below(index) && (!has_sum || text.ends_with('：'))
    }

    /// True if the grants of a provision are tiers of the last grant: its sentence announces them.
    fn merged_with(&self, index: usize, found: &[Grant]) -> bool {
        let Some(parent) = self.clauses.get(index).and_then(|clause| clause.parent) else { return false };
        let announces =
            self.provisions.get(parent).and_then(|parent| parent.sentences.last()).is_some_and(|last| {
                let text = &last.plain.text;
                text.ends_with('：')
                    && has(text, &["标准", "档次", "分档", "分类", "比例"])
                    && has(text, &["奖励", "补贴", "补助", "资助", "给予"])
            });
        announces
            && found.last().is_some_and(|last| {
                last.provision == parent
                    || self.clauses.get(last.provision).and_then(|clause| clause.parent) == Some(parent)
            })
    }

    /// Passage of a condition sentence with the list that it announces.
    fn passage(&self, index: usize, at: usize) -> Range<usize> {
        let Some(provision) = self.provisions.get(index) else { return 0..0 };
        let Some(sentence) = provision.sentences.get(at) else { return 0..0 };
        let is_last = at + 1 == provision.sentences.len();
        let extent = self.clauses.get(index).map_or(0, |clause| clause.extent.end);
        if is_last && sentence.plain.text.ends_with('：') && !self.below(index) && extent > sentence.span.end
        {
            return sentence.span.start..extent;
        }
        sentence.span.clone()
    }

    /// Leads of the provisions above: what they say of those who get the grants below them.
    fn leads(&self, index: usize) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut above = self.clauses.get(index).and_then(|clause| clause.parent);
        while let Some(parent) = above {
            poll();
            let provision = self.provisions.get(parent);
            for (at, sentence) in
                provision.iter().flat_map(|provision| provision.sentences.iter().enumerate())
            {
                let role = self.roles.get(parent).and_then(|roles| roles.get(at)).copied();
                let text = &sentence.plain.text;
                let names =
                    has(text, &["对", "企业", "项目", "单位", "机构"]) && text.ends_with(['：', '。']);
                if role == Some(Role::Grant) && names && self.is_lead(parent, text, amount::pays(text)) {
                    found.push(sentence.span.clone());
                }
            }
            above = self.clauses.get(parent).and_then(|clause| clause.parent);
        }
        found.reverse();
        found
    }

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
                if granting.contains(&index) && !names_document(&sentence.plain.text) {
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
            self.below(parent) && !large
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
            if self.below(parent) {
                return self.clauses.get(parent).map_or(part.clone(), |parent| parent.extent.clone());
            }
            above = self.clauses.get(parent).and_then(|parent| parent.parent);
        }
        part
    }
}

/// True if a sentence speaks of the whole document.
fn names_document(text: &str) -> bool {
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
        || has(text, &["申报单位", "申报主体", "申报企业", "申请单位"]) && is_condition(text)
}

/// 单个企业最高…, 补贴期限…
fn caps(text: &str) -> bool {
    has(text, &["不超过", "最高", "封顶", "上限"])
        && has(text, &["元"])
        && text.chars().count() <= 80
        && !has(text, &["罚", "注册资本", "规模"])
}
