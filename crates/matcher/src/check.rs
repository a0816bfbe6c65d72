//! Static check: finds criteria, or parts of criteria, that can never hold or never fail.
//!
//! A profile without facts leaves every unknown free, so the exact decision over it covers every possible enterprise.

use std::fmt;

use jiff::civil::Date;
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{BuildSteps, EvaluationDay, Plan, Residual, Roots};

/// Part of criteria that does not depend on the enterprise, or cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Kind of the finding.
    pub kind: FindingKind,
    /// Path in the criteria; empty for the root.
    pub path: String,
    /// Part in words; the reason if it cannot be compiled.
    pub text: String,
}

/// Maximum number of characters of a part shown in a message.
const MAX_CHARACTERS: usize = 120;

/// Kind of a [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// No enterprise can meet it.
    NeverHolds,
    /// Every enterprise meets it.
    NeverFails,
    /// It cannot be compiled within the budget.
    TooEntangled,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place =
            if self.path.is_empty() { "criteria".to_owned() } else { format!("criteria.{}", self.path) };
        let what = match self.kind {
            FindingKind::NeverHolds => "can never hold",
            FindingKind::NeverFails => "can never fail",
            FindingKind::TooEntangled => "cannot be compiled and has no verdict",
        };
        // Enough to recognise the part; a list of a thousand tags does not fit on a line.
        let mut text: String = self.text.chars().take(MAX_CHARACTERS).collect();
        if text.len() < self.text.len() {
            text.push('…');
        }
        write!(f, "`{place}` {what}: {text}")
    }
}

/// Checks `criteria` as of `as_of`. Only the topmost part of a branch is reported.
///
/// `{all: []}`, the notation for "no condition", is not a finding.
pub fn check(criteria: &Criterion, dictionary: &FactDictionary, as_of: Date) -> Vec<Finding> {
    check_within(criteria, dictionary, as_of, &mut BuildSteps::per_item())
}

/// Like [`check`], with the steps taken from a budget shared by several items.
pub fn check_within(
    criteria: &Criterion,
    dictionary: &FactDictionary,
    as_of: Date,
    budget: &mut BuildSteps,
) -> Vec<Finding> {
    let profile = Profile::default();
    let view = View::new(&profile, dictionary, as_of);
    let plan = match Plan::compile_within(criteria, dictionary, EvaluationDay::of(&view), budget) {
        Ok(plan) => plan,
        Err(cause) => {
            let (kind, text) = (FindingKind::TooEntangled, cause.to_string());
            return vec![Finding { kind, path: String::new(), text }];
        }
    };
    let mut walker =
        Walker { residual: plan.residual(&plan.encode(&view)), dictionary, findings: Vec::new() };
    walker.visit(criteria, plan.roots(), "");
    walker.findings
}

struct Walker<'a> {
    residual: Residual<'a>,
    dictionary: &'a FactDictionary,
    findings: Vec<Finding>,
}

impl Walker<'_> {
    fn visit(&mut self, criterion: &Criterion, roots: &Roots, path: &str) {
        zhaoren_cancel::poll();
        if matches!(&criterion.node, Node::All(of) if of.is_empty()) {
            return;
        }
        let kind = match self.residual.verdict(roots.root) {
            Verdict::Undetermined => None,
            Verdict::Eligible => Some(FindingKind::NeverFails),
            Verdict::Ineligible => Some(FindingKind::NeverHolds),
        };
        if let Some(kind) = kind {
            let text = describe(criterion, self.dictionary);
            self.findings.push(Finding { kind, path: path.to_owned(), text });
            return;
        }
        for ((step, child), roots) in criterion.children().into_iter().zip(&roots.children) {
            let path = if path.is_empty() { step } else { format!("{path}.{step}") };
            self.visit(child, roots, &path);
        }
    }
}
