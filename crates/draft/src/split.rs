//! Splitter: the provisions of a document to its grants.
//!
//! A sentence that grants begins an item; the sentences behind it that cap, prolong or qualify the grant belong to it. Provisions
//! below a granting one are its conditions or its tiers, unless they grant by themselves.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::clause::Clause;
use zhaoren_policy::document::DocumentKind;

use crate::amount;
use crate::general::without_lead;
use crate::grant::{Strength, continues, strength};
use crate::model::Role;
use crate::plain::has;
use crate::role::role;
use crate::section::Provision;

/// Most sentences of a grant.
const MOST_SENTENCES: usize = 40;

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
    /// True for a provision with a sentence that grants.
    grants_itself: Vec<bool>,
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
        let grants_itself = roles.iter().map(|roles| roles.contains(&Role::Grant)).collect();
        Self { clauses, provisions, kind, parts, roles, grants_below, grants_itself }
    }

    /// Grants in the order of the text.
    pub(crate) fn grants(&mut self) -> Vec<Grant> {
        let mut found: Vec<Grant> = Vec::new();
        for index in 0..self.provisions.len() {
            poll();
            if found.len() >= crate::MOST_ITEMS {
                break;
            }
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
                            if last.sentences.len() < MOST_SENTENCES {
                                last.sentences.push((index, at));
                            }
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
                    let last = found.last_mut().filter(|last| says && last.sentences.len() < MOST_SENTENCES);
                    if let Some(last) = last {
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
        self.below(index) || self.grants_itself(index)
    }

    /// True if a sentence of a provision grants.
    pub(crate) fn grants_itself(&self, index: usize) -> bool {
        self.grants_itself.get(index).copied().unwrap_or(false)
    }

    pub(crate) fn below(&self, index: usize) -> bool {
        self.grants_below.get(index).copied().unwrap_or(false)
    }

    pub(crate) fn set_role(&mut self, index: usize, at: usize, role: Role) {
        if let Some(one) = self.roles.get_mut(index).and_then(|roles| roles.get_mut(at)) {
            *one = role;
        }
    }

    /// Gives all sentences in `span`, which begins behind provision `index`, a role.
    pub(crate) fn set_roles_within(&mut self, span: Range<usize>, index: usize, role: Role) {
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
    pub(crate) fn passage(&self, index: usize, at: usize) -> Range<usize> {
        let Some(provision) = self.provisions.get(index) else { return 0..0 };
        let Some(sentence) = provision.sentences.get(at) else { return 0..0 };
        let is_last = at + 1 == provision.sentences.len();
        let extent = self.clauses.get(index).map_or(0, |clause| clause.extent.end);
        let start = without_lead(&sentence.plain, sentence.span.start);
        if is_last && sentence.plain.text.ends_with('：') && !self.below(index) && extent > sentence.span.end
        {
            return start..extent;
        }
        start..sentence.span.end
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
}

/// 单个企业最高…, 补贴期限…
fn caps(text: &str) -> bool {
    has(text, &["不超过", "最高", "封顶", "上限"])
        && has(text, &["元"])
        && text.chars().count() <= 80
        && !has(text, &["罚", "注册资本", "规模"])
}
